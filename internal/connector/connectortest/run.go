package connectortest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"einsicht/internal/connector"
)

// Run puts a kind through the suite. Each part gets a fresh source.
func Run(t *testing.T, fresh func(t *testing.T) Harness) {
	for _, part := range []struct {
		name string
		run  func(*testing.T, *bench)
	}{
		{"gives exactly the person's records and no namesake's", exact},
		{"finds the person in another spelling", spelling},
		{"says that it holds nothing about somebody unknown", unknown},
		{"says that it can't tell where nothing usable is known", unusable},
		{"gives the same records in the same order every time", stable},
		{"resumes after any record without loss and without doubles", resumes},
		{"pauses when asked to and goes on from there", pauses},
		{"changes nothing", readOnly},
		{"needs bounded memory for many records", bounded},
		{"answers several questions at once", concurrent},
		{"says that the source is down and recovers", down},
		{"goes on from where the source went away in the middle", lost},
		{"stops soon when nobody waits any more", cancelled},
		{"hands back the error of the receiver", receiver},
		{"tells what it could not read", spoiled},
		{"tells each thing that it could not read once, wherever it goes on from", gaps},
		{"is not sure of what nobody has verified", claimed},
		{"offers what a record names besides, unless the record is to be checked", hints},
		{"tells two people in one record apart, or leaves it to be checked", mixed},
		{"streams files as they are", files},
		{"goes on from before a file in the middle of which the source went away", torn},
	} {
		t.Run(part.name, func(t *testing.T) {
			b := &bench{Harness: fresh(t)}
			part.run(t, b)
			b.silent(t)
		})
	}
}

// bench is a harness that remembers what was planted and which errors came.
type bench struct {
	Harness
	mu     sync.Mutex
	people []Person
	said   []string
}

func (b *bench) plant(t *testing.T, p Person, n int) []string {
	t.Helper()
	b.people = append(b.people, p)
	refs := slices.Sorted(slices.Values(b.Plant(t, p, n)))
	if len(refs) < n {
		t.Fatalf("planted %d records, want at least %d", len(refs), n)
	}
	return refs
}

func (b *bench) plantEverybody(t *testing.T) (erikas []string) {
	t.Helper()
	b.plant(t, OtherErika, 5)
	erikas = b.plant(t, Erika, 12)
	b.plant(t, ThirdErika, 5)
	b.plant(t, Juergen, 5)
	return erikas
}

// silent fails if an error, or a finding printed as it is, shows a value.
func (b *bench) silent(t *testing.T) {
	t.Helper()
	for _, p := range append(b.people, JuergenSpelled, Nobody) {
		for _, v := range p.Values() {
			for _, s := range b.said {
				if strings.Contains(strings.ToLower(s), strings.ToLower(v)) {
					t.Errorf("a value of a person stands in: %.60s…", s)
				}
			}
		}
	}
}

func (b *bench) hear(err error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err != nil {
		b.said = append(b.said, fmt.Sprintf("%v %+v %#v", err, err, err))
	}
	return err
}

func (b *bench) open(t *testing.T) connector.Connector {
	t.Helper()
	return b.openAt(t, b.Connection())
}

func (b *bench) openAt(t *testing.T, at connector.Connection) connector.Connector {
	t.Helper()
	if err := b.Kind().Check(at); b.hear(err) != nil {
		t.Fatalf("check: %v", err)
	}
	c, err := b.Kind().Open(t.Context(), at)
	if b.hear(err) != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { c.Close() })
	return &watched{Connector: c, t: t, connection: at, told: map[string]bool{}}
}

// found is what one question gave.
type found struct {
	findings []connector.Finding
	cursors  []connector.Cursor
	answer   connector.Answer
}

// refs are the references of what may be given: not what has to be checked.
func (f found) refs() []string {
	var refs []string
	for _, one := range f.findings {
		if one.Confidence != connector.Check {
			refs = append(refs, one.Reference)
		}
	}
	return refs
}

func (b *bench) ask(t *testing.T, c connector.Connector, q connector.Query, from connector.Cursor) found {
	t.Helper()
	var f found
	var err error
	f.answer, err = c.Find(t.Context(), q, from, func(one connector.Finding, at connector.Cursor) error {
		f.findings, f.cursors = append(f.findings, one), append(f.cursors, slices.Clone(at))
		return nil
	})
	if b.hear(err) != nil {
		t.Fatalf("find: %v", err)
	}
	return f
}
