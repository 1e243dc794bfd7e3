package sql

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"einsicht/internal/connector"
)

// session makes every connection harmless and its output the same everywhere:
// it can't write, it finds functions in the system's own schema only, and it
// gives up by itself.
func session(config *pgx.ConnConfig, c connector.Connection, m mapping) {
	config.ConnectTimeout = min(c.Timeout, 10*time.Second)
	// No prepared statements: they would not survive a pooler in between.
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	config.RuntimeParams = map[string]string{
		"application_name":                    "einsicht",
		"default_transaction_read_only":       "on",
		"statement_timeout":                   milliseconds(c.Timeout),
		"idle_in_transaction_session_timeout": milliseconds(10 * time.Minute),
		"search_path":                         "pg_catalog",
		"datestyle":                           "ISO, YMD",
		"intervalstyle":                       "iso_8601",
		"bytea_output":                        "hex",
		"extra_float_digits":                  "3",
		"timezone":                            m.TimeZone,
		"client_encoding":                     "UTF8",
		// We read to the end, so the plan for the first rows is the wrong one.
		"cursor_tuple_fraction": "1.0",
	}
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// read runs f in one read-only snapshot of the database.
func (db *database) read(ctx context.Context, f func(pgx.Tx) error) error {
	tx, err := db.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return failure("connect", err)
	}
	defer func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = tx.Rollback(end) // nothing to keep
	}()
	return f(tx)
}

// failure translates an error of the database. Only the five characters of the
// SQLSTATE are kept: message and detail quote values of records.
func failure(place string, err error) error {
	var answered *pgconn.PgError
	if !errors.As(err, &answered) {
		return connector.Fail(connector.ErrUnreachable, place, "", err)
	}
	kind := connector.ErrUnreachable
	switch answered.Code[:min(2, len(answered.Code))] {
	case "22", "23", "XX": // data of the database that it can't read itself
		kind = connector.ErrBroken
	case "28", "3D", "3F", "42", "0A", "25": // sign-in, names, rights, writing
		kind = connector.ErrConfig
	}
	return connector.Fail(kind, place, answered.Code, err)
}
