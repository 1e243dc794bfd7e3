package jobs_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"einsicht/internal/casefile"
	"einsicht/internal/jobs"
	"einsicht/internal/postgres/postgrestest"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

// Fifty systems of a case are asked at once, though each question is a job, and a
// mail does not wait for them. No clock decides: each question waits for the
// others.
func TestFiftySystemsAreAskedAtOnce(t *testing.T) {
	const systems = 50
	ctx := context.Background()
	db, _ := postgrestest.Open(t, jobs.Migrate)
	var arrived atomic.Int64
	all, mailed := make(chan struct{}), make(chan struct{})
	work := map[casefile.Job]jobs.Work{}
	for _, job := range casefile.Jobs {
		work[job] = func(context.Context, uuid.UUID, uuid.UUID, int) error { return nil }
	}
	work[casefile.JobGather] = func(ctx context.Context, _, _ uuid.UUID, _ int) error {
		if arrived.Add(1) == systems {
			close(all)
		}
		select {
		case <-all:
		case <-ctx.Done():
		}
		return nil
	}
	work[casefile.JobNews] = func(context.Context, uuid.UUID, uuid.UUID, int) error { close(mailed); return nil }
	queue, err := jobs.New(db, jobs.Options{Work: work, Workers: 1, Gathering: 64, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	authority := uuid.New()
	err = db.InTx(ctx, authority, func(ctx context.Context) error {
		for range systems {
			if err := queue.Enqueue(ctx, authority, uuid.New(), casefile.JobGather); err != nil {
				return err
			}
		}
		return queue.Enqueue(ctx, authority, uuid.New(), casefile.JobNews)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := queue.Start(ctx); err != nil {
		t.Fatal(err)
	}
	defer func() {
		ended, cancel := context.WithCancel(ctx)
		cancel()
		_ = queue.Stop(ended)
	}()
	for what, happened := range map[string]chan struct{}{"a mail, while systems are being asked": mailed, "fifty systems at once": all} {
		select {
		case <-happened:
		case <-time.After(2 * time.Minute):
			t.Fatalf("%s: not after two minutes, %d are being asked", what, arrived.Load())
		}
	}
}

// Work that can't be done yet does not wear out its attempts: here it waits for
// as many as there are, and one.
func TestWaitingCostsNoAttempt(t *testing.T) {
	for name, wait := range map[string]error{"more to do": jobs.ErrAgain, "not yet": fmt.Errorf("a reason: %w", jobs.ErrLater)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			db, d := postgrestest.Open(t, jobs.Migrate)
			hurry, err := pgx.Connect(ctx, d.Superuser)
			if err != nil {
				t.Fatal(err)
			}
			defer hurry.Close(ctx)
			attempts := make(chan int)
			work := map[casefile.Job]jobs.Work{}
			for _, job := range casefile.Jobs {
				work[job] = func(_ context.Context, _, _ uuid.UUID, attempt int) error { attempts <- attempt; return wait }
			}
			queue, err := jobs.New(db, jobs.Options{Work: work, Workers: 1, Gathering: 1, Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			authority := uuid.New()
			if err := db.InTx(ctx, authority, func(ctx context.Context) error {
				return queue.Enqueue(ctx, authority, uuid.New(), casefile.JobGather)
			}); err != nil {
				t.Fatal(err)
			}
			if err := queue.Start(ctx); err != nil {
				t.Fatal(err)
			}
			defer func() {
				ended, cancel := context.WithCancel(ctx)
				cancel()
				go func() {
					for range attempts { // who still runs may end
					}
				}()
				_ = queue.Stop(ended)
			}()
			end := time.After(2 * time.Minute)
			for runs := 0; runs <= jobs.Attempts; {
				select {
				case attempt := <-attempts:
					if runs++; attempt != 1 {
						t.Fatalf("run %d: got attempt %d, want that nothing was tried", runs, attempt)
					}
				case <-time.After(50 * time.Millisecond):
					if _, err := hurry.Exec(ctx, "update river_job set state = 'available', scheduled_at = now() where state = 'scheduled'"); err != nil {
						t.Fatal(err)
					}
				case <-end:
					t.Fatalf("got %d runs within two minutes, want %d", runs, jobs.Attempts+1)
				}
			}
		})
	}
}

// A job that waits for hours begins anew when staff say so, with all its attempts and
// only once; one that runs is left alone.
func TestAJobThatWaitsBeginsAnew(t *testing.T) {
	ctx := context.Background()
	db, _ := postgrestest.Open(t, jobs.Migrate)
	attempts, finish := make(chan int), make(chan error)
	work := map[casefile.Job]jobs.Work{}
	for _, job := range casefile.Jobs {
		work[job] = func(_ context.Context, _, _ uuid.UUID, attempt int) error { attempts <- attempt; return <-finish }
	}
	queue, err := jobs.New(db, jobs.Options{Work: work, Workers: 4, Gathering: 4, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	authority, object := uuid.New(), uuid.New()
	add := func(add func(context.Context, uuid.UUID, uuid.UUID) error) {
		t.Helper()
		if err := db.InTx(ctx, authority, func(ctx context.Context) error { return add(ctx, authority, object) }); err != nil {
			t.Fatal(err)
		}
	}
	restart := func(ctx context.Context, authority, object uuid.UUID) error {
		return queue.Restart(ctx, authority, object, casefile.JobChange)
	}
	add(func(ctx context.Context, authority, object uuid.UUID) error {
		return queue.Enqueue(ctx, authority, object, casefile.JobChange)
	})
	if err := queue.Start(ctx); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = queue.Stop(ctx) }()
	begun := func(want int) {
		t.Helper()
		select {
		case got := <-attempts:
			if got != want {
				t.Fatalf("got attempt %d, want %d", got, want)
			}
		case <-time.After(2 * time.Minute):
			t.Fatal("nothing began within two minutes")
		}
	}
	count := func(states string) (n int) {
		t.Helper()
		if err := db.Pool().QueryRow(ctx, "select count(*) from river_job where state::text = any(string_to_array($1, ' '))", states).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	wait := func(what string, done func() bool) {
		t.Helper()
		for end := time.Now().Add(2 * time.Minute); !done(); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%s: not within two minutes", what)
			}
		}
	}
	begun(1)
	add(restart)
	if n := count("available retryable scheduled running"); n != 1 {
		t.Errorf("restarted while it runs: got %d jobs, want the one that runs", n)
	}
	finish <- fmt.Errorf("in vain")
	begun(2) // after the first pause
	finish <- fmt.Errorf("in vain")
	wait("it waits for its third attempt", func() bool { return count("retryable") == 1 })
	add(restart)
	begun(1)
	finish <- nil
	wait("it is done", func() bool { return count("completed") == 1 })
	if n := count("available retryable scheduled running"); n != 0 {
		t.Errorf("got %d jobs left, want none", n)
	}
	add(restart)
	begun(1) // where none was left
	finish <- nil
}
