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
	Status   int      // of the entry as a whole; 0: fine
	// self: the folder that was asked for.
	self bool
}

// multistatus is one answer inside of RFC 4918, 14.16. The library go-webdav
// reads them all before it gives the first; see docs/decisions/go-webdav.md.
type multistatus struct {
	Href     string     `xml:"DAV: href"`
	Status   string     `xml:"DAV: status"`
	Propstat []propstat `xml:"DAV: propstat"`
}

type propstat struct {
	Status string `xml:"DAV: status"`
	Prop   struct {
		All []prop `xml:",any"`
	} `xml:"DAV: prop"`
}

type prop struct {
	XMLName    xml.Name
	Text       string    `xml:",chardata"`
	Hrefs      []string  `xml:"DAV: href"`
	Collection *struct{} `xml:"DAV: collection"`
}

// errTooLong: one entry of a listing is longer than any can be.
var errTooLong = errors.New("an entry is too long")

const maxEntry = 1 << 20

// readMultistatus gives the entries one by one, as they come. An error of each
// stops and comes back.
func readMultistatus(in io.Reader, properties []property, each func(href string, e entry) error) error {
	m := &meter{in: in, left: maxEntry}
	d := xml.NewDecoder(m)
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
			var one multistatus
			if err := d.DecodeElement(&one, &start); err != nil {
				return err
			}
			if err := each(strings.TrimSpace(one.Href), one.entry(properties)); err != nil {
				return err
			}
			m.left = maxEntry
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

func (r multistatus) entry(properties []property) entry {
	e := entry{Size: -1, Status: status(r.Status), Owners: make([]string, len(properties))}
	for _, s := range r.Propstat {
		if st := status(s.Status); st != 0 && st/100 != 2 {
			continue // this share does not know the property, or does not tell it
		}
		for _, p := range s.Prop.All {
			for i, declared := range properties {
				if p.XMLName.Space == declared.Namespace && p.XMLName.Local == declared.Name {
					e.Owners[i] = p.value()
				}
			}
			if p.XMLName.Space == "DAV:" {
				e.set(p)
			}
		}
	}
	return e
}

func (e *entry) set(p prop) {
	text := strings.TrimSpace(p.Text)
	switch p.XMLName.Local {
	case "resourcetype":
		e.Dir = p.Collection != nil
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
	for _, h := range p.Hrefs {
		u, err := url.Parse(strings.TrimSpace(h))
		if err != nil {
			continue
		}
		if segments, ok := splitEscaped(u.EscapedPath()); ok && len(segments) > 0 {
			return segments[len(segments)-1]
		}
	}
	return strings.TrimSpace(p.Text)
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
