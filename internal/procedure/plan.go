package procedure

import (
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/disclosure"
	"einsicht/internal/law"
	"einsicht/internal/problem"
)

// Measure is a measure of a plan, opened.
type Measure struct {
	casefile.Measure
	Text casefile.MeasureText
}

// Wanted is what a decision changes: a record, or a system that holds something
// although no record of it was found. With a limit it stays as it is.
type Wanted struct {
	Right   law.Right
	Do      connector.Ability
	System  string
	Finding uuid.UUID // none: all that the system holds about the person
	Limit   *casefile.Limit
	Secret  bool // nobody may learn that the record exists
}

// abilityFor says what is done to a record to grant a right.
var abilityFor = map[law.Right]connector.Ability{
	law.Erasure: connector.CanErase, law.ConsentWithdrawal: connector.CanErase,
	law.Restriction: connector.CanRestrict, law.Objection: connector.CanRestrict,
	law.Rectification: connector.CanRectify,
}

// Wanted lists what the rights that are granted change in systems. What is right
// instead of what is wrong nobody can derive: of a rectification it lists only
// systems that people correct. Who has a record erased needs it no longer restricted.
func (m Matter) Wanted() []Wanted {
	var all []Wanted
	m = m.counted()
	verified := casefile.Verified(m.Identifiers)
	for _, right := range []law.Right{law.Erasure, law.ConsentWithdrawal, law.Restriction, law.Objection, law.Rectification} {
		if !m.grants(right) {
			continue
		}
		for i := range m.Findings {
			f := &m.Findings[i]
			if right == law.Rectification || f.Decision.Verdict == disclosure.NotThisPerson || !disclosure.MayGive(f.Record.Led, verified) {
				continue
			}
			all = m.withWanted(all, Wanted{Right: right, System: f.System, Finding: f.ID, Secret: f.Decision.SecretFact})
		}
		for _, s := range m.Inventory.Systems {
			if m.unseen(right, s.ID) {
				all = m.withWanted(all, Wanted{Right: right, System: s.ID})
			}
		}
	}
	return all
}

// unseen says whether a system may hold records that nobody found: the request is
// about it, or it failed and the answer goes out nevertheless.
func (m Matter) unseen(right law.Right, system string) bool {
	if m.Case.GapsAccepted && m.inquiry(system).State == casefile.Failed {
		return true
	}
	return m.kept(system).mine == 0 && slices.ContainsFunc(m.Texts[right].Exam.Known, func(k casefile.Known) bool { return k.System == system && k.Concerned })
}

func (m Matter) withWanted(all []Wanted, w Wanted) []Wanted {
	w.Do, w.Limit = abilityFor[w.Right], m.limit(w.Right, w.System)
	w.Secret = w.Secret || w.Limit != nil && w.Limit.SecretFact || m.secretSystem(w.Right, w.System)
	for _, o := range all {
		if o.System == w.System && o.Finding == w.Finding && o.Limit == nil && (o.Do == w.Do || o.Do == connector.CanErase) {
			return all
		}
	}
	return append(all, w)
}

func (m Matter) grants(right law.Right) bool {
	return slices.ContainsFunc(m.Rights, func(r casefile.Right) bool {
		return r.Right == right && (r.Outcome == casefile.Granted || r.Outcome == casefile.PartlyGranted)
	})
}

// limit is the ground under which all that a system holds stays as it is.
func (m Matter) limit(right law.Right, system string) *casefile.Limit {
	limits := m.Texts[right].Limits
	i := slices.IndexFunc(limits, func(l casefile.Limit) bool { return l.Whole && (l.System == system || l.System == "") })
	if i < 0 {
		return nil
	}
	return &limits[i]
}

// Covers says whether a measure is what is wanted, as far as the ground goes.
func (w Wanted) Covers(m Measure) bool {
	if m.Right != w.Right || m.Do != w.Do || m.System != w.System || m.Finding != w.Finding || m.Text.Secret != w.Secret {
		return false
	}
	if w.Limit == nil {
		return m.Text.Ground == ""
	}
	return m.State == casefile.Stays && m.Text.Ground == w.Limit.Ground
}

