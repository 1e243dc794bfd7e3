package cdr

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"einsicht/internal/connector"
)

// What is wrong with the way in which an export is read is said when it is connected,
// with file and line of the connection and what to do.
func TestTheFirstRowsAreTried(t *testing.T) {
	rows := "Zeit;Rufnummer;Ort\n"
	for n := range 30 {
		rows += fmt.Sprintf("%02d.11.2026 08:00;030 123456%d;Köln\n", n%28+1, n%10)
	}
	old, err := charmap.Windows1252.NewEncoder().String(rows)
	if err != nil {
		t.Fatal(err)
	}
	head, first, _ := strings.Cut(rows, "\n")
	for _, c := range []struct{ name, file, more, want string }{
		{"as it should be", rows, "", ""},
		{"times of another kind", rows, `time: {columns: [Zeit], layout: "2006-01-02 15:04"}`, "cdr.yaml:8: cdr.time.layout: fits none of the first 20 times of heute.csv: write 2 January 2006, 15:04:05 as it would stand there: connection is wrong"},
		{"no layout at all", rows, `time: {columns: [Zeit]}`, "cdr.yaml:8: cdr.time.layout: fits none"},
		{"one time that fits", head + "\n02.11.2026 08:00;1;x\n" + first, `time: {columns: [Zeit], layout: "02.01.2006 15:04"}`, ""},
		{"one time that fits, of many", strings.ReplaceAll(rows, "07.11.2026 08:00", "2026-11-07 08:00"), `time: {columns: [Zeit], layout: "2006-01-02 15:04"}`, ""},
		{"empty times", head + "\n;1;x\n;2;y\n", `time: {columns: [Zeit], layout: "2006-01-02 15:04"}`, ""},
		{"no rows yet", head + "\n", `time: {columns: [Zeit], layout: "2006-01-02 15:04"}`, ""},
		{"old letters, said to be UTF-8", old, "charset: utf-8", "cdr.yaml:8: cdr.charset: is not that of heute.csv: leave the key out, or say windows-1252: connection is wrong"},
		{"UTF-8, said to be old", rows, "charset: windows-1252", "cdr.yaml:8: cdr.charset: is not that of heute.csv: leave the key out: connection is wrong"},
		{"old letters as declared", old, "charset: windows-1252", ""},
		{"one broken letter", strings.Replace(rows, "Köln", "K\xf6ln", 1), "charset: utf-8", ""},
		{"half as wide as declared", rows, "charset: utf-16", "cdr.yaml:8: cdr.charset: is not that of heute.csv: leave the key out: connection is wrong"},
		{"tabs, said to be semicolons", strings.ReplaceAll(rows, ";", "\t"), `delimiter: ";"`, "cdr.yaml:8: cdr.delimiter: is not what divides the cells of heute.csv: that is tab; say so, or leave the key out: connection is wrong"},
		{"semicolons, said to be commas", rows, `delimiter: ","`, `cdr.yaml:8: cdr.delimiter: is not what divides the cells of heute.csv: that is ';'; say so, or leave the key out: connection is wrong`},
		{"no such column", strings.Replace(rows, "Rufnummer", "Nummer", 1), `delimiter: ";"`, "cdr.columns: connection is wrong (heute.csv has no column Rufnummer)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "heute.csv"), []byte(c.file), 0o600); err != nil {
				t.Fatal(err)
			}
			opened, err := Kind{}.Open(t.Context(), parse(t, fmt.Sprintf(`system: hotline
kind: cdr
match: [{by: [phone]}]
cdr:
  files: ["%s/*.csv"]
  columns:
    Rufnummer: {identifier: phone}
  %s
`, dir, c.more)))
			if err == nil {
				opened.Close()
			}
			switch {
			case c.want == "" && err != nil:
				t.Errorf("got %v, want that it opens", err)
			case c.want != "" && (err == nil || !strings.HasPrefix(err.Error(), c.want) || !errors.Is(err, connector.ErrConfig)):
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}
