package mailer

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/http/httptest"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/wording"
)

const address = "erika.mustermann@mail.example"

var (
	ctx    = context.Background()
	moment = time.Date(2026, 11, 20, 9, 15, 0, 0, time.FixedZone("CET", 3600))
)

func message() Message {
	return Message{
		Ref: uuid.MustParse("33333333-3333-4333-8333-333333333333"), To: person.NewText(address),
		Subject: "Es gibt etwas Neues zu Ihrem Vorgang – größer", Text: "Guten Tag,\n\nes gibt etwas Neues: Grüße\n.\nEnde\n",
		HTML: "<!doctype html><p>Es gibt etwas Neues: Grüße</p>",
	}
}

func sender(addr string, way TLS) SMTP {
	return SMTP{Addr: addr, From: "Staatskanzlei Größe <portal@stk.example>", TLS: way, Now: func() time.Time { return moment }}
}

func TestAMailArrivesWellFormed(t *testing.T) {
	s := serve(t, &server{}, nil)
	if err := sender(s.Addr, InClear).Send(ctx, message()); err != nil {
		t.Fatal(err)
	}
	commands, mails := s.heard()
	for _, want := range []string{"MAIL FROM:<portal@stk.example>", "RCPT TO:<" + address + ">"} {
		if !strings.Contains(commands, want) {
			t.Errorf("the conversation lacks %q:\n%s", want, commands)
		}
	}
	if len(mails) != 1 {
		t.Fatalf("got %d mails, want 1", len(mails))
	}
	for line := range strings.SplitSeq(mails[0], "\r\n") {
		if len(line) > 78 {
			t.Errorf("a line has %d characters, want 78 at most (RFC 5322, 2.1.1)", len(line))
		}
		if strings.ContainsFunc(line, func(r rune) bool { return r > 126 }) {
			t.Errorf("a line is not ASCII: %q", line)
		}
	}
	got, err := mail.ReadMessage(strings.NewReader(mails[0]))
	if err != nil {
		t.Fatal(err)
	}
	words := new(mime.WordDecoder)
	subject, err := words.DecodeHeader(got.Header.Get("Subject"))
	if err != nil || subject != message().Subject {
		t.Errorf("subject: got %q, %v, want %q", subject, err, message().Subject)
	}
	from, err := mail.ParseAddress(got.Header.Get("From"))
	if err != nil || from.Name != "Staatskanzlei Größe" || from.Address != "portal@stk.example" {
		t.Errorf("from: got %v, %v", from, err)
	}
	if date, err := got.Header.Date(); err != nil || !date.Equal(moment) {
		t.Errorf("date: got %v, %v, want %v", date, err, moment)
	}
	for header, want := range map[string]string{
		"To":             "<" + address + ">",
		"Message-Id":     "<33333333-3333-4333-8333-333333333333@stk.example>",
		"Auto-Submitted": "auto-generated",
		"Mime-Version":   "1.0",
		"User-Agent":     "",
		"X-Mailer":       "",
	} {
		if got := got.Header.Get(header); got != want {
			t.Errorf("%s: got %q, want %q", header, got, want)
		}
	}
	bodies(t, got)
}

// bodies checks that the mail says the same as text and as HTML, the richer last.
func bodies(t *testing.T, m *mail.Message) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("got %s, %v, want multipart/alternative", kind, err)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for _, want := range []struct{ kind, body string }{
		{"text/plain", message().Text}, {"text/html", message().HTML},
	} {
		part, err := parts.NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		kind, params, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
		if err != nil || kind != want.kind || !strings.EqualFold(params["charset"], "utf-8") {
			t.Errorf("got %s %v, %v, want %s in UTF-8", kind, params, err, want.kind)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		if got := strings.ReplaceAll(string(body), "\r\n", "\n"); err != nil || strings.TrimSpace(got) != strings.TrimSpace(want.body) {
			t.Errorf("%s: got %q, %v, want %q", want.kind, got, err, want.body)
		}
	}
	if _, err := parts.NextRawPart(); !errors.Is(err, io.EOF) {
		t.Errorf("a third part: got %v, want none", err)
	}
}

