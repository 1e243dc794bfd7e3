package delivery

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/ledger"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
	"einsicht/internal/wording"
)

// controllers are those to whom data can be handed directly.
type controllers interface {
	Controllers(authority string) []casefile.Controller
	// Transmit hands a parcel over, from where an earlier attempt was cut, and gives
	// the receipt as it was signed. note keeps where that is. Fails with
	// ErrNotReceived where another attempt would not help.
	Transmit(ctx context.Context, authority, controller string, p Parcel, location string, note func(location string) error) (signed string, err error)
}

// Parcel is what another controller gets.
type Parcel struct {
	ID     uuid.UUID
	Size   int64  // bytes
	SHA256 string // hexadecimal
	Open   func(offset int64) (io.ReadCloser, error)
}

// ErrMore says that a transmission got on and is not at its end.
var ErrMore = errors.New("more to send")

// ErrNotReceived says that a parcel can't be handed over until somebody looked.
var ErrNotReceived = errors.New("not received")

// ErrUnproven says that a parcel was sent whole, and that what came back does not prove
// that it arrived.
var ErrUnproven = errors.New("no valid receipt")

// Direct is what a case has of transmissions: those that were begun, and to whom
// there can be another.
type Direct struct {
	Begun []procedure.Transmission
	Can   []casefile.Controller // none: nobody is listed, or there is nothing to transmit now
}

// Direct shows staff the transmissions of a case, which they have opened.
func (s *Delivery) Direct(ctx context.Context, actor casefile.Actor, authority casefile.Authority, caseID uuid.UUID, now time.Time) (d Direct, err error) {
	if err := s.Permission.May(actor, casefile.ActionOpenCase, actor.Authority); err != nil {
		return d, err
	}
	err = s.Units.View(ctx, actor.Authority, func(ctx context.Context) error {
		c, err := s.Cases.Case(ctx, caseID)
		if err != nil {
			return err
		}
		if d.Begun, err = s.Transmissions(ctx, c); err != nil {
			return err
		}
		switch _, err := s.takeout(ctx, c, now); {
		case err == nil:
			d.Can = s.listed(authority.Slug)
		case !errors.Is(err, problem.NotFound):
			return err
		}
		return nil
	})
	return d, err
}

// listed are those of an authority.
func (s *Delivery) listed(authority string) []casefile.Controller {
	if s.Others == nil {
		return nil
	}
	return s.Others.Controllers(authority)
}

// Transmit lets the package to take along go to another controller, as the person
// asked (Art. 20(2) GDPR). Who released the answer, or may, says so.
func (s *Delivery) Transmit(ctx context.Context, actor casefile.Actor, authority casefile.Authority, caseID uuid.UUID, controller string, now time.Time) error {
	return s.Locked(ctx, actor, casefile.ActionRelease, caseID, func(ctx context.Context, c *casefile.Case) error {
		if _, err := s.takeout(ctx, *c, now); errors.Is(err, problem.NotFound) {
			return problem.New(problem.Conflict, "transmission.error.nothing")
		} else if err != nil {
			return err
		}
		listed := s.listed(authority.Slug)
		i := slices.IndexFunc(listed, func(l casefile.Controller) bool { return l.ID == controller })
		if i < 0 {
			return procedure.Incomplete("controller", "transmission.error.controller")
		}
		before, err := s.Transmissions(ctx, *c)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(before, func(t procedure.Transmission) bool {
			return t.State != casefile.NotReceived && t.Text.Controller.ID == controller
		}) {
			return problem.New(problem.Conflict, "transmission.error.twice")
		}
		t := procedure.Transmission{Transmission: casefile.Transmission{ID: uuid.New(), Case: caseID, State: casefile.Transmitting, MadeAt: now, MadeBy: actor.ID}, Text: casefile.TransmissionText{Controller: listed[i]}}
		if err := s.PutTransmission(ctx, *c, t); err != nil {
			return err
		}
		if err := s.Ledger.Record(ctx, ledger.TransmissionBegun, caseID, actor, map[string]string{"transmission": t.ID.String(), "controller": controller}, now); err != nil {
			return err
		}
		return s.Queue.Enqueue(ctx, c.Authority, t.ID, casefile.JobTransmit)
	})
}

