package webdav

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/connector/webdav/webdavserver"
)

const connectionFile = `
system: databox
kind: webdav
timeout: 30s
secrets: {password: {env: X}}
match:
  - {by: [account]}
  - {by: [email]}
webdav:
  url: %s
  auth: basic
  user: leser
  roots: [/users/, /mail/, /shared/]
  owner:
    folders: ["/users/{account}/", "/mail/{email}/"]
    properties:
      - {namespace: "urn:einsicht:test", name: owner, holds: email}
`

const password = "geheim:ja"

func parse(t *testing.T, text string) connector.Connection {
	t.Helper()
	c, err := connector.ParseConnection("share.yaml", []byte(text))
	if err == nil {
		c, err = c.Resolve(func(connector.Ref) (string, error) { return password, nil })
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// harness is an Apache httpd with mod_dav_fs. A proxy in front of it counts the
// questions and takes it away.
type harness struct {
	dir, root  string
	connection connector.Connection
	apache     string
	front      *front
	planted    int
	uid, gid   int
	writer     string // who plants properties
	rights     string // in the configuration; FOLDER is that of the harness
}

func fresh(t *testing.T) connectortest.Harness { return newHarness(t, "leser", "Require valid-user") }

// newHarness starts Apache with these rights.
func newHarness(t *testing.T, writer, rights string) *harness {
	t.Helper()
	dir, err := os.MkdirTemp("", "einsicht-webdav")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	h := &harness{dir: dir, root: filepath.Join(dir, "share"), uid: -1, gid: -1, writer: writer, rights: rights}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"users", "mail", "shared"} {
		if err := os.MkdirAll(filepath.Join(h.root, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	h.start(t)
	h.front = newFront(t, h.apache)
	h.connection = parse(t, fmt.Sprintf(connectionFile, "http://"+h.front.address))
	return h
}

// A connection that Apache gives up just when it is used again loses a question that
// changes something, which nobody puts twice: so it gives up none.
const apacheConf = `
ServerRoot %[1]s
ServerName localhost
Listen %[2]s
PidFile %[1]s/httpd.pid
ErrorLog %[1]s/error.log
LogLevel crit
KeepAliveTimeout 300
DocumentRoot %[1]s/share
DavLockDB %[1]s/locks
TypesConfig /etc/mime.types
%[3]s
<Directory %[1]s/share>
  Dav On
  Options +FollowSymLinks
  AuthType Basic
  AuthName share
  AuthUserFile %[1]s/passwd
%[4]s
</Directory>
`

// start runs Apache in the foreground, as www-data where the test is root.
func (h *harness) start(t *testing.T) {
	t.Helper()
	program, err := exec.LookPath("apache2")
	if err != nil {
		program = "/usr/sbin/apache2"
	}
	if _, err := os.Stat(program); err != nil {
		t.Fatal("Apache httpd is missing: run make sources")
	}
	extra := ""
	for _, m := range []string{"mpm_event", "mime", "authn_core", "authn_file", "authz_core", "authz_user", "authz_groupfile", "auth_basic", "dav", "dav_fs"} {
		extra += fmt.Sprintf("LoadModule %s_module /usr/lib/apache2/modules/mod_%s.so\n", m, m)
	}
	if os.Geteuid() == 0 {
		u, err := user.Lookup("www-data")
		if err != nil {
			t.Fatal(err)
		}
		h.uid, _ = strconv.Atoi(u.Uid)
		h.gid, _ = strconv.Atoi(u.Gid)
		extra += "User www-data\nGroup www-data\n"
	}
	for _, name := range []string{h.dir, h.root, filepath.Join(h.root, "users"), filepath.Join(h.root, "mail"), filepath.Join(h.root, "shared")} {
		_ = os.Chown(name, h.uid, h.gid)
	}
	sum := sha1.Sum([]byte(password))
	hash := ":{SHA}" + base64.StdEncoding.EncodeToString(sum[:]) + "\n"
	h.put(t, filepath.Join(h.dir, "passwd"), "leser"+hash+"schreiber"+hash)
	if h.apache, err = connectortest.FreeAddress(); err != nil {
		t.Fatal(err)
	}
	conf := filepath.Join(h.dir, "httpd.conf")
	h.put(t, conf, fmt.Sprintf(apacheConf, h.dir, h.apache, extra, strings.ReplaceAll(h.rights, "FOLDER", h.dir)))
	cmd := exec.Command(program, "-f", conf, "-DFOREGROUND")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		<-ended
	})
	for {
		if c, err := net.Dial("tcp", h.apache); err == nil {
			_ = c.Close()
			return
		}
		select {
		case err := <-ended:
			log, _ := os.ReadFile(filepath.Join(h.dir, "error.log"))
			ended <- err
			t.Fatalf("Apache ended: %v %s", err, log)
		case <-time.After(5 * time.Millisecond):
		case <-t.Context().Done():
			t.Fatal("Apache does not start")
		}
	}
}

// front is a proxy: Apache itself tells of a question only when it is answered.
type front struct {
	address string
	handler http.Handler
	server  *http.Server
	reads   atomic.Int64
	// lose says whether the answer to a question of an account is lost, or panics
	// before the source hears of it.
	lose func(user, method string) bool
}

func newFront(t *testing.T, to string) *front {
	t.Helper()
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: to})
	f := &front{address: "127.0.0.1:0"}
	f.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.reads.Add(1)
		// Apache begins to answer before the proxy sees the end of the question,
		// upon which Go's server would close what it still reads.
		question, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		r.Body = io.NopCloser(bytes.NewReader(question))
		if user, _, _ := r.BasicAuth(); f.lose != nil && f.lose(user, r.Method) {
			proxy.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		}
		proxy.ServeHTTP(w, r)
	})
	f.up(t)
	t.Cleanup(func() { _ = f.server.Close() })
	return f
}

