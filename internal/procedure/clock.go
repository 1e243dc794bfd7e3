package procedure

import (
	"context"
	"time"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/deadline"
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
	if err := h.Cases.Save(ctx, *c); err != nil {
		return err
	}
	if err := h.DateRights(ctx, *c, reckoning); err != nil {
		return err
	}
	return h.Ledger.Record(ctx, kind, c.ID, actor, map[string]string{"on": event.On.String()}, now)
}

// DateRights writes the due date of each right.
func (h *House) DateRights(ctx context.Context, c casefile.Case, reckoning deadline.Reckoning) error {
	rights, err := h.Cases.Rights(ctx, c.ID)
	if err != nil {
		return err
	}
	for i, r := range rights[c.ID] {
		rights[c.ID][i].Due = casefile.DueOf(r, reckoning)
	}
	return h.Cases.PutRights(ctx, c.ID, rights[c.ID])
}
