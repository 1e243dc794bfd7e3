package bench

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"einsicht/cmd/internal/portal"
	"einsicht/internal/casefile"
	"einsicht/internal/pgserver"
)

var ctx = context.Background()

// house is the whole program over a server whose commits are durable. It serves
// and does not work on jobs: a worker is another process.
type house struct {
	*portal.Main
	authority casefile.Authority
	dir       string
	server    int           // process of PostgreSQL
	super     *pgx.Conn     // looks on
	pool      *pgxpool.Pool // of the baseline, as the program's role
	counted   bool          // pg_stat_statements is there
}

func boot(b *testing.B) *house {
	b.Helper()
	h := &house{dir: folder(b)}
	server, err := pgserver.Start(ctx, pgserver.Options{Data: h.dir, Name: "postgres", Settings: map[string]string{"shared_preload_libraries": "pg_stat_statements"}})
	if err != nil { // an installation without the extensions of PostgreSQL
		if server, err = pgserver.Start(ctx, pgserver.Options{Data: h.dir, Name: "postgres"}); err != nil {
			b.Fatal(err)
		}
	}
	b.Cleanup(func() { server.Stop(ctx) })
	if h.server, err = postmaster(filepath.Join(h.dir, "postgres")); err != nil {
		b.Fatal(err)
	}
	url := server.DSN(pgserver.Program, pgserver.Database)
	h.Main, err = portal.New(ctx, portal.Config{
		Part: portal.Portal, Listen: "127.0.0.1:0", URL: "http://127.0.0.1", Data: h.dir,
		DatabaseURL: url, MigrateURL: server.DSN(pgserver.Owner, pgserver.Database),
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), // written, as in operation; nowhere
	})
	if err != nil {
		b.Fatal(err)
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- h.Main.Run(running) }()
	b.Cleanup(func() {
		stop()
		<-ended
		h.Main.Close(ctx)
	})
	if h.super, err = pgx.Connect(ctx, server.DSN(server.Superuser(), pgserver.Database)); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { h.super.Close(ctx) })
	_, err = h.super.Exec(ctx, "create extension pg_stat_statements")
	h.counted = err == nil
	if h.pool, err = pgxpool.New(ctx, url+fmt.Sprintf(" pool_max_conns=%d", clients)); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(h.pool.Close)
	h.find(b, "stk-nrw")
	return h
}

func (h *house) find(b *testing.B, slug string) {
	b.Helper()
	all, err := h.DB.Authorities(ctx)
	if err != nil {
		b.Fatal(err)
	}
	i := slices.IndexFunc(all, func(a casefile.Authority) bool { return a.Slug == slug })
	if i < 0 {
		b.Fatalf("no authority %s", slug)
	}
	h.authority = all[i]
}

// printDurability says what the server does at a commit, and what that costs on
// this disk.
func (h *house) printDurability(b *testing.B) {
	b.Helper()
	var said []string
	for _, name := range []string{"server_version", "fsync", "synchronous_commit", "full_page_writes", "wal_sync_method", "data_checksums"} {
		var value string
		if err := h.super.QueryRow(ctx, "show "+name).Scan(&value); err != nil {
			b.Fatal(err)
		}
		said = append(said, name+" "+value)
		if (name == "fsync" || name == "synchronous_commit") && value != "on" {
			b.Fatalf("%s is %s: what is measured would not be durable", name, value)
		}
	}
	fmt.Printf("\nPostgreSQL: %s\nfsync of 8 kB on the same disk: %.2f ms (median of 100); load average before: %s\n", strings.Join(said, ", "), millis(h.syncTime(b)), load())
}

// load says how busy others keep the machine.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	first, _, _ := strings.Cut(string(text), " ")
	return first
}

func (h *house) syncTime(b *testing.B) time.Duration {
	b.Helper()
	f, err := os.Create(filepath.Join(h.dir, "sync"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	all := make([]time.Duration, 100)
	for i := range all {
		started := time.Now()
		if _, err := f.WriteAt(make([]byte, 8<<10), 0); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
		all[i] = time.Since(started)
	}
	return quantile(all, 0.5)
}

// printStatements counts what the server is asked for one form, from its own
// figures. They are switched off afterwards: counting takes time.
func (h *house) printStatements(b *testing.B) {
	b.Helper()
	if !h.counted {
		fmt.Println("statements per submission: not counted, the server has no pg_stat_statements")
		return
	}
	const n = 40
	work := make([]func() error, n)
	for i := range work {
		work[i] = h.form(b)
	}
	h.exec(b, "select pg_stat_statements_reset()")
	for _, f := range work {
		if err := f(); err != nil {
			b.Fatal(err)
		}
	}
	rows, err := h.super.Query(ctx, `
		select s.calls, s.query from pg_stat_statements s join pg_roles r on r.oid = s.userid
		where r.rolname = $1 order by s.calls desc, s.query`, pgserver.Program)
	if err != nil {
		b.Fatal(err)
	}
	var lines []string
	var calls, total int
	var query string
	_, err = pgx.ForEachRow(rows, []any{&calls, &query}, func() error {
		total += calls
		query = strings.Join(strings.Fields(query), " ")
		lines = append(lines, fmt.Sprintf("  %5.2f  %.110s", float64(calls)/n, query))
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	fmt.Printf("\nstatements per form POST: %.1f (pg_stat_statements, begin and commit included)\n%s\n", float64(total)/n, strings.Join(lines, "\n"))
	h.exec(b, "alter system set pg_stat_statements.track = 'none'")
	h.exec(b, "select pg_reload_conf()")
}

func (h *house) exec(b *testing.B, sql string) {
	b.Helper()
	if _, err := h.super.Exec(ctx, sql); err != nil {
		b.Fatal(err)
	}
}

func (h *house) count(b *testing.B, table string) int {
	b.Helper()
	var n int
	if err := h.super.QueryRow(ctx, "select count(*) from "+table).Scan(&n); err != nil {
		b.Fatal(err)
	}
	return n
}

// folder is on a disk, not in a test's folder: the database's user may not
// enter those of root.
func folder(b *testing.B) string {
	b.Helper()
	dir, err := os.MkdirTemp("/var/tmp", "einsicht-bench-")
	if err != nil {
		b.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}
