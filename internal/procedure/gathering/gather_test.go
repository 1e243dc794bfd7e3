package gathering_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/person"
	"einsicht/internal/procedure/gathering"
)

// lines is a system of many lines; before each hundredth stands one that nobody
// can read, and it says so once.
type lines struct {
	many  int
	pause int               // after so many it hands over; 0: never
	on    func(n int) error // before line n
	asked []string          // from where
	who   []int             // for how many identifiers
}

func (l *lines) Has(context.Context, uuid.UUID, string) (bool, error) { return true, nil }
func (l *lines) Open(context.Context, uuid.UUID, string) (connector.Connector, error) {
	return l, nil
}
func (l *lines) Close() error { return nil }

func (l *lines) Find(ctx context.Context, q connector.Query, from connector.Cursor, yield func(connector.Finding, connector.Cursor) error) (connector.Answer, error) {
	l.asked, l.who = append(l.asked, string(from)), append(l.who, len(q.Identifiers))
	answer := connector.Answer{Outcome: connector.Nothing}
	first, _ := strconv.Atoi(string(from))
	for n := first; n < l.many; n++ {
		if n%100 == 0 {
			answer.Gaps = append(answer.Gaps, connector.Gap{Place: strconv.Itoa(n), Reason: "connector.gap.line", Count: 1})
		}
		if l.on != nil {
			if err := l.on(n); err != nil {
				return answer, err
			}
		}
		if err := ctx.Err(); err != nil {
			return answer, connector.Fail(connector.ErrUnreachable, "lines", "", err)
		}
		f := connector.Finding{Reference: strconv.Itoa(n), Category: "lines", Confidence: connector.Sure}
		if err := yield(f, connector.Cursor(strconv.Itoa(n+1))); err != nil {
			return answer, err
		}
		if l.pause > 0 && n+1-first == l.pause {
			answer.Next = connector.Cursor(strconv.Itoa(n + 1))
			return answer, nil
		}
	}
	return answer, nil
}

// killed stands for the end of the process: nothing runs after it.
type killed struct{}

func TestWhatIsSaidOnceIsKeptHoweverARunEnds(t *testing.T) {
	now := time.Now()
	h := newHouse(t, now)
	for _, c := range []struct {
		name  string
		pause int
		end   func(cancel func()) error // of the run, at line 550
		asked []string
	}{
		{"nothing happens", 0, nil, []string{""}},
		{"read in slices", 300, nil, []string{"", "300", "600"}},
		{"the process is killed", 0, func(func()) error { panic(killed{}) }, []string{"", ""}},
		{"the process is killed in a later slice", 300, func(func()) error { panic(killed{}) }, []string{"", "300", "300", "600"}},
		{"the job is cut off", 0, func(cancel func()) error { cancel(); return nil }, []string{"", ""}},
		{"the system goes away", 0, func(func()) error { return connector.Fail(connector.ErrUnreachable, "lines", "", nil) }, []string{"", "550"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, asked := h.newCase(t, 1, now)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			system := &lines{many: 700, pause: c.pause}
			system.on = func(n int) error {
				if n != 550 || c.end == nil {
					return nil
				}
				end := c.end
				c.end = nil
				return end(cancel)
			}
			for n := 0; !h.ask(ctx, t, system, asked[0], now); n++ {
				if ctx = t.Context(); n > 9 {
					t.Fatal("never ends")
				}
			}
			q, text, n := h.inquiry(t, asked[0])
			if q.State != casefile.FoundSome || n != 700 || !slices.Equal(system.asked, c.asked) {
				t.Errorf("got %s, %d findings, asked from %q; want 700 and %q", q.State, n, system.asked, c.asked)
			}
			var gaps []string
			for _, g := range text.Gaps {
				gaps = append(gaps, g.Place)
			}
			if want := []string{"0", "100", "200", "300", "400", "500", "600"}; !slices.Equal(gaps, want) {
				t.Errorf("got gaps %q, want %q", gaps, want)
			}
		})
	}
}

