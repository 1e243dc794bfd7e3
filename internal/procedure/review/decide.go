package review

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/disclosure"
	"einsicht/internal/law"
	"einsicht/internal/law/assess"
	"einsicht/internal/law/calendar"
	"einsicht/internal/ledger"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
)

// DecideFindings decides on findings of one case, several at once if they share
// verdict and texts. d.Finding, d.By and d.At are set here. What is kept back
// rests on a ground of the catalogue, which is taken up with it.
func (s *Review) DecideFindings(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, findings []uuid.UUID, d disclosure.Decision, now time.Time) error {
	if err := d.Check(); err != nil {
		return err
	}
	return s.Locked(ctx, actor, casefile.ActionDecide, caseID, func(ctx context.Context, c *casefile.Case) error {
		if err := deciding(*c); err != nil {
			return err
		}
		m, err := s.Matter(ctx, *c, now)
		if err != nil {
			return err
		}
		d.Law = lawOf(m)
		right, facts := dataFacts(m)
		rested, before := resting(m), toldBy(m)
		places := map[assess.Place]bool{}
		for _, id := range findings {
			i := slices.IndexFunc(m.Findings, func(f procedure.Found) bool { return f.ID == id })
			if i < 0 {
				return problem.NotFound
			}
			if err := checkGrounds(m, right, facts, m.Findings[i].System, d); err != nil {
				return err
			}
			if err := s.decideFinding(ctx, *c, m.Findings[i].Finding, d, actor, now); err != nil {
				return err
			}
			for _, k := range slices.Concat(keptBy(m.Findings[i].Decision), keptBy(d)) {
				places[assess.Place{Ground: k.ground, System: m.Findings[i].System}] = true
			}
			m.Findings[i].Verdict, m.Findings[i].Decision = string(d.Verdict), d
		}
		takeUp(m, places, before, actor, now)
		letGo(m, rested)
		return s.reopen(ctx, c, m, actor, now, rightsOf(m)...)
	})
}

func (s *Review) decideFinding(ctx context.Context, c casefile.Case, f casefile.Finding, d disclosure.Decision, actor casefile.Actor, now time.Time) error {
	d.Finding, d.By, d.At = f.ID, actor.ID, now
	f.Verdict, f.DecidedBy, f.DecidedAt = string(d.Verdict), actor.ID, now
	var err error
	if f.Decision, err = s.Seal(ctx, procedure.SlotOf(c, "finding", "decision", f.ID), d); err != nil {
		return err
	}
	if err := s.Findings.Decide(ctx, f); err != nil {
		return err
	}
	// A verdict changed leaves its first author among those who decided.
	said := casefile.HappeningText{Ref: f.ID}
	if err := s.Note(ctx, c, casefile.NoteDecided, calendar.Date{}, actor, said, now); err != nil {
		return err
	}
	return s.Ledger.Record(ctx, ledger.FindingDecided, c.ID, actor, map[string]string{"finding": f.ID.String(), "verdict": f.Verdict}, now)
}

// DecideRight decides on one right, with the texts of the letter. Its outcome is
// composed from the assessment; while something is open it is refused with the
// reasons.
func (s *Review) DecideRight(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, right law.Right, text casefile.RightText, now time.Time) error {
	return s.Locked(ctx, actor, casefile.ActionDecide, caseID, func(ctx context.Context, c *casefile.Case) error {
		if err := deciding(*c); err != nil {
			return err
		}
		m, err := s.Matter(ctx, *c, now)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(m.Rights, func(r casefile.Right) bool { return r.Right == right })
		if i < 0 {
			return problem.NotFound
		}
		x := m.Examine(right)
		if why := x.Why(); len(why) > 0 {
			return &casefile.Refusal{Reasons: why}
		}
		text.Exam, text.Limits, text.Law = m.Texts[right].Exam, x.Limits, lawOf(m)
		if text.Silent.IsBlank() {
			text.Silent = silentBy(m, x.Limits)
		}
		if err := checkRight(x, text); err != nil {
			return err
		}
		m.Rights[i].Outcome, m.Rights[i].DecidedBy, m.Rights[i].DecidedAt = x.Outcome, actor.ID, now
		if m.Rights[i].Sealed, err = s.Seal(ctx, procedure.SlotOf(*c, "case_right", string(right), caseID), text); err != nil {
			return err
		}
		if err := s.Redate(ctx, c, m.Rights); err != nil {
			return err
		}
		if err := s.Note(ctx, *c, casefile.NoteDecided, calendar.Date{}, actor, casefile.HappeningText{}, now); err != nil {
			return err
		}
		details := map[string]string{"right": string(right), "outcome": string(x.Outcome), "law": text.Law}
		return s.Ledger.Record(ctx, ledger.RightDecided, caseID, actor, details, now)
	})
}

