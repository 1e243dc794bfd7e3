package delivery

import (
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/disclosure"
	"einsicht/internal/person"
	"einsicht/internal/procedure"
)

func TestFilesKeepTheirNamesAndRecordsNameThem(t *testing.T) {
	file := func(name, content string) []connector.Field {
		return connector.FileFields(person.NewText(name), []byte(content))
	}
	others := func(fields []connector.Field, which int) []connector.Field {
		fields[which].ThirdParty = true
		return fields
	}
	for _, c := range []struct {
		name   string
		fields []connector.Field
		d      disclosure.Decision
		want   []string // of the files that go out
		says   []string // what the record's fields say of their content
	}{
		{"one file", file("Foto am See.jpg", "x"), disclosure.Decision{}, []string{"dateien/media/Foto am See.jpg"}, []string{"dateien/media/Foto am See.jpg"}},
		{"two of the same name", connector.DistinctFields(append(file("a.txt", "x"), file("a.txt", "y")...)), disclosure.Decision{},
			[]string{"dateien/media/a.txt", "dateien/media/a (2).txt"}, []string{"dateien/media/a.txt", "dateien/media/a (2).txt"}},
		{"a name that speaks about somebody else", others(file("Max Kollege.pdf", "x"), 0), disclosure.Decision{}, []string{"dateien/media/datei.pdf"}, []string{"dateien/media/datei.pdf"}},
		{"a name that is blacked out", file("Max Kollege.pdf", "x"), disclosure.Decision{Fields: map[string]disclosure.FieldVerdict{connector.FileName: {BlackOut: true}}},
			[]string{"dateien/media/datei.pdf"}, []string{"dateien/media/datei.pdf"}},
		{"a content that speaks about somebody else", others(file("a.txt", "x"), 1), disclosure.Decision{}, nil, nil},
		{"the second of two is blacked out", connector.DistinctFields(append(file("a.txt", "x"), file("Max.pdf", "y")...)),
			disclosure.Decision{Fields: map[string]disclosure.FieldVerdict{"file_name_2": {BlackOut: true}}}, []string{"dateien/media/a.txt", "dateien/media/datei.pdf"}, []string{"dateien/media/a.txt", "dateien/media/datei.pdf"}},
	} {
		c.d.Verdict = disclosure.Give
		f := procedure.Found{Finding: casefile.Finding{ID: uuid.New(), System: "media"}, Record: connector.Finding{Fields: c.fields}, Decision: c.d}
		a := &answer{}
		(&Delivery{}).uploads(t.Context(), a, []procedure.Found{f})
		var got, says []string
		for _, e := range a.files {
			got = append(got, e.Name)
		}
		for _, field := range withPaths(f.Record, a.paths[f.ID]).Fields {
			if field.HoldsFile() {
				says = append(says, field.Value.Reveal())
			}
		}
		if len(got) != len(c.want) || len(says) != len(c.says) {
			t.Errorf("%s: got files %q and records %q", c.name, got, says)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] || says[i] != c.says[i] {
				t.Errorf("%s: got files %q and records %q, want %q", c.name, got, says, c.want)
			}
		}
	}
}
