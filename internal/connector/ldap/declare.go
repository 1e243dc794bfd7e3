package ldap

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"einsicht/internal/connector"
)

// change says what may be changed in the entries of a base, and how. What it does
// not say is not done.
type change struct {
	Erase    string    `yaml:"erase"` // "delete" or "mask"; empty: not at all
	Mask     mask      `yaml:"mask"`
	Keep     []keep    `yaml:"keep"`
	Rectify  []string  `yaml:"rectify"`
	Restrict *restrict `yaml:"restrict"`
}

// mask says what takes the place of values. Each attribute that an entry has stands
// in one of its parts or under keep: what nobody thought of is not left there.
type mask struct {
	Empty []string `yaml:"empty"`
	// Text may hold {key}, which is what names the entry.
	Text map[string]string `yaml:"text"`
}

// keep names attributes that stay under a mask, and why; without attributes, it is
// every entry.
type keep struct {
	Attributes []string `yaml:"attributes"`
	Why        string   `yaml:"why"`
}

// restrict says how the directory knows that an entry is restricted (Art. 18 GDPR):
// by a value of an attribute, and by which one in its place that it is not.
type restrict struct {
	Attribute string `yaml:"attribute"`
	Set       string `yaml:"set"`
	Free      string `yaml:"free"` // empty: none
}

// The ways to erase.
const (
	deleting = "delete"
	masking  = "mask"
)

// abilities are those that are declared, and that an account has.
func (m *mapping) abilities() []connector.Ability {
	all := []connector.Ability{connector.CanFind, connector.CanPreview}
	if m.ChangeBindDN == "" {
		return all
	}
	declared := []*change{m.Change}
	for _, r := range m.Reach {
		declared = append(declared, r.Change)
	}
	for _, one := range []struct {
		ability  connector.Ability
		declares func(*change) bool
	}{
		{connector.CanErase, func(c *change) bool { return c.Erase != "" }},
		{connector.CanRectify, func(c *change) bool { return len(c.Rectify) > 0 }},
		{connector.CanRestrict, func(c *change) bool { return c.Restrict != nil }},
	} {
		if slices.ContainsFunc(declared, func(c *change) bool { return c != nil && one.declares(c) }) {
			all = append(all, one.ability)
		}
	}
	return all
}

func (m *mapping) checkChange(c connector.Connection) error {
	if _, err := ldap.ParseDN(m.ChangeBindDN); err != nil || m.ChangeBindDN != "" && strings.EqualFold(m.ChangeBindDN, m.BindDN) {
		return c.Wrong("change_bind_dn", "must be the name of another account than bind_dn")
	}
	if _, declared := c.Secrets["change_password"]; m.ChangeBindDN != "" && !declared {
		return c.Wrong("change_bind_dn", "needs secrets.change_password")
	}
	if m.Change != nil {
		for _, one := range []struct{ key, wrong string }{
			{"erase", m.Change.checkErase()}, {"mask", m.checkMask()}, {"keep", m.Change.checkKeep()}, {"rectify", m.checkRectify()}, {"restrict", m.checkRestrict()},
		} {
			if one.wrong != "" {
				return c.Wrong("change."+one.key, one.wrong)
			}
		}
	}
	for i, r := range m.Reach {
		if r.Change == nil {
			continue
		}
		leaves := r.Change.Erase == deleting && len(r.Change.Keep) == 0
		stays := r.Change.Erase == "" && r.Change.whole() != ""
		if !leaves && !stays || len(r.Change.Mask.Empty)+len(r.Change.Mask.Text)+len(r.Change.Rectify) > 0 || r.Change.Restrict != nil {
			return c.Wrong(reachKey(i, "change"), "must be {erase: delete}, or {keep: [{why: …}]}: somebody is in a group or not")
		}
	}
	return nil
}

// whole is why every entry stays.
func (c *change) whole() string {
	if len(c.Keep) == 1 && len(c.Keep[0].Attributes) == 0 {
		return c.Keep[0].Why
	}
	return ""
}

func (c *change) checkErase() string {
	switch {
	case c.Erase != "" && c.Erase != deleting && c.Erase != masking:
		return "must be delete, mask or nothing"
	case c.Erase == "" && len(c.Keep) == 0 && len(c.Rectify) == 0 && c.Restrict == nil:
		return "is missing, and so is everything else that could be changed"
	}
	return ""
}

func (m *mapping) checkMask() string {
	c := m.Change
	n := len(c.Mask.Empty) + len(c.Mask.Text)
	switch {
	case n > 0 && c.Erase != masking:
		return "only serves erase: mask"
	case n == 0 && c.Erase == masking:
		return "is missing: erase: mask says that something takes the place of values"
	}
	var seen []string
	for _, k := range c.Keep {
		seen = append(seen, k.Attributes...)
	}
	for _, name := range slices.Concat(c.Mask.Empty, slices.Sorted(maps.Keys(c.Mask.Text))) {
		switch {
		case bare(name) != name || !isAttribute(name):
			return "must name attributes, without options such as ;lang-de"
		case contains(seen, name) || strings.EqualFold(name, m.Key):
			return "attribute " + name + " stands here twice, is kept, or names the record"
		case c.Mask.Text[name] == "" && !contains(c.Mask.Empty, name):
			return "the text of " + name + " is empty: put it under empty"
		}
		seen = append(seen, name)
	}
	return ""
}

