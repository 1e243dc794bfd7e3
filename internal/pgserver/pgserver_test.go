package pgserver

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// The test binary plays the program that runs a server and is killed.
func TestMain(m *testing.M) {
	if data := os.Getenv("PGSERVER_TEST_DATA"); data != "" {
		s, err := Start(context.Background(), Options{Data: data, Name: "postgres", Log: os.Stderr,
			elsewhere: os.Getenv("PGSERVER_TEST_ELSEWHERE")})
		if err != nil {
			fmt.Println("failed:", err)
			os.Exit(1)
		}
		fmt.Println("ready", s.Shared, s.DSN(Program, Database))
		select {}
	}
	os.Exit(m.Run())
}

func TestAPrivateServer(t *testing.T) {
	data := filepath.Join(ground(t), "data")
	s := begin(t, data)

	t.Run("sorts German words as a dictionary does", func(t *testing.T) {
		got := ask[[]string](t, s, Program, Database,
			"SELECT array_agg(w ORDER BY w) FROM unnest(ARRAY['Zebra','öl','Ofen','Äpfel','apfel']) w")
		want := "[apfel Äpfel Ofen öl Zebra]"
		if fmt.Sprint(got) != want {
			t.Errorf("got %v, want %s", got, want)
		}
	})
	for _, role := range []string{Owner, Program} {
		t.Run("gives no role but the superuser special powers: "+role, func(t *testing.T) {
			got := ask[bool](t, s, role, Database, "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb "+
				"OR rolreplication FROM pg_roles WHERE rolname = current_user")
			if got {
				t.Error("got a powerful role, want a modest one")
			}
		})
	}
	t.Run("gives the database and its schema to the owner", func(t *testing.T) {
		got := ask[string](t, s, Program, Database, "SELECT pg_get_userbyid(datdba) || ' ' || pg_get_userbyid(nspowner) "+
			"FROM pg_database, pg_namespace WHERE datname = current_database() AND nspname = 'public'")
		if want := Owner + " " + Owner; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
	t.Run("lets the owner make what migrations make, and the program nothing", func(t *testing.T) {
		if err := do(t, s, Owner, Database, "CREATE SCHEMA keys; CREATE TABLE keys.a (); CREATE TABLE b (); DROP TABLE b"); err != nil {
			t.Errorf("as owner got %v, want no error", err)
		}
		if err := do(t, s, Program, Database, "CREATE TABLE public.c ()"); err == nil {
			t.Error("as program got no error, want permission denied")
		}
	})
	t.Run("keeps the program out of every other database", func(t *testing.T) {
		if err := s.CreateRoles(t.Context(), "keeper", "reader"); err != nil {
			t.Fatal(err)
		}
		if err := s.CreateDatabase(t.Context(), "other", "keeper", "reader"); err != nil {
			t.Fatal(err)
		}
		for database, role := range map[string]string{"postgres": Program, "template1": Program, "other": Program, Database: "reader"} {
			if err := do(t, s, role, database, "SELECT 1"); err == nil {
				t.Errorf("%s in %s: got in, want to be kept out", role, database)
			}
		}
		if err := do(t, s, "reader", "other", "SELECT 1"); err != nil {
			t.Errorf("reader in its own database: got %v, want no error", err)
		}
	})
	t.Run("listens on no network address and lets nobody else near the socket", func(t *testing.T) {
		if got := ask[string](t, s, "postgres", "postgres", "SHOW listen_addresses"); got != "" {
			t.Errorf("got %q, want none", got)
		}
		info, err := os.Stat(s.socket)
		if err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("got %v, %v, want a folder of mode 0700", info.Mode(), err)
		}
	})
	t.Run("is shared with a second start, whose stop leaves it alone", func(t *testing.T) {
		second := begin(t, data)
		if !second.Shared {
			t.Fatal("got a server of its own, want the shared one")
		}
		if err := second.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := do(t, s, Program, Database, "SELECT 1"); err != nil {
			t.Errorf("got %v, want a living server", err)
		}
	})
	t.Run("keeps its data and admitted roles over a restart", func(t *testing.T) {
		must(t, do(t, s, "keeper", "other", "CREATE TABLE kept AS SELECT 1 AS n; GRANT SELECT ON kept TO reader; GRANT USAGE ON SCHEMA public TO reader"))
		must(t, s.Stop(t.Context()))
		if _, err := os.Stat(s.socket); err == nil {
			t.Error("got a socket folder after the stop, want none")
		}
		started := time.Now()
		s = begin(t, data)
		t.Logf("warm start %v", time.Since(started))
		if got := ask[int](t, s, "reader", "other", "SELECT n FROM kept"); got != 1 {
			t.Errorf("got %d, want 1", got)
		}
	})
	t.Run("writes no value a statement was given into its log", func(t *testing.T) {
		var log strings.Builder
		must(t, s.Stop(t.Context()))
		s, _ = Start(t.Context(), Options{Data: data, Name: "postgres", Log: &log})
		t.Cleanup(func() { s.Stop(context.Background()) })
		must(t, do(t, s, Owner, Database, "CREATE TABLE u (x text PRIMARY KEY); INSERT INTO u VALUES ('Mustermann')"))
		for _, broken := range []string{"INSERT INTO u VALUES ('Mustermann')", "SELECT 'Mustermann'::int", "SELECT Mustermann"} {
			if do(t, s, Owner, Database, broken) == nil {
				t.Fatalf("got no error for %q", broken)
			}
		}
		must(t, s.Stop(t.Context()))
		if log.Len() == 0 || strings.Contains(log.String(), "Mustermann") {
			t.Errorf("got %q, want a log without the value", log.String())
		}
	})
}

func TestAKilledProgram(t *testing.T) {
	data := filepath.Join(ground(t), "data")
	for round := range 3 {
		child, line := child(t, data, nil)
		if !strings.HasPrefix(line, "ready false") {
			t.Fatalf("got %q, want a server of its own", line)
		}
		before, err := readPIDFile(filepath.Join(data, "postgres"))
		must(t, err)
		must(t, child.Process.Signal(syscall.SIGKILL))
		child.Wait()
		if round == 1 { // a moment later, the server is gone by itself
			deadline := time.Now().Add(2 * time.Minute)
			for before.serves(filepath.Join(data, "postgres")) && time.Now().Before(deadline) {
				time.Sleep(10 * time.Millisecond)
			}
			if before.serves(filepath.Join(data, "postgres")) {
				t.Error("got an orphan, want the server to go with its parent")
			}
		}
		s := begin(t, data)
		if s.Shared {
			t.Error("got the orphan, want a server of its own")
		}
		if got := ask[int](t, s, Program, Database, "SELECT 1"); got != 1 {
			t.Errorf("got %d, want 1", got)
		}
		must(t, s.Stop(t.Context()))
	}
}

func TestAnOrphanStillRunning(t *testing.T) {
	data := filepath.Join(ground(t), "data")
	s := begin(t, data)
	orphan := s.process
	s.lock.Close() // as if the parent were gone, but its signal never came
	again := begin(t, data)
	select {
	case <-orphan.done:
	default:
		t.Error("got two servers over one folder, want the orphan stopped")
	}
	if got := ask[int](t, again, Program, Database, "SELECT 1"); got != 1 {
		t.Errorf("got %d, want 1", got)
	}
}

func TestAServerThatWasKilledItself(t *testing.T) {
	data := filepath.Join(ground(t), "data")
	s := begin(t, data)
	must(t, do(t, s, Owner, Database, "CREATE TABLE kept AS SELECT 1 AS n"))
	must(t, s.process.cmd.Process.Kill())
	<-s.process.done
	must(t, s.Stop(t.Context()))
	// The dead server's number now belongs to another process of the same user.
	other := s.account.command("/", "/bin/sleep", "600")
	must(t, other.Start())
	t.Cleanup(func() { other.Process.Kill(); other.Wait() })
	pid := filepath.Join(data, "postgres", pidFile)
	text, err := os.ReadFile(pid)
	must(t, err)
	_, rest, _ := strings.Cut(string(text), "\n")
	must(t, os.WriteFile(pid, fmt.Appendf(nil, "%d\n%s", other.Process.Pid, rest), 0o600))
	s = begin(t, data)
	if got := ask[int](t, s, Owner, Database, "SELECT n FROM kept"); got != 1 {
		t.Errorf("got %d, want 1", got)
	}
}

func TestAFirstStartCutShort(t *testing.T) {
	data := filepath.Join(ground(t), "data")
	unfinished := filepath.Join(data, "postgres.tmp")
	must(t, os.MkdirAll(unfinished, 0o711))
	must(t, os.Chmod(data, 0o711))
	must(t, os.WriteFile(filepath.Join(unfinished, "PG_VERSION"), []byte("15\n"), 0o600))
	s := begin(t, data)
	if got := ask[int](t, s, Program, Database, "SELECT 1"); got != 1 {
		t.Errorf("got %d, want 1", got)
	}
	// The roles' half: cut short before the database was there.
	must(t, do(t, s, "postgres", "postgres", "DROP DATABASE einsicht"))
	must(t, do(t, s, "postgres", "postgres", `CREATE DATABASE "einsicht.making"`))
	must(t, s.Stop(t.Context()))
	s = begin(t, data)
	if got := ask[int](t, s, Program, Database, "SELECT 1"); got != 1 {
		t.Errorf("got %d, want 1", got)
	}
}

func TestDataBelowAFolderOfRoot(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	top := ground(t)
	home := filepath.Join(top, "home")
	must(t, os.Mkdir(home, 0o700))
	data := filepath.Join(home, "data")
	o := Options{Data: data, Name: "postgres", Log: t.Output(), elsewhere: filepath.Join(top, "lib")}

	s := start(t, o)
	if !strings.HasPrefix(s.data, o.elsewhere) || !strings.Contains(s.Note, s.data) {
		t.Errorf("got data in %s and the note %q, want them elsewhere and noted", s.data, s.Note)
	}
	must(t, do(t, s, Owner, Database, "CREATE TABLE kept AS SELECT 1 AS n"))
	first, note := s.data, s.Note
	must(t, s.Stop(t.Context()))

	s = start(t, o)
	if s.data != first || s.Note != note {
		t.Errorf("got %s (%s), want the same place and note again", s.data, s.Note)
	}
	if got := ask[int](t, s, Owner, Database, "SELECT n FROM kept"); got != 1 {
		t.Errorf("got %d, want 1", got)
	}
	must(t, s.Stop(t.Context()))

	// The folder was removed and made again: its keys are new, so the old
	// database is of no use and not ours to remove.
	must(t, os.RemoveAll(data))
	s = start(t, o)
	if s.data == first || !strings.Contains(s.Note, first+";") {
		t.Errorf("got %s (%s), want a new place, and the old one named", s.data, s.Note)
	}
	must(t, s.Stop(t.Context()))

	must(t, os.RemoveAll(s.data))
	if _, err := Start(t.Context(), o); err == nil || !strings.Contains(err.Error(), "nothing is there") {
		t.Errorf("got %v, want a refusal to begin with an empty database", err)
	}
}

func TestAnOrdinaryUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("every other test runs as one")
	}
	top := ground(t)
	data := filepath.Join(top, "data")
	must(t, os.Mkdir(data, 0o700))
	must(t, os.Chown(data, 65534, 65534))
	_, line := child(t, data, &syscall.Credential{Uid: 65534, Gid: 65534})
	if !strings.HasPrefix(line, "ready false host='/tmp/einsicht-65534-") {
		t.Errorf("got %q, want a ready server", line)
	}
	_, socket, _ := strings.Cut(line, "'")
	socket, _, _ = strings.Cut(socket, "'")
	t.Cleanup(func() { os.RemoveAll(socket) })
}

