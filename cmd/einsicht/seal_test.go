package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"einsicht/cmd/internal/portal"
	"einsicht/cmd/internal/settings"
	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/keyring"
	"einsicht/internal/postgres"
	"einsicht/internal/problem"
)

const newsletter = "stk-newsletter"

func TestASecretIsSealedFromStandardInput(t *testing.T) {
	s, d := house(t)
	s.ConnectHosts = []string{"db.example"}
	seal := func(name, secret string) error {
		return (&connectorSealCmd{s, name, "stk-nrw", newsletter, strings.NewReader(secret)}).Run(ctx)
	}
	if err := seal("shop", "geheim"); !errors.Is(err, problem.Conflict) {
		t.Errorf("before there is a connection: got %v", err)
	}
	connect(t, s)
	if err := seal("shop", "geheim"); !errors.Is(err, problem.Unavailable) || !strings.Contains(err.Error(), "einsicht worker") {
		t.Errorf("before a worker made the key: got %v", err)
	}
	open := func(part portal.Part) (plain []byte, err error) {
		cfg, err := s.Config(part)
		if err != nil {
			t.Fatal(err)
		}
		m, err := portal.New(ctx, cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close(ctx)
		a, err := find(ctx, m, "stk-nrw")
		if err != nil {
			t.Fatal(err)
		}
		err = m.DB.View(ctx, a.ID, func(ctx context.Context) error {
			kept, err := postgres.Connections{}.Secret(ctx, newsletter, "shop")
			if err != nil {
				return err
			}
			plain, err = m.Keys.OpenSecret(ctx, connector.SecretPlace{Authority: a.ID, System: newsletter, Name: "shop", Hosts: []string{"db.example"}}, kept.Sealed)
			return err
		})
		return plain, err
	}
	if _, err := open(portal.Worker); !errors.Is(err, problem.NotFound) {
		t.Errorf("nothing sealed yet: got %v", err)
	}
	if err := seal("shop", "geheim\n"); err != nil {
		t.Fatal(err)
	}
	for name, secret := range map[string]string{"Shop": "geheim", "shop": "\n"} {
		if err := seal(name, secret); !errors.Is(err, problem.Invalid) || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%q with %d bytes: got %v, want invalid", name, len(secret), err)
		}
	}
	if plain, err := open(portal.Worker); err != nil || string(plain) != "geheim" {
		t.Errorf("a worker: got %q, %v", plain, err)
	}
	if _, err := open(portal.Tool); !errors.Is(err, keyring.ErrNoSourceKey) {
		t.Errorf("a tool: got %v", err)
	}
	if got := count(t, d.Superuser, "select count(*) from ledger_entry where kind = 'secret.sealed'"); got != 1 {
		t.Errorf("got %d entries in the ledger, want 1", got)
	}
}

// connect saves a connection of the newsletter.
func connect(t *testing.T, s settings.Settings) {
	t.Helper()
	err := withHouse(ctx, s, func(ctx context.Context, m *portal.Main) error {
		a, err := find(ctx, m, "stk-nrw")
		if err != nil {
			return err
		}
		operator := casefile.Actor{Role: casefile.Operator, Authority: a.ID}
		text := "system: " + newsletter + "\nkind: mailman\nmatch: [{by: [email]}]\nsecrets: {password: {sealed: shop}}\nmailman: {url: 'https://db.example/3.1', user: einsicht}\n"
		return m.Steps.Connecting.Save(ctx, operator, newsletter, text, "", m.Clock())
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhoToFindIsNamedByFlagsOrWithoutThem(t *testing.T) {
	for _, args := range [][]string{
		{"connector", "find", "FILE", "--subject", "email=a@b.de", "--subject", "name=Klein, Vera"},
		{"connector", "find", "--subject", "email=a@b.de", "--subject=name=Klein, Vera", "FILE"},
		{"connector", "find", "FILE", "email=a@b.de", "name=Klein, Vera"},
		{"connector", "find", "FILE", "name=Klein, Vera", "--subject", "email=a@b.de"},
	} {
		file := filepath.Join(t.TempDir(), "c.yaml")
		if err := os.WriteFile(file, []byte("system: x"), 0o600); err != nil {
			t.Fatal(err)
		}
		for i := range args {
			if args[i] == "FILE" {
				args[i] = file
			}
		}
		var c cli
		parser, err := kong.New(&c)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parser.Parse(args); err != nil {
			t.Errorf("%v: %v", args, err)
			continue
		}
		if got := append(c.Connector.Find.Subject, c.Connector.Find.Who...); !slices.Equal(got, []string{"email=a@b.de", "name=Klein, Vera"}) || c.Connector.Find.File != file {
			t.Errorf("%v: got %q of %s", args, got, c.Connector.Find.File)
		}
	}
}
