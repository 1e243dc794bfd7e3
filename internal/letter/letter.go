// Package letter is what an authority writes in a case, first of all the answer
// to a person (Bescheid): of which parts each letter consists, which of them the
// law demands, and with what words.
//
// A letter is a small model of typed blocks, so that it can be rendered as
// accessible HTML and as PDF. It says nothing about looks. Its sentences are text
// blocks that an authority can word in its own way (Texts), as long as no
// mandatory part is lost.
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
	Kind       Kind
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
	noGround    []law.Right // limited without the provision
	undone      []law.Right // granted, and nothing was done or left undone for a reason
	unfinished  []law.Right // what is to be done has not ended
	unconfirmed []string    // names of systems whose entries nobody confirmed
	lacks       []string    // words and values that nobody has entered
	unsettled   []string    // text blocks that the authority must write itself
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
	Summary      Part = "summary"      // in plain language: Art. 12(1) GDPR
	Outcome      Part = "outcome"      // per right, with reasons: Art. 12(4) GDPR, § 39 VwVfG
	Done         Part = "done"         // what was done in systems, and what stays: Art. 12(3), (4) GDPR
	Recipients   Part = "recipients"   // who had got what was changed: Art. 19 s. 2 GDPR
	Incomplete   Part = "incomplete"   // a system has not answered
	Confirmation Part = "confirmation" // Art. 15(1): whether data are processed
	Searched     Part = "searched"
	Automated    Part = "automated" // Art. 15(1)(h), (2)
	MoreRights   Part = "rights"    // Art. 15(1)(e)
	Complaint    Part = "complaint" // Art. 15(1)(f), 12(4)
	Remedy       Part = "remedy"    // § 37(6) VwVfG, § 58 VwGO

	Message     Part = "message"     // what the letter is about
	Reasons     Part = "reasons"     // why
	Question    Part = "question"    // what is asked
	Insist      Part = "insist"      // that nobody has to narrow a request down
	Ways        Part = "ways"        // how to answer
	Suspension  Part = "suspension"  // that the clock rests
	Consequence Part = "consequence" // what follows without an answer
	Period      Part = "period"      // until when
	Status      Part = "status"      // where the case can be followed
	Next        Part = "next"
	Waiting     Part = "waiting"     // what can be done when the answer does not come
	Outstanding Part = "outstanding" // what is still to come
	Pointer     Part = "pointer"     // who is competent
	Forwarding  Part = "forwarding"  // only with consent
	Duty        Part = "duty"        // what a recipient is asked to do, Art. 19
	Supply      Part = "supply"      // more details can be sent, Art. 11(2)
	Lawful      Part = "lawful"      // no unlawfully stored data are offered
	Meanwhile   Part = "meanwhile"
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
// placeholder. To keep one, seal what Encode makes of it.

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
