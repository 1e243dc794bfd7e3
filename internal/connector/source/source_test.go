package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/person"
	"einsicht/internal/problem"
)

// fake is a kind whose system is this struct. Its time is that of the test's
// bubble: nothing here waits for a clock on the wall.
type fake struct {
	opens, finds, closes atomic.Int64
	busy, most           atomic.Int64 // sessions open at once

	slow     time.Duration // for each Find
	hangs    bool          // Open never answers
	silent   atomic.Int64  // so many openings are not answered
	password string        // "": any
	records  int
	breaks   []int                // after how many records in all the system goes away, one by one
	requests int                  // to open, and for each Find
	file     func() io.ReadCloser // of each record; nil: none

	mu   sync.Mutex
	from []string // cursors asked from
}

func (*fake) Name() string                                       { return "fake" }
func (*fake) Abilities(connector.Connection) []connector.Ability { return nil }
func (*fake) Check(connector.Connection) error                   { return nil }

func (f *fake) Open(ctx context.Context, c connector.Connection) (connector.Connector, error) {
	f.opens.Add(1)
	if f.hangs {
		<-ctx.Done()
		return nil, connector.Fail(connector.ErrUnreachable, "fake", "", ctx.Err())
	}
	if f.silent.Add(-1) >= 0 {
		return nil, connector.Fail(connector.ErrUnreachable, "fake", "", nil)
	}
	if got, _ := c.Secret("password"); f.password != "" && got != f.password {
		return nil, connector.Fail(connector.ErrConfig, "sign-in", "28P01", nil)
	}
	if err := requests(ctx, c, f.requests); err != nil {
		return nil, err
	}
	n := f.busy.Add(1)
	for most := f.most.Load(); n > most && !f.most.CompareAndSwap(most, n); most = f.most.Load() {
	}
	return &fakeSession{f, c}, nil
}

// requests puts some, each in its turn.
func requests(ctx context.Context, c connector.Connection, n int) error {
	for range n {
		if err := c.Wait(ctx); err != nil {
			return err
		}
	}
	return nil
}

type fakeSession struct {
	*fake
	connection connector.Connection
}

func (s *fakeSession) Close() error { s.busy.Add(-1); s.closes.Add(1); return nil }

func (s *fakeSession) Find(ctx context.Context, _ connector.Query, from connector.Cursor, yield func(connector.Finding, connector.Cursor) error) (connector.Answer, error) {
	s.finds.Add(1)
	s.mu.Lock()
	s.from = append(s.from, string(from))
	s.mu.Unlock()
	if s.slow > 0 {
		select {
		case <-time.After(s.slow):
		case <-ctx.Done():
			return connector.Answer{}, connector.Fail(connector.ErrUnreachable, "fake", "", ctx.Err())
		}
	}
	if err := requests(ctx, s.connection, s.requests); err != nil {
		return connector.Answer{}, err
	}
	n, _ := strconv.Atoi(string(from))
	for ; n < s.records; n++ {
		if len(s.breaks) > 0 && n >= s.breaks[0] {
			s.breaks = s.breaks[1:]
			return connector.Answer{Gaps: []connector.Gap{{Place: "half " + strconv.Itoa(n)}}}, connector.Fail(connector.ErrUnreachable, "fake", "", nil)
		}
		found := connector.Finding{Reference: strconv.Itoa(n)}
		if s.file != nil {
			found.Fields = connector.BodyFields(person.NewText("a.txt"), &connector.Body{Stamp: "1", Open: func(context.Context) (io.ReadCloser, error) { return s.file(), nil }})
		}
		if err := yield(found, connector.Cursor(strconv.Itoa(n+1))); err != nil {
			return connector.Answer{}, err
		}
	}
	return connector.Answer{Outcome: connector.Nothing}, nil
}

var somebody = uuid.New()

const head = "system: shop\nkind: fake\n"

