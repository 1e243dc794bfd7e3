package ledger

import (
	"cmp"
	"fmt"
	"iter"
	"slices"

	"github.com/google/uuid"
)

// Source is a ledger as it is stored at one moment. Audit reads one after the other, each to
// its end; so one database connection is enough.
type Source interface {
	// Checkpoints yields the signed notes, in any order.
	Checkpoints() iter.Seq2[[]byte, error]
	// Hashes yields the stored tree hashes that are there, in any order.
	Hashes() iter.Seq2[StoredHash, error]
	// Leaves yields the order of the entries by ascending index.
	Leaves() iter.Seq2[Leaf, error]
	// Unsequenced yields the entries that have no place in the order yet.
	Unsequenced() iter.Seq2[Entry, error]
}

// StoredHash is one stored hash of the tree with its index (see StoredCount).
type StoredHash struct {
	Index int64
	Hash  Hash
}

// Leaf is one place in the order.
type Leaf struct {
	Index int64
	ID    uuid.UUID // of the entry that stands there
	Entry *Entry    // nil: there is no such entry any more
}

// Fault is what is wrong with a place or places.
type Fault string

// The faults.
const (
	Changed   Fault = "changed"   // the entry is not the one that was recorded there
	Missing   Fault = "missing"   // the entry that was recorded there is gone, or its place in the order
	Reordered Fault = "reordered" // the entry was recorded at another place: Belongs
	// Rewritten: an entry of these was changed together with its stored hash;
	// the narrowest range that the tree and the checkpoints leave.
	Rewritten Fault = "rewritten"
	// Damaged: a stored hash over these is wrong or gone.
	Damaged Fault = "damaged"
)

// Finding is one thing that is wrong.
type Finding struct {
	Fault    Fault
	From, To int64       // the places; the same where it is known exactly
	Entries  []uuid.UUID // what stands there now; uuid.Nil where that is not known
	Belongs  int64       // Reordered only
}

// String says it in a line, ids only.
func (f Finding) String() string {
	where := fmt.Sprintf("entry %d (%s)", f.From, f.Entries[0])
	if f.From != f.To {
		where = fmt.Sprintf("one of entries %d to %d (%s to %s)", f.From, f.To, f.Entries[0], f.Entries[len(f.Entries)-1])
	}
	switch f.Fault {
	case Reordered:
		return fmt.Sprintf("%s: recorded as entry %d", where, f.Belongs)
	case Damaged:
		return where + ": stored hash damaged"
	}
	return where + ": " + string(f.Fault)
}

// Signed is what became of one checkpoint.
type Signed struct {
	Size  int64 // 0 if the note can't be read
	Valid bool  // signed with the ledger's key
	Holds bool  // the entries, or where entries are at fault the stored hashes, give the signed root
}

// Report is the result of an audit.
type Report struct {
	Size        int64 // entries in order
	Root        Hash  // of the entries as they stand now
	Proven      int64 // so many entries from the first on, but for those missing, are proven by a checkpoint
	Findings    []Finding
	Checkpoints []Signed    // by size
	Unsequenced []uuid.UUID // entries that wait for their place; for seconds only
}

// OK says whether nothing is wrong.
func (r Report) OK() bool {
	return len(r.Findings) == 0 && !slices.ContainsFunc(r.Checkpoints, func(s Signed) bool { return !s.Holds })
}

// Audit compares entries, order, tree and checkpoints with one another and
// names whatever does not fit. It can't see entries after the last checkpoint
// that were removed with every trace, nor a ledger that was rewritten together
// with all its checkpoints by somebody who has the signing key: against that
// help checkpoints kept elsewhere.
func Audit(src Source, verifierKey string) (Report, error) {
	a := &audit{stored: map[int64]Hash{}, loose: map[Hash]uuid.UUID{}}
	for _, read := range []func(Source) error{
		func(src Source) error { return a.readCheckpoints(src, verifierKey) },
		a.readHashes, a.readLeaves, a.readUnsequenced,
	} {
		if err := read(src); err != nil {
			return Report{}, fmt.Errorf("audit: %w", err)
		}
	}
	a.recount()
	a.nameEntries()
	a.narrowRewritten()
	slices.SortStableFunc(a.report.Findings, func(x, y Finding) int { return cmp.Compare(x.From, y.From) })
	return a.report, nil
}
