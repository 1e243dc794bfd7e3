package sql

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// source is a mapped table as the database really has it.
type source struct {
	table
	relation
	paths [][]step
}

// step is a hop whose table was found.
type step struct {
	relation
	on map[string]string
}

// relation is a table or view of the catalog.
type relation struct {
	quoted  string // "schema"."name"
	columns []attribute
	unique  [][]string // columns of its unique indexes
	isTable bool
}

type attribute struct {
	name, kind        string // kind as format_type writes it
	notNull, readable bool
}

func (r relation) column(name string) (attribute, bool) {
	i := slices.IndexFunc(r.columns, func(a attribute) bool { return a.name == name })
	if i < 0 {
		return attribute{}, false
	}
	return r.columns[i], true
}

// compare looks every name of the mapping up in the catalog. Only names found
// there ever become part of a statement.
func (db *database) compare(ctx context.Context, m mapping) error {
	return db.read(ctx, func(tx pgx.Tx) error {
		var encoding string
		if err := tx.QueryRow(ctx, "SELECT current_setting('server_encoding')").Scan(&encoding); err != nil {
			return failure("server_encoding", err)
		}
		var err error
		if db.fold, err = newFolding(encoding); err != nil {
			return err
		}
		known := map[string]relation{}
		for i, t := range m.Tables {
			s, err := db.source(ctx, tx, t, fmt.Sprintf("tables.%d.", i), known)
			if err != nil {
				return err
			}
			db.tables = append(db.tables, s)
		}
		return nil
	})
}

func (db *database) source(ctx context.Context, tx pgx.Tx, t table, at string, known map[string]relation) (*source, error) {
	wrong := db.connection.Wrong
	r, err := readRelation(ctx, tx, t.Name, known)
	if err != nil {
		return nil, err
	}
	if len(r.columns) == 0 {
		return nil, wrong(at+"name", "there is no such table in the system, or it may not be read")
	}
	s := &source{table: t, relation: r}
	for key, names := range s.names() {
		for _, name := range names {
			if _, ok := r.column(name); !ok {
				return nil, wrong(at+key, "there is no column "+name+" in the system")
			}
		}
	}
	for _, a := range r.columns {
		if !a.readable && !t.Columns[a.name].Withhold {
			return nil, wrong(at+"columns", "column "+a.name+" may not be read: grant it, or map it with withhold")
		}
	}
	if err := s.checkKey(); err != "" {
		return nil, wrong(at+"key", err)
	}
	if a, ok := r.column(t.At); ok && !isTime(a.kind) {
		return nil, wrong(at+"at", "is no time")
	}
	for i, h := range t.Hints {
		if a, _ := r.column(h.Columns[len(h.Columns)-1]); h.Kind == "ip+time" && !isTime(a.kind) {
			return nil, wrong(fmt.Sprintf("%shints.%d", at, i), "the second column is no time")
		}
	}
	for i, path := range t.Reach {
		steps, err := db.steps(ctx, tx, r, path, fmt.Sprintf("%sreach.%d", at, i), known)
		if err != nil {
			return nil, err
		}
		s.paths = append(s.paths, steps)
	}
	return s, nil
}

func (db *database) steps(ctx context.Context, tx pgx.Tx, from relation, path []hop, at string, known map[string]relation) ([]step, error) {
	var steps []step
	for j, h := range path {
		to, err := readRelation(ctx, tx, h.Table, known)
		if err != nil {
			return nil, err
		}
		for _, own := range slices.Sorted(maps.Keys(h.On)) {
			_, left := from.column(own)
			_, right := to.column(h.On[own])
			if !left || !right {
				return nil, db.connection.Wrong(fmt.Sprintf("%s.%d", at, j), "there is no such table or column in the system")
			}
		}
		steps = append(steps, step{relation: to, on: h.On})
		from = to
	}
	return steps, nil
}

// names lists the columns that the mapping names, by the key they stand under.
func (s *source) names() map[string][]string {
	all := map[string][]string{"key": s.Key, "columns": slices.Sorted(maps.Keys(s.Columns))}
	if s.At != "" {
		all["at"] = []string{s.At}
	}
	for kind, m := range s.Match {
		all["match."+kind] = m.Columns
	}
	for i, h := range s.Hints {
		all[fmt.Sprintf("hints.%d", i)] = h.Columns
	}
	return all
}

// checkKey makes sure that the key names one record: otherwise reading on from
// a key would lose records. Of a view nobody knows; the mapping answers for it.
func (s *source) checkKey() string {
	if !s.isTable {
		return ""
	}
	for _, name := range s.Key {
		if a, _ := s.column(name); !a.notNull {
			return "column " + name + " can be empty"
		}
	}
	for _, index := range s.unique {
		if !slices.ContainsFunc(index, func(name string) bool { return !slices.Contains(s.Key, name) }) {
			return ""
		}
	}
	return "these columns don't name one record: no unique index covers them"
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
)

func readRelation(ctx context.Context, tx pgx.Tx, name string, known map[string]relation) (relation, error) {
	if r, ok := known[name]; ok {
		return r, nil
	}
	schema, rel, ok := strings.Cut(name, ".")
	if !ok {
		schema, rel = "public", name
	}
	r := relation{quoted: pgx.Identifier{schema, rel}.Sanitize()}
	rows, err := tx.Query(ctx, columnsQuery, schema, rel)
	if err != nil {
		return r, failure("catalog", err)
	}
	var a attribute
	if _, err = pgx.ForEachRow(rows, []any{&a.name, &a.kind, &a.notNull, &a.readable, &r.isTable}, func() error {
		r.columns = append(r.columns, a)
		return nil
	}); err != nil {
		return r, failure("catalog", err)
	}
	if rows, err = tx.Query(ctx, uniqueQuery, schema, rel); err != nil {
		return r, failure("catalog", err)
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
		return r, failure("catalog", err)
	}
	known[name] = r
	return r, nil
}

func isTime(kind string) bool {
	return kind == "date" || strings.HasPrefix(kind, "timestamp")
}

func isText(kind string) bool {
	switch kind {
	case "text", "character varying", "character", "name", "public.citext", "citext":
		return true
	}
	return false
}
