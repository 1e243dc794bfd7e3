// Package ldapserver is a small directory inside this process: it shows the
// demonstration, and makes up as many entries as a test asks for.
//
// It speaks as much of LDAP (RFC 4511) as reading takes: simple bind, search
// with filters, paged results (RFC 2696), StartTLS. One account may change and
// delete what is not made up, also on a condition (RFC 4528).
package ldapserver

import (
	"crypto/tls"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// Entry is one entry. An entry without entryUUID gets one from its name.
type Entry struct {
	DN         string
	Attributes map[string][]string
}

// Entries are what the directory holds, in the order in which it lists them.
type Entries interface {
	Len() int
	Entry(i int) Entry
	// Find gives the place of an entry by its name, in small letters.
	Find(dn string) (i int, ok bool)
}

// Options say what the directory is like.
type Options struct {
	// BindDN and Password are of the only account; empty: anybody may read.
	BindDN, Password string
	// ChangeBindDN and ChangePassword are of the account that may write; empty:
	// nobody may.
	ChangeBindDN, ChangePassword string
	Entries                      []Entry
	// Made replaces Entries by some that are made up when they are asked for.
	Made Entries
	// TLS encrypts: from the start, or with StartTLS once a client asks.
	TLS      *tls.Config
	StartTLS bool
	// SizeLimit is how many entries one question gets, pages counted together;
	// 0: all.
	SizeLimit int
	// Referral is given with each search for something below the base of it,
	// as "ldap://elsewhere/dc=example".
	Referral string
}

// Server is a directory that answers.
type Server struct {
	options  Options
	held     atomic.Pointer[Entries] // exchanged as a whole, so that a search sees one state
	searches atomic.Int64

	writing sync.Mutex

	mu       sync.Mutex
	listener net.Listener
	clients  map[net.Conn]bool
	running  sync.WaitGroup
}

// Start listens on the loopback interface.
func Start(o Options) (*Server, error) {
	s := &Server{options: o}
	entries := o.Made
	if entries == nil {
		entries = newSet(o.Entries)
	}
	s.held.Store(&entries)
	return s, s.listen("127.0.0.1:0")
}

// Addr is host and port.
func (s *Server) Addr() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.listener.Addr().String()
}

// URL is what stands in a connection file.
func (s *Server) URL() string {
	if s.options.TLS != nil && !s.options.StartTLS {
		return "ldaps://" + s.Addr()
	}
	return "ldap://" + s.Addr()
}

// Searches counts the searches that clients asked for.
func (s *Server) Searches() int64 { return s.searches.Load() }

// Stop drops all clients and takes no more until Resume.
func (s *Server) Stop() {
	s.mu.Lock()
	s.listener.Close()
	for c := range s.clients {
		c.Close()
	}
	s.clients = nil
	s.mu.Unlock()
	s.running.Wait()
}

// Resume listens again under the same address.
func (s *Server) Resume() error { return s.listen(s.Addr()) }

// Close ends the server.
func (s *Server) Close() error {
	s.Stop()
	return nil
}

func (s *Server) listen(address string) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.listener, s.clients = l, map[net.Conn]bool{}
	s.mu.Unlock()
	s.running.Go(func() {
		for {
			c, err := l.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err == nil && s.keep(c) {
				s.running.Go(func() {
					defer s.drop(c)
					s.serve(c)
				})
			}
		}
	})
	return nil
}

// keep remembers a client, unless the server was stopped in between.
func (s *Server) keep(c net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.clients == nil {
		c.Close()
		return false
	}
	s.clients[c] = true
	return true
}

func (s *Server) drop(c net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.clients, c)
	c.Close()
}

// set holds entries in memory.
type set struct {
	entries []Entry
	places  map[string]int
}

// newSet adds what lies above the entries, so that there is no need to name it.
func newSet(entries []Entry) *set {
	s := &set{entries: slices.Clone(entries), places: map[string]int{}}
	for i, e := range entries {
		s.places[strings.ToLower(e.DN)] = i
	}
	for _, e := range entries {
		for dn := parent(e.DN); dn != ""; dn = parent(dn) {
			if _, ok := s.places[strings.ToLower(dn)]; ok {
				break
			}
			s.places[strings.ToLower(dn)] = len(s.entries)
			s.entries = append(s.entries, Entry{DN: dn, Attributes: map[string][]string{"objectClass": {"top"}}})
		}
	}
	return s
}

// parent cuts off the first part of a name; a comma in it is escaped.
func parent(dn string) string {
	for i := range len(dn) {
		if dn[i] == ',' && (i == 0 || dn[i-1] != '\\') {
			return dn[i+1:]
		}
	}
	return ""
}

func (s *set) Len() int          { return len(s.entries) }
func (s *set) Entry(i int) Entry { return s.entries[i] }

func (s *set) Find(dn string) (int, bool) {
	i, ok := s.places[dn]
	return i, ok
}
