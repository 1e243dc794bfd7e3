package export

import (
	"bufio"
	_ "embed"
	"encoding/base64"
	"encoding/xml"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"einsicht/internal/disclosure"
)

// xsd describes the vocabulary, which is the same for every system.
//
//go:embed datenmitnahme.xsd
var xsd []byte

// writePortableXML writes the records in our vocabulary. What XML 1.0 can't hold (most
// control characters, U+FFFE, bytes that are no UTF-8) stands in base64, whole.
func writePortableXML(w io.Writer, head PortableHead, p disclosure.Portable) error {
	out := bufio.NewWriterSize(w, 32<<10)
	out.WriteString(xml.Header)
	x := xmlWriter{enc: xml.NewEncoder(out)}
	x.enc.Indent("", " ")
	x.open(xml.Name{Space: takeoutSpace, Local: "export"}, "format", strconv.Itoa(head.Format), "date", head.Date)
	x.text("authority", head.Authority.Name, "id", head.Authority.ID)
	x.text("system", head.System.Name, "id", head.System.ID)
	for r, err := range p.Records() {
		if err != nil {
			return err
		}
		x.record(r)
		if x.err != nil {
			return x.err
		}
	}
	x.close(xml.Name{Space: takeoutSpace, Local: "export"})
	if x.err == nil {
		x.err = x.enc.Close()
	}
	if x.err != nil {
		return x.err
	}
	out.WriteString("\n")
	return out.Flush()
}

// xmlWriter keeps the first error.
type xmlWriter struct {
	enc *xml.Encoder
	err error
}

func (x *xmlWriter) record(r disclosure.PortableRecord) {
	name := xml.Name{Local: "record"}
	if r.Kind == "" {
		x.open(name, "id", r.ID.String())
	} else {
		x.open(name, append([]string{"id", r.ID.String()}, attribute("kind", r.Kind)...)...)
	}
	for _, v := range r.Fields {
		field := xml.Name{Local: "field"}
		x.open(field, attribute("name", v.Name)...)
		for _, value := range v.Values {
			if text := value.Reveal(); fitsXML(text) {
				x.text("value", text)
			} else {
				x.text("value", base64.StdEncoding.EncodeToString([]byte(text)), "encoding", "base64")
			}
		}
		x.close(field)
	}
	x.close(name)
}

// attribute is a pair that open takes; one that XML can't hold has another name.
func attribute(name, value string) []string {
	if fitsXML(value) {
		return []string{name, value}
	}
	return []string{name + "-base64", base64.StdEncoding.EncodeToString([]byte(value))}
}

func (x *xmlWriter) open(name xml.Name, pairs ...string) {
	start := xml.StartElement{Name: name}
	for i := 0; i < len(pairs); i += 2 {
		start.Attr = append(start.Attr, xml.Attr{Name: xml.Name{Local: pairs[i]}, Value: pairs[i+1]})
	}
	x.token(start)
}

func (x *xmlWriter) close(name xml.Name) { x.token(xml.EndElement{Name: name}) }

func (x *xmlWriter) text(name, text string, pairs ...string) {
	x.open(xml.Name{Local: name}, pairs...)
	x.token(xml.CharData(text))
	x.close(xml.Name{Local: name})
}

func (x *xmlWriter) token(t xml.Token) {
	if x.err == nil {
		x.err = x.enc.EncodeToken(t)
	}
}

// fitsXML says whether all of a text are characters of XML 1.0, section 2.2.
func fitsXML(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool {
		return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
	})
}
