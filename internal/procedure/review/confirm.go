package review

import (
	"context"
	"time"

	"einsicht/internal/casefile"
	"einsicht/internal/ledger"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"

	"github.com/google/uuid"
)

// Confirm records that the authority stands by what was only inferred about a
// system. It holds for the present wording.
func (s *Review) Confirm(ctx context.Context, actor casefile.Actor, system string, now time.Time) error {
	if err := s.Permission.May(actor, casefile.ActionConfirmInventory, actor.Authority); err != nil {
		return err
	}
	return s.Units.InTx(ctx, actor.Authority, func(ctx context.Context) error {
		_, inv, err := s.Inventories.Current(ctx)
		if err != nil {
			return err
		}
		wanted, ok := inv.System(system)
		if !ok {
			return problem.NotFound
		}
		if err := s.Inventories.Confirm(ctx, system, procedure.Fingerprint(wanted), actor.ID, now); err != nil {
			return err
		}
		return s.Ledger.Record(ctx, ledger.InventoryConfirmed, uuid.Nil, actor, map[string]string{"system": system}, now)
	})
}
