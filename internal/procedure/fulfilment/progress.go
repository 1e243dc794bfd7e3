package fulfilment

import (
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/inventory"
	"einsicht/internal/problem"
)

// Standing is how far a plan is, without what it says about records.
type Standing struct {
	State     casefile.State
	Plan      casefile.Plan // none: zero
	Measures  []casefile.Measure
	Inventory inventory.Inventory
	// Waits are, by system, the attempts in vain for which measures of the plan wait.
	Waits map[string]map[casefile.Job]casefile.Tries
}

// Progress reads how far the plan of a case is. It opens no measure and is no
// viewing.
func (s *Fulfilment) Progress(ctx context.Context, actor casefile.Actor, caseID uuid.UUID) (Standing, error) {
	var at Standing
	err := s.Viewed(ctx, actor, casefile.ActionOpenCase, caseID, func(ctx context.Context, c casefile.Case) error {
		at.State = c.State
		var err error
		if at.Inventory, err = s.Inventories.Version(ctx, c.Inventory); err != nil {
			return err
		}
		if at.Plan, err = s.Plans.Plan(ctx, caseID); errors.Is(err, problem.NotFound) {
			return nil
		} else if err != nil {
			return err
		}
		at.Measures, err = s.Plans.Measures(ctx, caseID)
		at.Measures = slices.DeleteFunc(at.Measures, func(m casefile.Measure) bool { return m.Plan != at.Plan.ID })
		if err != nil {
			return err
		}
		at.Waits, err = s.waits(ctx, c, at.Measures)
		return err
	})
	return at, err
}
