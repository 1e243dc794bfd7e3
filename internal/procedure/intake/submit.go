package intake

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/deadline"
	"einsicht/internal/ledger"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
)

// Application is a request as the form hands it over.
type Application struct {
	Token       string // random, given to the form when it was first shown
	Rights      []law.Right
	Request     casefile.Request
	Identifiers []person.Identifier // claimed; kind and value
}

// CodeShown is how long after receipt the access code can be shown again.
const CodeShown = 30 * time.Minute

// Receipt is what the applicant is told.
type Receipt struct {
	Case       uuid.UUID
	FileNumber string
	AccessCode string // empty when it was replaced since, or after CodeShown
	Received   calendar.Date
	Reckoning  deadline.Reckoning
}

// Submit opens the case of a request. Sent twice, with the same token, it is
// the same case and the same receipt.
//
// The access code is made from the form's token under a server key, so that
// it can be shown again to who still holds the form and is stored nowhere.
func (s *Intake) Submit(ctx context.Context, authority casefile.Authority, a Application, now time.Time) (Receipt, error) {
	if err := a.check(); err != nil {
		return Receipt{}, err
	}
	actor := casefile.Actor{Role: casefile.Applicant, Authority: authority.ID}
	if err := s.Permission.May(actor, casefile.ActionSubmit, authority.ID); err != nil {
		return Receipt{}, err
	}
	receipt, err := s.open(ctx, authority, a, now)
	if !errors.Is(err, problem.Conflict) {
		return receipt, err
	}
	return s.again(ctx, authority, a, now)
}

func (s *Intake) open(ctx context.Context, authority casefile.Authority, a Application, now time.Time) (Receipt, error) {
	c := casefile.Case{
		ID: uuid.New(), Authority: authority.ID, ReceivedAt: now, Received: calendar.DateOf(now),
		FileNumber: casefile.FileNumber(authority.Slug, calendar.DateOf(now).Time().Year(), random(8)),
	}
	step, err := casefile.Next("", casefile.Submit, casefile.Facts{})
	if err != nil {
		return Receipt{}, err
	}
	c.State = step.To
	reckoning, err := c.Reckon(authority.Land, nil)
	if err != nil {
		return Receipt{}, err
	}
	code, mac, err := s.accessCode(ctx, a.Token)
	if err != nil {
		return Receipt{}, err
	}
	err = s.Units.InTx(ctx, authority.ID, func(ctx context.Context) error {
		if c.Inventory, _, err = s.Inventories.Current(ctx); err != nil {
			return fmt.Errorf("read the inventory: %w", err)
		}
		if err := s.Keys.NewCase(ctx, authority.ID, c.ID); err != nil {
			return err
		}
		if c.Sealed, err = s.Seal(ctx, procedure.SlotOf(c, "casefile", "sealed", c.ID), a.Request); err != nil {
			return err
		}
		if err := s.Cases.Create(ctx, c, tokenHash(a.Token), mac); err != nil {
			return err
		}
		return s.fill(ctx, c, a, reckoning, step, now)
	})
	return Receipt{Case: c.ID, FileNumber: c.FileNumber, AccessCode: code, Received: c.Received, Reckoning: reckoning}, err
}

// fill writes what belongs to a new case.
func (s *Intake) fill(ctx context.Context, c casefile.Case, a Application, reckoning deadline.Reckoning, step casefile.Step, now time.Time) error {
	rights := make([]casefile.Right, len(a.Rights))
	for i, r := range a.Rights {
		rights[i] = casefile.Right{Right: r}
		rights[i].Due = casefile.DueOf(rights[i], reckoning)
	}
	if err := s.Cases.PutRights(ctx, c.ID, rights); err != nil {
		return err
	}
	if err := s.identify(ctx, c, a); err != nil {
		return err
	}
	actor := casefile.Actor{ID: c.ID, Role: casefile.Applicant, Authority: c.Authority}
	if err := s.Note(ctx, c, string(casefile.Submit), calendar.Date{}, actor, casefile.HappeningText{}, now); err != nil {
		return err
	}
	if err := s.Ledger.Record(ctx, ledger.Submitted, c.ID, actor, map[string]string{"state": string(c.State)}, now); err != nil {
		return err
	}
	return s.Queue.Enqueue(ctx, c.Authority, c.ID, step.Jobs...)
}

