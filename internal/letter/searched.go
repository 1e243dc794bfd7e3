package letter

import (
	"slices"
	"strconv"
	"strings"

	"einsicht/internal/disclosure"
	"einsicht/internal/law"
	"einsicht/internal/wording"
)

func (w writer) incomplete() Section {
	return Section{Incomplete, w.text("letter.searched.partial_heading"), []Block{Paragraph{w.text("letter.searched.partial_text")}}}
}

// confirmation says whether data are processed, Art. 15(1). Its last sentence
// stands in every answer, so that an answer about secret processing reads like
// any other and is still true (§ 12(2) s. 1 no. 3 DSG NRW).
func (w writer) confirmation() Section {
	key := "letter.confirmation.none"
	if len(w.shown()) > 0 {
		key = "letter.confirmation.yes"
	}
	return Section{Confirmation, w.text("letter.confirmation.heading"), []Block{
		Paragraph{w.text(key)},
		Paragraph{w.text("letter.confirmation.limits", "limits", w.limits())},
	}}
}

// limits cites what limits access under the bodies of law of all systems asked.
func (w writer) limits() string {
	var cites []string
	for _, regime := range law.Regimes {
		used := slices.ContainsFunc(w.in.Disclosed.Systems, func(s disclosure.System) bool { return s.Regime == regime })
		if used || regime == w.in.Authority.Regime {
			cites = append(cites, w.text("letter.limits."+string(regime)))
		}
	}
	return strings.Join(append(cites, w.text("letter.limits.others")), "; ")
}

// searched tells of every system what asking it came to.
func (w writer) searched() Section {
	table := Table{
		Caption: w.text("letter.searched.table"),
		Head:    []string{w.text("letter.searched.system"), w.text("letter.searched.result"), w.text("letter.searched.note")},
	}
	for _, s := range w.in.Disclosed.Systems {
		table.Rows = append(table.Rows, []string{s.In(w.in.Lang).Name, w.result(s), w.note(s)})
	}
	sec := Section{Part: Searched, Heading: w.text("letter.searched.heading")}
	if len(table.Rows) > 0 {
		sec.Blocks = []Block{Paragraph{w.text("letter.searched.intro")}, table}
	}
	return sec
}

func (w writer) result(s disclosure.System) string {
	key := "letter.searched." + string(s.Outcome)
	if s.Withheld > 0 {
		key += "_withheld"
	}
	return w.text(key, "given", strconv.Itoa(s.Given), "withheld", strconv.Itoa(s.Withheld))
}

func (w writer) note(s disclosure.System) string {
	var parts []string
	if s.Blacked > 0 {
		parts = append(parts, w.text("letter.searched.blacked", "blacked", strconv.Itoa(s.Blacked))+".")
	}
	if reason := w.reason(s); reason != "" {
		parts = append(parts, reason)
	}
	if !s.AskedAt.IsZero() {
		parts = append(parts, w.text("letter.searched.asked", "date", w.date(s.AskedAt)))
	}
	if s.Gone.Rule != "" {
		rule := strings.TrimRight(s.Gone.Rule, ". ")
		if s.Gone.Before.IsZero() {
			parts = append(parts, w.text("letter.searched.gone_all", "rule", rule))
		} else {
			parts = append(parts, w.text("letter.searched.gone", "date", w.date(s.Gone.Before), "rule", rule))
		}
	}
	return strings.Join(parts, " ")
}

// reason explains an outcome: in the words that came with it, else in the
// inventory's, else in general ones.
func (w writer) reason(s disclosure.System) string {
	switch {
	case s.Reason != "":
		return w.text(s.Reason)
	case s.Outcome == disclosure.Found || s.Outcome == disclosure.Nothing:
		return ""
	case !s.Attributable && s.Explanation != "":
		return s.In(w.in.Lang).Explanation
	}
	if key := "letter.reason." + string(s.Outcome); wording.Has(key) {
		return w.text(key)
	}
	return ""
}
