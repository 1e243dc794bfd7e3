package sql

import (
	"context"
	"time"

	"einsicht/internal/connector"
)

// dialect is what each database product does in its own way.
type dialect interface {
	// look opens the catalog for f.
	look(ctx context.Context, f func(catalog) error) error
	// ask opens one snapshot of the database, in which nothing can be written,
	// for f.
	ask(ctx context.Context, f func(snapshot) error) error
	close()
}

// catalog is what a database says about itself.
type catalog interface {
	// relation looks up a table by its name in the mapping; one that is not
	// there, or may not be read at all, has no columns.
	relation(ctx context.Context, name string) (relation, error)
	// all lists every table and view.
	all(ctx context.Context) (Catalog, error)
}

// relation is a table or view of the catalog.
type relation struct {
	quoted       string // as it stands in a statement
	schema, name string
	columns      []attribute
	unique       [][]string // columns of its unique indexes
	isTable      bool
	// hides: the catalog keeps silent about columns that may not be read.
	hides bool
	// silent: it would keep silent about the whole table.
	silent bool
}

// attribute is a column of the catalog.
type attribute struct {
	name, kind        string // kind as the product calls it
	charset           string // of text; empty where the product has one for all
	width             int    // of bit strings
	unsigned          bool
	notNull, readable bool
	isText            bool
	when              when
}

// when says how a column holds a time.
type when int

const (
	never   when = iota
	day          // or a moment without a zone
	moment       // with one
	seconds      // since 1970, a mere number
)

// snapshot is one moment of the database.
type snapshot interface {
	// rows answers a statement: each record once, in the order of its key,
	// until yield fails. The row is valid until yield returns.
	rows(ctx context.Context, st *statement, yield func(*row) error) error
	// unreadable counts the records that can't be compared with any identifier
	// of a statement, since nobody knows the encoding of their text.
	unreadable(ctx context.Context, st *statement) (int, error)
	// records gives those with the keys, in any order. The row is valid until
	// yield returns.
	records(ctx context.Context, src *source, keys [][]string, yield func(*row) error) error
	// keys gives those of all records of a table, in any order.
	keys(ctx context.Context, src *source, yield func(key []string) error) error
	// shared counts the keys of a table that several of its records have.
	shared(ctx context.Context, src *source) (int, error)
}

// row is a record as the database gives it.
type row struct {
	key        []string
	values     []string               // of source.columns; empty: NULL, or withheld
	times      []time.Time            // of source.times; zero: none
	led        []connector.Confidence // by statement.sets; empty: not by this one
	confidence connector.Confidence   // the best of them
}
