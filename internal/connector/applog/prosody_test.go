package applog

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
)

// TestProsody signs in to a real Prosody as two people and finds in the log that
// it wrote exactly the lines of the one.
func TestProsody(t *testing.T) {
	if _, err := exec.LookPath("prosody"); err != nil {
		t.Fatal("Prosody is missing: run make sources")
	}
	if os.Geteuid() != 0 {
		t.Skip("only root may become the user prosody")
	}
	server := startProsody(t)
	server.visit(t, "erika")
	server.visit(t, "max")
	both := []*client{server.enter(t, "erika"), server.enter(t, "erika2")}
	for _, c := range slices.Backward(both) { // among each other
		c.leave(t)
	}
	text := server.wait(t, "disconnected", 4)
	// A second opinion: what each session said until it left.
	var want []string
	visits := map[string]string{}
	for line := range strings.Lines(text) {
		word := strings.Fields(line)
		id := word[3]
		if visits[id] += line; strings.Contains(line, "disconnected") {
			if strings.Contains(visits[id], "Authenticated as erika@localhost\n") {
				for own := range strings.Lines(visits[id]) {
					want = append(want, ref(own))
				}
			}
			delete(visits, id)
		}
	}
	c := parse(t, fmt.Sprintf("system: konferenz\nkind: applog\nmatch: [{by: [account]}]\napplog: {files: [%q], profile: jitsi}\n", server.log))
	all, _, a := find(t, c, nil, asks("account=erika"))
	got := references(all)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) || len(want) < 6 || a.Partial() {
		t.Errorf("got %d lines and gaps %v, want the %d of the two visits\n%s", len(got), a.Gaps, len(want), text)
	}
	for _, f := range all {
		if f.Confidence != connector.Sure || f.Origin.At.IsZero() || f.Category == "line" {
			t.Errorf("got %s at %v", tell(f), f.Origin.At)
		}
	}
}

type prosodyServer struct{ address, log string }

const prosodyConfig = `
data_path = "%[1]s/data"
certificates = "%[1]s"
log = { info = "%[1]s/prosody.log" }
interfaces = { "127.0.0.1" }
c2s_ports = { %[2]s }
c2s_direct_tls_ports = {}
s2s_ports = {}
modules_enabled = { "saslauth", "disco" }
modules_disabled = { "s2s", "tls", "http", "posix" }
authentication = "internal_plain"
allow_unencrypted_plain_auth = true
c2s_require_encryption = false
VirtualHost "localhost"
`

func startProsody(t *testing.T) *prosodyServer {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "einsicht-prosody")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	address, err := connectortest.FreeAddress()
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(address)
	config := filepath.Join(dir, "prosody.cfg.lua")
	if err := os.WriteFile(config, fmt.Appendf(nil, prosodyConfig, dir, port), 0o644); err != nil {
		t.Fatal(err)
	}
	accounts := filepath.Join(dir, "data", "localhost", "accounts")
	if err := os.MkdirAll(accounts, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"erika", "erika2", "max"} {
		if err := os.WriteFile(filepath.Join(accounts, name+".dat"), []byte("return { [\"password\"] = \"geheim\" };\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command("chown", "-R", "prosody", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	who, err := user.Lookup("prosody")
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.Atoi(who.Uid)
	gid, _ := strconv.Atoi(who.Gid)
	run := exec.Command("prosody", "--config", config, "-F")
	run.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	run.Dir = dir
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	server := &prosodyServer{address: address, log: filepath.Join(dir, "prosody.log")}
	t.Cleanup(func() {
		run.Process.Kill()
		run.Wait()
	})
	for range 3000 {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			server.wait(t, "disconnected", 1)
			if err := os.Truncate(server.log, 0); err != nil {
				t.Fatal(err)
			}
			return server
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("Prosody does not answer")
	return nil
}

// wait waits until the log holds a word so often.
func (s *prosodyServer) wait(t *testing.T, word string, n int) string {
	t.Helper()
	for range 3000 {
		if text, _ := os.ReadFile(s.log); strings.Count(string(text), word) >= n {
			return string(text)
		}
		time.Sleep(10 * time.Millisecond)
	}
	text, _ := os.ReadFile(s.log)
	t.Fatalf("the log does not say %q %d times:\n%s", word, n, text)
	return ""
}

func (s *prosodyServer) visit(t *testing.T, name string) { t.Helper(); s.enter(t, name).leave(t) }

// client speaks as much XMPP as it takes to sign in (RFC 6120).
type client struct {
	net.Conn
	in *bufio.Reader
}

const opening = `<stream:stream to="localhost" xmlns="jabber:client" xmlns:stream="http://etherx.jabber.org/streams" version="1.0">`

func (s *prosodyServer) enter(t *testing.T, name string) *client {
	t.Helper()
	conn, err := net.Dial("tcp", s.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(time.Minute))
	c := &client{conn, bufio.NewReader(conn)}
	c.say(t, opening, "</stream:features>")
	secret := base64.StdEncoding.EncodeToString([]byte("\x00" + name + "\x00geheim"))
	c.say(t, `<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="PLAIN">`+secret+`</auth>`, "<success")
	c.say(t, opening, "</stream:features>")
	c.say(t, `<iq type="set" id="1"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/></iq>`, "</iq>")
	return c
}

func (c *client) leave(t *testing.T) {
	t.Helper()
	c.say(t, "</stream:stream>", "</stream:stream>")
	c.Close()
}

func (c *client) say(t *testing.T, words, answer string) {
	t.Helper()
	if _, err := c.Write([]byte(words)); err != nil {
		t.Fatal(err)
	}
	var heard strings.Builder
	for !strings.Contains(heard.String(), answer) {
		b, err := c.in.ReadByte()
		if err != nil {
			t.Fatalf("waiting for %s: %v, heard %s", answer, err, heard.String())
		}
		heard.WriteByte(b)
	}
}
