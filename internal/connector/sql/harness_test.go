package sql

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
)

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

// Fingerprint covers every row of every table, with the transactions that
// wrote it.
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
