package mailer

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// server is a mail server that speaks SMTP (RFC 5321) over TCP as far as a
// client that sends one mail needs it, and remembers the conversation.
type server struct {
	Addr   string
	secure *tls.Config       // if set, it offers STARTTLS
	says   map[string]string // answers instead of its own, by verb
	hangUp string            // the verb after which it hangs up

	mu       sync.Mutex
	commands []string
	mails    []string
}

// serve starts a server; wrap may put something around its listener.
func serve(t *testing.T, s *server, wrap func(net.Listener) net.Listener) *server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Addr = listener.Addr().String()
	if wrap != nil {
		listener = wrap(listener)
	}
	var talks sync.WaitGroup
	talks.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			talks.Go(func() { s.talk(conn) })
		}
	})
	t.Cleanup(func() { _ = listener.Close(); talks.Wait() })
	return s
}

func (s *server) talk(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(2 * time.Minute))
	in := bufio.NewReader(conn)
	say := func(line string) { _, _ = fmt.Fprintf(conn, "%s\r\n", line) }
	say("220 post.example ESMTP")
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		verb, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		verb = strings.ToUpper(verb)
		s.note(strings.TrimSpace(line))
		if answer, fixed := s.says[verb]; fixed {
			say(answer)
			continue
		}
		switch verb {
		case "EHLO":
			say("250-post.example")
			if _, encrypted := conn.(*tls.Conn); encrypted {
				say("250-AUTH PLAIN")
			} else if s.secure != nil {
				say("250-STARTTLS")
			}
			say("250 8BITMIME")
		case "STARTTLS":
			say("220 go ahead")
			conn = tls.Server(conn, s.secure)
			in = bufio.NewReader(conn)
		case "AUTH":
			say("235 welcome")
		case "DATA":
			say("354 go on")
			s.keep(in)
			say("250 taken")
		case "QUIT":
			say("221 bye")
			return
		default: // MAIL, RCPT, NOOP, RSET
			say("250 ok")
		}
		if verb == s.hangUp {
			return
		}
	}
}

func (s *server) keep(in *bufio.Reader) {
	var mail strings.Builder
	for {
		line, err := in.ReadString('\n')
		if err != nil || line == ".\r\n" {
			break
		}
		mail.WriteString(strings.TrimPrefix(line, "."))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mails = append(s.mails, mail.String())
}

func (s *server) note(command string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.commands = append(s.commands, command)
}

// heard returns the conversation and the mails so far.
func (s *server) heard() (commands string, mails []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.commands, "\n"), s.mails
}
