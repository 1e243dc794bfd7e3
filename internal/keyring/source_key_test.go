package keyring_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/keyring"
	"einsicht/internal/keyring/keyringtest"
	"einsicht/internal/problem"
)

func TestOnlyWhoWorksReadsSecretsOfSystems(t *testing.T) {
	h := newHouse(t)
	path := filepath.Join(filepath.Dir(h.path), "sources.json")
	portal := h.again(t)
	at := connector.SecretPlace{Authority: uuid.New(), System: "shop", Name: "password", Hosts: []string{"a.example", "b.example"}}
	other := func(change func(*connector.SecretPlace)) connector.SecretPlace {
		p := at
		change(&p)
		return p
	}
	if _, err := portal.SealSecret(t.Context(), at, []byte("geheim")); !errors.Is(err, problem.Unavailable) {
		t.Errorf("before anybody worked: got %v, want that the key is not there yet", err)
	}
	worker := h.again(t)
	must(t, worker.LoadSourceKey(t.Context(), path))

	sealed, err := portal.SealSecret(t.Context(), at, []byte("geheim"))
	must(t, err)
	if _, err := portal.OpenSecret(t.Context(), at, sealed); !errors.Is(err, keyring.ErrNoSourceKey) {
		t.Errorf("a portal opens it: got %v", err)
	}
	later := h.again(t)
	must(t, later.LoadSourceKey(t.Context(), path))
	for name, k := range map[string]*keyring.Keyring{"the worker": worker, "a worker after a restart": later} {
		plain, err := k.OpenSecret(t.Context(), at, sealed)
		if err != nil || string(plain) != "geheim" {
			t.Errorf("%s: got %q, %v", name, plain, err)
		}
	}
	for name, try := range map[string]func() ([]byte, error){
		"of another authority": func() ([]byte, error) {
			return worker.OpenSecret(t.Context(), other(func(p *connector.SecretPlace) { p.Authority = uuid.New() }), sealed)
		},
		"for another system": func() ([]byte, error) {
			return worker.OpenSecret(t.Context(), other(func(p *connector.SecretPlace) { p.System = "mail" }), sealed)
		},
		"under another name": func() ([]byte, error) {
			return worker.OpenSecret(t.Context(), other(func(p *connector.SecretPlace) { p.Name = "token" }), sealed)
		},
		"for another host": func() ([]byte, error) {
			return worker.OpenSecret(t.Context(), other(func(p *connector.SecretPlace) { p.Hosts = []string{"a.example", "evil.example"} }), sealed)
		},
		"for one host less": func() ([]byte, error) {
			return worker.OpenSecret(t.Context(), other(func(p *connector.SecretPlace) { p.Hosts = p.Hosts[:1] }), sealed)
		},
		"for a host more": func() ([]byte, error) {
			return worker.OpenSecret(t.Context(), other(func(p *connector.SecretPlace) { p.Hosts = append(p.Hosts[:2:2], "evil.example") }), sealed)
		},
		"altered": func() ([]byte, error) { return worker.OpenSecret(t.Context(), at, sealed[1:]) },
	} {
		if _, err := try(); !errors.Is(err, keyring.ErrUnsealed) {
			t.Errorf("%s: got %v, want that it does not open", name, err)
		}
	}
}

func TestTheSourceKeyIsMadeOnce(t *testing.T) {
	h := newHouse(t)
	path := filepath.Join(filepath.Dir(h.path), "sources.json")
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			k, err := keyring.Load(h.path, h.store)
			if err == nil {
				err = k.LoadSourceKey(t.Context(), path)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	info, err := os.Stat(path)
	must(t, err)
	if info.Mode() != 0o600 {
		t.Errorf("got mode %v, want -rw-------", info.Mode())
	}
	must(t, os.Remove(path))
	if err := h.again(t).LoadSourceKey(t.Context(), path); err == nil || !strings.Contains(err.Error(), "missing") || !strings.Contains(err.Error(), path) {
		t.Errorf("missing: got %v, want no new key", err)
	}
	other, err := keyring.Create(filepath.Join(t.TempDir(), "other.key"), &keyringtest.Store{})
	must(t, err)
	must(t, other.LoadSourceKey(t.Context(), path))
	if err := h.again(t).LoadSourceKey(t.Context(), path); !errors.Is(err, keyring.ErrWrongKey) || !strings.Contains(err.Error(), path) {
		t.Errorf("another database's: got %v, want %v", err, keyring.ErrWrongKey)
	}
	must(t, os.Chmod(path, 0o644))
	if err := h.again(t).LoadSourceKey(t.Context(), path); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("readable for others: got %v", err)
	}
}
