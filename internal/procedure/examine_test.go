package procedure

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/disclosure"
	"einsicht/internal/inventory"
	"einsicht/internal/law"
	"einsicht/internal/law/assess"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/catalogue"
	"einsicht/internal/law/deadline"
	"einsicht/internal/person"
)

const (
	task    = "stk-callbacks"  // rests on a public task
	consent = "stk-newsletter" // on consent
)

// settled is a case of the Staatskanzlei in which every system has answered.
func settled(t *testing.T, rights ...law.Right) Matter {
	t.Helper()
	book, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	m := Matter{Day: calendar.Day(2026, 3, 2), Texts: map[law.Right]casefile.RightText{}, Answered: map[string]casefile.InquiryText{}}
	m.Edition = book.On(m.Day)
	for _, inv := range inventory.Shipped() {
		if inv.Authority.ID == "stk-nrw" {
			m.Inventory = inv
		}
	}
	for _, s := range m.Inventory.Systems {
		if s.Connector != inventory.Portal {
			m.Inquiries = append(m.Inquiries, casefile.Inquiry{System: s.ID, State: casefile.FoundNothing})
		}
	}
	for _, r := range rights {
		m.Rights = append(m.Rights, casefile.Right{Right: r})
	}
	if m.Reckoning, err = deadline.Of(calendar.Day(2026, 2, 9), calendar.NW, nil); err != nil {
		t.Fatal(err)
	}
	return m
}

// find adds findings that share a decision.
func (m *Matter) find(system string, n int, d disclosure.Decision, fields ...connector.Field) {
	for i := range m.Inquiries {
		if m.Inquiries[i].System == system {
			m.Inquiries[i].State = casefile.FoundSome
		}
	}
	for range n {
		f := Found{Finding: casefile.Finding{ID: uuid.New(), System: system, Verdict: string(d.Verdict)}, Decision: d}
		f.Record.Fields = fields
		m.Findings = append(m.Findings, f)
	}
}

// hold claims a ground and answers all its questions with yes.
func (m *Matter) hold(right law.Right, ground, system string, besides ...string) {
	g, _ := m.Edition.Ground(ground)
	text := m.Texts[right]
	text.Exam.Claims = append(text.Exam.Claims, casefile.Claim{Ground: ground, System: system,
		ForPerson: person.NewText("weil"), ForFile: person.NewText("Akte"), LookAgain: m.Day.AddDays(30)})
	for _, q := range g.Questions() {
		besides = append(besides, q.ID)
	}
	for _, q := range besides {
		text.Exam.Answers = append(text.Exam.Answers, casefile.Answer{Ground: ground, System: system, Condition: q, Yes: true})
	}
	m.Texts[right] = text
}

var (
	give   = disclosure.Decision{Verdict: disclosure.Give}
	other  = disclosure.Decision{Verdict: disclosure.NotThisPerson}
	kept   = disclosure.Decision{Verdict: disclosure.Withhold, Ground: "NRW-12-2-1"}
	secret = disclosure.Decision{Verdict: disclosure.Withhold, Ground: "NRW-12-2-3A", SecretFact: true}
)