func parse(t testing.TB, yaml string) connector.Connection {
	t.Helper()
	c, err := connector.ParseConnection("shop.yaml", []byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func sources(t testing.TB, f *fake, yaml string) *Sources {
	t.Helper()
	s := New(Deps{Kinds: []connector.Kind{f}, Secrets: func(context.Context, uuid.UUID, connector.Connection, connector.Ref) (string, error) {
		return "first", nil
	}})
	if err := s.Load(parse(t, yaml)); err != nil {
		t.Fatal(err)
	}
	return s
}

// ask opens the shop and gives the references of all that it finds.
func ask(ctx context.Context, s *Sources) ([]string, connector.Answer, error) {
	c, err := s.Open(ctx, somebody, "shop")
	if err != nil {
		return nil, connector.Answer{}, err
	}
	defer c.Close()
	var got []string
	answer, err := c.Find(ctx, connector.Query{}, nil, func(f connector.Finding, _ connector.Cursor) error {
		got = append(got, f.Reference)
		return nil
	})
	return got, answer, err
}

func TestNoMoreQuestionsAtOnceThanTheSystemBears(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{slow: time.Second, records: 1}
		s := sources(t, f, head+"concurrency: 3\n")
		start := time.Now()
		var all sync.WaitGroup
		for range 9 {
			all.Go(func() {
				if _, _, err := ask(t.Context(), s); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if f.most.Load() != 3 || time.Since(start) != 3*time.Second {
			t.Errorf("got %d at once in %s, want 3 in 3s", f.most.Load(), time.Since(start))
		}
	})
}

func TestWhoWaitsForAPlaceCanGiveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		s := sources(t, f, head)
		first, err := s.Open(t.Context(), somebody, "shop")
		if err != nil {
			t.Fatal(err)
		}
		for want, patience := range map[time.Duration]time.Duration{time.Second: time.Second, queue: time.Minute} {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			start := time.Now()
			_, err = s.Open(ctx, somebody, "shop")
			if !errors.Is(err, connector.ErrBusy) || !errors.Is(err, connector.ErrUnreachable) || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, want that the place was taken", err)
			}
			if took := time.Since(start); took != want {
				t.Errorf("waited %s for a place with %s of patience, want %s", took, patience, want)
			}
		}
		if f.opens.Load() != 1 {
			t.Errorf("got %d openings, want 1: the second never reached the system", f.opens.Load())
		}
		for range 2 { // closed twice, a place is given back once, and so is the session
			_ = first.Close()
		}
		if f.closes.Load() != 1 {
			t.Errorf("the session was closed %d times, want once", f.closes.Load())
		}
		if _, _, err := ask(t.Context(), s); err != nil {
			t.Errorf("after the first: %v", err)
		}
	})
}

func TestQuestionsPerSecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		s := sources(t, f, head+"rate: 0.5\nconcurrency: 8\n")
		start := time.Now()
		for range 4 {
			if _, _, err := ask(t.Context(), s); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(start); took != 6*time.Second {
			t.Errorf("four questions at one in two seconds took %s, want 6s", took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		opened := f.opens.Load()
		if _, _, err := ask(ctx, s); !errors.Is(err, connector.ErrUnreachable) || !errors.Is(err, connector.ErrBusy) || f.opens.Load() != opened {
			t.Errorf("no time for the next: got %v and %d more openings, want that it is to come again", err, f.opens.Load()-opened)
		}
	})
}

