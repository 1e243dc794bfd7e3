package webdav

import (
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// entry is a file or folder as a listing shows it.
type entry struct {
	Name     string // escaped, as paths are compared
	Dir      bool
	Size     int64 // -1: not said
	Modified time.Time
	Created  time.Time
	Type     string
	ETag     string
	Owners   []string // one for each declared property, empty where there is none
	Mark     string   // of a restriction; empty: none
	Status   int      // of the entry as a whole; 0: fine
	// self: the folder that was asked for.
	self bool
}

// errTooLong: one entry of a listing is longer than any can be.
var errTooLong = errors.New("an entry is too long")

const maxEntry = 1 << 20

// readMultistatus gives the entries of an answer (RFC 4918, 14.16) one by one, as
// they come. An error of each stops and comes back. The library go-webdav reads
// them all before it gives the first; see docs/decisions/go-webdav.md.
func readMultistatus(in io.Reader, properties []property, each func(href string, e entry) error) error {
	m := &meter{in: in, left: maxEntry}
	d := decoder{xml.NewDecoder(m)}
	seen := false
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) && seen {
			return nil
		}
		if err != nil {
			return err
		}
		start, ok := token.(xml.StartElement)
		switch {
		case !ok || start.Name.Space != "DAV:":
		case start.Name.Local == "multistatus":
			seen = true
		case start.Name.Local == "response" && seen:
			href, e, err := d.response(properties)
			if err != nil {
				return err
			}
			if err := each(strings.TrimSpace(href), e); err != nil {
				return err
			}
			m.left = maxEntry
		}
	}
}

// decoder reads what is inside an element. A folder may have a million entries,
// for which the decoder of the library looks up the fields of a struct by name.
type decoder struct{ *xml.Decoder }

// children gives the elements inside; each reads one to its end.
func (d decoder) children(each func(xml.Name) error) error {
	for {
		token, err := d.Token()
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if err := each(t.Name); err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		}
	}
}

// text is what stands in an element, beside elements in it.
func (d decoder) text() (string, error) {
	var text []byte
	for {
		token, err := d.Token()
		if err != nil {
			return "", err
		}
		switch t := token.(type) {
		case xml.CharData:
			text = append(text, t...)
		case xml.StartElement:
			if err := d.Skip(); err != nil {
				return "", err
			}
		case xml.EndElement:
			return string(text), nil
		}
	}
}

func (d decoder) response(properties []property) (href string, e entry, err error) {
	e = entry{Size: -1, Owners: make([]string, len(properties))}
	err = d.children(func(name xml.Name) (err error) {
		switch name {
		case xml.Name{Space: "DAV:", Local: "href"}:
			href, err = d.text()
		case xml.Name{Space: "DAV:", Local: "status"}:
			var line string
			line, err = d.text()
			e.Status = status(line)
		case xml.Name{Space: "DAV:", Local: "propstat"}:
			err = d.propstat(properties, &e)
		default:
			err = d.Skip()
		}
		return err
	})
	return href, e, err
}

// propstat takes properties that the share knows and tells.
func (d decoder) propstat(properties []property, e *entry) error {
	var all []prop
	st := 0
	err := d.children(func(name xml.Name) (err error) {
		switch name {
		case xml.Name{Space: "DAV:", Local: "status"}:
			var line string
			line, err = d.text()
			st = status(line)
		case xml.Name{Space: "DAV:", Local: "prop"}:
			err = d.children(func(name xml.Name) error {
				p, err := d.prop(name)
				all = append(all, p)
				return err
			})
		default:
			err = d.Skip()
		}
		return err
	})
	if err != nil || st != 0 && st/100 != 2 {
		return err
	}
	for _, p := range all {
		for i, declared := range properties {
			if p.name.Space == declared.Namespace && p.name.Local == declared.Name {
				e.Owners[i] = p.value()
			}
		}
		if p.name.Space == "DAV:" {
			e.set(p)
		}
	}
	return nil
}

// prop is a property as it stands in a listing.
type prop struct {
	name       xml.Name
	text       string
	hrefs      []string
	collection bool
}

func (d decoder) prop(name xml.Name) (prop, error) {
	p := prop{name: name}
	var text []byte
	for {
		token, err := d.Token()
		if err != nil {
			return p, err
		}
		switch t := token.(type) {
		case xml.CharData:
			text = append(text, t...)
		case xml.StartElement:
			if t.Name == (xml.Name{Space: "DAV:", Local: "href"}) {
				href, err := d.text()
				if err != nil {
					return p, err
				}
				p.hrefs = append(p.hrefs, href)
				continue
			}
			p.collection = p.collection || t.Name == xml.Name{Space: "DAV:", Local: "collection"}
			if err := d.Skip(); err != nil {
				return p, err
			}
		case xml.EndElement:
			p.text = string(text)
			return p, nil
		}
	}
}

// meter bounds what may be read for one entry.
type meter struct {
	in   io.Reader
	left int
}

func (m *meter) Read(p []byte) (int, error) {
	if m.left <= 0 {
		return 0, errTooLong
	}
	n, err := m.in.Read(p)
	m.left -= n
	return n, err
}

func (e *entry) set(p prop) {
	text := strings.TrimSpace(p.text)
	switch p.name.Local {
	case "resourcetype":
		e.Dir = p.collection
	case "getcontentlength":
		if n, err := strconv.ParseInt(text, 10, 64); err == nil && n >= 0 {
			e.Size = n
		}
	case "getlastmodified":
		e.Modified, _ = http.ParseTime(text)
	case "creationdate":
		e.Created, _ = time.Parse(time.RFC3339, text)
	case "getcontenttype":
		e.Type = text
	case "getetag":
		e.ETag = text
	}
}

// value is what a property says: of a DAV:owner (RFC 3744, 5.1) the last part
// of the address of a user.
func (p prop) value() string {
	for _, h := range p.hrefs {
		u, err := url.Parse(strings.TrimSpace(h))
		if err != nil {
			continue
		}
		if segments, ok := splitEscaped(u.EscapedPath()); ok && len(segments) > 0 {
			return segments[len(segments)-1]
		}
	}
	return strings.TrimSpace(p.text)
}

// status reads "HTTP/1.1 403 Forbidden".
func status(line string) int {
	fields := strings.Fields(line)
	if len(fields) < 2 {
		return 0
	}
	n, _ := strconv.Atoi(fields[1])
	return n
}
