package cdr

import (
	stdcsv "encoding/csv"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/connector/rewrite/rewritetest"
)

// changing is a folder of exports of which one is being written, two are closed, and
// one is a workbook.
type changing struct {
	*harness
	rewritetest.Folder
	keyed bool
	rows  map[string][][]string // of each file, as they were planted
}

// renaming is one whose rows have no key.
type renaming struct{ *changing }

func (renaming) Renames() {}

var _ connectortest.Cutter = renaming{}

const closed = `{erase: delete, closed: ["2026-*.csv"], quiet: 0s}`

func newChanging(t *testing.T, rule, more string) *changing {
	t.Helper()
	h := &changing{harness: newHarness(t), Folder: rewritetest.NewFolder(t), keyed: strings.Contains(more, "key:"), rows: map[string][][]string{}}
	h.harness.Folder = h.Folder.Folder
	h.connection = parse(t, fmt.Sprintf(connectionFile, h.Folder.Dir)+fmt.Sprintf("  checksums: %q\n  change: %s\n%s", h.Checksums, rule, more))
	for i, name := range []string{"2026-10.csv.gz", "2026-11.csv", "heute.csv"} {
		h.put(t, name, header, call(i, "+49 30 1234567", "", "", "eine\r\nNotiz"))
	}
	h.sheet(t)
	return h
}

func (h *changing) Kind() connector.Kind             { return Kind{step: h.Step} }
func (h *changing) Connection() connector.Connection { return h.connection }
func (h *changing) Break(t *testing.T) func()        { return h.harness.Break(t) }
func (h *changing) Fingerprint(t *testing.T) string  { return h.harness.Fingerprint(t) }
func (h *changing) Cut(n int)                        { h.Steps.Cut(n) }
func (h *changing) Correct(string) map[string]string { return nil }

// put appends rows.
func (h *changing) put(t *testing.T, name string, rows ...[]string) {
	t.Helper()
	h.rows[name] = append(h.rows[name], rows...)
	h.write(t, name, delimiterOf(name), rows...)
}

func delimiterOf(name string) rune {
	if strings.HasSuffix(name, ".gz") {
		return ','
	}
	return ';'
}

func (h *changing) Plant(t *testing.T, p connectortest.Person, n int) (refs []string) {
	t.Helper()
	for i := range n {
		h.planted++
		one := call(h.planted*10, p.Phone, "", "", fmt.Sprintf("Frage %d;\r\n\r\nAntwort: \"ja\", später", h.planted))
		if i%5 == 4 {
			h.sheet(t, one)
		} else {
			h.put(t, []string{"2026-10.csv.gz", "2026-11.csv"}[i%2], one)
		}
		refs = append(refs, h.ref(one))
	}
	return refs
}

func (h *changing) ref(row []string) string {
	if h.keyed {
		return "call/" + url.PathEscape(row[0])
	}
	return ref(row, 0)
}

// Pieces reads all rows, not in the way the connector does.
func (h *changing) Pieces(t *testing.T) map[string]string {
	t.Helper()
	all, times := map[string]string{}, map[string]int{}
	for _, name := range h.Names(t) {
		for i, row := range h.read(t, name) {
			if i == 0 {
				all["header/"+name] = strings.Join(row, "|")
				continue
			}
			ref := h.ref(row)
			times[ref]++
			all[strings.TrimSuffix(ref, "/0")+map[bool]string{false: fmt.Sprintf("/%d", times[ref]-1)}[h.keyed]] = strings.Join(row, "|")
		}
	}
	return all
}

func (h *changing) read(t *testing.T, name string) (rows [][]string) {
	t.Helper()
	if strings.HasSuffix(name, ".xlsx") {
		book, err := excelize.OpenFile(h.Folder.Path(name))
		if err != nil {
			t.Fatal(err)
		}
		defer book.Close()
		rows, err := book.GetRows("Sheet1")
		if err != nil {
			t.Fatal(err)
		}
		for i := range rows {
			rows[i] = append(rows[i], make([]string, len(header)-len(rows[i]))...)
		}
		return rows
	}
	text := rewritetest.Text(t, h.Folder.Path(name))
	if strings.HasSuffix(name, ".gz") {
		var err error
		if text, err = charmap.Windows1252.NewDecoder().String(text); err != nil {
			t.Fatal(err)
		}
	}
	in := stdcsv.NewReader(strings.NewReader(text))
	in.Comma, in.FieldsPerRecord = delimiterOf(name), -1
	all, err := in.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range all {
		for i := range row {
			row[i] = strings.ReplaceAll(row[i], "\n", "\r\n") // which encoding/csv takes away
		}
		if len(row) > 1 || strings.TrimSpace(row[0]) != "" {
			rows = append(rows, row)
		}
	}
	return rows
}

func (h *changing) Alter(t *testing.T, reference string) {
	h.change(t, reference, func(row []string) [][]string { row[5] = "anders"; return [][]string{row} })
}

func (h *changing) Remove(t *testing.T, reference string) {
	h.change(t, reference, func([]string) [][]string { return nil })
}

// Forbid moves a row into the export that is being written.
func (h *changing) Forbid(t *testing.T, references []string) string {
	held := references[len(references)/2]
	var moved []string
	h.change(t, held, func(row []string) [][]string { moved = row; return nil })
	h.put(t, "heute.csv", moved)
	return held
}

func (h *changing) change(t *testing.T, reference string, with func([]string) [][]string) {
	t.Helper()
	for name, rows := range h.rows {
		for i, row := range rows {
			if i == 0 || h.ref(row) != reference {
				continue
			}
			rows = slices.Concat(rows[:i], with(slices.Clone(row)), rows[i+1:])
			if err := os.Remove(h.Folder.Path(name)); err != nil {
				t.Fatal(err)
			}
			h.rows[name] = nil
			h.put(t, name, rows...)
			return
		}
	}
	t.Fatalf("no row is %s", reference)
}

func TestRowsOfClosedExportsAreErased(t *testing.T) {
	connectortest.RunChanges(t, func(t *testing.T) connectortest.ChangeHarness { return renaming{newChanging(t, closed, "")} })
}

func TestRowsWithAKeyAreErased(t *testing.T) {
	connectortest.RunChanges(t, func(t *testing.T) connectortest.ChangeHarness {
		return newChanging(t, closed, "  key: [Zeitstempel]\n")
	})
}

const masked = `{erase: mask, closed: ["2026-*.csv"], quiet: 0s, why: Statistik, mask: {Anrufer/Absender: "-", notiz: "-"}, keep: [Zeitstempel, Gewählte Adresse, Name, E-Mail, Bearbeitet von, PIN]}`

func TestCellsOfRowsWithAKeyAreMasked(t *testing.T) {
	connectortest.RunChanges(t, func(t *testing.T) connectortest.ChangeHarness {
		return newChanging(t, masked, "  key: [Zeitstempel]\n")
	})
}
