package letter

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"einsicht/internal/inventory"
	"einsicht/internal/law"
	"einsicht/internal/law/assess"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/wording"
)

// Notice is what a letter is made of that is not the answer.
type Notice struct {
	Kind         Kind
	Lang         wording.Lang // the German text decides
	Authority    inventory.Authority
	Texts        Texts
	To           []person.Text // name and address, line by line
	FileNumber   string
	Received     time.Time // civil date of the request
	Date         time.Time // civil date of the letter
	InCharge     string    // who acts for the authority
	Rights       []law.Right
	Values       map[string]string // see Kind.Values; days are written 2026-01-31
	Words        map[string]person.Text
	Court        string      // see Input
	Body         assess.Body // what kind of body the authority is, for the archive; none: of the Land
	NonPublic    bool        // systems under § 5(5) DSG NRW are concerned
	CivilServant bool        // the person asks as a civil servant, § 54(2) BeamtStG
	About        Kind        // of a reminder: the question it reminds of; none: it fits both
}

// Write writes the letter. A kind that it does not know, words or values that do
// not belong to it and a day that is none are errors; what else the law wants and
// the letter lacks, Missing says.
func Write(n Notice) (Letter, error) {
	p, known := plans[n.Kind]
	if !known {
		return Letter{}, problem.New(problem.Conflict, "letter.missing.kind")
	}
	w := writer{in: Input{
		Lang: n.Lang, Authority: n.Authority, Texts: n.Texts, FileNumber: n.FileNumber, Received: n.Received, Date: n.Date,
		InCharge: n.InCharge, Court: n.Court, NonPublic: n.NonPublic, CivilServant: n.CivilServant,
	}}
	l := Letter{
		Kind: n.Kind, Lang: n.Lang, Authority: n.Authority.Name, Sender: n.Authority.Contact.Address(), To: n.To,
		Date: n.Date, FileNumber: n.FileNumber, InCharge: n.InCharge, Reference: w.reference(!p.toOthers),
		refuses: slices.Contains(n.Kind.Mandatory(), Remedy),
	}
	if l.refuses {
		l.unsettled = w.unsettled()
	}
	f := filling{w: w, n: n, pairs: w.pairs(), lacks: map[string]bool{}}
	if err := f.values(p); err != nil {
		return Letter{}, err
	}
	l.Subject = f.block("subject")
	l.Opening = w.greeting()
	l.Closing = w.closing()
	for _, piece := range p.pieces {
		if sec := f.section(piece); len(sec.Blocks) > 0 {
			l.Sections = append(l.Sections, sec)
		}
	}
	for _, name := range append(n.Kind.Words(), append(n.Kind.Values(), p.derived...)...) {
		if f.lacks[name] {
			l.lacks = append(l.lacks, name)
		}
	}
	return l, nil
}

// open stands where nobody has entered a value yet, so that a draft can be read.
const open = "[…]"

// filling fills the text blocks of one notice.
type filling struct {
	w     writer
	n     Notice
	pairs []string
	lacks map[string]bool
	empty []string // placeholders without a value
}

func (f *filling) values(p plan) error {
	for name := range f.n.Values {
		if !slices.Contains(f.n.Kind.Values(), name) {
			return fmt.Errorf("letter %s: it has no value %q", f.n.Kind, name)
		}
	}
	for name := range f.n.Words {
		if !slices.Contains(f.n.Kind.Words(), name) {
			return fmt.Errorf("letter %s: it has no words %q", f.n.Kind, name)
		}
	}
	for _, v := range p.values {
		text := strings.TrimSpace(f.n.Values[v.name])
		if text != "" && v.date {
			day, err := time.Parse(time.DateOnly, text)
			if err != nil {
				return &problem.Error{Kind: problem.Invalid, Key: "letter.missing.day", Fields: map[string]string{v.name: "letter.missing.day"}}
			}
			text = f.w.date(day)
		}
		f.add(v.name, text)
	}
	if item, ok := bases[f.n.Kind]; ok {
		f.add("basis", f.say(item))
	}
	if slices.Contains(p.derived, "action") {
		f.add("action", f.action())
	}
	return nil
}

func (f *filling) add(name, value string) {
	if value == "" {
		f.empty = append(f.empty, name)
		value = open
	}
	f.pairs = append(f.pairs, name, value)
}

// action says what was done to the data, Art. 19 s. 1 GDPR.
func (f *filling) action() string {
	var done []string
	for _, r := range f.n.Rights {
		if key := "letters.recipients-notice.action." + string(r); wording.Has(key) {
			done = append(done, f.w.text(key))
		}
	}
	return strings.Join(done, ", ")
}

func (f *filling) section(p piece) Section {
	if p.build != nil {
		return p.build(f.w)
	}
	sec := Section{Part: p.part, Heading: f.w.text("letters.heading." + string(p.part))}
	for _, i := range p.items {
		switch {
		case i.words != "":
			text := f.n.Words[i.words]
			if text.IsBlank() {
				f.lacks[i.words] = f.lacks[i.words] || !i.optional
				text = person.NewText(open)
			}
			sec.Blocks = append(sec.Blocks, Words{text})
		case i.fromCase != nil:
			sec.Blocks = append(sec.Blocks, i.fromCase(f)...)
		default:
			sec.Blocks = append(sec.Blocks, paragraphs(f.say(i))...)
		}
	}
	return sec
}

// say fills the text block of an item; empty if there is none for this case.
func (f *filling) say(i item) string {
	if i.variant == nil {
		return f.block(i.block)
	}
	v := i.variant(f.n)
	if !slices.Contains(i.variants, v) {
		return ""
	}
	return f.block(i.block + "." + v)
}

func (f *filling) block(name string) string {
	key := "letters." + string(f.n.Kind) + "." + name
	template := f.n.Texts.template(f.n.Lang, key)
	for _, e := range f.empty {
		if strings.Contains(template, "{"+e+"}") {
			f.lacks[e] = true
		}
	}
	return f.w.text(key, f.pairs...)
}

// paragraphs makes a paragraph of each line.
func paragraphs(text string) []Block {
	var blocks []Block
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			blocks = append(blocks, Paragraph{line})
		}
	}
	return blocks
}

func rightsAsked(f *filling) []Block {
	if len(f.n.Rights) == 0 {
		return nil
	}
	var l List
	for _, r := range f.n.Rights {
		l.Items = append(l.Items, f.w.text("letter.right."+string(r))+" ("+f.w.article(r)+")")
	}
	return []Block{l}
}

func statusPage(f *filling) []Block {
	page := strings.TrimSpace(f.n.Values["page"])
	switch {
	case page == "":
		f.lacks["page"] = true
		return []Block{Paragraph{open}}
	case strings.HasPrefix(page, "https://") || strings.HasPrefix(page, "http://"):
		return []Block{Link{page, page}}
	}
	return []Block{Paragraph{page}}
}
