package desk_test

import (
	"context"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/person"
	"einsicht/internal/procedure"
	"einsicht/internal/procedure/fulfilment"
)

func (p *plans) Besides(_ context.Context, a casefile.Actor, id uuid.UUID, _ time.Time) (fulfilment.Besides, error) {
	b := p.besides
	b.Case, b.Inventory = p.h.o.Case, p.h.o.Inventory
	b.Waits = p.waits
	return b, p.h.exists(a, id)
}

func (p *plans) Restrictions(_ context.Context, a casefile.Actor) ([]fulfilment.Restricted, error) {
	return p.restricted, nil
}

func (p *plans) Meanwhile(_ context.Context, a casefile.Actor, _ uuid.UUID, right law.Right, systems []string, why person.Text, _ time.Time) error {
	switch {
	case len(systems) == 0:
		return procedure.Incomplete("systems", "restriction.error.systems")
	case why.IsBlank():
		return procedure.Incomplete("why", "restriction.error.why")
	}
	return p.do(a, casefile.ActionPlan, "meanwhile "+string(right))
}

func (p *plans) Lift(_ context.Context, a casefile.Actor, _ uuid.UUID, restrictions []uuid.UUID, from calendar.Date, forPerson, _ person.Text, _ time.Time) error {
	switch {
	case len(restrictions) == 0:
		return procedure.Incomplete("restriction", "restriction.error.which")
	case from.IsZero():
		return procedure.Incomplete("from", "restriction.error.from")
	case forPerson.IsBlank():
		return procedure.Incomplete("for_person", "restriction.error.for_person")
	}
	return p.do(a, casefile.ActionPlan, "lift")
}

func (p *plans) OrderBeside(_ context.Context, a casefile.Actor, _, _ uuid.UUID, _ time.Time) error {
	return p.do(a, casefile.ActionRelease, "order beside")
}

func (p *plans) DropBeside(_ context.Context, a casefile.Actor, _, plan uuid.UUID, forPerson person.Text, _ time.Time) error {
	for _, b := range p.besides.Plans {
		if b.ID == plan && b.Letter != uuid.Nil && forPerson.IsBlank() {
			return procedure.Incomplete("for_person", "restriction.error.stays")
		}
	}
	return p.do(a, casefile.ActionPlan, "drop beside")
}

// restrict gives the office's case restrictions in force and plans in every state.
func (h *office) restrict() {
	system := h.o.Inventory.Systems[0].ID
	one := func(state casefile.MeasureState) procedure.Measure {
		m := h.measure(system, state)
		m.Do, m.Right, m.Finding = connector.CanRestrict, law.Objection, uuid.Nil
		return m
	}
	plan := func(kind casefile.PlanKind, fixed, ended bool, states ...casefile.MeasureState) fulfilment.BesidePlan {
		b := fulfilment.BesidePlan{Beside: procedure.Beside{Plan: casefile.Plan{ID: uuid.New(), Kind: kind, MadeAt: received, MadeBy: h.staff[casefile.Clerk].ID}}}
		b.Text = casefile.PlanText{Right: law.Objection, ForFile: text("auf Verlangen")}
		if kind == casefile.PlanLifting {
			b.Text.From, b.Text.ForPerson, b.Plan.Letter = calendar.Day(2026, 12, 20), text("abgelehnt"), uuid.New()
		}
		if fixed {
			b.FixedAt, b.FixedBy, b.Hash = received.Add(time.Hour), h.staff[casefile.Approver].ID, []byte("hash")
		}
		if ended {
			b.EndedAt = received.Add(2 * time.Hour)
		}
		for _, s := range states {
			b.Measures = append(b.Measures, one(s))
		}
		return b
	}
	held, byHand := one(casefile.Done), one(casefile.Done)
	byHand.Text.Reference, byHand.Text.Proof = "", casefile.Proof{ReadAt: received, Statement: text("gesperrt")}
	waits := plan(casefile.PlanLifting, false, false, casefile.Planned, casefile.Rehearsing)
	waits.Blocked = []casefile.Reason{{Key: "restriction.guard.told"}, {Key: "restriction.guard.from", Args: []string{"date", "20.12.2026"}}, {Key: "restriction.guard.second_person"}}
	h.o.Rights[0].Right = casefile.Right{Right: law.Objection}
	h.plans.besides = fulfilment.Besides{
		Rights:  []casefile.Right{{Right: law.Objection}, {Right: law.Rectification}, {Right: law.ConsentWithdrawal}},
		Request: casefile.Request{Meanwhile: map[law.Right]bool{law.Objection: true, law.Rectification: true}},
		InForce: []procedure.Measure{held, byHand}, Due: map[uuid.UUID]bool{held.ID: true}, Lifting: map[uuid.UUID]bool{byHand.ID: true},
		Plans: []fulfilment.BesidePlan{plan(casefile.PlanMeanwhile, true, true, casefile.Done, casefile.Stays), plan(casefile.PlanMeanwhile, true, false, casefile.Asks, casefile.ForUnit),
			plan(casefile.PlanMeanwhile, false, false, casefile.Planned), waits},
		Systems: map[string]int{system: 2, h.o.Inventory.Systems[1].ID: 0, h.o.Inventory.Systems[2].ID: 1},
	}
	h.plans.restricted = []fulfilment.Restricted{{Case: h.o.Case, Systems: []string{system}, Records: 2, Since: received, LiftsDue: true}, {Case: h.o.Case, Systems: []string{system}, Records: 1, Since: received, Lifting: true}, {Case: h.o.Case, Systems: []string{system}, Records: 1, Since: received}}
}
