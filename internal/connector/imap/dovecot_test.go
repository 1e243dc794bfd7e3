package imap

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"einsicht/internal/connector/connectortest"
)

// dovecot is a real mail server with Maildir folders below dir.
type dovecot struct {
	dir   string
	inner string // where it listens
	*proxy
}

const (
	testUser     = "auskunft"
	testPassword = "geheim"
	nobody       = 65534 // who reads the mails
)

func startDovecot(t *testing.T, more ...string) *dovecot {
	t.Helper()
	program, err := exec.LookPath("dovecot")
	if err != nil {
		if program = "/usr/sbin/dovecot"; !exists(program) {
			t.Fatal("dovecot is not installed; run make sources")
		}
	}
	dir, err := os.MkdirTemp("/tmp", "imap") // sockets have short names only
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	d := &dovecot{dir: dir, inner: freeAddress(t)}
	_, port, _ := net.SplitHostPort(d.inner)
	conf := filepath.Join(dir, "conf")
	text := strings.NewReplacer("DIR", dir, "PORT", port).Replace(dovecotConf) + strings.ReplaceAll(strings.Join(more, "\n"), "DIR", dir) + "\n"
	if err := os.WriteFile(conf, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	d.folder(t, "")
	cmd := exec.Command(program, "-F", "-c", conf)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	t.Cleanup(func() { _ = cmd.Process.Signal(syscall.SIGTERM); <-ended })
	for until := time.Now().Add(time.Minute); !greets(d.inner); {
		select {
		case <-ended:
			log, _ := os.ReadFile(filepath.Join(dir, "log"))
			t.Fatalf("dovecot ended: %s", log)
		case <-time.After(10 * time.Millisecond):
		}
		if time.Now().After(until) {
			t.Fatal("dovecot does not answer")
		}
	}
	d.proxy = newProxy(t, d.inner)
	return d
}

const dovecotConf = `
base_dir = DIR/run
state_dir = DIR/state
log_path = DIR/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_internal_user = nobody
default_login_user = nobody
default_internal_group = nogroup
mail_location = maildir:DIR/mail
mail_uid = nobody
mail_gid = nogroup
first_valid_uid = 1
first_valid_gid = 1
mail_max_userip_connections = 100
service imap-login {
  inet_listener imap {
    port = PORT
  }
  inet_listener imaps {
    port = 0
  }
}
passdb {
  driver = static
  args = password=geheim
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=DIR/home
}
namespace inbox {
  inbox = yes
  separator = /
}
`

func exists(file string) bool { _, err := os.Stat(file); return err == nil }

func freeAddress(t *testing.T) string {
	t.Helper()
	address, err := connectortest.FreeAddress()
	if err != nil {
		t.Fatal(err)
	}
	return address
}

func greets(addr string) bool {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return false
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	line, _ := bufio.NewReader(conn).ReadString('\n')
	return strings.HasPrefix(line, "* OK [CAPABILITY")
}

// folder makes a folder, given as it is on disk: ".Archiv.2026"; "" is INBOX.
func (d *dovecot) folder(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(d.dir, "mail", name)
	for _, sub := range []string{"cur", "new", "tmp"} {
		if err := os.MkdirAll(filepath.Join(path, sub), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	d.own(t, filepath.Join(d.dir, "mail"))
	return path
}

func (d *dovecot) own(t *testing.T, root string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, _ os.DirEntry, err error) error {
		if err == nil {
			err = os.Lchown(path, nobody, nobody)
		}
		if os.IsNotExist(err) {
			return nil // an index that dovecot has just replaced
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// deliver lays a mail into a folder: new, or seen and flagged.
func (d *dovecot) deliver(t *testing.T, folder string, n int, raw string) string {
	t.Helper()
	path := filepath.Join(d.dir, "mail", folder, "cur", fmt.Sprintf("1790000000.M%06d.host:2,%s", n, []string{"", "S", "FS", "RS"}[n%4]))
	if n%3 == 0 {
		path = filepath.Join(d.dir, "mail", folder, "new", fmt.Sprintf("1790000000.M%06d.host", n))
	}
	if err := os.WriteFile(path, []byte(raw), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Lchown(path, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	return path
}

// proxy stands before a server, counts what it is asked and can be taken away.
type proxy struct {
	target string
	addr   string
	reads  atomic.Int64

	mu        sync.Mutex
	l         net.Listener
	conns     map[net.Conn]bool
	heard     strings.Builder // what was asked
	cut       atomic.Int64    // halves of questions that pass, and one more; 0: all
	meanwhile func(question string)
	disguise  func(answer []byte) []byte
}

// between lets f run before a question of a later connection is passed on.
func (p *proxy) between(f func(question string)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.meanwhile = f
}

// rewrite lets f change the answers of later connections.
func (p *proxy) rewrite(f func(answer []byte) []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.disguise = f
}

// Cut takes the server away once, after n more halves of questions.
func (p *proxy) Cut(n int) { p.cut.Store(int64(max(n, -1)) + 1) }

// passes says whether a question reaches the server, and its answer the client.
func (p *proxy) passes() (question, answer bool) {
	for {
		n := p.cut.Load()
		if n == 0 {
			return true, true
		}
		if p.cut.CompareAndSwap(n, max(n-2, 0)) {
			return n > 1, n > 2
		}
	}
}

func (p *proxy) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.heard.String()
}

func newProxy(t *testing.T, target string) *proxy {
	t.Helper()
	p := &proxy{target: target, addr: "127.0.0.1:0", conns: map[net.Conn]bool{}}
	p.up(t)
	t.Cleanup(p.down)
	return p
}

func (p *proxy) up(t *testing.T) {
	t.Helper()
	l, err := net.Listen("tcp", p.addr)
	if err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	p.l, p.addr = l, l.Addr().String()
	p.mu.Unlock()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(conn)
		}
	}()
}

func (p *proxy) down() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.l.Close()
	for conn := range p.conns {
		conn.Close()
	}
	clear(p.conns)
}

func (p *proxy) serve(client net.Conn) {
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		client.Close()
		return
	}
	p.mu.Lock()
	p.conns[client], p.conns[server] = true, true
	meanwhile, disguise := p.meanwhile, p.disguise
	p.mu.Unlock()
	var mute atomic.Bool
	go func() {
		for b := make([]byte, 64<<10); ; {
			n, err := server.Read(b)
			if err == nil && !mute.Load() {
				answer := b[:n]
				if disguise != nil {
					answer = disguise(answer)
				}
				_, err = client.Write(answer)
			}
			if err != nil || mute.Load() {
				client.Close()
				return
			}
		}
	}()
	for b, heard := make([]byte, 64<<10), (counting{client, p}); ; {
		n, err := heard.Read(b)
		if err != nil {
			break
		}
		if meanwhile != nil {
			meanwhile(string(b[:n]))
		}
		question, answer := p.passes()
		if !question {
			client.Close()
			break
		}
		if !answer {
			mute.Store(true)
		}
		if _, err := server.Write(b[:n]); err != nil {
			break
		}
	}
	server.Close()
	p.mu.Lock()
	delete(p.conns, client)
	delete(p.conns, server)
	p.mu.Unlock()
}

type counting struct {
	net.Conn
	p *proxy
}

func (c counting) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 {
		c.p.reads.Add(1)
		c.p.mu.Lock()
		c.p.heard.Write(b[:n])
		c.p.mu.Unlock()
	}
	return n, err
}
