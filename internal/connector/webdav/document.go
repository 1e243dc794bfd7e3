package webdav

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"io"
	"regexp"
	"strings"
	"unicode/utf16"
)

// maxPart bounds one part of a document, which may be packed a thousandfold.
const maxPart = 1 << 20

// The properties of documents that people understand: those of Office
// (ISO/IEC 29500-2, core and extended) and of OpenDocument (OASIS 1.3, 4.3).
var documentTags = map[string]item{
	"creator": {name: "document_author", who: true}, "initial-creator": {name: "document_author", who: true},
	"lastModifiedBy": {name: "document_editor", who: true}, "printed-by": {name: "document_editor", who: true},
	"Manager": {name: "document_editor", who: true}, "Company": {name: "document_company"},
	"title": {name: "document_title"}, "subject": {name: "document_title"}, "description": {name: "document_title"},
	"keywords": {name: "document_title"}, "keyword": {name: "document_title"}, "Title": {name: "document_title"}, "Subject": {name: "document_title"},
	"Keywords": {name: "document_title"},
	"created":  {name: "document_time"}, "modified": {name: "document_time"}, "creation-date": {name: "document_time"}, "date": {name: "document_time"},
	"lastPrinted": {name: "document_time"}, "print-date": {name: "document_time"}, "CreationDate": {name: "document_time"}, "ModDate": {name: "document_time"},
	"Application": {name: "document_software"}, "generator": {name: "document_software"}, "Creator": {name: "document_software"},
	"Producer": {name: "document_software"}, "Template": {name: "document_template"},
	"Author": {name: "document_author", who: true},
}

// documentProperties reads docx, xlsx, pptx and odt, ods, odp.
func documentProperties(content []byte) metadata {
	var m metadata
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil
	}
	for _, part := range z.File {
		switch part.Name {
		case "docProps/core.xml", "docProps/app.xml", "docProps/custom.xml", "meta.xml":
			in, err := part.Open()
			if err != nil {
				continue
			}
			m.readXML(io.LimitReader(in, maxPart))
			_ = in.Close()
		}
	}
	return m
}

// readXML takes each element that holds nothing but text. What stood before an
// error counts.
func (m *metadata) readXML(in io.Reader) {
	d := xml.NewDecoder(in)
	var name, own string
	var text strings.Builder
	for {
		token, err := d.Token()
		if err != nil {
			return
		}
		switch t := token.(type) {
		case xml.StartElement:
			name = t.Name.Local
			for _, a := range t.Attr {
				if (name == "user-defined" || name == "property") && a.Name.Local == "name" {
					own = a.Value // somebody gave the property a name
				}
			}
			text.Reset()
		case xml.CharData:
			text.Write(t)
		case xml.EndElement:
			switch {
			case name != "" && own != "":
				m.add(item{name: "document_property", value: own + ": " + text.String()})
				own = ""
			case name != "":
				m.document(name, text.String())
			}
			name = ""
			text.Reset()
		}
	}
}

func (m *metadata) document(name, value string) {
	i, known := documentTags[name]
	if !known {
		i = item{name: "document_" + name, unmapped: true}
	}
	i.value = value
	m.add(i)
}

var (
	pdfInfo = regexp.MustCompile(`/Info\s+(\d{1,10})\s+(\d{1,5})\s+R`)
	pdfKeys = []string{"Title", "Author", "Subject", "Keywords", "Creator", "Producer", "CreationDate", "ModDate"}
)

// pdfProperties reads the document information dictionary (ISO 32000-1, 14.3.3)
// where it stands in clear. In files that pack or encrypt it, it is left.
func pdfProperties(content []byte) metadata {
	all := pdfInfo.FindAllSubmatch(content, -1)
	if len(all) == 0 || bytes.Contains(content, []byte("/Encrypt")) {
		return nil
	}
	last := all[len(all)-1] // a changed file ends with the newest trailer
	start := bytes.LastIndex(content, []byte("\n"+string(last[1])+" "+string(last[2])+" obj"))
	if start < 0 {
		return nil
	}
	object := content[start:]
	if end := bytes.Index(object, []byte("endobj")); end >= 0 {
		object = object[:end]
	}
	object = object[:min(len(object), maxPart)]
	var m metadata
	for _, key := range pdfKeys {
		if value, ok := pdfString(object, key); ok {
			m.document(key, value)
		}
	}
	return m
}

// pdfString gives the text after a key (7.3.4): in brackets or in hexadecimal.
func pdfString(object []byte, key string) (string, bool) {
	i := bytes.Index(object, []byte("/"+key))
	if i < 0 {
		return "", false
	}
	rest := bytes.TrimLeft(object[i+1+len(key):], " \t\r\n")
	if len(rest) == 0 {
		return "", false
	}
	switch rest[0] {
	case '(':
		return pdfText(pdfLiteral(rest[1:])), true
	case '<':
		return pdfText(pdfHex(rest[1:])), true
	}
	return "", false
}

func pdfLiteral(s []byte) []byte {
	var out []byte
	open := 1
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '(':
			open++
		case ')':
			if open--; open == 0 {
				return out
			}
		case '\\':
			var n int
			out, n = pdfEscape(out, s[i+1:])
			i += n
			continue
		}
		out = append(out, s[i])
	}
	return out
}

// pdfEscape reads what follows a backslash and says how much that was.
func pdfEscape(out, s []byte) ([]byte, int) {
	if len(s) == 0 {
		return out, 0
	}
	if i := strings.IndexByte("nrtbf", s[0]); i >= 0 {
		return append(out, "\n\r\t\b\f"[i]), 1
	}
	n, value := 0, 0
	for n < 3 && n < len(s) && '0' <= s[n] && s[n] <= '7' {
		value = value*8 + int(s[n]-'0')
		n++
	}
	switch {
	case n > 0:
		return append(out, byte(value)), n
	case s[0] == '\n':
		return out, 1
	}
	return append(out, s[0]), 1
}

func pdfHex(s []byte) []byte {
	var out []byte
	half := -1
	for _, c := range s {
		v := strings.IndexByte("0123456789abcdef", c|0x20)
		switch {
		case c == '>':
			if half >= 0 {
				out = append(out, byte(half<<4))
			}
			return out
		case v < 0 || c < '0':
		case half < 0:
			half = v
		default:
			out, half = append(out, byte(half<<4|v)), -1
		}
	}
	return out
}

// pdfText decodes a text string (7.9.2.2): UTF-16 or UTF-8 with a mark, or
// PDFDocEncoding, which is read as Latin-1.
func pdfText(b []byte) string {
	switch {
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		units := make([]uint16, 0, len(b)/2)
		for i := 2; i+1 < len(b); i += 2 {
			units = append(units, uint16(b[i])<<8|uint16(b[i+1]))
		}
		return string(utf16.Decode(units))
	case bytes.HasPrefix(b, []byte("\xef\xbb\xbf")):
		return string(b[3:])
	}
	runes := make([]rune, len(b))
	for i, c := range b {
		runes[i] = rune(c)
	}
	return string(runes)
}
