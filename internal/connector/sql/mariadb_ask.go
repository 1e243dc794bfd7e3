package sql

import (
	"context"
	stdsql "database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"einsicht/internal/connector"
)

// mariadbSnapshot is a transaction of a connection.
type mariadbSnapshot struct {
	*mariadb
	conn *stdsql.Conn
}

// unreadable: every text of MariaDB has a character set.
func (s *mariadbSnapshot) unreadable(context.Context, *statement) (int, error) { return 0, nil }

// rows reads the answer off the wire record by record. Who stops early drops
// the connection: what the server still wanted to say is not read.
func (s *mariadbSnapshot) rows(ctx context.Context, st *statement, yield func(*row) error) error {
	whose, err := st.db.connection.Whose(st.query)
	if err != nil {
		return err
	}
	q := &mariadbQuestion{statement: st, whose: whose}
	text := q.build()
	m, err := newMerger(q, s.zone, yield)
	if err != nil {
		return err
	}
	asking, stop := context.WithCancel(ctx)
	rows, err := s.conn.QueryContext(asking, text, q.args...)
	if err != nil {
		stop()
		return s.failed(st.src.Name, err)
	}
	defer func() { stop(); rows.Close() }()
	for rows.Next() {
		if err := rows.Scan(m.places...); err != nil {
			return s.failed(st.src.Name, err)
		}
		if err := m.take(); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return s.failed(st.src.Name, err)
	}
	return m.flush()
}

// merger makes one record of all rows with its key, and leaves out what is not
// the person's.
type merger struct {
	q     *mariadbQuestion
	zone  *time.Location
	yield func(*row) error

	// The row as it comes: key, same, columns, slots.
	raw    []stdsql.RawBytes
	floats []any // of raw, where a number would be written as 1e+06
	places []any

	row     row // of the key that is read
	pending bool
	whose   []connector.Whose // by statement.sets
	said    saying            // of the row before
}

// saying is what the values of the slots say: for each set how sure it is that
// the record is the person's, empty where it does not lead there.
type saying struct {
	values  []string
	reached []connector.Confidence
}

func newMerger(q *mariadbQuestion, zone *time.Location, yield func(*row) error) (*merger, error) {
	keys, columns := len(q.src.Key), len(q.src.columns)
	n := keys + 1 + columns + len(q.slots)
	m := &merger{q: q, zone: zone, yield: yield, raw: make([]stdsql.RawBytes, n), floats: make([]any, n), places: make([]any, n)}
	for i := range m.places {
		m.places[i] = &m.raw[i]
		if c := i - keys - 1; c >= 0 && c < columns && q.src.columns[c].isFloat() {
			m.places[i] = &m.floats[i]
		}
	}
	m.row = row{key: make([]string, keys), values: make([]string, columns), times: make([]time.Time, len(q.src.times())), led: make([]connector.Confidence, len(q.sets))}
	for _, s := range q.sets {
		// Each set by itself: together only the surest would be named, and what
		// is sure of one kind of table is to be checked in another.
		w, err := q.statement.whose(s)
		if err != nil {
			return nil, err
		}
		m.whose = append(m.whose, w)
	}
	return m, nil
}

// take looks at the row that was read.
func (m *merger) take() error {
	keys := len(m.row.key)
	if m.pending && slices.EqualFunc(m.row.key, m.raw[:keys], func(k string, b stdsql.RawBytes) bool { return k == string(b) }) && (m.q.src.isTable || m.same()) {
		return m.add()
	}
	if err := m.flush(); err != nil {
		return err
	}
	clear(m.row.led)
	m.row.confidence = connector.Check
	if err := m.add(); err != nil || !m.pending {
		return err
	}
	m.fill()
	return nil
}

// same says whether the row that was read is the record before: the key of a view may
// be none.
func (m *merger) same() bool {
	for i, a := range m.q.src.columns {
		if m.row.values[i] != m.value(len(m.row.key)+1+i, a) {
			return false
		}
	}
	return true
}

// fill takes the record from the row that was read.
func (m *merger) fill() {
	keys := len(m.row.key)
	m.row.key = make([]string, keys)
	for i, b := range m.raw[:keys] {
		m.row.key[i] = string(b)
	}
	for i, a := range m.q.src.columns {
		m.row.values[i] = m.value(keys+1+i, a)
	}
	for i, place := range m.q.src.times() {
		m.row.times[i] = instant(m.row.values[place], m.q.src.columns[place].when, m.zone)
	}
}

// flush hands out the record that is complete.
func (m *merger) flush() error {
	if !m.pending {
		return nil
	}
	m.pending = false
	return m.yield(&m.row)
}

// add says which sets lead to the record by the row that was read.
func (m *merger) add() error {
	keys := len(m.row.key)
	if err := m.judge(m.raw[len(m.raw)-len(m.q.slots):]); err != nil {
		return err
	}
	sure := connector.Sure
	if string(m.raw[keys]) != "1" {
		sure = connector.Check // the same to the collation only
	}
	for i, c := range m.said.reached {
		if c == "" {
			continue
		}
		c = c.Worst(sure).Worst(m.q.sets[i].Confidence) // no surer than the sets, see leadingTo
		m.row.led[i] = c.Best(m.row.led[i])
		m.row.confidence = m.row.confidence.Best(c)
		m.pending = true
	}
	return nil
}

// judge asks package person about the values of the slots; rows of a person
// repeat them.
func (m *merger) judge(slots []stdsql.RawBytes) error {
	if m.said.values != nil && slices.EqualFunc(m.said.values, slots, func(s string, b stdsql.RawBytes) bool { return s == string(b) }) {
		return nil
	}
	m.said = saying{make([]string, len(slots)), make([]connector.Confidence, len(m.whose))}
	values := connector.Values{}
	for i, b := range slots {
		m.said.values[i] = string(b)
		s := m.q.slots[i]
		if !s.list {
			values[s.kind] = append(values[s.kind], m.said.values[i])
			continue
		}
		for list := range strings.Lines(m.said.values[i]) {
			var some []string
			if json.Unmarshal([]byte(list), &some) != nil {
				return connector.Fail(connector.ErrBroken, m.q.src.Name, "", nil)
			}
			values[s.kind] = append(values[s.kind], some...)
		}
	}
	for i, w := range m.whose {
		if led, sure := w.Leads(values); len(led) > 0 {
			m.said.reached[i] = sure
		}
	}
	return nil
}

// value writes a column as people read it, as PostgreSQL does.
func (m *merger) value(place int, a attribute) string {
	b := m.raw[place]
	if a.isFloat() {
		switch v := m.floats[place].(type) {
		case float32:
			return strconv.FormatFloat(float64(v), 'f', -1, 32)
		case float64:
			return strconv.FormatFloat(v, 'f', -1, 64)
		}
		return ""
	}
	switch {
	case b == nil:
		return ""
	case a.kind == "bit":
		var bits strings.Builder
		for _, c := range b {
			fmt.Fprintf(&bits, "%08b", c)
		}
		s := bits.String()
		return s[max(0, len(s)-max(a.width, 1)):]
	case a.isBinary():
		return `\x` + hex.EncodeToString(b)
	case a.when == moment:
		return string(b) + "+00" // the session's zone
	}
	return string(b)
}
