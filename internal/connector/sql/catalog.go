package sql

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// source is a mapped table as the database really has it.
type source struct {
	Table
	relation
	matches map[person.IdentifierKind]found
	paths   [][]step

	fields []connector.Field // of each of its records, still without values
	unix   []bool            // the value is shown as a time, by columns
	hints  []hint
	at     int // column of the time; -1: none

	declared *declared // what may be changed; nil: nothing

	written written
}

// found is a match whose columns were found.
type found struct {
	columns []attribute
	exact   bool
	from    [][]part
}

// part is a value in rows of another table.
type part struct {
	relation
	on     map[string]string
	where  map[string]string
	column attribute
}

// step is a hop whose table was found.
type step struct {
	relation
	on map[string]string
}

// hint is a Hint whose columns were found, by their places in source.columns.
type hint struct {
	kind    person.IdentifierKind
	columns []int
}

func (r relation) column(name string) (attribute, bool) {
	if i := r.place(name); i >= 0 {
		return r.columns[i], true
	}
	return attribute{}, false
}

func (r relation) place(name string) int {
	return slices.IndexFunc(r.columns, func(a attribute) bool { return a.name == name })
}

// reading is the comparison of a mapping with a catalog.
type reading struct {
	catalog
	wrong func(key, what string) error
	known map[string]relation
}

// compare looks every name of the mapping up in the catalog. Only names found
// there ever become part of a statement.
func (db *database) compare(ctx context.Context, m Mapping, fit func(Catalog) ([]Table, error)) error {
	return db.dialect.look(ctx, func(have catalog) error {
		all, err := have.all(ctx)
		if err != nil {
			return err
		}
		if m.Tables, err = fit(all); err != nil {
			return err
		}
		if err := m.check(db.connection); err != nil {
			return err
		}
		r := &reading{catalog: have, wrong: db.connection.Wrong, known: map[string]relation{}}
		for i, t := range m.Tables {
			s, err := r.source(ctx, t, fmt.Sprintf("tables.%d.", i))
			if err != nil {
				return err
			}
			db.tables = append(db.tables, s)
		}
		return db.declare(ctx, r, m)
	})
}

func (r *reading) source(ctx context.Context, t Table, at string) (*source, error) {
	rel, err := r.relation(ctx, t.Name)
	if err != nil {
		return nil, err
	}
	switch readable := func(a attribute) bool { return a.readable }; {
	case len(rel.columns) == 0 && rel.silent:
		return nil, r.wrong(at+"name", "there is no such table in the system, or its user may not read it: GRANT SELECT on it")
	case len(rel.columns) == 0:
		return nil, r.wrong(at+"name", "there is no such table in the system")
	case !slices.ContainsFunc(rel.columns, readable):
		return nil, r.wrong(at+"name", "the system's user may not read the table: GRANT SELECT on it")
	}
	if rel.hides {
		rel.columns = slices.Clone(rel.columns)
		for _, name := range slices.Sorted(maps.Keys(t.Columns)) {
			if t.Columns[name].Withhold && rel.place(name) < 0 {
				rel.columns = append(rel.columns, attribute{name: name}) // the mapping vouches for it
			}
		}
	}
	s := &source{Table: t, relation: rel, at: rel.place(t.At)}
	for key, names := range s.names() {
		for _, name := range names {
			if _, ok := rel.column(name); !ok {
				return nil, r.wrong(at+key, "there is no column "+name+" in the system")
			}
		}
	}
	for _, a := range rel.columns {
		if !a.readable && (!t.Columns[a.name].Withhold || slices.Contains(t.Key, a.name)) {
			return nil, r.wrong(at+"columns", "column "+a.name+" may not be read: grant it, or map it with withhold")
		}
		c, mapped := t.Columns[a.name]
		s.unix = append(s.unix, c.Time == "unix")
		s.fields = append(s.fields, connector.Field{
			Name: a.name, Label: c.Label, Category: c.Category, ThirdParty: c.ThirdParty, Withheld: c.Withhold, Unmapped: !mapped, Volatile: c.Volatile,
		})
	}
	if err := s.checkKey(); err != "" {
		return nil, r.wrong(at+"key", err)
	}
	if s.at >= 0 && rel.columns[s.at].when == never {
		return nil, r.wrong(at+"at", "is no time")
	}
	if err := s.takeHints(); err != "" {
		return nil, r.wrong(at+"hints", err)
	}
	if s.matches, err = r.matches(ctx, s, at); err != nil {
		return nil, err
	}
	for i, path := range t.Reach {
		steps, err := r.steps(ctx, rel, path, fmt.Sprintf("%sreach.%d", at, i))
		if err != nil {
			return nil, err
		}
		s.paths = append(s.paths, steps)
	}
	return s, nil
}

