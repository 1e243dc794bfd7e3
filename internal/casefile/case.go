package casefile

import (
	"time"

	"github.com/google/uuid"

	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
)

// Case is what stands in clear about a case: ids, file number, state and dates.
type Case struct {
	ID         uuid.UUID
	Authority  uuid.UUID
	FileNumber string
	State      State
	ReceivedAt time.Time
	Received   calendar.Date // day 0 of the clock, in Europe/Berlin
	Inventory  uuid.UUID     // the version of the inventory it is answered under

	Due        calendar.Date // none while the clock rests
	Warn       calendar.Date // none while the clock rests
	Sort       calendar.Date // by which lists sort; set also while the clock rests
	RestsSince calendar.Date // none while the clock runs

	Unit     string
	Assignee uuid.UUID

	NotifiedAt     time.Time // when the notice "your answer is ready" went out
	DeliveredAt    time.Time
	EffectiveOn    calendar.Date // when the decision counts as notified (Bekanntgabe)
	AvailableUntil time.Time     // until when the data can be fetched
	ClosedAt       time.Time

	GapsAccepted bool
	Sealed       []byte // the Request, see Request
}

// Right is one right of a case with its own decision and due date.
type Right struct {
	Right     law.Right
	Outcome   Outcome
	DecidedBy uuid.UUID
	DecidedAt time.Time
	Due       calendar.Date // a refusal knows no extension, Art. 12(4) GDPR
	Sealed    []byte        // RightText
}

// Happening is one entry of a case's history. What it says in words is sealed.
type Happening struct {
	ID     uuid.UUID
	Case   uuid.UUID
	Kind   string // a casefile.Event, a deadline event or one of the Note kinds
	At     time.Time
	On     calendar.Date // the day it has effect for the clock, if any
	Actor  uuid.UUID
	Sealed []byte
}

// Kinds of happenings that are no Event and no event of the clock.
const (
	NoteAskedIdentity = "identity-asked"
	NoteVerified      = "identifier-verified"
	NoteCodeReplaced  = "code-replaced"
	NoteDecided       = "decided"
	NoteGaps          = "gaps-accepted"
	NoteAskedClear    = "clarification-asked"
	NoteReminded      = "question-reminded"
	NoteLetter        = "letter-written"
	NoteExamined      = "right-examined"
	NoteResidence     = "residence-confirmed"
	NotePlanned       = "planned"
	NoteMeasure       = "measure-decided"
	NoteRecipient     = "recipient-noted"
	NoteBesideOrdered = "beside-ordered"
	NoteRestricted    = "restricted"
	NoteLifted        = "restriction-lifted"
)

// Inquiry is one system asked in one case.
type Inquiry struct {
	ID         uuid.UUID
	Case       uuid.UUID
	System     string
	State      InquiryState
	Early      bool // asked before identity was settled, because the system forgets soon
	AskedAt    time.Time
	AnsweredAt time.Time
	Sealed     []byte // InquiryText
}

// Finding is one record of the subject from one system.
type Finding struct {
	ID        uuid.UUID
	Case      uuid.UUID
	System    string
	Reference []byte // keyed hash of the record's reference in its system
	FoundAt   time.Time
	Verdict   string // disclosure.Verdict; empty: undecided
	DecidedBy uuid.UUID
	DecidedAt time.Time
	Sealed    []byte // connector.Finding, to the public key of the case
	Decision  []byte // disclosure.Decision's texts
	// Bodies are the numbers of contents of files that Sealed names.
	Bodies []uuid.UUID
}

// Task is something a person has to do.
type Task struct {
	ID        uuid.UUID
	Case      uuid.UUID
	Kind      TaskKind
	System    string // of which it asks, if any
	Unit      string
	CreatedAt time.Time
	Reminded  time.Time // when its unit was last reminded
	DueOn     calendar.Date
	DoneAt    time.Time
	DoneBy    uuid.UUID
}

// TaskKind is what a task asks for.
type TaskKind string

// The kinds of tasks.
const (
	TaskSearch  TaskKind = "search"            // a system without a machine interface
	TaskRepair  TaskKind = "repair"            // a source failed eight times
	TaskDeliver TaskKind = "deliver-otherwise" // § 41(2a) VwVfG
	TaskPost    TaskKind = "post"              // the answer goes out on paper
	TaskLetter  TaskKind = "post-letter"       // letters wait to be posted
	TaskSilence TaskKind = "silence"           // a question stays unanswered: end the case or go on
	TaskChange  TaskKind = "change"            // what a machine can't change in a system
	TaskWrite   TaskKind = "letter-due"        // a ground wants another body to be asked first
	TaskLift    TaskKind = "lift"              // a restriction waited for a decision that is made by now
	TaskNotify  TaskKind = "tell-recipients"   // recipients have to be told what was changed, Art. 19 GDPR
	// TaskReply: somebody else has to answer a letter, an archive or a security
	// authority. Which of them would tell a secret, and kinds stand in clear.
	TaskReply TaskKind = "await-reply"
)

// Package is the answer as a sealed file.
type Package struct {
	ID        uuid.UUID
	Case      uuid.UUID
	State     PackageState
	CreatedAt time.Time
	BuiltAt   time.Time
	Sealed    []byte // PackageText
}

// PackageState is how far a package has come.
type PackageState string

// The states of a package.
const (
	PackageWanted  PackageState = "wanted"
	PackageBuilt   PackageState = "built"
	PackageDropped PackageState = "dropped"
)
