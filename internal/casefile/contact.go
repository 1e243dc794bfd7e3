package casefile

import (
	"time"

	"github.com/google/uuid"

	"einsicht/internal/person"
)

// ContactCheck is a code sent to a contact that stood in a source before the
// request. Who enters it holds that contact; the identifier is then verified.
type ContactCheck struct {
	ID         uuid.UUID
	Case       uuid.UUID
	Identifier uuid.UUID
	SentBy     uuid.UUID
	CreatedAt  time.Time
	ExpiresAt  time.Time
	DoneAt     time.Time
	CodeMAC    []byte
	Sealed     []byte // the code, until it was sent
}

// CodeMail is what a ContactCheck seals: the code and where it goes.
type CodeMail struct {
	Code   person.Text
	To     person.Text
	Access bool // a new access code, not the proof of a contact
}
