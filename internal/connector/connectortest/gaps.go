package connectortest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"einsicht/internal/connector"
)

// Holder is a harness whose source can have holes and go on answering.
type Holder interface {
	// Holes damages as many parts of the source as the kind can tell apart;
	// before, between and behind them records of p can be read. Connection may
	// lead elsewhere then.
	Holes(t *testing.T, p Person)
}

// gaps: whoever goes on from a cursor, with what was said up to there, knows in
// the end what one question without a break tells: the same records in the same
// order and the same gaps, each said once.
func gaps(t *testing.T, b *bench) {
	h, ok := b.Harness.(Holder)
	if b.excused(t, "gaps", ok) {
		return
	}
	b.plantEverybody(t)
	h.Holes(t, Erika)
	c := b.open(t)
	all := b.ask(t, c, Erika.Query(), nil)
	if len(all.answer.Gaps) == 0 || len(all.findings) == 0 {
		t.Fatalf("got %d records and gaps %v, want some of both: this test checks nothing", len(all.findings), all.answer.Gaps)
	}

	inParts, parts := b.askInParts(t, c, Erika.Query())
	t.Logf("%d records and gaps %v in %d parts", len(all.findings), all.answer.Gaps, parts)
	same(t, "pausing all the time", inParts, all)

	for i, at := range all.cursors {
		cut := b.askUpTo(t, c, nil, i+1, false)
		rest := b.ask(t, c, Erika.Query(), at)
		same(t, fmt.Sprintf("cut off after record %d of %d", i+1, len(all.cursors)), cut.and(rest), all)
	}
}

// askUpTo hears n findings and no more, since the receiver can't go on; toEnd, it
// hears what comes then.
func (b *bench) askUpTo(t *testing.T, c connector.Connector, from connector.Cursor, n int, toEnd bool) (f found) {
	t.Helper()
	if toEnd || n == 0 {
		return b.ask(t, c, Erika.Query(), from)
	}
	full := errors.New("full")
	var err error
	f.answer, err = c.Find(t.Context(), Erika.Query(), from, func(one connector.Finding, _ connector.Cursor) error {
		if f.findings = append(f.findings, one); len(f.findings) == n {
			return full
		}
		return nil
	})
	if b.hear(err); !errors.Is(err, full) {
		t.Fatalf("got %v after %d records, want the receiver's error after %d", err, len(f.findings), n)
	}
	return f
}

// and joins what was heard before with what came then.
func (f found) and(then found) found {
	return found{findings: slices.Concat(f.findings, then.findings), answer: f.answer.And(then.answer)}
}

func same(t *testing.T, how string, got, want found) {
	t.Helper()
	if g, w := references(got.findings), references(want.findings); !slices.Equal(g, w) {
		t.Errorf("%s: got %d records, want %d; too much %q; missing %q", how, len(g), len(w), minus(g, w), minus(w, g))
	}
	if g, w := counted(got.answer), counted(want.answer); !maps.Equal(g, w) {
		t.Errorf("%s: got gaps %v, want %v", how, g, w)
	}
	if got.answer.Outcome != want.answer.Outcome {
		t.Errorf("%s: got outcome %q, want %q", how, got.answer.Outcome, want.answer.Outcome)
	}
}

// counted are the gaps of an answer by place and reason.
func counted(a connector.Answer) map[connector.Gap]int {
	n := map[connector.Gap]int{}
	for _, g := range a.Gaps {
		n[connector.Gap{Place: g.Place, Reason: g.Reason}] += g.Count
	}
	return n
}
