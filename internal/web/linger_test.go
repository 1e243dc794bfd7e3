package web_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"einsicht/internal/web/webtest"
)

// TestWhoStillSendsGetsTheAnswerWhole: browsers read the answer after they have
// sent everything. A connection that is cut before loses it.
func TestWhoStillSendsGetsTheAnswerWhole(t *testing.T) {
	const size = 40 << 20
	p := start(t)
	for name, c := range map[string]struct {
		head string
		want int
	}{
		"a form that is too long":    {"POST /t/form HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n", 413},
		"an upload beyond its limit": {"POST /t/upload HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\n", 413},
		"an upload to nowhere":       {"POST /t/nowhere HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\n", 404},
		"a head that is too long":    {"GET / HTTP/1.1\r\nHost: x\r\nX-Long: ", 431},
	} {
		conn := dial(t, p)
		head := c.head
		if c.want != 431 {
			head += fmt.Sprintf("Content-Length: %d\r\n\r\n", size)
		}
		if _, err := io.WriteString(conn, head); err != nil {
			t.Fatal(err)
		}
		if n, err := conn.Write(bytes.Repeat([]byte("a"), size)); err != nil {
			t.Errorf("%s: cut after %d of %d bytes: %v", name, n, size, err)
			continue
		}
		got, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Errorf("%s: no answer: %v", name, err)
			continue
		}
		page, err := io.ReadAll(got.Body)
		if err != nil || got.StatusCode != c.want || !strings.HasSuffix(strings.TrimSpace(string(page)), "</html>") {
			t.Errorf("%s: got %d and %d bytes (%v), want %d and the page to its end", name, got.StatusCode, len(page), err, c.want)
		}
	}
}

// TestNobodyIsListenedToForLong: who was refused holds a connection no longer than
// each of the limits allows.
func TestNobodyIsListenedToForLong(t *testing.T) {
	const long, much, many = time.Hour, int64(1) << 40, 1000
	for name, c := range map[string]struct {
		most, pause time.Duration
		bytes       int64
		many        int32
		piece       int
		every       time.Duration
	}{
		"drop by drop":                {time.Second, long, much, many, 1, 10 * time.Millisecond},
		"with too long a pause":       {long, 100 * time.Millisecond, much, many, 1, 3 * time.Second},
		"without end":                 {long, long, 1 << 20, many, 1 << 16, 0},
		"while others hold all of it": {long, long, much, 0, 1, 10 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t)
			p.App.LingerFor(c.most, c.pause, c.bytes, c.many)
			conn := dial(t, p)
			// The server asks nobody before it has the first 8 KiB.
			if _, err := io.WriteString(conn, "POST /t/nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000000\r\n\r\n"+strings.Repeat("a", 8<<10)); err != nil {
				t.Fatal(err)
			}
			for end := time.Now().Add(patience); ; time.Sleep(c.every) {
				if _, err := conn.Write(make([]byte, c.piece)); err != nil {
					return // cut, as it must be
				}
				if time.Now().After(end) {
					t.Fatalf("still listened to after %v", patience)
				}
			}
		})
	}
}

func dial(t *testing.T, p *webtest.Portal) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(2 * patience)); err != nil {
		t.Fatal(err)
	}
	return conn
}
