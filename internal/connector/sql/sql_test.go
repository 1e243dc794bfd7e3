package sql

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/person"
	"einsicht/internal/pgserver"
)

var server *pgserver.Server

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("/tmp", "einsicht-sql")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil { // the server's user passes through
		panic(err)
	}
	ctx := context.Background()
	server, err = pgserver.Start(ctx, pgserver.Options{Data: dir, Name: "source", Bare: true,
		Settings: map[string]string{"fsync": "off", "max_connections": "60"}})
	if err != nil {
		panic(err)
	}
	defer server.Stop(ctx)
	if err := server.CreateRoles(ctx, "keeper", "reader"); err != nil {
		panic(err)
	}
	return m.Run()
}

const schema = `
CREATE TYPE mood AS ENUM ('gut', 'schlecht');
CREATE TABLE participants (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, first_name text, last_name varchar(80), email text, born date, phone text,
	login char(20), street text, zip text, city text, password_hash text, ip inet, seen timestamptz, mood mood, "Bemerkung ""x""" text,
	referrer bigint REFERENCES participants);
CREATE TABLE courses (id int PRIMARY KEY, title text, starts timestamp);
CREATE TABLE enrolments (
	course_id int REFERENCES courses, participant_id bigint REFERENCES participants, attempt int, grade text, examiner text,
	PRIMARY KEY (course_id, participant_id, attempt));
CREATE TABLE certificates (
	serial text PRIMARY KEY, course_id int, participant_id bigint, attempt int,
	FOREIGN KEY (course_id, participant_id, attempt) REFERENCES enrolments);
CREATE SCHEMA news;
CREATE TABLE news.lists (name text PRIMARY KEY, topic text);
CREATE TABLE news.members (list text REFERENCES news.lists, participant_id bigint REFERENCES participants);
CREATE TABLE messages (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, sender text, parent_id bigint REFERENCES messages, body text, secret text);
INSERT INTO courses VALUES (1, 'Datenschutz', '2026-11-02 09:00'), (2, 'Vergabe', NULL);
INSERT INTO news.lists VALUES ('a/b', 'Presse'), ('Ä', 'Amtsblatt');
GRANT USAGE ON SCHEMA public, news TO reader;
GRANT SELECT ON ALL TABLES IN SCHEMA public, news TO reader;
REVOKE SELECT ON messages FROM reader; GRANT SELECT (id, sender, parent_id, body) ON messages TO reader;
`

const connectionFile = `
system: fortbildung
kind: sql
concurrency: 8
timeout: 20s
match:
  - {by: [email], confidence: sure}
  - {by: [name, birthdate], confidence: sure}
  - {by: [account]}
  - {by: [phone], confidence: likely}
  - {by: [name], confidence: check}
sql:
  dsn: "%s"
  tables:
    - name: participants
      label: Teilnehmende
      category: Stammdaten
      key: [id]
      at: seen
      match:
        email: {columns: [email]}
        name: {columns: [first_name, last_name]}
        birthdate: {columns: [born]}
        phone: {columns: [phone]}
        account: {columns: [login]}
        address: {columns: [street, zip, city]}
      columns:
        email: {label: E-Mail-Adresse, category: Kontaktdaten}
        password_hash: {withhold: true}
      hints:
        - {kind: ip+time, columns: [ip, seen]}
        - {kind: account, columns: [login]}
    - name: enrolments
      key: [course_id, participant_id, attempt]
      columns: {examiner: {third_party: true}}
      reach:
        - - {table: participants, on: {participant_id: id}}
    - name: certificates
      key: [serial]
      reach:
        - - {table: enrolments, on: {course_id: course_id, participant_id: participant_id, attempt: attempt}}
          - {table: participants, on: {participant_id: id}}
    - name: courses
      key: [id]
      at: starts
      reach:
        - - {table: enrolments, on: {id: course_id}}
          - {table: participants, on: {participant_id: id}}
    - name: news.lists
      key: [name]
      reach:
        - - {table: news.members, on: {name: list}}
          - {table: participants, on: {participant_id: id}}
    - name: messages
      key: [id]
      match: {email: {columns: [sender], exact: true}}
      columns: {secret: {withhold: true}}
      reach:
        - - {table: messages, on: {parent_id: id}}
`

// harness is a database of its own for each test.
type harness struct {
	connection connector.Connection
	database   string
}

