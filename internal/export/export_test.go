package export_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/disclosure"
	"einsicht/internal/export"
	"einsicht/internal/inventory"
	"einsicht/internal/letter"
	"einsicht/internal/letter/lettertest"
	"einsicht/internal/person"
	"einsicht/internal/wording"
	views "einsicht/views/letter"
)

func TestAPackageHoldsAnswerDataTablesAndManifest(t *testing.T) {
	b, m := pack(t, lettertest.Options{Lang: wording.German})
	want := []string{"LIESMICH.txt", "Auskunft.html", "daten.json", "tabellen/stk-weblog.csv", "tabellen/stk-brochures.csv", "manifest.json"}
	entries := unpack(t, b)
	if got := names(t, b); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if len(m.Entries) != len(want)-1 {
		t.Errorf("got %d entries in the manifest, want %d", len(m.Entries), len(want)-1)
	}
	if err := export.Check(bytes.NewReader(b), int64(len(b))); err != nil {
		t.Error(err)
	}
	type system struct {
		ID      string
		Records []struct {
			Reference string
			Withheld  bool
			Fields    []struct{ Name, Value, State string }
		}
	}
	var data struct{ Systems []system }
	if err := json.Unmarshal(entries["daten.json"], &data); err != nil {
		t.Fatal(err)
	}
	orders := data.Systems[slices.IndexFunc(data.Systems, func(s system) bool { return s.ID == "stk-brochures" })].Records
	if len(data.Systems) != 6 || len(orders) != 4 || orders[0].Reference != "orders/4711" || !orders[2].Withheld || orders[2].Reference != "" {
		t.Errorf("got %d systems and orders %v", len(data.Systems), orders)
	}
	// Faithful here, defused there.
	formula := `=HYPERLINK("http://example.org";"<b>hier</b>")`
	if orders[0].Fields[3].Value != formula {
		t.Errorf("daten.json: got %q, want %q", orders[0].Fields[3].Value, formula)
	}
	// A machine reads the value that the system has; the letter is for people.
	if raw := "2026-03-03T10:15:00Z"; orders[0].Fields[0].Value != raw || !strings.Contains(string(entries["tabellen/stk-brochures.csv"]), raw) {
		t.Errorf("got another time than the system's: %s", orders[0].Fields[0].Value)
	}
	table := string(entries["tabellen/stk-brochures.csv"])
	for _, want := range []string{"\uFEFF\"Nr.\";\"Art\";\"Hinweis\";\"Bestellt am\"", `"'=HYPERLINK(""http`, `"'+49 221 0000000"`, `"[geschwärzt]"`, `"[vorhanden]"`, `"3";"";"[zurückgehalten] Der Eintrag`} {
		if !strings.Contains(table, want) {
			t.Errorf("table: got\n%s\nwant %q in it", table, want)
		}
	}
}

func TestTheReadmeNamesEveryEntry(t *testing.T) {
	in, err := lettertest.Input(lettertest.Options{Lang: wording.German})
	if err != nil {
		t.Fatal(err)
	}
	p := packageOf(t, in)
	said := func(w io.Writer) error { _, err := w.Write([]byte("x")); return err }
	p.Printed, p.Files = said, []export.Entry{{Name: "dateien/stk-brochures/Foto am See.jpg", Write: said}}
	var b bytes.Buffer
	if _, err := export.Write(&b, p, lettertest.Now); err != nil {
		t.Fatal(err)
	}
	entries := unpack(t, b.Bytes())
	readme := string(entries["LIESMICH.txt"])
	for name := range entries {
		if name != "LIESMICH.txt" && strings.Count(readme, "\r\n  "+name+"\r\n      ") != len(wording.Languages) {
			t.Errorf("want %s in it, in each language, got\n%s", name, readme)
		}
	}
	for _, want := range []string{"Dieselbe Antwort als PDF", "Eine Datei aus: Online-Broschüren-Service.", "als Tabelle (CSV): Logdateien Land.NRW"} {
		if !strings.Contains(readme, want) {
			t.Errorf("want %q in\n%s", want, readme)
		}
	}
	if err := export.Check(bytes.NewReader(b.Bytes()), int64(b.Len())); err != nil {
		t.Error(err)
	}
}

