package landscape

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"
)

// server is what speaks a protocol in this process.
type server interface {
	Stop() error   // as an outage
	Resume() error // at the same address
	Close() error
}

// stoppable is a server that can't fail to stop.
type stoppable interface {
	Stop()
	Resume() error
	Close() error
}

type quiet struct{ stoppable }

func (q quiet) Stop() error {
	q.stoppable.Stop()
	return nil
}

// served is a source that is a server in this process. What it holds follows
// from the seed and the day, and is made up anew with each start.
type served struct {
	id, authority string
	like          string // see file; empty: has its own
	// serve fills a server and starts it. It gives what the connection file must
	// say besides the file of the password.
	serve func(*shelf) (server, map[string]string, error)
}

// shelf is what a source is filled with.
type shelf struct {
	served
	*Landscape
	today time.Time // midnight
}

func (s served) name() string                                     { return s.id }
func (s served) of() string                                       { return s.authority }
func (s served) file() string                                     { return cmp.Or(s.like, s.id) }
func (s served) daily() bool                                      { return false }
func (s served) build(context.Context, *Landscape) error          { return nil }
func (s served) stands(context.Context, *Landscape) (bool, error) { return true, nil }

func (s served) start(_ context.Context, l *Landscape) (map[string]string, error) {
	if running, ok := l.servers[s.id]; ok {
		return nil, running.Resume()
	}
	l.state.Planted[s.id] = map[string][]string{}
	running, values, err := s.serve(&shelf{served: s, Landscape: l, today: date(l.options.Now)})
	if err != nil {
		return nil, err
	}
	l.servers[s.id] = running
	secret := filepath.Join(l.options.Dir, "password")
	values["password"] = secret
	return values, os.WriteFile(secret, []byte(password), 0o600)
}

func (s served) stop(_ context.Context, l *Landscape) error {
	running, ok := l.servers[s.id]
	if !ok {
		return errors.New("another process runs it")
	}
	return running.Stop()
}

// errMadeUp: what servers hold, and files that are written anew each day, is made
// up and not kept.
var errMadeUp = errors.New("nothing can be planted in what is made up anew")

func (s served) plant(context.Context, *Landscape, Person, int, uint64) ([]string, error) {
	return nil, errMadeUp
}

// password is that of the accounts by which connectors sign in.
const password = "einsicht liest"

// each calls f for each matter of each person.
func (s *shelf) each(f func(p Person, n int, r *rand.Rand)) {
	for _, p := range s.People {
		r := random(s.options.Seed, s.id, p.ID)
		for n := range p.matters(r.IntN(10)) {
			f(p, n, random(s.options.Seed, s.id, p.ID, string(rune('a'+n))))
		}
	}
}

// ago is a moment within so many days before today.
func (s *shelf) ago(r *rand.Rand, days int) time.Time {
	return s.today.Add(-time.Duration(r.Int64N(int64(days) * int64(24*time.Hour)))).Truncate(time.Second)
}

// holds notes a record of a person.
func (s *shelf) holds(p Person, references ...string) { s.note(s.id, p.ID, references) }
