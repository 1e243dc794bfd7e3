package connector

import (
	"bytes"
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/person"
)

func TestAFingerprintTellsRecordsApart(t *testing.T) {
	record := func(change func(*Finding)) []byte {
		f := Finding{Reference: "orders/1", Category: "orders", Fields: []Field{
			{Name: "a", Value: person.NewText("b")}, {Name: "c", Value: person.NewText("d")}, {Name: FileContent, Body: NewBody([]byte("e"))},
		}}
		change(&f)
		return f.Fingerprint()
	}
	same := record(func(*Finding) {})
	for sentence, c := range map[string]struct {
		change func(*Finding)
		equal  bool
	}{
		"nothing changed":                           {func(*Finding) {}, true},
		"a label is no part of the record":          {func(f *Finding) { f.Fields[0].Label = "x" }, true},
		"who asked is no part of the record":        {func(f *Finding) { f.Confidence = Check }, true},
		"a value changed":                           {func(f *Finding) { f.Fields[0].Value = person.NewText("B") }, false},
		"a file is not opened any more":             {func(f *Finding) { f.Fields[2].Body.Open = nil }, true},
		"a file was kept":                           {func(f *Finding) { f.Fields[2].Body.Number = uuid.New() }, true},
		"a small file was kept":                     {func(f *Finding) { f.Fields[2].Value = person.NewText("ZQ==") }, true},
		"a file changed":                            {func(f *Finding) { f.Fields[2].Body = NewBody([]byte("E")) }, false},
		"a field is gone":                           {func(f *Finding) { f.Fields = f.Fields[:1] }, false},
		"a letter moved from a value into the next": {func(f *Finding) { f.Fields[0].Name, f.Fields[0].Value = "ab", person.NewText("") }, false},
		"it is another record":                      {func(f *Finding) { f.Reference = "orders/2" }, false},
	} {
		if got := bytes.Equal(same, record(c.change)); got != c.equal {
			t.Errorf("%s: got equal %v, want %v", sentence, got, c.equal)
		}
	}
	left := Effect{Before: Finding{Reference: "orders/1", Category: "orders"}, After: []Field{{Name: "a"}}}
	if !bytes.Equal(left.FingerprintAfter(), Finding{Reference: "orders/1", Category: "orders", Fields: []Field{{Name: "a"}}}.Fingerprint()) {
		t.Error("what a change leaves has another fingerprint than the record that is read back")
	}
}
