package casefile

import (
	"time"

	"github.com/google/uuid"

	"einsicht/internal/person"
)

// Notice is one recipient to whom data were disclosed that a plan corrects, erases or
// restricts: each is told of it, unless that is impossible or takes disproportionate
// effort (Art. 19 sentence 1 GDPR).
type Notice struct {
	ID     uuid.UUID
	Plan   uuid.UUID
	Case   uuid.UUID
	State  NoticeState
	MadeAt time.Time
	Letter uuid.UUID // by which the recipient is told; none: not by letter
	SentAt time.Time // when it was told
	Sealed []byte    // NoticeText
}

// NoticeState is how far a notice is.
type NoticeState string

// The states of a notice.
const (
	NoticeOpen       NoticeState = "open"       // to be told, or to be ruled out
	NoticeUnderway   NoticeState = "underway"   // a letter waits for the post, or a unit tells
	NoticeSent       NoticeState = "sent"       // was told
	NoticeConfirmed  NoticeState = "confirmed"  // was told, and answered
	NoticeImpossible NoticeState = "impossible" // can't be told, or only with disproportionate effort
	NoticeNone       NoticeState = "none"       // got nothing of what was changed
)

// NoticeStates lists them.
var NoticeStates = []NoticeState{NoticeOpen, NoticeUnderway, NoticeSent, NoticeConfirmed, NoticeImpossible, NoticeNone}

// Told says whether a recipient has been told.
func (s NoticeState) Told() bool { return s == NoticeSent || s == NoticeConfirmed }

// Settled says whether nobody has to do anything about a notice any more.
func (s NoticeState) Settled() bool { return s != NoticeOpen && s != NoticeUnderway }

// NoticeText is what is said about a notice; sealed.
type NoticeText struct {
	Recipient person.Text
	Source    NoticeSource
	Systems   []string    // whose data the recipient may have got
	Unit      bool        // people of the unit tell, by word or by a way of their own
	Why       person.Text // why it is impossible, or got nothing
	Said      person.Text // what the unit or the recipient said
}

// NoticeSource is where we know a recipient from.
type NoticeSource string

// The sources.
const (
	FromInventory NoticeSource = "inventory"
	FromFinding   NoticeSource = "finding" // a field of a record names it
	FromStaff     NoticeSource = "staff"
)