func TestErrorsNameNoFileOfARecord(t *testing.T) {
	torn := errors.New("torn")
	p := export.Package{Answer: func(io.Writer) error { return nil }, Files: []export.Entry{{Name: "dateien/media/Erika Mustermann.pdf", Write: func(io.Writer) error { return torn }}}}
	if _, err := export.Write(io.Discard, p, lettertest.Now); !errors.Is(err, torn) || strings.Contains(err.Error(), "Erika") || !strings.Contains(err.Error(), "entry 3") {
		t.Errorf("got %v, want the number of the entry alone", err)
	}
	p.Files[0].Write = func(w io.Writer) error { _, err := w.Write([]byte("x")); return err }
	var b bytes.Buffer
	if _, err := export.Write(&b, p, lettertest.Now); err != nil {
		t.Fatal(err)
	}
	changed := list(t, b.Bytes())
	changed[2].content = []byte("y")
	whole := rezip(t, changed)
	if err := export.Check(bytes.NewReader(whole), int64(len(whole))); !errors.Is(err, export.ErrDamaged) || strings.Contains(err.Error(), "Erika") {
		t.Errorf("got %v, want it damaged, and no name", err)
	}
}

// "systems": [] would read as if nothing were held.
func TestAPackageWithoutAccessHoldsNoCopyOfTheData(t *testing.T) {
	in, err := lettertest.Input(lettertest.Options{Lang: wording.German, Done: true})
	if err != nil {
		t.Fatal(err)
	}
	in.Rights, in.Disclosed = in.Rights[1:], disclosure.Disclosed{}
	var b bytes.Buffer
	if _, err := export.Write(&b, packageOf(t, in), lettertest.Now); err != nil {
		t.Fatal(err)
	}
	want := []string{"LIESMICH.txt", "Auskunft.html", "umsetzung.json", "umsetzung.schema.json", "umsetzung.csv", "manifest.json"}
	if got := names(t, b.Bytes()); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for name, content := range unpack(t, b.Bytes()) {
		if bytes.Contains(content, []byte("daten.json")) || bytes.Contains(content, []byte("dateien/")) {
			t.Errorf("%s speaks of files that are not there", name)
		}
	}
	if _, err := export.CheckAny(bytes.NewReader(b.Bytes()), int64(b.Len())); err != nil {
		t.Error(err)
	}
	if readme := string(unpack(t, b.Bytes())["LIESMICH.txt"]); strings.Count(readme, "Byte Order Mark")+strings.Count(readme, "byte order mark") != 2 {
		t.Errorf("got\n%s\nwant it said how the table is written", readme)
	}
}

func TestASecretSystemGivesTheSamePackageAsOneThatHoldsNothing(t *testing.T) {
	for _, l := range wording.Languages {
		secret, _ := pack(t, lettertest.Options{Lang: l, Secret: true})
		nothing, _ := pack(t, lettertest.Options{Lang: l})
		if !bytes.Equal(secret, nothing) {
			a, b := unpack(t, secret), unpack(t, nothing)
			for name := range b {
				if !bytes.Equal(a[name], b[name]) {
					t.Errorf("%s: %s betrays the secret", l, name)
				}
			}
			t.Errorf("%s: got another package, want the same bytes", l)
		}
	}
}

func TestNothingForTheFileIsInThePackage(t *testing.T) {
	b, _ := pack(t, lettertest.Options{Lang: wording.German, Secret: true})
	seen := false
	for name, content := range unpack(t, b) {
		for _, secret := range []string{lettertest.Planted, "WITHHELD", "$argon2id$HASH", "Max Kollege"} {
			if bytes.Contains(content, []byte(secret)) {
				t.Errorf("%s holds %s", name, secret)
			}
		}
		seen = seen || bytes.Contains(content, []byte("erika@mustermann.example"))
	}
	if !seen {
		t.Error("the data of the person are not there: this test checks nothing")
	}
}

