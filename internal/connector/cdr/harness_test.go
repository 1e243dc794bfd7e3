package cdr

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
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
	dir        string
	connection connector.Connection
	planted    int
	reads      atomic.Int64
	book       [][]string
}

func fresh(t *testing.T) connectortest.Harness { return newHarness(t) }

func newHarness(t *testing.T) *harness {
	t.Helper()
	h := &harness{dir: filepath.Join(t.TempDir(), "export")}
	if err := os.Mkdir(h.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	h.connection = parse(t, fmt.Sprintf(connectionFile, h.dir))
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

// write appends rows; packed files get one more member and are in Windows-1252.
func (h *harness) write(t *testing.T, name string, delimiter rune, rows ...[]string) {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(h.dir, name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var w io.Writer = f
	if strings.HasSuffix(name, ".gz") {
		z := gzip.NewWriter(f)
		defer z.Close()
		w = charmap.Windows1252.NewEncoder().Writer(z)
	}
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
	if _, err := io.WriteString(w, b.String()); err != nil {
		t.Fatal(err)
	}
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
	if err := book.SaveAs(filepath.Join(h.dir, "archiv.xlsx")); err != nil {
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

func (h *harness) Fingerprint(t *testing.T) string {
	t.Helper()
	sum := sha256.New()
	entries, err := os.ReadDir(h.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		info, _ := e.Info()
		b, err := os.ReadFile(filepath.Join(h.dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(sum, e.Name(), info.Mode(), info.ModTime(), len(b))
		sum.Write(b)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

func (h *harness) Break(t *testing.T) func() {
	t.Helper()
	rename := func(from, to string) {
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	rename(h.dir, h.dir+".away")
	return func() { rename(h.dir+".away", h.dir) }
}

// Spoil cuts the packed file in the middle.
func (h *harness) Spoil(t *testing.T, _ connectortest.Person) {
	t.Helper()
	h.cut(t, "2026-11-01.csv.gz", 20)
}

// cut takes bytes off the end of a file.
func (h *harness) cut(t *testing.T, name string, n int64) {
	t.Helper()
	path := filepath.Join(h.dir, name)
	info, err := os.Stat(path)
	if err == nil {
		err = os.Truncate(path, info.Size()-n)
	}
	if err != nil {
		t.Fatal(err)
	}
}
