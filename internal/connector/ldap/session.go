package ldap

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"

	"einsicht/internal/connector"
)

// directory is a directory that can be asked.
type directory struct {
	connection connector.Connection
	mapping    mapping
	tls        *tls.Config
	secrets    []string // that an entry is asked about by name
	sortable   int      // how many names of entries are sorted in memory
}

// maxEntry bounds the memory: an entry with a larger value can't be read.
const maxEntry = 16 << 20

func init() {
	ber.MaxPacketLengthBytes = maxEntry // the library reads 2 GiB otherwise
}

// session is a connection that is signed in. Several may use it at once.
type session struct {
	*ldap.Conn
	d    *directory
	ctx  context.Context
	stop func() bool
}

func tlsConfig(c connector.Connection, m mapping) (*tls.Config, error) {
	host, _, err := net.SplitHostPort(m.host)
	if err != nil {
		return nil, c.Wrong("url", "can't be read")
	}
	config := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	if m.CA != "" {
		pem, err := os.ReadFile(m.CA)
		if err != nil {
			return nil, c.Wrong("ca", "can't be read")
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, c.Wrong("ca", "holds no certificate in PEM form")
		}
	}
	return config, nil
}

// dial connects and signs in. The session ends with its context.
func (d *directory) dial(ctx context.Context) (*session, error) {
	const place = "ldap.url"
	if err := ctx.Err(); err != nil {
		return nil, connector.Fail(connector.ErrUnreachable, place, "", err)
	}
	dialCtx, cancel := context.WithTimeout(ctx, d.connection.Timeout)
	defer cancel()
	raw, err := (&net.Dialer{}).DialContext(dialCtx, "tcp", d.mapping.host)
	if err != nil {
		return nil, connector.Fail(connector.ErrUnreachable, place, "", err)
	}
	wire := raw
	if d.mapping.encrypted {
		t := tls.Client(raw, d.tls)
		if err := t.HandshakeContext(dialCtx); err != nil {
			raw.Close()
			return nil, handshake(place, err)
		}
		wire = t
	}
	s := &session{Conn: ldap.NewConn(wire, d.mapping.encrypted), d: d, ctx: ctx}
	s.SetTimeout(d.connection.Timeout)
	s.Start()
	// Closing the wire wakes every question that waits for an answer.
	s.stop = context.AfterFunc(ctx, func() { raw.Close() })
	if d.mapping.StartTLS {
		if err := s.startTLS(raw); err != nil {
			s.close()
			return nil, err
		}
	}
	if err := s.signIn(); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *session) startTLS(raw net.Conn) error {
	// The handshake of the library has no time limit of its own.
	_ = raw.SetDeadline(time.Now().Add(s.d.connection.Timeout))
	err := s.StartTLS(s.d.tls)
	_ = raw.SetDeadline(time.Time{})
	if err == nil {
		return nil
	}
	if strings.Contains(err.Error(), "x509:") || strings.Contains(err.Error(), "tls:") {
		return connector.Fail(connector.ErrConfig, "ldap.url", "certificate", s.ctx.Err())
	}
	return s.failure("ldap.url", err)
}

func handshake(place string, err error) error {
	var unknown *tls.CertificateVerificationError
	if errors.As(err, &unknown) {
		return connector.Fail(connector.ErrConfig, place, "certificate", nil)
	}
	return connector.Fail(connector.ErrUnreachable, place, "TLS", err)
}

func (s *session) signIn() error {
	if s.d.mapping.BindDN == "" {
		return nil // a directory that anybody may read
	}
	password, _ := s.d.connection.Secret("password")
	password = strings.TrimRight(password, "\r\n")
	if password == "" {
		// RFC 4513, 5.1.2: a name without password is nobody, and succeeds.
		return connector.Fail(connector.ErrConfig, "secrets.password", "missing", nil)
	}
	if err := s.Bind(s.d.mapping.BindDN, password); err != nil {
		return s.failure("ldap.bind_dn", err)
	}
	return nil
}

func (s *session) close() {
	s.stop()
	_ = s.Conn.Close()
}

// search asks once. What it got before the directory stopped early is given as
// well.
func (s *session) search(r *ldap.SearchRequest, place string) (*ldap.SearchResult, error) {
	if err := s.ctx.Err(); err != nil {
		return nil, connector.Fail(connector.ErrUnreachable, place, "", err)
	}
	r.DerefAliases = ldap.NeverDerefAliases
	res, err := s.Search(r)
	if err != nil {
		return res, s.failure(place, err)
	}
	return res, nil
}

// exists makes sure that there is a place to search in.
func (s *session) exists(dn, place string) error {
	_, err := s.search(&ldap.SearchRequest{BaseDN: dn, Scope: ldap.ScopeBaseObject, Filter: "(objectClass=*)", Attributes: []string{"1.1"}}, place)
	return err
}

// limited says that a directory gives no more than it has given.
var limited = map[uint16]bool{ldap.LDAPResultSizeLimitExceeded: true, ldap.LDAPResultAdminLimitExceeded: true}

// failure translates an error of the directory. Its text quotes what was asked.
func (s *session) failure(place string, err error) error {
	var answered *ldap.Error
	if err := s.ctx.Err(); err != nil {
		return connector.Fail(connector.ErrUnreachable, place, "", err)
	}
	if last := s.GetLastError(); strings.Contains(err.Error(), "greater than maximum") || last != nil && strings.Contains(last.Error(), "greater than maximum") {
		return connector.Fail(connector.ErrBroken, place, "an entry is too large", nil)
	}
	if !errors.As(err, &answered) || answered.ResultCode >= ldap.ErrorNetwork {
		return connector.Fail(connector.ErrUnreachable, place, "", err)
	}
	return connector.Fail(kindOf(answered.ResultCode), place, code(answered.ResultCode), err)
}

func code(n uint16) string { return "LDAP " + strconv.Itoa(int(n)) }

// kindOf sorts the results of RFC 4511, 4.1.9, by what has to be done.
func kindOf(code uint16) error {
	switch code {
	case ldap.LDAPResultOperationsError, ldap.LDAPResultTimeLimitExceeded, ldap.LDAPResultBusy, ldap.LDAPResultUnavailable, ldap.LDAPResultOther:
		return connector.ErrUnreachable
	case ldap.LDAPResultSizeLimitExceeded, ldap.LDAPResultAdminLimitExceeded:
		return connector.ErrBroken
	}
	return connector.ErrConfig // names, rights, sign-in, referrals
}
