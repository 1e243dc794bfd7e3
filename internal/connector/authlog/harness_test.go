package authlog

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
)

const connectionFile = `
system: nlq-ssh-vpn-log
kind: authlog
match:
  - {by: [account]}
  - {by: [email]}
  - {by: [ssh-fingerprint]}
  - {by: [ip+time]}
authlog: {files: ["%s/*"], time_zone: UTC}
`

// harness is a folder with logs of five sorts.
type harness struct {
	dir        string
	connection connector.Connection
	reads      atomic.Int64
	visits     int
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
	for i, sort := range sorts {
		h.write(t, sort.file, sort.entry(visitStart.AddDate(0, 0, i-len(sorts)), "sshd", 1, "Server listening on 0.0.0.0 port 22."))
	}
	return h
}

// visitStart is when the first of those visits begins that only an account
// ties to a person: nowhere near the times of the people's addresses.
var visitStart = time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)

// sorts are ways in which a log writes an entry down. What it gives is what a
// reference is made of, and how it stands in the file.
var sorts = []struct {
	file  string
	entry func(at time.Time, process string, pid int, text string) string
}{
	{"auth.log.2.gz", rfc3164},
	{"auth.log.1.zst", func(at time.Time, process string, pid int, text string) string {
		return fmt.Sprintf("%s gate %s[%d]: %s\n", at.Format("2006-01-02T15:04:05.000000-07:00"), process, pid, text)
	}},
	{"auth.5424", func(at time.Time, process string, pid int, text string) string {
		return fmt.Sprintf("<86>1 %s gate %s %d - - %s\n", at.Format("2006-01-02T15:04:05.000Z07:00"), process, pid, text)
	}},
	{"journal.json", func(at time.Time, process string, pid int, text string) string {
		b, err := json.Marshal(map[string]string{
			"__REALTIME_TIMESTAMP": strconv.FormatInt(at.UnixMicro(), 10), "_HOSTNAME": "gate", "SYSLOG_IDENTIFIER": process, "_PID": strconv.Itoa(pid), "MESSAGE": text,
		})
		if err != nil {
			panic(err)
		}
		return string(b) + "\n"
	}},
	{"journal.export", func(at time.Time, process string, pid int, text string) string {
		// The message as binary, as if it held something that is no text.
		length := binary.LittleEndian.AppendUint64(nil, uint64(len(text)))
		return fmt.Sprintf("__CURSOR=s=1;i=%d\n__REALTIME_TIMESTAMP=%d\n_HOSTNAME=gate\nSYSLOG_IDENTIFIER=%s\n_PID=%d\nMESSAGE\n%s%s\n\n",
			at.UnixMicro(), at.UnixMicro(), process, pid, length, text)
	}},
}

func rfc3164(at time.Time, process string, pid int, text string) string {
	return fmt.Sprintf("%s gate %s[%d]: %s\n", at.Format(time.Stamp), process, pid, text)
}

func (h *harness) write(t *testing.T, name string, text ...string) {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(h.dir, name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all := []byte(strings.Join(text, ""))
	switch filepath.Ext(name) {
	case ".gz":
		z := gzip.NewWriter(f)
		if _, err = z.Write(all); err == nil {
			err = z.Close()
		}
	case ".zst":
		var z *zstd.Encoder
		if z, err = zstd.NewWriter(f); err == nil {
			if _, err = z.Write(all); err == nil {
				err = z.Close()
			}
		}
	default:
		_, err = f.Write(all)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (h *harness) Kind() connector.Kind             { return Kind{reads: &h.reads} }
func (h *harness) Connection() connector.Connection { return h.connection }
func (h *harness) Reads() int64                     { return h.reads.Load() }

// Plant writes visits into all files, each interleaved with one of somebody
// else who has the next process and the same port.
func (h *harness) Plant(t *testing.T, p connectortest.Person, n int) (refs []string) {
	t.Helper()
	const lines = 5 // of a visit
	perFile := n/len(sorts)/lines + 1
	var another [lines]*strings.Replacer // says the same of somebody else
	for k := range another {
		another[k] = strings.NewReplacer(p.Account, "root", p.Email, "root", p.IP, "198.51.100.7", "disconnected by user", "bye "+strconv.Itoa(k))
	}
	for _, sort := range sorts {
		var all []string
		for v := range perFile {
			h.visits++
			at := visitStart.Add(time.Duration(h.visits) * time.Second)
			pid, port := 1000+2*h.visits%30_000, 10_000+h.visits%50_000
			from := fmt.Sprintf("from %s port %d", p.IP, port)
			hers := []string{
				"Connection " + from + " on 192.0.2.1 port 22",
				"Accepted publickey for " + p.Account + " " + from + " ssh2: ED25519 SHA256:UfKegU29BYLwReDRohpa88jivIqS+vaxJvT5kK5qOpM",
				"pam_unix(sshd:session): session opened for user " + p.Account + "(uid=1000) by (uid=0)",
				"Received disconnect " + from + ":11: disconnected by user",
				"Disconnected from user " + p.Account + " " + strings.TrimPrefix(from, "from "),
			}
			if v%3 == 1 {
				hers[1] = strings.Replace(hers[1], p.Account, p.Email, 1)
			}
			for k, text := range hers {
				one := sort.entry(at, "sshd", pid, text)
				refs = append(refs, ref(one))
				all = append(all, one, sort.entry(at, "sshd", pid+1, another[k].Replace(text)))
			}
		}
		h.write(t, sort.file, all...)
	}
	return refs
}

func ref(one string) string {
	one = strings.TrimSuffix(one, "\n") // of the line, or the empty one behind an exported entry
	sum := sha256.Sum256([]byte(one))
	return "line/" + hex.EncodeToString(sum[:16]) + "/0"
}

func (h *harness) Fingerprint(t *testing.T) string {
	t.Helper()
	sum := sha256.New()
	entries, err := os.ReadDir(h.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
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

// Spoil cuts a compressed file in the middle.
func (h *harness) Spoil(t *testing.T, _ connectortest.Person) {
	t.Helper()
	name := filepath.Join(h.dir, "auth.log.1.zst")
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(name, info.Size()-20); err != nil {
		t.Fatal(err)
	}
}
