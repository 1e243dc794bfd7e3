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
}
