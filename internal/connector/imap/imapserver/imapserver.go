// Package imapserver is a mail server within this process, for the
// demonstration and for tests: mailboxes that are given to it, or a mailbox of
// any size whose mails are made up as they are asked for. It listens on this
// machine only.
package imapserver

import (
	"bufio"
	"bytes"
	"maps"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
)

// Message is a mail as it lies in a mailbox.
type Message struct {
	Raw   []byte
	Flags []string // such as \Seen
	At    time.Time
}

// Options are an account and what its mailboxes hold. Names of mailboxes are
// plain text; / divides levels.
type Options struct {
	User, Password string
	// Changer may change the mails that User may only read; empty: nobody may.
	Changer, ChangePassword string
	Mailboxes               map[string][]Message
}

// Server is a running server.
type Server struct {
	session   func() imapserver.Session
	gathers   bool
	questions atomic.Int64

	mu      sync.Mutex
	addr    string
	running *imapserver.Server // nil while stopped
}

// Start starts a server with mailboxes.
func Start(o Options) (*Server, error) {
	user := imapmemserver.NewUser(o.User, o.Password)
	for _, name := range slices.Sorted(maps.Keys(o.Mailboxes)) { // so that their numbers are the same every time
		if err := user.Create(name, nil); err != nil {
			return nil, err
		}
		for _, m := range o.Mailboxes[name] {
			options := &imap.AppendOptions{Time: m.At}
			for _, f := range m.Flags {
				options.Flags = append(options.Flags, imap.Flag(f))
			}
			if _, err := user.Append(name, literal{bytes.NewReader(m.Raw)}, options); err != nil {
				return nil, err
			}
		}
	}
	return start(func() imapserver.Session { return &session{options: o, user: user} }, false)
}

type literal struct{ *bytes.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }

// start starts a server. Gathers says that its sessions say nothing but in answer
// to a question, so that an answer can be sent as a whole.
func start(session func() imapserver.Session, gathers bool) (*Server, error) {
	s := &Server{session: session, gathers: gathers, addr: "127.0.0.1:0"}
	return s, s.Resume()
}

// Addr is where the server listens, as host:port.
func (s *Server) Addr() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addr
}

// Questions is how many times something reached the server.
func (s *Server) Questions() int64 { return s.questions.Load() }

// Stop takes the server off the network and ends its connections.
func (s *Server) Stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running == nil {
		return nil
	}
	err := s.running.Close()
	s.running = nil
	return err
}

// Resume brings a stopped server back to where it was.
func (s *Server) Resume() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running != nil {
		return nil
	}
	l, err := net.Listen("tcp", s.addr)
	if err != nil {
		return err
	}
	s.addr = l.Addr().String()
	s.running = imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return s.session(), &imapserver.GreetingData{}, nil
		},
		Caps:         imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapUIDPlus: {}},
		InsecureAuth: true, // towards this machine only
		Logger:       silent{},
	})
	go func(running *imapserver.Server) { _ = running.Serve(counted{l, &s.questions, s.gathers}) }(s.running) // ends with Stop
	return nil
}

// Close ends the server.
func (s *Server) Close() error { return s.Stop() }

// silent drops what the library would log: it quotes mails.
type silent struct{}

func (silent) Printf(string, ...any) {}

// counted counts what its connections receive.
type counted struct {
	net.Listener
	n       *atomic.Int64
	gathers bool
}

func (c counted) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if c.gathers {
		conn = &gathering{Conn: conn, out: bufio.NewWriterSize(conn, 64<<10)}
	}
	return countedConn{conn, c.n}, nil
}

// gathering sends what was written when it is full, or when it waits for the next
// question: the library sends each mail of an answer by itself.
type gathering struct {
	net.Conn
	mu  sync.Mutex
	out *bufio.Writer
}

func (g *gathering) Write(b []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.out.Write(b)
}

func (g *gathering) Read(b []byte) (int, error) {
	if err := g.flush(); err != nil {
		return 0, err
	}
	return g.Conn.Read(b)
}

func (g *gathering) Close() error {
	_ = g.flush()
	return g.Conn.Close()
}

func (g *gathering) flush() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.out.Flush()
}

type countedConn struct {
	net.Conn
	n *atomic.Int64
}

func (c countedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 {
		c.n.Add(1)
	}
	return n, err
}
