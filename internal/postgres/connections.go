package postgres

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"einsicht/internal/procedure/connecting"
)

// Connections keeps how an authority's systems are reached, trials of that, and
// sealed secrets.
type Connections struct{}

type connectionRow struct {
	AuthorityID  uuid.UUID `gorm:"primaryKey"`
	SystemID     string    `gorm:"primaryKey"`
	Kind         string
	State        string
	Draft        []byte
	DraftVersion string
	Live         []byte
	LiveVersion  string
	ChangedAt    time.Time
	ChangedBy    uuid.UUID
}

func (connectionRow) TableName() string { return "connection" }

func (r connectionRow) toRow() connecting.Row {
	return connecting.Row{System: r.SystemID, Kind: r.Kind, State: connecting.State(r.State), Draft: r.Draft, DraftVersion: r.DraftVersion,
		Live: r.Live, LiveVersion: r.LiveVersion, ChangedAt: r.ChangedAt, ChangedBy: r.ChangedBy}
}

// Rows reads all connections of the authority, by system.
func (Connections) Rows(ctx context.Context) (map[string]connecting.Row, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return nil, err
	}
	var rows []connectionRow
	if err := tx.Find(&rows).Error; err != nil {
		return nil, withoutDetail(err)
	}
	all := map[string]connecting.Row{}
	for _, r := range rows {
		all[r.SystemID] = r.toRow()
	}
	return all, nil
}

// Row reads the connection of one system.
func (Connections) Row(ctx context.Context, system string) (connecting.Row, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return connecting.Row{}, err
	}
	return takeConnection(tx, system)
}

// LockRow is Row, and keeps others from changing it until the transaction ends.
func (Connections) LockRow(ctx context.Context, system string) (connecting.Row, error) {
	tx, _, err := write(ctx)
	if err != nil {
		return connecting.Row{}, err
	}
	return takeConnection(tx.Clauses(clause.Locking{Strength: "UPDATE"}), system)
}

func takeConnection(tx *gorm.DB, system string) (connecting.Row, error) {
	var row connectionRow
	if err := tx.Take(&row, "system_id = ?", system).Error; err != nil {
		return connecting.Row{}, withoutDetail(err)
	}
	return row.toRow(), nil
}

// PutRow adds or changes the connection of a system.
func (Connections) PutRow(ctx context.Context, r connecting.Row) error {
	tx, authority, err := write(ctx)
	if err != nil {
		return err
	}
	row := connectionRow{AuthorityID: authority, SystemID: r.System, Kind: r.Kind, State: string(r.State), Draft: r.Draft, DraftVersion: r.DraftVersion,
		Live: r.Live, LiveVersion: r.LiveVersion, ChangedAt: r.ChangedAt, ChangedBy: r.ChangedBy}
	return withoutDetail(tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error)
}

type connectionFileRow struct {
	AuthorityID uuid.UUID `gorm:"primaryKey"`
	SystemID    string    `gorm:"primaryKey"`
	Kind        string
	Version     string
	Hosts       string // with blanks between
	SeenAt      time.Time
}

func (connectionFileRow) TableName() string { return "connection_file" }

// Files reads which systems of the authority have a file, by system.
func (Connections) Files(ctx context.Context) (map[string]connecting.File, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return nil, err
	}
	var rows []connectionFileRow
	if err := tx.Find(&rows).Error; err != nil {
		return nil, withoutDetail(err)
	}
	all := map[string]connecting.File{}
	for _, r := range rows {
		all[r.SystemID] = connecting.File{System: r.SystemID, Kind: r.Kind, Version: r.Version, Hosts: strings.Fields(r.Hosts), SeenAt: r.SeenAt}
	}
	return all, nil
}

// PutFiles writes which systems have a file, in place of what stood there.
func (Connections) PutFiles(ctx context.Context, files []connecting.File) error {
	tx, authority, err := write(ctx)
	if err != nil {
		return err
	}
	if err := tx.Delete(&connectionFileRow{}, "authority_id = ?", authority).Error; err != nil || len(files) == 0 {
		return withoutDetail(err)
	}
	rows := make([]connectionFileRow, len(files))
	for i, f := range files {
		rows[i] = connectionFileRow{AuthorityID: authority, SystemID: f.System, Kind: f.Kind, Version: f.Version, Hosts: strings.Join(f.Hosts, " "), SeenAt: f.SeenAt}
	}
	return withoutDetail(tx.Create(&rows).Error)
}

type trialRow struct {
	ID          uuid.UUID `gorm:"primaryKey"`
	AuthorityID uuid.UUID
	SystemID    string
	Version     string
	Kind        string
	CreatedAt   time.Time
	CreatedBy   uuid.UUID
	ExpiresAt   *time.Time
	DoneAt      *time.Time
	Outcome     string
	Query       []byte
	Result      []byte
}

