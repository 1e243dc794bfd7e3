package export_test

import (
	"archive/zip"
	"bytes"
	"crypto/ed25519"
	"encoding/csv"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/disclosure"
	"einsicht/internal/export"
	"einsicht/internal/inventory"
	"einsicht/internal/letter/lettertest"
	"einsicht/internal/person"
	"einsicht/internal/wording"
)

var signer = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))

// odd are values that formats stumble over.
var odd = []string{
	"", " ", "  two  blanks ", "a\nb", "a\r\nb\rc", "\ttab", "a\"b,c;d", "=1+1", "<b>&amp;</b>]]>", "\x00\x01\x1f", "\x7f\u0085\u2028\u2029", "\uFEFF", "\uFFFE\uFFFF\uFFFD",
	"e\u0301 ≠ \u00e9", "👩\u200d🚒", "\U0010FFFF", "مرحبا", "\\u0041 \\", "a\xffb", "\xed\xa0\x80", strings.Repeat("ä", 1<<20), "data:;base64,YQ==", "null", "123456789012345678901234567890",
}

func record(reference, kind string, fields ...connector.Field) connector.Finding {
	return connector.Finding{Reference: reference, Category: kind, Label: "Eintrag", Fields: fields}
}

func value(name, v string) connector.Field {
	return connector.Field{Name: name, Value: person.NewText(v)}
}

func oddRecords() []connector.Finding {
	var all []connector.Finding
	for i, v := range odd {
		all = append(all, record(fmt.Sprint("odd/", i), "odd",
			value("text", v), value("a <b>\" \x01 &", v), value("", "x"), value("several", v), value("several", "second")))
	}
	return append(all, record("odd/one", "", value("several", "only")))
}

// portable gives findings of one system, all of them given.
func portable(t testing.TB, s inventory.System, findings ...connector.Finding) disclosure.Portable {
	t.Helper()
	decisions := map[uuid.UUID]disclosure.Decision{}
	var all []disclosure.Finding
	for _, f := range findings {
		id := uuid.New()
		decisions[id] = disclosure.Decision{Verdict: disclosure.Give}
		all = append(all, disclosure.Finding{ID: id, Finding: f})
	}
	p, err := disclosure.TakeAlong(lettertest.Slices(map[string][]disclosure.Finding{s.ID: all}), decisions, []inventory.System{s}, idOf)
	if err != nil {
		t.Fatal(err)
	}
	return p[0]
}

func idOf(system, reference string) uuid.UUID {
	return uuid.NewSHA1(uuid.NameSpaceOID, []byte(system+reference))
}

func orders(t testing.TB) disclosure.Portable {
	return portable(t, inventory.System{ID: "stk-brochures", Name: "Online-Broschüren-Service"},
		record("orders/1", "orders",
			connector.Field{Name: "ordered_at", Label: "Bestellt am", Value: person.NewText("2026-03-03 10:15:00+01")}, value("sent", "2026-03-04 09:00:00"),
			value("day", "2026-03-05"), connector.Field{Name: "file_content", Value: person.NewText("dateien/stk-brochures/Foto am See.jpg"), Body: &connector.Body{}}, value("note", "=1+1")),
		record("orders/2", "orders",
			connector.Field{Name: "ordered_at", Label: "Bestellt am", Value: person.NewText("2026-03-03T10:15:00.25Z")}, value("sent", ""), value("day", ""),
			connector.Field{Name: "note", Value: person.NewText("kein"), Unmapped: true}),
	)
}

func takeout(t testing.TB, systems ...disclosure.Portable) export.Takeout {
	return export.Takeout{
		Authority: export.Named{ID: "stk-nrw", Name: "Staatskanzlei <NRW>"}, Date: lettertest.Now, Systems: systems, Key: signer,
		Index: func(w io.Writer) error { _, err := io.WriteString(w, "<!DOCTYPE html>"); return err },
	}
}

func write(t testing.TB, o export.Takeout) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := export.WriteTakeout(&b, o, lettertest.Now); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func bytesEntry(name string, content []byte) export.Entry {
	return export.Entry{Name: name, Write: func(w io.Writer) error { _, err := w.Write(content); return err }}
}

