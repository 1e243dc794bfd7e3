package sql

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// batch is how many rows are fetched at once. Rows are read off the wire one
// by one, so memory holds one of them whatever it is.
const batch = 100

// Find asks table after table in the order of the mapping, all in one
// snapshot.
func (db *database) Find(ctx context.Context, q connector.Query, from connector.Cursor, yield func(connector.Finding, connector.Cursor) error) (connector.Answer, error) {
	none := connector.Answer{Outcome: connector.Unattributable, Reason: "connector.no_identifier"}
	sets, err := db.connection.Sets(q)
	if err != nil {
		return connector.Answer{}, err
	}
	w := &walk{db: db, query: q, yield: yield, answer: connector.Answer{Outcome: connector.Nothing}}
	start := db.position(from)
	asked := false
	err = db.read(ctx, func(tx pgx.Tx) error {
		for i, src := range db.tables {
			st := &statement{db: db, src: src, sets: db.leadingTo(src, sets)}
			if len(st.sets) == 0 {
				continue
			}
			asked = true
			if i < start.Table || w.answer.Next != nil {
				continue
			}
			if i == start.Table && len(start.Key) == len(src.Key) {
				st.after = start.Key
			}
			if err := w.table(ctx, tx, i, st); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && !asked {
		return none, nil
	}
	return w.answer, err
}

// leadingTo gives the sets that lead to a table by itself or over its joins.
func (db *database) leadingTo(src *source, sets []connector.Set) []connector.Set {
	tables := []table{src.table}
	for _, path := range src.Reach {
		tables = append(tables, db.find(path[len(path)-1].Table).table)
	}
	var some []connector.Set
	for _, s := range sets {
		if slices.ContainsFunc(tables, func(t table) bool { return t.serves(s.Match) }) {
			some = append(some, s)
		}
	}
	return some
}

// position is what a cursor says: the table and the key of its last record.
type position struct {
	Version string
	Table   int
	Key     []string
}

// position reads a cursor. One that was made with another mapping starts
// again: what was found before has the same references.
func (db *database) position(c connector.Cursor) position {
	var p position
	if json.Unmarshal(c, &p) != nil || p.Version != db.connection.Version {
		return position{}
	}
	return p
}

// walk goes through the records of one question.
type walk struct {
	db     *database
	query  connector.Query
	yield  func(connector.Finding, connector.Cursor) error
	answer connector.Answer
}

// table reads the records of a table through a cursor of the server.
func (w *walk) table(ctx context.Context, tx pgx.Tx, index int, st *statement) error {
	text := st.build()
	if _, err := tx.Exec(ctx, "DECLARE einsicht NO SCROLL CURSOR FOR "+text, st.args...); err != nil {
		return failure(st.src.Name, err)
	}
	for {
		rows, err := tx.Query(ctx, "FETCH FORWARD "+strconv.Itoa(batch)+" FROM einsicht")
		if err != nil {
			return failure(st.src.Name, err)
		}
		n := 0
		for rows.Next() {
			n++
			if ctx.Err() != nil { // what the wire still holds is not wanted
				rows.Close()
				return connector.Fail(connector.ErrUnreachable, st.src.Name, "", ctx.Err())
			}
			if err := w.row(index, st, rows.RawValues()); err != nil {
				rows.Close()
				return err
			}
			if w.answer.Next != nil {
				rows.Close()
				return nil
			}
		}
		if err := rows.Err(); err != nil {
			return failure(st.src.Name, err)
		}
		if n < batch {
			break
		}
	}
	if _, err := tx.Exec(ctx, "CLOSE einsicht"); err != nil {
		return failure(st.src.Name, err)
	}
	return nil
}

// row makes a finding of a row, whose columns statement.build describes.
func (w *walk) row(index int, st *statement, raw [][]byte) error {
	src := st.src
	key := make([]string, len(src.Key))
	for i := range key {
		key[i] = string(raw[i])
	}
	raw = raw[len(key):]
	f := connector.Finding{
		Reference: reference(src.Name, key), Category: src.Category, Label: src.Label, Confidence: connector.Check,
		Origin: connector.Origin{Place: src.Name, Position: strings.Join(key, "/"), Mapping: w.db.connection.Version},
	}
	if f.Category == "" {
		f.Category = src.Name
	}
	values := map[string]string{}
	for i, a := range src.columns {
		c, mapped := src.Columns[a.name]
		values[a.name] = string(raw[i])
		f.Fields = append(f.Fields, connector.Field{
			Name: a.name, Label: c.Label, Value: person.NewText(values[a.name]), Category: c.Category,
			ThirdParty: c.ThirdParty, Withheld: c.Withhold, Unmapped: !mapped,
		})
	}
	raw = raw[len(src.columns):]
	times := map[string]string{}
	for i, name := range src.times() {
		times[name] = string(raw[i])
	}
	f.Origin.At, _ = time.Parse(time.RFC3339, times[src.At]) // an empty one is no time
	raw = raw[len(times):]
	for i, s := range st.sets {
		if string(raw[i]) == "true" {
			f.Led = append(f.Led, s.Led())
			f.Confidence = f.Confidence.Best(s.Confidence)
		}
	}
	f.Hints = w.hints(src, values, times, w.db.connection.System+"/"+f.Reference)
	w.answer.Outcome = connector.Found
	at, err := json.Marshal(position{Version: w.db.connection.Version, Table: index, Key: key})
	if err != nil {
		return err
	}
	if err := w.yield(f, at); err != nil {
		return err
	}
	if !w.query.Pause.IsZero() && !time.Now().Before(w.query.Pause) {
		w.answer.Next = at
	}
	return nil
}

// hints gives the further identifiers that a record names.
func (w *walk) hints(src *source, values, times map[string]string, record string) []person.Identifier {
	var hints []person.Identifier
	for _, h := range src.Hints {
		kind := person.IdentifierKind(h.Kind)
		var parts []string
		for i, name := range h.Columns {
			v := values[name]
			if kind == person.IPTime {
				if i == 1 {
					v = times[name]
				}
				v, _, _ = strings.Cut(v, "/") // the database writes 192.0.2.7/32
			}
			if v != "" {
				parts = append(parts, v)
			}
		}
		if id, ok := w.query.Hint(kind, strings.Join(parts, " "), record); ok {
			hints = append(hints, id)
		}
	}
	return hints
}

func reference(table string, key []string) string {
	parts := []string{table}
	for _, k := range key {
		parts = append(parts, url.PathEscape(k))
	}
	return strings.Join(parts, "/")
}
