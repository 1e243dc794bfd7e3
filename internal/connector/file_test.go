package connector

import (
	"io"
	"testing"

	"einsicht/internal/person"
	"einsicht/internal/wording"
)

func TestFilesOfARecord(t *testing.T) {
	record := Finding{Fields: append(FileFields(person.NewText("brief.pdf"), []byte("eins")),
		Field{Name: "file_name_2", Value: person.NewText("bild.jpg"), ThirdParty: true},
		Field{Name: "file_content_2", Body: NewBody([]byte("zwei")), ThirdParty: true},
		Field{Name: "file_name_3", Value: person.NewText("zu gross.zip")},
		Field{Name: "file_content", Body: NewBody(nil)},
	)}
	files := record.Files()
	if len(files) != 3 || files[1].Name.Reveal() != "bild.jpg" || !files[1].Field.ThirdParty {
		t.Fatalf("got %d files, want three, the second a picture about others", len(files))
	}
	for range 2 { // it can be opened more than once
		in, err := files[0].Field.Body.Open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if content, err := io.ReadAll(in); err != nil || string(content) != "eins" || files[0].Field.Body.Size != 4 {
			t.Errorf("got %q and %v, want what was put in", content, err)
		}
	}
	if files := (Finding{Fields: []Field{{Name: FileName}}}).Files(); len(files) > 0 {
		t.Errorf("got %d files of a name without content, want none", len(files))
	}
}

func TestTheTitleOfAFieldThatComesTwice(t *testing.T) {
	for name, want := range map[string]string{"file_name": "Name der Datei", "file_name_2": "Name der Datei (2)", "unknown_2": "unknown_2", "2": "2"} {
		if got := (Field{Name: name}).Title(wording.German); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}
