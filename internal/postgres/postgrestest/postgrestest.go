// Package postgrestest gives a test a real database of its own, made from a
// template with the schema in it. Only tests use it.
package postgrestest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"einsicht/internal/pgserver"
	"einsicht/internal/postgres"
)

// Database is a database of one test.
type Database struct {
	Name      string
	URL       string // as the program's role
	OwnerURL  string // as the owner of the schema
	Superuser string // for looking past row-level security
}

var (
	once     sync.Once
	server   *pgserver.Server
	failed   error
	template = "einsicht_template"
)

// Main runs the tests of a package and stops the server after them, and what
// else is given. Call it from TestMain.
func Main(m *testing.M, also ...func()) {
	code := m.Run()
	for _, stop := range also {
		stop()
	}
	if server != nil {
		if err := server.Stop(context.Background()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = max(code, 1)
		}
		os.RemoveAll(dir)
	}
	os.Exit(code)
}

var dir string

// Migrations is the rest of the schema, which another room's library owns.
type Migrations func(context.Context, *pgxpool.Pool) error

// New gives a test its own database with the whole schema.
func New(t testing.TB, also Migrations) Database {
	t.Helper()
	ctx := context.Background()
	once.Do(func() { failed = start(ctx, also) })
	if failed != nil {
		t.Fatal(failed)
	}
	name := "t_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	superuser(t, "postgres", fmt.Sprintf("create database %s template %s owner %s", name, template, pgserver.Owner))
	superuser(t, "postgres", fmt.Sprintf("grant connect on database %s to %s", name, pgserver.Program))
	t.Cleanup(func() { superuser(t, "postgres", fmt.Sprintf("drop database %s with (force)", name)) })
	return Database{Name: name, URL: server.DSN(pgserver.Program, name), OwnerURL: server.DSN(pgserver.Owner, name), Superuser: server.DSN(server.Superuser(), name)}
}

// Open gives a test its own database, opened as the program's role.
func Open(t testing.TB, also Migrations) (*postgres.DB, Database) {
	t.Helper()
	d := New(t, also)
	db, err := postgres.Open(context.Background(), postgres.Options{URL: d.URL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return db, d
}

// Log is the file with what the server said.
func Log() string { return filepath.Join(dir, "server.log") }

// Server is the server that the databases are on.
func Server() *pgserver.Server { return server }

func start(ctx context.Context, also Migrations) error {
	var err error
	// Below /tmp, because the database's user may not enter deeper folders of root.
	if dir, err = os.MkdirTemp("/tmp", "einsicht-test-"); err != nil {
		return err
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		return err
	}
	log, err := os.Create(Log())
	if err != nil {
		return err
	}
	// It logs errors as a server of an administrator's own does; a private one does not.
	// Nothing cleans up by itself: a transaction under way anywhere on the server
	// holds back the order of a ledger, and tests count what was ordered.
	settings := map[string]string{"fsync": "off", "max_connections": "300", "autovacuum": "off",
		"log_min_messages": "warning", "log_min_error_statement": "error", "log_error_verbosity": "default"}
	if server, err = pgserver.Start(ctx, pgserver.Options{Data: dir, Name: "pg", Log: log, Settings: settings}); err != nil {
		return err
	}
	if err := postgres.Migrate(ctx, server.DSN(pgserver.Owner, pgserver.Database), pgserver.Program, also); err != nil {
		return err
	}
	conn, err := pgx.Connect(ctx, server.DSN(server.Superuser(), "postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, fmt.Sprintf("alter database %s rename to %s", pgserver.Database, template))
	return err
}

func superuser(t testing.TB, database, sql string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, server.DSN(server.Superuser(), database))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, sql); err != nil {
		t.Fatal(err)
	}
}
