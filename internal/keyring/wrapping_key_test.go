package keyring_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/keyring"
	"einsicht/internal/keyring/keyringtest"
)

func TestWrappingKeyIsMadeOnceForItsOwnerOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys", "wrapping.key")
	_, err := keyring.LoadOrCreate(path, &keyringtest.Store{}, true)
	must(t, err)
	info, err := os.Stat(path)
	must(t, err)
	if got := info.Mode(); got != 0o600 {
		t.Errorf("got mode %v, want -rw-------", got)
	}
	first, err := os.ReadFile(path)
	must(t, err)
	if _, err := keyring.Create(path, &keyringtest.Store{}); !errors.Is(err, os.ErrExist) {
		t.Errorf("Create over a key: got %v, want ErrExist", err)
	}
	_, err = keyring.LoadOrCreate(path, &keyringtest.Store{}, true)
	must(t, err)
	again, err := os.ReadFile(path)
	must(t, err)
	if string(first) != string(again) {
		t.Error("the second start changed the key")
	}
	names, err := os.ReadDir(filepath.Dir(path))
	must(t, err)
	if len(names) != 1 {
		t.Errorf("got %d files beside the key, want none", len(names)-1)
	}
}

func TestTwoProcessesThatStartTogetherShareOneKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wrapping.key")
	store := &keyringtest.Store{}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			k, err := keyring.LoadOrCreate(path, store, true)
			if err == nil {
				err = k.Check(t.Context())
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestWrappingKeyThatCantBeUsedSaysWhatToDo(t *testing.T) {
	good := newHouse(t)
	text, err := os.ReadFile(good.path)
	must(t, err)
	tests := map[string]struct {
		prepare func(t *testing.T, path string)
		want    string
	}{
		"it is missing":      {func(*testing.T, string) {}, "put the file back from its backup"},
		"others may read it": {func(t *testing.T, p string) { must(t, os.WriteFile(p, text, 0o644)) }, "(mode 0644): run chmod 600"},
		"the group may read it": {func(t *testing.T, p string) {
			must(t, os.WriteFile(p, text, 0o600))
			must(t, os.Chmod(p, 0o640))
		}, "(mode 0640): run chmod 600"},
		"it is empty":    {func(t *testing.T, p string) { must(t, os.WriteFile(p, nil, 0o600)) }, "holds no wrapping key"},
		"it is no key":   {func(t *testing.T, p string) { must(t, os.WriteFile(p, []byte(`{"secret":`), 0o600)) }, "holds no wrapping key"},
		"it is a folder": {func(t *testing.T, p string) { must(t, os.Mkdir(p, 0o700)) }, "is not a file"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "wrapping.key")
			tt.prepare(t, path)
			_, err := keyring.LoadOrCreate(path, good.store, false)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("got %v\nwant the path and %q", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("the message quotes the file: %v", err)
			}
		})
	}
}

func TestWrongWrappingKeyStopsTheStart(t *testing.T) {
	h := newHouse(t)
	must(t, h.Check(t.Context()))
	must(t, h.again(t).Check(t.Context()))

	other, err := keyring.Create(filepath.Join(t.TempDir(), "other.key"), h.store)
	must(t, err)
	err = other.Check(t.Context())
	if !errors.Is(err, keyring.ErrWrongKey) || !strings.Contains(err.Error(), "other.key") || !strings.Contains(err.Error(), "backup") {
		t.Errorf("got %v, want ErrWrongKey with file and remedy", err)
	}

	s := newSlot()
	must(t, h.NewCase(t.Context(), s.Authority, s.Case))
	sealed, err := h.Seal(t.Context(), s, []byte("x"))
	must(t, err)
	if _, err := other.Open(t.Context(), s, sealed); !errors.Is(err, keyring.ErrUnsealed) {
		t.Errorf("Open under the wrong key: got %v, want ErrUnsealed", err)
	}
	if _, err := other.Token(t.Context(), uuid.Nil, "x", "x"); err != nil {
		t.Errorf("a key of its own in the same store: got %v", err)
	}
}
