package export_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"einsicht/internal/disclosure"
	"einsicht/internal/law"
	"einsicht/internal/letter/lettertest"
	"einsicht/internal/wording"
)

func TestAPackageSaysWhatWasDone(t *testing.T) {
	b, m := pack(t, lettertest.Options{Lang: wording.German, Done: true})
	entries := unpack(t, b)
	for _, name := range []string{"umsetzung.json", "umsetzung.schema.json", "umsetzung.csv"} {
		listed := false
		for _, e := range m.Entries {
			listed = listed || e.Name == name
		}
		if len(entries[name]) == 0 || !listed || strings.Count(string(entries["LIESMICH.txt"]), "  "+name+" ") != len(wording.Languages) ||
			strings.Contains(string(entries["LIESMICH.txt"]), "  "+name+"\r\n      "+wording.Text(wording.German, "letter.readme.other")) {
			t.Errorf("%s is not there, not in the manifest, or not explained in each language", name)
		}
	}
	all := measuresIn(t, entries["umsetzung.json"])
	for name, want := range map[string]string{
		"a line that was erased":          `{"number":4,"right":"erasure","article":"Art. 17 DSGVO","system":{"id":"stk-weblog","name":"Logdateien Land.NRW"},"reference":"access.log/1","what":"erased","state":"done","acted_at":"2026-11-20T10:00:00+01:00","read_back_at":"2026-11-21T00:05:00+01:00","proof":"searched"}`,
		"a record of which a field stays": `"reference":"=orders/4711","what":"masked","state":"done","acted_at":"2026-11-20T10:00:00+01:00","read_back_at":"2026-11-21T00:05:00+01:00","proof":"read-back","along":3,"kept":[{"field":"Rechnungsbetrag","why":"§ 147 Abs. 3 AO"}]}`,
		"a withheld record":               `"system":{"id":"stk-brochures","name":"Online-Broschüren-Service"},"what":"erased","state":"done","acted_at"`,
		"by hand":                         `"whole_system":true,"what":"erased","state":"done","stated_at":"2026-11-21T00:05:00+01:00","proof":"stated","statement":"Wir haben das Gespräch gelöscht und danach gesucht."}`,
		"a ground":                        `"state":"stays","stay":{"ground":"Rechtliche Pflicht zur Aufbewahrung","citation":"Art. 17 Abs. 3 Buchst. b DSGVO","norm":"§ 147 Abs. 3 AO","until":"2026-12-31","look_again":"2027-05-03"}}`,
		"words of staff":                  `"stay":{"reason":"Die Bestellung wird gerade ausgeliefert.\nDanach löschen wir sie."}}`,
		"reasons kept back":               `"stay":{"withheld":true}}`,
		"restricted until the decision":   `"reference":"calls/2","what":"restricted","state":"meanwhile","acted_at":"2026-11-20T10:00:00+01:00","read_back_at":"2026-11-21T00:05:00+01:00","proof":"read-back","stay":{"ground":"Zwingende Gründe für die Verarbeitung","citation":"Art. 21 Abs. 1 Satz 2 DSGVO"},"meanwhile":"to-be-lifted"}`,
		"the same, lifted":                `"reference":"calls/4","what":"restricted","state":"meanwhile","acted_at":"2026-11-20T10:00:00+01:00","read_back_at":"2026-11-21T00:05:00+01:00","proof":"read-back","meanwhile":"lifted","lifted_at":"2026-11-21T00:05:00+01:00"}`,
		"a statement that was added":      `"reference":"calls/5","what":"supplemented","state":"done","stated_at":"2026-11-21T00:05:00+01:00","proof":"stated","statement":"Die Erklärung liegt im Vorgang."}`,
		"a correction":                    `"what":"corrected","state":"done","acted_at":"2026-11-20T10:00:00+01:00","read_back_at":"2026-11-21T00:05:00+01:00","proof":"searched","fields":["E-Mail-Adresse"]}`,
	} {
		if !strings.Contains(string(entries["umsetzung.json"]), want) {
			t.Errorf("%s: got\n%s\nwant %s", name, entries["umsetzung.json"], want)
		}
	}
	table := string(entries["umsetzung.csv"])
	for _, want := range []string{
		"\uFEFF\"Nr.\";\"Recht\";\"Verfahren\";\"Kennzeichen in der Quelle\"",
		`"Löschung (Art. 17 DSGVO)";"Online-Broschüren-Service";"'=orders/4711";"Zum Teil löschen";"getan";"2026-11-20T10:00:00+01:00";"2026-11-21T00:05:00+01:00";"Eintrag danach gelesen";"Zugehörige Einträge, die dabei mit gelöscht wurden: 3.` + "\nRechnungsbetrag bleibt: § 147 Abs. 3 AO\"",
		`"[zurückgehalten]";"Löschen";"getan"`, `"[ganzes Verfahren]";"Löschen";"getan";"";"";"Erklärung der zuständigen Stelle vom 21.11.2026";"Wir haben`,
		`"Löschen";"nicht getan";"";"";"";"Rechtliche Pflicht`, `"Gründe werden nicht mitgeteilt."`,
		`"calls/2";"Einschränken";"bis zur Entscheidung getan";"2026-11-20T10:00:00+01:00";"2026-11-21T00:05:00+01:00";"Eintrag danach gelesen";"wird aufgehoben, nach einem Schreiben an Sie` + "\nZwingende",
		`"calls/4";"Einschränken";"bis zur Entscheidung getan";"2026-11-20T10:00:00+01:00";"2026-11-21T00:05:00+01:00";"Eintrag danach gelesen";"aufgehoben am 21.11.2026"`,
	} {
		if !strings.Contains(table, want) {
			t.Errorf("table: got\n%s\nwant %q in it", table, want)
		}
	}
	if got, want := strings.Count(table, "\r\n"), len(all)+1; got != want {
		t.Errorf("got %d rows, want %d", got, want)
	}
}