func TestServerBinaries(t *testing.T) {
	who, err := serverAccount()
	must(t, err)
	old, renewed := fake(t, "9.6.24", true), fake(t, "15.3", true)
	newest, clientOnly := fake(t, "18beta1", true), fake(t, "17.1", false)
	for _, c := range []struct {
		name       string
		candidates []string
		version    int
		want       string
	}{
		{"the one on PATH is taken if it will do", []string{renewed, newest}, 0, filepath.Dir(renewed)},
		{"else the newest", []string{old, renewed, newest}, 0, filepath.Dir(newest)},
		{"existing data need their own version", []string{newest, renewed}, 15, filepath.Dir(renewed)},
		{"one without initdb is of no use", []string{clientOnly, renewed}, 0, filepath.Dir(renewed)},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := who.choose(c.candidates, c.version)
			if err != nil || got != c.want {
				t.Errorf("got %s, %v, want %s", got, err, c.want)
			}
		})
	}
	for _, c := range []struct {
		name       string
		candidates []string
		version    int
		want       string
	}{
		{"none at all: the ways out are named", nil, 0, "DATABASE_URL"},
		{"too old: it is named", []string{old}, 0, "(version 9)"},
		{"another version than the data: both are named", []string{newest}, 15, "PostgreSQL 15, which made"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := who.choose(c.candidates, c.version)
			if !errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want ErrMissing with %q", err, c.want)
			}
		})
	}
}

