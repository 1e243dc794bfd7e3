package disclosure

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/inventory"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/wording"
)

// Portable is what the person may take along of one system, Art. 20 GDPR: what they
// provided, also what was observed of them. What was inferred of them and what is
// about others is not in it, nor why something was kept back.
type Portable struct {
	inventory.System
	Given  int // records
	Left   Left
	Kinds  []PortableKind  // of records, in order of appearance
	Fields []PortableField // of all records, in order of appearance

	records func() iter.Seq2[PortableRecord, error]
}

// Left counts what stays out.
type Left struct {
	Records  int // of which nothing is left
	Others   int // values about others, or blacked out for another reason, Art. 20(4)
	Inferred int // values that the authority worked out itself
	Secrets  int // password hashes and the like, which leave no system
}

// PortableKind is a sort of record, as its system calls it and in words.
type PortableKind struct {
	Name  string
	Title map[wording.Lang]string // empty: nobody said
}

// PortableField describes a field as all records together have it.
type PortableField struct {
	Name     string
	Title    map[wording.Lang]string
	Form     Form
	Empty    bool // a record has it without a value
	Several  bool // a record has it more than once
	Bytes    bool // a value is no UTF-8
	Unmapped bool // the authority has not said what it means
}

// Form is what all values of a field are.
type Form string

// The forms of values.
const (
	FormText    Form = "text"    // as the system keeps it
	FormInstant Form = "instant" // a time with its zone, written as RFC 3339 has it
	FormClock   Form = "clock"   // a time of which the system keeps no zone, as it keeps it
	FormDay     Form = "day"     // a day, as it keeps it
	FormFile    Form = "file"    // the path of a file in the package
)

// PortableRecord is one record, without the key that its system knows it by.
type PortableRecord struct {
	ID     uuid.UUID // the same in every package
	Kind   string
	Fields []PortableValues // each name once
}

// PortableValues are all values that a record has in one field.
type PortableValues struct {
	Name   string
	Values []person.Text
}

// Inferred is the category (connector.Field) of what an authority worked out about
// a person. It was not provided by them: Art. 20 does not reach it, Art. 15 does.
const Inferred = "inferred"

// TakeAlong makes what the person may take along of these systems, which Art. 20
// must reach. It reads every finding once; their contents pass by again when Records
// is read. id names a record for everybody outside.
//
// As with Apply, a finding nobody decided on is an error.
func TakeAlong(findings Findings, decisions map[uuid.UUID]Decision, systems []inventory.System, id func(system, reference string) uuid.UUID) ([]Portable, error) {
	var all []Portable
	for _, s := range systems {
		p := Portable{System: s}
		t := taking{fields: map[string]int{}, id: func(reference string) uuid.UUID { return id(s.ID, reference) }}
		for f, err := range findings(s.ID) {
			if err != nil {
				return nil, fmt.Errorf("system %s: %w", s.ID, err)
			}
			d, err := decidedOn(f, decisions)
			if err != nil {
				return nil, fmt.Errorf("system %s: %w", s.ID, err)
			}
			t.look(&p, f, d)
		}
		p.records = func() iter.Seq2[PortableRecord, error] { return t.records(p, findings(s.ID), decisions) }
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b Portable) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return all, nil
}

// Records reads the records in order, afresh at each call.
func (p Portable) Records() iter.Seq2[PortableRecord, error] {
	if p.records == nil {
		return func(func(PortableRecord, error) bool) {}
	}
	return p.records()
}

func decidedOn(f Finding, decisions map[uuid.UUID]Decision) (Decision, error) {
	d, decided := decisions[f.ID]
	if !decided || d.Verdict == Undecided {
		return d, fmt.Errorf("finding %s: %w", f.ID, problem.New(problem.Conflict, "letter.decision.undecided"))
	}
	if err := d.Check(); err != nil {
		return d, fmt.Errorf("finding %s: %w", f.ID, err)
	}
	return d, nil
}

// taking reads the records of one system.
type taking struct {
	fields map[string]int // by name: place in Portable.Fields
	id     func(reference string) uuid.UUID
}

// look learns from a finding what there is to describe, and counts.
func (t taking) look(p *Portable, f Finding, d Decision) {
	if d.SecretFact || d.Verdict == NotThisPerson {
		return
	}
	seen := map[string]int{}
	for _, field := range f.Fields {
		if !t.goes(field, d, &p.Left) {
			continue
		}
		name := fieldName(field)
		i, known := t.fields[name]
		if !known {
			i = len(p.Fields)
			t.fields[name] = i
			p.Fields = append(p.Fields, PortableField{Name: name, Title: inAll(field.Title)})
		}
		seen[name]++
		p.Fields[i].learn(field, seen[name])
	}
	if len(seen) == 0 {
		p.Left.Records++
		return
	}
	p.Given++
	if kind := kindOf(f); kind != "" && !slices.ContainsFunc(p.Kinds, func(k PortableKind) bool { return k.Name == kind }) {
		p.Kinds = append(p.Kinds, PortableKind{kind, inAll(f.Title)})
	}
}

