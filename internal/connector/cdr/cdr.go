// Package cdr looks a person's calls up in what a telephone system exports:
// tables as CSV, in whatever encoding, or as Excel files, of which a connection
// file says what the columns mean.
//
// A number says little by itself: extensions are nobody's, hidden numbers match
// nobody, and a number can belong to a household or a firm. How sure it makes a
// call is for the connection file to say.
package cdr

import (
	"context"
	"sync/atomic"

	"einsicht/internal/connector"
	"einsicht/internal/connector/rewrite"
)

// Kind is the kind "cdr".
type Kind struct {
	// Tests count what is read from the disk, and end where a file is rewritten.
	reads *atomic.Int64
	step  func(string) error
}

// Name is what stands under "kind" in a connection file.
func (Kind) Name() string { return "cdr" }

// Abilities lists what can be done.
func (Kind) Abilities(c connector.Connection) []connector.Ability {
	m, err := readMapping(c)
	if err != nil {
		m.Change = nil
	}
	return m.Change.Abilities()
}

// Check reads the mapping without touching the files.
func (Kind) Check(c connector.Connection) error {
	_, err := readMapping(c)
	return err
}

// Open makes sure that there are exports, and that they are written as the mapping
// says.
func (k Kind) Open(ctx context.Context, c connector.Connection) (connector.Connector, error) {
	m, err := readMapping(c)
	if err != nil {
		return nil, err
	}
	sweep()
	e := &exports{connection: c, mapping: m, reads: k.reads}
	e.Desk = e.desk(k.step)
	files, _, err := e.list(ctx)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if err := e.try(ctx, f); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// exports are the files of one telephone system. Nothing is kept open in
// between.
type exports struct {
	rewrite.Desk
	connection connector.Connection
	mapping    mapping
	reads      *atomic.Int64
}

// Gaps lists the exports that can't be read, which each answer would say.
func (e *exports) Gaps(ctx context.Context) ([]connector.Gap, error) {
	_, gaps, err := e.list(ctx)
	return gaps, err
}

// Close has nothing to close.
func (*exports) Close() error { return nil }
