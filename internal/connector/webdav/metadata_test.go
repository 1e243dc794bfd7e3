package webdav

import (
	"archive/zip"
	"bytes"
	"einsicht/internal/connector"
	"einsicht/internal/person"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// document makes a zip of one part.
func document(t testing.TB, part, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(part)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// photo makes a JPEG that holds nothing but what a telephone writes beside the
// picture: EXIF 2.32 (a TIFF of three directories) and an XMP packet.
func photo(xmp string) []byte {
	le := binary.LittleEndian
	var data []byte // what does not fit into an entry
	const start = 8 + 3*(2+8*12+4)
	entry := func(tag, kind uint16, n uint32, value []byte) []byte {
		e := le.AppendUint32(le.AppendUint16(le.AppendUint16(nil, tag), kind), n)
		if len(value) > 4 {
			e = le.AppendUint32(e, uint32(start+len(data)))
			data = append(data, value...)
			return e
		}
		return append(e, append(value, 0, 0, 0, 0)[:4]...)
	}
	ascii := func(tag uint16, s string) []byte { return entry(tag, 2, uint32(len(s)+1), []byte(s+"\x00")) }
	long := func(tag uint16, v uint32) []byte { return entry(tag, 4, 1, le.AppendUint32(nil, v)) }
	degrees := func(tag uint16, d, m uint32) []byte {
		var v []byte
		for _, n := range []uint32{d, 1, m, 1, 0, 1} {
			v = le.AppendUint32(v, n)
		}
		return entry(tag, 5, 3, v)
	}
	directory := func(entries ...[]byte) []byte {
		d := le.AppendUint16(nil, uint16(len(entries)))
		for _, e := range entries {
			d = append(d, e...)
		}
		return append(d, make([]byte, 2+8*12+4-len(d))...)
	}
	const size = 2 + 8*12 + 4
	ifd0 := directory(ascii(0x010f, "Fairphone"), ascii(0x0110, "FP4"), ascii(0x013b, "Jürgen Groß"), ascii(0x0131, "x"),
		long(0x8769, 8+size), long(0x8825, 8+2*size))
	exif := directory(ascii(0x9003, "2026:11:03 12:00:00"), ascii(0xa431, "SN-17"))
	gps := directory(ascii(1, "N"), degrees(2, 51, 12), ascii(3, "W"), degrees(4, 6, 30))
	tiff := append([]byte("II*\x00\x08\x00\x00\x00"), slices.Concat(ifd0, exif, gps, data)...)
	segment := func(s string) []byte {
		return append(binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(s)+2)), s...)
	}
	return slices.Concat([]byte{0xff, 0xd8}, segment("Exif\x00\x00"+string(tiff)), segment("http://ns.adobe.com/xap/1.0/\x00"+xmp), []byte{0xff, 0xda, 0, 2, 0xff, 0xd9})
}

