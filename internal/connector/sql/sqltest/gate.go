package sqltest

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"sync/atomic"
)

// gate stands between the connector and a server and counts the questions
// that reach it.
type gate struct {
	reads    atomic.Int64
	listener net.Listener
	cut      atomic.Int64 // halves of messages that pass, and one more; 0: all
}

// Cut ends the connection once after n more halves of messages passed: of the
// last, with n odd, the server hears but its answer is lost. Negative: never.
func (g *gate) Cut(n int) { g.cut.Store(int64(max(n, -1)) + 1) }

// passes says whether a message reaches the server, and whether anything does
// afterwards.
func (g *gate) passes() (this, on bool) {
	for {
		n := g.cut.Load()
		if n == 0 {
			return true, true
		}
		if g.cut.CompareAndSwap(n, max(n-2, 0)) {
			return n > 1, n > 2
		}
	}
}

// frame reads one message of a client: all of it, and whether it asks for
// records.
type frame func(r *bufio.Reader, first bool) (message []byte, asks bool, err error)

func newGate(from, to string, next frame) (*gate, error) {
	listener, err := net.Listen("unix", from)
	if err != nil {
		return nil, err
	}
	g := &gate{listener: listener}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go g.pass(client, to, next)
		}
	}()
	return g, nil
}

func (g *gate) pass(client net.Conn, to string, next frame) {
	defer client.Close()
	server, err := net.Dial("unix", to)
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		_, _ = io.Copy(client, server)
		client.Close()
	}()
	r := bufio.NewReader(client)
	for first := true; ; first = false {
		message, asks, err := next(r, first)
		if err != nil {
			return
		}
		if asks {
			g.reads.Add(1)
		}
		this, on := g.passes()
		if !this {
			return
		}
		if _, err := server.Write(message); err != nil || !on {
			return
		}
	}
}

// postgresFrame: https://www.postgresql.org/docs/current/protocol-message-formats.html
func postgresFrame(r *bufio.Reader, first bool) ([]byte, bool, error) {
	head := 5
	if first { // the only message without a type
		head = 4
	}
	message := make([]byte, head)
	if _, err := io.ReadFull(r, message); err != nil {
		return nil, false, err
	}
	body := make([]byte, binary.BigEndian.Uint32(message[head-4:])-4)
	_, err := io.ReadFull(r, body)
	asks := !first && (message[0] == 'E' || message[0] == 'Q' && bytes.Contains(body, []byte("SELECT"))) // execute, query
	return append(message, body...), asks, err
}

// mariadbFrame: https://mariadb.com/kb/en/0-packet/
func mariadbFrame(r *bufio.Reader, _ bool) ([]byte, bool, error) {
	message := make([]byte, 4)
	if _, err := io.ReadFull(r, message); err != nil {
		return nil, false, err
	}
	body := make([]byte, int(message[0])|int(message[1])<<8|int(message[2])<<16)
	_, err := io.ReadFull(r, body)
	command := message[3] == 0 && len(body) > 0
	asks := command && (body[0] == 0x17 || body[0] == 0x03 && bytes.Contains(body, []byte("SELECT"))) // execute, query
	return append(message, body...), asks, err
}