var databases atomic.Int64

func fresh(t *testing.T) connectortest.Harness { return newHarness(t, connectionFile) }

func newHarness(t *testing.T, file string) *harness {
	t.Helper()
	h := &harness{database: fmt.Sprintf("source%d", databases.Add(1))}
	if err := server.CreateDatabase(t.Context(), h.database, "keeper", "reader"); err != nil {
		t.Fatal(err)
	}
	h.exec(t, schema)
	h.connection = h.parse(t, file)
	return h
}

func (h *harness) parse(t *testing.T, file string) connector.Connection {
	t.Helper()
	c, err := connector.ParseConnection("test.yaml", []byte(fmt.Sprintf(file, server.DSN("reader", h.database))))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (h *harness) as(t *testing.T, role, database string, f func(*pgx.Conn)) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), server.DSN(role, database))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	f(conn)
}

func (h *harness) exec(t *testing.T, statements string) {
	t.Helper()
	h.as(t, "keeper", h.database, func(conn *pgx.Conn) {
		if _, err := conn.Exec(t.Context(), statements); err != nil {
			t.Fatal(err)
		}
	})
}

func (h *harness) refs(t *testing.T, conn *pgx.Conn, query string, args ...any) []string {
	t.Helper()
	rows, err := conn.Query(t.Context(), query, args...)
	if err != nil {
		t.Fatal(err)
	}
	refs, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return refs
}

func (h *harness) Kind() connector.Kind             { return Kind{} }
func (h *harness) Connection() connector.Connection { return h.connection }

// Plant writes one participant, both courses, a certificate, a list, and the
// rest as messages with a reply of somebody else to the first of them.
func (h *harness) Plant(t *testing.T, p connectortest.Person, n int) (refs []string) {
	t.Helper()
	first, last, _ := strings.Cut(p.Name, " ")
	h.as(t, "keeper", h.database, func(conn *pgx.Conn) {
		var id int64
		err := conn.QueryRow(t.Context(), `INSERT INTO participants (first_name, last_name, email, born, phone, login, street, password_hash, ip, seen, "Bemerkung ""x""")
			VALUES ($1, $2, $3, $4::text::date, $5, $6, $7, 'hash', $8::text::inet, $9, 'nett') RETURNING id`,
			first, last, p.Email, p.Birthdate, p.Phone, p.Account, p.Address, p.IP, p.At).Scan(&id)
		if err != nil {
			t.Fatal(err)
		}
		refs = append(refs, fmt.Sprint("participants/", id))
		refs = append(refs, h.refs(t, conn, `INSERT INTO enrolments SELECT c, $1, a, 'gut', 'Prüferin' FROM generate_series(1, 2) c, generate_series(1, 2) a
			RETURNING 'enrolments/'||course_id||'/'||participant_id||'/'||attempt`, id)...)
		refs = append(refs, h.refs(t, conn, `INSERT INTO certificates SELECT 'Z-'||$1::bigint, 2, $1::bigint, 1 RETURNING 'certificates/'||serial`, id)...)
		refs = append(refs, h.refs(t, conn, `INSERT INTO news.members SELECT unnest(ARRAY['a/b', 'Ä']), $1 RETURNING list`, id)[:0]...)
		refs = append(refs, "courses/1", "courses/2", "news.lists/a%2Fb", "news.lists/%C3%84")
		own := h.refs(t, conn, `INSERT INTO messages (sender, body) SELECT lower($1), 'Nachricht '||g FROM generate_series(1, $2::int) g RETURNING id::text`, p.Email, max(1, n-10))
		for _, m := range own {
			refs = append(refs, "messages/"+m)
		}
		refs = append(refs, h.refs(t, conn, `INSERT INTO messages (sender, parent_id, body) VALUES ('someone@else.example', $1::text::bigint, 'Antwort') RETURNING 'messages/'||id`, own[0])...)
	})
	return refs
}

// Fingerprint covers every row of every table, and counts what the server
// wrote.
func (h *harness) Fingerprint(t *testing.T) string {
	t.Helper()
	sum := sha256.New()
	h.as(t, "keeper", h.database, func(conn *pgx.Conn) {
		for _, table := range []string{"participants", "courses", "enrolments", "certificates", "news.lists", "news.members", "messages"} {
			for _, row := range h.refs(t, conn, "SELECT r::text||xmin||xmax FROM "+table+" r ORDER BY 1") {
				fmt.Fprintln(sum, row)
			}
		}
	})
	return fmt.Sprintf("%x", sum.Sum(nil))
}

