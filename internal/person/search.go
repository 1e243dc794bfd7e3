package person

import (
	"slices"
	"strings"
	"time"
	"unicode"
)

// NameVariants gives the normal forms under which a name may stand: as German
// spelling has it (Mueller), and as written where there are no umlauts (Muller).
func NameVariants(name string) []string {
	var forms []string
	for _, table := range []map[rune]string{Foldings, withoutUmlauts} {
		if n := NormalName(fold(name, table)); n != "" && !slices.Contains(forms, n) {
			forms = append(forms, n)
		}
	}
	return forms
}

// Stored gives the forms in which a system may have stored a value, once blanks
// and punctuation are taken out of telephone numbers, text of names and
// addresses is in its normal form, and mail addresses are in small letters.
func Stored(kind IdentifierKind, value string) ([]string, error) {
	n, err := Normal(kind, value)
	if err != nil {
		return nil, err
	}
	switch kind {
	case Name:
		return NameVariants(value), nil
	case Birthdate:
		day, err := time.Parse(time.DateOnly, n)
		if err != nil {
			return nil, ErrMalformed
		}
		return []string{n, day.Format("02.01.2006"), day.Format("2.1.2006"), day.Format("20060102")}, nil
	case Phone:
		country := n[:3] // +49 and its like; longer codes only add the forms that start with them
		forms := []string{n, "00" + n[1:], n[1:]}
		if country == "+49" {
			forms = append(forms, "0"+n[3:], "+490"+n[3:], "00490"+n[3:])
		}
		return forms, nil
	}
	return []string{n}, nil
}

// SearchTokens gives the forms of a value under which staff can look it up
// again, to be kept as keyed hashes: the whole and, of names and addresses,
// each word. A malformed value is found by its folded words.
func SearchTokens(kind IdentifierKind, value string) []string {
	var tokens []string
	if n, err := Normal(kind, value); err == nil {
		tokens = append(tokens, n)
	}
	switch kind {
	case Name, DisplayName, Company:
		for _, form := range NameVariants(value) {
			tokens = append(append(tokens, form), words(form)...)
		}
	case Address:
		tokens = append(tokens, words(NormalAddress(Fold(value)))...)
	}
	if len(tokens) == 0 {
		tokens = words(Fold(value))
	}
	slices.Sort(tokens)
	return slices.Compact(tokens)
}

// words gives the words of a normal form that tell anything: two letters or
// more, or figures as long as a postal code.
func words(s string) []string {
	return slices.DeleteFunc(strings.Fields(s), func(w string) bool {
		if strings.IndexFunc(w, unicode.IsLetter) >= 0 {
			return len(w) < 2
		}
		return len(w) < 5
	})
}
