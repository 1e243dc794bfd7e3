package procedure

import (
	"context"
	"errors"
	"slices"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/problem"
)

// Beside is a plan beside that of the decision, opened: one that restricts data until
// the case is decided, or one that lifts a restriction.
type Beside struct {
	casefile.Plan
	Text     casefile.PlanText
	Measures []Measure
}

func (h *House) beside(ctx context.Context, c casefile.Case, all []Measure) ([]Beside, error) {
	rows, err := h.Plans.PlansBeside(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	plans := make([]Beside, len(rows))
	for i, row := range rows {
		plans[i] = Beside{Plan: row, Measures: OfPlan(all, row.ID)}
		if err := h.Open(ctx, SlotOf(c, "plan", "said", row.ID), row.Said, &plans[i].Text); err != nil {
			return nil, err
		}
	}
	return plans, nil
}

// InForce lists the restrictions of a case that hold: carried out, and neither lifted
// nor ended by erasing the record.
func InForce(all []Measure) []Measure {
	var holding []Measure
	for _, m := range all {
		if m.Do != connector.CanRestrict || m.Lift || m.State != casefile.Done {
			continue
		}
		twice := slices.ContainsFunc(holding, m.SameRecord)
		if !twice && !slices.ContainsFunc(all, func(later Measure) bool { return later.ends(m) }) {
			holding = append(holding, m)
		}
	}
	return holding
}

// Restricts says whether a restriction of a case still holds: the case is not
// forgotten before, since nobody would know of it then, nor tell the person when it
// ends. Of a case whose key is gone nobody can know it any more: its data were restored
// after it had been forgotten.
func (h *House) Restricts(ctx context.Context, c casefile.Case) (bool, error) {
	all, err := h.Measures(ctx, c)
	if errors.Is(err, problem.NotFound) {
		return false, nil
	}
	return len(InForce(all)) > 0, err
}

// ends says whether a measure ended a restriction.
func (m Measure) ends(restriction Measure) bool {
	return m.State == casefile.Done && (m.Lift || m.Do == connector.CanErase) && m.SameRecord(restriction) && !m.DoneAt.Before(restriction.DoneAt)
}

// SameRecord says whether two measures are about the same: one record, or all that a
// system holds about the person.
func (m Measure) SameRecord(o Measure) bool {
	return m.System == o.System && m.Text.Reference == o.Text.Reference
}
