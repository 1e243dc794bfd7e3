package sql

import (
	"errors"
	"strings"
	"testing"

	"einsicht/internal/connector"
)

func TestWhatAFileDeclaresIsChecked(t *testing.T) {
	for _, c := range []struct{ name, from, to, want string }{
		{"as it stands", "", "", ""},
		{"the account that asks", "change_dsn: \"%w\"", "change_dsn: \"mysql://reader@/d?socket=/s\"", "sql.change_dsn: can't be used"},
		{"another product", "change_dsn: \"%w\"", "change_dsn: \"postgres://w@localhost/d\"", "sql.change_dsn: can't be used"},
		{"another database", "change_dsn: \"%w\"", "change_dsn: \"mysql://writer@/e?socket=/s\"", "sql.change_dsn: can't be used"},
		{"a password", "change_dsn: \"%w\"", "change_dsn: \"mysql://writer:geheim@/d?socket=/s\"", "sql.change_dsn: can't be used"},
		{"a way that nobody knows", "erase: delete\n", "erase: truncate\n", "sql.tables.0.change.erase: must be delete"},
		{"nothing at all", "change: {keep: [{why: \"§ 147 Abs. 3 AO\"}]}", "change: {}", "sql.tables.3.change.erase: is missing"},
		{"a mask without erase", "erase: mask\n", "erase: delete\n", "sql.tables.1.change.mask: only serves"},
		{"erase without a mask", "change: {erase: mask, mask: {empty: [mail]}, keep", "change: {erase: mask, keep", "sql.tables.2.change.mask: is missing"},
		{"a column twice", "text: {hash", "text: {mail: x, hash", "stands here twice"},
		{"a mask of the key", "empty: [mail, name]", "empty: [mail, name, id]", "stands here twice"},
		{"a text that names what is no key", "weg-{id}", "weg-{mail}", "may name columns of the key"},
		{"a day", "born: month", "born: day", "neither year nor month"},
		{"no reason", "why: Nummer}, {", "why: \"\"}, {", "says not why"},
		{"all stays and goes", "change: {keep: [{why: \"§ 147 Abs. 3 AO\"}]}", "change: {erase: delete, keep: [{why: x}]}", "nothing is erased then"},
		{"a row that goes keeps nothing", "change: {keep: [{why: \"§ 147 Abs. 3 AO\"}]}", "change: {erase: delete, keep: [{columns: [mail], why: x}]}", "serves erase: mask"},
		{"a circle", "{table: pages, on: {id: note}}", "{table: people, on: {id: id}}", "leads in a circle to people"},
		{"a table that stays", "{table: pages, on: {id: note}}", "{table: invoices, on: {id: id}}", "says itself that its rows are not deleted"},
		{"a table that says it itself", "{table: pages, on: {id: note}}", "{table: mothers, on: {id: id}, with: [{table: x, on: {id: id}}]}", "says itself what goes"},
		{"no join", "{table: pages, on: {id: note}}", "{table: pages}", "each needs table and on"},
		{"a key that could be corrected", "rectify: [name,", "rectify: [id,", "names the record"},
		{"a hash that could be corrected", "rectify: [name,", "rectify: [hash,", "is withheld"},
		{"a version that could be corrected", "columns: {hash: {withhold: true}}", "columns: {hash: {withhold: true}, nick: {volatile: true}}", "column nick is volatile"},
		{"a version that is masked", "      change: {erase: mask, mask: {empty: [mail]", "      columns: {mail: {volatile: true}}\n      change: {erase: mask, mask: {empty: [mail]", "so it stands under keep"},
		{"a key that changes by itself", "columns: {hash: {withhold: true}}", "columns: {id: {volatile: true}}", "must not change by itself"},
		{"a column twice to correct", "rectify: [name,", "rectify: [nick,", "names column nick twice"},
		{"a mark that is none", "set: blocked", "set: \"\"", "needs column and set"},
		{"an unknown key", "restrict: {column: nick", "restrict: {colum: nick", "unknown key"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(smallFile, c.from) {
				t.Fatal("this test changes nothing")
			}
			file := strings.NewReplacer("%s", "mysql://reader@/d?socket=/s", "%w", "mysql://writer@/d?socket=/s").Replace(strings.Replace(smallFile, c.from, c.to, 1))
			parsed, err := connector.ParseConnection("test.yaml", []byte(file))
			if err != nil {
				t.Fatal(err)
			}
			err = Kind{}.Check(parsed)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "geheim")) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestTheCatalogJudgesChanges(t *testing.T) { everywhere(t, theCatalogJudgesChanges) }

func theCatalogJudgesChanges(t *testing.T, e engine) {
	h := newSmall(t, e, smallFile, "")
	for _, c := range []struct{ name, from, to, want string }{
		{"a column that is not there", "rectify: [name,", "rectify: [vorname,", "sql.tables.0.change: there is no column vorname"},
		{"SQL in a column is only a name", "rectify: [name,", `rectify: ["name = name, id",`, "there is no column"},
		{"a table that is not there", "{table: pages, on: {id: note}}", "{table: seiten, on: {id: note}}", "sql.tables.0.change.with.0.with.0: there is no such table"},
		{"a column of it", "{table: pages, on: {id: note}}", "{table: pages, on: {id: notiz}}", "there is no such table or column"},
		{"a view", "{table: pages, on: {id: note}}", "{table: seen, on: {id: line}}", "seen is a view"},
		{"a text that is no date", "born: month", "name: month", ".mask.generalise: column name is no date"},
		{"a number that can't be empty", "empty: [mail, name]", "empty: [mail, name, must]", ".mask.empty: column must can't be empty"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.name == "a view" {
				h.do(t, "CREATE VIEW seen AS SELECT line FROM log")
				e.Grant(t, h.database)
			}
			if strings.Contains(c.to, "must") {
				h.do(t, "ALTER TABLE masked ADD must int NOT NULL DEFAULT 1")
			}
			file := strings.Replace(smallFile, c.from, c.to, 1)
			if strings.Contains(c.to, "name: month") {
				file = strings.Replace(file, "empty: [mail, name]", "empty: [mail]", 1)
			}
			opened, err := Kind{}.Open(t.Context(), h.parse(t, strings.ReplaceAll(file, "%w", e.Writer(t, h.database))))
			if err == nil {
				opened.Close()
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || !errors.Is(err, connector.ErrConfig) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
