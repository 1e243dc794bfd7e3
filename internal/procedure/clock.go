package procedure

import (
	"context"
	"time"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/deadline"
	"einsicht/internal/law/silence"
	"einsicht/internal/ledger"
	"einsicht/internal/problem"
)

// MoveClock adds an event of the clock to a case and counts its deadline anew,
// for the case and for each right.
func (h *House) MoveClock(ctx context.Context, c *casefile.Case, land calendar.Land, event deadline.Event, kind ledger.Kind, actor casefile.Actor, said casefile.HappeningText, now time.Time) error {
	history, err := h.Cases.History(ctx, c.ID)
	if err != nil {
		return err
	}
	history = append(history, casefile.Happening{Kind: string(event.Kind), On: event.On})
	reckoning, err := c.Reckon(land, history)
	if err != nil {
		return problem.New(problem.Conflict, "case.clock."+string(event.Kind)).Because(err)
	}
	if err := h.Note(ctx, *c, string(event.Kind), event.On, actor, said, now); err != nil {
		return err
	}
	rights, err := h.Cases.Rights(ctx, c.ID)
	if err != nil {
		return err
	}
	if err := h.date(ctx, c, rights[c.ID], reckoning); err != nil {
		return err
	}
	return h.Ledger.Record(ctx, kind, c.ID, actor, map[string]string{"on": event.On.String()}, now)
}

// Redate counts the deadline of a case anew after a decision on its rights, and
// writes them with it.
func (h *House) Redate(ctx context.Context, c *casefile.Case, rights []casefile.Right) error {
	inv, err := h.Inventories.Version(ctx, c.Inventory)
	if err != nil {
		return err
	}
	history, err := h.Cases.History(ctx, c.ID)
	if err != nil {
		return err
	}
	reckoning, err := c.Reckon(inv.Authority.Land, history)
	if err != nil {
		return err
	}
	return h.date(ctx, c, rights, reckoning)
}

func (h *House) date(ctx context.Context, c *casefile.Case, rights []casefile.Right, reckoning deadline.Reckoning) error {
	c.DateBy(rights, reckoning)
	if err := h.Cases.Save(ctx, *c); err != nil {
		return err
	}
	return h.Cases.PutRights(ctx, c.ID, rights)
}

// Question is what the applicant was asked and has not answered: the only thing
// for which the clock may rest.
type Question struct {
	About    silence.Asked
	On       calendar.Date // the day on which the person was asked
	Reminded calendar.Date // none: not yet
	Asked    casefile.Happening
}

// Unanswered finds in a case's history the question that waits for an answer.
func Unanswered(history []casefile.Happening) (q Question, open bool) {
	for _, h := range history {
		switch h.Kind {
		case casefile.NoteAskedIdentity:
			q, open = Question{About: silence.Identity, On: dayOf(h), Asked: h}, true
		case casefile.NoteAskedClear:
			q, open = Question{About: silence.Clarification, On: dayOf(h), Asked: h}, true
		case casefile.NoteReminded:
			q.Reminded = dayOf(h)
		case string(deadline.Resume):
			q, open = Question{}, false
		}
	}
	return q, open
}

// Wait says how long the case waits for the answer.
func (q Question) Wait(land calendar.Land) silence.Wait {
	return silence.Of(q.About, q.On, q.Reminded, land)
}

// MayEnd refuses to end a case for want of identity before the person was asked
// who they are, was reminded, and had time for both (Art. 11(2), 12(2) GDPR).
func (h *House) MayEnd(ctx context.Context, c casefile.Case, now time.Time) error {
	inv, err := h.Inventories.Version(ctx, c.Inventory)
	if err != nil {
		return err
	}
	history, err := h.Cases.History(ctx, c.ID)
	if err != nil {
		return err
	}
	q, open := Unanswered(history)
	if !open || q.About != silence.Identity {
		return problem.New(problem.Conflict, "correspondence.end.ask_first")
	}
	if from := q.Wait(inv.Authority.Land).GoOnFrom; from.IsZero() || calendar.DateOf(now).Before(from) {
		return problem.New(problem.Conflict, "correspondence.end.wait")
	}
	return nil
}

// dayOf is the day an entry has effect on; older entries of questions name none.
func dayOf(h casefile.Happening) calendar.Date {
	if h.On.IsZero() {
		return calendar.DateOf(h.At)
	}
	return h.On
}
