package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"einsicht/internal/casefile"
	"einsicht/internal/inventory"
	"einsicht/internal/jobs"
	"einsicht/internal/pgserver"
	"einsicht/internal/postgres"
	"einsicht/internal/postgres/postgrestest"
	"einsicht/internal/problem"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

var ctx = context.Background()

func TestRolesThatCouldReadPastRowLevelSecurityAreRefused(t *testing.T) {
	d := postgrestest.New(t, jobs.Migrate)
	for url, want := range map[string]string{d.Superuser: "superuser", d.OwnerURL: "owns tables"} {
		_, err := postgres.Open(ctx, postgres.Options{URL: url})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want a refusal that says %q", err, want)
		}
	}
	if err := postgrestest.Server().CreateRoles(ctx, "bypassing"); err != nil {
		t.Fatal(err)
	}
	exec(t, d.Superuser, `alter role bypassing bypassrls; grant connect on database `+d.Name+` to bypassing`)
	if _, err := postgres.Open(ctx, postgres.Options{URL: postgrestest.Server().DSN("bypassing", d.Name)}); err == nil || !strings.Contains(err.Error(), "BYPASSRLS") {
		t.Errorf("got %v, want a refusal that says BYPASSRLS", err)
	}
}

func TestAnOlderAndANewerSchemaAreRefused(t *testing.T) {
	for name, c := range map[string]struct{ sql, want string }{
		"older": {`delete from goose_db_version where version_id = (select max(version_id) from goose_db_version)`, "einsicht migrate"},
		"newer": {`insert into goose_db_version (version_id, is_applied) values (99999, true)`, "newer program"},
	} {
		t.Run(name, func(t *testing.T) {
			d := postgrestest.New(t, jobs.Migrate)
			exec(t, d.Superuser, c.sql)
			if _, err := postgres.Open(ctx, postgres.Options{URL: d.URL}); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want a sentence with %q", err, c.want)
			}
		})
	}
}

// open are the tables without a policy. They hold nothing about applicants.
var open = []string{"authority", "staff", "session", "throttle", "keys.authority_key"}

func TestEveryTableIsOneAuthoritysOrNamedHere(t *testing.T) {
	d := postgrestest.New(t, jobs.Migrate)
	rows := query(t, d.Superuser, `
		select case n.nspname when 'public' then '' else n.nspname || '.' end || c.relname, c.relrowsecurity and c.relforcerowsecurity and exists (select from pg_policy p where p.polrelid = c.oid)
		from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where n.nspname in ('public', 'keys') and c.relkind in ('r', 'p')`)
	if len(rows) < 20 {
		t.Fatalf("only %d tables found: this test checks nothing", len(rows))
	}
	for _, row := range rows {
		name, guarded := row[0].(string), row[1].(bool)
		named := strings.HasPrefix(name, "river_") || strings.HasPrefix(name, "goose_")
		for _, o := range open {
			named = named || o == name
		}
		if guarded == named {
			t.Errorf("%s: policy got %t, want %t", name, guarded, !named)
		}
	}
}

// clear are the only columns of tables about a case that are not sealed: ids,
// authority, file number, rights, state, dates, unit, assignee, outcome, ground
// ids, keyed hashes.
var clear = map[string]bool{
	"id": true, "case_id": true, "authority_id": true, "file_number": true, "state": true, "received_at": true, "received_on": true,
	"inventory_id": true, "due_on": true, "warn_on": true, "sort_on": true, "rests_since": true, "unit": true, "assignee": true,
	"notified_at": true, "delivered_at": true, "effective_on": true, "available_until": true, "closed_at": true, "gaps_accepted": true,
	"right_name": true, "outcome": true, "decided_by": true, "decided_at": true, "kind": true, "at": true, "on_day": true, "actor": true,
	"verified_at": true, "verified_by": true, "system_id": true, "early": true, "asked_at": true, "answered_at": true, "found_at": true,
	"verdict": true, "created_at": true, "done_at": true, "done_by": true, "built_at": true, "identifier_id": true,
	"sent_by": true, "created_by": true, "posted_on": true, "reminded_at": true, "expires_at": true, "entry_id": true,
	"made_at": true, "made_by": true, "fixed_at": true, "fixed_by": true, "ended_at": true, "plan_id": true, "finding_id": true, "ability": true, "acted_at": true,
	"lift": true, "letter_id": true, "sent_at": true, "number": true, "expires_on": true, "attempts": true,
	"year": true, "xid": true,
}

// hashed are keyed hashes, digests and sealed values, all bytea.
var hashed = map[string]bool{
	"token_hash": true, "access_mac": true, "sealed": true, "reference_hash": true, "decision": true, "code_mac": true, "hash": true,
	"wrapped": true, "pdf": true, "public": true, "wrapped_private": true, "actor": true, "digest": true, "said": true,
}

func TestNothingAboutACaseStandsInClearButWhatIsListed(t *testing.T) {
	d := postgrestest.New(t, jobs.Migrate)
	rows := query(t, d.Superuser, `
		select c.relname, a.attname, format_type(a.atttypid, null)
		from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
		where n.nspname in ('public', 'keys') and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
		  and exists (select from pg_attribute k where k.attrelid = c.oid and k.attname = case c.relname when 'casefile' then 'id' else 'case_id' end and not k.attisdropped)
		  and c.relrowsecurity`)
	if len(rows) < 60 {
		t.Fatalf("only %d columns found: this test checks nothing", len(rows))
	}
	for _, row := range rows {
		table, column, kind := row[0].(string), row[1].(string), row[2].(string)
		if !clear[column] && !(hashed[column] && kind == "bytea") {
			t.Errorf("%s.%s (%s) is neither listed nor sealed", table, column, kind)
		}
	}
}

