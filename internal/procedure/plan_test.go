package procedure

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/disclosure"
	"einsicht/internal/law"
)

// asked is a case with one verified identifier, which led to two records of the
// newsletter and one of the callbacks.
func asked(t *testing.T, rights ...law.Right) Matter {
	m := settled(t, rights...)
	id := uuid.New()
	m.Identifiers = []casefile.Identifier{{ID: id, VerifiedAt: time.Now()}}
	m.find(consent, 2, give)
	m.find(task, 1, give)
	for i := range m.Findings {
		m.Findings[i].Record.Led = [][]uuid.UUID{{id}}
	}
	for i := range m.Rights {
		m.Rights[i].Outcome = casefile.Granted
	}
	return m
}

func (m *Matter) limitedBy(right law.Right, l casefile.Limit) {
	text := m.Texts[right]
	text.Limits = append(text.Limits, l)
	m.Texts[right] = text
}

func TestWhatADecisionChanges(t *testing.T) {
	for _, c := range []struct {
		sentence string
		rights   []law.Right
		change   func(*Matter)
		want     string // system, ability, ground and secrecy of each
	}{
		{"access changes nothing", []law.Right{law.Access}, nil, ""},
		{"erasure granted erases every record", []law.Right{law.Erasure}, nil, "callbacks erase; newsletter erase; newsletter erase"},
		{"erasure refused erases nothing", []law.Right{law.Erasure}, func(m *Matter) { m.Rights[0].Outcome = casefile.Refused }, ""},
		{"a record of somebody else is left alone", []law.Right{law.Erasure}, func(m *Matter) { m.Findings[2].Decision.Verdict = disclosure.NotThisPerson },
			"newsletter erase; newsletter erase"},
		{"a record to which a claimed identifier led is left alone", []law.Right{law.Erasure}, func(m *Matter) { m.Findings[2].Record.Led = [][]uuid.UUID{{uuid.New()}} },
			"newsletter erase; newsletter erase"},
		{"a ground keeps all of a system", []law.Right{law.Erasure}, func(m *Matter) {
			m.limitedBy(law.Erasure, casefile.Limit{Ground: "EU-17-3-b", System: task, Whole: true})
		}, "callbacks erase EU-17-3-b; newsletter erase; newsletter erase"},
		{"a ground about parts keeps nothing by itself", []law.Right{law.Erasure}, func(m *Matter) {
			m.limitedBy(law.Erasure, casefile.Limit{Ground: "EU-17-3-b", System: task})
		}, "callbacks erase; newsletter erase; newsletter erase"},
		{"what is secret stays secret", []law.Right{law.Erasure}, func(m *Matter) { m.Findings[2].Decision.SecretFact = true },
			"callbacks erase secret; newsletter erase; newsletter erase"},
		{"what is erased need not be restricted", []law.Right{law.Erasure, law.Restriction}, nil, "callbacks erase; newsletter erase; newsletter erase"},
		{"what may not be erased can be restricted", []law.Right{law.Erasure, law.Restriction}, func(m *Matter) {
			m.limitedBy(law.Erasure, casefile.Limit{Ground: "EU-17-3-b", System: task, Whole: true})
		}, "callbacks erase EU-17-3-b; callbacks restrict; newsletter erase; newsletter erase"},
		{"an objection ends the use", []law.Right{law.Objection}, nil, "callbacks restrict; newsletter restrict; newsletter restrict"},
		{"consent withdrawn erases", []law.Right{law.ConsentWithdrawal}, nil, "callbacks erase; newsletter erase; newsletter erase"},
		{"a system that holds something without a record is for people", []law.Right{law.Erasure}, func(m *Matter) {
			m.Texts[law.Erasure] = casefile.RightText{Exam: casefile.Exam{Known: []casefile.Known{{System: "stk-postal", Concerned: true}}}}
		}, "callbacks erase; newsletter erase; newsletter erase; postal erase all"},
		{"a system that failed is for people", []law.Right{law.Erasure}, func(m *Matter) {
			m.Case.GapsAccepted = true
			for i := range m.Inquiries {
				if m.Inquiries[i].System == "stk-accreditation" {
					m.Inquiries[i].State = casefile.Failed
				}
			}
		}, "accreditation erase all; callbacks erase; newsletter erase; newsletter erase"},
		{"a ground nobody may know of keeps its records secret", []law.Right{law.Erasure}, func(m *Matter) {
			m.limitedBy(law.Erasure, casefile.Limit{Ground: "NRW-12-2-3A", System: task, Whole: true, SecretFact: true})
		}, "callbacks erase NRW-12-2-3A secret; newsletter erase; newsletter erase"},
		{"what is right nobody can derive", []law.Right{law.Rectification}, nil, ""},
		{"a system without a record is corrected by people", []law.Right{law.Rectification}, func(m *Matter) {
			m.Texts[law.Rectification] = casefile.RightText{Exam: casefile.Exam{Known: []casefile.Known{{System: "stk-postal", Concerned: true}}}}
		}, "postal rectify all"},
	} {
		m := asked(t, c.rights...)
		if c.change != nil {
			c.change(&m)
		}
		var got []string
		for _, w := range m.Wanted() {
			s := strings.TrimPrefix(w.System, "stk-") + " " + string(w.Do)
			if w.Finding == uuid.Nil {
				s += " all"
			}
			if w.Limit != nil {
				s += " " + w.Limit.Ground
			}
			if w.Secret {
				s += " secret"
			}
			got = append(got, s)
		}
		slices.Sort(got)
		if got := strings.Join(got, "; "); got != c.want {
			t.Errorf("%s: got %q, want %q", c.sentence, got, c.want)
		}
	}
}

