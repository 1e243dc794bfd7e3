package casefile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"einsicht/internal/law"
	"einsicht/internal/problem"
)

// Facts is what guards look at. Whoever asks Next fills it from the case as it
// stands in the same transaction, under the case's row lock.
type Facts struct {
	Actor  Actor
	Rights []RightFacts

	Systems []SystemFacts

	Undecided  int         // findings without a verdict
	Unverified int         // findings given or openly withheld to which verified identifiers alone do not lead
	Verified   int         // verified identifiers
	Deciders   []uuid.UUID // everyone who decided a finding, a ground, a right or which court it is

	LawToConfirm   []string // grounds of the answer whose current text nobody of the authority confirmed
	ResidenceNeeds bool     // the competent court follows from where the person lives, and nobody confirmed that
	RemedyOpen     bool     // which way to court is open is not settled, and the authority has not said it
	GapsAccepted   bool     // somebody decided to answer although systems did not
	ThirtyDaysOver bool
	Plan           PlanFacts
}

// NothingGoesOut says whether all that was asked is refused as such: then what
// systems gave, or did not give, does not matter.
func (f Facts) NothingGoesOut() bool {
	for _, r := range f.Rights {
		if !r.Entire {
			return false
		}
	}
	return len(f.Rights) > 0
}

// RightFacts is what guards know of one right of the case.
type RightFacts struct {
	Right   law.Right
	Outcome Outcome
	Follows Outcome  // what follows from law, answers and findings as they are now
	Stale   bool     // what held when it was decided is not what holds now
	Grounds []Reason // what keeps a ground from holding, or from being told
	Entire  bool     // refused as such, so that nobody searches
}

// SystemFacts is what guards know of one system of the case.
type SystemFacts struct {
	ID          string
	State       InquiryState
	Partial     bool // it answered, but parts of it could not be read
	Unconfirmed bool // its legal basis is inferred and nobody of the authority confirmed it
}

// gap says whether the system has not answered, or not completely.
func (s SystemFacts) gap() bool { return !s.State.Answered() || s.Partial }

// Reason is one sentence on why something can't be done now: a wording key with
// its placeholders. It names systems and numbers, never a person.
type Reason struct {
	Key  string
	Args []string
}

// Refusal is the error of guards that refuse. It is a problem.Conflict.
type Refusal struct{ Reasons []Reason }

func (r *Refusal) Error() string {
	keys := make([]string, len(r.Reasons))
	for i, reason := range r.Reasons {
		keys[i] = reason.Key
	}
	return "refused: " + strings.Join(keys, ", ")
}

// Unwrap lets errors.Is find the kind.
func (r *Refusal) Unwrap() error { return problem.Conflict }

// Guard is a condition of a step.
type Guard struct {
	Name    string
	refuses func(Facts) []Reason
}

