package imap

import (
	"regexp"
	"slices"
	"strings"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// mostValues bounds what is taken out of one mail to be compared.
const mostValues = 5000

// reading takes out of a text what may be an identifier of the person, for
// package person to compare.
type reading struct {
	emails, phones bool
	names          [][]string // the words of each form of a name
	places         []string   // a figure that stands in the address
	figures        []string   // how telephone numbers end
}

// read prepares the reading of texts for a question.
func read(w connector.Whose) reading {
	r := reading{emails: len(w.Identifiers(person.Email)) > 0}
	for _, id := range w.Identifiers(person.Name) {
		for _, form := range person.NameVariants(id.Value.Reveal()) {
			r.names = append(r.names, strings.Fields(form))
		}
	}
	for _, id := range w.Identifiers(person.Phone) {
		if n, err := person.Normal(person.Phone, id.Value.Reveal()); err == nil {
			r.phones, r.figures = true, append(r.figures, n[len(n)-2:])
		}
	}
	for _, id := range w.Identifiers(person.Address) {
		if n, err := person.Normal(person.Address, id.Value.Reveal()); err == nil {
			r.places = append(r.places, longest(slices.DeleteFunc(strings.Fields(n), func(w string) bool { return !strings.ContainsAny(w, "0123456789") })))
		}
	}
	return r
}

// values are what a text names.
func (r reading) values(text string) connector.Values {
	v := connector.Values{}
	if r.emails {
		v[person.Email] = addressesIn(text, mostValues)
	}
	if r.phones {
		v[person.Phone] = r.phonesIn(text)
	}
	if len(r.names)+len(r.places) == 0 {
		return v
	}
	words := strings.Fields(person.Fold(text))
	v[person.Name], v[person.Address] = r.namesIn(words), r.placesIn(words)
	return v
}

var addressPattern = regexp.MustCompile(`[^\s<>()\[\],;:"'=]+(?:@|%40)[\pL0-9.-]+`)

func addressesIn(text string, most int) []string {
	found := addressPattern.FindAllString(text, most)
	for i, a := range found {
		found[i] = strings.TrimRight(a, ".-")
	}
	return found
}

var (
	figuresPattern = regexp.MustCompile(`[+(]{0,2}[0-9](?:[0-9]|[-–  ()/.])+[0-9]`)
	groupPattern   = regexp.MustCompile(`[+(]{0,2}[0-9]+`)
)

// phonesIn gives the telephone numbers of a text. Where one stands behind the
// other, any neighbouring groups of figures may be one.
func (r reading) phonesIn(text string) (phones []string) {
	for _, run := range figuresPattern.FindAllString(text, mostValues) {
		groups := groupPattern.FindAllStringIndex(run, -1)
		for i := range groups {
			for j := i; j < len(groups) && j < i+12 && len(phones) < mostValues; j++ {
				if one := run[groups[i][0]:groups[j][1]]; r.ends(one) {
					phones = append(phones, one)
				}
			}
		}
	}
	return phones
}

// ends says that a number ends as one of the person's does: only then it is
// worth reading.
func (r reading) ends(number string) bool {
	digits := strings.Map(func(c rune) rune {
		if c < '0' || c > '9' {
			return -1
		}
		return c
	}, number)
	return len(digits) > 4 && len(digits) < 18 && slices.ContainsFunc(r.figures, func(end string) bool { return strings.HasSuffix(digits, end) })
}

// namesIn gives the groups of neighbouring words that begin with a word of a
// name: up to two more than the name has, because titles may stand within.
func (r reading) namesIn(words []string) (names []string) {
	for i, w := range words {
		for _, form := range r.names {
			if !slices.Contains(form, w) {
				continue
			}
			for n := min(2, len(form)); n <= len(form)+2 && i+n <= len(words) && len(names) < mostValues; n++ {
				names = append(names, strings.Join(words[i:i+n], " "))
			}
		}
	}
	return names
}

// placesIn gives the groups of neighbouring words around a figure of an
// address.
func (r reading) placesIn(words []string) (places []string) {
	for i, w := range words {
		if !slices.Contains(r.places, w) {
			continue
		}
		for from := max(0, i-6); from <= i; from++ {
			for until := i + 1; until <= min(len(words), i+5) && len(places) < mostValues; until++ {
				places = append(places, strings.Join(words[from:until], " "))
			}
		}
	}
	return places
}
