// Package notification says from which day on a decision counts as made known to
// the person (Bekanntgabe), by the way it went to them, and how long a letter can
// wait before it must be posted.
//
// With that day the month for going to court begins (§ 74 VwGO). The rules are
// data with the days on which they are law; a decision keeps which one was used.
// A rule is a fiction about something that arrived: a letter that arrived later,
// or never, counts when it arrived, or never.
//
// Sources: § 41(2), (2a) VwVfG NRW; the same of the VwVfG, which is law in Lower
// Saxony; § 9(1) OZG.
package notification

import (
	"slices"
	"strconv"

	"einsicht/internal/law/calendar"
	"einsicht/internal/wording"
)

// ID names a way to the person, as decisions keep it.
type ID string

// The ways.
const (
	Post       ID = "post"
	Electronic ID = "electronic"  // sent, such as an encrypted e-mail
	Portal     ID = "portal"      // fetched here, with consent
	OZGMailbox ID = "ozg-mailbox" // the mailbox of a federal user account
)

// Start is what the count begins with. That day itself does not count.
type Start string

// The starts.
const (
	Posted   Start = "posted"
	Sent     Start = "sent"
	Fetched  Start = "fetched" // the person acts, not the authority
	Provided Start = "provided"
)

// Rule is one rule in the time it is law.
type Rule struct {
	ID       ID
	Start    Start
	Days     int  // after the start
	Open     int  // days after the notice of provision in which it can be fetched; 0: no end
	Consent  bool // only with the person's consent
	Domestic bool // letters that stay in Germany; none abroad counts as arrived
	Unused   bool // kept for reference; the program does not use that way
	From, To calendar.Date
	Bases    map[calendar.Land]Basis
}

// Basis is where a Land has the rule.
type Basis struct {
	Citation   string
	Source     string
	Verified   bool
	Unverified string // what nobody has read
}

// Rules lists the rules that are law on a day, unused ones included.
func Rules(day calendar.Date) []Rule {
	return slices.DeleteFunc(slices.Clone(rules), func(r Rule) bool {
		return day.Before(r.From) || !r.To.IsZero() && day.After(r.To)
	})
}

// Find returns the rule of a way on a day: the day on which the count begins.
func Find(id ID, day calendar.Date) (Rule, bool) {
	for _, r := range Rules(day) {
		if r.ID == id {
			return r, true
		}
	}
	return Rule{}, false
}

// Effective returns the day from which the decision counts as made known. It is
// not moved off a Saturday, a Sunday or a holiday (docs/law.md says what follows
// from that); whoever knows of a later arrival keeps that day instead.
func (r Rule) Effective(start calendar.Date) calendar.Date { return start.AddDays(r.Days) }

// ProvisionEnds returns the last day on which something provided can be fetched,
// counted from the day the notice of it was sent; no date if it has no end. The
// whole day is open.
func (r Rule) ProvisionEnds(notified calendar.Date) calendar.Date {
	if r.Open == 0 {
		return calendar.Date{}
	}
	return notified.AddDays(r.Open)
}

// LatestPosting returns the last working day on which posting (or sending, or
// providing) still makes the letter count as received by due. No date if the rule
// waits for the person to fetch it.
//
// It holds for those too who move the day of receipt off a free day.
func (r Rule) LatestPosting(due calendar.Date, land calendar.Land) calendar.Date {
	if r.Start == Fetched || due.IsZero() {
		return calendar.Date{}
	}
	on := due.AddDays(-r.Days)
	for calendar.Free(land, on) || calendar.NextWorkingDay(land, r.Effective(on)).After(due) {
		on = on.AddDays(-1)
	}
	return on
}

// Text says what the rule says.
func (r Rule) Text(l wording.Lang) string {
	return wording.Text(l, "notification.rule."+string(r.ID), "day", wording.Text(l, "notification.day."+strconv.Itoa(r.Days)), "open", strconv.Itoa(r.Open))
}
