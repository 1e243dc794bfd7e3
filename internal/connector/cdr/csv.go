package cdr

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// rows reads the rows of one file. After errBroken it goes on with the next.
type rows interface {
	next() (row, error)
	close()
}

// row is one row of a table.
type row struct {
	cells []string
	// replaced: bytes were no letters, and a sign stands for them.
	replaced bool
	// last: the file ends without the end of this line.
	last bool
	// blank: a line of nothing but blanks, such as is left of a record that was
	// taken out, see package rewrite. It counts, since cursors count rows.
	blank bool
	start int64  // in the text; of CSV only
	raw   []byte // with the end of the line
}

var (
	// errBroken: this row can't be read.
	errBroken = errors.New("row can't be read")
	// errCut: the file breaks off.
	errCut = errors.New("file breaks off")
)

const (
	// recordLimit bounds the memory: a longer record is a broken one.
	recordLimit = 256 << 10
	// recordLines is how many lines quotes may hold together. One quote that is
	// never closed would swallow the rest of the file.
	recordLines = 100
)

// csv reads RFC 4180 as systems write it: any delimiter, quotes where they are
// not needed, and none where they are.
type csv struct {
	in        *bufio.Reader
	delimiter byte
	lettering lettering
	back      []byte // lines that turned out not to belong to the record before
	at        int64  // where the next line begins
	end       func()
}

func newCSV(in io.Reader, delimiter byte, l lettering, end func()) *csv {
	return &csv{in: bufio.NewReaderSize(in, recordLimit), delimiter: delimiter, lettering: l, at: int64(l.mark), end: end}
}

func (c *csv) close() { c.end() }

// next gives the next record that is no empty line.
func (c *csv) next() (row, error) {
	for {
		start := c.at
		record, err := c.record()
		if err != nil {
			return row{}, err
		}
		text := bytes.TrimRight(record, "\r\n")
		if len(bytes.TrimSpace(text)) == 0 && bytes.IndexByte(text, c.delimiter) < 0 {
			if len(text) == 0 {
				continue
			}
			return row{blank: true}, nil
		}
		r := row{start: start, raw: record}
		for _, cell := range split(text, c.delimiter) {
			s, broken := c.lettering.decode(cell)
			r.cells, r.replaced = append(r.cells, s), r.replaced || broken
		}
		r.last = len(text) == len(record)
		return r, nil
	}
}

// record gives the lines of the next record.
func (c *csv) record() ([]byte, error) {
	record, err := c.line()
	inside := err == nil && endsInside(record, c.delimiter, false)
	for lines := 1; inside; lines++ {
		var more []byte
		if more, err = c.line(); err == nil {
			record = append(record, more...)
			inside = endsInside(more, c.delimiter, true)
		}
		if inside && (lines == recordLines || len(record) > recordLimit || errors.Is(err, io.EOF) || errors.Is(err, errBroken)) {
			_, others, _ := bytes.Cut(record, []byte("\n"))
			c.at -= int64(len(others))
			c.back = append(bytes.Clone(others), c.back...)
			return nil, errBroken
		}
		if err != nil {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	return record, nil
}

// line gives the next line with its end. One that is too long is left out.
func (c *csv) line() ([]byte, error) {
	if len(c.back) > 0 {
		end := bytes.IndexByte(c.back, '\n') + 1
		if end == 0 {
			end = len(c.back)
		}
		line := c.back[:end:end] // append copies it
		c.back = c.back[end:]
		c.at += int64(end)
		return line, nil
	}
	line, err := c.in.ReadSlice('\n')
	c.at += int64(len(line))
	if errors.Is(err, bufio.ErrBufferFull) {
		for errors.Is(err, bufio.ErrBufferFull) {
			line, err = c.in.ReadSlice('\n')
			c.at += int64(len(line))
		}
		if err == nil || errors.Is(err, io.EOF) {
			return nil, errBroken
		}
	}
	switch {
	case errors.Is(err, io.EOF) && len(line) > 0, err == nil:
		return bytes.Clone(line), nil
	case errors.Is(err, io.EOF):
		return nil, io.EOF
	}
	return nil, err
}

// endsInside says whether a line ends within quotes, if it begins there or not.
func endsInside(line []byte, delimiter byte, inside bool) bool {
	if inside {
		end := closing(line, 0, delimiter)
		if end < 0 {
			return true
		}
		if line = line[end+1:]; len(line) == 0 || line[0] != delimiter {
			return false
		}
		line = line[1:]
	}
	inside = false
	_ = visitCells(line, delimiter, func(_ []byte, _, closed bool) { inside = !closed })
	return inside
}

// split gives the cells of a record.
func split(record []byte, delimiter byte) (cells [][]byte) {
	_ = visitCells(record, delimiter, func(cell []byte, quoted, closed bool) {
		if quoted {
			cell = bytes.ReplaceAll(cell, []byte(`""`), []byte(`"`))
		}
		cells = append(cells, cell)
	})
	return cells
}

// visitCells visits the cells of a record: quoted ones without their quotes, and
// whether these were closed. Only a quote at the beginning of a cell opens, and
// only one at its end closes.
func visitCells(record []byte, delimiter byte, visit func(cell []byte, quoted, closed bool)) int {
	n := 0
	for {
		n++
		if len(record) == 0 || record[0] != '"' {
			i := bytes.IndexByte(record, delimiter)
			if i < 0 {
				visit(record, false, true)
				return n
			}
			visit(record[:i], false, true)
			record = record[i+1:]
			continue
		}
		end := closing(record, 1, delimiter)
		if end < 0 {
			visit(record[1:], true, false)
			return n
		}
		visit(record[1:end], true, true)
		rest := record[end+1:]
		if len(rest) == 0 || rest[0] != delimiter {
			return n // the end of the line
		}
		record = rest[1:]
	}
}

// closing finds the quote that closes a cell, from a place on.
func closing(cell []byte, from int, delimiter byte) int {
	for i := from; i < len(cell); i++ {
		if cell[i] != '"' {
			continue
		}
		if i+1 < len(cell) && cell[i+1] == '"' {
			i++
			continue
		}
		if i+1 == len(cell) || cell[i+1] == delimiter || cell[i+1] == '\r' || cell[i+1] == '\n' {
			return i
		}
	}
	return -1
}

// findDelimiter finds what stands between the cells, by the first lines: what
// divides all of them into the same number of cells, the more the better.
func findDelimiter(head []byte, whole bool) byte {
	best, most := byte(';'), 1
	for _, d := range []byte(";,\t|") {
		c := newCSV(bytes.NewReader(head), d, lettering{}, func() {})
		cells, same := 0, 0
		for same < 20 {
			record, err := c.record()
			if err != nil && !errors.Is(err, errBroken) {
				break
			}
			text := bytes.TrimRight(record, "\r\n")
			if len(bytes.TrimSpace(text)) == 0 || len(text) == len(record) && !whole {
				continue // half a line at the end of the head
			}
			n := visitCells(text, d, func([]byte, bool, bool) {})
			if cells == 0 {
				cells = n
			}
			if n != cells {
				break
			}
			same++
		}
		// A line that differs counts against a delimiter, but not alone: half a
		// line in the middle must not change what a file is.
		if score := (cells - 1) * same; score > most-1 {
			best, most = d, score+1
		}
	}
	return best
}