// Stale lists the measures that nothing asks for any more, such as after another
// decision. Rectifications are staff's own words.
func (m Matter) Stale() []Measure {
	wanted := m.Wanted()
	var stale []Measure
	for _, measure := range m.Measures {
		asked := slices.ContainsFunc(wanted, func(w Wanted) bool { return w.Covers(measure) })
		if measure.Do == connector.CanRectify && measure.Finding != uuid.Nil {
			asked = m.grants(law.Rectification)
		}
		if !asked {
			stale = append(stale, measure)
		}
	}
	return stale
}

// Unplanned lists what is wanted and no measure covers.
func (m Matter) Unplanned() []Wanted {
	return slices.DeleteFunc(m.Wanted(), func(w Wanted) bool { return slices.ContainsFunc(m.Measures, w.Covers) })
}

func (m Matter) planFacts() casefile.PlanFacts {
	facts := casefile.PlanFacts{}
	corrected := false
	for _, measure := range m.Measures {
		corrected = corrected || measure.Do == connector.CanRectify
		switch measure.State {
		case casefile.Rehearsing, casefile.Asks:
			facts.Waits++
		case casefile.Planned, casefile.Acting, casefile.ForUnit:
			facts.ToDo++
		}
	}
	if m.Plan.Fixed() { // what was fixed is what counts
		return facts
	}
	for _, b := range m.Beside {
		if b.Kind == casefile.PlanMeanwhile && b.EndedAt.IsZero() {
			facts.Meanwhile++
		}
	}
	facts.Missing = len(m.Unplanned()) + len(m.Stale())
	if m.grants(law.Rectification) && !corrected {
		facts.Missing++
	}
	return facts
}

// Carried is the outcome of a right after its plan was carried out: where staff, or a
// unit, left something as it is, the right is granted in part, or not at all.
func (m Matter) Carried(r casefile.Right) casefile.Outcome {
	if !m.grants(r.Right) {
		return r.Outcome
	}
	done, left := 0, 0
	for _, measure := range m.Measures {
		switch {
		case measure.Right != r.Right || measure.Text.Secret:
		case measure.State == casefile.Done:
			done++
		case measure.State == casefile.Stays && measure.Text.Ground == "":
			left++
		}
	}
	switch {
	case left == 0:
		return r.Outcome
	case done == 0:
		return casefile.Refused
	}
	return casefile.PartlyGranted
}

// readPlan reads the plan of the decision, and those beside it.
func (h *House) readPlan(ctx context.Context, m *Matter) error {
	all, err := h.Measures(ctx, m.Case)
	if err != nil {
		return err
	}
	if m.Plan, err = h.Plans.Plan(ctx, m.Case.ID); err != nil && !errors.Is(err, problem.NotFound) {
		return err
	}
	m.Measures = OfPlan(all, m.Plan.ID)
	m.Beside, err = h.beside(ctx, m.Case, all)
	return err
}

// Planned reads a case no further than its plans.
func (h *House) Planned(ctx context.Context, c casefile.Case) (Matter, error) {
	m := Matter{Case: c}
	return m, h.readPlan(ctx, &m)
}

// OfPlan picks the measures of one plan.
func OfPlan(all []Measure, plan uuid.UUID) []Measure {
	var some []Measure
	for _, m := range all {
		if m.Plan == plan {
			some = append(some, m)
		}
	}
	return some
}

// Measures reads and opens those of all plans of a case.
func (h *House) Measures(ctx context.Context, c casefile.Case) ([]Measure, error) {
	rows, err := h.Plans.Measures(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	measures := make([]Measure, len(rows))
	for i, row := range rows {
		measures[i].Measure = row
		if err := h.Open(ctx, SlotOf(c, "measure", "sealed", row.ID), row.Sealed, &measures[i].Text); err != nil {
			return nil, err
		}
	}
	return measures, nil
}

// PutMeasures seals and keeps measures.
func (h *House) PutMeasures(ctx context.Context, c casefile.Case, measures ...Measure) error {
	rows := make([]casefile.Measure, len(measures))
	for i, m := range measures {
		rows[i] = m.Measure
		var err error
		if rows[i].Sealed, err = h.Seal(ctx, SlotOf(c, "measure", "sealed", m.ID), m.Text); err != nil {
			return err
		}
	}
	return h.Plans.PutMeasures(ctx, rows)
}
