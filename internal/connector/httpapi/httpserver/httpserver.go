// Package httpserver runs a web server inside this process, on this machine
// only: what the demonstration's systems and the tests of HTTP kinds answer
// with. It can go away and come back at the same address, and counts what
// reaches it.
package httpserver

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Server is a server on a port of its own of the loopback interface.
type Server struct {
	handler http.Handler
	addr    string
	reads   atomic.Int64

	mu      sync.Mutex
	running *http.Server
}

// Start listens on a free port and answers with the handler.
func Start(handler http.Handler) (*Server, error) {
	s := &Server{handler: handler}
	in, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s.addr = in.Addr().String()
	s.serve(in)
	return s, nil
}

// Addr is host and port.
func (s *Server) Addr() string { return s.addr }

// URL is the address, without a slash at its end.
func (s *Server) URL() string { return "http://" + s.addr }

// Reads counts the questions that came in.
func (s *Server) Reads() int64 { return s.reads.Load() }

// Stop goes away and cuts whatever is being answered.
func (s *Server) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running != nil {
		_ = s.running.Close()
		s.running = nil
	}
}

// Resume comes back at the same address.
func (s *Server) Resume() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running != nil {
		return nil
	}
	in, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", s.addr)
	if err != nil {
		return err
	}
	s.start(in)
	return nil
}

// Close ends the server.
func (s *Server) Close() error {
	s.Stop()
	return nil
}

func (s *Server) serve(in net.Listener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.start(in)
}

func (s *Server) start(in net.Listener) {
	s.running = &http.Server{
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          log.New(io.Discard, "", 0), // addresses of questions hold values
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s.reads.Add(1)
			s.handler.ServeHTTP(w, r)
		}),
	}
	go func(running *http.Server) { _ = running.Serve(in) }(s.running)
}
