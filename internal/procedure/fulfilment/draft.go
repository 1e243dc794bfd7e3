package fulfilment

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/disclosure"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/ledger"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
)

// Draft makes the plan that follows from the decisions of a case, or brings it up to
// date, also with records that a system gave anew. What a machine can change is tried
// at once; what staff said about measures stays.
func (s *Fulfilment) Draft(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, now time.Time) error {
	return s.planning(ctx, actor, caseID, now, func(ctx context.Context, m procedure.Matter) error {
		var gone []uuid.UUID
		for _, stale := range m.Stale() {
			gone = append(gone, stale.ID)
		}
		if err := s.Plans.DropMeasures(ctx, caseID, gone); err != nil {
			return err
		}
		var measures []procedure.Measure
		for _, w := range m.Unplanned() {
			measures = append(measures, measureFor(m, w))
		}
		for _, before := range m.Measures {
			if fresh, anew := readAnew(m, before); anew && !slices.Contains(gone, before.ID) {
				measures = append(measures, fresh)
			}
		}
		return s.add(ctx, m, measures, now)
	})
}

// measureFor says how what is wanted begins.
func measureFor(m procedure.Matter, w procedure.Wanted) procedure.Measure {
	measure := procedure.Measure{Measure: casefile.Measure{
		ID: uuid.New(), Plan: m.Plan.ID, Case: m.Case.ID, System: w.System, Finding: w.Finding, Right: w.Right, Do: w.Do, State: casefile.Rehearsing,
	}}
	text := &measure.Text
	text.Secret = w.Secret
	var found time.Time
	named := true
	if i := slices.IndexFunc(m.Findings, func(f procedure.Found) bool { return f.ID == w.Finding }); i >= 0 {
		record := m.Findings[i].Record
		found = m.Findings[i].FoundAt
		text.Reference, text.Label, text.Seen, text.Before = record.Reference, record.Label, record.Fingerprint(), withoutFiles(record.Fields)
		named = !ambiguous(m, w.System, record)
	}
	if w.Limit == nil {
		asRestricted(m, &measure, found)
	}
	switch {
	case w.Limit != nil:
		measure.State = casefile.Stays
		text.Ground, text.Citation, text.Until, text.ForPerson = w.Limit.Ground, w.Limit.Citation, w.Limit.LookAgain, w.Limit.ForPerson
	case measure.State == casefile.Done: // restricted already
	case !named:
		measure.State, text.Reason = casefile.ForUnit, reasonAmbiguous
	case w.Finding == uuid.Nil:
		measure.State, text.Reason = casefile.ForUnit, reasonNoRecord
		if slices.ContainsFunc(m.Inquiries, func(q casefile.Inquiry) bool { return q.System == w.System && q.State == casefile.Failed }) {
			text.Reason = reasonOfTrouble(m.Answered[w.System].Trouble.Kind)
		}
	}
	return measure
}

// ambiguous says whether a system has several records under keys as this one's: who
// changed one by its key could change another.
func ambiguous(m procedure.Matter, system string, record connector.Finding) bool {
	return slices.ContainsFunc(m.Answered[system].Gaps, func(g casefile.Gap) bool { return g.Reason == connector.GapKey && g.Place == record.Origin.Place })
}

// readAnew is a measure on its record as the system gave it when it was asked again,
// to be tried once more; the one that there was is held against what it said before.
func readAnew(m procedure.Matter, before procedure.Measure) (fresh procedure.Measure, anew bool) {
	if before.Finding == uuid.Nil || before.State != casefile.Planned && before.State != casefile.Asks {
		return before, false
	}
	fresh = measureFor(m, procedure.Wanted{Right: before.Right, Do: before.Do, System: before.System, Finding: before.Finding, Secret: before.Text.Secret})
	fresh.ID, fresh.Text.Values = before.ID, before.Text.Values
	return fresh, fresh.State == casefile.Rehearsing && !bytes.Equal(fresh.Text.Seen, before.Text.Seen) || fresh.Text.Reason == reasonAmbiguous
}