func (c *change) checkKeep() string {
	for _, k := range c.Keep {
		switch {
		case k.Why == "":
			return "says not why"
		case len(k.Attributes) == 0 && (c.Erase != "" || len(c.Keep) > 1):
			return "names no attributes: then every entry stays, and nothing else can be said about erasing"
		case len(k.Attributes) > 0 && c.Erase != masking:
			return "names attributes, which only serves erase: mask"
		case slices.ContainsFunc(k.Attributes, func(n string) bool { return !isAttribute(n) || bare(n) != n }):
			return "must name attributes, without options such as ;lang-de"
		}
	}
	return ""
}

func (m *mapping) checkRectify() string {
	for i, name := range m.Change.Rectify {
		if wrong := m.settable(name); wrong != "" {
			return wrong
		}
		if contains(m.Change.Rectify[:i], name) {
			return "names attribute " + name + " twice"
		}
	}
	return ""
}

func (m *mapping) checkRestrict() string {
	r := m.Change.Restrict
	switch {
	case r == nil:
		return ""
	case r.Attribute == "" || r.Set == "" || r.Set == r.Free:
		return "needs attribute and set, and free must be something else"
	}
	return m.settable(r.Attribute)
}

// settable: whoever sets a value must be able to see that it was.
func (m *mapping) settable(name string) string {
	switch {
	case !isAttribute(name):
		return "must be the name of an attribute"
	case strings.EqualFold(name, m.Key) || isKeptByDirectory(name):
		return "attribute " + name + " names the record, or the directory sets it by itself"
	case m.isSecret(name):
		return "attribute " + name + " is withheld: nobody could see what it holds afterwards"
	}
	return ""
}

// resolveChange names attributes as the directory does.
func (s schema) resolveChange(c connector.Connection, m *mapping) error {
	if m.Change == nil {
		return nil
	}
	var unknown error
	name := func(key, old string) string {
		canonical, known := s[strings.ToLower(bare(old))]
		if !known {
			unknown = c.Wrong("change."+key, unknownAttribute)
		}
		return canonical + old[len(bare(old)):]
	}
	list := func(key string, names []string) {
		for i := range names {
			names[i] = name(fmt.Sprintf("%s.%d", key, i), names[i])
		}
	}
	list("mask.empty", m.Change.Mask.Empty)
	list("rectify", m.Change.Rectify)
	for i, k := range m.Change.Keep {
		list(fmt.Sprintf("keep.%d.attributes", i), k.Attributes)
	}
	texts := map[string]string{}
	for old, text := range m.Change.Mask.Text {
		texts[name("mask.text."+old, old)] = text
	}
	m.Change.Mask.Text = texts
	if r := m.Change.Restrict; r != nil {
		r.Attribute = name("restrict.attribute", r.Attribute)
	}
	return unknown
}

func contains(names []string, name string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
}

// moving are attributes that a directory sets with every change of an entry, or of
// what lies below it.
var moving = []string{
	"modifyTimestamp", "modifiersName", "entryCSN", "contextCSN", "entryusn", "hasSubordinates", "numSubordinates",
	"whenChanged", "uSNChanged", "dSCorePropagationData",
}

func isMoving(name string) bool { return contains(moving, bare(name)) }

// keptByDirectory are attributes, besides those, of which a directory keeps what
// they say by itself.
var keptByDirectory = []string{
	"objectClass", "structuralObjectClass", "governingStructureRule", "entryUUID", "entryDN", "createTimestamp", "creatorsName", "subschemaSubentry", "memberOf",
	"pwdChangedTime", "nsUniqueId", "entryid", "parentid",
	"objectGUID", "objectSid", "objectCategory", "distinguishedName", "instanceType", "uSNCreated", "whenCreated", "sAMAccountType", "primaryGroupID",
}

func isKeptByDirectory(name string) bool {
	return isMoving(name) || contains(keptByDirectory, bare(name))
}

// own gives the values of an attribute that are the entry's. Where its values may be
// changed, what the directory writes with each change is left out, since it would
// make another record of it: when that was is its time. A group that is a record of
// its own, and may be left, is not said here as well.
func (m *mapping) own(a *ldap.EntryAttribute) []string {
	edits := m.Change != nil && (m.Change.Erase == masking || len(m.Change.Rectify) > 0 || m.Change.Restrict != nil)
	switch {
	case isMoving(a.Name) && (edits || m.Change != nil && strings.HasSuffix(a.Name, "Subordinates")):
		return nil
	case strings.EqualFold(bare(a.Name), "memberOf"):
		return slices.DeleteFunc(slices.Clone(a.Values), func(group string) bool {
			return slices.ContainsFunc(m.Reach, func(r reach) bool { return r.Change != nil && isBelow(group, r.Base) })
		})
	}
	return a.Values
}

// isBelow says whether an entry lies below another, or is it.
func isBelow(dn, base string) bool {
	a, err := ldap.ParseDN(dn)
	b, fault := ldap.ParseDN(base)
	return err == nil && fault == nil && (b.EqualFold(a) || b.AncestorOfFold(a))
}
