package connectortest

import (
	"slices"
	"strings"
	"testing"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// claimed: what nobody has verified finds the same records, and none of them is
// sure. That no claimed identifier makes another finding sure, see watched.
func claimed(t *testing.T, b *bench) {
	want := b.plantEverybody(t)
	c := b.open(t)
	if !slices.ContainsFunc(b.ask(t, c, Erika.Query(), nil).findings, isSure) {
		t.Error("nothing is sure by verified identifiers: this test checks nothing")
	}
	q := Erika.Query()
	for i := range q.Identifiers {
		q.Identifiers[i].Verified = false
	}
	f := b.ask(t, c, q, nil)
	sameSet(t, f.refs(), want)
	for _, one := range f.findings {
		if isSure(one) {
			t.Errorf("%s is sure by claimed identifiers alone", one.Reference)
		}
	}
	for i := range q.Identifiers {
		one := Erika.Query()
		one.Identifiers[i].Verified = false
		b.ask(t, c, one, nil)
	}
}

func isSure(f connector.Finding) bool { return f.Confidence == connector.Sure }

// Hinter is a harness whose records can name a further identifier of a person.
type Hinter interface {
	// Hint writes a record that is surely p's and names one more identifier, which
	// p does not have. It gives the record's reference, and kind and value.
	Hint(t *testing.T, p Person) (reference string, further person.Identifier)
}

func hints(t *testing.T, b *bench) {
	h, ok := b.Harness.(Hinter)
	if b.excused(t, "hints", ok) {
		return
	}
	b.plantEverybody(t)
	ref, further := h.Hint(t, Erika)
	c := b.open(t)
	given := func(q connector.Query) (n int) {
		t.Helper()
		all := b.ask(t, c, q, nil).findings
		i := slices.IndexFunc(all, func(f connector.Finding) bool { return f.Reference == ref })
		if i < 0 {
			t.Fatalf("%s, which names more than what led there, is not found", ref)
		}
		for _, one := range all {
			b.strangers(t, one)
			if one.Reference == ref {
				n = count(one.Hints, further)
			}
		}
		return n
	}
	q := Erika.Query()
	if n := given(q); n != 1 {
		t.Errorf("%s: got the %s %d times as a hint, want it once", ref, further.Kind, n)
	}
	q.Identifiers = append(q.Identifiers, identifier(further.Kind, further.Value.Reveal()))
	if n := given(q); n != 0 {
		t.Errorf("%s: got the %s as a hint, which is asked by", ref, further.Kind)
	}

	doubting := b.Connection()
	doubting.Match = slices.Clone(doubting.Match)
	for i := range doubting.Match {
		doubting.Match[i].Confidence = connector.Check
	}
	c = b.openAt(t, doubting)
	for _, one := range b.ask(t, c, Erika.Query(), nil).findings {
		if one.Confidence != connector.Check || len(one.Hints) > 0 {
			t.Errorf("%s: got %q and %d hints from a connection that leaves all to be checked, want no hints", one.Reference, one.Confidence, len(one.Hints))
		}
	}
	given(Erika.Query())
}

func count(hints []person.Identifier, one person.Identifier) (n int) {
	for _, h := range hints {
		if h.Kind == one.Kind && person.Same(h.Kind, h.Value.Reveal(), one.Value.Reveal()) {
			n++
		}
	}
	return n
}

// strangers fails where a hint is an identifier of somebody else of the tests.
func (b *bench) strangers(t *testing.T, f connector.Finding) {
	t.Helper()
	for _, p := range []Person{OtherErika, ThirdErika, Juergen} {
		for _, id := range p.Query().Identifiers {
			if count(f.Hints, id) > 0 && !Erika.Query().Known(id.Kind, id.Value.Reveal()) {
				t.Errorf("%s: gives a %s of somebody else as a hint", f.Reference, id.Kind)
			}
		}
	}
}

// Mixer is a harness whose records can name two people.
type Mixer interface {
	// Mix writes records that name both, each in a way in which the source keeps
	// records of the one in which the other has a part, and gives the references
	// of those that are p's.
	Mix(t *testing.T, p, stranger Person) []string
}

func mixed(t *testing.T, b *bench) {
	m, ok := b.Harness.(Mixer)
	if b.excused(t, "mixed", ok) {
		return
	}
	b.plantEverybody(t)
	refs := m.Mix(t, Erika, Juergen)
	if len(refs) == 0 {
		t.Fatal("nothing planted that names two people: this test checks nothing")
	}
	c := b.open(t)
	for _, view := range []struct{ asks, stranger Person }{{Erika, Juergen}, {Juergen, Erika}} {
		found := map[string]connector.Finding{}
		for _, f := range b.ask(t, c, view.asks.Query(), nil).findings {
			found[f.Reference] = f
		}
		for _, ref := range refs {
			f, ok := found[ref]
			switch marked, bare := view.stranger.named(f); {
			case !ok && view.asks == Erika:
				t.Errorf("%s, which names two people, is not found", ref)
			case !ok || f.Confidence == connector.Check:
			case len(bare) > 0:
				t.Errorf("%s is %s, and %q tell of a stranger unmarked", ref, f.Confidence, bare)
			case !marked && view.asks == Erika:
				t.Errorf("%s tells nothing of the stranger and is not to be checked: this test checks nothing", ref)
			}
			if view.asks == Erika {
				b.strangers(t, f)
			}
		}
	}
}

// named says where a finding tells of a person: whether in a field that is marked
// as another's, and in which others. Where she was on the network is no part of
// it: that is said of whoever has the record.
func (p Person) named(f connector.Finding) (marked bool, bare []string) {
	words := []string{p.Email, p.Account, p.Phone, p.Address, p.Birthdate}
	for word := range strings.FieldsFuncSeq(p.Name, func(r rune) bool { return r == ' ' || r == ',' }) {
		words = append(words, word)
	}
	for _, field := range f.Fields {
		value := strings.ToLower(field.Value.Reveal())
		if !slices.ContainsFunc(words, func(w string) bool { return strings.Contains(value, strings.ToLower(w)) }) {
			continue
		}
		if marked = marked || field.ThirdParty; !field.ThirdParty {
			bare = append(bare, field.Name)
		}
	}
	return marked, bare
}
