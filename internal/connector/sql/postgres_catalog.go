package sql

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// look also finds out in which encoding the database folds.
func (p *postgres) look(ctx context.Context, f func(catalog) error) error {
	tx, err := p.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return p.failed("connect", err)
	}
	defer func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = tx.Rollback(end) // nothing to keep
	}()
	var encoding string
	// A pooler in between may keep our settings to itself.
	if err := tx.QueryRow(ctx, "SELECT current_setting('server_encoding'), current_setting('default_transaction_read_only') = 'on'").Scan(&encoding, &p.settled); err != nil {
		return p.failed("server_encoding", err)
	}
	if p.fold, err = newFolding(encoding); err != nil {
		return err
	}
	return f(postgresCatalog{p, tx})
}

type postgresCatalog struct {
	*postgres
	tx pgx.Tx
}

const (
	columnsQuery = `SELECT a.attname, format_type(a.atttypid, NULL), a.attnotnull, has_schema_privilege(n.oid, 'USAGE') AND has_column_privilege(c.oid, a.attnum, 'SELECT'), c.relkind IN ('r', 'p')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum`
	uniqueQuery = `SELECT i.indexrelid::bigint, a.attname
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_index i ON i.indrelid = c.oid
JOIN unnest(i.indkey) WITH ORDINALITY k(attnum, place) ON place <= i.indnkeyatts
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum AND k.attnum > 0
WHERE n.nspname = $1 AND c.relname = $2 AND i.indisunique AND i.indisvalid AND i.indpred IS NULL
ORDER BY 1`
	allQuery = `SELECT CASE n.nspname WHEN 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END, a.attname,
	coalesce((SELECT min(place) FROM pg_index i JOIN unnest(i.indkey) WITH ORDINALITY k(attnum, place) ON k.attnum = a.attnum WHERE i.indrelid = c.oid AND i.indisprimary), 0)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\_%' AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY 1, a.attnum`
)

func (c postgresCatalog) relation(ctx context.Context, name string) (relation, error) {
	schema, rel, ok := strings.Cut(name, ".")
	if !ok {
		schema, rel = "public", name
	}
	r := relation{quoted: pgx.Identifier{schema, rel}.Sanitize(), schema: schema, name: rel}
	rows, err := c.tx.Query(ctx, columnsQuery, schema, rel)
	if err != nil {
		return r, c.failed("catalog", err)
	}
	var a attribute
	if _, err = pgx.ForEachRow(rows, []any{&a.name, &a.kind, &a.notNull, &a.readable, &r.isTable}, func() error {
		a.isText, a.when = postgresText(a.kind), postgresWhen(a.kind)
		r.columns = append(r.columns, a)
		return nil
	}); err != nil {
		return r, c.failed("catalog", err)
	}
	if rows, err = c.tx.Query(ctx, uniqueQuery, schema, rel); err != nil {
		return r, c.failed("catalog", err)
	}
	var index, last int64
	var column *string // nil: an expression
	if _, err = pgx.ForEachRow(rows, []any{&index, &column}, func() error {
		if index != last {
			r.unique, last = append(r.unique, nil), index
		}
		i := len(r.unique) - 1
		if column == nil {
			r.unique[i] = append(r.unique[i], "") // covered by no key
		} else {
			r.unique[i] = append(r.unique[i], *column)
		}
		return nil
	}); err != nil {
		return r, c.failed("catalog", err)
	}
	return r, nil
}

func (c postgresCatalog) all(ctx context.Context) (Catalog, error) {
	rows, err := c.tx.Query(ctx, allQuery)
	if err != nil {
		return nil, c.failed("catalog", err)
	}
	all := Catalog{}
	var table, column string
	var place int64
	if _, err = pgx.ForEachRow(rows, []any{&table, &column, &place}, func() error {
		all.add(table, column, int(place))
		return nil
	}); err != nil {
		return nil, c.failed("catalog", err)
	}
	return all, nil
}

// add takes a column in, and its place in the primary key; 0: none.
func (all Catalog) add(table, column string, place int) {
	c := all[table]
	c.All = append(c.All, column)
	if place > 0 {
		for len(c.Key) < place {
			c.Key = append(c.Key, "")
		}
		c.Key[place-1] = column
	}
	all[table] = c
}

func postgresText(kind string) bool {
	switch kind {
	case "text", "character varying", "character", "name", "public.citext", "citext":
		return true
	}
	return false
}

func postgresWhen(kind string) when {
	switch {
	case kind == "date" || kind == "timestamp without time zone":
		return day
	case kind == "timestamp with time zone":
		return moment
	case kind == "integer" || kind == "bigint":
		return seconds
	}
	return never
}
