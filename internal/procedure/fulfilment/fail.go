package fulfilment

import (
	"context"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/ledger"
)

// Fail lets staff be asked about the measures of a system that could not be reached,
// in a rehearsal or after the plan was fixed. Whether one of them was done nobody
// knows; a new attempt reads first.
func (s *Fulfilment) Fail(ctx context.Context, authority, inquiry uuid.UUID, now time.Time) error {
	r, err := s.waiting(ctx, authority, inquiry, casefile.Rehearsing, casefile.Acting)
	if err != nil {
		return err
	}
	return s.Units.InTx(ctx, authority, func(ctx context.Context) error {
		c, err := s.Cases.Lock(ctx, r.c.ID)
		if err != nil {
			return err
		}
		open, err := s.of(ctx, c, r.system, casefile.Rehearsing, casefile.Acting)
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
