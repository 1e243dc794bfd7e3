package sql

import (
	"context"
	"regexp"
	"strconv"
	"strings"
)

type mariadbCatalog struct{ *mariadbSnapshot }

// The catalog shows what the user has a right to, and compares names without
// regard to case: what comes back is compared again.
const (
	mariadbColumns = `SELECT c.table_name, c.column_name, c.data_type, c.column_type, c.is_nullable, coalesce(c.character_set_name, ''), c.privileges, t.table_type
FROM information_schema.columns c JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
WHERE c.table_schema = ? AND c.table_name = ? ORDER BY c.ordinal_position`
	mariadbUnique = `SELECT s.table_name, s.index_name, coalesce(s.column_name, '')
FROM information_schema.statistics s WHERE s.table_schema = ? AND s.table_name = ? AND s.non_unique = 0 ORDER BY s.index_name, s.seq_in_index`
	mariadbPrimary = `SELECT s.table_name, s.column_name, s.seq_in_index FROM information_schema.statistics s WHERE s.table_schema = ? AND s.index_name = 'PRIMARY'`
	mariadbRights  = `SELECT privilege_type FROM information_schema.user_privileges WHERE privilege_type = 'SELECT'
UNION ALL SELECT privilege_type FROM information_schema.schema_privileges WHERE privilege_type = 'SELECT' AND ? LIKE table_schema`
	mariadbAll = `SELECT c.table_name, c.column_name FROM information_schema.columns c WHERE c.table_schema = ? ORDER BY c.table_name, c.ordinal_position`
)

func (c mariadbCatalog) relation(ctx context.Context, name string) (relation, error) {
	schema, rel, ok := strings.Cut(name, ".")
	if !ok {
		schema, rel = c.database, name
	}
	r := relation{quoted: backticks(schema, rel), schema: schema, name: rel, hides: true}
	err := c.each(ctx, mariadbColumns, []any{schema, rel}, func(v []string) {
		if v[0] != rel {
			return
		}
		a := attribute{name: v[1], kind: v[2], notNull: v[4] == "NO", readable: strings.Contains(v[6], "select")}
		a.charset, a.isText = v[5], v[5] != "" && v[2] != "enum" && v[2] != "set"
		a.unsigned = strings.Contains(v[3], "unsigned")
		a.when, a.width = mariadbWhen(a.kind), widthOf(v[3])
		r.columns, r.isTable = append(r.columns, a), v[7] == "BASE TABLE" || v[7] == "SYSTEM VERSIONED"
	})
	if err != nil {
		return r, err
	}
	if len(r.columns) == 0 {
		r.silent, err = c.silent(ctx, schema)
		return r, err
	}
	last := ""
	err = c.each(ctx, mariadbUnique, []any{schema, rel}, func(v []string) {
		if v[0] != rel {
			return
		}
		if v[1] != last {
			r.unique, last = append(r.unique, nil), v[1]
		}
		i := len(r.unique) - 1
		r.unique[i] = append(r.unique[i], v[2])
	})
	return r, err
}

// silent says that the user may not read all of a schema.
func (c mariadbCatalog) silent(ctx context.Context, schema string) (bool, error) {
	silent := true
	err := c.each(ctx, mariadbRights, []any{schema}, func([]string) { silent = false })
	return silent, err
}

// all asks for the keys by themselves: the catalog opens a table for each question
// about it.
func (c mariadbCatalog) all(ctx context.Context) (Catalog, error) {
	places := map[[2]string]int{}
	if err := c.each(ctx, mariadbPrimary, []any{c.database}, func(v []string) {
		places[[2]string{v[0], v[1]}], _ = strconv.Atoi(v[2])
	}); err != nil {
		return nil, err
	}
	all := Catalog{}
	err := c.each(ctx, mariadbAll, []any{c.database}, func(v []string) { all.add(v[0], v[1], places[[2]string{v[0], v[1]}]) })
	return all, err
}

// each reads rows of text.
func (c mariadbCatalog) each(ctx context.Context, query string, args []any, row func([]string)) error {
	rows, err := c.conn.QueryContext(ctx, query, args...)
	if err != nil {
		return c.failed("catalog", err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return c.failed("catalog", err)
	}
	values, places := make([]string, len(names)), make([]any, len(names))
	for i := range values {
		places[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(places...); err != nil {
			return c.failed("catalog", err)
		}
		row(values)
	}
	if err := rows.Err(); err != nil {
		return c.failed("catalog", err)
	}
	return nil
}

func mariadbWhen(kind string) when {
	switch kind {
	case "date", "datetime":
		return day
	case "timestamp":
		return moment
	case "int", "bigint":
		return seconds
	}
	return never
}

var width = regexp.MustCompile(`^bit\(([0-9]+)\)`)

func widthOf(columnType string) int {
	if m := width.FindStringSubmatch(columnType); m != nil {
		n, _ := strconv.Atoi(m[1])
		return n
	}
	return 0
}
