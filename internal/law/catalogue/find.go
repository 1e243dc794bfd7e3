package catalogue

import (
	"slices"
	"strings"
	"unicode"

	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
)

// Absent is a ground that people look for, often from the BDSG, and that is no
// law here.
type Absent struct {
	ID       string       `yaml:"id"`
	Regimes  []law.Regime `yaml:"regimes"` // where it does not exist; none: nowhere
	Rights   []law.Right  `yaml:"rights"`
	Citation string       `yaml:"citation"` // where it is copied from; empty: from practice
	Words    []string     `yaml:"words"`    // by which people look for it; each one is enough
	Title    Sentence     `yaml:"title"`
	Reason   Sentence     `yaml:"reason"`
	Instead  Sentence     `yaml:"instead"`
}

// Refusal is the answer to somebody who looks for a ground that can't be used.
type Refusal struct {
	ID       string
	Citation string
	Title    Sentence
	Regimes  []law.Regime
	Reason   Sentence
	Instead  Sentence
}

// Found is what a search brings up: grounds that can be used, and refusals of
// those that can't.
type Found struct {
	Grounds  []Ground
	Refusals []Refusal
}

// Find looks for a ground by id, citation or words ("nur wegen
// Aufbewahrungspflicht").
func (e Edition) Find(query string) Found {
	var found Found
	q := fold(query)
	if q == "" {
		return found
	}
	for _, g := range e.grounds {
		if !hit(q, g.ID, g.Citation, g.Title.DE, g.Title.EN) {
			continue
		}
		if g.Usable() {
			found.Grounds = append(found.Grounds, g)
		} else {
			found.Refusals = append(found.Refusals, Refusal{g.ID, g.Citation, g.Title, g.Regimes, g.Unusable, g.Replacement})
		}
	}
	for _, a := range e.absent {
		if hit(q, slices.Concat([]string{a.ID, a.Citation, a.Title.DE, a.Title.EN}, a.Words)...) {
			found.Refusals = append(found.Refusals, Refusal{a.ID, a.Citation, a.Title, a.Regimes, a.Reason, a.Instead})
		}
	}
	return found
}

// NotAvailable lists what people look for in vain against a right in a Land
// under a regime; without a regime under every regime of the Land.
func (e Edition) NotAvailable(right law.Right, land calendar.Land, regime law.Regime) []Absent {
	under := regimesOf[land]
	if regime != "" {
		under = []law.Regime{regime}
	}
	var list []Absent
	for _, a := range e.absent {
		here := len(a.Regimes) == 0 || slices.ContainsFunc(a.Regimes, func(r law.Regime) bool { return slices.Contains(under, r) })
		if here && slices.Contains(a.Rights, right) {
			list = append(list, a)
		}
	}
	return list
}

var regimesOf = map[calendar.Land][]law.Regime{
	calendar.NW: {law.DSGNRW, law.BDSGNonPublic},
	calendar.NI: {law.NDSG},
}

// hit says whether a text holds all words of the query, or the query all words
// of a text: people write too little or whole sentences.
func hit(query string, texts ...string) bool {
	for _, t := range texts {
		if t = fold(t); t != "" && (holds(t, query) || strings.Contains(" "+query+" ", " "+t+" ")) {
			return true
		}
	}
	return false
}

func holds(text, words string) bool {
	have := strings.Fields(text)
	for _, w := range strings.Fields(words) {
		if !slices.ContainsFunc(have, func(h string) bool { return h == w || len(w) >= 5 && strings.HasPrefix(h, w) }) {
			return false
		}
	}
	return true
}

// fold writes a text in small letters and digits, one blank between words.
func fold(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '§' }), " ")
}
