package postgres

import (
	"context"

	"github.com/google/uuid"
	"gorm.io/gorm/clause"

	"einsicht/internal/keyring"
)

// Keys keeps wrapped keys and search hashes, in the schema that backups of the
// data leave out.
type Keys struct{ DB *DB }

type caseKeyRow struct {
	CaseID         uuid.UUID `gorm:"primaryKey"`
	AuthorityID    uuid.UUID
	Wrapped        []byte
	Public         []byte
	WrappedPrivate []byte
}

func (caseKeyRow) TableName() string { return "keys.case_key" }

// CaseKey reads the wrapped key of a case.
func (k Keys) CaseKey(ctx context.Context, caseID uuid.UUID) (keyring.CaseKey, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return keyring.CaseKey{}, err
	}
	var row caseKeyRow
	if err := tx.Take(&row, "case_id = ?", caseID).Error; err != nil {
		return keyring.CaseKey{}, withoutDetail(err)
	}
	return keyring.CaseKey{Authority: row.AuthorityID, Case: row.CaseID, Wrapped: row.Wrapped, Public: row.Public, WrappedPrivate: row.WrappedPrivate}, nil
}

// PutCaseKey keeps the wrapped key of a new case.
func (k Keys) PutCaseKey(ctx context.Context, key keyring.CaseKey) error {
	return insert(ctx, &caseKeyRow{CaseID: key.Case, AuthorityID: key.Authority, Wrapped: key.Wrapped, Public: key.Public, WrappedPrivate: key.WrappedPrivate})
}

// ShredCase deletes the keys and search hashes of a case in one transaction.
func (k Keys) ShredCase(ctx context.Context, _, caseID uuid.UUID) error {
	tx, _, err := write(ctx)
	if err != nil {
		return err
	}
	if err := tx.Delete(&caseKeyRow{}, "case_id = ?", caseID).Error; err != nil {
		return withoutDetail(err)
	}
	return withoutDetail(tx.Delete(&searchTokenRow{}, "case_id = ?", caseID).Error)
}

type authorityKeyRow struct {
	AuthorityID uuid.UUID `gorm:"primaryKey"`
	Purpose     string    `gorm:"primaryKey"`
	Wrapped     []byte
}

func (authorityKeyRow) TableName() string { return "keys.authority_key" }

// AuthorityKey reads a wrapped key. Keys of authorities and of the portal are
// read and written outside the caller's transaction: a key that was used must
// not vanish with a rollback, and a reading may need a new one.
func (k Keys) AuthorityKey(ctx context.Context, authority uuid.UUID, purpose string) ([]byte, error) {
	var row authorityKeyRow
	err := k.DB.gorm.WithContext(ctx).Take(&row, "authority_id = ? and purpose = ?", authority, purpose).Error
	return row.Wrapped, withoutDetail(err)
}

// PutAuthorityKey keeps a wrapped key unless another was faster, and returns the
// one that counts.
func (k Keys) PutAuthorityKey(ctx context.Context, authority uuid.UUID, purpose string, wrapped []byte) ([]byte, error) {
	row := authorityKeyRow{AuthorityID: authority, Purpose: purpose, Wrapped: wrapped}
	if err := k.DB.gorm.WithContext(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
		return nil, withoutDetail(err)
	}
	return k.AuthorityKey(ctx, authority, purpose)
}

// AnyKey says whether anything was sealed with a wrapping key already: then a
// new one must not be made.
func (k Keys) AnyKey(ctx context.Context) (bool, error) {
	var n int64
	err := k.DB.gorm.WithContext(ctx).Model(&authorityKeyRow{}).Limit(1).Count(&n).Error
	return n > 0, withoutDetail(err)
}

type searchTokenRow struct {
	AuthorityID uuid.UUID `gorm:"primaryKey"`
	CaseID      uuid.UUID `gorm:"primaryKey"`
	Kind        string    `gorm:"primaryKey"`
	Hash        []byte    `gorm:"primaryKey"`
}

func (searchTokenRow) TableName() string { return "keys.search_token" }

// PutSearchTokens keeps keyed hashes by which staff find the case.
func (Cases) PutSearchTokens(ctx context.Context, caseID uuid.UUID, kind string, hashes [][]byte) error {
	u, err := writing(ctx)
	if err != nil {
		return err
	}
	for _, h := range hashes {
		u.tokens = append(u.tokens, searchTokenRow{AuthorityID: u.authority, CaseID: caseID, Kind: kind, Hash: h})
	}
	return nil
}

// ByTokens reads the cases that have one of the hashes.
func (Cases) ByTokens(ctx context.Context, hashes [][]byte) ([]uuid.UUID, error) {
	tx, _, err := read(ctx)
	if err != nil || len(hashes) == 0 {
		return nil, err
	}
	var ids []uuid.UUID
	return ids, withoutDetail(tx.Model(&searchTokenRow{}).Where("hash in ?", hashes).Distinct().Pluck("case_id", &ids).Error)
}
