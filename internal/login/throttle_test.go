package login_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"einsicht/internal/login"
	"einsicht/internal/login/logintest"
	"einsicht/internal/problem"
)

// gate is a throttle with a clock that stands still unless it is moved.
type gate struct {
	*login.Throttle
	now time.Time
}

func newGate() *gate {
	g := &gate{now: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)}
	g.Throttle = &login.Throttle{Store: logintest.NewMemory(), Now: func() time.Time { return g.now }}
	return g
}

func (g *gate) try(t *testing.T, account, address string) time.Duration {
	t.Helper()
	wait, err := g.Attempt(ctx, []byte(account), []byte(address))
	if err != nil {
		t.Fatal(err)
	}
	return wait
}

func TestWaitingGrowsAndStaysShort(t *testing.T) {
	var got []time.Duration
	for n := range 10 {
		got = append(got, login.WaitAfter(n))
	}
	got = append(got, login.WaitAfter(1_000_000))
	want := "[0s 1s 2s 4s 8s 16s 32s 1m0s 1m0s 1m0s 1m0s]"
	if fmt.Sprint(got) != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestAnAccountIsGuessedSlowlyFromAnyNumberOfAddresses(t *testing.T) {
	g := newGate()
	tries := 0
	for end := g.now.Add(time.Hour); g.now.Before(end); {
		wait := g.try(t, "account", fmt.Sprint("address ", tries))
		if wait == 0 {
			tries++
		}
		g.now = g.now.Add(max(wait, time.Millisecond))
	}
	if tries < 50 || tries > 70 {
		t.Errorf("got %d attempts in an hour, want about sixty", tries)
	}
	if wait := g.try(t, "another account", "address"); wait != 0 {
		t.Errorf("another account waits %v", wait)
	}
}

func TestAnAddressGuessesSlowlyAtAnyNumberOfAccounts(t *testing.T) {
	g := newGate()
	tries := 0
	for end := g.now.Add(time.Hour); g.now.Before(end); {
		wait := g.try(t, fmt.Sprint("account ", tries), "address")
		if wait == 0 {
			tries++
		}
		g.now = g.now.Add(max(wait, time.Millisecond))
	}
	if tries < 75 || tries > 95 {
		t.Errorf("got %d attempts in an hour, want thirty at once and about sixty more", tries)
	}
}

func TestABlockedAddressDoesNotSlowTheAccountDown(t *testing.T) {
	g := newGate()
	for i := range 31 {
		g.try(t, fmt.Sprint("account ", i), "bad address")
	}
	for range 100 {
		if wait := g.try(t, "victim", "bad address"); wait == 0 {
			t.Fatal("the address is not blocked: this test checks nothing")
		}
	}
	if wait := g.try(t, "victim", "home"); wait != 0 {
		t.Errorf("got %v, want no wait", wait)
	}
}

func TestNothingIsCountedWhileWaiting(t *testing.T) {
	g := newGate()
	for range 6 {
		g.try(t, "account", "address")
	}
	for range 50 {
		if got := g.try(t, "account", "address"); got != time.Second {
			t.Fatalf("got %v, want 1s", got)
		}
	}
	g.now = g.now.Add(time.Second)
	if got := g.try(t, "account", "address"); got != 0 {
		t.Errorf("after the wait: got %v, want none", got)
	}
}

func TestAfterFifteenMinutesAllIsForgotten(t *testing.T) {
	g := newGate()
	for range 6 {
		g.try(t, "account", "address")
	}
	g.now = g.now.Add(15*time.Minute + time.Second)
	for i := range 6 {
		if got := g.try(t, "account", "address"); got != 0 {
			t.Errorf("attempt %d: got %v, want no wait", i+1, got)
		}
	}
	if err := g.Forget(ctx); err != nil {
		t.Fatal(err)
	}
	if got := g.try(t, "account", "address"); got == 0 {
		t.Error("Forget dropped what is still to be remembered")
	}
	g.now = g.now.Add(15*time.Minute + time.Second)
	if err := g.Forget(ctx); err != nil {
		t.Fatal(err)
	}
	if got, _ := g.Store.Attempts(ctx, []byte("account")); got != (login.Attempts{}) {
		t.Errorf("got %v, want nothing remembered", got)
	}
}

func TestARightAttemptIsGivenBackAndBuysNoGuesses(t *testing.T) {
	g := newGate()
	for range 200 {
		if wait := g.try(t, "account", "office"); wait != 0 {
			t.Fatalf("got %v: who is right must not wait", wait)
		}
		if err := g.Succeed(ctx, []byte("account"), []byte("office")); err != nil {
			t.Fatal(err)
		}
	}
	guesses := 0
	for end := g.now.Add(10 * time.Minute); g.now.Before(end) && guesses <= 60; {
		wait := g.try(t, fmt.Sprint("victim ", guesses), "address")
		if wait == 0 {
			guesses++
		} else {
			g.now = g.now.Add(wait)
		}
		if g.try(t, "my own", "address") == 0 {
			if err := g.Succeed(ctx, []byte("my own"), []byte("address")); err != nil {
				t.Fatal(err)
			}
		}
	}
	if guesses > 60 {
		t.Errorf("got %d guesses in ten minutes between sign-ins of one's own, want at most 60", guesses)
	}
}

func TestManyAttemptsAtOnceAreManyAttempts(t *testing.T) {
	g := newGate()
	g.Store = slow{g.Store}
	var through atomic.Int32
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			if g.try(t, "account", "address") == 0 {
				through.Add(1)
			}
		})
	}
	wg.Wait()
	if got := through.Load(); got > 6 {
		t.Errorf("got %d attempts through, want at most six", got)
	}
}

