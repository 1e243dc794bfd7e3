package landscape

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"einsicht/internal/connector"
	"einsicht/internal/connector/all"
	"einsicht/internal/connector/sql"
	"einsicht/internal/connector/sql/sqltest"
)

// faults writes into the connections of the demonstration what somebody might get
// wrong, one at a time. Each must be refused, or give one of the named people other
// records than theirs; or it must follow from the database's own keys that it makes
// no difference.
func faults(t *testing.T, l *Landscape) {
	noticed := map[string]int{}
	for _, system := range l.Systems() {
		text, err := os.ReadFile(l.Connection(system))
		if err != nil {
			t.Fatal(err)
		}
		right := parsed(t, system, string(text))
		kind, err := all.Kind(right)
		if err != nil {
			t.Fatal(err)
		}
		for what, match := range sqltest.WrongSets(right.Match) {
			wrong := right
			wrong.Match = match
			if l.hides(t, system, func() (connector.Connector, error) { return kind.Open(t.Context(), wrong) }) {
				t.Errorf("%s, %s: got everybody's own records, want others", system, what)
			}
			noticed["set"]++
		}
		for what, wrong := range written[system] {
			changed := strings.NewReplacer(wrong...).Replace(string(text))
			if changed == string(text) {
				t.Fatalf("%s, %s: nothing was changed", system, what)
			}
			if l.hides(t, system, func() (connector.Connector, error) { return kind.Open(t.Context(), parsed(t, system, changed)) }) {
				t.Errorf("%s, %s: got everybody's own records, want others", system, what)
			}
			noticed["line"]++
		}
		if right.Kind == "sql" {
			noticed["join"] += l.wrongJoins(t, system, right)
		}
	}
	if noticed["set"] < 16 || noticed["line"] != 6 || noticed["join"] < 20 {
		t.Errorf("got faults %v, want more: this checks too little", noticed)
	}
}

// written are faults in the files of other kinds, as old and new text by turns.
var written = map[string]map[string][]string{
	"stk-hotline": {"the number that was called": {
		"category: Kontakt, identifier: phone", "category: Kontakt", "{label: Gewählte Nummer}", "{label: Gewählte Nummer, identifier: phone}"}},
	"itnrw-procurement": {
		"orders of the supplier":        {"/contacts/{contacts.id}/orders", "/contacts/{id}/orders"},
		"all contacts under one number": {"key: [id, contacts.id]", "key: [id]"},
	},
	"itnrw-servicekonto": {"sessions by the name": {"/accounts/{id}/sessions", "/accounts/{user}/sessions"}},
	"krz-databox":        {"folders elsewhere": {"[\"/benutzer/{account}/", "[\"/{account}/"}},
	"nlq-media":          {"another property": {"name: owner", "name: displayname"}},
}

// wrongJoins asks by each fault in the joins of a mapping, and counts those that
// make a difference.
func (l *Landscape) wrongJoins(t *testing.T, system string, c connector.Connection) (noticed int) {
	t.Helper()
	var m sql.Mapping
	if err := c.Decode(&m); err != nil {
		t.Fatal(err)
	}
	keys := l.foreignKeys(t, system)
	for i, table := range m.Tables {
		for p, path := range table.Reach {
			from := table.Name
			for h, hop := range path {
				for what, on := range sqltest.WrongJoins(hop.On) {
					tables := slices.Clone(m.Tables)
					tables[i].Reach = slices.Clone(table.Reach)
					tables[i].Reach[p] = slices.Clone(path)
					tables[i].Reach[p][h].On = on
					hidden := l.hides(t, system, func() (connector.Connector, error) {
						return sql.Open(t.Context(), c, sql.Mapping{DSN: m.DSN, TimeZone: m.TimeZone}, func(sql.Catalog) ([]sql.Table, error) { return tables, nil })
					})
					switch harmless := keys[key(from, hop.Table, hop.On)] && goesOn(m.Tables, path, h, on); {
					case hidden && !harmless:
						t.Errorf("%s, %s to %s %s: got everybody's own records, want others", system, from, hop.Table, what)
					case !hidden && harmless:
						t.Errorf("%s, %s to %s %s: got other records, which the foreign key should keep away", system, from, hop.Table, what)
					case !hidden:
						noticed++
					}
				}
				from = hop.Table
			}
		}
	}
	return noticed
}

// goesOn says whether what is left of a join holds all columns by which a way goes
// on behind it. A foreign key over the whole join then makes what is left lead to
// the same: the row that is missing from it exists, and all others say the same.
func goesOn(tables []sql.Table, path []sql.Hop, h int, on map[string]string) bool {
	var then []string
	if h+1 < len(path) {
		then = slices.Collect(maps.Keys(path[h+1].On))
	} else {
		end := tables[slices.IndexFunc(tables, func(t sql.Table) bool { return t.Name == path[h].Table })]
		for _, m := range end.Match {
			then = append(then, m.Columns...)
		}
	}
	left := slices.Collect(maps.Values(on))
	return len(on) < len(path[h].On) && !slices.ContainsFunc(then, func(column string) bool { return !slices.Contains(left, column) })
}

// foreignKeys are those of a database, see key.
func (l *Landscape) foreignKeys(t *testing.T, system string) map[string]bool {
	t.Helper()
	s, err := sourceOf(system)
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]bool{}
	if err := l.asOwner(t.Context(), s.(database), func(tx pgx.Tx) error {
		rows, err := tx.Query(t.Context(), `SELECT c.conrelid::regclass::text, c.confrelid::regclass::text,
	array_agg(a.attname::text ORDER BY k.place), array_agg(b.attname::text ORDER BY k.place)
FROM pg_constraint c CROSS JOIN unnest(c.conkey, c.confkey) WITH ORDINALITY k(own, there, place)
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.own JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = k.there
WHERE c.contype = 'f' GROUP BY c.oid`)
		if err != nil {
			return err
		}
		var from, to string
		var own, there []string
		_, err = pgx.ForEachRow(rows, []any{&from, &to, &own, &there}, func() error {
			on := map[string]string{}
			for i := range own {
				on[own[i]] = there[i]
			}
			keys[key(from, to, on)] = true
			return nil
		})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return keys
}

func key(from, to string, on map[string]string) string { return fmt.Sprint(from, to, on) }

// hides says whether a fault goes unnoticed: each of the named people gets what was
// planted for them, and nothing else, not even to be checked.
func (l *Landscape) hides(t *testing.T, system string, open func() (connector.Connector, error)) bool {
	t.Helper()
	c, err := open()
	if errors.Is(err, connector.ErrConfig) {
		return false
	}
	if err != nil {
		t.Fatalf("%s: %v", system, err)
	}
	defer c.Close()
	for _, p := range l.People {
		if !p.named() {
			break
		}
		var got []string
		if _, err := c.Find(t.Context(), connector.Query{Identifiers: p.Identifiers(), ReceivedAt: now}, nil, func(f connector.Finding, _ connector.Cursor) error {
			got = append(got, f.Reference)
			return nil
		}); err != nil {
			return false
		}
		if slices.Sort(got); !slices.Equal(got, l.Planted(system, p.ID)) {
			return false
		}
	}
	return true
}
