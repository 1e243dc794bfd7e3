// Package pgserver runs a database server of the portal's own, so that a first
// start needs nobody who knows databases.
//
// Start finds the binaries of PostgreSQL, makes a cluster where there is none,
// starts it and creates the portal's three roles. The server listens on a Unix
// socket only and knows no password: who may connect is decided by the
// operating system (peer authentication). It goes when its parent goes, even if
// that is killed.
package pgserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Options say where a server lives.
type Options struct {
	Data string    // folder of the program's data (EINSICHT_DATA); created if missing
	Name string    // the server's folder in it, such as "postgres"
	Log  io.Writer // what the server says; nil: nowhere

	// Bare leaves out the portal's roles and database, for servers that hold
	// something else.
	Bare bool
	// Settings are further settings of the server, such as max_connections.
	Settings map[string]string

	elsewhere string // where data go that can't live in Data
}

// Server is a running server.
type Server struct {
	// Note says where the data lie when they had to live outside Options.Data,
	// in a sentence for the operator; empty otherwise.
	Note string
	// Shared is true when another process had already started this server. It
	// then belongs to that process: Stop leaves it alone.
	Shared bool

	account account
	bin     string
	data    string
	socket  string
	lock    *os.File
	process *process
	options Options
}

// Start starts the server and returns once it answers. The context bounds the
// start only. A server that another living process runs over the same folder is
// shared; one whose parent died is stopped first.
func Start(ctx context.Context, o Options) (*Server, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	if o.elsewhere == "" {
		o.elsewhere = "/var/lib/einsicht"
	}
	if o.Log == nil {
		o.Log = io.Discard
	}
	who, err := serverAccount()
	if err != nil {
		return nil, err
	}
	if o.Data, err = folder(o.Data, who); err != nil {
		return nil, err
	}
	s := &Server{account: who, options: o}
	if err := s.own(ctx); err != nil {
		return nil, err
	}
	if s.Shared {
		return s, nil
	}
	if err := s.start(ctx); err != nil {
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		return nil, errors.Join(err, s.Stop(stop))
	}
	return s, nil
}

// Stop stops the server: transactions under way are rolled back. When the
// context ends first, the server is stopped without a checkpoint and recovers
// at the next start.
func (s *Server) Stop(ctx context.Context) error {
	if s.Shared {
		return nil
	}
	defer s.lock.Close()
	if s.process == nil {
		return nil
	}
	defer os.RemoveAll(s.socket)
	return s.process.stop(ctx)
}

// Socket is the folder of the server's Unix socket.
func (s *Server) Socket() string { return s.socket }

// DSN is the connection string for a role and a database.
func (s *Server) DSN(role, database string) string {
	value := strings.NewReplacer(`\`, `\\`, `'`, `\'`)
	quote := func(v string) string { return "'" + value.Replace(v) + "'" }
	return fmt.Sprintf("host=%s port=%s user=%s dbname=%s sslmode=disable",
		quote(s.socket), port, quote(role), quote(database))
}

// Superuser is the name of the role that may do everything, for DSN. The
// program never works as this role: it reads every row in spite of row-level
// security.
func (s *Server) Superuser() string { return superuser }

// port only names the socket file: each server has a socket folder of its own.
const port = "5432"

// own takes the lock of the server's folder or, where another process holds
// it, shares the server of that process.
func (s *Server) own(ctx context.Context) error {
	name := filepath.Join(s.options.Data, s.options.Name+".lock")
	lock, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("lock the database folder: %w", err)
	}
	for {
		// The lock dies with its process, also when that is killed.
		err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			s.lock = lock
			return nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			lock.Close()
			return fmt.Errorf("lock %s: %w", name, err)
		}
		if s.share(ctx) {
			s.Shared = true
			return lock.Close()
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			lock.Close()
			return fmt.Errorf("another process holds %s, but its server does not answer: %w", name, err)
		}
	}
}

