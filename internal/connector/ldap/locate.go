package ldap

import (
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"einsicht/internal/connector"
)

// target is where a record stands.
type target struct {
	entry string // DN
	group string // DN; empty: the record is the entry itself
	reach int
	// ambiguous: the reference names several entries.
	ambiguous bool
}

// Read gives single records.
func (d *directory) Read(ctx context.Context, references []string) (map[string]connector.Finding, error) {
	s, err := d.dial(ctx)
	if err != nil {
		return nil, err
	}
	defer s.close()
	c := &changing{walk: &walk{session: s, d: d}}
	found := map[string]connector.Finding{}
	for _, reference := range references {
		t, err := c.locate(reference)
		var entry, group *record
		if err == nil {
			entry, group, err = c.both(t)
		}
		switch {
		case errors.Is(err, errGone):
		case err != nil:
			return nil, err
		default:
			found[reference] = c.record(t, entry, group)
		}
	}
	return found, nil
}

// References gives those of all entries, each with its groups. Two connections ask,
// since OpenLDAP takes one paged question at a time on each.
func (d *directory) References(ctx context.Context, yield func(reference string) error) error {
	list, err := d.dial(ctx)
	if err != nil {
		return err
	}
	defer list.close()
	s, err := d.dial(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	m := &d.mapping
	attributes := []string{m.Key}
	for _, r := range m.Reach {
		if r.Value != "" {
			attributes = append(attributes, r.Value)
		}
	}
	var missed error // what could not be listed may have come back, too
	gap := func(connector.Gap) {
		missed = connector.Fail(connector.ErrBroken, "ldap.base", "the directory listed a part only", nil)
	}
	for pages := list.pages(&ldap.SearchRequest{BaseDN: m.Base, Scope: m.scope, Filter: orAll(m.Filter), Attributes: attributes}, "ldap.base", gap); !pages.done; {
		entries, err := pages.next()
		if err != nil {
			return err
		}
		for _, e := range entries {
			if err := d.referencesOf(s, &record{Entry: e}, gap, yield); err != nil {
				return err
			}
		}
	}
	return missed
}

// referencesOf gives the memberships of an entry before itself: who erases some at a
// time finds none that went with it.
func (d *directory) referencesOf(s *session, entry *record, gap func(connector.Gap), yield func(string) error) error {
	own := "entry/" + d.mapping.key(entry)
	var said []string
	for i, r := range d.mapping.Reach {
		named := r.named(entry)
		if r.Change == nil || len(named) == 0 {
			continue
		}
		for pages := s.pages(&ldap.SearchRequest{BaseDN: r.Base, Scope: ldap.ScopeWholeSubtree, Filter: r.holding(named), Attributes: []string{d.mapping.Key}}, "ldap."+reachKey(i, "base"), gap); !pages.done; {
			groups, err := pages.next()
			if err != nil {
				return err
			}
			for _, g := range groups {
				reference := "group/" + d.mapping.key(&record{Entry: g}) + "/" + own
				if slices.Contains(said, reference) {
					continue
				}
				said = append(said, reference)
				if err := yield(reference); err != nil {
					return err
				}
			}
		}
	}
	if d.mapping.Change == nil {
		return nil
	}
	return yield(own)
}

func orAll(filter string) string {
	if filter == "" {
		return "(objectClass=*)"
	}
	return filter
}

// locate finds where a record stands; errGone: there is none.
func (c *changing) locate(reference string) (target, error) {
	m := &c.d.mapping
	if key, ok := strings.CutPrefix(reference, "entry/"); ok {
		dns, err := c.named(m.Base, m.scope, m.Filter, key, "ldap.base")
		if err != nil {
			return target{}, err
		}
		return target{entry: dns[0], ambiguous: len(dns) > 1}, nil
	}
	group, key, ok := strings.Cut(strings.TrimPrefix(reference, "group/"), "/entry/")
	if !ok || !strings.HasPrefix(reference, "group/") {
		return target{}, errGone
	}
	t, err := c.locate("entry/" + key)
	if err != nil {
		return t, err
	}
	entry, err := c.one(&ldap.SearchRequest{BaseDN: t.entry, Filter: "(objectClass=*)", Attributes: append(m.matched(), m.values()...)}, "ldap.base")
	if err != nil {
		return t, err
	}
	for i, r := range m.Reach {
		named := r.named(&record{Entry: entry})
		if len(named) == 0 {
			continue
		}
		dns, err := c.named(r.Base, ldap.ScopeWholeSubtree, r.holding(named), group, "ldap."+reachKey(i, "base"))
		if errors.Is(err, errGone) {
			continue
		}
		if err != nil {
			return t, err
		}
		t.group, t.reach, t.ambiguous = dns[0], i, t.ambiguous || len(dns) > 1
		return t, nil
	}
	return t, errGone
}

// values lists the attributes by which groups name an entry.
func (m *mapping) values() []string {
	var names []string
	for _, r := range m.Reach {
		if r.Value != "" {
			names = append(names, r.Value)
		}
	}
	return names
}

// named finds the entries of a key, as mapping.key writes it.
func (c *changing) named(base string, scope int, filter, key, place string) ([]string, error) {
	m := &c.d.mapping
	r := &ldap.SearchRequest{BaseDN: base, Scope: scope, Attributes: []string{m.Key}}
	by := "(" + m.Key + "=" + ldap.EscapeFilter(key) + ")"
	if dn, ok := strings.CutPrefix(key, "dn:"); ok {
		if !isBelow(dn, base) {
			return nil, errGone
		}
		r.BaseDN, r.Scope, by = dn, ldap.ScopeBaseObject, "(objectClass=*)"
	} else if raw, err := hex.DecodeString(key); err == nil && len(raw) > 0 {
		by = "(|" + by + "(" + m.Key + "=" + ldap.EscapeFilter(string(raw)) + "))"
	}
	r.Filter = "(&" + orAll(filter) + by + ")"
	var dns []string
	var f *connector.Failure
	for pages := c.pages(r, place, func(connector.Gap) {}); !pages.done; {
		entries, err := pages.next()
		if errors.As(err, &f) && f.Code == code(ldap.LDAPResultNoSuchObject) {
			return nil, errGone
		}
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if m.key(&record{Entry: e}) == key {
				dns = append(dns, e.DN)
			}
		}
	}
	if len(dns) == 0 {
		return nil, errGone
	}
	return dns, nil
}

// both reads the entry and, of a membership, the group without its members.
func (c *changing) both(t target) (entry, group *record, err error) {
	if entry, err = c.session.read(t.entry, "ldap.base", func(string) bool { return false }); err != nil || t.group == "" {
		return entry, nil, err
	}
	to := c.d.mapping.Reach[t.reach]
	group, err = c.session.read(t.group, "ldap."+reachKey(t.reach, "base"), to.names)
	return entry, group, err
}

// record is what Find makes of it.
func (c *changing) record(t target, entry, group *record) connector.Finding {
	f := c.finding(entry, nil, connector.Check)
	if t.group != "" {
		to := c.d.mapping.Reach[t.reach]
		f = c.membership(to, group, to.named(entry)[0], f.Reference)
	}
	f.Confidence = ""
	return f
}
