// Package source holds the connections of the registered systems, opens each
// with its secrets and asks no system for more than it bears.
//
// It stands between the procedure and the kinds of systems: how many questions
// at once, how many a second, how often again when a system does not answer,
// and when to leave one in peace for a while. Only processes that work have one.
package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/problem"
)

// Deps is what sources are made of.
type Deps struct {
	Kinds []connector.Kind
	// Secrets reads a secret that a connection refers to; a sealed one is that of
	// the authority whose question it is. It is asked anew for each opening.
	Secrets func(ctx context.Context, authority uuid.UUID, c connector.Connection, ref connector.Ref) (string, error)
	// Allowed refuses a connection made at the control pages that leads where the
	// operator of this machine does not want; nil: all are refused.
	Allowed func(c connector.Connection) error
	Rows    rows // connections made at the control pages; nil: files alone
	Log     *slog.Logger
}

// rows knows the connections that an authority turned on by itself.
type rows interface {
	// Current gives the one in force; problem.NotFound where there is none.
	Current(ctx context.Context, authority uuid.UUID, system string) (connector.Connection, error)
}

// Sources are the systems that a machine can ask. They are safe for concurrent
// use.
type Sources struct {
	Deps
	kinds map[string]connector.Kind

	mu    sync.Mutex
	files map[string]connector.Connection // by system
	gates map[key]*gate
}

// key names one connection: those of files are for every authority that has the
// system in its inventory.
type key struct {
	authority uuid.UUID // uuid.Nil: a file's
	system    string
	trial     bool // what is tried disturbs nothing that is in force
}

// New returns sources without a connection.
func New(d Deps) *Sources {
	s := &Sources{Deps: d, kinds: map[string]connector.Kind{}, files: map[string]connector.Connection{}, gates: map[key]*gate{}}
	for _, k := range d.Kinds {
		s.kinds[k.Name()] = k
	}
	return s
}

// Load takes connections of files. It says everything that is wrong with them.
func (s *Sources) Load(connections ...connector.Connection) error {
	var faults []error
	for _, c := range connections {
		kind, err := s.kindOf(c)
		if err == nil {
			err = kind.Check(c)
		}
		if other, twice := s.files[c.System]; err == nil && twice {
			err = fmt.Errorf("%s: system: %s has it already: %w", c.File, other.File, connector.ErrConfig)
		}
		if err != nil {
			faults = append(faults, err)
			continue
		}
		s.files[c.System] = c
		s.gateOf(key{system: c.System}, c)
	}
	return errors.Join(faults...)
}

// Connections lists those of files, by system.
func (s *Sources) Connections() []connector.Connection {
	var all []connector.Connection
	for _, c := range s.files {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b connector.Connection) int { return cmp.Compare(a.System, b.System) })
	return all
}

// Has says whether the system can be asked by machine.
func (s *Sources) Has(ctx context.Context, authority uuid.UUID, system string) (bool, error) {
	c, ok := s.files[system]
	if !ok {
		var err error
		if c, err = s.row(ctx, authority, system); errors.Is(err, problem.NotFound) {
			return false, nil
		} else if err != nil {
			return false, err
		}
	}
	return c.Kind != "manual", nil
}

// Open connects to a system of an authority, as its connection is at this moment,
// with its secrets read anew, and waits while it is asked as often as it bears.
func (s *Sources) Open(ctx context.Context, authority uuid.UUID, system string) (connector.Connector, error) {
	c, file := s.files[system]
	row, err := s.row(ctx, authority, system)
	switch {
	case err == nil && file:
		// Neither wins: whoever made the second would not notice.
		return nil, connector.Fail(connector.ErrConfig, system, "connected by a file and at the control pages", nil)
	case err == nil:
		if err := s.allowed(row); err != nil {
			return nil, err
		}
		return s.open(ctx, authority, row, s.gateOf(key{authority: authority, system: system}, row))
	case !errors.Is(err, problem.NotFound):
		return nil, err
	case !file:
		return nil, connector.Fail(connector.ErrConfig, system, "no connection file names it, and no control page", nil)
	}
	return s.open(ctx, authority, c, s.gateOf(key{system: system}, c))
}

// OpenWith is Open with a connection that need not be in force, to try it.
func (s *Sources) OpenWith(ctx context.Context, authority uuid.UUID, c connector.Connection) (connector.Connector, error) {
	if err := s.allowed(c); err != nil {
		return nil, err
	}
	return s.open(ctx, authority, c, s.gateOf(key{authority, c.System, true}, c))
}

func (s *Sources) allowed(c connector.Connection) error {
	if s.Allowed == nil {
		return connector.Fail(connector.ErrConfig, c.System, "only files connect systems here", nil)
	}
	return s.Allowed(c)
}

func (s *Sources) row(ctx context.Context, authority uuid.UUID, system string) (connector.Connection, error) {
	if s.Rows == nil {
		return connector.Connection{}, problem.NotFound
	}
	return s.Rows.Current(ctx, authority, system)
}

func (s *Sources) kindOf(c connector.Connection) (connector.Kind, error) {
	kind, ok := s.kinds[c.Kind]
	if !ok {
		return nil, fmt.Errorf("%s: kind %q is not one that this program knows: %w", c.File, c.Kind, connector.ErrConfig)
	}
	return kind, nil
}

// gateOf gives the gate of a connection. One that was changed gets a new gate:
// other limits, and no grudge.
func (s *Sources) gateOf(k key, c connector.Connection) *gate {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, ok := s.gates[k]
	if !ok || g.version != c.Version {
		g = newGate(c, s.Log)
		s.gates[k] = g
	}
	return g
}

// State is how a system does, for the operator. It names nobody.
type State struct {
	Authority uuid.UUID // uuid.Nil: connected by a file
	System    string
	Kind      string
	Resting   bool  // it did not answer too often and is left in peace
	Busy      int   // questions under way
	Questions int64 // since the start
	Failures  int64 // of these, how often it did not answer
}

// States lists the systems with a file and those that were asked, by system.
func (s *Sources) States() []State {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []State
	for k, g := range s.gates {
		if k.trial {
			continue
		}
		all = append(all, State{Authority: k.authority, System: k.system, Kind: g.kind, Resting: g.resting(), Busy: len(g.places),
			Questions: g.questions.Load(), Failures: g.failures.Load()})
	}
	slices.SortFunc(all, func(a, b State) int {
		return cmp.Or(cmp.Compare(a.System, b.System), cmp.Compare(a.Authority.String(), b.Authority.String()))
	})
	return all
}

// Resting says whether a system of an authority is left in peace.
func (s *Sources) Resting(authority uuid.UUID, system string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range []key{{authority: authority, system: system}, {system: system}} {
		if g, ok := s.gates[k]; ok && g.resting() {
			return true
		}
	}
	return false
}
