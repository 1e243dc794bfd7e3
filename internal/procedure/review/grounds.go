package review

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"einsicht/internal/casefile"
	"einsicht/internal/disclosure"
	"einsicht/internal/law"
	"einsicht/internal/law/assess"
	"einsicht/internal/law/catalogue"
	"einsicht/internal/procedure"
)

// kept is one thing that a decision keeps back, and why.
type kept struct {
	ground string
	texts  disclosure.FieldVerdict
}

// keptBy lists what a decision keeps back: the finding, or fields of it.
func keptBy(d disclosure.Decision) []kept {
	whole := disclosure.FieldVerdict{Ground: d.Ground, ForFile: d.ForFile, ForPerson: d.ForPerson}
	if d.SecretFact || d.Verdict == disclosure.Withhold {
		return []kept{{d.Ground, whole}}
	}
	var all []kept
	for _, name := range slices.Sorted(maps.Keys(d.Fields)) {
		f := d.Fields[name]
		if d.Verdict != disclosure.Give || !f.BlackOut {
			continue
		}
		k := kept{cmp.Or(f.Ground, d.Ground), f}
		if k.texts.ForFile.IsZero() {
			k.texts.ForFile = d.ForFile
		}
		if k.texts.ForPerson.IsZero() {
			k.texts.ForPerson = d.ForPerson
		}
		all = append(all, k)
	}
	return all
}

// checkGrounds refuses to keep anything back without a ground that is law for it
// at that system, to be silent where the ground wants reasons, and to hide what
// the ground lets nobody hide.
func checkGrounds(m procedure.Matter, right law.Right, facts assess.Facts, system string, d disclosure.Decision) error {
	all := keptBy(d)
	if len(all) > 0 && right == "" {
		return incomplete("verdict", "case.exam.no_data_asked")
	}
	// Whatever stood there before, the finding is the person's now.
	for i := range facts.Systems {
		if facts.Systems[i].ID == system {
			facts.Systems[i].State = assess.Held
		}
	}
	for _, k := range all {
		g, err := groundFor(m, right, facts, assess.Place{Ground: k.ground, System: system})
		switch {
		case err != nil:
			return err
		case !g.Effect.IsLimit(), g.Effect == catalogue.Fee:
			return incomplete("ground", "case.exam.keeps_nothing")
		case !blank(d.SilentReason) && !g.Reasons.Allowed():
			return incomplete("silent", "case.exam.no_silence")
		case d.SecretFact && g.SecretFact.IsZero():
			return incomplete("secret", "case.exam.no_secret")
		}
	}
	return nil
}

// dataFacts finds the right whose limits decide about findings; access goes
// first. None: the case asks for no data.
func dataFacts(m procedure.Matter) (law.Right, assess.Facts) {
	for _, r := range m.Rights {
		if r.Right.NeedsData() {
			return r.Right, m.Examine(r.Right).Facts
		}
	}
	return "", assess.Facts{}
}

func rightsOf(m procedure.Matter) []law.Right {
	var all []law.Right
	for _, r := range m.Rights {
		all = append(all, r.Right)
	}
	return all
}

// takeUpWith takes up the grounds that a finding is kept back on, with its texts;
// that it is kept back in silence, or its existence secret, answers those questions.
func takeUpWith(m procedure.Matter, f procedure.Found, actor casefile.Actor, now time.Time) {
	for _, k := range keptBy(f.Decision) {
		g, _ := m.Edition.Ground(k.ground)
		for _, right := range rightsOf(m) {
			if !right.NeedsData() || !g.Limits(right) {
				continue
			}
			text := m.Texts[right]
			at := assess.Place{Ground: g.ID, System: f.System}
			i := claimAt(text.Exam, at)
			if i < 0 {
				text.Exam.Claims = append(text.Exam.Claims, casefile.Claim{Ground: g.ID, System: f.System, By: actor.ID, At: now})
				i = len(text.Exam.Claims) - 1
			}
			claim := &text.Exam.Claims[i]
			if blank(claim.ForFile) {
				claim.ForFile = k.texts.ForFile
			}
			if blank(claim.ForPerson) && !f.Decision.SecretFact {
				claim.ForPerson = k.texts.ForPerson
			}
			yes := casefile.Answer{Ground: g.ID, System: f.System, Yes: true, By: actor.ID, At: now}
			if !blank(f.Decision.SilentReason) {
				yes.Condition = assess.ReasonsEndanger
				say(&text.Exam, yes)
			}
			if f.Decision.SecretFact {
				yes.Condition = assess.FactSecret
				say(&text.Exam, yes)
			}
			m.Texts[right] = text
		}
	}
}

// resting lists, by right, what findings rest on.
func resting(m procedure.Matter) map[law.Right][]assess.Place {
	all := map[law.Right][]assess.Place{}
	for _, right := range rightsOf(m) {
		all[right] = m.RestsOn(right)
	}
	return all
}

// letGo drops grounds that findings rested on before and that none rests on any
// more, and says of the others whether they cover all that their system holds.
func letGo(m procedure.Matter, before map[law.Right][]assess.Place) {
	for right, places := range before {
		now := m.RestsOn(right)
		text := m.Texts[right]
		for _, at := range places {
			if !slices.Contains(now, at) {
				drop(&text.Exam, at)
			}
		}
		for i, c := range text.Exam.Claims {
			if at := (assess.Place{Ground: c.Ground, System: c.System}); slices.Contains(now, at) {
				text.Exam.Claims[i].Entire = m.Covers(right, at)
			}
		}
		m.Texts[right] = text
	}
}
