package procedure

import (
	"context"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// Query is whom to look for in a case.
func (h *House) Query(ctx context.Context, c casefile.Case) (connector.Query, error) {
	identifiers, err := h.Identifiers(ctx, c)
	if err != nil {
		return connector.Query{}, err
	}
	q := connector.Query{ReceivedAt: c.ReceivedAt}
	for _, d := range identifiers {
		q.Identifiers = append(q.Identifiers, person.Identifier{ID: d.ID, Kind: d.Kind, Value: d.Value, Verified: d.Verified(), Record: d.Record})
	}
	return q, nil
}
