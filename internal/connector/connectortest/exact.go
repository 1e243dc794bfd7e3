package connectortest

import (
	"fmt"
	"slices"
	"testing"

	"einsicht/internal/connector"
)

func exact(t *testing.T, b *bench) {
	want := b.plantEverybody(t)
	f := b.ask(t, b.open(t), Erika.Query(), nil)
	sameSet(t, f.refs(), want)
	if f.answer.Outcome != connector.Found || f.answer.Partial() {
		t.Errorf("got outcome %q, partial %v, want found and complete", f.answer.Outcome, f.answer.Partial())
	}
	for _, one := range f.findings {
		b.said = append(b.said, fmt.Sprintf("%+v %#v", one.Fields, one.Hints))
	}
}

func spelling(t *testing.T, b *bench) {
	b.plantEverybody(t)
	c := b.open(t)
	want := b.ask(t, c, Juergen.Query(), nil).refs()
	if len(want) < 5 {
		t.Fatalf("got %d records, want those that were planted", len(want))
	}
	sameSet(t, b.ask(t, c, JuergenSpelled.Query(), nil).refs(), want)
}

func unknown(t *testing.T, b *bench) {
	b.plantEverybody(t)
	f := b.ask(t, b.open(t), Nobody.Query(), nil)
	if len(f.findings) > 0 || f.answer.Outcome != connector.Nothing {
		t.Errorf("got %d records and %q, want none and %q", len(f.findings), f.answer.Outcome, connector.Nothing)
	}
}

func unusable(t *testing.T, b *bench) {
	b.plantEverybody(t)
	f := b.ask(t, b.open(t), connector.Query{ReceivedAt: day(20)}, nil)
	if len(f.findings) > 0 || f.answer.Outcome != connector.Unattributable || f.answer.Reason == "" {
		t.Errorf("got %d records, %q and reason %q, want none, %q and a reason", len(f.findings), f.answer.Outcome, f.answer.Reason, connector.Unattributable)
	}
}

func stable(t *testing.T, b *bench) {
	b.plantEverybody(t)
	first := b.ask(t, b.open(t), Erika.Query(), nil).refs()
	second := b.ask(t, b.open(t), Erika.Query(), nil).refs()
	if !slices.Equal(first, second) {
		t.Errorf("got another order the second time:\n%q\n%q", first, second)
	}
	if distinct := slices.Compact(slices.Sorted(slices.Values(first))); len(distinct) != len(first) {
		t.Errorf("got %d references for %d records", len(distinct), len(first))
	}
}

func readOnly(t *testing.T, b *bench) {
	b.plantEverybody(t)
	before := b.Fingerprint(t)
	c := b.open(t)
	b.ask(t, c, Erika.Query(), nil)
	b.ask(t, c, Nobody.Query(), nil)
	if after := b.Fingerprint(t); after != before {
		t.Error("the source is not as it was")
	}
	b.plant(t, Nobody, 1)
	if b.Fingerprint(t) == before {
		t.Error("the fingerprint does not notice a new record: this test checks nothing")
	}
}

func references(all []connector.Finding) []string {
	var refs []string
	for _, f := range all {
		refs = append(refs, f.Reference)
	}
	return refs
}

func sameSet(t *testing.T, got, want []string) {
	t.Helper()
	got, want = slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))
	if slices.Equal(got, want) {
		return
	}
	t.Errorf("got %d records, want %d; too much %q; missing %q", len(got), len(want), minus(got, want), minus(want, got))
}

func minus(a, b []string) []string {
	var only []string
	for _, s := range a {
		if !slices.Contains(b, s) && len(only) < 5 {
			only = append(only, s)
		}
	}
	return only
}
