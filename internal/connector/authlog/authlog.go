// Package authlog looks for one person's sign-ins in the logs of servers that
// people reach by SSH or VPN.
//
// What such a log says about one visit stands in several lines: who called,
// with which key, when the session was opened and closed. The lines of a visit
// are joined, so that the person gets the whole of it, and nobody else's. A
// visit is the person's where the server let her in by her account or her key.
// A sign-in that failed proves nothing: anybody can type a name, and keys that
// are merely offered are public. Such lines are given to staff, to be checked.
// For addresses on the network the rule of package logs holds.
//
// Lines of sshd, OpenVPN and WireGuard are read from files of syslog
// (RFC 3164, RFC 5424, and as rsyslog writes them), from the journal of systemd
// (export format and JSON), and from OpenVPN's own log.
package authlog

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"einsicht/internal/connector"
	"einsicht/internal/connector/logs"
	"einsicht/internal/connector/rewrite"
	"einsicht/internal/person"
)

// Kind is the kind "authlog".
type Kind struct{ reads *atomic.Int64 } // counted for tests

// mapping is the part "authlog" of a connection file.
type mapping struct {
	Files []string `yaml:"files"` // patterns, such as /var/log/auth.log*
	// TimeZone is that of lines that name none; Europe/Berlin if nothing is said.
	TimeZone string        `yaml:"time_zone"`
	Window   time.Duration `yaml:"window"` // see logs.MaxWindow
}

// Name is what stands under "kind" in a connection file.
func (Kind) Name() string { return "authlog" }

// Abilities lists what can be done.
func (Kind) Abilities(connector.Connection) []connector.Ability {
	return []connector.Ability{connector.CanFind, connector.CanPreview}
}

// Check reads the connection without touching the logs.
func (Kind) Check(c connector.Connection) error {
	_, _, err := readMapping(c)
	return err
}

// Open makes sure that there are logs.
func (k Kind) Open(ctx context.Context, c connector.Connection) (connector.Connector, error) {
	m, zone, err := readMapping(c)
	if err != nil {
		return nil, err
	}
	s := &site{Never: rewrite.Never{Reason: "connector.authlog.never"}, connection: c, mapping: m, zone: zone}
	s.files = logs.Files{Kind: k.Name(), Patterns: m.Files, Time: s.timeOf, Reads: k.reads}
	return s, s.files.Available(ctx)
}

// site is what logged: one system.
type site struct {
	rewrite.Never
	connection connector.Connection
	mapping    mapping
	zone       *time.Location
	files      logs.Files
}

// Gaps lists the logs that can't be read.
func (s *site) Gaps(ctx context.Context) ([]connector.Gap, error) { return s.files.Gaps(ctx) }

// Close has nothing to close.
func (*site) Close() error { return nil }

// kinds are what a line can name of a person.
var kinds = []person.IdentifierKind{person.Account, person.Email, person.SSHFingerprint, person.IPTime}

func readMapping(c connector.Connection) (m mapping, zone *time.Location, err error) {
	if err := c.Decode(&m); err != nil {
		return m, nil, err
	}
	if err := logs.CheckPatterns(c, m.Files); err != nil {
		return m, nil, err
	}
	if m.Window, err = logs.Window(c, m.Window); err != nil {
		return m, nil, err
	}
	if zone, err = logs.TimeZone(m.TimeZone, c.Wrong); err != nil {
		return m, nil, err
	}
	if len(c.Match) == 0 {
		return m, nil, c.Wrong("match", "the connection names no identifiers that suffice")
	}
	for _, match := range c.Match {
		for _, k := range match.By {
			if !slices.Contains(kinds, k) {
				return m, nil, c.Wrong("match", "sign-ins are found by account, email, ssh-fingerprint and ip+time")
			}
		}
	}
	return m, zone, nil
}
