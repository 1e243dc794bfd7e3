// Package weblog looks for one person's lines in the access logs of a web
// server.
//
// A log names network addresses, and an address that somebody merely types
// proves nothing: telling that person's lines would tell a stranger's. So a
// line is given only where an account name in it, or an address and a time
// that a record of the person names, ties it to the person. Everything else is
// Art. 11(2) GDPR: the authority can't tell, and says so.
//
// Lines are read in the formats that servers ship with, in one that is
// declared by the string the server is configured with, or as JSON.
package weblog

import (
	"context"
	"sync/atomic"
	"time"

	"einsicht/internal/connector"
	"einsicht/internal/connector/logs"
	"einsicht/internal/connector/rewrite"
	"einsicht/internal/person"
)

// Kind is the kind "weblog".
type Kind struct {
	// Tests count the reads, and end where a file is rewritten.
	reads *atomic.Int64
	step  func(string) error
}

// mapping is the part "weblog" of a connection file.
type mapping struct {
	Files []string `yaml:"files"` // patterns, such as /var/log/apache2/access.log*
	// Format is combined (also if nothing is said), common, json, or the format
	// string of Apache or nginx.
	Format string `yaml:"format"`
	// Fields names the keys of JSON lines: time, address, account and so on.
	Fields map[string]string `yaml:"fields"`
	// Authenticated says whether the server writes down a user name only after it
	// has checked the password. If nothing is said, Apache does, see vouches.
	Authenticated *bool `yaml:"authenticated"`
	// Window is how far a line may be from the time at which a record names
	// the address; ten minutes at most and if nothing is said.
	Window time.Duration `yaml:"window"`
	// Change declares what may be erased, see package rewrite; Checksums is the
	// folder that keeps what was.
	Change    *rewrite.Rule `yaml:"change"`
	Checksums string        `yaml:"checksums"`
}

// Name is what stands under "kind" in a connection file.
func (Kind) Name() string { return "weblog" }

// Abilities lists what can be done.
func (Kind) Abilities(c connector.Connection) []connector.Ability {
	m, _, err := readMapping(c)
	if err != nil {
		m.Change = nil
	}
	return m.Change.Abilities()
}

// Check reads the connection without touching the logs.
func (Kind) Check(c connector.Connection) error {
	_, _, err := readMapping(c)
	return err
}

// Open makes sure that there are logs.
func (k Kind) Open(ctx context.Context, c connector.Connection) (connector.Connector, error) {
	m, f, err := readMapping(c)
	if err != nil {
		return nil, err
	}
	timeOf := func(raw []byte, _ time.Time) (time.Time, bool) { return f.time(raw) }
	s := &site{connection: c, mapping: m, format: f, files: logs.Files{Kind: k.Name(), Patterns: m.Files, Time: timeOf, Reads: k.reads}}
	s.Desk = s.desk(k.step)
	return s, s.files.Available(ctx)
}

// site is what logged: one system.
type site struct {
	rewrite.Desk
	connection connector.Connection
	mapping    mapping
	format     format
	files      logs.Files
}

// Gaps lists the logs that can't be read.
func (s *site) Gaps(ctx context.Context) ([]connector.Gap, error) { return s.files.Gaps(ctx) }

// Close has nothing to close.
func (*site) Close() error { return nil }

func readMapping(c connector.Connection) (m mapping, f format, err error) {
	if err := c.Decode(&m); err != nil {
		return m, nil, err
	}
	if err := logs.CheckPatterns(c, m.Files); err != nil {
		return m, nil, err
	}
	if m.Window, err = logs.Window(c, m.Window); err != nil {
		return m, nil, err
	}
	if len(c.Match) == 0 {
		return m, nil, c.Wrong("match", "the connection names no identifiers that suffice")
	}
	for _, match := range c.Match {
		if len(match.By) != 1 || !searchable(match.By[0]) {
			return m, nil, c.Wrong("match", "a log is searched by account, email or ip+time, each by itself")
		}
	}
	if err := m.Change.Check(c, m.Checksums); err != nil {
		return m, nil, err
	}
	if f, err = readFormat(c, m); err != nil {
		return m, nil, err
	}
	return m, f, m.checkMask(c, f)
}

// vouches says that a name in a line is one that the server let in, unless it
// refused it by the status. nginx writes whatever name a browser sends, also
// where no page asks for a password, and of JSON nobody knows who writes it.
func (m mapping) vouches(f format) bool {
	if m.Authenticated != nil {
		return *m.Authenticated
	}
	l, ok := f.(*layout)
	return ok && !l.nginx
}

func searchable(k person.IdentifierKind) bool {
	return k == person.Account || k == person.Email || k == person.IPTime
}
