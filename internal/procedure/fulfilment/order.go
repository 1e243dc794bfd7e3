package fulfilment

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/ledger"
	"einsicht/internal/person"
	"einsicht/internal/procedure"
)

// Order is the second person's word that the plan be carried out and the answer
// released after it. From here on the plan is fixed: its hash is in the ledger.
func (s *Fulfilment) Order(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, now time.Time) error {
	return s.Locked(ctx, actor, casefile.ActionRelease, caseID, func(ctx context.Context, c *casefile.Case) error {
		if err := s.Move(ctx, c, casefile.Order, actor, casefile.HappeningText{}, now); err != nil {
			return err
		}
		plan, err := s.Plans.Plan(ctx, caseID)
		if err != nil {
			return err
		}
		measures, err := s.Measures(ctx, *c)
		if err != nil {
			return err
		}
		return s.fix(ctx, *c, plan, procedure.OfPlan(measures, plan.ID), actor, now)
	})
}

// fix keeps what a plan says from changing, with its hash.
func (s *Fulfilment) fix(ctx context.Context, c casefile.Case, plan casefile.Plan, measures []procedure.Measure, actor casefile.Actor, now time.Time) error {
	plan.FixedAt, plan.FixedBy = now, actor.ID
	text, err := textOf(measures)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	plan.Hash = sum[:]
	if plan.Sealed, err = s.Keys.Seal(ctx, procedure.SlotOf(c, "plan", "sealed", plan.ID), text); err != nil {
		return err
	}
	if err := s.Plans.PutPlan(ctx, plan); err != nil {
		return err
	}
	details := map[string]string{"plan": plan.ID.String(), "kind": string(plan.Kind), "sha256": hex.EncodeToString(plan.Hash)}
	return s.Ledger.Record(ctx, ledger.PlanFixed, c.ID, actor, details, now)
}

// fixed is what of a measure its plan's hash covers: all that says what is touched
// and how.
type fixed struct {
	ID, Finding       uuid.UUID
	System, Reference string
	Right             law.Right
	Do                connector.Ability
	Lift              bool
	Stays, ByUnit     bool
	Seen, Left        []byte
	Values            map[string]person.Text
	Ground            string
	Until             calendar.Date
}

// textOf is what a plan's hash is made of, in the order of the store.
func textOf(measures []procedure.Measure) ([]byte, error) {
	all := make([]fixed, len(measures))
	for i, m := range measures {
		all[i] = fixed{ID: m.ID, Finding: m.Finding, System: m.System, Reference: m.Text.Reference, Right: m.Right, Do: m.Do, Lift: m.Lift,
			Stays: m.State == casefile.Stays, ByUnit: m.State == casefile.ForUnit,
			Seen: m.Text.Seen, Left: m.Text.Left, Values: m.Text.Values, Ground: m.Text.Ground, Until: m.Text.Until}
	}
	return person.Encode(all)
}
