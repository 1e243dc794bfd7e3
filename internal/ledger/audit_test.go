package ledger_test

import (
	"bytes"
	"iter"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/ledger"
)

// store is a ledger in memory, as somebody with the database could change it.
type store struct {
	entries     map[uuid.UUID]ledger.Entry
	order       map[int64]uuid.UUID
	hashes      map[int64]ledger.Hash
	checkpoints map[int64][]byte
}

var (
	seed   = bytes.Repeat([]byte{7}, 32)
	origin = ledger.Origin(authority, 2026)
)

// newStore records n entries in batches, with a checkpoint after each.
func newStore(t *testing.T, n int, batch func(at int) int) *store {
	t.Helper()
	s := &store{map[uuid.UUID]ledger.Entry{}, map[int64]uuid.UUID{}, map[int64]ledger.Hash{}, map[int64][]byte{}}
	for i := 0; i < n; {
		var leaves [][]byte
		for range min(batch(i), n-i) {
			e := entry(i + len(leaves))
			s.entries[e.ID], s.order[int64(i+len(leaves))] = e, e.ID
			leaves = append(leaves, e.Bytes())
		}
		stored, root, err := ledger.Append(s, int64(i), leaves...)
		must(t, err)
		for k, h := range stored {
			s.hashes[ledger.StoredCount(int64(i))+int64(k)] = h
		}
		i += len(leaves)
		s.checkpoints[int64(i)], err = ledger.Sign(seed, origin, int64(i), root)
		must(t, err)
	}
	return s
}

func (s *store) ReadHashes(indexes []int64) ([]ledger.Hash, error) {
	out := make([]ledger.Hash, len(indexes))
	for k, i := range indexes {
		out[k] = s.hashes[i]
	}
	return out, nil
}

func (s *store) Checkpoints() iter.Seq2[[]byte, error] {
	return each(s.checkpoints, func(_ int64, b []byte) []byte { return b })
}

func (s *store) Hashes() iter.Seq2[ledger.StoredHash, error] {
	return each(s.hashes, func(i int64, h ledger.Hash) ledger.StoredHash { return ledger.StoredHash{Index: i, Hash: h} })
}

func (s *store) Leaves() iter.Seq2[ledger.Leaf, error] {
	return each(s.order, func(i int64, id uuid.UUID) ledger.Leaf {
		if e, ok := s.entries[id]; ok {
			return ledger.Leaf{Index: i, ID: id, Entry: &e}
		}
		return ledger.Leaf{Index: i, ID: id}
	})
}

func (s *store) Unsequenced() iter.Seq2[ledger.Entry, error] {
	return func(yield func(ledger.Entry, error) bool) {
		placed := slices.Collect(maps.Values(s.order))
		for id, e := range s.entries {
			if !slices.Contains(placed, id) && !yield(e, nil) {
				return
			}
		}
	}
}

func each[V, T any](m map[int64]V, f func(int64, V) T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, i := range slices.Sorted(maps.Keys(m)) {
			if !yield(f(i, m[i]), nil) {
				return
			}
		}
	}
}

func (s *store) audit(t *testing.T) ledger.Report {
	t.Helper()
	key, err := ledger.VerifierKey(seed, origin)
	must(t, err)
	r, err := ledger.Audit(s, key)
	must(t, err)
	return r
}

// change rewrites the entry at a place and leaves all else.
func (s *store) change(i int64) {
	e := s.entries[s.order[i]]
	e.Kind = ledger.Message
	e.Digest[5]++
	s.entries[e.ID] = e
}

// rewrite changes the entry and every stored hash up to the height given.
func (s *store) rewrite(t *testing.T, i int64, height int) {
	t.Helper()
	s.change(i)
	other := map[int64]ledger.Hash{}
	for k := range int64(len(s.order)) {
		stored, _, err := ledger.Append(reader(other), k, s.entries[s.order[k]].Bytes())
		must(t, err)
		for level, h := range stored {
			index := ledger.StoredCount(k) + int64(level)
			other[index] = h
			if level <= height {
				s.hashes[index] = h
			}
		}
	}
}

func reader(m map[int64]ledger.Hash) ledger.HashReaderFunc {
	return (&store{hashes: m}).ReadHashes
}

func leafHash(i int64) int64 { return ledger.StoredCount(i) } // its index: each entry begins with its leaf hash

const all = 1000 // entries in the tests

// unsigned takes the last checkpoints away first.
func unsigned(tamper func(*testing.T, *store)) func(*testing.T, *store) {
	return func(t *testing.T, s *store) {
		maps.DeleteFunc(s.checkpoints, func(size int64, _ []byte) bool { return size > 900 })
		tamper(t, s)
	}
}

func irregular() func(int) int {
	r := rand.New(rand.NewPCG(1, 2))
	return func(int) int { return 1 + r.IntN(9) }
}