// slow takes its time between reading and writing, as a database does.
type slow struct{ login.ThrottleStore }

func (s slow) Attempts(ctx context.Context, key []byte) (login.Attempts, error) {
	defer time.Sleep(time.Millisecond)
	return s.ThrottleStore.Attempts(ctx, key)
}

func TestSigningInIsThrottled(t *testing.T) {
	h := open(t)
	h.hire(t, "Vera Klein")
	for i := range 6 {
		if _, err := h.knock("Vera Klein", "wrong"); !errors.Is(err, problem.Invalid) {
			t.Fatalf("attempt %d: got %v", i+1, err)
		}
	}
	before := h.Runs()
	_, err := h.knock("Vera Klein", good)
	var p *problem.Error
	if !errors.Is(err, problem.Throttled) || !errors.As(err, &p) || fmt.Sprint(p.Args) != "[seconds 1]" {
		t.Errorf("got %v, want throttled for a second", err)
	}
	if h.Runs() != before {
		t.Error("a throttled attempt was hashed")
	}
	h.now = h.now.Add(time.Second)
	if _, err := h.knock("Vera Klein", good); err != nil {
		t.Errorf("after the wait: got %v", err)
	}
	for range 6 {
		if _, err := h.knock("Nobody", "wrong"); !errors.Is(err, problem.Invalid) {
			t.Fatalf("got %v", err)
		}
	}
	if _, err := h.knock("Nobody", "wrong"); !errors.Is(err, problem.Throttled) {
		t.Errorf("an account that does not exist: got %v, want throttled as well", err)
	}
}

func TestAPersonControlsANetwork(t *testing.T) {
	tests := []struct{ name, address, want string }{
		{"IPv4 is one person", "192.0.2.7", "192.0.2.7"},
		{"with a port", "192.0.2.7:4711", "192.0.2.7"},
		{"IPv4 in IPv6 is IPv4", "::ffff:192.0.2.7", "192.0.2.7"},
		{"IPv6 counts by its first 64 bits", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
		{"IPv6 with a port", "[2001:db8:1:2::9]:443", "2001:db8:1:2::/64"},
		{"IPv6 with a zone", "fe80::1%eth0", "fe80::/64"},
		{"no address", "unix", "unix"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := login.Network(tt.address); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
