package review

import (
	"context"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/inventory"
	"einsicht/internal/ledger"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
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

// Register reads the inventory in force and who confirmed what in it.
func (s *Review) Register(ctx context.Context, actor casefile.Actor) (inventory.Inventory, map[string][]procedure.Confirmation, error) {
	var inv inventory.Inventory
	var confirmed map[string][]procedure.Confirmation
	// Whoever works with cases may read what the authority publishes anyway.
	err := s.Units.View(ctx, actor.Authority, func(ctx context.Context) error {
		var err error
		if _, inv, err = s.Inventories.Current(ctx); err != nil {
			return err
		}
		confirmed, err = s.Inventories.Confirmations(ctx)
		return err
	})
	return inv, confirmed, err
}
