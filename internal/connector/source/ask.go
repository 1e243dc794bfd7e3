package source

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/google/uuid"

	"einsicht/internal/connector"
)

const (
	// attempts is how often a question is put within one job; the job itself comes
	// again.
	attempts = 3
	// secretsLate is how long a password in a file may come later than the one of
	// the system, where both are changed by hand or by a program.
	secretsLate = 2 * time.Second
)

// pauses stand between the attempts: half a second to five, each half as long
// again or as short, so that many questions don't come back at the same moment.
func pauses() backoff.BackOff {
	return &backoff.ExponentialBackOff{InitialInterval: 500 * time.Millisecond, RandomizationFactor: 0.5, Multiplier: 2, MaxInterval: 5 * time.Second}
}

// again puts a question until it is answered, refused, or has failed too often.
func again[T any](ctx context.Context, f func() (T, error)) (T, error) {
	var last error
	v, err := backoff.Retry(ctx, func() (T, error) {
		v, err := f()
		if last = err; err != nil && !helps(err) {
			err = backoff.Permanent(err)
		}
		return v, err
	}, backoff.WithBackOff(pauses()), backoff.WithMaxTries(attempts), backoff.WithMaxElapsedTime(0))
	if err != nil {
		err = last // a connector.Failure, also where the context ended
	}
	return v, err
}

// helps says whether to try again can.
func helps(err error) bool {
	var r *resting
	var o *own
	return errors.Is(err, connector.ErrUnreachable) && !errors.Is(err, connector.ErrBusy) && !errors.As(err, &r) && !errors.As(err, &o)
}

// own is an error of whoever asked, not of the system.
type own struct{ error }

func (o *own) Unwrap() error { return o.error }

// open takes a place and connects.
func (s *Sources) open(ctx context.Context, authority uuid.UUID, c connector.Connection, g *gate) (connector.Connector, error) {
	kind, err := s.kindOf(c)
	if err != nil {
		return nil, err
	}
	if err := g.enter(ctx); err != nil {
		return nil, err
	}
	a := &asked{line: line{sources: s, authority: authority, connection: c, kind: kind, gate: g}}
	kept := false
	defer func() {
		if !kept { // also when a connector panics
			g.leave()
		}
	}()
	a.first, err = again(ctx, func() (*session, error) { return a.connect(ctx) })
	kept = err == nil
	if err != nil {
		return nil, err
	}
	a.fresh.Store(true)
	a.close = sync.OnceValue(func() error {
		defer g.leave()
		return a.first.Close()
	})
	if c, ok := a.first.Connector.(connector.Changer); ok {
		return &changeable{a, c}, nil
	}
	return a, nil
}

// line is how a system is reached for one authority.
type line struct {
	sources    *Sources
	authority  uuid.UUID
	connection connector.Connection
	kind       connector.Kind
	gate       *gate
}

// session is one open connection.
type session struct {
	connector.Connector
	cancel context.CancelFunc
}

func (s *session) Close() error {
	defer s.cancel()
	return s.Connector.Close()
}

// connect opens with the secrets as they are now. If the system does not take
// them, and somebody has changed them meanwhile, it takes the new ones: the change
// of a password needs no restart.
func (l line) connect(ctx context.Context) (*session, error) {
	with, err := l.secrets(ctx)
	if err != nil {
		return nil, err
	}
	opened, err := l.dial(ctx, with)
	if !errors.Is(err, connector.ErrConfig) || len(l.connection.Secrets) == 0 {
		return opened, err
	}
	select {
	case <-ctx.Done():
		return nil, err
	case <-time.After(secretsLate):
	}
	// The same password again is not tried: that is how accounts get locked.
	now, unread := l.secrets(ctx)
	if unread != nil || l.sameSecrets(with, now) {
		return nil, err
	}
	return l.dial(ctx, now)
}

func (l line) secrets(ctx context.Context) (connector.Connection, error) {
	with, err := l.connection.Resolve(func(ref connector.Ref) (string, error) { return l.sources.Secrets(ctx, l.authority, l.connection, ref) })
	var said *connector.Failure
	if errors.As(err, &said) {
		return with, said
	}
	if err != nil {
		return with, connector.Fail(connector.ErrConfig, l.connection.System, "secret", err)
	}
	return with, nil
}

