package sqltest

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// MariaDB is the engine MariaDB.
type MariaDB struct {
	*gate
	Server *Server
}

// StartMariaDB starts a server with a gate before it.
func StartMariaDB() (*MariaDB, error) {
	server, err := StartServer()
	if err != nil {
		return nil, err
	}
	e := &MariaDB{Server: server}
	e.gate, err = newGate(filepath.Join(filepath.Dir(server.Socket), "gate"), server.Socket, mariadbFrame)
	return e, err
}

// Name is that of the product.
func (e *MariaDB) Name() string { return "MariaDB" }

// Close ends the server.
func (e *MariaDB) Close() {
	e.listener.Close()
	e.Server.Stop()
}

// Reads counts the questions that passed the gate.
func (e *MariaDB) Reads() int64 { return e.gate.reads.Load() }

// Create makes a database with what the statements make.
func (e *MariaDB) Create(t *testing.T, statements string) string {
	t.Helper()
	name, err := e.Server.Create()
	if err != nil {
		t.Fatal(err)
	}
	e.Exec(t, name, statements)
	return name
}

// Grant lets the reader read all tables there are.
func (e *MariaDB) Grant(t *testing.T, database string) {
	t.Helper()
	e.Exec(t, database, "GRANT SELECT ON "+database+".* TO "+Reader)
}

// DSN leads through the gate, as Reader.
func (e *MariaDB) DSN(database string) string {
	return socketDSN(Reader, e.listener.Addr().String(), database)
}

// Exec runs statements as root.
func (e *MariaDB) Exec(t *testing.T, database, statements string, args ...any) {
	t.Helper()
	conn, err := e.Server.Root().Conn(t.Context())
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

// Strings gives the last column of a query.
func (e *MariaDB) Strings(t *testing.T, database, query string, args ...any) (all []string) {
	t.Helper()
	conn, err := e.Server.Root().Conn(t.Context())
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

// Series is a table with a column seq from 1 to n.
func (e *MariaDB) Series(n int) string { return fmt.Sprintf("seq_1_to_%d", n) }

// Quote writes a name.
func (e *MariaDB) Quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// Fingerprint covers every row of every table.
func (e *MariaDB) Fingerprint(t *testing.T, database string) string {
	t.Helper()
	tables := e.Strings(t, database, "SELECT concat(table_schema, '.', table_name) FROM information_schema.tables WHERE table_schema IN (database(), 'news') ORDER BY 1")
	return fmt.Sprint(tables, e.Strings(t, database, "CHECKSUM TABLE "+strings.Join(tables, ", ")+" EXTENDED"))
}

// Stop kills the server as a power cut would.
func (e *MariaDB) Stop(t *testing.T, _ string) func() {
	t.Helper()
	e.Server.Kill()
	return func() {
		if err := e.Server.Run(); err != nil {
			t.Fatal(err)
		}
	}
}

// Failing is an expression that fails with the value of sender in its message.
func (e *MariaDB) Failing(t *testing.T, database string) string {
	e.Exec(t, database, "CREATE FUNCTION failing(x text) RETURNS text DETERMINISTIC BEGIN SIGNAL SQLSTATE '22018' SET MESSAGE_TEXT = x; RETURN x; END")
	return "failing(sender)"
}

// Sleeping is the rest of a query of "old" that takes a minute.
func (e *MariaDB) Sleeping() string { return "FROM old WHERE sleep(60) = 0" }