func TestAPackageToTakeAlongHoldsEveryFormat(t *testing.T) {
	o := takeout(t, orders(t), portable(t, inventory.System{ID: "stk-empty", Name: "Leer"}))
	o.Files = []export.Entry{bytesEntry("dateien/stk-brochures/Foto am See.jpg", []byte("JPEG"))}
	b := write(t, o)
	want := []string{"LIESMICH.txt", "index.html", "daten/stk-brochures.json", "daten/stk-brochures.csv", "daten/stk-brochures.xml", "schema/stk-brochures.schema.json",
		"schema/datenmitnahme.xsd", "dateien/stk-brochures/Foto am See.jpg", "manifest.json", "manifest.sig", "schluessel.pem"}
	if got := names(t, b); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	entries := unpack(t, b)
	for entry, want := range map[string][]string{
		"daten/stk-brochures.json": {`"ordered_at":"2026-03-03T10:15:00+01:00"`, `"ordered_at":"2026-03-03T10:15:00.25Z"`, `"sent":"2026-03-04 09:00:00"`, `"note":"=1+1"`, `"kind":"orders"`},
		"daten/stk-brochures.csv":  {"\"id\",\"kind\",\"ordered_at\",\"sent\",\"day\",\"file_content\",\"note\"\r\n", `"=1+1"`, `"orders","2026-03-03T10:15:00.25Z","","",,"kein"`},
		"daten/stk-brochures.xml":  {`<export xmlns="urn:einsicht:portability:1" format="1" date="2026-`, `<field name="ordered_at">`, `<value>2026-03-03T10:15:00+01:00</value>`, `<authority id="stk-nrw">Staatskanzlei &lt;NRW&gt;</authority>`},
		"schema/stk-brochures.schema.json": {`"$id": "urn:einsicht:portability:1:stk-nrw:stk-brochures:`, `"title": "Bestellt am"`, "geschrieben nach RFC 3339", "written as RFC 3339", "Eine Zeitzone speichert es nicht.",
			"It stores no zone.", "hat die Behörde noch nicht beschrieben"},
		"LIESMICH.txt": {"  daten/stk-brochures.json\r\n", "openssl pkeyutl -verify", export.Fingerprint(signer), "Die Einträge als JSON: Online-Broschüren-Service"},
	} {
		for _, w := range want {
			if !strings.Contains(string(entries[entry]), w) {
				t.Errorf("%s: got\n%s\nwant %q in it", entry, entries[entry], w)
			}
		}
	}
	for name, content := range entries {
		if bytes.Contains(content, []byte("orders/1")) {
			t.Errorf("%s tells the key of a record in its system", name)
		}
	}
	if _, err := export.CheckAny(bytes.NewReader(b), int64(len(b))); err != nil {
		t.Error(err)
	}
	if again := write(t, o); !bytes.Equal(again, b) {
		t.Error("the same package twice: got other bytes")
	}
}

func TestRecordsAreTheSameWhenReadAgain(t *testing.T) {
	for name, p := range map[string]disclosure.Portable{
		"odd values": portable(t, inventory.System{ID: "odd", Name: "Odd \"<&>"}, oddRecords()...),
		"orders":     orders(t),
	} {
		t.Run(name, func(t *testing.T) {
			entries := unpack(t, write(t, takeout(t, p)))
			for format, read := range map[string]func(io.Reader, func(disclosure.PortableRecord) error) (export.PortableHead, error){"json": export.ReadJSON, "xml": export.ReadXML} {
				var got []disclosure.PortableRecord
				head, err := read(bytes.NewReader(entries["daten/"+p.ID+"."+format]), func(r disclosure.PortableRecord) error { got = append(got, r); return nil })
				if err != nil {
					t.Fatalf("%s: %v", format, err)
				}
				if head.System.Name != p.Name || head.Authority.Name != "Staatskanzlei <NRW>" || head.Date != lettertest.Now.Format("2006-01-02") {
					t.Errorf("%s: got head %v", format, head)
				}
				i := 0
				for want, err := range p.Records() {
					if err != nil {
						t.Fatal(err)
					}
					if i >= len(got) || !same(got[i], want) {
						t.Fatalf("%s: record %d is not the same", format, i)
					}
					i++
				}
				if i != len(got) || i == 0 {
					t.Errorf("%s: got %d records, want %d", format, len(got), i)
				}
			}
			if rows, err := csv.NewReader(bytes.NewReader(entries["daten/"+p.ID+".csv"])).ReadAll(); err != nil || len(rows) != p.Given+1 {
				t.Errorf("csv: got %d rows, %v", len(rows), err)
			}
		})
	}
}

func same(a, b disclosure.PortableRecord) bool {
	return a.ID == b.ID && a.Kind == b.Kind && slices.EqualFunc(a.Fields, b.Fields, func(x, y disclosure.PortableValues) bool {
		return x.Name == y.Name && slices.EqualFunc(x.Values, y.Values, person.Text.Equal)
	})
}

