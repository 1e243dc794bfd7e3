package cdr

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// table is a file of which is known which column is what.
type table struct {
	rows
	names   []string // of the columns, as the file has them
	columns []known  // what the mapping says about each
	mapping *mapping
	times   []int
	key     []int
	short   bool // rows leave out empty cells at their end
	file    string
	missing int // sheets without the columns, since the last look
}

// known is a column of the mapping, or one that nobody mapped.
type known struct {
	column
	kind   person.IdentifierKind
	mapped bool
}

// table reads the header of a file. A column that the mapping names and the
// file lacks is an error: its rows would match nobody.
func (e *exports) table(f file, t *text) (*table, error) {
	tab := &table{mapping: &e.mapping, file: f.name()}
	if !f.workbook {
		tab.rows = e.plain(t)
		if err := tab.begin(); err != nil {
			tab.close()
			return nil, err
		}
		return tab, nil
	}
	book, err := openSheets(t, e.mapping.Sheet)
	if err != nil {
		return nil, err
	}
	tab.rows, tab.short = book, true
	if err := tab.turn(); err != nil {
		tab.close()
		return nil, err
	}
	return tab, nil
}

// turn goes on to the next sheet that has the columns. Where no sheet has them,
// the error is that of the first.
func (t *table) turn() error {
	book, ok := t.rows.(*sheets)
	if !ok {
		return io.EOF
	}
	var wrong error
	for {
		err := book.turn()
		if err == nil {
			err = t.begin()
		}
		switch {
		case err == nil:
			return nil
		case errors.Is(err, errTurned):
			if wrong != nil && t.columns == nil {
				return wrong
			}
			return io.EOF
		case errors.Is(err, io.EOF): // an empty one
		case errors.Is(err, connector.ErrConfig):
			t.missing++
			wrong = cmp.Or(wrong, err)
		default:
			return err
		}
	}
}

// begin reads the header of a file or sheet.
func (t *table) begin() error {
	m := t.mapping
	fresh := table{rows: t.rows, names: slices.Clone(m.Header), mapping: m, short: t.short, file: t.file, missing: t.missing}
	if len(m.Header) == 0 {
		header, err := t.header()
		if err != nil {
			return err
		}
		fresh.names = header
	}
	for i, n := range fresh.names {
		fresh.names[i] = strings.Join(strings.Fields(n), " ")
		c, mapped := m.byName[fold(n)]
		fresh.columns = append(fresh.columns, known{column: c, kind: person.IdentifierKind(c.Identifier), mapped: mapped})
	}
	for _, c := range m.needed() {
		if fresh.column(c[1]) < 0 {
			return connector.Fail(connector.ErrConfig, "cdr."+c[0], t.file+" has no column "+c[1], nil)
		}
	}
	for _, name := range m.Time.Columns {
		fresh.times = append(fresh.times, fresh.column(name))
	}
	for _, name := range m.Key {
		fresh.key = append(fresh.key, fresh.column(name))
	}
	fresh.names = connector.DistinctNames(fresh.names)
	*t = fresh
	return nil
}

// header gives the first line that can be read.
func (t *table) header() ([]string, error) {
	for {
		r, err := t.rows.next()
		if errors.Is(err, errBroken) || err == nil && (r.blank || len(r.cells) == 0) {
			continue
		}
		return slices.Clone(r.cells), err
	}
}

// plain reads CSV.
func (e *exports) plain(t *text) *csv {
	head, _ := t.Peek(ahead)
	in, l := letters(e.mapping.Charset, bytes.Clone(head), t.Reader)
	d := e.mapping.delimiter
	if d == 0 {
		buffered := bufio.NewReaderSize(in, ahead)
		start, err := buffered.Peek(ahead)
		d = findDelimiter(start, err != nil)
		in = buffered
	}
	return newCSV(in, d, l, t.close)
}

func (t *table) column(name string) int {
	return slices.IndexFunc(t.names, func(n string) bool { return fold(n) == fold(name) })
}

// next gives the next row with a cell for each column.
func (t *table) next() (row, error) {
	for {
		if r, err := t.step(); err != nil || !r.blank {
			return r, err
		}
	}
}

// step is next, and gives lines of blanks as well.
func (t *table) step() (row, error) {
	for {
		r, err := t.rows.next()
		if errors.Is(err, io.EOF) {
			if err = t.turn(); err == nil {
				continue
			}
		}
		if err != nil {
			return r, err
		}
		if r.blank {
			return r, nil
		}
		if t.short {
			if !slices.ContainsFunc(r.cells, func(s string) bool { return s != "" }) {
				continue
			}
			for len(r.cells) < len(t.names) {
				r.cells = append(r.cells, "")
			}
		}
		if len(r.cells) < len(t.names) {
			return r, errBroken
		}
		if slices.ContainsFunc(r.cells[len(t.names):], func(s string) bool { return s != "" }) {
			return r, errBroken
		}
		r.cells = r.cells[:len(t.names)]
		return r, nil
	}
}

func (t *table) at(r row) time.Time {
	if len(t.times) == 0 {
		return time.Time{}
	}
	return t.mapping.at(t.time(r))
}
