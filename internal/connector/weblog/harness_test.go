package weblog

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
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
	dir        string
	connection connector.Connection
	planted    int
	reads      atomic.Int64
}

func fresh(t *testing.T) connectortest.Harness { return newHarness(t) }

func newHarness(t *testing.T) *harness {
	t.Helper()
	h := &harness{dir: filepath.Join(t.TempDir(), "log")}
	if err := os.Mkdir(h.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	c, err := connector.ParseConnection("log.yaml", []byte(fmt.Sprintf(connectionFile, h.dir)))
	if err != nil {
		t.Fatal(err)
	}
	h.connection = c
	for day, name := range []string{"access.log.2.gz", "access.log.1", "access.log"} {
		h.write(t, name, entry("198.51.100.1", "-", time.Date(2026, 11, 1+day, 0, 0, 1, 0, time.UTC), "/start", 200))
	}
	return h
}

func entry(host, user string, at time.Time, path string, status int) string {
	return fmt.Sprintf("%s - %s [%s] \"GET %s HTTP/1.1\" %d 512 \"-\" \"Mozilla/5.0 (\\\"X\\\")\"\n", host, user, at.Format(timeLayout), path, status)
}

// write appends to a file; gzip files get one more member, as logrotate does.
func (h *harness) write(t *testing.T, name string, lines ...string) {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(h.dir, name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var w io.Writer = f
	if strings.HasSuffix(name, ".gz") {
		z := gzip.NewWriter(f)
		defer z.Close()
		w = z
	}
	if _, err := io.WriteString(w, strings.Join(lines, "")); err != nil {
		t.Fatal(err)
	}
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
		h.write(t, name, lines...)
	}
	return refs
}

func ref(line string, n int) string {
	sum := sha256.Sum256([]byte(strings.TrimSpace(line)))
	return fmt.Sprintf("line/%s/%d", hex.EncodeToString(sum[:16]), n)
}

func (h *harness) Fingerprint(t *testing.T) string {
	t.Helper()
	sum := sha256.New()
	entries, err := os.ReadDir(h.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		info, _ := e.Info()
		b, err := os.ReadFile(filepath.Join(h.dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(sum, e.Name(), info.Mode(), info.ModTime(), len(b))
		sum.Write(b)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

func (h *harness) Break(t *testing.T) func() {
	t.Helper()
	rename := func(from, to string) {
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	rename(h.dir, h.dir+".away")
	return func() { rename(h.dir+".away", h.dir) }
}

// Spoil cuts the compressed file in the middle.
func (h *harness) Spoil(t *testing.T, _ connectortest.Person) {
	t.Helper()
	name := filepath.Join(h.dir, "access.log.2.gz")
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(name, info.Size()-20); err != nil {
		t.Fatal(err)
	}
}
