package rest

import (
	"strings"

	"einsicht/internal/connector"
)

// abilities are those that some list declares, and an account is there for.
func (m mapping) abilities(c connector.Connection) []connector.Ability {
	all := []connector.Ability{connector.CanFind, connector.CanPreview}
	if !m.mayChange(c) {
		return all
	}
	for _, one := range []struct {
		ability  connector.Ability
		declares func(change) bool
	}{
		{connector.CanErase, func(c change) bool { return c.Erase != nil }},
		{connector.CanRectify, func(c change) bool { return c.Rectify != nil }},
		{connector.CanRestrict, func(c change) bool { return c.Restrict != nil }},
	} {
		if anyOf(m.Resources, func(r *resource) bool { return r.Change != nil && one.declares(*r.Change) }) {
			all = append(all, one.ability)
		}
	}
	return all
}

// mayChange says whether there is an account that may change something.
func (m mapping) mayChange(c connector.Connection) bool {
	secret := m.settings().Changing(m.ChangeUser).Secret()
	_, has := c.Secrets[secret]
	return (secret == "" || has) && anyOf(m.Resources, func(r *resource) bool { return r.Change != nil })
}

// anyOf looks through lists and those of their records.
func anyOf(all []resource, is func(*resource) bool) bool {
	for i := range all {
		if is(&all[i]) || anyOf(all[i].Children, is) {
			return true
		}
	}
	return false
}

// checkAccount: whoever reads has no reason to write.
func (m mapping) checkAccount(c connector.Connection) string {
	_, secret := c.Secrets[m.settings().Changing("").Secret()]
	switch basic := m.Auth == "basic"; {
	case m.ChangeUser != "" && !basic:
		return "is for auth: basic"
	case basic && secret && (m.ChangeUser == "" || m.ChangeUser == m.User || strings.Contains(m.ChangeUser, ":")):
		return "must be another account than user, without a colon"
	}
	return ""
}
