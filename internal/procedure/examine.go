package procedure

import (
	"slices"
	"strconv"
	"strings"

	"einsicht/internal/casefile"
	"einsicht/internal/law"
	"einsicht/internal/law/assess"
)

// Examination is one right of a case held against the law of the day.
type Examination struct {
	Right  law.Right
	Facts  assess.Facts
	Result assess.Result // all of it, for staff

	// Outcome is composed from the assessment and the findings, and is what the
	// person may know: where the fact of processing is secret, as if nothing were
	// there. Undecided while something is open.
	Outcome casefile.Outcome
	// Shown is the assessment that Outcome follows from.
	Shown assess.Result

	Limits   []casefile.Limit  // all that hold, those nobody may know of marked
	Grounds  []casefile.Reason // grounds taken up, or that findings rest on, and that don't hold
	Texts    []casefile.Reason // what must still be written about a ground that holds
	Open     []casefile.Reason // what else is missing before the right can be decided
	Warnings []casefile.Reason
	// Entire: the request is refused as such, so that nothing is searched and
	// nothing that was found goes out.
	Entire bool
}

// Why lists all that is missing before the right can be decided.
func (x Examination) Why() []casefile.Reason { return slices.Concat(x.Open, x.Grounds, x.Texts) }

// Examine holds a right of the case against the law of the day.
func (m Matter) Examine(right law.Right) Examination {
	m = m.counted()
	x := Examination{Right: right, Facts: m.facts(right, false)}
	x.Result = assess.Assess(m.Edition, x.Facts)
	x.Shown = assess.Assess(m.Edition, m.facts(right, true))
	x.Entire = slices.ContainsFunc(x.Result.Limits, func(l assess.Limit) bool { return l.System == "" && l.Whole })
	x.Limits = m.limits(right, x)
	x.Grounds = m.doubts(right, x)
	x.Texts = m.unwritten(right, x)
	x.Open = m.open(right, x)
	if x.refusedWhole() && right != law.ConsentWithdrawal && !x.Facts.MonthOneEnd.IsZero() && m.Day.After(x.Facts.MonthOneEnd) {
		x.Warnings = append(x.Warnings, casefile.Reason{Key: "case.exam.late"})
	}
	if len(x.Open) == 0 && len(x.Grounds) == 0 {
		x.Outcome = m.outcome(x)
	}
	if x.Outcome == casefile.Undecided && len(x.Why()) == 0 {
		x.Open = []casefile.Reason{reason("case.exam.questions", len(x.Result.AskStaff))}
	}
	return x
}

var outcomes = map[assess.Outcome]casefile.Outcome{
	assess.Granted: casefile.Granted, assess.Partly: casefile.PartlyGranted,
	assess.Refused: casefile.Refused, assess.NothingHeld: casefile.NothingHeld,
}

// refusedWhole says whether nothing at all is given. Of access, whether data are
// processed and what Art. 15(1)(a) to (h) GDPR wants said is given even where every
// record is kept back: only a request refused as such (Art. 12(5)) ends without.
func (x Examination) refusedWhole() bool {
	return x.Result.Outcome == assess.Refused && (x.Right != law.Access || x.Entire)
}

// outcome is at most partly granted where a system has not answered, or not
// completely; of access it is at least that where something is held.
func (m Matter) outcome(x Examination) casefile.Outcome {
	o := outcomes[x.Shown.Outcome]
	gap := slices.ContainsFunc(m.Inquiries, func(q casefile.Inquiry) bool {
		return q.State == casefile.Failed || len(m.Answered[q.System].Gaps) > 0
	})
	if gap && (o == casefile.Granted || o == casefile.NothingHeld) {
		return casefile.PartlyGranted
	}
	if o == casefile.Refused && x.Right == law.Access && !x.Entire {
		return casefile.PartlyGranted
	}
	return o
}

// open says what is missing besides grounds and their texts.
func (m Matter) open(right law.Right, x Examination) []casefile.Reason {
	var open []casefile.Reason
	add := func(key string, n int, names ...string) {
		if n > 0 {
			open = append(open, reason(key, n, names...))
		}
	}
	if !x.Entire {
		var pending, failed []string
		for _, s := range x.Facts.Systems {
			if s.State == assess.Pending && m.inquiry(s.ID).State == casefile.Failed {
				failed = append(failed, s.ID)
			} else if s.State == assess.Pending {
				pending = append(pending, s.ID)
			}
		}
		if len(m.Inquiries) == 0 && !right.NeedsData() {
			add("case.exam.systems", len(pending))
		} else {
			add("case.guard.pending", len(pending), pending...)
		}
		add("case.guard.partial", len(failed), failed...)
		undecided := 0
		for _, f := range m.Findings {
			if f.undecided() {
				undecided++
			}
		}
		add("case.guard.findings", undecided)
		if len(x.Facts.Systems) == 0 && x.Result.Outcome == assess.Granted {
			add("case.exam.systems", 1)
		}
	}
	// Questions about grounds that were taken up are named with the ground.
	questions := 0
	for _, q := range x.Result.AskStaff {
		if !m.raised(right, q.Place) {
			questions++
		}
	}
	if x.Result.Outcome == assess.Open {
		add("case.exam.questions", questions)
		add("case.exam.ask_person", len(x.Result.AskPerson))
	}
	return open
}

// raised says whether staff took up a ground at a place, or decided findings on it.
func (m Matter) raised(right law.Right, at assess.Place) bool {
	if _, used := m.used(right)[at]; used {
		return true
	}
	return slices.ContainsFunc(m.Texts[right].Exam.Claims, func(c casefile.Claim) bool { return c.Ground == at.Ground && c.System == at.System })
}

