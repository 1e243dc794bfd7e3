package calendar

import (
	"testing"
	"time"
)

func FuzzAddMonths(f *testing.F) {
	f.Add(int32(2026*366), int16(1))
	f.Add(int32(Day(2024, 2, 29).serial), int16(12))
	f.Add(int32(Day(2026, 1, 31).serial), int16(-11))
	f.Add(int32(Day(2026, 8, 31).serial), int16(1))
	f.Fuzz(func(t *testing.T, serial int32, n int16) {
		d := Date{1 + serial&0xfffff} // up to the year 2871
		got := d.AddMonths(int(n))
		year, month, day := d.Civil()
		wantYear, wantMonth, _ := Day(year, month+time.Month(n), 1).Civil()
		gotYear, gotMonth, gotDay := got.Civil()
		if gotYear != wantYear || gotMonth != wantMonth {
			t.Fatalf("%v and %d months: got %v, want a day in %d-%d", d, n, got, wantYear, wantMonth)
		}
		_, next, _ := got.AddDays(1).Civil()
		if gotDay != day && (gotDay > day || next == gotMonth) {
			t.Errorf("%v and %d months: got %v, want the same number or the last day", d, n, got)
		}
		if later := d.AddDays(1).AddMonths(int(n)); later.Before(got) {
			t.Errorf("%v and %d months: got %v, but a day later %v", d, n, got, later)
		}
	})
}

func FuzzHolidays(f *testing.F) {
	f.Add(uint16(0))
	f.Add(uint16(2999))
	f.Fuzz(func(t *testing.T, days uint16) {
		d := Day(FirstYear, 1, 1).AddDays(int(days) % 30000)
		for _, land := range []Land{NW, NI} {
			name, holiday := Holiday(land, d)
			if holiday != (name != "") || (holiday || Weekend(d)) != Free(land, d) {
				t.Errorf("%s %v: holiday %q, weekend %v, free %v", land, d, name, Weekend(d), Free(land, d))
			}
			if _, nationwide := NationalHoliday(d); nationwide && !holiday {
				t.Errorf("%s %v: a holiday everywhere but here", land, d)
			}
			work := NextWorkingDay(land, d)
			// The longest rows are Good Friday to Easter Monday, and Christmas with a weekend.
			if n := work.Sub(d); Free(land, work) || n < 0 || n > 4 || n == 0 && Free(land, d) {
				t.Errorf("%s %v: next working day %v", land, d, work)
			}
			for between := d; between.Before(work); between = between.AddDays(1) {
				if !Free(land, between) {
					t.Errorf("%s %v: got %v, passing over %v", land, d, work, between)
				}
			}
		}
	})
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"2026-01-31", "0001-01-01", "9999-12-31", "2026-02-30", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := Parse(s)
		if err != nil {
			return
		}
		if got := d.String(); got != s || d.IsZero() {
			t.Errorf("got %q, want %q", got, s)
		}
	})
}
