package portal_test

import (
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"
)

// moment is a step of an erasure at which a plug can be pulled: what runs is held
// there, by a lock of this test.
type moment struct {
	name     string
	planning bool // it comes while the plan is made
	asks     bool // the system is asked only after it
	inSystem bool // it is held in the system's database
	plugs    []plug
	hold     func(c *chaos, t *testing.T) halt
}

// halt is a moment that is waited for.
type halt struct {
	reached func() bool
	let     func() // go on
}

// In the system's database any plug does harm; where it is not asked at that moment,
// its crash comes in the way of what follows.
var (
	anyPlug = []plug{worker, worker, worker, sessions, sessions, server, both}
	outside = []plug{worker, worker, worker, worker, server, both}
)

// moments are all of them, in their order.
var moments = []moment{
	{name: "within the rehearsal", planning: true, inSystem: true, plugs: anyPlug, hold: (*chaos).whileDeleting},
	{name: "before a rehearsal is noted", planning: true, plugs: outside, hold: noted("rehearsed")},
	{name: "while jobs are given out", asks: true, plugs: outside, hold: noted("given")},
	{name: "before it is noted that acting begins", asks: true, plugs: outside, hold: noted("begun")},
	{name: "after that, before the system is read", inSystem: true, plugs: anyPlug, hold: (*chaos).beforeReading},
	{name: "before the system's first change", inSystem: true, plugs: anyPlug, hold: (*chaos).beforeChanging},
	{name: "between changes of the system", inSystem: true, plugs: anyPlug, hold: (*chaos).whileDeleting},
	{name: "after the system's commit, before its answer", inSystem: true, plugs: anyPlug, hold: (*chaos).beforeTheAnswer},
	{name: "after the answer, before it is read back", inSystem: true, plugs: anyPlug, hold: (*chaos).beforeReadingBack},
	{name: "before the first proof is noted", plugs: outside, hold: noted("proven")},
	{name: "between two proofs of a system", plugs: outside, hold: noted("between")},
	{name: "before the case moves on", plugs: outside, hold: noted("fulfilled")},
	{name: "after the proofs, before the job is over", plugs: outside, hold: noted("over")},
}

// notes are what the portal writes at such moments: table, event, condition.
var notes = map[string][3]string{
	"rehearsed": {"measure", "update", "old.state = 'rehearsing' and new.state = 'planned'"},
	"given":     {"river_job", "insert", "new.kind = 'system-change'"},
	"begun":     {"measure", "update", "old.state = 'planned' and new.state = 'acting'"},
	"proven":    {"measure", "update", "old.state = 'acting' and new.state = 'done'"},
	"between":   {"measure", "update", "old.state = 'acting' and new.state = 'done'"},
	"fulfilled": {"casefile", "update", "old.state = 'fulfilling' and new.state = 'released'"},
	"over":      {"river_job", "update", "old.kind = 'system-change' and old.state = 'running' and new.state = 'completed'"},
}

const chaosLock = 20160800 // any number

// prepare lets the portal and the systems be held: nothing is, until a moment is
// armed.
func (c *chaos) prepare(t *testing.T) {
	t.Helper()
	// Who writes a proof after another one of the same system is between two.
	c.exec(t, fmt.Sprintf(`create table chaos_armed (note text, system_id text);
		create function chaos_hold() returns trigger language plpgsql security definer set search_path = public as $$ begin
			if exists (select from chaos_armed where note = tg_argv[0] and system_id = coalesce(to_jsonb(new)->>'system_id', system_id)) then
				if tg_argv[0] = 'between' and not exists (select from measure
					where plan_id = (to_jsonb(new)->>'plan_id')::uuid and system_id = to_jsonb(new)->>'system_id' and state = 'done') then
					return new;
				end if;
				perform pg_advisory_xact_lock_shared(%d);
			end if;
			return new; end $$`, chaosLock))
	for name, n := range notes {
		c.exec(t, fmt.Sprintf("create trigger chaos_%s before %s on %s for each row when (%s) execute function chaos_hold('%[1]s')", name, n[1], n[0], n[2]))
	}
	for _, system := range c.systems {
		c.in(t, system, fmt.Sprintf(`create schema chaos; create table chaos.armed (after int);
			create function chaos.hold() returns trigger language plpgsql security definer set search_path = pg_catalog as $$ declare n int; begin
				if exists (select from chaos.armed) then
					n := coalesce(nullif(current_setting('chaos.n', true), ''), '0')::int + 1;
					perform set_config('chaos.n', n::text, true);
					if n = (select after from chaos.armed) then perform pg_advisory_xact_lock_shared(%d); end if;
				end if;
				return null; end $$`, chaosLock))
		for _, table := range c.tables(t, system) {
			c.in(t, system, "create trigger chaos after delete on "+table+" for each row execute function chaos.hold()")
		}
	}
	// A commit waits for a standby that does not exist where it is told to.
	for _, statement := range []string{"alter system set synchronous_commit = 'local'", "alter system set synchronous_standby_names = 'nobody'", "select pg_reload_conf()"} {
		c.in(t, c.systems[0], statement)
	}
	c.connect(t)
}

