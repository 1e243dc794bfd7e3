package casefile

import "github.com/google/uuid"

// Slot is the one place a sealed value belongs to. The seal binds value and
// place, so that a ciphertext moved to another row, column, case or authority
// does not open.
type Slot struct {
	Authority uuid.UUID
	Case      uuid.UUID
	Table     string
	Column    string
	Row       uuid.UUID
}
