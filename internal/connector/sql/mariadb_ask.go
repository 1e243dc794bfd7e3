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

	"github.com/google/uuid"

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
	asking, stop := context.WithCancel(ctx)
	rows, err := s.conn.QueryContext(asking, text, q.args...)
	if err != nil {
		stop()
		return mariadbFailure(st.src.Name, err)
	}
	defer func() { stop(); rows.Close() }()
	m := newMerger(q, s.zone, yield)
	for rows.Next() {
		if err := rows.Scan(m.places...); err != nil {
			return mariadbFailure(st.src.Name, err)
		}
		if err := m.take(); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return mariadbFailure(st.src.Name, err)
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
	index   map[string]int // of a set's identifiers in statement.sets
	said    []string       // slots of the row before
	led     []bool         // what it led to
	sure    connector.Confidence
}

func newMerger(q *mariadbQuestion, zone *time.Location, yield func(*row) error) *merger {
	keys, columns := len(q.src.Key), len(q.src.columns)
	n := keys + 1 + columns + len(q.slots)
	m := &merger{q: q, zone: zone, yield: yield, raw: make([]stdsql.RawBytes, n), floats: make([]any, n), places: make([]any, n), index: map[string]int{}}
	for i := range m.places {
		m.places[i] = &m.raw[i]
		if c := i - keys - 1; c >= 0 && c < columns && q.src.columns[c].isFloat() {
			m.places[i] = &m.floats[i]
		}
	}
	m.row = row{key: make([]string, keys), values: make([]string, columns), times: make([]time.Time, len(q.src.times())), led: make([]bool, len(q.sets))}
	for i, s := range q.sets {
		m.index[fmt.Sprint(s.Led())] = i
	}
	return m
}

// take looks at the row that was read.
func (m *merger) take() error {
	keys := len(m.row.key)
	if m.pending && slices.EqualFunc(m.row.key, m.raw[:keys], func(k string, b stdsql.RawBytes) bool { return k == string(b) }) {
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
	return nil
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
	any, sure := false, m.sure
	if string(m.raw[keys]) != "1" {
		sure = connector.Check // the same to the collation only
	}
	reached := connector.Check // no surer than the sets, see leadingTo
	for i, led := range m.led {
		m.row.led[i] = m.row.led[i] || led
		if any = any || led; led {
			reached = reached.Best(m.q.sets[i].Confidence)
		}
	}
	if any {
		m.pending = true
		m.row.confidence = m.row.confidence.Best(sure.Worst(reached))
	}
	return nil
}

// judge asks package person about the values of the slots; rows of a person
// repeat them.
func (m *merger) judge(slots []stdsql.RawBytes) error {
	if m.said != nil && slices.EqualFunc(m.said, slots, func(s string, b stdsql.RawBytes) bool { return s == string(b) }) {
		return nil
	}
	m.said, m.led = make([]string, len(slots)), make([]bool, len(m.row.led))
	values := connector.Values{}
	for i, b := range slots {
		m.said[i] = string(b)
		s := m.q.slots[i]
		if !s.list {
			values[s.kind] = append(values[s.kind], m.said[i])
			continue
		}
		for list := range strings.Lines(m.said[i]) {
			var some []string
			if json.Unmarshal([]byte(list), &some) != nil {
				return connector.Fail(connector.ErrBroken, m.q.src.Name, "", nil)
			}
			values[s.kind] = append(values[s.kind], some...)
		}
	}
	var led [][]uuid.UUID
	led, m.sure = m.q.whose.Leads(values)
	for _, ids := range led {
		if i, ok := m.index[fmt.Sprint(ids)]; ok {
			m.led[i] = true
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
