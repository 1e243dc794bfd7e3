// Package sql asks a database what it holds about one person.
//
// A connection file maps the database: which tables hold records about people,
// by which columns a person is recognised, and over which joins further tables
// are reached. The mapping is data. Names in it are compared with the
// database's own catalog and quoted, values travel as parameters only, and
// everything is asked in transactions that can't write: a mapping can be wrong,
// but it can't do anything. What is to be erased, corrected or restricted is
// declared table by table (see Change) and done by another account.
//
// One mapping serves PostgreSQL and MariaDB (see dialect). What they have in
// common, which is all that a finding shows, stands in the other files.
package sql

import (
	"context"
	"errors"
	"slices"
	"sync"

	"einsicht/internal/connector"
)

// Kind is the kind "sql".
type Kind struct{}

// Name is what stands under "kind" in a connection file.
func (Kind) Name() string { return "sql" }

// Abilities lists what can be done.
func (Kind) Abilities(c connector.Connection) []connector.Ability {
	var m Mapping
	if c.Decode(&m) != nil {
		m = Mapping{} // Check says what is wrong
	}
	return m.Abilities()
}

// Check reads the mapping without touching the database.
func (Kind) Check(c connector.Connection) error {
	var m Mapping
	if err := c.Decode(&m); err != nil {
		return err
	}
	return Check(c, m)
}

// Open connects and compares the mapping with the database's catalog.
func (Kind) Open(ctx context.Context, c connector.Connection) (connector.Connector, error) {
	var m Mapping
	if err := c.Decode(&m); err != nil {
		return nil, err
	}
	return Open(ctx, c, m, func(Catalog) ([]Table, error) { return m.Tables, nil })
}

// Catalog is what a database has: its tables and views by name, those of
// another schema than the usual one as "schema.table".
type Catalog map[string]Columns

// Columns are those of a table in their order, and those of its primary key.
type Columns struct{ All, Key []string }

// Open connects to a database with tables that fit its catalog, instead of those
// of the mapping. Kinds that know a product ship their tables this way.
func Open(ctx context.Context, c connector.Connection, m Mapping, fit func(Catalog) ([]Table, error)) (connector.Changer, error) {
	d, err := m.dialect(c)
	if err != nil {
		return nil, err
	}
	short, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	db := &database{connection: c, dialect: d}
	if m.ChangeDSN != "" {
		if db.changing, err = m.writer(c, d); err != nil {
			d.close()
			return nil, err
		}
	}
	if err := db.compare(short, m, fit); err != nil {
		_ = db.Close()
		return nil, err
	}
	return db, nil
}

// database is a mapped database that can be asked.
type database struct {
	connection connector.Connection
	dialect    dialect
	changing   changing // nil: no account may write
	tables     []*source
	closed     sync.Once
}

// Close gives the connections back.
func (db *database) Close() error {
	db.closed.Do(func() {
		db.dialect.close()
		if db.changing != nil {
			db.changing.close()
		}
	})
	return nil
}

// Unmapped lists the columns that the mapping does not name.
func (db *database) Unmapped() []connector.Sort {
	var all []connector.Sort
	for _, src := range db.tables {
		sort := connector.Sort{Category: src.Name}
		for _, f := range src.fields {
			if f.Unmapped {
				sort.Fields = append(sort.Fields, connector.FieldUse{Name: f.Name, Unmapped: true})
			}
		}
		if len(sort.Fields) > 0 {
			all = append(all, sort)
		}
	}
	return all
}

// Gaps counts the keys of views that several of their records have. Of tables a
// unique index is asked for. A view that can't be counted within the time of one
// question is not; a search says it as well.
func (db *database) Gaps(ctx context.Context) (all []connector.Gap, err error) {
	if !slices.ContainsFunc(db.tables, func(src *source) bool { return !src.isTable }) {
		return nil, nil
	}
	err = db.dialect.ask(ctx, func(s snapshot) error {
		for _, src := range db.tables {
			if src.isTable {
				continue
			}
			n, err := s.shared(ctx, src)
			if err != nil {
				return err
			}
			if n > 0 {
				all = append(all, connector.Gap{Place: src.Name, Reason: connector.GapKey, Count: n})
			}
		}
		return nil
	})
	if errors.Is(err, connector.ErrUnreachable) && ctx.Err() == nil {
		err = nil
	}
	return all, err
}

// dialect makes the one that the data source name asks for.
func (m *Mapping) dialect(c connector.Connection) (dialect, error) {
	if err := m.checkZone(c); err != nil {
		return nil, err
	}
	if isMariaDB(m.DSN) {
		return newMariaDB(c, *m)
	}
	return newPostgres(c, *m)
}
