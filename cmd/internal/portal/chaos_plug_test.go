package portal_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"einsicht/cmd/internal/portal/portaltest"
	"einsicht/internal/casefile"
)

// plug is what is pulled.
type plug string

// The plugs.
const (
	worker   plug = "kill -9 of the worker"
	sessions plug = "end of the sessions in the database"
	server   plug = "crash of the database server"
	both     plug = "crash of the worker and the database server"
)

var plugs = []plug{worker, sessions, server, both}

// chaosWorker is what the worker calls itself in the portal's database.
const chaosWorker = "chaos_worker"

// pull pulls it while a moment is held, and plugs it in again.
func (p plug) pull(c *chaos, t *testing.T, m moment, at halt) {
	t.Helper()
	const alive = "select count(*) from pg_stat_activity where datname = current_database() and application_name = $1"
	if p == worker || p == both {
		if c.count(t, alive, chaosWorker) == 0 {
			t.Fatal("the worker has no session: its end can't be seen")
		}
		c.stop()
	}
	switch {
	case p == worker:
		at.let()
	case p == sessions:
		c.in(t, c.victim, "select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = current_database() and application_name = 'einsicht'")
		at.let()
	default:
		c.house.CrashSources(t)
		if !m.inSystem { // it goes on, and meets a dead system
			at.let()
		}
		if m.asks && p == server {
			c.until(t, "somebody asks the dead system", func() bool {
				return c.count(t, "select count(*) from river_job where kind = 'system-change' and errors is not null and state <> 'completed'") > 0
			})
		}
		c.house.ReviveSources(t)
		c.connect(t)
		if m.inSystem {
			at.let()
		}
	}
	if p == worker || p == both {
		portaltest.Wait(t, "the database notices that the worker is dead", portaltest.Patience, func() (bool, error) {
			return c.count(t, alive, chaosWorker) == 0, nil
		})
		c.aged(t)
		c.start(t)
	}
}

// aged lets a minute pass for the jobs whose worker is dead, and for its leadership:
// then they are found again.
func (c *chaos) aged(t *testing.T) {
	t.Helper()
	c.exec(t, "update river_job set attempted_at = attempted_at - interval '61 seconds' where state = 'running'")
	c.exec(t, "update river_leader set expires_at = now() - interval '1 second'")
}

// atOnce lets the time pass until the next attempt of jobs that failed.
func (c *chaos) atOnce(t *testing.T) {
	t.Helper()
	// Rows that somebody writes are passed over: who is held may hold them.
	c.exec(t, `with due as (select id from river_job where state in ('retryable', 'scheduled', 'available') and scheduled_at > now() and kind = any($1)
			for update skip locked),
		woken as (update river_job set state = 'available', scheduled_at = now() from due where river_job.id = due.id returning queue)
		select pg_notify(current_schema() || '.river_insert', json_build_object('queue', queue)::text) from (select distinct queue from woken) q`, watched)
}

// watched are the jobs of an erasure. A run is over when none is left, also of those
// that were torn when all else was done.
var watched = []casefile.Job{casefile.JobRehearse, casefile.JobCarryOut, casefile.JobChange, casefile.JobBuild}

func (c *chaos) left(t *testing.T) int {
	t.Helper()
	return c.count(t, "select count(*) from river_job where finalized_at is null and kind = any($1)", watched)
}

func database(system string) string { return strings.ReplaceAll(system, "-", "_") }

// dial connects to a system as superuser.
func (c *chaos) dial(t *testing.T, system string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(ctx, c.house.Sources.DSN(c.house.Sources.Superuser(), database(system)))
	if err != nil {
		t.Fatal(err)
	}
	mustExec(t, conn, "set synchronous_commit = 'local'") // of this test none waits for a standby
	return conn
}

// connect connects to all systems, anew where their server crashed.
func (c *chaos) connect(t *testing.T) {
	t.Helper()
	for _, system := range c.systems {
		if old := c.dbs[system]; old != nil {
			old.Close(ctx)
		}
		c.dbs[system] = c.dial(t, system)
	}
}

func (c *chaos) in(t *testing.T, system, sql string, args ...any) {
	t.Helper()
	mustExec(t, c.dbs[system], sql, args...)
}

func mustExec(t *testing.T, conn *pgx.Conn, sql string, args ...any) {
	t.Helper()
	if _, err := conn.Exec(ctx, sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func (c *chaos) countIn(t *testing.T, sql string, args ...any) (n int) {
	t.Helper()
	if err := c.dbs[c.victim].QueryRow(ctx, sql, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
