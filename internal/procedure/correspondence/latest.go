package correspondence

import (
	"context"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
)

// Latest are the last days on which something still reaches the person in time.
// No date: there is none, because the clock rests or it is too late by law.
type Latest struct {
	Extension     calendar.Date // for providing the notice in the portal
	PostExtension calendar.Date // for posting it
	Answer        calendar.Date
	PostAnswer    calendar.Date
	Extended      bool
}

// LatestExtension says until when an extension and the answer itself can go out,
// in the portal and by post.
func (s *Correspondence) LatestExtension(ctx context.Context, actor casefile.Actor, land calendar.Land, caseID uuid.UUID) (Latest, error) {
	var l Latest
	err := s.Viewed(ctx, actor, casefile.ActionOpenCase, caseID, func(ctx context.Context, c casefile.Case) error {
		history, err := s.Cases.History(ctx, caseID)
		if err != nil {
			return err
		}
		r, err := c.Reckon(land, history)
		if err != nil {
			return err
		}
		l.Extended, l.Answer = r.Extended, c.Due
		l.PostAnswer, _ = r.PostAnswerBy(land)
		l.PostExtension, _ = r.PostExtensionBy(land)
		if !r.Extended && r.MonthOneEnd != nil {
			l.Extension = *r.MonthOneEnd
		}
		return nil
	})
	return l, err
}
