package logintest

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/login"
	"einsicht/internal/problem"
)

var morning = time.Date(2026, 11, 20, 8, 30, 0, 123456000, time.UTC)

// TestStore is the suite for a login.Store. fresh returns a store without the
// staff of the two authorities that it names.
func TestStore(t *testing.T, fresh func(*testing.T) (s login.Store, here, there uuid.UUID)) {
	ctx := context.Background()
	hash := []byte("0123456789abcdef0123456789abcdef")

	add := func(t *testing.T) (login.Store, login.Staff, uuid.UUID) {
		store, here, there := fresh(t)
		staff := login.Staff{ID: uuid.New(), Authority: here, Name: "Jörg Weiß", Role: casefile.Clerk}
		if err := store.AddStaff(ctx, staff, login.Invitation{Hash: hash, Until: morning.Add(time.Hour)}, morning); err != nil {
			t.Fatal(err)
		}
		return store, staff, there
	}

	t.Run("an account is found by id, name and invitation, with no password yet", func(t *testing.T) {
		store, want, _ := add(t)
		if got, err := store.StaffByID(ctx, want.ID); err != nil || got != want {
			t.Errorf("by id: got %v, %v, want %v", got, err, want)
		}
		if got, password, err := store.StaffByName(ctx, want.Authority, want.Name); err != nil || got != want || password != "" {
			t.Errorf("by name: got %v, %q, %v, want %v and no password", got, password, err, want)
		}
		got, until, err := store.StaffByInvitation(ctx, hash)
		if err != nil || got != want || !until.Equal(morning.Add(time.Hour)) {
			t.Errorf("by invitation: got %v, %v, %v, want %v, %v", got, until, err, want, morning.Add(time.Hour))
		}
	})

	t.Run("what is not there is not found", func(t *testing.T) {
		store, staff, there := add(t)
		_, err1 := store.StaffByID(ctx, uuid.New())
		_, _, err2 := store.StaffByName(ctx, there, staff.Name)
		_, _, err3 := store.StaffByName(ctx, staff.Authority, "nobody")
		_, _, err4 := store.StaffByInvitation(ctx, []byte("another"))
		_, _, err5 := store.StaffByInvitation(ctx, nil)
		for i, err := range []error{err1, err2, err3, err4, err5} {
			if !errors.Is(err, problem.NotFound) {
				t.Errorf("look-up %d: got %v, want not found", i+1, err)
			}
		}
	})

	t.Run("a name exists once in an authority and again in another", func(t *testing.T) {
		store, staff, there := add(t)
		again := login.Staff{ID: uuid.New(), Authority: staff.Authority, Name: staff.Name, Role: casefile.Approver}
		err := store.AddStaff(ctx, again, login.Invitation{Hash: []byte("a second one"), Until: morning}, morning)
		if !errors.Is(err, problem.Conflict) {
			t.Errorf("the same authority: got %v, want a conflict", err)
		}
		again.Authority = there
		if err := store.AddStaff(ctx, again, login.Invitation{Hash: []byte("a third one"), Until: morning}, morning); err != nil {
			t.Errorf("another authority: got %v", err)
		}
	})

	t.Run("an invitation is accepted once, however many try at once", func(t *testing.T) {
		store, staff, _ := add(t)
		var accepted atomic.Int32
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				switch err := store.Accept(ctx, staff.ID, hash, "first"); {
				case err == nil:
					accepted.Add(1)
				case !errors.Is(err, problem.NotFound):
					t.Errorf("got %v, want not found", err)
				}
			})
		}
		wg.Wait()
		if got := accepted.Load(); got != 1 {
			t.Errorf("accepted: got %d times, want once", got)
		}
		if _, password, err := store.StaffByName(ctx, staff.Authority, staff.Name); err != nil || password != "first" {
			t.Errorf("got password %q, %v, want the accepted one", password, err)
		}
		if _, _, err := store.StaffByInvitation(ctx, hash); !errors.Is(err, problem.NotFound) {
			t.Errorf("the invitation afterwards: got %v, want not found", err)
		}
	})

	t.Run("an invitation is not accepted for somebody else", func(t *testing.T) {
		store, staff, there := add(t)
		other := login.Staff{ID: uuid.New(), Authority: there, Name: "Other", Role: casefile.Clerk}
		if err := store.AddStaff(ctx, other, login.Invitation{Hash: []byte("other"), Until: morning}, morning); err != nil {
			t.Fatal(err)
		}
		for _, hash := range [][]byte{[]byte("other"), nil} {
			if err := store.Accept(ctx, staff.ID, hash, "x"); !errors.Is(err, problem.NotFound) {
				t.Errorf("got %v, want not found", err)
			}
		}
	})

	t.Run("a password is replaced only if it still is the old one", func(t *testing.T) {
		store, staff, _ := add(t)
		if err := store.Accept(ctx, staff.ID, hash, "first"); err != nil {
			t.Fatal(err)
		}
		for _, step := range []struct{ old, next, want string }{
			{"something else", "second", "first"},
			{"first", "second", "second"},
			{"first", "third", "second"},
		} {
			if err := store.ReplacePassword(ctx, staff.ID, step.old, step.next); err != nil {
				t.Errorf("replacing: got %v", err)
			}
			if _, got, _ := store.StaffByName(ctx, staff.Authority, staff.Name); got != step.want {
				t.Errorf("got password %q, want %q", got, step.want)
			}
		}
	})
}

