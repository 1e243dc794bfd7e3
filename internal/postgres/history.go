package postgres

import (
	"context"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
)

type happeningRow struct {
	ID          uuid.UUID `gorm:"primaryKey"`
	CaseID      uuid.UUID
	AuthorityID uuid.UUID
	Kind        string
	At          time.Time
	OnDay       *time.Time
	Actor       uuid.UUID
	Sealed      []byte
}

func (happeningRow) TableName() string { return "happening" }

// Happened adds to the history of a case.
func (Cases) Happened(ctx context.Context, h casefile.Happening) error {
	u, err := writing(ctx)
	if err != nil {
		return err
	}
	row := happeningRow{ID: h.ID, CaseID: h.Case, AuthorityID: u.authority, Kind: h.Kind, At: h.At, OnDay: fromDate(h.On), Actor: h.Actor, Sealed: h.Sealed}
	return insert(ctx, &row)
}

// History reads what happened to a case, the oldest first.
func (Cases) History(ctx context.Context, caseID uuid.UUID) ([]casefile.Happening, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return nil, err
	}
	var rows []happeningRow
	if err := tx.Order("at, id").Find(&rows, "case_id = ?", caseID).Error; err != nil {
		return nil, withoutDetail(err)
	}
	history := make([]casefile.Happening, len(rows))
	for i, r := range rows {
		history[i] = casefile.Happening{ID: r.ID, Case: r.CaseID, Kind: r.Kind, At: r.At, On: toDate(r.OnDay), Actor: r.Actor, Sealed: r.Sealed}
	}
	return history, nil
}

type identifierRow struct {
	ID          uuid.UUID `gorm:"primaryKey"`
	CaseID      uuid.UUID
	AuthorityID uuid.UUID
	VerifiedAt  *time.Time
	VerifiedBy  *uuid.UUID
	Sealed      []byte
}

func (identifierRow) TableName() string { return "identifier" }

// PutIdentifiers adds identifiers to a case.
func (Cases) PutIdentifiers(ctx context.Context, identifiers []casefile.Identifier) error {
	u, err := writing(ctx)
	if err != nil || len(identifiers) == 0 {
		return err
	}
	rows := make([]identifierRow, len(identifiers))
	for i, d := range identifiers {
		rows[i] = identifierRow{ID: d.ID, CaseID: d.Case, AuthorityID: u.authority, VerifiedAt: fromTime(d.VerifiedAt), VerifiedBy: fromID(d.VerifiedBy), Sealed: d.Sealed}
	}
	return insert(ctx, &rows)
}

// SaveIdentifier writes who verified an identifier, and its sealed content.
func (Cases) SaveIdentifier(ctx context.Context, d casefile.Identifier) error {
	tx, _, err := write(ctx)
	if err != nil {
		return err
	}
	res := tx.Model(&identifierRow{}).Where("id = ? and case_id = ?", d.ID, d.Case).
		Updates(map[string]any{"verified_at": fromTime(d.VerifiedAt), "verified_by": fromID(d.VerifiedBy), "sealed": d.Sealed})
	return one(res.RowsAffected, res.Error)
}

// Identifiers reads the identifiers of a case; their content is sealed.
func (Cases) Identifiers(ctx context.Context, caseID uuid.UUID) ([]casefile.Identifier, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return nil, err
	}
	var rows []identifierRow
	if err := tx.Order("id").Find(&rows, "case_id = ?", caseID).Error; err != nil {
		return nil, withoutDetail(err)
	}
	identifiers := make([]casefile.Identifier, len(rows))
	for i, r := range rows {
		identifiers[i] = casefile.Identifier{ID: r.ID, Case: r.CaseID, VerifiedAt: toTime(r.VerifiedAt), VerifiedBy: toID(r.VerifiedBy), Sealed: r.Sealed}
	}
	return identifiers, nil
}

type contactCheckRow struct {
	ID           uuid.UUID `gorm:"primaryKey"`
	CaseID       uuid.UUID
	AuthorityID  uuid.UUID
	IdentifierID uuid.UUID
	SentBy       uuid.UUID
	CreatedAt    time.Time
	ExpiresAt    time.Time
	DoneAt       *time.Time
	CodeMac      []byte
	Sealed       []byte
}

func (contactCheckRow) TableName() string { return "contact_check" }

// PutContactCheck keeps a code that was sent to a contact.
func (Cases) PutContactCheck(ctx context.Context, c casefile.ContactCheck) error {
	tx, authority, err := write(ctx)
	if err != nil {
		return err
	}
	row := contactCheckRow{ID: c.ID, CaseID: c.Case, AuthorityID: authority, IdentifierID: c.Identifier, SentBy: c.SentBy,
		CreatedAt: c.CreatedAt, ExpiresAt: c.ExpiresAt, DoneAt: fromTime(c.DoneAt), CodeMac: c.CodeMAC, Sealed: c.Sealed}
	return withoutDetail(tx.Save(&row).Error)
}

// ContactCheck reads one code that was sent.
func (Cases) ContactCheck(ctx context.Context, id uuid.UUID) (casefile.ContactCheck, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return casefile.ContactCheck{}, err
	}
	var row contactCheckRow
	if err := tx.Take(&row, "id = ?", id).Error; err != nil {
		return casefile.ContactCheck{}, withoutDetail(err)
	}
	return row.toCheck(), nil
}

// ContactChecks reads the codes of a case that still can be entered.
func (Cases) ContactChecks(ctx context.Context, caseID uuid.UUID, now time.Time) ([]casefile.ContactCheck, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return nil, err
	}
	var rows []contactCheckRow
	if err := tx.Order("created_at").Find(&rows, "case_id = ? and done_at is null and expires_at > ?", caseID, now).Error; err != nil {
		return nil, withoutDetail(err)
	}
	checks := make([]casefile.ContactCheck, len(rows))
	for i, r := range rows {
		checks[i] = r.toCheck()
	}
	return checks, nil
}

func (r contactCheckRow) toCheck() casefile.ContactCheck {
	return casefile.ContactCheck{ID: r.ID, Case: r.CaseID, Identifier: r.IdentifierID, SentBy: r.SentBy,
		CreatedAt: r.CreatedAt, ExpiresAt: r.ExpiresAt, DoneAt: toTime(r.DoneAt), CodeMAC: r.CodeMac, Sealed: r.Sealed}
}
