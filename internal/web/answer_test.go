package web_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"einsicht/internal/web"
	"einsicht/internal/web/reply"
	"einsicht/internal/web/webtest"
)

// plenty is more than what the kernel takes in for somebody who does not read.
const plenty = 64 << 20

func TestWhoDoesNotReadTheAnswerIsCutOff(t *testing.T) {
	ended := make(chan error, 1)
	all := bytes.Repeat([]byte("x"), plenty)
	routes := []reply.Route{
		{Method: "GET", Path: "/t/asset", Class: reply.AssetClass, Auth: reply.Public, Handler: func(c *fiber.Ctx) error { return c.Send(all) }},
		{Method: "GET", Path: "/t/download", Class: reply.DownloadClass, Auth: reply.Public, Handler: func(c *fiber.Ctx) error {
			return reply.Download(c, reply.File{Name: "x", Type: "application/zip", Size: plenty}, func(_ context.Context, w io.Writer) error {
				_, err := w.Write(all)
				ended <- err
				return err
			})
		}},
	}
	p := webtest.Start(t, web.Deps{Routes: routes})
	p.App.AnswerWithin(200 * time.Millisecond)
	for _, r := range routes {
		conn := ask(t, p, r.Path)
		time.Sleep(600 * time.Millisecond)
		// Also a deadline that ends the reading below means: the connection is held.
		if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, conn); n >= plenty {
			t.Errorf("%s: got all %d bytes (%v), want the connection cut", r.Path, n, err)
		}
	}
	select {
	case err := <-ended:
		if err == nil {
			t.Error("the download ended as if it had been read")
		}
	case <-time.After(5 * time.Second):
		t.Error("the download still waits for its reader")
	}
}

// TestADownloadEndsWithItsTime: the pipe alone knows nothing of the time.
func TestADownloadEndsWithItsTime(t *testing.T) {
	ended := make(chan error, 1)
	download := reply.Route{Method: "GET", Path: "/t/held", Class: reply.DownloadClass, Auth: reply.Public, Handler: func(c *fiber.Ctx) error {
		err := reply.Download(c, reply.File{Name: "x", Type: "application/zip", Size: -1}, func(_ context.Context, w io.Writer) error {
			_, err := w.Write([]byte("x"))
			ended <- err
			return err
		})
		time.Sleep(500 * time.Millisecond) // nobody reads the pipe before the handler returned
		return err
	}}
	p := webtest.Start(t, web.Deps{Routes: []reply.Route{download}})
	p.App.AnswerWithin(100 * time.Millisecond)
	ask(t, p, "/t/held")
	select {
	case err := <-ended:
		if err == nil {
			t.Error("got no error, want the end of its time")
		}
	case <-time.After(5 * time.Second):
		t.Error("the download still waits for its reader")
	}
}

func TestEachAnswerOfAConnectionHasItsOwnTime(t *testing.T) {
	page := reply.Route{Method: "GET", Path: "/t/page", Class: reply.PageClass, Auth: reply.Public, Handler: func(c *fiber.Ctx) error { return c.SendString("page") }}
	p := webtest.Start(t, web.Deps{Routes: []reply.Route{page}})
	p.App.AnswerWithin(200 * time.Millisecond)
	conn := ask(t, p, "/t/page")
	if err := conn.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	answers := bufio.NewReader(conn)
	for i, next := range []string{"/t/page", "/t/nowhere", "/t/page", ""} {
		answer, err := http.ReadResponse(answers, nil)
		if err != nil {
			t.Fatalf("answer %d: %v", i+1, err)
		}
		if _, err := io.Copy(io.Discard, answer.Body); err != nil {
			t.Fatalf("answer %d: %v", i+1, err)
		}
		time.Sleep(300 * time.Millisecond)
		if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", next); err != nil {
			t.Fatal(err)
		}
	}
}

// ask sends a request and reads nothing.
func ask(t *testing.T, p *webtest.Portal, path string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path); err != nil {
		t.Fatal(err)
	}
	return conn
}
