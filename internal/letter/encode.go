package letter

import (
	"errors"
	"fmt"
	"time"

	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/wording"
)

// Encode writes a finished letter, so that it can be sealed and stays as it was
// sent whatever becomes of the text blocks. The data of an answer (Groups) are
// not in it: they lie in the package. A letter that lacks something is
// problem.Conflict.
func Encode(l Letter) ([]byte, error) {
	if missing := Missing(l); len(missing) > 0 {
		return nil, fmt.Errorf("encode letter: it lacks %d things: %w", len(missing), problem.Conflict)
	}
	k := kept{
		Version: version, Kind: l.Kind, Lang: l.Lang, Authority: l.Authority, Sender: l.Sender, To: l.To, Date: l.Date,
		FileNumber: l.FileNumber, InCharge: l.InCharge, Reference: l.Reference, Subject: l.Subject, Closing: l.Closing, Gaps: l.Gaps,
		Refuses: l.refuses, AsksAccess: l.asksAccess,
	}
	var err error
	if k.Opening, err = boxAll(l.Opening); err != nil {
		return nil, err
	}
	for _, s := range l.Sections {
		blocks, err := boxAll(s.Blocks)
		if err != nil {
			return nil, err
		}
		k.Sections = append(k.Sections, keptSection{s.Part, s.Heading, blocks})
	}
	return person.Encode(k)
}

// Decode reads what Encode wrote.
func Decode(b []byte) (Letter, error) {
	var k kept
	if err := person.Decode(b, &k); err != nil {
		return Letter{}, err
	}
	if k.Version != version {
		return Letter{}, fmt.Errorf("decode letter: version %d is not known", k.Version)
	}
	l := Letter{
		Kind: k.Kind, Lang: k.Lang, Authority: k.Authority, Sender: k.Sender, To: k.To, Date: k.Date,
		FileNumber: k.FileNumber, InCharge: k.InCharge, Reference: k.Reference, Subject: k.Subject, Closing: k.Closing, Gaps: k.Gaps,
		refuses: k.Refuses, asksAccess: k.AsksAccess,
	}
	var err error
	if l.Opening, err = unboxAll(k.Opening); err != nil {
		return Letter{}, err
	}
	for _, s := range k.Sections {
		blocks, err := unboxAll(s.Blocks)
		if err != nil {
			return Letter{}, err
		}
		l.Sections = append(l.Sections, Section{s.Part, s.Heading, blocks})
	}
	return l, nil
}

// version of the form in which letters are kept.
const version = 1

type kept struct {
	Version    int
	Kind       Kind
	Lang       wording.Lang
	Authority  string
	Sender     []string
	To         AddressField
	Date       time.Time
	FileNumber string
	InCharge   string
	Reference  []ReferenceLine
	Subject    string
	Opening    []box
	Sections   []keptSection
	Closing    []string
	Gaps       []string
	Refuses    bool
	AsksAccess bool
}

type keptSection struct {
	Part    Part
	Heading string
	Blocks  []box
}

// box holds one block, so that its type survives.
type box struct {
	Heading   *Heading   `json:",omitempty"`
	Paragraph *Paragraph `json:",omitempty"`
	Words     *Words     `json:",omitempty"`
	List      *List      `json:",omitempty"`
	Table     *Table     `json:",omitempty"`
	Link      *Link      `json:",omitempty"`
}

func boxAll(blocks []Block) ([]box, error) {
	var boxes []box
	for _, b := range blocks {
		var x box
		switch b := b.(type) {
		case Heading:
			x.Heading = &b
		case Paragraph:
			x.Paragraph = &b
		case Words:
			x.Words = &b
		case List:
			x.List = &b
		case Table:
			x.Table = &b
		case Link:
			x.Link = &b
		default:
			return nil, fmt.Errorf("encode letter: a block of type %T", b)
		}
		boxes = append(boxes, x)
	}
	return boxes, nil
}

func unboxAll(boxes []box) ([]Block, error) {
	var blocks []Block
	for _, x := range boxes {
		switch {
		case x.Heading != nil:
			blocks = append(blocks, *x.Heading)
		case x.Paragraph != nil:
			blocks = append(blocks, *x.Paragraph)
		case x.Words != nil:
			blocks = append(blocks, *x.Words)
		case x.List != nil:
			blocks = append(blocks, *x.List)
		case x.Table != nil:
			blocks = append(blocks, *x.Table)
		case x.Link != nil:
			blocks = append(blocks, *x.Link)
		default:
			return nil, errors.New("decode letter: an empty block")
		}
	}
	return blocks, nil
}
