package identification

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/deadline"
	"einsicht/internal/law/silence"
	"einsicht/internal/ledger"
	"einsicht/internal/letter"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
	"einsicht/internal/wording"
)

// Question is what the applicant is asked, and why. Nothing else stops the clock.
type Question struct {
	About    silence.Asked
	Question person.Text
	// Reasons stand in the letter: the doubts, Art. 12(6) GDPR, or why the amount of
	// information is large.
	Reasons person.Text
	// ForFile never leaves the house. Doubts that stand only here leave the letter
	// with a standing sentence.
	ForFile person.Text
}

// Basis is the provision that allows a question to stop the clock, in a Land.
func Basis(about silence.Asked, land calendar.Land) string {
	if about == silence.Identity {
		return "Art. 12 Abs. 6 DSGVO"
	}
	return wording.Text(wording.German, "letters.clarification-question.basis."+string(land))
}

// Ask asks the applicant for what would settle their identity.
func (s *Identification) Ask(ctx context.Context, actor casefile.Actor, land calendar.Land, caseID uuid.UUID, question, doubts person.Text, now time.Time) error {
	return s.AskFor(ctx, actor, land, caseID, Question{About: silence.Identity, Question: question, ForFile: doubts}, now)
}

// AskFor asks the applicant, by a letter. From the day they are asked, by post
// that on which the letter was posted, the clock rests (EDPB Guidelines 01/2022,
// 159): only for doubts about who they are (Art. 12(6) GDPR),
// or to narrow down a request for access to a large amount of information (§ 12(1)
// DSG NRW, recital 63).
func (s *Identification) AskFor(ctx context.Context, actor casefile.Actor, land calendar.Land, caseID uuid.UUID, q Question, now time.Time) error {
	if err := q.check(land); err != nil {
		return err
	}
	return s.Locked(ctx, actor, casefile.ActionAskIdentity, caseID, func(ctx context.Context, c *casefile.Case) error {
		if c.State.Answered() {
			return problem.New(problem.Conflict, "case.over")
		}
		if q.About == silence.Clarification {
			if err := s.mayClarify(ctx, *c); err != nil {
				return err
			}
		}
		request, err := s.Request(ctx, *c)
		if err != nil {
			return err
		}
		today, asks, byPost := calendar.DateOf(now), kinds[q.About], procedure.WayTo(request) == casefile.ByPost
		if waits, err := s.InTray(ctx, *c, letter.KindIdentity, letter.KindClarification); err != nil {
			return err
		} else if waits {
			return problem.New(problem.Conflict, "correspondence.not.question_in_tray")
		}
		switch {
		case byPost && !c.RestsSince.IsZero():
			return problem.New(problem.Conflict, "case.clock.suspend")
		case !byPost:
			event := deadline.Event{Kind: deadline.Suspend, On: today}
			if err := s.MoveClock(ctx, c, land, event, ledger.ClockSuspended, actor, casefile.HappeningText{}, now); err != nil {
				return err
			}
		}
		until := silence.Of(q.About, today, calendar.Date{}, land).RemindOn
		id, err := s.Letters.Enclose(ctx, *c, land, asks.letter, q.words(request), map[string]string{"until": until.String()}, actor, now)
		if err != nil {
			return err
		}
		said := casefile.HappeningText{ForPerson: q.Question, ForFile: q.ForFile, Ref: id}
		if byPost {
			return s.Note(ctx, *c, casefile.NoteLetter, calendar.Date{}, actor, said, now) // asked is who was posted something
		}
		return s.Note(ctx, *c, asks.note, today, actor, said, now)
	})
}

// kinds says as what a question is written and noted.
var kinds = map[silence.Asked]struct {
	letter letter.Kind
	note   string
}{
	silence.Identity:      {letter.KindIdentity, casefile.NoteAskedIdentity},
	silence.Clarification: {letter.KindClarification, casefile.NoteAskedClear},
}

// mayClarify refuses to narrow down a request that asks for no access.
func (s *Identification) mayClarify(ctx context.Context, c casefile.Case) error {
	rights, err := s.Cases.Rights(ctx, c.ID)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(rights[c.ID], func(r casefile.Right) bool { return r.Right == law.Access }) {
		return problem.New(problem.Conflict, "correspondence.clarify.access_only")
	}
	return nil
}

// words are those of the letter.
func (q Question) words(request casefile.Request) map[string]person.Text {
	if q.Reasons.IsBlank() {
		q.Reasons = person.NewText(wording.Text(wording.Parse(request.Lang), "correspondence.identity.reasons"))
	}
	return map[string]person.Text{"question": q.Question, "reasons": q.Reasons}
}

func (q Question) check(land calendar.Land) error {
	switch {
	case q.About != silence.Identity && q.About != silence.Clarification:
		return procedure.Incomplete("about", "correspondence.error.about")
	case q.Question.IsBlank():
		return procedure.Incomplete("question", "desk.error.question")
	case q.About == silence.Identity && q.ForFile.IsBlank() && q.Reasons.IsBlank():
		return procedure.Incomplete("doubts", "desk.error.doubts")
	case q.About == silence.Clarification && q.Reasons.IsBlank():
		return procedure.Incomplete("reasons", "correspondence.error.large."+string(land))
	}
	return nil
}