func TestRequestsPerSecond(t *testing.T) {
	for rate, want := range map[string]time.Duration{
		"rate: 2\n":   9500 * time.Millisecond, // ten to open, ten to search; the first at once
		"rate: 0.1\n": 19 * time.Second,        // one a second
		"":            0,
	} {
		synctest.Test(t, func(t *testing.T) {
			f := &fake{requests: 10, records: 1}
			s := sources(t, f, head+rate+"timeout: 2s\n")
			start := time.Now()
			if _, _, err := ask(t.Context(), s); err != nil || f.opens.Load() != 1 {
				t.Fatalf("%s: got %v after %d openings: to wait for one's turn is no silence", rate, err, f.opens.Load())
			}
			if took := time.Since(start); took != want {
				t.Errorf("%stwenty requests took %s, want %s", rate, took, want)
			}
			if rate == "" {
				return
			}
			o, err := s.Open(t.Context(), somebody, "shop")
			if err != nil {
				t.Fatal(err)
			}
			defer o.Close()
			ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond)
			defer cancel()
			_, err = o.Find(ctx, connector.Query{}, nil, func(connector.Finding, connector.Cursor) error { return nil })
			if !errors.Is(err, connector.ErrBusy) || s.States()[0].Failures != 0 {
				t.Errorf("%sno time for the next: got %v and %d failures of the system, want that it is to come again", rate, err, s.States()[0].Failures)
			}
		})
	}
}

func TestAnOpeningThatHangsEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{hangs: true}
		s := sources(t, f, head+"timeout: 2s\n")
		start := time.Now()
		_, _, err := ask(t.Context(), s)
		if !errors.Is(err, connector.ErrUnreachable) || !strings.Contains(err.Error(), "timeout") {
			t.Errorf("got %v, want a time-out", err)
		}
		if took := time.Since(start); f.opens.Load() != attempts || took < 6*time.Second || took > 9*time.Second {
			t.Errorf("got %d openings in %s, want %d of 2s with pauses", f.opens.Load(), took, attempts)
		}
	})
}

func TestASystemThatComesBackIsAskedAgain(t *testing.T) {
	for _, c := range []struct {
		name         string
		silent       int64
		breaks       []int
		want         int // records
		opens, finds int64
		fails        bool
	}{
		{"answers at once", 0, nil, 5, 1, 1, false},
		{"opens at the third attempt", 2, nil, 5, 3, 1, false},
		{"does not open", 9, nil, 0, 3, 0, true},
		{"goes away before the first record", 0, []int{0}, 5, 2, 2, false},
		{"goes away in the middle", 0, []int{3}, 5, 2, 2, false},
		{"goes away twice", 0, []int{1, 4}, 5, 3, 3, false},
		{"goes away for good", 0, []int{1, 2, 3, 4}, 3, 3, 3, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{records: 5, breaks: c.breaks}
				f.silent.Store(c.silent)
				s := sources(t, f, head)
				got, answer, err := ask(t.Context(), s)
				if c.fails != errors.Is(err, connector.ErrUnreachable) || !c.fails && err != nil {
					t.Errorf("got %v, want a failure: %t", err, c.fails)
				}
				if want := []string{"0", "1", "2", "3", "4"}[:c.want]; !slices.Equal(got, want) {
					t.Errorf("got %v, want %v: each once", got, want)
				}
				if f.opens.Load() != c.opens || f.finds.Load() != c.finds {
					t.Errorf("got %d openings and %d searches, want %d and %d", f.opens.Load(), f.finds.Load(), c.opens, c.finds)
				}
				if f.busy.Load() != 0 {
					t.Errorf("%d sessions stay open", f.busy.Load())
				}
				if len(c.breaks) == 1 && c.breaks[0] == 3 && (len(answer.Gaps) != 1 || answer.Outcome != connector.Found) {
					t.Errorf("got %+v, want what was said before the system went away too", answer)
				}
				if _, _, err := ask(t.Context(), s); len(s.gates[key{system: "shop"}].places) != 0 {
					t.Errorf("a place stays taken (%v)", err)
				}
			})
		})
	}
}

