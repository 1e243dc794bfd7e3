package casefile_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law"
	"einsicht/internal/problem"
)

var (
	clerk    = uuid.MustParse("00000000-0000-4000-8000-000000000001")
	approver = uuid.MustParse("00000000-0000-4000-8000-000000000002")
)

// settled are facts under which no guard but those of waiting refuses: two
// rights decided by the clerk, every system answered, all found is given.
func settled() casefile.Facts {
	return casefile.Facts{
		Actor: casefile.Actor{ID: approver, Role: casefile.Approver},
		Rights: []casefile.RightFacts{
			{Right: law.Access, Outcome: casefile.PartlyGranted, Follows: casefile.PartlyGranted},
			{Right: law.Erasure, Outcome: casefile.Refused, Follows: casefile.Refused},
		},
		Systems: []casefile.SystemFacts{
			{ID: "hr", State: casefile.FoundSome}, {ID: "crm", State: casefile.FoundNothing}, {ID: "visitors", State: casefile.Unattributable},
		},
		Deciders:       []uuid.UUID{clerk},
		ThirtyDaysOver: true,
	}
}

// onlyErasure asks for no data, so that nothing need be gathered.
func onlyErasure(f *casefile.Facts) {
	f.Rights = []casefile.RightFacts{{Right: law.Erasure, Outcome: casefile.Refused, Follows: casefile.Refused}}
	f.Systems = nil
}

// wrong says for each guard which fact makes it refuse, and with what sentence.
var wrong = []struct {
	guard  string
	fact   string
	change func(*casefile.Facts)
	key    string
}{
	{"nothing pending", "a job is on a system", func(f *casefile.Facts) {
		f.Systems[0].State, f.GapsAccepted = casefile.Asked, true
	}, "case.guard.pending"},
	{"nothing pending", "a unit is on a system", func(f *casefile.Facts) {
		f.Systems[0].State, f.GapsAccepted = casefile.WithUnit, true
	}, "case.guard.pending"},
	{"something settled", "every system is being asked or searched", func(f *casefile.Facts) {
		f.Systems[0].State, f.Systems[1].State, f.Systems[2].State = casefile.Asked, casefile.Wanted, casefile.WithUnit
	}, "case.guard.all_pending"},
	{"nothing to gather", "access was asked for", func(f *casefile.Facts) { f.Rights[0].Right = law.Access }, "case.guard.gather_first"},
	{"nothing to gather", "portability was asked for", func(f *casefile.Facts) { f.Rights[0].Right = law.Portability }, "case.guard.gather_first"},
	{"rights decided", "a right has no outcome", func(f *casefile.Facts) { f.Rights[0].Outcome = casefile.Undecided }, "case.guard.rights"},
	{"findings decided", "a finding has no verdict", func(f *casefile.Facts) { f.Undecided = 1 }, "case.guard.findings"},
	{"only verified identifiers lead to what is given", "a claimed identifier led to what is given",
		func(f *casefile.Facts) { f.Unverified = 1 }, "case.guard.unverified"},
	{"inferred bases confirmed", "nobody confirmed the basis of a system that found something",
		func(f *casefile.Facts) { f.Systems[0].Unconfirmed = true }, "case.guard.inferred"},
	{"inferred bases confirmed", "nobody confirmed the basis of a system that found nothing",
		func(f *casefile.Facts) { f.Systems[1].Unconfirmed = true }, "case.guard.inferred"},
	{"gaps accepted", "a system failed and nobody decided to go on", func(f *casefile.Facts) { f.Systems[0].State = casefile.Failed }, "case.guard.partial"},
	{"grounds hold", "a ground of a right does not hold", func(f *casefile.Facts) {
		f.Rights[0].Grounds = []casefile.Reason{{Key: "case.exam.ground_fails"}}
	}, "case.exam.ground_fails"},
	{"outcomes follow", "something else follows by now", func(f *casefile.Facts) { f.Rights[0].Follows = casefile.Granted }, "case.guard.stale"},
	{"outcomes follow", "something is open again", func(f *casefile.Facts) { f.Rights[0].Follows = casefile.Undecided }, "case.guard.stale"},
	{"law compared", "nobody compared the text of a ground", func(f *casefile.Facts) { f.LawToConfirm = []string{"§ 12"} }, "case.guard.law"},
	{"residence confirmed", "something is refused and nobody said where the person lives",
		func(f *casefile.Facts) { f.ResidenceNeeds = true }, "case.guard.residence"},
	{"remedy settled", "nobody wrote which way to court is open", func(f *casefile.Facts) { f.RemedyOpen = true }, "case.guard.remedy"},
	{"person known", "nobody knows who asked for erasure", func(f *casefile.Facts) {
		f.Rights[0] = casefile.RightFacts{Right: law.Erasure, Outcome: casefile.Granted, Follows: casefile.Granted}
	}, "case.guard.person"},
	{"outcomes follow", "other grounds hold by now", func(f *casefile.Facts) { f.Rights[0].Stale = true }, "case.guard.stale"},
	{"second person", "the actor decided something", func(f *casefile.Facts) { f.Deciders = append(f.Deciders, f.Actor.ID) }, "case.guard.second_person"},
	{"something refused", "every right is granted or has nothing to it", func(f *casefile.Facts) {
		f.Rights[0].Outcome, f.Rights[1].Outcome = casefile.Granted, casefile.NothingHeld
	}, "case.guard.nothing_refused"},
	{"thirty days over", "the data can still be fetched", func(f *casefile.Facts) { f.ThirtyDaysOver = false }, "case.guard.thirty_days"},
	{"plan ready", "something the decision changes is not planned", func(f *casefile.Facts) { f.Plan.Missing = 1 }, "case.guard.plan_missing"},
	{"plan ready", "a measure asks what is to happen", func(f *casefile.Facts) { f.Plan.Waits = 1 }, "case.guard.plan_waits"},
	{"nothing to carry out", "something the decision changes is not planned", func(f *casefile.Facts) { f.Plan.Missing = 1 }, "case.guard.plan_missing"},
	{"nothing to carry out", "a measure asks what is to happen", func(f *casefile.Facts) { f.Plan.Waits = 1 }, "case.guard.carry_out"},
	{"nothing to carry out", "a measure is not done", func(f *casefile.Facts) { f.Plan.ToDo = 1 }, "case.guard.carry_out"},
	{"something to carry out", "every measure has ended", func(f *casefile.Facts) { f.Plan.ToDo = 0 }, "case.guard.nothing_to_do"},
	{"identity open", "an identifier is verified", func(f *casefile.Facts) { f.Verified = 1 }, "case.guard.identified"},
}

