package deadline

import (
	"errors"
	"testing"

	"einsicht/internal/law/calendar"
	"einsicht/internal/problem"
)

func TestTheWarningDateIsTheEarliestOfThreeReadings(t *testing.T) {
	for _, tt := range []struct {
		name, received string
		land           calendar.Land
		events         string
		due, warn      string
	}{
		{"no weekend, no event: the due date itself", "2026-06-10", "NW", "", "2026-07-10", "2026-07-10"},
		{"the bare end on a Saturday", "2026-01-31", "NW", "", "2026-03-02", "2026-02-28"},
		{"V109: the extension counts there as well, so not 28 February", "2026-01-31", "NW", "extend 2026-03-02", "2026-04-30", "2026-04-28"},
		{"V142: a question inside the weekend counts there as well", "2026-01-31", "NI", "suspend 2026-03-02; resume 2026-03-12", "2026-03-12", "2026-03-12"},
		{"V150: two months from the suspended end of month one", "2025-11-30", "NW", "suspend 2025-12-02; resume 2026-01-02; extend 2026-01-20", "2026-03-31", "2026-03-30"},
		{"V157: the same, with a suspension afterwards", "2024-05-31", "NW", "extend 2024-06-15; suspend 2024-07-01; resume 2024-08-31", "2024-10-31", "2024-10-30"},
		{"a late extension counts nowhere", "2026-05-15", "NW", "extend 2026-06-16", "2026-06-15", "2026-06-15"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := reckon(t, tt.received, tt.land, tt.events)
			if got.Due.String() != tt.due || got.Warn.String() != tt.warn {
				t.Errorf("got due %v, warn %v, want %s, %s", got.Due, got.Warn, tt.due, tt.warn)
			}
			if got.Sort != *got.Warn {
				t.Errorf("sort: got %v, want the warning date %v", got.Sort, got.Warn)
			}
			if got.RestsSince != nil || got.DaysLeft != nil {
				t.Errorf("the clock runs: got rests since %v, days left %v, want neither", got.RestsSince, got.DaysLeft)
			}
		})
	}
}

func TestARestingClockHasNoDate(t *testing.T) {
	for _, tt := range []struct {
		name, received, events string
		since                  string
		left                   int
		sort                   string
		refusal                string
	}{
		{"asked on the day of receipt", "2026-03-02", "suspend 2026-03-02", "2026-03-02", 31, "2026-04-02", ""},
		{"asked on the last day", "2026-07-06", "suspend 2026-08-06", "2026-08-06", 0, "2026-08-06", ""},
		{"asked on the weekend behind the bare end", "2026-01-31", "suspend 2026-03-02", "2026-03-02", 0, "2026-03-02", ""},
		{"asked again", "2026-02-02", "suspend 2026-02-03; resume 2026-02-10; suspend 2026-02-16", "2026-02-16", 21, "2026-03-02", ""},
		{"extended while it rests", "2026-01-05", "suspend 2026-01-10; extend 2026-02-01", "2026-01-10", 85, "2026-04-07", ""},
		{"asked after the extension: a refusal was due before", "2026-01-05", "extend 2026-01-30; suspend 2026-02-10", "2026-02-10", 54, "2026-04-07", "2026-02-05"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := reckon(t, tt.received, calendar.NW, tt.events)
			if got.Due != nil || got.Warn != nil {
				t.Errorf("got due %v, warn %v, want no date", got.Due, got.Warn)
			}
			if got.RestsSince == nil || got.RestsSince.String() != tt.since {
				t.Errorf("rests since: got %v, want %s", got.RestsSince, tt.since)
			}
			if got.DaysLeft == nil || *got.DaysLeft != tt.left {
				t.Errorf("days left: got %v, want %d", got.DaysLeft, tt.left)
			}
			if got.Sort.String() != tt.sort {
				t.Errorf("sort: got %v, want the date without suspension %s", got.Sort, tt.sort)
			}
			if day(got.RefusalDue) != tt.refusal || day(got.MonthOneEnd) != tt.refusal {
				t.Errorf("refusal: got %v, month one %v, want %q", got.RefusalDue, got.MonthOneEnd, tt.refusal)
			}
		})
	}
}

func TestAQuestionAfterTheEndDoesNotStopTheClock(t *testing.T) {
	got := reckon(t, "2026-07-06", calendar.NW, "suspend 2026-08-07")
	if got.RestsSince != nil || day(got.Due) != "2026-08-06" {
		t.Errorf("got due %v, rests since %v, want 2026-08-06 and a running clock", got.Due, got.RestsSince)
	}
}

func TestWhatIsLeftWhenAskedIsLeftWhenAnswered(t *testing.T) {
	resting := reckon(t, "2026-01-20", calendar.NW, "suspend 2026-01-22")
	answered := reckon(t, "2026-01-20", calendar.NW, "suspend 2026-01-22; resume 2026-03-15")
	got, want := answered.Due.Sub(calendar.Day(2026, 3, 15)), *resting.DaysLeft
	if got != want {
		t.Errorf("got %d days after the answer, want %d", got, want)
	}
}