func (s *source) takeHints() string {
	for _, h := range s.Hints {
		taken := hint{kind: person.IdentifierKind(h.Kind)}
		for _, name := range h.Columns {
			taken.columns = append(taken.columns, s.place(name))
		}
		if taken.kind == person.IPTime && s.columns[taken.columns[1]].when == never {
			return "the second column is no time"
		}
		s.hints = append(s.hints, taken)
	}
	return ""
}

func (r *reading) matches(ctx context.Context, s *source, at string) (map[person.IdentifierKind]found, error) {
	all := map[person.IdentifierKind]found{}
	for _, kind := range slices.Sorted(maps.Keys(s.Match)) {
		m := s.Match[kind]
		f := found{exact: m.Exact}
		for _, name := range m.Columns {
			a, _ := s.column(name)
			f.columns = append(f.columns, a)
		}
		for i, parts := range m.From {
			ps, err := r.parts(ctx, s.relation, parts, fmt.Sprintf("%smatch.%s.from.%d", at, kind, i))
			if err != nil {
				return nil, err
			}
			f.from = append(f.from, ps)
		}
		all[person.IdentifierKind(kind)] = f
	}
	return all, nil
}

func (r *reading) parts(ctx context.Context, own relation, parts []Part, at string) ([]part, error) {
	var all []part
	for _, p := range parts {
		rel, err := r.relation(ctx, p.Table)
		if err != nil {
			return nil, err
		}
		column, ok := rel.column(p.Column)
		for _, left := range slices.Sorted(maps.Keys(p.On)) {
			ok = ok && own.place(left) >= 0 && rel.place(p.On[left]) >= 0
		}
		for _, name := range slices.Sorted(maps.Keys(p.Where)) {
			ok = ok && rel.place(name) >= 0
		}
		if !ok {
			return nil, r.wrong(at, "there is no such table or column in the system")
		}
		all = append(all, part{relation: rel, on: p.On, where: p.Where, column: column})
	}
	return all, nil
}

func (r *reading) steps(ctx context.Context, from relation, path []Hop, at string) ([]step, error) {
	var steps []step
	for j, h := range path {
		to, err := r.relation(ctx, h.Table)
		if err != nil {
			return nil, err
		}
		for _, own := range slices.Sorted(maps.Keys(h.On)) {
			if from.place(own) < 0 || to.place(h.On[own]) < 0 {
				return nil, r.wrong(fmt.Sprintf("%s.%d", at, j), "there is no such table or column in the system")
			}
		}
		steps = append(steps, step{relation: to, on: h.On})
		from = to
	}
	return steps, nil
}

func (r *reading) relation(ctx context.Context, name string) (relation, error) {
	if rel, ok := r.known[name]; ok {
		return rel, nil
	}
	rel, err := r.catalog.relation(ctx, name)
	if err == nil {
		r.known[name] = rel
	}
	return rel, err
}

// names lists the columns that the mapping names, by the key they stand under.
func (s *source) names() map[string][]string {
	all := map[string][]string{"key": s.Key, "columns": slices.Sorted(maps.Keys(s.Columns))}
	if s.At != "" {
		all["at"] = []string{s.At}
	}
	for kind, m := range s.Match {
		all["match."+kind] = m.Columns
	}
	for i, h := range s.Hints {
		all[fmt.Sprintf("hints.%d", i)] = h.Columns
	}
	return all
}

// checkKey makes sure that the key names one record: otherwise reading on from
// a key would lose records. Of a view nobody knows; the mapping answers for it.
func (s *source) checkKey() string {
	if !s.isTable {
		return ""
	}
	for _, name := range s.Key {
		if a, _ := s.column(name); !a.notNull {
			return "column " + name + " can be empty"
		} else if a.isFloat() {
			return "column " + name + " is no exact number"
		}
	}
	for _, index := range s.unique {
		if !slices.ContainsFunc(index, func(name string) bool { return !slices.Contains(s.Key, name) }) {
			return ""
		}
	}
	return "these columns don't name one record: no unique index covers them"
}

// times lists the columns that are wanted as instants, by their places: that
// of the record first, then those of addresses.
func (s *source) times() []int {
	var all []int
	if s.at >= 0 {
		all = append(all, s.at)
	}
	for _, h := range s.hints {
		if h.kind == person.IPTime && !slices.Contains(all, h.columns[1]) {
			all = append(all, h.columns[1])
		}
	}
	return all
}

func (s *source) withheld(name string) bool { return s.Columns[name].Withhold }