func (l line) sameSecrets(a, b connector.Connection) bool {
	for name := range l.connection.Secrets {
		before, _ := a.Secret(name)
		if now, _ := b.Secret(name); now != before {
			return false
		}
	}
	return true
}

// dial connects once, within the time that one question may take.
func (l line) dial(ctx context.Context, with connector.Connection) (*session, error) {
	if err := l.gate.wait(ctx); err != nil {
		return nil, err
	}
	var opened *session
	err := l.gate.try(ctx, func() (verdict, error) {
		// A kind may keep the context for as long as it is connected, so that it ends
		// with the session, not with the opening.
		inner, cancel := context.WithCancel(ctx)
		late := time.AfterFunc(l.connection.Timeout, cancel)
		c, err := l.kind.Open(inner, with.Paced(func(ctx context.Context) error {
			if late.Stop() { // to wait for one's turn is no silence of the system
				defer late.Reset(l.connection.Timeout)
			}
			return l.gate.pace(ctx)
		}))
		if !late.Stop() {
			if err == nil {
				_ = c.Close()
			}
			err = connector.Fail(connector.ErrUnreachable, l.connection.System, "timeout", context.DeadlineExceeded)
		}
		if errors.Is(err, connector.ErrUnreachable) && !errors.Is(err, connector.ErrBusy) {
			cancel()
			return silent, err
		}
		if err != nil {
			cancel()
			return nothing, err
		}
		opened = &session{c, cancel}
		return nothing, nil
	})
	return opened, err
}

// asked is a system that was opened. It has its place until it is closed.
type asked struct {
	line
	first *session
	fresh atomic.Bool // the opening counts for the first question
	close func() error
}

// Unmapped lets what is opened say which fields nobody mapped.
func (a *asked) Unmapped() []connector.Sort { return connector.Unmapped(a.first.Connector) }

// Close gives the place back. Only the first time counts.
func (a *asked) Close() error { return a.close() }

// Find asks, and asks again where the system goes away: from the beginning if it
// had given nothing yet, else from where it stopped.
func (a *asked) Find(ctx context.Context, q connector.Query, from connector.Cursor, yield func(connector.Finding, connector.Cursor) error) (connector.Answer, error) {
	session, paid := a.first, a.fresh.Swap(false)
	defer func() {
		if session != a.first {
			_ = session.Close()
		}
	}()
	var heard connector.Answer // about what was asked before the system went away
	once := newGiven()
	failed := false
	answer, err := again(ctx, func() (connector.Answer, error) {
		if failed {
			next, err := a.connect(ctx)
			if err != nil {
				return heard, err
			}
			if session != a.first {
				_ = session.Close()
			}
			session, paid = next, true
		}
		if !paid {
			if err := a.gate.wait(ctx); err != nil {
				return heard, err
			}
		}
		paid = false
		before := from
		answer, err := a.find(ctx, session, q, &from, once, yield)
		if err == nil {
			return heard.And(answer), nil
		}
		failed = true
		if string(before) != string(from) {
			answer.Outcome = connector.Found
			heard = heard.And(answer)
		}
		return heard, err
	})
	var mine *own
	if errors.As(err, &mine) {
		err = mine.error
	}
	return once.gaps(answer), err
}

// find puts the question once and moves the cursor along.
func (a *asked) find(ctx context.Context, s *session, q connector.Query, at *connector.Cursor, once *given, yield func(connector.Finding, connector.Cursor) error) (connector.Answer, error) {
	var answer connector.Answer
	err := a.gate.try(ctx, func() (verdict, error) {
		var refused error
		var err error
		answer, err = s.Find(ctx, q, *at, func(f connector.Finding, c connector.Cursor) error {
			if !once.first(f) {
				*at = c
				return nil
			}
			var files reading
			err := yield(files.of(f), c)
			if files.end(err) { // the system went away in the middle of a file
				once.forget(f)
				return err
			}
			if refused = err; refused == nil {
				*at = c
			}
			return refused
		})
		if refused != nil {
			return nothing, &own{cmp.Or(err, refused)}
		}
		if errors.Is(err, connector.ErrBusy) {
			return nothing, err
		}
		if errors.Is(err, connector.ErrUnreachable) {
			return silent, err
		}
		return answered, err
	})
	return answer, err
}
