package assess

import (
	"slices"
	"strconv"

	"einsicht/internal/law"
	"einsicht/internal/law/catalogue"
)

// systems says of each system what the person gets from it.
func (a *assessment) systems() {
	for _, s := range a.facts.Systems {
		if onPublicTask(s) && has(s, LegitimateInterest) {
			a.note(Line{Citation: "Art. 6 Abs. 1 UAbs. 2 DSGVO", System: s.ID, Key: "law.note.f_as_e"})
		}
		if s.State != Held || a.notMet || a.limited[""] || a.limited[s.ID] {
			continue
		}
		a.r.Due = append(a.r.Due, a.due(s))
		if a.facts.Right == law.Access && s.Retention.Only && s.Regime != law.BDSGNonPublic {
			a.note(Line{Citation: "Art. 15 Abs. 1 DSGVO", System: s.ID, Key: "law.note.retention_only_due"})
		}
	}
	if a.facts.Right == law.Objection && !a.notMet && a.weighing() {
		a.r.Due = append(a.r.Due, Line{Citation: "Art. 18 Abs. 1 Buchst. d DSGVO", Key: "law.due.restrict_while_weighing"})
	}
}

func (a *assessment) due(s System) Line {
	l := Line{Citation: a.facts.Right.Article(), System: s.ID, Key: "law.due." + string(a.facts.Right)}
	switch a.facts.Right {
	case law.Portability:
		l.Citation = "Art. 20 Abs. 1 DSGVO"
	case catalogue.Information:
		l.Citation = "Art. 14 DSGVO"
	case catalogue.BreachNotice:
		l.Citation = "Art. 34 DSGVO"
	}
	if a.facts.Right != law.Erasure || !s.Backup {
		return l
	}
	// A backup is not searched and rewritten; it runs out.
	if s.Rotation == 0 {
		l.Key = "law.due.erasure_backup_unknown"
		return l
	}
	l.Key, l.Args = "law.due.erasure_backup", []string{"days", strconv.Itoa(s.Rotation)}
	return l
}

// weighing says whether a balance of interests is still open.
func (a *assessment) weighing() bool {
	return slices.ContainsFunc(a.r.Checks, func(c Check) bool {
		g, _ := a.edition.Ground(c.Ground)
		return c.Standing == Awaits && g.Decision == catalogue.Balancing
	})
}

// remarks adds what staff must know about the outcome as a whole.
func (a *assessment) remarks() {
	if a.r.Outcome == Refused && !a.facts.MonthOneEnd.IsZero() && a.facts.Day.After(a.facts.MonthOneEnd) {
		a.note(Line{Citation: "Art. 12 Abs. 4 DSGVO", Key: "law.note.refusal_late"})
	}
	if a.r.Outcome == Refused || a.r.Outcome == Partly {
		a.note(Line{Citation: "Art. 12 Abs. 4 DSGVO", Key: "law.note.refusal_block"})
	}
	if len(a.r.Confirm) > 0 {
		a.note(Line{Citation: onFile, Key: "law.note.confirm"})
	}
	if a.r.Neutral {
		a.note(Line{Citation: "§ 12 Abs. 4 Satz 1 DSG NRW", Key: "law.note.neutral"})
	}
	if slices.ContainsFunc(a.r.Tasks, func(t Opened) bool { return t.Task == catalogue.Consultation }) {
		a.note(Line{Citation: "§ 12 Abs. 3 Satz 1 DSG NRW", Key: "law.note.consultation"})
	}
	if a.facts.Body == Municipal && slices.ContainsFunc(a.r.Limits, func(l Limit) bool { return l.Ground == "NRW-10-1-A" }) {
		a.note(Line{Citation: "§ 10 Abs. 5 ArchivG NRW", Key: "law.note.municipal_archive"})
	}
}
