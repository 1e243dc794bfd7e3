package sql

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"einsicht/internal/connector"
	"einsicht/internal/connector/sql/sqltest"
)

// Whoever checks a connection learns what is wrong with it, and nothing that the
// server says.
func TestWhyADatabaseCantBeOpened(t *testing.T) {
	t.Run("PostgreSQL", func(t *testing.T) {
		h := &harness{engine: postgresql, database: postgresql.Create(t, "CREATE TABLE people (id int PRIMARY KEY, name text, email text)")}
		h.do(t, "GRANT USAGE ON SCHEMA public TO reader")
		socket := withPassword(t, "locked", "richtig")
		h.do(t, "REVOKE CONNECT ON DATABASE "+h.database+" FROM PUBLIC")
		for _, c := range []struct{ name, dsn, want string }{
			{"wrong password", "host=" + socket + " user=locked dbname=postgres sslmode=disable", "sign in: connection is wrong (28P01: the sign-in is refused: wrong user or password, " + socket + ")"},
			{"nobody of that name", "host=" + socket + " user=nobody_here dbname=postgres sslmode=disable", "sign in: connection is wrong (28000: the server takes nobody like this: see its pg_hba.conf, the user's name and encryption, " + socket + ")"},
			{"unknown database", "host=" + socket + " user=reader dbname=nowhere sslmode=disable", "connect: connection is wrong (3D000: there is no such database, " + socket + ")"},
			{"no right to the database", "host=" + socket + " user=stranger dbname=" + h.database + " sslmode=disable", "connect: connection is wrong (42501: signed in, but without the right to this database, " + socket + ")"},
			{"nobody there", "postgres://reader@127.0.0.1:1/d?sslmode=disable", "connect: system does not answer (connection refused, 127.0.0.1:1)"},
			{"no right to a table", "host=" + socket + " user=reader dbname=" + h.database + " sslmode=disable", "test.yaml:9: sql.tables.0.name: the system's user may not read the table: GRANT SELECT on it: connection is wrong"},
		} {
			t.Run(c.name, func(t *testing.T) { opens(t, c.dsn, "falsch", c.want) })
		}
		h.do(t, "DROP TABLE people")
		opens(t, h.DSN(h.database), "", "test.yaml:9: sql.tables.0.name: there is no such table in the system: connection is wrong")
	})
	asked := &net.DNSError{Err: "no such host", Name: "db.invalid", IsNotFound: true}
	if got, want := unanswered("connect", "db.invalid:5432", asked).Error(), "connect: system does not answer (no such host, db.invalid:5432)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	t.Run("MariaDB", func(t *testing.T) {
		h := &harness{engine: maria, database: maria.Create(t, "CREATE TABLE people (id int PRIMARY KEY, name varchar(50), email varchar(50)); CREATE TABLE others (id int PRIMARY KEY)")}
		foreign := maria.Create(t, "CREATE TABLE people (id int PRIMARY KEY)")
		h.do(t, "GRANT SELECT ON others TO reader")
		socket := maria.Server.Socket
		dsn := func(database string) string { return "mysql://reader@/" + database + "?socket=" + socket }
		for _, c := range []struct{ name, dsn, password, want string }{
			{"wrong password", dsn(h.database), "falsch", "sign in: connection is wrong (1045: the sign-in is refused: wrong user or password, " + socket + ")"},
			{"unknown database", dsn("nowhere"), sqltest.Password, "connect: connection is wrong (1044: signed in, but without the right to this database, " + socket + ")"},
			{"no right to the database", dsn(foreign), sqltest.Password, "connect: connection is wrong (1044: signed in, but without the right to this database, " + socket + ")"},
			{"nobody there", "mysql://reader@127.0.0.1:1/d", "", "connect: system does not answer (connection refused, 127.0.0.1:1)"},
			{"no right to a table", dsn(h.database), sqltest.Password, "test.yaml:9: sql.tables.0.name: there is no such table in the system, or its user may not read it: GRANT SELECT on it: connection is wrong"},
		} {
			t.Run(c.name, func(t *testing.T) { opens(t, c.dsn, c.password, c.want) })
		}
		// Whoever may read a whole database is told that a table is not there.
		h.do(t, "DROP TABLE people")
		maria.Grant(t, h.database)
		opens(t, dsn(h.database), sqltest.Password, "test.yaml:9: sql.tables.0.name: there is no such table in the system: connection is wrong")
		maria.Exec(t, h.database, "GRANT SELECT ON *.* TO reader")
		defer maria.Exec(t, h.database, "REVOKE SELECT ON *.* FROM reader")
		opens(t, dsn("nowhere"), sqltest.Password, "connect: connection is wrong (1049: there is no such database, "+socket+")")
	})
}

// opens fails unless opening fails in the words that are wanted.
func opens(t *testing.T, dsn, password, want string) {
	t.Helper()
	c, err := connector.ParseConnection("test.yaml", []byte(strings.Replace(lettersFile, "%s", dsn, 1)))
	if err == nil {
		c, err = c.Resolve(func(connector.Ref) (string, error) { return password, nil })
	}
	if err != nil {
		t.Fatal(err)
	}
	opened, err := Kind{}.Open(t.Context(), c)
	if err == nil {
		opened.Close()
		t.Fatal("opened, want a failure")
	}
	if err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
	if !errors.Is(err, connector.ErrConfig) && !errors.Is(err, connector.ErrUnreachable) {
		t.Errorf("got %v, of no known kind", err)
	}
}

// withPassword makes a role that the server asks for a password, and one that it
// takes without. It gives the folder of the server's socket.
func withPassword(t *testing.T, role, password string) (socket string) {
	t.Helper()
	root := postgresql.Server.Superuser()
	var rules, before string
	postgresql.As(t, root, "postgres", func(conn *pgx.Conn) {
		socket = conn.Config().Host
		if _, err := conn.Exec(t.Context(), "CREATE ROLE "+role+" LOGIN PASSWORD '"+password+"'; CREATE ROLE stranger LOGIN"); err != nil {
			t.Fatal(err)
		}
		if err := conn.QueryRow(t.Context(), "SELECT current_setting('hba_file')").Scan(&rules); err != nil {
			t.Fatal(err)
		}
	})
	reload := func(text string) {
		if err := os.WriteFile(rules, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		ctx := context.Background() // also when the test is over
		conn, err := pgx.Connect(ctx, postgresql.Server.DSN(root, "postgres"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(ctx)
		if _, err := conn.Exec(ctx, "SELECT pg_reload_conf()"); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(rules)
	if err != nil {
		t.Fatal(err)
	}
	before = string(text)
	reload("local all " + role + " scram-sha-256\nlocal all stranger trust\n" + before)
	t.Cleanup(func() { reload(before) })
	for patience := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) { // until the server has read it
		conn, err := pgx.Connect(t.Context(), "host="+socket+" user=stranger dbname=postgres sslmode=disable")
		if err == nil {
			conn.Close(t.Context())
			return socket
		}
		if time.Now().After(patience) {
			t.Fatal(err)
		}
	}
}
