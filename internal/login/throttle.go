package login

import (
	"context"
	"fmt"
	"time"
)

// Attempts is what is remembered of the attempts on one key.
type Attempts struct {
	Count int
	Until time.Time // nothing is tried before
	At    time.Time // the last one counted
}

// ThrottleStore keeps attempts. Its methods must not run inside a transaction
// that is rolled back when the attempt fails. Times have microseconds.
type ThrottleStore interface {
	// Attempts reads the row of a key; the zero Attempts without a row.
	Attempts(ctx context.Context, key []byte) (Attempts, error)
	// SwapAttempts writes a row if it still is what was read (count and at are
	// the same; for the zero Attempts: there is none) and says whether it did.
	// In SQL: update … where key = $1 and count = old.count and at = old.at; for
	// a zero old: insert … on conflict do nothing.
	SwapAttempts(ctx context.Context, key []byte, old, next Attempts) (bool, error)
	// DropAttempts deletes the rows whose last attempt is older.
	DropAttempts(ctx context.Context, before time.Time) error
}

// How much may be tried, and how waiting grows. An address may be that of a
// whole office, so it gets more; and the longest wait stays short, because who
// knocks all the time would otherwise keep the rightful person out.
const (
	freeOnAccount = 5
	freeOnAddress = 30
	firstWait     = time.Second // doubles with each further attempt
	longestWait   = time.Minute
	remembered    = 15 * time.Minute // after the last attempt
)

// Throttle slows guessing down: of passwords here, of access codes at the
// citizen's entry. Each attempt is counted before it is made and given back if
// it was right, so many attempts at once are many attempts.
type Throttle struct {
	Store ThrottleStore
	Now   func() time.Time
}

// Attempt counts an attempt on an account (or a file number) from an address,
// both as keyed hashes. If it returns a wait, nothing may be tried before that
// time is over.
func (t *Throttle) Attempt(ctx context.Context, account, address []byte) (wait time.Duration, err error) {
	// First look at both: an address that has to wait must not be able to make
	// the account wait longer.
	now := t.now()
	for _, key := range [][]byte{account, address} {
		a, err := t.Store.Attempts(ctx, key)
		if err != nil {
			return 0, fmt.Errorf("reading attempts: %w", err)
		}
		wait = max(wait, a.Until.Sub(now))
	}
	if wait > 0 {
		return wait, nil
	}
	if wait, err = t.count(ctx, account, freeOnAccount); wait > 0 || err != nil {
		return wait, err
	}
	return t.count(ctx, address, freeOnAddress)
}

// Succeed gives an attempt back that turned out to be right. Earlier failures
// stay remembered: signing in to an account of one's own in between shall not
// buy guesses at others.
func (t *Throttle) Succeed(ctx context.Context, account, address []byte) error {
	for _, key := range [][]byte{account, address} {
		_, err := t.change(ctx, key, func(a Attempts, now time.Time) (Attempts, time.Duration) {
			// No wait at all: somebody who asks at this very moment read the clock a
			// little earlier.
			return Attempts{Count: max(a.Count-1, 0), At: now}, 0
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Forget drops what is older than it need be remembered; a job calls it.
func (t *Throttle) Forget(ctx context.Context) error {
	if err := t.Store.DropAttempts(ctx, t.now().Add(-remembered)); err != nil {
		return fmt.Errorf("forgetting attempts: %w", err)
	}
	return nil
}

func (t *Throttle) count(ctx context.Context, key []byte, free int) (time.Duration, error) {
	return t.change(ctx, key, func(a Attempts, now time.Time) (Attempts, time.Duration) {
		if wait := a.Until.Sub(now); wait > 0 {
			return a, wait
		}
		if now.Sub(a.At) > remembered {
			a.Count = 0
		}
		return Attempts{Count: a.Count + 1, Until: now.Add(waitAfter(a.Count + 1 - free)), At: now}, 0
	})
}

// change replaces a row by what next makes of it, unless next asks to wait.
// Others may change it at the same moment; then it is read again.
func (t *Throttle) change(ctx context.Context, key []byte, next func(Attempts, time.Time) (Attempts, time.Duration)) (time.Duration, error) {
	const tries = 20
	for range tries {
		old, err := t.Store.Attempts(ctx, key)
		if err != nil {
			return 0, fmt.Errorf("reading attempts: %w", err)
		}
		row, wait := next(old, t.now())
		if wait > 0 {
			return wait, nil
		}
		swapped, err := t.Store.SwapAttempts(ctx, key, old, row)
		if err != nil {
			return 0, fmt.Errorf("counting an attempt: %w", err)
		}
		if swapped {
			return 0, nil
		}
	}
	return firstWait, nil // so many at once that counting fails: too many
}

// waitAfter gives the wait after the n-th attempt that is no longer free.
func waitAfter(n int) time.Duration {
	if n <= 0 {
		return 0
	}
	if n > 6 { // 2^6 seconds are more than the longest wait
		return longestWait
	}
	return min(firstWait<<(n-1), longestWait)
}

// now has the precision of a timestamptz, so that what comes back from the
// store equals what was written.
func (t *Throttle) now() time.Time { return t.Now().UTC().Truncate(time.Microsecond) }
