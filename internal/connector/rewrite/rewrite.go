// Package rewrite takes records of a person out of files that nobody writes to any
// more, such as rotated logs and exports, and keeps checksums so that anybody can
// tell a lawful rewriting from tampering.
//
// Only files that are closed are rewritten: what writes a log holds it open, and
// would go on writing into a file that is no longer there. A file is copied beside
// itself with the records of one person left blank, byte for byte the same in all
// else, as long as before and packed as before. The copy then changes places with
// the file. Who comes from an older place in the text still stands where he stood.
//
// What is about to be done is in the ledger of checksums before it is done, and how
// it ended after. Whoever finds it begun finishes it or takes it back; at no moment
// is a file half of one and half of the other.
//
//	d := rewrite.Desk{Files: rewrite.Files{…}, Parse: …, Locate: …}
//	effects, err := d.Carry(ctx, changes)
//
// A kind says where its records stand (Locate) and how references are read (Parse).
package rewrite

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"einsicht/internal/connector"
)

// Files are those of one system.
type Files struct {
	System    string
	Patterns  []string // where they lie
	Checksums string   // folder of the ledger
	Rule      *Rule    // nil: nothing is declared
	// Step, where set, hears in tests of each step before it is taken. Its error is
	// a process that ends there.
	Step func(step string) error
}

// Ours says whether a file is one that is being rewritten here: it holds what the
// file beside it holds.
func Ours(path string) bool { return strings.HasPrefix(filepath.Base(path), prefix) }

const prefix = ".einsicht-"

// refusal is why a file, or a record, is left as it is.
type refusal struct {
	state  connector.EffectState
	reason string
}

func (r *refusal) Error() string { return string(r.state) + ": " + r.reason }

func because(state connector.EffectState, reason string) *refusal { return &refusal{state, reason} }

var (
	errOpen      = because(connector.Hindered, "connector.rewrite.open")
	errTwice     = because(connector.Hindered, "connector.rewrite.twice")
	errLinked    = because(connector.Hindered, "connector.rewrite.linked")
	errTorn      = because(connector.Hindered, "connector.rewrite.unreadable")
	errMoved     = because(connector.Hindered, "connector.rewrite.moved")
	errFull      = because(connector.Hindered, "connector.rewrite.full")
	errDenied    = because(connector.Denied, "connector.rewrite.denied")
	errChecksums = because(connector.Denied, "connector.rewrite.no_checksums")
)

// step is where a process may end.
func (f Files) step(ctx context.Context, name string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if f.Step == nil {
		return nil
	}
	return f.Step(name)
}

// failed makes what went wrong an error of a connector.
func (f Files) failed(path string, err error) error {
	var known *connector.Failure
	if err == nil || errors.As(err, &known) {
		return err
	}
	code := "file"
	var said *os.PathError
	if errors.As(err, &said) {
		code = said.Op + ": " + said.Err.Error() // an error number in words
	}
	return connector.Fail(connector.ErrUnreachable, filepath.Base(path), code, err)
}
