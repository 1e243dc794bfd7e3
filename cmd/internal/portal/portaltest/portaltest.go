// Package portaltest boots the whole program for a test: a database of its own,
// real sources with people who do not exist, and accounts of staff.
package portaltest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"einsicht/cmd/internal/portal"
	"einsicht/internal/casefile"
	"einsicht/internal/jobs"
	"einsicht/internal/landscape"
	"einsicht/internal/login"
	"einsicht/internal/pgserver"
	"einsicht/internal/postgres/postgrestest"
)

// Password is that of all staff.
const Password = "einsicht-probe-2026!"

// House is a running program.
type House struct {
	*portal.Main
	Landscape *landscape.Landscape
	Database  postgrestest.Database
	Sources   *pgserver.Server // that the landscape's databases are on
	Dir       string
	LogFile   string

	every        bool
	sourcesBelow string

	mu    sync.Mutex
	moved time.Duration
	stop  context.CancelFunc
	ended chan error
}

// Options change what is booted.
type Options struct {
	Part   portal.Part // Run if zero
	Tracer pgx.QueryTracer
	// Own asks for a landscape of its own: for a test that plants records, stops
	// a source or looks into one. All others share one and leave it as it is.
	Own bool
	// Every asks all kinds of systems by machine. Without it only databases and
	// access logs are, and units answer for the rest.
	Every bool
	// Controllers is the file of those to whom data can be handed directly.
	Controllers string
	// Besides are connection files of a test's own systems, by their names.
	Besides map[string]string
}

