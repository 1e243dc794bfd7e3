package source

import (
	"hash/maphash"

	"einsicht/internal/connector"
)

// mostGiven bounds what is remembered of one question: some 40 MB. Beyond it a
// reference that comes again is noticed only near the one before.
const mostGiven = 1 << 20

// given are the references that one question brought, and what stood under them. A
// record that comes again, such as from a list that moved on between two pages, is
// given once. Another record under the same reference is not given, since nobody
// could tell the two apart: it is a gap, and whoever connected the system has to name
// a key that is unique.
type given struct {
	seed  maphash.Seed
	sums  map[uint64]struct{}
	twice map[string]int // other records under a reference that was given, by place
}

func newGiven() *given {
	return &given{seed: maphash.MakeSeed(), sums: map[uint64]struct{}{}, twice: map[string]int{}}
}

// first says whether a finding is to be given.
func (g *given) first(f connector.Finding) bool {
	if len(g.sums) >= mostGiven {
		clear(g.sums)
	}
	name, all := g.sum(f)
	_, named := g.sums[name]
	_, same := g.sums[all]
	g.sums[name], g.sums[all] = struct{}{}, struct{}{}
	if named && !same {
		g.twice[f.Origin.Place]++
	}
	return !named
}

// forget takes a finding back that is going to be given anew.
func (g *given) forget(f connector.Finding) {
	name, all := g.sum(f)
	delete(g.sums, name)
	delete(g.sums, all)
}

// sum stands for the reference of a finding, and for all that it says.
func (g *given) sum(f connector.Finding) (name, all uint64) {
	var h maphash.Hash
	h.SetSeed(g.seed)
	put := func(s string) {
		maphash.WriteComparable(&h, len(s))
		_, _ = h.WriteString(s)
	}
	put(f.Reference)
	name = h.Sum64()
	put(f.Category)
	for _, field := range f.Fields {
		if field.Volatile {
			continue
		}
		put(field.Name)
		put(field.Says())
	}
	return name, h.Sum64()
}

// gaps says which keys are not unique.
func (g *given) gaps(a connector.Answer) connector.Answer {
	for place, n := range g.twice {
		a.Gaps = append(a.Gaps[:len(a.Gaps):len(a.Gaps)], connector.Gap{Place: place, Reason: connector.GapKey, Count: n})
	}
	return a
}
