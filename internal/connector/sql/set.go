package sql

import (
	"slices"
	"strconv"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// set is one way to recognise the person: identifiers of the query, one of
// each kind of a match of the connection, that together lead to a record.
type set struct {
	match      connector.Match
	ids        []person.Identifier // in the order of match.By
	confidence connector.Confidence
}

func (s set) led() []uuid.UUID {
	var ids []uuid.UUID
	for _, id := range s.ids {
		ids = append(ids, id.ID)
	}
	return ids
}

// maxSets keeps a statement within what a database takes.
const maxSets = 500

// setsOf combines the identifiers of a query in every way that suffices.
// Malformed ones lead nowhere.
func setsOf(c connector.Connection, q connector.Query) ([]set, error) {
	var all []set
	for _, m := range c.Match {
		partial := []set{{match: m}}
		for _, kind := range m.By {
			var longer []set
			for _, s := range partial {
				for _, id := range q.OfKind(kind) {
					if _, err := person.Stored(kind, id.Value.Reveal()); err == nil {
						longer = append(longer, set{match: m, ids: append(slices.Clone(s.ids), id)})
					}
				}
			}
			if partial = longer; len(partial) > maxSets {
				break
			}
		}
		for _, s := range partial {
			s.confidence = m.Reached(s.ids)
			all = append(all, s)
		}
		if len(all) > maxSets {
			return nil, connector.Fail(connector.ErrConfig, "query", "more than "+strconv.Itoa(maxSets)+" combinations of identifiers", nil)
		}
	}
	return all, nil
}
