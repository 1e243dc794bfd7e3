package correspondence

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/ledger"
	"einsicht/internal/letter"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
)

// OwnNotice is a notice as its recipient sees it.
type OwnNotice struct {
	Document  letter.Letter
	Confirmed bool
	Said      person.Text   // what the recipient wrote when it confirmed
	Until     calendar.Date // the last day on which it can be read
}

// ReadNotice shows a recipient the notice whose number and code it entered. The
// first time it counts as told (Art. 19 sentence 1 GDPR), and can be read for some
// time more.
func (s *Correspondence) ReadNotice(ctx context.Context, actor casefile.Actor, number string, now time.Time) (OwnNotice, error) {
	var own OwnNotice
	err := s.ofRecipient(ctx, actor, casefile.ActionReadNotice, number, now, func(ctx context.Context, c casefile.Case, n procedure.Notice) error {
		w, err := s.one(ctx, c, n.Letter)
		if err != nil {
			return err
		}
		if n.State == casefile.NoticeUnderway {
			if err := s.noticeRead(ctx, c, &n, w.Letter, actor, now); err != nil {
				return err
			}
		}
		own = OwnNotice{Confirmed: n.State == casefile.NoticeConfirmed, Until: n.Expires}
		if own.Confirmed {
			own.Said = n.Text.Said
		}
		own.Document, err = letter.Decode(w.Text.Document)
		return err
	})
	return own, err
}

func (s *Correspondence) noticeRead(ctx context.Context, c casefile.Case, n *procedure.Notice, l casefile.Letter, actor casefile.Actor, now time.Time) error {
	today := calendar.DateOf(now)
	n.State, n.SentAt, n.Expires = casefile.NoticeSent, now, today.AddDays(casefile.NoticeReadDays)
	l.Effective = today
	if err := s.House.Letters.PutLetter(ctx, l); err != nil {
		return err
	}
	return s.fromRecipient(ctx, c, *n, ledger.NoticeSent, "fetched", actor, now)
}

// ConfirmNotice takes a recipient's word that it acted on a notice, and what it says
// to it, if anything. Said twice it is the same word.
func (s *Correspondence) ConfirmNotice(ctx context.Context, actor casefile.Actor, number string, said person.Text, now time.Time) error {
	return s.ofRecipient(ctx, actor, casefile.ActionConfirmNotice, number, now, func(ctx context.Context, c casefile.Case, n procedure.Notice) error {
		switch n.State {
		case casefile.NoticeConfirmed:
			return nil
		case casefile.NoticeSent:
		default:
			return problem.New(problem.Conflict, "citizen.notice.unread")
		}
		n.State, n.Text.AnsweredAt = casefile.NoticeConfirmed, now
		if !said.IsBlank() {
			n.Text.Said = said
		}
		return s.fromRecipient(ctx, c, n, ledger.NoticeAnswered, "confirmed", actor, now)
	})
}

// fromRecipient keeps what a recipient did, with its entries.
func (s *Correspondence) fromRecipient(ctx context.Context, c casefile.Case, n procedure.Notice, kind ledger.Kind, moment string, actor casefile.Actor, now time.Time) error {
	if err := s.PutNotices(ctx, c, n); err != nil {
		return err
	}
	if err := s.Note(ctx, c, casefile.NoteRecipient, calendar.Date{}, actor, casefile.HappeningText{Ref: n.ID}, now); err != nil {
		return err
	}
	details := map[string]string{"notice": n.ID.String(), "state": string(n.State), "moment": moment}
	if err := s.Ledger.Record(ctx, kind, c.ID, actor, details, now); err != nil {
		return err
	}
	return s.Notifying(ctx, c, uuid.Nil, now)
}

// ofRecipient asks whether a recipient may, and runs f on its notice under the lock of
// the case. One that was stopped or has expired since the code was entered is gone, and
// so is one that went out anew with another number.
func (s *Correspondence) ofRecipient(ctx context.Context, actor casefile.Actor, action casefile.Action, number string, now time.Time, f func(context.Context, casefile.Case, procedure.Notice) error) error {
	if err := s.Permission.May(actor, action, actor.Authority); err != nil {
		return err
	}
	gone := problem.New(problem.NotFound, "citizen.notice.gone")
	err := s.Units.InTx(ctx, actor.Authority, func(ctx context.Context) error {
		row, err := s.Plans.Notice(ctx, actor.ID)
		if err != nil {
			return err
		}
		c, err := s.Cases.Lock(ctx, row.Case)
		if err != nil {
			return err
		}
		n, err := s.underLock(ctx, c, row.ID)
		if err != nil {
			return err
		}
		if n.Number != number || !n.Opens(calendar.DateOf(now)) {
			return gone
		}
		return f(ctx, c, n)
	})
	var said *problem.Error
	if errors.Is(err, problem.NotFound) && !errors.As(err, &said) {
		return gone
	}
	return err
}
