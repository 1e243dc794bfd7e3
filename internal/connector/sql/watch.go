package sql

import (
	"sync"
	"time"
)

// watch ends questions that the server lets us wait for longer than the
// connection's timeout. The server's own statement_timeout would count the
// time in which our side works with a record.
type watch struct {
	mu     sync.Mutex
	since  map[*postgresSnapshot]turn
	ticker *time.Ticker
	done   chan struct{}
}

// turn is whose turn it was, and since when.
type turn struct {
	n  int64
	at time.Time
}

func newWatch(timeout time.Duration) *watch {
	w := &watch{since: map[*postgresSnapshot]turn{}, ticker: time.NewTicker(timeout / 8), done: make(chan struct{})}
	go func() {
		for {
			select {
			case <-w.done:
				return
			case now := <-w.ticker.C:
				w.look(now, timeout)
			}
		}
	}()
	return w
}

func (w *watch) close() {
	w.ticker.Stop()
	close(w.done)
}

func (w *watch) add(s *postgresSnapshot) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.since[s] = turn{n: -1}
}

func (w *watch) remove(s *postgresSnapshot) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.since, s)
}

func (w *watch) look(now time.Time, timeout time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for s, last := range w.since {
		switch n := s.turns.Load(); {
		case n != last.n || n&1 == 0:
			w.since[s] = turn{n, now}
		case now.Sub(last.at) >= timeout:
			s.stalled.Store(true)
			s.stop()
		}
	}
}
