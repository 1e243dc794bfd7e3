package delivery

import (
	"slices"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/disclosure"
	"einsicht/internal/law"
	"einsicht/internal/procedure"
)

// provisional is a restriction until the decision.
type provisional struct {
	disclosure.Provisional
	right law.Right // that was being decided
	told  bool      // with what the decision says of the record
}

// provisionals lists the restrictions until the decision that were carried out. One that
// the decision grants, or that an erasure ended, is told as that.
func provisionals(m procedure.Matter) []provisional {
	var lifts []procedure.Measure
	for _, b := range m.Beside {
		if b.Kind == casefile.PlanLifting {
			lifts = append(lifts, b.Measures...)
		}
	}
	granted := procedure.InForce(m.Measures)
	var all []provisional
	for _, b := range m.Beside {
		if b.Kind != casefile.PlanMeanwhile {
			continue
		}
		for _, r := range b.Measures {
			erased := slices.ContainsFunc(m.Measures, func(o procedure.Measure) bool {
				return o.Do == connector.CanErase && o.State == casefile.Done && o.SameRecord(r)
			})
			if r.State != casefile.Done || erased || slices.ContainsFunc(granted, r.SameRecord) {
				continue
			}
			p := provisional{right: b.Text.Right, Provisional: disclosure.Provisional{Measure: r.Measure, Text: r.Text, Becomes: disclosure.ToBeLifted}}
			if p.right == law.ConsentWithdrawal {
				p.Becomes = disclosure.Remains
			}
			if i := slices.IndexFunc(lifts, func(l procedure.Measure) bool { return l.State == casefile.Done && l.SameRecord(r) }); i >= 0 {
				p.Becomes, p.LiftedAt = disclosure.Lifted, lifts[i].DoneAt
			}
			all = append(all, p)
		}
	}
	return all
}

// holds says whether it is about a record that the decision does not restrict: that one,
// or all of its system.
func (p provisional) holds(measure procedure.Measure) bool {
	return measure.Do == connector.CanRestrict && measure.System == p.System && (p.Text.Reference == "" || p.Text.Reference == measure.Text.Reference)
}

// alone is a restriction of whose record the decision says nothing.
func (p provisional) alone(m procedure.Matter, notGiven map[string]bool) disclosure.Taken {
	measure := procedure.Measure{Measure: p.Measure, Text: p.Text}
	measure.Right = p.right
	if p.Text.Reference != "" { // a record counts once, and as one, also where its finding is gone
		measure.Finding = p.ID
		if i := slices.IndexFunc(m.Findings, func(f procedure.Found) bool { return f.System == p.System && f.Record.Reference == p.Text.Reference }); i >= 0 {
			measure.Finding = m.Findings[i].ID
		}
	} else {
		measure.Finding = uuid.Nil
	}
	t := takenOf(m, measure, notGiven)
	t.Meanwhile = &p.Provisional
	t.Secret = t.Secret || secretSystem(m, p.System) || slices.ContainsFunc(m.Texts[p.right].Limits, func(l casefile.Limit) bool {
		return l.SecretFact && (l.System == "" || l.System == p.System)
	})
	return t
}
