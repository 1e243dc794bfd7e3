package bench

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// recording is what one submission really wrote, read from the tables.
type recording struct {
	tables []written
}

// written is one table's share.
type written struct {
	name    string
	columns []string
	rows    [][]any
	sealed  int // bytes in columns of type bytea
	size    int // bytes of the rows as PostgreSQL stores them
}

func (w written) String() string {
	return fmt.Sprintf("%-22s %2d rows  %5d bytes of bytea  %5d bytes in all", w.name, len(w.rows), w.sealed, w.size)
}

// recordOne lets one submission happen and reads what is new in every table,
// in the order in which it was written.
func (h *house) recordOne(b *testing.B, prepare func(*testing.B) func() error) recording {
	b.Helper()
	for range 3 { // keys, caches and sequences are there afterwards
		h.once(b, prepare(b))
	}
	f := prepare(b)
	var before uint32
	if err := h.super.QueryRow(ctx, "select pg_current_xact_id()::xid").Scan(&before); err != nil {
		b.Fatal(err)
	}
	h.once(b, f)
	rows, err := h.super.Query(ctx, `
		select c.oid::regclass::text, array_agg(a.attname::text order by a.attnum)
		from pg_class c join pg_attribute a on a.attrelid = c.oid left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
		where c.relkind = 'r' and c.relnamespace in ('public'::regnamespace, 'keys'::regnamespace) and a.attnum > 0 and not a.attisdropped
		  and coalesce(pg_get_expr(d.adbin, d.adrelid) !~ 'nextval|pg_current_xact_id', true)
		group by c.oid`)
	if err != nil {
		b.Fatal(err)
	}
	type table struct {
		Name    string
		Columns []string
	}
	tables, err := pgx.CollectRows(rows, pgx.RowToStructByPos[table])
	if err != nil {
		b.Fatal(err)
	}
	var r recording
	first := map[string][2]uint32{} // transaction and place in it
	for _, t := range tables {
		w := written{name: t.Name, columns: t.Columns}
		if at, ok := h.read(b, &w, before); ok {
			first[w.name] = at
			r.tables = append(r.tables, w)
		}
	}
	slices.SortFunc(r.tables, func(x, y written) int {
		a, b := first[x.name], first[y.name]
		return slices.Compare(a[:], b[:])
	})
	return r
}

func (h *house) once(b *testing.B, f func() error) {
	b.Helper()
	if err := f(); err != nil {
		b.Fatal(err)
	}
}

// read reads the rows of a table that are newer than a transaction.
func (h *house) read(b *testing.B, w *written, before uint32) (first [2]uint32, any_ bool) {
	b.Helper()
	rows, err := h.super.Query(ctx, fmt.Sprintf(
		"select xmin, cmin, pg_column_size(t.*), %s from %s t where xmin::text::bigint > $1 order by xmin::text::bigint, cmin::text::bigint",
		strings.Join(w.columns, ", "), w.name), int64(before))
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		values, err := rows.Values()
		if err != nil {
			b.Fatal(err)
		}
		if len(w.rows) == 0 {
			first = [2]uint32{values[0].(uint32), values[1].(uint32)}
		}
		w.size += int(values[2].(int32))
		w.rows = append(w.rows, values[3:])
		for _, v := range values[3:] {
			if bytes, ok := v.([]byte); ok {
				w.sealed += len(bytes)
			}
		}
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
	return first, len(w.rows) > 0
}

// printAndCompare shows what is written, lets the baseline write once and fails
// if that is not the same.
func (r recording) printAndCompare(b *testing.B, h *house, bare func(*testing.B) func() error) {
	b.Helper()
	again := h.recordOne(b, bare)
	fmt.Println("\none form POST writes, and so does one baseline transaction:")
	if len(again.tables) != len(r.tables) {
		b.Fatalf("the baseline writes %d tables, want %d", len(again.tables), len(r.tables))
	}
	for _, w := range r.tables {
		i := slices.IndexFunc(again.tables, func(other written) bool { return other.name == w.name })
		if i < 0 || again.tables[i].String() != w.String() {
			b.Fatalf("the baseline writes %v, want %v", again.tables, w)
		}
		fmt.Println(" ", w)
	}
}

// bare is the baseline: begin, name the authority, one INSERT for each table,
// commit.
func (r recording) bare(h *house) func(*testing.B) func() error {
	statements := r.statements()
	return func(*testing.B) func() error {
		args := r.renewed()
		return func() error {
			return pgx.BeginFunc(ctx, h.pool, func(tx pgx.Tx) error {
				if _, err := tx.Exec(ctx, named, h.authority.ID.String()); err != nil {
					return err
				}
				for i, s := range statements {
					if _, err := tx.Exec(ctx, s, args[i]...); err != nil {
						return fmt.Errorf("baseline, %s: %w", r.tables[i].name, err)
					}
				}
				return nil
			})
		}
	}
}

// batch sends the same statements without waiting for an answer in between.
func (r recording) batch(h *house) func(*testing.B) func() error {
	statements := r.statements()
	return func(*testing.B) func() error {
		args := r.renewed()
		return func() error {
			return pgx.BeginFunc(ctx, h.pool, func(tx pgx.Tx) error {
				var batch pgx.Batch
				batch.Queue(named, h.authority.ID.String())
				for i, s := range statements {
					batch.Queue(s, args[i]...)
				}
				return tx.SendBatch(ctx, &batch).Close()
			})
		}
	}
}

const named = "select set_config('einsicht.authority', $1, true)"

func (r recording) statements() []string {
	all := make([]string, len(r.tables))
	for i, w := range r.tables {
		n := 0
		rows := make([]string, len(w.rows))
		for j := range w.rows {
			holders := make([]string, len(w.columns))
			for k := range w.columns {
				n++
				holders[k] = fmt.Sprintf("$%d", n)
			}
			rows[j] = "(" + strings.Join(holders, ", ") + ")"
		}
		all[i] = fmt.Sprintf("insert into %s (%s) values %s", w.name, strings.Join(w.columns, ", "), strings.Join(rows, ", "))
	}
	return all
}

// renewed gives the same rows as another case: new ids that fit one another,
// other bytes of the same length.
func (r recording) renewed() [][]any {
	ids := map[[16]byte][16]byte{}
	all := make([][]any, len(r.tables))
	for i, w := range r.tables {
		for _, row := range w.rows {
			for k, value := range row {
				all[i] = append(all[i], renew(w.columns[k], value, ids))
			}
		}
	}
	return all
}

func renew(column string, value any, ids map[[16]byte][16]byte) any {
	switch v := value.(type) {
	case [16]byte:
		if column == "authority_id" || column == "inventory_id" {
			return v
		}
		if _, known := ids[v]; !known {
			ids[v] = uuid.New()
		}
		return ids[v]
	case []byte:
		other := make([]byte, len(v))
		rand.Read(other)
		return other
	case string:
		if column != "file_number" {
			return v
		}
		other := make([]byte, len(v))
		rand.Read(other)
		return hex.EncodeToString(other)[:len(v)]
	}
	return value
}
