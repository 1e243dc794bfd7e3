package export

import (
	"bufio"
	"io"
	"strings"
	"unicode"

	"einsicht/internal/disclosure"
)

// A table is for looking at in a spreadsheet; daten.json is the faithful form.
// So the table starts with a byte order mark (without it Excel takes UTF-8 for
// Windows-1252), separates with semicolons (German spreadsheets split there) and
// quotes every cell (RFC 4180).
const byteOrderMark = "\uFEFF"

// What stands in a cell instead of a value. Brackets, so that it can't be taken
// for one.
const (
	cellBlackedOut = "[geschwärzt]"
	cellHeldOnly   = "[vorhanden]"
	cellWithheld   = "[zurückgehalten]"
)

func writeCSV(w io.Writer, s disclosure.System) error {
	out := bufio.NewWriter(w)
	out.WriteString(byteOrderMark)
	writeRow(out, append([]string{"Nr.", "Art", "Hinweis"}, labels(s.Columns)...))
	row := make([]string, len(s.Columns)+3)
	for rec, err := range s.Records() {
		if err != nil {
			return err
		}
		fillRow(row, rec, s.Columns)
		writeRow(out, row)
	}
	return out.Flush() // reports the first failure of all writes above
}

func labels(columns []disclosure.Column) []string {
	var labels []string
	for _, c := range columns {
		labels = append(labels, c.Label)
	}
	return labels
}

func fillRow(row []string, rec disclosure.Record, columns []disclosure.Column) {
	clear(row)
	row[0] = itoa(rec.Number)
	row[1] = rec.Label
	row[2] = hint(rec)
	for i, c := range columns {
		var values []string // more than one where a record has a field twice
		for _, f := range rec.Fields {
			if f.Name == c.Name && f.Label == c.Label {
				values = append(values, cell(f))
			}
		}
		row[i+3] = strings.Join(values, "\n")
	}
}

func hint(rec disclosure.Record) string {
	if rec.Withheld {
		return strings.TrimSpace(cellWithheld + " " + rec.Why.Reveal())
	}
	return rec.Why.Reveal()
}

func cell(f disclosure.Field) string {
	switch f.State {
	case disclosure.BlackedOut:
		return cellBlackedOut
	case disclosure.HeldOnly:
		return cellHeldOnly
	}
	return f.Value.Reveal()
}

func writeRow(out *bufio.Writer, cells []string) {
	for i, c := range cells {
		if i > 0 {
			out.WriteByte(';')
		}
		out.WriteByte('"')
		out.WriteString(strings.ReplaceAll(defuse(c), `"`, `""`))
		out.WriteByte('"')
	}
	out.WriteString("\r\n")
}

// defuse keeps spreadsheets from running a cell as a formula: it puts an
// apostrophe before each sign that starts one, at the start of the cell and
// after everything that another program may take for the start of a new cell (a
// comma, a semicolon, a tab, a line break, a bar), over quotes, blanks and signs
// without width.
func defuse(cell string) string {
	cell = strings.ReplaceAll(strings.ToValidUTF8(cell, "\uFFFD"), "\x00", "\uFFFD")
	if !strings.ContainsAny(cell, formulaSigns) {
		return cell
	}
	var b strings.Builder
	atStart := true
	for _, r := range cell {
		if atStart && strings.ContainsRune(formulaSigns, r) {
			b.WriteByte('\'')
			atStart = false
		}
		b.WriteRune(r)
		switch {
		case strings.ContainsRune(cellBreaks, r):
			atStart = true
		case r != '"' && r != '\'' && !unicode.In(r, unicode.Zs, unicode.Cf):
			atStart = false
		}
	}
	return b.String()
}

const (
	// formulaSigns start a formula, in their wide forms too (Excel in East
	// Asian settings). TAB and CR: some programs drop them and look behind.
	formulaSigns = "=+-@\t\r＝＋－＠"
	cellBreaks   = ",;\t\r\n|"
)
