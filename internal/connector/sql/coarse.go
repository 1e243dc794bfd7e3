package sql

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/unicode/norm"

	"einsicht/internal/person"
)

// coarse gives patterns (PCRE) for a stored value: each value that means the
// same as a form of person.Stored matches all of the patterns of that form. So
// a database that can't fold as package person does gives a little too much,
// and never too little. A form without patterns can be anything.
//
// Only the letters a to z and the figures of a form stand in a pattern: those
// are what folding makes of letters; what it leaves alone (Cyrillic, say) may
// be composed of several characters where it is stored.
func coarse(kind person.IdentifierKind, form string) []string {
	switch kind {
	case person.Phone:
		return phonePattern(form)
	case person.Birthdate:
		// However a day is written, its year has four figures.
		if year := regexp.MustCompile(`[0-9]{4}`).FindString(form); year != "" {
			return []string{strings.Join(strings.Split(year, ""), " *+")}
		}
		return nil
	}
	pieces := plain.FindAllString(strings.ToLower(form), -1)
	slices.Sort(pieces)
	pieces = slices.Compact(pieces)
	// The longest tell the most, and each costs the database a look.
	slices.SortStableFunc(pieces, func(a, b string) int { return len(b) - len(a) })
	var patterns []string
	for _, p := range pieces[:min(3, len(pieces))] {
		patterns = append(patterns, spellings(p))
	}
	return patterns
}

// coarseWords gives patterns of which each name that is similar to a name matches
// one at least: the two share a word, unless one is in another script. None: it can
// be anything.
func coarseWords(name string) []string {
	var words []string
	for _, form := range person.NameVariants(name) {
		words = append(words, strings.Fields(form)...)
	}
	slices.Sort(words)
	var patterns []string
	for _, w := range slices.Compact(words) {
		pieces := plain.FindAllString(w, -1)
		if len(pieces) == 0 {
			return nil
		}
		slices.SortFunc(pieces, func(a, b string) int { return len(b) - len(a) })
		patterns = append(patterns, spellings(pieces[0]))
	}
	return patterns
}

var plain = regexp.MustCompile(`[a-z0-9]+`)

// phonePattern takes the last figures, which no prefix changes. Letters can
// stand for figures (0800 FLOWERS), and figures need not be ASCII.
func phonePattern(form string) []string {
	figures := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, form)
	n := min(6, len(figures)-3) // a country's code has three at most
	if n < 2 {
		return nil
	}
	last := strings.Join(strings.Split(figures[len(figures)-n:], ""), "[^0-9]*+")
	return []string{last + `|[^\x{01}-\x{7f}]|(?:[A-Za-z][^A-Za-z]*+){3}`}
}

// spellings writes a piece of a form with everything each letter may have been.
func spellings(piece string) string {
	t := letters()
	var b strings.Builder
	for i := range len(piece) {
		if i > 0 {
			b.WriteString(t.between)
		}
		b.WriteString(t.class[piece[i]])
		if i > 0 && t.pairs[piece[i-1:i+1]] {
			b.WriteByte('?') // ü stands for u and e
		}
	}
	return b.String()
}

type alphabet struct {
	class   [256]string     // by letter of a form: all that may have become it
	pairs   map[string]bool // what one letter becomes two of
	between string          // what may stand between letters and vanishes
}

// letters turns the folding of package person round.
var letters = sync.OnceValue(func() alphabet {
	t := alphabet{pairs: map[string]bool{}}
	var sets [256]strings.Builder
	for c := byte('a'); c <= 'z'; c++ {
		sets[c].WriteByte(c)
		sets[c].WriteByte(c - 'a' + 'A')
	}
	for c := byte('0'); c <= '9'; c++ {
		sets[c].WriteByte(c)
	}
	add := func(r rune, to string) {
		for i := range len(to) {
			if c := to[i]; c < 0x80 {
				sets[c].WriteRune(r)
			}
		}
		if len(to) == 2 {
			t.pairs[to] = true
		}
	}
	for _, r := range slices.Sorted(maps.Keys(person.Foldings)) {
		add(r, person.Foldings[r])
	}
	// Characters that are the same as others (Kelvin, Ångström), and letters
	// that turn into ASCII by case alone.
	for r := rune(0x80); r <= 0xffff; r++ {
		if same := norm.NFC.String(string(r)); same != string(r) {
			add(r, person.Fold(same))
		} else if _, known := person.Foldings[r]; !known {
			add(r, ascii(strings.ToLower(string(r)))+ascii(strings.ToUpper(string(r))))
		}
	}
	for c, set := range sets {
		if set.Len() > 0 {
			t.class[c] = "[" + set.String() + "]"
		}
	}
	var gap strings.Builder
	for _, r := range person.Separators + person.Dropped + "\u1fef\u037e\u0340\u0341\u0343\u0344\u0374" {
		if r < 0x80 && r > ' ' {
			gap.WriteByte('\\')
		}
		if r < 0x300 || r > 0x36f {
			gap.WriteRune(r)
		}
	}
	t.between = "[" + gap.String() + `\x{300}-\x{36f}]*+`
	return t
})

// ascii gives a text in small letters if it is nothing but ASCII letters.
func ascii(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 }) {
		return ""
	}
	return strings.ToLower(s)
}
