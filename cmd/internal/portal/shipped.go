package portal

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/inventory"
	"einsicht/internal/ledger"
	"einsicht/internal/person"
)

// importShipped brings the shipped authorities into a database that holds none
// yet. Later versions come by `einsicht inventory import`.
func (m *Main) importShipped(ctx context.Context) error {
	known, err := m.DB.Authorities(ctx)
	if err != nil || len(known) > 0 {
		return m.prepareKeys(ctx, known, err)
	}
	for _, inv := range inventory.Shipped() {
		if _, err := m.Import(ctx, inv, m.Clock()); err != nil {
			return err
		}
	}
	known, err = m.DB.Authorities(ctx)
	return m.prepareKeys(ctx, known, err)
}

// prepareKeys makes the keys of search hashes before the first request needs
// them inside a transaction.
func (m *Main) prepareKeys(ctx context.Context, authorities []casefile.Authority, err error) error {
	if err != nil {
		return err
	}
	kinds := []string{"reference", "erased"}
	for _, k := range person.IdentifierKinds {
		kinds = append(kinds, string(k))
	}
	for _, a := range authorities {
		if err := m.Keys.Prepare(ctx, a.ID, kinds...); err != nil {
			return err
		}
	}
	return nil
}

// Import makes an inventory the current version of its authority, which is added
// if it is new. It says whether anything changed.
func (m *Main) Import(ctx context.Context, inv inventory.Inventory, now time.Time) (changed bool, err error) {
	a, err := m.DB.PutAuthority(ctx, casefile.Authority{Slug: inv.Authority.ID, Name: inv.Authority.Name, Land: inv.Authority.Land}, now)
	if err != nil {
		return false, fmt.Errorf("add authority %s: %w", inv.Authority.ID, err)
	}
	operator := casefile.Actor{Role: casefile.Operator, Authority: a.ID}
	if err := m.House.Permission.May(operator, casefile.ActionImportInventory, a.ID); err != nil {
		return false, err
	}
	return changed, m.DB.InTx(ctx, a.ID, func(ctx context.Context) error {
		imports := m.House.Inventories.(importer)
		if changed, err = imports.Import(ctx, inv, uuid.Nil, now); err != nil || !changed {
			return err
		}
		sum := inv.SHA256()
		return m.Ledger.Record(ctx, ledger.InventoryImported, uuid.Nil, operator, map[string]string{"sha256": fmt.Sprintf("%x", sum)}, now)
	})
}

type importer interface {
	Import(ctx context.Context, inv inventory.Inventory, by uuid.UUID, now time.Time) (bool, error)
}
