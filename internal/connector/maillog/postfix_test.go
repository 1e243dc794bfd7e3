package maillog

import (
	"bytes"
	"fmt"
	"net"
	"net/smtp"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
)

// TestPostfix sends mails through a real Postfix and finds in the log that it
// wrote exactly those of the person, with both sorts of queue ids.
func TestPostfix(t *testing.T) {
	if _, err := exec.LookPath("postfix"); err != nil {
		t.Fatal("Postfix is missing: run make sources")
	}
	if os.Geteuid() != 0 {
		t.Skip("only root may start Postfix")
	}
	for _, long := range []string{"no", "yes"} {
		t.Run("long ids "+long, func(t *testing.T) {
			mx := startPostfix(t, long)
			mx.send(t, "erika@example.org", "max@example.com", "vorstand@example.net", "paul@example.com") // 1: hers, an alias of hers, to others
			mx.send(t, "max@example.com", "paul@example.com")                                              // nobody's
			mx.send(t, "max@example.com", "paul@example.com", "Erika+Liste@Example.ORG")                   // 2: one of several
			mx.send(t, "erika@example.org", "niemand@unzustellbar.example")                                // 3: bounces; 4: the bounce to her; 5: the refusal
			mx.send(t, "liste-bounces+erika=example.org@lists.example.net", "erika@example.org")           // 6
			mx.send(t, "max@example.com", "liste-bounces+erika=example.org@lists.example.net")             // 7: to be checked
			mx.send(t, "max@example.com", "erika@spaeter.example", "erika@example.org.example.com")        // another Erika
			mx.send(t, "erika@example.org", "wartet@spaeter.example")                                      // 8: stays in the queue
			if err := mx.try("max@example.com", "gibtesnicht@example.net"); err == nil {
				t.Fatal("a recipient who is refused was taken")
			}
			if err := mx.try("max@example.com", "erika@gesperrt.example"); err == nil { // another Erika is refused
				t.Fatal("a recipient who is refused was taken")
			}
			text := mx.log(t, 7) // six mails and a bounce went out, two wait
			c := parse(t, fmt.Sprintf("system: mx\nkind: maillog\nmatch: [{by: [email]}]\nmaillog: {files: [%q]}\n", mx.dir+"/log/mail.log"))
			all, _, a := find(t, c, nil, asks("erika@example.org"))
			var got []string
			for _, f := range all {
				if f.Category == "reject" {
					got = append(got, string(f.Confidence)+" NOQUEUE")
					continue
				}
				id := values(f, "queue_id")[0]
				got = append(got, string(f.Confidence)+" "+id)
				if f.Category != "message" || len(values(f, "event")) < 4 || f.Origin.At.IsZero() {
					t.Errorf("got %s with %d lines", f.Category, len(values(f, "event")))
				}
				if n := strings.Count(text, " "+id+": "); n != len(values(f, "event")) {
					t.Errorf("mail %s: got %d lines, want the %d that Postfix wrote", id, len(values(f, "event")), n)
				}
			}
			want := mx.hers(text)
			slices.Sort(got)
			if !slices.Equal(got, want) || len(want) != 8 || a.Partial() {
				t.Errorf("got %q and gaps %v, want %q", got, a.Gaps, want)
			}
			none, _, _ := find(t, c, nil, asks("gibtesnicht@example.net"))
			if len(none) != 1 || none[0].Category != "reject" || !strings.Contains(values(none[0], "delivery")[0], "Access denied") {
				t.Errorf("got %d findings for the refused one, want the refusal", len(none))
			}
		})
	}
}

