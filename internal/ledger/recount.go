package ledger

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// audit holds what was read and what was found about it.
type audit struct {
	checkpoints []Checkpoint // validly signed ones, by size
	stored      map[int64]Hash
	loose       map[Hash]uuid.UUID // unsequenced entries
	places      []place

	byEntries, byHashes int64   // how far a checkpoint proves the entries, and the stored leaf hashes
	torn                []spans // subtrees whose stored root does not fit what is below it
	report              Report
}

// place is one place of the order: what is recorded there and what stands there.
type place struct {
	id                    uuid.UUID
	entry                 Hash // of the entry that stands there, if any
	recorded              Hash // the stored leaf hash, if any
	hasEntry, hasRecorded bool
}

// spans is a range of places, without to.
type spans struct{ from, to int64 }

func (a *audit) readCheckpoints(src Source, verifierKey string) error {
	if _, err := note.NewVerifier(verifierKey); err != nil {
		return fmt.Errorf("read verifier key: %w", err)
	}
	for signed, err := range src.Checkpoints() {
		if err != nil {
			return err
		}
		c, err := Verify(verifierKey, signed)
		if err == nil {
			a.checkpoints = append(a.checkpoints, c)
		}
		a.report.Checkpoints = append(a.report.Checkpoints, Signed{Size: c.Size, Valid: err == nil})
	}
	slices.SortStableFunc(a.checkpoints, func(x, y Checkpoint) int { return cmp.Compare(x.Size, y.Size) })
	slices.SortStableFunc(a.report.Checkpoints, func(x, y Signed) int { return cmp.Compare(x.Size, y.Size) })
	if n := len(a.checkpoints); n > 0 {
		a.reach(a.checkpoints[n-1].Size)
	}
	return nil
}

func (a *audit) readHashes(src Source) error {
	for s, err := range src.Hashes() {
		if err != nil {
			return err
		}
		if s.Index < 0 {
			return fmt.Errorf("stored hash has index %d", s.Index)
		}
		a.stored[s.Index] = s.Hash
		if level, n := tlog.SplitStoredHashIndex(s.Index); level == 0 {
			a.reach(n + 1)
			a.places[n].recorded, a.places[n].hasRecorded = s.Hash, true
		}
	}
	return nil
}

func (a *audit) readLeaves(src Source) error {
	for leaf, err := range src.Leaves() {
		if err != nil {
			return err
		}
		if leaf.Index < a.report.Size {
			return fmt.Errorf("leaf %d came out of order", leaf.Index)
		}
		a.report.Size = leaf.Index + 1
		a.reach(leaf.Index + 1)
		p := &a.places[leaf.Index]
		p.id = leaf.ID
		if leaf.Entry != nil {
			p.entry, p.hasEntry = leaf.Entry.LeafHash(), true
		}
	}
	return nil
}

func (a *audit) readUnsequenced(src Source) error {
	for e, err := range src.Unsequenced() {
		if err != nil {
			return err
		}
		a.report.Unsequenced = append(a.report.Unsequenced, e.ID)
		a.loose[e.LeafHash()] = e.ID
	}
	return nil
}

func (a *audit) reach(n int64) {
	if more := n - int64(len(a.places)); more > 0 {
		a.places = append(a.places, make([]place, more)...)
	}
}

// recount builds the tree twice, once from the entries and once from the stored
// leaf hashes, and looks which of the two gives the signed roots.
func (a *audit) recount() {
	var entries, hashes frontier
	off := map[int64]bool{}
	todo := a.checkpoints
	holds := map[Checkpoint]bool{}
	sign := func() {
		for ; len(todo) > 0 && todo[0].Size == entries.size; todo = todo[1:] {
			if entries.root() == todo[0].Root {
				a.byEntries, holds[todo[0]] = todo[0].Size, true
			}
			if hashes.root() == todo[0].Root {
				a.byHashes, holds[todo[0]] = todo[0].Size, true
			}
		}
	}
	sign()
	for i, p := range a.places {
		entry, recorded := p.entry, p.recorded
		if !p.hasEntry {
			entry = p.recorded
		}
		if !p.hasRecorded {
			recorded = p.entry
			off[tlog.StoredHashIndex(0, int64(i))] = !p.hasEntry // then nothing above can fit
		}
		entries.add(entry, func(int, int64, Hash) {})
		hashes.add(recorded, func(level int, n int64, h Hash) { a.compare(off, level, n, h) })
		sign()
		if int64(i)+1 == a.report.Size {
			a.report.Root = entries.root()
		}
	}
	if a.report.Size == 0 {
		a.report.Root = new(frontier).root()
	}
	a.report.Proven = a.byEntries
	valid := 0
	for i := range a.report.Checkpoints {
		if s := &a.report.Checkpoints[i]; s.Valid {
			s.Holds = holds[a.checkpoints[valid]]
			valid++
		}
	}
}

// compare looks whether an inner node fits what is stored. Where it does not
// though both halves do, the damage began here.
func (a *audit) compare(off map[int64]bool, level int, n int64, h Hash) {
	index := tlog.StoredHashIndex(level, n)
	kept, ok := a.stored[index]
	if ok && kept == h {
		return
	}
	off[index] = true
	if !off[tlog.StoredHashIndex(level-1, 2*n)] && !off[tlog.StoredHashIndex(level-1, 2*n+1)] {
		a.torn = append(a.torn, spans{n << level, (n + 1) << level})
	}
}

// frontier is a tree of which only the right edge is remembered.
type frontier struct {
	size  int64
	peaks []Hash // roots of the complete subtrees, the largest first
}

func (f *frontier) add(leaf Hash, node func(level int, n int64, h Hash)) {
	f.peaks = append(f.peaks, leaf)
	for level, s := 1, f.size; s&1 == 1; level, s = level+1, s>>1 {
		k := len(f.peaks) - 2
		f.peaks = append(f.peaks[:k], tlog.NodeHash(f.peaks[k], f.peaks[k+1]))
		node(level, f.size>>level, f.peaks[k])
	}
	f.size++
}

func (f *frontier) root() Hash {
	if f.size == 0 {
		root, _ := tlog.TreeHash(0, nil) // of nothing, RFC 6962 section 2.1; reads nothing
		return root
	}
	root := f.peaks[len(f.peaks)-1]
	for i := len(f.peaks) - 2; i >= 0; i-- {
		root = tlog.NodeHash(f.peaks[i], root)
	}
	return root
}
