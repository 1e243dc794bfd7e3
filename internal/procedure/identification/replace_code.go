package identification

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/ledger"
	"einsicht/internal/person"
	"einsicht/internal/problem"
)

// ReplaceCode gives a case a new access code; the old one is dead at once. The
// new one goes to a verified e-mail address or, with uuid.Nil as contact, by
// letter to the address on file: then it is returned, to be printed, and shown
// to nobody else.
func (s *Identification) ReplaceCode(ctx context.Context, actor casefile.Actor, caseID, contact uuid.UUID, now time.Time) (forLetter person.Text, err error) {
	random := make([]byte, 20)
	rand.Read(random) // never fails since Go 1.24
	code := casefile.AccessCode(random)
	mac, err := s.Keys.CodeMAC(ctx, code)
	if err != nil {
		return person.Text{}, err
	}
	err = s.Locked(ctx, actor, casefile.ActionReplaceCode, caseID, func(ctx context.Context, c *casefile.Case) error {
		if c.State.Over() {
			return problem.New(problem.Conflict, "case.over")
		}
		way := "letter"
		if contact != uuid.Nil {
			way = "contact"
			if err := s.mailCode(ctx, *c, contact, code, mac, actor, now); err != nil {
				return err
			}
		}
		if err := s.Cases.SetCredentials(ctx, caseID, mac); err != nil {
			return err
		}
		if err := s.Note(ctx, *c, casefile.NoteCodeReplaced, calendar.Date{}, actor, casefile.HappeningText{}, now); err != nil {
			return err
		}
		return s.Ledger.Record(ctx, ledger.CodeReplaced, caseID, actor, map[string]string{"way": way}, now)
	})
	if err != nil || contact != uuid.Nil {
		return person.Text{}, err
	}
	return person.NewText(code), nil
}

// mailCode sends a new access code to a contact that somebody verified.
func (s *Identification) mailCode(ctx context.Context, c casefile.Case, contact uuid.UUID, code string, mac []byte, actor casefile.Actor, now time.Time) error {
	identifiers, err := s.Identifiers(ctx, c)
	if err != nil {
		return err
	}
	for _, d := range identifiers {
		if d.ID != contact || d.Kind != person.Email || !d.Verified() {
			continue
		}
		// Done from the start: nobody enters it as proof of a contact.
		check := casefile.ContactCheck{ID: uuid.New(), Case: c.ID, Identifier: contact, SentBy: actor.ID, CreatedAt: now, ExpiresAt: now, DoneAt: now, CodeMAC: mac}
		return s.mailLater(ctx, c, check, casefile.CodeMail{Code: person.NewText(code), To: d.Value, Access: true})
	}
	return problem.New(problem.Conflict, "desk.error.contact_not_verified")
}
