package source

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"
	"golang.org/x/time/rate"

	"einsicht/internal/connector"
)

const (
	// tooOften is how many questions in a row a system leaves without an answer
	// before it is left in peace.
	tooOften = 5
	// rest is for how long. Then one question tries it: a system that is up again
	// is back before the second attempt of a job.
	rest = 15 * time.Second
	// queue is how long a question waits for a place. Longer it holds up those to
	// other systems: it is to come again.
	queue = 10 * time.Second
)

// gate lets through to one system what it bears.
type gate struct {
	system, kind, version string

	places   chan struct{}
	rate     *rate.Limiter
	requests *rate.Limiter
	breaker  *gobreaker.TwoStepCircuitBreaker[struct{}]

	questions, failures atomic.Int64
}

func newGate(c connector.Connection, log *slog.Logger) *gate {
	limit := rate.Inf
	if c.Rate > 0 {
		limit = rate.Limit(c.Rate)
	}
	return &gate{
		system: c.System, kind: c.Kind, version: c.Version,
		places: make(chan struct{}, max(1, c.Concurrency)),
		rate:   rate.NewLimiter(limit, 1),
		// Of what one question consists of comes one a second at least: else a job
		// would never get to where the one before it stopped.
		requests: rate.NewLimiter(max(limit, 1), 1),
		breaker: gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
			Timeout:     rest,
			ReadyToTrip: func(n gobreaker.Counts) bool { return n.ConsecutiveFailures >= tooOften },
			IsExcluded:  func(err error) bool { return errors.Is(err, context.Canceled) },
			OnStateChange: func(_ string, _, to gobreaker.State) {
				switch {
				case log == nil:
				case to == gobreaker.StateOpen:
					log.Warn("system rests: it does not answer", "system", c.System)
				case to == gobreaker.StateClosed:
					log.Info("system answers again", "system", c.System)
				}
			},
		}),
	}
}

// enter takes a place, or waits for one, but not for long.
func (g *gate) enter(ctx context.Context) error {
	waiting, cancel := context.WithTimeout(ctx, queue)
	defer cancel()
	select {
	case g.places <- struct{}{}:
		return nil
	case <-waiting.Done():
		return &busy{connector.Fail(connector.ErrUnreachable, g.system, "busy", waiting.Err())}
	}
}

func (g *gate) leave() { <-g.places }

func (g *gate) resting() bool { return g.breaker.State() == gobreaker.StateOpen }

// wait keeps to the questions per second.
func (g *gate) wait(ctx context.Context) error { return g.waitFor(ctx, g.rate) }

// pace keeps to it also within a question, where a kind tells its requests apart.
func (g *gate) pace(ctx context.Context) error { return g.waitFor(ctx, g.requests) }

func (g *gate) waitFor(ctx context.Context, limiter *rate.Limiter) error {
	if err := limiter.Wait(ctx); err != nil {
		// Also where the time left would not suffice, which the limiter says at once.
		return &busy{connector.Fail(connector.ErrUnreachable, g.system, "rate", cancelled(ctx))}
	}
	return nil
}

func cancelled(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return context.DeadlineExceeded
}

// try runs an opening or a search unless the system rests, and learns from how
// it ends.
func (g *gate) try(ctx context.Context, f func() (verdict, error)) error {
	done, err := g.breaker.Allow()
	if err != nil {
		return &resting{connector.Fail(connector.ErrUnreachable, g.system, "resting", nil)}
	}
	g.questions.Add(1)
	learnt := nothing // also where f panics
	defer func() {
		switch {
		case learnt == silent && ctx.Err() == nil: // else we hung up
			g.failures.Add(1)
			done(errSilent)
		case learnt == answered:
			done(nil)
		default:
			done(context.Canceled)
		}
	}()
	learnt, err = f()
	return err
}

// verdict is what a question says about its system.
type verdict int

const (
	// nothing: also that it opened, since some kinds open without a word to the
	// system.
	nothing verdict = iota
	answered
	silent
)

var errSilent = errors.New("no answer")

// resting is the failure of a question that was not put. To try it again at once
// helps nobody.
type resting struct{ *connector.Failure }

func (r *resting) Unwrap() []error { return []error{r.Failure} }

// busy is the failure of a question that was not put since others are before it.
type busy struct{ *connector.Failure }

func (b *busy) Unwrap() []error { return []error{b.Failure, connector.ErrBusy} }
