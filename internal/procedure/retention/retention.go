// Package retention forgets our own cases when their time is over.
//
// To forget is to shred the key of the case: what is left in backups can no
// longer be read. The ledger's entries stay and say nothing about a person.
package retention

import (
	"context"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/ledger"
	"einsicht/internal/procedure"
)

// Retention forgets cases.
type Retention struct{ *procedure.House }

// Kept is how long a case is kept after it ended: until the end of the third
// calendar year, the period in which claims about the answer expire (§§ 195,
// 199(1) BGB).
func Kept(ended time.Time) time.Time {
	return time.Date(ended.Year()+4, time.January, 1, 0, 0, 0, 0, ended.Location())
}

// ShredFindings deletes what was gathered for a case that ended without an
// answer: it was never seen and must not stay.
func (s *Retention) ShredFindings(ctx context.Context, authority, caseID uuid.UUID, now time.Time) error {
	var bodies []uuid.UUID
	err := s.Units.InTx(ctx, authority, func(ctx context.Context) error {
		c, err := s.Cases.Lock(ctx, caseID)
		if err != nil {
			return err
		}
		if bodies, err = s.Findings.Bodies(ctx, caseID); err != nil {
			return err
		}
		if err := s.Findings.ShredFindings(ctx, caseID); err != nil {
			return err
		}
		c.ClosedAt = now
		if err := s.Cases.Save(ctx, c); err != nil {
			return err
		}
		return s.Ledger.Record(ctx, ledger.FindingsShred, caseID, casefile.Actor{Role: casefile.System, Authority: authority}, nil, now)
	})
	if err != nil {
		return err
	}
	return s.DropBodies(ctx, bodies)
}

// Sweep asks for each case of an authority whose time is over that it be
// forgotten.
func (s *Retention) Sweep(ctx context.Context, authority uuid.UUID, now time.Time) error {
	return s.Units.InTx(ctx, authority, func(ctx context.Context) error {
		cases, err := s.Cases.InState(ctx, casefile.Closed, casefile.Withdrawn, casefile.Unidentified)
		if err != nil {
			return err
		}
		for _, c := range cases {
			if c.ClosedAt.IsZero() || now.Before(Kept(c.ClosedAt)) {
				continue
			}
			if holds, err := s.Restricts(ctx, c); err != nil {
				return err
			} else if holds {
				continue
			}
			if err := s.Queue.Enqueue(ctx, authority, c.ID, casefile.JobForget); err != nil {
				return err
			}
		}
		return nil
	})
}

// Forget shreds the key of a case and deletes its rows.
func (s *Retention) Forget(ctx context.Context, authority, caseID uuid.UUID, now time.Time) error {
	var bodies []uuid.UUID
	err := s.Units.InTx(ctx, authority, func(ctx context.Context) error {
		c, err := s.Cases.Lock(ctx, caseID)
		if err != nil {
			return err
		}
		if !c.State.Over() || now.Before(Kept(c.ClosedAt)) {
			return nil
		}
		if holds, err := s.Restricts(ctx, c); err != nil || holds {
			return err
		}
		// Under the authority's key: the case's own may be gone already, where data
		// were restored that had been forgotten.
		system := casefile.Actor{Role: casefile.System, Authority: authority}
		if err := s.Ledger.Record(ctx, ledger.Shredded, uuid.Nil, system, map[string]string{caseID.String(): ""}, now); err != nil {
			return err
		}
		if bodies, err = s.Findings.Bodies(ctx, caseID); err != nil {
			return err
		}
		if err := s.Cases.Forget(ctx, caseID); err != nil {
			return err
		}
		return s.Keys.Shred(ctx, authority, caseID)
	})
	if err != nil {
		return err
	}
	return s.DropBodies(ctx, bodies)
}
