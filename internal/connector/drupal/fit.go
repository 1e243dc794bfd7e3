package drupal

import (
	"maps"
	"slices"
	"strings"

	"einsicht/internal/connector"
	"einsicht/internal/connector/sql"
	"einsicht/internal/wording"
)

// fit makes the mapping for the tables that a site has.
func (s settings) fit(c connector.Connection, have sql.Catalog) ([]sql.Table, error) {
	if _, ok := have[s.Prefix+users]; !ok {
		return nil, c.Wrong("prefix", "there is no table "+s.Prefix+users+": no Drupal here, another prefix, or nothing may be read")
	}
	if _, ok := have[s.Prefix+submissions]; !ok && len(s.Webforms) > 0 {
		return nil, c.Wrong("webforms", "the module Webform is not installed, or its tables may not be read")
	}
	f := &fitting{settings: s, have: have, serves: serves(c)}
	for _, name := range slices.Sorted(maps.Keys(s.Fields)) {
		if !slices.Contains(have[s.Prefix+"user__"+name].All, s.Fields[name].column(name)) {
			return nil, c.Wrong("fields."+name, "accounts have no such field, or no such column of it")
		}
	}
	for _, full := range slices.Sorted(maps.Keys(have)) {
		name, ours := strings.CutPrefix(full, s.Prefix)
		if !ours || strings.Contains(name, ".") {
			continue
		}
		if t, ok := f.table(name, have[full]); ok {
			f.tables = append(f.tables, t)
		}
	}
	return f.tables, nil
}

// fitting is one run of fit.
type fitting struct {
	settings
	have   sql.Catalog
	serves func(map[string]sql.Match) bool
	tables []sql.Table
}

// serves says whether a table with these columns leads to anybody by the sets
// of the connection.
func serves(c connector.Connection) func(map[string]sql.Match) bool {
	return func(m map[string]sql.Match) bool {
		return slices.ContainsFunc(c.Match, func(set connector.Match) bool {
			for _, kind := range set.By {
				if _, ok := m[string(kind)]; !ok {
					return false
				}
			}
			return true
		})
	}
}

func (f *fitting) table(name string, has sql.Columns) (sql.Table, bool) {
	k, isKnown := tables[name]
	t := sql.Table{Name: f.Prefix + name, Key: k.key, Columns: map[string]sql.Column{}, Match: f.match(name)}
	field, isField := strings.CutPrefix(name, "user__")
	comment := strings.HasPrefix(name, "comment__")
	switch declared, ok := f.Fields[field]; {
	case isKnown:
		f.mean(&t, k, has)
	case isField:
		k.user, t.Key = "entity_id", has.Key
		if ok {
			f.declared(&t, field, declared)
		}
	case comment: // a field that the site added to comments
		k.reach, t.Key = [][]hop{{ofComment}}, has.Key
	case slices.Contains(has.All, "uid"): // of a module that nobody has said anything about
		k.user, t.Key = "uid", has.Key
	default:
		return t, false
	}
	if len(t.Key) == 0 {
		return t, false // no record of it can be named; docs say so
	}
	t.Reach, t.Change = f.reach(k), f.change(name, has)
	return t, len(t.Match) > 0 || len(t.Reach) > 0
}

// mean says what the columns of a known table mean. Others, of modules that
// extend it, stay unmapped.
func (f *fitting) mean(t *sql.Table, k known, has sql.Columns) {
	t.Label, t.Category = text("table", strings.TrimPrefix(t.Name, f.Prefix)), text("category", "account")
	t.Hints, t.At = k.hints, k.at
	for _, column := range slices.Concat(k.plain, k.hidden) {
		// A catalog may keep silent about what may not be read.
		if slices.Contains(has.All, column) || slices.Contains(k.hidden, column) {
			t.Columns[column] = sql.Column{Label: text("column", column), Withhold: slices.Contains(k.hidden, column)}
		}
	}
	for _, column := range k.times {
		if slices.Contains(has.All, column) {
			t.Columns[column] = sql.Column{Label: text("column", column), Time: "unix"}
		}
	}
}

