package connectortest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

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
	if err := b.Kind().Check(b.Connection()); err != nil {
		t.Fatalf("check: %v", err)
	}
	c, err := b.Kind().Open(t.Context(), b.Connection())
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { c.Close() })
	return c
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

func exact(t *testing.T, b *bench) {
	want := b.plantEverybody(t)
	f := b.ask(t, b.open(t), Erika.Query(), nil)
	sameSet(t, f.refs(), want)
	if f.answer.Outcome != connector.Found || f.answer.Partial() {
		t.Errorf("got outcome %q, partial %v, want found and complete", f.answer.Outcome, f.answer.Partial())
	}
	for _, one := range f.findings {
		if len(one.Led) == 0 || len(one.Led[0]) == 0 {
			t.Errorf("%s: nothing says which identifiers led there", one.Reference)
		}
		if len(one.Fields) == 0 || one.Origin.Place == "" || one.Origin.Mapping == "" {
			t.Errorf("%s: got no fields or no origin", one.Reference)
		}
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

func resumes(t *testing.T, b *bench) {
	b.plantEverybody(t)
	b.plant(t, Erika, 230)
	c := b.open(t)
	all := b.ask(t, c, Erika.Query(), nil)
	for i := 0; i < len(all.cursors); i += 1 + len(all.cursors)/40 {
		rest := b.ask(t, c, Erika.Query(), all.cursors[i])
		if got, want := references(rest.findings), references(all.findings[i+1:]); !slices.Equal(got, want) {
			t.Fatalf("after record %d of %d: got %d records, want %d", i+1, len(all.findings), len(got), len(want))
		}
	}
}

func pauses(t *testing.T, b *bench) {
	want := b.plantEverybody(t)
	c, q := b.open(t), Erika.Query()
	q.Pause = time.Now().Add(-time.Second)
	var got found
	for parts, from := 0, connector.Cursor(nil); ; parts++ {
		f := b.ask(t, c, q, from)
		got.findings = append(got.findings, f.findings...)
		if parts == 0 {
			got.answer = f.answer
		} else {
			got.answer = got.answer.And(f.answer)
		}
		if from = f.answer.Next; from == nil {
			if parts == 0 {
				t.Error("never paused")
			}
			break
		}
		if parts > 10_000 {
			t.Fatal("never ends")
		}
	}
	sameSet(t, got.refs(), want)
	if got.answer.Outcome != connector.Found {
		t.Errorf("got %q, want %q", got.answer.Outcome, connector.Found)
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

// many is how many records the memory test plants; CONNECTOR_MANY sets it.
func many() int {
	if n, err := strconv.Atoi(os.Getenv("CONNECTOR_MANY")); err == nil {
		return n
	}
	return 20_000
}

func bounded(t *testing.T, b *bench) {
	want := len(b.plant(t, Erika, many()))
	c := b.open(t)
	idle, highest, n := heap(), uint64(0), 0
	_, err := c.Find(t.Context(), Erika.Query(), nil, func(connector.Finding, connector.Cursor) error {
		if n++; n%(1+want/10) == 0 {
			highest = max(highest, heap())
		}
		return nil
	})
	if b.hear(err) != nil || n != want {
		t.Fatalf("got %d records and %v, want %d", n, err, want)
	}
	const limit = 64 << 20
	if highest > idle+limit {
		t.Errorf("needed %d MiB above idle for %d records, want less than %d", (highest-idle)>>20, n, limit>>20)
	}
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func concurrent(t *testing.T, b *bench) {
	want := b.plantEverybody(t)
	c := b.open(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			var f found
			_, err := c.Find(t.Context(), Erika.Query(), nil, func(one connector.Finding, _ connector.Cursor) error {
				f.findings = append(f.findings, one)
				return nil
			})
			if b.hear(err) != nil {
				t.Errorf("find: %v", err)
				return
			}
			sameSet(t, f.refs(), want)
		})
	}
	wg.Wait()
}

func down(t *testing.T, b *bench) {
	want := b.plantEverybody(t)
	c := b.open(t)
	restore := b.Break(t)
	n := 0
	_, err := c.Find(t.Context(), Erika.Query(), nil, func(connector.Finding, connector.Cursor) error { n++; return nil })
	if b.hear(err); !errors.Is(err, connector.ErrUnreachable) {
		t.Errorf("got %d records and %v, want %v", n, err, connector.ErrUnreachable)
	}
	if again, err := b.Kind().Open(t.Context(), b.Connection()); err == nil {
		again.Close()
	} else if b.hear(err); !errors.Is(err, connector.ErrUnreachable) {
		t.Errorf("open: got %v, want %v", err, connector.ErrUnreachable)
	}
	restore()
	sameSet(t, b.ask(t, c, Erika.Query(), nil).refs(), want)
}

func lost(t *testing.T, b *bench) {
	b.plant(t, Erika, 2000)
	c := b.open(t)
	want := references(b.ask(t, c, Erika.Query(), nil).findings)
	var got []string
	var last connector.Cursor
	var restore func()
	answer, err := c.Find(t.Context(), Erika.Query(), nil, func(one connector.Finding, at connector.Cursor) error {
		if got, last = append(got, one.Reference), slices.Clone(at); len(got) == 3 {
			restore = b.Break(t)
		}
		return nil
	})
	if b.hear(err); err == nil || !errors.Is(err, connector.ErrUnreachable) {
		t.Errorf("got %v and %d of %d records (gaps %v), want %v", err, len(got), len(want), answer.Gaps, connector.ErrUnreachable)
	}
	restore()
	got = append(got, references(b.ask(t, c, Erika.Query(), last).findings)...)
	if !slices.Equal(got, want) {
		t.Errorf("got %d records in two parts, want %d", len(got), len(want))
	}
}

func cancelled(t *testing.T, b *bench) {
	b.plant(t, Erika, 500)
	c := b.open(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n := 0
	_, err := c.Find(ctx, Erika.Query(), nil, func(connector.Finding, connector.Cursor) error {
		if n++; n == 3 {
			cancel()
		}
		return nil
	})
	if b.hear(err); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	if n > 3 {
		t.Errorf("got %d records after nobody waited any more", n-3)
	}
}

func receiver(t *testing.T, b *bench) {
	b.plantEverybody(t)
	full := errors.New("full")
	n := 0
	_, err := b.open(t).Find(t.Context(), Erika.Query(), nil, func(connector.Finding, connector.Cursor) error { n++; return full })
	if b.hear(err); !errors.Is(err, full) || n != 1 {
		t.Errorf("got %v after %d records, want %v after 1", err, n, full)
	}
}

func spoiled(t *testing.T, b *bench) {
	s, ok := b.Harness.(Spoiler)
	if !ok {
		t.Skip("this kind's source has no way to be unreadable in part")
	}
	b.plantEverybody(t)
	c := b.open(t)
	s.Spoil(t, Erika)
	answer, err := c.Find(t.Context(), Erika.Query(), nil, func(connector.Finding, connector.Cursor) error { return nil })
	b.hear(err)
	if !answer.Partial() && !errors.Is(err, connector.ErrBroken) && !errors.Is(err, connector.ErrConfig) {
		t.Errorf("got a complete answer and %v, want a gap or an error that says so", err)
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