const packet = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:e="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:lr="urn:lr" lr:rating="5"><dc:creator><rdf:Seq><rdf:li>Erika Mustermann</rdf:li></rdf:Seq></dc:creator>
 <e:PersonInImage><rdf:Bag><rdf:li>Paul Muster</rdf:li><rdf:li>Petra Muster</rdf:li></rdf:Bag></e:PersonInImage></rdf:Description></rdf:RDF></x:xmpmeta>`

func TestWhatStandsInFiles(t *testing.T) {
	pdf := func(info string) []byte {
		return []byte("%PDF-1.4\n4 0 obj\n<< /Author (alt) >>\nendobj\ntrailer << /Info 4 0 R >>\n4 0 obj\n<< " + info + " >>\nendobj\ntrailer << /Info 4 0 R >>\n%%EOF")
	}
	for _, c := range []struct {
		name    string
		content []byte
		want    []string
	}{
		{"a photo", photo(packet), []string{
			"image_camera=Fairphone", "image_camera=FP4", "image_author=Jürgen Groß (third party)", "image_software=x",
			"image_time=2026:11:03 12:00:00", "image_serial=SN-17", "xmp_Rating=5 (unmapped)", "image_author=Erika Mustermann",
			"image_person=Paul Muster (third party)", "image_person=Petra Muster (third party)", "image_position=51.200000, -6.500000",
		}},
		{"half a photo", photo(packet)[:len(photo(packet))-400], []string{
			"image_camera=Fairphone", "image_camera=FP4", "image_author=Jürgen Groß (third party)", "image_software=x",
			"image_time=2026:11:03 12:00:00", "image_serial=SN-17", "image_position=51.200000, -6.500000",
		}},
		{"a text document", document(t, "docProps/core.xml", `<cp:coreProperties xmlns:cp="c" xmlns:dc="d" xmlns:dcterms="t"><dc:title>Antrag</dc:title><dc:creator>Erika Mustermann</dc:creator>
			<cp:lastModifiedBy>jgross</cp:lastModifiedBy><cp:revision>2</cp:revision></cp:coreProperties>`), []string{
			"document_title=Antrag", "document_author=Erika Mustermann", "document_editor=jgross (third party)", "document_revision=2 (unmapped)",
		}},
		{"an open document", document(t, "meta.xml", `<o:document-meta xmlns:o="o" xmlns:m="m" xmlns:dc="d"><o:meta><m:initial-creator>Erika Mustermann</m:initial-creator><dc:creator>Jürgen Groß</dc:creator>
			<m:user-defined m:name="Bearbeiter">Paul</m:user-defined></o:meta></o:document-meta>`), []string{
			"document_author=Erika Mustermann", "document_author=Jürgen Groß (third party)", "document_property=Bearbeiter: Paul",
		}},
		{"a part that is no XML", document(t, "docProps/core.xml", `<a><creator>Erika Mustermann</creator><b`), []string{"document_author=Erika Mustermann"}},
		{"a part that is packed a thousandfold", document(t, "meta.xml", `<a><creator>Erika Mustermann</creator><b>`+strings.Repeat("x", 50<<20)+`</b><lastModifiedBy>zu weit hinten</lastModifiedBy>`), []string{"document_author=Erika Mustermann"}},
		{"a PDF", pdf(`/Author (J\374rgen Gro\337 \(extern\)) /Creator <FEFF00C4> /CreationDate (D:20261103)`), []string{
			"document_author=Jürgen Groß (extern) (third party)", "document_software=Ä", "document_time=D:20261103",
		}},
		{"an encrypted PDF", append(pdf(`/Author (x)`), "/Encrypt 5 0 R"...), nil},
		{"a text", []byte("Erika Mustermann"), nil},
		{"nothing", nil, nil},
	} {
		w := &walk{whose: connector.NewRecall(connector.Whose{}, erika())}
		var got []string
		for _, f := range w.inside(properties(c.content, true)) {
			s := f.Name + "=" + f.Value.Reveal()
			if f.ThirdParty {
				s += " (third party)"
			}
			if f.Unmapped {
				s += " (unmapped)"
			} else if f.Title("de") == f.Name || f.Title("en") == f.Name {
				t.Errorf("%s has no name for people", f.Name)
			}
			got = append(got, s)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got\n%q, want\n%q", c.name, got, c.want)
		}
	}
}

func TestEachFieldHasItsOwnName(t *testing.T) {
	w := &walk{whose: connector.NewRecall(connector.Whose{}, erika()), share: &share{holds: []person.IdentifierKind{person.Account, person.Email}}, known: known{}}
	e := entry{Name: "a.jpg", Owners: []string{"erika", "erika@example.org"}}
	fields := w.fields("/users/", e, opened{}, metadata{
		{name: "image_camera", value: "a"}, {name: "image_camera_2", value: "b"}, {name: "image_camera", value: "c"}, {name: "image_camera", value: "d"},
	})
	seen := map[string]bool{}
	for _, f := range fields {
		if seen[f.Name] {
			t.Errorf("got %s twice", f.Name)
		}
		seen[f.Name] = true
	}
	for _, name := range []string{"file_owner", "file_owner_2", "image_camera", "image_camera_2", "image_camera_3", "image_camera_4"} {
		if !seen[name] {
			t.Errorf("got no %s", name)
		}
	}
}

func TestMetadataIsBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString("<a>")
	for i := range 3 * maxItems {
		fmt.Fprintf(&b, "<x%d>%s</x%d>", i, strings.Repeat("ä", 100), i)
	}
	m := properties(document(t, "meta.xml", b.String()), true)
	m.add(item{name: "x", value: "y"})
	if len(m) != maxItems {
		t.Errorf("got %d items, want %d at most", len(m), maxItems)
	}
	m = nil
	m.add(item{value: "x" + strings.Repeat("ä", maxItemBytes)})
	if len(m[0].value) > maxItemBytes || !utf8.ValidString(m[0].value) {
		t.Errorf("got %d bytes, want %d at most and no half letter", len(m[0].value), maxItemBytes)
	}
}

func FuzzProperties(f *testing.F) {
	f.Add(photo(packet))
	f.Add(document(f, "docProps/core.xml", "<a><creator>x</creator></a>"))
	f.Add([]byte("%PDF-1.4\n4 0 obj\n<< /Author (\\374\\(x) /Creator <FEFF00C4> >>\nendobj\ntrailer << /Info 4 0 R >>"))
	f.Add([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"))
	f.Add([]byte("RIFF\x20\x00\x00\x00WEBPVP8X"))
	f.Fuzz(func(t *testing.T, content []byte) {
		for _, i := range properties(content, true) {
			if i.value == "" || len(i.value) > maxItemBytes || !utf8.ValidString(i.value) {
				t.Errorf("got %q", i.value)
			}
		}
	})
}

func FuzzMultistatus(f *testing.F) {
	f.Add([]byte(listing(folder("/users/"), file("/users/a%20b"))))
	f.Add([]byte(`<a:multistatus xmlns:a="DAV:"><a:response><a:href> /x </a:href><a:propstat><a:prop><a:owner><a:href>/p/erika/</a:href></a:owner></a:prop></a:propstat></a:response></a:multistatus>`))
	f.Fuzz(func(t *testing.T, content []byte) {
		_ = readMultistatus(bytes.NewReader(content), []property{{Namespace: "DAV:", Name: "owner"}}, func(href string, e entry) error {
			if e.Size < -1 || len(e.Owners) != 1 {
				t.Errorf("got %+v for %q", e, href)
			}
			return nil
		})
	})
}
