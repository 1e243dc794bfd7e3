package cdr

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/person"
)

const connectionFile = `
system: hotline
kind: cdr
match:
  - {by: [phone]}
  - {by: [email]}
  - {by: [name], confidence: check}
cdr:
  files: ["%s/*.csv", "%[1]s/*.csv.gz", "%[1]s/*.xlsx"]
  label: Anruf
  columns:
    Zeitstempel: {label: Zeitpunkt, category: Verbindung}
    Anrufer/Absender: {identifier: phone}
    Gewählte Adresse: {label: Angerufene Nummer}
    E-Mail: {identifier: email}
    Name: {identifier: name}
    Bearbeitet von: {third_party: true}
    PIN: {withhold: true}
  time: {columns: [Zeitstempel], layout: "02.01.2006 15:04:05"}
  numbers: {country: DE, area: "0211"}
`

var header = []string{"Zeitstempel", "Anrufer/Absender", "Gewählte Adresse", "Name", "E-Mail", "Notiz", "Bearbeitet von", "PIN"}

// harness is a folder with a running export, a packed one in an old encoding
// with another delimiter, and a workbook.
type harness struct {
	connectortest.Folder
	connection connector.Connection
	planted    int
	reads      atomic.Int64
	book       [][]string
}

func fresh(t *testing.T) connectortest.Harness { return newHarness(t) }

func newHarness(t *testing.T) *harness {
	t.Helper()
	h := &harness{Folder: connectortest.NewFolder(t)}
	h.connection = parse(t, fmt.Sprintf(connectionFile, h.Dir))
	h.write(t, "2026-11-01.csv.gz", ',', header, call(1, "+49 30 1234567", "", "", ""))
	h.write(t, "heute.csv", ';', header, call(9, "anonymous", "", "", ""))
	h.sheet(t, header, call(10, "4711", "", "", ""))
	return h
}

func parse(t *testing.T, file string) connector.Connection {
	t.Helper()
	c, err := connector.ParseConnection("cdr.yaml", []byte(file))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// call is a row of the n-th second.
func call(n int, caller, name, mail, note string) []string {
	at := time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Second)
	return []string{at.Format("02.01.2006 15:04:05"), caller, "0211 837-1001", name, mail, note, "Frau Weiß", "1234"}
}

// write appends rows; packed files are in Windows-1252.
func (h *harness) write(t *testing.T, name string, delimiter rune, rows ...[]string) {
	t.Helper()
	var b strings.Builder
	for _, r := range rows {
		for i, cell := range r {
			if i > 0 {
				b.WriteRune(delimiter)
			}
			if strings.ContainsAny(cell, "\"\r\n;,") {
				cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
			}
			b.WriteString(cell)
		}
		b.WriteString("\r\n")
	}
	text := b.String()
	if strings.HasSuffix(name, ".gz") {
		var err error
		if text, err = charmap.Windows1252.NewEncoder().String(text); err != nil {
			t.Fatal(err)
		}
	}
	h.Write(t, name, text)
}

// sheet writes the workbook anew, with more rows.
func (h *harness) sheet(t *testing.T, rows ...[]string) {
	t.Helper()
	h.book = append(h.book, rows...)
	book := excelize.NewFile()
	defer book.Close()
	for i, r := range h.book {
		cell, err := excelize.CoordinatesToCellName(1, i+1)
		if err == nil {
			err = book.SetSheetRow("Sheet1", cell, &r)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := book.SaveAs(h.Path("archiv.xlsx")); err != nil {
		t.Fatal(err)
	}
}

func (h *harness) Kind() connector.Kind             { return Kind{reads: &h.reads} }
func (h *harness) Connection() connector.Connection { return h.connection }
func (h *harness) Reads() int64                     { return h.reads.Load() }

// Plant spreads calls over the files, in every spelling of a number, with line
// breaks and quotes in the notes; one call stands twice. A few go to the
// workbook, which is no place for a million.
func (h *harness) Plant(t *testing.T, p connectortest.Person, n int) (refs []string) {
	t.Helper()
	number := strings.TrimPrefix(p.Phone, "+49")
	if number[0] != '0' && !strings.HasPrefix(p.Phone, "+49") {
		number = strings.TrimLeft(strings.NewReplacer(" ", "", "/", "").Replace(p.Phone), "0")
	}
	spellings := []string{"+49" + number, "0" + number, "0049 " + number, "49" + number, "+49 (0)" + number[:3] + "/" + number[3:], "sip:+49" + number + "@exchange.example.org"}
	var parts [3][][]string
	for i := range n {
		h.planted++
		one := call(h.planted*10, spellings[i%len(spellings)], "", "", fmt.Sprintf("Frage %d;\r\nAntwort: \"ja\", später", h.planted))
		if i%7 == 3 {
			one = call(h.planted*10, "unterdrückt", "", p.Email, "")
		}
		part := i % 2
		if i%50 == 4 && i < 1000 {
			part = 2
		}
		parts[part] = append(parts[part], one)
		refs = append(refs, ref(one, 0))
		if i == 0 {
			parts[part] = append(parts[part], one)
			refs = append(refs, ref(one, 1))
		}
	}
	h.write(t, "2026-11-01.csv.gz", ',', parts[0]...)
	h.write(t, "heute.csv", ';', parts[1]...)
	h.sheet(t, parts[2]...)
	return refs
}

func ref(row []string, n int) string {
	sum := sha256.Sum256([]byte(strings.Join(row, "\x1f")))
	return fmt.Sprintf("row/%s/%d", hex.EncodeToString(sum[:16]), n)
}

// Hint adds a call that names a mail address besides the number.
func (h *harness) Hint(t *testing.T, p connectortest.Person) (string, person.Identifier) {
	t.Helper()
	one := call(90_001, p.Phone, "", "zweite@example.org", "")
	h.write(t, "heute.csv", ';', one)
	return ref(one, 0), person.Identifier{Kind: person.Email, Value: person.NewText("zweite@example.org")}
}

// Mix adds a call that the stranger took, and one under the stranger's name.
func (h *harness) Mix(t *testing.T, p, stranger connectortest.Person) []string {
	t.Helper()
	taken, named := call(90_002, p.Phone, p.Name, "", ""), call(90_003, p.Phone, stranger.Name, p.Email, "")
	taken[6] = stranger.Name
	h.write(t, "heute.csv", ';', taken, named)
	return []string{ref(taken, 0), ref(named, 0)}
}

// Spoil cuts the packed file in the middle.
func (h *harness) Spoil(t *testing.T, _ connectortest.Person) {
	t.Helper()
	h.Cut(t, "2026-11-01.csv.gz", 20)
}

// Holes breaks rows of the running export besides.
func (h *harness) Holes(t *testing.T, p connectortest.Person) {
	t.Helper()
	h.Spoil(t, p)
	tooLong := []string{"a", "b", "c", "d", "e", "f", "g", "h", "i"}
	for n := range 2 {
		h.write(t, "heute.csv", ';', tooLong, call(90_004+n, p.Phone, "", "", ""), tooLong, tooLong)
	}
}
