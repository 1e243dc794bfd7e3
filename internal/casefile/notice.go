package casefile

import (
	"time"

	"github.com/google/uuid"

	"einsicht/internal/law/calendar"
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

	// Of a notice that a mail announces: what the recipient enters to read it, until
	// when, and how often somebody entered something wrong.
	Number   string
	CodeMAC  []byte
	Expires  calendar.Date
	Attempts int
}

// How long and how often number and code of a mailed notice can be entered. A
// code is 100 bits, so the attempts are for those who mistype.
const (
	NoticeUnreadDays = 14 // after it was mailed
	NoticeReadDays   = 30 // after it was first read
	NoticeAttempts   = 10
)

// Mailed says whether a recipient is told by a mail that announces the notice.
func (n Notice) Mailed() bool { return n.Number != "" }

// Opens says whether the recipient can read a mailed notice on a day.
func (n Notice) Opens(today calendar.Date) bool {
	return n.Mailed() && (n.State == NoticeUnderway || n.State.Told()) && !today.After(n.Expires)
}

// Guessed says whether the attempts at a mailed notice are used up.
func (n Notice) Guessed() bool { return n.Attempts >= NoticeAttempts }

// Waits says whether staff have to do something about a notice. While a mailed one
// can be read, the recipient has.
func (n Notice) Waits() bool {
	return n.State == NoticeOpen || n.State == NoticeUnderway && !n.Mailed()
}

// NoticeState is how far a notice is.
type NoticeState string

// The states of a notice.
const (
	NoticeOpen       NoticeState = "open"       // to be told, or to be ruled out
	NoticeUnderway   NoticeState = "underway"   // a letter waits for the post, a mailed one to be read, or a unit tells
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

	Mail       person.Text // the address to which it was mailed
	Code       person.Text // of a mailed notice, until the mail went out
	MailedAt   time.Time
	AnsweredAt time.Time // when the recipient confirmed a mailed one in the portal
	Returned   string    // wording key: why a mailed one is open again
}

// NoticeSource is where we know a recipient from.
type NoticeSource string

// The sources.
const (
	FromInventory NoticeSource = "inventory"
	FromFinding   NoticeSource = "finding" // a field of a record names it
	FromStaff     NoticeSource = "staff"
)
