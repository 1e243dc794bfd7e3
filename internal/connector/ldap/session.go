package ldap

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"strconv"
	"strings"

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
	names      schema
	classes    classes
	asserts    bool // takes a condition with a change (RFC 4528)
	sortable   int  // how many names of entries are sorted in memory
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
		if config.RootCAs, err = c.Roots(m.CA, os.ReadFile); err != nil {
			return nil, err
		}
	}
	return config, nil
}

// signer is who signs in, by the keys of the connection.
type signer struct{ dn, key, secret string }

// dial connects and signs in as who asks. The session ends with its context.
func (d *directory) dial(ctx context.Context) (*session, error) {
	return d.dialAs(ctx, signer{d.mapping.BindDN, "ldap.bind_dn", "password"})
}

func (d *directory) dialAs(ctx context.Context, who signer) (*session, error) {
	const place = "ldap.url"
	if err := ctx.Err(); err != nil {
		return nil, connector.Fail(connector.ErrUnreachable, place, "", err)
	}
	dialCtx, cancel := context.WithTimeout(ctx, d.connection.Timeout)
	defer cancel()
	raw, err := (&net.Dialer{}).DialContext(dialCtx, "tcp", d.mapping.host)
	if err != nil {
		return nil, connector.Fail(connector.ErrUnreachable, place, "", err).By(d.mapping.host, connector.Silence(err))
	}
	wire := raw
	if d.mapping.encrypted || d.mapping.StartTLS {
		if wire, err = d.encrypt(dialCtx, raw); err != nil {
			raw.Close()
			if ctx.Err() != nil {
				err = connector.Fail(connector.ErrUnreachable, place, "", ctx.Err())
			}
			return nil, err
		}
	}
	s := &session{Conn: ldap.NewConn(wire, wire != raw), d: d, ctx: ctx}
	s.SetTimeout(d.connection.Timeout)
	s.Start()
	// Closing the wire wakes every question that waits for an answer.
	s.stop = context.AfterFunc(ctx, func() { raw.Close() })
	if err := s.signIn(who); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// encrypt makes sure that the server is the one that is meant, and that nobody
// else listens. The library could ask for StartTLS, but says of a certificate
// that was not taken no more than that, and would wait for ever.
func (d *directory) encrypt(ctx context.Context, raw net.Conn) (net.Conn, error) {
	const place = "ldap.url"
	if d.mapping.StartTLS {
		stop := context.AfterFunc(ctx, func() { raw.Close() })
		answer, err := startTLS(raw)
		if stop(); ctx.Err() != nil {
			err = ctx.Err()
		}
		var refused *ldap.Error
		switch {
		case answer != nil && errors.As(err, &refused) && refused.ResultCode < ldap.ErrorNetwork:
			return nil, connector.Fail(kindOf(refused.ResultCode), place, code(refused.ResultCode), nil).By(d.mapping.host, "it does not encrypt")
		case err != nil:
			return nil, connector.Fail(connector.ErrUnreachable, place, "StartTLS", nil).By(d.mapping.host, connector.Silence(err))
		}
	}
	t := tls.Client(raw, d.tls)
	if err := t.HandshakeContext(ctx); err != nil {
		if why, distrusted := connector.Distrust(err); distrusted {
			return nil, connector.Fail(connector.ErrConfig, place, connector.Certificate, nil).By(d.mapping.host, why)
		}
		return nil, connector.Fail(connector.ErrUnreachable, place, "TLS", nil).By(d.mapping.host, connector.Silence(err))
	}
	return t, nil
}

// startTLS asks to go on encrypted (RFC 4511, 4.14). No byte of what follows is
// read.
func startTLS(raw io.ReadWriter) (answer *ber.Packet, err error) {
	const name = 0 // [0] LDAPOID
	request := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationExtendedRequest, nil, "")
	request.AppendChild(ber.NewString(ber.ClassContext, ber.TypePrimitive, name, "1.3.6.1.4.1.1466.20037", ""))
	p := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "")
	p.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, 1, ""))
	p.AppendChild(request)
	if _, err := raw.Write(p.Bytes()); err != nil {
		return nil, err
	}
	if answer, err = ber.ReadPacket(raw); err != nil {
		return nil, err
	}
	return answer, ldap.GetLDAPError(answer)
}

func (s *session) signIn(who signer) error {
	if who.dn == "" {
		return nil // a directory that anybody may read
	}
	password, _ := s.d.connection.Secret(who.secret)
	password = strings.TrimRight(password, "\r\n")
	if password == "" {
		// RFC 4513, 5.1.2: a name without password is nobody, and succeeds.
		return connector.Fail(connector.ErrConfig, "secrets."+who.secret, "missing", nil)
	}
	if err := s.Bind(who.dn, password); err != nil {
		return s.failure(who.key, err)
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
	host := s.d.mapping.host
	if !errors.As(err, &answered) || answered.ResultCode >= ldap.ErrorNetwork {
		return connector.Fail(connector.ErrUnreachable, place, "", err).By(host, "")
	}
	return connector.Fail(kindOf(answered.ResultCode), place, code(answered.ResultCode), err).By(host, meanings[answered.ResultCode])
}

// meanings say what a result means for whoever connects the directory.
var meanings = map[uint16]string{
	ldap.LDAPResultOperationsError:             "it answers only who signed in",
	ldap.LDAPResultTimeLimitExceeded:           "the question takes longer than it allows",
	ldap.LDAPResultStrongAuthRequired:          "it wants a safer way to sign in",
	ldap.LDAPResultConfidentialityRequired:     "it wants encryption",
	ldap.LDAPResultNoSuchObject:                "there is no entry of this name, or none that the account may see",
	ldap.LDAPResultInvalidDNSyntax:             "no valid name of an entry",
	ldap.LDAPResultInappropriateAuthentication: "the account can't sign in with a password",
	ldap.LDAPResultInvalidCredentials:          "the sign-in is refused: wrong name or password",
	ldap.LDAPResultInsufficientAccessRights:    "signed in, but without the right to read this",
	ldap.LDAPResultBusy:                        "it has too much to do",
	ldap.LDAPResultUnavailable:                 "it is shutting down, or not yet there",
	ldap.LDAPResultUnwillingToPerform:          "it refuses such questions",
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
