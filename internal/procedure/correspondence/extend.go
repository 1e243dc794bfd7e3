package correspondence

import (
	"context"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/deadline"
	"einsicht/internal/law/notification"
	"einsicht/internal/ledger"
	"einsicht/internal/letter"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
)

// Extend extends the period by two months (Art. 12(3) sentence 2 GDPR): only
// with reasons, and told to the person within month 1, by the letter it writes.
// on is the day on which the notice counts as received. By post the clock moves
// when the letter was posted: one in a tray tells nobody anything.
func (s *Correspondence) Extend(ctx context.Context, actor casefile.Actor, land calendar.Land, caseID uuid.UUID, reasons person.Text, on calendar.Date, now time.Time) error {
	if reasons.IsBlank() {
		return procedure.Incomplete("reasons", "desk.error.extend_reasons")
	}
	return s.Locked(ctx, actor, casefile.ActionExtendClock, caseID, func(ctx context.Context, c *casefile.Case) error {
		if c.State.Answered() {
			return problem.New(problem.Conflict, "case.over")
		}
		request, err := s.Request(ctx, *c)
		if err != nil {
			return err
		}
		way := procedure.WayTo(request)
		if on.Before(ReceivedFrom(way, calendar.DateOf(now))) {
			return procedure.Incomplete("on", "correspondence.error.extend_"+string(way))
		}
		if waits, err := s.InTray(ctx, *c, letter.KindExtension); err != nil {
			return err
		} else if waits {
			return problem.New(problem.Conflict, "correspondence.not.extension_in_tray")
		}
		history, err := s.Cases.History(ctx, caseID)
		if err != nil {
			return err
		}
		before, err := c.Reckon(land, history)
		if err != nil {
			return err
		}
		if before.Extended || before.MonthOneEnd == nil || on.After(*before.MonthOneEnd) {
			return problem.New(problem.Conflict, "case.clock.extend_late")
		}
		id := uuid.New()
		x := sheet{kind: letter.KindExtension, words: map[string]person.Text{"reasons": reasons}, values: map[string]string{"old_due": before.Due.String()}, by: actor.ID, land: land}
		said := casefile.HappeningText{ForPerson: reasons, Ref: id}
		if way == casefile.ByPost {
			x.extends = on
			if err := s.keep(ctx, *c, id, x, actor, now); err != nil {
				return err
			}
			return s.Note(ctx, *c, casefile.NoteLetter, calendar.Date{}, actor, said, now)
		}
		event := deadline.Event{Kind: deadline.Extend, On: on}
		if err := s.MoveClock(ctx, c, land, event, ledger.ClockExtended, actor, said, now); err != nil {
			return err
		}
		return s.keep(ctx, *c, id, x, actor, now)
	})
}

// ReceivedFrom is the first day on which something that leaves today can count as
// received.
func ReceivedFrom(way casefile.AnswerWay, today calendar.Date) calendar.Date {
	if rule, ok := notification.Find(notification.Post, today); ok && way == casefile.ByPost {
		return rule.Effective(today)
	}
	return today
}