func TestTheSamePackageTwiceIsTheSameBytes(t *testing.T) {
	a, _ := pack(t, lettertest.Options{Lang: wording.German})
	b, _ := pack(t, lettertest.Options{Lang: wording.German})
	if !bytes.Equal(a, b) {
		t.Error("got other bytes")
	}
}

func TestCheckFindsWhatWasChanged(t *testing.T) {
	whole, _ := pack(t, lettertest.Options{Lang: wording.German})
	for _, tt := range []struct {
		name   string
		change func([]entry) []entry
	}{
		{"a changed byte", func(e []entry) []entry { e[2].content[10] ^= 1; return e }},
		{"a longer entry", func(e []entry) []entry { e[0].content = append(e[0].content, ' '); return e }},
		{"a shorter entry", func(e []entry) []entry { e[0].content = e[0].content[1:]; return e }},
		{"a missing entry", func(e []entry) []entry { return append(e[:1], e[2:]...) }},
		{"an added entry", func(e []entry) []entry { return append([]entry{{"neu.txt", nil}}, e...) }},
		{"an entry added at the end", func(e []entry) []entry { return slices.Insert(e, len(e)-1, entry{"neu.txt", nil}) }},
		{"the last entry missing", func(e []entry) []entry { return slices.Delete(e, len(e)-2, len(e)-1) }},
		{"a doubled entry", func(e []entry) []entry { return append([]entry{e[0]}, e...) }},
		{"entries in another order", func(e []entry) []entry { e[0], e[1] = e[1], e[0]; return e }},
		{"no manifest", func(e []entry) []entry { return e[:len(e)-1] }},
		{"a renamed entry", func(e []entry) []entry { e[1].name = "Antwort.html"; return e }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := rezip(t, tt.change(list(t, whole)))
			if err := export.Check(bytes.NewReader(b), int64(len(b))); !errors.Is(err, export.ErrDamaged) {
				t.Errorf("got %v, want %v", err, export.ErrDamaged)
			}
		})
	}
	if b := rezip(t, list(t, whole)); export.Check(bytes.NewReader(b), int64(len(b))) != nil {
		t.Error("an unchanged package fails: this test checks nothing")
	}
	if err := export.Check(bytes.NewReader(whole[:len(whole)/2]), int64(len(whole)/2)); !errors.Is(err, export.ErrDamaged) {
		t.Errorf("a torn package: got %v, want %v", err, export.ErrDamaged)
	}
}

func TestAFailingSourceFailsThePackage(t *testing.T) {
	torn := errors.New("torn")
	reads := 0
	findings := func(string) iter.Seq2[disclosure.Finding, error] {
		reads++
		return func(yield func(disclosure.Finding, error) bool) {
			if reads > 1 {
				yield(disclosure.Finding{}, torn)
			}
		}
	}
	d, err := disclosure.Apply(wording.German, findings, nil, []disclosure.SystemAnswer{{Outcome: disclosure.Partial}})
	if err != nil {
		t.Fatal(err)
	}
	p := export.Package{Disclosed: d, Answer: func(io.Writer) error { return nil }}
	if _, err := export.Write(io.Discard, p, lettertest.Now); !errors.Is(err, torn) {
		t.Errorf("got %v, want %v", err, torn)
	}
}

func TestValuesThatAreNoTextStayAsTheyAre(t *testing.T) {
	id := uuid.New()
	field := connector.Field{Name: "raw", Value: person.NewText("a\xffb")}
	findings := lettertest.Slices(map[string][]disclosure.Finding{"sys": {{ID: id, Finding: connector.Finding{Fields: []connector.Field{field}}}}})
	d, err := disclosure.Apply(wording.German, findings, map[uuid.UUID]disclosure.Decision{id: {Verdict: disclosure.Give}},
		[]disclosure.SystemAnswer{{System: inventory.System{ID: "sys"}, Outcome: disclosure.Found}})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := export.Write(&b, export.Package{Disclosed: d, Answer: func(io.Writer) error { return nil }}, lettertest.Now); err != nil {
		t.Fatal(err)
	}
	if got := string(unpack(t, b.Bytes())["daten.json"]); !strings.Contains(got, `"value_base64":"Yf9i"`) {
		t.Errorf("got %s, want the bytes in base64", got)
	}
}

