package correspondence

import (
	"context"
	"crypto/sha1"
	"errors"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/ledger"
	"einsicht/internal/letter"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
	"einsicht/internal/wording"
)

// SendReceipt acknowledges receipt (EDPB Guidelines 01/2022, 57), by a letter and
// by a mail that says that it is there.
func (s *Correspondence) SendReceipt(ctx context.Context, authority casefile.Authority, caseID uuid.UUID, now time.Time) error {
	return errors.Join(s.writeReceipt(ctx, authority, caseID, now), s.send(ctx, authority, caseID, Receipt, caseID))
}

func (s *Correspondence) writeReceipt(ctx context.Context, authority casefile.Authority, caseID uuid.UUID, now time.Time) error {
	return s.once(ctx, authority, caseID, "letter receipt", now, func(_ context.Context, c casefile.Case) (sheet, bool, error) {
		// It says until when. While the clock rests nobody can; then the letter with the
		// question has told already that the request is there.
		return sheet{kind: letter.KindReceipt}, !c.Due.IsZero(), nil
	})
}

// SendNews says that there is something new in the case. Of a case that ended for
// want of identity that is the letter which says so.
func (s *Correspondence) SendNews(ctx context.Context, authority casefile.Authority, caseID uuid.UUID, now time.Time) error {
	if err := s.writeClosing(ctx, authority, caseID, now); err != nil {
		return err
	}
	// One mail for all the news of a day.
	return s.send(ctx, authority, caseID, News, derived(caseID, "news "+calendar.DateOf(now).String()))
}

// NotifyReady says that the answer can be fetched, and notes when the notice was
// sent: ten days later the provision of an unfetched refusal ends, § 41(2a) VwVfG.
// Where no notice can be sent, because the person asked for paper, named no
// address or one that is none, staff get a task to post the answer.
func (s *Correspondence) NotifyReady(ctx context.Context, authority casefile.Authority, caseID uuid.UUID, now time.Time) error {
	var request casefile.Request
	err := s.Units.View(ctx, authority.ID, func(ctx context.Context) error {
		c, err := s.Cases.Case(ctx, caseID)
		if err != nil {
			return err
		}
		request, err = s.Request(ctx, c)
		return err
	})
	if err != nil {
		return err
	}
	sent := request.Answer == casefile.ByPortal && !request.Email.IsZero()
	if sent {
		err := s.send(ctx, authority, caseID, AnswerReady, derived(caseID, "ready"))
		if err != nil && !errors.Is(err, problem.Invalid) {
			return err
		}
		sent = err == nil
	}
	return s.Units.InTx(ctx, authority.ID, func(ctx context.Context) error {
		c, err := s.Cases.Lock(ctx, caseID)
		if err != nil || c.State != casefile.Ready || !c.NotifiedAt.IsZero() {
			return err // fetched, posted or noted already
		}
		if !sent {
			task := casefile.Task{ID: uuid.New(), Case: c.ID, Kind: casefile.TaskPost, CreatedAt: now, DueOn: c.Warn}
			return s.Findings.PutTasks(ctx, []casefile.Task{task})
		}
		c.NotifiedAt = now
		if err := s.Cases.Save(ctx, c); err != nil {
			return err
		}
		actor := casefile.Actor{Role: casefile.System, Authority: c.Authority}
		return s.Ledger.Record(ctx, ledger.Notified, c.ID, actor, map[string]string{"way": string(request.Answer)}, now)
	})
}

// SendCode sends the code of a contact check, or a new access code, to that
// contact.
func (s *Correspondence) SendCode(ctx context.Context, authority casefile.Authority, check uuid.UUID) error {
	l := Letter{Ref: check, Authority: authority.Name, Slug: authority.Slug, Occasion: Code}
	var k casefile.ContactCheck
	err := s.Units.View(ctx, authority.ID, func(ctx context.Context) error {
		var err error
		if k, err = s.Cases.ContactCheck(ctx, check); err != nil || len(k.Sealed) == 0 {
			return err
		}
		c, err := s.Cases.Case(ctx, k.Case)
		if err != nil {
			return err
		}
		var content casefile.CodeMail
		if err := s.Open(ctx, procedure.SlotOf(c, "contact_check", "sealed", check), k.Sealed, &content); err != nil {
			return err
		}
		request, err := s.Request(ctx, c)
		l.Lang, l.To, l.Code = wording.Parse(request.Lang), content.To, content.Code
		if content.Access {
			l.Occasion = AccessCode
		}
		return err
	})
	if err != nil || len(k.Sealed) == 0 {
		return err // sent by an earlier run
	}
	if err := s.Mail.Send(ctx, l); err != nil {
		return err
	}
	// From here on only the proof of the code is kept.
	return s.Units.InTx(ctx, authority.ID, func(ctx context.Context) error {
		k, err := s.Cases.ContactCheck(ctx, check)
		if err != nil {
			return err
		}
		k.Sealed = []byte{}
		return s.Cases.PutContactCheck(ctx, k)
	})
}

func (s *Correspondence) send(ctx context.Context, authority casefile.Authority, caseID uuid.UUID, occasion Occasion, ref uuid.UUID) error {
	l := Letter{Ref: ref, Authority: authority.Name, Slug: authority.Slug, Occasion: occasion}
	err := s.Units.View(ctx, authority.ID, func(ctx context.Context) error {
		c, err := s.Cases.Case(ctx, caseID)
		if err != nil {
			return err
		}
		request, err := s.Request(ctx, c)
		l.To, l.Lang = request.Email, wording.Parse(request.Lang)
		return err
	})
	if err != nil || l.To.IsZero() {
		return err
	}
	return s.Mail.Send(ctx, l)
}

// derived makes the reference of a mail from its case and occasion, the same
// each time (RFC 9562, version 5).
func derived(caseID uuid.UUID, occasion string) uuid.UUID {
	return uuid.NewHash(sha1.New(), caseID, []byte(occasion), 5)
}
