package cdr

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"

	"einsicht/internal/connector"
	"einsicht/internal/connector/rewrite"
)

// desk takes rows out of exports that are closed.
func (e *exports) desk(step func(string) error) rewrite.Desk {
	return rewrite.Desk{
		Files:  rewrite.Files{System: e.connection.System, Patterns: e.mapping.Files, Checksums: e.mapping.Checksums, Rule: e.mapping.Change, Step: step},
		Locate: e.locate, Keyed: len(e.mapping.Key) > 0,
	}
}

// locate goes through all files and says where rows stand, as rewrite.Desk asks for.
// A file that can't be read is an error: nobody could say that a row is gone. What
// was cut off of one, or is too large, was not found before either.
func (e *exports) locate(ctx context.Context, wanted map[string]bool, yield func(rewrite.Spot) error) error {
	files, gaps, err := e.list(ctx)
	if err != nil {
		return err
	}
	for _, gap := range gaps {
		if gap.Reason != "connector.gap.cdr_too_large" {
			return connector.Fail(connector.ErrUnreachable, gap.Place, "a file can't be read", nil)
		}
	}
	for _, f := range files {
		if err := e.locateIn(ctx, f, wanted, yield); err != nil {
			return err
		}
	}
	return nil
}

func (e *exports) locateIn(ctx context.Context, f file, wanted map[string]bool, yield func(rewrite.Spot) error) error {
	gone := func(err error) error { return connector.Fail(connector.ErrUnreachable, f.name(), "", err) }
	t, err := e.open(ctx, f.path)
	if err != nil {
		return gone(err)
	}
	tab, err := e.table(f, t)
	switch {
	case err == nil:
		defer tab.close()
	case ctx.Err() != nil:
		return gone(ctx.Err())
	case errors.Is(err, connector.ErrConfig):
		t.close()
		return err
	default: // nothing but a header, cut off, too large
		t.close()
		return nil
	}
	fixed := ""
	if lines, ok := tab.rows.(*csv); !ok {
		fixed = "connector.cdr.workbook"
	} else if lines.lettering.wide {
		fixed = "connector.cdr.wide"
	}
	times := map[string]int{}
	for n := 1; ; n++ {
		r, err := tab.step()
		switch {
		case ctx.Err() != nil:
			return gone(ctx.Err())
		case errors.Is(err, errBroken) || err == nil && r.blank:
			continue
		case err != nil:
			return nil
		}
		group, _ := tab.group(r)
		if wanted != nil && !wanted[group] {
			continue
		}
		s := rewrite.Spot{Group: group, Scope: f.path, Path: f.path, Start: r.start, Text: r.raw, Fixed: fixed, Finding: e.record(tab, r, f.name(), n)}
		s.Finding.Origin.At = tab.at(r)
		if !e.Keyed {
			s.Number = times[group]
			if times[group]++; wanted == nil && len(times) > mostCounted {
				clear(times) // equal rows stand close together
			}
		}
		s.Finding.Reference = group
		if !e.Keyed {
			s.Finding.Reference = s.Reference()
		}
		if rule := e.mapping.Change; fixed == "" && rule.Declared() && rule.Erase == rewrite.Masking {
			e.mask(tab, r, &s)
		}
		if err := yield(s); err != nil {
			return err
		}
	}
}

const mostCounted = 1 << 16

// mask writes what takes the place of cells, with blanks up to their length. A
// column that the rule says nothing of is none that may be left standing.
func (e *exports) mask(tab *table, r row, s *rewrite.Spot) {
	line := bytes.TrimRight(r.raw, "\r\n")
	line = line[:len(line):len(line)]
	masked, i := slices.Clone(r.raw), 0
	covered := true
	_ = visitCells(line, tab.rows.(*csv).delimiter, func(cell []byte, _, _ bool) {
		if i >= len(tab.names) {
			return
		}
		name := e.mapping.declared(tab.names[i])
		if i++; !e.mapping.Change.Covers(name) {
			covered = false
			return
		}
		to := e.mapping.Change.Masked(name, string(cell))
		if to == string(cell) {
			return
		}
		at := len(line) - cap(cell)
		copy(masked[at:], to)
		copy(masked[at+len(to):], bytes.Repeat([]byte(" "), len(cell)-len(to)))
	})
	after, err := e.reread(tab, masked)
	switch again, _ := tab.group(after); {
	case !covered || err != nil || !e.Keyed && bytes.Equal(masked, r.raw): // nothing of it is masked
	case e.Keyed && again == s.Group: // the key leads to it still
		s.With, s.After, s.Kept = masked, tab.fields(after), e.mapping.Change.Keeps()
	default:
		s.With, s.Kept = masked, e.mapping.Change.Keeps()
	}
}

// reread reads a row as it will stand there.
func (e *exports) reread(tab *table, raw []byte) (row, error) {
	lines := tab.rows.(*csv)
	one := *tab
	one.rows = newCSV(bytes.NewReader(raw), lines.delimiter, lettering{eight: lines.lettering.eight, lenient: lines.lettering.lenient}, func() {})
	r, err := one.next()
	if err == nil && len(r.cells) != len(tab.names) {
		err = io.ErrUnexpectedEOF
	}
	return r, err
}

// declared is a name of a column as the rule writes it.
func (m *mapping) declared(name string) string {
	for own := range m.Change.Mask {
		if fold(own) == fold(name) {
			return own
		}
	}
	for _, own := range m.Change.Keep {
		if fold(own) == fold(name) {
			return own
		}
	}
	return name
}