// Send carries one transmission on, from wherever an earlier run was torn, until the
// other side has signed for it. Fails with ErrMore where it got on.
func (s *Delivery) Send(ctx context.Context, authority casefile.Authority, id uuid.UUID, now time.Time) error {
	c, t, file, err := s.transmission(ctx, authority.ID, id, now)
	if err != nil || t.State != casefile.Transmitting {
		return err
	}
	if file == nil {
		return s.end(ctx, c, t, casefile.NotReceived, "transmission.reason.nothing", now)
	}
	t.Text.Size, t.Text.SHA256 = file.size, file.sha256
	sent := &counter{}
	parcel := Parcel{ID: id, Size: file.size, SHA256: file.sha256, Open: func(offset int64) (io.ReadCloser, error) {
		plain, err := file.open(ctx, offset)
		sent.ReadCloser = plain
		return sent, err
	}}
	t.Text.Receipt, err = s.Others.Transmit(ctx, authority.Slug, t.Text.Controller.ID, parcel, t.Text.Location, func(location string) error {
		t.Text.Location = location
		return s.located(ctx, c, t)
	})
	switch {
	case err == nil:
		return s.end(ctx, c, t, casefile.Transmitted, "", now)
	case errors.Is(err, ErrUnproven):
		s.Log.Warn("package sent without a valid receipt", "transmission", id, "error", err)
		return s.end(ctx, c, t, casefile.NotReceived, "transmission.reason.receipt", now)
	case errors.Is(err, ErrNotReceived):
		s.Log.Warn("package not received", "transmission", id, "error", err)
		return s.end(ctx, c, t, casefile.NotReceived, "transmission.reason.refused", now)
	case sent.bytes > 0 && errors.Is(ctx.Err(), context.DeadlineExceeded):
		return ErrMore
	}
	return err
}

// located keeps where the other side takes a transmission. Where another run of the
// same job has ended it, nothing is written over that: ErrMore.
func (s *Delivery) located(ctx context.Context, c casefile.Case, t procedure.Transmission) error {
	return s.Units.InTx(ctx, c.Authority, func(ctx context.Context) error {
		if _, err := s.Cases.Lock(ctx, c.ID); err != nil {
			return err
		}
		row, err := s.Transmitted.Transmission(ctx, t.ID)
		switch {
		case err != nil:
			return err
		case row.State != casefile.Transmitting:
			return ErrMore
		}
		return s.PutTransmission(ctx, c, t)
	})
}

// NotReceived ends a transmission that nobody took in all attempts, so that staff look.
func (s *Delivery) NotReceived(ctx context.Context, authority casefile.Authority, id uuid.UUID, now time.Time) error {
	c, t, _, err := s.transmission(ctx, authority.ID, id, now)
	if err != nil || t.State != casefile.Transmitting {
		return err
	}
	return s.end(ctx, c, t, casefile.NotReceived, "transmission.reason.refused", now)
}

// transmission reads one, and the package that goes out; nil where there is none any
// more.
func (s *Delivery) transmission(ctx context.Context, authority, id uuid.UUID, now time.Time) (c casefile.Case, t procedure.Transmission, file *takeout, err error) {
	err = s.Units.View(ctx, authority, func(ctx context.Context) error {
		if c, t, err = s.Transmission(ctx, id); err != nil {
			return err
		}
		if file, err = s.takeout(ctx, c, now); errors.Is(err, problem.NotFound) {
			file, err = nil, nil
		}
		return err
	})
	return c, t, file, err
}

// counter counts what is read.
type counter struct {
	io.ReadCloser
	bytes int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.bytes += int64(n)
	return n, err
}

// end notes how a transmission ended.
func (s *Delivery) end(ctx context.Context, c casefile.Case, t procedure.Transmission, state casefile.TransmissionState, reason string, now time.Time) error {
	kind := ledger.TransmissionReceived
	if state == casefile.NotReceived {
		kind = ledger.TransmissionFailed
	}
	t.State, t.EndedAt, t.Text.Reason = state, now, reason
	program := casefile.Actor{Role: casefile.System, Authority: c.Authority}
	return s.Units.InTx(ctx, c.Authority, func(ctx context.Context) error {
		if _, err := s.Cases.Lock(ctx, c.ID); err != nil {
			return err
		}
		row, err := s.Transmitted.Transmission(ctx, t.ID)
		if err != nil || row.State != casefile.Transmitting {
			return err
		}
		if err := s.PutTransmission(ctx, c, t); err != nil {
			return err
		}
		if err := s.noteTransmission(ctx, c, t, program, now); err != nil {
			return err
		}
		return s.Ledger.Record(ctx, kind, c.ID, program, map[string]string{"transmission": t.ID.String(), "sha256": t.Text.SHA256}, now)
	})
}

// noteTransmission tells the person where the data went, and staff where they did not.
func (s *Delivery) noteTransmission(ctx context.Context, c casefile.Case, t procedure.Transmission, program casefile.Actor, now time.Time) error {
	if t.State == casefile.NotReceived {
		said := casefile.HappeningText{ForFile: person.NewText(wording.Text(wording.German, t.Text.Reason, "name", t.Text.Controller.Name))}
		return s.Note(ctx, c, casefile.NoteNotTransmitted, calendar.Date{}, program, said, now)
	}
	request, err := s.Request(ctx, c)
	if err != nil {
		return err
	}
	lang := wording.Parse(request.Lang)
	said := wording.Text(lang, "transmission.received", "name", t.Text.Controller.Name, "date", wording.Date(lang, now), "sum", t.Text.SHA256)
	return s.Note(ctx, c, casefile.NoteTransmitted, calendar.Date{}, program, casefile.HappeningText{ForPerson: person.NewText(said)}, now)
}
