package disclosure

import (
	"slices"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// given are the kinds of identifiers that a system itself gives to a person or
// writes down. Mail addresses, numbers and names in a record were typed by
// somebody, and a household may share them: taken up, they are claimed.
var given = []person.IdentifierKind{person.IPTime, person.Account, person.SSHFingerprint, person.VisitorID, person.SessionID}

// Vouches says whether what a record names is verified by it: where verified
// identifiers that prove whose the record is led there (Art. 12(6) GDPR). kinds
// are those of the identifiers of the case.
func Vouches(record connector.Finding, kind person.IdentifierKind, kinds map[uuid.UUID]person.IdentifierKind, verified map[uuid.UUID]bool) bool {
	if record.Confidence == connector.Check || !slices.Contains(given, kind) {
		return false
	}
	return slices.ContainsFunc(record.Led, func(way []uuid.UUID) bool {
		var by []person.IdentifierKind
		for _, id := range way {
			k, known := kinds[id]
			if !known {
				return false
			}
			by = append(by, k)
		}
		return connector.Ceiling(by) == connector.Sure && MayGive([][]uuid.UUID{way}, verified)
	})
}