// TestThrottleStore is the suite for a login.ThrottleStore.
func TestThrottleStore(t *testing.T, fresh func(*testing.T) login.ThrottleStore) {
	ctx := context.Background()
	one := login.Attempts{Count: 1, Until: morning.Add(time.Second), At: morning}
	two := login.Attempts{Count: 2, Until: morning.Add(2 * time.Second), At: morning.Add(time.Second)}

	swap := func(t *testing.T, store login.ThrottleStore, key string, old, next login.Attempts, want bool) {
		t.Helper()
		got, err := store.SwapAttempts(ctx, []byte(key), old, next)
		if err != nil || got != want {
			t.Errorf("swap: got %v, %v, want %v", got, err, want)
		}
	}
	holds := func(t *testing.T, store login.ThrottleStore, key string, want login.Attempts) {
		t.Helper()
		got, err := store.Attempts(ctx, []byte(key))
		if err != nil || got.Count != want.Count || !got.Until.Equal(want.Until) || !got.At.Equal(want.At) {
			t.Errorf("%s: got %v, %v, want %v", key, got, err, want)
		}
	}

	t.Run("a key without attempts has none", func(t *testing.T) {
		holds(t, fresh(t), "key", login.Attempts{})
	})
	t.Run("attempts are swapped only against what was read", func(t *testing.T) {
		store := fresh(t)
		swap(t, store, "key", one, two, false) // there is no row yet
		swap(t, store, "key", login.Attempts{}, one, true)
		swap(t, store, "key", login.Attempts{}, two, false) // somebody was first
		holds(t, store, "key", one)
		swap(t, store, "key", login.Attempts{Count: 2, At: one.At}, two, false)
		swap(t, store, "key", login.Attempts{Count: 1, At: two.At}, two, false)
		swap(t, store, "key", one, two, true)
		holds(t, store, "key", two)
		holds(t, store, "another key", login.Attempts{})
	})
	t.Run("of many swaps at once one wins", func(t *testing.T) {
		for _, old := range []login.Attempts{{}, one} {
			store := fresh(t)
			if old.Count > 0 {
				swap(t, store, "key", login.Attempts{}, old, true)
			}
			var won atomic.Int32
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					swapped, err := store.SwapAttempts(ctx, []byte("key"), old, two)
					if err != nil {
						t.Error(err)
					}
					if swapped {
						won.Add(1)
					}
				})
			}
			wg.Wait()
			if got := won.Load(); got != 1 {
				t.Errorf("got %d winners, want 1", got)
			}
		}
	})
	t.Run("old attempts are dropped, newer ones stay", func(t *testing.T) {
		store := fresh(t)
		swap(t, store, "old", login.Attempts{}, one, true)
		swap(t, store, "new", login.Attempts{}, two, true)
		if err := store.DropAttempts(ctx, two.At); err != nil {
			t.Fatal(err)
		}
		holds(t, store, "old", login.Attempts{})
		holds(t, store, "new", two)
	})
}
