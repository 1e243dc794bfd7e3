package postgres

import (
	"context"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"einsicht/internal/casefile"
)

// Letters keeps what was written in cases.
type Letters struct{}

type letterRow struct {
	ID          uuid.UUID `gorm:"primaryKey"`
	CaseID      uuid.UUID
	AuthorityID uuid.UUID
	CreatedAt   time.Time
	CreatedBy   uuid.UUID
	PostedOn    *time.Time
	EffectiveOn *time.Time
	Sealed      []byte
	Pdf         []byte
}

func (letterRow) TableName() string { return "letter" }

func (r letterRow) toLetter() casefile.Letter {
	return casefile.Letter{ID: r.ID, Case: r.CaseID, CreatedAt: r.CreatedAt, CreatedBy: r.CreatedBy,
		PostedOn: toDate(r.PostedOn), Effective: toDate(r.EffectiveOn), Sealed: r.Sealed, PDF: r.Pdf, HasPDF: len(r.Pdf) > 0}
}

// PutLetter adds a letter, or changes its dates and its PDF: what was written
// stays, and so does a PDF of which the caller only knows that there is one.
func (Letters) PutLetter(ctx context.Context, l casefile.Letter) error {
	tx, authority, err := write(ctx)
	if err != nil {
		return err
	}
	row := letterRow{ID: l.ID, CaseID: l.Case, AuthorityID: authority, CreatedAt: l.CreatedAt, CreatedBy: l.CreatedBy,
		PostedOn: fromDate(l.PostedOn), EffectiveOn: fromDate(l.Effective), Sealed: l.Sealed, Pdf: l.PDF}
	return withoutDetail(tx.Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "id"}}, DoUpdates: append(clause.AssignmentColumns([]string{"posted_on", "effective_on"}),
			clause.Assignments(map[string]any{"pdf": gorm.Expr("case when octet_length(excluded.pdf) > 0 then excluded.pdf else letter.pdf end")})...),
	}).Create(&row).Error)
}

// Letter reads one.
func (Letters) Letter(ctx context.Context, id uuid.UUID) (casefile.Letter, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return casefile.Letter{}, err
	}
	var row letterRow
	if err := tx.Take(&row, "id = ?", id).Error; err != nil {
		return casefile.Letter{}, withoutDetail(err)
	}
	return row.toLetter(), nil
}

// listed leaves of a PDF only its first byte, which says that there is one: a list
// need not load them all.
const listed = "id, case_id, authority_id, created_at, created_by, posted_on, effective_on, sealed, substring(pdf from 1 for 1) as pdf"

// Letters reads those of a case, the oldest first. PDFs are read one by one.
func (Letters) Letters(ctx context.Context, caseID uuid.UUID) ([]casefile.Letter, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return nil, err
	}
	var rows []letterRow
	if err := tx.Select(listed).Order("created_at, id").Find(&rows, "case_id = ?", caseID).Error; err != nil {
		return nil, withoutDetail(err)
	}
	letters := make([]casefile.Letter, len(rows))
	for i, r := range rows {
		letters[i] = r.toLetter()
		letters[i].PDF = nil
	}
	return letters, nil
}
