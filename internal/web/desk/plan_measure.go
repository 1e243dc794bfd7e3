package desk

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/procedure"
	"einsicht/internal/procedure/fulfilment"
	"einsicht/views/desk"
	"einsicht/views/kern"
)

// planSystem is one system with a page of its measures.
func (s *planSheet) planSystem(sys fulfilment.System) desk.PlanSystem {
	all := sys.Measures
	p := desk.PlanSystem{ID: planSystemID(sys.ID), Title: s.say("plan.system", "name", sys.In(s.lang).Name, "n", itoa(len(all)))}
	first, last, page := turned(s.shown, sys.ID, len(all))
	for i, m := range all[first:last] {
		p.Measures = append(p.Measures, s.measure(m, first+i+1))
	}
	p.Pages = s.turn(sys.ID, page, first, last, len(all))
	if counted(s.plan, casefile.ForUnit, sys.ID) > 0 {
		p.Task = kern.Link{Href: planTaskPath(s.path, sys.ID), Label: s.say("plan.task.see")}
	}
	p.Decide = s.decideForm(sys, page, first, last)
	return p
}

// turned says which of n things of a system are on the page that somebody turned to.
func turned(at shown, system string, n int) (first, last, page int) {
	page = 1
	if at.system == system && at.page > 1 && (at.page-1)*perPage < n {
		page = at.page
	}
	first = (page - 1) * perPage
	return first, min(first+perPage, n), page
}

func (s *planSheet) turn(system string, page, first, last, n int) kern.Pages {
	p := s.pages(system, page, first, last, n)
	for _, l := range []*kern.Link{&p.Prev, &p.Next} {
		if l.Href != "" {
			l.Href = s.path + "/plan?" + strings.TrimSuffix(strings.SplitN(l.Href, "?", 2)[1], "#system-"+system) + "#" + planSystemID(system)
		}
	}
	return p
}

// measure is what happens to one record, before and after side by side.
func (s *planSheet) measure(m procedure.Measure, number int) desk.Measure {
	p := desk.Measure{
		ID: measureID(m), Preline: s.say("plan.measure.number", "n", itoa(number)), Title: s.recordOf(m),
		Light: kern.Badge{Kind: measureKinds[m.State], Label: s.stateOf(m)}, Reason: s.reasonOf(m), Fields: s.beforeAndAfter(m, number),
	}
	if m.Text.Secret {
		p.Tags = append(p.Tags, kern.Badge{Kind: kern.Warning, Label: s.say("plan.secret")})
	}
	add := func(key, value string, lines ...string) {
		if value != "" {
			p.Items = append(p.Items, kern.Item{Key: s.say(key), Value: value, Lines: lines})
		}
	}
	what := "plan.what"
	if m.State == casefile.Stays {
		what = "plan.what.stays"
	}
	add(what, s.say("plan.do."+string(m.Do)), s.with(m.Text.With)...)
	add("plan.right", s.say("plan.for", "right", s.right(m.Right), "article", s.article(m.Right)))
	add("plan.source", s.sourceOf(m))
	add("plan.ground", s.groundOf(m))
	add("plan.until", s.day(m.Text.Until))
	if m.State == casefile.Stays {
		add("plan.for_person", m.Text.ForPerson.Reveal())
	}
	add("plan.for_file", m.Text.ForFile.Reveal())
	if m.State.Ended() && !m.DoneAt.IsZero() {
		add("plan.said_by", s.say("desk.decided.who", "name", s.who(m.DoneBy), "at", s.moment(m.DoneAt)))
	}
	if m.State == casefile.Done {
		known := s.readBack(m)
		add("plan.proof", known[0], known[1:]...)
	}
	return p
}

func measureID(m procedure.Measure) string { return "m-" + m.ID.String() }

// recordOf names the record of a measure.
func (s *planSheet) recordOf(m procedure.Measure) string {
	if m.Text.Reference == "" {
		return s.say("plan.whole_system")
	}
	i := slices.IndexFunc(s.p.Findings, func(f procedure.Found) bool { return f.ID == m.Finding })
	title := ""
	if i >= 0 {
		title = s.p.Findings[i].Record.Title(s.lang)
	}
	return cmp.Or(m.Text.Label, title, s.say("plan.record"))
}

// sourceOf says where the record of a measure stands; its finding may be gone.
func (s *planSheet) sourceOf(m procedure.Measure) string {
	i := slices.IndexFunc(s.p.Findings, func(f procedure.Found) bool { return f.ID == m.Finding })
	if i < 0 {
		return s.placeOf(m.System, connector.Finding{Reference: m.Text.Reference})
	}
	return s.placeOf(m.System, s.p.Findings[i].Record)
}

// placeOf says where a record stands as the page of the case does or, where the system
// named no place, by its reference in the letters that people read.
func (s *planSheet) placeOf(system string, f connector.Finding) string {
	plain, err := url.PathUnescape(f.Reference)
	if err != nil || !utf8.ValidString(plain) {
		plain = f.Reference
	}
	return cmp.Or(s.source(system, f), plain)
}