// hers tells from the text, by the addresses that were sent, which mails are
// Erika's: a second opinion that joins nothing.
func (*postfix) hers(text string) (want []string) {
	sure, check := map[string]bool{}, map[string]bool{}
	for line := range strings.Lines(text) {
		_, message, _ := strings.Cut(line, "]: ")
		id, rest, _ := strings.Cut(message, ": ")
		switch rest = strings.ToLower(rest); {
		case id == "NOQUEUE":
			if strings.Contains(rest, "=<erika@example.org>") {
				check[id] = true
			}
		case strings.HasPrefix(rest, "message-id="):
		case strings.Contains(rest, "=<erika@example.org>"), strings.Contains(rest, "=<erika+liste@example.org>"):
			sure[id] = true
		case strings.Contains(rest, "to=<liste-bounces+erika=example.org@"):
			check[id] = true
		}
	}
	for id := range sure {
		want = append(want, string(connector.Sure)+" "+id)
	}
	for id := range check {
		want = append(want, string(connector.Check)+" "+id)
	}
	slices.Sort(want)
	return want
}

type postfix struct{ dir, address string }

const mainCF = `compatibility_level = 3.6
queue_directory = %[1]s/queue
data_directory = %[1]s/data
maillog_file = %[1]s/log/mail.log
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
myhostname = mx1.example.net
mydestination =
alias_maps =
alias_database =
enable_long_queue_ids = %[2]s
default_transport = discard:
transport_maps = inline:{ { unzustellbar.example = smtp:[127.0.0.1]:%[3]s }, { spaeter.example = smtp:[127.0.0.1]:1 } }
virtual_alias_maps = inline:{ { vorstand@example.net = erika@example.org } }
smtpd_recipient_restrictions = check_recipient_access inline:{ { gibtesnicht@example.net = REJECT }, { gesperrt.example = REJECT } }, permit_mynetworks, reject
`

const masterCF = `%[1]s inet n - n - - smtpd
%[2]s inet n - n - - smtpd
  -o myhostname=mx2.example.com
  -o smtpd_recipient_restrictions=reject
smtp unix - - n - - smtp
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
`

func startPostfix(t *testing.T, long string) *postfix {
	t.Helper()
	// Postfix writes logs below /var only, and the user postfix must get there.
	dir, err := os.MkdirTemp("/var/tmp", "einsicht-mx")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, sub := range []string{"conf", "queue", "data", "log"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	who, err := user.Lookup("postfix")
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.Atoi(who.Uid)
	if err := os.Chown(filepath.Join(dir, "data"), uid, -1); err != nil {
		t.Fatal(err)
	}
	address, refuses := freePort(t), freePort(t)
	_, refusingPort, _ := net.SplitHostPort(refuses)
	for name, text := range map[string]string{"main.cf": fmt.Sprintf(mainCF, dir, long, refusingPort), "master.cf": fmt.Sprintf(masterCF, address, refuses)} {
		if err := os.WriteFile(filepath.Join(dir, "conf", name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	postfix := &postfix{dir: dir, address: address}
	t.Cleanup(func() { exec.Command("postfix", "-c", dir+"/conf", "stop").Run() })
	if out, err := exec.Command("postfix", "-c", dir+"/conf", "start").CombinedOutput(); err != nil {
		t.Fatalf("start: %v\n%s", err, out)
	}
	return postfix
}

func freePort(t *testing.T) string {
	t.Helper()
	address, err := connectortest.FreeAddress()
	if err != nil {
		t.Fatal(err)
	}
	return address
}

func (p *postfix) try(from string, to ...string) error {
	return smtp.SendMail(p.address, nil, from, to, []byte("Subject: Test\r\nTo: erika@example.org\r\n\r\nText\r\n"))
}

func (p *postfix) send(t *testing.T, from string, to ...string) {
	t.Helper()
	if err := p.try(from, to...); err != nil {
		t.Fatalf("send: %v\n%s", err, p.read())
	}
}

// log waits until so many mails left the queue and two stay in it.
func (p *postfix) log(t *testing.T, removed int) string {
	t.Helper()
	for range 6000 {
		text := p.read()
		if bytes.Count(text, []byte(": removed\n")) == removed && bytes.Count(text, []byte("status=deferred")) == 2 {
			return string(text)
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("the mails did not leave the queue:\n%s", p.read())
	return ""
}

func (p *postfix) read() []byte {
	text, _ := os.ReadFile(filepath.Join(p.dir, "log", "mail.log"))
	return text
}