func TestWithoutAnAuthorityEveryTableOfCasesFails(t *testing.T) {
	_, d := postgrestest.Open(t, jobs.Migrate)
	conn, err := pgx.Connect(ctx, d.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	tables := query(t, d.Superuser, `
		select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relrowsecurity`)
	for i := range 2 {
		for _, row := range tables {
			if _, err := conn.Exec(ctx, "select * from "+row[0].(string)); err == nil {
				t.Errorf("round %d: %s answered without an authority", i, row[0])
			}
		}
		// A pooled connection that once named an authority must not remember it.
		if _, err := conn.Exec(ctx, "begin; select set_config('einsicht.authority', '"+uuid.NewString()+"', true); commit"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := (postgres.Cases{}).Case(ctx, uuid.New()); err == nil {
		t.Error("read outside a transaction: got no error")
	}
}

func TestNobodySeesAnotherAuthoritysCase(t *testing.T) {
	db, _ := postgrestest.Open(t, jobs.Migrate)
	mine, theirs := authority(t, db, "stk-nrw"), authority(t, db, "it-nrw")
	id := newCase(t, db, mine)
	err := db.View(ctx, theirs.ID, func(ctx context.Context) error {
		_, err := postgres.Cases{}.Case(ctx, id)
		return err
	})
	if !errors.Is(err, problem.NotFound) {
		t.Errorf("got %v, want not found", err)
	}
	err = db.InTx(ctx, theirs.ID, func(ctx context.Context) error {
		return postgres.Cases{}.PutIdentifiers(ctx, []casefile.Identifier{{ID: uuid.New(), Case: id, Sealed: []byte("x")}})
	})
	if err == nil {
		t.Error("a row of theirs in a case of mine: got no error")
	}
}

func TestTheLedgerCanOnlyGrow(t *testing.T) {
	_, d := postgrestest.Open(t, jobs.Migrate)
	for _, table := range []string{"ledger_entry", "ledger_detail", "ledger_leaf", "ledger_hash", "ledger_checkpoint"} {
		for _, sql := range []string{"update " + table + " set authority_id = authority_id", "delete from " + table, "truncate " + table + " cascade"} {
			conn, err := pgx.Connect(ctx, d.URL)
			if err != nil {
				t.Fatal(err)
			}
			_, err = conn.Exec(ctx, "select set_config('einsicht.authority', '"+uuid.NewString()+"', false)")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := conn.Exec(ctx, sql); err == nil || !strings.Contains(err.Error(), "permission denied") {
				t.Errorf("%s: got %v, want permission denied", sql, err)
			}
			conn.Close(ctx)
		}
	}
}

func TestWritesOutsideATransactionAreRefused(t *testing.T) {
	db, _ := postgrestest.Open(t, jobs.Migrate)
	a := authority(t, db, "stk-nrw")
	err := db.View(ctx, a.ID, func(ctx context.Context) error {
		return postgres.Cases{}.Forget(ctx, uuid.New())
	})
	if err == nil {
		t.Error("write within View: got no error")
	}
	err = db.InTx(ctx, a.ID, func(ctx context.Context) error {
		return db.InTx(ctx, uuid.New(), func(context.Context) error { return nil })
	})
	if err == nil {
		t.Error("another authority within a transaction: got no error")
	}
}

func TestMigrationsRunOnceWhenTwoProgramsStart(t *testing.T) {
	d := postgrestest.New(t, jobs.Migrate)
	exec(t, d.Superuser, `drop schema public cascade; create schema public authorization einsicht_owner; drop schema keys cascade; grant create on database `+d.Name+` to einsicht_owner`)
	failed := make(chan error)
	for range 3 {
		go func() { failed <- postgres.Migrate(ctx, d.OwnerURL, pgserver.Program, nil) }()
	}
	for range 3 {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
}

func authority(t *testing.T, db *postgres.DB, slug string) casefile.Authority {
	t.Helper()
	a, err := db.PutAuthority(ctx, casefile.Authority{Slug: slug, Name: slug, Land: "NW"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func newCase(t *testing.T, db *postgres.DB, a casefile.Authority) uuid.UUID {
	t.Helper()
	c := casefile.Case{ID: uuid.New(), Authority: a.ID, FileNumber: "X", State: casefile.Received, ReceivedAt: time.Now(), Sealed: []byte("x")}
	err := db.InTx(ctx, a.ID, func(ctx context.Context) error {
		inventories := &postgres.Inventories{}
		if _, err := inventories.Import(ctx, inventory.Shipped()[0], uuid.Nil, time.Now()); err != nil {
			return err
		}
		var err error
		if c.Inventory, _, err = inventories.Current(ctx); err != nil {
			return err
		}
		if _, err := c.Reckon("NW", nil); err == nil {
			t.Error("reckoned without a day of receipt")
		}
		return postgres.Cases{}.Create(ctx, c, []byte("token"), []byte("mac"))
	})
	if err != nil {
		t.Fatal(err)
	}
	return c.ID
}

func exec(t *testing.T, url, sql string) {
	t.Helper()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, sql); err != nil {
		t.Fatal(err)
	}
}

func query(t *testing.T, url, sql string) [][]any {
	t.Helper()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, sql)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all [][]any
	for rows.Next() {
		v, err := rows.Values()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
	if rows.Err() != nil {
		t.Fatal(rows.Err())
	}
	return all
}
