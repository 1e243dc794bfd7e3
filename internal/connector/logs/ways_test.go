package logs

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/connector"
)

func TestOnlyTheSurestWaysLeadToSeveralLines(t *testing.T) {
	a, b, c := []uuid.UUID{{1}}, []uuid.UUID{{2}}, []uuid.UUID{{3}}
	w := Ways{Confidence: connector.Check}
	for _, step := range []struct {
		led   [][]uuid.UUID
		by    connector.Confidence
		want  [][]uuid.UUID
		reach connector.Confidence
	}{
		{nil, connector.Check, nil, connector.Check},
		{[][]uuid.UUID{a, b}, connector.Check, [][]uuid.UUID{a, b}, connector.Check},
		{[][]uuid.UUID{b}, connector.Check, [][]uuid.UUID{a, b}, connector.Check},
		{[][]uuid.UUID{b}, connector.Sure, [][]uuid.UUID{b}, connector.Sure},
		{[][]uuid.UUID{a}, connector.Check, [][]uuid.UUID{b}, connector.Sure},
		{[][]uuid.UUID{b, c}, connector.Sure, [][]uuid.UUID{b, c}, connector.Sure},
	} {
		w.Add(step.led, step.by)
		if !slices.EqualFunc(w.Led, step.want, slices.Equal) || w.Confidence != step.reach {
			t.Errorf("after %v by %s: got %v, %s, want %v, %s", step.led, step.by, w.Led, w.Confidence, step.want, step.reach)
		}
	}
}
