package letter

import (
	"iter"
	"slices"
	"strconv"
	"strings"

	"einsicht/internal/disclosure"
	"einsicht/internal/inventory"
	"einsicht/internal/law/calendar"
	"einsicht/internal/wording"
)

// Group is what is processed for one purpose.
type Group struct {
	Purpose string
	Systems []Data
}

// Data is what one system holds about the person, with what Art. 15(1)(a) to
// (d) and (g) want said about it.
type Data struct {
	ID       string
	Name     string
	Foreign  bool // name, purpose and facts are German in a letter that is not
	Facts    []Fact
	Total    int    // records given and withheld
	Table    string // path of the table in the package; empty if there is none
	disclose func() iter.Seq2[disclosure.Record, error]
	lang     wording.Lang
}

// Fact is one thing said about a system.
type Fact struct {
	Label string
	Lines []string
}

// Record is one record, ready to print.
type Record struct {
	Number   int
	Title    string
	Withheld bool
	Why      string
	Fields   []Field
}

// Field is one datum, ready to print. Note stands in for a value that is not
// given, or is empty.
type Field struct{ Label, Value, Note string }

// Records reads the records in order.
func (d Data) Records() iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for rec, err := range d.disclose() {
			if err != nil {
				yield(Record{}, err)
				return
			}
			if !yield(d.record(rec), nil) {
				return
			}
		}
	}
}

func (d Data) record(rec disclosure.Record) Record {
	text := func(key string, pairs ...string) string { return wording.Text(d.lang, key, pairs...) }
	out := Record{Number: rec.Number, Title: text("letter.data.record", "number", strconv.Itoa(rec.Number)), Withheld: rec.Withheld, Why: rec.Why.Reveal()}
	if rec.Label != "" {
		out.Title += ": " + rec.Label
	}
	for _, f := range rec.Fields {
		field := Field{Label: f.Label}
		switch {
		case f.State == disclosure.HeldOnly:
			field.Note = text("letter.data.held")
		case f.State == disclosure.BlackedOut:
			field.Note = join(": ", text("letter.data.blacked_out"), f.Reason.Reveal())
		case f.Value.IsZero():
			field.Note = text("letter.data.empty")
		default:
			field.Value = disclosure.Readable(d.lang, f.Value.Reveal(), calendar.Berlin())
		}
		out.Fields = append(out.Fields, field)
	}
	return out
}

// shown lists the systems of which there is a record to show.
func (w writer) shown() []disclosure.System {
	return slices.DeleteFunc(slices.Clone(w.in.Disclosed.Systems), func(s disclosure.System) bool { return s.Given+s.Withheld == 0 })
}

// groups puts the systems with records under their purposes, in the order of
// the systems.
func (w writer) groups() []Group {
	var groups []Group
	for _, s := range w.shown() {
		own := s.System.In(w.in.Lang)
		i := slices.IndexFunc(groups, func(g Group) bool { return g.Purpose == own.Purpose })
		if i < 0 {
			i = len(groups)
			groups = append(groups, Group{Purpose: own.Purpose})
		}
		d := Data{
			ID: s.ID, Name: own.Name, Foreign: w.in.Lang != wording.German && own.Name == s.Name, Facts: w.facts(own),
			Total: s.Given + s.Withheld, disclose: s.Records, lang: w.in.Lang,
		}
		if s.Given > 0 {
			d.Table = s.TableName()
		}
		groups[i].Systems = append(groups[i].Systems, d)
	}
	return groups
}

func (w writer) facts(s inventory.System) []Fact {
	none := w.text("letter.fact.not_recorded")
	or := func(lines ...string) []string {
		if lines = slices.DeleteFunc(lines, func(l string) bool { return l == "" }); len(lines) == 0 {
			return []string{none}
		}
		return lines
	}
	source := w.in.Sources[s.ID]
	if source == "" {
		source = w.text("letter.fact.source_default")
	}
	return []Fact{
		{w.text("letter.fact.purpose"), or(s.Purpose)},
		{w.text("letter.fact.basis"), or(s.LegalBasis...)},
		{w.text("letter.fact.categories"), or(strings.Join(s.Fields, ", "))},
		{w.text("letter.fact.recipients"), w.recipients(s)},
		{w.text("letter.fact.retention"), or(w.retention(s))},
		{w.text("letter.fact.source"), []string{source}},
	}
}

// recipients lists the system's own, its processors (Art. 4(9) GDPR: they are
// recipients too) and those that the authority names for all its systems.
func (w writer) recipients(s inventory.System) []string {
	lines := slices.Clone(s.Recipients)
	for _, name := range append([]string{s.Processor}, s.FurtherProcessors...) {
		if name != "" {
			lines = append(lines, w.text("letter.fact.processor", "name", name))
		}
	}
	lines = append(lines, w.in.Authority.Recipients...)
	switch {
	case len(lines) > 0:
		return lines
	case s.Recipients != nil:
		return []string{w.text("letter.fact.recipients_none")}
	}
	return []string{w.text("letter.fact.not_recorded")}
}

func (w writer) retention(s inventory.System) string {
	if slices.Contains(s.Gaps(), "inventory.gap.retention") {
		return ""
	}
	return s.Retention.Text
}
