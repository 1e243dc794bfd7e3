// Package sqltest handles real databases for the tests of kinds that ask them:
// PostgreSQL and MariaDB, made, filled, counted, broken and compared alike.
package sqltest

import "testing"

// Engine is a database product, as the tests handle it.
type Engine interface {
	Name() string
	// Create makes a database with what the statements make.
	Create(t *testing.T, statements string) (name string)
	Grant(t *testing.T, database string)
	// Exec runs statements as the owner; ? stands for an argument.
	Exec(t *testing.T, database, statements string, args ...any)
	Strings(t *testing.T, database, query string, args ...any) []string
	DSN(database string) string
	// Series is a table with a column seq from 1 to n.
	Series(n int) string
	Quote(name string) string
	Fingerprint(t *testing.T, database string) string
	Stop(t *testing.T, database string) (restore func())
	Failing(t *testing.T, database string) string
	Sleeping() string
	Reads() int64
	// Writer lets an account of its own change all tables there are, and gives the
	// way for it; Deny takes the right away.
	Writer(t *testing.T, database string) (dsn string)
	Deny(t *testing.T, database string)
	// Cut ends the next connection once after n more halves of messages passed: of
	// the last, with n odd, the server hears but its answer is lost. Negative: never.
	Cut(n int)
}
