package procedure

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"einsicht/internal/casefile"
	"einsicht/internal/disclosure"
	"einsicht/internal/inventory"
	"einsicht/internal/law"
	"einsicht/internal/law/assess"
)

// The grounds on which fields marked as somebody else's stay blacked out until
// somebody has weighed each.
const (
	OthersInCopy   = "EU-15-4" // Art. 15(4) GDPR
	OthersInExport = "EU-20-4" // Art. 20(4) GDPR
)

// facts are the arguments of an assessment. As shown, they hold nothing of what
// the person may not know: no finding whose existence is secret, no ground that
// only such findings rest on.
func (m Matter) facts(right law.Right, shown bool) assess.Facts {
	a := m.Inventory.Authority
	f := assess.Facts{
		Right: right, Land: a.Land, Body: assess.Body(a.Body), Day: m.Day,
		Answers: map[assess.Question]bool{}, Claimed: map[assess.Place]bool{}, Entire: map[assess.Place]bool{},
	}
	if end := m.Reckoning.MonthOneEnd; end != nil {
		f.MonthOneEnd = *end
	}
	exam := m.Texts[right].Exam
	for _, at := range m.places(right) {
		if shown && m.secret(right, at) {
			continue
		}
		f.Claimed[at] = at.Ground != ""
		f.Entire[at] = m.entire(right, at, shown)
	}
	aboutAll := slices.ContainsFunc(m.places(right), func(at assess.Place) bool { return at.System == "" })
	for _, said := range exam.Answers {
		at := assess.Place{Ground: said.Ground, System: said.System}
		aboutAll = aboutAll || at.System == "" && at.Ground != string(right)
		if shown && (m.secret(right, at) || said.Condition == assess.FactSecret) {
			continue
		}
		f.Answers[assess.Question{Place: at, Condition: said.Condition}] = said.Yes
	}
	for _, s := range m.Inventory.Systems {
		i := slices.IndexFunc(exam.Known, func(k casefile.Known) bool { return k.System == s.ID })
		known := casefile.Known{}
		if i >= 0 {
			known = exam.Known[i]
		}
		state, asked := m.state(right, s, known, shown)
		if !asked {
			continue
		}
		f.Systems = append(f.Systems, systemOf(s, known, state))
	}
	// A ground about the whole request is law wherever the authority may hold
	// something, also where nobody was asked.
	if aboutAll && len(f.Systems) == 0 {
		for _, s := range m.Inventory.Systems {
			f.Systems = append(f.Systems, systemOf(s, casefile.Known{}, assess.Pending))
		}
	}
	return f
}

func systemOf(s inventory.System, known casefile.Known, state assess.State) assess.System {
	provided := map[string]assess.Known{"yes": assess.Yes, "no": assess.No}[known.Provided]
	if provided == assess.Unknown && s.Provided != nil {
		provided = assess.No
		if *s.Provided {
			provided = assess.Yes
		}
	}
	return assess.System{
		ID: s.ID, Name: s.Name, Regime: s.Regime, Bases: assess.BasesOf(s.LegalBasis), Form: assess.Form(s.Form),
		Backup: s.BackupOnly, Rotation: s.RotationDays, Provided: provided,
		Retention: assess.Retention{Norm: cmp.Or(known.Norm, s.StatutoryDuty), Until: known.Until, Only: known.Only || s.RetentionOnly},
		Offered:   known.Offered, State: state,
	}
}

// state says how far a system is for the law, and whether it is looked at at all.
// A right to data looks at every system; another one at those that were asked or
// that the request is about.
func (m Matter) state(right law.Right, s inventory.System, known casefile.Known, shown bool) (assess.State, bool) {
	if s.Connector == inventory.Portal && !known.Concerned {
		return "", false // its record of the request always goes out
	}
	if shown && m.secretSystem(right, s.ID) {
		return assess.Nothing, true
	}
	found, q := m.kept(s.ID), m.inquiry(s.ID)
	switch {
	case known.Concerned && !right.NeedsData() && found.mine == 0:
		return assess.Held, true
	case q.State == casefile.Failed && m.Case.GapsAccepted:
		return assess.Held, found.mine > 0 // what it gave before it failed
	case !q.State.Answered():
		return assess.Pending, right.NeedsData() || len(m.Inquiries) > 0
	case known.Concerned, found.mine > 0:
		return assess.Held, true
	}
	return assess.Nothing, true
}

func (m Matter) inquiry(system string) casefile.Inquiry {
	i := slices.IndexFunc(m.Inquiries, func(q casefile.Inquiry) bool { return q.System == system })
	if i < 0 {
		return casefile.Inquiry{}
	}
	return m.Inquiries[i]
}

// holding counts the findings of one system that are about the person.
type holding struct {
	mine     int // not somebody else's
	withheld int // none of it goes out
	secret   int // of these, not even its existence
}

// use counts the findings that rest on a ground.
type use struct{ open, secret int }

// counts are what the findings come to. They are counted once for each question
// about a case.
type counts struct {
	kept map[string]holding
	used map[law.Right]map[assess.Place]use
}

