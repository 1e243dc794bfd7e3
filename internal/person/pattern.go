package person

import (
	"slices"
	"strings"
)

// Likeness says how alike two values are.
type Likeness int

// The degrees.
const (
	Different Likeness = iota
	// Similar: it may be the same person, and somebody has to look. One name has
	// words that the other lacks (half of a double name, a second given name), or
	// is the same name in another script.
	Similar
	Equal // the same in another spelling
)

// Pattern compares one value with many.
type Pattern struct {
	kind     IdentifierKind
	equal    []string
	similar  []string
	contains [][]string // words of names that a longer one may hold
}

// NewPattern prepares a comparison. A value that can't be of the kind is
// ErrMalformed.
func NewPattern(kind IdentifierKind, value string) (Pattern, error) {
	n, err := Normal(kind, value)
	if err != nil {
		return Pattern{}, err
	}
	p := Pattern{kind: kind, equal: []string{n}, similar: Shorter(kind, value), contains: Longer(kind, value)}
	if kind == Name {
		p.equal = NameVariants(value)
	}
	return p, nil
}

// Compare compares with a value as some system stores it.
func (p Pattern) Compare(stored string) Likeness {
	n, err := Normal(p.kind, stored)
	switch {
	case err != nil:
		return Different
	case slices.Contains(p.equal, n):
		return Equal
	case slices.Contains(p.similar, n):
		return Similar
	case len(p.contains) > 0:
		have := strings.Fields(n)
		for _, words := range p.contains {
			if within(words, have) {
				return Similar
			}
		}
	}
	return Different
}

func within(words, have []string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return !slices.Contains(have, w) })
}

// Shorter gives the normal forms of a name that lack one or more of its words,
// two at least left, and those in another script: Erika Anna Müller-Schmidt may
// stand as Erika Müller, and Юлия as Yulia. Other kinds have none.
func Shorter(kind IdentifierKind, value string) []string {
	if kind != Name {
		return nil
	}
	var forms []string
	add := func(form string, known ...string) {
		if form != "" && !slices.Contains(forms, form) && !slices.Contains(known, form) {
			forms = append(forms, form)
		}
	}
	equal := NameVariants(value)
	for _, latin := range transliterated(value) {
		add(NormalName(Fold(latin)), equal...)
	}
	for _, form := range slices.Concat(equal, forms) {
		words := strings.Fields(form)
		if len(words) > mostWords {
			continue
		}
		for kept := range 1 << len(words) {
			var some []string
			for i, w := range words {
				if kept&(1<<i) != 0 {
					some = append(some, w)
				}
			}
			if len(some) >= 2 && len(some) < len(words) {
				add(strings.Join(some, " "), equal...)
			}
		}
	}
	return forms
}

// mostWords bounds how many shorter forms a name has.
const mostWords = 6

// Longer gives the words of a name in each of its forms, sorted: a stored name
// that holds all of them and more is similar. Other kinds have none, and so has
// a single word, which half the country may hold.
func Longer(kind IdentifierKind, value string) [][]string {
	if kind != Name {
		return nil
	}
	var all [][]string
	for _, form := range NameVariants(value) {
		if words := strings.Fields(form); len(words) >= 2 {
			all = append(all, words)
		}
	}
	return all
}
