package keyring_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/keyring"
)

func TestHashesAreStableAndSeparate(t *testing.T) {
	h := newHouse(t)
	a, b := uuid.New(), uuid.New()
	ctx := t.Context()
	hashes := map[string]func(*keyring.Keyring) ([]byte, error){
		"an e-mail":                     func(k *keyring.Keyring) ([]byte, error) { return k.Token(ctx, a, "email", "x@example.org") },
		"another e-mail":                func(k *keyring.Keyring) ([]byte, error) { return k.Token(ctx, a, "email", "y@example.org") },
		"the same as another kind":      func(k *keyring.Keyring) ([]byte, error) { return k.Token(ctx, a, "login", "x@example.org") },
		"the same at another authority": func(k *keyring.Keyring) ([]byte, error) { return k.Token(ctx, b, "email", "x@example.org") },
		"an access code":                func(k *keyring.Keyring) ([]byte, error) { return k.CodeMAC(ctx, "x@example.org") },
		"a pseudonym":                   func(k *keyring.Keyring) ([]byte, error) { return k.Pseudonym(ctx, a, b) },
		"a pseudonym at another":        func(k *keyring.Keyring) ([]byte, error) { return k.Pseudonym(ctx, b, b) },
		"a seed":                        func(k *keyring.Keyring) ([]byte, error) { return k.SigningSeed(ctx, a, 2026) },
		"the seed of another year":      func(k *keyring.Keyring) ([]byte, error) { return k.SigningSeed(ctx, a, 2027) },
		"the seed of another authority": func(k *keyring.Keyring) ([]byte, error) { return k.SigningSeed(ctx, b, 2026) },
	}
	seen := map[string]string{}
	for name, hash := range hashes {
		got, err := hash(h.Keyring)
		must(t, err)
		again, err := hash(h.again(t))
		must(t, err)
		if len(got) != ed25519.SeedSize || !bytes.Equal(got, again) {
			t.Errorf("%s: got %x and after a restart %x, want the same 32 bytes", name, got, again)
		}
		if other, ok := seen[string(got)]; ok {
			t.Errorf("%s and %s have the same hash", name, other)
		}
		seen[string(got)] = name
	}
}

func TestTwoProcessesThatNeedAKeyFirstShareOne(t *testing.T) {
	h := newHouse(t)
	authority := uuid.New()
	var mu sync.Mutex
	got := map[string]bool{}
	var wg sync.WaitGroup
	for range 16 {
		k := h.again(t)
		wg.Go(func() {
			token, err := k.Token(t.Context(), authority, "email", "x")
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			got[string(token)] = true
		})
	}
	wg.Wait()
	if len(got) != 1 {
		t.Errorf("got %d different hashes, want 1", len(got))
	}
}

func TestKeyOfAnAuthorityIsReadOnce(t *testing.T) {
	h := newHouse(t)
	k, before := h.again(t), h.store.Reads
	for range 50 {
		_, err := k.Token(t.Context(), uuid.Nil, "email", "x")
		must(t, err)
	}
	if got := h.store.Reads - before; got != 1 {
		t.Errorf("got %d reads of the key, want 1", got)
	}
}

func TestSealsOfAnAuthorityAndOfPages(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	a, b := uuid.New(), uuid.New()
	sealed, err := h.SealFor(ctx, a, "staff", "row 1", []byte("Kim Muster"))
	must(t, err)
	page, err := h.SealPage(ctx, "request form", []byte("answers"))
	must(t, err)
	session, err := h.SessionSeal("id-1", []byte("csrf"))
	must(t, err)
	if strings.ContainsAny(page, "+/=") {
		t.Errorf("got %q, want base64url", page)
	}

	tests := map[string]struct {
		open func() ([]byte, error)
		want string
	}{
		"staff as sealed":                {func() ([]byte, error) { return h.again(t).OpenFor(ctx, a, "staff", "row 1", sealed) }, "Kim Muster"},
		"staff in another row":           {func() ([]byte, error) { return h.OpenFor(ctx, a, "staff", "row 2", sealed) }, ""},
		"staff of another authority":     {func() ([]byte, error) { return h.OpenFor(ctx, b, "staff", "row 1", sealed) }, ""},
		"staff as another purpose":       {func() ([]byte, error) { return h.OpenFor(ctx, a, "ledger-2026", "row 1", sealed) }, ""},
		"a page as sealed":               {func() ([]byte, error) { return h.again(t).OpenPage(ctx, "request form", page) }, "answers"},
		"a page of another form":         {func() ([]byte, error) { return h.OpenPage(ctx, "code form", page) }, ""},
		"a page that was altered":        {func() ([]byte, error) { return h.OpenPage(ctx, "request form", page[1:]+page[:1]) }, ""},
		"a page that is no text of ours": {func() ([]byte, error) { return h.OpenPage(ctx, "request form", "<b>") }, ""},
		"an empty page":                  {func() ([]byte, error) { return h.OpenPage(ctx, "request form", "") }, ""},
		"a session with its id":          {func() ([]byte, error) { return h.again(t).SessionOpen("id-1", session) }, "csrf"},
		"a session with another id":      {func() ([]byte, error) { return h.SessionOpen("id-2", session) }, ""},
		"a session that holds nothing":   {func() ([]byte, error) { return h.SessionOpen("id-1", nil) }, ""},
	}
	for name, tt := range tests {
		got, err := tt.open()
		if string(got) != tt.want || (tt.want == "") != errors.Is(err, keyring.ErrUnsealed) {
			t.Errorf("%s: got %q, %v, want %q", name, got, err, tt.want)
		}
	}
}

func TestOpeningMakesNoKey(t *testing.T) {
	h := newHouse(t)
	a := uuid.New()
	_, _ = h.OpenFor(t.Context(), a, "staff", "", []byte("x"))
	if _, err := h.store.AuthorityKey(t.Context(), a, "seal staff"); err == nil {
		t.Error("a key was made by a value that does not open")
	}
}

func TestPreparedKeysNeedNoMoreWriting(t *testing.T) {
	h := newHouse(t)
	a := uuid.New()
	must(t, h.Prepare(t.Context(), a, "email"))
	for _, purpose := range []string{"pseudonym", "token email"} {
		if _, err := h.store.AuthorityKey(t.Context(), a, purpose); err != nil {
			t.Errorf("%s: %v", purpose, err)
		}
	}
}