// declared says what the columns of a field mean that the connection names.
func (f *fitting) declared(t *sql.Table, name string, d field) {
	t.Label, t.Category = d.Label, d.Category
	for _, column := range fieldColumns {
		t.Columns[column] = sql.Column{Label: text("column", column)}
	}
	t.Columns[d.column(name)] = sql.Column{Label: d.Label, Category: d.Category, ThirdParty: d.ThirdParty, Withhold: d.Withhold}
	if d.Kind != "" && !d.Withhold {
		t.Hints = []sql.Hint{{Kind: d.Kind, Columns: []string{d.column(name)}}}
	}
}

// match says where a table names the person.
func (f *fitting) match(name string) map[string]sql.Match {
	all := map[string]sql.Match{}
	for kind, column := range tables[name].match {
		all[kind] = sql.Match{Columns: []string{column}}
	}
	more := func(kind string, parts []sql.Part) {
		m := all[kind]
		m.From = append(m.From, parts)
		all[kind] = m
	}
	switch name {
	case users:
		for _, field := range slices.Sorted(maps.Keys(f.Fields)) {
			if kind := f.Fields[field].Kind; kind != "" {
				more(kind, []sql.Part{f.profile(field)})
			}
		}
		var parts []sql.Part
		for _, field := range f.Name {
			parts = append(parts, f.profile(field))
		}
		if len(parts) > 0 {
			more("name", parts)
		}
	case submissions:
		for _, kind := range slices.Sorted(maps.Keys(f.Webforms)) {
			for _, element := range f.Webforms[kind] {
				more(kind, f.element(element))
			}
		}
	}
	if !f.serves(all) {
		return nil
	}
	return all
}

func (f *fitting) profile(name string) sql.Part {
	return sql.Part{Table: f.Prefix + "user__" + name, On: map[string]string{"uid": "entity_id"}, Column: f.Fields[name].column(name)}
}

// element reads "email", "vorname nachname" (two that together are the value)
// or "person.first person.last" (properties of a composite element).
func (f *fitting) element(s string) []sql.Part {
	var parts []sql.Part
	for _, one := range strings.Fields(s) {
		name, property, _ := strings.Cut(one, ".")
		parts = append(parts, sql.Part{
			Table: f.Prefix + elements, On: map[string]string{"sid": "sid"}, Where: map[string]string{"name": name, "property": property}, Column: "value",
		})
	}
	return parts
}

// reach lists the ways to a table that names the person: over the account, and
// over what the record belongs to.
func (f *fitting) reach(k known) [][]sql.Hop {
	var all [][]sql.Hop
	if k.user != "" {
		all = append(all, []sql.Hop{{Table: f.Prefix + users, On: map[string]string{k.user: "uid"}}})
	}
	for _, path := range k.reach {
		var hops []sql.Hop
		installed := true
		for _, h := range path {
			_, ok := f.have[f.Prefix+h.table]
			installed = installed && ok
			hops = append(hops, sql.Hop{Table: f.Prefix + h.table, On: h.on})
		}
		if !installed {
			continue
		}
		last := path[len(path)-1].table
		if len(f.match(last)) > 0 {
			all = append(all, hops)
		}
		if user := tables[last].user; user != "" {
			all = append(all, append(slices.Clone(hops), sql.Hop{Table: f.Prefix + users, On: map[string]string{user: "uid"}}))
		}
	}
	return all
}

// everything is a site with all that is known here, for checking settings
// without a database.
func (s settings) everything() sql.Catalog {
	all := sql.Catalog{}
	for name, k := range tables {
		all[s.Prefix+name] = sql.Columns{All: slices.Concat(k.plain, k.times, k.hidden), Key: k.key}
	}
	for name, f := range s.Fields {
		all[s.Prefix+"user__"+name] = sql.Columns{All: append([]string{f.column(name)}, fieldColumns...), Key: fieldKey}
	}
	return all
}

// text is German like the labels of other connections, whose files authorities
// write.
func text(sort, name string) string {
	if key := "connector.drupal." + sort + "." + name; wording.Has(key) {
		return wording.Text(wording.German, key)
	}
	return ""
}
