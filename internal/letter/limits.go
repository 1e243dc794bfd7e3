package letter

import (
	"slices"
	"time"

	"einsicht/internal/disclosure"
	"einsicht/internal/law"
	"einsicht/internal/person"
	"einsicht/internal/wording"
)

// Limit is one ground that limits a right, as the person is told of it.
type Limit struct {
	System   string // name of the system it is about; empty: the whole request
	Citation string // German long form: "§ 12 Abs. 2 Satz 1 Nr. 1 DSG NRW"
	Effect   string // a catalogue.Effect: what the ground does to the right
	Title    string // of the ground, in the letter's language

	ForPerson       person.Text
	ReasonsWithheld bool // neither reasons nor ground are told, § 12(4) s. 1 DSG NRW
	SecretFact      bool // nobody may know of it: it never stands in a letter

	Norm      string    // statute that keeps the data, Art. 17(3)(b) GDPR: "§ 147 Abs. 3 AO"
	Until     time.Time // last day of that duty; none: not known
	LookAgain time.Time // "soweit und solange": when it is looked at again
	Instead   string    // what this means for the person, in the letter's language
}

func (l Limit) lacksReasons() bool { return !l.ReasonsWithheld && l.ForPerson.IsZero() }
func (l Limit) lacksGround() bool  { return !l.ReasonsWithheld && l.Citation == "" }

// SystemLine says of one system whether a right exists there.
type SystemLine struct {
	System   string
	Applies  bool
	Why      string // in the letter's language
	Citation string
}

// limits are those the person may know of.
func (r RightAnswer) limits() []Limit {
	return slices.DeleteFunc(slices.Clone(r.Limits), func(l Limit) bool { return l.SecretFact })
}

// detail tells what is done, where a right exists, and of each limit what it
// does, on which ground, until when, and what happens instead.
func (w writer) detail(name string, r RightAnswer) []Block {
	var blocks []Block
	if promised := w.promised(r); len(promised) > 0 {
		blocks = append(blocks, Heading{3, w.text("letter.limit.done", "right", name)}, List{promised})
	}
	if len(r.Systems) > 0 {
		blocks = append(blocks, Heading{3, w.text("letter.limit.systems", "right", name)}, w.systemTable(name, r.Systems))
	}
	limits := r.limits()
	if len(limits) == 0 {
		return blocks
	}
	blocks = append(blocks, Heading{3, w.text("letter.limit.heading", "right", name)})
	for _, l := range limits {
		blocks = append(blocks, w.limit(r.Right, l)...)
	}
	return blocks
}

// promised lists what is yet to be done. What was done, or not, is told with the
// measures: that it will be done is not true any more.
func (w writer) promised(r RightAnswer) []string {
	if w.corrected(r) {
		return nil
	}
	var told []disclosure.Measure
	for _, right := range append(w.covering(r), r.Right) {
		told = append(told, w.in.Measures.Of(right)...)
	}
	var promised []string
	for _, p := range r.Done {
		about := func(m disclosure.Measure) bool { return p.System != "" && m.System.ID == p.System }
		open := func(m disclosure.Measure) bool { return about(m) && m.State == disclosure.MeasureOpen }
		if !slices.ContainsFunc(told, about) || slices.ContainsFunc(told, open) {
			promised = append(promised, p.Text)
		}
	}
	return promised
}

// corrected says whether the answer names what was corrected. The right exists in each
// system that holds data, but only those records are corrected that staff chose: a
// promise for each system would be more than was done.
func (w writer) corrected(r RightAnswer) bool {
	return r.Right == law.Rectification && len(w.in.Measures.Of(r.Right)) > 0
}

func (w writer) systemTable(name string, systems []SystemLine) Table {
	table := Table{
		Caption: w.text("letter.limit.table", "right", name),
		Head:    []string{w.text("letter.searched.system"), w.text("letter.limit.applies"), w.text("letter.limit.why")},
	}
	for _, s := range systems {
		key := "letter.limit.no"
		if s.Applies {
			key = "letter.limit.yes"
		}
		why := s.Why
		if s.Citation != "" {
			why = join(" ", why, "("+s.Citation+")")
		}
		table.Rows = append(table.Rows, []string{s.System, w.text(key), why})
	}
	return table
}

func (w writer) limit(right law.Right, l Limit) []Block {
	heading := l.System
	if heading == "" {
		heading = w.text("letter.limit.whole")
	}
	blocks := []Block{Heading{4, heading}, Paragraph{w.effect(right, l.Effect)}}
	if l.ReasonsWithheld {
		blocks = append(blocks, Paragraph{w.text("letter.outcome.no_reasons")})
	} else {
		if !l.ForPerson.IsZero() {
			blocks = append(blocks, Words{l.ForPerson})
		}
		if ground := join(" – ", join(", ", l.Citation, l.Norm), l.Title); ground != "" {
			blocks = append(blocks, Paragraph{w.text("letter.outcome.ground", "ground", ground)})
		}
	}
	if !l.Until.IsZero() {
		blocks = append(blocks, Paragraph{w.text("letter.limit.until", "date", w.date(l.Until))})
	}
	if !l.LookAgain.IsZero() {
		blocks = append(blocks, Paragraph{w.text("letter.limit.look_again", "date", w.date(l.LookAgain))})
	}
	if l.Instead != "" {
		blocks = append(blocks, Paragraph{w.text("letter.limit.instead", "instead", l.Instead)})
	}
	return blocks
}

// effect says what happens to the right.
func (w writer) effect(right law.Right, effect string) string {
	if key := "letter.limit.effect." + effect; wording.Has(key) {
		return w.ofRight(key, right)
	}
	return w.text("letter.limit.effect")
}