// identify keeps what the person can be looked up by, sealed, and keyed hashes
// of it so that staff can find the case.
func (s *Intake) identify(ctx context.Context, c casefile.Case, a Application) error {
	identifiers := make([]casefile.Identifier, len(a.Identifiers))
	hashes := map[string][][]byte{}
	for i, typed := range a.Identifiers {
		d := casefile.Identifier{ID: uuid.New(), Case: c.ID, Kind: typed.Kind, Value: typed.Value, Typed: true}
		if err := s.SealIdentifier(ctx, c, &d); err != nil {
			return err
		}
		identifiers[i] = d
		for _, token := range person.SearchTokens(typed.Kind, typed.Value.Reveal()) {
			h, err := s.Keys.Token(ctx, c.Authority, string(typed.Kind), token)
			if err != nil {
				return err
			}
			hashes[string(typed.Kind)] = append(hashes[string(typed.Kind)], h)
		}
	}
	if err := s.Cases.PutIdentifiers(ctx, identifiers); err != nil {
		return err
	}
	for kind, some := range hashes {
		if err := s.Cases.PutSearchTokens(ctx, c.ID, kind, some); err != nil {
			return err
		}
	}
	return nil
}

// again finds the case that the same form opened before.
func (s *Intake) again(ctx context.Context, authority casefile.Authority, a Application, now time.Time) (Receipt, error) {
	var receipt Receipt
	code, mac, err := s.accessCode(ctx, a.Token)
	if err != nil {
		return receipt, err
	}
	err = s.Units.View(ctx, authority.ID, func(ctx context.Context) error {
		c, err := s.Cases.ByToken(ctx, tokenHash(a.Token))
		if err != nil {
			return err
		}
		_, current, err := s.Cases.Credentials(ctx, c.FileNumber)
		if err != nil {
			return err
		}
		if !hmac.Equal(mac, current) || now.Sub(c.ReceivedAt) >= CodeShown {
			code = ""
		}
		receipt = Receipt{Case: c.ID, FileNumber: c.FileNumber, AccessCode: code, Received: c.Received}
		receipt.Reckoning, err = c.Reckon(authority.Land, nil)
		return err
	})
	return receipt, err
}

// accessCode gives the code of a form and what is stored of it.
func (s *Intake) accessCode(ctx context.Context, token string) (code string, mac []byte, err error) {
	seed, err := s.Keys.CodeMAC(ctx, "form "+token)
	if err != nil {
		return "", nil, err
	}
	code = casefile.AccessCode(seed)
	mac, err = s.Keys.CodeMAC(ctx, code)
	return code, mac, err
}

func (a Application) check() error {
	fields := map[string]string{}
	if len(a.Rights) == 0 {
		fields["rights"] = "citizen.error.rights"
	}
	if a.Request.Name.IsBlank() {
		fields["name"] = "citizen.error.name"
	}
	if a.Request.Answer == casefile.ByPost && a.Request.Address.Reveal() == "" {
		fields["address"] = "citizen.error.address"
	}
	if a.Request.Answer == casefile.ByPortal && !a.Request.Consent.Given {
		fields["consent"] = "citizen.error.consent"
	}
	if len(a.Token) < 22 {
		return problem.New(problem.Invalid, "citizen.error.token")
	}
	if len(fields) > 0 {
		err := problem.New(problem.Invalid, "citizen.error.form")
		err.Fields = fields
		return err
	}
	return nil
}

func tokenHash(token string) []byte {
	h := sha256.Sum256([]byte(token))
	return h[:]
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails since Go 1.24
	return b
}
