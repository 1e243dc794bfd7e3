package drupal

import (
	"slices"
	"strings"
	"testing"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/connector/sql"
	"einsicht/internal/connector/sql/mappingtest"
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
		sets := mappingtest.Sets(c.Match)
		want := h.given(t, c, right, users)
		for what, match := range sets {
			changed := c
			changed.Match = match
			if slices.Equal(h.given(t, changed, right, users), want) {
				t.Errorf("%s: got everybody's own records, want others", what)
			}
		}
		faults := mappingtest.Joins(right)
		wanted := map[string][]string{}
		for _, f := range faults {
			table, _, _ := strings.Cut(strings.TrimPrefix(f.What, prefix), ",")
			if wanted[table] == nil {
				wanted[table] = h.given(t, h.connection, right, table)
			}
			if slices.Equal(h.given(t, h.connection, f.Tables, table), wanted[table]) {
				t.Errorf("%s: got everybody's own records, want others", f.What)
			}
		}
		if len(sets) < 2 || len(faults) < 15 {
			t.Errorf("got %d and %d faults, want those of names, comments and elements: this checks nothing", len(sets), len(faults))
		}
	})
}

const prefix = "site_"

// fitted is the mapping as it should be.
func (h *harness) fitted(t *testing.T) (tables []sql.Table) {
	t.Helper()
	s, err := read(h.connection)
	if err != nil {
		t.Fatal(err)
	}
	site, err := sql.Open(t.Context(), h.connection, s.DSN, s.TimeZone, func(have sql.Catalog) ([]sql.Table, error) {
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
	site, err := sql.Open(t.Context(), c, s.DSN, s.TimeZone, func(sql.Catalog) ([]sql.Table, error) {
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