func TestPausesAreNeverTwiceTheSame(t *testing.T) {
	seen := map[time.Duration]bool{}
	for range 20 {
		p := pauses()
		p.Reset()
		d := p.NextBackOff()
		if d < 250*time.Millisecond || d > 750*time.Millisecond {
			t.Errorf("got %s, want half a second, more or less", d)
		}
		seen[d] = true
	}
	if len(seen) < 10 {
		t.Errorf("got %d different pauses of 20", len(seen))
	}
}

func TestASystemThatIsDownIsLeftInPeace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		f.silent.Store(1000)
		s := sources(t, f, head)
		for range 2 {
			_, _, _ = ask(t.Context(), s)
		}
		if f.opens.Load() != tooOften || !s.Resting(somebody, "shop") || !s.States()[0].Resting {
			t.Fatalf("got %d questions, resting %t; want it to rest after %d", f.opens.Load(), s.Resting(somebody, "shop"), tooOften)
		}
		start := time.Now()
		_, _, err := ask(t.Context(), s)
		if !errors.Is(err, connector.ErrUnreachable) || !strings.Contains(err.Error(), "resting") || time.Since(start) != 0 || f.opens.Load() != tooOften {
			t.Errorf("got %v after %s and %d questions, want a refusal at once", err, time.Since(start), f.opens.Load())
		}
		time.Sleep(rest + time.Second)
		if _, _, err := ask(t.Context(), s); err == nil || f.opens.Load() != tooOften+1 {
			t.Errorf("got %v and %d questions, want one that tries it", err, f.opens.Load())
		}
		time.Sleep(rest + time.Second)
		f.silent.Store(0)
		if _, _, err := ask(t.Context(), s); err != nil || s.Resting(somebody, "shop") {
			t.Errorf("up again: got %v, resting %t", err, s.Resting(somebody, "shop"))
		}
		st := s.States()[0]
		if st.System != "shop" || st.Kind != "fake" || st.Failures != tooOften+1 || st.Questions != tooOften+3 || st.Busy != 0 {
			t.Errorf("got %+v", st)
		}
	})
}

func TestWhatIsNoFaultOfTheSystemIsNotHeldAgainstIt(t *testing.T) {
	mine := fmt.Errorf("our own database: %w", connector.ErrUnreachable)
	for name, ask := range map[string]func(*testing.T, connector.Connector){
		"our own error": func(t *testing.T, c connector.Connector) {
			_, err := c.Find(t.Context(), connector.Query{}, nil, func(connector.Finding, connector.Cursor) error { return mine })
			if err != mine {
				t.Errorf("got %v, want %v as it is", err, mine)
			}
		},
		"we hung up": func(t *testing.T, c connector.Connector) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			defer cancel()
			if _, err := c.Find(ctx, connector.Query{}, nil, nil); err == nil {
				t.Error("got no error")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{records: 2, slow: time.Second}
				s := sources(t, f, head)
				for range 2 * tooOften {
					c, err := s.Open(t.Context(), somebody, "shop")
					if err != nil {
						t.Fatal(err)
					}
					ask(t, c)
					_ = c.Close()
				}
				if f.finds.Load() != 2*tooOften {
					t.Errorf("got %d searches, want %d: this is not tried again", f.finds.Load(), 2*tooOften)
				}
			})
		})
	}
}

func TestASystemThatOpensAndNeverAnswersRestsToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{records: 1, breaks: make([]int, 1000)}
		s := sources(t, f, head)
		for range 3 {
			_, _, _ = ask(t.Context(), s)
		}
		if !s.Resting(somebody, "shop") || f.finds.Load() != tooOften {
			t.Errorf("got %d searches, resting %t; want it to rest after %d", f.finds.Load(), s.Resting(somebody, "shop"), tooOften)
		}
		f.breaks = nil
		time.Sleep(rest + time.Second)
		if got, _, err := ask(t.Context(), s); err != nil || len(got) != 1 || s.Resting(somebody, "shop") {
			t.Errorf("up again: got %v, %v", got, err)
		}
	})
}

