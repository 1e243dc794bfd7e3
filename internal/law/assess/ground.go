package assess

import (
	"cmp"
	"slices"

	"einsicht/internal/law/calendar"
	"einsicht/internal/law/catalogue"
)

// onFile is what every limit must be able to show: Art. 5(2) GDPR.
const onFile = "Art. 5 Abs. 2 DSGVO"

// grounds looks at every ground that is law for this right, at the case or at
// each system that holds something.
func (a *assessment) grounds() {
	for g := range a.edition.For(a.facts.Right, a.facts.Land, "") {
		for _, s := range a.placesOf(g) {
			at := Place{g.ID, s.ID}
			if !g.Usable() {
				if a.claimed(at) {
					a.check(Check{Place: at, Standing: Unusable})
					a.note(Line{Citation: g.Citation, Key: "law.note.unusable", Sentence: g.Unusable})
				}
				continue
			}
			c := a.stand(g, s)
			a.check(c)
			a.apply(g, c)
		}
	}
	// Where nothing is left of the right, no further answer matters.
	a.r.AskStaff = slices.DeleteFunc(a.r.AskStaff, func(q Asked) bool {
		return q.Ground != string(a.facts.Right) && (a.limited[q.System] || a.limited[""])
	})
}

// placesOf lists the systems at which a ground is law; for one about the whole
// case a single nameless place, if it is law at any system.
func (a *assessment) placesOf(g *catalogue.Ground) []System {
	var at []System
	for _, s := range a.facts.Systems {
		if s.State != Nothing && g.Applies(a.facts.Land, s.Regime) {
			at = append(at, s)
		}
	}
	if g.Reach == catalogue.Case && len(at) > 0 {
		return []System{{}}
	}
	return at
}

// stand answers the conditions of a ground at a place. What the register knows
// goes before what anybody says.
func (a *assessment) stand(g *catalogue.Ground, s System) Check {
	c := Check{Place: Place{g.ID, s.ID}}
	facts, known, all := 0, 0, true
	for _, q := range g.Questions() {
		answer := Unknown
		if all = all && q.Fact != ""; q.Fact != "" {
			facts++
			if answer = a.know(q.Fact, s); answer == Yes {
				known++
			}
		}
		if said, given := a.facts.Answers[Question{c.Place, q.ID}]; answer == Unknown && given {
			answer = is(said, true)
		}
		switch answer {
		case No:
			c.Failed = append(c.Failed, q.ID)
		case Unknown:
			c.Missing = append(c.Missing, q.ID)
		}
	}
	raised := a.claimed(c.Place) || all || facts > 0 && known == facts && !byItself(g)
	switch {
	case len(c.Failed) > 0:
		c.Standing = Fails
	case len(c.Missing) == 0:
		c.Standing = Holds
	case raised:
		c.Standing = Awaits
	default:
		c.Standing = Possible
	}
	return c
}

// byItself says of a ground that its known facts are true of nearly every system
// of an authority (a public task, a duty to the archive), so that nobody is asked
// before somebody claims it.
func byItself(g *catalogue.Ground) bool {
	return slices.ContainsFunc(g.Conditions, func(c catalogue.Condition) bool {
		return len(g.Conditions) > 1 && slices.Contains([]catalogue.Fact{catalogue.PublicTask, catalogue.ArchiveDutyLasts, catalogue.Paper}, c.Fact)
	})
}

// apply draws the conclusions of a ground that holds, or asks for the rest.
func (a *assessment) apply(g *catalogue.Ground, c Check) {
	if c.Standing != Holds && c.Standing != Awaits {
		return
	}
	if g.Task != "" {
		a.r.Tasks = append(a.r.Tasks, Opened{c.Place, g.Task})
	}
	if c.Standing == Awaits {
		for _, q := range g.Questions() {
			if slices.Contains(c.Missing, q.ID) {
				a.r.AskStaff = append(a.r.AskStaff, Asked{Question{c.Place, q.ID}, about(g, q), q.Sentence})
			}
		}
		return
	}
	a.file(g, c.Place)
	replacement := Line{Citation: g.Citation, System: c.System, Sentence: g.Replacement}
	if g.Confirm && !slices.Contains(a.r.Confirm, g.ID) {
		a.r.Confirm = append(a.r.Confirm, g.ID)
	}
	switch g.Effect {
	case catalogue.Clarify:
		a.r.AskPerson = append(a.r.AskPerson, replacement)
	case catalogue.Ends:
		a.r.Due = append(a.r.Due, replacement)
	default:
		a.limit(g, c.Place)
		a.r.Instead = append(a.r.Instead, replacement)
	}
}

