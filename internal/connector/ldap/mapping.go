package ldap

import (
	"fmt"
	"maps"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// mapping is the part "ldap" of a connection file; docs/connectors/ldap.md
// explains it.
type mapping struct {
	URL        string               `yaml:"url"`
	StartTLS   bool                 `yaml:"start_tls"`
	CA         string               `yaml:"ca"`
	BindDN     string               `yaml:"bind_dn"`
	Base       string               `yaml:"base"`
	Scope      string               `yaml:"scope"`
	Filter     string               `yaml:"filter"`
	Key        string               `yaml:"key"`
	At         string               `yaml:"at"`
	Label      string               `yaml:"label"`
	Category   string               `yaml:"category"`
	Match      map[string][]string  `yaml:"match"`
	Attributes map[string]attribute `yaml:"attributes"`
	Withhold   []string             `yaml:"withhold"`
	Reach      []reach              `yaml:"reach"`
	// ChangeBindDN is the account that changes what Change says; none: nobody does.
	ChangeBindDN string  `yaml:"change_bind_dn"`
	Change       *change `yaml:"change"`

	host      string // with port
	encrypted bool   // from the start
	scope     int
	match     map[person.IdentifierKind][]joined
}

// joined are attributes whose values, joined by blanks, are one value.
type joined []string

type attribute struct {
	Label      string `yaml:"label"`
	Category   string `yaml:"category"`
	ThirdParty bool   `yaml:"third_party"`
}

// reach says where groups lie that name an entry, and by which attribute.
type reach struct {
	Base            string `yaml:"base"`
	FilterAttribute string `yaml:"filter_attribute"`
	// Value is the attribute of the entry that groups name; empty: its DN.
	Value string `yaml:"value"`
	Label string `yaml:"label"`
	// Change says what may become of being in such a group.
	Change *change `yaml:"change"`
}

var scopes = map[string]int{"": ldap.ScopeWholeSubtree, "sub": ldap.ScopeWholeSubtree, "one": ldap.ScopeSingleLevel, "base": ldap.ScopeBaseObject}

// unsearchable are kinds that no attribute holds.
var unsearchable = []person.IdentifierKind{person.IPTime}

func readMapping(c connector.Connection) (mapping, error) {
	var m mapping
	if err := c.Decode(&m); err != nil {
		return m, err
	}
	if err := m.checkPlace(c); err != nil {
		return m, err
	}
	if m.Key == "" {
		m.Key = "entryUUID"
	}
	if m.At == "" {
		m.At = "modifyTimestamp"
	}
	for key, name := range map[string]string{"key": m.Key, "at": m.At} {
		if !isAttribute(name) {
			return m, c.Wrong(key, "must be the name of an attribute")
		}
	}
	for i, name := range m.Withhold {
		if !isAttribute(name) {
			return m, c.Wrong(fmt.Sprintf("withhold.%d", i), "must be the name of an attribute")
		}
	}
	if m.isSecret(m.Key) {
		return m, c.Wrong("key", "can't be withheld: it names the record")
	}
	for _, name := range slices.Sorted(maps.Keys(m.Attributes)) {
		if !isAttribute(name) {
			return m, c.Wrong("attributes."+name, "must be the name of an attribute")
		}
	}
	if err := m.checkMatch(c); err != nil {
		return m, err
	}
	if err := m.checkReach(c); err != nil {
		return m, err
	}
	return m, m.checkChange(c)
}

func (m *mapping) checkPlace(c connector.Connection) error {
	u, err := url.Parse(m.URL)
	if err != nil || u.Hostname() == "" || u.Scheme != "ldap" && u.Scheme != "ldaps" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		return c.Wrong("url", "must be ldaps://host or ldap://host, with a port if need be and nothing else")
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"ldap": ldap.DefaultLdapPort, "ldaps": ldap.DefaultLdapsPort}[u.Scheme]
	}
	m.host = net.JoinHostPort(u.Hostname(), port)
	m.encrypted = u.Scheme == "ldaps"
	if m.encrypted && m.StartTLS {
		return c.Wrong("start_tls", "is for ldap:// only: ldaps:// is encrypted from the start")
	}
	if !m.encrypted && !connector.Loopback(u.Hostname()) {
		m.StartTLS = true // nothing crosses a network in clear
	}
	if m.CA != "" && !m.encrypted && !m.StartTLS {
		return c.Wrong("ca", "is for ldaps:// or start_tls: true: nobody shows a certificate in clear")
	}
	if _, err := ldap.ParseDN(m.Base); err != nil || m.Base == "" {
		return c.Wrong("base", "must be a distinguished name")
	}
	if _, err := ldap.ParseDN(m.BindDN); err != nil {
		return c.Wrong("bind_dn", "must be a distinguished name")
	}
	var known bool
	if m.scope, known = scopes[m.Scope]; !known {
		return c.Wrong("scope", "must be sub, one or base")
	}
	if m.Filter != "" {
		if _, err := ldap.CompileFilter(m.Filter); err != nil {
			return c.Wrong("filter", "is no filter (RFC 4515)")
		}
	}
	return nil
}

