package procedure

import (
	"context"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/problem"
)

// Locked asks whether the actor may, and runs f on the case in one transaction
// under the case's lock. What two sessions do at once is done one after the
// other.
func (h *House) Locked(ctx context.Context, actor casefile.Actor, action casefile.Action, caseID uuid.UUID, f func(context.Context, *casefile.Case) error) error {
	if err := h.may(actor, action, caseID); err != nil {
		return err
	}
	return h.Units.InTx(ctx, actor.Authority, func(ctx context.Context) error {
		c, err := h.Cases.Lock(ctx, caseID)
		if err != nil {
			return err
		}
		return f(ctx, &c)
	})
}

// Recorded asks whether the actor may, and runs f on the case in one transaction
// that may write to the ledger, without keeping others from the case.
func (h *House) Recorded(ctx context.Context, actor casefile.Actor, action casefile.Action, caseID uuid.UUID, f func(context.Context, casefile.Case) error) error {
	if err := h.may(actor, action, caseID); err != nil {
		return err
	}
	return h.Units.InTx(ctx, actor.Authority, func(ctx context.Context) error {
		c, err := h.Cases.Case(ctx, caseID)
		if err != nil {
			return err
		}
		return f(ctx, c)
	})
}

// Viewed asks whether the actor may, and runs f on the case in one reading.
func (h *House) Viewed(ctx context.Context, actor casefile.Actor, action casefile.Action, caseID uuid.UUID, f func(context.Context, casefile.Case) error) error {
	if err := h.may(actor, action, caseID); err != nil {
		return err
	}
	return h.Units.View(ctx, actor.Authority, func(ctx context.Context) error {
		c, err := h.Cases.Case(ctx, caseID)
		if err != nil {
			return err
		}
		return f(ctx, c)
	})
}

// may refuses also the applicant of another case.
func (h *House) may(actor casefile.Actor, action casefile.Action, caseID uuid.UUID) error {
	if actor.Role == casefile.Applicant && actor.ID != caseID {
		return problem.New(problem.Forbidden, "case.not_yours")
	}
	return h.Permission.May(actor, action, actor.Authority)
}
