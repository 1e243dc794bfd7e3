package applog

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/person"
)

const connectionFile = `
system: anwendung
kind: applog
match:
  - {by: [email]}
  - {by: [phone]}
  - {by: [account]}
  - {by: [display-name]}
  - {by: [ip+time]}
applog:
  files: ["%s/app.log*"]
  profile: join
  limit: 168h
  time: {expression: '^(?P<time>\S+) ', layout: ["2006-01-02T15:04:05Z07:00"]}
  patterns:
    - name: opened
      expression: '^(?P<time>\S+) app: session (?P<session>\S+) opened from (?P<address>\S+)$'
      identifiers: {ip+time: address}
      join: session
      starts: true
    - name: login
      label: Anmeldung
      category: Zugriffe
      expression: '^(?P<time>\S+) app: session (?P<session>\S+) user (?P<user>\S+) signed in(?: with (?P<token>\S+))?(?: for (?P<colleague>\S+))?$'
      identifiers: {account: user}
      join: session
      third_party: [colleague]
      withhold: [token]
      labels: {user: Benutzer}
    - name: closed
      expression: '^(?P<time>\S+) app: session (?P<session>\S+) (?P<text>closed)$'
      join: session
      ends: true
    - name: action
      expression: '^(?P<time>\S+) app: session (?P<session>\S+) (?P<text>.*)$'
      join: session
`

var files = []string{"app.log.2.gz", "app.log.1", "app.log"}

// harness is a folder with the log of an application, in which sessions lie
// among each other and over the ends of files.
type harness struct {
	connectortest.Folder
	connection connector.Connection
	planted    int
	reads      atomic.Int64
}

func fresh(t *testing.T) connectortest.Harness { return newHarness(t) }

func newHarness(t *testing.T) *harness {
	t.Helper()
	h := &harness{Folder: connectortest.NewFolder(t)}
	h.connection = parse(t, fmt.Sprintf(connectionFile, h.Dir))
	for day, name := range files {
		h.Write(t, name, stamp(time.Date(2026, 11, 1+day, 0, 0, 1, 0, time.UTC))+" app: started\n")
	}
	return h
}

func parse(t testing.TB, file string) connector.Connection {
	t.Helper()
	c, err := connector.ParseConnection("log.yaml", []byte(file))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func stamp(at time.Time) string { return at.Format("2006-01-02T15:04:05.000Z07:00") }

func (h *harness) Kind() connector.Kind             { return Kind{reads: &h.reads} }
func (h *harness) Connection() connector.Connection { return h.connection }
func (h *harness) Reads() int64                     { return h.reads.Load() }

// Plant writes sessions of a person, among each other and among those of
// somebody else, which get the same session ids later, and calls.
func (h *harness) Plant(t *testing.T, p connectortest.Person, n int) (refs []string) {
	t.Helper()
	var over []string
	for part, name := range files {
		lines := over
		over = nil
		for i := 0; i < n/3+1; i += 7 {
			at := p.At.Add(time.Duration(part)*time.Hour + time.Duration(i)*time.Millisecond)
			own, call := h.session(at, p.Account), h.call(at, p)
			refs = append(append(refs, own.refs()...), call.refs()...)
			batch := [][]string{own, h.session(at, "jemand"), call}
			for step := range 5 {
				for _, s := range batch {
					if step < len(s) {
						lines = append(lines, s[step])
					}
				}
			}
			if len(lines) > 50_000 {
				h.Write(t, name, lines...)
				lines = nil
			}
		}
		at := p.At.Add(time.Duration(part)*time.Hour + time.Duration(n)*time.Millisecond)
		// A line that nothing ties to anybody, and one of the same meeting.
		lines = append(lines, stamp(at)+" app: session none-at-all\n", fmt.Sprintf("%s join: conference=4711 call=x%d event=joined name=\"Max\" mail=max@example.com\n", stamp(at), h.planted))
		if part < 2 {
			last := h.session(at, p.Account)
			refs = append(refs, last.refs()...)
			lines, over = append(lines, last[:1]...), last[1:]
		}
		h.Write(t, name, lines...)
	}
	return refs
}

type said []string

func (h *harness) session(at time.Time, account string) said {
	h.planted++
	line := func(s string) string { return fmt.Sprintf("%s app: session s%03d %s\n", stamp(at), h.planted%500, s) }
	return said{line(fmt.Sprintf("opened from 198.51.100.%d", h.planted%250)), line("user " + account + " signed in"), line(fmt.Sprintf("GET /seite/%d", h.planted)), line("closed")}
}

func (h *harness) call(at time.Time, p connectortest.Person) said {
	h.planted++
	who := "mail=" + p.Email
	if h.planted%2 == 0 {
		who = "phone=" + p.Phone
	}
	line := func(s string) string {
		return fmt.Sprintf("%s join[1]: conference=4711 call=%06x %s\n", stamp(at), h.planted, s)
	}
	return said{line(fmt.Sprintf(`event=joined name=%q %s inviter="Max Muster"`, p.Name, who)), line("event=media codec=opus"), line("event=left duration=17")}
}

func (s said) refs() (refs []string) {
	for _, line := range s {
		refs = append(refs, ref(line))
	}
	return slices.Compact(refs)
}

func ref(line string) string {
	sum := sha256.Sum256([]byte(strings.TrimSpace(line)))
	return "line/" + hex.EncodeToString(sum[:16]) + "/0"
}

// Hint lets a session of p begin at an address of which nothing is known.
func (h *harness) Hint(t *testing.T, p connectortest.Person) (string, person.Identifier) {
	t.Helper()
	one := h.session(p.At.AddDate(0, 0, 5), p.Account)
	one[0] = one[0][:strings.LastIndexByte(one[0], ' ')] + " 198.51.100.77\n"
	h.Write(t, files[2], one...)
	return ref(one[0]), person.Identifier{Kind: person.IPTime, Value: person.NewText("198.51.100.77 2026-11-15T09:30:15Z")}
}

// Mix lets p sign in for the stranger, be invited by the stranger, and come to a
// meeting under the stranger's name.
func (h *harness) Mix(t *testing.T, p, stranger connectortest.Person) []string {
	t.Helper()
	session, invited, named := h.session(p.At, p.Account), h.call(p.At, p), h.call(p.At, p)
	session[1] = strings.Replace(session[1], "signed in", "signed in for "+stranger.Email, 1)
	invited[0] = strings.Replace(invited[0], "Max Muster", stranger.Name, 1)
	named[0] = strings.Replace(named[0], p.Name, stranger.Name, 1)
	h.Write(t, files[2], slices.Concat(session, invited, named)...)
	return []string{ref(session[1]), ref(invited[0]), ref(named[0])}
}

// Spoil cuts the compressed file in the middle.
func (h *harness) Spoil(t *testing.T, _ connectortest.Person) {
	t.Helper()
	h.Cut(t, files[0], 20)
}

// Holes breaks lines of the other files besides, also inside a session.
func (h *harness) Holes(t *testing.T, p connectortest.Person) {
	t.Helper()
	h.Spoil(t, p)
	const broken = "2026-11-10T29:30:15Z app: session a closed\n"
	for i, name := range files[1:] {
		for range 2 {
			one := h.session(p.At.AddDate(0, 0, 5+i), p.Account)
			h.Write(t, name, broken, one[0], broken, one[1], one[2], one[3])
		}
	}
}
