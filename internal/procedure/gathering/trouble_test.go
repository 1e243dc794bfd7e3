package gathering_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/procedure/gathering"
)

// failing is a system that can't be opened.
type failing struct{ err error }

func (f failing) Has(context.Context, uuid.UUID, string) (bool, error) { return true, nil }
func (f failing) Open(context.Context, uuid.UUID, string) (connector.Connector, error) {
	return nil, f.err
}

func TestAnAttemptInVainSaysWhyAndWhenTheNextIs(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	h := newHouse(t, now)
	for _, c := range []struct {
		name   string
		system sources
		at     []time.Duration
		want   casefile.Trouble
		next   time.Duration // after the last attempt; 0: none
	}{
		{"the first time", failing{connector.Fail(connector.ErrUnreachable, "orders", "57P03", nil)}, []time.Duration{0},
			casefile.Trouble{Kind: casefile.Unreachable, Place: "orders", Code: "57P03"}, 5 * time.Second},
		{"the third time", failing{connector.Fail(connector.ErrUnreachable, "orders", "", nil)}, []time.Duration{0, 5 * time.Second, time.Minute},
			casefile.Trouble{Kind: casefile.Unreachable, Place: "orders"}, 5 * time.Minute},
		{"while it is left in peace", failing{connector.Fail(connector.ErrUnreachable, "s00", "resting", nil)}, []time.Duration{0}, casefile.Trouble{Kind: casefile.Unreachable}, 5 * time.Second},
		{"in the middle", &lines{many: 700, on: func(n int) error {
			if n == 550 {
				return connector.Fail(connector.ErrUnreachable, "lines", "", nil)
			}
			return nil
		}}, []time.Duration{0}, casefile.Trouble{Kind: casefile.Unreachable, Place: "lines"}, 5 * time.Second},
		{"a wrong password", failing{connector.Fail(connector.ErrConfig, "sign-in", "28P01", nil)}, []time.Duration{0},
			casefile.Trouble{Kind: casefile.Misentered, Place: "sign-in", Code: "28P01"}, 0},
		{"an answer nobody can read", failing{connector.Fail(connector.ErrBroken, "", "", nil)}, []time.Duration{0}, casefile.Trouble{Kind: casefile.Unreadable}, 0},
		{"something of ours", failing{errors.New("no key")}, []time.Duration{0}, casefile.Trouble{Kind: casefile.Lost}, 5 * time.Second},
		{"no place at the system", busy{}, []time.Duration{0}, casefile.Trouble{}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, asked := h.newCase(t, 1, now)
			for _, at := range c.at {
				h.attempt(t, c.system, asked[0], now.Add(at))
			}
			last := now.Add(c.at[len(c.at)-1])
			if c.want.Kind != "" {
				c.want.At = last
			}
			if c.next > 0 {
				c.want.Next = last.Add(c.next)
			}
			q, text, _ := h.inquiry(t, asked[0])
			if got := text.Trouble; q.State != casefile.Asked || got.Kind != c.want.Kind || got.Place != c.want.Place || got.Code != c.want.Code || !got.At.Equal(c.want.At) || !got.Next.Equal(c.want.Next) {
				t.Errorf("got %s and %+v, want %+v", q.State, got, c.want)
			}
			if c.want.Kind == "" {
				return
			}
			h.attempt(t, &lines{many: 700}, asked[0], last)
			if q, text, _ := h.inquiry(t, asked[0]); q.State != casefile.FoundSome || text.Trouble != (casefile.Trouble{}) || text.Failures != 0 {
				t.Errorf("answered at last: got %s and %+v, want no word of it any more", q.State, text.Trouble)
			}
		})
	}
}

func TestASystemThatIsGivenUpKeepsWhatTheLastAttemptSaid(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	h := newHouse(t, now)
	_, asked := h.newCase(t, 2, now)
	step := &gathering.Gathering{House: h.House}
	h.attempt(t, failing{connector.Fail(connector.ErrUnreachable, "orders", "", nil)}, asked[0], now)
	for i, want := range []casefile.TroubleKind{casefile.Unreachable, casefile.Lost} {
		must(t, step.Fail(t.Context(), h.authority.ID, asked[i], now.Add(time.Hour)))
		if q, text, _ := h.inquiry(t, asked[i]); q.State != casefile.Failed || text.Trouble.Kind != want || text.Trouble.At.IsZero() || !text.Trouble.Next.IsZero() {
			t.Errorf("got %s and %+v, want %s, and nothing that follows by itself", q.State, text.Trouble, want)
		}
	}
}