func TestRolesSQLIsWhatStartDoes(t *testing.T) {
	psql, err := exec.LookPath("psql")
	if err != nil {
		t.Skip("needs psql")
	}
	s := start(t, Options{Data: filepath.Join(ground(t), "data"), Name: "own", Bare: true, Log: t.Output()})
	script := RolesSQL("portal owner", "portal")
	for _, role := range []string{`\password "portal owner"`, `\password "portal"`} {
		if !strings.Contains(script, role) {
			t.Errorf("got no %s, want a password asked for", role)
		}
		script = strings.ReplaceAll(script, role, "") // needs a terminal
	}
	cmd := exec.Command(psql, "-v", "ON_ERROR_STOP=1", "-d", s.DSN("postgres", "postgres"))
	cmd.Stdin = strings.NewReader(script)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("got %v: %s", err, out)
	}
	got := ask[string](t, s, "postgres", Database,
		"SELECT pg_get_userbyid(nspowner) || ', ' || has_database_privilege('portal', 'einsicht', 'CONNECT') FROM pg_namespace WHERE nspname = 'public'")
	if want := "portal owner, true"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// ground is a folder that the server's user can enter; not every folder of
// testing.T is one.
func ground(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "pgserver-test-")
	must(t, err)
	must(t, os.Chmod(dir, 0o755))
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func begin(t *testing.T, data string) *Server {
	t.Helper()
	return start(t, Options{Data: data, Name: "postgres", Log: t.Output()})
}

