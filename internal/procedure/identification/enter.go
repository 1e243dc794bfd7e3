package identification

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"strconv"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/ledger"
	"einsicht/internal/problem"
)

// Enter lets an applicant in with file number and access code. A wrong pair
// and an unknown number do the same work and get the same answer. Guessing is
// slowed down per number and per address, never locked for good; address is
// the caller's network address, of which only a keyed hash is kept.
func (s *Identification) Enter(ctx context.Context, authority casefile.Authority, fileNumber, code, address string, now time.Time) (casefile.Actor, error) {
	number, _ := casefile.ParseFileNumber(fileNumber)
	normal, _ := casefile.ParseAccessCode(code)
	right, err := s.try(ctx, "citizen.status.wait", "number "+number, "address "+address)
	if err != nil {
		return casefile.Actor{}, err
	}
	var id uuid.UUID
	var stored []byte
	err = s.Units.View(ctx, authority.ID, func(ctx context.Context) error {
		id, stored, err = s.Cases.Credentials(ctx, number)
		return err
	})
	if err != nil {
		return casefile.Actor{}, err
	}
	given, err := s.Keys.CodeMAC(ctx, normal)
	if err != nil {
		return casefile.Actor{}, err
	}
	if stored == nil {
		absent := sha256.Sum256([]byte("absent"))
		stored = absent[:]
	}
	if !hmac.Equal(given, stored) {
		return casefile.Actor{}, problem.New(problem.Forbidden, "citizen.status.wrong")
	}
	return casefile.Actor{ID: id, Role: casefile.Applicant, Authority: authority.ID}, right(ctx)
}

// EnterContactCode takes the code that was sent to a contact which stood in a
// source before the request; the identifier is then verified, and the systems
// can be asked by it.
// Guessing is slowed down like that of access codes.
func (s *Identification) EnterContactCode(ctx context.Context, actor casefile.Actor, code, address string, now time.Time) error {
	right, err := s.try(ctx, "citizen.status.wait", "contact "+actor.ID.String(), "address "+address)
	if err != nil {
		return err
	}
	given, err := s.Keys.CodeMAC(ctx, contactCode(actor.ID, normalDigits(code)))
	if err != nil {
		return err
	}
	matched := false
	err = s.Locked(ctx, actor, casefile.ActionViewOwn, actor.ID, func(ctx context.Context, c *casefile.Case) error {
		if c.State.Answered() {
			return problem.New(problem.Conflict, "case.over")
		}
		checks, err := s.Cases.ContactChecks(ctx, c.ID, now)
		if err != nil {
			return err
		}
		for _, check := range checks {
			if !hmac.Equal(given, check.CodeMAC) {
				continue
			}
			matched = true
			check.DoneAt = now
			if err := s.Cases.PutContactCheck(ctx, check); err != nil {
				return err
			}
			by := casefile.Actor{ID: check.SentBy, Role: casefile.Clerk, Authority: c.Authority}
			return s.markVerified(ctx, c, check.Identifier, casefile.ByContact, casefile.HappeningText{}, by, now)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if !matched {
		return problem.New(problem.Invalid, "citizen.status.contact_code_wrong")
	}
	return right(ctx)
}

// markVerified records that an identifier is the applicant's, and how somebody
// made sure.
func (s *Identification) markVerified(ctx context.Context, c *casefile.Case, id uuid.UUID, how casefile.VerifiedHow, said casefile.HappeningText, by casefile.Actor, now time.Time) error {
	identifiers, err := s.Identifiers(ctx, *c)
	if err != nil {
		return err
	}
	for _, d := range identifiers {
		if d.ID != id {
			continue
		}
		if d.Verified() {
			return nil
		}
		d.VerifiedAt, d.VerifiedBy, d.How, d.Note = now, by.ID, how, said.ForFile
		if err := s.SealIdentifier(ctx, *c, &d); err != nil {
			return err
		}
		if err := s.Cases.SaveIdentifier(ctx, d); err != nil {
			return err
		}
		said.Ref = d.ID
		if err := s.Note(ctx, *c, casefile.NoteVerified, calendar.Date{}, by, said, now); err != nil {
			return err
		}
		return s.Ledger.Record(ctx, ledger.IdentifierVerified, c.ID, by, map[string]string{"identifier": d.ID.String(), "how": string(how)}, now)
	}
	return problem.NotFound
}

// try counts an attempt, or says with a wording key how long to wait. right gives the
// attempt back when it turned out to be right.
func (s *Identification) try(ctx context.Context, waits, account, address string) (right func(context.Context) error, err error) {
	var keys [2][]byte
	for i, value := range []string{account, address} {
		if keys[i], err = s.Keys.CodeMAC(ctx, "throttle "+value); err != nil {
			return nil, err
		}
	}
	wait, err := s.Throttle.Attempt(ctx, keys[0], keys[1])
	if err != nil {
		return nil, err
	}
	if wait > 0 {
		return nil, problem.New(problem.Throttled, waits, "seconds", strconv.Itoa(int(wait.Seconds())+1))
	}
	return func(ctx context.Context) error { return s.Throttle.Succeed(ctx, keys[0], keys[1]) }, nil
}