func TestTheWayIsEncryptedOrNotTaken(t *testing.T) {
	secure, roots := certificate(t)
	tests := []struct {
		name   string
		server *server
		wrap   func(net.Listener) net.Listener
		change func(*SMTP)
		want   error
	}{
		{"STARTTLS, asked for by not saying anything", &server{secure: secure}, nil, func(s *SMTP) { s.TLS = "" }, nil},
		{"TLS from the first byte", &server{}, func(l net.Listener) net.Listener { return tls.NewListener(l, secure) },
			func(s *SMTP) { s.TLS = Implicit }, nil},
		{"a server that offers no STARTTLS", &server{}, nil, func(s *SMTP) { s.TLS = StartTLS }, problem.Unavailable},
		{"a server that offers no STARTTLS, without a password to protect", &server{}, nil, func(s *SMTP) { s.User = "" }, problem.Unavailable},
		{"a server that nobody vouches for", &server{secure: secure}, nil, func(s *SMTP) { s.Roots = x509.NewCertPool() }, problem.Unavailable},
		{"a password and no encryption", &server{}, nil, func(s *SMTP) { s.TLS = InClear }, problem.Unavailable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, tt.server, tt.wrap)
			out := sender(s.Addr, StartTLS)
			out.Roots, out.User, out.Password = roots, "portal", "a password"
			tt.change(&out)
			err := out.Send(ctx, message())
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			commands, mails := s.heard()
			if sent := len(mails) == 1; sent != (tt.want == nil) {
				t.Errorf("got %d mails", len(mails))
			}
			if tt.want == nil && !strings.Contains(commands, "AUTH PLAIN") {
				t.Errorf("nobody signed in:\n%s", commands)
			}
			if tt.want != nil && (strings.Contains(commands, "AUTH") || strings.Contains(commands, address)) {
				t.Errorf("something went out in clear:\n%s", commands)
			}
		})
	}
}

func TestAFailureSaysWhetherToTryAgainAndNeverToWhom(t *testing.T) {
	quoting := func(code string) string { return code + " <" + address + "> is unknown" }
	tests := []struct {
		name   string
		server *server
		want   error
		code   string
	}{
		{"the address is refused for good", &server{says: map[string]string{"RCPT": quoting("550")}}, problem.Invalid, "550"},
		{"the address is refused for now", &server{says: map[string]string{"RCPT": quoting("451")}}, problem.Unavailable, "451"},
		{"the sender is refused", &server{says: map[string]string{"MAIL": quoting("550")}}, problem.Unavailable, "550"},
		{"the content is refused for now", &server{says: map[string]string{"DATA": quoting("452")}}, problem.Unavailable, "452"},
		{"the server does not greet", &server{says: map[string]string{"EHLO": quoting("421"), "HELO": quoting("421")}}, problem.Unavailable, ""},
		{"the server hangs up in between", &server{hangUp: "MAIL"}, problem.Unavailable, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, tt.server, nil)
			err := sender(s.Addr, InClear).Send(ctx, message())
			if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.code) || !strings.Contains(err.Error(), message().Ref.String()) {
				t.Errorf("got %v, want %v with %q and the ref", err, tt.want, tt.code)
			}
			silent(t, err)
		})
	}
	t.Run("nobody listens", func(t *testing.T) {
		err := sender("127.0.0.1:1", InClear).Send(ctx, message())
		if !errors.Is(err, problem.Unavailable) {
			t.Errorf("got %v, want unavailable", err)
		}
		silent(t, err)
	})
	t.Run("the server hangs up after it took the mail", func(t *testing.T) {
		s := serve(t, &server{hangUp: "DATA"}, nil)
		if err := sender(s.Addr, InClear).Send(ctx, message()); err != nil {
			t.Errorf("got %v, want it to count as sent", err)
		}
	})
	t.Run("the job's time is over", func(t *testing.T) {
		over, cancel := context.WithCancel(ctx)
		cancel()
		s := serve(t, &server{}, nil)
		if err := sender(s.Addr, InClear).Send(over, message()); !errors.Is(err, problem.Unavailable) {
			t.Errorf("got %v, want unavailable", err)
		}
	})
}

