package authlog

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"einsicht/internal/person"
)

// sshServer is the real sshd, one process for each connection (sshd -i), so
// that the test knows the process number that syslog would write in front.
type sshServer struct {
	dir    string
	addr   *net.TCPAddr
	visits chan visitLog // one for each connection
}

// visitLog is what one process said.
type visitLog struct {
	pid  int
	said []string
}

func startSSH(t *testing.T) *sshServer {
	t.Helper()
	for _, name := range []string{"/usr/sbin/sshd", "/usr/bin/ssh", "/usr/bin/ssh-keygen"} {
		if _, err := os.Stat(name); err != nil {
			t.Fatalf("%s is missing: run make sources", name)
		}
	}
	if os.Geteuid() == 0 { // where the unprivileged part of sshd lives
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
			t.Fatal(err)
		}
	}
	s := &sshServer{dir: t.TempDir(), visits: make(chan visitLog, 100)}
	for _, key := range []string{"host", "erika", "other"} {
		run(t, "/usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", key, "-f", s.file(key))
	}
	var authorized []byte
	for _, key := range []string{"erika", "other"} {
		b, err := os.ReadFile(s.file(key + ".pub"))
		if err != nil {
			t.Fatal(err)
		}
		authorized = append(authorized, b...)
	}
	if err := os.WriteFile(s.file("authorized"), authorized, 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = l.Addr().(*net.TCPAddr)
	t.Cleanup(func() { l.Close() })
	go func() {
		for n := 0; ; n++ {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go s.serve(t, c.(*net.TCPConn), s.file(fmt.Sprintf("log.%d", n)))
		}
	}()
	return s
}

func (s *sshServer) file(name string) string { return filepath.Join(s.dir, name) }

func (s *sshServer) serve(t *testing.T, c *net.TCPConn, log string) {
	var one visitLog
	defer func() { s.visits <- one }() // also where something fails
	socket, err := c.File()
	c.Close()
	if err != nil {
		t.Error(err)
		return
	}
	cmd := exec.Command("/usr/sbin/sshd", "-i", "-f", "/dev/null", "-h", s.file("host"), "-E", log,
		"-o", "LogLevel=VERBOSE", "-o", "UsePAM=no", "-o", "StrictModes=no", "-o", "PermitRootLogin=yes", "-o", "PasswordAuthentication=no",
		"-o", "AuthorizedKeysFile="+s.file("authorized"))
	cmd.Stdin, cmd.Stdout = socket, socket
	err = cmd.Start()
	socket.Close()
	if err != nil {
		t.Error(err)
		return
	}
	_ = cmd.Wait() // 255 where nobody was let in
	b, err := os.ReadFile(log)
	if err != nil {
		t.Error(err)
		return
	}
	one = visitLog{cmd.Process.Pid, strings.Split(strings.TrimSpace(strings.ReplaceAll(string(b), "\r", "")), "\n")}
}

// login tries to sign in and says whether that worked.
func (s *sshServer) login(key, user string) bool {
	return exec.Command("/usr/bin/ssh", "-F", "/dev/null", "-p", fmt.Sprint(s.addr.Port), "-i", s.file(key), "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes",
		"-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", user+"@127.0.0.1", "true").Run() == nil
}

func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).Output()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return strings.TrimSpace(string(out))
}

// A real server is reached by a real client with two keys; its log, as syslog
// would write it with all connections mixed, gives exactly one key's visits.
func TestRealSSHVisitsAreToldApart(t *testing.T) {
	s := startSSH(t)
	me := run(t, "id", "-un")
	tries := []struct {
		key, user string
		in        bool
	}{{"erika", me, true}, {"other", me, true}, {"erika", "niemand-hier", false}, {"other", "niemand-hier", false}, {"erika", me, true}, {"other", me, true}}
	var visits []visitLog
	for _, try := range tries {
		if got := s.login(try.key, try.user); got != try.in {
			t.Fatalf("sign-in of %s with the key %q: got %v, want %v", try.user, try.key, got, try.in)
		}
		visits = append(visits, <-s.visits)
	}

	h := newHarness(t)
	fingerprint := strings.Fields(run(t, "/usr/bin/ssh-keygen", "-lf", s.file("erika.pub")))[1]
	at := time.Now().UTC().Truncate(time.Second)
	var mixed, want []string
	letIn := 0 // lines of visits that were let in
	for line := range longest(visits) {
		for _, v := range visits {
			if line < len(v.said) {
				mixed = append(mixed, rfc3164(at, "sshd", v.pid, v.said[line]))
			}
		}
	}
	for _, v := range visits {
		whole := strings.Join(v.said, "\n")
		if !strings.Contains(whole, "Accepted publickey") {
			continue
		}
		if letIn += len(v.said); strings.Contains(whole, fingerprint) {
			for _, text := range v.said {
				want = append(want, "sure "+text)
			}
		}
	}
	h.write(t, "auth.log", mixed...)
	got, _, a := h.find(t, by(person.SSHFingerprint, fingerprint))
	got = slices.DeleteFunc(got, func(s string) bool { return strings.HasPrefix(s, "check ") }) // the key was offered elsewhere
	slices.Sort(got)
	slices.Sort(want)
	if len(want) < 10 || !slices.Equal(got, want) || a.Partial() {
		t.Errorf("got\n%s\nwant\n%s\ngaps %v", strings.Join(got, "\n"), strings.Join(want, "\n"), a.Gaps)
	}

	// Somebody typed a name: each line of those two visits is to be checked.
	got, _, _ = h.find(t, by(person.Account, "niemand-hier"))
	if len(got) < 4 || slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "sure") || strings.Contains(s, "Accepted publickey") }) {
		t.Errorf("got\n%s\nwant the refused visits, to be checked", strings.Join(got, "\n"))
	}
	if got, _, _ := h.find(t, by(person.Account, me)); len(got) != letIn {
		t.Errorf("by account: got %d lines, want the %d of both keys", len(got), letIn)
	}
}

func longest(visits []visitLog) (n int) {
	for _, v := range visits {
		n = max(n, len(v.said))
	}
	return n
}
