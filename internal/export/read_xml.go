package export

import (
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"einsicht/internal/disclosure"
	"einsicht/internal/person"
)

// ReadXML reads a file daten/SYSTEM.xml again, one record after the other, as
// ReadJSON does.
func ReadXML(r io.Reader, each func(disclosure.PortableRecord) error) (PortableHead, error) {
	x := xmlReader{xml.NewDecoder(r)}
	var head PortableHead
	root, err := x.start("export")
	if err != nil {
		return head, err
	}
	attributes, err := attributesOf(root, "xmlns", "format", "date")
	if err != nil {
		return head, err
	}
	head.Date = attributes["date"]
	if head.Format, err = strconv.Atoi(attributes["format"]); err != nil || head.Format != takeoutForm {
		return head, fmt.Errorf("%w: its format is not known", errShape)
	}
	if head.Authority, err = x.named("authority"); err != nil {
		return head, err
	}
	if head.System, err = x.named("system"); err != nil {
		return head, err
	}
	for {
		start, err := x.startOr("record")
		if err != nil {
			return head, err
		}
		if start == nil {
			return head, x.end()
		}
		record, err := x.record(*start)
		if err != nil {
			return head, err
		}
		if err := each(record); err != nil {
			return head, err
		}
	}
}

type xmlReader struct{ *xml.Decoder }

func (x xmlReader) record(start xml.StartElement) (disclosure.PortableRecord, error) {
	var r disclosure.PortableRecord
	attributes, err := attributesOf(start, "id", "kind", "kind-base64")
	if err != nil {
		return r, err
	}
	if r.ID, err = uuid.Parse(attributes["id"]); err != nil || r.ID.String() != attributes["id"] || r.ID == uuid.Nil {
		return r, errShape
	}
	if r.Kind, err = encoded(attributes, "kind"); err != nil {
		return r, err
	}
	seen := map[string]bool{}
	for {
		start, err := x.startOr("field")
		if err != nil || start == nil {
			if err == nil && len(r.Fields) == 0 {
				err = errShape
			}
			return r, err
		}
		v, err := x.field(*start)
		if err != nil {
			return r, err
		}
		if seen[v.Name] {
			return r, errShape
		}
		seen[v.Name] = true
		r.Fields = append(r.Fields, v)
	}
}

func (x xmlReader) field(start xml.StartElement) (disclosure.PortableValues, error) {
	var v disclosure.PortableValues
	attributes, err := attributesOf(start, "name", "name-base64")
	if err != nil {
		return v, err
	}
	if v.Name, err = encoded(attributes, "name"); err != nil {
		return v, err
	}
	for {
		start, err := x.startOr("value")
		if err != nil || start == nil {
			if err == nil && len(v.Values) == 0 {
				err = errShape
			}
			return v, err
		}
		if attributes, err = attributesOf(*start, "encoding"); err != nil {
			return v, err
		}
		text, err := x.content()
		if err != nil {
			return v, err
		}
		if encoding, there := attributes["encoding"]; there {
			if text, err = unbase64(text); err != nil || encoding != "base64" || fitsXML(text) {
				return v, errShape
			}
		}
		v.Values = append(v.Values, person.NewText(text))
	}
}

func (x xmlReader) named(name string) (Named, error) {
	start, err := x.start(name)
	if err != nil {
		return Named{}, err
	}
	attributes, err := attributesOf(start, "id")
	if err != nil {
		return Named{}, err
	}
	text, err := x.content()
	return Named{attributes["id"], text}, err
}

func (x xmlReader) start(name string) (xml.StartElement, error) {
	start, err := x.startOr(name)
	if err == nil && start == nil {
		err = errShape
	}
	if err != nil {
		return xml.StartElement{}, err
	}
	return *start, nil
}

// startOr is the start of an element with that name, or nil at the end of the one
// around it. Between elements stands nothing but space.
func (x xmlReader) startOr(name string) (*xml.StartElement, error) {
	for {
		token, err := x.next()
		if err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			if token.Name != (xml.Name{Space: takeoutSpace, Local: name}) {
				return nil, errShape
			}
			return &token, nil
		case xml.EndElement:
			return nil, nil
		case xml.CharData:
			if strings.Trim(string(token), " \t\r\n") != "" {
				return nil, errShape
			}
		case xml.ProcInst:
			if token.Target != "xml" {
				return nil, errShape
			}
		default:
			return nil, errShape
		}
	}
}

// content is all text up to the end of an element.
func (x xmlReader) content() (string, error) {
	var b strings.Builder
	for {
		token, err := x.next()
		if err != nil {
			return "", err
		}
		switch token := token.(type) {
		case xml.CharData:
			b.Write(token)
		case xml.EndElement:
			return b.String(), nil
		default:
			return "", errShape
		}
	}
}

func (x xmlReader) end() error {
	for {
		token, err := x.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		text, ok := token.(xml.CharData)
		if err != nil || !ok || strings.Trim(string(text), " \t\r\n") != "" {
			return errShape
		}
	}
}

// next is the next token. What the decoder says quotes what it read.
func (x xmlReader) next() (xml.Token, error) {
	token, err := x.Token()
	var syntax *xml.SyntaxError
	switch {
	case err == nil:
		return token, nil
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, fmt.Errorf("%w: it ends in the middle", errShape)
	case errors.As(err, &syntax):
		return nil, errShape
	}
	return nil, fmt.Errorf("read the file: %w", err)
}

// attributesOf gives the attributes of an element, which may have these and each once.
func attributesOf(start xml.StartElement, names ...string) (map[string]string, error) {
	all := map[string]string{}
	for _, a := range start.Attr {
		known := false
		for _, name := range names {
			known = known || a.Name == xml.Name{Local: name}
		}
		if _, twice := all[a.Name.Local]; twice || !known {
			return nil, errShape
		}
		all[a.Name.Local] = a.Value
	}
	return all, nil
}

// encoded is an attribute, or the one that stands for it in base64.
func encoded(attributes map[string]string, name string) (string, error) {
	text, there := attributes[name]
	encoded, instead := attributes[name+"-base64"]
	if there && instead {
		return "", errShape
	}
	if !instead {
		return text, nil
	}
	text, err := unbase64(encoded)
	if err != nil || fitsXML(text) {
		return "", errShape
	}
	return text, nil
}

func unbase64(text string) (string, error) {
	b, err := base64.StdEncoding.Strict().DecodeString(text)
	return string(b), err
}
