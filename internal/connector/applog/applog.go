// Package applog looks for one person's lines in the logs of any application,
// by patterns that the connection declares.
//
// Such logs name people in many ways, and most prove little: a display name is
// freely chosen, a conference names a meeting and not a guest, a network
// address is shared. Lines found by these wait for staff; lines that nothing
// ties to anybody are Art. 11(2) GDPR. Lines without a name are the person's
// where they belong to the same visit as a line that names her.
//
// Patterns for Jitsi and for a conference log such as that of JOIN are shipped.
package applog

import (
	"context"
	"sync/atomic"

	"einsicht/internal/connector"
	"einsicht/internal/connector/logs"
	"einsicht/internal/connector/rewrite"
)

// Kind is the kind "applog".
type Kind struct {
	// Tests count the reads and want more places from which to read again.
	reads  *atomic.Int64
	stride int
	step   func(string) error // see rewrite.Files
}

// Name is what stands under "kind" in a connection file.
func (Kind) Name() string { return "applog" }

// Abilities lists what can be done.
func (Kind) Abilities(c connector.Connection) []connector.Ability {
	m, err := readMapping(c)
	if err != nil {
		m.Change = nil
	}
	return m.Change.Abilities()
}

// Check reads the connection without touching the logs.
func (Kind) Check(c connector.Connection) error {
	_, err := readMapping(c)
	return err
}

// Open makes sure that there are logs.
func (k Kind) Open(ctx context.Context, c connector.Connection) (connector.Connector, error) {
	m, err := readMapping(c)
	if err != nil {
		return nil, err
	}
	a := &application{connection: c, mapping: m, files: logs.Files{Kind: k.Name(), Patterns: m.Files, Time: m.timeOf, Reads: k.reads}, stride: k.stride}
	a.Desk = a.desk(k.step)
	return a, a.files.Available(ctx)
}

// application is what logged: one system.
type application struct {
	rewrite.Desk
	connection connector.Connection
	mapping    mapping
	files      logs.Files
	stride     int
}

// Gaps lists the logs that can't be read.
func (a *application) Gaps(ctx context.Context) ([]connector.Gap, error) { return a.files.Gaps(ctx) }

// Close has nothing to close.
func (*application) Close() error { return nil }
