package portal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"einsicht/internal/connector"
	"einsicht/internal/connector/all"
	"einsicht/internal/connector/source"
	"einsicht/internal/keyring"
	"einsicht/internal/postgres"
	"einsicht/internal/procedure/connecting"
)

// openSources reads the connection files, and the key for secrets of systems. A
// process that only serves loads neither: it can't ask any system, nor sign in
// as if it were a worker.
func (m *Main) openSources(ctx context.Context) error {
	own, err := pgx.ParseConfig(m.DatabaseURL)
	if err != nil {
		return errors.New("DATABASE_URL can't be read") // the cause may quote a password
	}
	if m.allowed, err = connecting.NewAllowed(m.ConnectHosts, m.ConnectPaths, cmp.Or(own.Database, own.User)); err != nil {
		return err
	}
	if !m.Part.Works {
		m.sources = source.New(source.Deps{})
		return nil
	}
	if m.SourceKey == "" {
		m.SourceKey = filepath.Join(m.Data, "keys", "sources.json")
	}
	if err := m.Keys.LoadSourceKey(ctx, m.SourceKey); err != nil {
		return err
	}
	m.sources = source.New(source.Deps{Kinds: all.Kinds(), Secrets: m.readSecret, Log: m.Log, Allowed: func(c connector.Connection) error {
		return m.allowed.Resolved(c, really)
	}})
	if m.Connections == "" {
		m.Connections = filepath.Join(m.Data, "connections")
	}
	connections, err := readConnections(m.Connections)
	return errors.Join(err, m.sources.Load(connections...))
}

// readConnections reads all connection files of a folder, and says everything that
// is wrong with them.
func readConnections(dir string) ([]connector.Connection, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil {
		return nil, fmt.Errorf("EINSICHT_CONNECTIONS: %w", err)
	}
	var read []connector.Connection
	var faults []error
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		c, err := connector.ParseConnection(file, data)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		read = append(read, c)
	}
	return read, errors.Join(faults...)
}

// really gives what a path or pattern leads to on this machine: the folder before
// its first wildcard, as far as it is there, and what it matches now, without
// symbolic links.
func really(pattern string) []string {
	fixed := filepath.Clean(pattern)
	if i := strings.IndexAny(fixed, "*?["); i >= 0 {
		fixed = filepath.Dir(fixed[:i] + "x")
	}
	found := []string{resolved(fixed)}
	matches, _ := filepath.Glob(pattern) // what is no pattern is said by its kind
	for _, path := range matches {
		found = append(found, resolved(path))
	}
	return found
}

func resolved(path string) string {
	for rest := ""; ; {
		real, err := filepath.EvalSymlinks(path)
		if err == nil {
			return filepath.Join(real, rest)
		}
		if path == filepath.Dir(path) {
			return filepath.Join(path, rest)
		}
		path, rest = filepath.Dir(path), filepath.Join(filepath.Base(path), rest)
	}
}

// errMoved is what an operator of an authority is told; a Failure holds no value.
const errMoved = "enter the secret again, the address has changed"

// readSecret reads a secret of a system for one authority's question. A sealed one
// opens only for the hosts that it was entered for.
func (m *Main) readSecret(ctx context.Context, authority uuid.UUID, c connector.Connection, ref connector.Ref) (string, error) {
	if ref.Sealed == "" {
		return ReadSecret(ref)
	}
	var sealed []byte
	err := m.DB.View(ctx, authority, func(ctx context.Context) error {
		s, err := postgres.Connections{}.Secret(ctx, c.System, ref.Sealed)
		sealed = s.Sealed
		return err
	})
	if err != nil {
		return "", fmt.Errorf("sealed secret %s: %w", ref.Sealed, err)
	}
	plain, err := m.Keys.OpenSecret(ctx, c.SecretPlace(authority, ref.Sealed), sealed)
	if errors.Is(err, keyring.ErrUnsealed) {
		return "", connector.Fail(connector.ErrConfig, c.System, errMoved, nil)
	}
	return string(plain), err
}

// ReadSecret reads a secret that a connection file refers to, unless it is sealed.
func ReadSecret(ref connector.Ref) (string, error) {
	if ref.Sealed != "" {
		return "", errors.New("a sealed secret is opened by workers only: test the connection at the control pages")
	}
	if ref.Env != "" {
		v, ok := os.LookupEnv(ref.Env)
		if !ok {
			return "", fmt.Errorf("environment variable %s is not set", ref.Env)
		}
		return v, nil
	}
	b, err := os.ReadFile(ref.File)
	if err != nil {
		return "", errors.New("the file of the secret can't be read")
	}
	return strings.TrimRight(string(b), "\r\n"), nil
}

// kinds are the kinds of systems that this program knows.
type kinds struct{}

// Check reads a connection without touching its system.
func (kinds) Check(c connector.Connection) error {
	kind, err := all.Kind(c)
	if err != nil {
		return err
	}
	return kind.Check(c)
}

// Names lists them as they stand in a connection.
func (kinds) Names() []string {
	var names []string
	for _, k := range all.Kinds() {
		names = append(names, k.Name())
	}
	return names
}
