// Package export writes the package that the person receives (Antwortpaket): one
// ZIP file with the answer to read, the data to reuse and a list of checksums.
//
// It is written as a stream, entry by entry and record by record, so that its
// size has no bearing on the memory it takes. The same input gives the same
// bytes.
package export

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"strings"
	"time"

	"einsicht/internal/disclosure"
)

// Package is what one person receives in one case.
type Package struct {
	Authority  string                // name of the authority that answers
	FileNumber string                // Aktenzeichen
	Date       time.Time             // civil date of the answer
	Answer     func(io.Writer) error // Auskunft.html
	Printed    func(io.Writer) error // Auskunft.pdf; nil: there is none
	Disclosed  disclosure.Disclosed  // what may go out, and nothing else
	Measures   disclosure.Measures   // what was done in systems, and what stays
	Files      []Entry               // of records, see Names

	Takeout      *Takeout              // nil: nothing to take along
	TakeoutIndex func(io.Writer) error // Datenmitnahme.html, with Takeout; what Art. 20 does not reach stands there too
}

// Entry is one file of a package. Name is its path there, with "/" between
// folders; that of a file of a record may hold personal data.
type Entry struct {
	Name  string
	Write func(io.Writer) error
}

// Write writes the package as ZIP to w. Each entry carries the time now; nothing
// else in the package depends on it. An error leaves a torn file behind: publish
// what was written only after Write returned without one.
func Write(w io.Writer, p Package, now time.Time) (Manifest, error) {
	z := newZip(w)
	m := Manifest{Version: manifestVersion, FileNumber: p.FileNumber}
	for i, e := range p.entries(now) {
		sum, err := z.add(e, now)
		if err != nil {
			return Manifest{}, fmt.Errorf("%s: %w", place(e.Name, i), err)
		}
		m.Entries = append(m.Entries, sum)
	}
	if _, err := z.add(Entry{manifestName, m.write}, now); err != nil {
		return Manifest{}, fmt.Errorf("%s: %w", manifestName, err)
	}
	if err := z.Close(); err != nil {
		return Manifest{}, fmt.Errorf("close the package: %w", err)
	}
	return m, nil
}

// entries lists the files in the order of the package: what is to be read first
// comes first. The copy of the data (Art. 15(3) GDPR) is there where access is given:
// an empty one would read as if nothing were held.
func (p Package) entries(now time.Time) []Entry {
	entries := []Entry{
		{readmeName, p.writeReadme},
		{answerName, p.Answer},
	}
	if p.Printed != nil {
		entries = append(entries, Entry{printedName, p.Printed})
	}
	if p.Takeout != nil {
		entries = append(entries, Entry{takeoutIndexName, p.TakeoutIndex}, Entry{TakeoutName, func(w io.Writer) error {
			_, err := WriteTakeout(w, *p.Takeout, now)
			return err
		}})
	}
	if p.givesCopy() {
		entries = append(entries, Entry{dataName, p.writeJSON})
	}
	for _, s := range p.Disclosed.Systems {
		if s.Given > 0 {
			entries = append(entries, Entry{s.TableName(), func(w io.Writer) error { return writeCSV(w, s) }})
		}
	}
	return append(append(entries, p.measures()...), p.Files...)
}

func (p Package) givesCopy() bool { return len(p.Disclosed.Systems) > 0 }

// place names an entry in an error: one that may hold personal data by its number.
func place(name string, i int) string {
	if strings.HasPrefix(name, Folder) {
		return "entry " + itoa(i+1)
	}
	return "entry " + name
}

// Meter measures what passes through it.
type Meter struct {
	to   io.Writer
	hash hash.Hash
	size int64
}

// NewMeter measures what is written to w.
func NewMeter(w io.Writer) *Meter { return &Meter{to: w, hash: sha256.New()} }

// Sum says what has passed so far, under a name.
func (c *Meter) Sum(name string) Sum {
	return Sum{Name: name, Size: c.size, SHA256: hex.EncodeToString(c.hash.Sum(nil))}
}

func (c *Meter) Write(p []byte) (int, error) {
	n, err := c.to.Write(p)
	c.hash.Write(p[:n])
	c.size += int64(n)
	return n, err
}