// stateOf says how far a measure is. What people did is their word, not ours.
func (s *planSheet) stateOf(m procedure.Measure) string {
	if m.State == casefile.Done && m.Text.Proof.Statement.Reveal() != "" {
		return s.say("plan.state.done.unit")
	}
	return s.say("plan.state." + string(m.State))
}

// reasonOf says why a measure asks, or is for people.
func (s *planSheet) reasonOf(m procedure.Measure) string {
	if m.Text.Reason == "" || m.State.Ended() {
		return ""
	}
	return cmp.Or(s.known(m.Text.Reason), s.say("plan.reason.other"))
}

func (s *planSheet) groundOf(m procedure.Measure) string {
	if m.Text.Ground == "" {
		return ""
	}
	return cmp.Or(s.cite(m.Text.Citation), s.groundName(m.Text.Ground))
}

// with says which records go along with one.
func (s *planSheet) with(along []connector.Along) []string {
	var lines []string
	for _, a := range along {
		form := "plan.with.many"
		if a.Count == 1 {
			form = "plan.with.one"
		}
		lines = append(lines, s.say(form, "n", itoa(a.Count), "place", a.Place))
	}
	return lines
}

// rehearsed says whether the system was asked what a change comes to.
func rehearsed(m procedure.Measure) bool {
	switch m.State {
	case casefile.Planned, casefile.Acting:
		return true
	case casefile.Done:
		return m.Text.Proof.Statement.Reveal() == ""
	}
	return !m.ActedAt.IsZero()
}

// beforeAndAfter is the record field by field: as it is, as it will be, and what of
// it stays why. Where no system was asked, only what staff want is known.
func (s *planSheet) beforeAndAfter(m procedure.Measure, number int) kern.Table {
	system, _ := s.o.Inventory.System(m.System)
	t := kern.Table{ID: "felder-" + m.ID.String(), Caption: s.say("plan.fields", "system", system.In(s.lang).Name, "n", itoa(number)), Hidden: true, Small: true, Stacked: true,
		Columns: []kern.Column{{Title: s.say("plan.col.field")}, {Title: s.say("plan.col.before")}}}
	after := rehearsed(m) || len(m.Text.Values) > 0
	if after {
		t.Columns = append(t.Columns, kern.Column{Title: s.say("plan.col.after")})
	}
	if len(m.Text.Kept) > 0 {
		t.Columns = append(t.Columns, kern.Column{Title: s.say("plan.col.kept")})
	}
	fields := slices.Clone(m.Text.Before)
	for _, f := range m.Text.After {
		if fieldOf(m.Text.Before, f.Name) == nil {
			fields = append(fields, f)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.Text.Values)) {
		if fieldOf(fields, name) == nil {
			fields = append(fields, connector.Field{Name: name})
		}
	}
	for _, f := range fields {
		cells := []kern.Cell{{Text: f.Title(s.lang)}, {Text: s.valueOf(fieldOf(m.Text.Before, f.Name), "plan.field.new")}}
		if after {
			cells = append(cells, kern.Cell{Text: s.afterwards(m, f.Name)})
		}
		if len(m.Text.Kept) > 0 {
			i := slices.IndexFunc(m.Text.Kept, func(k connector.Kept) bool { return k.Field == f.Name })
			why := ""
			if i >= 0 {
				why = m.Text.Kept[i].Why
			}
			cells = append(cells, kern.Cell{Text: why})
		}
		t.Rows = append(t.Rows, kern.Row{Cells: cells})
	}
	return t
}

func fieldOf(fields []connector.Field, name string) *connector.Field {
	i := slices.IndexFunc(fields, func(f connector.Field) bool { return f.Name == name })
	if i < 0 {
		return nil
	}
	return &fields[i]
}

// valueOf is a value as staff read it; none says what it means that there is no such
// field.
func (s *planSheet) valueOf(f *connector.Field, none string) string {
	switch {
	case f == nil:
		return s.say(none)
	case f.Withheld:
		return s.say("desk.field.withheld")
	case f.HoldsFile():
		return s.say("plan.field.file")
	}
	return cmp.Or(s.readable(*f), s.say("plan.field.empty"))
}

// afterwards says what becomes of a field.
func (s *planSheet) afterwards(m procedure.Measure, name string) string {
	before, after := fieldOf(m.Text.Before, name), fieldOf(m.Text.After, name)
	if !rehearsed(m) {
		if right, corrected := m.Text.Values[name]; corrected {
			return cmp.Or(s.readable(connector.Field{Value: right}), s.say("plan.field.empty"))
		}
		return s.say("plan.field.same")
	}
	if before != nil && after != nil && before.Says() == after.Says() {
		return s.say("plan.field.same")
	}
	return s.valueOf(after, "plan.field.gone")
}
