// Package calendar knows civil days: what day it is in Germany, where a month
// ends and which days are public holidays in a Land.
//
// A day of law is a day in Europe/Berlin, never an instant. Nothing in here
// reads a clock.
//
// Sources: Regulation (EEC, Euratom) No 1182/71 (periods, dates and time
// limits); § 2(1) Feiertagsgesetz NW; § 2(1) NFeiertagsG.
package calendar

import (
	"errors"
	"time"
	_ "time/tzdata" // a server without zone files must count the same days
)

// Date is a civil day. The zero value is no date. Dates compare with ==.
type Date struct {
	serial int32 // days since 31 December of the year 0; 0 is no date
}

// epoch is the serial of 1 January 1970.
const epoch = 719163

const iso = "2006-01-02"

var errNoDate = errors.New("not a date of the form 2026-01-31")

var berlin = func() *time.Location {
	l, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return l
}()

// Berlin is the time zone in which the days of law begin and end.
func Berlin() *time.Location { return berlin }

// DateOf returns the day it is in Germany at an instant; no date for the zero
// time.
func DateOf(t time.Time) Date {
	if t.IsZero() {
		return Date{}
	}
	return Day(t.In(berlin).Date())
}

// Day returns the day of a year, month and day of the month, which run over as
// in time.Date.
func Day(year int, month time.Month, day int) Date {
	return fromUTC(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

// Parse reads a day of the form 2026-01-31.
func Parse(s string) (Date, error) {
	t, err := time.Parse(iso, s)
	if err != nil || t.Year() < 1 {
		return Date{}, errNoDate
	}
	return fromUTC(t), nil
}

// IsZero says whether this is no date.
func (d Date) IsZero() bool { return d.serial == 0 }

// Civil returns year, month and day of the month.
func (d Date) Civil() (year int, month time.Month, day int) { return d.Time().Date() }

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday { return d.Time().Weekday() }

// Time returns midnight UTC of the day, as package wording writes it; the zero
// time for no date.
func (d Date) Time() time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	return time.Unix(int64(d.serial-epoch)*86400, 0).UTC()
}

// AddDays returns the day n days later. No date stays no date.
func (d Date) AddDays(n int) Date {
	if d.IsZero() {
		return d
	}
	return Date{d.serial + int32(n)}
}

// AddMonths returns the same-numbered day n months later or, where that month
// has none, its last day: Art. 3(2)(c) Reg. 1182/71, § 188(3) BGB. The end of
// a month does not stick: 28 February plus one is 28 March.
func (d Date) AddMonths(n int) Date {
	if d.IsZero() {
		return d
	}
	year, month, day := d.Civil()
	last := Day(year, month+time.Month(n)+1, 0)
	if _, _, length := last.Civil(); day > length {
		return last
	}
	return Day(year, month+time.Month(n), day)
}

// Sub returns the number of days from other to d.
func (d Date) Sub(other Date) int { return int(d.serial - other.serial) }

// Before says whether d is an earlier day than other.
func (d Date) Before(other Date) bool { return d.serial < other.serial }

// After says whether d is a later day than other.
func (d Date) After(other Date) bool { return d.serial > other.serial }

// Compare returns -1, 0 or +1, as slices.SortFunc wants it.
func (d Date) Compare(other Date) int {
	switch {
	case d.Before(other):
		return -1
	case d.After(other):
		return +1
	}
	return 0
}

// String returns 2026-01-31; an empty string for no date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return d.Time().Format(iso)
}

// MarshalText writes what String returns.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText wrote; empty text is no date.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	parsed, err := Parse(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

func fromUTC(midnight time.Time) Date {
	return Date{int32(midnight.Unix()/86400) + epoch}
}
