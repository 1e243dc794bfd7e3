// Package disclosure decides which parts of what was found go out to the person,
// which are blacked out and which are withheld, and with what words.
//
// Everything that leaves the house is made from a Disclosed. It has no place for
// notes to the file, for findings of other people or for a finding whose very
// existence is secret: what is not in there can't slip out.
package disclosure

import (
	"iter"
	"time"

	"einsicht/internal/inventory"
	"einsicht/internal/person"
)

// Outcome is what asking one system came to.
type Outcome string

// The outcomes.
const (
	Found          Outcome = "found"
	Nothing        Outcome = "nothing"        // nothing held, or nothing that may be told: the same on purpose
	Unattributable Outcome = "unattributable" // Art. 11(2) GDPR: can't be tied to a person
	Partial        Outcome = "partial"        // answered in part only, then failed
	Failed         Outcome = "failed"         // did not answer
	NotAsked       Outcome = "not-asked"
)

// Outcomes lists them.
var Outcomes = []Outcome{Found, Nothing, Unattributable, Partial, Failed, NotAsked}

// SystemAnswer is what one system answered in a case.
type SystemAnswer struct {
	System  inventory.System
	Outcome Outcome
	Reason  string // wording key of the sentence that explains the outcome; may be empty
	Gone    Gone
	AskedAt time.Time // zero: never asked
}

// Gone is what a rule had already removed when the system was asked.
type Gone struct {
	Before time.Time // civil day: what is older no longer exists. Zero: nothing is gone
	Rule   string    // the rule that removed it, in the inventory's words
}

// Disclosed is what the person gets.
type Disclosed struct {
	Systems []System
}

// System is one system as the person sees it.
type System struct {
	inventory.System
	Outcome Outcome
	Reason  string
	Gone    Gone
	AskedAt time.Time

	Given    int      // records that go out, at least in part
	Blacked  int      // of these, records with a field blacked out
	Withheld int      // records of which only the reason goes out
	Columns  []Column // all fields that occur in given records, in order of appearance

	records func() iter.Seq2[Record, error]
}

// Records reads the records in order, afresh at each call.
func (s System) Records() iter.Seq2[Record, error] {
	if s.records == nil {
		return func(func(Record, error) bool) {}
	}
	return s.records()
}

// TableName is the path of the system's table in the package.
func (s System) TableName() string { return "tabellen/" + s.ID + ".csv" }

// Refuses says whether anything of the system is kept from the person.
func (s System) Refuses() bool { return s.Withheld > 0 || s.Blacked > 0 }

// Refuses says whether anything is kept from the person, as far as the person
// may know.
func (d Disclosed) Refuses() bool {
	for _, s := range d.Systems {
		if s.Refuses() {
			return true
		}
	}
	return false
}

// Unanswered says whether a system has not answered, or not completely.
func (d Disclosed) Unanswered() bool {
	for _, s := range d.Systems {
		if s.Outcome == Failed || s.Outcome == Partial {
			return true
		}
	}
	return false
}

// Given counts the records that go out.
func (d Disclosed) Given() int {
	n := 0
	for _, s := range d.Systems {
		n += s.Given
	}
	return n
}

// Record is what the person gets of one finding.
type Record struct {
	Number    int         // within its system, from 1
	Label     string      // what it is, in words; empty if withheld
	Reference person.Text // the record's key in its source; empty if withheld
	Fields    []Field     // in the order of the source; none if withheld
	Withheld  bool
	Why       person.Text // for the person: why it is withheld or blacked out
}

// Field is one datum.
type Field struct {
	Name   string // key, as in daten.json
	Label  string // in words
	Value  person.Text
	State  State
	Reason person.Text // for the person, where the field has a reason of its own
}

// State is whether a field's value goes out.
type State string

// The states of a field.
const (
	Shown      State = ""
	BlackedOut State = "blacked-out"
	HeldOnly   State = "held" // stated to exist, never given: password hashes and the like
)

// Column is a field as a table has it: fields of the same name and label share
// one, whatever the sort of record.
type Column struct {
	Name  string
	Label string
}
