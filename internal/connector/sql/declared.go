package sql

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"einsicht/internal/connector"
)

// declared is a Change whose names were found.
type declared struct {
	*Change
	whole string           // why every row stays
	open  []string         // columns that a mask forgets
	mask  []assignment     // in the order of the columns
	keeps []connector.Kept // in the order of the columns
	with  []dependent
}

// assignment is what takes the place of a value.
type assignment struct {
	attribute
	text       string // empty: see blank
	generalise string // "year", "month"
}

// dependent is a With whose table was found.
type dependent struct {
	relation
	place string // as the mapping calls it
	on    map[string]string
	with  []dependent
}

// declare looks the names of changes up in the catalog.
func (s *source) declare(wrong func(key, what string) error, at string) error {
	d := &declared{Change: s.Change}
	kept := map[string]string{}
	for _, k := range s.Change.Keep {
		if len(k.Columns) == 0 {
			d.whole = k.Why
		}
		for _, name := range k.Columns {
			kept[name] = k.Why
		}
	}
	for _, name := range s.changed() {
		if s.place(name) < 0 {
			return wrong(at, "there is no column "+name+" in the system")
		}
	}
	for _, a := range s.columns {
		why, keeps := kept[a.name]
		text, writes := s.Change.Mask.Text[a.name]
		to, generalises := s.Change.Mask.Generalise[a.name]
		switch {
		case s.Change.Erase != masking:
		case keeps:
			d.keeps = append(d.keeps, connector.Kept{Field: a.name, Why: why})
		case generalises && a.when != day && a.when != moment:
			return wrong(at+".mask.generalise", "column "+a.name+" is no date")
		case slices.Contains(s.Change.Mask.Empty, a.name) && a.notNull && !a.isText:
			return wrong(at+".mask.empty", "column "+a.name+" can't be empty: name a text for it")
		case generalises || writes || slices.Contains(s.Change.Mask.Empty, a.name):
			d.mask = append(d.mask, assignment{attribute: a, text: text, generalise: to})
		default:
			d.open = append(d.open, a.name)
		}
	}
	s.declared = d
	return nil
}

// changed lists the columns that a change names.
func (s *source) changed() []string {
	c := s.Change
	all := slices.Concat(c.Mask.Empty, slices.Sorted(maps.Keys(c.Mask.Text)), slices.Sorted(maps.Keys(c.Mask.Generalise)), c.Rectify)
	for _, k := range c.Keep {
		all = append(all, k.Columns...)
	}
	if c.Restrict != nil {
		all = append(all, c.Restrict.Column)
	}
	return all
}

// blank is what takes the place of a value that is none: the statement writes
// NULL, or an empty text where there must be one.
func (a attribute) blank() any {
	if a.notNull && a.isText {
		return ""
	}
	return nil
}

// stored is a value of the mapping, or of a correction, as it is written.
func (a attribute) stored(text string) any {
	if text == "" {
		return a.blank()
	}
	return text
}

// declare looks up what may be changed.
func (db *database) declare(ctx context.Context, r *reading, m Mapping) (err error) {
	for i, s := range db.tables {
		if s.Change == nil {
			continue
		}
		at := fmt.Sprintf("tables.%d.change", i)
		if err := s.declare(r.wrong, at); err != nil {
			return err
		}
		if s.declared.with, err = r.dependents(ctx, m, s.relation, s.Change.With, at+".with"); err != nil {
			return err
		}
	}
	return nil
}

// dependents looks up the tables whose rows go with one. The mapping was checked:
// they end.
func (r *reading) dependents(ctx context.Context, m Mapping, from relation, list []With, at string) ([]dependent, error) {
	var all []dependent
	for i, w := range list {
		key := fmt.Sprintf("%s.%d", at, i)
		to, err := r.relation(ctx, w.Table)
		if err != nil {
			return nil, err
		}
		for _, own := range slices.Sorted(maps.Keys(w.On)) {
			if from.place(own) < 0 || to.place(w.On[own]) < 0 {
				return nil, r.wrong(key, "there is no such table or column in the system")
			}
		}
		if !to.isTable {
			return nil, r.wrong(key, w.Table+" is a view")
		}
		more := w.With
		if t, mapped := m.table(w.Table); mapped {
			more = t.Change.With
		}
		d := dependent{relation: to, place: w.Table, on: w.On}
		if d.with, err = r.dependents(ctx, m, to, more, key+".with"); err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	return all, nil
}