func (f *front) up(t *testing.T) {
	t.Helper()
	l, err := net.Listen("tcp", f.address)
	if err != nil {
		t.Fatal(err)
	}
	f.address, f.server = l.Addr().String(), &http.Server{Handler: f.handler}
	server := f.server
	go func() { _ = server.Serve(l) }()
}

func (h *harness) put(t *testing.T, name, content string) {
	t.Helper()
	for _, dir := range []string{filepath.Dir(filepath.Dir(name)), filepath.Dir(name)} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	if rel, err := filepath.Rel(h.root, name); err == nil && !strings.HasPrefix(rel, "..") {
		_ = os.Chown(name, h.uid, h.gid)
		_ = os.Chown(filepath.Dir(name), h.uid, h.gid)
	}
}

func (h *harness) Kind() connector.Kind             { return Kind{} }
func (h *harness) Connection() connector.Connection { return h.connection }
func (h *harness) Reads() int64                     { return h.front.reads.Load() }

// Names that are hard to write in an address; the last two differ only in how
// the umlaut is composed.
var names = []string{
	"Antrag %d.txt", "100%%%d.txt", "Frage?%d.txt", "Nr. #%d.txt", "a&b=c+%d;.txt", "%%2e%%2e%%2f%d.txt", "l\u00e4nger%d.txt", "la\u0308nger%d.txt",
}

// Plant writes into a folder by account, one by mail address, deeper folders,
// and a folder of all, where a property names the owner.
func (h *harness) Plant(t *testing.T, p connectortest.Person, n int) (refs []string) {
	t.Helper()
	for i := range n {
		h.planted++
		name := fmt.Sprintf(names[i%len(names)], h.planted)
		var at []string
		switch {
		case i%100 == 5:
			at = []string{"shared", name}
		case i%4 == 1:
			at = []string{"mail", p.Email, name}
		case i%4 == 2:
			at = []string{"users", p.Account, "Ämter & Co", fmt.Sprintf("tief %d", i%3), name}
		default:
			at = []string{"users", p.Account, name}
		}
		h.put(t, filepath.Join(append([]string{h.root}, at...)...), "Inhalt "+strconv.Itoa(h.planted))
		for j := range at {
			at[j] = url.PathEscape(at[j])
		}
		ref := strings.Join(at, "/")
		if at[0] == "shared" {
			h.own(t, ref, p.Email)
		}
		refs = append(refs, ref)
	}
	return refs
}

