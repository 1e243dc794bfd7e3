// Package postgres keeps what the portal knows, and lets no authority see what
// is another's.
//
// It is the only room with GORM and goose. The schema is the SQL in migrations;
// row-level security is strict, so every read runs in View and every write in
// InTx, both for one authority. The transaction travels in the context.
package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	gormpg "gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"einsicht/internal/problem"
)

// DB is the portal's database, reached as the program's role: no superuser, no
// BYPASSRLS, owner of nothing.
type DB struct {
	pool *pgxpool.Pool
	sql  *sql.DB
	gorm *gorm.DB

	known     atomic.Pointer[knownAuthorities]
	sequenced sync.Map // authority's uuid.UUID to sequenced
}

// Options are what an operator may set.
type Options struct {
	URL      string
	MaxConns int32           // 0: pgx's default
	Tracer   pgx.QueryTracer // watches statements, for tests and benchmarks; may be nil
}

// Open connects as the program's role. It refuses a role that could read past
// row-level security and a schema older or newer than this program knows.
func Open(ctx context.Context, o Options) (*DB, error) {
	cfg, err := pgxpool.ParseConfig(o.URL)
	if err != nil {
		return nil, errors.New("DATABASE_URL can't be read: write postgres://user@host/database or host=… user=… dbname=…")
	}
	cfg.ConnConfig.Tracer = o.Tracer
	if o.MaxConns > 0 {
		cfg.MaxConns = o.MaxConns
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("connect to the database: %w", withoutDetail(err))
	}
	db, err := wrap(pool)
	if err != nil {
		pool.Close()
		return nil, err
	}
	for _, check := range []func(context.Context) error{db.reachable, db.roleIsHarmless, db.schemaIsCurrent} {
		if err := check(ctx); err != nil {
			db.Close()
			return nil, err
		}
	}
	return db, nil
}

func wrap(pool *pgxpool.Pool) (*DB, error) {
	view := stdlib.OpenDBFromPool(pool)
	g, err := gorm.Open(gormpg.New(gormpg.Config{Conn: view}), &gorm.Config{
		SkipDefaultTransaction: true,
		DisableAutomaticPing:   true, // reachable says it in our words
		// The default logger prints slow statements with their values.
		Logger: logger.Discard,
	})
	if err != nil {
		return nil, fmt.Errorf("open gorm: %w", err)
	}
	return &DB{pool: pool, sql: view, gorm: g}, nil
}

// Close gives the connections back.
func (db *DB) Close() {
	db.sql.Close()
	db.pool.Close()
}

// Pool is for package jobs alone, which owns River.
func (db *DB) Pool() *pgxpool.Pool { return db.pool }

// Ping says whether the database answers, to whoever waits for a page.
func (db *DB) Ping(ctx context.Context) error { return db.ping(ctx, 2*time.Second) }

func (db *DB) ping(ctx context.Context, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return withoutDetail(db.pool.Ping(ctx))
}

// reachable has more patience: who starts together with a database, as after a power
// cut, would end by itself otherwise.
func (db *DB) reachable(ctx context.Context) error {
	if err := db.ping(ctx, 15*time.Second); err != nil {
		return fmt.Errorf("the database does not answer: %w; check DATABASE_URL and that the server runs", err)
	}
	return nil
}

// roleIsHarmless refuses roles to which row-level security does not apply.
func (db *DB) roleIsHarmless(ctx context.Context) error {
	var name string
	var super, bypass, owns bool
	err := db.pool.QueryRow(ctx, `
		select r.rolname, r.rolsuper, r.rolbypassrls,
		       exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
		               where c.relrowsecurity and n.nspname in ('public', 'keys') and pg_has_role(current_user, c.relowner, 'member'))
		from pg_roles r where r.rolname = current_user`).Scan(&name, &super, &bypass, &owns)
	if err != nil {
		return fmt.Errorf("look at the database role: %w", withoutDetail(err))
	}
	switch remedy := "let DATABASE_URL name the program's role; `einsicht migrate --roles` prints the SQL that makes one"; {
	case super:
		return fmt.Errorf("the database role %q is a superuser and reads every row in spite of row-level security; %s", name, remedy)
	case bypass:
		return fmt.Errorf("the database role %q has BYPASSRLS; %s", name, remedy)
	case owns:
		return fmt.Errorf("the database role %q owns tables of the portal; %s", name, remedy)
	}
	return nil
}

// withoutDetail keeps what a person may read in a log: PostgreSQL's detail and
// hint quote values.
func withoutDetail(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return &sqlError{code: pg.Code, constraint: pg.ConstraintName, table: pg.TableName, kind: kindOf(pg.Code)}
	}
	var conn *pgconn.ConnectError
	if errors.As(err, &conn) {
		return &sqlError{code: "no connection", kind: problem.Unavailable}
	}
	if errors.Is(err, gorm.ErrRecordNotFound) || errors.Is(err, pgx.ErrNoRows) || errors.Is(err, sql.ErrNoRows) {
		return problem.NotFound
	}
	return err
}

// sqlError is a failure of the database without the values it was about.
type sqlError struct {
	code, constraint, table string
	kind                    error
}

func (e *sqlError) Error() string {
	s := "database error " + e.code
	if e.table != "" {
		s += " in " + e.table
	}
	if e.constraint != "" {
		s += " (" + e.constraint + ")"
	}
	return s
}

func (e *sqlError) Unwrap() error { return e.kind }

func kindOf(code string) error {
	switch code {
	case "23505", "40001", "40P01":
		return problem.Conflict
	case "57P01", "57P02", "57P03", "53300", "08006", "08001":
		return problem.Unavailable
	}
	return nil
}
