// Package sql asks a database what it holds about one person.
//
// A connection file maps the database: which tables hold records about people,
// by which columns a person is recognised, and over which joins further tables
// are reached. The mapping is data. Names in it are compared with the
// database's own catalog and quoted, values travel as parameters only, and
// everything happens in a transaction that can't write: a mapping can be wrong,
// but it can't do anything.
//
// PostgreSQL is spoken so far.
package sql

import (
	"context"

	"github.com/jackc/pgx/v5/pgxpool"

	"einsicht/internal/connector"
)

// Kind is the kind "sql".
type Kind struct{}

// Name is what stands under "kind" in a connection file.
func (Kind) Name() string { return "sql" }

// Abilities lists what can be done.
func (Kind) Abilities(connector.Connection) []connector.Ability {
	return []connector.Ability{connector.CanFind, connector.CanPreview}
}

// Check reads the mapping without touching the database.
func (Kind) Check(c connector.Connection) error {
	_, err := readMapping(c)
	return err
}

// Open connects and compares the mapping with the database's catalog.
func (Kind) Open(ctx context.Context, c connector.Connection) (connector.Connector, error) {
	m, err := readMapping(c)
	if err != nil {
		return nil, err
	}
	config, err := poolConfig(c, m)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, failure("connect", err)
	}
	db := &database{connection: c, pool: pool}
	if err := db.compare(ctx, m); err != nil {
		pool.Close()
		return nil, err
	}
	return db, nil
}

// database is a mapped database that can be asked.
type database struct {
	connection connector.Connection
	pool       *pgxpool.Pool
	fold       folding
	tables     []*source
}

// Close gives the connections back.
func (db *database) Close() error {
	db.pool.Close()
	return nil
}