// TestTheSizeOfAnExportHasNoBearingOnItsMemory writes 200 MB of records.
func TestTheSizeOfAnExportHasNoBearingOnItsMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 200 MB")
	}
	const records, limit = 200_000, 32 << 20 // of about 1 KB
	var peak uint64
	value := strings.Repeat("0123456789abcdef", 62)
	id := uuid.New()
	findings := func(string) iter.Seq2[disclosure.Finding, error] {
		return func(yield func(disclosure.Finding, error) bool) {
			for i := range records {
				if i%20_000 == 0 {
					peak = max(peak, heap())
				}
				f := connector.Finding{Reference: fmt.Sprint("rows/", i), Label: "Row", Fields: []connector.Field{
					{Name: "number", Label: "Number", Value: person.NewText(fmt.Sprint(i))},
					{Name: "text", Label: "Text", Value: person.NewText(value)},
				}}
				if !yield(disclosure.Finding{ID: id, Finding: f}, nil) {
					return
				}
			}
		}
	}
	in, err := lettertest.Input(lettertest.Options{Lang: wording.German})
	if err != nil {
		t.Fatal(err)
	}
	in.Disclosed, err = disclosure.Apply(wording.German, findings, map[uuid.UUID]disclosure.Decision{id: {Verdict: disclosure.Give}},
		[]disclosure.SystemAnswer{{System: inventory.System{ID: "big", Name: "Big"}, Outcome: disclosure.Found}})
	if err != nil {
		t.Fatal(err)
	}
	peak = 0
	m, err := export.Write(io.Discard, packageOf(t, in), lettertest.Now)
	if err != nil {
		t.Fatal(err)
	}
	if size := m.Entries[2].Size; size < 200<<20 {
		t.Errorf("daten.json has %d bytes: this test checks nothing", size)
	}
	if html := m.Entries[1].Size; html > 4<<20 {
		t.Errorf("Auskunft.html has %d bytes: no browser opens that", html)
	}
	t.Logf("heap at most %.1f MiB", float64(peak)/(1<<20))
	if peak > limit {
		t.Errorf("got %d bytes of heap, want at most %d", peak, limit)
	}
}

// heap is what is held: how much lies there that nobody holds any more is a matter of
// the machine.
func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func pack(t *testing.T, o lettertest.Options) ([]byte, export.Manifest) {
	t.Helper()
	in, err := lettertest.Input(o)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	m, err := export.Write(&b, packageOf(t, in), lettertest.Now)
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), m
}

func packageOf(t *testing.T, in letter.Input) export.Package {
	t.Helper()
	l, err := letter.Answer(in)
	if err != nil {
		t.Fatal(err)
	}
	return export.Package{
		Authority: in.Authority.Name, FileNumber: in.FileNumber, Date: in.Date, Disclosed: in.Disclosed, Measures: in.Measures,
		Answer: func(w io.Writer) error { return views.Answer(l).Render(context.Background(), w) },
	}
}

type entry struct {
	name    string
	content []byte
}

// list reads a package with the standard library, not with ours.
func list(t *testing.T, b []byte) []entry {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	var entries []entry
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Modified.UTC(); !got.Equal(lettertest.Now.Truncate(time.Second)) {
			t.Errorf("%s: got time %s, want %s", f.Name, got, lettertest.Now)
		}
		entries = append(entries, entry{f.Name, content})
	}
	return entries
}

func unpack(t *testing.T, b []byte) map[string][]byte {
	t.Helper()
	m := map[string][]byte{}
	for _, e := range list(t, b) {
		m[e.name] = e.content
	}
	return m
}

func names(t *testing.T, b []byte) []string {
	t.Helper()
	var names []string
	for _, e := range list(t, b) {
		names = append(names, e.name)
	}
	return names
}

func rezip(t *testing.T, entries []entry) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, e := range entries {
		w, err := z.Create(e.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(e.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
