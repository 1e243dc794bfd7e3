package person

import (
	"fmt"
	"slices"

	"github.com/google/uuid"
)

// IdentifierKind says by what sort of mark a person is looked up. The names
// are those of the register of systems.
type IdentifierKind string

// The kinds.
const (
	Email           IdentifierKind = "email"
	Name            IdentifierKind = "name"
	Birthdate       IdentifierKind = "birthdate"
	Address         IdentifierKind = "address"
	Phone           IdentifierKind = "phone"
	Company         IdentifierKind = "company"
	Account         IdentifierKind = "account"
	IBAN            IdentifierKind = "iban"
	PersonnelNumber IdentifierKind = "personnel-number"
	Handle          IdentifierKind = "handle"  // name on a platform
	IPTime          IdentifierKind = "ip+time" // "192.0.2.7 2026-11-20T10:15:00Z"
	SessionID       IdentifierKind = "session-id"
	VisitorID       IdentifierKind = "visitor-id"
	ConferenceID    IdentifierKind = "conference-id" // names a meeting, not a person
	DisplayName     IdentifierKind = "display-name"  // freely chosen, proves nothing
	SSHFingerprint  IdentifierKind = "ssh-fingerprint"
	FileNumber      IdentifierKind = "file-number" // Aktenzeichen
)

// IdentifierKinds lists them in the order of the forms.
var IdentifierKinds = []IdentifierKind{
	Email, Name, Birthdate, Address, Phone, Company, Account, IBAN, PersonnelNumber, Handle,
	IPTime, SessionID, VisitorID, ConferenceID, DisplayName, SSHFingerprint, FileNumber,
}

// ParseIdentifierKind returns the kind of a name.
func ParseIdentifierKind(s string) (IdentifierKind, error) {
	if k := IdentifierKind(s); slices.Contains(IdentifierKinds, k) {
		return k, nil
	}
	return "", fmt.Errorf("no such kind of identifier; one of %v", IdentifierKinds)
}

// Identifier is something a person can be looked up by. It is claimed until
// somebody recorded how it was verified.
type Identifier struct {
	ID    uuid.UUID
	Kind  IdentifierKind
	Value Text
	// Verified: staff recorded that it is the applicant's, or a record to
	// which verified identifiers alone lead names it.
	Verified bool
	// Record is the "system/reference" of the finding that names it; empty if
	// a person typed it.
	Record string
}
