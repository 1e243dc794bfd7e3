package sql

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// statement is the one question that a table is asked: each of its records
// that a set leads to, once, with the sets that do, in the order of the key.
type statement struct {
	db    *database
	src   *source
	index int // of the table in the mapping
	query connector.Query
	sets  []clue   // those that lead to this table
	after []string // the key to read on from
	last  bool     // nothing more is asked of the snapshot
}

// clue is a set of identifiers as a table is asked for it.
type clue struct {
	connector.Set
	similar bool // by names that are no more than similar, see connector.Set.Similar
}

// ends are the tables that know the person, of which a table is one or leads to.
func (s *source) ends(db *database) []*source {
	ends := []*source{s}
	for _, path := range s.Reach {
		ends = append(ends, db.find(path[len(path)-1].Table))
	}
	return ends
}

// manner is how an identifier is compared with what is stored.
type manner int

const (
	folded  manner = iota // the same in another spelling
	exact                 // as it stands there
	similar               // of names: one has words that the other lacks
)

// way is one way from the table, t, to a table that knows the person.
type way struct {
	end   *source
	alias string // of the end
	from  string // t and its joins
	joins []join
}

// join is a pair of columns that a way holds equal.
type join struct {
	left, right   attribute
	leftX, rightX string // as they stand in the statement
}

// ways lists them: the table itself, then each path.
func (st *statement) ways(quote func(string) string) []way {
	var all []way
	if len(st.src.matches) > 0 {
		all = append(all, way{end: st.src, alias: "t", from: st.src.quoted + " t"})
	}
	for n, path := range st.src.paths {
		w := way{from: st.src.quoted + " t", alias: "t"}
		here := st.src.relation
		for i, s := range path {
			next := "h" + strconv.Itoa(i)
			var conds []string
			for _, own := range slices.Sorted(maps.Keys(s.on)) {
				j := join{leftX: w.alias + "." + quote(own), rightX: next + "." + quote(s.on[own])}
				j.left, _ = here.column(own)
				j.right, _ = s.column(s.on[own])
				conds = append(conds, j.leftX+" = "+j.rightX)
				w.joins = append(w.joins, j)
			}
			w.from += " JOIN " + s.quoted + " " + next + " ON " + strings.Join(conds, " AND ")
			w.alias, here = next, s.relation
		}
		hops := st.src.Reach[n]
		w.end = st.db.find(hops[len(hops)-1].Table)
		all = append(all, w)
	}
	return all
}

// operand is a column as it stands in a statement.
type operand struct {
	attribute
	x string
}

// writer writes what differs between dialects.
type writer interface {
	quote(name string) string
	// equals says that a column holds a text of the mapping.
	equals(column operand, text string) string
	// same compares an identifier with columns joined by blanks.
	same(id person.Identifier, columns []operand, how manner) string
}

// conditions writes each set as a condition on the end of a way; a set that it
// can't serve is false.
func (st *statement) conditions(wr writer, w way) []string {
	var conds []string
	for _, s := range st.sets {
		if !w.end.serves(s.Match) {
			conds = append(conds, "false")
			continue
		}
		var all []string
		for _, id := range s.IDs {
			all = append(all, condition(wr, w.end.matches[id.Kind], id, w.alias, s.similar && id.Kind == person.Name))
		}
		conds = append(conds, "("+strings.Join(all, " AND ")+")")
	}
	return conds
}

// condition says that an identifier is the one of a row, wherever it stands.
func condition(wr writer, m found, id person.Identifier, alias string, alike bool) string {
	var any []string
	how, inOwn := folded, folded
	switch {
	case alike:
		how, inOwn = similar, similar
	case m.exact:
		inOwn = exact
	}
	if len(m.columns) > 0 && !(alike && m.exact) {
		any = append(any, wr.same(id, own(wr, m, alias), inOwn))
	}
	for _, parts := range m.from {
		from, where, columns := elsewhere(wr, parts, alias)
		any = append(any, "EXISTS (SELECT 1 FROM "+from+" WHERE "+where+" AND "+wr.same(id, columns, how)+")")
	}
	return anyOf(any)
}

// own are the columns of a match in the row itself.
func own(wr writer, m found, alias string) []operand {
	var columns []operand
	for _, a := range m.columns {
		columns = append(columns, operand{a, alias + "." + wr.quote(a.name)})
	}
	return columns
}

// elsewhere joins the rows of other tables that hold the parts of a value.
func elsewhere(wr writer, parts []part, alias string) (from, where string, columns []operand) {
	var tables, conds []string
	for i, p := range parts {
		g := "g" + strconv.Itoa(i)
		tables = append(tables, p.quoted+" "+g)
		for _, left := range slices.Sorted(maps.Keys(p.on)) {
			conds = append(conds, g+"."+wr.quote(p.on[left])+" = "+alias+"."+wr.quote(left))
		}
		for _, name := range slices.Sorted(maps.Keys(p.where)) {
			a, _ := p.relation.column(name)
			conds = append(conds, wr.equals(operand{a, g + "." + wr.quote(name)}, p.where[name]))
		}
		columns = append(columns, operand{p.column, g + "." + wr.quote(p.column.name)})
	}
	return strings.Join(tables, ", "), strings.Join(conds, " AND "), columns
}

func (db *database) find(name string) *source {
	i := slices.IndexFunc(db.tables, func(s *source) bool { return s.Name == name })
	return db.tables[i] // the mapping was checked
}

// anyOf leaves out what is never true.
func anyOf(conds []string) string {
	some := slices.DeleteFunc(slices.Clone(conds), func(c string) bool { return c == "false" })
	if len(some) == 0 {
		return "false"
	}
	return "(" + strings.Join(some, " OR ") + ")"
}
