package portal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"einsicht/internal/connector"
	"einsicht/internal/connector/all"
)

// sources are the systems that a machine can ask, one connection file each.
// Only a process that works loads them.
type sources struct {
	connections map[string]connector.Connection
	kinds       map[string]connector.Kind
	places      map[string]chan struct{} // bounds how many questions a system gets at once
}

// openSources reads the connection files. A process that only serves knows no
// system.
func (m *Main) openSources(context.Context) error {
	m.sources = &sources{connections: map[string]connector.Connection{}, kinds: map[string]connector.Kind{}, places: map[string]chan struct{}{}}
	if !m.Part.Works {
		return nil
	}
	if m.Connections == "" {
		m.Connections = filepath.Join(m.Data, "connections")
	}
	for _, k := range all.Kinds() {
		m.sources.kinds[k.Name()] = k
	}
	files, err := filepath.Glob(filepath.Join(m.Connections, "*.yaml"))
	if err != nil {
		return fmt.Errorf("EINSICHT_CONNECTIONS: %w", err)
	}
	var faults []error
	for _, file := range files {
		faults = append(faults, m.sources.load(file))
	}
	return errors.Join(faults...)
}

func (s *sources) load(file string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	c, err := connector.ParseConnection(file, data)
	if err != nil {
		return err
	}
	kind, ok := s.kinds[c.Kind]
	if !ok {
		return fmt.Errorf("%s: kind %q is not one that this program knows", file, c.Kind)
	}
	if err := kind.Check(c); err != nil {
		return err
	}
	s.connections[c.System], s.places[c.System] = c, make(chan struct{}, c.Concurrency)
	return nil
}

// Has says whether the system can be asked by machine.
func (s *sources) Has(system string) bool {
	c, ok := s.connections[system]
	return ok && c.Kind != "manual"
}

// Open connects to a system, with its secrets read anew, and waits while it is
// asked as often as it bears.
func (s *sources) Open(ctx context.Context, system string) (connector.Connector, error) {
	c, ok := s.connections[system]
	if !ok {
		return nil, connector.Fail(connector.ErrConfig, system, "no connection", nil)
	}
	place := s.places[system]
	select {
	case place <- struct{}{}:
	case <-ctx.Done():
		return nil, connector.Fail(connector.ErrUnreachable, system, "busy", ctx.Err())
	}
	resolved, err := c.Resolve(ReadSecret)
	if err != nil {
		<-place
		return nil, connector.Fail(connector.ErrConfig, system, "secret", err)
	}
	opened, err := s.kinds[c.Kind].Open(ctx, resolved)
	if err != nil {
		<-place
		return nil, err
	}
	return &placed{Connector: opened, place: place}, nil
}

// placed gives its place back when closed.
type placed struct {
	connector.Connector
	place chan struct{}
}

func (p *placed) Close() error {
	defer func() { <-p.place }()
	return p.Connector.Close()
}

// ReadSecret reads a secret that a connection file refers to.
func ReadSecret(ref connector.Ref) (string, error) {
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