func (trialRow) TableName() string { return "connection_trial" }

func (r trialRow) toTrial() connecting.Trial {
	return connecting.Trial{ID: r.ID, System: r.SystemID, Version: r.Version, Kind: connecting.TrialKind(r.Kind), CreatedAt: r.CreatedAt, CreatedBy: r.CreatedBy,
		ExpiresAt: toTime(r.ExpiresAt), DoneAt: toTime(r.DoneAt), Outcome: connecting.Outcome(r.Outcome), Query: r.Query, Result: r.Result}
}

// Trial reads one.
func (Connections) Trial(ctx context.Context, id uuid.UUID) (connecting.Trial, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return connecting.Trial{}, err
	}
	var row trialRow
	if err := tx.Take(&row, "id = ?", id).Error; err != nil {
		return connecting.Trial{}, withoutDetail(err)
	}
	return row.toTrial(), nil
}

// PutTrial adds or changes one.
func (Connections) PutTrial(ctx context.Context, t connecting.Trial) error {
	tx, authority, err := write(ctx)
	if err != nil {
		return err
	}
	row := trialRow{ID: t.ID, AuthorityID: authority, SystemID: t.System, Version: t.Version, Kind: string(t.Kind), CreatedAt: t.CreatedAt, CreatedBy: t.CreatedBy,
		ExpiresAt: fromTime(t.ExpiresAt), DoneAt: fromTime(t.DoneAt), Outcome: string(t.Outcome), Query: t.Query, Result: t.Result}
	return withoutDetail(tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error)
}

// Tests reads the newest test of each system, without what is sealed.
func (Connections) Tests(ctx context.Context) (map[string]connecting.Trial, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return nil, err
	}
	var rows []trialRow
	if err := tx.Omit("query", "result").Order("created_at").Find(&rows, "kind = ?", string(connecting.Test)).Error; err != nil {
		return nil, withoutDetail(err)
	}
	newest := map[string]connecting.Trial{}
	for _, r := range rows {
		newest[r.SystemID] = r.toTrial()
	}
	return newest, nil
}

// DropTests deletes the tests of a system.
func (Connections) DropTests(ctx context.Context, system string) error {
	tx, _, err := write(ctx)
	if err != nil {
		return err
	}
	return withoutDetail(tx.Delete(&trialRow{}, "system_id = ? and kind = ?", system, string(connecting.Test)).Error)
}

// DropTrials deletes what expired.
func (Connections) DropTrials(ctx context.Context, now time.Time) error {
	tx, _, err := write(ctx)
	if err != nil {
		return err
	}
	return withoutDetail(tx.Delete(&trialRow{}, "expires_at <= ?", now).Error)
}

type sourceSecretRow struct {
	AuthorityID uuid.UUID `gorm:"primaryKey"`
	SystemID    string    `gorm:"primaryKey"`
	Name        string    `gorm:"primaryKey"`
	Sealed      []byte
	ChangedAt   time.Time
	ChangedBy   uuid.UUID
}

func (sourceSecretRow) TableName() string { return "source_secret" }

// Secrets lists the secrets of a system by name, without what is sealed.
func (Connections) Secrets(ctx context.Context, system string) (map[string]connecting.Secret, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return nil, err
	}
	var rows []sourceSecretRow
	if err := tx.Omit("sealed").Find(&rows, "system_id = ?", system).Error; err != nil {
		return nil, withoutDetail(err)
	}
	all := map[string]connecting.Secret{}
	for _, r := range rows {
		all[r.Name] = connecting.Secret{System: r.SystemID, Name: r.Name, ChangedAt: r.ChangedAt, ChangedBy: r.ChangedBy}
	}
	return all, nil
}

// Secret reads one, sealed.
func (Connections) Secret(ctx context.Context, system, name string) (connecting.Secret, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return connecting.Secret{}, err
	}
	var row sourceSecretRow
	if err := tx.Take(&row, "system_id = ? and name = ?", system, name).Error; err != nil {
		return connecting.Secret{}, withoutDetail(err)
	}
	return connecting.Secret{System: row.SystemID, Name: row.Name, Sealed: row.Sealed, ChangedAt: row.ChangedAt, ChangedBy: row.ChangedBy}, nil
}

// PutSecret adds a secret of a system or puts it in place of the one of that name.
func (Connections) PutSecret(ctx context.Context, s connecting.Secret) error {
	tx, authority, err := write(ctx)
	if err != nil {
		return err
	}
	row := sourceSecretRow{AuthorityID: authority, SystemID: s.System, Name: s.Name, Sealed: s.Sealed, ChangedAt: s.ChangedAt, ChangedBy: s.ChangedBy}
	return withoutDetail(tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error)
}