func TestEveryGuardRefusesWhenItsFactIsWrong(t *testing.T) {
	for _, w := range wrong {
		steps := 0
		for _, step := range casefile.Table {
			if !slices.ContainsFunc(step.Guards, func(g casefile.Guard) bool { return g.Name == w.guard }) {
				continue
			}
			steps++
			facts := settled()
			if needsNothing(step) {
				onlyErasure(&facts)
			}
			if step.Event == casefile.Order {
				facts.Plan.ToDo = 1
			}
			if got, err := casefile.Next(step.From, step.Event, facts); err != nil || got.To != step.To {
				t.Errorf("%s, %s, all well: got %q, %v, want %q", step.From, step.Event, got.To, err, step.To)
			}
			w.change(&facts)
			_, err := casefile.Next(step.From, step.Event, facts)
			var refusal *casefile.Refusal
			if !errors.As(err, &refusal) || !errors.Is(err, problem.Conflict) {
				t.Errorf("%s, %s, %s: got %v, want a refusal", step.From, step.Event, w.fact, err)
				continue
			}
			keys := make([]string, len(refusal.Reasons))
			for i, r := range refusal.Reasons {
				keys[i] = r.Key
			}
			if want := []string{w.key}; !slices.Equal(keys, want) {
				t.Errorf("%s, %s, %s: got %v, want %v", step.From, step.Event, w.fact, keys, want)
			}
		}
		if steps == 0 {
			t.Errorf("no step asks for %q", w.guard)
		}
	}
}

// TestEveryGuardIsTried reads the guards from their file: one that no step asks
// for, or that no test tries, guards nothing.
func TestEveryGuardIsTried(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "guard.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	ast.Inspect(file, func(n ast.Node) bool {
		text := nameOfGuard(n)
		if text == nil {
			return true
		}
		found++
		name, err := strconv.Unquote(text.Value)
		if err != nil {
			t.Fatal(err)
		}
		tried := false
		for _, w := range wrong {
			tried = tried || w.guard == name
		}
		if !tried {
			t.Errorf("no test tries the guard %q", name)
		}
		return true
	})
	if found == 0 {
		t.Fatal("no guard found: this test checks nothing")
	}
}

