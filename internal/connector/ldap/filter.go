package ldap

import (
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// filter asks for the entries that may be the person's: rather too many than
// too few, since what is compared is compared here. Every value is escaped
// (RFC 4515, 3), so that none can end the filter it stands in.
func (m *mapping) filter(sets []connector.Set) string {
	var alternatives []string
	for _, s := range sets {
		var parts []string
		for _, id := range s.IDs {
			parts = append(parts, m.holding(id.Kind, id.Value.Reveal(), s.Similar()))
		}
		if f := all("&", parts); !slices.Contains(alternatives, f) {
			alternatives = append(alternatives, f)
		}
	}
	f := all("|", alternatives)
	if m.Filter != "" {
		f = "(&" + m.Filter + f + ")"
	}
	return f
}

func all(operator string, parts []string) string {
	slices.Sort(parts)
	if parts = slices.Compact(parts); len(parts) == 1 {
		return parts[0]
	}
	return "(" + operator + strings.Join(parts, "") + ")"
}

// holding is a filter for entries of which one of the attributes of a kind may
// hold a value, or a similar one.
func (m *mapping) holding(kind person.IdentifierKind, value string, similar bool) string {
	var alternatives []string
	for _, j := range m.match[kind] {
		if len(j) == 1 {
			alternatives = append(alternatives, may(kind, value, j, similar))
			continue
		}
		var present []string
		for _, name := range j {
			present = append(present, "("+name+"=*)")
		}
		if kind == person.Name {
			// Which word stands in which attribute is not known.
			present = append(present, may(kind, value, j, similar))
			alternatives = append(alternatives, all("&", slices.DeleteFunc(present, func(f string) bool { return f == "" })))
			continue
		}
		alternatives = append(alternatives, all("|", present))
	}
	return all("|", alternatives)
}

// may is a filter for what a value may look like in a directory.
func may(kind person.IdentifierKind, value string, names []string, similar bool) string {
	name := names[0]
	normal, err := person.Normal(kind, value)
	if err != nil {
		return "(" + name + "=*)" // never: sets hold no malformed values
	}
	switch kind {
	case person.Email:
		// A tag after + may stand in between, or a %40.
		local, domain, _ := strings.Cut(normal, "@")
		return "(" + name + "=*" + ldap.EscapeFilter(local) + "*" + ldap.EscapeFilter(domain) + "*)"
	case person.Phone:
		return "(" + name + "=" + sparse(national(normal)) + ")"
	case person.IBAN:
		return "(" + name + "=" + sparse(normal) + ")"
	case person.Name:
		return mayBeNamed(normal, names, similar)
	case person.Account, person.PersonnelNumber, person.Handle, person.FileNumber, person.ConferenceID, person.SessionID, person.VisitorID:
		return all("|", []string{"(" + name + "=" + ldap.EscapeFilter(normal) + ")", "(" + name + "=" + ldap.EscapeFilter(strings.TrimSpace(value)) + ")"})
	}
	// Days, postal addresses, companies and keys have too many spellings.
	return "(" + name + "=*)"
}

// sparse lets anything stand between the characters of a value.
func sparse(s string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteString("*" + ldap.EscapeFilter(string(r)))
	}
	return b.String() + "*"
}

// national gives the figures that every spelling of a number shares: those
// after the country's code, which nobody writes at home.
func national(e164 string) string {
	if n, german := strings.CutPrefix(e164, "+49"); german {
		return n
	}
	return e164[max(1, len(e164)-6):]
}

// mayBeNamed asks for each word of a name in one of the attributes. Of a similar
// name, which may lack words of this one, it asks for any two (person.Shorter).
func mayBeNamed(normal string, names []string, similar bool) string {
	var words []string // a filter for each
	nameless := 0      // words of which nothing can be asked for, so that any may stand there
	for w := range strings.FieldsSeq(normal) {
		bones := skeleton(w)
		if bones == "" {
			nameless++
			continue
		}
		var anywhere []string
		for _, n := range names {
			anywhere = append(anywhere, "("+n+"="+sparse(bones)+")")
		}
		words = append(words, all("|", anywhere))
	}
	switch {
	case len(words) == 0, similar && nameless > 1:
	case !similar:
		return all("&", words)
	case nameless == 1:
		return all("|", words)
	default:
		return all("|", pairs(words))
	}
	if len(names) > 1 {
		return ""
	}
	return "(" + names[0] + "=*)"
}

// pairs joins any two filters; one alone stays as it is.
func pairs(filters []string) (any []string) {
	if len(filters) < 2 {
		return filters
	}
	for i, a := range filters {
		for _, b := range filters[i+1:] {
			any = append(any, all("&", []string{a, b}))
		}
	}
	return any
}

// skeleton keeps the letters of a folded word that no accent changes in the
// languages of Europe and in Vietnamese: a directory compares letter by letter,
// and a name that stands there as Çelik is asked for as Celik. Often nothing is
// left; then the names of all entries are compared here.
func skeleton(word string) string {
	return strings.Map(func(r rune) rune {
		if accented[r] || r > 0x7f {
			return -1
		}
		return r
	}, word)
}

// accented are the letters to which letters with accents fold. Those of the
// block U+1E00 to U+1E9F are left out: they belong to transliterations, and to
// Irish as it was written a hundred years ago.
var accented = func() map[rune]bool {
	letters := map[rune]bool{}
	for from, to := range person.Foldings {
		if from >= 0x80 && from < 0x250 || from >= 0x1e9e && from <= 0x1eff {
			for _, r := range to {
				letters[r] = true
			}
		}
	}
	return letters
}()