func TestAPlanIsReadyWhenItIsWhatTheDecisionWants(t *testing.T) {
	planned := func(m *Matter) {
		m.Plan.ID = uuid.New()
		for _, w := range m.Wanted() {
			measure := Measure{Measure: casefile.Measure{ID: uuid.New(), System: w.System, Finding: w.Finding, Right: w.Right, Do: w.Do, State: casefile.Planned}}
			if w.Limit != nil {
				measure.State, measure.Text.Ground = casefile.Stays, w.Limit.Ground
			}
			m.Measures = append(m.Measures, measure)
		}
	}
	for _, c := range []struct {
		sentence string
		right    law.Right
		change   func(*Matter)
		want     casefile.PlanFacts
	}{
		{"nothing is planned", law.Erasure, func(*Matter) {}, casefile.PlanFacts{Missing: 3}},
		{"all is planned", law.Erasure, planned, casefile.PlanFacts{ToDo: 3}},
		{"a record was found since", law.Erasure, func(m *Matter) {
			planned(m)
			m.find(task, 1, give)
			m.Findings[3].Record.Led = m.Findings[0].Record.Led
		}, casefile.PlanFacts{ToDo: 3, Missing: 1}},
		{"the right is refused by now", law.Erasure, func(m *Matter) { planned(m); m.Rights[0].Outcome = casefile.Refused }, casefile.PlanFacts{ToDo: 3, Missing: 3}},
		{"a ground was taken up since", law.Erasure, func(m *Matter) {
			planned(m)
			m.limitedBy(law.Erasure, casefile.Limit{Ground: "EU-17-3-b", System: task, Whole: true})
		}, casefile.PlanFacts{ToDo: 3, Missing: 2}},
		{"a ground was dropped since", law.Erasure, func(m *Matter) {
			m.limitedBy(law.Erasure, casefile.Limit{Ground: "EU-17-3-b", System: task, Whole: true})
			planned(m)
			m.Texts[law.Erasure] = casefile.RightText{}
		}, casefile.PlanFacts{ToDo: 2, Missing: 2}},
		{"a record became secret since", law.Erasure, func(m *Matter) { planned(m); m.Findings[0].Decision.SecretFact = true }, casefile.PlanFacts{ToDo: 3, Missing: 2}},
		{"a measure asks", law.Erasure, func(m *Matter) { planned(m); m.Measures[0].State = casefile.Asks }, casefile.PlanFacts{ToDo: 2, Waits: 1}},
		{"a measure is tried", law.Erasure, func(m *Matter) { planned(m); m.Measures[0].State = casefile.Rehearsing }, casefile.PlanFacts{ToDo: 2, Waits: 1}},
		{"a measure is for the unit", law.Erasure, func(m *Matter) { planned(m); m.Measures[0].State = casefile.ForUnit }, casefile.PlanFacts{ToDo: 3}},
		{"once fixed, what is fixed counts", law.Erasure, func(m *Matter) { planned(m); m.Plan.FixedAt = time.Now(); m.Rights[0].Outcome = casefile.Refused }, casefile.PlanFacts{ToDo: 3}},
		{"nobody has said what is right", law.Rectification, func(*Matter) {}, casefile.PlanFacts{Missing: 1}},
		{"somebody has said what is right", law.Rectification, func(m *Matter) {
			m.Measures = []Measure{{Measure: casefile.Measure{Do: connector.CanRectify, Finding: m.Findings[0].ID, Right: law.Rectification, State: casefile.Planned}}}
		}, casefile.PlanFacts{ToDo: 1}},
	} {
		m := asked(t, c.right)
		c.change(&m)
		if got := m.planFacts(); got != c.want {
			t.Errorf("%s: got %s, want %s", c.sentence, fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", c.want))
		}
	}
}

func TestWhatIsLeftLowersTheOutcome(t *testing.T) {
	done, left := casefile.Done, casefile.Stays
	for _, c := range []struct {
		sentence string
		states   []casefile.MeasureState
		ground   string
		secret   bool
		want     casefile.Outcome
	}{
		{"all is done", []casefile.MeasureState{done, done}, "", false, casefile.Granted},
		{"some is left", []casefile.MeasureState{done, left}, "", false, casefile.PartlyGranted},
		{"all is left", []casefile.MeasureState{left, left}, "", false, casefile.Refused},
		{"what a ground keeps was decided before", []casefile.MeasureState{done, left}, "EU-17-3-b", false, casefile.Granted},
		{"what is secret lowers nothing", []casefile.MeasureState{done, left}, "", true, casefile.Granted},
	} {
		m := asked(t, law.Erasure)
		for _, state := range c.states {
			measure := Measure{Measure: casefile.Measure{Right: law.Erasure, State: state}}
			if state == left {
				measure.Text.Ground, measure.Text.Secret = c.ground, c.secret
			}
			m.Measures = append(m.Measures, measure)
		}
		if got := m.Carried(m.Rights[0]); got != c.want {
			t.Errorf("%s: got %s, want %s", c.sentence, got, c.want)
		}
	}
}