func TestAnIdentifierTakenUpMeanwhileIsSearchedFromTheBeginning(t *testing.T) {
	now := time.Now()
	h := newHouse(t, now)
	for _, c := range []struct {
		name  string
		at    int // line before which staff take it up
		asked []string
		who   []int
	}{
		{"between slices", 250, []string{"", "", "300", "600"}, []int{1, 2, 2, 2}},
		{"in the last slice", 650, []string{"", "300", "600", "", "300", "600"}, []int{1, 1, 1, 2, 2, 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			kase, asked := h.newCase(t, 1, now)
			h.takeUp(t, kase)
			system := &lines{many: 700, pause: 300}
			system.on = func(n int) error {
				if n == c.at {
					c.at = -1
					h.takeUp(t, kase)
				}
				return nil
			}
			for n := 0; !h.ask(t.Context(), t, system, asked[0], now); n++ {
				if n > 9 {
					t.Fatal("never ends")
				}
			}
			if !slices.Equal(system.asked, c.asked) || !slices.Equal(system.who, c.who) {
				t.Errorf("asked from %q for %v identifiers, want %q for %v", system.asked, system.who, c.asked, c.who)
			}
			if q, text, n := h.inquiry(t, asked[0]); q.State != casefile.FoundSome || n != 700 || len(text.Gaps) != 7 {
				t.Errorf("got %s, %d findings and %d gaps, want 700 and 7, each once", q.State, n, len(text.Gaps))
			}
		})
	}
}

func TestNobodyReadsOnForACaseThatWantsNothingMore(t *testing.T) {
	now := time.Now()
	h := newHouse(t, now)
	for name, settle := range map[string]func(context.Context, casefile.Case, casefile.Inquiry) error{
		"the case is over": func(ctx context.Context, c casefile.Case, _ casefile.Inquiry) error {
			c.State = casefile.Withdrawn
			return h.Cases.Save(ctx, c)
		},
		"another run was faster": func(ctx context.Context, _ casefile.Case, q casefile.Inquiry) error {
			q.State = casefile.FoundNothing
			return h.Findings.PutInquiries(ctx, []casefile.Inquiry{q})
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, asked := h.newCase(t, 1, now)
			last := 0
			system := &lines{many: 5000, on: func(n int) error {
				if last = n; n != 300 {
					return nil
				}
				q, _, _ := h.inquiry(t, asked[0])
				return h.db.InTx(t.Context(), h.authority.ID, func(ctx context.Context) error { return settle(ctx, c, q) })
			}}
			if !h.ask(t.Context(), t, system, asked[0], now) {
				t.Error("the job is to run again: for what?")
			}
			if _, _, n := h.inquiry(t, asked[0]); last != 399 || n != 200 {
				t.Errorf("read up to line %d, %d findings; want 399, the end of the batch, and 200", last, n)
			}
		})
	}
}

func TestOnlyASystemThatNobodyReadsAnyMoreIsLost(t *testing.T) {
	began := time.Now()
	h := newHouse(t, began)
	_, asked := h.newCase(t, 3, began)
	reading, waiting, lost := asked[0], asked[1], asked[2]
	if h.ask(t.Context(), t, &lines{many: 700, pause: 300}, reading, began.Add(24*time.Hour)) {
		t.Fatal("got all in one slice")
	}
	if h.ask(t.Context(), t, busy{}, waiting, began.Add(24*time.Hour)) {
		t.Fatal("got an answer of a system that had no place")
	}
	step := &gathering.Gathering{House: h.House}
	states := func() (all []casefile.InquiryState) {
		for _, id := range []uuid.UUID{reading, waiting, lost} {
			q, _, _ := h.inquiry(t, id)
			all = append(all, q.State)
		}
		return all
	}
	for _, c := range []struct {
		after time.Duration
		want  []casefile.InquiryState
	}{
		{24 * time.Hour, []casefile.InquiryState{casefile.Asked, casefile.Asked, casefile.Asked}},
		{26 * time.Hour, []casefile.InquiryState{casefile.Asked, casefile.Asked, casefile.Failed}},
		{50 * time.Hour, []casefile.InquiryState{casefile.Failed, casefile.Failed, casefile.Failed}},
	} {
		must(t, step.Sweep(t.Context(), h.authority.ID, began.Add(c.after)))
		if got := states(); !slices.Equal(got, c.want) {
			t.Errorf("after %s: got %v, want %v", c.after, got, c.want)
		}
	}
}

// busy is a system that bears nobody more.
type busy struct{}

