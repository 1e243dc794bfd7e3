package postgres

import (
	"context"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm/clause"

	"einsicht/internal/casefile"
	"einsicht/internal/login"
	"einsicht/internal/problem"
)

// Staff keeps accounts of staff and counts attempts to sign in.
type Staff struct{ DB *DB }

type staffRow struct {
	ID          uuid.UUID `gorm:"primaryKey"`
	AuthorityID uuid.UUID
	Name        string
	Role        string
	Password    string
	InviteHash  []byte
	InviteUntil *time.Time
	DisabledAt  *time.Time
	CreatedAt   time.Time
}

func (staffRow) TableName() string { return "staff" }

func (r staffRow) toStaff() login.Staff {
	return login.Staff{ID: r.ID, Authority: r.AuthorityID, Name: r.Name, Role: casefile.Role(r.Role), Disabled: r.DisabledAt != nil}
}

// AddStaff inserts an account with its invitation; within InTx, together with
// what else is written there.
func (s Staff) AddStaff(ctx context.Context, a login.Staff, i login.Invitation, createdAt time.Time) error {
	tx := s.DB.gorm.WithContext(ctx)
	if _, within := ctx.Value(unitKey{}).(*unit); within {
		var err error
		if tx, _, err = write(ctx); err != nil {
			return err
		}
	}
	row := staffRow{ID: a.ID, AuthorityID: a.Authority, Name: a.Name, Role: string(a.Role), InviteHash: i.Hash, InviteUntil: &i.Until, CreatedAt: createdAt}
	return withoutDetail(tx.Create(&row).Error)
}

// StaffByID reads an account.
func (s Staff) StaffByID(ctx context.Context, id uuid.UUID) (login.Staff, error) {
	row, err := s.take(ctx, "id = ?", id)
	return row.toStaff(), err
}

// StaffByName reads an account and its stored password.
func (s Staff) StaffByName(ctx context.Context, authority uuid.UUID, name string) (login.Staff, string, error) {
	row, err := s.take(ctx, "authority_id = ? and name = ?", authority, name)
	return row.toStaff(), row.Password, err
}

// StaffByInvitation reads the account that an invitation is for.
func (s Staff) StaffByInvitation(ctx context.Context, hash []byte) (login.Staff, time.Time, error) {
	row, err := s.take(ctx, "invite_hash = ?", hash)
	return row.toStaff(), toTime(row.InviteUntil), err
}

// Accept sets the password and uses the invitation up, in one statement.
func (s Staff) Accept(ctx context.Context, id uuid.UUID, hash []byte, password string) error {
	res := s.DB.gorm.WithContext(ctx).Model(&staffRow{}).Where("id = ? and invite_hash = ?", id, hash).
		Updates(map[string]any{"password": password, "invite_hash": nil, "invite_until": nil})
	return one(res.RowsAffected, res.Error)
}

// ReplacePassword sets the password if it still is the old one.
func (s Staff) ReplacePassword(ctx context.Context, id uuid.UUID, old, password string) error {
	return withoutDetail(s.DB.gorm.WithContext(ctx).Model(&staffRow{}).Where("id = ? and password = ?", id, old).Update("password", password).Error)
}

// Name gives the name under which somebody acts for the authority.
func (s Staff) Name(ctx context.Context, id uuid.UUID) (string, error) {
	row, err := s.take(ctx, "id = ?", id)
	return row.Name, err
}

// Names gives the names of an authority's staff by id.
func (s Staff) Names(ctx context.Context, authority uuid.UUID) (map[uuid.UUID]string, error) {
	var rows []staffRow
	if err := s.DB.gorm.WithContext(ctx).Find(&rows, "authority_id = ?", authority).Error; err != nil {
		return nil, withoutDetail(err)
	}
	names := map[uuid.UUID]string{}
	for _, r := range rows {
		names[r.ID] = r.Name
	}
	return names, nil
}

func (s Staff) take(ctx context.Context, where string, args ...any) (staffRow, error) {
	var row staffRow
	err := s.DB.gorm.WithContext(ctx).Where(where, args...).Take(&row).Error
	return row, withoutDetail(err)
}

