package cdr

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"einsicht/internal/connector"
)

// tried is how many rows of a file are tried before anybody is looked for in it.
const tried = 20

// try makes sure that a file has the columns of the mapping, and that its first rows
// are written as the mapping says. What can't be read is said when somebody asks.
func (e *exports) try(ctx context.Context, f file) error {
	t, err := e.open(ctx, f.path)
	if err != nil {
		return nil // a gap of the answer
	}
	tab, err := e.table(f, t)
	if err != nil {
		t.close()
		if !errors.Is(err, connector.ErrConfig) {
			return nil
		}
		if written := e.misread(ctx, f); written != nil {
			return written
		}
		return err
	}
	defer tab.close()
	if err := e.charset(ctx, f); err != nil {
		return err
	}
	if len(tab.times) == 0 {
		return nil
	}
	rows := 0
	for range tried {
		r, err := tab.next()
		if errors.Is(err, errBroken) {
			continue
		}
		if err != nil {
			break
		}
		switch value := tab.time(r); {
		case value == "":
		case !e.mapping.at(value).IsZero():
			return nil
		default:
			rows++
		}
	}
	if rows == 0 {
		return nil
	}
	return e.connection.Wrong("time.layout", fmt.Sprintf("fits none of the first %d times of %s: write 2 January 2006, 15:04:05 as it would stand there", rows, f.name()))
}

// misread says why a file seems to lack columns: another delimiter than the one
// declared, or another charset.
func (e *exports) misread(ctx context.Context, f file) error {
	if f.workbook {
		return nil
	}
	if err := e.charset(ctx, f); err != nil {
		return err
	}
	if e.mapping.delimiter == 0 {
		return nil
	}
	t, err := e.open(ctx, f.path)
	if err != nil {
		return nil
	}
	defer t.close()
	head, _ := t.Peek(ahead)
	in, _ := letters(e.mapping.Charset, bytes.Clone(head), t.Reader)
	text, err := bufio.NewReaderSize(in, ahead).Peek(ahead)
	is := findDelimiter(text, err != nil)
	if is == e.mapping.delimiter || visitCells(text, is, func([]byte, bool, bool) {}) < 2 {
		return nil
	}
	return e.connection.Wrong("delimiter", fmt.Sprintf("is not what divides the cells of %s: that is %s; say so, or leave the key out", f.name(), delimiterName(is)))
}

func delimiterName(d byte) string {
	if d == '\t' {
		return "tab"
	}
	return fmt.Sprintf("%q", d)
}

// charset makes sure that a file is written in the charset that is declared, as far
// as its first lines tell: those that hold more than ASCII.
func (e *exports) charset(ctx context.Context, f file) error {
	t, err := e.open(ctx, f.path)
	if err != nil {
		return nil // a gap of the answer
	}
	defer t.close()
	head, _ := t.Peek(ahead)
	if f.workbook || bytes.HasPrefix(head, []byte("\xef\xbb\xbf")) || bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) {
		return nil // says it itself
	}
	var fits func(line []byte) bool
	say := "leave the key out"
	switch e.mapping.Charset {
	case "utf-8":
		fits, say = utf8.Valid, say+", or say windows-1252"
	case "windows-1252", "iso-8859-1":
		fits = func(line []byte) bool { return !utf8.Valid(line) }
	case "utf-16", "utf-16le", "utf-16be":
		if len(head) > 0 && bytes.IndexByte(head, 0) < 0 {
			return e.connection.Wrong("charset", "is not that of "+f.name()+": "+say)
		}
		return nil
	default:
		return nil
	}
	lines, wrong := 0, 0
	for line := range bytes.Lines(head) {
		if lines++; lines > tried+1 || !bytes.HasSuffix(line, []byte("\n")) {
			break // the head may end within a letter
		}
		switch {
		case bytes.IndexFunc(line, func(r rune) bool { return r >= utf8.RuneSelf }) < 0: // the same in each
		case fits(line):
			return nil
		default:
			wrong++
		}
	}
	if wrong == 0 {
		return nil
	}
	return e.connection.Wrong("charset", "is not that of "+f.name()+": "+say)
}

// time is that of a row as it stands there.
func (t *table) time(r row) string {
	var parts []string
	for _, i := range t.times {
		parts = append(parts, r.cells[i])
	}
	return strings.TrimSpace(strings.Join(parts, " "))
}
