package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"einsicht/migrations"
)

// Migrate brings the schema up to what this program knows. It connects as the
// owner, holds a lock so that two programs starting at once don't collide, and
// then gives the program's role exactly what it needs. also runs between the
// two, for tables that another room's library owns.
func Migrate(ctx context.Context, ownerURL, programRole string, also func(context.Context, *pgxpool.Pool) error) error {
	pool, err := pgxpool.New(ctx, ownerURL)
	if err != nil {
		return errors.New("EINSICHT_MIGRATE_URL can't be read: write postgres://owner@host/database or host=… user=… dbname=…")
	}
	defer pool.Close()
	view := stdlib.OpenDBFromPool(pool)
	defer view.Close()

	// Held to the end: goose locks its own part only, and two programs granting
	// at once disturb each other.
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("connect as the owner of the schema (EINSICHT_MIGRATE_URL): %w", withoutDetail(err))
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, "select pg_advisory_lock(hashtextextended('einsicht migrate', 0))"); err != nil {
		return fmt.Errorf("wait for other migrations: %w", withoutDetail(err))
	}
	defer conn.Exec(context.WithoutCancel(ctx), "select pg_advisory_unlock(hashtextextended('einsicht migrate', 0))")

	p, err := provider(view)
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate the schema as the owner: %w", withoutDetail(err))
	}
	if also != nil {
		if err := also(ctx, pool); err != nil {
			return err
		}
	}
	if _, err := conn.Exec(ctx, grants(programRole)); err != nil {
		return fmt.Errorf("grant to the program's role: %w", withoutDetail(err))
	}
	return nil
}

// RoleOf reads the role's name from a database URL.
func RoleOf(url string) (string, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return "", errors.New("DATABASE_URL can't be read: write postgres://user@host/database or host=… user=… dbname=…")
	}
	return cfg.User, nil
}

// schemaIsCurrent refuses to work on a schema older or newer than this program.
func (db *DB) schemaIsCurrent(ctx context.Context) error {
	newest, err := newestMigration()
	if err != nil {
		return err
	}
	var exists bool
	if err := db.pool.QueryRow(ctx, `select to_regclass('public.goose_db_version') is not null`).Scan(&exists); err != nil {
		return withoutDetail(err)
	}
	var have int64
	if exists {
		if err := db.pool.QueryRow(ctx, `select coalesce(max(version_id), 0) from goose_db_version where is_applied`).Scan(&have); err != nil {
			return withoutDetail(err)
		}
	}
	switch {
	case have < newest:
		return fmt.Errorf("the database has schema %d, this program needs %d: run `einsicht migrate` with EINSICHT_MIGRATE_URL set to the owner's", have, newest)
	case have > newest:
		return fmt.Errorf("the database has schema %d, newer than the %d this program knows: start the newer program", have, newest)
	}
	return nil
}

func provider(view *sql.DB) (*goose.Provider, error) {
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, view, migrations.Files, goose.WithSessionLocker(locker))
}

func newestMigration() (int64, error) {
	files, err := fs.Glob(migrations.Files, "*.sql")
	if err != nil || len(files) == 0 {
		return 0, errors.New("no migrations embedded")
	}
	return goose.NumericComponent(files[len(files)-1])
}

// grants gives the program's role what it needs and no more: the ledger can be
// added to and read, never changed.
func grants(role string) string {
	r := pgx.Identifier{role}.Sanitize()
	return fmt.Sprintf(`
		grant usage on schema public, keys to %[1]s;
		grant select, insert, update, delete on all tables in schema public, keys to %[1]s;
		grant usage on all sequences in schema public to %[1]s;
		revoke update, delete, truncate on ledger_entry, ledger_detail, ledger_leaf, ledger_hash, ledger_checkpoint from %[1]s;
		revoke insert, update, delete on goose_db_version from %[1]s;`, r)
}