func TestAPackageWithoutMeasuresIsAsBefore(t *testing.T) {
	b, _ := pack(t, lettertest.Options{Lang: wording.German})
	if text := unpack(t, b)["LIESMICH.txt"]; bytes.Contains(text, []byte("umsetzung")) {
		t.Errorf("got %s, want nothing about measures", text)
	}
}

// A measure that nobody may know of leaves the same bytes as none.
func TestASecretMeasureLeavesTheSamePackageAsNone(t *testing.T) {
	for _, l := range wording.Languages {
		secret, _ := pack(t, lettertest.Options{Lang: l, Secret: true, Done: true})
		none, _ := pack(t, lettertest.Options{Lang: l, Done: true})
		a, b := unpack(t, secret), unpack(t, none)
		for name := range b {
			if !bytes.Equal(a[name], b[name]) {
				t.Errorf("%s: %s betrays the secret", l, name)
			}
			for _, never := range []string{lettertest.Planted, "OLD-VALUE", "NEW-VALUE", "7d3f", "WITHHELD"} {
				if bytes.Contains(a[name], []byte(never)) {
					t.Errorf("%s: %s holds %s", l, name, never)
				}
			}
		}
		if !bytes.Equal(secret, none) || len(b["umsetzung.json"]) == 0 {
			t.Errorf("%s: got another package, or one without measures", l)
		}
	}
}