func TestTheOutcomeFollowsFromFindingsAndGrounds(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(*Matter)
		want casefile.Outcome
	}{
		{"nothing was found", func(m *Matter) {}, casefile.NothingHeld},
		{"all of it is somebody else's", func(m *Matter) { m.find(task, 2, other) }, casefile.NothingHeld},
		{"all is given", func(m *Matter) { m.find(task, 2, give) }, casefile.Granted},
		{"a finding without a verdict", func(m *Matter) { m.find(task, 1, disclosure.Decision{}) }, casefile.Undecided},
		{"kept back, and nobody answered for the ground", func(m *Matter) { m.find(task, 1, kept) }, casefile.Undecided},
		{"kept back in part", func(m *Matter) {
			m.find(task, 1, kept)
			m.find(task, 1, give)
			m.hold(law.Access, "NRW-12-2-1", task)
		}, casefile.PartlyGranted},
		{"all of one system kept back, another given", func(m *Matter) {
			m.find(task, 2, kept)
			m.find(consent, 1, give)
			m.hold(law.Access, "NRW-12-2-1", task)
		}, casefile.PartlyGranted},
		{"all of it kept back", func(m *Matter) {
			m.find(task, 2, kept)
			m.hold(law.Access, "NRW-12-2-1", task)
		}, casefile.PartlyGranted}, // that it is held, and what for, is given
		{"refused as such", func(m *Matter) {
			m.find(task, 2, kept)
			m.hold(law.Access, "EU-12-5-REFUSE", "")
			m.hold(law.Access, "NRW-12-2-1", task)
		}, casefile.Refused},
		{"a field of somebody else that nobody weighed", func(m *Matter) {
			m.find(task, 1, give, connector.Field{Name: "boss", ThirdParty: true})
		}, casefile.Undecided},
		{"a field of somebody else that was weighed", func(m *Matter) {
			m.find(task, 95, give, connector.Field{Name: "boss", ThirdParty: true})
			m.hold(law.Access, OthersInCopy, task)
		}, casefile.PartlyGranted},
		{"a field of somebody else that is shown", func(m *Matter) {
			m.find(task, 1, disclosure.Decision{Verdict: disclosure.Give, Fields: map[string]disclosure.FieldVerdict{"boss": {}}}, connector.Field{Name: "boss", ThirdParty: true})
		}, casefile.Granted},
		{"a system failed and nobody accepted it", func(m *Matter) { m.Inquiries[0].State = casefile.Failed }, casefile.Undecided},
		{"a system failed and that was accepted", func(m *Matter) { m.Inquiries[0].State, m.Case.GapsAccepted = casefile.Failed, true }, casefile.PartlyGranted},
		{"a system answered in part", func(m *Matter) {
			m.find(task, 1, give)
			m.Answered[task] = casefile.InquiryText{Gaps: []casefile.Gap{{Place: "x"}}}
		}, casefile.PartlyGranted},
		{"a system is still asked", func(m *Matter) { m.Inquiries[0].State = casefile.Asked }, casefile.Undecided},
		{"a ground that would leave nothing, and findings that are given", func(m *Matter) {
			m.find(task, 1, give)
			m.hold(law.Access, "EU-11-2", task)
		}, casefile.Undecided},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := settled(t, law.Access)
			c.do(&m)
			x := m.Examine(law.Access)
			if x.Outcome != c.want {
				t.Errorf("got %s, want %s; why: %v", x.Outcome, c.want, x.Why())
			}
			if (x.Outcome == casefile.Undecided) == (len(x.Why()) == 0) {
				t.Errorf("got %s and reasons %v, want reasons exactly while it is open", x.Outcome, x.Why())
			}
		})
	}
}

// TestASecretChangesNothingThePersonMayKnow compares a case in which a system
// holds something secret with the same case in which it holds nothing.
func TestASecretChangesNothingThePersonMayKnow(t *testing.T) {
	rights := []law.Right{law.Access, law.Erasure, law.Portability, law.Objection}
	for name, also := range map[string]func(*Matter){
		"nothing else":       func(*Matter) {},
		"something is given": func(m *Matter) { m.find(consent, 2, give) },
		"something is kept back": func(m *Matter) {
			m.find(consent, 1, kept)
			m.hold(law.Access, "NRW-12-2-1", consent)
			m.hold(law.Portability, OthersInExport, consent)
		},
		"the same system gives something": func(m *Matter) { m.find(task, 1, give) },
		"a system failed":                 func(m *Matter) { m.Inquiries[3].State, m.Case.GapsAccepted = casefile.Failed, true },
	} {
		t.Run(name, func(t *testing.T) {
			without, with := settled(t, rights...), settled(t, rights...)
			also(&without)
			also(&with)
			with.find(task, 3, secret)
			with.hold(law.Access, "NRW-12-2-3A", task, assess.FactSecret)
			for _, right := range rights {
				for _, m := range []*Matter{&with, &without} {
					m.answer(right)
				}
				a, b := with.Examine(right), without.Examine(right)
				if a.Outcome != b.Outcome || a.Outcome == casefile.Undecided {
					t.Errorf("%s: got %s with the secret and %s without; why: %v %v", right, a.Outcome, b.Outcome, a.Why(), b.Why())
				}
				if got, want := known(a), known(b); !slices.Equal(got, want) {
					t.Errorf("%s: got limits %v with the secret, want %v", right, got, want)
				}
				if got, want := fmt.Sprint(a.Shown.Due), fmt.Sprint(b.Shown.Due); got != want {
					t.Errorf("%s: got due %s with the secret, want %s", right, got, want)
				}
			}
			if got := with.Examine(law.Access).Limits; !slices.ContainsFunc(got, func(l casefile.Limit) bool { return l.SecretFact }) {
				t.Errorf("got %v, want the secret on file", got)
			}
		})
	}
}

