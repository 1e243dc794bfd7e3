package identification

import (
	"context"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
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

// Answered records on which day enough came in; the clock runs again from the
// next day, however long the letter lay there, and a letter says until when.
func (s *Identification) Answered(ctx context.Context, actor casefile.Actor, land calendar.Land, caseID uuid.UUID, on calendar.Date, now time.Time) error {
	if on.IsZero() || on.After(calendar.DateOf(now)) {
		return procedure.Incomplete("on", "correspondence.error.answered")
	}
	return s.Locked(ctx, actor, casefile.ActionAskIdentity, caseID, func(ctx context.Context, c *casefile.Case) error {
		history, err := s.Cases.History(ctx, caseID)
		if err != nil {
			return err
		}
		if q, open := procedure.Unanswered(history); open && on.Before(q.On) {
			return procedure.Incomplete("on", "correspondence.error.answered")
		}
		if err := s.resume(ctx, c, land, on, casefile.HappeningText{}, actor, now); err != nil {
			return err
		}
		_, err = s.Letters.Enclose(ctx, *c, land, letter.KindResumed, nil, map[string]string{"since": on.String()}, actor, now)
		return err
	})
}

// GoOn goes on without an answer: who does not narrow a request down has asked for
// everything. The clock runs again from the day on which that could be known.
func (s *Identification) GoOn(ctx context.Context, actor casefile.Actor, land calendar.Land, caseID uuid.UUID, now time.Time) error {
	return s.Locked(ctx, actor, casefile.ActionAskIdentity, caseID, func(ctx context.Context, c *casefile.Case) error {
		history, err := s.Cases.History(ctx, caseID)
		if err != nil {
			return err
		}
		q, open := procedure.Unanswered(history)
		wait := q.Wait(land)
		switch {
		case !open || q.About != silence.Clarification:
			return problem.New(problem.Conflict, "correspondence.go_on.clarification_only")
		case wait.GoOnFrom.IsZero() || calendar.DateOf(now).Before(wait.GoOnFrom):
			return problem.New(problem.Conflict, "correspondence.go_on.wait")
		}
		request, err := s.Request(ctx, *c)
		if err != nil {
			return err
		}
		said := wording.Text(wording.Parse(request.Lang), "correspondence.go_on.said")
		if err := s.resume(ctx, c, land, wait.GoOnFrom, casefile.HappeningText{ForPerson: person.NewText(said)}, actor, now); err != nil {
			return err
		}
		// No letter says that nothing came; the status page does.
		return s.Queue.Enqueue(ctx, c.Authority, c.ID, casefile.JobNews)
	})
}

func (s *Identification) resume(ctx context.Context, c *casefile.Case, land calendar.Land, on calendar.Date, said casefile.HappeningText, actor casefile.Actor, now time.Time) error {
	event := deadline.Event{Kind: deadline.Resume, On: on}
	if err := s.MoveClock(ctx, c, land, event, ledger.ClockResumed, actor, said, now); err != nil {
		return err
	}
	return s.Findings.FinishTask(ctx, c.ID, casefile.TaskSilence, "", actor.ID, now)
}
