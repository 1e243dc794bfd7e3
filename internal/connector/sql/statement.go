package sql

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// statement is the one question that a table is asked: each of its records
// that a set leads to, once, with the sets that do, in the order of the key.
type statement struct {
	db    *database
	src   *source
	sets  []connector.Set // those that lead to this table
	after []string

	args   []any
	places map[string]string // kind, identifier and form → its parameter
}

// build writes the statement. Its columns are, all as text: the key, the
// columns of the table, the times (see times), and a "true" for each set.
//
//	SELECT t.…, led.s0, led.s1 FROM table t JOIN (
//	    SELECT k0, bool_or(s0), bool_or(s1) FROM (
//	        SELECT t.id, <set 0 on t>, <set 1 on t> FROM table t WHERE …
//	        UNION ALL SELECT t.id, <set 0 on h1>, … FROM table t JOIN … h1 ON … WHERE …
//	    ) GROUP BY k0) led ON …
//
// A table that the person stands in itself needs no led.
func (st *statement) build() string {
	st.places = map[string]string{}
	key := prefixed("t.", st.src.Key)
	var list []string
	for _, k := range key {
		list = append(list, k+"::text")
	}
	for _, a := range st.src.columns {
		if st.src.Columns[a.name].Withhold {
			list = append(list, "NULL::text") // never leaves its system
		} else {
			list = append(list, "t."+ident(a.name)+"::text")
		}
	}
	for _, name := range st.src.times() {
		list = append(list, `to_char(t.`+ident(name)+`::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`)
	}
	from := st.src.quoted + " t"
	var where string
	if len(st.src.paths) == 0 {
		conds := st.conditions(st.src.table, st.src.relation, "t")
		for _, c := range conds {
			list = append(list, "coalesce("+c+", false)::text")
		}
		where = anyOf(conds)
	} else {
		led, on := st.led(key)
		from += " JOIN (" + led + ") led ON " + on
		for i := range st.sets {
			list = append(list, "led.s"+strconv.Itoa(i)+"::text")
		}
		where = "true"
	}
	if st.after != nil {
		where += " AND (" + strings.Join(key, ", ") + ") > (" + strings.Join(st.keyValues(), ", ") + ")"
	}
	return "SELECT " + strings.Join(list, ", ") + " FROM " + from + " WHERE " + where + " ORDER BY " + strings.Join(key, ", ")
}

// led collects the keys that any way leads to, with the sets that led there.
func (st *statement) led(key []string) (query, on string) {
	var ways []string
	way := func(from string, conds []string) {
		list := make([]string, 0, len(key)+len(conds))
		for i, k := range key {
			list = append(list, k+" AS k"+strconv.Itoa(i))
		}
		for i, c := range conds {
			list = append(list, "coalesce("+c+", false) AS s"+strconv.Itoa(i))
		}
		ways = append(ways, "SELECT "+strings.Join(list, ", ")+" FROM "+from+" WHERE "+anyOf(conds))
	}
	if len(st.src.Match) > 0 {
		way(st.src.quoted+" t", st.conditions(st.src.table, st.src.relation, "t"))
	}
	for n, path := range st.src.paths {
		from, alias := st.src.quoted+" t", "t"
		for i, step := range path {
			next := "h" + strconv.Itoa(i)
			var joins []string
			for _, own := range slices.Sorted(maps.Keys(step.on)) {
				joins = append(joins, alias+"."+ident(own)+" = "+next+"."+ident(step.on[own]))
			}
			from += " JOIN " + step.quoted + " " + next + " ON " + strings.Join(joins, " AND ")
			alias = next
		}
		hops := st.src.Reach[n]
		end := st.db.find(hops[len(hops)-1].Table)
		way(from, st.conditions(end.table, end.relation, alias))
	}
	var keys, list, ons []string
	for i, k := range key {
		keys = append(keys, "k"+strconv.Itoa(i))
		ons = append(ons, "led.k"+strconv.Itoa(i)+" = "+k)
	}
	list = append(list, keys...)
	for i := range st.sets {
		list = append(list, "bool_or(s"+strconv.Itoa(i)+") AS s"+strconv.Itoa(i))
	}
	query = "SELECT " + strings.Join(list, ", ") + " FROM (" + strings.Join(ways, " UNION ALL ") + ") w GROUP BY " + strings.Join(keys, ", ")
	return query, strings.Join(ons, " AND ")
}

// conditions writes each set as a condition on a table that has the columns;
// a set that the table can't serve is false.
func (st *statement) conditions(t table, r relation, alias string) []string {
	var conds []string
	for _, s := range st.sets {
		if !t.serves(s.Match) {
			conds = append(conds, "false")
			continue
		}
		var all []string
		for _, id := range s.IDs {
			all = append(all, st.condition(t.Match[string(id.Kind)], id, r, alias))
		}
		conds = append(conds, "("+strings.Join(all, " AND ")+")")
	}
	return conds
}

// condition compares one identifier with its columns.
func (st *statement) condition(m match, id person.Identifier, r relation, alias string) string {
	first, _ := r.column(m.Columns[0])
	x := alias + "." + ident(first.name)
	switch {
	case id.Kind == person.Birthdate && len(m.Columns) == 1 && isTime(first.kind):
		if first.kind != "date" {
			x += "::date"
		}
		return x + " = ANY(" + st.arg(id, "normal") + "::text[]::date[])"
	case m.Exact && len(m.Columns) == 1 && isText(first.kind):
		return x + " = ANY(" + st.arg(id, "exact") + "::text[])"
	case len(m.Columns) == 1:
		x += "::text"
	default:
		var parts []string
		for _, name := range m.Columns {
			parts = append(parts, alias+"."+ident(name)+"::text")
		}
		x = "concat_ws(' ', " + strings.Join(parts, ", ") + ")"
	}
	return st.db.fold.stored(id.Kind, x) + " = ANY(" + st.arg(id, "stored") + "::text[])"
}

// arg gives the parameter that holds the forms of an identifier.
func (st *statement) arg(id person.Identifier, form string) string {
	name := form + "\x00" + string(id.Kind) + "\x00" + id.Value.Reveal()
	if place, ok := st.places[name]; ok {
		return place
	}
	forms, _ := person.Stored(id.Kind, id.Value.Reveal()) // Sets left the malformed ones out
	switch form {
	case "normal":
		forms = forms[:1]
	case "exact":
		forms = append(forms, strings.TrimSpace(id.Value.Reveal()))
	}
	st.args = append(st.args, forms)
	st.places[name] = "$" + strconv.Itoa(len(st.args))
	return st.places[name]
}

// keyValues gives the parameters of the key to read on from, each of its
// column's type.
func (st *statement) keyValues() []string {
	var values []string
	for i, name := range st.src.Key {
		a, _ := st.src.column(name)
		st.args = append(st.args, st.after[i])
		values = append(values, "$"+strconv.Itoa(len(st.args))+"::text::"+a.kind)
	}
	return values
}

// times lists the columns that are wanted as instants.
func (s *source) times() []string {
	var names []string
	if s.At != "" {
		names = append(names, s.At)
	}
	for _, h := range s.Hints {
		if h.Kind == string(person.IPTime) && !slices.Contains(names, h.Columns[1]) {
			names = append(names, h.Columns[1])
		}
	}
	return names
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

func ident(name string) string { return pgx.Identifier{name}.Sanitize() }

func prefixed(prefix string, names []string) []string {
	var all []string
	for _, n := range names {
		all = append(all, prefix+ident(n))
	}
	return all
}