// doubts names the grounds that were taken up, or that findings rest on, and
// that don't hold. What rests on such a ground may not leave the house.
func (m Matter) doubts(right law.Right, x Examination) []casefile.Reason {
	used := m.used(right)
	var doubts []casefile.Reason
	for _, at := range m.places(right) {
		u, byFindings := used[at]
		if at.Ground == "" {
			doubts = append(doubts, reason("case.exam.ground_missing", u.open+u.secret, at.System))
			continue
		}
		if byFindings && right == law.Portability && barred(x.Result, at) {
			continue // Art. 20 does not reach this system at all
		}
		if r, wrong := m.doubt(right, x.Result, at); wrong {
			doubts = append(doubts, r)
		}
	}
	for _, l := range x.Result.Limits {
		if right != law.Access || l.System == "" {
			continue
		}
		kept := m.kept(l.System)
		switch given := kept.mine - kept.withheld; {
		case l.Whole && given > 0:
			doubts = append(doubts, m.about(right, "case.exam.given_anyway", l.Place, given))
		case l.SecretFact && kept.mine > 0 && kept.secret == 0:
			doubts = append(doubts, m.about(right, "case.exam.secret_given", l.Place, kept.mine))
		}
	}
	return doubts
}

var doubtful = map[assess.Standing]string{
	assess.Awaits: "case.exam.ground_open", assess.Possible: "case.exam.ground_open", assess.Fails: "case.exam.ground_fails",
	assess.Foreign: "case.exam.ground_foreign", assess.Unusable: "case.exam.ground_unusable",
}

func (m Matter) doubt(right law.Right, r assess.Result, at assess.Place) (casefile.Reason, bool) {
	i := slices.IndexFunc(r.Checks, func(c assess.Check) bool { return c.Place == at })
	if i < 0 {
		return m.about(right, "case.exam.ground_foreign", at, 1), true
	}
	c := r.Checks[i]
	key, wrong := doubtful[c.Standing]
	return m.about(right, key, at, max(len(c.Missing), len(c.Failed))), wrong
}

// barred says whether nothing of the right is left at a system, by a ground that
// no finding names.
func barred(r assess.Result, at assess.Place) bool {
	return slices.ContainsFunc(r.Limits, func(l assess.Limit) bool { return l.System == at.System && l.Whole && l.Ground != at.Ground })
}

// unwritten says what must still be written about a ground that holds: why, for
// the person (Art. 12(4) GDPR) and, where the statute orders it, for the file
// (§ 12(4) s. 2 DSG NRW, § 11 NDSG), and when it is looked at again.
func (m Matter) unwritten(right law.Right, x Examination) []casefile.Reason {
	var missing []casefile.Reason
	for _, l := range x.Result.Limits {
		c, taken := m.claim(right, l.Place)
		g, _ := m.Edition.Ground(l.Ground)
		// What the register alone knows is on file with the decision on the right.
		ordered := g.OnFileUnder != "" || taken && m.Inventory.Authority.Regime == law.NDSG
		if ordered && c.ForFile.IsBlank() {
			missing = append(missing, m.about(right, "case.exam.for_file", l.Place, 1))
		}
		if taken && !l.ReasonsWithheld && !l.SecretFact && c.ForPerson.IsBlank() {
			missing = append(missing, m.about(right, "case.exam.for_person", l.Place, 1))
		}
		if l.Review && l.Ground != RetentionDuty && !c.LookAgain.After(m.Day) {
			missing = append(missing, m.about(right, "case.exam.look_again", l.Place, 1))
		}
	}
	return missing
}

// RetentionDuty is Art. 17(3)(b) GDPR; it has a last day of its own, on which it is
// looked at again.
const RetentionDuty = "EU-17-3b-DUTY"

// limits are the grounds that hold, as the decision keeps them.
func (m Matter) limits(right law.Right, x Examination) []casefile.Limit {
	var limits []casefile.Limit
	for _, l := range x.Result.Limits {
		shown := slices.IndexFunc(x.Shown.Limits, func(s assess.Limit) bool { return s.Place == l.Place })
		c, _ := m.claim(right, l.Place)
		limit := casefile.Limit{Ground: l.Ground, System: l.System, Citation: m.citation(l.Ground), Effect: string(l.Effect),
			Whole: l.Whole, ReasonsWithheld: l.ReasonsWithheld, SecretFact: shown < 0, LookAgain: c.LookAgain}
		if shown >= 0 {
			limit.Whole = x.Shown.Limits[shown].Whole
			if !l.ReasonsWithheld {
				limit.ForPerson = c.ForPerson
			}
		}
		limits = append(limits, limit)
	}
	return limits
}

// claim finds what was said about a ground at a place.
func (m Matter) claim(right law.Right, at assess.Place) (casefile.Claim, bool) {
	claims := m.Texts[right].Exam.Claims
	i := slices.IndexFunc(claims, func(c casefile.Claim) bool { return c.Ground == at.Ground && c.System == at.System })
	if i < 0 {
		return casefile.Claim{}, false
	}
	return claims[i], true
}

// about is a reason that names a ground and its system, or the right where the
// ground is about the whole case.
func (m Matter) about(right law.Right, key string, at assess.Place, n int) casefile.Reason {
	where := at.System
	if where == "" {
		where = right.Article()
	}
	r := reason(key, n, where)
	r.Args = append(r.Args, "ground", m.citation(at.Ground))
	return r
}

func (m Matter) citation(ground string) string {
	if g, ok := m.Edition.Ground(ground); ok {
		return g.CitationFor(string(m.Inventory.Authority.Body))
	}
	return ground
}

func reason(key string, n int, names ...string) casefile.Reason {
	return casefile.Reason{Key: key, Args: []string{"n", strconv.Itoa(n), "names", strings.Join(names, ", ")}}
}
