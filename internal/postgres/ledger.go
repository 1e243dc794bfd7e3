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

// Sequence puts the entries of an authority that have no place yet in order, and
// signs the tree. Only entries of transactions that ended before every running
// one began are taken, so none can appear behind a place already given. A
// transaction of the future that can be seen was restored from another server. One
// sequencer works at a time; a second finds nothing to do.
func (l Ledger) Sequence(ctx context.Context, authority uuid.UUID, now time.Time) (placed int, err error) {
	err = l.DB.InTx(ctx, authority, func(ctx context.Context) error {
		tx, _, err := write(ctx)
		if err != nil {
			return err
		}
		var free bool
		if err := tx.Raw("select pg_try_advisory_xact_lock(hashtextextended('einsicht ledger ' || ?, 0))", authority.String()).Scan(&free).Error; err != nil || !free {
			return withoutDetail(err)
		}
		var rows []entryRow
		if err := tx.Raw(`
			select e.* from ledger_entry e
			where not exists (select from ledger_leaf f where f.entry_id = e.id)
			  and (e.xid < pg_snapshot_xmin(pg_current_snapshot()) or e.xid >= pg_snapshot_xmax(pg_current_snapshot()))
			order by e.year, e.xid, e.at, e.id limit 1000`).Scan(&rows).Error; err != nil {
			return withoutDetail(err)
		}
		for len(rows) > 0 {
			n := 1
			for n < len(rows) && rows[n].Year == rows[0].Year {
				n++
			}
			if err := l.place(ctx, tx, authority, rows[:n], now); err != nil {
				return err
			}
			placed, rows = placed+n, rows[n:]
		}
		return nil
	})
	return placed, err
}

// place appends entries of one year to its tree.
func (l Ledger) place(ctx context.Context, tx *gorm.DB, authority uuid.UUID, rows []entryRow, now time.Time) error {
	year := rows[0].Year
	var size int64
	if err := tx.Model(&leafRow{}).Where("year = ?", year).Select("coalesce(max(index) + 1, 0)").Scan(&size).Error; err != nil {
		return withoutDetail(err)
	}
	leaves := make([]leafRow, len(rows))
	entries := make([][]byte, len(rows))
	for i, r := range rows {
		e, err := r.toEntry()
		if err != nil {
			return err
		}
		entries[i] = e.Bytes()
		leaves[i] = leafRow{AuthorityID: authority, Year: year, Index: size + int64(i), EntryID: r.ID}
	}
	stored, root, err := ledger.Append(storedHashes{tx, year}, size, entries...)
	if err != nil {
		return err
	}
	hashes := make([]hashRow, len(stored))
	for i, h := range stored {
		hashes[i] = hashRow{AuthorityID: authority, Year: year, Index: ledger.StoredCount(size) + int64(i), Hash: h[:]}
	}
	seed, err := l.Keys.SigningSeed(ctx, authority, year)
	if err != nil {
		return err
	}
	size += int64(len(rows))
	note, err := ledger.Sign(seed, ledger.Origin(authority, year), size, root)
	if err != nil {
		return err
	}
	for _, batch := range []any{&leaves, &hashes, &checkpointRow{AuthorityID: authority, Year: year, Size: size, At: now, Note: note}} {
		if err := tx.Create(batch).Error; err != nil {
			return withoutDetail(err)
		}
	}
	return nil
}

// storedHashes reads hashes of one tree.
type storedHashes struct {
	tx   *gorm.DB
	year int
}

func (s storedHashes) ReadHashes(indexes []int64) ([]ledger.Hash, error) {
	var rows []hashRow
	if err := s.tx.Find(&rows, "year = ? and index in ?", s.year, indexes).Error; err != nil {
		return nil, withoutDetail(err)
	}
	byIndex := map[int64]ledger.Hash{}
	for _, r := range rows {
		if len(r.Hash) == len(ledger.Hash{}) {
			byIndex[r.Index] = ledger.Hash(r.Hash)
		}
	}
	hashes := make([]ledger.Hash, len(indexes))
	for i, index := range indexes {
		h, ok := byIndex[index]
		if !ok {
			return nil, fmt.Errorf("ledger hash %d of %d is gone; run `einsicht ledger verify`", index, s.year)
		}
		hashes[i] = h
	}
	return hashes, nil
}

// Years lists the years in which an authority has a ledger.
func (l Ledger) Years(ctx context.Context) ([]int, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return nil, err
	}
	var years []int
	return years, withoutDetail(tx.Model(&entryRow{}).Distinct("year").Order("year").Pluck("year", &years).Error)
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