func TestARefusalKnowsNoExtension(t *testing.T) {
	for _, tt := range []struct{ name, events, due, refusal string }{
		{"no extension: one date for both", "", "2026-03-02", "2026-03-02"},
		{"extended: a refusal is due after one month", "extend 2026-03-02", "2026-04-30", "2026-03-02"},
		{"notified while the clock rests, after the bare month: in time", "suspend 2026-02-02; extend 2026-03-10; resume 2026-03-16", "2026-06-11", "2026-04-13"},
		{"the suspended days count for both", "suspend 2026-02-02; resume 2026-02-10; extend 2026-02-20", "2026-05-08", "2026-03-09"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := reckon(t, "2026-01-31", calendar.NW, tt.events)
			if day(got.Due) != tt.due || day(got.RefusalDue) != tt.refusal || day(got.MonthOneEnd) != tt.refusal {
				t.Errorf("got due %v, refusal %v, month one %v, want %s, %s", got.Due, got.RefusalDue, got.MonthOneEnd, tt.due, tt.refusal)
			}
			if want := tt.due != tt.refusal; got.Extended != want {
				t.Errorf("extended: got %v, want %v", got.Extended, want)
			}
		})
	}
}

func TestAPersonIsToldWhereToLook(t *testing.T) {
	for _, tt := range []struct {
		name, events string
		want         []FlagKind
	}{
		{"asked within a few days", "suspend 2026-07-11; resume 2026-07-12", nil},
		{"asked later", "suspend 2026-07-12; resume 2026-07-13", []FlagKind{QuestionSlow}},
		{"asked after the end", "suspend 2026-08-07; resume 2026-08-08", []FlagKind{QuestionIneffective}},
		{"extended too late", "extend 2026-08-07", []FlagKind{ExtensionLate}},
		{"extended twice", "extend 2026-07-20; extend 2026-07-21", []FlagKind{ExtensionTwice}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := reckon(t, "2026-07-06", calendar.NW, tt.events).Flags
			if len(got) != len(tt.want) {
				t.Fatalf("got %v, want %v", got, tt.want)
			}
			for i := range got {
				if got[i].Kind != tt.want[i] {
					t.Errorf("got %v, want %v", got, tt.want)
				}
			}
		})
	}
}

func TestWhatCannotHaveHappenedIsRefusedWithARemedy(t *testing.T) {
	for _, tt := range []struct{ name, received, land, events, key string }{
		{"events out of order", "2026-02-02", "NW", "suspend 2026-02-05; resume 2026-02-04", "deadline.error.order"},
		{"an answer without a question", "2026-02-02", "NW", "resume 2026-02-04", "deadline.error.nothing_to_resume"},
		{"a second question while the clock rests", "2026-02-02", "NW", "suspend 2026-02-03; suspend 2026-02-04", "deadline.error.suspended_twice"},
		{"an event before receipt", "2026-02-02", "NW", "suspend 2026-02-01", "deadline.error.before_receipt"},
		{"no such kind", "2026-02-02", "NW", "pause 2026-02-03", "deadline.error.kind"},
		{"no such day", "2026-02-02", "NW", "suspend 2026-02-30", "deadline.error.day"},
		{"a word too many", "2026-02-02", "NW", "suspend on 2026-02-03", "deadline.error.event"},
		{"events separated by commas", "2026-02-02", "NW", "suspend 2026-02-03, resume 2026-02-04", "deadline.error.event"},
		{"another Land", "2026-02-02", "BY", "", "deadline.error.land"},
		{"a year without known holidays", "2101-01-01", "NW", "", "deadline.error.years"},
		{"an event in such a year", "2026-02-02", "NW", "suspend 2206-02-03", "deadline.error.years"},
		{"no day of receipt", "", "NW", "", "deadline.error.received"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			events, err := ParseEvents(tt.events)
			if err == nil {
				received, _ := calendar.Parse(tt.received)
				_, err = Of(received, calendar.Land(tt.land), events)
			}
			var p *problem.Error
			if !errors.As(err, &p) || !errors.Is(err, problem.Invalid) {
				t.Fatalf("got %v, want a problem.Invalid", err)
			}
			if p.Key != tt.key {
				t.Errorf("got %s, want %s", p.Key, tt.key)
			}
		})
	}
}

func TestEventsAreReadWithAnySpacing(t *testing.T) {
	events, err := ParseEvents(" suspend 2026-02-02;resume  2026-02-10 ; ;extend 2026-02-20;")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"suspend 2026-02-02", "resume 2026-02-10", "extend 2026-02-20"}
	if len(events) != len(want) {
		t.Fatalf("got %v, want %v", events, want)
	}
	for i := range want {
		if got := events[i].String(); got != want[i] {
			t.Errorf("got %q, want %q", got, want[i])
		}
	}
}

func reckon(t *testing.T, received string, land calendar.Land, events string) Reckoning {
	t.Helper()
	on, err := calendar.Parse(received)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := ParseEvents(events)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Of(on, land, parsed)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func day(d *calendar.Date) string {
	if d == nil {
		return ""
	}
	return d.String()
}
