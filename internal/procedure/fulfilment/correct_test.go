package fulfilment_test

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/law"
	"einsicht/internal/person"
	"einsicht/internal/procedure/fulfilment"
)

func TestAStatementGoesIntoItsFieldOrToPeople(t *testing.T) {
	for name, c := range map[string]struct {
		values map[string]person.Text
		field  bool // the record has one for the statement
		want   map[casefile.MeasureState]int
	}{
		"a value alone":                            {map[string]person.Text{"name": text("Erika M.")}, false, map[casefile.MeasureState]int{casefile.Rehearsing: 1}},
		"a statement without a field for it":       {map[string]person.Text{fulfilment.Statement: text("Ich sehe das anders.")}, false, map[casefile.MeasureState]int{casefile.ForUnit: 1}},
		"a value, and a statement without a field": {map[string]person.Text{"name": text("Erika M."), fulfilment.Statement: text("Ich sehe das anders.")}, false, map[casefile.MeasureState]int{casefile.Rehearsing: 1, casefile.ForUnit: 1}},
		"both, where there is a field":             {map[string]person.Text{"name": text("Erika M."), fulfilment.Statement: text("Ich sehe das anders.")}, true, map[casefile.MeasureState]int{casefile.Rehearsing: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newObjection(t, 1)
			h.inTx(func(ctx context.Context) error {
				return h.Cases.PutRights(ctx, h.c.ID, []casefile.Right{{Right: law.Rectification, Outcome: casefile.Granted}})
			})
			if c.field {
				record := h.source.finding("rows/0")
				record.Reference, record.Led = "rows/1", h.besides().Findings[0].Record.Led
				record.Fields = append(record.Fields, connector.Field{Name: fulfilment.Statement})
				h.found(record)
			}
			var finding uuid.UUID
			for _, f := range h.besides().Findings {
				if (f.Record.Reference == "rows/1") == c.field {
					finding = f.ID
				}
			}
			for range 2 { // said again, it stands in the plan of the first time
				must(t, h.Correct(t.Context(), h.clerk, h.c.ID, finding, c.values, now))
			}
			got := map[casefile.MeasureState]int{}
			for _, m := range h.decided() {
				got[m.State]++
				_, stated := m.Text.Values[fulfilment.Statement]
				if m.State == casefile.ForUnit && (!stated || len(m.Text.Values) != 1 || m.Text.Reason != "fulfilment.reason.statement") {
					t.Errorf("people get %d values, %s", len(m.Text.Values), m.Text.Reason)
				}
			}
			for state, n := range c.want {
				if got[state] != n || len(got) != len(c.want) {
					t.Errorf("got %v, want %v", got, c.want)
				}
			}
		})
	}
}