// Correct plans that a record of the person is corrected or completed: what is
// right, field by field (Art. 16 GDPR).
func (s *Fulfilment) Correct(ctx context.Context, actor casefile.Actor, caseID, finding uuid.UUID, values map[string]person.Text, now time.Time) error {
	if len(values) == 0 {
		return procedure.Incomplete("values", "fulfilment.error.values")
	}
	return s.planning(ctx, actor, caseID, now, func(ctx context.Context, m procedure.Matter) error {
		i := slices.IndexFunc(m.Findings, func(f procedure.Found) bool { return f.ID == finding })
		if i < 0 || !slices.ContainsFunc(m.Rights, func(r casefile.Right) bool { return r.Right == law.Rectification }) {
			return problem.NotFound
		}
		if v := m.Findings[i].Decision.Verdict; v == disclosure.Undecided || v == disclosure.NotThisPerson || !disclosure.MayGive(m.Findings[i].Record.Led, casefile.Verified(m.Identifiers)) {
			return problem.New(problem.Conflict, "fulfilment.error.not_hers")
		}
		values, statement := apart(m.Findings[i].Record, values)
		for name := range values {
			if !slices.ContainsFunc(m.Findings[i].Record.Fields, func(f connector.Field) bool { return f.Name == name && !f.Withheld }) {
				return procedure.Incomplete("values", "fulfilment.error.field")
			}
		}
		var gone []uuid.UUID
		for _, before := range m.Measures {
			if before.Do == connector.CanRectify && before.Finding == finding {
				gone = append(gone, before.ID)
			}
		}
		if err := s.Plans.DropMeasures(ctx, caseID, gone); err != nil {
			return err
		}
		begin := func(values map[string]person.Text) procedure.Measure {
			measure := measureFor(m, procedure.Wanted{Right: law.Rectification, Do: connector.CanRectify, System: m.Findings[i].System, Finding: finding})
			measure.Text.Values = values
			return measure
		}
		var measures []procedure.Measure
		if len(values) > 0 {
			measures = append(measures, begin(values))
		}
		if len(statement) > 0 {
			byHand := begin(statement)
			byHand.State, byHand.Text.Reason = casefile.ForUnit, reasonStatement
			measures = append(measures, byHand)
		}
		return s.add(ctx, m, measures, now)
	})
}

// Statement is the field for the person's supplementary statement. Where a system has
// none, people put it there.
const Statement = connector.Statement

// apart takes the statement out of what is to be written where the record has no field
// for it.
func apart(record connector.Finding, values map[string]person.Text) (written, byHand map[string]person.Text) {
	statement, given := values[Statement]
	if !given || slices.ContainsFunc(record.Fields, func(f connector.Field) bool { return f.Name == Statement }) {
		return values, nil
	}
	written = maps.Clone(values)
	delete(written, Statement)
	return written, map[string]person.Text{Statement: statement}
}

// planning lets f change the plan of a case that is still being decided; where there
// is none yet, it begins one.
func (s *Fulfilment) planning(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, now time.Time, f func(context.Context, procedure.Matter) error) error {
	return s.Locked(ctx, actor, casefile.ActionPlan, caseID, func(ctx context.Context, c *casefile.Case) error {
		if c.State != casefile.Received && c.State != casefile.Review {
			return problem.New(problem.Conflict, "fulfilment.error.not_planning")
		}
		m, err := s.Matter(ctx, *c, now)
		if err != nil {
			return err
		}
		if m.Plan.ID == uuid.Nil {
			m.Plan = casefile.Plan{ID: uuid.New(), Case: caseID}
		}
		m.Plan.MadeAt, m.Plan.MadeBy = now, actor.ID
		if err := s.Plans.PutPlan(ctx, m.Plan); err != nil {
			return err
		}
		if err := f(ctx, m); err != nil {
			return err
		}
		if err := s.Note(ctx, *c, casefile.NotePlanned, calendar.Date{}, actor, casefile.HappeningText{}, now); err != nil {
			return err
		}
		return s.Ledger.Record(ctx, ledger.PlanMade, caseID, actor, map[string]string{"plan": m.Plan.ID.String()}, now)
	})
}

// add keeps measures, and lets those be tried that a machine may be able to carry
// out.
func (s *Fulfilment) add(ctx context.Context, m procedure.Matter, measures []procedure.Measure, now time.Time) error {
	if err := s.PutMeasures(ctx, m.Case, measures...); err != nil {
		return err
	}
	all, err := s.Measures(ctx, m.Case)
	if err != nil {
		return err
	}
	if err := s.recipients(ctx, m, m.Plan, procedure.OfPlan(all, m.Plan.ID), now); err != nil {
		return err
	}
	return s.rehearse(ctx, m.Case, m.Inquiries, measures)
}

func (s *Fulfilment) rehearse(ctx context.Context, c casefile.Case, inquiries []casefile.Inquiry, measures []procedure.Measure) error {
	for _, q := range inquiries {
		if !slices.ContainsFunc(measures, func(m procedure.Measure) bool { return m.System == q.System && m.State == casefile.Rehearsing }) {
			continue
		}
		if err := s.Queue.Enqueue(ctx, c.Authority, q.ID, casefile.JobRehearse); err != nil {
			return err
		}
	}
	return nil
}

// withoutFiles leaves out what files hold: the plan shows that there is one.
func withoutFiles(fields []connector.Field) []connector.Field {
	fields = slices.Clone(fields)
	for i, f := range fields {
		if f.HoldsFile() {
			fields[i].Value = person.Text{}
		}
	}
	return fields
}
