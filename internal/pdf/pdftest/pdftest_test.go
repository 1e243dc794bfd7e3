package pdftest_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"einsicht/internal/pdf/pdftest"
)

// sound is a small file in which nothing is wrong: object by object, number 1
// first.
var sound = []string{
	`<</Type/Catalog/Pages 2 0 R/Lang(de-DE)/MarkInfo<</Marked true>>/ViewerPreferences<</DisplayDocTitle true>>/StructTreeRoot 5 0 R/Metadata 4 0 R/OutputIntents[<</S/GTS_PDFA1>>]>>`,
	`<</Type/Pages/Kids[3 0 R]/Count 1>>`,
	`<</Type/Page/Parent 2 0 R/Contents 6 0 R/Resources<</Font<</F1 7 0 R>>>>/Annots[10 0 R]/Tabs/S/StructParents 0>>`,
	stream(``, `<dc:title><rdf:Alt><rdf:li xml:lang="x-default">Antwort</rdf:li></rdf:Alt></dc:title><dc:language><rdf:Bag><rdf:li>de-DE</rdf:li></rdf:Bag></dc:language><pdfuaid:part>1</pdfuaid:part><pdfaid:part>3</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>`),
	`<</Type/StructTreeRoot/K[11 0 R]/RoleMap<</Titel/H1>>/ParentTree<</Nums[0[12 0 R 13 0 R 15 0 R 16 0 R 17 0 R]1 16 0 R]>>>>`,
	stream(``, `/Artifact BMC 0 0 m 9 9 l S EMC /H1<</MCID 0>>BDC BT /F1 9 Tf (A) Tj ET EMC /H2<</MCID 1>>BDC BT /F1 9 Tf (A) Tj ET EMC /TH<</MCID 2>>BDC BT /F1 9 Tf [(A)2(A)] TJ ET EMC /Link<</MCID 3>>BDC BT /F1 9 Tf (A) Tj ET EMC /Figure<</MCID 4>>BDC 0 0 9 9 re f EMC`),
	`<</Type/Font/Subtype/TrueType/BaseFont/AAAAAA+Sans/FirstChar 65/LastChar 65/Widths[500]/FontDescriptor 8 0 R/ToUnicode 9 0 R>>`,
	`<</Type/FontDescriptor/FontFile2 18 0 R>>`,
	stream(``, "1 begincodespacerange\n<00> <FF>\nendcodespacerange\n1 beginbfchar\n<41> <00FC>\nendbfchar\n"),
	`<</Type/Annot/Subtype/Link/StructParent 1/Contents(Seite der LDI)/A<</S/URI/URI(https://www.ldi.nrw.de)>>>>`,
	`<</S/Document/P 5 0 R/K[12 0 R 13 0 R 14 0 R 16 0 R 17 0 R]>>`,
	`<</S/H1/P 11 0 R/K 0>>`,
	`<</S/H2/P 11 0 R/K 1>>`,
	`<</S/Table/P 11 0 R/K<</S/TR/K 15 0 R>>>>`,
	`<</S/TH/A[<</O/Layout>><</O/Table/Scope/Column>>]/K 2>>`,
	`<</S/Link/P 11 0 R/K[3<</Type/OBJR/Obj 10 0 R>>]>>`,
	`<</S/Figure/P 11 0 R/Alt(Wappen)/K 4>>`,
	stream(``, `font`),
}

func stream(dict, data string) string {
	return fmt.Sprintf("<<%s/Length %d>>\nstream\n%s\nendstream", dict, len(data), data)
}

func TestASoundFileHasNoProblems(t *testing.T) {
	got, err := pdftest.Check(file(sound))
	if err != nil || len(got) > 0 {
		t.Fatalf("got %q, %v, want nothing", got, err)
	}
	text, err := pdftest.Text(file(sound))
	if err != nil || strings.Count(text, "ü") != 5 {
		t.Errorf("got text %q, %v, want five ü as the font says", text, err)
	}
}

