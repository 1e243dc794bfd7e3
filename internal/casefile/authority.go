package casefile

import (
	"github.com/google/uuid"

	"einsicht/internal/law/calendar"
)

// Authority is the controller (Verantwortlicher) that a case is about; one
// tenant.
type Authority struct {
	ID   uuid.UUID
	Slug string // in addresses: "stk-nrw"
	Name string
	Land calendar.Land // of its seat; decides on holidays
}