// answer says that a right exists, and that the newsletter was typed by the person.
func (m *Matter) answer(right law.Right) {
	text := m.Texts[right]
	r, _ := m.Edition.Right(right)
	for _, q := range r.Requires {
		text.Exam.Answers = append(text.Exam.Answers, casefile.Answer{Ground: string(right), Condition: q.ID, Yes: true})
	}
	m.Texts[right] = text
}

func known(x Examination) []string {
	var all []string
	for _, l := range x.Limits {
		if !l.SecretFact {
			all = append(all, fmt.Sprint(l.Ground, l.System, l.Whole, l.ReasonsWithheld))
		}
	}
	return all
}

func TestARefusalAfterMonthOneIsFlagged(t *testing.T) {
	for ground, whole := range map[string]bool{"EU-12-5-REFUSE": true, "NRW-12-2-1": false} {
		m := settled(t, law.Access)
		system := ""
		if whole {
			m.Inquiries = nil
		} else {
			system = task
			m.find(task, 1, kept)
		}
		m.hold(law.Access, ground, system)
		if x := m.Examine(law.Access); len(x.Warnings) > 0 {
			t.Errorf("%s, within the month: got %v", ground, x.Warnings)
		}
		m.Day = m.Day.AddDays(60)
		text := m.Texts[law.Access]
		text.Exam.Claims[0].LookAgain = m.Day.AddDays(30)
		x := m.Examine(law.Access)
		if late := len(x.Warnings) == 1 && x.Warnings[0].Key == "case.exam.late"; late != whole || (x.Outcome == casefile.Refused) != whole {
			t.Errorf("%s, after it: got %v, %s, want a warning and a refusal: %t", ground, x.Warnings, x.Outcome, whole)
		}
	}
}

// Which way to court is open is not settled for bodies under § 5(5) DSG NRW; a
// refusal without a search is about them as well.
func TestASystemNobodySearchedIsConcernedByARefusalAsSuch(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(*Matter)
		want bool
	}{
		"nothing was found there": {func(*Matter) {}, false},
		"something was found":     {func(m *Matter) { m.find(task, 1, give) }, true},
		"what is there is secret": {func(m *Matter) {
			m.find(task, 1, secret)
			m.hold(law.Access, "NRW-12-2-3A", task, assess.FactSecret)
		}, false},
		"refused as such": {func(m *Matter) {
			m.Inquiries = nil
			m.hold(law.Access, "EU-12-5-REFUSE", "")
		}, true},
	} {
		m := settled(t, law.Access)
		m.Inventory.Systems = slices.Clone(m.Inventory.Systems)
		for i := range m.Inventory.Systems {
			if m.Inventory.Systems[i].ID == task {
				m.Inventory.Systems[i].Regime = law.BDSGNonPublic
			}
		}
		c.do(&m)
		if got := m.NonPublic(); got != c.want {
			t.Errorf("%s: got concerned %t, want %t", name, got, c.want)
		}
	}
}

func BenchmarkExamine(b *testing.B) {
	t := &testing.T{}
	m := settled(t, law.Access)
	m.find(task, 95, give, connector.Field{Name: "boss", ThirdParty: true})
	m.hold(law.Access, OthersInCopy, task)
	b.ReportAllocs()
	for b.Loop() {
		m.Examine(law.Access)
	}
}