// share finds the server another process runs; false: not ready yet.
func (s *Server) share(ctx context.Context) bool {
	data, note, err := s.existing()
	if err != nil || data == "" {
		return false
	}
	running, err := readPIDFile(data)
	if err != nil || running.socket == "" {
		return false
	}
	s.data, s.Note, s.socket = data, note, running.socket
	return s.complete(ctx)
}

// complete reports whether the server answers and has what Start promises.
func (s *Server) complete(ctx context.Context) bool {
	database := "postgres"
	if !s.options.Bare {
		database = Database
	}
	conn, err := pgx.Connect(ctx, s.DSN(superuser, database))
	if err != nil {
		return false
	}
	conn.Close(ctx)
	return true
}

func (s *Server) start(ctx context.Context) error {
	data, note, err := s.existing()
	if err != nil {
		return err
	}
	if s.bin, err = s.account.binaries(clusterVersion(data)); err != nil {
		return err
	}
	if data == "" {
		if data, note, err = s.create(ctx); err != nil {
			return fmt.Errorf("make the database cluster: %w", err)
		}
	}
	s.data, s.Note = data, note
	if err := s.account.enter(s.bin, data); err != nil {
		return fmt.Errorf("the database lies in %s, which user %q can't enter any more: "+
			"make the folders above it enterable (chmod o+x): %w", data, s.account.name, err)
	}
	if err := dismiss(ctx, data); err != nil {
		return fmt.Errorf("stop the server that a killed run left behind: %w", err)
	}
	if s.socket, err = s.account.socketFolder(data); err != nil {
		return err
	}
	if err := s.account.admit(data, superuser, Owner, Program); err != nil {
		return err
	}
	if err := s.launch(ctx); err != nil {
		return err
	}
	if s.options.Bare {
		return nil
	}
	return s.portal(ctx)
}

// launch starts the server and waits until it answers. What a killed
// predecessor left (a process just dying, shared memory in use) goes by itself
// within seconds, so a start that fails for it is tried again.
func (s *Server) launch(ctx context.Context) error {
	patience := time.Now().Add(time.Minute)
	for {
		var err error
		if s.process, err = s.account.run(s.bin, s.data, s.arguments(), s.options.Log); err != nil {
			return fmt.Errorf("start PostgreSQL: %w", err)
		}
		err = s.answer(ctx)
		if err == nil {
			return nil
		}
		said := s.process.last()
		leftover := strings.Contains(said, "postmaster.pid") || strings.Contains(said, "shared memory block")
		if !errors.Is(err, errExited) || !leftover || time.Now().After(patience) {
			return fmt.Errorf("PostgreSQL does not start: %w: %s", err, said)
		}
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
}

var errExited = errors.New("the server exited")

func (s *Server) answer(ctx context.Context) error {
	for {
		conn, err := pgx.Connect(ctx, s.DSN(superuser, "postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-s.process.done:
			return errExited
		case <-ctx.Done():
			return fmt.Errorf("%w (last: %w)", ctx.Err(), err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// arguments of the server. Messages of level ERROR quote what a statement was
// given, so they go to the client alone: personal data never stand in a log.
func (s *Server) arguments() []string {
	args := []string{"-D", s.data, "-k", s.socket, "-p", port}
	settings := map[string]string{
		"listen_addresses":                  "",
		"unix_socket_permissions":           "0700",
		"max_connections":                   "100",
		"shared_buffers":                    "128MB",
		"timezone":                          "UTC",
		"log_timezone":                      "UTC",
		"log_min_messages":                  "log",
		"log_min_error_statement":           "panic",
		"log_error_verbosity":               "terse",
		"log_parameter_max_length":          "0",
		"log_parameter_max_length_on_error": "0",
	}
	for name, value := range s.options.Settings {
		settings[name] = value
	}
	for name, value := range settings {
		args = append(args, "-c", name+"="+value)
	}
	return args
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
