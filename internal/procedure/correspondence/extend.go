package correspondence

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/deadline"
	"einsicht/internal/ledger"
	"einsicht/internal/letter"
	"einsicht/internal/person"
	"einsicht/internal/problem"
)

// Extend extends the period by two months (Art. 12(3) sentence 2 GDPR): only
// with reasons, and told to the person within month 1, by the letter it writes.
// on is the day on which the notice counts as received.
func (s *Correspondence) Extend(ctx context.Context, actor casefile.Actor, land calendar.Land, caseID uuid.UUID, reasons person.Text, on calendar.Date, now time.Time) error {
	if strings.TrimSpace(reasons.Reveal()) == "" {
		err := problem.New(problem.Invalid, "desk.error.form")
		err.Fields = map[string]string{"reasons": "desk.error.extend_reasons"}
		return err
	}
	return s.Locked(ctx, actor, casefile.ActionExtendClock, caseID, func(ctx context.Context, c *casefile.Case) error {
		if c.State.Answered() {
			return problem.New(problem.Conflict, "case.over")
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
		event := deadline.Event{Kind: deadline.Extend, On: on}
		if err := s.MoveClock(ctx, c, land, event, ledger.ClockExtended, actor, casefile.HappeningText{ForPerson: reasons}, now); err != nil {
			return err
		}
		old := map[string]string{"old_due": before.Due.String()}
		_, err = s.Enclose(ctx, *c, land, letter.KindExtension, map[string]person.Text{"reasons": reasons}, old, actor, now)
		return err
	})
}
