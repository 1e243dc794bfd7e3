package fulfilment

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/ledger"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
)

// Way is what staff say about a measure that a machine does not, or can't, do.
type Way string

// The ways.
const (
	Again  Way = "again" // try it again: the system is as it should be now
	ToUnit Way = "unit"  // people of the unit do it
	Leave  Way = "leave" // it stays as it is; the person is told why
)

// Ways lists them.
var Ways = []Way{Again, ToUnit, Leave}

// Decide says what happens with measures. After the plan was fixed only those can be
// decided about that stopped, and none becomes more than the plan says. Who leaves a
// record as it is gives the reason, for the person and for the file.
func (s *Fulfilment) Decide(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, measures []uuid.UUID, way Way, forPerson, forFile person.Text, now time.Time) error {
	if !slices.Contains(Ways, way) {
		return procedure.Incomplete("way", "fulfilment.error.way")
	}
	if way == Leave && forPerson.IsBlank() {
		return procedure.Incomplete("for_person", "fulfilment.error.why")
	}
	return s.Locked(ctx, actor, casefile.ActionPlan, caseID, func(ctx context.Context, c *casefile.Case) error {
		m, err := s.Matter(ctx, *c, now)
		if err != nil {
			return err
		}
		for _, id := range measures {
			plan, measure := find(m, id)
			if measure == nil {
				return problem.NotFound
			}
			if way == Leave && plan.Kind == casefile.PlanDecision {
				if err := s.mayLeave(ctx, m, actor, now); err != nil {
					return err
				}
			}
			if !canDecide(*c, plan, *measure, way) {
				return problem.New(problem.Conflict, "fulfilment.error.not_now")
			}
			measure.Text.ForFile = forFile
			switch {
			case way == Leave:
				measure.State, measure.DoneAt, measure.DoneBy, measure.Text.ForPerson = casefile.Stays, now, actor.ID, forPerson
			case way == ToUnit:
				measure.State = casefile.ForUnit
			case !plan.Fixed():
				measure.State, measure.Text.Reason = casefile.Rehearsing, ""
			case measure.ActedAt.IsZero():
				measure.State, measure.Text.Reason = casefile.Planned, ""
			default: // it may have been done before it was torn
				measure.State, measure.Text.Reason = casefile.Acting, ""
			}
			if err := s.PutMeasures(ctx, *c, *measure); err != nil {
				return err
			}
			if err := s.Ledger.Record(ctx, ledger.MeasureDecided, caseID, actor, details(*measure), now); err != nil {
				return err
			}
		}
		if err := s.Note(ctx, *c, casefile.NoteMeasure, calendar.Date{}, actor, casefile.HappeningText{ForFile: forFile}, now); err != nil {
			return err
		}
		return s.goOn(ctx, c, m, now)
	})
}

// find gives a measure of a case with the plan that it belongs to; nil where there is
// none.
func find(m procedure.Matter, id uuid.UUID) (casefile.Plan, *procedure.Measure) {
	for _, b := range plansOf(m) {
		for i := range b.Measures {
			if b.Measures[i].ID == id {
				return b.Plan, &b.Measures[i]
			}
		}
	}
	return casefile.Plan{}, nil
}

// mayLeave refuses to leave anything as it is while nobody has said which court is
// open to the person: to leave it is to refuse (§ 58(1) VwGO).
func (s *Fulfilment) mayLeave(ctx context.Context, m procedure.Matter, actor casefile.Actor, now time.Time) error {
	facts, err := s.FactsOf(ctx, m, actor, now)
	if err != nil {
		return err
	}
	if reasons := casefile.RefusalReasons(facts); len(reasons) > 0 {
		return &casefile.Refusal{Reasons: reasons}
	}
	return nil
}

func canDecide(c casefile.Case, p casefile.Plan, m procedure.Measure, way Way) bool {
	if p.Fixed() {
		return (c.State == casefile.Fulfilling || p.Kind != casefile.PlanDecision) && p.EndedAt.IsZero() && (m.State == casefile.Asks || way == Leave && m.State == casefile.ForUnit)
	}
	deciding := c.State == casefile.Received || c.State == casefile.Review
	if p.Kind != casefile.PlanDecision {
		return way != Again || m.State != casefile.Planned
	}
	byGround := m.State == casefile.Stays && m.Text.Ground != ""
	return deciding && !byGround && (way != Again || m.State != casefile.Planned)
}

// goOn gives what was decided about to jobs and units.
func (s *Fulfilment) goOn(ctx context.Context, c *casefile.Case, m procedure.Matter, now time.Time) error {
	for _, b := range plansOf(m) {
		if b.Fixed() {
			continue
		}
		if err := s.rehearse(ctx, *c, m.Inquiries, b.Measures); err != nil {
			return err
		}
	}
	if err := s.Queue.Enqueue(ctx, c.Authority, c.ID, casefile.JobCarryOut); err != nil {
		return err
	}
	return s.settle(ctx, c, now)
}
