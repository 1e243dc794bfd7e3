package casefile

import (
	"time"

	"github.com/google/uuid"

	"einsicht/internal/law/calendar"
)

// Letter is one that was written in a case, apart from the answer. What kind it
// is and to whom it goes is sealed: that a security authority is asked for its
// consent may itself be secret.
type Letter struct {
	ID        uuid.UUID
	Case      uuid.UUID
	CreatedAt time.Time
	CreatedBy uuid.UUID
	PostedOn  calendar.Date // none: not sent on paper
	Effective calendar.Date // when it counts as notified (Bekanntgabe)
	Sealed    []byte        // LetterText
	PDF       []byte        // sealed; empty until a job has made it, and in lists
	HasPDF    bool          // also known in lists
}

// LetterText is the finished letter; sealed. It stays as it was sent.
type LetterText struct {
	Kind     string // letter.Kind
	Ref      uuid.UUID
	ToOthers bool // not to the applicant
	Way      AnswerWay
	Subject  string
	Document []byte // letter.Encode
}
