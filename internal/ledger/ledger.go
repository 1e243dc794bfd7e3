// Package ledger says what is recorded about the work on cases, and proves
// that nothing recorded was changed, left out or put into another order.
//
// There is one ledger for each authority and year. Its entries are the leaves
// of a Merkle tree (RFC 6962); signed checkpoints fix its root from time to
// time. An entry says that something of a kind happened, when, in which case
// and by which pseudonym. What exactly was said lies elsewhere, sealed: the
// entry holds only a digest of it, which tells nothing once the case is shredded.
package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/tlog"
)

// Entry is one recorded fact. It has no room for a name or free text.
type Entry struct {
	Authority uuid.UUID
	Year      int // of Time, see YearOf
	ID        uuid.UUID
	Time      time.Time // counts to the microsecond, as PostgreSQL keeps it
	Kind      Kind
	Case      uuid.UUID // uuid.Nil: about several cases or none
	Actor     [32]byte  // pseudonym within the authority
	Digest    [32]byte  // see Digest
}

// Hash is a hash in the tree.
type Hash = tlog.Hash

// Digest binds an entry to its sealed details. The nonce is 32 random bytes and
// lies with the details, so that nobody can guess them from the digest.
func Digest(nonce [32]byte, details []byte) [32]byte {
	h := sha256.New()
	h.Write(nonce[:])
	h.Write(details)
	return [32]byte(h.Sum(nil))
}

// YearOf is the ledger that an entry of this time belongs to. It goes by UTC,
// like the time in the entry.
func YearOf(t time.Time) int { return t.UTC().Year() }

// Check says whether the entry may be recorded.
func (e Entry) Check() error {
	switch {
	case e.ID == uuid.Nil:
		return errors.New("ledger entry has no id")
	case e.Authority == uuid.Nil:
		return fmt.Errorf("ledger entry %s has no authority", e.ID)
	case !slices.Contains(Kinds, e.Kind):
		return fmt.Errorf("ledger entry %s is of no known kind", e.ID)
	case e.Year != YearOf(e.Time):
		return fmt.Errorf("ledger entry %s stands in the ledger of %d and happened in %d", e.ID, e.Year, YearOf(e.Time))
	case e.Digest == [32]byte{}:
		return fmt.Errorf("ledger entry %s has no digest", e.ID)
	}
	return nil
}

// Bytes is the one way to write an entry: nine lines, the first of which names
// this format. All proofs are about these bytes; they must never change.
func (e Entry) Bytes() []byte {
	caseID := ""
	if e.Case != uuid.Nil {
		caseID = e.Case.String()
	}
	return []byte(strings.Join([]string{
		"einsicht ledger 1",
		e.Authority.String(),
		strconv.Itoa(e.Year),
		e.ID.String(),
		e.Time.UTC().Truncate(time.Microsecond).Format(time.RFC3339Nano),
		string(e.Kind),
		caseID,
		hex.EncodeToString(e.Actor[:]),
		hex.EncodeToString(e.Digest[:]),
	}, "\n") + "\n")
}

// LeafHash is the entry's hash in the tree.
func (e Entry) LeafHash() Hash { return tlog.RecordHash(e.Bytes()) }
