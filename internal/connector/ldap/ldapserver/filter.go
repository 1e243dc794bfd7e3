package ldapserver

import (
	"slices"
	"strings"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
	"github.com/google/uuid"
)

// operational are attributes that a directory keeps for itself: "+" asks for
// them, "*" does not (RFC 3673).
var operational = []string{
	"entryUUID", "entryCSN", "entryDN", "createTimestamp", "modifyTimestamp", "creatorsName", "modifiersName", "structuralObjectClass",
	"subschemaSubentry", "hasSubordinates", "pwdChangedTime", "pwdHistory", "pwdFailureTime", "pwdLastSuccess", "authTimestamp", "memberOf",
}

func isOperational(name string) bool {
	return slices.ContainsFunc(operational, func(s string) bool { return strings.EqualFold(s, name) })
}

// selection says which attributes a request asks for.
func selection(list *ber.Packet) func(name string) bool {
	var names []string
	for _, p := range list.Children {
		names = append(names, text(p))
	}
	if len(names) == 0 {
		names = []string{"*"}
	}
	wanted := map[string]bool{}
	return func(name string) bool {
		is, known := wanted[name]
		if !known {
			bare, _, _ := strings.Cut(name, ";")
			is = slices.ContainsFunc(names, func(n string) bool {
				return strings.EqualFold(n, name) || strings.EqualFold(n, bare) || n == "*" && !isOperational(bare) || n == "+" && isOperational(bare)
			})
			wanted[name] = is
		}
		return is
	}
}

// holds evaluates a filter (RFC 4511, 4.5.1.7). What is not understood holds
// for nobody.
func holds(f *ber.Packet, e Entry) bool {
	switch f.Tag {
	case ldap.FilterAnd:
		return !slices.ContainsFunc(f.Children, func(c *ber.Packet) bool { return !holds(c, e) })
	case ldap.FilterOr:
		return slices.ContainsFunc(f.Children, func(c *ber.Packet) bool { return holds(c, e) })
	case ldap.FilterNot:
		return len(f.Children) == 1 && !holds(f.Children[0], e)
	case ldap.FilterPresent:
		return len(values(e, text(f))) > 0
	case ldap.FilterEqualityMatch:
		if len(f.Children) != 2 {
			return false
		}
		want := prepared(text(f.Children[1]))
		return slices.ContainsFunc(values(e, text(f.Children[0])), func(v string) bool { return prepared(v) == want })
	case ldap.FilterSubstrings:
		if len(f.Children) != 2 {
			return false
		}
		return slices.ContainsFunc(values(e, text(f.Children[0])), func(v string) bool { return holdsParts(f.Children[1].Children, prepared(v)) })
	}
	return false
}

func holdsParts(parts []*ber.Packet, v string) bool {
	for _, p := range parts {
		part := strings.ToLower(text(p))
		switch p.Tag {
		case ldap.FilterSubstringsInitial:
			if !strings.HasPrefix(v, part) {
				return false
			}
			v = v[len(part):]
		case ldap.FilterSubstringsAny:
			i := strings.Index(v, part)
			if i < 0 {
				return false
			}
			v = v[i+len(part):]
		case ldap.FilterSubstringsFinal:
			if !strings.HasSuffix(v, part) {
				return false
			}
		}
	}
	return true
}

func values(e Entry, name string) []string {
	if v, ok := e.Attributes[name]; ok {
		return v
	}
	var all []string
	for n, v := range e.Attributes {
		if bare, _, _ := strings.Cut(n, ";"); strings.EqualFold(n, name) || strings.EqualFold(bare, name) {
			all = append(all, v...)
		}
	}
	switch {
	case len(all) > 0:
	case strings.EqualFold(name, "objectClass"):
		return []string{"top"} // every entry has one
	case strings.EqualFold(name, entryUUID):
		return []string{uuid.NewSHA1(uuid.NameSpaceX500, []byte(strings.ToLower(e.DN))).String()}
	}
	return all
}

const entryUUID = "entryUUID"

// prepared is a value as most attributes compare: without regard to case and to
// blanks at the ends.
func prepared(s string) string { return strings.ToLower(strings.TrimSpace(s)) }
