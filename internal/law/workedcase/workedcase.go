// Package workedcase reads worked cases: invented cases in German sentences with
// the outcome a lawyer expects, and compares it with what the program finds.
//
// A file holds several cases, each under a line "-- name --" (the txtar format).
// docs/law.md shows how one is written. An authority can keep its own and run
// them with "einsicht law check".
package workedcase

import (
	"fmt"
	"slices"
	"strings"

	"einsicht/internal/law/assess"
	"einsicht/internal/law/catalogue"
	"einsicht/internal/wording"
)

// Case is one worked case.
type Case struct {
	Name  string // "es fehlt: necessary"
	Line  int    // where it begins
	Story string // what happened, for the reader
	Facts assess.Facts
	Want  Want
}

// Want is what the case expects. Outcome and Holds are compared in full, the
// rest as far as the case says something about it.
type Want struct {
	Outcome  assess.Outcome
	Holds    []string            // grounds that limit the right
	Fails    map[string][]string // ground: exactly these conditions are answered no
	Foreign  []string
	Unusable []string
	Silent   []string // grounds of which the reasons may be withheld
	Says     []Said
}

// Said is a part of a German sentence that must occur, or must not, and where.
type Said struct {
	Where, Text string
	Not         bool
}

// Where a sentence can be expected.
const (
	inDue     = "Zu tun"
	inInstead = "Stattdessen"
	inFile    = "Aktenkundig"
	inNotes   = "Hinweis"
	inAsked   = "Zu fragen"
)

// Check assesses the case under the law of its day and says, in English, what
// differs; nothing if all is as expected.
func (c Case) Check(book catalogue.Book) []string {
	r := assess.Assess(book.On(c.Facts.Day), c.Facts)
	var wrong []string
	differs := func(what string, got, want any) {
		if fmt.Sprint(got) != fmt.Sprint(want) {
			wrong = append(wrong, fmt.Sprintf("%s: got %v, want %v", what, got, want))
		}
	}
	differs("outcome", r.Outcome, c.Want.Outcome)
	var holds, silent []string
	for _, l := range r.Limits {
		holds = append(holds, l.Ground)
		if l.ReasonsWithheld {
			silent = append(silent, l.Ground)
		}
	}
	differs("grounds that limit", sorted(holds), sorted(c.Want.Holds))
	differs("reasons withheld", sorted(silent), sorted(c.Want.Silent))
	for ground, failed := range c.Want.Fails {
		differs(ground+" fails on", failedOn(r, ground), failed)
	}
	differs("no law here", standing(r, assess.Foreign), sorted(c.Want.Foreign))
	differs("unusable", standing(r, assess.Unusable), sorted(c.Want.Unusable))
	for _, s := range c.Want.Says {
		said := slices.ContainsFunc(sentences(r, s.Where), func(text string) bool { return strings.Contains(text, s.Text) })
		switch {
		case s.Not && said:
			wrong = append(wrong, fmt.Sprintf("%s: something says %q", s.Where, s.Text))
		case !s.Not && !said:
			wrong = append(wrong, fmt.Sprintf("%s: nothing says %q", s.Where, s.Text))
		}
	}
	return wrong
}

// failedOn lists the conditions of a ground that are answered no, and those
// still open with a question mark.
func failedOn(r assess.Result, ground string) []string {
	var failed []string
	for _, c := range r.Checks {
		if c.Ground == ground {
			failed = append(failed, c.Failed...)
			for _, m := range c.Missing {
				failed = append(failed, m+"?")
			}
		}
	}
	return failed
}

func standing(r assess.Result, s assess.Standing) []string {
	var at []string
	for _, c := range r.Checks {
		if c.Standing == s {
			at = append(at, c.Ground)
		}
	}
	return sorted(at)
}

func sentences(r assess.Result, where string) []string {
	lines := map[string][]assess.Line{inDue: r.Due, inInstead: r.Instead, inFile: r.OnFile, inNotes: r.Notes, inAsked: r.AskPerson}[where]
	var all []string
	for _, l := range lines {
		all = append(all, l.Text(wording.German)+" ("+l.Citation+")")
	}
	if where == inAsked {
		for _, q := range r.AskStaff {
			all = append(all, q.Text.DE)
		}
	}
	return all
}

func sorted(s []string) []string {
	s = slices.Clone(s)
	slices.Sort(s)
	return slices.Compact(s)
}
