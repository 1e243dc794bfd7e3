package export

import (
	"bufio"
	"encoding/base64"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"einsicht/internal/disclosure"
)

// writePortableCSV writes a table for programs (RFC 4180): commas, CRLF, UTF-8 without
// byte order mark, and values as they are, also those that a spreadsheet would take
// for a formula. What a record has stands in quotes; what it lacks is nothing at all.
func writePortableCSV(w io.Writer, p disclosure.Portable) error {
	out := bufio.NewWriterSize(w, 32<<10)
	columns := map[string]int{}
	row := []string{quoted("id"), quoted("kind")}
	for i, f := range p.Fields {
		columns[f.Name] = i + 2
		row = append(row, quoted(f.Name))
	}
	writeLine(out, row)
	for r, err := range p.Records() {
		if err != nil {
			return err
		}
		clear(row)
		row[0] = quoted(r.ID.String())
		if r.Kind != "" {
			row[1] = quoted(r.Kind)
		}
		for _, v := range r.Fields {
			column, known := columns[v.Name]
			if !known {
				return errors.New("a record has a field that it had not before")
			}
			row[column] = quoted(joined(v))
		}
		writeLine(out, row)
	}
	return out.Flush()
}

// joined are all values of a field, one a line; JSON and XML keep them apart. Bytes
// that are no UTF-8 are a data URL (RFC 2397).
func joined(v disclosure.PortableValues) string {
	var values []string
	for _, value := range v.Values {
		if text := value.Reveal(); utf8.ValidString(text) {
			values = append(values, text)
		} else {
			values = append(values, "data:;base64,"+base64.StdEncoding.EncodeToString([]byte(text)))
		}
	}
	return strings.Join(values, "\n")
}

func quoted(value string) string { return `"` + strings.ReplaceAll(value, `"`, `""`) + `"` }

func writeLine(out *bufio.Writer, cells []string) {
	for i, c := range cells {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString(c)
	}
	out.WriteString("\r\n")
}
