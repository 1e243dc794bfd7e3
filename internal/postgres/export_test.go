package postgres

import (
	"time"

	"github.com/google/uuid"
)

// Sequenced makes the database believe that a ledger is in order up to a
// transaction.
func (db *DB) Sequenced(authority uuid.UUID, before uint64, all time.Time) {
	db.sequenced.Store(authority, sequenced{before, all})
}
