package review

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"einsicht/internal/casefile"
	"einsicht/internal/disclosure"
	"einsicht/internal/law"
	"einsicht/internal/law/assess"
	"einsicht/internal/law/catalogue"
	"einsicht/internal/person"
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
		return procedure.Incomplete("verdict", "case.exam.no_data_asked")
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
			return procedure.Incomplete("ground", "case.exam.keeps_nothing")
		case !d.SilentReason.IsBlank() && !g.Reasons.Allowed():
			return procedure.Incomplete("silent", "case.exam.no_silence")
		case d.SecretFact && g.SecretFact.IsZero():
			return procedure.Incomplete("secret", "case.exam.no_secret")
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

// told is what the findings that rest on a ground say about it, in their order.
type told struct {
	forFile   []person.Text
	forPerson []person.Text // of those openly kept back
	silent    []person.Text // of these, why no reason is given
	secret    bool          // of one, not even its existence may be known
}

// toldBy gathers by ground and system what findings say.
func toldBy(m procedure.Matter) map[assess.Place]told {
	all := map[assess.Place]told{}
	for _, f := range m.Findings {
		for _, k := range keptBy(f.Decision) {
			at := assess.Place{Ground: k.ground, System: f.System}
			t := all[at]
			t.forFile = append(t.forFile, k.texts.ForFile)
			if f.Decision.SecretFact {
				t.secret = true
			} else {
				t.forPerson = append(t.forPerson, k.texts.ForPerson)
				if !f.Decision.SilentReason.IsBlank() {
					t.silent = append(t.silent, f.Decision.SilentReason)
				}
			}
			all[at] = t
		}
	}
	return all
}

// takeUp takes up the grounds that findings at these places rest on, and says of
// each what they say now: that something is kept back in silence, or its existence
// secret, answers those questions. What staff said on the page of the right stays.
func takeUp(m procedure.Matter, places map[assess.Place]bool, before map[assess.Place]told, actor casefile.Actor, now time.Time) {
	after := toldBy(m)
	for at := range places {
		g, _ := m.Edition.Ground(at.Ground)
		was := before[at]
		is, rests := after[at]
		for _, right := range rightsOf(m) {
			if !rests || !right.NeedsData() || !g.Limits(right) {
				continue
			}
			text := m.Texts[right]
			i := claimAt(text.Exam, at)
			if i < 0 {
				text.Exam.Claims = append(text.Exam.Claims, casefile.Claim{Ground: at.Ground, System: at.System, By: actor.ID, At: now})
				i = len(text.Exam.Claims) - 1
			}
			claim := &text.Exam.Claims[i]
			claim.ForFile = renewed(claim.ForFile, was.forFile, is.forFile)
			claim.ForPerson = renewed(claim.ForPerson, was.forPerson, is.forPerson)
			yes := casefile.Answer{Ground: at.Ground, System: at.System, Yes: true, By: actor.ID, At: now}
			yes.Condition = assess.ReasonsEndanger
			follow(&text.Exam, yes, len(was.silent) > 0, len(is.silent) > 0)
			yes.Condition = assess.FactSecret
			follow(&text.Exam, yes, was.secret, is.secret)
			m.Texts[right] = text
		}
	}
}

// renewed is the text about a ground: what staff typed there or, if it came from
// findings, what they say now.
func renewed(text person.Text, before, after []person.Text) person.Text {
	same := func(t person.Text) bool { return t.Reveal() == text.Reveal() }
	if typed := !slices.ContainsFunc(before, same); !text.IsBlank() && (typed || slices.ContainsFunc(after, same)) {
		return text
	}
	if i := slices.IndexFunc(after, func(t person.Text) bool { return !t.IsBlank() }); i >= 0 {
		return after[i]
	}
	return person.Text{}
}

// follow answers a question as findings do, and takes an answer back that came
// from them.
func follow(e *casefile.Exam, yes casefile.Answer, was, is bool) {
	switch {
	case is:
		say(e, yes)
	case was:
		e.Answers = slices.DeleteFunc(e.Answers, func(a casefile.Answer) bool {
			return a.Ground == yes.Ground && a.System == yes.System && a.Condition == yes.Condition && a.Yes
		})
	}
}

// silentBy is what findings say about why reasons are withheld; empty where they
// don't say it of every ground.
func silentBy(m procedure.Matter, limits []casefile.Limit) person.Text {
	all := toldBy(m)
	var notes []string
	for _, l := range limits {
		if l.SecretFact || !l.ReasonsWithheld {
			continue
		}
		said := all[assess.Place{Ground: l.Ground, System: l.System}].silent
		if len(said) == 0 {
			return person.Text{}
		}
		if note := said[0].Reveal(); !slices.Contains(notes, note) {
			notes = append(notes, note)
		}
	}
	return person.NewText(strings.Join(notes, "\n"))
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
