// Package keyring seals what is said in a case, so that only the portal can
// read it, and destroys a case's key when its time is over.
//
// Three things lie under one another: the wrapping key, a file outside the
// database; under it a key per case and per authority, in the database,
// wrapped; under those the sealed values. A seal binds a value to its place
// (casefile.Slot). Whoever loses the wrapping key has lost every case.
//
// Apart from them stands the source key, a second file: passwords of source
// systems are sealed so that processes without it, which face the internet,
// can't read them.
package keyring

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"einsicht/internal/casefile"
)

// ErrUnsealed is the failure of every sealed value that does not open: altered,
// cut off, moved to another place, sealed with another key, or its key is
// shredded (then errors.Is also finds problem.NotFound).
var ErrUnsealed = errors.New("sealed value does not open")

// CaseKey is what the database keeps of one case's keys.
type CaseKey struct {
	Authority, Case uuid.UUID
	Wrapped         []byte // the keys for values and for files, under the wrapping key
	Public          []byte // whoever has it can seal to the case, not read it
	WrappedPrivate  []byte // its private half, under the wrapping key
}

// Store keeps wrapped keys. Keys of cases belong to the caller's transaction,
// which the context carries. Keys of authorities do not: what was sealed with one
// may stand outside the transaction (a page, a code somebody wrote down), and it
// is remembered here; so it must outlive a rollback, and reading must be able to
// make one. Keys of authority uuid.Nil are the portal's own.
type Store interface {
	// CaseKey fails with problem.NotFound if the case has no key (any more).
	CaseKey(ctx context.Context, caseID uuid.UUID) (CaseKey, error)
	// PutCaseKey, or the caller's transaction, fails if the case already has one.
	PutCaseKey(ctx context.Context, key CaseKey) error
	// ShredCase deletes the case's wrapped keys and search tokens.
	ShredCase(ctx context.Context, authority, caseID uuid.UUID) error
	// AuthorityKey fails with problem.NotFound if there is none.
	AuthorityKey(ctx context.Context, authority uuid.UUID, purpose string) ([]byte, error)
	// PutAuthorityKey keeps wrapped at once, whatever becomes of the caller's
	// transaction, unless somebody was faster; it returns what is stored now.
	PutAuthorityKey(ctx context.Context, authority uuid.UUID, purpose string, wrapped []byte) (stored []byte, err error)
}

// Keyring seals and opens. It is safe for concurrent use.
type Keyring struct {
	path     string // of the wrapping key, for messages
	wrapping tink.AEAD
	store    Store
	sources  tink.HybridDecrypt // of processes that ask systems; others have none
	cases    *cache[uuid.UUID, *caseKeys]
	rings    *cache[ring, *keyset.Handle]
}

const (
	// Another process that shreds a case can't reach this one's memory; so what
	// is remembered here is short-lived.
	caseMemory = 10 * time.Second
	ringMemory = time.Hour
	// Longer than any transaction of the portal lasts.
	unsettled = time.Minute
)

func newKeyring(path string, wrapping tink.AEAD, store Store) *Keyring {
	return &Keyring{
		path:     path,
		wrapping: wrapping,
		store:    store,
		cases:    newCache[uuid.UUID, *caseKeys](256, caseMemory),
		rings:    newCache[ring, *keyset.Handle](1024, ringMemory),
	}
}

func unsealed(s casefile.Slot) error {
	return fmt.Errorf("%s.%s, row %s of case %s: %w", s.Table, s.Column, s.Row, s.Case, ErrUnsealed)
}
