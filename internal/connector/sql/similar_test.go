package sql

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

const similarFile = `
system: similar
kind: sql
secrets: {password: {env: X}}
match:
  - {by: [name, birthdate]}
  - {by: [name, address]}
  - {by: [name], confidence: check}
  - {by: [email]}
sql:
  dsn: "%s"
  tables:
    - name: people
      key: [id]
      match:
        name: {columns: [first_name, last_name]}
        birthdate: {columns: [born]}
        address: {columns: [home]}
        email: {columns: [mail]}
    - name: orders
      key: [id]
      reach:
        - [{table: people, on: {person_id: id}}]
    - name: profiles
      key: [id]
      match:
        name: {from: [[{table: details, on: {id: profile_id}, column: value}]]}
        birthdate: {columns: [born]}
        email: {columns: [mail]}
    - name: cards
      key: [id]
      match:
        name: {columns: [name], exact: true}
        birthdate: {columns: [born]}
      reach:
        - [{table: people, on: {person_id: id}}]
`

// Half of a double name and the birth date are found in a database as in a file, a
// record with the person's mail address and somebody else's name is to be checked,
// and nothing else is found: what comes of asking a database is what package
// connector says of the same values.
func TestADatabaseSaysWhatAFileWould(t *testing.T) { everywhere(t, asAFileWould) }

// hers is the mail address that is asked by.
const hers = "e@example.org"

func asAFileWould(t *testing.T, e engine) {
	h := &harness{engine: e, database: e.Create(t, `CREATE TABLE people (id int PRIMARY KEY, first_name varchar(80), last_name varchar(80), born date, home varchar(80), mail varchar(80));
CREATE TABLE orders (id int PRIMARY KEY, person_id int);
CREATE TABLE profiles (id int PRIMARY KEY, born date, mail varchar(80));
CREATE TABLE details (profile_id int PRIMARY KEY, value varchar(80));
CREATE TABLE cards (id int PRIMARY KEY, name varchar(80), born date, person_id int);`)}
	h.grant(t, "people", "orders", "profiles", "details", "cards")
	names := [][2]string{
		{"Erika Anna", "Müller-Lüdenscheidt"}, {"Erika", "Müller"}, {"ERIKA", "Luedenscheidt"}, {"Dr. Erika", "Müller-Lüdenscheidt"}, {"Erika Anna Sophie", "Muller Ludenscheidt"},
		{"Max", "Müller"}, {"", "Müller"}, {"Erika", ""}, {"Anna", "Lüdenscheidt"}, {"Erika", "Möller"}, {"Iuliia", "Ivanova"}, {"Julija", "Iwanowa"}, {"Юлия", "Иванова"},
		{"Юлия Петровна", "Иванова"}, {"Müller", "Erika Anna"}, {"x", "y"},
	}

	days, homes := []string{"1964-08-12", "1991-02-03"}, []string{"Heidestr. 17, 51147 Köln", "Heidestr. 71, 51147 Köln"}
	id := 0
	var stored []connector.Values
	for _, name := range names {
		for i, born := range days {
			for _, home := range homes[:2-i] {
				id++
				full, mail := name[0]+" "+name[1], []string{hers, "f@example.org"}[id%2]
				stored = append(stored, connector.Values{person.Name: {full}, person.Birthdate: {born}, person.Address: {home}, person.Email: {mail}})
				h.do(t, "INSERT INTO people VALUES (?, ?, ?, ?, ?, ?)", id, name[0], name[1], born, home, mail)
				h.do(t, "INSERT INTO orders VALUES (?, ?)", 1000+id, id)
				h.do(t, "INSERT INTO profiles VALUES (?, ?, ?)", id, born, mail)
				h.do(t, "INSERT INTO details VALUES (?, ?)", id, full)
				h.do(t, "INSERT INTO cards VALUES (?, ?, ?, 0)", id, full, born)
			}
		}
	}
	h.asStored(t, similarFile, stored)
	// A name that leads nowhere by itself still speaks against a mail address.
	short, _, _ := strings.Cut(similarFile, "    - name: cards")
	h.asStored(t, nameless.ReplaceAllString(short, ""), stored)
}

var nameless = regexp.MustCompile(`  - \{by: \[name.*\n`)

