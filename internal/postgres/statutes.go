package postgres

import (
	"context"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm/clause"

	"einsicht/internal/procedure"
)

// Statutes keeps what an authority said about the catalogue of law, and every
// version of its own words for letters.
type Statutes struct{}

type lawConfirmationRow struct {
	AuthorityID uuid.UUID `gorm:"primaryKey"`
	Sha256      []byte    `gorm:"primaryKey"`
	ByStaff     uuid.UUID
	At          time.Time
}

func (lawConfirmationRow) TableName() string { return "law_confirmation" }

// ConfirmLaw records who compared a catalogue with the text in force. The first
// confirmation stands.
func (Statutes) ConfirmLaw(ctx context.Context, c procedure.Confirmation) error {
	tx, authority, err := write(ctx)
	if err != nil {
		return err
	}
	row := lawConfirmationRow{AuthorityID: authority, Sha256: c.Fingerprint, ByStaff: c.By, At: c.At}
	return withoutDetail(tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error)
}

// LawConfirmed finds who confirmed the catalogue with that hash; none: zero.
func (Statutes) LawConfirmed(ctx context.Context, sum []byte) (procedure.Confirmation, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return procedure.Confirmation{}, err
	}
	var rows []lawConfirmationRow
	if err := tx.Find(&rows, "sha256 = ?", sum).Error; err != nil || len(rows) == 0 {
		return procedure.Confirmation{}, withoutDetail(err)
	}
	return procedure.Confirmation{Fingerprint: rows[0].Sha256, By: rows[0].ByStaff, At: rows[0].At}, nil
}

type textsRow struct {
	ID          uuid.UUID `gorm:"primaryKey"`
	AuthorityID uuid.UUID
	Sha256      []byte
	Source      string
	ImportedAt  time.Time
	ImportedBy  uuid.UUID
}

func (textsRow) TableName() string { return "letter_texts" }

// PutTexts keeps a new version of the authority's own words.
func (Statutes) PutTexts(ctx context.Context, source string, c procedure.Confirmation) error {
	tx, authority, err := write(ctx)
	if err != nil {
		return err
	}
	row := textsRow{ID: uuid.New(), AuthorityID: authority, Sha256: c.Fingerprint, Source: source, ImportedAt: c.At, ImportedBy: c.By}
	return withoutDetail(tx.Create(&row).Error)
}

// Texts reads the authority's newest words; none: empty.
func (Statutes) Texts(ctx context.Context) (string, procedure.Confirmation, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return "", procedure.Confirmation{}, err
	}
	var rows []textsRow
	if err := tx.Order("imported_at desc").Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return "", procedure.Confirmation{}, withoutDetail(err)
	}
	r := rows[0]
	return r.Source, procedure.Confirmation{Fingerprint: r.Sha256, By: r.ImportedBy, At: r.ImportedAt}, nil
}
