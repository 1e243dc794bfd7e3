package fulfilment

import (
	"context"
	"crypto/rand"
	"net/mail"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/ledger"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
)

// TellByMail writes a recipient what was done to which records, as Tell does, and
// lets a mail announce it. The mail names no person and no record: the recipient reads
// the letter in the portal, with number and code. It counts as told when it did.
func (s *Fulfilment) TellByMail(ctx context.Context, actor casefile.Actor, caseID, id uuid.UUID, address, content person.Text, now time.Time) error {
	switch {
	case !isAddress(address.Reveal()):
		return procedure.Incomplete("mail", "recipients.error.mail")
	case content.IsBlank():
		return procedure.Incomplete("content", "recipients.error.content")
	}
	return s.Locked(ctx, actor, casefile.ActionWriteLetter, caseID, func(ctx context.Context, c *casefile.Case) error {
		n, done, err := s.toTell(ctx, *c, id, now)
		if err != nil {
			return err
		}
		if err := s.mailed(ctx, *c, &n, address, now); err != nil {
			return err
		}
		about, on := deeds(done)
		n.Letter, err = s.Letters.Inform(ctx, *c, []person.Text{n.Text.Recipient, address}, about, content, on, casefile.ByPortal, actor, now)
		if err != nil {
			return err
		}
		if err := s.Queue.Enqueue(ctx, c.Authority, n.ID, casefile.JobNotice); err != nil {
			return err
		}
		return s.noted(ctx, *c, actor, n, ledger.NoticeDecided, person.Text{}, now)
	})
}

// mailed gives a notice number and code.
func (s *Fulfilment) mailed(ctx context.Context, c casefile.Case, n *procedure.Notice, address person.Text, now time.Time) error {
	inv, err := s.Inventories.Version(ctx, c.Inventory)
	if err != nil {
		return err
	}
	random := make([]byte, 28)
	rand.Read(random) // never fails since Go 1.24
	today := calendar.DateOf(now)
	n.Number = casefile.NoticeNumber(inv.Authority.ID, today.Time().Year(), random[:8])
	code := casefile.AccessCode(random[8:])
	if n.CodeMAC, err = s.NoticeMAC(ctx, n.Number, code); err != nil {
		return err
	}
	n.State, n.Expires, n.Attempts = casefile.NoticeUnderway, today.AddDays(casefile.NoticeUnreadDays), 0
	n.Text.Unit, n.Text.Returned, n.Text.MailedAt, n.Text.AnsweredAt = false, "", time.Time{}, time.Time{}
	n.Text.Mail, n.Text.Code = address, person.NewText(code)
	return nil
}

// StopMail ends a mailed notice that nobody read, so that the recipient can be told
// in another way.
func (s *Fulfilment) StopMail(ctx context.Context, actor casefile.Actor, caseID, id uuid.UUID, now time.Time) error {
	return s.Locked(ctx, actor, casefile.ActionWriteLetter, caseID, func(ctx context.Context, c *casefile.Case) error {
		n, err := s.notice(ctx, *c, id, casefile.NoticeUnderway)
		if err != nil {
			return err
		}
		if !n.Mailed() {
			return problem.New(problem.Conflict, "recipients.error.not_now")
		}
		return s.ReturnNotice(ctx, *c, n, "recipients.returned.stopped", actor, now)
	})
}

// isAddress says whether a text is one mail address and nothing else.
func isAddress(s string) bool {
	parsed, err := mail.ParseAddress(s)
	return err == nil && parsed.Name == "" && parsed.Address == s
}