func (a *assessment) limit(g *catalogue.Ground, at Place) {
	a.anything = a.anything || g.Effect != catalogue.Fee // for a fee everything is done
	l := Limit{Place: at, Citation: g.Citation, Effect: g.Effect, Review: g.Review}
	l.Whole = g.Effect.Whole() && (g.Reach == catalogue.Case || g.Reach == catalogue.System || a.facts.Entire[at])
	if l.Whole {
		a.limited[at.System] = true
	}
	if a.facts.Answers[Question{at, ReasonsEndanger}] {
		if l.ReasonsWithheld = g.Reasons.Allowed(); l.ReasonsWithheld {
			a.r.OnFile = append(a.r.OnFile, Line{Citation: g.Reasons.Under, System: at.System, Key: "law.file.reasons_withheld"})
		} else {
			a.note(Line{Citation: "Art. 12 Abs. 4 DSGVO", System: at.System, Key: "law.note.reasons_due"})
		}
	}
	if l.SecretFact = !g.SecretFact.IsZero() && a.facts.Answers[Question{at, FactSecret}]; l.SecretFact {
		a.r.Neutral = true
	}
	a.r.Limits = append(a.r.Limits, l)
	a.offer(g.Reasons.If, AboutReasons, Question{at, ReasonsEndanger})
	a.offer(g.SecretFact, AboutSecretFact, Question{at, FactSecret})
}

// offer lists a question that the ground has, unless it was answered.
func (a *assessment) offer(text catalogue.Sentence, about About, q Question) {
	if _, given := a.facts.Answers[q]; !given && !text.IsZero() {
		a.r.MayAsk = append(a.r.MayAsk, Asked{q, about, text})
	}
}

func about(g *catalogue.Ground, c catalogue.Condition) About {
	if g.Decision == catalogue.Discretion && c.ID == catalogue.DiscretionExercised {
		return AboutDiscretion
	}
	return AboutCondition
}

// file lists what must be put on file for a ground that holds.
func (a *assessment) file(g *catalogue.Ground, at Place) {
	under := g.OnFileUnder
	if under == "" && a.facts.Land == calendar.NI {
		under = "§ 11 NDSG" // every restriction of a right, whichever law it rests on
	}
	under = cmp.Or(under, onFile)
	for _, s := range g.OnFile {
		a.r.OnFile = append(a.r.OnFile, Line{Citation: under, System: at.System, Sentence: s})
	}
	if g.Decision == catalogue.Discretion {
		a.r.OnFile = append(a.r.OnFile, Line{Citation: under, System: at.System, Key: "law.file.discretion"})
	}
	if g.Review {
		a.r.OnFile = append(a.r.OnFile, Line{Citation: under, System: at.System, Key: "law.file.review"})
	}
}

// claimed says whether somebody has taken up a ground at a place.
func (a *assessment) claimed(at Place) bool {
	if a.facts.Claimed[at] {
		return true
	}
	for q := range a.facts.Answers {
		if q.Place == at {
			return true
		}
	}
	return false
}

// claimedElsewhere tells staff of grounds they claimed that are no law here, or
// not against this right.
func (a *assessment) claimedElsewhere() {
	var foreign []Place
	claimed := func(at Place) {
		looked := slices.ContainsFunc(a.r.Checks, func(c Check) bool { return c.Place == at })
		if !looked && at.Ground != string(a.facts.Right) && !slices.Contains(foreign, at) {
			foreign = append(foreign, at)
		}
	}
	for q := range a.facts.Answers {
		claimed(q.Place)
	}
	for at, is := range a.facts.Claimed {
		if is {
			claimed(at)
		}
	}
	slices.SortFunc(foreign, func(x, y Place) int { return cmp.Or(cmp.Compare(x.Ground, y.Ground), cmp.Compare(x.System, y.System)) })
	for _, at := range foreign {
		a.check(Check{Place: at, Standing: Foreign})
		g, _ := a.edition.Ground(at.Ground)
		a.note(Line{Citation: g.Citation, System: at.System, Key: "law.note.foreign"})
	}
}

func (a *assessment) check(c Check) { a.r.Checks = append(a.r.Checks, c) }

func (a *assessment) note(l Line) { a.r.Notes = append(a.r.Notes, l) }
