package desk

import (
	"time"

	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/wording"
)

// day writes a civil date in words; empty if there is none.
func (w words) day(d calendar.Date) string {
	if d.IsZero() {
		return ""
	}
	return wording.Date(w.lang, d.Time())
}

// short writes a civil date in figures, as tables need it.
func (w words) short(d calendar.Date) string {
	if d.IsZero() {
		return ""
	}
	return wording.ShortDate(w.lang, d.Time())
}

// moment writes an instant as the clocks in Germany showed it.
func (w words) moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(calendar.Berlin())
	return w.say("desk.moment", "date", wording.ShortDate(w.lang, t), "time", t.Format("15:04"))
}

// left says how far away a due date is.
func (w words) left(due, today calendar.Date) string {
	switch n := due.Sub(today); {
	case n == 0:
		return w.say("desk.left.today")
	case n < 0:
		return w.count("desk.left.over", -n)
	default:
		return w.count("desk.left.days", n)
	}
}

// right names a right, article cites it.
func (w words) right(r law.Right) string   { return w.say("case.right." + string(r)) }
func (w words) article(r law.Right) string { return w.say("case.article." + string(r)) }
