package fulfilment

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/disclosure"
	"einsicht/internal/inventory"
	"einsicht/internal/law"
	"einsicht/internal/law/assess"
	"einsicht/internal/law/calendar"
	"einsicht/internal/ledger"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
)

// Meanwhiles are the rights for which data are restricted before anybody has decided:
// while their accuracy is checked (Art. 18(1)(a) GDPR), while an objection is weighed
// (Art. 18(1)(d)), and at once where consent is withdrawn, so that nothing more is done
// on it (Art. 7(3)).
var Meanwhiles = []law.Right{law.Rectification, law.Objection, law.ConsentWithdrawal}

// Meanwhile plans that what systems hold about the person is restricted until the case
// is decided. It is carried out after a second person's word, as every plan is.
func (s *Fulfilment) Meanwhile(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, right law.Right, systems []string, why person.Text, now time.Time) error {
	switch {
	case !slices.Contains(Meanwhiles, right):
		return procedure.Incomplete("right", "restriction.error.right")
	case len(systems) == 0:
		return procedure.Incomplete("systems", "restriction.error.systems")
	case why.IsBlank():
		return procedure.Incomplete("why", "restriction.error.why")
	}
	return s.Locked(ctx, actor, casefile.ActionPlan, caseID, func(ctx context.Context, c *casefile.Case) error {
		if !slices.Contains([]casefile.State{casefile.Received, casefile.Gathering, casefile.Review}, c.State) {
			return problem.New(problem.Conflict, "restriction.error.decided")
		}
		m, err := s.Matter(ctx, *c, now)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(m.Rights, func(r casefile.Right) bool { return r.Right == right }) {
			return procedure.Incomplete("right", "restriction.error.right")
		}
		// Who has another's data restricted harms them; to object or to withdraw consent
		// harms nobody.
		if right == law.Rectification && len(casefile.Verified(m.Identifiers)) == 0 {
			return problem.New(problem.Conflict, "restriction.error.person")
		}
		b := procedure.Beside{Plan: casefile.Plan{ID: uuid.New(), Case: caseID, Kind: casefile.PlanMeanwhile, MadeAt: now, MadeBy: actor.ID}}
		b.Text.Right, b.Text.ForFile = right, why
		for _, system := range systems {
			registered, known := m.Inventory.System(system)
			switch {
			case !known:
				return procedure.Incomplete("systems", "restriction.error.systems")
			case right == law.ConsentWithdrawal && !OnConsent(registered):
				return procedure.Incomplete("systems", "restriction.error.no_consent")
			}
			b.Measures = append(b.Measures, restricting(m, b.ID, right, system)...)
		}
		if len(b.Measures) == 0 {
			return problem.New(problem.Conflict, "restriction.error.already")
		}
		return s.putBeside(ctx, m, b, actor, now)
	})
}

// OnConsent says whether a system may rest on consent: it does, or nobody has said on
// what it rests.
func OnConsent(s inventory.System) bool {
	bases := assess.BasesOf(s.LegalBasis)
	return len(bases) == 0 || slices.Contains(bases, assess.Consent)
}

// restricting gives a measure for each record of the person in a system that is not
// restricted yet, and one for all of it where none was found. They don't hang on the
// findings, which may be gone before the restriction is.
func restricting(m procedure.Matter, plan uuid.UUID, right law.Right, system string) []procedure.Measure {
	all := everyMeasure(m)
	begin := func(state casefile.MeasureState) procedure.Measure {
		return procedure.Measure{Measure: casefile.Measure{ID: uuid.New(), Plan: plan, Case: m.Case.ID, System: system, Right: right, Do: connector.CanRestrict, State: state}}
	}
	done := func(one procedure.Measure) bool {
		return slices.ContainsFunc(append(procedure.InForce(all), underway(m)...), one.SameRecord)
	}
	var measures []procedure.Measure
	found := false
	verified := casefile.Verified(m.Identifiers)
	for _, f := range m.Findings {
		if f.System != system || f.Decision.Verdict == disclosure.NotThisPerson || !disclosure.MayGive(f.Record.Led, verified) {
			continue
		}
		found = true
		one := begin(casefile.Rehearsing)
		one.Text = casefile.MeasureText{Reference: f.Record.Reference, Label: f.Record.Label, Seen: f.Record.Fingerprint(), Before: withoutFiles(f.Record.Fields), Secret: f.Decision.SecretFact}
		if ambiguous(m, system, f.Record) {
			one.State, one.Text.Reason = casefile.ForUnit, reasonAmbiguous
		}
		if !done(one) {
			measures = append(measures, one)
		}
	}
	whole := begin(casefile.ForUnit)
	whole.Text.Reason = reasonNoRecord
	if !found && !done(whole) {
		measures = append(measures, whole)
	}
	return measures
}

