package disclosure

import "github.com/google/uuid"

// MayGive says whether verified identifiers alone lead to a finding. led holds
// the ways that led to it, each the set of identifiers that had to come
// together; one way whose identifiers are all verified is enough. What only
// claimed identifiers lead to waits: a name and a birth date that somebody
// typed open nobody's record (Art. 12(6), Art. 32 GDPR).
func MayGive(led [][]uuid.UUID, verified map[uuid.UUID]bool) bool {
	for _, way := range led {
		if len(way) > 0 && allVerified(way, verified) {
			return true
		}
	}
	return false
}

func allVerified(way []uuid.UUID, verified map[uuid.UUID]bool) bool {
	for _, id := range way {
		if !verified[id] {
			return false
		}
	}
	return true
}
