package weblog

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/person"
)

const connectionFile = `
system: logdateien
kind: weblog
match:
  - {by: [account]}
  - {by: [email]}
  - {by: [ip+time]}
weblog: {files: ["%s/access.log*"]}
`

// harness is a folder with a running log, a rotated one and a compressed one.
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
	c, err := connector.ParseConnection("log.yaml", []byte(fmt.Sprintf(connectionFile, h.Dir)))
	if err != nil {
		t.Fatal(err)
	}
	h.connection = c
	for day, name := range []string{"access.log.2.gz", "access.log.1", "access.log"} {
		h.Write(t, name, entry("198.51.100.1", "-", time.Date(2026, 11, 1+day, 0, 0, 1, 0, time.UTC), "/start", 200))
	}
	return h
}

func entry(host, user string, at time.Time, path string, status int) string {
	return fmt.Sprintf("%s - %s [%s] \"GET %s HTTP/1.1\" %d 512 \"-\" \"Mozilla/5.0 (\\\"X\\\")\"\n", host, user, at.Format(timeLayout), path, status)
}

func (h *harness) Kind() connector.Kind             { return Kind{reads: &h.reads} }
func (h *harness) Reads() int64                     { return h.reads.Load() }
func (h *harness) Connection() connector.Connection { return h.connection }

// Plant spreads lines over the three files, one of them written twice, and
// lines of the same address on another day that nothing ties to anybody.
func (h *harness) Plant(t *testing.T, p connectortest.Person, n int) (refs []string) {
	t.Helper()
	for part, name := range []string{"access.log.2.gz", "access.log.1", "access.log"} {
		var lines []string
		for i := range n/3 + 1 {
			h.planted++
			at := p.At.Add(time.Duration(part*3600+i) * time.Second)
			user := p.Account
			if i%3 == 1 {
				user = strings.ReplaceAll(p.Email, "@", "%40")
			}
			one := entry(p.IP, user, at, fmt.Sprintf("/seite/%d", h.planted), 200)
			lines = append(lines, one)
			refs = append(refs, ref(one, 0))
			if i == 0 {
				lines, refs = append(lines, one), append(refs, ref(one, 1))
			}
		}
		lines = append(lines, entry(p.IP, "-", p.At.AddDate(0, 0, 3), "/anonym", 200))
		h.Write(t, name, lines...)
	}
	return refs
}

func ref(line string, n int) string {
	sum := sha256.Sum256([]byte(strings.TrimSpace(line)))
	return fmt.Sprintf("line/%s/%d", hex.EncodeToString(sum[:16]), n)
}

// Hint writes a line from an address of which nothing is known.
func (h *harness) Hint(t *testing.T, p connectortest.Person) (string, person.Identifier) {
	t.Helper()
	line := entry("198.51.100.77", p.Account, p.At.AddDate(0, 0, 5), "/neu", 200)
	h.Write(t, "access.log", line)
	return ref(line, 0), person.Identifier{Kind: person.IPTime, Value: person.NewText("198.51.100.77 2026-11-15T09:30:15Z")}
}

// Mix lets the stranger sign in where p was on the network at that time.
func (h *harness) Mix(t *testing.T, p, stranger connectortest.Person) []string {
	t.Helper()
	line := entry(p.IP, stranger.Account, p.At.Add(time.Minute), "/gemeinsam", 200)
	h.Write(t, "access.log", line)
	return []string{ref(line, 0)}
}

// Spoil cuts the compressed file in the middle.
func (h *harness) Spoil(t *testing.T, _ connectortest.Person) {
	t.Helper()
	h.Cut(t, "access.log.2.gz", 20)
}

// Holes breaks lines of the other files besides.
func (h *harness) Holes(t *testing.T, p connectortest.Person) {
	t.Helper()
	h.Spoil(t, p)
	for i, name := range []string{"access.log.1", "access.log"} {
		good := entry(p.IP, p.Account, p.At.AddDate(0, 0, 6+i), "/danach", 200)
		h.Write(t, name, "Segmentation fault\n", good, "192.0.2.7 - x [03/Nov/2026\n", "Segmentation fault\n", good)
	}
}
