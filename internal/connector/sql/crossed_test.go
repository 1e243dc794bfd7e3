package sql

import (
	"testing"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
)

// The name in one row and the birth date in another can be of two people who
// stand in one application.
func TestValuesOfSeveralRowsAreToBeChecked(t *testing.T) {
	everywhere(t, func(t *testing.T, e engine) {
		database := e.Create(t, `CREATE TABLE applications (id int PRIMARY KEY);
CREATE TABLE details (application_id int NOT NULL, no int NOT NULL, name varchar(80) NOT NULL, value varchar(200), PRIMARY KEY (application_id, no));
INSERT INTO applications VALUES (1);
INSERT INTO details VALUES (1, 1, 'name', 'Erika Mustermann'), (1, 2, 'born', '1991-02-03'), (1, 3, 'name', 'Max Mustermann'), (1, 4, 'born', '1964-08-12');`)
		if e == engine(postgresql) {
			e.Exec(t, database, "GRANT USAGE ON SCHEMA public TO reader")
		}
		for _, table := range []string{"applications", "details"} {
			e.Exec(t, database, "GRANT SELECT ON "+table+" TO reader")
		}
		h := &harness{engine: e, database: database}
		h.connection = h.parse(t, `
system: applications
kind: sql
secrets: {password: {env: X}}
match:
  - {by: [name, birthdate]}
sql:
  dsn: "%s"
  tables:
    - name: applications
      key: [id]
      match:
        name: {from: [[{table: details, on: {id: application_id}, where: {name: name}, column: value}]]}
        birthdate: {from: [[{table: details, on: {id: application_id}, where: {name: born}, column: value}]]}
`)
		c, err := Kind{}.Open(t.Context(), h.connection)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		var found []connector.Finding
		_, err = c.Find(t.Context(), connectortest.Erika.Query(), nil, func(f connector.Finding, _ connector.Cursor) error {
			found = append(found, f)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(found) != 1 || found[0].Confidence != connector.Check {
			t.Errorf("got %d records, want the application, to be checked", len(found))
		}
		if err := c.Close(); err != nil {
			t.Errorf("closed again: got %v", err)
		}
	})
}
