// Package landscape builds the registered systems as they might really stand in
// an office, filled with people who do not exist.
//
// The demonstration asks them, and so do the tests: each system named "sql" in
// the register is a database of its own with a schema such a product would
// have, each "weblog" a folder of access logs, each "imap" a mail server in this
// process, and so on. All of it follows from a seed, and for every person it is
// known which records are theirs. Mail addresses,
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
	servers map[string]server
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
const version = 6

// Start builds the landscape, or finds what an earlier start with the same
// seed built, and starts its servers. What tells of lately, such as logs, is
// written anew when the day has changed: it holds what its retention period
// allows. Close stops the servers.
func Start(ctx context.Context, o Options) (*Landscape, error) {
	l, fresh, err := open(o)
	if err != nil {
		return nil, err
	}
	for _, s := range sources {
		if fresh {
			break
		}
		there, err := s.stands(ctx, l)
		if err != nil {
			return nil, err
		}
		fresh = !there
	}
	if fresh {
		l.state = state{Version: version, Seed: o.Seed, People: l.options.People,
			Planted: map[string]map[string][]string{}, Contacts: map[string]map[string][]contact{}}
	}
	today := l.state.Logged.Format(time.DateOnly) == l.options.Now.Format(time.DateOnly)
	for _, s := range sources {
		if fresh || !today && s.daily() {
			l.state.Planted[s.name()] = map[string][]string{}
			if err := s.build(ctx, l); err != nil {
				return nil, fmt.Errorf("build %s: %w", s.name(), err)
			}
		}
	}
	if fresh || !today {
		l.state.Logged = l.options.Now
	}
	for _, s := range sources {
		if err := l.connect(ctx, s); err != nil {
			return nil, errors.Join(fmt.Errorf("start %s: %w", s.name(), err), l.Close())
		}
	}
	return l, l.save()
}

// Attach reaches what another process has started and goes on running, to plant
// records in databases and files.
func Attach(o Options) (*Landscape, error) {
	l, fresh, err := open(o)
	if err == nil && fresh {
		err = errors.New("there is no landscape of this seed")
	}
	return l, err
}

func open(o Options) (l *Landscape, fresh bool, err error) {
	if o.People == 0 {
		o.People = 300
	}
	o.Now = o.Now.Truncate(time.Second)
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, false, fmt.Errorf("make the folder of the landscape: %w", err)
	}
	l = &Landscape{options: o, People: people(o.Seed, o.People), servers: map[string]server{}}
	fresh, err = l.load()
	return l, fresh, err
}

// Close stops the servers of this process.
func (l *Landscape) Close() error {
	var faults []error
	for _, s := range l.servers {
		faults = append(faults, s.Close())
	}
	clear(l.servers)
	return errors.Join(faults...)
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
	for _, s := range sources {
		ids = append(ids, s.name())
	}
	return ids
}

// SystemsOf lists those of one authority.
func (l *Landscape) SystemsOf(authority string) []string {
	var ids []string
	for _, s := range sources {
		if s.of() == authority {
			ids = append(ids, s.name())
		}
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
