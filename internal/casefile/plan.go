package casefile

import (
	"time"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/person"
)

// Plan is what is to be changed in systems so that a decision comes true. A second
// person fixes it by letting it be carried out; from then on only what it names is
// touched.
type Plan struct {
	ID      uuid.UUID
	Case    uuid.UUID
	Kind    PlanKind
	MadeAt  time.Time
	MadeBy  uuid.UUID
	FixedAt time.Time // zero: it can still change
	FixedBy uuid.UUID
	EndedAt time.Time
	Hash    []byte    // SHA-256 of what was fixed; also in the ledger
	Sealed  []byte    // what was fixed
	Letter  uuid.UUID // of PlanLifting: by which the person is told before
	Said    []byte    // PlanText; sealed
}

// PlanKind is what a plan is for. A case has one plan of its decision, and others
// beside it.
type PlanKind string

// The kinds of plans.
const (
	PlanDecision  PlanKind = "decision"
	PlanMeanwhile PlanKind = "meanwhile" // restricts data until the case is decided
	PlanLifting   PlanKind = "lifting"   // ends a restriction, after the person was told (Art. 18(3) GDPR)
)

// PlanText is why a plan beside the decision is made; sealed.
type PlanText struct {
	Right     law.Right     // of PlanMeanwhile: the right that is being decided
	From      calendar.Date // of PlanLifting: not before
	ForPerson person.Text
	ForFile   person.Text
}

// Fixed says whether it can't change any more.
func (p Plan) Fixed() bool { return !p.FixedAt.IsZero() }

// Measure (Maßnahme) is one thing that a plan does: one record changed, or one
// system that people change by hand.
type Measure struct {
	ID      uuid.UUID
	Plan    uuid.UUID
	Case    uuid.UUID
	System  string
	Finding uuid.UUID // none: all that the system holds about the person
	Right   law.Right
	Do      connector.Ability
	Lift    bool // of a restriction: end it
	State   MeasureState
	ActedAt time.Time // when acting began
	DoneAt  time.Time // when it was read back, or a person said so
	DoneBy  uuid.UUID // the person; none: the program
	Sealed  []byte    // MeasureText
}

// MeasureState is how far a measure has come.
type MeasureState string

// The states of a measure.
const (
	Rehearsing MeasureState = "rehearsing" // a job tries it
	Planned    MeasureState = "planned"    // can be carried out
	Acting     MeasureState = "acting"     // a job is on it
	ForUnit    MeasureState = "unit"       // no machine can: once fixed, a task for the unit
	Asks       MeasureState = "asks"       // stopped: staff say what happens
	Done       MeasureState = "done"       // done and read back, or confirmed by who did it
	Stays      MeasureState = "stays"      // not done: a ground, or a reason of staff
)

// MeasureStates lists them.
var MeasureStates = []MeasureState{Rehearsing, Planned, Acting, ForUnit, Asks, Done, Stays}

// Ended says whether nothing more happens to a measure.
func (s MeasureState) Ended() bool { return s == Done || s == Stays }

// MeasureText is what is said about a measure; sealed.
type MeasureText struct {
	Reference string
	Label     string            // what the record is, for people
	Seen      []byte            // fingerprint of the record as it was decided about
	Before    []connector.Field // as it was rehearsed
	After     []connector.Field // none: it is gone
	Left      []byte            // fingerprint of what is left, where something is
	Kept      []connector.Kept
	With      []connector.Along
	Values    map[string]person.Text // of a rectification: what is right, by field
	Reason    string                 // wording key: why it asks, or is for the unit
	Ground    string                 // why it stays: id in the catalogue
	Citation  string                 // of that ground
	Until     calendar.Date          // when that is looked at again
	ForPerson person.Text            // why it stays, or what the unit did, in the answer
	ForFile   person.Text
	Secret    bool  // the person may not know that the record exists
	Proof     Proof // once Done
}

// Proof says how we know that a measure is done.
type Proof struct {
	ReadAt    time.Time
	Gone      bool        // the record is not there any more
	Left      []byte      // fingerprint of the record as it was read back, where it is
	Searched  bool        // a new search for the person went through the whole system
	Found     int         // records that it brought
	Mapping   string      // version of the connection file
	Statement person.Text // of the person who did it by hand
}

// Erasure remembers that a record was erased, by a keyed hash of its reference, and by
// another of the reference and what the record said,
// under a key of the authority: it outlives the case, so that a system restored
// from a backup can be cleansed again.
type Erasure struct {
	System    string
	Reference []byte
	At        time.Time
	Expires   calendar.Date // when the last backup that holds the record is overwritten; none: not known
}

// PlanFacts is what guards know of the plan.
type PlanFacts struct {
	Missing int // records or systems that the decision changes and the plan does not, or the other way round
	Waits   int // measures that are tried, or about which staff have to say something
	ToDo    int // measures that somebody has yet to carry out
	// Meanwhile counts plans that restrict data until the decision and have not ended:
	// what is decided about is what they leave.
	Meanwhile int
}