func TestReadersTakeOnlyWhatOursWrites(t *testing.T) {
	entries := unpack(t, write(t, takeout(t, orders(t))))
	for name, c := range map[string]struct{ format, old, new string }{
		"JSON: an unknown key":           {"json", `"kind"`, `"sort"`},
		"JSON: a number":                 {"json", `"=1+1"`, `1`},
		"JSON: a key twice":              {"json", `"note":"=1+1"`, `"note":"1","note":"2"`},
		"JSON: text in base64":           {"json", `"=1+1"`, `{"base64":"YQ=="}`},
		"JSON: another format":           {"json", `"format":1`, `"format":2`},
		"JSON: no id":                    {"json", `"id":"` + idOf("stk-brochures", "orders/1").String() + `",`, ``},
		"JSON: cut off":                  {"json", "]}\n", "]"},
		"JSON: something behind":         {"json", "]}\n", "]}{}"},
		"JSON: an empty list":            {"json", `"=1+1"`, `[]`},
		"XML: an unknown element":        {"xml", "<field name=\"note\">", "<field name=\"note\"><b/>"},
		"XML: an unknown attribute":      {"xml", `kind="orders"`, `sort="orders"`},
		"XML: text between elements":     {"xml", "<record", "x<record"},
		"XML: another namespace":         {"xml", "portability:1", "portability:2"},
		"XML: a comment":                 {"xml", "<record", "<!-- --><record"},
		"XML: an entity":                 {"xml", "=1+1", "&nbsp;"},
		"XML: text in base64":            {"xml", "<value>=1+1", `<value encoding="base64">YQ==`},
		"XML: a field twice":             {"xml", `<field name="day">`, `<field name="sent">`},
		"XML: cut off":                   {"xml", "</export>", ""},
		"XML: another element behind it": {"xml", "</export>", "</export><export/>"},
	} {
		t.Run(name, func(t *testing.T) {
			whole := string(entries["daten/stk-brochures."+c.format])
			spoilt := strings.Replace(whole, c.old, c.new, 1)
			if spoilt == whole {
				t.Fatalf("%q is not in it: this test checks nothing", c.old)
			}
			read := export.ReadJSON
			if c.format == "xml" {
				read = export.ReadXML
			}
			if _, err := read(strings.NewReader(spoilt), func(disclosure.PortableRecord) error { return nil }); err == nil {
				t.Error("got no error")
			}
		})
	}
	torn := errors.New("torn")
	for _, read := range []func(io.Reader, func(disclosure.PortableRecord) error) (export.PortableHead, error){export.ReadJSON, export.ReadXML} {
		broken := io.MultiReader(strings.NewReader(" "), failing{torn})
		if _, err := read(broken, nil); !errors.Is(err, torn) {
			t.Errorf("a file that can't be read: got %v, want %v", err, torn)
		}
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestEveryRecordIsAsItsSchemaSays(t *testing.T) {
	for _, p := range []disclosure.Portable{orders(t), portable(t, inventory.System{ID: "odd", Name: "Odd"}, oddRecords()...)} {
		entries := unpack(t, write(t, takeout(t, p)))
		var schema, data any
		for name, to := range map[string]any{"schema/" + p.ID + ".schema.json": &schema, "daten/" + p.ID + ".json": &data} {
			if err := json.Unmarshal(entries[name], to); err != nil {
				t.Fatal(err)
			}
		}
		for _, fault := range violations(schema, schema, data, "") {
			t.Error(fault)
		}
	}
	entries := unpack(t, write(t, takeout(t, orders(t))))
	for name, spoil := range map[string]func(record map[string]any){
		"a field that there is not": func(r map[string]any) { at(r, "fields").(map[string]any)["x"] = "y" },
		"an unknown sort":           func(r map[string]any) { r["kind"] = "burnt" },
		"no id":                     func(r map[string]any) { delete(r, "id") },
		"an id that is none":        func(r map[string]any) { r["id"] = "orders/1" },
		"no zone":                   func(r map[string]any) { at(r, "fields").(map[string]any)["ordered_at"] = "2026-03-03T10:15:00" },
		"a path that leads out":     func(r map[string]any) { at(r, "fields").(map[string]any)["file_content"] = "/etc/passwd" },
		"a list":                    func(r map[string]any) { at(r, "fields").(map[string]any)["note"] = []any{"a"} },
		"nothing":                   func(r map[string]any) { r["fields"] = map[string]any{} },
	} {
		var schema, data any
		if err := errors.Join(json.Unmarshal(entries["schema/stk-brochures.schema.json"], &schema), json.Unmarshal(entries["daten/stk-brochures.json"], &data)); err != nil {
			t.Fatal(err)
		}
		spoil(at(data, "records").([]any)[0].(map[string]any))
		if faults := violations(schema, schema, data, ""); len(faults) == 0 {
			t.Errorf("%s: the schema takes it", name)
		}
	}
}

func TestTheSameFieldsHaveTheSameSchemaAndOthersAnother(t *testing.T) {
	id := func(p disclosure.Portable) any {
		var schema any
		if err := json.Unmarshal(unpack(t, write(t, takeout(t, p)))["schema/"+p.ID+".schema.json"], &schema); err != nil {
			t.Fatal(err)
		}
		return at(schema, "$id")
	}
	s := inventory.System{ID: "s", Name: "S"}
	a, b, c := portable(t, s, record("1", "k", value("f", "a"))), portable(t, s, record("2", "k", value("f", "b"))), portable(t, s, record("1", "k", value("g", "a")))
	if id(a) != id(b) || id(a) == id(c) {
		t.Errorf("got %v, %v and %v, want the first two alike", id(a), id(b), id(c))
	}
}

func TestCheckFindsWhatWasChangedInAPackageToTakeAlong(t *testing.T) {
	o := takeout(t, orders(t))
	o.Files = []export.Entry{bytesEntry("dateien/stk-brochures/a.txt", []byte("a"))}
	whole := write(t, o)
	stranger := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{8}, ed25519.SeedSize))
	theirs := o
	theirs.Key = stranger
	other := list(t, write(t, theirs))
	for name, change := range map[string]func([]entry) []entry{
		"a changed value":                    func(e []entry) []entry { e[2].content[60] ^= 1; return e },
		"a missing entry":                    func(e []entry) []entry { return e[1:] },
		"an added entry":                     func(e []entry) []entry { return append([]entry{{"neu.txt", nil}}, e...) },
		"a changed manifest":                 func(e []entry) []entry { e[len(e)-3].content[3] ^= 1; return e },
		"a changed signature":                func(e []entry) []entry { e[len(e)-2].content[3] ^= 1; return e },
		"a signature of somebody else":       func(e []entry) []entry { e[len(e)-2] = other[len(e)-2]; return e },
		"a key of somebody else":             func(e []entry) []entry { e[len(e)-1] = other[len(e)-1]; return e },
		"no key":                             func(e []entry) []entry { return e[:len(e)-1] },
		"no signature":                       func(e []entry) []entry { return slices.Delete(e, len(e)-2, len(e)-1) },
		"a key that is none":                 func(e []entry) []entry { e[len(e)-1].content = []byte("x"); return e },
		"an entry between manifest and seal": func(e []entry) []entry { return slices.Insert(e, len(e)-2, entry{"x", nil}) },
	} {
		t.Run(name, func(t *testing.T) {
			b := rezip(t, change(list(t, whole)))
			if _, err := export.CheckAny(bytes.NewReader(b), int64(len(b))); !errors.Is(err, export.ErrDamaged) {
				t.Errorf("got %v, want %v", err, export.ErrDamaged)
			}
		})
	}
	got, err := export.CheckAny(bytes.NewReader(whole), int64(len(whole)))
	if err != nil || !got.Takeout || got.Fingerprint != export.Fingerprint(signer) || got.Entries != len(list(t, whole)) {
		t.Errorf("unchanged: got %+v, %v", got, err)
	}
	got, err = export.CheckAny(bytes.NewReader(write(t, theirs)), int64(len(write(t, theirs))))
	if err != nil || got.Fingerprint == export.Fingerprint(signer) {
		t.Errorf("signed by a stranger: got %+v, %v, want another fingerprint", got, err)
	}
}

