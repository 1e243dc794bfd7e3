package intake

import (
	"context"

	"einsicht/internal/casefile"
	"einsicht/internal/inventory"
)

// Inform reads what an authority publishes about itself and its processing: for
// the start page, the notice under Art. 13 GDPR and the imprint.
func (s *Intake) Inform(ctx context.Context, authority casefile.Authority) (inventory.Inventory, error) {
	var inv inventory.Inventory
	return inv, s.Units.View(ctx, authority.ID, func(ctx context.Context) error {
		var err error
		_, inv, err = s.Inventories.Current(ctx)
		return err
	})
}
