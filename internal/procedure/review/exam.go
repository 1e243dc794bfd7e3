package review

import (
	"context"
	"encoding/hex"
	"slices"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law"
	"einsicht/internal/law/assess"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/catalogue"
	"einsicht/internal/law/citation"
	"einsicht/internal/ledger"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
	"einsicht/internal/wording"
)

// TakeUp takes up a ground, or changes what is said about it. A ground that is no
// law here, or that nobody may use, is refused with the reason.
func (s *Review) TakeUp(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, right law.Right, claim casefile.Claim, now time.Time) error {
	details := map[string]string{"ground": claim.Ground, "system": claim.System}
	return s.examining(ctx, actor, caseID, right, details, now, func(m procedure.Matter, exam *casefile.Exam) error {
		at := assess.Place{Ground: claim.Ground, System: claim.System}
		if _, err := groundFor(m, right, m.Examine(right).Facts, at); err != nil {
			return err
		}
		if !claim.LookAgain.IsZero() && !claim.LookAgain.After(m.Day) {
			return procedure.Incomplete("look_again", "case.exam.look_ahead")
		}
		claim.By, claim.At = actor.ID, now
		if i := claimAt(*exam, at); i >= 0 {
			exam.Claims[i] = claim
		} else {
			exam.Claims = append(exam.Claims, claim)
		}
		return nil
	})
}

// Drop lets a ground go, with the answers to its questions. While something found
// is kept back on it, it stays.
func (s *Review) Drop(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, right law.Right, ground, system string, now time.Time) error {
	details := map[string]string{"dropped": ground, "system": system}
	return s.examining(ctx, actor, caseID, right, details, now, func(m procedure.Matter, exam *casefile.Exam) error {
		at := assess.Place{Ground: ground, System: system}
		if slices.Contains(m.RestsOn(right), at) {
			return problem.New(problem.Conflict, "case.exam.in_use")
		}
		if claimAt(*exam, at) < 0 {
			return problem.NotFound
		}
		drop(exam, at)
		return nil
	})
}

// Answer answers questions of the law. One that does not exist is refused.
func (s *Review) Answer(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, right law.Right, answers []casefile.Answer, now time.Time) error {
	details := map[string]string{}
	for _, a := range answers {
		details[a.Ground+" "+a.System+" "+a.Condition] = map[bool]string{true: "yes", false: "no"}[a.Yes]
	}
	return s.examining(ctx, actor, caseID, right, details, now, func(m procedure.Matter, exam *casefile.Exam) error {
		facts := m.Examine(right).Facts
		for _, a := range answers {
			if err := asked(m, right, facts, a); err != nil {
				return err
			}
			a.By, a.At = actor.ID, now
			say(exam, a)
		}
		return nil
	})
}

// Know records what only the case knows about a system.
func (s *Review) Know(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, right law.Right, known casefile.Known, now time.Time) error {
	return s.examining(ctx, actor, caseID, right, map[string]string{"known": known.System}, now, func(m procedure.Matter, exam *casefile.Exam) error {
		if _, ok := m.Inventory.System(known.System); !ok {
			return problem.NotFound
		}
		if _, err := citation.Parse(known.Norm); known.Norm != "" && err != nil {
			return procedure.Incomplete("norm", "case.exam.no_statute")
		}
		if !slices.Contains([]string{"", "yes", "no"}, known.Provided) {
			return procedure.Incomplete("provided", "case.exam.yes_or_no")
		}
		exam.Known = slices.DeleteFunc(exam.Known, func(k casefile.Known) bool { return k.System == known.System })
		exam.Known = append(exam.Known, known)
		return nil
	})
}

// examining lets f change how a right was examined. What was decided before is
// open again, so that nothing stale goes out.
func (s *Review) examining(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, right law.Right, details map[string]string, now time.Time,
	f func(procedure.Matter, *casefile.Exam) error,
) error {
	return s.Locked(ctx, actor, casefile.ActionDecide, caseID, func(ctx context.Context, c *casefile.Case) error {
		if err := deciding(*c); err != nil {
			return err
		}
		m, err := s.Matter(ctx, *c, now)
		if err != nil {
			return err
		}
		if _, err := rightOf(m, right); err != nil {
			return err
		}
		text := m.Texts[right]
		text.Exam = copied(text.Exam)
		if err := f(m, &text.Exam); err != nil {
			return err
		}
		m.Texts[right] = text
		if err := s.reopen(ctx, c, m, actor, now, right); err != nil {
			return err
		}
		if err := s.Note(ctx, *c, casefile.NoteExamined, calendar.Date{}, actor, casefile.HappeningText{}, now); err != nil {
			return err
		}
		if err := s.askOthers(ctx, *c, m.Examine(right).Result.Tasks, now); err != nil {
			return err
		}
		details["right"], details["law"] = string(right), lawOf(m)
		return s.Ledger.Record(ctx, ledger.RightExamined, caseID, actor, details, now)
	})
}

