package connectortest

import (
	"maps"
	"slices"
	"testing"

	"einsicht/internal/connector"
)

// Both rehearses and carries a change out, which must come to the same. pieces are all
// that the source holds.
func Both(t *testing.T, c connector.Changer, pieces func(*testing.T) map[string]string, one connector.Change) connector.Effect {
	t.Helper()
	before := pieces(t)
	rehearsed, err := c.Rehearse(t.Context(), []connector.Change{one})
	if err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(before, pieces(t)) {
		t.Error("a rehearsal changed something")
	}
	carried, err := c.Carry(t.Context(), []connector.Change{one})
	if err != nil {
		t.Fatal(err)
	}
	if r, e := rehearsed[0], carried[0]; r.State != e.State || r.Reason != e.Reason || !slices.Equal(r.With, e.With) || string(r.FingerprintAfter()) != string(e.FingerprintAfter()) {
		t.Errorf("got %s %s, while the rehearsal said %s %s", e.State, e.Reason, r.State, r.Reason)
	}
	if carried[0].State != connector.Changed && !maps.Equal(before, pieces(t)) {
		t.Errorf("%s, and yet something changed", carried[0].State)
	}
	return carried[0]
}
