// Package deadline counts the period within which an authority must answer
// under Art. 12(3) and (4) GDPR, and shows the reckoning step by step.
//
// The day of receipt does not count; the period ends on the same-numbered day
// of the next month, or of the third month after an extension; it stands still
// while the authority waits for the applicant; if it would end on a Saturday, a
// Sunday or a public holiday it ends on the next working day. Other readings of
// the law give other dates; they are counted beside it. docs/law.md says more.
//
// Sources: Art. 12(3), (4), (6) GDPR; Art. 3 Reg. 1182/71; EDPB Guidelines
// 01/2022 v2.1, paras 157 to 164; §§ 187, 188, 193 BGB, which agree.
package deadline

import (
	"time"

	"einsicht/internal/law/calendar"
)

// Reckoning is the result for one case. Dates that do not exist while the
// clock rests are nil.
type Reckoning struct {
	Due  *calendar.Date // the last day, until 24:00 in Germany
	Warn *calendar.Date // the earliest day on which a strict reader would end the period
	Sort calendar.Date  // by which lists sort: Warn; while the clock rests the date without any suspension

	RestsSince *calendar.Date // since when the clock rests
	DaysLeft   *int           // how many days are left when it runs again; nil while it runs

	// MonthOneEnd is the day by which a notice of extension must be out
	// (Art. 12(3) sentence 3), with suspensions and the move off a free day.
	MonthOneEnd *calendar.Date
	// RefusalDue is the last day for refusing entirely: Art. 12(4) knows no
	// extension. The same day as MonthOneEnd, for another reason.
	RefusalDue *calendar.Date
	Extended   bool

	Steps    []Step
	Readings []Reading
	Flags    []Flag
}

// Receipt is the moment of receipt as far as readings of the law ask for it.
type Receipt struct {
	On      calendar.Date
	Evening bool // at 18:00 or later; rule R does not care, reading OfficeHours does
}

// ReceiptAt returns the receipt at an instant.
func ReceiptAt(t time.Time) Receipt {
	return Receipt{On: calendar.DateOf(t), Evening: t.In(calendar.Berlin()).Hour() >= 18}
}

// Of counts the period of a request that reached the authority of a Land on a
// day, on any official channel (EDPB 01/2022 para 159). The events must be in
// the order of their days; a failure is a problem.Invalid that says what to do.
func Of(received calendar.Date, land calendar.Land, events []Event) (Reckoning, error) {
	return OfReceipt(Receipt{On: received}, land, events)
}

// OfReceipt is Of for someone who knows the hour of receipt as well.
func OfReceipt(received Receipt, land calendar.Land, events []Event) (Reckoning, error) {
	if err := check(received.On, land, events); err != nil {
		return Reckoning{}, err
	}
	rules := rulesOf(received, land)
	main := rules.r.run(events, nil)
	refusal := rules.r.run(without(events, Extend), nil)

	out := Reckoning{
		Due:        main.due(),
		RefusalDue: refusal.due(), MonthOneEnd: refusal.due(),
		Extended: main.extended,
		Steps:    steps(land, received.On, main, refusal),
		Flags:    flags(received.On, main),
	}
	for _, n := range Names {
		out.Readings = append(out.Readings, reading(n, main, rules.others[n].run(events, nil)))
	}
	if out.Due == nil {
		left := main.left()
		out.RestsSince, out.DaysLeft = &main.since, &left
		out.Sort = *rules.others[NoSuspension].run(events, nil).due()
		return out, nil
	}
	out.Warn = earliest(out.Due,
		// What counts under R counts here too: a strict reader of one point is
		// not a strict reader of all.
		rules.others[NoShift].run(events, main.turns).due(),
		rules.others[ChainRaw].run(events, main.turns).due())
	out.Sort = *out.Warn
	return out, nil
}

func earliest(first *calendar.Date, others ...*calendar.Date) *calendar.Date {
	min := first
	for _, d := range others {
		if d.Before(*min) {
			min = d
		}
	}
	return min
}

func without(events []Event, kind Kind) []Event {
	var kept []Event
	for _, e := range events {
		if e.Kind != kind {
			kept = append(kept, e)
		}
	}
	return kept
}
