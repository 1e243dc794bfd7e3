package deadline

import (
	"time"

	"einsicht/internal/law/calendar"
	"einsicht/internal/wording"
)

// Name is the name of another reading of the law.
type Name string

// The other readings. docs/law.md says who holds them.
const (
	NoShift      Name = "NOSHIFT"      // the bare end is final, weekend or not
	Federal      Name = "FEDERAL"      // only nationwide holidays count
	OfficeHours  Name = "OFFICEHOURS"  // what comes after hours came on the next working day
	Chain        Name = "CHAIN"        // two further months from the end of month one as moved off a free day
	ChainRaw     Name = "CHAINRAW"     // two further months from the bare end of month one
	StrictNotice Name = "STRICTNOTICE" // the notice of extension must be out within the bare month
	Restart      Name = "RESTART"      // a whole new month from the answer
	Inclusive    Name = "INCL"         // suspended days counted with both ends
	NoSuspension Name = "NOSUSP"       // Art. 12(3) knows no suspension
	ShiftFirst   Name = "SHIFTFIRST"   // move off the free day first, then add the suspended days
	XmasEve      Name = "XMASEVE"      // 24 and 31 December count as free
	FirstDay     Name = "FIRSTDAY"     // counted from the day after receipt
)

// Names lists the other readings.
var Names = []Name{
	NoShift, Federal, OfficeHours, Chain, ChainRaw, StrictNotice,
	Restart, Inclusive, NoSuspension, ShiftFirst, XmasEve, FirstDay,
}

// Text says what the reading says.
func (n Name) Text(l wording.Lang) string { return wording.Text(l, "deadline.reading."+string(n)) }

// Reading is the due date under another reading.
type Reading struct {
	Name    Name
	Due     calendar.Date // no date while the clock rests
	Differs bool          // from rule R
}

type rules struct {
	r      rule
	others map[Name]rule
}

func rulesOf(received Receipt, land calendar.Land) rules {
	r := rule{dayZero: received.On, free: func(d calendar.Date) bool { return calendar.Free(land, d) }}
	other := func(change func(*rule)) rule {
		changed := r
		change(&changed)
		return changed
	}
	return rules{r: r, others: map[Name]rule{
		NoShift: other(func(r *rule) { r.free = func(calendar.Date) bool { return false } }),
		Federal: other(func(r *rule) {
			r.free = func(d calendar.Date) bool {
				_, holiday := calendar.NationalHoliday(d)
				return holiday || calendar.Weekend(d)
			}
		}),
		OfficeHours: other(func(r *rule) {
			if received.Evening {
				r.dayZero = r.dayZero.AddDays(1)
			}
			r.dayZero = calendar.NextWorkingDay(land, r.dayZero)
		}),
		Chain:        other(func(r *rule) { r.chain = fromDue }),
		ChainRaw:     other(func(r *rule) { r.chain = fromMonthsEnd }),
		StrictNotice: other(func(r *rule) { r.strictNotice = true }),
		Restart:      other(func(r *rule) { r.restart = true }),
		Inclusive:    other(func(r *rule) { r.inclusive = true }),
		NoSuspension: other(func(r *rule) { r.noSuspension = true }),
		ShiftFirst:   other(func(r *rule) { r.shiftFirst = true }),
		XmasEve: other(func(r *rule) {
			r.free = func(d calendar.Date) bool { return calendar.Free(land, d) || lastDayOfOffice(d) }
		}),
		FirstDay: other(func(r *rule) { r.dayZero = r.dayZero.AddDays(1) }),
	}}
}

func lastDayOfOffice(d calendar.Date) bool {
	_, month, day := d.Civil()
	return month == time.December && (day == 24 || day == 31)
}

func reading(n Name, r, other *run) Reading {
	due := other.due()
	switch {
	case due == nil:
		return Reading{Name: n, Differs: r.due() != nil}
	case r.due() == nil:
		return Reading{Name: n, Due: *due, Differs: true}
	}
	return Reading{Name: n, Due: *due, Differs: *due != *r.due()}
}
