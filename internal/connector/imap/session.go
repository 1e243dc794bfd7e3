package imap

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"einsicht/internal/connector"
)

// session is one connection, signed in.
type session struct {
	client  *imapclient.Client
	conn    net.Conn
	host    string // with its port, for errors
	timeout time.Duration
}

// signIn opens a connection of the account that reads and nothing else.
func (a *account) signIn(ctx context.Context) (*session, error) {
	return a.signInAs(ctx, a.mapping.User, "password")
}

func (a *account) signInAs(ctx context.Context, user, secret string) (*session, error) {
	s := &session{host: a.mapping.address, timeout: a.connection.Timeout}
	if ctx.Err() != nil {
		return nil, connector.Fail(connector.ErrUnreachable, "connect", "", ctx.Err())
	}
	dialer := net.Dialer{Timeout: min(s.timeout, 10*time.Second)}
	var err error
	if s.conn, err = dialer.DialContext(ctx, "tcp", a.mapping.address); err != nil {
		return nil, connector.Fail(connector.ErrUnreachable, "connect", "", ctx.Err()).By(s.host, connector.Silence(err))
	}
	if err := a.greet(ctx, s); err != nil {
		s.conn.Close()
		return nil, err
	}
	password, _ := a.connection.Secret(secret)
	err = s.ask(ctx, "sign in", func() error { return s.client.Login(user, password).Wait() })
	if err != nil {
		s.conn.Close()
		if no := (*refusal)(nil); errors.As(err, &no) {
			return nil, no.failure(connector.ErrConfig)
		}
		return nil, err
	}
	return s, nil
}

// greet begins the conversation, encrypted but towards this machine itself.
func (a *account) greet(ctx context.Context, s *session) error {
	config := &tls.Config{ServerName: a.mapping.host, RootCAs: a.roots, MinVersion: tls.VersionTLS12}
	err := s.ask(ctx, "connect", func() (err error) {
		switch a.mapping.security {
		case implicitTLS:
			secure := tls.Client(s.conn, config)
			if err := secure.HandshakeContext(ctx); err != nil {
				return err
			}
			s.client = imapclient.New(secure, nil)
		case startTLS:
			s.client, err = imapclient.NewStartTLS(s.conn, &imapclient.Options{TLSConfig: config})
			if err != nil {
				return err
			}
		case loopback:
			s.client = imapclient.New(s.conn, nil)
		}
		return s.client.WaitGreeting()
	})
	if no := (*refusal)(nil); errors.As(err, &no) { // no STARTTLS here: never go on in clear
		return no.failure(connector.ErrConfig)
	}
	return err
}

// close ends the session; politely, unless nobody waits any more.
func (s *session) close(ctx context.Context) {
	if s.client.State() != imap.ConnStateLogout {
		_ = s.ask(ctx, "end", func() error { return s.client.Logout().Wait() }) // nothing depends on it
	}
	s.conn.Close()
}

// refusal is a question to which the server said NO.
type refusal struct {
	place, host string
	code        imap.ResponseCode
}

func (r *refusal) Error() string { return r.place + ": refused" }

// failure is a refusal as an error of the system.
func (r *refusal) failure(kind error) error {
	switch r.code {
	case imap.ResponseCodeUnavailable, imap.ResponseCodeInUse, imap.ResponseCodeLimit, imap.ResponseCodeServerBug, imap.ResponseCodeContactAdmin:
		kind = connector.ErrUnreachable
	}
	means := meanings[r.code]
	if means == "" {
		means = places[r.place]
	}
	return connector.Fail(kind, r.place, string(standard(r.code)), nil).By(r.host, means)
}

// meanings say what a code means for whoever connects the mailboxes (RFC 5530).
var meanings = map[imap.ResponseCode]string{
	imap.ResponseCodeAuthenticationFailed: "the sign-in is refused: wrong user or password",
	imap.ResponseCodeAuthorizationFailed:  "signed in, but not allowed to act as this user",
	imap.ResponseCodeExpired:              "the password has expired",
	imap.ResponseCodePrivacyRequired:      "it wants encryption",
	imap.ResponseCodeNoPerm:               "signed in, but without the right to read this",
	imap.ResponseCodeNonExistent:          "there is no such mailbox",
	imap.ResponseCodeUnavailable:          "a part of it does not answer",
	imap.ResponseCodeLimit:                "it bears no more questions",
}

// places say what a refusal without a code means.
var places = map[string]string{
	"connect": "it does not encrypt, or takes nobody",
	"sign in": "the sign-in is refused: wrong user or password, perhaps",
}

// standard keeps response codes that a standard names; all else is the server's
// free choice.
func standard(code imap.ResponseCode) imap.ResponseCode {
	switch code {
	case imap.ResponseCodeUnavailable, imap.ResponseCodeInUse, imap.ResponseCodeLimit, imap.ResponseCodeServerBug, imap.ResponseCodeContactAdmin,
		imap.ResponseCodeAuthenticationFailed, imap.ResponseCodeAuthorizationFailed, imap.ResponseCodeExpired, imap.ResponseCodePrivacyRequired,
		imap.ResponseCodeNoPerm, imap.ResponseCodeNonExistent, imap.ResponseCodeBadCharset:
		return code
	}
	return ""
}

// errLost says that the connection ended in the middle of a question, whatever
// the reason. It is the cause of failures and seen by the walk only.
var errLost = errors.New("connection lost")

// lost is a failure after which another connection may do better.
type lost struct{ *connector.Failure }

func (l lost) Is(target error) bool { return target == errLost }
func (l lost) Unwrap() error        { return l.Failure }

// ask puts one question within the time limit. It returns a refusal where the
// server says NO, and a failure where it does not answer.
func (s *session) ask(ctx context.Context, place string, question func() error) error {
	if err := ctx.Err(); err != nil {
		return connector.Fail(connector.ErrUnreachable, place, "", err)
	}
	limited, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	stop := context.AfterFunc(limited, func() { s.conn.Close() })
	defer stop()
	err := question()
	switch no := (*imap.Error)(nil); {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return connector.Fail(connector.ErrUnreachable, place, "", ctx.Err())
	case limited.Err() != nil:
		return connector.Fail(connector.ErrUnreachable, place, "timeout", nil).By(s.host, "")
	case errors.As(err, &no) && no.Type != imap.StatusResponseTypeBye:
		return &refusal{place: place, host: s.host, code: no.Code}
	}
	if why, distrusted := connector.Distrust(err); distrusted {
		return connector.Fail(connector.ErrConfig, place, connector.Certificate, nil).By(s.host, why)
	}
	return lost{connector.Fail(connector.ErrUnreachable, place, "", nil).By(s.host, connector.Silence(err))}
}