// AcceptGaps decides to answer although systems have not answered; the reason
// goes on file and the answer says which.
func (s *Review) AcceptGaps(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, reason person.Text, now time.Time) error {
	if reason.IsBlank() {
		return procedure.Incomplete("reason", "desk.error.reason")
	}
	return s.Locked(ctx, actor, casefile.ActionDecide, caseID, func(ctx context.Context, c *casefile.Case) error {
		if c.State != casefile.Review {
			return problem.New(problem.Conflict, "case.not_deciding")
		}
		c.GapsAccepted = true
		if err := s.Cases.Save(ctx, *c); err != nil {
			return err
		}
		if err := s.Note(ctx, *c, casefile.NoteGaps, calendar.Date{}, actor, casefile.HappeningText{ForFile: reason}, now); err != nil {
			return err
		}
		return s.Ledger.Record(ctx, ledger.RightDecided, caseID, actor, map[string]string{"gaps": "accepted"}, now)
	})
}

// deciding refuses decisions on a case that waits for release or is out.
func deciding(c casefile.Case) error {
	if c.State == casefile.Review || c.State == casefile.Received || c.State == casefile.Gathering {
		return nil
	}
	return problem.New(problem.Conflict, "case.not_deciding")
}

// checkRight says what a decision still lacks: reasons for the person (Art. 12(4)
// GDPR) and for the file, as far as the grounds don't carry theirs.
func checkRight(x procedure.Examination, text casefile.RightText) error {
	shown := slices.DeleteFunc(slices.Clone(text.Limits), func(l casefile.Limit) bool { return l.SecretFact })
	// Where systems did not answer, the letter says so and the file why that was accepted.
	onlyGaps := x.Outcome == casefile.PartlyGranted && len(shown) == 0
	silence := slices.ContainsFunc(shown, func(l casefile.Limit) bool { return l.ReasonsWithheld })
	switch {
	case !text.Silent.IsBlank() && !silence:
		return procedure.Incomplete("silent", "case.exam.no_silence")
	case text.Silent.IsBlank() && silence: // § 12(4) s. 1 DSG NRW, § 34(2) s. 2 BDSG
		return procedure.Incomplete("silent", "letter.decision.silent_missing")
	case x.Outcome.Refuses() && !onlyGaps && text.ForFile.IsBlank() && !onFile(text):
		return procedure.Incomplete("for_file", "desk.error.for_file")
	case x.Outcome == casefile.Refused && len(shown) == 0 && text.ForPerson.IsBlank():
		return procedure.Incomplete("for_person", "desk.error.for_person")
	case !x.Right.NeedsData() && text.ForPerson.IsBlank() && text.Silent.IsBlank():
		return procedure.Incomplete("for_person", "desk.error.written_decision")
	}
	return nil
}

// onFile says whether every ground carries its own note for the file.
func onFile(text casefile.RightText) bool {
	for _, l := range text.Limits {
		i := claimAt(text.Exam, assess.Place{Ground: l.Ground, System: l.System})
		if i < 0 || text.Exam.Claims[i].ForFile.IsBlank() {
			return false
		}
	}
	return len(text.Limits) > 0
}
