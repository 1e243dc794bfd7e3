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
