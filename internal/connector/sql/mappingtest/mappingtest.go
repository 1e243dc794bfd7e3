// Package mappingtest makes faults in mappings, each as somebody might make it who
// writes one: a join that lacks a column, two columns swapped, a set without the
// birth date. A test that asks by such a mapping must notice.
package mappingtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"einsicht/internal/connector"
	"einsicht/internal/connector/sql"
)

// Fault is one fault in a mapping.
type Fault struct {
	What string
	// Tables are those of the mapping with the fault.
	Tables []sql.Table
	Join   Join
}

// Join is what became of a join of several columns.
type Join struct {
	From, To string
	Was, Is  map[string]string // own column → column there
	// Then are the columns of To by which the mapping goes on to the person.
	Then []string
}

// Joins gives every join of several columns without one of them, and with any two
// swapped: on the ways to a person, and of values that stand elsewhere. So it does
// with what such rows must hold.
func Joins(tables []sql.Table) (all []Fault) {
	for i, t := range tables {
		for p, path := range t.Reach {
			from := t.Name
			for h, hop := range path {
				for what, on := range wrong(hop.On) {
					f := Fault{What: fmt.Sprintf("%s, way %d to %s %s", t.Name, p, hop.Table, what), Tables: cloned(tables)}
					f.Tables[i].Reach[p][h].On = on
					f.Join = Join{From: from, To: hop.Table, Was: hop.On, Is: on, Then: then(tables, path, h)}
					all = append(all, f)
				}
				from = hop.Table
			}
		}
		for _, kind := range slices.Sorted(maps.Keys(t.Match)) {
			for w, parts := range t.Match[kind].From {
				for n, part := range parts {
					name := fmt.Sprintf("%s, %s of %s (%d.%d)", t.Name, kind, part.Table, w, n)
					for what, on := range wrong(part.On) {
						f := Fault{What: name + " " + what, Tables: cloned(tables)}
						f.Tables[i].Match[kind].From[w][n].On = on
						all = append(all, f)
					}
					for column := range part.Where {
						f := Fault{What: name + " whatever its " + column + " is", Tables: cloned(tables)}
						delete(f.Tables[i].Match[kind].From[w][n].Where, column)
						all = append(all, f)
					}
				}
			}
		}
	}
	slices.SortFunc(all, func(a, b Fault) int { return strings.Compare(a.What, b.What) })
	return all
}

// wrong are the faults of one join.
func wrong(on map[string]string) map[string]map[string]string {
	all := map[string]map[string]string{}
	columns := slices.Sorted(maps.Keys(on))
	if len(columns) < 2 {
		return nil
	}
	for i, a := range columns {
		less := maps.Clone(on)
		delete(less, a)
		all["without "+a] = less
		for _, b := range columns[i+1:] {
			swapped := maps.Clone(on)
			swapped[a], swapped[b] = on[b], on[a]
			all["with "+a+" and "+b+" swapped"] = swapped
		}
	}
	return all
}

// then are the columns by which a way goes on behind a join.
func then(tables []sql.Table, path []sql.Hop, h int) []string {
	if h+1 < len(path) {
		return slices.Collect(maps.Keys(path[h+1].On))
	}
	i := slices.IndexFunc(tables, func(t sql.Table) bool { return t.Name == path[h].Table })
	var columns []string
	for _, m := range tables[i].Match {
		columns = append(columns, m.Columns...)
		for _, parts := range m.From {
			for _, p := range parts {
				columns = slices.AppendSeq(columns, maps.Keys(p.On))
			}
		}
	}
	return columns
}

func cloned(tables []sql.Table) []sql.Table {
	tables = slices.Clone(tables)
	for i, t := range tables {
		t.Reach = slices.Clone(t.Reach)
		for p := range t.Reach {
			t.Reach[p] = slices.Clone(t.Reach[p])
		}
		t.Match = maps.Clone(t.Match)
		for kind, m := range t.Match {
			m.From = slices.Clone(m.From)
			for w := range m.From {
				m.From[w] = slices.Clone(m.From[w])
				for n := range m.From[w] {
					m.From[w][n].Where = maps.Clone(m.From[w][n].Where)
				}
			}
			t.Match[kind] = m
		}
		tables[i] = t
	}
	return tables
}

// Sets gives, for each kind of identifier of each set of several, the sets of a
// connection with that one left out.
func Sets(match []connector.Match) map[string][]connector.Match {
	all := map[string][]connector.Match{}
	for i, m := range match {
		if len(m.By) < 2 {
			continue
		}
		for n, kind := range m.By {
			less := slices.Clone(match)
			less[i].By = slices.Delete(slices.Clone(m.By), n, n+1)
			all[fmt.Sprintf("set %d without the %s", i, kind)] = less
		}
	}
	return all
}
