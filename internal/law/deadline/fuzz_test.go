package deadline

import (
	"errors"
	"testing"

	"einsicht/internal/law/calendar"
	"einsicht/internal/problem"
)

// FuzzOf makes a history out of bytes: for each event its kind and how many days
// after the one before.
func FuzzOf(f *testing.F) {
	f.Add(uint16(2990), false, []byte{0, 3, 1, 10, 2, 5})
	f.Add(uint16(2991), true, []byte{2, 28, 2, 1})
	f.Add(uint16(0), false, []byte{1, 0})
	f.Add(uint16(29999), true, []byte{0, 200, 1, 200})
	f.Fuzz(func(t *testing.T, days uint16, ni bool, history []byte) {
		land, received := calendar.NW, calendar.Day(2018, 1, 1).AddDays(int(days)%30500)
		if ni {
			land = calendar.NI
		}
		var events []Event
		for on := received; len(history) >= 2 && len(events) < 20; history = history[2:] {
			on = on.AddDays(int(int8(history[1])))
			events = append(events, Event{[]Kind{Suspend, Resume, Extend, "other"}[history[0]%4], on})
		}
		r, err := Of(received, land, events)
		if err != nil {
			if !errors.Is(err, problem.Invalid) {
				t.Errorf("got %v, want a failure that says what to do", err)
			}
			return
		}
		holds(t, received, land, r)
		again, err := Of(received, land, events)
		if err != nil || again.Sort != r.Sort {
			t.Errorf("counted twice: got %v and %v, %v", r.Sort, again.Sort, err)
		}
	})
}

// holds checks what is so of every reckoning.
func holds(t *testing.T, received calendar.Date, land calendar.Land, r Reckoning) {
	t.Helper()
	if r.Sort.IsZero() || len(r.Readings) != len(Names) || len(r.Steps) < 3 {
		t.Errorf("got %+v, want a whole reckoning", r)
	}
	if r.Due == nil {
		if r.RestsSince == nil || r.DaysLeft == nil || *r.DaysLeft < 0 || r.Warn != nil {
			t.Errorf("a resting clock: got %+v", r)
		}
		if on, ok := r.PostAnswerBy(land); ok {
			t.Errorf("a resting clock: post by %v", on)
		}
		return
	}
	switch {
	case r.RestsSince != nil || r.DaysLeft != nil:
		t.Errorf("a running clock rests since %v", r.RestsSince)
	case calendar.Free(land, *r.Due):
		t.Errorf("due on %v, a free day", r.Due)
	case r.Warn.After(*r.Due):
		t.Errorf("warned on %v, due on %v", r.Warn, r.Due)
	case !r.Due.After(received):
		t.Errorf("received on %v, due on %v", received, r.Due)
	case *r.RefusalDue != *r.MonthOneEnd || r.RefusalDue.After(*r.Due):
		t.Errorf("refusal due on %v, month one ends on %v, due on %v", r.RefusalDue, r.MonthOneEnd, r.Due)
	case r.Extended == (*r.RefusalDue == *r.Due):
		t.Errorf("extended is %v: refusal due on %v, all else on %v", r.Extended, r.RefusalDue, r.Due)
	}
	if on, ok := r.PostAnswerBy(land); !ok || calendar.Free(land, on) || on.AddDays(3).After(*r.Due) {
		t.Errorf("due on %v: post by %v", r.Due, on)
	}
}

func FuzzParseEvents(f *testing.F) {
	f.Add("suspend 2026-02-02; resume 2026-02-10; extend 2026-02-20")
	f.Add("; ;suspend")
	f.Fuzz(func(t *testing.T, s string) {
		events, err := ParseEvents(s)
		if err != nil {
			if !errors.Is(err, problem.Invalid) {
				t.Errorf("got %v, want a failure that says what to do", err)
			}
			return
		}
		for _, e := range events {
			if again, err := ParseEvents(e.String()); err != nil || len(again) != 1 || again[0] != e {
				t.Errorf("%v: got %v, %v", e, again, err)
			}
		}
	})
}