func TestLedgerThatNobodyTouchedIsProven(t *testing.T) {
	r := newStore(t, all, irregular()).audit(t)
	if !r.OK() || r.Size != all || r.Proven != all || len(r.Unsequenced) != 0 {
		t.Errorf("got size %d, proven %d, findings %v", r.Size, r.Proven, r.Findings)
	}
	empty := newStore(t, 0, irregular()).audit(t)
	if !empty.OK() || empty.Root.String() != "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" {
		t.Errorf("an empty ledger: got %+v, want the root of nothing", empty)
	}
}

func TestAuditNamesExactlyWhatIsWrong(t *testing.T) {
	id := func(i int64) uuid.UUID { return entry(int(i)).ID }
	at := func(f ledger.Fault, i int64) ledger.Finding {
		return ledger.Finding{Fault: f, From: i, To: i, Entries: []uuid.UUID{id(i)}}
	}
	moved := func(i, from int64, stands uuid.UUID) ledger.Finding {
		return ledger.Finding{Fault: ledger.Reordered, From: i, To: i, Entries: []uuid.UUID{stands}, Belongs: from}
	}
	gone := func(i int64) ledger.Finding {
		return ledger.Finding{Fault: ledger.Missing, From: i, To: i, Entries: []uuid.UUID{uuid.Nil}}
	}
	among := func(f ledger.Fault, from, to int64) ledger.Finding {
		out := ledger.Finding{Fault: f, From: from, To: to}
		for i := from; i <= to; i++ {
			out.Entries = append(out.Entries, id(i))
		}
		return out
	}
	one := func(int) int { return 1 }
	last := int64(all - 1)

	tests := map[string]struct {
		batch  func(int) int // nil: irregular
		tamper func(t *testing.T, s *store)
		want   []ledger.Finding
		broken int // checkpoints that do not hold; -1: all
	}{
		"one entry changed":       {nil, func(_ *testing.T, s *store) { s.change(517) }, []ledger.Finding{at(ledger.Changed, 517)}, 0},
		"the first entry changed": {nil, func(_ *testing.T, s *store) { s.change(0) }, []ledger.Finding{at(ledger.Changed, 0)}, 0},
		"three entries changed":   {nil, func(_ *testing.T, s *store) { s.change(3); s.change(4); s.change(last) }, []ledger.Finding{at(ledger.Changed, 3), at(ledger.Changed, 4), at(ledger.Changed, last)}, 0},
		"one entry dropped":       {nil, func(_ *testing.T, s *store) { delete(s.entries, id(700)) }, []ledger.Finding{at(ledger.Missing, 700)}, 0},
		"an entry and its place dropped": {nil, func(_ *testing.T, s *store) {
			delete(s.entries, id(700))
			delete(s.order, 700)
		}, []ledger.Finding{gone(700)}, 0},
		"only the place dropped": {nil, func(_ *testing.T, s *store) { delete(s.order, 700) }, []ledger.Finding{at(ledger.Missing, 700)}, 0},
		"two entries swapped": {nil, func(_ *testing.T, s *store) { s.order[10], s.order[900] = s.order[900], s.order[10] },
			[]ledger.Finding{moved(10, 900, id(900)), moved(900, 10, id(10))}, 0},
		"an entry dropped and the later ones moved up": {nil, func(_ *testing.T, s *store) {
			delete(s.entries, id(last-2))
			s.order[last-2], s.order[last-1] = s.order[last-1], s.order[last]
			delete(s.order, last)
		}, []ledger.Finding{moved(last-2, last-1, id(last-1)), gone(last - 2), moved(last-1, last, id(last))}, 0},
		"the newest entry dropped": {nil, func(_ *testing.T, s *store) { delete(s.entries, id(last)) }, []ledger.Finding{at(ledger.Missing, last)}, 0},
		"the newest dropped with every trace": {nil, func(_ *testing.T, s *store) {
			delete(s.entries, id(last))
			delete(s.order, last)
			for i := leafHash(last); i < ledger.StoredCount(all); i++ {
				delete(s.hashes, i)
			}
		}, []ledger.Finding{gone(last)}, 1},
		"one entry changed with its stored hash, a checkpoint for each entry": {one,
			func(t *testing.T, s *store) { s.rewrite(t, 517, 0) }, []ledger.Finding{at(ledger.Rewritten, 517)}, all - 517},
		"one entry changed with its stored hash, one checkpoint": {func(int) int { return all },
			func(t *testing.T, s *store) { s.rewrite(t, 517, 0) }, []ledger.Finding{among(ledger.Rewritten, 516, 517)}, 1},
		"one entry changed with the whole tree, a checkpoint for each entry": {one,
			func(t *testing.T, s *store) { s.rewrite(t, 517, 99) }, []ledger.Finding{at(ledger.Rewritten, 517)}, all - 517},
		"one entry changed with the whole tree, a checkpoint every ten": {func(int) int { return 10 },
			func(t *testing.T, s *store) { s.rewrite(t, 517, 99) }, []ledger.Finding{among(ledger.Rewritten, 510, 519)}, 49},
		"the last entry changed with its stored hash": {one,
			func(t *testing.T, s *store) { s.rewrite(t, last, 0) }, []ledger.Finding{at(ledger.Rewritten, last)}, 1},
		"a stored leaf hash changed": {nil, func(_ *testing.T, s *store) { s.hashes[leafHash(40)] = ledger.Hash{} },
			[]ledger.Finding{at(ledger.Damaged, 40)}, 0},
		"a stored leaf hash dropped": {nil, func(_ *testing.T, s *store) { delete(s.hashes, leafHash(40)) },
			[]ledger.Finding{at(ledger.Damaged, 40)}, 0},
		"a stored inner hash changed": {nil, func(_ *testing.T, s *store) { s.hashes[leafHash(43)+2] = ledger.Hash{} },
			[]ledger.Finding{among(ledger.Damaged, 40, 43)}, 0},
		"after the last checkpoint, one entry changed":                      {nil, unsigned(func(_ *testing.T, s *store) { s.change(950) }), []ledger.Finding{at(ledger.Changed, 950)}, 0},
		"after the last checkpoint, one entry changed with its stored hash": {nil, unsigned(func(t *testing.T, s *store) { s.rewrite(t, 950, 0) }), []ledger.Finding{among(ledger.Rewritten, 950, 951)}, 0},
		"after the last checkpoint, a stored leaf hash dropped":             {nil, unsigned(func(_ *testing.T, s *store) { delete(s.hashes, leafHash(950)) }), []ledger.Finding{at(ledger.Damaged, 950)}, 0},
		"a checkpoint altered": {nil, func(_ *testing.T, s *store) { s.checkpoints[all] = []byte("x") }, nil, 1},
		"one entry changed and another with its stored hash": {one, func(t *testing.T, s *store) {
			s.rewrite(t, 600, 0)
			s.change(20)
		}, []ledger.Finding{at(ledger.Changed, 20), at(ledger.Rewritten, 600)}, all - 600},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tt.batch == nil {
				tt.batch = irregular()
			}
			s := newStore(t, all, tt.batch)
			tt.tamper(t, s)
			r := s.audit(t)
			equal := func(a, b ledger.Finding) bool {
				return a.Fault == b.Fault && a.From == b.From && a.To == b.To && a.Belongs == b.Belongs && slices.Equal(a.Entries, b.Entries)
			}
			if !slices.EqualFunc(r.Findings, tt.want, equal) {
				t.Errorf("got  %v\nwant %v", r.Findings, tt.want)
			}
			broken := 0
			for _, c := range r.Checkpoints {
				if !c.Holds {
					broken++
				}
			}
			if broken != tt.broken {
				t.Errorf("got %d of %d checkpoints that do not hold, want %d", broken, len(r.Checkpoints), tt.broken)
			}
			if r.OK() {
				t.Error("the report says that nothing is wrong")
			}
		})
	}
}