// Start boots a program that works and serves until the test ends.
func Start(t testing.TB, o Options) *House {
	t.Helper()
	h := &House{Database: postgrestest.New(t, jobs.Migrate), Dir: t.TempDir()}
	if err := os.Chmod(h.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	l, err := shared()
	if o.Own {
		if l, err = build(); err == nil {
			t.Cleanup(l.remove)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	h.Sources, h.Landscape, h.every, h.sourcesBelow = l.server, l.Landscape, o.Every, filepath.Join(l.below, "data")
	connections := l.few
	if o.Every {
		connections = l.all
	}
	if len(o.Besides) > 0 {
		connections = besides(t, filepath.Join(h.Dir, "connections"), connections, o.Besides)
	}
	if o.Part == (portal.Part{}) {
		o.Part = portal.Run
	}
	h.LogFile = filepath.Join(h.Dir, "portal.log")
	log, err := os.Create(h.LogFile)
	if err != nil {
		t.Fatal(err)
	}
	h.Main, err = portal.New(ctx, portal.Config{
		Part: o.Part, Listen: "127.0.0.1:0", Data: filepath.Join(h.Dir, "data"), DatabaseURL: h.Database.URL, Connections: connections, Controllers: o.Controllers,
		Clock: h.Now, Demo: true, Tracer: o.Tracer, Log: slog.New(slog.NewTextHandler(log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	h.run(t)
	return h
}

// besides makes a folder of connection files, and of some more.
func besides(t testing.TB, dir, of string, more map[string]string) string {
	t.Helper()
	if err := os.CopyFS(dir, os.DirFS(of)); err != nil {
		t.Fatal(err)
	}
	for name, text := range more {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func (h *House) run(t testing.TB) {
	ctx, stop := context.WithCancel(context.Background())
	h.stop, h.ended = stop, make(chan error, 1)
	go func() { h.ended <- h.Main.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-h.ended; err != nil {
			t.Errorf("the program ended with: %v", err)
		}
		if err := h.Main.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

// Now is the clock of the program.
func (h *House) Now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return time.Now().Add(h.moved)
}

// Move moves the clock.
func (h *House) Move(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.moved += d
}

// Authority finds one by its id in addresses.
func (h *House) Authority(t testing.TB, slug string) casefile.Authority {
	t.Helper()
	all, err := h.DB.Authorities(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		if a.Slug == slug {
			return a
		}
	}
	t.Fatalf("no authority %s", slug)
	return casefile.Authority{}
}

// Staff adds an account with Password. It is hashed once for all: that costs as much
// as a short test.
func (h *House) Staff(t testing.TB, a casefile.Authority, role casefile.Role, name string) login.Staff {
	t.Helper()
	token, err := h.Accounts.Add(ctx, a.ID, role, name)
	if err != nil {
		t.Fatal(err)
	}
	if stored := hashed.Load(); stored != nil {
		staff, err := h.Accounts.Invited(ctx, token)
		if err != nil {
			t.Fatal(err)
		}
		invitation := sha256.Sum256([]byte(token))
		if err := h.Accounts.Store.Accept(ctx, staff.ID, invitation[:], *stored); err != nil {
			t.Fatal(err)
		}
		return staff
	}
	staff, err := h.Accounts.Accept(ctx, token, Password)
	if err != nil {
		t.Fatal(err)
	}
	_, stored, err := h.Accounts.Store.StaffByName(ctx, a.ID, name)
	if err != nil {
		t.Fatal(err)
	}
	hashed.Store(&stored)
	return staff
}

// hashed is Password as the database has it.
var hashed atomic.Pointer[string]

// Patience is how long a test waits for what takes moments on a quiet machine:
// others may be at work on this one.
const Patience = 3 * time.Minute

// Wait waits until something holds, or fails the test.
func Wait(t testing.TB, what string, for_ time.Duration, holds func() (bool, error)) {
	t.Helper()
	end := time.Now().Add(for_)
	for {
		ok, err := holds()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if ok {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s: not after %s", what, for_)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// land is a landscape with the server that its databases are on.
type land struct {
	*landscape.Landscape
	server *pgserver.Server
	all    string // folder of its connection files
	few    string // of those of databases and access logs
	below  string
}

var (
	common *land
	shared = sync.OnceValues(func() (_ *land, err error) { common, err = build(); return common, err })
)

// Main runs the tests of a package and stops all servers after them. Call it from
// TestMain.
func Main(m *testing.M) {
	postgrestest.Main(m, func() {
		if common != nil {
			common.remove()
		}
		if made := folder.Load(); made != nil {
			os.RemoveAll(*made)
		}
	})
}

// Dir is a folder for what tests of a package share; Main removes it.
var Dir = sync.OnceValue(func() string {
	dir, err := os.MkdirTemp("/tmp", "einsicht-shared-")
	if err != nil {
		panic(err)
	}
	folder.Store(&dir)
	return dir
})

var folder atomic.Pointer[string]

// pristine is a landscape that nobody uses. A copy of its folder is up in a fraction of
// the time that it takes to make a cluster and fill its databases.
var pristine = sync.OnceValues(func() (string, error) {
	below := filepath.Join(Dir(), "landscape")
	for _, dir := range []string{Dir(), below} { // the database's user enters it
		if err := errors.Join(os.MkdirAll(dir, 0o755), os.Chmod(dir, 0o755)); err != nil {
			return "", err
		}
	}
	l, err := start(below)
	if err != nil {
		return "", err
	}
	return below, errors.Join(l.Close(), l.server.Stop(ctx))
})

func build() (*land, error) {
	from, err := pristine()
	if err != nil {
		return nil, err
	}
	below, err := os.MkdirTemp("/tmp", "einsicht-sources-")
	if err != nil {
		return nil, err
	}
	// Owners and modes stay: the folder of a database must be its user's.
	if said, err := exec.Command("cp", "-a", from+"/.", below).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("copy the landscape: %w: %s", err, said)
	}
	l, err := start(below)
	if err != nil {
		return nil, err
	}
	return l, l.choose()
}

// start starts a landscape, and makes it where there is none.
func start(below string) (*land, error) {
	l := &land{below: below, all: filepath.Join(below, "connections"), few: filepath.Join(below, "few")}
	var err error
	if l.server, err = pgserver.Start(ctx, sourcesAt(filepath.Join(below, "data"))); err != nil {
		return nil, err
	}
	l.Landscape, err = landscape.Start(ctx, landscape.Options{Server: l.server, Dir: l.all, Seed: 7, Now: time.Now(), People: 40})
	if err != nil {
		return nil, errors.Join(err, l.server.Stop(ctx))
	}
	return l, nil
}

// choose copies the connection files of databases and access logs.
func (l *land) choose() error {
	if err := os.Mkdir(l.few, 0o700); err != nil {
		return err
	}
	for _, system := range l.Systems() {
		if !l.Plantable(system) {
			continue
		}
		text, err := os.ReadFile(l.Connection(system))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(l.few, filepath.Base(l.Connection(system))), text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (l *land) remove() {
	_ = l.Close() // the test is over
	_ = l.server.Stop(context.Background())
	os.RemoveAll(l.below)
}
