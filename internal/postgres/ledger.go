package postgres

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"iter"
	"strconv"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"einsicht/internal/casefile"
	"einsicht/internal/ledger"
)

// Ledger adds to the ledger and puts it in order.
type Ledger struct {
	DB   *DB
	Keys ledgerKeys
}

type ledgerKeys interface {
	Seal(ctx context.Context, slot casefile.Slot, plain []byte) ([]byte, error)
	SealFor(ctx context.Context, authority uuid.UUID, purpose, aad string, plain []byte) ([]byte, error)
	Pseudonym(ctx context.Context, authority, actor uuid.UUID) ([]byte, error)
	SigningSeed(ctx context.Context, authority uuid.UUID, year int) ([]byte, error)
}

type entryRow struct {
	ID          uuid.UUID `gorm:"primaryKey"`
	AuthorityID uuid.UUID
	Year        int
	At          time.Time
	Kind        string
	CaseID      *uuid.UUID
	Actor       []byte
	Digest      []byte
}

func (entryRow) TableName() string { return "ledger_entry" }

func (r entryRow) toEntry() (ledger.Entry, error) {
	if len(r.Actor) != 32 || len(r.Digest) != 32 {
		return ledger.Entry{}, fmt.Errorf("ledger entry %s is malformed", r.ID)
	}
	return ledger.Entry{Authority: r.AuthorityID, Year: r.Year, ID: r.ID, Time: r.At, Kind: ledger.Kind(r.Kind), Case: toID(r.CaseID),
		Actor: [32]byte(r.Actor), Digest: [32]byte(r.Digest)}, nil
}

type detailRow struct {
	EntryID     uuid.UUID `gorm:"primaryKey"`
	AuthorityID uuid.UUID
	CaseID      *uuid.UUID
	Sealed      []byte
}

func (detailRow) TableName() string { return "ledger_detail" }

// Record adds an entry in the transaction of what it records. Its details lie
// beside it: sealed under the case's key, or, for an entry about several cases
// or none, under a key of authority and year.
func (l Ledger) Record(ctx context.Context, kind ledger.Kind, caseID uuid.UUID, actor casefile.Actor, details map[string]string, now time.Time) error {
	u, err := writing(ctx)
	if err != nil {
		return err
	}
	authority := u.authority
	e := ledger.Entry{Authority: authority, Year: ledger.YearOf(now), ID: uuid.New(), Time: now.UTC().Truncate(time.Microsecond), Kind: kind, Case: caseID}
	pseudonym, err := l.Keys.Pseudonym(ctx, authority, actor.ID)
	if err != nil {
		return err
	}
	copy(e.Actor[:], pseudonym)
	plain, err := json.Marshal(details)
	if err != nil {
		return err
	}
	var nonce [32]byte
	rand.Read(nonce[:]) // never fails since Go 1.24
	e.Digest = ledger.Digest(nonce, plain)
	if err := e.Check(); err != nil {
		return err
	}
	sealed, err := l.seal(ctx, e, append(nonce[:], plain...))
	if err != nil {
		return err
	}
	row := entryRow{ID: e.ID, AuthorityID: authority, Year: e.Year, At: e.Time, Kind: string(kind), CaseID: fromID(caseID), Actor: e.Actor[:], Digest: e.Digest[:]}
	if err := insert(ctx, &row); err != nil {
		return err
	}
	return insert(ctx, &detailRow{EntryID: e.ID, AuthorityID: authority, CaseID: fromID(caseID), Sealed: sealed})
}

func (l Ledger) seal(ctx context.Context, e ledger.Entry, plain []byte) ([]byte, error) {
	if e.Case == uuid.Nil {
		return l.Keys.SealFor(ctx, e.Authority, "ledger-"+strconv.Itoa(e.Year), e.ID.String(), plain)
	}
	return l.Keys.Seal(ctx, casefile.Slot{Authority: e.Authority, Case: e.Case, Table: "ledger_detail", Column: "sealed", Row: e.ID}, plain)
}

type leafRow struct {
	AuthorityID uuid.UUID `gorm:"primaryKey"`
	Year        int       `gorm:"primaryKey"`
	Index       int64     `gorm:"primaryKey"`
	EntryID     uuid.UUID
}

func (leafRow) TableName() string { return "ledger_leaf" }

type hashRow struct {
	AuthorityID uuid.UUID `gorm:"primaryKey"`
	Year        int       `gorm:"primaryKey"`
	Index       int64     `gorm:"primaryKey"`
	Hash        []byte
}

func (hashRow) TableName() string { return "ledger_hash" }

type checkpointRow struct {
	AuthorityID uuid.UUID `gorm:"primaryKey"`
	Year        int       `gorm:"primaryKey"`
	Size        int64     `gorm:"primaryKey"`
	At          time.Time
	Note        []byte
}

