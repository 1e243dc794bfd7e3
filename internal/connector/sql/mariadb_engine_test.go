package sql

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"einsicht/internal/connector/sql/mariadbtest"
)

// The same tables as in PostgreSQL; a second database takes the place of the
// schema. Family names stand in Latin-1, as in old installations.
const mariadbSchema = `
CREATE TABLE participants (
	id bigint AUTO_INCREMENT PRIMARY KEY, first_name varchar(200), last_name varchar(80) CHARACTER SET latin1, email varchar(200), born date, phone varchar(50),
	login char(20), street varchar(200), zip varchar(10), city varchar(100), password_hash varchar(200), ip varchar(45), seen timestamp NULL,
	mood enum('gut', 'schlecht'), ` + "`Bemerkung \"x\"`" + ` text, referrer bigint REFERENCES participants (id));
CREATE TABLE courses (id int PRIMARY KEY, title text, starts datetime);
CREATE TABLE enrolments (
	course_id int, participant_id bigint, attempt int, grade text, examiner text, PRIMARY KEY (course_id, participant_id, attempt));
CREATE TABLE certificates (serial varchar(50) PRIMARY KEY, course_id int, participant_id bigint, attempt int);
DROP DATABASE IF EXISTS news;
CREATE DATABASE news CHARACTER SET utf8mb4;
CREATE TABLE news.lists (name varchar(100) PRIMARY KEY, topic text);
CREATE TABLE news.members (list varchar(100), participant_id bigint);
CREATE TABLE messages (id bigint AUTO_INCREMENT PRIMARY KEY, sender varchar(200), parent_id bigint, body text, secret text, KEY (sender), KEY (parent_id));
INSERT INTO courses VALUES (1, 'Datenschutz', '2026-11-02 09:00'), (2, 'Vergabe', NULL);
INSERT INTO news.lists VALUES ('a/b', 'Presse'), ('Ä', 'Amtsblatt');
GRANT SELECT ON news.* TO reader;
`

type mariadbEngine struct {
	*gate
	server *mariadbtest.Server
}

func startMariaDB() (*mariadbEngine, error) {
	server, err := mariadbtest.Start()
	if err != nil {
		return nil, err
	}
	e := &mariadbEngine{server: server}
	e.gate, err = newGate(filepath.Join(filepath.Dir(server.Socket), "gate"), server.Socket, mariadbFrame)
	return e, err
}

func (e *mariadbEngine) close() {
	e.listener.Close()
	e.server.Stop()
}

func (e *mariadbEngine) reads() int64 { return e.gate.reads.Load() }

func (e *mariadbEngine) create(t *testing.T) string {
	t.Helper()
	name, err := e.server.Create()
	if err != nil {
		t.Fatal(err)
	}
	e.exec(t, name, mariadbSchema)
	for _, table := range []string{"participants", "courses", "enrolments", "certificates"} {
		e.exec(t, name, "GRANT SELECT ON "+table+" TO reader")
	}
	e.exec(t, name, "GRANT SELECT (id, sender, parent_id, body) ON messages TO reader")
	return name
}

func (e *mariadbEngine) dsn(database string) string {
	return mariadbtest.DSN(mariadbtest.Reader, e.listener.Addr().String(), database)
}

func (e *mariadbEngine) exec(t *testing.T, database, statements string, args ...any) {
	t.Helper()
	conn, err := e.server.Root().Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, text := range []string{"USE " + database, "SET time_zone = '+00:00'", statements} {
		if text != statements {
			_, err = conn.ExecContext(t.Context(), text)
		} else {
			_, err = conn.ExecContext(t.Context(), text, args...)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func (e *mariadbEngine) strings(t *testing.T, database, query string, args ...any) (all []string) {
	t.Helper()
	conn, err := e.server.Root().Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(t.Context(), "USE "+database); err != nil {
		t.Fatal(err)
	}
	rows, err := conn.QueryContext(t.Context(), query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		values, places := make([]*string, len(columns)), make([]any, len(columns))
		for i := range values {
			places[i] = &values[i]
		}
		if err := rows.Scan(places...); err != nil {
			t.Fatal(err)
		}
		if values[len(values)-1] == nil {
			values[len(values)-1] = new(string)
		}
		all = append(all, *values[len(values)-1])
	}
	if rows.Err() != nil {
		t.Fatal(rows.Err())
	}
	return all
}

func (e *mariadbEngine) series(n int) string { return fmt.Sprintf("seq_1_to_%d", n) }

func (e *mariadbEngine) quote(name string) string { return backticks(name) }

// fingerprint covers every row of every table.
func (e *mariadbEngine) fingerprint(t *testing.T, database string) string {
	t.Helper()
	tables := e.strings(t, database, "SELECT concat(table_schema, '.', table_name) FROM information_schema.tables WHERE table_schema IN (database(), 'news') ORDER BY 1")
	return fmt.Sprint(tables, e.strings(t, database, "CHECKSUM TABLE "+strings.Join(tables, ", ")+" EXTENDED"))
}

// stop kills the server as a power cut would.
func (e *mariadbEngine) stop(t *testing.T, _ string) func() {
	t.Helper()
	e.server.Kill()
	return func() {
		if err := e.server.Run(); err != nil {
			t.Fatal(err)
		}
	}
}

func (e *mariadbEngine) failing(t *testing.T, database string) string {
	e.exec(t, database, "CREATE FUNCTION failing(x text) RETURNS text DETERMINISTIC BEGIN SIGNAL SQLSTATE '22018' SET MESSAGE_TEXT = x; RETURN x; END")
	return "failing(sender)"
}

func (e *mariadbEngine) sleeping() string { return "FROM old WHERE sleep(60) = 0" }
