package fulfilment

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/procedure"
)

// CarryOut gives the measures of a fixed plan to jobs and to units. It may run twice.
func (s *Fulfilment) CarryOut(ctx context.Context, authority, caseID uuid.UUID, now time.Time) error {
	return s.Units.InTx(ctx, authority, func(ctx context.Context) error {
		c, err := s.Cases.Lock(ctx, caseID)
		if err != nil || c.State != casefile.Fulfilling {
			return err
		}
		measures, err := s.Measures(ctx, c)
		if err != nil {
			return err
		}
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

// settle moves the case on once every measure has ended.
func (s *Fulfilment) settle(ctx context.Context, c *casefile.Case, now time.Time) error {
	if c.State != casefile.Fulfilling {
		return nil
	}
	rows, err := s.Plans.Measures(ctx, c.ID)
	if err != nil || slices.ContainsFunc(rows, func(m casefile.Measure) bool { return !m.State.Ended() }) {
		return err
	}
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

func in(measures []procedure.Measure, system string, states ...casefile.MeasureState) bool {
	return slices.ContainsFunc(measures, func(m procedure.Measure) bool { return m.System == system && slices.Contains(states, m.State) })
}
