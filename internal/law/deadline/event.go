package deadline

import (
	"errors"
	"strconv"
	"strings"

	"einsicht/internal/law/calendar"
	"einsicht/internal/problem"
	"einsicht/internal/wording"
)

// Kind is what an event does to the clock.
type Kind string

// The kinds of events.
const (
	Suspend Kind = "suspend" // the authority asks for identity (Art. 12(6) GDPR) or clarification (recital 63)
	Resume  Kind = "resume"  // what it asked for is in, sufficiently
	Extend  Kind = "extend"  // a reasoned notice of extension goes out, Art. 12(3) sentence 3
)

// Event moves the clock on a day.
type Event struct {
	Kind Kind
	On   calendar.Date
}

// String returns the event as ParseEvents reads it.
func (e Event) String() string { return string(e.Kind) + " " + e.On.String() }

// ParseEvents reads "suspend 2026-02-02; resume 2026-02-10; extend 2026-02-20".
// A failure is a problem.Invalid that says which event to mend and how.
func ParseEvents(s string) ([]Event, error) {
	var events []Event
	for part := range strings.SplitSeq(s, ";") {
		words := strings.Fields(part)
		if len(words) == 0 {
			continue
		}
		n := strconv.Itoa(len(events) + 1)
		if len(words) != 2 {
			return nil, invalid("deadline.error.event", "n", n)
		}
		kind := Kind(words[0])
		if kind != Suspend && kind != Resume && kind != Extend {
			return nil, invalid("deadline.error.kind", "n", n)
		}
		on, err := calendar.Parse(words[1])
		if err != nil {
			return nil, invalid("deadline.error.day", "n", n)
		}
		events = append(events, Event{kind, on})
	}
	return events, nil
}

// check refuses what cannot have happened. What happened but has no effect (a
// late notice, a second extension) is no error; the reckoning says so.
func check(received calendar.Date, land calendar.Land, events []Event) error {
	if _, err := calendar.ParseLand(string(land)); err != nil {
		return invalid("deadline.error.land")
	}
	if received.IsZero() {
		return invalid("deadline.error.received")
	}
	if !countable(received) {
		return invalid("deadline.error.years")
	}
	rests, last := false, received
	for i, e := range events {
		n := strconv.Itoa(i + 1)
		switch {
		case e.On.IsZero():
			return invalid("deadline.error.day", "n", n)
		case !countable(e.On):
			return invalid("deadline.error.years")
		case e.On.Before(received):
			return invalid("deadline.error.before_receipt", "n", n)
		case e.On.Before(last):
			return invalid("deadline.error.order", "n", n)
		case e.Kind == Suspend && rests:
			return invalid("deadline.error.suspended_twice", "n", n)
		case e.Kind == Resume && !rests:
			return invalid("deadline.error.nothing_to_resume", "n", n)
		case e.Kind != Suspend && e.Kind != Resume && e.Kind != Extend:
			return invalid("deadline.error.kind", "n", n)
		}
		last = e.On
		if e.Kind != Extend {
			rests = e.Kind == Suspend
		}
	}
	return nil
}

func countable(d calendar.Date) bool {
	year, _, _ := d.Civil()
	return calendar.FirstYear <= year && year <= calendar.LastYear
}

// invalid carries the sentence for people by its key and, for logs and the
// command line, in English.
func invalid(key string, pairs ...string) *problem.Error {
	return problem.New(problem.Invalid, key, pairs...).
		Because(errors.New(wording.Text(wording.English, key, pairs...)))
}
