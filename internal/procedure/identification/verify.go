package identification

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/disclosure"
	"einsicht/internal/ledger"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
)

// contactCodeLife is how long a code sent to a contact can be entered.
const contactCodeLife = 7 * 24 * time.Hour

// Verify records that staff made sure of an identifier, and how.
func (s *Identification) Verify(ctx context.Context, actor casefile.Actor, caseID, identifier uuid.UUID, how casefile.VerifiedHow, note person.Text, now time.Time) error {
	if !slices.Contains(casefile.VerifiedWays, how) {
		return procedure.Incomplete("how", "desk.error.how")
	}
	if note.IsBlank() {
		return procedure.Incomplete("note", "desk.error.note")
	}
	return s.Locked(ctx, actor, casefile.ActionVerifyIdentifier, caseID, func(ctx context.Context, c *casefile.Case) error {
		if c.State.Answered() {
			return problem.New(problem.Conflict, "case.over")
		}
		known, err := s.Identifiers(ctx, *c)
		if err != nil {
			return err
		}
		// Nobody can know whose a network address was, unless a record says so.
		if slices.ContainsFunc(known, func(d casefile.Identifier) bool { return d.ID == identifier && d.Kind == person.IPTime }) {
			return problem.New(problem.Conflict, "desk.error.address_by_record_only")
		}
		return s.markVerified(ctx, c, identifier, how, casefile.HappeningText{ForFile: note}, actor, now)
	})
}

// AddIdentifier takes up a further search term: one that a finding named or
// that the person told. It is claimed, like any other.
func (s *Identification) AddIdentifier(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, kind person.IdentifierKind, value person.Text, now time.Time) error {
	if _, err := person.Normal(kind, value.Reveal()); err != nil {
		return procedure.Incomplete("value", "desk.error.identifier")
	}
	return s.Locked(ctx, actor, casefile.ActionVerifyIdentifier, caseID, func(ctx context.Context, c *casefile.Case) error {
		if c.State.Answered() {
			return problem.New(problem.Conflict, "case.over")
		}
		known, err := s.Identifiers(ctx, *c)
		if err != nil {
			return err
		}
		for _, k := range known {
			if k.Kind == kind && person.Same(kind, k.Value.Reveal(), value.Reveal()) {
				return nil
			}
		}
		d := casefile.Identifier{ID: uuid.New(), Case: c.ID, Kind: kind, Value: value}
		if err := s.SealIdentifier(ctx, *c, &d); err != nil {
			return err
		}
		return s.Cases.PutIdentifiers(ctx, []casefile.Identifier{d})
	})
}

// TakeUp takes up a further search term that a finding names. Where verified
// identifiers alone lead to that finding, what it names is verified with it.
func (s *Identification) TakeUp(ctx context.Context, actor casefile.Actor, caseID, finding uuid.UUID, hint int, note person.Text, now time.Time) error {
	if note.IsBlank() {
		return procedure.Incomplete("note", "desk.error.note")
	}
	return s.Locked(ctx, actor, casefile.ActionVerifyIdentifier, caseID, func(ctx context.Context, c *casefile.Case) error {
		if c.State.Answered() {
			return problem.New(problem.Conflict, "case.over")
		}
		rows, err := s.Findings.Findings(ctx, caseID)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(rows, func(f casefile.Finding) bool { return f.ID == finding })
		if i < 0 {
			return problem.NotFound
		}
		record, err := s.Finding(ctx, *c, rows[i])
		if err != nil {
			return err
		}
		if hint < 0 || hint >= len(record.Hints) {
			return problem.NotFound
		}
		return s.takeUp(ctx, c, record, record.Hints[hint], note, actor, now)
	})
}

