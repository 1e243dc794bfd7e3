package postgres

import (
	"context"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm/clause"

	"einsicht/internal/casefile"
)

// Transmissions keeps packages that other controllers get directly.
type Transmissions struct{}

type transmissionRow struct {
	ID          uuid.UUID `gorm:"primaryKey"`
	CaseID      uuid.UUID
	AuthorityID uuid.UUID
	State       string
	MadeAt      time.Time
	MadeBy      uuid.UUID
	EndedAt     *time.Time
	Sealed      []byte
}

func (transmissionRow) TableName() string { return "transmission" }

func (r transmissionRow) transmission() casefile.Transmission {
	return casefile.Transmission{ID: r.ID, Case: r.CaseID, State: casefile.TransmissionState(r.State), MadeAt: r.MadeAt, MadeBy: r.MadeBy, EndedAt: toTime(r.EndedAt), Sealed: r.Sealed}
}

// PutTransmission adds or changes one.
func (Transmissions) PutTransmission(ctx context.Context, t casefile.Transmission) error {
	tx, authority, err := write(ctx)
	if err != nil {
		return err
	}
	row := transmissionRow{ID: t.ID, CaseID: t.Case, AuthorityID: authority, State: string(t.State), MadeAt: t.MadeAt, MadeBy: t.MadeBy, EndedAt: fromTime(t.EndedAt), Sealed: t.Sealed}
	return withoutDetail(tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error)
}

// Transmission reads one. Fails with problem.NotFound.
func (Transmissions) Transmission(ctx context.Context, id uuid.UUID) (casefile.Transmission, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return casefile.Transmission{}, err
	}
	var row transmissionRow
	err = withoutDetail(tx.Take(&row, "id = ?", id).Error)
	return row.transmission(), err
}

// Transmissions reads those of a case, the oldest first.
func (Transmissions) Transmissions(ctx context.Context, caseID uuid.UUID) ([]casefile.Transmission, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return nil, err
	}
	var rows []transmissionRow
	if err := tx.Order("made_at, id").Find(&rows, "case_id = ?", caseID).Error; err != nil {
		return nil, withoutDetail(err)
	}
	all := make([]casefile.Transmission, len(rows))
	for i, r := range rows {
		all[i] = r.transmission()
	}
	return all, nil
}
