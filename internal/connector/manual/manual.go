// Package manual stands for systems that no program can ask: paper, backup
// tapes, devices of the person, and whatever has no interface yet. People of
// the unit answer a task instead.
package manual

import (
	"context"

	"einsicht/internal/connector"
)

// Kind is the kind "manual".
type Kind struct{}

// Name is what stands under "kind" in a connection file.
func (Kind) Name() string { return "manual" }

// Abilities lists nothing: people can do everything, no program anything.
func (Kind) Abilities(connector.Connection) []connector.Ability { return nil }

// Check takes no part of its own and no secrets: there is nothing to sign in
// to.
func (Kind) Check(c connector.Connection) error {
	if c.HasOwnPart() {
		return c.Wrong("", "a system that people answer for has no settings")
	}
	return nil
}

// Open reaches nothing.
func (k Kind) Open(_ context.Context, c connector.Connection) (connector.Connector, error) {
	return office{}, k.Check(c)
}

type office struct{}

// Find always gives connector.ErrManual, upon which a task is opened. It never
// says "nothing": only a person can.
func (office) Find(context.Context, connector.Query, connector.Cursor, func(connector.Finding, connector.Cursor) error) (connector.Answer, error) {
	return connector.Answer{}, connector.ErrManual
}

// Close has nothing to close.
func (office) Close() error { return nil }
