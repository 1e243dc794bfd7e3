package mailman

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/connector/httpapi/httpserver"
	"einsicht/internal/connector/mailman/mailmanserver"
)

// mailman is GNU Mailman 3 core as the distribution has it, started once for
// all tests.
type mailman struct {
	dir  string
	api  string
	cred *syscall.Credential
	stop func()
}

var (
	once    sync.Once
	running *mailman
	failed  error
)

func TestMain(m *testing.M) {
	code := m.Run()
	if running != nil {
		running.stop()
	}
	os.Exit(code)
}

func realServer(t *testing.T) *mailman {
	t.Helper()
	once.Do(func() { running, failed = startMailman() })
	if failed != nil {
		t.Fatal(failed)
	}
	return running
}

const (
	master     = "/usr/lib/mailman3/bin/master"
	configFile = `
[paths.x]
var_dir: %[1]s
bin_dir: /usr/lib/mailman3/bin
log_dir: %[1]s/log
lock_dir: %[1]s/locks
data_dir: %[1]s/data
etc_dir: %[1]s
pid_file: %[1]s/master.pid
lock_file: %[1]s/locks/master.lck
[mailman]
layout: x
site_owner: postmaster@example.org
[database]
class: mailman.database.sqlite.SQLiteDatabase
url: sqlite:///%[1]s/data/mailman.db
[mta]
incoming: mailman.mta.null.NullMTA
[webservice]
hostname: 127.0.0.1
port: %[2]s
admin_user: restadmin
admin_pass: %[3]s
`
)

func startMailman() (m *mailman, err error) {
	if _, err := os.Stat(master); err != nil {
		return nil, fmt.Errorf("mailman3 is not installed: run make sources")
	}
	m = &mailman{}
	if m.dir, err = os.MkdirTemp("", "mailman"); err != nil {
		return nil, err
	}
	if err := os.Mkdir(filepath.Join(m.dir, "data"), 0o755); err != nil {
		return nil, err
	}
	if os.Geteuid() == 0 { // it refuses to run as root
		if err := m.giveAway(); err != nil {
			return nil, err
		}
	}
	address, err := connectortest.FreeAddress()
	if err != nil {
		return nil, err
	}
	_, port, _ := net.SplitHostPort(address)
	m.api = "http://" + address + "/3.1"
	config := fmt.Sprintf(configFile, m.dir, port, password)
	for _, runner := range strings.Fields("archive bad bounces command digest lmtp nntp out pipeline retry shunt task virgin") {
		config += "[runner." + runner + "]\nstart: no\n" // nothing is sent; REST and what takes messages in suffice
	}
	file := filepath.Join(m.dir, "mailman.cfg")
	if err := os.WriteFile(file, []byte(config), 0o644); err != nil {
		return nil, err
	}
	ended, err := m.run(file)
	if err != nil {
		return nil, err
	}
	for {
		if _, err := m.call(http.MethodGet, "/system/versions", nil); err == nil {
			break
		}
		select {
		case <-ended:
			out, _ := os.ReadFile(filepath.Join(m.dir, "out.txt"))
			return nil, fmt.Errorf("mailman ended: %s", out)
		case <-time.After(50 * time.Millisecond):
		}
	}
	if _, err := m.call(http.MethodPost, "/domains", url.Values{"mail_host": {"lists.example.org"}}); err != nil {
		return nil, err
	}
	for _, id := range listIDs {
		name, host, _ := strings.Cut(id, ".")
		if _, err := m.call(http.MethodPost, "/lists", url.Values{"fqdn_listname": {name + "@" + host}}); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// giveAway lets the server run as the distribution's user for it.
func (m *mailman) giveAway() error {
	list, err := user.Lookup("list")
	if err != nil {
		return err
	}
	uid, errU := strconv.Atoi(list.Uid)
	gid, errG := strconv.Atoi(list.Gid)
	if errU != nil || errG != nil {
		return fmt.Errorf("user list has no number")
	}
	m.cred = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	for _, dir := range []string{m.dir, filepath.Join(m.dir, "data")} {
		if err := os.Chown(dir, uid, gid); err != nil {
			return err
		}
	}
	return nil
}

// run starts the server so that it ends with the tests, however they end. Its
// output goes to a file: its children would keep a pipe open.
func (m *mailman) run(config string) (ended chan struct{}, err error) {
	out, err := os.Create(filepath.Join(m.dir, "out.txt"))
	if err != nil {
		return nil, err
	}
	defer out.Close()
	cmd := exec.Command(master, "-C", config)
	cmd.Dir, cmd.Stdout, cmd.Stderr = m.dir, out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: m.cred, Setpgid: true, Pdeathsig: syscall.SIGTERM}
	ended = make(chan struct{})
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // the signal comes when the thread ends that forked
		started <- cmd.Start()
		_ = cmd.Wait()
		close(ended)
	}()
	m.stop = func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		<-ended
		_ = os.RemoveAll(m.dir)
	}
	return ended, <-started
}