func TestOneSystemIsAskedAgainWhileTheOthersWait(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	h := newHouse(t, now)
	clerk := casefile.Actor{ID: uuid.New(), Role: casefile.Clerk, Authority: h.authority.ID}
	step := &gathering.Gathering{House: h.House}
	for _, c := range []struct {
		name   string
		state  casefile.InquiryState
		byHand bool
		from   casefile.State
		ok     bool
	}{
		{"one that failed", casefile.Failed, false, casefile.Gathering, true},
		{"one that found something", casefile.FoundSome, false, casefile.Gathering, true},
		{"one whose unit stayed silent", casefile.Failed, true, casefile.Gathering, true},
		{"after all have answered", casefile.Failed, false, casefile.Review, true},
		{"one that is being asked", casefile.Asked, false, casefile.Gathering, false},
		{"one for which people answered", casefile.FoundNothing, true, casefile.Gathering, false},
		{"before anything was asked", casefile.Failed, false, casefile.Received, false},
		{"once it is proposed", casefile.Failed, false, casefile.Proposed, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			kase, one, unit := h.shippedCase(t, c.from, c.state, c.byHand, now)
			err := step.AskAgain(t.Context(), clerk, kase, one.System, now)
			if (err == nil) != c.ok {
				t.Fatalf("got %v, want allowed: %v", err, c.ok)
			}
			q, text, _ := h.inquiry(t, one.ID)
			if !c.ok {
				if q.State != c.state {
					t.Errorf("got %s, want it left alone", q.State)
				}
				return
			}
			if q.State != casefile.Wanted || !text.Trouble.At.IsZero() {
				t.Errorf("got %s and %+v, want it wanted anew", q.State, text.Trouble)
			}
			if q, _, _ := h.inquiry(t, unit.ID); q.State != unit.State {
				t.Errorf("the other system: got %s, want %s", q.State, unit.State)
			}
			must(t, h.db.View(t.Context(), h.authority.ID, func(ctx context.Context) error {
				now, err := h.Cases.Case(ctx, kase)
				must(t, err)
				tasks, err := h.Findings.Tasks(ctx, kase)
				must(t, err)
				if now.State != casefile.Gathering || now.GapsAccepted {
					t.Errorf("got %s, gaps accepted %v; want gathering, and to be decided anew", now.State, now.GapsAccepted)
				}
				for _, task := range tasks {
					if task.Kind == casefile.TaskRepair && task.DoneAt.IsZero() {
						t.Error("the task to look after the system is still open")
					}
				}
				return nil
			}))
			if want := []casefile.Job{casefile.JobAsk}; !slices.Equal(h.queue.added, want) {
				t.Errorf("got jobs %v, want %v", h.queue.added, want)
			}
		})
	}
}

func TestTheEndOfAskingSaysWhatIsMissing(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	h := newHouse(t, now)
	step := &gathering.Gathering{House: h.House}
	kase, one, unit := h.shippedCase(t, casefile.Gathering, casefile.Asked, false, now)
	h.attempt(t, &lines{many: 5}, h.more(t, kase, now), now) // with gaps
	must(t, step.Fail(t.Context(), h.authority.ID, one.ID, now))
	clerk := casefile.Actor{ID: uuid.New(), Role: casefile.Clerk, Authority: h.authority.ID}
	must(t, step.AnswerTask(t.Context(), clerk, kase, unit.System, gathering.ManualAnswer{Nothing: true}, now))
	must(t, h.db.View(t.Context(), h.authority.ID, func(ctx context.Context) error {
		c, err := h.Cases.Case(ctx, kase)
		must(t, err)
		history, err := h.Cases.History(ctx, kase)
		must(t, err)
		last := history[len(history)-1]
		text, err := h.HappeningText(ctx, c, last)
		must(t, err)
		if last.Kind != string(casefile.Settle) || !slices.Equal(text.Missing, []string{one.System}) || len(text.Partial) != 1 {
			t.Errorf("got %s, missing %q, partial %q; want %s missing and one partial", last.Kind, text.Missing, text.Partial, one.System)
		}
		return nil
	}))
}

// attempt runs a job once, whatever comes of it.
func (h house) attempt(t *testing.T, system sources, inquiry uuid.UUID, now time.Time) {
	t.Helper()
	_ = (&gathering.Gathering{House: h.House, Sources: system}).Gather(t.Context(), h.authority.ID, inquiry, now, time.Time{})
}