// The guards.
var (
	// NothingPending: every system asked has answered, failed for good or become a task.
	NothingPending = guard("nothing pending", "case.guard.pending", func(f Facts) (n int, names []string) {
		return pick(f.Systems, func(s SystemFacts) bool { return s.State.Pending() })
	})
	// SomethingSettled: of one system at least nobody waits for the answer, so that it can be asked again.
	SomethingSettled = guard("something settled", "case.guard.all_pending", func(f Facts) (int, []string) {
		if slices.ContainsFunc(f.Systems, func(s SystemFacts) bool { return !s.State.Pending() }) {
			return 0, nil
		}
		return 1, nil
	})
	// NothingToGather: the case asks for no data, or is refused as such, so no system need be asked.
	NothingToGather = guard("nothing to gather", "case.guard.gather_first", func(f Facts) (int, []string) {
		n := 0
		for _, r := range f.Rights {
			if r.Right.NeedsData() && !r.Entire {
				n++
			}
		}
		return n, nil
	})
	// RightsDecided: each right of the request has an outcome.
	RightsDecided = guard("rights decided", "case.guard.rights", func(f Facts) (n int, names []string) {
		for _, r := range f.Rights {
			if r.Outcome == Undecided {
				n, names = n+1, append(names, r.Right.Article())
			}
		}
		return n, names
	})
	// FindingsDecided: each finding has a verdict.
	FindingsDecided = guard("findings decided", "case.guard.findings", func(f Facts) (int, []string) { return f.Undecided, nil })
	// OnlyVerified: what is given, or openly withheld, was reached over verified identifiers alone, Art. 12(6), 15(4) GDPR.
	OnlyVerified = guard("only verified identifiers lead to what is given", "case.guard.unverified", func(f Facts) (int, []string) { return f.Unverified, nil })
	// PersonKnown: nobody has another's data changed, or learns who received them, without a verified identifier, Art. 12(6).
	PersonKnown = guard("person known", "case.guard.person", func(f Facts) (n int, names []string) {
		for _, r := range f.Rights {
			granted := r.Outcome == Granted || r.Outcome == PartlyGranted
			if f.Verified == 0 && granted && slices.Contains(aboutOthers, r.Right) {
				n, names = n+1, append(names, r.Right.Article())
			}
		}
		return n, names
	})
	// BasesConfirmed: no answer rests on a legal basis that only we inferred.
	BasesConfirmed = guard("inferred bases confirmed", "case.guard.inferred", func(f Facts) (int, []string) {
		return pick(f.Systems, func(s SystemFacts) bool { return s.Unconfirmed && s.State.Answered() })
	})
	// GapsAccepted: a system that failed has not answered; to go on without it is a decision.
	GapsAccepted = guard("gaps accepted", "case.guard.partial", func(f Facts) (int, []string) {
		if f.GapsAccepted {
			return 0, nil
		}
		return pick(f.Systems, SystemFacts.gap)
	})
	// GroundsHold: every ground taken up, and every one that a finding is kept back on, holds with all its conditions.
	GroundsHold = Guard{Name: "grounds hold", refuses: func(f Facts) []Reason {
		var reasons []Reason
		for _, r := range f.Rights {
			reasons = append(reasons, r.Grounds...)
		}
		return reasons
	}}
	// OutcomesFollow: what was decided is still what follows; a later answer of a system can change it.
	OutcomesFollow = guard("outcomes follow", "case.guard.stale", func(f Facts) (n int, names []string) {
		for _, r := range f.Rights {
			if r.Outcome != Undecided && (r.Outcome != r.Follows || r.Stale) && len(r.Grounds) == 0 {
				n, names = n+1, append(names, r.Right.Article())
			}
		}
		return n, names
	})
	// LawCompared: no answer rests on a text of law that nobody of the authority has compared with the one in force.
	LawCompared = guard("law compared", "case.guard.law", func(f Facts) (int, []string) { return len(f.LawToConfirm), f.LawToConfirm })
	// ResidenceConfirmed: who is refused anything is told the right court, § 58(1) VwGO; nobody guesses it.
	ResidenceConfirmed = guard("residence confirmed", "case.guard.residence", func(f Facts) (n int, names []string) {
		for _, r := range f.Rights {
			if f.ResidenceNeeds && r.Outcome.Refuses() {
				n, names = n+1, append(names, r.Right.Article())
			}
		}
		return n, names
	})
	// RemedySettled: for bodies under § 5(5) DSG NRW and civil servants of Lower Saxony the authority writes the instruction itself.
	RemedySettled = guard("remedy settled", "case.guard.remedy", func(f Facts) (int, []string) {
		if f.RemedyOpen {
			return 1, nil
		}
		return 0, nil
	})
	// SecondPerson: nobody who decided anything of a case may release it.
	SecondPerson = guard("second person", "case.guard.second_person", func(f Facts) (int, []string) {
		for _, d := range f.Deciders {
			if d == f.Actor.ID {
				return 1, nil
			}
		}
		return 0, nil
	})
	// PlanReady: what the decision changes in systems is planned, and each measure was tried where a machine can.
	PlanReady = Guard{Name: "plan ready", refuses: func(f Facts) []Reason {
		return slices.Concat(counted("case.guard.plan_missing", f.Plan.Missing), counted("case.guard.plan_waits", f.Plan.Waits), counted("case.guard.meanwhile", f.Plan.Meanwhile))
	}}
	// NothingToCarryOut: every measure of the plan has ended.
	NothingToCarryOut = Guard{Name: "nothing to carry out", refuses: func(f Facts) []Reason {
		return slices.Concat(counted("case.guard.plan_missing", f.Plan.Missing), counted("case.guard.carry_out", f.Plan.Waits+f.Plan.ToDo))
	}}
	// SomethingToCarryOut: without a measure, the answer is released at once.
	SomethingToCarryOut = guard("something to carry out", "case.guard.nothing_to_do", func(f Facts) (int, []string) {
		if f.Plan.ToDo == 0 {
			return 1, nil
		}
		return 0, nil
	})
	// SomethingRefused: only a decision that refuses has a provision that can end, § 41(2a) VwVfG.
	SomethingRefused = guard("something refused", "case.guard.nothing_refused", func(f Facts) (int, []string) {
		for _, r := range f.Rights {
			if r.Outcome.Refuses() {
				return 0, nil
			}
		}
		return 1, nil
	})
	// ThirtyDaysOver: the data can be fetched for thirty days.
	ThirtyDaysOver = guard("thirty days over", "case.guard.thirty_days", func(f Facts) (int, []string) {
		if f.ThirtyDaysOver {
			return 0, nil
		}
		return 1, nil
	})
	// IdentityOpen: a case with a verified identifier does not end for want of identity.
	IdentityOpen = guard("identity open", "case.guard.identified", func(f Facts) (int, []string) { return f.Verified, nil })
)

// RefusalReasons says what must be known before anything of a right that was granted
// is refused after all.
func RefusalReasons(f Facts) []Reason {
	f.Rights = slices.Clone(f.Rights)
	for i := range f.Rights {
		if f.Rights[i].Right.Changes() {
			f.Rights[i].Outcome = PartlyGranted
		}
	}
	return slices.Concat(ResidenceConfirmed.refuses(f), RemedySettled.refuses(f))
}

// aboutOthers are rights by which a stranger could harm somebody. To object or to
// withdraw consent harms nobody, and data are guarded finding by finding.
var aboutOthers = []law.Right{law.Rectification, law.Erasure, law.Restriction, law.Notification}

func counted(key string, n int) []Reason {
	if n == 0 {
		return nil
	}
	return []Reason{{Key: key, Args: []string{"n", fmt.Sprint(n)}}}
}

// guard builds a guard that refuses while count returns more than none.
func guard(name, key string, count func(Facts) (n int, names []string)) Guard {
	return Guard{Name: name, refuses: func(f Facts) []Reason {
		n, names := count(f)
		if n == 0 {
			return nil
		}
		return []Reason{{Key: key, Args: []string{"n", fmt.Sprint(n), "names", strings.Join(names, ", ")}}}
	}}
}

func pick(systems []SystemFacts, wanted func(SystemFacts) bool) (n int, ids []string) {
	for _, s := range systems {
		if wanted(s) {
			n, ids = n+1, append(ids, s.ID)
		}
	}
	return n, ids
}
