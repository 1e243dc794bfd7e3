package sqltest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Postgres is the engine PostgreSQL.
type Postgres struct {
	*gate
	Server    PostgresServer
	dir       string
	databases atomic.Int64

	mu   sync.Mutex
	open map[string]*pgx.Conn // of keeper, by database, until the test ends that opened it
}

// PostgresServer is a private server; the roles keeper and reader exist.
type PostgresServer interface {
	DSN(role, database string) string
	CreateDatabase(ctx context.Context, name, owner string, roles ...string) error
	Superuser() string
}

// NewPostgres puts a gate before a server, in a folder of its own.
func NewPostgres(server PostgresServer) (*Postgres, error) {
	dir, err := os.MkdirTemp("/tmp", "einsicht-gate")
	if err != nil {
		return nil, err
	}
	e := &Postgres{Server: server, dir: dir, open: map[string]*pgx.Conn{}}
	socket := regexp.MustCompile(`host='([^']*)'`).FindStringSubmatch(server.DSN("reader", "postgres"))[1]
	e.gate, err = newGate(filepath.Join(dir, ".s.PGSQL.5432"), filepath.Join(socket, ".s.PGSQL.5432"), postgresFrame)
	return e, err
}

// Name is that of the product.
func (e *Postgres) Name() string { return "PostgreSQL" }

// Close takes the gate away.
func (e *Postgres) Close() {
	e.listener.Close()
	os.RemoveAll(e.dir)
}

// Reads counts the questions that passed the gate.
func (e *Postgres) Reads() int64 { return e.gate.reads.Load() }

// Create makes a database with what the statements make.
func (e *Postgres) Create(t *testing.T, statements string) string {
	t.Helper()
	name := fmt.Sprintf("source%d", e.databases.Add(1))
	if err := e.Server.CreateDatabase(t.Context(), name, "keeper", "reader"); err != nil {
		t.Fatal(err)
	}
	e.Exec(t, name, statements)
	return name
}

// Grant lets the reader read all tables there are.
func (e *Postgres) Grant(t *testing.T, database string) {
	t.Helper()
	e.Exec(t, database, "GRANT USAGE ON SCHEMA public TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
}

// DSN leads through the gate, as reader.
func (e *Postgres) DSN(database string) string {
	return fmt.Sprintf("host=%s user=reader dbname=%s sslmode=disable", e.dir, database)
}

// As connects past the gate.
func (e *Postgres) As(t *testing.T, role, database string, f func(*pgx.Conn)) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), e.Server.DSN(role, database))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	f(conn)
}

// Exec runs statements as the owner; ? stands for an argument.
func (e *Postgres) Exec(t *testing.T, database, statements string, args ...any) {
	t.Helper()
	n := 0
	if len(args) > 0 {
		statements = regexp.MustCompile(`\?`).ReplaceAllStringFunc(statements, func(string) string { n++; return fmt.Sprint("$", n) })
	}
	e.keep(t, database, func(conn *pgx.Conn) {
		if _, err := conn.Exec(t.Context(), statements, append([]any{pgx.QueryExecModeSimpleProtocol}, args...)...); err != nil {
			t.Fatal(err)
		}
	})
}

// Strings gives the rows of a query with one column.
func (e *Postgres) Strings(t *testing.T, database, query string, args ...any) (all []string) {
	t.Helper()
	e.keep(t, database, func(conn *pgx.Conn) {
		rows, err := conn.Query(t.Context(), "SELECT x::text FROM ("+query+") q(x)", append([]any{pgx.QueryExecModeExec}, args...)...)
		if err != nil {
			t.Fatal(err)
		}
		if all, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
			t.Fatal(err)
		}
	})
	return all
}

// keep works as the owner, over one connection per database: a new one costs more
// than most statements.
func (e *Postgres) keep(t *testing.T, database string, work func(*pgx.Conn)) {
	t.Helper()
	e.mu.Lock()
	defer e.mu.Unlock()
	conn := e.open[database]
	if conn == nil || conn.IsClosed() {
		var err error
		if conn, err = pgx.Connect(t.Context(), e.Server.DSN("keeper", database)); err != nil {
			t.Fatal(err)
		}
		e.open[database] = conn
		t.Cleanup(func() { e.leave(database) })
		if _, err := conn.Exec(t.Context(), "SET timezone = 'UTC'; SET client_encoding = 'UTF8'"); err != nil {
			t.Fatal(err)
		}
	}
	work(conn)
}

func (e *Postgres) leave(database string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if conn := e.open[database]; conn != nil {
		conn.Close(context.Background())
		delete(e.open, database)
	}
}

// Series is a table with a column seq from 1 to n.
func (e *Postgres) Series(n int) string { return fmt.Sprintf("generate_series(1, %d) s(seq)", n) }

// Quote writes a name.
func (e *Postgres) Quote(name string) string { return pgx.Identifier{name}.Sanitize() }

// Fingerprint covers every row of every table, with the transactions that
// wrote it.
func (e *Postgres) Fingerprint(t *testing.T, database string) string {
	t.Helper()
	tables := e.Strings(t, database, "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('public', 'news') ORDER BY 1")
	sum := sha256.New()
	for _, table := range tables {
		fmt.Fprintln(sum, table, strings.Join(e.Strings(t, database, "SELECT r::text||r.xmin||r.xmax FROM "+table+" r ORDER BY 1"), "\n"))
	}
	return fmt.Sprintf("%x", sum.Sum(nil))
}

// Stop takes a database away until restore is called.
func (e *Postgres) Stop(t *testing.T, database string) func() {
	t.Helper()
	allow := func(yes bool) {
		e.As(t, e.Server.Superuser(), "postgres", func(conn *pgx.Conn) {
			if _, err := conn.Exec(t.Context(), fmt.Sprintf("ALTER DATABASE %s ALLOW_CONNECTIONS %v", database, yes)); err != nil {
				t.Fatal(err)
			}
			if _, err := conn.Exec(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", database); err != nil {
				t.Fatal(err)
			}
		})
	}
	e.leave(database)
	allow(false)
	return func() { allow(true) }
}

// Failing is an expression that fails with the value of sender in its message.
func (e *Postgres) Failing(*testing.T, string) string { return "(sender::int)::text" }

// Sleeping is the rest of a query of "old" that takes a minute.
func (e *Postgres) Sleeping() string { return "FROM old, pg_sleep(60)" }
