package delivery

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/disclosure"
	"einsicht/internal/inventory"
	"einsicht/internal/law"
	"einsicht/internal/person"
	"einsicht/internal/procedure"
	"einsicht/internal/wording"
)

// The history that the person reads says that data were restricted; the answer must not
// say of the same records that they were not.
func TestAnAnswerTellsOfRestrictionsUntilTheDecision(t *testing.T) {
	read := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	type state struct {
		n         int
		State     disclosure.MeasureState
		Meanwhile disclosure.Meanwhile
		Tally     string // of each measure that counts
	}
	for _, tt := range []struct {
		name   string
		change func(m *procedure.Matter)
		want   state
	}{
		{"of a record that the decision does not restrict", func(*procedure.Matter) {}, state{1, disclosure.MeasureMeanwhile, disclosure.ToBeLifted, "meanwhile"}},
		{"of one of which all of its system was", func(m *procedure.Matter) { m.Beside[0].Measures[0].Text.Reference = "" }, state{1, disclosure.MeasureMeanwhile, disclosure.ToBeLifted, "meanwhile"}},
		{"where the right is refused", func(m *procedure.Matter) { m.Measures = nil }, state{1, disclosure.MeasureMeanwhile, disclosure.ToBeLifted, "meanwhile"}},
		{"and that they are lifted", func(m *procedure.Matter) {
			lift := restriction("calls/1", casefile.Done)
			lift.Lift, lift.DoneAt = true, read.Add(time.Hour)
			m.Beside = append(m.Beside, procedure.Beside{Plan: casefile.Plan{Kind: casefile.PlanLifting}, Measures: []procedure.Measure{lift}})
		}, state{1, disclosure.MeasureMeanwhile, disclosure.Lifted, "meanwhile"}},
		{"and that they remain after consent was withdrawn", func(m *procedure.Matter) { m.Beside[0].Text.Right = law.ConsentWithdrawal }, state{1, disclosure.MeasureMeanwhile, disclosure.Remains, "restricted"}},
		{"not of one that was planned only", func(m *procedure.Matter) { m.Beside[0].Measures[0].State = casefile.Stays }, state{1, disclosure.MeasureStays, "", ""}},
		{"not of another record", func(m *procedure.Matter) { m.Measures[0].System = "chat" }, state{2, disclosure.MeasureStays, "", ""}},
		{"by the decision where it grants them", func(m *procedure.Matter) { m.Measures[0].State = casefile.Done }, state{1, disclosure.MeasureDone, "", "restricted"}},
		{"not where the record is erased", func(m *procedure.Matter) {
			m.Measures[0].Do, m.Measures[0].Right, m.Measures[0].State = connector.CanErase, law.Erasure, casefile.Done
		}, state{1, disclosure.MeasureDone, "", "erased"}},
		{"not of a secret record", func(m *procedure.Matter) {
			m.Measures, m.Findings[0].Decision.SecretFact = nil, true
		}, state{}},
		{"not of a secret ground", func(m *procedure.Matter) {
			m.Measures = nil
			m.Texts[law.Objection] = casefile.RightText{Limits: []casefile.Limit{{System: "hotline", SecretFact: true}}}
		}, state{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := procedure.Matter{Texts: map[law.Right]casefile.RightText{}}
			m.Inventory.Systems = []inventory.System{{ID: "chat", Name: "Chat"}, {ID: "hotline", Name: "Hotline"}}
			m.Findings = []procedure.Found{{Finding: casefile.Finding{ID: uuid.New(), System: "hotline"}, Record: connector.Finding{Reference: "calls/1"}}}
			stays := restriction("calls/1", casefile.Stays)
			stays.Finding, stays.Text.ForPerson = m.Findings[0].ID, person.NewText("weil")
			m.Measures = []procedure.Measure{stays}
			before := restriction("calls/1", casefile.Done)
			before.DoneAt, before.Text.Proof.ReadAt = read, read
			m.Beside = []procedure.Beside{{Plan: casefile.Plan{Kind: casefile.PlanMeanwhile}, Text: casefile.PlanText{Right: law.Objection}, Measures: []procedure.Measure{before}}}
			tt.change(&m)
			all := measuresOf(m, nil, wording.German)
			if len(all.All) != tt.want.n {
				t.Fatalf("got %d measures, want %d", len(all.All), tt.want.n)
			}
			if len(all.All) == 0 {
				return
			}
			tallies := all.Tallies()
			got := state{len(all.All), all.All[0].Told(), all.All[0].Meanwhile, tallies[0].Deed}
			if tt.want.n == 2 {
				got.Tally = tallies[1].Deed
			}
			if got != tt.want || len(tallies) != tt.want.n || tallies[0].Records != 1 {
				t.Errorf("got %+v with %+v, want %+v", got, tallies, tt.want)
			}
			if lifted := !all.All[0].LiftedAt.IsZero(); got.Meanwhile != "" && !all.All[0].ReadAt.Equal(read) || lifted != (got.Meanwhile == disclosure.Lifted) {
				t.Errorf("got read at %s, lifted %t", all.All[0].ReadAt, lifted)
			}
		})
	}
}

func restriction(reference string, state casefile.MeasureState) procedure.Measure {
	return procedure.Measure{
		Measure: casefile.Measure{ID: uuid.New(), System: "hotline", Right: law.Objection, Do: connector.CanRestrict, State: state},
		Text:    casefile.MeasureText{Reference: reference},
	}
}
