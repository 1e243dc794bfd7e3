package ldap

import (
	"regexp"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"
)

// classes maps every name of a class of entries, in small letters, to what such an
// entry must have.
type classes map[string]class

type class struct{ above, must []string }

// usualClasses are those of a directory that keeps its schema to itself: groups that
// must not be empty (RFC 4519, 3.5 and 3.6).
var usualClasses = classes{"groupofnames": {must: []string{"member"}}, "groupofuniquenames": {must: []string{"uniqueMember"}}}

// classParts finds, in an object class description (RFC 4512, 4.1.1), the lists of
// SUP and MUST: one name, or several between brackets with dollars.
var classParts = regexp.MustCompile(`\s(SUP|MUST)\s+(?:\(([^)]*)\)|([A-Za-z0-9.;-]+))`)

func readClasses(s schema, descriptions []string) classes {
	all := classes{}
	for _, description := range descriptions {
		found := typeNames.FindStringSubmatch(description)
		if found == nil {
			continue
		}
		var c class
		for _, part := range classParts.FindAllStringSubmatch(withoutTexts(description), -1) {
			names := strings.Fields(strings.ReplaceAll(part[2]+" "+part[3], "$", " "))
			if part[1] == "SUP" {
				c.above = names
				continue
			}
			for _, name := range names {
				if canonical, known := s[strings.ToLower(name)]; known {
					name = canonical
				}
				c.must = append(c.must, name)
			}
		}
		for name := range strings.FieldsSeq(strings.ReplaceAll(found[1]+" "+found[2], "'", " ")) {
			all[strings.ToLower(name)] = c
		}
	}
	return all
}

var quotedText = regexp.MustCompile(`'[^']*'`)

// withoutTexts leaves out what a description says in words.
func withoutTexts(description string) string { return quotedText.ReplaceAllString(description, "''") }

// must says whether an entry of some classes must have an attribute.
func (c classes) must(of []string, attribute string) bool {
	seen := map[string]bool{}
	for len(of) > 0 {
		name := strings.ToLower(of[0])
		of = of[1:]
		if one, known := c[name]; known && !seen[name] {
			seen[name] = true
			if contains(one.must, bare(attribute)) {
				return true
			}
			of = append(slices.Clone(of), one.above...)
		}
	}
	return false
}

// namedBy gives the values by which an entry is named in the first part of its DN, by
// attribute.
func namedBy(dn string) map[string]string {
	parsed, err := ldap.ParseDN(dn)
	if err != nil || len(parsed.RDNs) == 0 {
		return nil
	}
	all := map[string]string{}
	for _, a := range parsed.RDNs[0].Attributes {
		all[strings.ToLower(a.Type)] = a.Value
	}
	return all
}
