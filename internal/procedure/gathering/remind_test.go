package gathering

import (
	"slices"
	"testing"
	"time"

	"einsicht/internal/law/calendar"
)

func TestWhenAUnitIsRemindedAndNoLongerWaitedFor(t *testing.T) {
	at := func(month time.Month, day int) time.Time { return time.Date(2026, month, day, 0, 0, 0, 0, time.UTC) }
	warn := calendar.DateOf(at(6, 30))
	for _, c := range []struct {
		name      string
		asked     time.Time
		warn      calendar.Date
		reminders []time.Time
		end       time.Time
	}{
		{"asked at the beginning", at(6, 1), warn, []time.Time{at(6, 8), at(6, 23)}, at(6, 27)},
		{"asked so that both reminders fall together", at(6, 16), warn, []time.Time{at(6, 23)}, at(6, 27)},
		{"asked late: ten days all the same", at(6, 25), warn, []time.Time{at(7, 2)}, at(7, 5)},
		{"the clock rests", at(6, 1), calendar.Date{}, []time.Time{at(6, 8)}, time.Time{}},
	} {
		reminders, end := patienceWithUnit(c.asked, c.warn)
		if !slices.EqualFunc(reminders, c.reminders, time.Time.Equal) || !end.Equal(c.end) {
			t.Errorf("%s: got %v and %v, want %v and %v", c.name, reminders, end, c.reminders, c.end)
		}
	}
}
