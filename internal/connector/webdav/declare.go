package webdav

import (
	"slices"
	"strings"

	"einsicht/internal/connector"
)

// change says what may be changed of the files of a share, and how. What it does
// not say is not done.
type change struct {
	Erase    string    `yaml:"erase"` // "delete"; empty: not at all
	Keep     []keep    `yaml:"keep"`
	Restrict *restrict `yaml:"restrict"`
}

// keep says why every file stays.
type keep struct {
	Why string `yaml:"why"`
}

// restrict says how the share knows that a file is restricted (Art. 18 GDPR): what a
// property holds then, and what it holds otherwise. Empty: there is none.
type restrict struct {
	Namespace string `yaml:"namespace"`
	Name      string `yaml:"name"`
	Set       string `yaml:"set"`
	Free      string `yaml:"free"`
}

// abilities are those that are declared, and that an account has.
func (m mapping) abilities(c connector.Connection) []connector.Ability {
	all := []connector.Ability{connector.CanFind, connector.CanPreview}
	if m.Change == nil || !m.mayChange(c) {
		return all
	}
	if m.Change.Erase != "" {
		all = append(all, connector.CanErase)
	}
	if m.Change.Restrict != nil {
		all = append(all, connector.CanRestrict)
	}
	return all
}

// mayChange says whether there is an account that changes something.
func (m mapping) mayChange(c connector.Connection) bool {
	secret := m.settings().Changing(m.ChangeUser).Secret()
	_, has := c.Secrets[secret]
	return secret == "" || has
}

func (m mapping) checkChange(c connector.Connection) error {
	how, _, _ := strings.Cut(m.Auth, ":")
	_, has := c.Secrets["change_password"]
	switch {
	case m.ChangeUser != "" && how != "basic":
		return c.Wrong("change_user", "is for auth: basic; otherwise secrets.change_token alone tells the account")
	case m.ChangeUser != "" && (m.ChangeUser == m.User || strings.Contains(m.ChangeUser, ":")): // RFC 7617, 2
		return c.Wrong("change_user", "must be another account than user, without a colon")
	case how == "basic" && has != (m.ChangeUser != ""):
		return c.Wrong("change_user", "and secrets.change_password belong together")
	case m.Change == nil:
		return nil
	}
	r := m.Change.Restrict
	switch {
	case m.Change.Erase != "" && m.Change.Erase != "delete":
		return c.Wrong("change.erase", "must be delete or nothing: a file without what it says is none")
	case len(m.Change.Keep) > 1 || len(m.Change.Keep) == 1 && (m.Change.Keep[0].Why == "" || m.Change.Erase != ""):
		return c.Wrong("change.keep", "must say once why every file stays, and then nothing else can be said about erasing")
	case m.Change.Erase == "" && len(m.Change.Keep) == 0 && r == nil:
		return c.Wrong("change", "says nothing")
	case r == nil:
		return nil
	case !isName(r.Name) || r.Namespace == "" || r.Namespace == "DAV:" || strings.ContainsAny(r.Namespace, "<>&\""):
		return c.Wrong("change.restrict.name", "namespace and name of a property are needed that the server only keeps: none of DAV:")
	case r.Set == "" || r.Set == r.Free || strings.TrimSpace(r.Set) != r.Set || strings.TrimSpace(r.Free) != r.Free:
		return c.Wrong("change.restrict.set", "is missing, is the same as free, or begins or ends with a blank")
	case slices.ContainsFunc(m.Owner.Properties, func(p property) bool { return p.Name == r.Name && p.Namespace == r.Namespace }):
		return c.Wrong("change.restrict.name", "names the owner")
	}
	return nil
}

// whole is why every file stays.
func (c *change) whole() string {
	if len(c.Keep) == 0 {
		return ""
	}
	return c.Keep[0].Why
}

// asked lists the properties that listings are asked for: those of the owner, then
// that of a restriction.
func (m mapping) asked() []property {
	if m.Change == nil || m.Change.Restrict == nil {
		return m.Owner.Properties
	}
	r := m.Change.Restrict
	return append(slices.Clone(m.Owner.Properties), property{Namespace: r.Namespace, Name: r.Name})
}

// split takes what a restriction says from what owners do.
func (m mapping) split(e *entry) {
	if n := len(m.Owner.Properties); len(e.Owners) > n {
		e.Mark, e.Owners = e.Owners[n], e.Owners[:n]
	}
}
