package postgres

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"einsicht/internal/ledger"
)

const (
	sequenceAtOnce = 1000

	// lookAtAll is how often the whole ledger is searched for entries without a
	// place. Nothing is found then unless a server took over whose transaction
	// counter is behind that of the one before.
	lookAtAll = time.Hour
)

// sequenced is how far an authority's ledger is known to be in order: every
// entry of a transaction before this one has its place.
type sequenced struct {
	before uint64
	all    time.Time // when the whole ledger was looked at
}

// Sequence puts the entries of an authority that have no place yet in order, and
// signs the tree. Only entries of transactions that ended before every running
// one began are taken, so none can appear behind a place already given. A
// transaction of the future that can be seen was restored from another server. One
// sequencer works at a time; a second finds nothing to do.
//
// An entry of this server that comes later is of a transaction not before the
// oldest one that ran at the last look, so only those since then are looked at.
// What was restored is all there when the program starts, and found by its first
// look, which is at all.
func (l Ledger) Sequence(ctx context.Context, authority uuid.UUID, now time.Time) (placed int, err error) {
	known, _ := l.DB.sequenced.Load(authority)
	done, _ := known.(sequenced)
	looked := false
	err = l.DB.InTx(ctx, authority, func(ctx context.Context) error {
		tx, _, err := write(ctx)
		if err != nil {
			return err
		}
		var turn struct {
			Free bool
			Xmin uint64
		}
		if err := tx.Raw(`
			select pg_try_advisory_xact_lock(hashtextextended('einsicht ledger ' || ?, 0)) as free,
			       pg_snapshot_xmin(pg_current_snapshot())::text::bigint as xmin`, authority.String()).Scan(&turn).Error; err != nil || !turn.Free {
			return withoutDetail(err)
		}
		if turn.Xmin < done.before || now.Sub(done.all) >= lookAtAll {
			done = sequenced{all: now}
		}
		rows, err := unplaced(tx, done.before, turn.Xmin)
		if err != nil {
			return err
		}
		looked, done.before = len(rows) < sequenceAtOnce, turn.Xmin
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
	if err == nil && looked {
		l.DB.sequenced.Store(authority, done)
	}
	return placed, err
}

// unplaced reads entries without a place, of transactions from one on and before
// another. From 0 on means all, those of the future too.
func unplaced(tx *gorm.DB, from, before uint64) (rows []entryRow, err error) {
	which := "e.xid >= cast(? as text)::xid8 and e.xid < cast(? as text)::xid8"
	if from == 0 {
		which = "(" + which + " or e.xid >= pg_snapshot_xmax(pg_current_snapshot()))"
	}
	err = tx.Raw(`
		select e.* from ledger_entry e
		where not exists (select from ledger_leaf f where f.entry_id = e.id) and `+which+`
		order by e.year, e.xid, e.at, e.id limit ?`, strconv.FormatUint(from, 10), strconv.FormatUint(before, 10), sequenceAtOnce).Scan(&rows).Error
	return rows, withoutDetail(err)
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