func (busy) Has(context.Context, uuid.UUID, string) (bool, error) { return true, nil }
func (busy) Open(context.Context, uuid.UUID, string) (connector.Connector, error) {
	return nil, errors.Join(connector.ErrUnreachable, connector.ErrBusy)
}

func TestARecordThatIsToBeCheckedGivesNoHints(t *testing.T) {
	now := time.Now()
	h := newHouse(t, now)
	c, asked := h.newCase(t, 1, now)
	if !h.ask(t.Context(), t, hinting{}, asked[0], now) {
		t.Fatal("no answer")
	}
	must(t, h.db.View(t.Context(), h.authority.ID, func(ctx context.Context) error {
		all, err := h.Findings.Findings(ctx, c.ID)
		must(t, err)
		if len(all) != 4 {
			t.Errorf("got %d findings, want 4", len(all))
		}
		for _, row := range all {
			f, err := h.Finding(ctx, c, row)
			must(t, err)
			want := 0
			if f.Confidence == connector.Sure || f.Confidence == connector.Likely {
				want = 1
			}
			if len(f.Hints) != want {
				t.Errorf("%q: got %d hints, want %d", f.Confidence, len(f.Hints), want)
			}
		}
		return nil
	}))
}

// hinting is a system whose records name further identifiers.
type hinting struct{}

func (h hinting) Open(context.Context, uuid.UUID, string) (connector.Connector, error) {
	return h, nil
}
func (hinting) Has(context.Context, uuid.UUID, string) (bool, error) { return true, nil }
func (hinting) Close() error                                         { return nil }
func (hinting) Find(_ context.Context, _ connector.Query, _ connector.Cursor, yield func(connector.Finding, connector.Cursor) error) (connector.Answer, error) {
	for i, c := range append(connector.Confidences, "nobody knows") {
		f := connector.Finding{Reference: strconv.Itoa(i), Confidence: c, Hints: []person.Identifier{{Kind: person.Account, Value: person.NewText("emustermann")}}}
		if err := yield(f, connector.Cursor(f.Reference)); err != nil {
			return connector.Answer{}, err
		}
	}
	return connector.Answer{Outcome: connector.Found}, nil
}

type sources interface {
	Has(ctx context.Context, authority uuid.UUID, system string) (bool, error)
	Open(ctx context.Context, authority uuid.UUID, system string) (connector.Connector, error)
}

// ask runs a job once, to its end or to that of its process.
func (h house) ask(ctx context.Context, t *testing.T, system sources, inquiry uuid.UUID, now time.Time) (done bool) {
	t.Helper()
	defer func() {
		if p := recover(); p != nil && p != (killed{}) {
			panic(p)
		}
	}()
	err := (&gathering.Gathering{House: h.House, Sources: system}).Gather(ctx, h.authority.ID, inquiry, now, time.Time{})
	if err != nil && !errors.Is(err, gathering.ErrMore) && !errors.Is(err, connector.ErrUnreachable) {
		t.Fatal(err)
	}
	return err == nil
}

// inquiry reads what is kept of a question, and how many findings it has.
func (h house) inquiry(t *testing.T, id uuid.UUID) (q casefile.Inquiry, text casefile.InquiryText, findings int) {
	t.Helper()
	must(t, h.db.View(t.Context(), h.authority.ID, func(ctx context.Context) error {
		var err error
		if q, err = h.Findings.Inquiry(ctx, id); err != nil {
			return err
		}
		c, err := h.Cases.Case(ctx, q.Case)
		if err != nil {
			return err
		}
		if text, err = h.InquiryText(ctx, c, q); err != nil {
			return err
		}
		counts, err := h.Findings.FindingCounts(ctx, c.ID)
		findings = counts[q.System]
		return err
	}))
	return q, text, findings
}

// takeUp gives a case one more identifier.
func (h house) takeUp(t *testing.T, c casefile.Case) {
	t.Helper()
	must(t, h.db.InTx(t.Context(), h.authority.ID, func(ctx context.Context) error {
		d := casefile.Identifier{ID: uuid.New(), Case: c.ID, Kind: person.Account, Value: person.NewText("emustermann")}
		if err := h.SealIdentifier(ctx, c, &d); err != nil {
			return err
		}
		return h.Cases.PutIdentifiers(ctx, []casefile.Identifier{d})
	}))
}
