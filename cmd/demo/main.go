// Command demo shows Einsicht with systems that are real and people who do not
// exist: it starts the sources, makes accounts for staff and then runs the portal
// unchanged. It listens on this machine only.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"github.com/google/uuid"

	"einsicht/cmd/internal/portal"
	"einsicht/cmd/internal/settings"
	"einsicht/internal/casefile"
	"einsicht/internal/inventory"
	"einsicht/internal/landscape"
	"einsicht/internal/pgserver"
	"einsicht/internal/problem"
)

// cli is the command line: the settings of the portal, and the seed of people.
type cli struct {
	settings.Settings
	Seed uint64 `default:"2026" help:"From which all people and records follow."`
}

func main() {
	var c cli
	kong.Parse(&c, kong.Name("demo"), kong.Description("Einsicht with demonstration data, on this machine only."))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, c); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, c cli) (err error) {
	if !portal.Loopback(c.Listen) {
		return errors.New("the demonstration listens on this machine only: set EINSICHT_LISTEN to 127.0.0.1:8080")
	}
	cfg, err := c.Config(portal.Run)
	if err != nil {
		return err
	}
	cfg.Demo = true
	sources, err := pgserver.Start(ctx, pgserver.Options{Data: cfg.Data, Name: "sources", Bare: true})
	if err != nil {
		return fmt.Errorf("start the sources: %w", err)
	}
	defer func() { err = errors.Join(err, closing(sources.Stop)) }()

	cfg.Connections = filepath.Join(cfg.Data, "landscape")
	cfg.ConnectHosts, cfg.ConnectPaths = []string{"localhost", "127.0.0.0/8", "::1"}, []string{cfg.Connections, sources.Socket()}
	land, err := landscape.Start(ctx, landscape.Options{Server: sources, Dir: cfg.Connections, Seed: c.Seed, Now: cfg.Clock()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, land.Close()) }()
	m, err := portal.New(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closing(m.Close)) }()
	if err := prepare(ctx, m); err != nil {
		return err
	}
	fmt.Printf(banner, m.Address(), m.Address(), m.Address(), password)
	return m.Run(ctx)
}

const banner = `
Einsicht runs, with people who do not exist.

  citizens   %s/
  staff      %s/desk
  mails      %s/demo/postausgang

Accounts at every authority: Karla Sommer (clerk), Viktor Brandt (approver),
Dana Held (data protection officer), Olaf Kern (operator); password %s
Person: Erika Mustermann, erika.mustermann@example.org, born 12.08.1964

`

// password is that of all accounts of the demonstration.
const password = "einsicht-demo-2026!"

// prepare makes the accounts, in a database that holds no other authorities.
func prepare(ctx context.Context, m *portal.Main) error {
	all, err := m.DB.Authorities(ctx)
	if err != nil {
		return err
	}
	for _, a := range all {
		if !slices.ContainsFunc(inventory.Shipped(), func(inv inventory.Inventory) bool { return inv.Authority.ID == a.Slug }) {
			return fmt.Errorf("this database holds %s, which is none of the demonstration's authorities: give the demonstration a database of its own (DATABASE_URL empty)", a.Slug)
		}
		for _, s := range []struct {
			role casefile.Role
			name string
		}{
			{casefile.Clerk, "Karla Sommer"}, {casefile.Approver, "Viktor Brandt"},
			{casefile.Officer, "Dana Held"}, {casefile.Operator, "Olaf Kern"},
		} {
			if err := account(ctx, m, a, s.role, s.name); err != nil {
				return err
			}
		}
		if a.Slug == "it-nrw" {
			operator := casefile.Actor{ID: uuid.New(), Role: casefile.Operator, Authority: a.ID}
			if _, err := m.Steps.Correspondence.ImportTexts(ctx, operator, "remedy.yaml", []byte(remedy), m.Clock()); err != nil {
				return err
			}
		}
	}
	return nil
}

// remedy stands in for the words that an authority under § 5(5) DSG NRW has to
// write itself: what can be done against its decisions is not settled.
const remedy = `remedy.bdsg_nonpublic:
  de: Hier steht in der Vorführung nur ein Platzhalter. Wie eine Entscheidung angegriffen werden kann, schreibt die Behörde an dieser Stelle selbst.
  en: In this demonstration this is only a placeholder. What can be done against a decision the authority writes here itself.
`

func account(ctx context.Context, m *portal.Main, a casefile.Authority, role casefile.Role, name string) error {
	token, err := m.Accounts.Add(ctx, a.ID, role, name)
	if errors.Is(err, problem.Conflict) {
		return nil // by an earlier start
	}
	if err != nil {
		return err
	}
	_, err = m.Accounts.Accept(ctx, token, password)
	return err
}

func closing(stop func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	return stop(ctx)
}
