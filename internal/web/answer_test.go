package web_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
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

// patience is longer than any machine takes for what has no limit of its own.
const patience = time.Minute

// longer are times for an answer to try one after the other: on a busy machine
// the first are too short for what is to be seen within them.
var longer = []time.Duration{200 * time.Millisecond, time.Second, 5 * time.Second}

func TestWhoDoesNotReadTheAnswerIsCutOff(t *testing.T) {
	ended := make(chan error, len(longer))
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
	p.App.AnswerWithin(longer[0])
	for _, r := range routes {
		cut := false
		for _, pause := range longer {
			conn := ask(t, p, r.Path)
			time.Sleep(3 * pause)
			if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
				t.Fatal(err)
			}
			n, err := io.Copy(io.Discard, conn)
			if errors.Is(err, os.ErrDeadlineExceeded) {
				t.Fatalf("%s: got %d bytes and then nothing, want the connection cut", r.Path, n)
			}
			var end error
			if r.Class == reply.DownloadClass {
				end = receive(t, ended)
			}
			if cut = n < plenty && (r.Class != reply.DownloadClass || end != nil); cut {
				break
			}
			t.Logf("%s: got %d bytes (%v) after a pause of %v; the download ended with %v", r.Path, n, err, 3*pause, end)
		}
		if !cut {
			t.Errorf("%s: got all %d bytes however long nobody read, want the connection cut", r.Path, plenty)
		}
	}
}

// TestADownloadEndsWithItsTime: the pipe alone knows nothing of the time.
func TestADownloadEndsWithItsTime(t *testing.T) {
	ended, seen := make(chan error, 1), make(chan error, 1)
	download := reply.Route{Method: "GET", Path: "/t/held", Class: reply.DownloadClass, Auth: reply.Public, Handler: func(c *fiber.Ctx) error {
		err := reply.Download(c, reply.File{Name: "x", Type: "application/zip", Size: -1}, func(_ context.Context, w io.Writer) error {
			_, err := w.Write([]byte("x"))
			ended <- err
			return err
		})
		select { // nobody reads the pipe before the handler returned
		case end := <-ended:
			seen <- end
		case <-time.After(patience):
			seen <- nil
		}
		return err
	}}
	p := webtest.Start(t, web.Deps{Routes: []reply.Route{download}})
	p.App.AnswerWithin(100 * time.Millisecond)
	ask(t, p, "/t/held")
	if err := receive(t, seen); err == nil {
		t.Error("the download still waits for its reader, want the end of its time")
	}
}

func TestEachAnswerOfAConnectionHasItsOwnTime(t *testing.T) {
	page := reply.Route{Method: "GET", Path: "/t/page", Class: reply.PageClass, Auth: reply.Public, Handler: func(c *fiber.Ctx) error { return c.SendString("page") }}
	var err error
	for _, each := range longer {
		p := webtest.Start(t, web.Deps{Routes: []reply.Route{page}})
		p.App.AnswerWithin(each)
		if err = fourAnswers(t, p, each); err == nil {
			return
		}
		t.Logf("%v for each answer: %v", each, err)
	}
	t.Errorf("got %v, want four answers on one connection", err)
}

// fourAnswers asks four times on one connection, each time after the time for
// the answer before is over.
func fourAnswers(t *testing.T, p *webtest.Portal, each time.Duration) error {
	t.Helper()
	conn := ask(t, p, "/t/page")
	defer conn.Close()
	if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	answers := bufio.NewReader(conn)
	for i, next := range []string{"/t/page", "/t/nowhere", "/t/page", ""} {
		answer, err := http.ReadResponse(answers, nil)
		if err != nil {
			return fmt.Errorf("answer %d: %w", i+1, err)
		}
		if _, err := io.Copy(io.Discard, answer.Body); err != nil {
			return fmt.Errorf("answer %d: %w", i+1, err)
		}
		if next == "" {
			break
		}
		time.Sleep(each * 3 / 2)
		if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", next); err != nil {
			return fmt.Errorf("question %d: %w", i+2, err)
		}
	}
	return nil
}

// receive waits for what a handler reports.
func receive(t *testing.T, from <-chan error) error {
	t.Helper()
	select {
	case err := <-from:
		return err
	case <-time.After(patience + time.Minute):
		t.Fatal("the handler reports nothing")
		return nil
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
