package delivery

import (
	"slices"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/disclosure"
	"einsicht/internal/law"
	"einsicht/internal/procedure"
	"einsicht/internal/wording"
)

// measuresOf is what was done for a case, and what stays, as the person may know it.
func measuresOf(m procedure.Matter, notGiven map[string]bool, lang wording.Lang) disclosure.Measures {
	taken := make([]disclosure.Taken, len(m.Measures))
	provisional := provisionals(m)
	for i, measure := range m.Measures {
		t := takenOf(m, measure, notGiven)
		if measure.State == casefile.Stays {
			limit, found := limitFor(m, measure)
			t.Secret = t.Secret || limit.SecretFact
			t.Stay = stayOf(m, measure, limit, found, lang)
		}
		for j := range provisional {
			if measure.State == casefile.Stays && provisional[j].holds(measure) {
				t.Meanwhile, provisional[j].told = &provisional[j].Provisional, true
			}
		}
		taken[i] = t
	}
	for _, p := range provisional {
		if !p.told {
			taken = append(taken, p.alone(m, notGiven))
		}
	}
	return disclosure.Carried(lang, taken)
}

// takenOf is a measure with what decides whether the person may know of it.
func takenOf(m procedure.Matter, measure procedure.Measure, notGiven map[string]bool) disclosure.Taken {
	t := disclosure.Taken{Measure: measure.Measure, Text: measure.Text, Unnamed: notGiven[measure.System] || refusesAccess(m)}
	t.System, _ = m.Inventory.System(measure.System)
	i := slices.IndexFunc(m.Findings, func(f procedure.Found) bool { return measure.Finding != uuid.Nil && f.ID == measure.Finding })
	if i < 0 {
		t.Secret = secretSystem(m, measure.System)
		return t
	}
	d := m.Findings[i].Decision
	t.Secret = d.SecretFact
	t.Unnamed = t.Unnamed || d.Verdict == disclosure.Withhold || d.Verdict == disclosure.NotThisPerson
	return t
}

// limitFor finds the ground on which a measure stays undone, as it was decided.
func limitFor(m procedure.Matter, measure procedure.Measure) (casefile.Limit, bool) {
	text := measure.Text
	for _, l := range m.Texts[measure.Right].Limits {
		if text.Ground != "" && l.Ground == text.Ground && (l.System == "" || l.System == measure.System) {
			return l, true
		}
	}
	return casefile.Limit{Ground: text.Ground, System: measure.System, Citation: text.Citation, LookAgain: text.Until, ForPerson: text.ForPerson}, false
}

// stayOf says why a measure stays undone: under a ground, or in the words of staff.
func stayOf(m procedure.Matter, measure procedure.Measure, limit casefile.Limit, decided bool, lang wording.Lang) disclosure.Stay {
	if measure.Text.Ground == "" {
		return disclosure.Stay{Reason: measure.Text.ForPerson}
	}
	if limit.System == "" { // its own duty to keep data is the system's
		limit.System = measure.System
	}
	l := limitOf(m, measure.Right, limit, lang)
	stay := disclosure.Stay{Title: l.Title, Citation: l.Citation, Norm: l.Norm, Until: l.Until, LookAgain: l.LookAgain, Withheld: l.ReasonsWithheld}
	if !decided { // else the person's words stand beside the decision
		stay.Reason = l.ForPerson
	}
	return stay
}

// secretSystem says whether nobody may know that a system holds anything. What one
// right keeps secret, no other may tell.
func secretSystem(m procedure.Matter, system string) bool {
	for _, text := range m.Texts {
		if slices.ContainsFunc(text.Limits, func(l casefile.Limit) bool {
			return l.SecretFact && l.Whole && (l.System == "" || l.System == system)
		}) {
			return true
		}
	}
	return false
}

// refusesAccess: who is refused access altogether does not learn by another right
// which records there are.
func refusesAccess(m procedure.Matter) bool {
	return slices.ContainsFunc(m.Rights, func(r casefile.Right) bool { return r.Right == law.Access && r.Outcome == casefile.Refused })
}

// backupDays is after how many days no backup of the authority holds what was
// erased; 0 where the inventory does not say of each.
func backupDays(m procedure.Matter) int {
	longest := 0
	for _, s := range m.Inventory.Systems {
		if s.BackupOnly && s.RotationDays == 0 {
			return 0
		}
		if s.BackupOnly {
			longest = max(longest, s.RotationDays)
		}
	}
	return longest
}
