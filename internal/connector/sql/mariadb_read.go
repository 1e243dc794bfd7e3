package sql

import (
	"context"
	stdsql "database/sql"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"einsicht/internal/connector"
)

// keyed is the condition that a record has a key; false: none has it.
func (q *mariadbQuestion) keyed(key []string) (string, bool) {
	var conds []string
	for i, name := range q.src.Key {
		a, _ := q.src.column(name)
		x, value := "t."+q.quote(name), key[i]
		switch {
		case !utf8.ValidString(value):
			return "", false
		case q.src.withheld(name):
		case a.isInteger():
			n := integer(value, a.unsigned)
			if canonical(n) != value {
				return "", false
			}
			q.args = append(q.args, n)
			conds = append(conds, x+" = ?")
			continue
		case a.isText: // by the index where there is one
			conds = append(conds, x+" = CONVERT("+q.value(value)+" USING "+a.charset+")")
		case a.isBinary() && a.kind != "bit":
			conds = append(conds, x+" = UNHEX("+q.value(value)+")")
		}
		conds = append(conds, q.key(i)+" = CAST("+q.value(value)+" AS BINARY)")
	}
	return strings.Join(conds, " AND "), true
}

func canonical(n any) string {
	if u, ok := n.(uint64); ok {
		return strconv.FormatUint(u, 10)
	}
	i, _ := n.(int64)
	return strconv.FormatInt(i, 10)
}

// read gives the records with the keys as Find shows them.
func (d *mariadb) read(ctx context.Context, conn *stdsql.Conn, src *source, keys [][]string, lock string, yield func(*row) error) error {
	q := &mariadbQuestion{statement: &statement{src: src}}
	var conds []string
	for _, key := range keys {
		if where, ok := q.keyed(key); ok {
			conds = append(conds, "("+where+")")
		}
	}
	if len(conds) == 0 {
		return nil
	}
	var list []string
	for i := range src.Key {
		list = append(list, q.key(i))
	}
	list = append(list, "1")
	for _, a := range src.columns {
		x := "NULL" // withheld: never leaves its system
		if !src.withheld(a.name) {
			x = "t." + q.quote(a.name)
		}
		list = append(list, x)
	}
	m, err := newMerger(q, d.zone, yield)
	if err != nil {
		return err
	}
	asking, stop := context.WithCancel(ctx)
	rows, err := conn.QueryContext(asking, "SELECT "+strings.Join(list, ", ")+" FROM "+src.quoted+" t WHERE "+strings.Join(conds, " OR ")+lock, q.args...)
	if err != nil {
		stop()
		return d.refusal(src.Name, err)
	}
	whole := false
	defer func() {
		if !whole {
			stop() // what the server still wanted to say is not read
		}
		rows.Close()
		stop()
	}()
	for rows.Next() {
		if err := rows.Scan(m.places...); err != nil {
			return d.failed(src.Name, err)
		}
		m.fill()
		if err := yield(&m.row); err != nil {
			return err
		}
	}
	whole = true
	if err := rows.Err(); err != nil {
		return d.refusal(src.Name, err)
	}
	return nil
}

func (s *mariadbSnapshot) records(ctx context.Context, src *source, keys [][]string, yield func(*row) error) error {
	return unrefused(s.read(ctx, s.conn, src, keys, "", yield), src.Name)
}

// unrefused: a question has no refusals.
func unrefused(err error, place string) error {
	var said *refusal
	if errors.As(err, &said) {
		return connector.Fail(connector.ErrConfig, place, said.reason, nil)
	}
	return err
}

func (s *mariadbSnapshot) shared(ctx context.Context, src *source) (n int, err error) {
	q := &mariadbQuestion{statement: &statement{src: src}}
	var list []string
	for i := range src.Key {
		list = append(list, q.key(i))
	}
	row := s.conn.QueryRowContext(ctx, "SELECT count(*) FROM (SELECT 1 FROM "+src.quoted+" t GROUP BY "+strings.Join(list, ", ")+" HAVING count(*) > 1) several")
	if err := row.Scan(&n); err != nil {
		return 0, s.failed(src.Name, err)
	}
	return n, nil
}

func (s *mariadbSnapshot) keys(ctx context.Context, src *source, yield func(key []string) error) error {
	q := &mariadbQuestion{statement: &statement{src: src}}
	var list []string
	for i := range src.Key {
		list = append(list, q.key(i))
	}
	asking, stop := context.WithCancel(ctx)
	rows, err := s.conn.QueryContext(asking, "SELECT "+strings.Join(list, ", ")+" FROM "+src.quoted+" t")
	if err != nil {
		stop()
		return s.failed(src.Name, err)
	}
	defer func() { stop(); rows.Close() }()
	raw, places := make([]stdsql.RawBytes, len(list)), make([]any, len(list))
	for i := range raw {
		places[i] = &raw[i]
	}
	for rows.Next() {
		if err := rows.Scan(places...); err != nil {
			return s.failed(src.Name, err)
		}
		key := make([]string, len(raw))
		for i, b := range raw {
			key[i] = string(b)
		}
		if err := yield(key); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return s.failed(src.Name, err)
	}
	return nil
}
