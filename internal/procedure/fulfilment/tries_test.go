package fulfilment_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/problem"
)

// waits reads for which attempts in vain the case waits.
func (h *house) waits() map[string]map[casefile.Job]casefile.Tries {
	h.t.Helper()
	at, err := h.Progress(h.t.Context(), h.clerk, h.c.ID)
	must(h.t, err)
	return at.Waits
}

func (h *house) stumble(job casefile.Job, attempt int, cause error, at time.Time) {
	h.t.Helper()
	must(h.t, h.Stumbled(h.t.Context(), h.c.Authority, h.inquiry, job, attempt, cause, at))
}

func TestAPlanSaysForWhichSystemItWaits(t *testing.T) {
	h := newHouse(t)
	h.planned(2, connector.CanErase)
	h.source.tears = "carry"
	if err := h.change(); !errors.Is(err, connector.ErrUnreachable) {
		t.Fatalf("the system is torn: got %v", err)
	}
	if got := h.waits(); len(got) != 0 {
		t.Fatalf("before an attempt was noted: got %v, want no wait", got)
	}
	h.stumble(casefile.JobChange, 1, errTorn, now)
	later := now.Add(casefile.Pauses[0])
	h.stumble(casefile.JobChange, 2, errTorn, later)
	got := h.waits()[system][casefile.JobChange]
	want := casefile.Tries{Since: now, Count: 2, Trouble: casefile.Trouble{At: later, Kind: casefile.Unreachable, Place: system, Code: "torn", Next: later.Add(casefile.Pauses[1])}}
	if !got.Since.Equal(want.Since) || got.Count != want.Count || got.Trouble.Kind != want.Trouble.Kind || got.Trouble.Place != want.Trouble.Place || got.Trouble.Code != want.Trouble.Code || !got.Trouble.Next.Equal(want.Trouble.Next) {
		t.Errorf("after two attempts: got %+v, want %+v", got, want)
	}
	h.stumble(casefile.JobChange, 3, connector.Fail(connector.ErrUnreachable, system, "resting", nil), later)
	if got := h.waits()[system][casefile.JobChange].Trouble.Code; got != "torn" {
		t.Errorf("a system that is left in peace: got code %q, want why it is", got)
	}
	must(t, h.change())
	if h.state() == casefile.Fulfilling {
		t.Error("the plan is carried out, and the case still waits")
	}
	must(t, h.db.View(t.Context(), h.c.Authority, func(ctx context.Context) error {
		q, err := h.Findings.Inquiry(ctx, h.inquiry)
		if err != nil {
			return err
		}
		text, err := h.InquiryText(ctx, h.c, q)
		if len(text.Tries) != 0 {
			t.Errorf("once the system answered: got %v, want nothing kept of the attempts", text.Tries)
		}
		return err
	}))
}

func TestTheAttemptsOfARehearsalEndWhenStaffAreAsked(t *testing.T) {
	h := newHouse(t)
	measures := h.planned(1, connector.CanErase)
	measures[0].State = casefile.Rehearsing
	h.put(measures...)
	h.stumble(casefile.JobRehearse, 7, errors.New("our own database"), now)
	if got := h.waits()[system][casefile.JobRehearse]; got.Trouble.Kind != casefile.Lost || got.Count != 7 {
		t.Errorf("got %+v, want the seventh attempt, lost on our side", got)
	}
	must(t, h.FailRehearsal(t.Context(), h.c.Authority, h.inquiry, errTorn, now))
	measures[0].State = casefile.Rehearsing
	h.put(measures...) // as if staff let it be tried again
	if got := h.waits(); len(got) != 0 {
		t.Errorf("got %v of the attempts before, want none", got)
	}
}

func TestStaffLetWhatWaitsBeTriedNow(t *testing.T) {
	h := newHouse(t)
	h.planned(1, connector.CanErase)
	tryNow := func(a casefile.Actor) error { return h.TryNow(t.Context(), a, h.c.ID, system, now.Add(time.Hour)) }
	if err := tryNow(h.clerk); !errors.Is(err, problem.Conflict) {
		t.Errorf("nothing waits: got %v, want a conflict", err)
	}
	h.stumble(casefile.JobChange, 5, errTorn, now)
	if err := tryNow(casefile.Actor{ID: uuid.New(), Role: casefile.Officer, Authority: h.c.Authority}); !errors.Is(err, problem.Forbidden) || len(h.queue.anew) > 0 {
		t.Errorf("who only reads: got %v and jobs %v, want it forbidden", err, h.queue.anew)
	}
	must(t, tryNow(h.clerk))
	if want := []casefile.Job{casefile.JobChange}; !slices.Equal(h.queue.anew, want) {
		t.Errorf("got jobs %v begun anew, want %v", h.queue.anew, want)
	}
	got := h.waits()[system][casefile.JobChange]
	if got.Count != 0 || !got.Trouble.Next.Equal(now.Add(time.Hour)) || !got.Since.Equal(now) {
		t.Errorf("got %+v, want an attempt due now, in vain since the first", got)
	}
	h.stumble(casefile.JobChange, 1, errTorn, now.Add(2*time.Hour))
	if got := h.waits()[system][casefile.JobChange]; got.Count != 1 || !got.Since.Equal(now) {
		t.Errorf("in vain again: got %+v, want the first attempt of a silence that lasts", got)
	}
}
