package sql

import (
	"slices"
	"strconv"
	"strings"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// mariadbQuestion is a statement as MariaDB gets it. What comes back holds the
// person's records and some more, each with the values that identify it.
type mariadbQuestion struct {
	*statement
	whose connector.Whose
	args  []any
	slots []slot
	doubt bool // names have a say where they lead nowhere
}

// slot is a place in each answer for values of a kind: one text, or a list as
// JSON where they stand in other tables.
type slot struct {
	kind person.IdentifierKind
	list bool
}

// build writes the question. Its columns are: the key, whether joins are the
// same to the letter, the columns of the table, and a column for each slot. A
// record comes once for each way and each end that may lead to it.
//
//	(SELECT t.id AS k0, 1 AS same, t.… AS c0, <values on t> AS m0 FROM table t WHERE …)
//	UNION ALL (SELECT t.id, …, <values on h1> FROM table t JOIN … h1 ON … WHERE …) ORDER BY k0
func (q *mariadbQuestion) build() string {
	ways := q.ways(q.quote)
	q.doubt = slices.ContainsFunc(q.sets, q.doubted)
	q.slots = q.slotsOf(ways)
	var all []string
	for _, w := range ways {
		all = append(all, q.way(w))
	}
	var order []string
	for i := range q.src.Key {
		order = append(order, "k"+strconv.Itoa(i))
	}
	text := all[0]
	if len(all) > 1 {
		text = "(" + strings.Join(all, ") UNION ALL (") + ")"
	}
	return text + " ORDER BY " + strings.Join(order, ", ")
}

func (q *mariadbQuestion) way(w way) string {
	var list []string
	for i := range q.src.Key {
		list = append(list, q.key(i)+" AS k"+strconv.Itoa(i))
	}
	list = append(list, toTheLetter(w.joins)+" AS same")
	for i, a := range q.src.columns {
		x := "NULL" // withheld: never leaves its system
		if !q.src.withheld(a.name) {
			x = "t." + q.quote(a.name)
		}
		list = append(list, x+" AS c"+strconv.Itoa(i))
	}
	for i, s := range q.slots {
		list = append(list, q.slot(s, w)+" AS m"+strconv.Itoa(i))
	}
	where := anyOf(q.conditions(q, w))
	if q.after != nil {
		where += " AND " + q.past(0)
	}
	return "SELECT " + strings.Join(list, ", ") + " FROM " + w.from + " WHERE " + where
}

func (q *mariadbQuestion) slotsOf(ways []way) []slot {
	var all []slot
	add := func(s slot) {
		if !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	kind := func(kind person.IdentifierKind) {
		for _, w := range ways {
			m := w.end.matches[kind]
			if len(m.columns) > 0 {
				add(slot{kind, false})
			}
			if len(m.from) > 0 {
				add(slot{kind, true})
			}
		}
	}
	for _, set := range q.sets {
		for _, k := range set.Match.By {
			kind(k)
		}
	}
	if q.doubt {
		kind(person.Name)
	}
	return all
}

// slot gives the values that stand at the end of a way.
func (q *mariadbQuestion) slot(s slot, w way) string {
	m, ok := w.end.matches[s.kind]
	switch {
	case !ok, !s.list && len(m.columns) == 0, s.list && len(m.from) == 0:
		return "NULL"
	case !s.list:
		return joined(own(q, m, w.alias))
	}
	// Of rows elsewhere only those that may be the person's, and names that speak
	// against it.
	var lists []string
	for _, parts := range m.from {
		from, where, columns := elsewhere(q, parts, w.alias)
		if !(q.doubt && s.kind == person.Name) {
			where += " AND " + q.hers(s.kind, columns)
		}
		lists = append(lists, "(SELECT JSON_ARRAYAGG("+joined(columns)+") FROM "+from+" WHERE "+where+")")
	}
	return "CONCAT_WS('\n', " + strings.Join(lists, ", ") + ")"
}

// hers is true for every value that may mean any identifier of a kind.
func (q *mariadbQuestion) hers(kind person.IdentifierKind, columns []operand) string {
	var conds []string
	for _, id := range q.whose.Identifiers(kind) {
		conds = append(conds, q.same(id, columns, folded))
		if kind == person.Name && slices.ContainsFunc(q.sets, func(c clue) bool { return c.similar }) {
			conds = append(conds, q.same(id, columns, similar))
		}
	}
	return anyOf(conds)
}

// key is the expression that orders the records: numbers as such, all else by
// its bytes, for collations hold different letters equal.
func (q *mariadbQuestion) key(i int) string {
	a, _ := q.src.column(q.src.Key[i])
	x := "t." + q.quote(a.name)
	switch {
	case q.src.withheld(a.name):
		return "CAST(SHA2(" + x + ", 256) AS BINARY)" // names the record as well
	case a.isInteger():
		return x
	case a.isBinary():
		return "CAST(HEX(" + x + ") AS BINARY)"
	}
	return "CAST(CONVERT(" + x + " USING utf8mb4) AS BINARY)"
}

// past says that a key comes after the one to read on from.
func (q *mariadbQuestion) past(i int) string {
	x := q.key(i)
	place := func() string {
		a, _ := q.src.column(q.src.Key[i])
		if !a.isInteger() || q.src.withheld(a.name) {
			return "CAST(" + q.value(q.after[i]) + " AS BINARY)"
		}
		q.args = append(q.args, integer(q.after[i], a.unsigned))
		return "?"
	}
	if i == len(q.src.Key)-1 {
		return x + " > " + place()
	}
	// The first part lets an index find the place.
	return "(" + x + " >= " + place() + " AND (" + x + " > " + place() + " OR " + q.past(i+1) + "))"
}

// integer keeps all figures of a key: a text is compared with a number as a
// floating one.
func integer(s string, unsigned bool) any {
	if unsigned {
		if n, err := strconv.ParseUint(s, 10, 64); err == nil {
			return n
		}
	}
	n, _ := strconv.ParseInt(s, 10, 64)
	return n
}

// toTheLetter says whether the texts of joins are the same to the letter, and
// not only to the collation, to which Ä may be A.
func toTheLetter(joins []join) string {
	var conds []string
	for _, j := range joins {
		if j.left.charset != "" && j.right.charset != "" {
			conds = append(conds, "CAST("+text(j.leftX)+" AS BINARY) = CAST("+text(j.rightX)+" AS BINARY)")
		}
	}
	if len(conds) == 0 {
		return "1"
	}
	return strings.Join(conds, " AND ")
}

// same is true for every value that may mean an identifier; see coarse.
func (q *mariadbQuestion) same(id person.Identifier, columns []operand, how manner) string {
	forms, _ := person.Stored(id.Kind, id.Value.Reveal()) // Sets left the malformed ones out
	first := columns[0]
	switch {
	case id.Kind == person.Birthdate && len(columns) == 1 && (first.when == day || first.when == moment):
		return dateOf(first) + " = CAST(" + q.value(forms[0]) + " AS DATE)"
	case how == exact && len(columns) == 1 && first.isText:
		if raw := strings.TrimSpace(id.Value.Reveal()); !slices.Contains(forms, raw) {
			forms = append(forms, raw)
		}
		// In the column's own letters, or no index helps; what it has no
		// letters for is nowhere in it.
		var places []string
		for _, f := range forms {
			places = append(places, "CONVERT("+q.value(f)+" USING "+first.charset+")")
		}
		return first.x + " IN (" + strings.Join(places, ", ") + ")"
	}
	if id.Kind == person.Phone || id.Kind == person.Birthdate {
		forms = forms[:1] // the others are spellings of it
	}
	x, any := joined(columns), []string{}
	if how == similar {
		patterns := coarseWords(id.Value.Reveal())
		if len(patterns) == 0 {
			return x + " <> ''"
		}
		for _, p := range patterns {
			any = append(any, x+" REGEXP "+q.value(p))
		}
		return anyOf(any)
	}
	for _, f := range forms {
		patterns := coarse(id.Kind, f)
		if len(patterns) == 0 {
			return x + " <> ''"
		}
		var all []string
		for _, p := range patterns {
			all = append(all, x+" REGEXP "+q.value(p))
		}
		any = append(any, "("+strings.Join(all, " AND ")+")")
	}
	if id.Kind == person.Email {
		any = append(any, x+" LIKE '%!%40%' ESCAPE '!'") // percent-encoded
	}
	return anyOf(any)
}

// joined is the text of columns, with blanks between.
func joined(columns []operand) string {
	var parts []string
	for _, o := range columns {
		if o.when == day || o.when == moment {
			parts = append(parts, text(dateOf(o)))
		} else {
			parts = append(parts, text(o.x))
		}
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return "CONCAT_WS(' ', " + strings.Join(parts, ", ") + ")"
}

func dateOf(o operand) string {
	if o.kind == "date" {
		return o.x
	}
	return "DATE(" + o.x + ")"
}

func text(x string) string { return "CONVERT(" + x + " USING utf8mb4)" }

func (q *mariadbQuestion) value(s string) string {
	q.args = append(q.args, s)
	return "?"
}

// equals compares to the letter, and by the index where there is one.
func (q *mariadbQuestion) equals(column operand, s string) string {
	if column.charset == "" {
		return column.x + " = " + q.value(s)
	}
	return column.x + " = CONVERT(" + q.value(s) + " USING " + column.charset + ") AND CAST(" + text(column.x) + " AS BINARY) = CAST(" + q.value(s) + " AS BINARY)"
}

func (q *mariadbQuestion) quote(name string) string { return backticks(name) }

func (a attribute) isInteger() bool {
	return slices.Contains([]string{"tinyint", "smallint", "mediumint", "int", "bigint", "year"}, a.kind)
}

func (a attribute) isBinary() bool {
	return slices.Contains([]string{"binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "bit",
		"geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection"}, a.kind)
}

func (a attribute) isFloat() bool { return a.kind == "float" || a.kind == "double" }
