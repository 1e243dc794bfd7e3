package export_test

import (
	"archive/zip"
	"bytes"
	"io"
	"testing"

	"einsicht/internal/connector"
	"einsicht/internal/disclosure"
	"einsicht/internal/export"
	"einsicht/internal/inventory"
)

// FuzzReadJSON reads anything. What it takes is the same when written and read again.
func FuzzReadJSON(f *testing.F) {
	for _, p := range []disclosure.Portable{orders(f), portable(f, inventory.System{ID: "odd", Name: "Odd"}, record("1", "k", value("a\x01", "\xff"), value("b", "\x00"), value("b", "")))} {
		f.Add(unpackAny(f, write(f, takeout(f, p)), "daten/"+p.ID+".json"))
	}
	f.Fuzz(func(t *testing.T, b []byte) { fuzzRead(t, b, "json", export.ReadJSON) })
}

// FuzzReadXML does the same for XML.
func FuzzReadXML(f *testing.F) {
	for _, p := range []disclosure.Portable{orders(f), portable(f, inventory.System{ID: "odd", Name: "Odd"}, record("1", "k", value("a\x01", "\xff"), value("b", "\x00"), value("b", "")))} {
		f.Add(unpackAny(f, write(f, takeout(f, p)), "daten/"+p.ID+".xml"))
	}
	f.Fuzz(func(t *testing.T, b []byte) { fuzzRead(t, b, "xml", export.ReadXML) })
}

func fuzzRead(t *testing.T, b []byte, format string, read func(io.Reader, func(disclosure.PortableRecord) error) (export.PortableHead, error)) {
	var records []disclosure.PortableRecord
	if _, err := read(bytes.NewReader(b), func(r disclosure.PortableRecord) error { records = append(records, r); return nil }); err != nil || len(records) == 0 {
		return
	}
	var findings []connector.Finding
	for _, r := range records {
		finding := record("x", r.Kind)
		for _, v := range r.Fields {
			for _, text := range v.Values {
				finding.Fields = append(finding.Fields, value(v.Name, text.Reveal()))
			}
		}
		findings = append(findings, finding)
	}
	p := portable(t, inventory.System{ID: "again", Name: "Again"}, findings...)
	roundTrip(t, p, format, read)
}

// FuzzRoundTrip writes values of all sorts, and reads them again.
func FuzzRoundTrip(f *testing.F) {
	for _, v := range odd {
		if len(v) < 1000 {
			f.Add(v, v, "name", "kind")
		}
	}
	f.Add("2026-03-03 10:15:00+01", "", "a\xff", "\x00")
	f.Fuzz(func(t *testing.T, a, b, name, kind string) {
		p := portable(t, inventory.System{ID: "s", Name: "S"},
			record("1", kind, value(name, a), value("fixed", b), value(name, b)), record("2", kind, value(name, a)))
		roundTrip(t, p, "json", export.ReadJSON)
		roundTrip(t, p, "xml", export.ReadXML)
	})
}

func roundTrip(t *testing.T, p disclosure.Portable, format string, read func(io.Reader, func(disclosure.PortableRecord) error) (export.PortableHead, error)) {
	t.Helper()
	content := unpackAny(t, write(t, takeout(t, p)), "daten/"+p.ID+"."+format)
	var got []disclosure.PortableRecord
	if _, err := read(bytes.NewReader(content), func(r disclosure.PortableRecord) error { got = append(got, r); return nil }); err != nil {
		t.Fatalf("%s: %v in %q", format, err, content)
	}
	for want, err := range p.Records() {
		if err != nil {
			t.Fatal(err)
		}
		if len(got) == 0 || !same(got[0], want) {
			t.Fatalf("%s: got other records in %q", format, content)
		}
		got = got[1:]
	}
	if len(got) > 0 {
		t.Errorf("%s: got %d records more", format, len(got))
	}
}

func unpackAny(t testing.TB, b []byte, name string) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		if f.Name != name {
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		return content
	}
	t.Fatal("no entry", name)
	return nil
}
