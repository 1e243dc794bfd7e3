package inventory

import (
	"strings"
	"time"

	"einsicht/internal/law/calendar"
)

// Retention says how long records stay, Art. 15(1)(d) GDPR. Text is what the
// notice says; the rest is what of it can be reckoned with. At most one of Days,
// Months and Years is set.
type Retention struct {
	Text                string
	Days, Months, Years int
	Event               string // starts the period or, without one, ends the storage; empty: the recording
	EndOfYear           bool   // the period starts at the end of the event's calendar year
	DirectHours         int    // how long logs can be searched before only tapes hold them
	UnconfirmedDays     int    // how long sign-ups stay that were never confirmed
	Session             bool   // all or part of it lives only as long as a session
}

// Events lists what can start a period or end the storage.
var Events = []string{"accreditation_decision", "case_closed", "dispatch", "last_entry", "mailbox_closed", "unsubscribe"}

// unstated are the words by which the inventory says that a notice is silent.
var unstated = []string{"nicht genannt", "keine Frist genannt"}

// answerHorizon is the longest a case may run under Art. 12(3) GDPR, in days:
// three months are at most 92, and a holiday at the end adds some.
const answerHorizon = 100

// HasPeriod says whether the end of the storage can be reckoned.
func (r Retention) HasPeriod() bool { return r.Days+r.Months+r.Years > 0 }

// Expires returns the last day on which something may still be stored
// that was recorded, or whose event took place, on the given day. False: the
// notice gives no period.
func (r Retention) Expires(from calendar.Date) (calendar.Date, bool) {
	if !r.HasPeriod() || from.IsZero() {
		return calendar.Date{}, false
	}
	if r.EndOfYear {
		year, _, _ := from.Civil()
		from = calendar.Day(year, time.December, 31)
	}
	return from.AddMonths(12*r.Years + r.Months).AddDays(r.Days), true
}

// ShorterThan says whether the period, as far as one is known, is shorter than
// that many days. Months count with their shortest usual length, so that a doubt
// counts as shorter.
func (r Retention) ShorterThan(days int) bool {
	if r.HasPeriod() && !r.EndOfYear && r.Days+30*r.Months+365*r.Years < days {
		return true
	}
	return r.DirectHours > 0 && r.DirectHours < 24*days || r.UnconfirmedDays > 0 && r.UnconfirmedDays < days
}

// ShortLived says whether records of the system can be gone before a case is
// answered, so that it must be asked at once, before identity is settled. What
// is asked too early is only sealed and shredded; what is asked too late is lost.
//
// So it holds for known periods below answerHorizon (also of parts: the hours a
// log is directly searchable, sign-ups never confirmed), for sessions, and where
// an office's decision that is days away ends the storage. It does not hold where
// no period is known, nor for storage that the person or the end of an account
// ends; and never where nothing is attributable: there is nothing to secure.
func (s System) ShortLived() bool {
	if !s.Attributable {
		return false
	}
	decisionEndsIt := s.Retention.Event == "accreditation_decision" && !s.Retention.HasPeriod()
	return s.Retention.Session || decisionEndsIt || s.Retention.ShorterThan(answerHorizon)
}

// silent says whether the text is, or contains, that nothing is said.
func (r Retention) silent() (wholly, partly bool) {
	for _, w := range unstated {
		wholly = wholly || strings.HasPrefix(r.Text, w)
		partly = partly || strings.Contains(r.Text, w)
	}
	return wholly, partly && !wholly
}
