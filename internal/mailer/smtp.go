package mailer

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/textproto"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
)

// TLS is how the way to the mail server is encrypted.
type TLS string

// The ways. None falls back to sending in clear.
const (
	StartTLS TLS = "starttls" // required, RFC 3207; the zero TLS means this
	Implicit TLS = "implicit" // from the first byte, RFC 8314
	InClear  TLS = "none"     // a mail server on the same machine
)

// patience bounds each exchange with the mail server: a job has 60 seconds.
const patience = 15 * time.Second

// SMTP sends mails over a mail server.
type SMTP struct {
	Addr     string // host:port
	From     string // "Name <address>" or an address
	TLS      TLS
	Roots    *x509.CertPool // who may vouch for the server; nil means the system's
	User     string         // empty: no sign-in
	Password string
	Now      func() time.Time
}

// Send hands one mail to the server. A problem.Unavailable is to be tried again
// later, a problem.Invalid never. The Message-ID comes from Ref, so a server or
// reader that gets a mail twice can know it. No error names the address.
func (s SMTP) Send(ctx context.Context, m Message) error {
	msg, err := s.compose(m)
	if err != nil {
		return err
	}
	var line phone
	defer line.hangUp()
	client, err := s.client(&line)
	if err != nil {
		return err
	}
	err = client.DialAndSendWithContext(ctx, msg)
	if err == nil || msg.IsDelivered() { // a server that hangs up too early has it all the same
		return nil
	}
	return silenced(m, err)
}

func (s SMTP) compose(m Message) (*mail.Msg, error) {
	address, err := m.check()
	if err != nil {
		return nil, err
	}
	from, err := netmail.ParseAddress(s.From)
	if err != nil {
		return nil, fmt.Errorf("reading the sender of mails: %w", err)
	}
	_, domain, _ := strings.Cut(from.Address, "@")

	msg := mail.NewMsg(mail.WithNoDefaultUserAgent())
	msg.FromMailAddress(from)
	msg.ToMailAddress(&netmail.Address{Address: address})
	msg.Subject(m.Subject)
	msg.SetDateWithValue(s.Now())
	msg.SetMessageIDWithValue(m.Ref.String() + "@" + domain)
	// RFC 3834: nobody's absence note shall answer, and no loop begin.
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetGenHeader(mail.HeaderXAutoResponseSuppress, "All")
	msg.SetBodyString(mail.TypeTextPlain, m.Text)
	msg.AddAlternativeString(mail.TypeTextHTML, m.HTML)
	return msg, nil
}

func (s SMTP) client(line *phone) (*mail.Client, error) {
	host, portText, err := net.SplitHostPort(s.Addr)
	if err != nil {
		return nil, fmt.Errorf("reading the address of the mail server: %w", err)
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		return nil, errors.New("reading the address of the mail server: the port is no number")
	}
	secure := &tls.Config{ServerName: host, RootCAs: s.Roots, MinVersion: tls.VersionTLS12}
	options := []mail.Option{mail.WithTimeout(patience), mail.WithTLSConfig(secure)}
	switch s.TLS {
	case StartTLS, "":
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory), mail.WithDialContextFunc(line.call(&net.Dialer{})))
	case Implicit:
		// Not WithSSL: it looks for encryption only on connections it dialled itself. Opportunistic makes it look.
		options = append(options, mail.WithTLSPolicy(mail.TLSOpportunistic), mail.WithDialContextFunc(line.call(&tls.Dialer{Config: secure})))
	case InClear:
		options = append(options, mail.WithTLSPolicy(mail.NoTLS), mail.WithDialContextFunc(line.call(&net.Dialer{})))
	default:
		return nil, fmt.Errorf("mail server: unknown way of encryption %q, want %s, %s or %s", s.TLS, StartTLS, Implicit, InClear)
	}
	if s.User != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(s.User), mail.WithPassword(s.Password))
	}
	client, err := mail.NewClient(host, append(options, mail.WithPort(port))...)
	if err != nil {
		return nil, fmt.Errorf("preparing the mail server: %w", err)
	}
	return client, nil
}

// phone remembers the connection, because the library leaves it open when a
// server refuses before the first mail.
type phone struct{ conn net.Conn }

func (p *phone) call(d interface {
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
}) mail.DialContextFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := d.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		p.conn = conn
		return conn, nil
	}
}

func (p *phone) hangUp() {
	if p.conn != nil {
		_ = p.conn.Close() // closed already in most cases
	}
}

// silenced keeps of a failure what tells an operator where to look, and drops
// what the library and the server say: both quote the address.
func silenced(m Message, err error) error {
	var send *mail.SendError
	if errors.As(err, &send) {
		why := fmt.Errorf("mail %s: %s: the server answered %d", m.Ref, send.Reason, send.ErrorCode())
		if send.ErrorCode() >= 500 && send.Reason == mail.ErrSMTPRcptTo {
			return refused(why)
		}
		return unavailable(why)
	}
	what := "the mail server can't be reached, or not encrypted"
	var answer *textproto.Error
	var network net.Error
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &answer):
		what = fmt.Sprintf("before the mail, the server answered %d", answer.Code)
	case errors.As(err, &certificate):
		what = "the mail server's certificate is not trusted"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		what = "the mail server did not answer in time"
	}
	return unavailable(fmt.Errorf("mail %s: %s", m.Ref, what))
}
