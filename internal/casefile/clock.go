package casefile

import (
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/deadline"
)

// ClockEvents picks from a case's history what moves its deadline.
func ClockEvents(history []Happening) []deadline.Event {
	var events []deadline.Event
	for _, h := range history {
		switch kind := deadline.Kind(h.Kind); kind {
		case deadline.Suspend, deadline.Resume, deadline.Extend:
			events = append(events, deadline.Event{Kind: kind, On: h.On})
		}
	}
	return events
}

// Reckon counts the deadline of the case anew and sets its dates. What it
// returns explains them step by step.
func (c *Case) Reckon(land calendar.Land, history []Happening) (deadline.Reckoning, error) {
	r, err := deadline.Of(c.Received, land, ClockEvents(history))
	if err != nil {
		return r, err
	}
	c.Due, c.Warn, c.RestsSince = dateOrNone(r.Due), dateOrNone(r.Warn), dateOrNone(r.RestsSince)
	c.Sort = r.Sort
	return r, nil
}

// DueOf is the due date of one right: a refusal knows no extension, Art. 12(4)
// GDPR; the others share the case's.
func DueOf(right Right, r deadline.Reckoning) calendar.Date {
	if right.Outcome == Refused && right.Right != law.ConsentWithdrawal {
		return dateOrNone(r.RefusalDue)
	}
	return dateOrNone(r.Due)
}

// DateBy sets the due date of each right and lets the case show the earliest.
func (c *Case) DateBy(rights []Right, r deadline.Reckoning) {
	for i := range rights {
		rights[i].Due = DueOf(rights[i], r)
		due := rights[i].Due
		if due.IsZero() || c.Due.IsZero() || !due.Before(c.Due) {
			continue
		}
		c.Due = due
		if due.Before(c.Warn) {
			c.Warn, c.Sort = due, due
		}
	}
}

func dateOrNone(d *calendar.Date) calendar.Date {
	if d == nil {
		return calendar.Date{}
	}
	return *d
}
