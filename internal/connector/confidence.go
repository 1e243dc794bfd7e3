package connector

import (
	"slices"

	"einsicht/internal/person"
)

// Confidence is how sure it is that a record is the person's. To give somebody
// a namesake's data is the worst that can happen here, so what is not sure
// waits for staff.
type Confidence string

// The degrees.
const (
	Sure   Confidence = "sure"
	Likely Confidence = "likely"
	Check  Confidence = "check" // somebody has to look before anything else
)

// Confidences lists them, the surest first.
var Confidences = []Confidence{Sure, Likely, Check}

// Best gives the surer of two.
func (c Confidence) Best(d Confidence) Confidence {
	return Confidences[min(c.rank(), d.rank())]
}

// Worst gives the less sure of two.
func (c Confidence) Worst(d Confidence) Confidence {
	return Confidences[max(c.rank(), d.rank())]
}

// rank counts anything unknown as to be checked.
func (c Confidence) rank() int {
	if i := slices.Index(Confidences, c); i >= 0 {
		return i
	}
	return len(Confidences) - 1
}

// Match is one set of identifiers that together lead to a record.
type Match struct {
	By         []person.IdentifierKind
	Confidence Confidence // at best, see Reached
}

// Reached is the confidence of a record that these identifiers, one of each
// kind of the match, led to: never above what the connection declares, never
// above what the kinds can prove, and sure only where all are verified.
func (m Match) Reached(led []person.Identifier) Confidence {
	c := m.Confidence.Worst(Ceiling(m.By))
	for _, id := range led {
		if !id.Verified {
			c = c.Worst(Likely)
		}
	}
	return c
}

// ceiling is what a set of kinds can prove at best.
func Ceiling(by []person.IdentifierKind) Confidence {
	has := func(k person.IdentifierKind) bool { return slices.Contains(by, k) }
	switch {
	case slices.ContainsFunc(by, provesAlone), has(person.Name) && has(person.Birthdate):
		return Sure
	case has(person.Name) && has(person.Address), has(person.Phone):
		return Likely // father and son; the telephone of a household or an office
	}
	// A name has namesakes, a display name is freely chosen, an address on the
	// network is shared, a meeting has many guests.
	return Check
}

func provesAlone(k person.IdentifierKind) bool {
	switch k {
	case person.Email, person.Account, person.IBAN, person.PersonnelNumber, person.Handle,
		person.SessionID, person.VisitorID, person.SSHFingerprint, person.FileNumber:
		return true
	}
	return false
}