func TestThePackageToTakeAlongStandsInTheAnswerAsItIs(t *testing.T) {
	in, err := lettertest.Input(lettertest.Options{Lang: wording.German})
	if err != nil {
		t.Fatal(err)
	}
	p, o := packageOf(t, in), takeout(t, orders(t))
	p.Takeout, p.TakeoutIndex = &o, o.Index
	var b bytes.Buffer
	m, err := export.Write(&b, p, lettertest.Now)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(m.Entries, func(s export.Sum) bool { return s.Name == export.TakeoutName })
	sum := m.Entries[i]
	if alone := write(t, o); sum.Offset == 0 || !bytes.Equal(b.Bytes()[sum.Offset:sum.Offset+sum.Size], alone) {
		t.Errorf("got other bytes at %d", sum.Offset)
	}
	entries := unpack(t, b.Bytes())
	if readme := string(entries["LIESMICH.txt"]); strings.Count(readme, "  Datenmitnahme.zip\r\n") != len(wording.Languages) || !strings.Contains(readme, export.Fingerprint(signer)) {
		t.Errorf("got\n%s\nwant the package explained, and the fingerprint", readme)
	}
	if len(entries["daten.json"]) == 0 {
		t.Error("the copy of the data is gone")
	}
	got, err := export.CheckAny(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil || !got.Takeout || got.Fingerprint != export.Fingerprint(signer) {
		t.Errorf("got %+v, %v", got, err)
	}
	p.Disclosed = disclosure.Disclosed{}
	b.Reset()
	if _, err := export.Write(&b, p, lettertest.Now); err != nil {
		t.Fatal(err)
	}
	if got := names(t, b.Bytes()); slices.Contains(got, "daten.json") || !slices.Contains(got, "Datenmitnahme.html") {
		t.Errorf("only data to take along: got %q", got)
	}
}

func TestFilesArePackedOnlyWhereThatBringsSomething(t *testing.T) {
	text := bytes.Repeat([]byte("Zeile mit Text\n"), 20_000)
	noise := make([]byte, 200_000)
	for i, state := 0, uint32(1); i < len(noise); i++ {
		state = state*1664525 + 1013904223
		noise[i] = byte(state >> 24)
	}
	o := takeout(t, orders(t))
	o.Files = []export.Entry{
		bytesEntry("dateien/s/a.txt", text), bytesEntry("dateien/s/b.JPG", text), bytesEntry("dateien/s/c.bin", noise), bytesEntry("dateien/s/d.txt", nil),
		bytesEntry("dateien/s/e.txt", []byte("kurz")), bytesEntry("dateien/s/f.log", append(bytes.Clone(text), noise...)),
	}
	for range 3 {
		o.Files = append(o.Files, bytesEntry(fmt.Sprintf("dateien/s/g%d.txt", len(o.Files)), text))
	}
	b := write(t, o)
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]uint16{"a.txt": zip.Deflate, "b.JPG": zip.Store, "c.bin": zip.Store, "d.txt": zip.Store, "f.log": zip.Deflate, "g8.txt": zip.Deflate}
	for _, f := range z.File {
		if method, ok := want[filepath.Base(f.Name)]; ok && f.Method != method {
			t.Errorf("%s: got method %d, want %d", f.Name, f.Method, method)
		}
		delete(want, filepath.Base(f.Name))
	}
	if len(want) > 0 {
		t.Errorf("missing: %v", want)
	}
	if got := unpack(t, b); !bytes.Equal(got["dateien/s/a.txt"], text) || !bytes.Equal(got["dateien/s/c.bin"], noise) || !bytes.Equal(got["dateien/s/g7.txt"], text) {
		t.Error("a file came out changed")
	}
	if _, err := export.CheckAny(bytes.NewReader(b), int64(len(b))); err != nil {
		t.Error(err)
	}
}

