package assess

import (
	"slices"
	"testing"

	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/catalogue"
)

// The worked cases in internal/law/testdata hold the outcomes. Here is what no
// single case shows.

func TestLegalBasesAreReadFromCitations(t *testing.T) {
	for _, tt := range []struct {
		name string
		in   []string
		want []Basis
	}{
		{"a task and its norm", []string{"Art. 6 Abs. 1 UAbs. 1 Buchst. e DSGVO", "§ 3 Abs. 1 DSG NRW"}, []Basis{PublicTask}},
		{"without the subparagraph", []string{"Art. 6 Abs. 1 Buchst. a DSGVO"}, []Basis{Consent}},
		{"explicit consent", []string{"Art. 9 Abs. 2 Buchst. a DSGVO"}, []Basis{Consent}},
		{"another case of Art. 9 is no basis of Art. 6", []string{"Art. 9 Abs. 2 Buchst. b DSGVO"}, nil},
		{"two bases, one of them twice", []string{"Art. 6 Abs. 1 Buchst. b DSGVO", "Art. 6 Abs. 1 Buchst. c DSGVO", "Art. 6 Abs. 1 Buchst. b DSGVO"}, []Basis{Contract, LegalObligation}},
		{"as privacy notices write it", []string{"Art. 6(1)(e), (3) DSGVO", "Art. 9(2)(a) DSGVO (soweit besondere Kategorien angegeben werden)"}, []Basis{PublicTask, Consent}},
		{"another case of Art. 9 there", []string{"Art. 9(2)(g) DSGVO"}, nil},
		{"no letter there", []string{"Art. 6(1) DSGVO"}, nil},
		{"no letter", []string{"Art. 6 Abs. 1 DSGVO"}, nil},
		{"the letter of another act", []string{"Art. 6 Abs. 1 Buchst. a LMG"}, nil},
		{"words", []string{"jeweilige fachspezifische Gesetze"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := BasesOf(tt.in); !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// TestNobodyLosesARightUnasked: without any answer of staff, a ground limits a
// right only where all its conditions are facts of the register.
func TestNobodyLosesARightUnasked(t *testing.T) {
	e := edition(t)
	for _, right := range law.Rights {
		for _, regime := range law.Regimes {
			f := facts(right, regime)
			for _, l := range Assess(e, f).Limits {
				g, _ := e.Ground(l.Ground)
				if slices.ContainsFunc(g.Questions(), func(c catalogue.Condition) bool { return c.Fact == "" }) {
					t.Errorf("%s under %s: %s holds although nobody was asked", right, regime, l.Ground)
				}
			}
		}
	}
}

// TestNothingLimitsWithoutAllItsConditions answers all conditions of each ground
// but one, for every right it limits.
func TestNothingLimitsWithoutAllItsConditions(t *testing.T) {
	e := edition(t)
	checked := 0
	for _, g := range e.Grounds() {
		if !g.Usable() {
			continue
		}
		for _, right := range g.Rights {
			for _, open := range g.Questions() {
				if open.Fact != "" {
					continue
				}
				regime := law.DSGNRW
				if len(g.Regimes) > 0 {
					regime = g.Regimes[0]
				}
				f := facts(right, regime)
				at := Place{g.ID, "s"}
				if g.Reach == catalogue.Case {
					at.System = ""
				}
				for _, q := range g.Questions() {
					if q.ID != open.ID {
						f.Answers[Question{at, q.ID}] = true
					}
				}
				checked++
				if slices.ContainsFunc(Assess(e, f).Limits, func(l Limit) bool { return l.Ground == g.ID }) {
					t.Errorf("%s limits %s although %s was never answered", g.ID, right, open.ID)
				}
			}
		}
	}
	if checked < 100 {
		t.Errorf("got %d checks, want one per right and question", checked)
	}
}

func TestPortabilityNeverRestsOnAPublicTask(t *testing.T) {
	e := edition(t)
	for _, bases := range [][]Basis{{PublicTask}, {LegitimateInterest}, {LegalObligation}, {VitalInterest}} {
		for _, provided := range []Known{Unknown, Yes, No} {
			f := facts(law.Portability, law.DSGNRW)
			f.Systems[0].Bases, f.Systems[0].Provided = bases, provided
			if got := Assess(e, f).Outcome; got != Refused {
				t.Errorf("%v, provided %v: got %s, want refused", bases, provided, got)
			}
		}
	}
	f := facts(law.Portability, law.DSGNRW)
	f.Systems[0].Bases, f.Systems[0].Provided, f.Systems[0].Form = []Basis{Consent, PublicTask}, Yes, Automated
	if got := Assess(e, f).Outcome; got != Open {
		t.Errorf("a system on consent and a task: got %s, want staff to be asked", got)
	}
}

// TestAGroundThatIsTakenUpIsAskedAbout goes the way of a desk: somebody takes up a
// ground, answers its conditions, then what may be asked besides.
func TestAGroundThatIsTakenUpIsAskedAbout(t *testing.T) {
	e := edition(t)
	f := facts(law.Access, law.DSGNRW)
	f.Systems[0].Backup = false
	at := Place{"NRW-12-2-3A", "s"}
	about := func(asked []Asked) (of []About) {
		for _, q := range asked {
			if q.Place == at {
				of = append(of, q.About)
			}
		}
		return of
	}
	standing := func(r Result) Standing {
		i := slices.IndexFunc(r.Checks, func(c Check) bool { return c.Place == at })
		return r.Checks[i].Standing
	}
	step := func(when string, wantStanding Standing, wantOutcome Outcome, must, may []About) {
		t.Helper()
		r := Assess(e, f)
		if standing(r) != wantStanding || r.Outcome != wantOutcome || !slices.Equal(about(r.AskStaff), must) || !slices.Equal(about(r.MayAsk), may) {
			t.Errorf("%s: got %s, %s, must ask %v, may ask %v, want %s, %s, %v, %v",
				when, standing(r), r.Outcome, about(r.AskStaff), about(r.MayAsk), wantStanding, wantOutcome, must, may)
		}
	}
	say := func(condition string, yes bool) { f.Answers[Question{at, condition}] = yes }

	step("before anybody takes it up", Possible, Granted, nil, nil)
	f.Claimed = map[Place]bool{at: false}
	step("put back", Possible, Granted, nil, nil)
	f.Claimed[at] = true
	step("taken up", Awaits, Open, []About{AboutCondition, AboutCondition, AboutDiscretion}, nil)
	say("provision", true)
	say("against-person", true)
	step("the conditions are met", Awaits, Open, []About{AboutDiscretion}, nil)
	say(catalogue.DiscretionExercised, true)
	step("discretion is exercised", Holds, Partly, nil, []About{AboutReasons, AboutSecretFact})
	say(ReasonsEndanger, false)
	step("reasons are given", Holds, Partly, nil, []About{AboutSecretFact})
	say(FactSecret, true)
	step("the fact itself is secret", Holds, Partly, nil, nil)
	if !Assess(e, f).Neutral {
		t.Error("the fact itself is secret: the letter must not show it")
	}
	say("provision", false)
	step("there is no such provision after all", Fails, Granted, nil, nil)
}

func TestAGroundTakenUpWhereItIsNoLawIsRefused(t *testing.T) {
	for _, tt := range []struct {
		name   string
		right  law.Right
		regime law.Regime
		at     Place
		want   Standing
	}{
		{"a ground of the BDSG at an authority", law.Access, law.DSGNRW, Place{"BDSG-34-1-2A", "s"}, Foreign},
		{"a ground against another right", law.Erasure, law.DSGNRW, Place{"NRW-17-5", "s"}, Foreign},
		{"a ground whose text is not known", law.Access, law.NDSG, Place{"NI-9", "s"}, Unusable},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := facts(tt.right, tt.regime)
			f.Claimed = map[Place]bool{tt.at: true}
			r := Assess(edition(t), f)
			i := slices.IndexFunc(r.Checks, func(c Check) bool { return c.Place == tt.at })
			if i < 0 || r.Checks[i].Standing != tt.want {
				t.Errorf("got %+v, want %s", r.Checks, tt.want)
			}
		})
	}
}

func TestOfTheRightItselfIsAskedApart(t *testing.T) {
	r := Assess(edition(t), facts(law.Erasure, law.DSGNRW))
	for _, q := range r.AskStaff {
		if got := q.About == AboutRight; got != (q.Ground == string(law.Erasure)) {
			t.Errorf("%v: got %s", q.Question, q.About)
		}
	}
	if !slices.ContainsFunc(r.AskStaff, func(q Asked) bool { return q.About == AboutRight }) {
		t.Error("nothing is asked about the right itself")
	}
}

func BenchmarkAssess(b *testing.B) {
	e := edition(b)
	f := facts(law.Access, law.DSGNRW)
	for _, id := range []string{"measures", "exclusive"} {
		f.Answers[Question{Place{"NRW-12-2-S2", "s"}, id}] = true
	}
	b.ReportAllocs()
	for b.Loop() {
		Assess(e, f)
	}
}

func facts(right law.Right, regime law.Regime) Facts {
	f := Facts{
		Right: right, Land: calendar.NW, Body: OfLand, Day: calendar.Day(2026, 3, 2),
		Systems: []System{{ID: "s", Regime: regime, Bases: []Basis{PublicTask}, Form: Paper, Backup: true, State: Held,
			Retention: Retention{Norm: "§ 147 Abs. 3 AO", Until: calendar.Day(2031, 12, 31), Only: true}, Offered: calendar.Day(2025, 1, 2)}},
		Answers: map[Question]bool{},
	}
	if regime == law.NDSG {
		f.Land = calendar.NI
	}
	return f
}

func edition(t testing.TB) catalogue.Edition {
	t.Helper()
	b, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	return b.On(calendar.Day(2026, 3, 2))
}
