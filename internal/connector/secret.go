package connector

import "github.com/google/uuid"

// SecretPlace is what a secret is for; sealed, it opens for nothing else. Whoever
// may change where a connection leads must not learn by that what it signs in
// with.
type SecretPlace struct {
	Authority    uuid.UUID
	System, Name string
	Hosts        []string // that the connection reached when the secret was entered, in order
}

// SecretPlace is that of one of the connection's sealed secrets.
func (c Connection) SecretPlace(authority uuid.UUID, name string) SecretPlace {
	hosts, _ := c.Reaches()
	return SecretPlace{Authority: authority, System: c.System, Name: name, Hosts: hosts}
}
