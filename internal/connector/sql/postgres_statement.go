package sql

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"

	"einsicht/internal/person"
)

// postgresQuestion is a statement as PostgreSQL gets it. The database compares
// by itself, so what comes back is the person's.
type postgresQuestion struct {
	*statement
	fold folding
	args [][]byte
}

// build writes the question. Its columns are, all as text: the columns of the
// table, the digests of a key that is withheld, and a "true" for each set, or the
// names for which it leads there, where these have a say.
//
//	SELECT t.…, led.s0, led.s1 FROM table t JOIN (
//	    SELECT k0, bool_or(s0), string_agg(s1, …) FROM (
//	        SELECT t.id, <set 0 on t>, <set 1 on t> FROM table t WHERE …
//	        UNION ALL SELECT t.id, <set 0 on h1>, … FROM table t JOIN … h1 ON … WHERE …
//	    ) GROUP BY k0) led ON …
//
// A table that the person stands in itself needs no led, and a single set that
// leads there no "true".
func (q *postgresQuestion) build() string {
	list, key := q.src.written.columns(q)
	from, where := q.src.quoted+" t", "true"
	ways := q.ways(q.quote)
	if len(ways) == 1 && ways[0].alias == "t" {
		conds := q.conditions(q, ways[0])
		for i, c := range conds {
			switch {
			case q.doubted(q.sets[i]):
				list += ", " + q.named(c, ways[0])
			case len(conds) > 1:
				list += ", " + truth(c)
			}
		}
		where = anyOf(conds)
	} else {
		led, on := q.led(ways)
		from += " JOIN (" + led + ") led ON " + on
		for i := range q.sets {
			if len(q.sets) > 1 || q.doubted(q.sets[i]) {
				list += ", led.s" + strconv.Itoa(i) + "::text"
			}
		}
	}
	if q.after != nil {
		where += " AND (" + key + ") > (" + strings.Join(q.keyValues(), ", ") + ")"
	}
	return "SELECT " + list + " FROM " + from + " WHERE " + where + " ORDER BY " + key
}

// written is the part of a table's question that is always the same.
type written struct {
	once      sync.Once
	list, key string
}

func (w *written) columns(q *postgresQuestion) (list, key string) {
	w.once.Do(func() {
		var all []string
		for _, a := range q.src.columns {
			switch x := "t." + q.quote(a.name); {
			case q.src.withheld(a.name):
				all = append(all, "NULL") // never leaves its system
			case a.when == seconds || a.kind == "text": // is sent as its text
				all = append(all, x)
			default:
				all = append(all, x+"::text")
			}
		}
		keys := q.keys()
		for i, name := range q.src.Key {
			if q.src.withheld(name) {
				all = append(all, keys[i])
			}
		}
		w.list, w.key = strings.Join(all, ", "), strings.Join(keys, ", ")
	})
	return w.list, w.key
}

func truth(cond string) string {
	if cond == "false" {
		return "'false'"
	}
	return "coalesce(" + cond + ", false)::text"
}

// named gives, where a condition holds, the names at the end of a way as a list in
// JSON.
func (q *postgresQuestion) named(cond string, w way) string {
	if cond == "false" {
		return "NULL::text"
	}
	names := "ARRAY[]::text[]"
	if w.end.tellsName() {
		m := w.end.matches[person.Name]
		if len(m.columns) > 0 {
			names += " || " + joinedText(own(q, m, w.alias))
		}
		for _, parts := range m.from {
			from, where, columns := elsewhere(q, parts, w.alias)
			names += " || ARRAY(SELECT " + joinedText(columns) + " FROM " + from + " WHERE " + where + ")"
		}
	}
	return "CASE WHEN " + cond + " THEN array_to_json(" + names + ")::text END"
}

// keys are the expressions that order the records. A key that is withheld is
// replaced by its digest, which names the record as well.
func (q *postgresQuestion) keys() []string {
	var all []string
	for _, name := range q.src.Key {
		k := "t." + q.quote(name)
		if q.src.withheld(name) {
			k = "(encode(sha256(convert_to(" + k + "::text, 'UTF8')), 'hex') COLLATE \"C\")"
		}
		all = append(all, k)
	}
	return all
}

// keyValues gives the parameters of the key to read on from, each of its
// column's type.
func (q *postgresQuestion) keyValues() []string {
	var values []string
	for i, name := range q.src.Key {
		a, _ := q.src.column(name)
		kind := "::" + a.kind
		if q.src.withheld(name) {
			kind = ""
		}
		values = append(values, q.value(q.after[i])+kind)
	}
	return values
}