func (checkpointRow) TableName() string { return "ledger_checkpoint" }

// Years lists the years in which an authority has a ledger, or anything is left
// of one: of a year whose entries are all gone, their places and what was signed.
func (l Ledger) Years(ctx context.Context) ([]int, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return nil, err
	}
	var years []int
	err = tx.Raw(`
		select year from ledger_entry union select year from ledger_leaf
		union select year from ledger_hash union select year from ledger_checkpoint order by year`).Scan(&years).Error
	return years, withoutDetail(err)
}

// Audit verifies the ledger of the transaction's authority and of a year.
func (l Ledger) Audit(ctx context.Context, year int) (ledger.Report, error) {
	tx, authority, err := read(ctx)
	if err != nil {
		return ledger.Report{}, err
	}
	seed, err := l.Keys.SigningSeed(ctx, authority, year)
	if err != nil {
		return ledger.Report{}, err
	}
	key, err := ledger.VerifierKey(seed, ledger.Origin(authority, year))
	if err != nil {
		return ledger.Report{}, err
	}
	return ledger.Audit(stored{tx, year}, key)
}

// stored reads a ledger as it lies in the database.
type stored struct {
	tx   *gorm.DB
	year int
}

func (s stored) Checkpoints() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		rows, err := s.tx.Raw("select note from ledger_checkpoint where year = ? order by size", s.year).Rows()
		if err != nil {
			yield(nil, withoutDetail(err))
			return
		}
		defer rows.Close()
		for rows.Next() {
			var note []byte
			if err := rows.Scan(&note); !yield(note, withoutDetail(err)) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(nil, withoutDetail(err))
		}
	}
}

func (s stored) Hashes() iter.Seq2[ledger.StoredHash, error] {
	return func(yield func(ledger.StoredHash, error) bool) {
		rows, err := s.tx.Raw("select index, hash from ledger_hash where year = ? order by index", s.year).Rows()
		if err != nil {
			yield(ledger.StoredHash{}, withoutDetail(err))
			return
		}
		defer rows.Close()
		for rows.Next() {
			var h ledger.StoredHash
			var b []byte
			err := rows.Scan(&h.Index, &b)
			if err == nil && len(b) == len(h.Hash) {
				h.Hash = ledger.Hash(b)
			}
			if !yield(h, withoutDetail(err)) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(ledger.StoredHash{}, withoutDetail(err))
		}
	}
}

func (s stored) Leaves() iter.Seq2[ledger.Leaf, error] {
	return func(yield func(ledger.Leaf, error) bool) {
		rows, err := s.tx.Raw(`
			select f.index, f.entry_id, e.id, e.authority_id, e.year, e.at, e.kind, e.case_id, e.actor, e.digest
			from ledger_leaf f left join ledger_entry e on e.id = f.entry_id where f.year = ? order by f.index`, s.year).Rows()
		if err != nil {
			yield(ledger.Leaf{}, withoutDetail(err))
			return
		}
		defer rows.Close()
		for rows.Next() {
			leaf, err := scanLeaf(rows.Scan)
			if !yield(leaf, err) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(ledger.Leaf{}, withoutDetail(err))
		}
	}
}

func scanLeaf(scan func(...any) error) (ledger.Leaf, error) {
	var leaf ledger.Leaf
	var id, authority *uuid.UUID
	var year *int
	var at *time.Time
	var kind *string
	var row entryRow
	if err := scan(&leaf.Index, &leaf.ID, &id, &authority, &year, &at, &kind, &row.CaseID, &row.Actor, &row.Digest); err != nil {
		return leaf, withoutDetail(err)
	}
	if id == nil || authority == nil || year == nil || at == nil || kind == nil {
		return leaf, nil
	}
	row.ID, row.AuthorityID, row.Year, row.At, row.Kind = *id, *authority, *year, *at, *kind
	e, err := row.toEntry()
	if err != nil {
		return leaf, nil // not the entry that was recorded: missing
	}
	leaf.Entry = &e
	return leaf, nil
}

func (s stored) Unsequenced() iter.Seq2[ledger.Entry, error] {
	return func(yield func(ledger.Entry, error) bool) {
		var rows []entryRow
		err := s.tx.Raw(`select e.* from ledger_entry e where e.year = ? and not exists (select from ledger_leaf f where f.entry_id = e.id) order by e.at, e.id`, s.year).Scan(&rows).Error
		if err != nil {
			yield(ledger.Entry{}, withoutDetail(err))
			return
		}
		for _, r := range rows {
			e, err := r.toEntry()
			if !yield(e, err) {
				return
			}
		}
	}
}