// asStored asks for several people and compares with what is said of the values as
// they are stored, in the order of their ids.
func (h *harness) asStored(t *testing.T, file string, stored []connector.Values) {
	t.Helper()
	connection := h.parse(t, file)
	c, err := Kind{}.Open(t.Context(), connection)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, asked := range []string{"Erika Anna Müller-Lüdenscheidt", "Erika Müller", "Юлия Иванова", "Müller", "Erika Möller"} {
		q := connector.Query{Identifiers: []person.Identifier{
			identifier(person.Name, asked), identifier(person.Birthdate, "12.08.1964"), identifier(person.Address, "Heidestraße 17, 51147 Köln"), identifier(person.Email, hers)}}
		whose, err := connection.Whose(q)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		if _, err := c.Find(t.Context(), q, nil, func(f connector.Finding, _ connector.Cursor) error {
			got[f.Reference] = said(f.Led, f.Confidence)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		similar := 0
		for i, values := range stored {
			led, sure := whose.Leads(values)
			want := said(led, sure)
			if led == nil {
				want = ""
			}
			for _, reference := range []string{fmt.Sprint("people/", i+1), fmt.Sprint("orders/", 1001+i)} {
				if got[reference] != want {
					t.Errorf("%s, %s: got %q, want %q", asked, reference, got[reference], want)
				}
			}
			less := maps.Clone(values)
			delete(less, person.Address) // no profile and no card has one
			led, sure = whose.Leads(less)
			if less[person.Email][0] != hers {
				sure = connector.Check // of values in other rows nobody knows whether they belong together
			}
			profile := got[fmt.Sprint("profiles/", i+1)]
			if led == nil && profile != "" || led != nil && !strings.HasPrefix(profile, string(sure)) {
				t.Errorf("%s, profile %d: got %q, want %q", asked, i+1, profile, said(led, sure))
			}
			delete(less, person.Email)
			led, _ = whose.Leads(less)
			p, _ := person.NewPattern(person.Name, asked)
			if led != nil && p.Compare(values[person.Name][0]) == person.Similar {
				similar++
				if got[fmt.Sprint("cards/", i+1)] != "" {
					t.Errorf("%s, card %d: got a name that is only similar where it is compared to the letter", asked, i+1)
				}
			}
		}
		if similar == 0 && file == similarFile && asked != "Müller" && asked != "Erika Möller" {
			t.Errorf("%s: no stored name is similar: this checks nothing", asked)
		}
	}
}

// What MariaDB leaves out is lost without a word.
func TestCoarseWordsNeverLoseASimilarName(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	similar := 0
	for _, name := range []string{"Erika Anna Müller-Lüdenscheidt", "Erika Müller", "Юлия Иванова", "Γιώργος Παπαδόπουλος", "Jürgen Anna-Lena O’Brien Ærø", "Ioannis Παπαδόπουλος Kim", "Ü Ö"} {
		p, err := person.NewPattern(person.Name, name)
		if err != nil {
			t.Fatal(err)
		}
		patterns := coarseWords(name)
		forms := append(person.Shorter(person.Name, name), name+" Sophie", "Sophie "+name, "von "+name)
		for range 4000 {
			stored := respell(random, person.Name, forms[random.IntN(len(forms))])
			if p.Compare(stored) != person.Similar {
				continue
			}
			similar++
			if len(patterns) > 0 && !slices.ContainsFunc(patterns, func(pattern string) bool { return goPattern(t, pattern).MatchString(stored) }) {
				t.Fatalf("%q stored as %q: lost", name, stored)
			}
		}
	}
	if similar < 5000 {
		t.Errorf("only %d names were similar: this test checks too little", similar)
	}
}

func said(led [][]uuid.UUID, c connector.Confidence) string {
	slices.SortFunc(led, func(a, b []uuid.UUID) int {
		return slices.CompareFunc(a, b, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	})
	return fmt.Sprint(c, led)
}

func identifier(kind person.IdentifierKind, value string) person.Identifier {
	return person.Identifier{ID: uuid.NewSHA1(uuid.NameSpaceOID, []byte(kind)), Kind: kind, Value: person.NewText(value), Verified: true}
}

// grant lets the reader read tables.
func (h *harness) grant(t *testing.T, tables ...string) {
	t.Helper()
	if h.engine == engine(postgresql) {
		h.do(t, "GRANT USAGE ON SCHEMA public TO reader")
	}
	for _, table := range tables {
		h.do(t, "GRANT SELECT ON "+table+" TO reader")
	}
}
