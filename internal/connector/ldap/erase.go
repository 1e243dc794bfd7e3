package ldap

import (
	"errors"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"einsicht/internal/connector"
)

// leaving is a membership that ends.
type leaving struct {
	group  string // DN
	reach  int
	values []string // by which the group names the entry
}

// erase deletes an entry, and before it what groups say of it.
func (c *changing) erase(one deed, entry *record) ([]connector.Along, error) {
	if err := c.childless(entry.DN); err != nil {
		return nil, err
	}
	memberships, err := c.memberships(one, entry)
	if err != nil {
		return nil, err
	}
	if !c.carry {
		if err := c.mayDelete(entry); err != nil {
			return nil, err
		}
		for _, l := range memberships {
			if err := c.end(l); err != nil {
				return nil, err
			}
		}
		c.gone = append(c.gone, entry.DN)
		return along(len(memberships)), nil
	}
	for i, l := range memberships {
		if err := c.end(l); err != nil {
			return nil, c.takeBack(memberships[:i], err)
		}
	}
	if err := c.remove(entry); err != nil {
		return nil, c.takeBack(memberships, err)
	}
	return along(len(memberships)), nil
}

// along counts memberships under the word that their references begin with.
func along(n int) []connector.Along {
	if n == 0 {
		return nil
	}
	return []connector.Along{{Place: "group", Count: n}}
}

// childless makes sure that nothing lies below an entry, but for what was planned.
func (c *changing) childless(dn string) error {
	r := &ldap.SearchRequest{BaseDN: dn, Scope: ldap.ScopeSingleLevel, Filter: "(objectClass=*)", Attributes: []string{"1.1"}}
	for pages := c.pages(r, "ldap.base", func(connector.Gap) {}); !pages.done; {
		children, err := pages.next()
		if err != nil {
			return err
		}
		for _, child := range children {
			if !contains(c.gone, child.DN) {
				return &refusal{state: connector.Hindered, reason: becauseChildren}
			}
		}
	}
	return nil
}

// memberships lists those that end with an entry and are no changes of their own.
func (c *changing) memberships(one deed, entry *record) ([]leaving, error) {
	var all []leaving
	for i, to := range c.d.mapping.Reach {
		named := to.named(entry)
		if len(named) == 0 {
			continue
		}
		r := &ldap.SearchRequest{BaseDN: to.Base, Scope: ldap.ScopeWholeSubtree, Filter: to.holding(named), Attributes: []string{c.d.mapping.Key}}
		for pages := c.pages(r, "ldap."+reachKey(i, "base"), func(connector.Gap) {}); !pages.done; {
			groups, err := pages.next()
			if err != nil {
				return nil, err
			}
			for _, g := range groups {
				why, planned := c.done["group/"+c.d.mapping.key(&record{Entry: g})+"/"+one.Reference]
				var said *refusal
				switch {
				case errors.As(why, &said) && said.state == connector.Denied:
					return nil, why
				case errors.As(why, &said) && said.state != connector.Missing:
					return nil, &refusal{state: connector.Hindered, reason: becauseStopped}
				case planned:
					continue // a rehearsal: it would be gone by now
				case to.Change == nil || to.Change.Erase == "":
					return nil, &refusal{state: connector.Hindered, reason: becauseMember}
				}
				l, err := c.leaving(i, g.DN, named)
				if errors.Is(err, errGone) {
					continue
				}
				if err != nil {
					return nil, err
				}
				if !slices.ContainsFunc(all, func(o leaving) bool { return o.group == l.group && slices.Equal(o.values, l.values) }) {
					all = append(all, l)
				}
			}
		}
	}
	return all, nil
}

// leave takes an entry out of a group.
func (c *changing) leave(one deed, entry, group *record) error {
	l, err := c.leaving(one.reach, group.DN, c.d.mapping.Reach[one.reach].named(entry))
	if errors.Is(err, errGone) {
		return &refusal{state: connector.Missing}
	}
	if err != nil {
		return err
	}
	return c.end(l)
}

// leaving looks which of some values a group has, and whether it may be without
// them.
func (c *changing) leaving(reach int, group string, named []string) (leaving, error) {
	to, place := c.d.mapping.Reach[reach], "ldap."+reachKey(reach, "base")
	l := leaving{group: group, reach: reach}
	for _, v := range named {
		has, err := c.holds(group, place, to.holding([]string{v}))
		if err != nil {
			return l, err
		}
		if has && !slices.Contains(c.left[strings.ToLower(group)], v) {
			l.values = append(l.values, v)
		}
	}
	if len(l.values) == 0 {
		return l, errGone
	}
	g, err := c.one(&ldap.SearchRequest{BaseDN: group, Filter: "(objectClass=*)", Attributes: []string{"objectClass", to.FilterAttribute}}, place)
	if err != nil {
		return l, err
	}
	r := &record{Entry: g}
	members := len(r.values(to.FilterAttribute)) - len(c.left[strings.ToLower(group)])
	if members == len(l.values) && c.d.classes.must(r.values("objectClass"), to.FilterAttribute) {
		return l, &refusal{state: connector.Hindered, reason: becauseLastMember}
	}
	return l, nil
}

// holds says whether a filter holds for an entry.
func (s *session) holds(dn, place, filter string) (bool, error) {
	_, err := s.one(&ldap.SearchRequest{BaseDN: dn, Filter: filter, Attributes: []string{"1.1"}}, place)
	if errors.Is(err, errGone) {
		return false, nil
	}
	return err == nil, err
}

// end ends a membership. Its value is its condition: one that is gone is no longer
// taken away.
func (c *changing) end(l leaving) error {
	to := c.d.mapping.Reach[l.reach]
	if !c.carry {
		if err := c.mayWrite(l.group, []string{to.FilterAttribute}); err != nil {
			return err
		}
		key := strings.ToLower(l.group)
		c.left[key] = append(c.left[key], l.values...)
		return nil
	}
	err := c.write(l.group, func(r *ldap.ModifyRequest) { r.Delete(to.FilterAttribute, l.values) })
	if errors.Is(err, errIncomparable) {
		return &refusal{connector.Hindered, becauseRefused}
	}
	return err
}

// takeBack restores memberships of an entry that could not be erased after all.
func (c *changing) takeBack(ended []leaving, why error) error {
	var said *refusal
	if !errors.As(why, &said) {
		return why // nobody knows how far it came
	}
	for _, l := range slices.Backward(ended) {
		to := c.d.mapping.Reach[l.reach]
		err := c.write(l.group, func(r *ldap.ModifyRequest) { r.Add(to.FilterAttribute, l.values) })
		if errors.As(err, &said) {
			return connector.Fail(connector.ErrUnreachable, "ldap."+reachKey(l.reach, "base"), "a membership could not be restored", nil)
		}
		if err != nil {
			return err
		}
	}
	return why
}
