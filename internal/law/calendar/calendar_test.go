package calendar

import (
	"encoding/json"
	"testing"
	"testing/quick"
	"time"
)

func TestTheDayIsTheOneInGermany(t *testing.T) {
	for _, tt := range []struct{ name, instant, want string }{
		{"an hour before midnight UTC in winter is past midnight in Germany", "2026-01-30T23:30:00Z", "2026-01-31"},
		{"two hours before midnight UTC in summer is past midnight in Germany", "2026-06-29T22:30:00Z", "2026-06-30"},
		{"two hours before midnight UTC in winter is the same day", "2026-01-30T22:30:00Z", "2026-01-30"},
		{"the last second before the spring change", "2026-03-29T01:59:59+01:00", "2026-03-29"},
		{"a moment in New York", "2026-03-05T20:00:00-05:00", "2026-03-06"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			instant, err := time.Parse(time.RFC3339, tt.instant)
			if err != nil {
				t.Fatal(err)
			}
			if got := DateOf(instant).String(); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
	if got := DateOf(time.Time{}); !got.IsZero() {
		t.Errorf("the zero time: got %v, want no date", got)
	}
}

func TestMonthsEndOnTheSameNumberedDayOrTheLastOne(t *testing.T) {
	for _, tt := range []struct {
		name, from string
		months     int
		want       string
	}{
		{"5 March to 5 April", "2026-03-05", 1, "2026-04-05"},
		{"31 August to 30 September", "2023-08-31", 1, "2023-09-30"},
		{"31 January in a leap year", "2024-01-31", 1, "2024-02-29"},
		{"31 January in another year", "2025-01-31", 1, "2025-02-28"},
		{"31 January in 2100, no leap year", "2100-01-31", 1, "2100-02-28"},
		{"the end of a month does not stick", "2025-02-28", 1, "2025-03-28"},
		{"three months are clamped once, not through February", "2026-01-31", 3, "2026-04-30"},
		{"over the end of a year", "2026-12-31", 1, "2027-01-31"},
		{"three months over the end of a year into February", "2027-11-29", 3, "2028-02-29"},
		{"two months back", "2026-04-30", -2, "2026-02-28"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := mustParse(t, tt.from).AddMonths(tt.months).String(); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestNoDateStaysNoDate(t *testing.T) {
	var none Date
	if none != none.AddDays(3) || none != none.AddMonths(1) || none.String() != "" || !none.Time().IsZero() {
		t.Error("arithmetic made a date of no date")
	}
	if !none.Before(Day(1, time.January, 1)) {
		t.Error("no date does not sort first")
	}
	if NextWorkingDay(NW, none) != none {
		t.Error("no date became a working day")
	}
}

func TestOnlyRealDatesAreRead(t *testing.T) {
	for _, s := range []string{"", "2026-02-29", "2026-13-01", "31.01.2026", "2026-1-31", "0000-01-01", "2026-01-31T10:00"} {
		if d, err := Parse(s); err == nil {
			t.Errorf("%q: got %v, want an error", s, d)
		}
	}
}

func TestDatesSurviveTextAndJSON(t *testing.T) {
	type page struct{ Due, None Date }
	in := page{Due: Day(2026, time.April, 28)}
	b, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(b), `{"Due":"2026-04-28","None":""}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	var out page
	if err := json.Unmarshal(b, &out); err != nil || out != in {
		t.Errorf("got %v, %v, want %v", out, err, in)
	}
	if err := new(Date).UnmarshalText([]byte("soon")); err == nil {
		t.Error("got no error, want one")
	}
}

func TestDaysAgreeWithTheStandardLibrary(t *testing.T) {
	start := time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)
	agree := func(from uint16, n int16) bool {
		a := start.AddDate(0, 0, int(from))
		b := a.AddDate(0, 0, int(n))
		d := Day(a.Date())
		e := d.AddDays(int(n))
		return e.Time().Equal(b) && e.String() == b.Format("2006-01-02") && e.Weekday() == b.Weekday() &&
			e.Sub(d) == int(n) && e.Compare(d) == b.Compare(a)
	}
	if err := quick.Check(agree, nil); err != nil {
		t.Error(err)
	}
}

func mustParse(t *testing.T, s string) Date {
	t.Helper()
	d, err := Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
