package correspondence

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
	"einsicht/internal/wording"
)

// Wording keys that say why a mailed notice is open again.
const (
	returnedUnread  = "recipients.returned.unread"
	returnedUnsent  = "recipients.returned.unsent"
	returnedRefused = "recipients.returned.refused"
	returnedGuessed = "recipients.returned.guessed"
)

// MailNotice tells a recipient by mail that a notice under Art. 19 GDPR can be read.
// An address that the mail server refuses gives the notice back to staff.
func (s *Correspondence) MailNotice(ctx context.Context, authority casefile.Authority, id uuid.UUID, now time.Time) error {
	var n procedure.Notice
	err := s.Units.View(ctx, authority.ID, func(ctx context.Context) error {
		row, err := s.Plans.Notice(ctx, id)
		if err != nil {
			return err
		}
		c, err := s.Cases.Case(ctx, row.Case)
		if err != nil {
			return err
		}
		n, err = s.NoticeOf(ctx, c, row)
		return err
	})
	if err != nil || n.State != casefile.NoticeUnderway || n.Text.Code.IsZero() {
		return err // sent by an earlier run, or stopped
	}
	// Another number is another mail.
	err = s.Mail.Send(ctx, Letter{
		Ref: derived(id, n.Number), Authority: authority.Name, Slug: authority.Slug, Occasion: ToRecipient, Lang: wording.German,
		To: n.Text.Mail, Code: n.Text.Code, Number: n.Number, Until: n.Expires,
	})
	if errors.Is(err, problem.Invalid) {
		return s.returnNotice(ctx, authority, id, n.Number, returnedRefused, now)
	}
	if err != nil {
		return err
	}
	return s.onNotice(ctx, authority.ID, id, n.Number, func(ctx context.Context, c casefile.Case, n procedure.Notice) error {
		// From here on only the proof of the code is kept.
		n.Text.Code, n.Text.MailedAt = person.Text{}, now
		return s.PutNotices(ctx, c, n)
	})
}

// NotMailed gives a notice back to staff whose mail could not be sent, however often
// that was tried.
func (s *Correspondence) NotMailed(ctx context.Context, authority casefile.Authority, id uuid.UUID, now time.Time) error {
	row, err := s.rowOf(ctx, authority.ID, id)
	if err != nil || !row.Mailed() {
		return err
	}
	return s.returnNotice(ctx, authority, id, row.Number, returnedUnsent, now)
}

// SweepNotices gives back to staff what was mailed and not read in time, or at what
// somebody guessed. It looks at one authority.
func (s *Correspondence) SweepNotices(ctx context.Context, authority casefile.Authority, now time.Time) error {
	var mailed []casefile.Notice
	err := s.Units.View(ctx, authority.ID, func(ctx context.Context) error {
		var err error
		mailed, err = s.Plans.MailedNotices(ctx)
		return err
	})
	if err != nil {
		return err
	}
	var errs []error
	for _, n := range mailed {
		why := returnedUnread
		switch {
		case n.Guessed():
			why = returnedGuessed
		case n.Opens(calendar.DateOf(now)):
			continue
		}
		// One that fails keeps no other from its end.
		if err := s.returnNotice(ctx, authority, n.ID, n.Number, why, now); err != nil {
			errs = append(errs, fmt.Errorf("notice %s: %w", n.ID, err))
		}
	}
	return errors.Join(errs...)
}

func (s *Correspondence) returnNotice(ctx context.Context, authority casefile.Authority, id uuid.UUID, number, why string, now time.Time) error {
	return s.onNotice(ctx, authority.ID, id, number, func(ctx context.Context, c casefile.Case, n procedure.Notice) error {
		if n.State != casefile.NoticeUnderway {
			return nil // read meanwhile
		}
		if why == returnedUnread && n.Text.MailedAt.IsZero() {
			why = returnedUnsent
		}
		return s.ReturnNotice(ctx, c, n, why, casefile.Actor{Role: casefile.System, Authority: c.Authority}, now)
	})
}

// onNotice runs f on a mailed notice under the lock of its case; one that has another
// number by now, or none, is left alone.
func (s *Correspondence) onNotice(ctx context.Context, authority, id uuid.UUID, number string, f func(context.Context, casefile.Case, procedure.Notice) error) error {
	row, err := s.rowOf(ctx, authority, id)
	if err != nil {
		return err
	}
	system := casefile.Actor{Role: casefile.System, Authority: authority}
	return s.Locked(ctx, system, casefile.ActionRunJob, row.Case, func(ctx context.Context, c *casefile.Case) error {
		n, err := s.underLock(ctx, *c, id)
		if err != nil || n.Number != number {
			return err
		}
		return f(ctx, *c, n)
	})
}

func (s *Correspondence) rowOf(ctx context.Context, authority, id uuid.UUID) (row casefile.Notice, err error) {
	err = s.Units.View(ctx, authority, func(ctx context.Context) error {
		row, err = s.Plans.Notice(ctx, id)
		return err
	})
	return row, err
}

// underLock reads a notice again once its case is locked.
func (s *Correspondence) underLock(ctx context.Context, c casefile.Case, id uuid.UUID) (procedure.Notice, error) {
	row, err := s.Plans.Notice(ctx, id)
	if err != nil {
		return procedure.Notice{}, err
	}
	return s.NoticeOf(ctx, c, row)
}
