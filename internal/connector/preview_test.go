package connector

import (
	"slices"
	"strings"
	"testing"

	"einsicht/internal/person"
)

func TestAPreviewSaysWhatWouldBecomeOfEachField(t *testing.T) {
	var p Preview
	field := func(name, value string) Field { return Field{Name: name, Value: person.NewText(value)} }
	secret, mail := field("hash", ""), field("mail", "a@b.de")
	secret.Withheld, mail.ThirdParty = true, true
	odd := field("odd", strings.Repeat("ä", 2*previewed))
	odd.Unmapped = true
	first := Finding{Reference: "1", Category: "orders", Fields: []Field{mail, secret, odd, mail}}
	p.Add(first)
	p.Add(Finding{Reference: "2", Category: "orders", Fields: []Field{mail}})
	p.Add(Finding{Reference: "3", Category: "letters", Fields: []Field{field("text", "x")}})
	scan := Field{Name: FileContent, Body: NewBody([]byte("x"))}
	p.Add(Finding{Reference: "4", Category: "scans", Fields: []Field{scan}})

	want := []Sort{
		{"orders", 2, []FieldUse{{Name: "mail", ThirdParty: true, Count: 2}, {Name: "hash", Withheld: true, Count: 1}, {Name: "odd", Unmapped: true, Count: 1}}},
		{"letters", 1, []FieldUse{{Name: "text", Count: 1}}},
		{"scans", 1, []FieldUse{{Name: FileContent, Count: 1}}},
	}
	if !slices.EqualFunc(p.Sorts, want, func(a, b Sort) bool {
		return a.Category == b.Category && a.Count == b.Count && slices.Equal(a.Fields, b.Fields)
	}) {
		t.Errorf("got %+v, want %+v", p.Sorts, want)
	}
	if got := p.Findings[0].Fields[2].Value.Reveal(); len(got) > previewed+3 || strings.Trim(got, "ä…") != "" {
		t.Errorf("got a value of %d bytes, want whole letters and at most %d", len(got), previewed)
	}
	if got := p.Findings[3].Fields[0].Body; got.Open != nil || got.Size != 1 || scan.Body.Open == nil {
		t.Error("the preview holds on to a file, or took it from the finding")
	}
	if first.Fields[2].Value.Reveal() != odd.Value.Reveal() {
		t.Error("the finding itself was changed")
	}
}