// A ZIP file counts to 65 535; beyond that it is ZIP64.
func TestThereMayBeMoreFilesThanZIPCounts(t *testing.T) {
	o := takeout(t, orders(t))
	for i := range 1<<16 + 10 {
		o.Files = append(o.Files, bytesEntry(fmt.Sprintf("dateien/s/%d.txt", i), []byte{byte(i)}))
	}
	b := write(t, o)
	got, err := export.CheckAny(bytes.NewReader(b), int64(len(b)))
	if err != nil || got.Entries < 1<<16+10 {
		t.Errorf("got %d entries, %v", got.Entries, err)
	}
}

// The way that LIESMICH.txt shows works with the tools that people have.
func TestOpensslVerifiesThePackage(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("no openssl here")
	}
	folder := t.TempDir()
	entries := unpack(t, write(t, takeout(t, orders(t))))
	for _, name := range []string{"manifest.json", "manifest.sig", "schluessel.pem"} {
		if err := os.WriteFile(filepath.Join(folder, name), entries[name], 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(args ...string) (string, error) {
		c := exec.Command(openssl, args...)
		c.Dir = folder
		out, err := c.CombinedOutput()
		return string(out), err
	}
	verify := []string{"pkeyutl", "-verify", "-pubin", "-inkey", "schluessel.pem", "-rawin", "-in", "manifest.json", "-sigfile", "manifest.sig"}
	if out, err := run("version"); err != nil || strings.HasPrefix(out, "OpenSSL 1") || strings.HasPrefix(out, "LibreSSL") {
		t.Skip("openssl is older than 3:", out)
	}
	if out, err := run(verify...); err != nil {
		t.Errorf("got %v: %s", err, out)
	}
	if out, err := run("pkey", "-pubin", "-in", "schluessel.pem", "-outform", "DER", "-out", "key.der"); err != nil {
		t.Fatalf("got %v: %s", err, out)
	}
	if out, err := run("dgst", "-sha256", "key.der"); err != nil || !strings.Contains(out, export.Fingerprint(signer)) {
		t.Errorf("got %q, %v, want %s", out, err, export.Fingerprint(signer))
	}
	if err := os.WriteFile(filepath.Join(folder, "manifest.json"), append(entries["manifest.json"], ' '), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := run(verify...); err == nil {
		t.Error("a changed manifest verifies")
	}
	if block, _ := pem.Decode(entries["schluessel.pem"]); block == nil {
		t.Error("the key is no PEM")
	}
}

func TestAFailingSourceFailsThePackageToTakeAlong(t *testing.T) {
	torn := errors.New("torn")
	reads := 0
	source := func(string) iter.Seq2[disclosure.Finding, error] {
		reads++
		return func(yield func(disclosure.Finding, error) bool) {
			id := uuid.UUID{1}
			if !yield(disclosure.Finding{ID: id, Finding: record("1", "k", value("f", "a"))}, nil) || reads < 3 {
				return
			}
			yield(disclosure.Finding{}, torn)
		}
	}
	p, err := disclosure.TakeAlong(source, map[uuid.UUID]disclosure.Decision{{1}: {Verdict: disclosure.Give}}, []inventory.System{{ID: "s"}}, idOf)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := export.WriteTakeout(io.Discard, takeout(t, p...), lettertest.Now); !errors.Is(err, torn) {
		t.Errorf("got %v, want %v", err, torn)
	}
	o := takeout(t, orders(t))
	o.Files = []export.Entry{{Name: "dateien/s/Erika.pdf", Write: func(io.Writer) error { return torn }}}
	if _, err := export.WriteTakeout(io.Discard, o, lettertest.Now); !errors.Is(err, torn) || strings.Contains(err.Error(), "Erika") {
		t.Errorf("got %v, want %v and no name", err, torn)
	}
}

// TestTheSizeOfWhatIsTakenAlongHasNoBearingOnItsMemory writes 100 MB of records in three
// formats, and 200 MB of files.
func TestTheSizeOfWhatIsTakenAlongHasNoBearingOnItsMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 500 MB")
	}
	const records, limit = 100_000, 32 << 20
	var peak uint64
	measure := func() { peak = max(peak, heap()) }
	long := strings.Repeat("0123456789abcdef", 62)
	source := func(string) iter.Seq2[disclosure.Finding, error] {
		return func(yield func(disclosure.Finding, error) bool) {
			for i := range records {
				if i%20_000 == 0 {
					measure()
				}
				if !yield(disclosure.Finding{ID: uuid.UUID{1}, Finding: record(fmt.Sprint(i), "rows", value("number", fmt.Sprint(i)), value("text", long))}, nil) {
					return
				}
			}
		}
	}
	p, err := disclosure.TakeAlong(source, map[uuid.UUID]disclosure.Decision{{1}: {Verdict: disclosure.Give}}, []inventory.System{{ID: "big", Name: "Big"}}, idOf)
	if err != nil {
		t.Fatal(err)
	}
	o := takeout(t, p...)
	o.Files = []export.Entry{{Name: "dateien/big/log.txt", Write: func(w io.Writer) error {
		for i := range 200_000 {
			if _, err := fmt.Fprintln(w, i, long); err != nil {
				return err
			}
		}
		measure()
		return nil
	}}}
	peak = 0
	m, err := export.WriteTakeout(io.Discard, o, lettertest.Now)
	if err != nil {
		t.Fatal(err)
	}
	var all int64
	for _, e := range m.Entries {
		all += e.Size
	}
	t.Logf("%d MiB, heap at most %.1f MiB", all>>20, float64(peak)/(1<<20))
	if all < 500<<20 || peak > limit {
		t.Errorf("got %d bytes with %d bytes of heap, want at most %d", all, peak, limit)
	}
}
