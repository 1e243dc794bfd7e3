package sql

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/person"
)

// Keys order and resume to the letter, whatever a collation or a double makes
// of them.
func TestKeysOfEverySort(t *testing.T) {
	text := []string{"a", "A", "ä", "Ä", "b", "B", "aa", "a b", "ß", "ss", "SS", "é", "e", "日本", "'x'", `"`, `\`, "%", "Z", "0", "10", "9"}
	for _, c := range []struct {
		name, maria, postgres string
		values                []string // as literals
	}{
		{"text", "varchar(50) COLLATE utf8mb4_bin", "text", quotedAll(text)},
		{"text in Latin-1", "varchar(50) CHARACTER SET latin1 COLLATE latin1_bin", "text", quotedAll(slices.DeleteFunc(slices.Clone(text), func(s string) bool { return s == "日本" }))},
		{"great numbers", "bigint unsigned", "numeric(20)", []string{"9007199254740992", "9007199254740993", "9007199254740994", "9", "10", "18446744073709551614", "18446744073709551615"}},
		{"decimals", "decimal(30,10)", "numeric(30,10)", []string{"9007199254740992.1", "9007199254740992.2", "9.5", "10", "-3", "-20"}},
		{"days", "date", "date", []string{"'2026-01-02'", "'2025-12-31'", "'1964-08-12'"}},
		{"moments", "timestamp(6)", "timestamptz", []string{"'2026-01-02 03:04:05.000001'", "'2026-01-02 03:04:05.000002'", "'2026-01-02 03:04:05'"}},
		{"bytes", "varbinary(20)", "bytea", []string{"'a'", "'A'", "'b'", "'aa'"}},
		{"choices", "enum('z', 'y', 'x')", "text", []string{"'x'", "'y'", "'z'"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			everywhere(t, func(t *testing.T, e engine) {
				kind := c.maria
				if e == engine(postgresql) {
					kind = c.postgres
				}
				h := &harness{engine: e, database: e.Create(t, "CREATE TABLE people (part int, k "+kind+", name varchar(50), email varchar(50), PRIMARY KEY (part, k))")}
				e.Grant(t, h.database)
				for part := 1; part <= 2; part++ {
					for _, v := range c.values {
						if e == engine(maria) {
							v = strings.ReplaceAll(v, `\`, `\\`)
						}
						h.do(t, fmt.Sprintf("INSERT INTO people VALUES (%d, %s, 'x', 'erika.mustermann@example.org')", part, v))
					}
				}
				db, err := Kind{}.Open(t.Context(), h.parse(t, strings.Replace(lettersFile, "key: [id]", "key: [part, k]", 1)))
				if err != nil {
					t.Fatal(err)
				}
				defer db.Close()
				q := connector.Query{Identifiers: connectortest.Erika.Query().OfKind(person.Email)}
				ask := func(from connector.Cursor) (refs []string, cursors []connector.Cursor) {
					if _, err := db.Find(t.Context(), q, from, func(f connector.Finding, at connector.Cursor) error {
						refs, cursors = append(refs, f.Reference), append(cursors, at)
						return nil
					}); err != nil {
						t.Fatal(err)
					}
					return refs, cursors
				}
				all, cursors := ask(nil)
				if len(all) != 2*len(c.values) {
					t.Fatalf("got %d records, want %d", len(all), 2*len(c.values))
				}
				for i, at := range cursors {
					if rest, _ := ask(at); !slices.Equal(rest, all[i+1:]) {
						t.Errorf("after %s: got %q, want %q", all[i], rest, all[i+1:])
					}
				}
			})
		})
	}
}

func quotedAll(texts []string) (all []string) {
	for _, s := range texts {
		all = append(all, "'"+strings.ReplaceAll(s, "'", "''")+"'")
	}
	return all
}

func TestValuesOfMariaDB(t *testing.T) {
	columns := []struct{ kind, value, want string }{
		{"float", "1234567.8", "1234567.8"}, {"double", "1e20", "100000000000000000000"}, {"decimal(10,2)", "1.50", "1.50"},
		{"bigint unsigned", "18446744073709551615", "18446744073709551615"}, {"tinyint", "-1", "-1"}, {"year", "2026", "2026"},
		{"bit(1)", "1", "1"}, {"bit(10)", "5", "0000000101"}, {"blob", "x'00ff'", `\x00ff`}, {"binary(2)", "'a'", `\x6100`},
		{"date", "'1964-08-12'", "1964-08-12"}, {"datetime", "'2026-07-01 09:00:00'", "2026-07-01 09:00:00"},
		{"timestamp(3) NULL", "'2026-07-01 09:00:00.5'", "2026-07-01 09:00:00.500+00"}, {"time", "'-26:00:01'", "-26:00:01"},
		{"enum('gut', 'schlecht')", "'gut'", "gut"}, {"set('a', 'b')", "'a,b'", "a,b"}, {"json", `'{"a": "ü"}'`, `{"a": "ü"}`},
		{"uuid", "'123e4567-e89b-12d3-a456-426655440000'", "123e4567-e89b-12d3-a456-426655440000"}, {"inet6", "'2001:db8::17'", "2001:db8::17"},
		{"char(20)", "'x'", "x"}, {"text", "NULL", ""}, {"longtext CHARACTER SET latin1", "'Straße €'", "Straße €"},
	}
	var made, values []string
	for i, c := range columns {
		made, values = append(made, fmt.Sprintf("v%d %s", i, c.kind)), append(values, c.value)
	}
	h := &harness{engine: maria, database: maria.Create(t, "CREATE TABLE people (id int PRIMARY KEY, name varchar(50), email varchar(50), at int, "+strings.Join(made, ", ")+
		"); INSERT INTO people VALUES (1, 'x', 'erika.mustermann@example.org', 1782889200, "+strings.Join(values, ", ")+")")}
	maria.Grant(t, h.database)
	for column, want := range map[string]time.Time{
		"at":  time.Date(2026, 7, 1, 7, 0, 0, 0, time.UTC),
		"v11": time.Date(2026, 7, 1, 7, 0, 0, 0, time.UTC), // 9 o'clock in Düsseldorf
		"v12": time.Date(2026, 7, 1, 9, 0, 0, 0, time.UTC),
	} {
		all := find(t, h.parse(t, strings.Replace(lettersFile, "key: [id]", "key: [id]\n      at: "+column, 1)), connectortest.Erika.Query())
		if len(all) != 1 || !all[0].Origin.At.Equal(want) {
			t.Fatalf("at %s: got %d records, %v, want %v", column, len(all), all[0].Origin.At, want)
		}
		for i, c := range columns {
			if got := all[0].Fields[4+i].Value.Reveal(); got != c.want {
				t.Errorf("%s: got %q, want %q", c.kind, got, c.want)
			}
		}
	}
}

// A table that is joined by text, which the collation only holds equal, is
// looked at by staff.
func TestAJoinThatOnlyTheCollationHoldsEqual(t *testing.T) {
	h := &harness{engine: maria, database: maria.Create(t, `CREATE TABLE people (id int PRIMARY KEY, name varchar(50), email varchar(50), token varchar(50));
		CREATE TABLE visits (id int PRIMARY KEY, token varchar(50));
		INSERT INTO people VALUES (1, 'Erika Mustermann', 'erika.mustermann@example.org', 'aBc');
		INSERT INTO visits VALUES (1, 'aBc'), (2, 'abc'), (3, 'äbc')`)}
	maria.Grant(t, h.database)
	file := lettersFile + "    - name: visits\n      key: [id]\n      reach: [[{table: people, on: {token: token}}]]\n"
	got := map[string]connector.Confidence{}
	for _, f := range find(t, h.parse(t, file), connectortest.Erika.Query()) {
		got[f.Reference] = f.Confidence
	}
	if got["visits/1"] != connector.Sure || got["visits/2"] != connector.Check || got["visits/3"] != connector.Check {
		t.Errorf("got %v, want the first sure and the others to be checked", got)
	}
}
