package connecting

import (
	"context"
	"time"

	"einsicht/internal/casefile"
	"einsicht/internal/ledger"
	"einsicht/internal/problem"
)

// TurnOn puts the draft in force, if it still is the version that was shown and
// has passed its test.
func (s *Connecting) TurnOn(ctx context.Context, actor casefile.Actor, system, version string, now time.Time) error {
	return s.changing(ctx, actor, system, func(ctx context.Context) error {
		row, err := s.Store.LockRow(ctx, system)
		if err != nil {
			return err
		}
		if row.DraftVersion != version {
			return problem.New(problem.Conflict, "connecting.error.changed")
		}
		tests, err := s.Store.Tests(ctx)
		if err != nil {
			return err
		}
		if t := tests[system]; t.Outcome != Passed || t.Version != version {
			return problem.New(problem.Conflict, "connecting.error.untested")
		}
		text, err := s.text(ctx, actor.Authority, system, draft, row.Draft)
		if err != nil {
			return err
		}
		if row.Live, err = s.sealed(ctx, actor.Authority, system, live, text); err != nil {
			return err
		}
		row.State, row.LiveVersion, row.ChangedAt, row.ChangedBy = On, version, now, actor.ID
		if err := s.Store.PutRow(ctx, row); err != nil {
			return err
		}
		return s.record(ctx, ledger.ConnectionOn, actor, row, now)
	})
}

// TurnOff makes the system a task for its unit again, from the next case on.
// It works also where a file has come meanwhile, and is then the remedy.
func (s *Connecting) TurnOff(ctx context.Context, actor casefile.Actor, system string, now time.Time) error {
	if err := s.Permission.May(actor, casefile.ActionConnect, actor.Authority); err != nil {
		return err
	}
	return s.Units.InTx(ctx, actor.Authority, func(ctx context.Context) error {
		row, err := s.Store.LockRow(ctx, system)
		if err != nil || row.State != On {
			return err
		}
		row.State, row.ChangedAt, row.ChangedBy = Off, now, actor.ID
		if err := s.Store.PutRow(ctx, row); err != nil {
			return err
		}
		return s.record(ctx, ledger.ConnectionOff, actor, row, now)
	})
}
