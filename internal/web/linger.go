package web

import (
	"io"
	"net"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
)

// patience bounds how long the portal listens to somebody whose request it has
// answered without reading all of it.
type patience struct {
	most  time.Duration // altogether
	pause time.Duration // for the next bytes
	bytes int64
	many  int32 // connections at a time; beyond that they are cut as ever
}

// lingerFor takes in what 40 MB need at 3 Mbit/s. It is shorter than what any
// upload may take, so that nobody holds a connection longer by being refused.
var lingerFor = patience{most: 2 * time.Minute, pause: 5 * time.Second, bytes: 256 << 20, many: 128}

// doors gives out connections that can linger.
type doors struct {
	net.Listener
	patience *patience
	open     atomic.Int32 // connections that linger
}

func (d *doors) Accept() (net.Conn, error) {
	conn, err := d.Listener.Accept()
	if tcp, ok := conn.(*net.TCPConn); ok && err == nil {
		return &visitor{TCPConn: tcp, doors: d}, nil
	}
	return conn, err
}

// visitor is a connection that, once marked, is not cut while the other side
// still sends. A connection closed over unread bytes is reset, and a reset lets
// the other side lose the answer that has reached it already (RFC 9112, 9.6):
// a person who sends too large a file would see "connection reset" and not the
// page that says so.
type visitor struct {
	*net.TCPConn
	doors  *doors
	unread atomic.Bool
}

// Close says that no more will come, takes in what is under way, remembers none
// of it, and closes.
func (v *visitor) Close() error {
	if v.unread.Swap(false) {
		v.linger()
	}
	return v.TCPConn.Close()
}

func (v *visitor) linger() {
	p := v.doors.patience
	defer v.doors.open.Add(-1)
	if v.doors.open.Add(1) > p.many || v.CloseWrite() != nil {
		return
	}
	rest := &listening{conn: v.TCPConn, pause: p.pause, until: time.Now().Add(p.most)}
	_, _ = io.Copy(io.Discard, io.LimitReader(rest, p.bytes)) // however it ends, the connection does
}

// listening reads as long as there is not too long a pause.
type listening struct {
	conn  *net.TCPConn
	pause time.Duration
	until time.Time
}

func (l *listening) Read(b []byte) (int, error) {
	at := time.Now().Add(l.pause)
	if at.After(l.until) {
		at = l.until
	}
	if err := l.conn.SetReadDeadline(at); err != nil {
		return 0, err
	}
	return l.conn.Read(b)
}

// lingerAfter marks the connection of a request of which something is unread.
func lingerAfter(c *fiber.Ctx) {
	if v, ok := c.Context().Conn().(*visitor); ok {
		v.unread.Store(true)
	}
}
