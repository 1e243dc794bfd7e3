package sql

import (
	"context"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
)

func (s *postgresSnapshot) records(_ context.Context, src *source, keys [][]string, yield func(*row) error) error {
	q := &postgresQuestion{statement: &statement{src: src}, fold: s.fold}
	var conds []string
	for _, key := range keys {
		if where, ok := q.keyed(key); ok {
			conds = append(conds, "("+where+")")
		}
	}
	if len(conds) == 0 {
		return nil
	}
	list, _ := src.written.columns(q)
	r, err := newReader(q.statement, s.zone)
	if err != nil {
		return err
	}
	s.begin()
	// Not prepared: it is another statement for each number of keys.
	s.pipe.SendQueryParams("SELECT "+list+" FROM "+src.quoted+" t WHERE "+strings.Join(conds, " OR "), q.args, nil, nil, nil)
	return s.fetch(src.Name, func(raw [][]byte) error {
		row, err := r.read(raw)
		if err != nil {
			return err
		}
		return yield(row)
	})
}

func (s *postgresSnapshot) keys(_ context.Context, src *source, yield func(key []string) error) error {
	q := &postgresQuestion{statement: &statement{src: src}, fold: s.fold}
	s.begin()
	s.send("SELECT " + strings.Join(q.keys(), "::text, ") + "::text FROM " + src.quoted + " t")
	return s.fetch(src.Name, func(raw [][]byte) error {
		key := make([]string, len(src.Key))
		for i := range key {
			key[i] = string(raw[i])
		}
		return yield(key)
	})
}

func (s *postgresSnapshot) shared(_ context.Context, src *source) (n int, err error) {
	q := &postgresQuestion{statement: &statement{src: src}, fold: s.fold}
	s.begin()
	s.send("SELECT count(*)::text FROM (SELECT 1 FROM " + src.quoted + " t GROUP BY " + strings.Join(q.keys(), ", ") + " HAVING count(*) > 1) several")
	err = s.fetch(src.Name, func(raw [][]byte) error {
		n, err = strconv.Atoi(string(raw[0]))
		return err
	})
	return n, err
}

// keyed is the condition that a record has a key, in a way that can't fail; false:
// none has it.
func (q *postgresQuestion) keyed(key []string) (string, bool) {
	var conds []string
	expressions := q.keys()
	for i, name := range q.src.Key {
		a, _ := q.src.column(name)
		x, value := expressions[i], key[i]
		if !utf8.ValidString(value) && !q.fold.guesses() {
			return "", false
		}
		switch bits := map[string]int{"smallint": 16, "integer": 32, "bigint": 64}[a.kind]; {
		case q.src.withheld(name), a.kind == "text", a.kind == "character varying":
			conds = append(conds, x+" = "+q.value(value))
		case a.kind == "character":
			conds = append(conds, x+" = "+q.value(value)+"::bpchar")
		case bits > 0:
			if n, err := strconv.ParseInt(value, 10, bits); err != nil || strconv.FormatInt(n, 10) != value {
				return "", false
			}
			conds = append(conds, x+" = "+q.value(value)+"::"+a.kind)
		case a.kind == "uuid":
			if _, err := uuid.Parse(value); err != nil || len(value) != 36 {
				return "", false
			}
			conds = append(conds, x+" = "+q.value(value)+"::uuid")
		default:
			conds = append(conds, x+"::text = "+q.value(value))
		}
	}
	return strings.Join(conds, " AND "), true
}
