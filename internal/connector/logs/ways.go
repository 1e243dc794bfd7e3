package logs

import (
	"slices"

	"github.com/google/uuid"

	"einsicht/internal/connector"
)

// Ways are what leads to a record of several lines: of all that they name, the
// surest, as for a record of one line (see connector.Whose.Leads). What only a
// weaker one leads to must not be opened by a stronger one.
type Ways struct {
	Led        [][]uuid.UUID
	Confidence connector.Confidence // check where nothing leads
}

// Add notes what leads to one more line.
func (w *Ways) Add(led [][]uuid.UUID, c connector.Confidence) {
	f := connector.Finding{Led: w.Led, Confidence: w.Confidence}
	for _, way := range led {
		known := slices.ContainsFunc(f.Led, func(o []uuid.UUID) bool { return slices.Equal(o, way) })
		if !known || c != f.Confidence {
			f.Lead(way, c)
		}
	}
	w.Led, w.Confidence = f.Led, f.Confidence
}