func start(t *testing.T, o Options) *Server {
	t.Helper()
	s, err := Start(t.Context(), o)
	must(t, err)
	t.Cleanup(func() { s.Stop(context.Background()) })
	return s
}

func child(t *testing.T, data string, as *syscall.Credential) (*exec.Cmd, string) {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	if as != nil { // it may lie where that user can't go
		text, err := os.ReadFile(self)
		must(t, err)
		self = filepath.Join(filepath.Dir(data), "program")
		must(t, os.WriteFile(self, text, 0o755))
	}
	cmd := exec.Command(self)
	cmd.Dir = filepath.Dir(data)
	cmd.Env = append(os.Environ(), "PGSERVER_TEST_DATA="+data)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: as}
	cmd.Stderr = t.Output()
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	line, _ := bufio.NewReader(out).ReadString('\n')
	return cmd, line
}

// fake is a server that only knows its version.
func fake(t *testing.T, version string, complete bool) string {
	t.Helper()
	dir := ground(t)
	postgres := filepath.Join(dir, "postgres")
	must(t, os.WriteFile(postgres, []byte("#!/bin/sh\necho 'postgres (PostgreSQL) "+version+" (Debian)'\n"), 0o755))
	if complete {
		must(t, os.WriteFile(filepath.Join(dir, "initdb"), []byte("#!/bin/sh\n"), 0o755))
	}
	return postgres
}

func ask[T any](t *testing.T, s *Server, role, database, query string) T {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.DSN(role, database))
	must(t, err)
	defer conn.Close(context.Background())
	var answer T
	must(t, conn.QueryRow(t.Context(), query).Scan(&answer))
	return answer
}

func do(t *testing.T, s *Server, role, database, statement string) error {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.DSN(role, database))
	if err != nil {
		return err
	}
	defer conn.Close(context.Background())
	_, err = conn.Exec(t.Context(), statement)
	return err
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