func TestWhatIsBrokenIsNamed(t *testing.T) {
	for _, tt := range []struct{ name, old, new, want string }{
		{"no language", `/Lang(de-DE)`, ``, "language: the catalog has none"},
		{"no language in the metadata", `<dc:language>`, `<dc:other>`, "language: the metadata have none"},
		{"not marked", `/Marked true`, `/Marked false`, "marked: the file does not say"},
		{"the file's name as title", `/DisplayDocTitle true`, ``, "title: readers show"},
		{"an empty title", `>Antwort<`, `> <`, "title: the metadata have none"},
		{"no marker of PDF/UA", `pdfuaid:part>1`, `pdfuaid:part>2`, "PDF/UA"},
		{"no marker of PDF/A", `<pdfaid:part>3`, `<pdfaid:part>1`, "PDF/A: no marker"},
		{"another level of PDF/A", `conformance>B`, `conformance>U`, "PDF/A: no marker"},
		{"no output intent", `/S/GTS_PDFA1`, ``, "PDF/A: no output intent"},
		{"no tags", `/StructTreeRoot 5 0 R`, ``, "structure: there is no tree"},
		{"text outside of tags", `/Artifact BMC`, `BT /F1 9 Tf (A) Tj ET /Artifact BMC`, "marked: page 1 paints (Tj) outside"},
		{"a line that nobody calls decoration", `/Artifact BMC`, `/Span BMC`, "marked: page 1 paints (S) outside"},
		{"a mark without a tag", `/MCID 4`, `/MCID 9`, "marked: on page 1 a mark has no tag"},
		{"no heading", `/S/H1/P 11 0 R/K 0>>|/S/H2`, `/S/P/K 0>>|/S/P`, "heading: there is none"},
		{"a level left out", `/S/H2`, `/S/H3`, "heading: H3 follows H1"},
		{"a header cell without scope", `/Scope/Column`, ``, "table: a header cell has no scope"},
		{"no header cell", `/S/TH`, `/S/TD`, "table: there is no header cell"},
		{"a picture without words", `/Alt(Wappen)`, ``, "figure: there is no text"},
		{"a picture beside the document", `/K[11 0 R]`, `/K[11 0 R 17 0 R]`, "figure: it stands outside"},
		{"a tag of a link that is none", `<</Type/OBJR/Obj 10 0 R>>`, ``, "link: its tag leads to no link"},
		{"a link without words", `/Contents(Seite der LDI)`, ``, "link: on page 1 one does not say"},
		{"a link without a tag", `/StructParent 1`, `/StructParent 7`, "link: on page 1 one has no tag"},
		{"links in no order", `/Tabs/S`, `/Tabs(S)`, "link: page 1 does not order"},
		{"another annotation", `/Subtype/Link`, `/Subtype/Text`, "annotation: page 1"},
		{"a font that is not there", `/FontFile2 18 0 R`, ``, "font: AAAAAA+Sans is not in the file"},
		{"a font that does not say what it draws", `/ToUnicode 9 0 R`, ``, "font: AAAAAA+Sans does not say"},
		{"a script", `/S/URI/URI(https://www.ldi.nrw.de)`, `/S/JavaScript/JS(app.alert)`, "script: "},
		{"a script at the start", `/Lang(de-DE)`, `/Lang(de-DE)/OpenAction<</S/Launch>>`, "script: "},
		{"another file", `/Lang(de-DE)`, `/Lang(de-DE)/AF[<</Type/Filespec/F(a.xml)>>]`, "outside: the file needs"},
		{"a link into a folder", `https://www`, `file://www`, "outside: on page 1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			objects := append([]string{}, sound...)
			changed := false
			news := strings.Split(tt.new, "|")
			for i, old := range strings.Split(tt.old, "|") {
				for n := range objects {
					with := strings.Replace(objects[n], old, news[i], 1)
					changed = changed || with != objects[n]
					objects[n] = with
				}
			}
			if !changed {
				t.Fatal("the test breaks nothing")
			}
			got, err := pdftest.Check(file(objects))
			if err != nil {
				t.Fatal(err)
			}
			if all := strings.Join(got, "\n"); !strings.Contains(all, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestWhatIsNoPDFIsAnError(t *testing.T) {
	if _, err := pdftest.Check([]byte("<html>")); err == nil {
		t.Error("got no error")
	}
}

// file numbers the objects and says where they begin.
func file(objects []string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.6\n")
	xref := fmt.Sprintf("xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for i, o := range objects {
		xref += fmt.Sprintf("%010d 00000 n \n", b.Len())
		if head, data, ok := strings.Cut(o, ">>\nstream\n"); ok { // its length may have changed
			data = strings.TrimSuffix(data, "\nendstream")
			o = stream(head[2:strings.Index(head, "/Length")], data)
		}
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	fmt.Fprintf(&b, "%strailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", xref, len(objects)+1, b.Len())
	return b.Bytes()
}
