package cdr

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/person"
)

func TestConformance(t *testing.T) { connectortest.Run(t, fresh) }

// answer is what one question gave.
type answer struct {
	connector.Answer
	refs    []string
	all     []connector.Finding
	cursors []connector.Cursor
}

func ask(t *testing.T, c connector.Connection, q connector.Query, from connector.Cursor) answer {
	t.Helper()
	opened, err := Kind{}.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	var a answer
	a.Answer, err = opened.Find(t.Context(), q, from, func(f connector.Finding, at connector.Cursor) error {
		a.refs, a.all, a.cursors = append(a.refs, f.Reference), append(a.all, f), append(a.cursors, slices.Clone(at))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func query(pairs ...string) connector.Query {
	q := connector.Query{ReceivedAt: time.Now()}
	for i := 0; i < len(pairs); i += 2 {
		q.Identifiers = append(q.Identifiers, person.Identifier{ID: uuid.New(), Kind: person.IdentifierKind(pairs[i]), Value: person.NewText(pairs[i+1]), Verified: true})
	}
	return q
}

const number = "+49 211 8370199"

// folder makes a folder of files and a connection to it.
func folder(t *testing.T, own string, files map[string][]byte) (string, connector.Connection) {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file := "system: hotline\nkind: cdr\nmatch: [{by: [phone]}]\ncdr:\n  files: [\"" + dir + "/*\"]\n" + own
	return dir, parse(t, file)
}

const two = "  columns: {Anrufer: {identifier: phone}, Notiz: {}}\n"

func TestHowAFileIsWritten(t *testing.T) {
	plain := "Anrufer;Notiz\r\n0211 8370199;Grüße, \"ja\"\r\n0211 8370198;nein\r\n"
	encode := func(e interface{ Bytes([]byte) ([]byte, error) }, s string) []byte {
		b, err := e.Bytes([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	late := "Anrufer;Notiz\r\n" + strings.Repeat("0211 8370198;nur ASCII\r\n", 5000) + "0211 8370199;Grüße, \"ja\"\r\n"
	for _, tt := range []struct {
		name string
		own  string
		data []byte
		gaps []connector.Gap
		want string
	}{
		{"UTF-8", "", []byte(plain), nil, ""},
		{"UTF-8 with a mark", "", []byte("\xef\xbb\xbf" + plain), nil, ""},
		{"UTF-8, declared", "  charset: utf-8\n", []byte(plain), nil, ""},
		{"Windows-1252, found", "", encode(charmap.Windows1252.NewEncoder(), plain), nil, ""},
		{"Windows-1252, found late", "", encode(charmap.Windows1252.NewEncoder(), late), nil, ""},
		{"UTF-8, found late", "", []byte(late), nil, ""},
		{"Latin 1, declared", "  charset: iso-8859-1\n", encode(charmap.ISO8859_1.NewEncoder(), plain), nil, ""},
		{"UTF-16, little end first", "", encode(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder(), plain), nil, ""},
		{"UTF-16, big end first", "", encode(unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder(), plain), nil, ""},
		{"UTF-16 without a mark, declared", "  charset: utf-16le\n", encode(unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder(), plain), nil, ""},
		{"commas and quotes", "", []byte("Anrufer,Notiz\n\"0211 8370199\",\"Grüße, \"\"ja\"\"\"\n"), nil, ""},
		{"tabs", "", []byte("Anrufer\tNotiz\n0211 8370199\tGrüße, \"ja\"\n"), nil, ""},
		{"a declared delimiter that stands in the text too", "  delimiter: \",\"\n", []byte("Anrufer,Notiz\n0211 8370199,\"Grüße, \"\"ja\"\"\"\n;;;,;;\n;;;,;;\n"), nil, ""},
		{"no end of the last line", "", []byte("Anrufer;Notiz\n0211 8370199;Grüße, \"ja\""), nil, ""},
		{"empty lines", "", []byte("\n\nAnrufer;Notiz\n\n0211 8370199;Grüße, \"ja\"\n\n"), nil, ""},
		{"no header, declared", "  header: [Anrufer, Notiz]\n", []byte("0211 8370199;Grüße, \"ja\"\n"), nil, ""},
		{"a header in other letters", "", []byte(" ANRUFER ;notiz\n0211 8370199;Grüße, \"ja\"\n"), nil, ""},
		{"a line break in quotes", "", []byte("Anrufer;Notiz\n0211 8370199;\"Grüße,\n\"\"ja\"\"\"\n"), nil, "Grüße,\n\"ja\""},
		{
			"declared as UTF-8, and one line is not", "  charset: utf-8\n", []byte("Anrufer;Notiz\r\n0211 8370198;Grüße\r\n0211 8370199;Gr\xfc\xdfe, \"ja\"\r\n"),
			[]connector.Gap{{Place: "a.csv", Reason: "connector.gap.cdr_charset", Count: 1}}, "Gr\ufffde, \"ja\"",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, c := folder(t, tt.own+two, map[string][]byte{"a.csv": tt.data})
			a := ask(t, c, query("phone", number), nil)
			if !slices.Equal(a.Gaps, tt.gaps) {
				t.Errorf("got gaps %v, want %v", a.Gaps, tt.gaps)
			}
			if len(a.all) != 1 {
				t.Fatalf("got %d calls, want 1", len(a.all))
			}
			want := tt.want
			if want == "" {
				want = `Grüße, "ja"`
			}
			if got := a.all[0].Fields[1].Value.Reveal(); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestBrokenFiles(t *testing.T) {
	good := "Anrufer;Notiz\n0211 8370199;eins\n"
	end := "0211 8370199;zwei\n"
	broken := func(n int) []connector.Gap {
		return []connector.Gap{{Place: "a.csv", Reason: "connector.gap.broken_lines", Count: n}}
	}
	for _, tt := range []struct {
		name, text string
		gaps       []connector.Gap
		calls      int
	}{
		{"nothing wrong", good + end, nil, 2},
		{"half a line in the middle", good + "0211 83\n" + end, broken(1), 2},
		{"half a line at the end", good + end + "0211 8370199", broken(1), 2},
		{"more cells than columns", good + "0211 8370199;x;y\n" + end, broken(1), 2},
		{"empty cells at the end", good + "0211 8370199;x;;\n" + end, nil, 3},
		{"ten megabytes in a line", good + strings.Repeat("x", 10<<20) + "\n" + end, broken(1), 2},
		{"a quote that is never closed", good + "0211 8370199;\"drei\n" + end + strings.Repeat("0211 8370198;x\n", 300), broken(1), 2},
		{"a quote that is never closed, at the end", good + end + "0211 8370199;\"drei\n", broken(1), 2},
		{"a quote that is never closed, in the last line of all", good + end + "0211 8370199;\"drei", broken(1), 2},
		{"quotes within a cell", good + "0211 8370199;sagt \"nein\" dazu\n" + end, nil, 3},
		{"noughts after a crash", good + strings.Repeat("\x00", 500) + "\n" + end, broken(1), 2},
		{"only a header", "Anrufer;Notiz\n", nil, 0},
		{"nothing at all", "", nil, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, c := folder(t, two, map[string][]byte{"a.csv": []byte(tt.text), "b.csv": []byte(good)})
			a := ask(t, c, query("phone", number), nil)
			if len(a.refs) != tt.calls+1 || !slices.Equal(a.Gaps, tt.gaps) {
				t.Errorf("got %d calls and %v, want %d and %v", len(a.refs), a.Gaps, tt.calls+1, tt.gaps)
			}
		})
	}
}

func TestAFileThatIsBeingWritten(t *testing.T) {
	for _, tt := range []struct {
		name, own string
		written   time.Duration // before the request
		gaps      int
	}{
		{"young", "  settle: 10m\n", time.Minute, 0},
		{"old", "  settle: 10m\n", time.Hour, 1},
		{"young, and nobody said that it may", "", time.Minute, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir, c := folder(t, tt.own+two, map[string][]byte{"a.csv": []byte("Anrufer;Notiz\n0211 8370199;eins\n0211 83")})
			q := query("phone", number)
			at := q.ReceivedAt.Add(-tt.written)
			if err := os.Chtimes(filepath.Join(dir, "a.csv"), at, at); err != nil {
				t.Fatal(err)
			}
			if a := ask(t, c, q, nil); len(a.refs) != 1 || len(a.Gaps) != tt.gaps {
				t.Errorf("got %d calls and %v, want 1 and %d gaps", len(a.refs), a.Gaps, tt.gaps)
			}
		})
	}
}

func TestAnotherNameIsNotAnotherFile(t *testing.T) {
	h := newHarness(t)
	h.Plant(t, connectortest.Erika, 60)
	before := ask(t, h.connection, connectortest.Erika.Query(), nil)
	for from, to := range map[string]string{"heute.csv": "gestern.csv", "2026-11-01.csv.gz": "alt.csv.gz", "archiv.xlsx": "z.xlsx"} {
		if err := os.Rename(filepath.Join(h.Dir, from), filepath.Join(h.Dir, to)); err != nil {
			t.Fatal(err)
		}
	}
	h.write(t, "gestern.csv", ';', call(99999, "0211 8370199", "", "", "danach"))
	after := ask(t, h.connection, connectortest.Erika.Query(), nil)
	if rest := slices.DeleteFunc(slices.Clone(after.refs), func(r string) bool { return slices.Contains(before.refs, r) }); len(rest) != 1 || len(after.refs) != len(before.refs)+1 {
		t.Errorf("got %d calls, of which %d are new, want one more than %d", len(after.refs), len(rest), len(before.refs))
	}
	for i := 0; i < len(before.cursors); i += 9 {
		rest := ask(t, h.connection, connectortest.Erika.Query(), before.cursors[i])
		for _, ref := range before.refs[i+1:] {
			if !slices.Contains(rest.refs, ref) {
				t.Fatalf("resumed after call %d of %d: one is missing", i+1, len(before.refs))
			}
		}
		if rest.Partial() {
			t.Fatalf("got gaps %v", rest.Gaps)
		}
	}
	if err := os.Remove(filepath.Join(h.Dir, "alt.csv.gz")); err != nil {
		t.Fatal(err)
	}
	a := ask(t, h.connection, connectortest.Erika.Query(), before.cursors[slices.IndexFunc(before.all, func(f connector.Finding) bool { return f.Origin.Place == "2026-11-01.csv.gz" })])
	if !a.Partial() || a.Gaps[0].Reason != "connector.gap.rotated" {
		t.Errorf("the file of the cursor is gone: got gaps %v, want one that says so", a.Gaps)
	}
}

func TestReferencesDoNotDependOnHowAFileIsWritten(t *testing.T) {
	_, one := folder(t, two, map[string][]byte{"a.csv": []byte("Anrufer;Notiz\n0211 8370199;für \"Sie\"\n")})
	_, other := folder(t, two, map[string][]byte{"b.csv": []byte("\xef\xbb\xbfAnrufer\tNotiz\r\n\"0211 8370199\"\t\"für \"\"Sie\"\"\"\r\n")})
	a, b := ask(t, one, query("phone", number), nil), ask(t, other, query("phone", number), nil)
	if len(a.refs) != 1 || !slices.Equal(a.refs, b.refs) {
		t.Errorf("got %q and %q, want the same", a.refs, b.refs)
	}
	_, keyed := folder(t, two+"  key: [Notiz, Anrufer]\n", map[string][]byte{"a.csv": []byte("Anrufer;Notiz\n0211 8370199;17/4\n")})
	if a := ask(t, keyed, query("phone", number), nil); !slices.Equal(a.refs, []string{"call/17%2F4/0211%208370199"}) {
		t.Errorf("got %q, want the key", a.refs)
	}
}

func TestWhoseNumber(t *testing.T) {
	for _, tt := range []struct {
		stored, numbers, want string
	}{
		{"+49 211 8370199", "", "+492118370199"},
		{"0049 (211) 837-0199", "", "+492118370199"},
		{"0211/8370199", "", "+492118370199"},
		{"492118370199", "", "+492118370199"},
		{"tel:+49-211-8370199;phone-context=x", "", "+492118370199"},
		{"sip:+492118370199@sbc.example.org", "", "+492118370199"},
		{"8370199", `area: "0211"`, "+492118370199"},
		{"837 01 99", `area: "0211"`, "+492118370199"},
		{"8370199", "", ""},
		{"0512 123456", "country: AT", "+43512123456"},
		{"+49 211 8370199", "country: AT", "+492118370199"},
		{"4711", `area: "0211"`, ""},
		{"0199", `area: "0211"`, ""},
		{"anonymous", "", ""},
		{"Anonym 0211 8370199", "", ""},
		{"unterdrückt", "", ""},
		{"0211 8370199 ext. 5", "", ""},
		{"", "", ""},
		{"+", "", ""},
		{"*31#02118370199", "", ""},
		{"00000000", "", ""},
	} {
		_, c := folder(t, two+"  numbers: {"+tt.numbers+"}\n", map[string][]byte{"a.csv": []byte("Anrufer;Notiz\n\"" + tt.stored + "\";x\n")})
		want := 0
		if tt.want != "" {
			want = 1
		}
		for _, other := range []string{"+492118370199", "+43512123456", "+490199", "+494711", "+498370199", "+492114711", "+492110199"} {
			expect := 0
			if other == tt.want {
				expect = want
			}
			if a := ask(t, c, query("phone", other), nil); len(a.refs) != expect {
				t.Errorf("%q with %q, asked for %s: got %d calls, want %d", tt.stored, tt.numbers, other, len(a.refs), expect)
			}
		}
	}
}

// The fields of the register for the hotline of the Staatskanzlei.
var hotline = []string{
	"Zeitstempel", "Task Typ", "Anrufer/Absender (Telefonnummer)", "Gewählte Adresse", "Eingangsthema (angerufene Hotline)", "Verbindungsstatus",
	"Anzahl Kundendatensätze (bezogen auf die Telefonanlage und das Telefonat)", "Anzahl Kundenverbindungen", "Gebührenpflichtige Verbindungszeit",
	"Kunden Rufzeit", "Kunden Sprechzeit", "Kunden Haltezeit", "Kunden Wartezeit", "Anzahl Rückfragen", "Anzahl Rückfrageverbindungen",
	"Rückfragesprechzeit", "Gesamte Nachbearbeitungszeit", "Direkte Themeneinwahl", "Externer Kontakt", "Inbound Kontakt", "OutCC Kontakt",
	"Dialer Kontakt", "Sprachnachricht aufgenommen", "Netzwerk Überläufe",
}

func TestTheHotline(t *testing.T) {
	text := strings.Join(hotline, ";") + "\n"
	for i, caller := range []string{"02118370199", "02118370198", "anonymous"} {
		cells := make([]string, len(hotline))
		cells[0], cells[2], cells[3], cells[22] = fmt.Sprintf("2026-11-03 09:0%d:00", i), caller, "0211 8371001", "1"
		text += strings.Join(cells, ";") + "\n"
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "2026-11-03.csv"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c := parse(t, `
system: stk-hotline
kind: cdr
match:
  - {by: [phone], confidence: likely}
cdr:
  files: ["`+dir+`/*.csv"]
  label: Anruf bei einer Hotline
  columns:
    Anrufer/Absender (Telefonnummer): {label: Ihre Nummer, identifier: phone}
    Sprachnachricht aufgenommen: {label: "Sprachnachricht aufgenommen (falls ja: beim ServiceCenter nach der Aufnahme fragen)"}
  time: {columns: [Zeitstempel]}
`)
	a := ask(t, c, query("phone", number), nil)
	if len(a.all) != 1 || len(a.all[0].Fields) != 24 {
		t.Fatalf("got %d calls, want one with 24 fields", len(a.all))
	}
	f := a.all[0]
	if f.Confidence != connector.Likely || f.Label != "Anruf bei einer Hotline" || len(f.Hints) != 0 {
		t.Errorf("got %s, %q and %d hints, want likely: a household may share the number", f.Confidence, f.Label, len(f.Hints))
	}
	if berlin := time.Date(2026, 11, 3, 8, 0, 0, 0, time.UTC); !f.Origin.At.Equal(berlin) || !a.From.Equal(berlin) || !a.Until.Equal(berlin.Add(2*time.Minute)) {
		t.Errorf("got %v, from %v until %v", f.Origin.At, a.From, a.Until)
	}
	for i, field := range f.Fields {
		if field.Name != hotline[i] || field.Unmapped == (i == 2 || i == 22) {
			t.Errorf("field %d: got %q, unmapped %v", i, field.Name, field.Unmapped)
		}
	}
	if !strings.Contains(f.Fields[22].Title("de"), "nach der Aufnahme fragen") {
		t.Error("nothing points to a recording")
	}
	if a := ask(t, c, query("phone", "0211 837-1001"), nil); len(a.all) != 0 || a.Outcome != connector.Nothing {
		t.Errorf("the hotline's own number: got %d calls, want none", len(a.all))
	}
}

func TestFieldsThatStay(t *testing.T) {
	h := newHarness(t)
	h.write(t, "heute.csv", ';', call(20, "+492118370199", "", "neu@example.org", "x"))
	a := ask(t, h.connection, query("phone", number), nil)
	if len(a.all) != 1 {
		t.Fatalf("got %d calls, want 1", len(a.all))
	}
	f := a.all[0]
	if pin := f.Fields[7]; !pin.Withheld || !pin.Value.IsZero() {
		t.Error("the PIN is not withheld")
	}
	if by := f.Fields[6]; !by.ThirdParty || by.Value.Reveal() != "Frau Weiß" {
		t.Error("who took the call is not marked as somebody else")
	}
	if len(f.Hints) != 1 || f.Hints[0].Value.Reveal() != "neu@example.org" || f.Hints[0].Record != "hotline/"+f.Reference {
		t.Errorf("got %d hints, want the mail address", len(f.Hints))
	}
}

// workbook writes rows into the first table of a workbook.
func workbook(t testing.TB, rows ...[]any) []byte {
	t.Helper()
	book := excelize.NewFile()
	defer book.Close()
	w, err := book.NewStreamWriter("Sheet1")
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range rows {
		cell, _ := excelize.CoordinatesToCellName(1, i+1)
		if err := w.SetRow(cell, r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	b, err := book.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// replaced changes one part of a workbook.
func replaced(t *testing.T, book []byte, name string, change func([]byte) []byte) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	w.RegisterCompressor(zip.Deflate, func(o io.Writer) (io.WriteCloser, error) { return flate.NewWriter(o, flate.BestSpeed) })
	found := false
	for _, part := range z.File {
		in, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		if part.Name == name {
			data, found = change(data), true
		}
		o, err := w.Create(part.Name)
		if err == nil {
			_, err = o.Write(data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if !found {
		o, err := w.Create(name)
		if err == nil {
			_, err = o.Write(change(nil))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestWorkbooks(t *testing.T) {
	good := workbook(t, []any{"Anrufer", "Notiz", "Zeit"}, []any{"0211 8370199", "Grüße", time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)}, []any{"0211 8370198"}, []any{}, []any{"0211 8370199"})
	const table = "xl/worksheets/sheet1.xml"
	truncated := []connector.Gap{{Place: "a.xlsx", Reason: "connector.gap.truncated", Count: 1}}
	large := []connector.Gap{{Place: "a.xlsx", Reason: "connector.gap.cdr_too_large", Count: 1}}
	for _, tt := range []struct {
		name  string
		book  []byte
		gaps  []connector.Gap
		calls int
	}{
		{"nothing wrong", good, nil, 2},
		{"cut in the middle", good[:len(good)/2], truncated, 0},
		{"a table that breaks off", replaced(t, good, table, func(b []byte) []byte { return b[:bytes.LastIndex(b, []byte("<row"))] }), truncated, 0},
		{"a cell that is too large", replaced(t, good, table, func(b []byte) []byte {
			return bytes.Replace(b, []byte("Grüße"), bytes.Repeat([]byte("x"), 40<<20), 1)
		}), large, 0},
		{"a bomb in a picture", replaced(t, good, "xl/media/image1.png", func([]byte) []byte { return make([]byte, 200<<20) }), large, 0},
		{"a password", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("x", 5000)), truncated, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before, _ := filepath.Glob(filepath.Join(os.TempDir(), "einsicht-cdr-*"))
			_, c := folder(t, two, map[string][]byte{"a.xlsx": tt.book, "b.csv": []byte("Anrufer;Notiz\n0211 8370199;eins\n")})
			a := ask(t, c, query("phone", number), nil)
			if len(a.refs) != tt.calls+1 || !slices.Equal(a.Gaps, tt.gaps) {
				t.Errorf("got %d calls and %v, want %d and %v", len(a.refs), a.Gaps, tt.calls+1, tt.gaps)
			}
			if after, _ := filepath.Glob(filepath.Join(os.TempDir(), "einsicht-cdr-*")); len(after) > len(before) {
				t.Error("something was left on the disk")
			}
		})
	}
}

func TestAllSheetsOfAWorkbookAreRead(t *testing.T) {
	book := excelize.NewFile()
	defer book.Close()
	for _, sheet := range []struct {
		name string
		rows [][]any
	}{
		{"Sheet1", [][]any{{"Anrufer", "Notiz"}, {"0211 8370199", "Januar"}, {"0211 8370198", "nein"}}},
		{"Leer", nil},
		{"Auswertung", [][]any{{"Summe"}, {3}}},
		{"Februar", [][]any{{"Notiz", "Dauer", "Anrufer", "Dauer"}, {"Februar", 3, "0211 8370199", 4}}},
	} {
		if sheet.name != "Sheet1" {
			if _, err := book.NewSheet(sheet.name); err != nil {
				t.Fatal(err)
			}
		}
		for i, r := range sheet.rows {
			if err := book.SetSheetRow(sheet.name, fmt.Sprintf("A%d", i+1), &r); err != nil {
				t.Fatal(err)
			}
		}
	}
	b, err := book.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	said := []connector.Gap{{Place: "a.xlsx", Reason: "connector.gap.cdr_sheet", Count: 1}}
	_, c := folder(t, two, map[string][]byte{"a.xlsx": b.Bytes()})
	a := ask(t, c, query("phone", number), nil)
	if len(a.all) != 2 || !slices.Equal(a.Gaps, said) {
		t.Fatalf("got %d calls and %v, want one of each sheet with the columns, and %v", len(a.refs), a.Gaps, said)
	}
	var got []string
	for _, f := range a.all[1].Fields {
		got = append(got, f.Name+"="+f.Value.Reveal())
	}
	if want := []string{"Notiz=Februar", "Dauer=3", "Anrufer=0211 8370199", "Dauer_2=4"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	q := query("phone", number)
	q.Pause = time.Unix(1, 0)
	var parts connector.Answer
	var refs []string
	for at := connector.Cursor(nil); ; at = parts.Next {
		part := ask(t, c, q, at)
		parts, refs = parts.And(part.Answer), append(refs, part.refs...)
		if part.Next == nil {
			break
		}
	}
	if !slices.Equal(refs, a.refs) || !slices.Equal(parts.Gaps, said) {
		t.Errorf("in parts: got %d calls and %v, want the same, said once", len(refs), parts.Gaps)
	}
	if a := ask(t, parse(t, strings.Replace("system: hotline\nkind: cdr\nmatch: [{by: [phone]}]\ncdr:\n  files: [\"DIR/*\"]\n  sheet: Februar\n"+two, "DIR", dirOf(c), 1)), query("phone", number), nil); len(a.refs) != 1 || a.Partial() {
		t.Errorf("with a sheet named: got %d calls and %v, want its one", len(a.refs), a.Gaps)
	}
}

func dirOf(c connector.Connection) string {
	m, _ := readMapping(c)
	return filepath.Dir(m.Files[0])
}

func TestWhatAKilledProcessLeftIsRemoved(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	left, err := os.MkdirTemp("", unpackedPrefix)
	if err == nil {
		err = os.WriteFile(filepath.Join(left, "excelize-1"), []byte("0211 8370199"), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	used, err := newUnpacked()
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(used.path); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("got %v and %v, want a folder for nobody else", info.Mode(), err)
	}
	_, c := folder(t, two, map[string][]byte{"b.csv": []byte("Anrufer;Notiz\n0211 8370199;eins\n")})
	ask(t, c, query("phone", number), nil)
	if _, err := os.Stat(left); !os.IsNotExist(err) {
		t.Error("what nobody uses any more lies there still")
	}
	if _, err := os.Stat(used.path); err != nil {
		t.Error("a folder in use was removed")
	}
	used.remove()
}

func TestALongWorkbookNeedsLittleMemory(t *testing.T) {
	rows := [][]any{{"Anrufer", "Notiz"}}
	const n = 40_000
	for i := range n {
		rows = append(rows, []any{"0211 8370199", fmt.Sprintf("Anruf mit einer längeren Notiz, Nummer %d", i)})
	}
	_, c := folder(t, two, map[string][]byte{"a.xlsx": workbook(t, rows...)})
	rows = nil
	opened, err := Kind{}.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	idle, highest, got := heap(), uint64(0), 0
	if _, err = opened.Find(t.Context(), query("phone", number), nil, func(connector.Finding, connector.Cursor) error {
		if got++; got%10_000 == 1 {
			highest = max(highest, heap())
		}
		return nil
	}); err != nil || got != n {
		t.Fatalf("got %d calls and %v, want %d", got, err, n)
	}
	if highest > idle+64<<20 {
		t.Errorf("needed %d MiB above idle, want less than 64", (highest-idle)>>20)
	}
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestTheColumnsAreChecked(t *testing.T) {
	dir, c := folder(t, two, map[string][]byte{"a.csv": []byte("Anrufende;Notiz\n0211 8370199;eins\n")})
	_, err := Kind{}.Open(t.Context(), c)
	if want := "cdr.columns: connection is wrong (a.csv has no column Anrufer)"; err == nil || err.Error() != want || !errors.Is(err, connector.ErrConfig) {
		t.Errorf("got %v, want %s", err, want)
	}
	if err := os.WriteFile(filepath.Join(dir, "a.csv"), []byte("Anrufer;Notiz\n0211 8370199;eins\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	opened, err := Kind{}.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "b.csv"), []byte("Nummer;Notiz\n0211 8370199;eins\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := opened.Find(t.Context(), query("phone", number), nil, func(connector.Finding, connector.Cursor) error { return nil }); !errors.Is(err, connector.ErrConfig) {
		t.Errorf("a new export has other columns: got %v, want %v", err, connector.ErrConfig)
	}
}

func TestTheFileIsChecked(t *testing.T) {
	for _, c := range []struct{ name, from, to, want string }{
		{"relative path", `"%s/*.csv"`, `"*.csv"`, "cdr.yaml:9: cdr.files.0: must be a full path"},
		{"charset", "  label: Anruf", "  charset: ebcdic", "cdr.charset: must be one of utf-8"},
		{"delimiter", "  label: Anruf", `  delimiter: ":"`, "cdr.delimiter: must be"},
		{"layout", "02.01.2006", "TT.MM.JJJJ", "cdr.time.layout: must say how"},
		{"layout without a year", "02.01.2006", "02.01.", "cdr.time.layout: must say how"},
		{"zone", "time: {", "time: {zone: Europe/Neuss, ", "cdr.time.zone: is no time zone"},
		{"country", "country: DE", "country: XX", "cdr.numbers.country: must be one of"},
		{"area", `"0211"`, `"211"`, "cdr.numbers.area: must be"},
		{"kind", "identifier: phone", "identifier: fax", "cdr.columns.Anrufer/Absender.identifier: is no kind"},
		{"a set that no column serves", "identifier: phone", "label: x", "cdr.columns: none is the phone"},
		{"recognised by a secret", "identifier: phone", "identifier: phone, withhold: true", "cdr.columns.Anrufer/Absender.withhold"},
		{"named by a secret", "  label: Anruf", "  key: [PIN]", "cdr.key.0: can't be withheld"},
		{"unknown key", "files:", "flies:", "cdr.flies: unknown key"},
	} {
		file := strings.ReplaceAll(strings.Replace(connectionFile, c.from, c.to, 1), "%[1]s", "/tmp")
		parsed, err := connector.ParseConnection("cdr.yaml", []byte(strings.Replace(file, "%s", "/tmp", 1)))
		if err == nil {
			err = Kind{}.Check(parsed)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte("Anrufer;Notiz\r\n0211 8370199;\"a\"\"b\r\nc\"\r\n"), byte(';'))
	f.Add([]byte("\"\n\"\n\"a,b\n,"), byte(','))
	f.Add([]byte("\xff\xfeA\x00\n\x00"), byte('\t'))
	f.Fuzz(func(t *testing.T, data []byte, delimiter byte) {
		if !slices.Contains([]byte(";,\t|"), delimiter) {
			delimiter = ';'
		}
		in, l := letters("", data[:min(len(data), ahead)], bytes.NewReader(data))
		c := newCSV(in, delimiter, l, func() {})
		lines := bytes.Count(data, []byte("\n")) + 1
		for n := 0; ; n++ {
			r, err := c.next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err == nil && len(r.cells) == 0 {
				t.Fatal("a row without cells")
			}
			if n > lines*2 {
				t.Fatal("more rows than lines")
			}
		}
	})
}

func FuzzDelimiter(f *testing.F) {
	f.Add([]byte("a;b\n1;2\n"), true)
	f.Add([]byte("a,b\n\"1;2;3\",2\n"), false)
	f.Fuzz(func(t *testing.T, head []byte, whole bool) {
		if d := findDelimiter(head[:min(len(head), ahead)], whole); !slices.Contains([]byte(";,\t|"), d) {
			t.Fatalf("got %q", d)
		}
	})
}

func FuzzNumber(f *testing.F) {
	f.Add("+49 211 8370199")
	f.Add("sip:0211@x")
	f.Fuzz(func(t *testing.T, s string) {
		n := numbers{Area: "0211"}
		if whole, ok := n.whole(s); ok && len(figures(whole)) <= extension {
			t.Error("an extension is somebody's")
		}
	})
}
