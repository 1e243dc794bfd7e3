// Package maillog looks for the mails of one person in the log of a mail
// server.
//
// The log says of each mail who sent it, who was to get it and what became of
// it. That is data about both, so a mail is given to either, and the other is
// somebody else (Art. 15(4) GDPR): their addresses, and where the mail came
// from, are marked as a third party's. What is written of one mail stands in
// many lines among those of others; they are joined over the id under which
// the server keeps it.
//
// Postfix is read as it writes, by itself or through syslog, and sendmail,
// Amavis and Dovecot beside it.
package maillog

import (
	"context"
	"sync/atomic"
	"time"

	"einsicht/internal/connector"
	"einsicht/internal/connector/logs"
	"einsicht/internal/connector/rewrite"
	"einsicht/internal/person"
)

// Kind is the kind "maillog".
type Kind struct {
	// Tests count the reads and want more places from which to read again.
	reads  *atomic.Int64
	stride int
}

// mapping is the part "maillog" of a connection file.
type mapping struct {
	Files []string `yaml:"files"` // patterns, such as /var/log/mail.log*
	// TimeZone is that of times without one; Europe/Berlin if nothing is said.
	TimeZone string `yaml:"time_zone"`
	// Window is how far a mail may be from the time at which a record names the
	// address of who handed it in; ten minutes at most and if nothing is said.
	Window time.Duration `yaml:"window"`

	zone *time.Location
}

// Name is what stands under "kind" in a connection file.
func (Kind) Name() string { return "maillog" }

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
func (k Kind) Open(ctx context.Context, c connector.Connection) (connector.Connector, error) {
	m, err := readMapping(c)
	if err != nil {
		return nil, err
	}
	s := &server{Never: rewrite.Never{Reason: "connector.maillog.never"}, connection: c, mapping: m, files: logs.Files{Kind: k.Name(), Patterns: m.Files, Time: m.timeOf, Reads: k.reads}, stride: k.stride}
	return s, s.files.Available(ctx)
}

// server is the mail server that logged.
type server struct {
	rewrite.Never
	connection connector.Connection
	mapping    mapping
	files      logs.Files
	stride     int
}

// Gaps lists the logs that can't be read.
func (s *server) Gaps(ctx context.Context) ([]connector.Gap, error) { return s.files.Gaps(ctx) }

// Close has nothing to close.
func (*server) Close() error { return nil }

func (m mapping) timeOf(line []byte, written time.Time) (time.Time, bool) {
	h, ok := readHead(line, m.zone, written)
	return h.at, ok
}

func readMapping(c connector.Connection) (m mapping, err error) {
	if err := c.Decode(&m); err != nil {
		return m, err
	}
	if err := logs.CheckPatterns(c, m.Files); err != nil {
		return m, err
	}
	if m.Window, err = logs.Window(c, m.Window); err != nil {
		return m, err
	}
	if m.zone, err = logs.TimeZone(m.TimeZone, c.Wrong); err != nil {
		return m, err
	}
	if len(c.Match) == 0 {
		return m, c.Wrong("match", "the connection names no identifiers that suffice")
	}
	for _, match := range c.Match {
		if len(match.By) != 1 || !searchable(match.By[0]) {
			return m, c.Wrong("match", "a mail log is searched by email, account or ip+time, each by itself")
		}
	}
	return m, nil
}

func searchable(k person.IdentifierKind) bool {
	return k == person.Email || k == person.Account || k == person.IPTime
}
