package review

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/disclosure"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/ledger"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
)

// DecideFindings decides on findings of one case, several at once if they share
// verdict and texts. d.Finding, d.By and d.At are set here.
func (s *Review) DecideFindings(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, findings []uuid.UUID, d disclosure.Decision, now time.Time) error {
	if err := d.Check(); err != nil {
		return err
	}
	return s.Locked(ctx, actor, casefile.ActionDecide, caseID, func(ctx context.Context, c *casefile.Case) error {
		if err := deciding(*c); err != nil {
			return err
		}
		rows, err := s.Findings.Findings(ctx, caseID)
		if err != nil {
			return err
		}
		for _, id := range findings {
			i := slices.IndexFunc(rows, func(f casefile.Finding) bool { return f.ID == id })
			if i < 0 {
				return problem.NotFound
			}
			if err := s.decideFinding(ctx, *c, rows[i], d, actor, now); err != nil {
				return err
			}
		}
		return nil
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

// DecideRight decides on one right, with the texts of the letter.
func (s *Review) DecideRight(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, right law.Right, outcome casefile.Outcome, text casefile.RightText, now time.Time) error {
	if err := checkRight(right, outcome, text); err != nil {
		return err
	}
	return s.Locked(ctx, actor, casefile.ActionDecide, caseID, func(ctx context.Context, c *casefile.Case) error {
		if err := deciding(*c); err != nil {
			return err
		}
		rights, err := s.Cases.Rights(ctx, caseID)
		if err != nil {
			return err
		}
		all := rights[caseID]
		i := slices.IndexFunc(all, func(r casefile.Right) bool { return r.Right == right })
		if i < 0 {
			return problem.NotFound
		}
		all[i].Outcome, all[i].DecidedBy, all[i].DecidedAt = outcome, actor.ID, now
		if all[i].Sealed, err = s.Seal(ctx, procedure.SlotOf(*c, "case_right", string(right), caseID), text); err != nil {
			return err
		}
		if err := s.Redate(ctx, c, all); err != nil {
			return err
		}
		if err := s.Note(ctx, *c, casefile.NoteDecided, calendar.Date{}, actor, casefile.HappeningText{}, now); err != nil {
			return err
		}
		return s.Ledger.Record(ctx, ledger.RightDecided, caseID, actor, map[string]string{"right": string(right), "outcome": string(outcome)}, now)
	})
}

// AcceptGaps decides to answer although systems have not answered; the reason
// goes on file and the answer says which.
func (s *Review) AcceptGaps(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, reason person.Text, now time.Time) error {
	if strings.TrimSpace(reason.Reveal()) == "" {
		return incomplete("reason", "desk.error.reason")
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

func checkRight(right law.Right, outcome casefile.Outcome, text casefile.RightText) error {
	if !slices.Contains(casefile.Outcomes, outcome) {
		return incomplete("outcome", "desk.error.outcome")
	}
	blank := func(t person.Text) bool { return strings.TrimSpace(t.Reveal()) == "" }
	switch {
	case outcome.Refuses() && blank(text.ForFile):
		return incomplete("for_file", "desk.error.for_file")
	case outcome.Refuses() && blank(text.ForPerson) && blank(text.Silent):
		return incomplete("for_person", "desk.error.for_person")
	case !right.NeedsData() && blank(text.ForPerson) && blank(text.Silent):
		return incomplete("for_person", "desk.error.written_decision")
	}
	return nil
}

func incomplete(field, key string) error {
	err := problem.New(problem.Invalid, "desk.error.form")
	err.Fields = map[string]string{field: key}
	return err
}
