package keyring_test

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/keyring"
	"einsicht/internal/keyring/keyringtest"
	"einsicht/internal/problem"
)

func newSlot() casefile.Slot {
	return casefile.Slot{Authority: uuid.New(), Case: uuid.New(), Table: "casefile", Column: "subject", Row: uuid.New()}
}

// house is one keyring over a store that a test can tamper with.
type house struct {
	*keyring.Keyring
	store *keyringtest.Store
	path  string
}

func newHouse(t *testing.T) house {
	t.Helper()
	store := &keyringtest.Store{}
	path := filepath.Join(t.TempDir(), "wrapping.key")
	k, err := keyring.Create(path, store)
	must(t, err)
	return house{k, store, path}
}

// again is the same house after a restart: nothing is remembered.
func (h house) again(t *testing.T) *keyring.Keyring {
	t.Helper()
	k, err := keyring.Load(h.path, h.store)
	must(t, err)
	return k
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestSealIsBoundToItsPlace(t *testing.T) {
	other := uuid.New()
	moves := map[string]func(*casefile.Slot){
		"to another authority": func(s *casefile.Slot) { s.Authority = other },
		"to another case":      func(s *casefile.Slot) { s.Case = other },
		"to another table":     func(s *casefile.Slot) { s.Table = "finding" },
		"to another column":    func(s *casefile.Slot) { s.Column = "reason" },
		"to another row":       func(s *casefile.Slot) { s.Row = other },
		"to a table and column that spell the same": func(s *casefile.Slot) {
			s.Table, s.Column = "casefiles", "ubject"
		},
	}
	h := newHouse(t)
	home := newSlot()
	must(t, h.NewCase(t.Context(), home.Authority, home.Case))
	must(t, h.NewCase(t.Context(), home.Authority, other))
	plain := []byte("Erika Mustermann")

	seals := map[string]struct {
		seal func(casefile.Slot) ([]byte, error)
		open func(*keyring.Keyring, casefile.Slot, []byte) ([]byte, error)
	}{
		"a value": {
			func(s casefile.Slot) ([]byte, error) { return h.Seal(t.Context(), s, plain) },
			func(k *keyring.Keyring, s casefile.Slot, b []byte) ([]byte, error) { return k.Open(t.Context(), s, b) },
		},
		"a value sealed to the case": {
			func(s casefile.Slot) ([]byte, error) { return h.SealToCase(t.Context(), s, plain) },
			func(k *keyring.Keyring, s casefile.Slot, b []byte) ([]byte, error) {
				return k.OpenFromCase(t.Context(), s, b)
			},
		},
		"a file": {
			func(s casefile.Slot) ([]byte, error) { return sealFile(t, h.Keyring, s, plain) },
			func(k *keyring.Keyring, s casefile.Slot, b []byte) ([]byte, error) { return openFile(t, k, s, b) },
		},
	}
	for what, s := range seals {
		sealed, err := s.seal(home)
		must(t, err)
		if bytes.Contains(sealed, []byte("Muster")) {
			t.Errorf("%s: the sealed bytes show it", what)
		}
		for name, k := range map[string]*keyring.Keyring{"": h.Keyring, " after a restart": h.again(t)} {
			got, err := s.open(k, home, sealed)
			if err != nil || !bytes.Equal(got, plain) {
				t.Errorf("%s%s: got %q, %v, want %q", what, name, got, err, plain)
			}
			for move, change := range moves {
				there := home
				change(&there)
				if _, err := s.open(k, there, sealed); !errors.Is(err, keyring.ErrUnsealed) {
					t.Errorf("%s moved %s%s: got %v, want it not to open", what, move, name, err)
				}
			}
			sealed[len(sealed)-1] ^= 1
			if _, err := s.open(k, home, sealed); !errors.Is(err, keyring.ErrUnsealed) {
				t.Errorf("%s with one bit changed%s: got %v, want it not to open", what, name, err)
			}
			sealed[len(sealed)-1] ^= 1
		}
	}
}

func TestWrappedKeysAreBoundToTheirCase(t *testing.T) {
	h := newHouse(t)
	mine, theirs := newSlot(), newSlot()
	must(t, h.NewCase(t.Context(), mine.Authority, mine.Case))
	must(t, h.NewCase(t.Context(), theirs.Authority, theirs.Case))
	own, err := h.store.CaseKey(t.Context(), mine.Case)
	must(t, err)
	foreign, err := h.store.CaseKey(t.Context(), theirs.Case)
	must(t, err)
	sealed, err := h.Seal(t.Context(), mine, []byte("x"))
	must(t, err)
	added, err := h.SealToCase(t.Context(), mine, []byte("x"))
	must(t, err)

	swapped := own
	swapped.Wrapped = foreign.Wrapped
	h.store.Tamper(swapped)
	if _, err := h.again(t).Seal(t.Context(), mine, nil); !errors.Is(err, keyring.ErrUnsealed) {
		t.Errorf("the keys of another case in this one's row: got %v, want that nothing is sealed with them", err)
	}

	moved := mine
	swapped = own
	swapped.Authority, moved.Authority = theirs.Authority, theirs.Authority
	h.store.Tamper(swapped)
	if _, err := h.again(t).Seal(t.Context(), moved, nil); !errors.Is(err, keyring.ErrUnsealed) {
		t.Errorf("the row handed to another authority: got %v, want that nothing is sealed with it", err)
	}

	swapped = own
	swapped.Public = foreign.Public
	h.store.Tamper(swapped)
	if _, err := h.again(t).OpenFromCase(t.Context(), mine, added); !errors.Is(err, keyring.ErrUnsealed) {
		t.Errorf("another public key in this case's row: got %v, want it noticed", err)
	}

	for _, cut := range []int{0, 3, 4, 40} {
		swapped = own
		swapped.Wrapped = own.Wrapped[:cut]
		h.store.Tamper(swapped)
		if _, err := h.again(t).Open(t.Context(), mine, sealed); !errors.Is(err, keyring.ErrUnsealed) {
			t.Errorf("a wrapped key cut off after %d bytes: got %v, want ErrUnsealed", cut, err)
		}
	}
}

func TestShreddedCaseNeverOpensAgain(t *testing.T) {
	h := newHouse(t)
	s := newSlot()
	must(t, h.NewCase(t.Context(), s.Authority, s.Case))
	sealed, err := h.Seal(t.Context(), s, []byte("x"))
	must(t, err)
	added, err := h.SealToCase(t.Context(), s, []byte("x"))
	must(t, err)
	if _, err := h.Open(t.Context(), s, sealed); err != nil {
		t.Fatal(err) // and now the key is remembered
	}
	must(t, h.Shred(t.Context(), s.Authority, s.Case))

	for name, err := range map[string]error{
		"Open":         second(h.Open(t.Context(), s, sealed)),
		"OpenFromCase": second(h.OpenFromCase(t.Context(), s, added)),
		"Seal":         second(h.Seal(t.Context(), s, []byte("x"))),
		"OpenStream":   second(h.OpenStream(t.Context(), s, bytes.NewReader(sealed))),
		"a restart":    second(h.again(t).Open(t.Context(), s, sealed)),
	} {
		if !errors.Is(err, keyring.ErrUnsealed) || !errors.Is(err, problem.NotFound) {
			t.Errorf("%s after shredding: got %v, want ErrUnsealed and NotFound", name, err)
		}
	}
}

func TestKeyReadWhileAShredIsUnsettledIsNotRemembered(t *testing.T) {
	h := newHouse(t)
	s := newSlot()
	must(t, h.NewCase(t.Context(), s.Authority, s.Case))
	sealed, err := h.Seal(t.Context(), s, []byte("x"))
	must(t, err)
	row, err := h.store.CaseKey(t.Context(), s.Case)
	must(t, err)
	must(t, h.Shred(t.Context(), s.Authority, s.Case))

	h.store.Tamper(row) // another transaction still sees the row until the shredding one commits
	_, err = h.Open(t.Context(), s, sealed)
	must(t, err)
	must(t, h.store.ShredCase(t.Context(), s.Authority, s.Case)) // … and now it has
	if _, err := h.Open(t.Context(), s, sealed); !errors.Is(err, problem.NotFound) {
		t.Errorf("got %v, want NotFound", err)
	}
}

func TestManyValuesOfACaseCostOneRead(t *testing.T) {
	h := newHouse(t)
	s := newSlot()
	must(t, h.NewCase(t.Context(), s.Authority, s.Case))
	k, before := h.again(t), h.store.Reads
	for i := range 50 {
		s.Column = fmt.Sprint("column", i)
		_, err := k.Seal(t.Context(), s, nil)
		must(t, err)
	}
	if got := h.store.Reads - before; got != 1 {
		t.Errorf("got %d reads of the case key, want 1", got)
	}
}

func TestErrorsNameIdsOnly(t *testing.T) {
	h := newHouse(t)
	s := newSlot()
	must(t, h.NewCase(t.Context(), s.Authority, s.Case))
	_, err := h.Open(t.Context(), s, []byte("Erika Mustermann"))
	want := "casefile.subject, row " + s.Row.String() + " of case " + s.Case.String() + ": sealed value does not open"
	if err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

func second[T any](_ T, err error) error { return err }
