package disclosure_test

import (
	"reflect"
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/disclosure"
	"einsicht/internal/inventory"
	"einsicht/internal/law"
	"einsicht/internal/person"
	"einsicht/internal/wording"
)

func TestMeasuresTellWhatWasDoneAndNoMore(t *testing.T) {
	record := uuid.New()
	for _, tt := range []struct {
		name   string
		change func(*disclosure.Taken)
		want   disclosure.Measure
	}{
		{"a record that is gone", func(*disclosure.Taken) {}, disclosure.Measure{Reference: person.NewText("orders/17"), Deed: disclosure.Erased, State: disclosure.MeasureDone, Proof: disclosure.ReadBack}},
		{"a record that is still there", func(m *disclosure.Taken) {
			m.Text.Left, m.Text.Kept = []byte{1}, []connector.Kept{{Field: "sum", Why: "§ 147 AO"}, {Field: "other", Why: "§ 147 AO"}}
		}, disclosure.Measure{Reference: person.NewText("orders/17"), Deed: disclosure.Masked, State: disclosure.MeasureDone, Proof: disclosure.ReadBack,
			Kept: []disclosure.KeptField{{Label: "Betrag", Why: "§ 147 AO"}, {Label: "other", Why: "§ 147 AO"}}}},
		{"of a withheld one, not which fields stay", func(m *disclosure.Taken) {
			m.Unnamed, m.Text.Left, m.Text.Kept = true, []byte{1}, []connector.Kept{{Field: "sum", Why: "§ 147 AO"}, {Field: "other", Why: "§ 147 AO"}}
		}, disclosure.Measure{Deed: disclosure.Masked, State: disclosure.MeasureDone, Proof: disclosure.ReadBack, Kept: []disclosure.KeptField{{Why: "§ 147 AO"}}}},
		{"what stays was to be erased, whatever a rehearsal left", func(m *disclosure.Taken) {
			m.Measure.State, m.Text.Left, m.Stay = casefile.Stays, []byte{1}, disclosure.Stay{Title: "Archiv"}
		}, disclosure.Measure{Reference: person.NewText("orders/17"), Deed: disclosure.Erased, State: disclosure.MeasureStays, Stay: disclosure.Stay{Title: "Archiv"}}},
		{"words for the person before those for the file", func(m *disclosure.Taken) {
			m.Finding, m.Text.ForPerson, m.Text.Proof.Statement = uuid.Nil, person.NewText("gelöscht"), person.NewText("Akte 17 vernichtet")
		}, disclosure.Measure{Whole: true, Deed: disclosure.Erased, State: disclosure.MeasureDone, Proof: disclosure.Stated, Statement: person.NewText("gelöscht")}},
		{"a statement that came to a record, and no correction", func(m *disclosure.Taken) {
			m.Do, m.Text.Values = connector.CanRectify, map[string]person.Text{connector.Statement: person.NewText("Ich sehe das anders.")}
		}, disclosure.Measure{Reference: person.NewText("orders/17"), Deed: disclosure.Supplemented, State: disclosure.MeasureDone, Proof: disclosure.ReadBack}},
		{"a statement beside a correction", func(m *disclosure.Taken) {
			m.Do, m.Text.Values = connector.CanRectify, map[string]person.Text{connector.Statement: person.NewText("Ich sehe das anders."), "sum": person.NewText("13,00")}
		}, disclosure.Measure{Reference: person.NewText("orders/17"), Deed: disclosure.Corrected, State: disclosure.MeasureDone, Proof: disclosure.ReadBack}},
		{"what nobody has ended", func(m *disclosure.Taken) { m.Measure.State = casefile.Acting }, disclosure.Measure{
			Reference: person.NewText("orders/17"), Deed: disclosure.Erased, State: disclosure.MeasureOpen}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			taken := disclosure.Taken{
				Measure: casefile.Measure{Finding: record, Do: connector.CanErase, Right: law.Erasure, State: casefile.Done},
				Text:    casefile.MeasureText{Reference: "orders/17", Before: []connector.Field{{Name: "sum", Label: "Betrag", Value: person.NewText("12,00")}}},
			}
			tt.change(&taken)
			got := disclosure.Carried(wording.German, []disclosure.Taken{taken}).All[0]
			tt.want.Right = law.Erasure
			if x, y := view(got), view(tt.want); !reflect.DeepEqual(x, y) {
				t.Errorf("got %+v, want %+v", x, y)
			}
		})
	}
}

// view opens what prints as a placeholder.
func view(m disclosure.Measure) []any {
	return []any{m.Right, m.Whole, m.Reference.Reveal(), m.Deed, m.State, m.Proof, m.Statement.Reveal(), m.Kept, m.Stay}
}

func TestASecretMeasureIsNotCounted(t *testing.T) {
	taken := func(system string, right law.Right, state casefile.MeasureState, n byte) disclosure.Taken {
		return disclosure.Taken{System: inventory.System{ID: system}, Measure: casefile.Measure{Right: right, Do: connector.CanErase, State: state, Finding: uuid.UUID{n}}}
	}
	all := []disclosure.Taken{
		taken("a", law.Erasure, casefile.Done, 1), taken("a", law.Erasure, casefile.Done, 2), taken("b", law.Erasure, casefile.Done, 3),
		taken("b", law.Erasure, casefile.Done, 0), taken("b", law.Erasure, casefile.Stays, 4),
		taken("b", law.ConsentWithdrawal, casefile.Stays, 4), // the same record
		taken("b", law.ConsentWithdrawal, casefile.Stays, 3), // erased after all
	}
	want := []casefile.Tally{{Deed: "erased", Records: 3, Systems: 2}, {Deed: "erased", Whole: true, Systems: 1}, {Records: 1, Systems: 1}}
	secret := []disclosure.Taken{taken("c", law.Erasure, casefile.Done, 5), taken("a", law.Erasure, casefile.Stays, 6)}
	secret[0].Secret, secret[1].Text.Secret = true, true
	if got := disclosure.Carried(wording.German, append(secret, all...)).Tallies(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