func (s *Identification) takeUp(ctx context.Context, c *casefile.Case, record connector.Finding, hint person.Identifier, note person.Text, actor casefile.Actor, now time.Time) error {
	known, err := s.Identifiers(ctx, *c)
	if err != nil {
		return err
	}
	verified := casefile.Verified(known)
	i := slices.IndexFunc(known, func(k casefile.Identifier) bool {
		return k.Kind == hint.Kind && person.Same(hint.Kind, k.Value.Reveal(), hint.Value.Reveal())
	})
	if i < 0 {
		d := casefile.Identifier{ID: uuid.New(), Case: c.ID, Kind: hint.Kind, Value: hint.Value, Record: hint.Record}
		if err := s.SealIdentifier(ctx, *c, &d); err != nil {
			return err
		}
		if err := s.Cases.PutIdentifiers(ctx, []casefile.Identifier{d}); err != nil {
			return err
		}
		known, i = append(known, d), len(known)
	}
	kinds := map[uuid.UUID]person.IdentifierKind{}
	for _, d := range known {
		kinds[d.ID] = d.Kind
	}
	if !disclosure.Vouches(record, hint.Kind, kinds, verified) {
		return nil // somebody has to prove it, as if the person had typed it
	}
	return s.markVerified(ctx, c, known[i].ID, casefile.ByRecord, casefile.HappeningText{ForFile: note}, actor, now)
}

// SendContactCode sends a code to an e-mail address that stood in a source
// before the request. Who enters it on the status page holds that address.
func (s *Identification) SendContactCode(ctx context.Context, actor casefile.Actor, caseID, identifier uuid.UUID, now time.Time) error {
	return s.Locked(ctx, actor, casefile.ActionVerifyIdentifier, caseID, func(ctx context.Context, c *casefile.Case) error {
		identifiers, err := s.Identifiers(ctx, *c)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(identifiers, func(d casefile.Identifier) bool { return d.ID == identifier })
		if i < 0 || identifiers[i].Kind != person.Email {
			return problem.New(problem.Invalid, "desk.error.contact")
		}
		if known, err := s.stoodInSource(ctx, *c, identifiers[i]); err != nil {
			return err
		} else if !known {
			return problem.New(problem.Conflict, "desk.error.contact_not_in_source")
		}
		return s.sendCode(ctx, c, identifiers[i], actor, now)
	})
}

// stoodInSource says whether a system named the contact: an address that was
// only typed into the form proves nothing.
func (s *Identification) stoodInSource(ctx context.Context, c casefile.Case, contact casefile.Identifier) (bool, error) {
	findings, err := s.Findings.Findings(ctx, c.ID)
	if err != nil {
		return false, err
	}
	for _, f := range findings {
		record, err := s.Finding(ctx, c, f)
		if err != nil {
			return false, err
		}
		// A record written after the request could be the impostor's own.
		if !record.Origin.At.IsZero() && record.Origin.At.After(c.ReceivedAt) {
			continue
		}
		for _, field := range record.Fields {
			if !field.ThirdParty && person.Same(contact.Kind, field.Value.Reveal(), contact.Value.Reveal()) {
				return true, nil
			}
		}
	}
	return false, nil
}

func (s *Identification) sendCode(ctx context.Context, c *casefile.Case, contact casefile.Identifier, actor casefile.Actor, now time.Time) error {
	digits, err := rand.Int(rand.Reader, big.NewInt(100_000_000))
	if err != nil {
		return err
	}
	code := fmt.Sprintf("%08d", digits)
	check := casefile.ContactCheck{ID: uuid.New(), Case: c.ID, Identifier: contact.ID, SentBy: actor.ID, CreatedAt: now, ExpiresAt: now.Add(contactCodeLife)}
	if check.CodeMAC, err = s.Keys.CodeMAC(ctx, contactCode(c.ID, code)); err != nil {
		return err
	}
	if err := s.mailLater(ctx, *c, check, casefile.CodeMail{Code: person.NewText(code), To: contact.Value}); err != nil {
		return err
	}
	return s.Ledger.Record(ctx, ledger.Message, c.ID, actor, map[string]string{"message": "contact code", "identifier": contact.ID.String()}, now)
}

// mailLater keeps a code sealed until a job has sent it.
func (s *Identification) mailLater(ctx context.Context, c casefile.Case, check casefile.ContactCheck, mail casefile.CodeMail) error {
	var err error
	if check.Sealed, err = s.Seal(ctx, procedure.SlotOf(c, "contact_check", "sealed", check.ID), mail); err != nil {
		return err
	}
	if err := s.Cases.PutContactCheck(ctx, check); err != nil {
		return err
	}
	return s.Queue.Enqueue(ctx, c.Authority, check.ID, casefile.JobCode)
}

// contactCode binds a code to its case, so that the same digits elsewhere are
// another code.
func contactCode(caseID uuid.UUID, digits string) string {
	return "contact " + caseID.String() + " " + digits
}

func normalDigits(typed string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, typed)
}