// noted holds the portal when it writes something.
func noted(note string) func(*chaos, *testing.T) halt {
	return func(c *chaos, t *testing.T) halt {
		c.exec(t, "insert into chaos_armed values ($1, $2)", note, c.victim)
		c.exec(t, "select pg_advisory_lock($1)", chaosLock)
		return halt{
			reached: func() bool {
				return c.count(t, `select count(*) from pg_locks where locktype = 'advisory' and objid = $1 and not granted
					and database = (select oid from pg_database where datname = current_database())`, chaosLock) > 0
			},
			let: func() {
				c.exec(t, "delete from chaos_armed")
				c.exec(t, "select pg_advisory_unlock($1)", chaosLock)
			},
		}
	}
}

// whileDeleting holds a transaction of the system after one of its changes.
func (c *chaos) whileDeleting(t *testing.T) halt {
	c.in(t, c.victim, "insert into chaos.armed values ($1)", c.after)
	c.in(t, c.victim, "select pg_advisory_lock($1)", chaosLock)
	return halt{
		reached: func() bool { return c.waits(t, "advisory") },
		let: func() {
			c.in(t, c.victim, "delete from chaos.armed")
			c.in(t, c.victim, "select pg_advisory_unlock_all()")
		},
	}
}

// beforeReading keeps everybody out of the system's tables.
func (c *chaos) beforeReading(t *testing.T) halt {
	conn := c.dial(t, c.victim)
	mustExec(t, conn, "begin")
	for _, table := range c.tables(t, c.victim) {
		mustExec(t, conn, "lock table "+table+" in access exclusive mode")
	}
	return halt{
		reached: func() bool { return c.waits(t, "relation") },
		let:     func() { conn.Close(ctx) },
	}
}

// beforeChanging keeps everybody from changing the records, but not from reading.
func (c *chaos) beforeChanging(t *testing.T) halt {
	conn := c.dial(t, c.victim)
	mustExec(t, conn, "begin")
	for _, table := range c.tables(t, c.victim) {
		mustExec(t, conn, "select from "+table+" for update")
	}
	return halt{
		reached: func() bool { return c.waits(t, "transactionid") },
		let:     func() { conn.Close(ctx) },
	}
}

// beforeTheAnswer lets the system keep its answer to itself: what was changed is
// committed, and the commit waits for a standby.
func (c *chaos) beforeTheAnswer(t *testing.T) halt {
	name := database(c.victim)
	c.in(t, c.victim, "alter database "+name+" set synchronous_commit = 'on'")
	return halt{
		reached: func() bool { return c.committed(t) > 0 },
		let: func() {
			c.in(t, c.victim, "alter database "+name+" reset synchronous_commit")
			c.in(t, c.victim, "select pg_cancel_backend(pid) from pg_stat_activity where datname = current_database() and wait_event = 'SyncRep'")
		},
	}
}

// committed is the session whose commit waits.
func (c *chaos) committed(t *testing.T) (pid int) {
	t.Helper()
	err := c.dbs[c.victim].QueryRow(ctx, "select coalesce(max(pid), 0) from pg_stat_activity where datname = current_database() and wait_event = 'SyncRep'").Scan(&pid)
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// beforeReadingBack takes a table as soon as the changing session has left it.
func (c *chaos) beforeReadingBack(t *testing.T) halt {
	answer := c.beforeTheAnswer(t)
	conn := c.dial(t, c.victim)
	mustExec(t, conn, "begin")
	var taken chan error
	return halt{
		reached: func() bool {
			if taken == nil {
				if !answer.reached() {
					return false
				}
				var table string
				err := c.dbs[c.victim].QueryRow(ctx, `select relation::regclass::text from pg_locks join pg_class on oid = relation
					where pid = $1 and mode = 'RowExclusiveLock' and relkind = 'r' order by 1 limit 1`, c.committed(t)).Scan(&table)
				if err != nil {
					t.Fatal(err)
				}
				taken = make(chan error, 1)
				go func() {
					_, err := conn.Exec(ctx, "lock table "+table+" in access exclusive mode")
					taken <- err
				}()
			}
			switch queued := c.queued(t, conn); {
			case queued:
				answer.let()
				return false
			case len(taken) == 0:
				return false
			}
			return c.waits(t, "relation")
		},
		let: func() { conn.Close(ctx) },
	}
}

// queued says whether a connection of this test waits for a lock.
func (c *chaos) queued(t *testing.T, conn *pgx.Conn) bool {
	t.Helper()
	return c.countIn(t, "select count(*) from pg_locks where pid = $1 and not granted", conn.PgConn().PID()) > 0
}

// waits says whether a session of the portal waits in the system for a lock of a
// sort.
func (c *chaos) waits(t *testing.T, sort string) bool {
	t.Helper()
	return c.countIn(t, `select count(*) from pg_locks join pg_stat_activity using (pid)
		where not granted and locktype = $1 and datname = current_database() and application_name = 'einsicht'`, sort) > 0
}
