package fulfilment

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/ledger"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
)

// Confirm takes the word of a unit about a system that people change: what they did
// and how they made sure. A unit that could not do it says why; the record then stays,
// and the person is told.
func (s *Fulfilment) Confirm(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, system string, done bool, statement person.Text, now time.Time) error {
	if statement.IsBlank() {
		return procedure.Incomplete("statement", "fulfilment.error.statement")
	}
	return s.Locked(ctx, actor, casefile.ActionAnswerTask, caseID, func(ctx context.Context, c *casefile.Case) error {
		measures, err := s.of(ctx, *c, system, casefile.ForUnit)
		if err != nil {
			return err
		}
		running, err := s.running(ctx, *c)
		if err != nil {
			return err
		}
		measures = slices.DeleteFunc(measures, func(m procedure.Measure) bool { return running[m.Plan].ID == uuid.Nil })
		if len(measures) == 0 {
			return problem.New(problem.Conflict, "desk.error.task_done")
		}
		decision := func(m procedure.Measure) bool { return running[m.Plan].Kind == casefile.PlanDecision }
		if !done && slices.ContainsFunc(measures, decision) {
			m, err := s.Matter(ctx, *c, now)
			if err == nil {
				err = s.mayLeave(ctx, m, actor, now)
			}
			if err != nil {
				return err
			}
		}
		inv, err := s.Inventories.Version(ctx, c.Inventory)
		if err != nil {
			return err
		}
		for _, m := range measures {
			m.DoneAt, m.DoneBy = now, actor.ID
			if m.State = casefile.Stays; done {
				m.State, m.Text.Proof = casefile.Done, casefile.Proof{ReadAt: now, Statement: statement}
			} else {
				m.Text.ForPerson = statement
			}
			if err := s.PutMeasures(ctx, *c, m); err != nil {
				return err
			}
			if done && m.Text.Reference != "" {
				if err := s.remember(ctx, *c, inv, m, now); err != nil {
					return err
				}
			}
			kind := map[bool]ledger.Kind{true: ledger.MeasureDone, false: ledger.MeasureDecided}[done]
			if err := s.Ledger.Record(ctx, kind, caseID, actor, details(m), now); err != nil {
				return err
			}
		}
		if err := s.Findings.FinishTask(ctx, caseID, casefile.TaskChange, system, actor.ID, now); err != nil {
			return err
		}
		return s.settle(ctx, c, now)
	})
}