func (h *harness) Break(t *testing.T) func() {
	t.Helper()
	allow := func(yes bool) {
		h.as(t, server.Superuser(), "postgres", func(conn *pgx.Conn) {
			if _, err := conn.Exec(t.Context(), fmt.Sprintf("ALTER DATABASE %s ALLOW_CONNECTIONS %v", h.database, yes)); err != nil {
				t.Fatal(err)
			}
			if _, err := conn.Exec(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", h.database); err != nil {
				t.Fatal(err)
			}
		})
	}
	allow(false)
	return func() { allow(true) }
}

// Spoil replaces a table by a view that fails with the person's own value in
// the message.
func (h *harness) Spoil(t *testing.T, p connectortest.Person) {
	t.Helper()
	h.exec(t, `ALTER TABLE messages RENAME TO old;
		CREATE VIEW messages AS SELECT id, sender, parent_id, (sender::int)::text AS body, secret FROM old; GRANT SELECT ON messages TO reader`)
}

func TestConformance(t *testing.T) { connectortest.Run(t, fresh) }

func TestTheDatabaseFoldsAsPackagePersonDoes(t *testing.T) {
	h := newHarness(t, connectionFile)
	words := map[person.IdentifierKind][]string{
		person.Name: {"Jürgen Groß", "GROSS, JÜRGEN", "Prof. Dr. med. Jürgen Groß", "Dr. h.c. Anna-Lena O’Brien", "Frau Erika Mustermann", "Michael Herr",
			"René Wałęsa", "Ju\u0308rgen", "İbrahim Şahin Yıldız", "Анна ИВАНОВА", "Ærøskøbing Åse", "  a \t b\u00a0c ", "ẞ", "D'Angelo", "Dr. Dr."},
		person.Address: {"Mauerstraße 51, D-40476 Düsseldorf", "LANGE STR. 12 A\n33098 Paderborn, Deutschland", "Straße des 17. Juni 135", "Hauptstr.5", "Am Weg 1 b/c"},
		person.Email:   {"Erika.M+amt@Example.ORG", " erika%40example.org ", "+e@example.org"},
		person.Company: {"Müller & Söhne GmbH", "A.B.C.-Dienste"},
		person.IBAN:    {"de89 3704 0044 0532 0130 00"},
		person.Account: {" EMustermann "}, person.SessionID: {"aBc"}, person.SSHFingerprint: {"SHA256:AbC="},
		person.Phone: {"+49 211 83701-99"},
	}
	folding, err := newFolding("UTF8")
	if err != nil {
		t.Fatal(err)
	}
	h.as(t, "reader", h.database, func(conn *pgx.Conn) {
		check := func(kind person.IdentifierKind, value, want string) {
			var got string
			if err := conn.QueryRow(t.Context(), "SELECT "+folding.stored(kind, "$1::text"), value).Scan(&got); err != nil {
				t.Fatal(err)
			}
			if got != want {
				t.Errorf("%s %q: the database made %q, want %q", kind, value, got, want)
			}
		}
		for kind, values := range words {
			for _, v := range values {
				want, _ := person.Normal(kind, v)
				check(kind, v, want)
			}
		}
		for r := range person.Foldings {
			check(person.Company, "x"+string(r)+"x", person.Fold("x"+string(r)+"x"))
		}
	})
}