// nameOfGuard finds the name in guard("…", …) and in Guard{Name: "…"}.
func nameOfGuard(n ast.Node) *ast.BasicLit {
	switch n := n.(type) {
	case *ast.CallExpr:
		if f, ok := n.Fun.(*ast.Ident); ok && f.Name == "guard" {
			return n.Args[0].(*ast.BasicLit)
		}
	case *ast.KeyValueExpr:
		if k, ok := n.Key.(*ast.Ident); ok && k.Name == "Name" {
			text, _ := n.Value.(*ast.BasicLit)
			return text
		}
	}
	return nil
}

func TestNobodySearchesForARequestThatIsRefusedAsSuch(t *testing.T) {
	facts := casefile.Facts{Rights: []casefile.RightFacts{{Right: law.Access, Outcome: casefile.Refused, Follows: casefile.Refused, Entire: true}}}
	if got := casefile.Reasons(casefile.Received, casefile.Propose, facts); got != nil {
		t.Errorf("got %v, want a refusal to be proposed without asking the systems", got)
	}
}

func TestAWayToCourtIsNeededOnlyWhereSomethingIsRefused(t *testing.T) {
	facts := settled()
	facts.ResidenceNeeds, facts.Verified = true, 1
	for i := range facts.Rights {
		facts.Rights[i].Outcome, facts.Rights[i].Follows = casefile.Granted, casefile.Granted
	}
	if got := casefile.Reasons(casefile.Review, casefile.Propose, facts); got != nil {
		t.Errorf("got %v, want nobody asked where the person lives", got)
	}
}

func TestAStrangerChangesNothingAndIsToldNothing(t *testing.T) {
	for right, want := range map[law.Right]bool{law.Rectification: true, law.Erasure: true, law.Restriction: true, law.Notification: true, law.Objection: false, law.ConsentWithdrawal: false} {
		for outcome, granted := range map[casefile.Outcome]bool{casefile.Granted: true, casefile.PartlyGranted: true, casefile.Refused: false} {
			facts := casefile.Facts{Rights: []casefile.RightFacts{{Right: right, Outcome: outcome, Follows: outcome}}}
			stopped := slices.ContainsFunc(casefile.Reasons(casefile.Received, casefile.Propose, facts), func(r casefile.Reason) bool { return r.Key == "case.guard.person" })
			if stopped != (want && granted) {
				t.Errorf("%s %s without a verified identifier: stopped %t", right, outcome, stopped)
			}
			facts.Verified = 1
			if got := casefile.Reasons(casefile.Received, casefile.Propose, facts); got != nil {
				t.Errorf("%s %s of somebody known: got %v", right, outcome, got)
			}
		}
	}
}

func TestNoDeciderMayRelease(t *testing.T) {
	facts := settled()
	facts.Deciders = []uuid.UUID{uuid.New(), uuid.New(), uuid.New(), uuid.New()}
	for i, decider := range facts.Deciders {
		facts.Actor.ID = decider
		got := casefile.Reasons(casefile.Proposed, casefile.Release, facts)
		if len(got) != 1 || got[0].Key != "case.guard.second_person" {
			t.Errorf("decider %d: got %v, want the second person missed", i, got)
		}
	}
	facts.Actor.ID = uuid.New()
	if got := casefile.Reasons(casefile.Proposed, casefile.Release, facts); got != nil {
		t.Errorf("somebody who decided nothing: got %v, want no reason", got)
	}
}

