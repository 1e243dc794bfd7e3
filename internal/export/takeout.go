package export

import (
	"crypto/ed25519"
	"fmt"
	"io"
	"time"

	"einsicht/internal/disclosure"
)

// TakeoutName is the package to take along inside the answer's package. It is
// documented: it stays as it is.
const TakeoutName = "Datenmitnahme.zip"

// Takeout is the package to take along (Art. 20 GDPR): a ZIP file of its own, to hand
// on as it is. It says nothing of the case: no file number, no address, no letter.
type Takeout struct {
	Authority Named
	Date      time.Time             // civil date of the answer
	Index     func(io.Writer) error // index.html
	Systems   []disclosure.Portable
	Files     []Entry            // of records, see Names
	Key       ed25519.PrivateKey // of the authority, signs the manifest
}

const (
	indexName    = "index.html"
	xsdName      = "schema/datenmitnahme.xsd"
	signatureOf  = "manifest.sig"
	publicKeyOf  = "schluessel.pem"
	takeoutForm  = 1 // of the entries; a change of meaning is a new number
	takeoutSpace = "urn:einsicht:portability:1"
)

// Given lists the systems of which there is something to take along.
func (t Takeout) Given() []disclosure.Portable {
	var given []disclosure.Portable
	for _, p := range t.Systems {
		if p.Given > 0 {
			given = append(given, p)
		}
	}
	return given
}

// PortableNames are the entries that hold the records of one system.
type PortableNames struct{ JSON, CSV, XML, Schema string }

// NamesOf says where the records of a system lie in a package to take along.
func NamesOf(system string) PortableNames {
	return PortableNames{"daten/" + system + ".json", "daten/" + system + ".csv", "daten/" + system + ".xml", "schema/" + system + ".schema.json"}
}

// WriteTakeout writes the package as ZIP to w. As with Write, each entry carries the
// time now, nothing else depends on it, and an error leaves a torn file behind.
func WriteTakeout(w io.Writer, t Takeout, now time.Time) (TakeoutManifest, error) {
	z := newZip(w)
	m := TakeoutManifest{Format: takeoutSpace, Version: takeoutForm, Date: t.Date.Format(time.DateOnly)}
	m.Authority = t.Authority
	for i, e := range t.entries() {
		sum, err := z.add(e, now)
		if err != nil {
			return TakeoutManifest{}, fmt.Errorf("%s: %w", place(e.Name, i), err)
		}
		m.Entries = append(m.Entries, sum)
	}
	last, err := m.sealed(t.Key)
	if err != nil {
		return TakeoutManifest{}, err
	}
	for _, e := range last {
		if _, err := z.add(e, now); err != nil {
			return TakeoutManifest{}, fmt.Errorf("%s: %w", e.Name, err)
		}
	}
	if err := z.Close(); err != nil {
		return TakeoutManifest{}, fmt.Errorf("close the package: %w", err)
	}
	return m, nil
}

func (t Takeout) entries() []Entry {
	entries := []Entry{{readmeName, t.writeReadme}, {indexName, t.Index}}
	for _, p := range t.Given() {
		names, head := NamesOf(p.ID), t.head(p)
		entries = append(entries,
			Entry{names.JSON, func(w io.Writer) error { return writePortableJSON(w, head, p) }},
			Entry{names.CSV, func(w io.Writer) error { return writePortableCSV(w, p) }},
			Entry{names.XML, func(w io.Writer) error { return writePortableXML(w, head, p) }},
			Entry{names.Schema, func(w io.Writer) error { return writeSchema(w, head, p) }},
		)
	}
	entries = append(entries, Entry{xsdName, func(w io.Writer) error { _, err := w.Write(xsd); return err }})
	return append(entries, t.Files...)
}

// PortableHead says of a file of records whose they are and how it is made.
type PortableHead struct {
	Schema    string `json:"$schema,omitempty"` // of JSON: path from the file to its schema
	Format    int    `json:"format"`
	Authority Named  `json:"authority"`
	System    Named  `json:"system"`
	Date      string `json:"date"` // RFC 3339 full-date
}

// Named is what has an id, and a name for people.
type Named struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func (t Takeout) head(p disclosure.Portable) PortableHead {
	return PortableHead{"../" + NamesOf(p.ID).Schema, takeoutForm, t.Authority, Named{p.ID, p.Name}, t.Date.Format(time.DateOnly)}
}