func TestWhatCanNotBeSentIsRefusedBeforeAnybodyIsAsked(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Message)
	}{
		{"no ref", func(m *Message) { m.Ref = uuid.Nil }},
		{"no subject", func(m *Message) { m.Subject = "" }},
		{"no text", func(m *Message) { m.Text = "" }},
		{"no HTML", func(m *Message) { m.HTML = "" }},
		{"no address", func(m *Message) { m.To = person.Text{} }},
		{"something that is no address", func(m *Message) { m.To = person.NewText("erika.mustermann") }},
		{"two addresses", func(m *Message) { m.To = person.NewText(address + ", " + address) }},
		{"a name before the address", func(m *Message) { m.To = person.NewText("Erika <" + address + ">") }},
		{"a header behind the address", func(m *Message) { m.To = person.NewText(address + "\r\nBcc: all@mail.example") }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, &server{}, nil)
			m := message()
			tt.change(&m)
			for what, err := range map[string]error{
				"SMTP":   sender(s.Addr, InClear).Send(ctx, m),
				"outbox": box(t).Send(ctx, m),
			} {
				if err == nil || errors.Is(err, problem.Unavailable) {
					t.Errorf("%s: got %v, want an error that no later try would mend", what, err)
				}
				silent(t, err)
			}
			if commands, _ := s.heard(); commands != "" {
				t.Errorf("the server was asked:\n%s", commands)
			}
		})
	}
}

func TestASubjectCanNotSmuggleAHeader(t *testing.T) {
	s := serve(t, &server{}, nil)
	m := message()
	m.Subject = "Hallo\r\nBcc: all@mail.example"
	_ = sender(s.Addr, InClear).Send(ctx, m)
	_, mails := s.heard()
	for _, raw := range mails {
		got, err := mail.ReadMessage(strings.NewReader(raw))
		if err != nil || got.Header.Get("Bcc") != "" {
			t.Errorf("got Bcc %q, %v, want none", got.Header.Get("Bcc"), err)
		}
	}
}

func TestAWrongSettingIsNamed(t *testing.T) {
	for name, change := range map[string]func(*SMTP){
		"no port":               func(s *SMTP) { s.Addr = "post.example" },
		"a port that is none":   func(s *SMTP) { s.Addr = "post.example:smtp" },
		"no sender":             func(s *SMTP) { s.From = "" },
		"an unknown encryption": func(s *SMTP) { s.TLS = "rot13" },
	} {
		t.Run(name, func(t *testing.T) {
			out := sender("127.0.0.1:1", InClear)
			change(&out)
			if err := out.Send(ctx, message()); err == nil || errors.Is(err, problem.Unavailable) {
				t.Errorf("got %v, want an error that no later try would mend", err)
			}
		})
	}
}

func TestEveryKeyHasASentence(t *testing.T) {
	for _, key := range []string{"mail.refused", "mail.unavailable"} {
		if !wording.Has(key) {
			t.Errorf("%s has no sentence", key)
		}
	}
}

// silent fails if an error tells who was written to.
func silent(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	for _, secret := range []string{"erika", "mustermann", "mail.example"} {
		if strings.Contains(strings.ToLower(err.Error()), secret) {
			t.Errorf("the error names %q: %v", secret, err)
		}
	}
}

// certificate borrows one for 127.0.0.1 from net/http/httptest.
func certificate(t *testing.T) (*tls.Config, *x509.CertPool) {
	t.Helper()
	web := httptest.NewTLSServer(nil)
	t.Cleanup(web.Close)
	roots := x509.NewCertPool()
	roots.AddCert(web.Certificate())
	return &tls.Config{Certificates: web.TLS.Certificates, MinVersion: tls.VersionTLS12}, roots
}