// goes says whether a field is handed over, and counts it if not. Of a record that
// is kept back as a whole no field is counted.
func (taking) goes(f connector.Field, d Decision, left *Left) bool {
	switch {
	case d.Verdict != Give:
		return false
	case f.Withheld:
		left.Secrets++
	case !d.Gives(f):
		left.Others++
	case f.Category == Inferred:
		left.Inferred++
	default:
		return true
	}
	return false
}

func (t taking) records(p Portable, findings iter.Seq2[Finding, error], decisions map[uuid.UUID]Decision) iter.Seq2[PortableRecord, error] {
	return func(yield func(PortableRecord, error) bool) {
		for f, err := range findings {
			if err != nil {
				yield(PortableRecord{}, err)
				return
			}
			d, err := decidedOn(f, decisions)
			if err != nil {
				yield(PortableRecord{}, err)
				return
			}
			if d.SecretFact || d.Verdict == NotThisPerson {
				continue
			}
			if r := t.record(p, f, d); len(r.Fields) > 0 && !yield(r, nil) {
				return
			}
		}
	}
}

func (t taking) record(p Portable, f Finding, d Decision) PortableRecord {
	r := PortableRecord{ID: t.id(f.Reference), Kind: kindOf(f)}
	for _, field := range f.Fields {
		if !t.goes(field, d, &Left{}) {
			continue
		}
		name, value := fieldName(field), field.Value
		if i, known := t.fields[name]; known && p.Fields[i].Form == FormInstant {
			value = withZone(value)
		}
		i := slices.IndexFunc(r.Fields, func(v PortableValues) bool { return v.Name == name })
		if i < 0 {
			i = len(r.Fields)
			r.Fields = append(r.Fields, PortableValues{Name: name})
		}
		r.Fields[i].Values = append(r.Fields[i].Values, value)
	}
	return r
}

// learn adds what a value, the nth of its record, says about its field.
func (f *PortableField) learn(field connector.Field, nth int) {
	f.Several = f.Several || nth > 1
	f.Unmapped = f.Unmapped || field.Unmapped
	value := field.Value.Reveal()
	f.Bytes = f.Bytes || !utf8.ValidString(value)
	form := formOf(value)
	switch {
	case field.HoldsFile():
		form = FormFile
	case value == "":
		f.Empty = true
		return
	}
	if f.Form == "" {
		f.Form = form
	}
	if f.Form != form {
		f.Form = FormText
	}
}

// zoned are further forms in which systems write an instant with its zone: access
// logs and mail (RFC 5322).
var zoned = append([]string{"02/Jan/2006:15:04:05 -0700", "2006-01-02 15:04:05 -0700", time.RFC1123Z, "Mon, 2 Jan 2006 15:04:05 -0700", "2 Jan 2006 15:04:05 -0700"}, instants...)

func formOf(value string) Form {
	if len(value) < len(time.DateOnly) || len(value) > 40 || value[4] != '-' && !strings.Contains(value, ":") {
		return FormText // what comes by the million is no time
	}
	parses := func(layouts ...string) bool {
		return slices.ContainsFunc(layouts, func(layout string) bool { _, err := time.Parse(layout, value); return err == nil })
	}
	switch {
	case parses(zoned...):
		return FormInstant
	case parses(clocks...):
		return FormClock
	case parses(time.DateOnly):
		return FormDay
	}
	return FormText
}

// withZone writes an instant as RFC 3339 has it, in the zone that it came with.
func withZone(value person.Text) person.Text {
	for _, layout := range zoned {
		if at, err := time.Parse(layout, value.Reveal()); err == nil {
			return person.NewText(at.Format(time.RFC3339Nano))
		}
	}
	return value
}

// fieldName is a name that every format can hold.
func fieldName(f connector.Field) string { return strings.ToValidUTF8(f.Name, "\uFFFD") }

func kindOf(f Finding) string { return strings.ToValidUTF8(f.Category, "\uFFFD") }

func inAll(title func(wording.Lang) string) map[wording.Lang]string {
	all := map[wording.Lang]string{}
	for _, l := range wording.Languages {
		if words := strings.ToValidUTF8(title(l), "\uFFFD"); words != "" {
			all[l] = words
		}
	}
	return all
}