// The schema that lies beside it says what is there: neither more nor less, with the
// words that there are.
func TestTheSchemaDescribesWhatIsWritten(t *testing.T) {
	b, _ := pack(t, lettertest.Options{Lang: wording.German, Done: true})
	entries := unpack(t, b)
	var schema, data any
	for name, to := range map[string]any{"umsetzung.schema.json": &schema, "umsetzung.json": &data} {
		if err := json.Unmarshal(entries[name], to); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]bool{}
	for _, fault := range against(schema, schema, data, "", seen) {
		t.Error(fault)
	}
	onDisk, err := os.ReadFile("umsetzung.schema.json")
	if err != nil || !bytes.Equal(onDisk, entries["umsetzung.schema.json"]) {
		t.Errorf("got another schema in the package, %v", err)
	}
	measure := at(schema, "$defs", "measure", "properties").(map[string]any)
	for name := range measure {
		if !seen["/measures/"+name] {
			t.Errorf("%s stands in the schema and in no measure", name)
		}
	}
	same := func(name string, want ...string) {
		var got []string
		for _, word := range at(measure, name, "enum").([]any) {
			got = append(got, word.(string))
		}
		if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	same("right", words(law.Rights)...)
	same("what", words(disclosure.Deeds)...)
	same("proof", words(disclosure.MeasureProofs)...)
	same("state", string(disclosure.MeasureDone), string(disclosure.MeasureStays), string(disclosure.MeasureMeanwhile))
	same("meanwhile", words(disclosure.Meanwhiles)...)
	for name, spoil := range map[string]func(measure map[string]any){
		"an unknown word":    func(m map[string]any) { m["what"] = "burnt" },
		"an unknown key":     func(m map[string]any) { m["value"] = "x" },
		"a missing key":      func(m map[string]any) { delete(m, "system") },
		"no zone":            func(m map[string]any) { m["acted_at"] = "2026-11-20T10:00:00" },
		"a number that is 0": func(m map[string]any) { m["number"] = 0.0 },
		"another type":       func(m map[string]any) { m["system"] = "stk-weblog" },
	} {
		var data any
		if err := json.Unmarshal(entries["umsetzung.json"], &data); err != nil {
			t.Fatal(err)
		}
		spoil(at(data, "measures").([]any)[0].(map[string]any))
		if faults := against(schema, schema, data, "", map[string]bool{}); len(faults) != 1 {
			t.Errorf("%s: got %q, want one fault", name, faults)
		}
	}
}

func measuresIn(t *testing.T, b []byte) []map[string]any {
	t.Helper()
	var data struct{ Measures []map[string]any }
	if err := json.Unmarshal(b, &data); err != nil {
		t.Fatal(err)
	}
	return data.Measures
}

// against holds data against as much of JSON Schema as ours uses, but for its
// conditions. It notes which keys it has seen.
func against(root, schema, data any, path string, seen map[string]bool) []string {
	s := schema.(map[string]any)
	if ref, ok := s["$ref"].(string); ok {
		return against(root, at(root, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...), data, path, seen)
	}
	fault := func(format string, args ...any) []string { return []string{path + ": " + fmt.Sprintf(format, args...)} }
	kind := map[string]bool{}
	switch v := data.(type) {
	case map[string]any:
		kind["object"] = true
	case []any:
		kind["array"] = true
	case string:
		kind["string"] = true
	case bool:
		kind["boolean"] = true
	case float64:
		kind["number"], kind["integer"] = true, v == float64(int(v))
	}
	if !kind[s["type"].(string)] {
		return fault("is no %s", s["type"])
	}
	if want, ok := s["const"]; ok && data != want {
		return fault("got %v, want %v", data, want)
	}
	if words, ok := s["enum"].([]any); ok && !slices.Contains(words, data) {
		return fault("%v is none of %v", data, words)
	}
	if least, ok := s["minimum"].(float64); ok && data.(float64) < least {
		return fault("%v is less than %v", data, least)
	}
	if layout := map[any]string{"date": time.DateOnly, "date-time": time.RFC3339}[s["format"]]; layout != "" {
		if _, err := time.Parse(layout, data.(string)); err != nil {
			return fault("%v", err)
		}
	}
	var faults []string
	switch data := data.(type) {
	case []any:
		for _, item := range data {
			faults = append(faults, against(root, s["items"], item, path, seen)...)
		}
	case map[string]any:
		required, _ := s["required"].([]any)
		for _, name := range required {
			if _, ok := data[name.(string)]; !ok {
				faults = append(faults, path+": lacks "+name.(string))
			}
		}
		for _, name := range slices.Sorted(maps.Keys(data)) {
			seen[path+"/"+name] = true
			if property, ok := s["properties"].(map[string]any)[name]; ok {
				faults = append(faults, against(root, property, data[name], path+"/"+name, seen)...)
			} else if s["additionalProperties"] == false {
				faults = append(faults, path+": "+name+" is not in the schema")
			}
		}
	}
	return faults
}

func at(v any, path ...string) any {
	for _, name := range path {
		v = v.(map[string]any)[name]
	}
	return v
}

func words[S ~string](all []S) []string {
	var words []string
	for _, w := range all {
		words = append(words, string(w))
	}
	return words
}
