package connector

import (
	"cmp"
	"context"
	"slices"
	"unicode/utf8"

	"einsicht/internal/person"
)

// Preview is what a system gave for a test person, so that staff see what a
// connection would bring before it is turned on.
type Preview struct {
	Findings []Finding // the first ones, long values cut, files without a way to open them
	More     bool      // the system had more to give
	Answer   Answer    // without More: what it said about the whole question
	Sorts    []Sort
}

// Sort is one category of records in a preview, with its fields.
type Sort struct {
	Category string
	Count    int
	Fields   []FieldUse
}

// FieldUse is one field of a category, and what would become of it.
type FieldUse struct {
	Name, Label, Category          string
	ThirdParty, Withheld, Unmapped bool
	Count                          int // in how many of the records it stands
}

// Inspector is a Connector that can say without a person which fields nobody has
// mapped: columns of a mapped table, keys of a declared answer.
type Inspector interface {
	// Unmapped lists them by category; Count stays zero.
	Unmapped() []Sort
}

// Gapper is a Connector that can say without a person what a search would leave out:
// files that can't be read, keys that name several records.
type Gapper interface {
	Gaps(ctx context.Context) ([]Gap, error)
}

// Gaps asks a Connector, if it is a Gapper.
func Gaps(ctx context.Context, c Connector) ([]Gap, error) {
	if g, ok := c.(Gapper); ok {
		return g.Gaps(ctx)
	}
	return nil, nil
}

// Unmapped asks a Connector, if it is an Inspector.
func Unmapped(c Connector) []Sort {
	if i, ok := c.(Inspector); ok {
		return i.Unmapped()
	}
	return nil
}

// previewed is how many characters of a value a preview keeps.
const previewed = 2000

// Add takes a finding into the preview.
func (p *Preview) Add(f Finding) {
	f.Fields = slices.Clone(f.Fields)
	i := slices.IndexFunc(p.Sorts, func(s Sort) bool { return s.Category == f.Category })
	if i < 0 {
		i = len(p.Sorts)
		p.Sorts = append(p.Sorts, Sort{Category: f.Category})
	}
	s := &p.Sorts[i]
	s.Count++
	seen := map[string]bool{} // a field may stand in a record several times
	for j := range f.Fields {
		if name := f.Fields[j].Name; !seen[name] {
			seen[name] = true
			s.use(f.Fields[j])
		}
		f.Fields[j].Value = short(f.Fields[j].Value)
		if f.Fields[j].Body != nil {
			body := *f.Fields[j].Body
			body.Open = nil
			f.Fields[j].Body = &body
		}
	}
	p.Findings = append(p.Findings, f)
}

func (s *Sort) use(f Field) {
	i := slices.IndexFunc(s.Fields, func(u FieldUse) bool { return u.Name == f.Name })
	if i < 0 {
		i = len(s.Fields)
		s.Fields = append(s.Fields, FieldUse{Name: f.Name, Label: f.Label, Category: f.Category})
	}
	u := &s.Fields[i]
	u.Label = cmp.Or(u.Label, f.Label)
	u.ThirdParty, u.Withheld, u.Unmapped = u.ThirdParty || f.ThirdParty, u.Withheld || f.Withheld, u.Unmapped || f.Unmapped
	u.Count++
}

func short(t person.Text) person.Text {
	s := t.Reveal()
	if len(s) <= previewed {
		return t
	}
	end := previewed
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return person.NewText(s[:end] + "…")
}
