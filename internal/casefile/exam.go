package casefile

import (
	"time"

	"github.com/google/uuid"

	"einsicht/internal/law/calendar"
	"einsicht/internal/person"
)

// Exam is how staff examined one right: which grounds they took up and what they
// answered to the questions of the law. It is sealed with the right.
type Exam struct {
	Claims  []Claim
	Answers []Answer
	Known   []Known
}

// Claim is a ground taken up. A ground about the whole case names no system.
type Claim struct {
	Ground, System string
	Entire         bool          // it covers all that the system holds, not only parts
	ForPerson      person.Text   // why, in the letter; empty where reasons are withheld
	ForFile        person.Text   // never leaves the house
	LookAgain      calendar.Date // "soweit und solange": when it is looked at again
	By             uuid.UUID
	At             time.Time
}

// Answer is what staff said to one question. The place of a condition of the
// right itself is named by the right.
type Answer struct {
	Ground, System, Condition string
	Yes                       bool
	By                        uuid.UUID
	At                        time.Time
}

// Known is what only the case knows about a system.
type Known struct {
	System    string
	Concerned bool          // the request is about this system, whether or not it was asked
	Norm      string        // statute that keeps the data; an internal schedule is none
	Until     calendar.Date // last day of that duty
	Only      bool          // kept for no other reason
	Offered   calendar.Date // to the archive
	Provided  string        // by the person: "yes", "no"; empty: not known
}

// Limit is a ground that held when the right was decided, as the letter says it.
type Limit struct {
	Ground, System, Citation, Effect string
	Whole                            bool
	ReasonsWithheld                  bool
	SecretFact                       bool
	LookAgain                        calendar.Date
	ForPerson                        person.Text
}

// Residence is where the person lives, as far as the competent court follows
// from it (§ 52 no. 3 VwGO). Staff confirm it; nothing is guessed.
type Residence struct {
	District     string // Kreis, Landkreis or kreisfreie Stadt
	Outside      bool   // outside the authority's area
	Unknown      bool
	CivilServant bool // on a matter of their service, § 54(2) BeamtStG
	By           uuid.UUID
	At           time.Time
}

// Confirmed says whether somebody has said where the person lives, or that it is
// not known.
func (r Residence) Confirmed() bool { return !r.At.IsZero() }
