package fulfilment

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/ledger"
)

// FailRehearsal lets staff be asked about the measures that could not be tried in a
// system, and why: cause is what the last attempt ended with.
func (s *Fulfilment) FailRehearsal(ctx context.Context, authority, inquiry uuid.UUID, cause error, now time.Time) error {
	return s.fail(ctx, authority, inquiry, casefile.Rehearsing, cause, now)
}

// FailChange lets staff be asked about the measures that could not be carried out in a
// system, and why. Whether one of them was done nobody knows; a new attempt reads first.
func (s *Fulfilment) FailChange(ctx context.Context, authority, inquiry uuid.UUID, cause error, now time.Time) error {
	return s.fail(ctx, authority, inquiry, casefile.Acting, cause, now)
}

func (s *Fulfilment) fail(ctx context.Context, authority, inquiry uuid.UUID, state casefile.MeasureState, cause error, now time.Time) error {
	r, err := s.waiting(ctx, authority, inquiry, state)
	if err != nil {
		return err
	}
	return s.Units.InTx(ctx, authority, func(ctx context.Context) error {
		c, err := s.Cases.Lock(ctx, r.c.ID)
		if err != nil {
			return err
		}
		open, err := s.of(ctx, c, r.system, state)
		if err != nil {
			return err
		}
		for _, m := range open {
			if err := s.stop(ctx, c, &m, reasonOf(cause)); err != nil {
				return err
			}
			if err := s.Ledger.Record(ctx, ledger.MeasureStopped, c.ID, s.program(c), details(m), now); err != nil {
				return err
			}
		}
		job := casefile.JobChange
		if state == casefile.Rehearsing {
			job = casefile.JobRehearse
		}
		return s.forgetTries(ctx, c, inquiry, job)
	})
}

// reasonOf says what kept a system from being asked or changed, so that who reads it
// knows who has to act: the kind of a failure is defined by that.
func reasonOf(cause error) string {
	switch {
	case connector.LacksRight(cause):
		return reasonNoRight
	case errors.Is(cause, connector.ErrConfig):
		return reasonMisentered
	case errors.Is(cause, connector.ErrBroken):
		return reasonUnreadable
	case errors.Is(cause, connector.ErrUnreachable):
		return reasonUnreachable
	}
	return reasonLost
}

// reasonOfTrouble says so of a system that had failed when the person was searched for.
func reasonOfTrouble(kind casefile.TroubleKind) string {
	switch kind {
	case casefile.Misentered:
		return reasonMisentered
	case casefile.Unreadable:
		return reasonUnreadable
	case casefile.Lost:
		return reasonLost
	}
	return reasonUnreachable
}
