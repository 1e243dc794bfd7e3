package delivery

import (
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/disclosure"
	"einsicht/internal/inventory"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/catalogue"
	"einsicht/internal/person"
	"einsicht/internal/procedure"
	"einsicht/internal/wording"
)

func TestAnAnswerTellsOfMeasuresWhatThePersonMayKnow(t *testing.T) {
	book, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	ground, ok := book.On(calendar.Day(2026, 3, 2)).Ground(procedure.RetentionDuty)
	if !ok {
		t.Fatal("the ground is not in the catalogue")
	}
	for _, tt := range []struct {
		name   string
		change func(m *procedure.Matter, measure *procedure.Measure)
		want   func(all []disclosure.Measure) bool
	}{
		{"what was done, by its reference", func(*procedure.Matter, *procedure.Measure) {}, func(all []disclosure.Measure) bool {
			return len(all) == 1 && all[0].Reference.Reveal() == "orders/17" && all[0].System.Name == "Bestellungen" && all[0].Deed == disclosure.Erased
		}},
		{"nothing of what is secret in the plan", func(_ *procedure.Matter, x *procedure.Measure) { x.Text.Secret = true }, none},
		{"nothing of a record that has become secret", func(m *procedure.Matter, _ *procedure.Measure) {
			m.Findings[0].Decision = disclosure.Decision{Verdict: disclosure.Withhold, SecretFact: true}
		}, none},
		{"nothing of a system that another right keeps secret", func(m *procedure.Matter, x *procedure.Measure) {
			x.Finding = uuid.Nil
			m.Texts[law.Access] = casefile.RightText{Limits: []casefile.Limit{{System: "orders", Whole: true, SecretFact: true}}}
		}, none},
		{"nothing of what stays under a secret ground", func(m *procedure.Matter, x *procedure.Measure) {
			x.State, x.Text.Ground = casefile.Stays, procedure.RetentionDuty
			m.Texts[law.Erasure] = casefile.RightText{Limits: []casefile.Limit{{Ground: procedure.RetentionDuty, System: "orders", SecretFact: true}}}
		}, none},
		{"of a withheld record not which it is", func(m *procedure.Matter, _ *procedure.Measure) {
			m.Findings[0].Decision = disclosure.Decision{Verdict: disclosure.Withhold}
		}, unnamed},
		{"of no record which it is where access is refused", func(m *procedure.Matter, _ *procedure.Measure) {
			m.Rights = []casefile.Right{{Right: law.Access, Outcome: casefile.Refused}}
		}, unnamed},
		{"the ground in words, its provision, the statute and until when", func(m *procedure.Matter, x *procedure.Measure) {
			x.State, x.Text.Ground = casefile.Stays, procedure.RetentionDuty
			m.Texts[law.Erasure] = casefile.RightText{
				Limits: []casefile.Limit{{Ground: procedure.RetentionDuty, System: "orders", Whole: true, Citation: ground.Citation, LookAgain: calendar.Day(2027, 5, 3)}},
				Exam:   casefile.Exam{Known: []casefile.Known{{System: "orders", Norm: "§ 147 Abs. 3 AO", Until: calendar.Day(2034, 12, 31)}}},
			}
		}, func(all []disclosure.Measure) bool {
			s := all[0].Stay
			return s.Title == ground.Title.DE && s.Citation == ground.Citation && s.Norm == "§ 147 Abs. 3 AO" &&
				s.Until.Equal(calendar.Day(2034, 12, 31).Time()) && s.LookAgain.Equal(calendar.Day(2027, 5, 3).Time())
		}},
		{"neither ground nor reasons where they are kept back", func(m *procedure.Matter, x *procedure.Measure) {
			x.State, x.Text.Ground, x.Text.ForPerson = casefile.Stays, procedure.RetentionDuty, person.NewText("geheim")
			m.Texts[law.Erasure] = casefile.RightText{Limits: []casefile.Limit{{Ground: procedure.RetentionDuty, Citation: ground.Citation, ReasonsWithheld: true}}}
		}, func(all []disclosure.Measure) bool {
			return all[0].Stay.Withheld && all[0].Stay.Title+all[0].Stay.Citation+all[0].Stay.Norm+all[0].Stay.Reason.Reveal() == ""
		}},
		{"the words of staff", func(_ *procedure.Matter, x *procedure.Measure) {
			x.State, x.Text.ForPerson = casefile.Stays, person.NewText("wird ausgeliefert")
		}, func(all []disclosure.Measure) bool {
			return !all[0].Stay.ByGround() && all[0].Stay.Reason.Reveal() == "wird ausgeliefert"
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			finding := uuid.New()
			measure := procedure.Measure{
				Measure: casefile.Measure{System: "orders", Finding: finding, Right: law.Erasure, Do: connector.CanErase, State: casefile.Done},
				Text:    casefile.MeasureText{Reference: "orders/17", ForFile: person.NewText("Vermerk")},
			}
			m := procedure.Matter{Edition: book.On(calendar.Day(2026, 3, 2)), Texts: map[law.Right]casefile.RightText{}}
			m.Inventory.Systems = []inventory.System{{ID: "orders", Name: "Bestellungen"}}
			m.Findings = []procedure.Found{{Finding: casefile.Finding{ID: finding}, Decision: disclosure.Decision{Verdict: disclosure.Give}}}
			tt.change(&m, &measure)
			m.Measures = []procedure.Measure{measure}
			got := measuresOf(m, nil, wording.German).All
			if !tt.want(got) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func none(all []disclosure.Measure) bool { return len(all) == 0 }

func unnamed(all []disclosure.Measure) bool { return len(all) == 1 && all[0].Reference.IsZero() }

func TestBackupsAreOverwrittenOnlyWhereTheInventorySaysSo(t *testing.T) {
	for _, tt := range []struct {
		name    string
		systems []inventory.System
		want    int
	}{
		{"no backup is registered", []inventory.System{{RotationDays: 30}}, 0},
		{"the longest counts", []inventory.System{{BackupOnly: true, RotationDays: 30}, {BackupOnly: true, RotationDays: 365}}, 365},
		{"one is not known", []inventory.System{{BackupOnly: true, RotationDays: 30}, {BackupOnly: true}}, 0},
	} {
		m := procedure.Matter{}
		m.Inventory.Systems = tt.systems
		if got := backupDays(m); got != tt.want {
			t.Errorf("%s: got %d, want %d", tt.name, got, tt.want)
		}
	}
}
