package sql

import (
	"errors"
	"strings"
	"testing"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
)

// A name alone never leads further than to somebody who checks, whatever the
// file says.
func TestANameAloneIsNeverSure(t *testing.T) { everywhere(t, aNameAloneIsNeverSure) }

func aNameAloneIsNeverSure(t *testing.T, e engine) {
	h := newHarness(t, e, strings.ReplaceAll(connectionFile, "{by: [name], confidence: check}", "{by: [name], confidence: sure}"))
	h.Plant(t, connectortest.OtherErika, 11)
	q := connectortest.Erika.Query()
	all := find(t, h.connection, q)
	if len(all) == 0 {
		t.Fatal("got nothing, want the namesake's records to be checked")
	}
	for _, f := range all {
		if f.Confidence != connector.Check {
			t.Errorf("%s: got %q, want %q", f.Reference, f.Confidence, connector.Check)
		}
	}
}

func TestTheCatalogJudgesTheMapping(t *testing.T) { everywhere(t, theCatalogJudgesTheMapping) }

func theCatalogJudgesTheMapping(t *testing.T, e engine) {
	h := newHarness(t, e, connectionFile)
	for _, c := range []struct {
		name, from, to string
		want           string // empty: it opens
	}{
		{"as it stands", "", "", ""},
		{"no such table", "name: courses", "name: kurse", "test.yaml:45: sql.tables.3.name: there is no such table"},
		{"no such column", "on: {id: course_id}", "on: {id: kurs}", "sql.tables.3.reach.0.0: there is no such table or column"},
		{"SQL in a column is only a name", "columns: [phone]", "columns: [\"phone) OR (true\"]", "there is no column"},
		{"SQL in a table is only a name", "name: certificates", "name: \"certificates WHERE true; --\"", "there is no such table"},
		{"a key that does not name one record", "key: [course_id, participant_id, attempt]", "key: [course_id, attempt]", "sql.tables.1.key: these columns don't name one record"},
		{"a key that can be empty", "key: [serial]", "key: [serial, attempt]", "column attempt can be empty"},
		{"a column that may not be read", "columns: {secret: {withhold: true}}", "columns: {}", "column secret may not be read"},
		{"a time that is none", "at: starts", "at: title", "sql.tables.3.at: is no time"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if e == engine(maria) && strings.Contains(c.want, "may not be read") {
				t.Skip("the catalog of MariaDB keeps silent about such columns")
			}
			db, err := Kind{}.Open(t.Context(), h.parse(t, strings.Replace(connectionFile, c.from, c.to, 1)))
			if err == nil {
				db.Close()
			}
			if c.want == "" && err != nil {
				t.Errorf("got %v, want no error", err)
			}
			if c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || !errors.Is(err, connector.ErrConfig)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestTheFileIsChecked(t *testing.T) {
	for _, c := range []struct{ name, from, to, want string }{
		{"password in the DSN", "dsn: \"%s\"", "dsn: \"host=x password=geheim\"", "test.yaml:15: sql.dsn: holds a password"},
		{"password in a URL", "dsn: \"%s\"", "dsn: \"postgres://u:geheim@h/d\"", "sql.dsn: holds a password"},
		{"unknown key", "label: Teilnehmende", "lable: x", "test.yaml:18: sql.tables.lable: unknown key"},
		{"reach that ends nowhere", "reach:\n        - - {table: messages,", "reach:\n        - - {table: courses,", "must end at a table that has match"},
		{"kind nobody knows", "phone: {columns: [phone]}", "shoe-size: {columns: [phone]}", "match.shoe-size"},
		{"no way to anybody", "match: {email: {columns: [sender], exact: true}}", "match: {iban: {columns: [sender]}}", "serves none of the sets"},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := strings.Replace(strings.Replace(connectionFile, c.from, c.to, 1), "%s", "host=/tmp", 1)
			parsed, err := connector.ParseConnection("test.yaml", []byte(file))
			if err != nil {
				t.Fatal(err)
			}
			err = Kind{}.Check(parsed)
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "geheim") {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
