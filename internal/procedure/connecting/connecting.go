// Package connecting lets an authority say how its systems are reached, try that
// with a test person, and turn it on.
//
// A connection is data, not a program. It is entered as text, its secrets are
// sealed for processes that ask systems, and it asks nobody before a test of just
// this text has succeeded. Whoever serves pages only adds jobs; workers ask.
package connecting

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/inventory"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
)

// Connecting connects systems.
type Connecting struct {
	*procedure.House
	Store   store
	Secrets secrets
	Kinds   kinds
	Allowed Allowed // where texts entered at pages may lead
	// TestPeople are those whom a trial may look for as test persons; none: anybody
	// who is called so.
	TestPeople TestPeople
	Sources    sources // nil: this process asks nobody
}

// store keeps what was entered, of one authority, within a transaction.
type store interface {
	// Rows reads all connections by system; Row and LockRow fail with problem.NotFound.
	Rows(ctx context.Context) (map[string]Row, error)
	Row(ctx context.Context, system string) (Row, error)
	LockRow(ctx context.Context, system string) (Row, error)
	PutRow(ctx context.Context, r Row) error

	Files(ctx context.Context) (map[string]File, error)
	PutFiles(ctx context.Context, files []File) error // in place of all

	Trial(ctx context.Context, id uuid.UUID) (Trial, error)
	PutTrial(ctx context.Context, t Trial) error
	// Tests reads the newest test of each system, without its result.
	Tests(ctx context.Context) (map[string]Trial, error)
	DropTests(ctx context.Context, system string) error
	// DropTrials deletes what expired.
	DropTrials(ctx context.Context, now time.Time) error

	// Secrets lists what is sealed for a system by name, without it.
	Secrets(ctx context.Context, system string) (map[string]Secret, error)
	PutSecret(ctx context.Context, s Secret) error
}

// secrets seals what is not for everybody's eyes.
type secrets interface {
	SealFor(ctx context.Context, authority uuid.UUID, purpose, aad string, plain []byte) ([]byte, error)
	OpenFor(ctx context.Context, authority uuid.UUID, purpose, aad string, sealed []byte) ([]byte, error)
	// SealSecret seals so that only processes which ask systems can open it.
	SealSecret(ctx context.Context, place connector.SecretPlace, plain []byte) ([]byte, error)
}

// kinds knows the kinds of systems.
type kinds interface {
	// Check reads a connection without touching its system.
	Check(c connector.Connection) error
	Names() []string
}

// sources opens systems.
type sources interface {
	Open(ctx context.Context, authority uuid.UUID, system string) (connector.Connector, error)
	OpenWith(ctx context.Context, authority uuid.UUID, c connector.Connection) (connector.Connector, error)
	Resting(authority uuid.UUID, system string) bool
}

// Row is the connection of one system as entered at the control pages.
type Row struct {
	System       string
	Kind         string // of the draft
	State        State
	Draft        []byte // sealed: it names hosts, accounts and tables
	DraftVersion string // connector.Connection.Version
	Live         []byte // sealed; what is asked by while the state is On
	LiveVersion  string
	ChangedAt    time.Time
	ChangedBy    uuid.UUID
}

// State says whether a connection is in use.
type State string

// The states.
const (
	Draft State = "draft" // never turned on
	On    State = "on"
	Off   State = "off"
)

// File is a connection that came with the program's files, as a worker saw it.
type File struct {
	System, Kind, Version string
	Hosts                 []string // that it reaches, in order: sealed secrets are bound to them
	SeenAt                time.Time
}

// Secret is one of an authority's secrets of systems.
type Secret struct {
	System    string
	Name      string
	Sealed    []byte
	ChangedAt time.Time
	ChangedBy uuid.UUID
}

// Current gives the connection that is in force for a system; problem.NotFound
// where there is none. It is for who asks systems.
func (s *Connecting) Current(ctx context.Context, authority uuid.UUID, system string) (c connector.Connection, err error) {
	err = s.Units.View(ctx, authority, func(ctx context.Context) error {
		row, err := s.Store.Row(ctx, system)
		if err != nil {
			return err
		}
		if row.State != On {
			return problem.NotFound
		}
		text, err := s.text(ctx, authority, system, live, row.Live)
		if err != nil {
			return err
		}
		c, err = connector.ParseConnection(fileOf(system), text)
		return err
	})
	return c, err
}

// The columns that a seal is bound to.
const (
	draft  = "draft"
	live   = "live"
	query  = "query"
	result = "result"
)

// purpose names the key.
const purpose = "connection"

func (s *Connecting) text(ctx context.Context, authority uuid.UUID, row, column string, sealed []byte) ([]byte, error) {
	return s.Secrets.OpenFor(ctx, authority, purpose, column+" "+row, sealed)
}

func (s *Connecting) sealed(ctx context.Context, authority uuid.UUID, row, column string, plain []byte) ([]byte, error) {
	return s.Secrets.SealFor(ctx, authority, purpose, column+" "+row, plain)
}

// fileOf is what messages call the text of a system.
func fileOf(system string) string { return system + ".yaml" }

// changing asks whether the actor may, and runs f in a transaction on a system
// that the inventory knows and that no file connects.
func (s *Connecting) changing(ctx context.Context, actor casefile.Actor, system string, f func(context.Context) error) error {
	if err := s.Permission.May(actor, casefile.ActionConnect, actor.Authority); err != nil {
		return err
	}
	return s.Units.InTx(ctx, actor.Authority, func(ctx context.Context) error {
		if _, err := s.system(ctx, system); err != nil {
			return err
		}
		files, err := s.Store.Files(ctx)
		if err != nil {
			return err
		}
		if _, byFile := files[system]; byFile {
			return problem.New(problem.Conflict, "connecting.error.file", "system", system)
		}
		return f(ctx)
	})
}

// system finds one in the inventory in force. The portal itself is none that is
// connected.
func (s *Connecting) system(ctx context.Context, id string) (inventory.System, error) {
	_, inv, err := s.Inventories.Current(ctx)
	if err != nil {
		return inventory.System{}, err
	}
	system, ok := inv.System(id)
	if !ok || system.Connector == inventory.Portal {
		return inventory.System{}, problem.NotFound
	}
	return system, nil
}

// found turns problem.NotFound into false.
func found(err error) (bool, error) {
	if errors.Is(err, problem.NotFound) {
		return false, nil
	}
	return err == nil, err
}
