package ldap

import (
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"einsicht/internal/connector"
)

// edit is what an attribute of an entry shall hold.
type edit struct {
	name string
	old  []string
	new  []string
	// secret: what it holds was not read.
	secret bool
}

// edits are what a change writes; none: the entry says so already.
func (c *changing) edits(one deed, entry *record) ([]edit, error) {
	switch one.Do {
	case connector.CanErase:
		return c.d.mapping.masked(entry)
	case connector.CanRectify:
		return c.corrected(one, entry)
	}
	return c.d.mapping.marked(one, entry)
}

// masked leaves an entry without what it says.
func (m *mapping) masked(entry *record) ([]edit, error) {
	var all []edit
	for _, name := range entry.names() {
		e := edit{name: name, old: entry.exactly(name), secret: contains(entry.withheld, name)}
		text, writes := m.Change.Mask.text(bare(name))
		switch {
		case isKeptByDirectory(name), slices.ContainsFunc(m.Change.Keep, func(k keep) bool { return contains(k.Attributes, bare(name)) }):
			continue
		case strings.EqualFold(name, m.Key):
			continue
		case writes && bare(name) == name:
			e.new = []string{strings.ReplaceAll(text, "{key}", m.key(entry))}
		case !writes && !contains(m.Change.Mask.Empty, bare(name)):
			return nil, &refusal{state: connector.Undeclared, reason: becauseOpen}
		}
		if e.secret || !slices.Equal(e.old, e.new) {
			all = append(all, e)
		}
	}
	return all, nil
}

func (m mask) text(name string) (text string, writes bool) {
	for n, text := range m.Text {
		if strings.EqualFold(n, name) {
			return text, true
		}
	}
	return "", false
}

// corrected writes the values that are right, each in place of the one that is shown
// under its name.
func (c *changing) corrected(one deed, entry *record) ([]edit, error) {
	fields, origins := c.shown(entry)
	var all []edit
	seen := 0
	for i, f := range fields {
		right, named := one.Values[f.Name]
		at := origins[i]
		if !named {
			continue
		}
		if seen++; !at.isText || !contains(c.d.mapping.Change.Rectify, at.attribute) {
			return nil, &refusal{state: connector.Undeclared, reason: becauseField}
		}
		j := slices.IndexFunc(all, func(e edit) bool { return e.name == at.attribute })
		if j < 0 {
			j = len(all)
			all = append(all, edit{name: at.attribute, old: entry.exactly(at.attribute), new: entry.exactly(at.attribute)})
		}
		all[j].new[at.value] = right.Reveal()
	}
	if seen < len(one.Values) {
		return nil, &refusal{state: connector.Undeclared, reason: becauseField}
	}
	for i := range all {
		all[i].new = slices.DeleteFunc(all[i].new, func(v string) bool { return v == "" })
	}
	return slices.DeleteFunc(all, func(e edit) bool { return slices.Equal(e.old, e.new) }), nil
}

// marked sets the mark of a restriction or takes it away. Other values of the
// attribute stay.
func (m *mapping) marked(one deed, entry *record) ([]edit, error) {
	r := m.Change.Restrict
	from, to := r.Free, r.Set
	if one.Lift {
		from, to = r.Set, r.Free
	}
	e := edit{name: r.Attribute, old: entry.exactly(r.Attribute)}
	e.new = slices.DeleteFunc(slices.Clone(e.old), func(v string) bool { return v == from || v == to })
	others := len(e.new) > 0
	if to != "" {
		e.new = append(e.new, to)
	}
	switch {
	case others && r.Free != "": // one of two values, and it is neither
		return nil, &refusal{state: connector.Hindered, reason: becauseOtherMark}
	case slices.Contains(e.old, to) && !slices.Contains(e.old, from), to == "" && !slices.Contains(e.old, from):
		return nil, nil
	}
	return []edit{e}, nil
}

// exactly gives what an attribute holds, with just these options.
func (r *record) exactly(name string) []string {
	for _, a := range r.Attributes {
		if strings.EqualFold(a.Name, name) {
			return slices.Clone(a.Values)
		}
	}
	return nil
}

// with is an entry as edits leave it.
func (r *record) with(edits []edit) *record {
	after := r.without(func(name string) bool {
		return slices.ContainsFunc(edits, func(e edit) bool { return strings.EqualFold(e.name, name) })
	})
	after.withheld = slices.DeleteFunc(slices.Clone(after.withheld), func(name string) bool {
		return slices.ContainsFunc(edits, func(e edit) bool { return strings.EqualFold(e.name, name) && len(e.new) == 0 })
	})
	for _, e := range edits {
		if len(e.new) > 0 && !e.secret {
			after.Attributes = append(after.Attributes, ldap.NewEntryAttribute(e.name, e.new))
		}
	}
	return after
}

// allows says what an entry must have, by the schema and by its name.
func (d *directory) allows(entry *record, edits []edit) error {
	named := namedBy(entry.DN)
	classes, after := entry.values("objectClass"), entry.with(edits)
	for _, e := range edits {
		for i, v := range e.new {
			if slices.Contains(e.new[:i], v) { // an attribute is a set (RFC 4512, 2.2)
				return &refusal{state: connector.Hindered, reason: becauseValue}
			}
		}
		names := bare(e.name)
		if canonical, known := d.names[strings.ToLower(names)]; known {
			names = canonical
		}
		for by, value := range named {
			if canonical, known := d.names[by]; known {
				by = canonical
			}
			if strings.EqualFold(by, names) && !contains(e.new, value) {
				return &refusal{state: connector.Hindered, reason: becauseNaming}
			}
		}
		if len(e.new) == 0 && len(after.values(names)) == 0 && d.classes.must(classes, names) {
			return &refusal{state: connector.Hindered, reason: becauseMust}
		}
	}
	return nil
}