type throttleRow struct {
	Key   []byte `gorm:"primaryKey"`
	Count int
	Until time.Time
	At    time.Time
}

func (throttleRow) TableName() string { return "throttle" }

// Attempts reads how often something was tried.
func (s Staff) Attempts(ctx context.Context, key []byte) (login.Attempts, error) {
	var rows []throttleRow
	if err := s.DB.gorm.WithContext(ctx).Limit(1).Find(&rows, "key = ?", key).Error; err != nil || len(rows) == 0 {
		return login.Attempts{}, withoutDetail(err)
	}
	return login.Attempts{Count: rows[0].Count, Until: rows[0].Until, At: rows[0].At}, nil
}

// SwapAttempts writes a row if it still is what was read; for the zero Attempts:
// if there is none.
func (s Staff) SwapAttempts(ctx context.Context, key []byte, old, next login.Attempts) (bool, error) {
	tx := s.DB.gorm.WithContext(ctx)
	if old == (login.Attempts{}) {
		res := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&throttleRow{Key: key, Count: next.Count, Until: next.Until, At: next.At})
		return res.RowsAffected == 1, withoutDetail(res.Error)
	}
	res := tx.Model(&throttleRow{}).Where("key = ? and count = ? and at = ?", key, old.Count, old.At).
		Updates(map[string]any{"count": next.Count, "until": next.Until, "at": next.At})
	return res.RowsAffected == 1, withoutDetail(res.Error)
}

// DropAttempts deletes what is older than it need be remembered.
func (s Staff) DropAttempts(ctx context.Context, before time.Time) error {
	return withoutDetail(s.DB.gorm.WithContext(ctx).Delete(&throttleRow{}, "at < ?", before).Error)
}

type sessionRow struct {
	Hash      []byte `gorm:"primaryKey"`
	Sealed    []byte
	CreatedAt time.Time
	SeenAt    time.Time
}

func (sessionRow) TableName() string { return "session" }

// Sessions keeps sealed sessions by the hash of their id.
type Sessions struct{ DB *DB }

// Get reads a session; problem.NotFound without one.
func (s Sessions) Get(ctx context.Context, hash []byte) (sealed []byte, created, seen time.Time, err error) {
	var rows []sessionRow
	if err := s.DB.gorm.WithContext(ctx).Limit(1).Find(&rows, "hash = ?", hash).Error; err != nil {
		return nil, time.Time{}, time.Time{}, withoutDetail(err)
	}
	if len(rows) == 0 {
		return nil, time.Time{}, time.Time{}, problem.NotFound
	}
	return rows[0].Sealed, rows[0].CreatedAt, rows[0].SeenAt, nil
}

// Put adds a session under a new id.
func (s Sessions) Put(ctx context.Context, hash, sealed []byte, created, seen time.Time) error {
	row := sessionRow{Hash: hash, Sealed: sealed, CreatedAt: created, SeenAt: seen}
	return withoutDetail(s.DB.gorm.WithContext(ctx).Create(&row).Error)
}

// Touch changes a session that is still there. One that was deleted meanwhile
// stays deleted.
func (s Sessions) Touch(ctx context.Context, hash, sealed []byte, seen time.Time) error {
	return withoutDetail(s.DB.gorm.WithContext(ctx).Model(&sessionRow{}).Where("hash = ?", hash).
		Updates(map[string]any{"sealed": sealed, "seen_at": seen}).Error)
}

// Delete ends a session.
func (s Sessions) Delete(ctx context.Context, hash []byte) error {
	return withoutDetail(s.DB.gorm.WithContext(ctx).Delete(&sessionRow{}, "hash = ?", hash).Error)
}

// Expire deletes sessions that were not used since idle or began before oldest.
func (s Sessions) Expire(ctx context.Context, idle, oldest time.Time) error {
	return withoutDetail(s.DB.gorm.WithContext(ctx).Delete(&sessionRow{}, "seen_at < ? or created_at < ?", idle, oldest).Error)
}
