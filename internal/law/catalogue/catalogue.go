// Package catalogue holds the law as data: the rights of the person concerned,
// every ground that can limit one, and the grounds people look for that do not
// exist here.
//
// A lawyer can review the YAML files beside this one and amend them; no code
// changes with them. They are read strictly: an unknown key is an error that names
// file and line. Every ground carries its citation, its source and its dates in
// force, and every citation names an act of the file acts.yaml.
package catalogue

import (
	"crypto/sha256"
	"embed"
	"encoding/binary"
	"io/fs"
	"slices"
	"strings"

	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
)

//go:embed *.yaml
var shipped embed.FS

// Book is the whole catalogue: all acts, rights and grounds of all times.
type Book struct {
	acts    []Act
	rights  []Right
	grounds []Ground
	absent  []Absent
	sum     [sha256.Size]byte
}

// Load reads the catalogue the program is shipped with.
func Load() (Book, error) { return Read(shipped) }

// Read reads all *.yaml files of a folder as one catalogue.
func Read(fsys fs.FS) (Book, error) {
	names, err := fs.Glob(fsys, "*.yaml")
	if err != nil {
		return Book{}, err
	}
	r := reader{}
	sum := sha256.New()
	for _, name := range names { // sorted
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return Book{}, err
		}
		// Lengths go in too, so that no text can move from one file to the next unnoticed.
		for _, part := range [][]byte{[]byte(name), data} {
			sum.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
			sum.Write(part)
		}
		r.file(name, data)
	}
	book, err := r.book()
	if err != nil {
		return Book{}, err
	}
	sum.Sum(book.sum[:0])
	return book, nil
}

// SHA256 names this version of the catalogue. A decision stores it.
func (b Book) SHA256() [sha256.Size]byte { return b.sum }

// Acts lists what the catalogue cites, by name.
func (b Book) Acts() []Act { return slices.Clone(b.acts) }

// Grounds lists the grounds of all times, unusable ones included.
func (b Book) Grounds() []Ground { return slices.Clone(b.grounds) }

// Act is a source of law and what we have read of it.
type Act struct {
	Name      string        `yaml:"name"`       // as it ends a citation: "DSG NRW"
	Title     string        `yaml:"title"`      // in full
	Source    string        `yaml:"source"`     // where the official text stands
	Current   string        `yaml:"current"`    // where the text in force stands, if another version was read
	Read      string        `yaml:"read"`       // which text was read, and how
	Verified  bool          `yaml:"verified"`   // false: known from elsewhere, not from the text
	Highest   int           `yaml:"highest"`    // last section or article; 0: not known
	InForce   calendar.Date `yaml:"in_force"`   // no date: always, as far as this program reaches back
	ReadUntil calendar.Date `yaml:"read_until"` // last day of the version read; no date: still the current one
}

// Sentence is one sentence for people. The German one decides.
type Sentence struct {
	DE string `yaml:"de"`
	EN string `yaml:"en"`
}

// IsZero says whether nothing is said.
func (s Sentence) IsZero() bool { return s == Sentence{} }

// Right is a right of the person and what a complete answer to it needs.
type Right struct {
	Right    law.Right   `yaml:"right"`
	Citation string      `yaml:"citation"`
	Title    Sentence    `yaml:"title"`
	Requires []Condition `yaml:"requires"` // what must be so for the right to exist; all of them
	Contents []Content   `yaml:"contents"` // the checklist of a complete answer
	Steps    []Sentence  `yaml:"steps"`    // for staff, in this order
	Clock    Clock       `yaml:"clock"`
	Needs    []Ability   `yaml:"needs"` // what the connectors must be able to do
	Note     Sentence    `yaml:"note"`
}

// Content is one item of the checklist.
type Content struct {
	ID       string `yaml:"id"`
	Citation string `yaml:"citation"`
	Sentence `yaml:",inline"`
}

// Clock says which periods the right has. An empty citation: none.
type Clock struct {
	Action  string `yaml:"action"`  // Art. 12(3): one month, can be extended
	Refusal string `yaml:"refusal"` // Art. 12(4): one month, can't be extended
	AtOnce  bool   `yaml:"at_once"` // no month to wait for
}

// Ability is something a connector can do with a source.
type Ability string

// The abilities a right can need.
const (
	Find     Ability = "find"
	Correct  Ability = "correct"
	Erase    Ability = "erase"
	Restrict Ability = "restrict"
	Export   Ability = "export" // machine-readable, Art. 20(1)
	Stop     Ability = "stop"   // end a processing for one person
)

var abilities = []Ability{Find, Correct, Erase, Restrict, Export, Stop}

// Duties of the authority that nobody files a request for but that grounds of
// the Länder limit as well.
const (
	Information  law.Right = "information"   // Art. 13(3), 14 GDPR
	BreachNotice law.Right = "breach-notice" // Art. 34 GDPR
)

var limitable = append(slices.Clone(law.Rights), Information, BreachNotice)

// ParseRight returns the right or duty of a name.
func ParseRight(s string) (law.Right, bool) {
	i := slices.Index(limitable, law.Right(strings.TrimSpace(s)))
	if i < 0 {
		return "", false
	}
	return limitable[i], true
}
