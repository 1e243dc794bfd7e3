package postgres

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm/clause"

	"einsicht/internal/casefile"
	"einsicht/internal/inventory"
	"einsicht/internal/law/calendar"
	"einsicht/internal/procedure"
)

// Inventories keeps every version of an authority's inventory.
type Inventories struct {
	parsed sync.Map // version id → inventory.Inventory
}

type authorityRow struct {
	ID        uuid.UUID `gorm:"primaryKey"`
	Slug      string
	Name      string
	Land      string
	CreatedAt time.Time
}

func (authorityRow) TableName() string { return "authority" }

// Authorities lists all authorities by name. Every page asks for them, so they
// are remembered for a second: one that another process adds is seen after it.
func (db *DB) Authorities(ctx context.Context) ([]casefile.Authority, error) {
	if known := db.known.Load(); known != nil && time.Now().Before(known.until) {
		return slices.Clone(known.all), nil
	}
	all, err := db.readAuthorities(ctx)
	if err != nil {
		return nil, err
	}
	db.known.Store(&knownAuthorities{all, time.Now().Add(time.Second)})
	return slices.Clone(all), nil
}

type knownAuthorities struct {
	all   []casefile.Authority
	until time.Time
}

func (db *DB) readAuthorities(ctx context.Context) ([]casefile.Authority, error) {
	var rows []authorityRow
	if err := db.gorm.WithContext(ctx).Order("name").Find(&rows).Error; err != nil {
		return nil, withoutDetail(err)
	}
	all := make([]casefile.Authority, len(rows))
	for i, r := range rows {
		all[i] = casefile.Authority{ID: r.ID, Slug: r.Slug, Name: r.Name, Land: calendar.Land(r.Land)}
	}
	return all, nil
}

// PutAuthority adds an authority or renews its name; its id stays.
func (db *DB) PutAuthority(ctx context.Context, a casefile.Authority, now time.Time) (casefile.Authority, error) {
	row := authorityRow{ID: uuid.New(), Slug: a.Slug, Name: a.Name, Land: string(a.Land), CreatedAt: now}
	err := db.gorm.WithContext(ctx).Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "slug"}}, DoUpdates: clause.AssignmentColumns([]string{"name"}),
	}, clause.Returning{}).Create(&row).Error
	db.known.Store(nil)
	a.ID = row.ID
	return a, withoutDetail(err)
}

type inventoryRow struct {
	ID          uuid.UUID `gorm:"primaryKey"`
	AuthorityID uuid.UUID
	Sha256      []byte
	Source      string
	ImportedAt  time.Time
	ImportedBy  uuid.UUID
}

func (inventoryRow) TableName() string { return "inventory" }

// Import keeps a new version, unless it is the current one already.
func (i *Inventories) Import(ctx context.Context, inv inventory.Inventory, by uuid.UUID, now time.Time) (imported bool, err error) {
	tx, authority, err := write(ctx)
	if err != nil {
		return false, err
	}
	sum := inv.SHA256()
	var rows []inventoryRow
	if err := tx.Select("sha256").Order("imported_at desc").Limit(1).Find(&rows).Error; err != nil {
		return false, withoutDetail(err)
	}
	if len(rows) > 0 && string(rows[0].Sha256) == string(sum[:]) {
		return false, nil
	}
	row := inventoryRow{ID: uuid.New(), AuthorityID: authority, Sha256: sum[:], Source: string(inv.Source()), ImportedAt: now, ImportedBy: by}
	return true, withoutDetail(tx.Create(&row).Error)
}

// Current reads the newest version and its id.
func (i *Inventories) Current(ctx context.Context) (uuid.UUID, inventory.Inventory, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return uuid.Nil, inventory.Inventory{}, err
	}
	var row inventoryRow
	if err := tx.Select("id").Order("imported_at desc").Take(&row).Error; err != nil {
		return uuid.Nil, inventory.Inventory{}, withoutDetail(err)
	}
	inv, err := i.Version(ctx, row.ID)
	return row.ID, inv, err
}

// Version reads one version.
func (i *Inventories) Version(ctx context.Context, id uuid.UUID) (inventory.Inventory, error) {
	if inv, ok := i.parsed.Load(id); ok {
		return inv.(inventory.Inventory), nil
	}
	tx, _, err := read(ctx)
	if err != nil {
		return inventory.Inventory{}, err
	}
	var row inventoryRow
	if err := tx.Take(&row, "id = ?", id).Error; err != nil {
		return inventory.Inventory{}, withoutDetail(err)
	}
	inv, _, err := inventory.Parse("inventory "+id.String(), []byte(row.Source))
	if err != nil {
		return inventory.Inventory{}, err
	}
	i.parsed.Store(id, inv)
	return inv, nil
}

type confirmationRow struct {
	AuthorityID uuid.UUID `gorm:"primaryKey"`
	SystemID    string    `gorm:"primaryKey"`
	Sha256      []byte    `gorm:"primaryKey"`
	ByStaff     uuid.UUID
	At          time.Time
}

func (confirmationRow) TableName() string { return "inventory_confirmation" }

// Confirm records who of the authority stands by what was inferred.
func (i *Inventories) Confirm(ctx context.Context, system string, fingerprint []byte, by uuid.UUID, at time.Time) error {
	tx, authority, err := write(ctx)
	if err != nil {
		return err
	}
	row := confirmationRow{AuthorityID: authority, SystemID: system, Sha256: fingerprint, ByStaff: by, At: at}
	return withoutDetail(tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error)
}

// Confirmations reads the confirmations of each system, the newest last.
func (i *Inventories) Confirmations(ctx context.Context) (map[string][]procedure.Confirmation, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return nil, err
	}
	var rows []confirmationRow
	if err := tx.Order("at").Find(&rows).Error; err != nil {
		return nil, withoutDetail(err)
	}
	all := map[string][]procedure.Confirmation{}
	for _, r := range rows {
		all[r.SystemID] = append(all[r.SystemID], procedure.Confirmation{Fingerprint: r.Sha256, By: r.ByStaff, At: r.At})
	}
	return all, nil
}
