package connectortest

import (
	"context"
	"errors"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"einsicht/internal/connector"
)

// resumes goes on from some twenty places, and every fourth time to the end; from
// each single place among fewer records, see gaps.
func resumes(t *testing.T, b *bench) {
	b.plantEverybody(t)
	b.plant(t, Erika, 230)
	c := b.open(t)
	all := b.ask(t, c, Erika.Query(), nil)
	for i, nth := 0, 0; i < len(all.cursors); i, nth = i+1+len(all.cursors)/24, nth+1 {
		want := references(all.findings[i+1:])
		if nth%4 != 0 && len(want) > 30 {
			want = want[:30]
		}
		if got := references(b.askUpTo(t, c, all.cursors[i], len(want), nth%4 == 0).findings); !slices.Equal(got, want) {
			t.Fatalf("after record %d of %d: got %d records, want %d", i+1, len(all.findings), len(got), len(want))
		}
	}
}

func pauses(t *testing.T, b *bench) {
	want := b.plantEverybody(t)
	got, parts := b.askInParts(t, b.open(t), Erika.Query())
	if parts == 1 {
		t.Error("never paused")
	}
	sameSet(t, got.refs(), want)
	if got.answer.Outcome != connector.Found {
		t.Errorf("got %q, want %q", got.answer.Outcome, connector.Found)
	}
}

// askInParts asks to pause as soon as possible and goes on from there.
func (b *bench) askInParts(t *testing.T, c connector.Connector, q connector.Query) (all found, parts int) {
	t.Helper()
	q.Pause = time.Now().Add(-time.Second)
	for from := connector.Cursor(nil); parts == 0 || from != nil; from = all.answer.Next {
		part := b.ask(t, c, q, from)
		if parts++; parts == 1 {
			all = part
		} else {
			all = all.and(part)
		}
		if parts > 10_000 {
			t.Fatal("never ends")
		}
	}
	return all, parts
}

// many is how many records the memory test asks for; CONNECTOR_MANY sets it for
// those who have no time.
func many() int {
	if n, err := strconv.Atoi(os.Getenv("CONNECTOR_MANY")); err == nil {
		return n
	}
	return 1_000_000
}

// fill is how many records a real server gets whose crowd is made up.
const fill = 5_000

func bounded(t *testing.T, b *bench) {
	crowd, madeUp := b.Harness.(Crowd)
	if !madeUp {
		b.within(t, b.open(t), len(b.plant(t, Erika, many())))
		return
	}
	b.within(t, b.open(t), len(b.plant(t, Erika, min(fill, many()))))
	b.people = append(b.people, Erika)
	b.within(t, b.openAt(t, crowd.Crowd(t, Erika, many())), many())
}

// within asks for Erika's records, which are want, and watches the memory.
func (b *bench) within(t *testing.T, c connector.Connector, want int) {
	t.Helper()
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

// lost takes the source away after the third record. Where a connector holds the
// rest already, there are too few.
func lost(t *testing.T, b *bench) {
	for _, n := range []int{200, 2000} {
		b.plant(t, Erika, n)
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
		b.hear(err)
		restore()
		if err == nil && n < 2000 && slices.Equal(got, want) {
			continue
		}
		if !errors.Is(err, connector.ErrUnreachable) {
			t.Errorf("got %v and %d of %d records (gaps %v), want %v", err, len(got), len(want), answer.Gaps, connector.ErrUnreachable)
		}
		got = append(got, references(b.ask(t, c, Erika.Query(), last).findings)...)
		if !slices.Equal(got, want) {
			t.Errorf("got %d records in two parts, want %d", len(got), len(want))
		}
		return
	}
}

func cancelled(t *testing.T, b *bench) {
	b.plant(t, Erika, 500)
	c := b.open(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n, reads := 0, int64(0)
	counter, counts := b.Harness.(Counter)
	counts = !b.excused(t, "reads", counts)
	_, err := c.Find(ctx, Erika.Query(), nil, func(connector.Finding, connector.Cursor) error {
		if n++; n == 3 {
			if cancel(); counts {
				reads = counter.Reads()
			}
		}
		return nil
	})
	if counts {
		if reads == 0 {
			t.Error("the source counts no reads: this test checks nothing")
		}
		if more := counter.Reads() - reads; more > 0 {
			t.Errorf("the source was asked %d times more after nobody waited", more)
		}
	}
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
	if b.excused(t, "spoil", ok) {
		return
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