func TestLedgerRewrittenWithoutTheKeyIsCaught(t *testing.T) {
	s := newStore(t, all, irregular())
	s.rewrite(t, 517, 99)
	root, err := ledger.Root(all, reader(s.hashes))
	must(t, err)
	clear(s.checkpoints)
	s.checkpoints[all], err = ledger.Sign(bytes.Repeat([]byte{8}, 32), origin, all, root)
	must(t, err)
	if r := s.audit(t); r.OK() || r.Proven != 0 || r.Checkpoints[0].Valid {
		t.Errorf("got OK %t, proven %d, want a checkpoint that is not valid", r.OK(), r.Proven)
	}
}

func TestEntriesThatWaitForTheirPlaceAreListed(t *testing.T) {
	s := newStore(t, all, irregular())
	e := entry(all)
	s.entries[e.ID] = e
	if r := s.audit(t); !r.OK() || !slices.Equal(r.Unsequenced, []uuid.UUID{e.ID}) {
		t.Errorf("got %v, OK %t, want the one that waits and nothing wrong", r.Unsequenced, r.OK())
	}
}

func TestFindingsSayTheirPlaceAndEntry(t *testing.T) {
	a, b := entry(1).ID, entry(2).ID
	tests := map[string]ledger.Finding{
		"entry 1 (" + a.String() + "): changed":                                       {Fault: ledger.Changed, From: 1, To: 1, Entries: []uuid.UUID{a}},
		"entry 1 (" + a.String() + "): recorded as entry 9":                           {Fault: ledger.Reordered, From: 1, To: 1, Entries: []uuid.UUID{a}, Belongs: 9},
		"one of entries 1 to 2 (" + a.String() + " to " + b.String() + "): rewritten": {Fault: ledger.Rewritten, From: 1, To: 2, Entries: []uuid.UUID{a, b}},
		"entry 1 (" + a.String() + "): stored hash damaged":                           {Fault: ledger.Damaged, From: 1, To: 1, Entries: []uuid.UUID{a}},
	}
	for want, f := range tests {
		if got := f.String(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
