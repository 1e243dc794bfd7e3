// Package letter is the written answer to a person (Bescheid): of which parts it
// consists, which of them the law demands, and with what words.
//
// A letter is a small model of typed blocks, so that it can be rendered as
// accessible HTML and, later, as PDF. It says nothing about looks.
package letter

import (
	"fmt"
	"log/slog"
	"time"

	"einsicht/internal/law"
	"einsicht/internal/person"
	"einsicht/internal/wording"
)

// Letter is one letter.
type Letter struct {
	Lang       wording.Lang
	Authority  string   // name of the authority, § 37(3) VwVfG
	Sender     []string // its address, line by line
	To         AddressField
	Date       time.Time // civil date
	FileNumber string
	InCharge   string // who acts for the authority, § 37(3) VwVfG
	Reference  []ReferenceLine
	Subject    string
	Opening    []Block
	Sections   []Section
	Closing    []string
	Groups     []Group // the data, by purpose; access only

	// Gaps are sentences for staff: what the law wants said and the inventory
	// does not know. They do not stand in the letter.
	Gaps []string

	refuses     bool
	asksAccess  bool
	noReasons   []law.Right // refused without a word of why
	unconfirmed []string    // names of systems whose entries nobody confirmed
}

// AddressField is whom the letter is for, line by line, the name first.
type AddressField []person.Text

// ReferenceLine is one line of the reference block: file number, date.
type ReferenceLine struct{ Label, Value string }

// Section is one part of the letter under its heading.
type Section struct {
	Part    Part
	Heading string
	Blocks  []Block
}

// Part says what a section is there for.
type Part string

// The parts.
const (
	Outcome      Part = "outcome"      // per right, with reasons: Art. 12(4) GDPR, § 39 VwVfG
	Incomplete   Part = "incomplete"   // a system has not answered
	Confirmation Part = "confirmation" // Art. 15(1): whether data are processed
	Searched     Part = "searched"
	Automated    Part = "automated" // Art. 15(1)(h), (2)
	MoreRights   Part = "rights"    // Art. 15(1)(e)
	Complaint    Part = "complaint" // Art. 15(1)(f), 12(4)
	Remedy       Part = "remedy"    // § 37(6) VwVfG, § 58 VwGO
)

// Block is a piece of text: Heading, Paragraph, Words, List, Table or Link.
type Block interface{ block() }

// Heading is a heading below that of its section. Level is 3 or more.
type Heading struct {
	Level int
	Text  string
}

// Paragraph is a sentence or several of the letter's own.
type Paragraph struct{ Text string }

// Words are what staff wrote for this person; line breaks count.
type Words struct{ Text person.Text }

// List is a list without order.
type List struct{ Items []string }

// Table has one row of heads; the first cell of each row is the row's head.
type Table struct {
	Caption string
	Head    []string
	Rows    [][]string
}

// Link leads to a page or an address for mail.
type Link struct{ Text, URL string }

func (Heading) block()   {}
func (Paragraph) block() {}
func (Words) block()     {}
func (List) block()      {}
func (Table) block()     {}
func (Link) block()      {}

// A letter tells much about a person even without a name in it: it prints as a
// placeholder. To keep one, seal what person.Encode makes of its Input.

func (Letter) String() string               { return person.Placeholder }
func (l Letter) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(l.String())) }
func (l Letter) LogValue() slog.Value       { return slog.StringValue(l.String()) }
func (Letter) MarshalJSON() ([]byte, error) { return []byte(`{"hidden":"letter"}`), nil }

// Section returns the section that is there for a part.
func (l Letter) Section(p Part) (Section, bool) {
	for _, s := range l.Sections {
		if s.Part == p {
			return s, true
		}
	}
	return Section{}, false
}