// PlantFile writes into the folder by account.
func (h *harness) PlantFile(t *testing.T, p connectortest.Person, content io.Reader, size int64) string {
	t.Helper()
	h.planted++
	name := fmt.Sprintf("Datei %d.bin", h.planted)
	path := filepath.Join(h.root, "users", p.Account, name)
	h.put(t, path, "")
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(f, content)
	if err := errors.Join(err, f.Close()); err != nil || n != size {
		t.Fatalf("wrote %d of %d bytes: %v", n, size, err)
	}
	return "users/" + url.PathEscape(p.Account) + "/" + url.PathEscape(name)
}

// LargestFile is any.
func (h *harness) LargestFile() int64 { return math.MaxInt64 }

// own sets the property, as a client does that may write.
func (h *harness) own(t *testing.T, path, owner string) {
	t.Helper()
	r, err := http.NewRequest("PROPPATCH", "http://"+h.apache+"/"+path, strings.NewReader(
		`<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><o:owner xmlns:o="urn:einsicht:test">`+owner+`</o:owner></D:prop></D:set></D:propertyupdate>`))
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(h.writer, password)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusMultiStatus {
		t.Fatalf("PROPPATCH: got %s", resp.Status)
	}
}

// Fingerprint is over names, times and contents, also of what Apache keeps for
// itself: properties and locks.
func (h *harness) Fingerprint(t *testing.T) string {
	t.Helper()
	sum := sha256.New()
	err := filepath.WalkDir(h.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() == "error.log" {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		fmt.Fprintln(sum, path, info.Mode(), info.Size())
		if info.Mode().IsRegular() {
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			fmt.Fprintln(sum, info.ModTime())
			sum.Write(b)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// Break takes the share away.
func (h *harness) Break(t *testing.T) func() {
	t.Helper()
	_ = h.front.server.Close()
	return func() { h.front.up(t) }
}

// Mix lays a file of the stranger into p's folder.
func (h *harness) Mix(t *testing.T, p, stranger connectortest.Person) []string {
	t.Helper()
	h.put(t, filepath.Join(h.root, "users", p.Account, "geteilt.txt"), "geteilt")
	ref := url.PathEscape("users") + "/" + url.PathEscape(p.Account) + "/geteilt.txt"
	h.own(t, ref, stranger.Email)
	return []string{ref}
}

// Holes makes files of several folders unreadable for Apache.
func (h *harness) Holes(t *testing.T, p connectortest.Person) {
	t.Helper()
	for _, folder := range []string{"users/" + p.Account, "users/" + p.Account + "/Ämter & Co/*", "mail/" + p.Email} {
		files, err := filepath.Glob(filepath.Join(h.root, folder, "*.txt"))
		if err != nil || len(files) == 0 {
			t.Fatal("nothing to spoil")
		}
		if err := os.Chmod(files[len(files)/2], 0); err != nil {
			t.Fatal(err)
		}
	}
}

// Spoil makes one of the person's files unreadable for Apache.
func (h *harness) Spoil(t *testing.T, p connectortest.Person) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(h.root, "users", p.Account, "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatal("nothing to spoil")
	}
	if err := os.Chmod(files[0], 0); err != nil {
		t.Fatal(err)
	}
}

// Crowd is one folder of n empty files.
func (h *harness) Crowd(t *testing.T, p connectortest.Person, n int) connector.Connection {
	t.Helper()
	s, err := webdavserver.Start(webdavserver.Options{
		User: "leser", Password: password, Folders: map[string]webdavserver.Folder{"/users/" + p.Account: crowd(n)},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return parse(t, fmt.Sprintf(`
system: databox
kind: webdav
secrets: {password: {env: X}}
match: [{by: [account]}]
webdav: {url: "%s", auth: basic, user: leser, roots: [/users/], owner: {folders: ["/users/{account}/"]}}
`, s.URL()))
}

// crowd makes up files, listed in no order.
type crowd int

func (n crowd) Names() iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range int(n) {
			if !yield(fmt.Sprintf("Datei %07d.txt", (i*7919+13)%int(n))) {
				return
			}
		}
	}
}

func (n crowd) File(name string) (webdavserver.File, bool) {
	return webdavserver.File{Modified: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}, strings.HasPrefix(name, "Datei ")
}
