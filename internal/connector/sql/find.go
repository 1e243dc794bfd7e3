package sql

import (
	"context"
	"encoding/binary"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// Find asks table after table in the order of the mapping, all in one
// snapshot.
func (db *database) Find(ctx context.Context, q connector.Query, from connector.Cursor, yield func(connector.Finding, connector.Cursor) error) (connector.Answer, error) {
	sets, err := db.connection.Sets(q)
	if err != nil {
		return connector.Answer{}, err
	}
	w := &walk{db: db, query: q, yield: yield, answer: connector.Answer{Outcome: connector.Nothing}}
	at := readPosition(from, db.connection.Version)
	asked := false
	var all []*statement
	for i, src := range db.tables {
		st := &statement{db: db, src: src, index: i, query: q, sets: db.leadingTo(src, sets)}
		if len(st.sets) == 0 {
			continue
		}
		asked = true
		if i == at.table && len(at.key) == len(src.Key) {
			st.after = at.key
		}
		if i >= at.table {
			all = append(all, st)
		}
	}
	if !asked {
		return connector.Answer{Outcome: connector.Unattributable, Reason: "connector.no_identifier"}, nil
	}
	err = db.dialect.ask(ctx, func(s snapshot) error {
		for i, st := range all {
			st.last = i == len(all)-1
			if err := w.table(ctx, s, st); err != nil || w.answer.Next != nil {
				return err
			}
		}
		return nil
	})
	return w.answer, err
}

// leadingTo gives the sets that lead to a table by itself or over its joins.
// Values that stand in rows of other tables can be of two people, the name in
// one row and the birth date in another: several of them together are to be
// checked.
//
// Where a similar name suffices, the set comes a second time, to be checked.
func (db *database) leadingTo(src *source, sets []connector.Set) []clue {
	var some []clue
	for _, s := range sets {
		serves, alike := false, false
		for _, end := range src.ends(db) {
			if !end.serves(s.Match) {
				continue
			}
			serves = true
			name, ok := end.matches[person.Name]
			alike = alike || ok && s.Similar() && slices.Contains(s.Match.By, person.Name) && !(name.exact && len(name.from) == 0)
			if len(s.IDs) > 1 && slices.ContainsFunc(s.IDs, func(id person.Identifier) bool { return len(end.matches[id.Kind].from) > 0 }) {
				s.Confidence = connector.Check
			}
		}
		if serves {
			some = append(some, clue{Set: s})
		}
		if alike {
			s.Confidence = connector.Check
			some = append(some, clue{s, true})
		}
	}
	return some
}

// walk goes through the records of one question.
type walk struct {
	db     *database
	query  connector.Query
	yield  func(connector.Finding, connector.Cursor) error
	answer connector.Answer

	// Of the table that is read:
	st      *statement
	times   []int                  // places of source.times
	flags   []connector.Confidence // row.led of the record before
	led     [][]uuid.UUID          // and what a finding says of it
	hinted  []hinted               // by source.hints
	broken  int                    // records with unreadable letters
	pausing connector.Cursor       // to pause when the key of the record before has ended
	key     []string               // of the record before, while pausing
	stock   []connector.Field
	stocked int // records that the stock was made for
}

// surest gives the sets that make a record as sure as it is.
func (w *walk) surest(r *row) (led [][]uuid.UUID) {
	for i, s := range w.st.sets {
		way := s.Led()
		known := slices.ContainsFunc(led, func(o []uuid.UUID) bool { return slices.Equal(o, way) })
		if r.led[i] == r.confidence && !known {
			led = append(led, way)
		}
	}
	return led
}

// hinted is the last value of a hint: records of a person repeat them.
type hinted struct {
	value string
	id    person.Identifier
	ok    bool
}

// errPaused stops a table where the query asked to.
var errPaused = errors.New("paused")

func (w *walk) table(ctx context.Context, s snapshot, st *statement) error {
	w.st, w.times, w.flags, w.broken = st, st.src.times(), nil, 0
	w.stock, w.stocked, w.pausing = nil, 0, nil
	w.hinted = make([]hinted, len(st.src.hints))
	nobodyWaits := func() error {
		if ctx.Err() == nil {
			return nil
		}
		return connector.Fail(connector.ErrUnreachable, st.src.Name, "", ctx.Err())
	}
	if err := nobodyWaits(); err != nil {
		return err
	}
	err := s.rows(ctx, st, func(r *row) error {
		if err := nobodyWaits(); err != nil { // what the wire still holds is not wanted
			return err
		}
		return w.row(r)
	})
	if w.broken > 0 {
		w.answer.Gaps = append(w.answer.Gaps, connector.Gap{Place: st.src.Name, Reason: "connector.sql.letters", Count: w.broken})
	}
	if err == nil && w.pausing != nil {
		w.answer.Next, err = w.pausing, errPaused
	}
	if errors.Is(err, errPaused) {
		return nil // what can't be compared is counted once, where the table ends
	}
	if err != nil {
		return err
	}
	if err := nobodyWaits(); err != nil {
		return err
	}
	n, err := s.unreadable(ctx, st)
	if n > 0 {
		w.answer.Gaps = append(w.answer.Gaps, connector.Gap{Place: st.src.Name, Reason: "connector.sql.encoding", Count: n})
	}
	return err
}

// row makes a finding of a row.
func (w *walk) row(r *row) error {
	src := w.st.src
	if w.pausing != nil && !slices.Equal(w.key, r.key) {
		w.answer.Next = w.pausing
		return errPaused
	}
	f := connector.Finding{
		Reference: reference(src.Name, r.key), Category: src.Category, Label: src.Label, Confidence: r.confidence,
		Fields: w.fields(),
		Origin: connector.Origin{Place: src.Name, Position: strings.Join(r.key, "/"), Mapping: w.db.connection.Version},
	}
	if f.Category == "" {
		f.Category = src.Name
	}
	whole := true
	for i, v := range r.values {
		if !utf8.ValidString(v) {
			v, whole = strings.ToValidUTF8(v, string(utf8.RuneError)), false
		}
		if src.unix[i] {
			v = asTime(v)
		}
		f.Fields[i].Value = person.NewText(v)
	}
	if !whole {
		w.broken++
	}
	if src.at >= 0 {
		f.Origin.At = r.times[0]
	}
	if w.flags == nil || !slices.Equal(w.flags, r.led) {
		w.flags = append(w.flags[:0], r.led...)
		w.led = w.surest(r)
	}
	f.Led = w.led
	if f.Confidence != connector.Check { // a namesake's record is no trace of the person
		w.hint(&f, r)
	}
	w.answer.Outcome = connector.Found
	at := position{table: w.st.index, key: r.key}.cursor(w.db.connection.Version)
	if err := w.yield(f, at); err != nil {
		return err
	}
	switch {
	case !w.query.Paused(time.Now()):
	case src.isTable:
		w.answer.Next = at
		return errPaused
	default: // who reads on behind a key of a view would not hear of another record that has it
		w.pausing, w.key = at, r.key
	}
	return nil
}

// fields gives those of a record, still without values: cut from a stock, for
// many small allocations cost more than the questions of small tables.
func (w *walk) fields() []connector.Field {
	n := len(w.st.src.fields)
	if len(w.stock) < n {
		w.stocked = min(2*w.stocked+4, 64)
		w.stock = make([]connector.Field, 0, n*w.stocked)
		for range w.stocked {
			w.stock = append(w.stock, w.st.src.fields...)
		}
	}
	fields := w.stock[:n:n]
	w.stock = w.stock[n:]
	return fields
}

// hint adds the further identifiers that a record names; those of one to check
// may be somebody else's.
func (w *walk) hint(f *connector.Finding, r *row) {
	if f.Confidence == connector.Check {
		return
	}
	for i, h := range w.st.src.hints {
		var value string
		if h.kind == person.IPTime {
			ip, _, _ := strings.Cut(r.values[h.columns[0]], "/") // PostgreSQL writes 192.0.2.7/32
			if at := r.times[slices.Index(w.times, h.columns[1])]; ip != "" && !at.IsZero() {
				value = ip + " " + at.Format(time.RFC3339)
			}
		} else {
			for _, c := range h.columns {
				if v := r.values[c]; v != "" {
					value = strings.TrimPrefix(value+" "+v, " ")
				}
			}
		}
		if value == "" {
			continue
		}
		last := &w.hinted[i]
		if last.value != value {
			last.value = value
			last.id, last.ok = w.query.Hint(h.kind, value, "")
		}
		if last.ok {
			id := last.id
			id.Record = w.db.connection.System + "/" + f.Reference
			f.Hints = append(f.Hints, id)
		}
	}
}

func reference(table string, key []string) string {
	if len(key) == 1 {
		return table + "/" + url.PathEscape(key[0])
	}
	parts := []string{table}
	for _, k := range key {
		parts = append(parts, url.PathEscape(k))
	}
	return strings.Join(parts, "/")
}

// position is what a cursor says: the table and the key of its last record.
type position struct {
	table int
	key   []string
}

// cursor writes the version of the mapping, the table's place in it, and the
// key, each behind its length.
func (p position) cursor(version string) connector.Cursor {
	size := len(version) + 4
	for _, k := range p.key {
		size += len(k) + 4
	}
	b := binary.AppendUvarint(make([]byte, 0, size), uint64(len(version)))
	b = binary.AppendUvarint(append(b, version...), uint64(p.table))
	for _, k := range p.key {
		b = append(binary.AppendUvarint(b, uint64(len(k))), k...)
	}
	return b
}

// readPosition reads a cursor. One that was made with another mapping starts
// again: what was found before has the same references.
func readPosition(c connector.Cursor, version string) position {
	var p position
	b := []byte(c)
	number := func() int {
		n, size := binary.Uvarint(b)
		if size <= 0 || n > 1<<31 {
			b = nil
			return -1
		}
		b = b[size:]
		return int(n)
	}
	text := func() (string, bool) {
		n := number()
		if n < 0 || n > len(b) {
			return "", false
		}
		s := string(b[:n])
		b = b[n:]
		return s, true
	}
	if v, ok := text(); !ok || v != version {
		return position{}
	}
	if p.table = number(); p.table < 0 {
		return position{}
	}
	for len(b) > 0 {
		k, ok := text()
		if !ok {
			return position{}
		}
		p.key = append(p.key, k)
	}
	return p
}