// call asks the REST interface for a change.
func (m *mailman) call(method, path string, form url.Values) (map[string]any, error) {
	r, err := http.NewRequest(method, m.api+path, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	r.SetBasicAuth("restadmin", password)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode >= 300 {
		return nil, fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, body)
	}
	var v map[string]any
	_ = json.Unmarshal(body, &v)
	if v == nil {
		v = map[string]any{}
	}
	v["location"] = resp.Header.Get("Location")
	return v, nil
}

// fill runs a step of fill.py on the server's database.
func (m *mailman) fill(t *testing.T, step string, in any) string {
	t.Helper()
	encoded, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile("testdata/fill.py")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/usr/bin/python3", "-c", string(script), filepath.Join(m.dir, "data", "mailman.db"), step)
	cmd.Stdin, cmd.Dir = bytes.NewReader(encoded), m.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: m.cred}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("fill %s: %v: %s", step, err, out)
	}
	return string(out)
}

// outside is a harness whose server is the real one. A server in front of it
// counts what is asked, and can go away and come back.
type outside struct {
	*mailman
	garden
	front   *httpserver.Server
	crowds  []*mailmanserver.Server
	mu      sync.Mutex
	spoiled bool
}

func freshOutside(t *testing.T) connectortest.Harness { return newOutside(t) }

func newOutside(t *testing.T) *outside {
	t.Helper()
	h := &outside{mailman: realServer(t)}
	h.garden = garden{map[string]int{}, func(t *testing.T, c crop) { h.fill(t, "add", c) }}
	h.fill(t, "clear", nil)
	target, err := url.Parse(h.api)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.Out.URL.Scheme, r.Out.URL.Host = target.Scheme, target.Host
	}}
	h.front, err = httpserver.Start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.mu.Lock()
		spoiled := h.spoiled
		h.mu.Unlock()
		if !spoiled || !spoil(w, r) {
			proxy.ServeHTTP(w, r)
		}
	}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.front.Close() })
	return h
}

func (h *outside) Kind() connector.Kind             { return Kind{} }
func (h *outside) Connection() connector.Connection { return connectionOf(h.front.URL() + "/3.1") }

func (h *outside) Fingerprint(t *testing.T) string { return h.fill(t, "print", nil) }

func (h *outside) Break(t *testing.T) func() {
	h.front.Stop()
	return func() {
		if err := h.front.Resume(); err != nil {
			t.Fatal(err)
		}
	}
}

func (h *outside) Spoil(*testing.T, connectortest.Person) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.spoiled = true
}

func (h *outside) Holes(t *testing.T, p connectortest.Person) { h.Spoil(t, p) }

func (h *outside) Reads() int64 {
	n := h.front.Reads()
	for _, c := range h.crowds {
		n += c.Reads()
	}
	return n
}

func (h *outside) Crowd(t *testing.T, p connectortest.Person, n int) connector.Connection {
	s := crowd(t, p, n)
	h.crowds = append(h.crowds, s)
	return connectionOf(s.URL())
}
