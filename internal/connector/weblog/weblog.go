// Package weblog looks for one person's lines in the access logs of a web
// server.
//
// A log names network addresses, and an address that somebody merely types
// proves nothing: telling that person's lines would tell a stranger's. So a
// line is given only where an account name in it, or an address and a time
// that a record of the person names, ties it to the person. Everything else is
// Art. 11(2) GDPR: the authority can't tell, and says so.
//
// Logs are read as "combined" format, plain and gzip, across rotations.
package weblog

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// Kind is the kind "weblog".
type Kind struct{}

// mapping is the part "weblog" of a connection file.
type mapping struct {
	Files []string `yaml:"files"` // patterns, such as /var/log/apache2/access.log*
	// Window is how far a line may be from the time at which a record names
	// the address; ten minutes at most and if nothing is said.
	Window time.Duration `yaml:"window"`
}

const maxWindow = 10 * time.Minute

// Name is what stands under "kind" in a connection file.
func (Kind) Name() string { return "weblog" }

// Abilities lists what can be done.
func (Kind) Abilities(connector.Connection) []connector.Ability {
	return []connector.Ability{connector.CanFind, connector.CanPreview}
}

// Check reads the connection without touching the logs.
func (Kind) Check(c connector.Connection) error {
	_, err := readMapping(c)
	return err
}

// Open makes sure that there are logs.
func (Kind) Open(_ context.Context, c connector.Connection) (connector.Connector, error) {
	m, err := readMapping(c)
	if err != nil {
		return nil, err
	}
	l := &logs{connection: c, mapping: m}
	if _, _, err := l.list(); err != nil {
		return nil, err
	}
	return l, nil
}

// logs are the access logs of one system. Nothing is kept open in between.
type logs struct {
	connection connector.Connection
	mapping    mapping
}

// Close has nothing to close.
func (*logs) Close() error { return nil }

func readMapping(c connector.Connection) (mapping, error) {
	var m mapping
	if err := c.Decode(&m); err != nil {
		return m, err
	}
	if len(m.Files) == 0 {
		return m, c.Wrong("files", "is missing")
	}
	for i, pattern := range m.Files {
		if _, err := filepath.Match(pattern, ""); err != nil || !filepath.IsAbs(pattern) {
			return m, c.Wrong(fmt.Sprintf("files.%d", i), "must be a full path, * and ? allowed")
		}
	}
	if m.Window == 0 {
		m.Window = maxWindow
	}
	if m.Window < 0 || m.Window > maxWindow {
		return m, c.Wrong("window", "must be 10m at most")
	}
	if len(c.Match) == 0 {
		return m, c.Wrong("match", "the connection names no identifiers that suffice")
	}
	for _, match := range c.Match {
		if len(match.By) != 1 || !searchable(match.By[0]) {
			return m, c.Wrong("match", "a log is searched by account, email or ip+time, each by itself")
		}
	}
	return m, nil
}

func searchable(k person.IdentifierKind) bool {
	return k == person.Account || k == person.Email || k == person.IPTime
}
