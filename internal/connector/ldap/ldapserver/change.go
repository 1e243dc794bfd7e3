package ldapserver

import (
	"maps"
	"slices"
	"strings"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// assertion is the control that names a condition of a change (RFC 4528).
const assertion = "1.3.6.1.1.12"

// change exchanges one entry, or takes it away if f gives none.
func (cl *client) change(dn string, controls []*ber.Packet, f func(*set, Entry) (*Entry, uint16)) uint16 {
	cl.writing.Lock()
	defer cl.writing.Unlock()
	held, ok := (*cl.held.Load()).(*set)
	if !ok {
		return ldap.LDAPResultUnwillingToPerform // made up
	}
	at, there := held.Find(strings.ToLower(dn))
	switch {
	case !there:
		return ldap.LDAPResultNoSuchObject
	case !cl.writes:
		return ldap.LDAPResultInsufficientAccessRights
	case !meets(controls, held.Entry(at)):
		return ldap.LDAPResultAssertionFailed
	}
	changed, result := f(held, held.Entry(at))
	if result != ldap.LDAPResultSuccess {
		return result
	}
	next := &set{entries: slices.Clone(held.entries), places: maps.Clone(held.places)}
	if changed != nil {
		next.entries[at] = *changed
	} else { // its place stays, since cookies of pages name places
		next.entries[at] = Entry{}
		delete(next.places, strings.ToLower(dn))
	}
	var entries Entries = next
	cl.held.Store(&entries)
	return ldap.LDAPResultSuccess
}

// meets says whether an entry is as the condition says, if there is one.
func meets(controls []*ber.Packet, e Entry) bool {
	for _, list := range controls {
		for _, c := range list.Children {
			if len(c.Children) < 2 || text(c.Children[0]) != assertion {
				continue
			}
			filter, err := ber.DecodePacketErr(c.Children[len(c.Children)-1].Data.Bytes())
			if err != nil || !holds(filter, e) {
				return false
			}
		}
	}
	return true
}

// remove answers a delete request (RFC 4511, 4.8).
func (cl *client) remove(dn string, controls []*ber.Packet) uint16 {
	return cl.change(dn, controls, func(held *set, e Entry) (*Entry, uint16) {
		if slices.ContainsFunc(held.entries, func(other Entry) bool { return parent(strings.ToLower(other.DN)) == strings.ToLower(dn) }) {
			return nil, ldap.LDAPResultNotAllowedOnNonLeaf
		}
		return nil, ldap.LDAPResultSuccess
	})
}

// modify answers a modify request (4.6): all of it or nothing.
func (cl *client) modify(op *ber.Packet, controls []*ber.Packet) uint16 {
	if len(op.Children) != 2 {
		return ldap.LDAPResultProtocolError
	}
	return cl.change(text(op.Children[0]), controls, func(_ *set, e Entry) (*Entry, uint16) {
		next := Entry{DN: e.DN, Attributes: maps.Clone(e.Attributes)}
		for _, c := range op.Children[1].Children {
			if result := next.apply(c); result != ldap.LDAPResultSuccess {
				return nil, result
			}
		}
		if groups := next.Attributes["objectClass"]; slices.Contains(groups, "groupOfNames") && len(values(next, "member")) == 0 {
			return nil, ldap.LDAPResultObjectClassViolation
		}
		if _, noted := next.Attributes["modifyTimestamp"]; noted {
			next.Attributes["modifyTimestamp"] = []string{time.Now().UTC().Format("20060102150405Z")}
		}
		return &next, ldap.LDAPResultSuccess
	})
}

// apply makes one change of a request.
func (e *Entry) apply(c *ber.Packet) uint16 {
	if len(c.Children) != 2 || len(c.Children[1].Children) != 2 {
		return ldap.LDAPResultProtocolError
	}
	how, _ := c.Children[0].Value.(int64)
	name := text(c.Children[1].Children[0])
	for n := range e.Attributes {
		if strings.EqualFold(n, name) {
			name = n
		}
	}
	var given []string
	for _, v := range c.Children[1].Children[1].Children {
		given = append(given, text(v))
	}
	has := func(list []string, v string) bool {
		return slices.ContainsFunc(list, func(o string) bool { return prepared(o) == prepared(v) })
	}
	held := e.Attributes[name]
	switch how {
	case ldap.ReplaceAttribute:
		held = given
	case ldap.AddAttribute:
		if slices.ContainsFunc(given, func(v string) bool { return has(held, v) }) {
			return ldap.LDAPResultAttributeOrValueExists
		}
		held = slices.Concat(held, given)
	case ldap.DeleteAttribute:
		if len(held) == 0 || slices.ContainsFunc(given, func(v string) bool { return !has(held, v) }) {
			return ldap.LDAPResultNoSuchAttribute
		}
		held = slices.DeleteFunc(slices.Clone(held), func(v string) bool { return len(given) == 0 || has(given, v) })
	default:
		return ldap.LDAPResultUnwillingToPerform
	}
	if e.Attributes[name] = held; len(held) == 0 {
		delete(e.Attributes, name)
	}
	return ldap.LDAPResultSuccess
}

// Put adds entries, or exchanges those of the same names, as an administrator does.
func (s *Server) Put(entries ...Entry) {
	s.writing.Lock()
	defer s.writing.Unlock()
	held, _ := (*s.held.Load()).(*set)
	all := slices.DeleteFunc(held.All(), func(e Entry) bool {
		return slices.ContainsFunc(entries, func(n Entry) bool { return strings.EqualFold(n.DN, e.DN) })
	})
	var next Entries = newSet(append(all, entries...))
	s.held.Store(&next)
}

// All lists what the directory holds; nothing of what is made up.
func (s *Server) All() []Entry {
	held, _ := (*s.held.Load()).(*set)
	return held.All()
}

// All gives the entries; none is made up.
func (s *set) All() []Entry {
	if s == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(s.entries), func(e Entry) bool { return e.DN == "" })
}
