package sql

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/connector/sql/sqltest"
	"einsicht/internal/person"
	"einsicht/internal/pgserver"
)

// What is tested here is the same for every product: one mapping, the same
// records.
const connectionFile = `
system: fortbildung
kind: sql
secrets:
  password: {env: PASSWORD}
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

type engine = sqltest.Engine

var (
	postgresql *sqltest.Postgres
	maria      *sqltest.MariaDB
)

func everywhere(t *testing.T, test func(t *testing.T, e engine)) {
	t.Run("PostgreSQL", func(t *testing.T) { test(t, postgresql) })
	t.Run("MariaDB", func(t *testing.T) { test(t, maria) })
}

func TestMain(m *testing.M) {
	sqltest.Main(m, func(ctx context.Context, dir string) (sqltest.Private, error) {
		return pgserver.Start(ctx, pgserver.Options{Data: dir, Name: "source", Bare: true, Settings: sqltest.Settings})
	}, func(p *sqltest.Postgres, e *sqltest.MariaDB) { postgresql, maria = p, e })
}

// harness is a database of its own for each test.
type harness struct {
	engine
	connection connector.Connection
	database   string
}

func TestConformance(t *testing.T) {
	everywhere(t, func(t *testing.T, e engine) {
		connectortest.Run(t, func(t *testing.T) connectortest.Harness { return newHarness(t, e, connectionFile) })
	})
}

func newHarness(t *testing.T, e engine, file string) *harness {
	t.Helper()
	h := &harness{engine: e}
	if e == engine(postgresql) {
		h.database = e.Create(t, postgresSchema)
	} else {
		h.database = e.Create(t, mariadbSchema)
		for _, table := range []string{"participants", "courses", "enrolments", "certificates"} {
			e.Exec(t, h.database, "GRANT SELECT ON "+table+" TO reader")
		}
		e.Exec(t, h.database, "GRANT SELECT (id, sender, parent_id, body) ON messages TO reader")
	}
	h.connection = h.parse(t, file)
	return h
}

func (h *harness) parse(t *testing.T, file string) connector.Connection {
	t.Helper()
	c, err := connector.ParseConnection("test.yaml", []byte(strings.ReplaceAll(file, "%s", h.DSN(h.database))))
	if err == nil {
		c, err = c.Resolve(func(connector.Ref) (string, error) { return sqltest.Password + "\n", nil })
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (h *harness) do(t *testing.T, statements string, args ...any) {
	t.Helper()
	h.Exec(t, h.database, statements, args...)
}

func (h *harness) Kind() connector.Kind             { return Kind{} }
func (h *harness) Connection() connector.Connection { return h.connection }

func (h *harness) Fingerprint(t *testing.T) string { return h.engine.Fingerprint(t, h.database) }

func (h *harness) Break(t *testing.T) func() { return h.Stop(t, h.database) }

// Plant writes one participant, both courses, a certificate, a list, and the
// rest as messages with a reply of somebody else to the first of them.
func (h *harness) Plant(t *testing.T, p connectortest.Person, n int) (refs []string) {
	t.Helper()
	first, last, _ := strings.Cut(p.Name, " ")
	id := h.next(t, "participants")
	h.do(t, "INSERT INTO participants (id, first_name, last_name, email, born, phone, login, street, password_hash, ip, seen, "+h.Quote(`Bemerkung "x"`)+
		") VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'hash', ?, ?, 'nett')",
		id, first, last, p.Email, p.Birthdate, p.Phone, p.Account, p.Address, p.IP, p.At.Format(time.DateTime))
	refs = append(refs, fmt.Sprint("participants/", id), "courses/1", "courses/2", "news.lists/a%2Fb", "news.lists/%C3%84")
	for course := 1; course <= 2; course++ {
		for attempt := 1; attempt <= 2; attempt++ {
			h.do(t, "INSERT INTO enrolments VALUES (?, ?, ?, 'gut', 'Prüferin')", course, id, attempt)
			refs = append(refs, fmt.Sprintf("enrolments/%d/%d/%d", course, id, attempt))
		}
	}
	serial := fmt.Sprint("Z-", id)
	h.do(t, "INSERT INTO certificates VALUES (?, 2, ?, 1)", serial, id)
	refs = append(refs, "certificates/"+serial)
	for _, list := range []string{"a/b", "Ä"} {
		h.do(t, "INSERT INTO news.members VALUES (?, ?)", list, id)
	}
	own, m := max(1, n-10), h.next(t, "messages")
	h.do(t, fmt.Sprintf("INSERT INTO messages (id, sender, body) SELECT %d + seq, lower(?), concat('Nachricht ', seq) FROM %s", m-1, h.Series(own)), p.Email)
	for i := range own {
		refs = append(refs, fmt.Sprint("messages/", m+i))
	}
	h.do(t, "INSERT INTO messages (id, sender, parent_id, body) VALUES (?, 'someone@else.example', ?, 'Antwort')", m+own, m)
	return append(refs, fmt.Sprint("messages/", m+own))
}

func (h *harness) next(t *testing.T, table string) (id int) {
	t.Helper()
	fmt.Sscan(h.Strings(t, h.database, "SELECT coalesce(max(id), 0) + 1 FROM "+table)[0], &id)
	return id
}

// Hint writes a participant of whom the account is not known.
func (h *harness) Hint(t *testing.T, p connectortest.Person) (string, person.Identifier) {
	t.Helper()
	id := h.next(t, "participants")
	h.do(t, "INSERT INTO participants (id, email, login) VALUES (?, ?, 'zweitkonto')", id, p.Email)
	return fmt.Sprint("participants/", id), person.Identifier{Kind: person.Account, Value: person.NewText("zweitkonto")}
}

// Mix lets the stranger examine p, and writes a participant with p's mail address
// under the stranger's name.
func (h *harness) Mix(t *testing.T, p, stranger connectortest.Person) []string {
	t.Helper()
	first, last, _ := strings.Cut(stranger.Name, " ")
	id := h.next(t, "participants")
	h.do(t, "INSERT INTO participants (id, email) VALUES (?, ?)", id, p.Email)
	h.do(t, "INSERT INTO enrolments VALUES (1, ?, 1, 'gut', ?)", id, stranger.Name)
	h.do(t, "INSERT INTO participants (id, email, first_name, last_name) VALUES (?, ?, ?, ?)", id+1, p.Email, first, last)
	return []string{fmt.Sprintf("enrolments/1/%d/1", id), fmt.Sprint("participants/", id+1)}
}

// Holes moves to a database whose letters nobody declared, and plants everybody
// there, some of them in Latin-1.
func (h *harness) Holes(t *testing.T, _ connectortest.Person) {
	t.Helper()
	if h.engine != engine(postgresql) {
		t.Skip("every text of MariaDB has a character set: there is nothing in a table that it can't read")
	}
	h.database += "holes"
	postgresql.As(t, postgresql.Server.Superuser(), "postgres", func(conn *pgx.Conn) {
		for _, text := range []string{"CREATE DATABASE " + h.database + " OWNER keeper TEMPLATE template0 LOCALE_PROVIDER libc LOCALE 'C' ENCODING 'SQL_ASCII'", "GRANT CONNECT ON DATABASE " + h.database + " TO reader"} {
			if _, err := conn.Exec(t.Context(), text); err != nil {
				t.Fatal(err)
			}
		}
	})
	h.do(t, postgresSchema)
	h.connection = h.parse(t, connectionFile)
	for _, p := range []connectortest.Person{connectortest.Juergen, connectortest.Erika, connectortest.OtherErika} {
		h.Plant(t, p, 25)
	}
	h.do(t, `UPDATE participants SET last_name = E'Gro\xdf' WHERE id = 3`)
	h.do(t, `UPDATE messages SET body = E'Gr\xfc\xdfe' WHERE id % 4 = 1`)
}

// Spoil replaces a table by a view that fails with the person's own value in
// the message.
func (h *harness) Spoil(t *testing.T, p connectortest.Person) {
	t.Helper()
	h.replaceMessages(t, "SELECT id, sender, parent_id, "+h.Failing(t, h.database)+" AS body, secret FROM old")
}

func (h *harness) replaceMessages(t *testing.T, query string) {
	t.Helper()
	h.do(t, "ALTER TABLE messages RENAME TO old")
	h.do(t, "CREATE VIEW messages AS "+query)
	h.do(t, "GRANT SELECT ON messages TO reader")
}
