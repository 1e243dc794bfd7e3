package fulfilment

import (
	"context"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/inventory"
	"einsicht/internal/ledger"
	"einsicht/internal/procedure"
)

// Shown is the plan of a case as staff see it.
type Shown struct {
	Case     casefile.Case
	Request  casefile.Request
	Plan     casefile.Plan // none: zero
	Rights   []casefile.Right
	Systems  []System // with measures, in the order of the inventory
	Wanted   int      // records and systems that the decisions change
	Missing  []procedure.Wanted
	Stale    int // measures that nothing asks for any more
	Blocked  map[casefile.Event][]casefile.Reason
	Beside   []procedure.Beside
	Findings []procedure.Found // of which a rectification can be planned
}

// System is one system with its measures.
type System struct {
	inventory.System
	Measures []procedure.Measure
}

// Show reads the plan of a case. That somebody looked is a ledger entry.
func (s *Fulfilment) Show(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, now time.Time) (Shown, error) {
	var shown Shown
	err := s.Recorded(ctx, actor, casefile.ActionOpenCase, caseID, func(ctx context.Context, c casefile.Case) error {
		m, err := s.Matter(ctx, c, now)
		if err != nil {
			return err
		}
		shown = Shown{Case: c, Request: m.Request, Plan: m.Plan, Rights: m.Rights, Wanted: len(m.Wanted()), Missing: m.Unplanned(), Stale: len(m.Stale()),
			Beside: m.Beside, Findings: m.Findings, Blocked: map[casefile.Event][]casefile.Reason{}}
		for _, system := range m.Inventory.Systems {
			of := System{System: system}
			for _, measure := range m.Measures {
				if measure.System == system.ID {
					of.Measures = append(of.Measures, measure)
				}
			}
			if len(of.Measures) > 0 {
				shown.Systems = append(shown.Systems, of)
			}
		}
		facts, err := s.FactsOf(ctx, m, actor, now)
		if err != nil {
			return err
		}
		for _, event := range []casefile.Event{casefile.Propose, casefile.Order} {
			if reasons := casefile.Reasons(c.State, event, facts); len(reasons) > 0 {
				shown.Blocked[event] = reasons
			}
		}
		return s.Ledger.Record(ctx, ledger.Opened, caseID, actor, map[string]string{"plan": m.Plan.ID.String()}, now)
	})
	return shown, err
}
