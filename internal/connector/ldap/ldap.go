// Package ldap asks a directory for the accounts and keys of one person, and
// for the groups they belong to.
//
// The directory is asked for candidates first, by filters that let rather too
// many through, and only for the attributes by which a person is recognised.
// What is compared is compared here. Of the entries that are the person's, the
// names of all attributes are read, and then the values of those that are no
// secret: a password hash never crosses the wire, only that there is one.
//
// What is to be erased, corrected or restricted is declared (see change) and done
// by another account.
package ldap

import (
	"context"

	"einsicht/internal/connector"
)

// Kind is the kind "ldap".
type Kind struct{}

// Name is what stands under "kind" in a connection file.
func (Kind) Name() string { return "ldap" }

// Abilities lists what can be done.
func (Kind) Abilities(c connector.Connection) []connector.Ability {
	var m mapping
	if c.Decode(&m) != nil {
		m = mapping{} // Check says what is wrong
	}
	return m.abilities()
}

// Check reads the mapping without touching the directory.
func (Kind) Check(c connector.Connection) error {
	_, err := readMapping(c)
	return err
}

// Open signs in, looks whether the places to search exist, and compares the
// mapping with the directory's schema.
func (Kind) Open(ctx context.Context, c connector.Connection) (connector.Connector, error) {
	m, err := readMapping(c)
	if err != nil {
		return nil, err
	}
	d := &directory{connection: c, mapping: m, sortable: maxSorted}
	if d.tls, err = tlsConfig(c, m); err != nil {
		return nil, err
	}
	s, err := d.dial(ctx)
	if err != nil {
		return nil, err
	}
	defer s.close()
	if err := s.exists(m.Base, "ldap.base"); err != nil {
		return nil, err
	}
	for i, r := range m.Reach {
		if err := s.exists(r.Base, "ldap."+reachKey(i, "base")); err != nil {
			return nil, err
		}
	}
	if d.names, d.classes, err = s.schema(); err != nil {
		return nil, err
	}
	if d.mapping, err = d.names.resolve(c, m); err != nil {
		return nil, err
	}
	d.secrets = d.mapping.known(d.names)
	if d.asserts, err = s.takesConditions(); err != nil {
		return nil, err
	}
	return d, nil
}

// Close has nothing to close: each question has a connection of its own.
func (*directory) Close() error { return nil }