// reopen writes rights with what was said about them. One that was decided is
// undecided again, and the file says so.
func (s *Review) reopen(ctx context.Context, c *casefile.Case, m procedure.Matter, actor casefile.Actor, now time.Time, rights ...law.Right) error {
	for i, r := range m.Rights {
		if !slices.Contains(rights, r.Right) {
			continue
		}
		text := m.Texts[r.Right]
		text.Limits, text.Law = nil, ""
		var err error
		if m.Rights[i].Sealed, err = s.Seal(ctx, procedure.SlotOf(*c, "case_right", string(r.Right), c.ID), text); err != nil {
			return err
		}
		if r.Outcome == casefile.Undecided {
			continue
		}
		m.Rights[i].Outcome, m.Rights[i].DecidedBy, m.Rights[i].DecidedAt = casefile.Undecided, uuid.Nil, time.Time{}
		said := casefile.HappeningText{ForFile: person.NewText(wording.Text(wording.German, "case.exam.reopened", "right", r.Right.Article()))}
		if err := s.Note(ctx, *c, casefile.NoteExamined, calendar.Date{}, actor, said, now); err != nil {
			return err
		}
	}
	return s.Redate(ctx, c, m.Rights)
}

// askOthers opens a task where a ground wants a security authority or an archive
// to be asked, once for a case. It does not stop the clock.
func (s *Review) askOthers(ctx context.Context, c casefile.Case, opened []assess.Opened, now time.Time) error {
	wanted := slices.ContainsFunc(opened, func(o assess.Opened) bool {
		return o.Task == catalogue.Consultation || o.Task == catalogue.ArchiveOffer
	})
	if !wanted {
		return nil
	}
	tasks, err := s.Findings.Tasks(ctx, c.ID)
	if err != nil || slices.ContainsFunc(tasks, func(t casefile.Task) bool { return t.Kind == casefile.TaskWrite || t.Kind == casefile.TaskReply }) {
		return err
	}
	return s.Findings.PutTasks(ctx, []casefile.Task{{ID: uuid.New(), Case: c.ID, Kind: casefile.TaskWrite, CreatedAt: now, DueOn: c.Warn}})
}

func copied(e casefile.Exam) casefile.Exam {
	return casefile.Exam{Claims: slices.Clone(e.Claims), Answers: slices.Clone(e.Answers), Known: slices.Clone(e.Known)}
}

// asked refuses an answer to a question that nobody asks.
func asked(m procedure.Matter, right law.Right, facts assess.Facts, a casefile.Answer) error {
	if a.Ground == string(right) {
		r, _ := m.Edition.Right(right)
		for _, c := range r.Requires {
			if c.ID == a.Condition && a.System == "" {
				return nil
			}
		}
		return problem.New(problem.Invalid, "case.exam.no_such_question")
	}
	g, err := groundFor(m, right, facts, assess.Place{Ground: a.Ground, System: a.System})
	if err != nil {
		return err
	}
	switch {
	case a.Condition == assess.ReasonsEndanger && g.Reasons.Allowed(), a.Condition == assess.FactSecret && !g.SecretFact.IsZero():
		return nil
	}
	for _, q := range g.Questions() {
		if q.ID == a.Condition {
			return nil
		}
	}
	return problem.New(problem.Invalid, "case.exam.no_such_question")
}

func claimAt(e casefile.Exam, at assess.Place) int {
	return slices.IndexFunc(e.Claims, func(c casefile.Claim) bool { return c.Ground == at.Ground && c.System == at.System })
}

func drop(e *casefile.Exam, at assess.Place) {
	e.Claims = slices.DeleteFunc(e.Claims, func(c casefile.Claim) bool { return c.Ground == at.Ground && c.System == at.System })
	e.Answers = slices.DeleteFunc(e.Answers, func(a casefile.Answer) bool { return a.Ground == at.Ground && a.System == at.System })
}

func say(e *casefile.Exam, said casefile.Answer) {
	e.Answers = slices.DeleteFunc(e.Answers, func(a casefile.Answer) bool {
		return a.Ground == said.Ground && a.System == said.System && a.Condition == said.Condition
	})
	e.Answers = append(e.Answers, said)
}

// lawOf names the catalogue that a decision rests on.
func lawOf(m procedure.Matter) string { return hex.EncodeToString(m.Edition.SHA256[:]) }
