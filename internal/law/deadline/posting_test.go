package deadline

import (
	"testing"

	"einsicht/internal/law/calendar"
)

func TestTheLastDayForThePostIsShown(t *testing.T) {
	for _, tt := range []struct{ name, received, events, extension, answer string }{
		// Received on 5 March, the month ends on Sunday, 5 April, and Monday is Easter Monday.
		{"month one ends after Easter", "2026-03-05", "", "2026-04-02", "2026-04-02"},
		{"the clock rests: nothing ends", "2026-03-05", "suspend 2026-03-06", "", ""},
		{"eleven days of rest", "2026-03-05", "suspend 2026-03-06; resume 2026-03-17", "2026-04-10", "2026-04-10"},
		{"already extended: only the answer is left", "2026-03-05", "extend 2026-03-20", "", "2026-06-01"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			events, err := ParseEvents(tt.events)
			if err != nil {
				t.Fatal(err)
			}
			received, err := calendar.Parse(tt.received)
			if err != nil {
				t.Fatal(err)
			}
			r, err := Of(received, calendar.NW, events)
			if err != nil {
				t.Fatal(err)
			}
			for what, is := range map[string]struct {
				got  func(calendar.Land) (calendar.Date, bool)
				want string
			}{"extension": {r.PostExtensionBy, tt.extension}, "answer": {r.PostAnswerBy, tt.answer}} {
				if got, ok := is.got(calendar.NW); got.String() != is.want || ok != (is.want != "") {
					t.Errorf("%s: got %v, %v, want %q", what, got, ok, is.want)
				}
			}
		})
	}
}
