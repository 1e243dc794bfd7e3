package fulfilment

import (
	"context"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/procedure"
)

// run is one job's work on the measures of one system.
type run struct {
	c        casefile.Case
	inquiry  uuid.UUID
	system   string
	query    connector.Query
	measures []procedure.Measure
}

// waiting reads the measures of an inquiry's system that are in one of the states.
func (s *Fulfilment) waiting(ctx context.Context, authority, inquiry uuid.UUID, states ...casefile.MeasureState) (*run, error) {
	r := &run{inquiry: inquiry}
	return r, s.Units.View(ctx, authority, func(ctx context.Context) error {
		q, err := s.Findings.Inquiry(ctx, inquiry)
		if err != nil {
			return err
		}
		r.system = q.System
		if r.c, err = s.Cases.Case(ctx, q.Case); err != nil {
			return err
		}
		if r.query, err = s.Query(ctx, r.c); err != nil {
			return err
		}
		r.measures, err = s.of(ctx, r.c, r.system, states...)
		return err
	})
}

func (s *Fulfilment) of(ctx context.Context, c casefile.Case, system string, states ...casefile.MeasureState) ([]procedure.Measure, error) {
	all, err := s.Measures(ctx, c)
	if err != nil {
		return nil, err
	}
	var some []procedure.Measure
	for _, m := range all {
		for _, state := range states {
			if m.System == system && m.State == state {
				some = append(some, m)
			}
		}
	}
	return some, nil
}

// lock takes the case's lock and says which measures of the run are still in a
// state: a job may run twice, and staff may have said something meanwhile.
func (s *Fulfilment) lock(ctx context.Context, r *run, state casefile.MeasureState) (casefile.Case, map[uuid.UUID]bool, error) {
	c, err := s.Cases.Lock(ctx, r.c.ID)
	if err != nil {
		return c, nil, err
	}
	rows, err := s.Plans.Measures(ctx, c.ID)
	still := map[uuid.UUID]bool{}
	for _, m := range rows {
		still[m.ID] = m.State == state
	}
	return c, still, err
}

// open reaches the system of a run; nil where no machine can, such as when its
// connection was turned off.
func (s *Fulfilment) open(ctx context.Context, r *run) (connector.Connector, error) {
	has, err := s.Sources.Has(ctx, r.c.Authority, r.system)
	if err != nil || !has {
		return nil, err
	}
	return s.Sources.Open(ctx, r.c.Authority, r.system)
}

// stop lets staff be asked what happens with a measure.
func (s *Fulfilment) stop(ctx context.Context, c casefile.Case, m *procedure.Measure, reason string) error {
	m.State, m.Text.Reason = casefile.Asks, reason
	return s.PutMeasures(ctx, c, *m)
}

// running says which plans of a case are being carried out: a second person ordered
// them, and they have not ended.
func (s *Fulfilment) running(ctx context.Context, c casefile.Case) (map[uuid.UUID]casefile.Plan, error) {
	plans, err := s.Plans.PlansBeside(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	if c.State == casefile.Fulfilling {
		plan, err := s.Plans.Plan(ctx, c.ID)
		if err != nil {
			return nil, err
		}
		plans = append(plans, plan)
	}
	on := map[uuid.UUID]casefile.Plan{}
	for _, p := range plans {
		if p.Fixed() && p.EndedAt.IsZero() {
			on[p.ID] = p
		}
	}
	return on, nil
}

func details(m procedure.Measure) map[string]string {
	return map[string]string{"measure": m.ID.String(), "system": m.System, "ability": string(m.Do), "state": string(m.State)}
}
