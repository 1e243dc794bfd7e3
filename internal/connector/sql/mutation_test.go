package sql

import (
	"fmt"
	"strings"
	"testing"

	"einsicht/internal/connector/connectortest"
	"einsicht/internal/connector/sql/sqltest"
)

// Seats are numbered by course and day: each column of the join alone, and any
// two of them, lead to somebody else's meals.
const seatsSchema = `
CREATE TABLE guests (id int PRIMARY KEY, first_name varchar(50), last_name varchar(50), born date);
CREATE TABLE seats (course int, day int, seat int, guest int, PRIMARY KEY (course, day, seat));
CREATE TABLE meals (id int PRIMARY KEY, course int, day int, seat int, meal varchar(50));
INSERT INTO guests VALUES (1, 'Erika', 'Mustermann', '1964-08-12'), (2, 'Erika', 'Mustermann', '1991-02-03');
`

const seatsFile = `
system: kantine
kind: sql
secrets: {password: {env: PASSWORD}}
match:
  - {by: [name, birthdate], confidence: sure}
sql:
  dsn: "%s"
  tables:
    - name: guests
      key: [id]
      match: {name: {columns: [first_name, last_name]}, birthdate: {columns: [born]}}
    - name: meals
      key: [id]
      reach:
        - - {table: seats, on: {course: course, day: day, seat: seat}}
          - {table: guests, on: {guest: id}}
`

func TestAWrongMappingIsNoticed(t *testing.T) { everywhere(t, aWrongMappingIsNoticed) }

func aWrongMappingIsNoticed(t *testing.T, e engine) {
	h := &harness{engine: e, database: e.Create(t, seatsSchema)}
	e.Grant(t, h.database)
	want := []string{"guests/1"}
	hers := map[[3]int]bool{{1, 2, 1}: true, {1, 1, 2}: true, {2, 2, 1}: true}
	id := 0
	for course := 1; course <= 2; course++ {
		for day := 1; day <= 2; day++ {
			for seat := 1; seat <= 2; seat++ {
				id++
				guest := 2
				if hers[[3]int{course, day, seat}] {
					guest = 1
					want = append(want, fmt.Sprint("meals/", id))
				}
				h.do(t, fmt.Sprintf("INSERT INTO seats VALUES (%d, %d, %d, %d)", course, day, seat, guest))
				h.do(t, fmt.Sprintf("INSERT INTO meals VALUES (%d, %d, %d, %d, 'Eintopf')", id, course, day, seat))
			}
		}
	}
	exactly := func(file string) error {
		return sqltest.Exactly(t.Context(), Kind{}, h.parse(t, file), connectortest.Erika.Query(), want)
	}
	if err := exactly(seatsFile); err != nil {
		t.Fatalf("the mapping as it should be: %v", err)
	}
	for name, on := range sqltest.WrongJoins(map[string]string{"course": "course", "day": "day", "seat": "seat"}) {
		t.Run("the join "+name, func(t *testing.T) {
			var pairs []string
			for own, there := range on {
				pairs = append(pairs, own+": "+there)
			}
			if exactly(strings.Replace(seatsFile, "course: course, day: day, seat: seat", strings.Join(pairs, ", "), 1)) == nil {
				t.Error("got exactly the person's records, want others")
			}
		})
	}
	for name, change := range map[string][2]string{
		"the birth date is no part of the match": {"{by: [name, birthdate], confidence: sure}", "{by: [name], confidence: sure}"},
		"the birth date stands elsewhere":        {"birthdate: {columns: [born]}", "birthdate: {columns: [first_name]}"},
		"the person is found by the seat":        {"on: {guest: id}", "on: {seat: id}"},
		"half a name":                            {"columns: [first_name, last_name]", "columns: [first_name]"},
	} {
		t.Run(name, func(t *testing.T) {
			file := strings.Replace(seatsFile, change[0], change[1], 1)
			if file == seatsFile {
				t.Fatal("nothing was changed")
			}
			if exactly(file) == nil {
				t.Error("got exactly the person's records, want others")
			}
		})
	}
}

// Names in a database may look like SQL; they stay names.
func TestNamesAreOnlyNames(t *testing.T) { everywhere(t, namesAreOnlyNames) }

func namesAreOnlyNames(t *testing.T, e engine) {
	table, column, mail := "x\"; DROP TABLE guests; -- `", "id\"` = 1 OR `\"id", "m' OR '1'='1"
	q := e.Quote
	h := &harness{engine: e, database: e.Create(t, seatsSchema)}
	h.do(t, "CREATE TABLE "+q(table)+" ("+q(column)+" int PRIMARY KEY, "+q(mail)+" varchar(50), "+q("a$1?")+" varchar(50))")
	h.do(t, "INSERT INTO "+q(table)+" VALUES (1, 'erika.mustermann@example.org', 'a'), (2, 'x@example.org', 'b')")
	e.Grant(t, h.database)
	yaml := func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
	file := strings.NewReplacer("TABLE", yaml(table), "COLUMN", yaml(column), "MAIL", yaml(mail)).Replace(`
system: x
kind: sql
secrets: {password: {env: PASSWORD}}
match: [{by: [email]}]
sql:
  dsn: "%s"
  tables:
    - name: TABLE
      key: [COLUMN]
      match: {email: {columns: [MAIL], from: [[{table: TABLE, on: {COLUMN: COLUMN}, where: {MAIL: "' OR true; --"}, column: MAIL}]]}}
`)
	want := []string{reference(table, []string{"1"})}
	if err := sqltest.Exactly(t.Context(), Kind{}, h.parse(t, file), connectortest.Erika.Query(), want); err != nil {
		t.Error(err)
	}
	if n := h.Strings(t, h.database, "SELECT count(*) FROM guests")[0]; n != "2" {
		t.Errorf("got %s guests, want 2", n)
	}
}
