// Package imap looks for one person's mail in the mailboxes of an authority.
//
// A mail is the person's where an address of hers stands in its From, Sender,
// Reply-To, To or Cc. Where only its text names her, somebody else may write
// about her, or about a namesake: staff have to look. So they have where a mail
// only belongs to a conversation of hers.
//
// Searching changes nothing, and no mail is marked as read: mailboxes are opened
// with EXAMINE, mails are read with BODY.PEEK (RFC 3501, 6.3.2 and 6.4.5). What the
// connection declares is changed by another account, mail by mail.
package imap

import (
	"context"
	"crypto/x509"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// Kind is the kind "imap".
type Kind struct{}

// mapping is the part "imap" of a connection file.
type mapping struct {
	URL       string   `yaml:"url"`  // imaps://host, or imap://host with STARTTLS
	User      string   `yaml:"user"` // of an account that may read and nothing else
	CA        string   `yaml:"ca"`   // PEM file of an own certificate authority
	Mailboxes []string `yaml:"mailboxes"`
	Except    []string `yaml:"except"`
	// FromOwn lists addresses and domains of the authority: who writes from
	// there is staff.
	FromOwn []string `yaml:"from_own"`
	// MaxContent is how many MiB of attachments of one mail are copied; 0: all.
	MaxContent int `yaml:"max_content"`
	// Conversations false leaves out mails that only belong to a conversation
	// of the person.
	Conversations *bool `yaml:"conversations"`
	// Read "all" reads every mail, "found" those that the server finds.
	Read string `yaml:"read"`
	// ChangeUser is the account that changes what Change declares.
	ChangeUser string  `yaml:"change_user"`
	Change     *Change `yaml:"change"`

	address  string // host:port
	host     string
	security security
}

// security is how a connection is kept from being read on the way.
type security int

const (
	implicitTLS security = iota
	startTLS
	loopback
)

const maxContent = mostBytes >> 20

// Name is what stands under "kind" in a connection file.
func (Kind) Name() string { return "imap" }

// Abilities lists what can be done. What the connection does not declare, or
// nobody may do, can't.
func (Kind) Abilities(c connector.Connection) []connector.Ability {
	all := []connector.Ability{connector.CanFind, connector.CanPreview}
	if m, err := readMapping(c); err == nil && m.ChangeUser != "" && m.Change != nil {
		if m.Change.Erase != "" {
			all = append(all, connector.CanErase)
		}
		if m.Change.Restrict != nil {
			all = append(all, connector.CanRestrict)
		}
	}
	return all
}

// Check reads the connection without touching the server.
func (Kind) Check(c connector.Connection) error {
	_, err := readMapping(c)
	return err
}

// Open signs in once and makes sure that the declared mailboxes are there.
func (Kind) Open(ctx context.Context, c connector.Connection) (connector.Connector, error) {
	m, err := readMapping(c)
	if err != nil {
		return nil, err
	}
	a := &account{connection: c, mapping: m}
	if m.CA != "" {
		if a.roots, err = c.Roots(m.CA, os.ReadFile); err != nil {
			return nil, err
		}
	}
	s, err := a.signIn(ctx)
	if err != nil {
		return nil, err
	}
	defer s.close(ctx)
	_, err = a.mailboxes(ctx, s)
	if err != nil {
		return nil, err
	}
	return a, nil
}

// account is what one user of the server may read. Each question has a
// connection of its own; none is kept in between.
type account struct {
	connection connector.Connection
	mapping    mapping
	roots      *x509.CertPool // nil: those of the machine
}

// Close has nothing to close.
func (*account) Close() error { return nil }

func readMapping(c connector.Connection) (mapping, error) {
	var m mapping
	if err := c.Decode(&m); err != nil {
		return m, err
	}
	if err := m.readURL(c); err != nil {
		return m, err
	}
	if m.User == "" {
		return m, c.Wrong("user", "is missing")
	}
	if _, named := c.Secrets["password"]; !named {
		return m, c.Wrong("user", "needs secrets.password")
	}
	for key, list := range map[string][]string{"mailboxes": m.Mailboxes, "except": m.Except, "from_own": m.FromOwn} {
		for i, s := range list {
			if strings.TrimSpace(s) == "" {
				return m, c.Wrong(fmt.Sprintf("%s.%d", key, i), "is empty")
			}
		}
	}
	if m.MaxContent < 0 || m.MaxContent > maxContent {
		return m, c.Wrong("max_content", fmt.Sprintf("must be 1 to %d (MiB)", maxContent))
	}
	if m.Read != "" && m.Read != "found" && m.Read != "all" {
		return m, c.Wrong("read", "must be found or all")
	}
	if len(c.Match) == 0 {
		return m, c.Wrong("match", "the connection names no identifiers that suffice")
	}
	for _, match := range c.Match {
		for _, kind := range match.By {
			if !searchable(kind) {
				return m, c.Wrong("match", "mail is searched by email, name, phone and address")
			}
		}
	}
	return m, m.checkChange(c)
}

func (m *mapping) readURL(c connector.Connection) error {
	u, err := url.Parse(m.URL)
	switch {
	case m.URL == "":
		return c.Wrong("url", "is missing")
	case err != nil || u.Hostname() == "" || u.Scheme != "imaps" && u.Scheme != "imap" || u.Path != "" && u.Path != "/":
		return c.Wrong("url", "must be imaps://host:port or imap://host:port")
	case u.User != nil:
		return c.Wrong("url", "must not hold a user or a password; see user and secrets.password")
	}
	m.host = u.Hostname()
	port := u.Port()
	switch here := connector.Loopback(m.host); {
	case u.Scheme == "imaps":
		m.security = implicitTLS
	case here && m.CA == "":
		m.security = loopback
	default:
		m.security = startTLS
	}
	if port == "" {
		port = map[string]string{"imaps": "993", "imap": "143"}[u.Scheme]
	}
	m.address = net.JoinHostPort(m.host, port)
	return nil
}

func searchable(k person.IdentifierKind) bool {
	return k == person.Email || k == person.Name || k == person.Phone || k == person.Address
}

// conversations says whether mails of a person's conversations are given.
func (m mapping) conversations() bool { return m.Conversations == nil || *m.Conversations }

// own says whether an address is one of the authority.
func (m mapping) own(address string) bool {
	n, err := person.Normal(person.Email, address)
	if err != nil {
		return false
	}
	_, domain, _ := strings.Cut(n, "@")
	for _, o := range m.FromOwn {
		if strings.Contains(o, "@") {
			if person.Same(person.Email, o, n) {
				return true
			}
			continue
		}
		if o = strings.ToLower(strings.TrimPrefix(o, ".")); domain == o || strings.HasSuffix(domain, "."+o) {
			return true
		}
	}
	return false
}
