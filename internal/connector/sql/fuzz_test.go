package sql

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// fake is a catalog that has whatever a mapping names.
type fake struct{ columns []string }

func (f fake) all(context.Context) (Catalog, error) { return nil, nil }

func (f fake) relation(_ context.Context, name string) (relation, error) {
	r := relation{quoted: backticks("db") + "." + backticks(name), hides: true}
	for i, c := range f.columns {
		a := attribute{name: c, kind: "text", charset: "utf8mb4", readable: true, notNull: true, isText: true, when: seconds}
		if i%3 == 1 {
			a = attribute{name: c, kind: "bigint", readable: true, notNull: true, when: seconds}
		}
		r.columns = append(r.columns, a)
	}
	return r, nil
}

// vocabulary is all that a statement may say beside quoted names.
var vocabulary = func() map[string]bool {
	all := map[string]bool{}
	for _, w := range strings.Fields(`select from where and or order by join on union all group as in exists is null true false coalesce bool_or
		concat_ws btrim lower upper rtrim regexp_replace regexp_split_to_table string_agg replace translate normalize nfc encode sha256 convert_to hex collate
		c utf8 utf8mb4 cast convert using binary sha2 date like escape regexp json_arrayagg same led text bigint t w v n offset string_to_array array case when then end array_to_json distinct chr`) {
		all[w] = true
	}
	return all
}()

// unheard gives what a statement says and may not, quoted names and our own
// constants aside.
func unheard(text string) string {
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case strings.HasPrefix(text[i:], "$_$"):
			end := strings.Index(text[i+3:], "$_$")
			if end < 0 {
				return "a constant without end"
			}
			i += end + 6
		case c == '"' || c == '`': // doubled within
			i++
			for i < len(text) && (text[i] != c || i+1 < len(text) && text[i+1] == c) {
				if text[i] == c {
					i++
				}
				i++
			}
			if i == len(text) {
				return "a name without end"
			}
			i++
		case strings.IndexByte(" \n(),.=<>+:?!%'-@[]|", c) >= 0 && !strings.HasPrefix(text[i:], "--"):
			i++
		default:
			end := i
			for end < len(text) && (text[end] == '_' || text[end] == '$' || text[end] >= 0x80 || isAlnum(text[end])) {
				end++
			}
			if w := strings.ToLower(text[i:end]); end == i || !vocabulary[w] && strings.Trim(strings.TrimLeft(w, "hgkscm$"), "0123456789") != "" {
				return text[i:min(len(text), i+40)]
			}
			i = end
		}
	}
	return ""
}

func isAlnum(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' }

var someLetters = sync.OnceValues(func() (folding, error) { return newFolding("LATIN1") })

// A mapping can be wrong, but it can't say anything to the database.
func FuzzMapping(f *testing.F) {
	f.Add([]byte(strings.ReplaceAll(connectionFile, "%s", "host=/tmp user=reader")), "x")
	f.Add([]byte(strings.ReplaceAll(seatsFile, "%s", "mysql://reader@/x?socket=/tmp/s")), "`; DROP TABLE x; --")
	f.Fuzz(func(t *testing.T, data []byte, name string) {
		c, err := connector.ParseConnection("f.yaml", data)
		if err != nil || len(data) > 1<<14 {
			return
		}
		var m Mapping
		if err := c.Decode(&m); err != nil {
			return
		}
		if err := m.check(c); err != nil {
			if !errors.Is(err, connector.ErrConfig) {
				t.Errorf("got %v, want its kind", err)
			}
			return
		}
		speaks(t, c, m)
		if name != "" && !strings.Contains(name, ".") {
			speaks(t, c, everywhereNamed(m, name))
		}
	})
}

// everywhereNamed gives a mapping that names nothing but the one name.
func everywhereNamed(m Mapping, name string) Mapping {
	on := map[string]string{name: name}
	parts := [][]Part{{{Table: name, On: on, Where: map[string]string{name: name}, Column: name}}}
	match := Match{Columns: []string{name}, From: parts}
	return Mapping{Tables: []Table{{
		Name: name, Key: []string{name}, At: "", Columns: map[string]Column{name: {Label: name}},
		Match: map[string]Match{"email": match, "account": {Columns: []string{name, name}, Exact: true}},
		Reach: [][]Hop{{{Table: name, On: on}}},
	}}}
}

// speaks builds all statements of a mapping and looks at what they say.
func speaks(t *testing.T, c connector.Connection, m Mapping) {
	db := &database{connection: c}
	columns := names(m)
	slices.Sort(columns)
	r := &reading{catalog: fake{slices.Compact(columns)}, wrong: c.Wrong, known: map[string]relation{}}
	for _, table := range m.Tables {
		s, err := r.source(t.Context(), table, "tables.0.")
		if err != nil {
			t.Logf("not asked: %v", err)
			return
		}
		db.tables = append(db.tables, s)
	}
	var q connector.Query
	for kind, value := range map[person.IdentifierKind]string{
		person.Email: "erika'\"@example.org", person.Phone: "+492118370199", person.Birthdate: "1964-08-12", person.Name: "Erika'\";-- Anna",
		person.Account: "Erika'\";--", person.Address: "Erika'\";--",
	} {
		q.Identifiers = append(q.Identifiers, person.Identifier{ID: uuid.New(), Kind: kind, Value: person.NewText(value)})
	}
	sets, err := c.Sets(q)
	if err != nil {
		return
	}
	whose, err := c.Whose(q)
	if err != nil {
		return
	}
	fold, err := someLetters()
	if err != nil {
		t.Fatal(err)
	}
	for _, src := range db.tables {
		st := &statement{db: db, src: src, query: q, sets: db.leadingTo(src, sets), after: src.Key}
		if len(st.sets) == 0 {
			continue
		}
		for _, text := range []string{(&postgresQuestion{statement: st, fold: fold}).build(), (&mariadbQuestion{statement: st, whose: whose}).build()} {
			if what := unheard(text); what != "" {
				t.Errorf("the statement says more than it may: %.400q", what)
			}
		}
	}
}

// names are all columns that a mapping names.
func names(m Mapping) (all []string) {
	for _, t := range m.Tables {
		s := source{Table: t}
		for _, some := range s.names() {
			all = append(all, some...)
		}
		for _, path := range t.Reach {
			for _, h := range path {
				for a, b := range h.On {
					all = append(all, a, b)
				}
			}
		}
		for _, match := range t.Match {
			for _, parts := range match.From {
				for _, p := range parts {
					all = append(all, p.Column)
					for a, b := range p.On {
						all = append(all, a, b)
					}
					for a := range p.Where {
						all = append(all, a)
					}
				}
			}
		}
	}
	return all
}
