// Package landscape builds the systems of two authorities as they might really
// stand in an office, filled with people who do not exist.
//
// The demonstration asks them, and so do the tests: each system named "sql" in
// the register is a database of its own with a schema such a product would
// have, each "weblog" a folder of access logs. All of it follows from a seed,
// and for every person it is known which records are theirs. Mail addresses,
// telephone numbers and network addresses are from the ranges set aside for
// examples (RFC 2606, RFC 5737, RFC 3849; Bundesnetzagentur, Rufnummern für
// Medienproduktionen).
package landscape

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"einsicht/internal/pgserver"
)

// Options say what to build.
type Options struct {
	Server *pgserver.Server // for the databases; a bare one, apart from the portal's
	Dir    string           // for connection files, access logs and the account of who got which record
	Seed   uint64
	Now    time.Time
	People int // how many besides the named ones; 0: 300
}

// Landscape is what was built.
type Landscape struct {
	// People are all of them, the named ones first.
	People []Person

	options Options
	mu      sync.Mutex
	state   state
}

// state is what a later start must know; it lies in Dir as landscape.json.
type state struct {
	Version, People int
	Seed            uint64
	Logged          time.Time // for which Now the access logs were written
	// Planted holds the references by system and person.
	Planted map[string]map[string][]string
	// Contacts holds the network addresses and times that records name, by
	// authority and person.
	Contacts map[string]map[string][]contact
}

// version of what this package builds. Another one builds anew.
const version = 1

// Start builds the landscape, or finds what an earlier start with the same
// seed built. Access logs are written anew when the day has changed: they hold
// what their retention period allows.
func Start(ctx context.Context, o Options) (*Landscape, error) {
	if o.People == 0 {
		o.People = 300
	}
	o.Now = o.Now.Truncate(time.Second)
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the landscape: %w", err)
	}
	l := &Landscape{options: o, People: people(o.Seed, o.People)}
	fresh, err := l.load()
	if err != nil {
		return nil, err
	}
	if !fresh {
		fresh, err = l.missing(ctx)
		if err != nil {
			return nil, err
		}
	}
	if fresh {
		l.state = state{Version: version, Seed: o.Seed, People: o.People,
			Planted: map[string]map[string][]string{}, Contacts: map[string]map[string][]contact{}}
		if err := l.build(ctx); err != nil {
			return nil, fmt.Errorf("build the landscape: %w", err)
		}
	}
	if fresh || l.state.Logged.Format(time.DateOnly) != o.Now.Format(time.DateOnly) {
		if err := l.writeLogs(); err != nil {
			return nil, fmt.Errorf("write access logs: %w", err)
		}
		l.state.Logged = o.Now
		if err := l.save(); err != nil {
			return nil, err
		}
	}
	return l, l.connections()
}

// Person is the person of an ID, such as Erika.
func (l *Landscape) Person(id string) Person {
	i := slices.IndexFunc(l.People, func(p Person) bool { return p.ID == id })
	if i < 0 {
		return Person{}
	}
	return l.People[i]
}

// Planted gives the references of all records of a person in a system. In
// access logs these are the lines that name the person's account, and those
// from a network address and time (± 10 minutes) that a record of the person
// in another system of the authority names.
func (l *Landscape) Planted(system, id string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.state.Planted[system][id])
}

// Systems lists the ids of the systems that were built.
func (l *Landscape) Systems() []string {
	var ids []string
	for _, s := range systems {
		ids = append(ids, s.id)
	}
	for _, w := range weblogs {
		ids = append(ids, w.id)
	}
	return ids
}

// Connection is the path of a system's connection file.
func (l *Landscape) Connection(system string) string {
	return filepath.Join(l.options.Dir, system+".yaml")
}

// load reads what an earlier start left; fresh: nothing that fits.
func (l *Landscape) load() (fresh bool, err error) {
	text, err := os.ReadFile(l.stateFile())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("read the landscape: %w", err)
	}
	o, s := l.options, &l.state
	if err == nil && json.Unmarshal(text, s) == nil && s.Version == version && s.Seed == o.Seed && s.People == o.People {
		return false, nil
	}
	return true, nil
}

func (l *Landscape) save() error {
	text, err := json.MarshalIndent(l.state, "", "\t")
	if err != nil {
		return err
	}
	return replace(l.stateFile(), text)
}

func (l *Landscape) stateFile() string { return filepath.Join(l.options.Dir, "landscape.json") }

// note adds the references of a person's records in a system.
func (l *Landscape) note(system, id string, references []string) {
	if l.state.Planted[system] == nil {
		l.state.Planted[system] = map[string][]string{}
	}
	all := slices.Concat(l.state.Planted[system][id], references)
	slices.Sort(all)
	l.state.Planted[system][id] = slices.Compact(all)
}

// replace writes a file so that nobody ever reads half of it.
func replace(name string, text []byte) error {
	tmp := name + ".tmp"
	if err := os.WriteFile(tmp, text, 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, name)
}