// underway lists restrictions that a plan beside the decision is about to make.
func underway(m procedure.Matter) []procedure.Measure {
	var all []procedure.Measure
	for _, b := range m.Beside {
		if b.Kind == casefile.PlanMeanwhile && b.EndedAt.IsZero() {
			all = append(all, b.Measures...)
		}
	}
	return all
}

// everyMeasure lists those of all plans of a case.
func everyMeasure(m procedure.Matter) []procedure.Measure {
	all := slices.Clone(m.Measures)
	for _, b := range m.Beside {
		all = append(all, b.Measures...)
	}
	return all
}

// putBeside keeps a new plan beside the decision, and lets it be tried.
func (s *Fulfilment) putBeside(ctx context.Context, m procedure.Matter, b procedure.Beside, actor casefile.Actor, now time.Time) error {
	var err error
	if b.Said, err = s.Seal(ctx, procedure.SlotOf(m.Case, "plan", "said", b.ID), b.Text); err != nil {
		return err
	}
	if err := s.Plans.PutPlan(ctx, b.Plan); err != nil {
		return err
	}
	if err := s.PutMeasures(ctx, m.Case, b.Measures...); err != nil {
		return err
	}
	if err := s.recipients(ctx, m, b.Plan, b.Measures, now); err != nil {
		return err
	}
	said := casefile.HappeningText{ForFile: b.Text.ForFile, Ref: b.ID}
	if err := s.Note(ctx, m.Case, casefile.NotePlanned, calendar.Date{}, actor, said, now); err != nil {
		return err
	}
	if err := s.Ledger.Record(ctx, ledger.PlanMade, m.Case.ID, actor, map[string]string{"plan": b.ID.String(), "kind": string(b.Kind)}, now); err != nil {
		return err
	}
	return s.rehearse(ctx, m.Case, m.Inquiries, b.Measures)
}

// DropBeside lets go of a plan beside the decision that nobody has ordered. Where the
// person was told already that a restriction ends, they are told why it does not.
func (s *Fulfilment) DropBeside(ctx context.Context, actor casefile.Actor, caseID, plan uuid.UUID, forPerson person.Text, now time.Time) error {
	return s.Locked(ctx, actor, casefile.ActionPlan, caseID, func(ctx context.Context, c *casefile.Case) error {
		m, err := s.Matter(ctx, *c, now)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(m.Beside, func(b procedure.Beside) bool { return b.ID == plan })
		switch {
		case i < 0:
			return problem.NotFound
		case m.Beside[i].Fixed():
			return problem.New(problem.Conflict, "restriction.error.fixed")
		}
		if err := s.takeBack(ctx, m, m.Beside[i], forPerson, actor, now); err != nil {
			return err
		}
		if err := s.Plans.DropPlan(ctx, caseID, plan); err != nil {
			return err
		}
		if err := s.Note(ctx, *c, casefile.NoteMeasure, calendar.Date{}, actor, casefile.HappeningText{}, now); err != nil {
			return err
		}
		return s.Ledger.Record(ctx, ledger.PlanDropped, caseID, actor, map[string]string{"plan": plan.String(), "kind": string(m.Beside[i].Kind)}, now)
	})
}

// OrderBeside is the second person's word that a plan beside the decision be carried
// out.
func (s *Fulfilment) OrderBeside(ctx context.Context, actor casefile.Actor, caseID, plan uuid.UUID, now time.Time) error {
	return s.Locked(ctx, actor, casefile.ActionRelease, caseID, func(ctx context.Context, c *casefile.Case) error {
		m, err := s.Matter(ctx, *c, now)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(m.Beside, func(b procedure.Beside) bool { return b.ID == plan })
		if i < 0 {
			return problem.NotFound
		}
		b := m.Beside[i]
		if b.Fixed() {
			return nil // sent twice
		}
		reasons, err := s.BesideReasons(ctx, m.Case, m.History, b, actor, now)
		if err != nil {
			return err
		}
		if len(reasons) > 0 {
			return &casefile.Refusal{Reasons: reasons}
		}
		if err := s.fix(ctx, *c, b.Plan, b.Measures, actor, now); err != nil {
			return err
		}
		if err := s.Note(ctx, *c, casefile.NoteBesideOrdered, calendar.Date{}, actor, casefile.HappeningText{Ref: plan}, now); err != nil {
			return err
		}
		return s.Queue.Enqueue(ctx, c.Authority, caseID, casefile.JobCarryOut)
	})
}
