package fulfilment

import (
	"context"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/ledger"
)

// FailRehearsal lets staff be asked about the measures that could not be tried in a
// system, since it was not reached.
func (s *Fulfilment) FailRehearsal(ctx context.Context, authority, inquiry uuid.UUID, now time.Time) error {
	return s.fail(ctx, authority, inquiry, casefile.Rehearsing, now)
}

// FailChange lets staff be asked about the measures that could not be carried out in a
// system, since it was not reached. Whether one of them was done nobody knows; a new
// attempt reads first.
func (s *Fulfilment) FailChange(ctx context.Context, authority, inquiry uuid.UUID, now time.Time) error {
	return s.fail(ctx, authority, inquiry, casefile.Acting, now)
}

func (s *Fulfilment) fail(ctx context.Context, authority, inquiry uuid.UUID, state casefile.MeasureState, now time.Time) error {
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
			if err := s.stop(ctx, c, &m, reasonUnreachable); err != nil {
				return err
			}
			if err := s.Ledger.Record(ctx, ledger.MeasureStopped, c.ID, s.program(c), details(m), now); err != nil {
				return err
			}
		}
		return nil
	})
}
