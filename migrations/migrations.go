// Package migrations holds the schema of the database as SQL, in order. Nothing
// else decides what tables look like.
package migrations

import "embed"

// Files are the migrations, read by package postgres.
//
//go:embed *.sql
var Files embed.FS