func TestAFindingSaysWhatItIs(t *testing.T) {
	h := newHarness(t, connectionFile)
	h.Plant(t, connectortest.Erika, 11)
	h.Plant(t, connectortest.OtherErika, 11)
	c, err := Kind{}.Open(t.Context(), h.connection)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	q := connectortest.Erika.Query()
	all := map[string]connector.Finding{}
	if _, err := c.Find(t.Context(), q, nil, func(f connector.Finding, _ connector.Cursor) error {
		all[f.Reference] = f
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	erika := all["participants/1"]
	field := map[string]connector.Field{}
	for _, f := range erika.Fields {
		field[f.Name] = f
	}
	if f := field["password_hash"]; !f.Withheld || !f.Value.IsZero() {
		t.Errorf("a withheld column: got withheld %v, empty %v, want both", f.Withheld, f.Value.IsZero())
	}
	if f := field[`Bemerkung "x"`]; !f.Unmapped || f.Value.Reveal() != "nett" {
		t.Errorf("a column nobody mapped: got unmapped %v and %q, want it shown", f.Unmapped, f.Value.Reveal())
	}
	if f := field["email"]; f.Unmapped || f.Label != "E-Mail-Adresse" || f.Category != "Kontaktdaten" {
		t.Errorf("a mapped column: got %+v", f)
	}
	if !erika.Origin.At.Equal(connectortest.Erika.At) {
		t.Errorf("time: got %v, want %v", erika.Origin.At, connectortest.Erika.At)
	}
	if want := time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC); !all["courses/1"].Origin.At.Equal(want) {
		t.Errorf("time without a zone: got %v, want %v: 9 o'clock in Düsseldorf", all["courses/1"].Origin.At, want)
	}
	// Mail; name and birth date; account; telephone; name: five sets.
	if len(erika.Led) != 5 || erika.Confidence != connector.Sure {
		t.Errorf("got %d sets and %q, want 5 and sure", len(erika.Led), erika.Confidence)
	}
	if other := all["participants/2"]; len(other.Led) != 1 || other.Confidence != connector.Check {
		t.Errorf("the namesake: got %d sets and %q, want 1 and check", len(other.Led), other.Confidence)
	}
	if len(erika.Hints) != 0 {
		t.Errorf("got %d hints that the query knew already", len(erika.Hints))
	}
	hints := all["participants/2"].Hints
	if len(hints) != 2 || hints[0].Kind != person.IPTime || hints[0].Value.Reveal() != "192.0.2.18 2026-11-11T09:30:15Z" || hints[0].Record != "fortbildung/participants/2" || hints[0].Verified {
		t.Errorf("hints: got %d, first %q", len(hints), hints[0].Value.Reveal())
	}
	if !field["ip"].Unmapped {
		t.Error("ip: a hint alone does not map a column")
	}
	for i := range q.Identifiers {
		q.Identifiers[i].Verified = false
	}
	if _, err := c.Find(t.Context(), q, nil, func(f connector.Finding, _ connector.Cursor) error {
		if f.Confidence == connector.Sure {
			t.Errorf("%s: sure, though nothing is verified", f.Reference)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// A wrong mapping must show: each of these changes gives other records.
func TestTheSuiteNoticesAWrongMapping(t *testing.T) {
	join := "on: {course_id: course_id, participant_id: participant_id, attempt: attempt}"
	for name, change := range map[string]*strings.Replacer{
		"a composite join that lacks a column": strings.NewReplacer(join, "on: {course_id: course_id, attempt: attempt}"),
		"two columns of a join swapped":        strings.NewReplacer(join, "on: {attempt: course_id, participant_id: participant_id, course_id: attempt}"),
		"the birth date forgotten":             strings.NewReplacer("{by: [name, birthdate], confidence: sure}", "{by: [name], confidence: sure}", "{by: [name], confidence: check}", "{by: [name, phone]}"),
	} {
		t.Run(name, func(t *testing.T) {
			h := newHarness(t, connectionFile)
			h.Plant(t, connectortest.OtherErika, 11)
			h.Plant(t, connectortest.Erika, 11)
			h.exec(t, "INSERT INTO enrolments VALUES (1, 2, 9, 'x', 'y'); INSERT INTO certificates VALUES ('Y', 1, 2, 9)")
			want := refsOf(t, h.connection)
			mutated := change.Replace(connectionFile)
			if mutated == connectionFile {
				t.Fatal("nothing was changed")
			}
			if got := refsOf(t, h.parse(t, mutated)); slices.Equal(got, want) {
				t.Error("got the same records, want others")
			}
		})
	}
}

// A name alone never leads further than to somebody who checks, whatever the
// file says.
func TestANameAloneIsNeverSure(t *testing.T) {
	h := newHarness(t, strings.ReplaceAll(connectionFile, "{by: [name], confidence: check}", "{by: [name], confidence: sure}"))
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

// Even a role that may write can't write through a connection of ours.
func TestNothingCanBeWritten(t *testing.T) {
	h := newHarness(t, connectionFile)
	c, err := connector.ParseConnection("test.yaml", []byte(fmt.Sprintf(connectionFile, server.DSN("keeper", h.database))))
	if err != nil {
		t.Fatal(err)
	}
	opened, err := Kind{}.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	err = opened.(*database).read(t.Context(), func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), "DELETE FROM public.messages")
		return failure("messages", err)
	})
	if want := "messages: connection is wrong (25006)"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %q", err, want)
	}
}

// A question that takes the database too long is asked again later.
func TestASlowDatabase(t *testing.T) {
	h := newHarness(t, strings.Replace(connectionFile, "timeout: 20s", "timeout: 300ms", 1))
	h.exec(t, "ALTER TABLE messages RENAME TO old; CREATE VIEW messages AS SELECT id, sender, parent_id, body, secret FROM old, pg_sleep(5); GRANT SELECT ON messages TO reader")
	h.exec(t, "INSERT INTO old (sender) VALUES ('erika.mustermann@example.org')")
	c, err := Kind{}.Open(t.Context(), h.connection)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, err = c.Find(t.Context(), connectortest.Erika.Query(), nil, func(connector.Finding, connector.Cursor) error { return nil })
	if !errors.Is(err, connector.ErrUnreachable) || !strings.Contains(err.Error(), "57014") {
		t.Errorf("got %v, want %v (57014)", err, connector.ErrUnreachable)
	}
}

// refsOf asks by name and birth date, and gives what is not to be checked.
func refsOf(t *testing.T, c connector.Connection) (refs []string) {
	t.Helper()
	q := connectortest.Erika.Query()
	q.Identifiers = append(q.OfKind(person.Name), q.OfKind(person.Birthdate)...)
	for _, f := range find(t, c, q) {
		if f.Confidence != connector.Check {
			refs = append(refs, f.Reference)
		}
	}
	return refs
}

func find(t *testing.T, c connector.Connection, q connector.Query) (all []connector.Finding) {
	t.Helper()
	db, err := Kind{}.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Find(t.Context(), q, nil, func(f connector.Finding, _ connector.Cursor) error {
		all = append(all, f)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestTheCatalogJudgesTheMapping(t *testing.T) {
	h := newHarness(t, connectionFile)
	for _, c := range []struct {
		name, from, to string
		want           string // empty: it opens
	}{
		{"as it stands", "", "", ""},
		{"no such table", "name: courses", "name: kurse", "test.yaml:43: sql.tables.3.name: there is no such table"},
		{"no such column", "on: {id: course_id}", "on: {id: kurs}", "sql.tables.3.reach.0.0: there is no such table or column"},
		{"SQL in a column is only a name", "columns: [phone]", "columns: [\"phone) OR (true\"]", "there is no column"},
		{"SQL in a table is only a name", "name: certificates", "name: \"certificates WHERE true; --\"", "there is no such table"},
		{"a key that does not name one record", "key: [course_id, participant_id, attempt]", "key: [course_id, attempt]", "sql.tables.1.key: these columns don't name one record"},
		{"a key that can be empty", "key: [serial]", "key: [serial, attempt]", "column attempt can be empty"},
		{"a column that may not be read", "columns: {secret: {withhold: true}}", "columns: {}", "column secret may not be read"},
		{"a time that is none", "at: starts", "at: title", "sql.tables.3.at: is no time"},
	} {
		t.Run(c.name, func(t *testing.T) {
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
		{"password in the DSN", "dsn: \"%s\"", "dsn: \"host=x password=geheim\"", "test.yaml:13: sql.dsn: holds a password"},
		{"password in a URL", "dsn: \"%s\"", "dsn: \"postgres://u:geheim@h/d\"", "sql.dsn: holds a password"},
		{"unknown key", "label: Teilnehmende", "lable: x", "test.yaml:16: sql.tables.lable: unknown key"},
		{"reach that ends nowhere", "reach:\n        - - {table: messages,", "reach:\n        - - {table: courses,", "must end at a table that has match"},
		{"kind nobody knows", "phone: {columns: [phone]}", "shoe-size: {columns: [phone]}", "match.shoe-size"},
		{"no way to anybody", "match: {email: {columns: [sender], exact: true}}", "match: {iban: {columns: [sender]}}", "serves none of the sets"},
		{"withheld key", "password_hash: {withhold: true}", "id: {withhold: true}", "a key can't be withheld"},
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