func (m *mapping) checkMatch(c connector.Connection) error {
	m.match = map[person.IdentifierKind][]joined{}
	for _, name := range slices.Sorted(maps.Keys(m.Match)) {
		kind, err := person.ParseIdentifierKind(name)
		if err != nil || slices.Contains(unsearchable, kind) {
			return c.Wrong("match."+name, "is no kind of identifier that an attribute can hold")
		}
		if len(m.Match[name]) == 0 {
			return c.Wrong("match."+name, "names no attributes")
		}
		for i, s := range m.Match[name] {
			names := strings.Fields(s)
			if len(names) == 0 || slices.ContainsFunc(names, func(n string) bool { return !isAttribute(n) }) {
				return c.Wrong(fmt.Sprintf("match.%s.%d", name, i), "must be the name of an attribute, or several with blanks between")
			}
			if slices.ContainsFunc(names, m.isSecret) {
				return c.Wrong(fmt.Sprintf("match.%s.%d", name, i), "is withheld: nobody is recognised by a secret")
			}
			m.match[kind] = append(m.match[kind], names)
		}
	}
	if len(c.Match) == 0 {
		return c.Wrong("match", "the connection names no identifiers that suffice")
	}
	for _, set := range c.Match {
		for _, kind := range set.By {
			if len(m.match[kind]) == 0 {
				return c.Wrong("match", "lacks "+string(kind)+", which a set under match of the connection needs")
			}
		}
	}
	return nil
}

func (m *mapping) checkReach(c connector.Connection) error {
	for i := range m.Reach {
		r := &m.Reach[i]
		if _, err := ldap.ParseDN(r.Base); err != nil || r.Base == "" {
			return c.Wrong(reachKey(i, "base"), "must be a distinguished name")
		}
		if !isAttribute(r.FilterAttribute) || m.isSecret(r.FilterAttribute) {
			return c.Wrong(reachKey(i, "filter_attribute"), "must be the attribute that names members, such as member, uniqueMember or memberUid")
		}
		if r.Value == "" && strings.EqualFold(r.FilterAttribute, "memberUid") {
			r.Value = "uid"
		}
		if r.Value != "" && (!isAttribute(r.Value) || m.isSecret(r.Value)) {
			return c.Wrong(reachKey(i, "value"), "must be an attribute of the person's entry, or missing for its DN")
		}
	}
	return nil
}

func reachKey(i int, key string) string { return fmt.Sprintf("reach.%d.%s", i, key) }

// attributeName is a short name. An attribute can also be asked for by its
// number, under which no list of secrets would know it.
var attributeName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]*(;[A-Za-z0-9-]+)*$`)

func isAttribute(s string) bool { return attributeName.MatchString(s) }

// matched lists the attributes by which entries are recognised.
func (m *mapping) matched() []string {
	var names []string
	for _, kind := range slices.Sorted(maps.Keys(m.match)) {
		for _, j := range m.match[kind] {
			names = append(names, j...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// attribute gives what the mapping says about an attribute, with or without
// options such as ";lang-de".
func (m *mapping) attribute(name string) (a attribute, mapped bool) {
	for _, n := range []string{name, bare(name)} {
		for key, a := range m.Attributes {
			if strings.EqualFold(key, n) {
				return a, true
			}
		}
	}
	return attribute{}, false
}

// bare is the name of an attribute without options.
func bare(name string) string {
	name, _, _ = strings.Cut(name, ";")
	return name
}
