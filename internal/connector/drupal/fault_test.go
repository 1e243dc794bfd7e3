package drupal

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/connector/sql"
	"einsicht/internal/connector/sql/sqltest"
	"einsicht/internal/person"
)

// Every fault that can be made in a join of several columns, in what the elements of
// a form must be called, and in a set of several identifiers leads somebody to other
// records.
func TestEveryFaultOfTheMappingIsNoticed(t *testing.T) {
	everywhere(t, func(t *testing.T, e sqltest.Engine) {
		h := newHarness(t, e)
		h.Exec(t, h.database, crossed)
		// A name alone would lead everywhere that a name and a birth date lead.
		c := h.connection
		c.Match = slices.DeleteFunc(slices.Clone(c.Match), func(m connector.Match) bool { return slices.Equal(m.By, []person.IdentifierKind{person.Name}) })
		right := h.fitted(t)
		sets, faults := sqltest.WrongSets(c.Match), faultsOf(right)
		if len(sets) < 2 || len(faults) < 15 {
			t.Fatalf("got %d and %d faults, want those of names, comments and elements: this checks nothing", len(sets), len(faults))
		}
		want := h.given(t, c, right, users)
		for what, match := range sets {
			changed := c
			changed.Match = match
			if slices.Equal(h.given(t, changed, right, users), want) {
				t.Errorf("%s: got everybody's own records, want others", what)
			}
		}
		wanted := map[string][]string{}
		for what, wrong := range faults {
			table, _, _ := strings.Cut(strings.TrimPrefix(what, prefix), ",")
			if wanted[table] == nil {
				wanted[table] = h.given(t, h.connection, right, table)
			}
			if slices.Equal(h.given(t, h.connection, wrong, table), wanted[table]) {
				t.Errorf("%s: got everybody's own records, want others", what)
			}
		}
	})
}

// faultsOf makes the mappings with one fault each; the table's name comes first in
// what they say.
func faultsOf(right []sql.Table) map[string][]sql.Table {
	all := map[string][]sql.Table{}
	for i, t := range right {
		for p, path := range t.Reach {
			for h, hop := range path {
				for what, on := range sqltest.WrongJoins(hop.On) {
					t.Reach = slices.Clone(right[i].Reach)
					t.Reach[p] = slices.Clone(path)
					t.Reach[p][h].On = on
					all[fmt.Sprintf("%s, way %d to %s %s", t.Name, p, hop.Table, what)] = replaced(right, i, t)
				}
			}
		}
		t.Reach = right[i].Reach
		for kind, m := range t.Match {
			for w, parts := range m.From {
				for n, part := range parts {
					for column := range part.Where {
						part.Where = maps.Clone(right[i].Match[kind].From[w][n].Where)
						delete(part.Where, column)
						m.From = slices.Clone(right[i].Match[kind].From)
						m.From[w] = slices.Clone(parts)
						m.From[w][n] = part
						t.Match = maps.Clone(right[i].Match)
						t.Match[kind] = m
						all[fmt.Sprintf("%s, %s %d.%d whatever its %s is", t.Name, kind, w, n, column)] = replaced(right, i, t)
					}
				}
			}
		}
	}
	return all
}

func replaced(tables []sql.Table, i int, t sql.Table) []sql.Table {
	tables = slices.Clone(tables)
	tables[i] = t
	return tables
}

const prefix = "site_"

// fitted is the mapping as it should be.
func (h *harness) fitted(t *testing.T) (tables []sql.Table) {
	t.Helper()
	s, err := read(h.connection)
	if err != nil {
		t.Fatal(err)
	}
	site, err := sql.Open(t.Context(), h.connection, sql.Mapping{DSN: s.DSN, TimeZone: s.TimeZone}, func(have sql.Catalog) ([]sql.Table, error) {
		tables, err = s.fit(h.connection, have)
		return tables, err
	})
	if err != nil {
		t.Fatal(err)
	}
	site.Close()
	return tables
}

// given asks a table of a mapping, and those over which it is reached, for the three
// of the name, and gives the references of all that is found and how sure it is;
// nothing where the mapping is refused.
func (h *harness) given(t *testing.T, c connector.Connection, tables []sql.Table, table string) (refs []string) {
	t.Helper()
	s, err := read(c)
	if err != nil {
		t.Fatal(err)
	}
	needed := []string{prefix + table, prefix + users, prefix + comments, prefix + submissions}
	site, err := sql.Open(t.Context(), c, sql.Mapping{DSN: s.DSN, TimeZone: s.TimeZone}, func(sql.Catalog) ([]sql.Table, error) {
		return slices.DeleteFunc(slices.Clone(tables), func(one sql.Table) bool { return !slices.Contains(needed, one.Name) }), nil
	})
	if err != nil {
		t.Logf("refused: %v", err)
		return nil
	}
	defer site.Close()
	for _, values := range []map[person.IdentifierKind]string{
		{person.Email: "erika@example.org", person.Account: "erika", person.Birthdate: "12.08.1964", person.Phone: "0211 8370199"},
		{person.Email: "erika2@example.org", person.Account: "erika2", person.Birthdate: "03.02.1991", person.Phone: "0221 9998811"},
		{person.Email: "erika@example.com", person.Account: "Erika Mustermann", person.Birthdate: "08.12.1964", person.Phone: "030 1234567"},
	} {
		q := connectortest.Erika.Query()
		for i, id := range q.Identifiers {
			if v := values[id.Kind]; v != "" {
				q.Identifiers[i].Value = person.NewText(v)
			}
		}
		if _, err := site.Find(t.Context(), q, nil, func(f connector.Finding, _ connector.Cursor) error {
			refs = append(refs, values[person.Account]+": "+f.Reference+" "+string(f.Confidence))
			return nil
		}); err != nil {
			t.Logf("refused: %v", err)
			return nil
		}
	}
	return refs
}