func (m Matter) counted() Matter {
	c := &counts{kept: map[string]holding{}, used: map[law.Right]map[assess.Place]use{law.Access: {}, law.Portability: {}}}
	for i := range m.Findings {
		f := &m.Findings[i]
		if f.Decision.Verdict != disclosure.NotThisPerson {
			c.kept[f.System] = c.kept[f.System].with(f.Decision)
		}
		for right, used := range c.used {
			for _, ground := range f.grounds(right) {
				if g, known := m.Edition.Ground(ground); right == law.Portability && (!known || !g.Limits(right)) {
					ground = OthersInExport // the only one that Art. 20 has for parts of a system
				}
				at := assess.Place{Ground: ground, System: f.System}
				used[at] = used[at].with(f.Decision)
			}
		}
	}
	m.counts = c
	return m
}

func (h holding) with(d disclosure.Decision) holding {
	h.mine++
	if d.SecretFact || d.Verdict == disclosure.Withhold {
		h.withheld++
	}
	if d.SecretFact {
		h.secret++
	}
	return h
}

func (u use) with(d disclosure.Decision) use {
	if d.SecretFact {
		u.secret++
	} else {
		u.open++
	}
	return u
}

func (m Matter) kept(system string) holding { return m.counts.kept[system] }

// used says on which grounds what is kept back rests. A ground that nobody named
// is empty.
func (m Matter) used(right law.Right) map[assess.Place]use { return m.counts.used[right] }

// secretSystem says whether the person may not know that the system holds
// anything: all findings there are secret or, where there are none to decide on,
// a ground that covers all of it says so.
func (m Matter) secretSystem(right law.Right, system string) bool {
	found := m.kept(system)
	if found.mine > 0 {
		return found.secret == found.mine
	}
	// What one right keeps secret, no other may tell.
	for r := range m.Texts {
		for _, c := range m.Texts[r].Exam.Claims {
			if c.System == system && c.Entire && m.secret(r, assess.Place{Ground: c.Ground, System: system}) {
				return true
			}
		}
	}
	return false
}

// secret says whether nobody may know of a ground at a place: staff said so, the
// ground allows it, and no finding is openly kept back on it.
func (m Matter) secret(right law.Right, at assess.Place) bool {
	g, _ := m.Edition.Ground(at.Ground)
	u := m.used(right)[at]
	if g.SecretFact.IsZero() || u.open > 0 {
		return false
	}
	return u.secret > 0 || slices.ContainsFunc(m.Texts[right].Exam.Answers, func(a casefile.Answer) bool {
		return a.Ground == at.Ground && a.System == at.System && a.Condition == assess.FactSecret && a.Yes
	})
}

// entire says whether a ground covers all that a system holds. Where there are
// findings, their decisions say so.
func (m Matter) entire(right law.Right, at assess.Place, shown bool) bool {
	if h := m.kept(at.System); right.NeedsData() && h.mine > 0 {
		if shown {
			h.mine, h.withheld = h.mine-h.secret, h.withheld-h.secret
		}
		return h.mine == h.withheld
	}
	c, _ := m.claim(right, at)
	return c.Entire
}

// Covers says whether a ground covers all that its system holds.
func (m Matter) Covers(right law.Right, at assess.Place) bool {
	return m.counted().entire(right, at, false)
}

// RestsOn lists the grounds on which something found is kept back, at their
// systems; an empty one was not named.
func (m Matter) RestsOn(right law.Right) []assess.Place {
	return slices.SortedFunc(maps.Keys(m.counted().used(right)), inOrder)
}

// places lists the grounds that staff took up for a right, and those that
// findings rest on, each once and in one order.
func (m Matter) places(right law.Right) []assess.Place {
	var all []assess.Place
	for _, c := range m.Texts[right].Exam.Claims {
		all = append(all, assess.Place{Ground: c.Ground, System: c.System})
	}
	for at := range m.used(right) {
		if !slices.Contains(all, at) {
			all = append(all, at)
		}
	}
	slices.SortFunc(all, inOrder)
	return all
}

func inOrder(x, y assess.Place) int {
	return cmp.Or(strings.Compare(x.System, y.System), strings.Compare(x.Ground, y.Ground))
}

// grounds lists what a finding's decision rests on, each once; an empty one was
// not named. Marks of the source that nobody has weighed rest on a ground too.
func (f *Found) grounds(right law.Right) []string {
	d := f.Decision
	if d.Verdict == disclosure.NotThisPerson || d.Verdict == disclosure.Undecided {
		return nil
	}
	if d.SecretFact || d.Verdict == disclosure.Withhold {
		return []string{d.Ground}
	}
	var all []string
	add := func(ground string) {
		if !slices.Contains(all, ground) {
			all = append(all, ground)
		}
	}
	for _, field := range f.Record.Fields {
		verdict, decided := d.Fields[field.Name]
		switch {
		case field.Withheld:
		case decided && verdict.BlackOut:
			add(cmp.Or(verdict.Ground, d.Ground))
		case !decided && field.ThirdParty && right == law.Portability:
			add(OthersInExport)
		case !decided && field.ThirdParty:
			add(OthersInCopy)
		}
	}
	return all
}

func (f *Found) undecided() bool { return disclosure.Verdict(f.Verdict) == disclosure.Undecided }