// led collects the keys that any way leads to, with the sets that led there.
func (q *postgresQuestion) led(ways []way) (query, on string) {
	var all, keys, ons []string
	for _, w := range ways {
		var list []string
		for i, k := range q.src.Key {
			list = append(list, "t."+q.quote(k)+" AS k"+strconv.Itoa(i))
		}
		conds := q.conditions(q, w)
		for i, c := range conds {
			s := "coalesce(" + c + ", false)"
			if q.doubted(q.sets[i]) {
				s = q.named(c, w)
			}
			list = append(list, s+" AS s"+strconv.Itoa(i))
		}
		all = append(all, "SELECT "+strings.Join(list, ", ")+" FROM "+w.from+" WHERE "+anyOf(conds))
	}
	for i, k := range q.src.Key {
		keys = append(keys, "k"+strconv.Itoa(i))
		ons = append(ons, "led.k"+strconv.Itoa(i)+" = t."+q.quote(k))
	}
	list := slices.Clone(keys)
	for i := range q.sets {
		s := "s" + strconv.Itoa(i)
		if q.doubted(q.sets[i]) {
			list = append(list, "string_agg(DISTINCT "+s+", chr(10)) AS "+s)
		} else {
			list = append(list, "bool_or("+s+") AS "+s)
		}
	}
	query = "SELECT " + strings.Join(list, ", ") + " FROM (" + strings.Join(all, " UNION ALL ") + ") w GROUP BY " + strings.Join(keys, ", ")
	return query, strings.Join(ons, " AND ")
}

// same compares one identifier with its columns.
func (q *postgresQuestion) same(id person.Identifier, columns []operand, how manner) string {
	forms, _ := person.Stored(id.Kind, id.Value.Reveal()) // Sets left the malformed ones out
	first := columns[0]
	x := first.x
	switch {
	case id.Kind == person.Birthdate && len(columns) == 1 && (first.when == day || first.when == moment):
		if first.kind != "date" {
			x += "::date"
		}
		return x + " = " + q.value(forms[0]) + "::date"
	case how == exact && len(columns) == 1 && first.isText:
		if raw := strings.TrimSpace(id.Value.Reveal()); !slices.Contains(forms, raw) {
			forms = append(forms, raw)
		}
		return x + q.oneOf(forms)
	}
	x = joinedText(columns)
	if how == similar {
		return q.alike(id, q.fold.stored(id.Kind, x))
	}
	return q.fold.stored(id.Kind, x) + q.oneOf(forms)
}

// alike compares a name with one that is similar to it, as person.Pattern does.
func (q *postgresQuestion) alike(id person.Identifier, stored string) string {
	var any []string
	if forms := person.Shorter(id.Kind, id.Value.Reveal()); len(forms) > 0 {
		any = append(any, "v"+q.oneOf(forms))
	}
	for _, words := range person.Longer(id.Kind, id.Value.Reveal()) {
		var places []string
		for _, w := range words {
			places = append(places, q.value(w))
		}
		any = append(any, "string_to_array(v, ' ') @> ARRAY["+strings.Join(places, ", ")+"]")
	}
	return "(SELECT " + anyOf(any) + " FROM (SELECT " + stored + " AS v OFFSET 0) n)"
}

// joinedText is the text of columns, with blanks between.
func joinedText(columns []operand) string {
	var parts []string
	for _, o := range columns {
		parts = append(parts, o.x+"::text")
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return "concat_ws(' ', " + strings.Join(parts, ", ") + ")"
}

func (q *postgresQuestion) oneOf(forms []string) string {
	var places []string
	for _, f := range forms {
		places = append(places, q.value(f))
	}
	if len(places) == 1 {
		return " = " + places[0]
	}
	return " IN (" + strings.Join(places, ", ") + ")"
}

// value gives the parameter that holds a text.
func (q *postgresQuestion) value(s string) string {
	i := slices.IndexFunc(q.args, func(known []byte) bool { return string(known) == s })
	if i < 0 {
		i, q.args = len(q.args), append(q.args, []byte(s))
	}
	return "$" + strconv.Itoa(i+1) + "::text"
}

func (q *postgresQuestion) equals(column operand, text string) string {
	if !column.isText {
		column.x += "::text"
	}
	return column.x + " = " + q.value(text)
}

func (q *postgresQuestion) quote(name string) string { return pgx.Identifier{name}.Sanitize() }

// incomparable asks how many records hold letters beyond ASCII that folding
// left over in columns of identifiers: only where the database does not know
// the encoding of its text.
func (q *postgresQuestion) incomparable() string {
	var conds []string
	for kind, m := range q.src.matches {
		columns := own(q, m, "t")
		served := slices.ContainsFunc(q.sets, func(s clue) bool { return slices.Contains(s.Match.By, kind) })
		for _, o := range columns {
			if served && o.isText {
				conds = append(conds, q.fold.fold(o.x+"::text")+` ~ `+quote(`[^\x01-\x7f]`))
			}
		}
	}
	if len(conds) == 0 {
		return ""
	}
	slices.Sort(conds)
	return "SELECT count(*) FROM " + q.src.quoted + " t WHERE " + anyOf(conds)
}
