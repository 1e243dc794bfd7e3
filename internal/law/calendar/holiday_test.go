package calendar

import (
	"testing"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/de"
)

func TestHolidaysAgreeWithAnotherCalendar(t *testing.T) {
	for land, theirs := range map[Land][]*cal.Holiday{NW: de.HolidaysNW, NI: de.HolidaysNI} {
		other := &cal.Calendar{}
		other.AddHoliday(theirs...)
		found := 0
		for d := Day(2018, time.January, 1); d.Before(Day(2036, time.January, 1)); d = d.AddDays(1) {
			name, got := Holiday(land, d)
			want, _, _ := other.IsHoliday(d.Time())
			if got != want {
				t.Errorf("%s %v %q: got %v, want %v", land, d, name, got, want)
			}
			if got {
				found++
			}
		}
		if want := 18 * len(theirs); found != want {
			t.Errorf("%s: got %d holidays, want %d", land, found, want)
		}
	}
}

// gaussEaster is the second opinion: Gauß as completed by Lichtenberg (PTB).
func gaussEaster(year int) Date {
	k := year / 100
	m := 15 + (3*k+3)/4 - (8*k+13)/25
	s := 2 - (3*k+3)/4
	a := year % 19
	d := (19*a + m) % 30
	r := (d + a/11) / 29
	og := 21 + d - r
	sz := 7 - (year+year/4+s)%7
	oe := 7 - (og-sz)%7
	return Day(year, time.March, og+oe)
}

func TestEasterAgreesWithASecondAlgorithm(t *testing.T) {
	for year := 1900; year <= 2200; year++ {
		if got, want := Easter(year), gaussEaster(year); got != want {
			t.Errorf("%d: got %v, want %v", year, got, want)
		}
	}
	if got, want := Easter(2026), Day(2026, time.April, 5); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestEveryYearHasTheSameNumberOfHolidays(t *testing.T) {
	for year := FirstYear; year <= LastYear; year++ {
		got := map[Land]int{}
		for d := Day(year, time.January, 1); d.Before(Day(year+1, time.January, 1)); d = d.AddDays(1) {
			for _, land := range []Land{NW, NI} {
				if _, ok := Holiday(land, d); ok {
					got[land]++
				}
			}
		}
		want := map[Land]int{NW: 11, NI: 10}
		for land := range want {
			if got[land] != want[land] {
				t.Errorf("%d %s: got %d holidays, want %d", year, land, got[land], want[land])
			}
		}
	}
}

func TestHolidaysOfTheLaender(t *testing.T) {
	for _, tt := range []struct {
		name, day string
		nw, ni    string
	}{
		{"Fronleichnam only in NW", "2026-06-04", "Fronleichnam", ""},
		{"Allerheiligen only in NW", "2024-11-01", "Allerheiligen", ""},
		{"Reformationstag only in NI", "2024-10-31", "", "Reformationstag"},
		{"the first Reformationstag of NI", "2018-10-31", "", "Reformationstag"},
		{"none before its law came into force", "2016-10-31", "", ""},
		{"Karfreitag in both", "2026-04-03", "Karfreitag", "Karfreitag"},
		{"24 December is a working day", "2026-12-24", "", ""},
		{"31 December is a working day", "2025-12-31", "", ""},
		{"Rosenmontag is a working day", "2026-02-16", "", ""},
		{"6 January is a working day", "2026-01-06", "", ""},
		{"Buß- und Bettag is a working day", "2026-11-18", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := mustParse(t, tt.day)
			for land, want := range map[Land]string{NW: tt.nw, NI: tt.ni} {
				if got, _ := Holiday(land, d); got != want {
					t.Errorf("%s: got %q, want %q", land, got, want)
				}
				if got, want := Free(land, d), want != ""; got != want {
					t.Errorf("%s free: got %v, want %v", land, got, want)
				}
			}
		})
	}
}

func TestNextWorkingDayPassesOverAWholeEaster(t *testing.T) {
	for from, want := range map[string]string{
		"2026-04-02": "2026-04-02",
		"2026-04-03": "2026-04-07",
		"2025-12-25": "2025-12-29",
	} {
		if got := NextWorkingDay(NW, mustParse(t, from)).String(); got != want {
			t.Errorf("%s: got %s, want %s", from, got, want)
		}
	}
}

func TestOnlyKnownLaenderAreRead(t *testing.T) {
	if got, err := ParseLand("NI"); err != nil || got != NI {
		t.Errorf("got %v, %v, want NI", got, err)
	}
	for _, s := range []string{"", "BY", "nw"} {
		if got, err := ParseLand(s); err == nil {
			t.Errorf("%q: got %v, want an error", s, got)
		}
	}
}
