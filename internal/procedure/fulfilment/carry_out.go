package fulfilment

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/ledger"
	"einsicht/internal/procedure"
)

// CarryOut gives the measures of fixed plans to jobs and to units. It may run twice.
func (s *Fulfilment) CarryOut(ctx context.Context, authority, caseID uuid.UUID, now time.Time) error {
	return s.Units.InTx(ctx, authority, func(ctx context.Context) error {
		c, err := s.Cases.Lock(ctx, caseID)
		if err != nil {
			return err
		}
		running, err := s.running(ctx, c)
		if err != nil || len(running) == 0 {
			return err
		}
		measures, err := s.Measures(ctx, c)
		if err != nil {
			return err
		}
		measures = slices.DeleteFunc(measures, func(m procedure.Measure) bool { return running[m.Plan].ID == uuid.Nil })
		inquiries, err := s.Findings.Inquiries(ctx, caseID)
		if err != nil {
			return err
		}
		for _, q := range inquiries {
			if in(measures, q.System, casefile.Planned, casefile.Acting) {
				if err := s.Queue.Enqueue(ctx, authority, q.ID, casefile.JobChange); err != nil {
					return err
				}
			}
		}
		if err := s.tasks(ctx, c, measures, now); err != nil {
			return err
		}
		return s.settle(ctx, &c, now)
	})
}

// tasks opens one for each system that people have to change.
func (s *Fulfilment) tasks(ctx context.Context, c casefile.Case, measures []procedure.Measure, now time.Time) error {
	var tasks []casefile.Task
	for _, m := range measures {
		if m.State == casefile.ForUnit && !slices.ContainsFunc(tasks, func(t casefile.Task) bool { return t.System == m.System }) {
			tasks = append(tasks, casefile.Task{ID: uuid.New(), Case: c.ID, Kind: casefile.TaskChange, System: m.System, CreatedAt: now, DueOn: c.Warn})
		}
	}
	return s.Findings.PutTasks(ctx, tasks)
}

// settle ends each plan of which every measure has ended; the case moves on with that
// of its decision.
func (s *Fulfilment) settle(ctx context.Context, c *casefile.Case, now time.Time) error {
	running, err := s.running(ctx, *c)
	if err != nil {
		return err
	}
	rows, err := s.Plans.Measures(ctx, c.ID)
	if err != nil {
		return err
	}
	for _, m := range rows {
		if !m.State.Ended() {
			delete(running, m.Plan)
		}
	}
	for _, plan := range running {
		if plan.Kind == casefile.PlanDecision {
			continue
		}
		if err := s.endBeside(ctx, c, plan, now); err != nil {
			return err
		}
	}
	for _, plan := range running {
		if plan.Kind == casefile.PlanDecision {
			return s.fulfil(ctx, c, now)
		}
	}
	return nil
}

// fulfil ends the plan of the decision, and lets the answer go out.
func (s *Fulfilment) fulfil(ctx context.Context, c *casefile.Case, now time.Time) error {
	m, err := s.Matter(ctx, *c, now)
	if err != nil {
		return err
	}
	m.Plan.EndedAt = now
	if err := s.Plans.PutPlan(ctx, m.Plan); err != nil {
		return err
	}
	if err := s.recipients(ctx, m, m.Plan, m.Measures, now); err != nil {
		return err
	}
	for i, r := range m.Rights {
		m.Rights[i].Outcome = m.Carried(r)
	}
	if err := s.Redate(ctx, c, m.Rights); err != nil {
		return err
	}
	return s.Move(ctx, c, casefile.Fulfil, s.program(*c), casefile.HappeningText{}, now)
}

// endBeside ends a plan beside the decision. The person is told that data are
// restricted, or no longer; what the decision changes is held against records as they
// are by now.
func (s *Fulfilment) endBeside(ctx context.Context, c *casefile.Case, plan casefile.Plan, now time.Time) error {
	plan.EndedAt = now
	if err := s.Plans.PutPlan(ctx, plan); err != nil {
		return err
	}
	m, err := s.Matter(ctx, *c, now)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(m.Beside, func(b procedure.Beside) bool { return b.ID == plan.ID })
	measures := m.Beside[i].Measures
	if err := s.Ledger.Record(ctx, ledger.PlanEnded, c.ID, s.program(*c), map[string]string{"plan": plan.ID.String(), "kind": string(plan.Kind)}, now); err != nil {
		return err
	}
	if slices.ContainsFunc(measures, func(m procedure.Measure) bool { return m.State == casefile.Done && !m.Text.Secret }) {
		kind := casefile.NoteRestricted
		if plan.Kind == casefile.PlanLifting {
			kind = casefile.NoteLifted
		}
		if err := s.Note(ctx, *c, kind, calendar.Date{}, s.program(*c), casefile.HappeningText{Ref: plan.ID}, now); err != nil {
			return err
		}
		if err := s.Queue.Enqueue(ctx, c.Authority, c.ID, casefile.JobNews); err != nil {
			return err
		}
	}
	if plan.Kind == casefile.PlanLifting {
		return s.liftedTask(ctx, m, now)
	}
	if err := s.recipients(ctx, m, plan, measures, now); err != nil {
		return err
	}
	return s.renew(ctx, m, measures, now)
}

// renew lets measures of a decision that is not fixed yet be tried anew on the records
// that were restricted meanwhile.
func (s *Fulfilment) renew(ctx context.Context, m procedure.Matter, restricted []procedure.Measure, now time.Time) error {
	if m.Plan.ID == uuid.Nil || m.Plan.Fixed() {
		return nil
	}
	var anew []procedure.Measure
	for _, measure := range m.Measures {
		if measure.State == casefile.Stays || measure.Text.Reason == reasonStatement || measure.Text.Reason == reasonAmbiguous || !slices.ContainsFunc(restricted, measure.SameRecord) {
			continue
		}
		if measure.Text.Reference != "" {
			measure.State, measure.Text.Reason = casefile.Rehearsing, ""
		}
		asRestricted(m, &measure, measure.DoneAt)
		anew = append(anew, measure)
	}
	return s.add(ctx, m, anew, now)
}

// asRestricted takes a record as its restriction left it: that is what a decision now
// changes. Where a restriction is all that the decision wants, it is done already.
// found is when the record was read for the decision.
func asRestricted(m procedure.Matter, measure *procedure.Measure, found time.Time) {
	for _, r := range procedure.InForce(everyMeasure(m)) {
		if !r.SameRecord(*measure) || r.Plan == measure.Plan || found.After(r.DoneAt) {
			continue
		}
		if measure.Do == r.Do && !measure.Lift {
			state, ids, text := measure.Measure, measure.Text, r.Text
			state.State, state.ActedAt, state.DoneAt, state.DoneBy = casefile.Done, r.ActedAt, r.DoneAt, r.DoneBy
			text.Secret = ids.Secret
			measure.Measure, measure.Text = state, text
			return
		}
		if len(r.Text.Left) > 0 {
			measure.Text.Seen, measure.Text.Before = r.Text.Left, r.Text.After
		}
	}
}

func in(measures []procedure.Measure, system string, states ...casefile.MeasureState) bool {
	return slices.ContainsFunc(measures, func(m procedure.Measure) bool { return m.System == system && slices.Contains(states, m.State) })
}