func TestAChangedPasswordNeedsNoRestart(t *testing.T) {
	const yaml = head + "secrets: {password: {file: /run/secret}}\n"
	for _, c := range []struct {
		name  string
		file  []string // what stands in the file, each time it is read; the last stays
		opens int64
		want  error
	}{
		{"changed long ago", []string{"second"}, 1, nil},
		{"changed while it was read", []string{"first", "second"}, 2, nil},
		{"not changed: it is not tried twice", []string{"first"}, 1, connector.ErrConfig},
		{"changed to another wrong one", []string{"first", "third"}, 2, connector.ErrConfig},
		{"gone", []string{""}, 0, connector.ErrConfig},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{password: "second"}
				s := sources(t, f, yaml)
				file := c.file
				s.Secrets = func(_ context.Context, authority uuid.UUID, _ connector.Connection, ref connector.Ref) (string, error) {
					if authority != somebody || ref.File != "/run/secret" {
						t.Errorf("asked for %v of %s", ref, authority)
					}
					now := file[0]
					file = file[min(1, len(file)-1):]
					if now == "" {
						return "", errors.New("no file")
					}
					return now, nil
				}
				if _, _, err := ask(t.Context(), s); !errors.Is(err, c.want) || f.opens.Load() != c.opens {
					t.Errorf("got %v and %d openings, want %v and %d", err, f.opens.Load(), c.want, c.opens)
				}
			})
		})
	}
}

// changing are connections made at the control pages.
type changing map[key]connector.Connection

func (c changing) Current(_ context.Context, authority uuid.UUID, system string) (connector.Connection, error) {
	if row, ok := c[key{authority: authority, system: system}]; ok {
		return row, nil
	}
	return connector.Connection{}, problem.NotFound
}

func TestARowIsReadAnewEachTimeAndIsOneAuthoritysOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{slow: time.Second}
		rows := changing{}
		s := New(Deps{Kinds: []connector.Kind{f}, Rows: rows, Allowed: func(connector.Connection) error { return nil }})
		if has, err := s.Has(t.Context(), somebody, "shop"); has || err != nil {
			t.Errorf("nothing is connected: got %t, %v", has, err)
		}
		rows[key{authority: somebody, system: "shop"}] = parse(t, head)
		if has, err := s.Has(t.Context(), somebody, "shop"); !has || err != nil {
			t.Errorf("turned on: got %t, %v", has, err)
		}
		if has, _ := s.Has(t.Context(), uuid.New(), "shop"); has {
			t.Error("another authority has it too")
		}
		if _, err := s.Open(t.Context(), uuid.New(), "shop"); !errors.Is(err, connector.ErrConfig) {
			t.Errorf("another authority opens it: got %v", err)
		}
		if _, _, err := ask(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		rows[key{authority: somebody, system: "shop"}] = parse(t, head+"concurrency: 2\n")
		var all sync.WaitGroup
		for range 2 {
			all.Go(func() { _, _, _ = ask(t.Context(), s) })
		}
		all.Wait()
		if f.most.Load() != 2 {
			t.Errorf("got %d at once, want the 2 of the changed row", f.most.Load())
		}
		if err := s.Load(parse(t, head)); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Open(t.Context(), somebody, "shop"); !errors.Is(err, connector.ErrConfig) || !strings.Contains(err.Error(), "by a file and at the control pages") {
			t.Errorf("a file and a row: got %v, want that neither wins", err)
		}
	})
}

func TestWhatIsWrongWithFilesIsSaidAtTheStart(t *testing.T) {
	s := New(Deps{Kinds: []connector.Kind{&fake{}}})
	fax := parse(t, "system: fax\nkind: fax\n")
	err := s.Load(fax, parse(t, head), parse(t, head))
	for _, want := range []string{`kind "fax"`, "shop.yaml has it already"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if len(s.Connections()) != 1 {
		t.Errorf("got %d connections, want 1", len(s.Connections()))
	}
}