func TestARefusalNamesEveryReasonAtOnce(t *testing.T) {
	facts := settled()
	facts.Systems[0].State, facts.Undecided, facts.Deciders = casefile.Asked, 3, []uuid.UUID{approver}
	got := casefile.Reasons(casefile.Proposed, casefile.Release, facts)
	want := []string{"case.guard.second_person", "case.guard.pending", "case.guard.findings", "case.guard.partial"}
	if len(got) != len(want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	for i, r := range got {
		if r.Key != want[i] {
			t.Errorf("got %s, want %s", r.Key, want[i])
		}
	}
	if args := got[1].Args; !slices.Equal(args, []string{"n", "1", "names", "hr"}) {
		t.Errorf("got %v, want the system named", args)
	}
}

func TestAnEventThatAStateDoesNotKnowIsAConflict(t *testing.T) {
	for _, from := range append([]casefile.State{""}, casefile.States...) {
		possible := casefile.Possible(from)
		for _, event := range append(events(), "no-such-event") {
			if slices.Contains(possible, event) {
				continue
			}
			if _, err := casefile.Next(from, event, settled()); !errors.Is(err, problem.Conflict) {
				t.Errorf("%q, %s: got %v, want a conflict", from, event, err)
			}
			if got := casefile.Reasons(from, event, settled()); got != nil {
				t.Errorf("%q, %s: got %v, want no reasons: nothing to be mended", from, event, got)
			}
		}
	}
}

func TestAStateKnowsEachEventOnce(t *testing.T) {
	type key struct {
		from  casefile.State
		event casefile.Event
	}
	seen := map[key]bool{}
	for _, s := range casefile.Table {
		if k := (key{s.From, s.Event}); seen[k] {
			t.Errorf("%s, %s stands in the table twice", s.From, s.Event)
		} else {
			seen[k] = true
		}
	}
}

func TestEveryStateIsReachedAndComesToAnEnd(t *testing.T) {
	reached := reachable("")
	for _, s := range casefile.States {
		if !reached[s] {
			t.Errorf("nothing leads to %s", s)
		}
		ends := slices.ContainsFunc(casefile.States, func(end casefile.State) bool { return end.Over() && (end == s || reachable(s)[end]) })
		if !ends {
			t.Errorf("%s never ends", s)
		}
		if s.Over() && len(casefile.Possible(s)) > 0 {
			t.Errorf("%s is over and still knows %v", s, casefile.Possible(s))
		}
	}
	for _, step := range casefile.Table {
		if !slices.Contains(casefile.States, step.To) {
			t.Errorf("%s leads to %q, which is not listed", step.Event, step.To)
		}
	}
}

// TestNothingLeavesTheHouseUnguarded: the second person's word is the only way to an
// answer, with or without a plan to carry out first, and asks at least what the
// proposal asked.
func TestNothingLeavesTheHouseUnguarded(t *testing.T) {
	words := map[casefile.Event][]string{}
	for _, s := range casefile.Table {
		second := s.Event == casefile.Release || s.Event == casefile.Order
		switch {
		case s.From == casefile.Proposed && second:
			words[s.Event] = names(s.Guards)
		case s.To == casefile.Released && s.From != casefile.Fulfilling, s.To == casefile.Fulfilling, s.To == casefile.Ready && s.From != casefile.Released:
			t.Errorf("%s leads from %s to %s", s.Event, s.From, s.To)
		}
	}
	if len(words) != 2 {
		t.Fatalf("got %d words of the second person, want 2", len(words))
	}
	for event, guards := range words {
		for _, s := range casefile.Table {
			if s.Event != casefile.Propose || s.From == casefile.Received {
				continue
			}
			for _, guard := range names(s.Guards) {
				// Where nothing is to be carried out there is no plan to be ready.
				nothing := guard == casefile.PlanReady.Name && slices.Contains(guards, casefile.NothingToCarryOut.Name)
				if !nothing && !slices.Contains(guards, guard) {
					t.Errorf("a proposal needs %q, %s does not", guard, event)
				}
			}
		}
		if !slices.Contains(guards, casefile.SecondPerson.Name) {
			t.Errorf("%s: got %v, want the second person among the guards", event, guards)
		}
	}
}

func reachable(from casefile.State) map[casefile.State]bool {
	reached := map[casefile.State]bool{}
	var walk func(casefile.State)
	walk = func(at casefile.State) {
		for _, s := range casefile.Table {
			if s.From == at && !reached[s.To] {
				reached[s.To] = true
				walk(s.To)
			}
		}
	}
	walk(from)
	return reached
}

func events() []casefile.Event {
	var all []casefile.Event
	for _, s := range casefile.Table {
		if !slices.Contains(all, s.Event) {
			all = append(all, s.Event)
		}
	}
	return all
}

func names(guards []casefile.Guard) []string {
	all := make([]string, len(guards))
	for i, g := range guards {
		all[i] = g.Name
	}
	return all
}

func needsNothing(s casefile.Step) bool {
	return slices.Contains(names(s.Guards), casefile.NothingToGather.Name)
}
