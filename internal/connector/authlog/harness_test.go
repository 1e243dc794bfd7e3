package authlog

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/person"
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
	connectortest.Folder
	connection connector.Connection
	reads      atomic.Int64
	visits     int
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
	{"auth.5424", ietf},
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

func ietf(at time.Time, process string, pid int, text string) string {
	return fmt.Sprintf("<86>1 %s gate %s %d - - %s\n", at.Format("2006-01-02T15:04:05.000Z07:00"), process, pid, text)
}

func rfc3164(at time.Time, process string, pid int, text string) string {
	return fmt.Sprintf("%s gate %s[%d]: %s\n", at.Format(time.Stamp), process, pid, text)
}

// write appends to a file; one whose name ends in .zst gets one more frame.
func (h *harness) write(t *testing.T, name string, text ...string) {
	t.Helper()
	if !strings.HasSuffix(name, ".zst") {
		h.Write(t, name, text...)
		return
	}
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	h.Write(t, name, string(z.EncodeAll([]byte(strings.Join(text, "")), nil)))
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

// Hint lets p in from an address of which nothing is known.
func (h *harness) Hint(t *testing.T, p connectortest.Person) (string, person.Identifier) {
	t.Helper()
	line := ietf(p.At.AddDate(0, 0, 5), "sshd", 31_001, "Accepted password for "+p.Account+" from 198.51.100.77 port 5001 ssh2")
	h.write(t, "auth.5424", line)
	return ref(line), person.Identifier{Kind: person.IPTime, Value: person.NewText("198.51.100.77 2026-11-15T09:30:15Z")}
}

// Mix lets p try the stranger's account before her own.
func (h *harness) Mix(t *testing.T, p, stranger connectortest.Person) []string {
	t.Helper()
	tried := ietf(p.At.AddDate(0, 0, 6), "sshd", 31_002, "Failed password for "+stranger.Account+" from 198.51.100.78 port 5002 ssh2")
	h.write(t, "auth.5424", tried, ietf(p.At.AddDate(0, 0, 6), "sshd", 31_002, "Accepted password for "+p.Account+" from 198.51.100.78 port 5002 ssh2"))
	return []string{ref(tried)}
}

// Spoil cuts a compressed file in the middle.
func (h *harness) Spoil(t *testing.T, _ connectortest.Person) {
	t.Helper()
	h.Cut(t, "auth.log.1.zst", 20)
}

// Holes breaks lines of the other files besides, also inside a visit, and adds a
// file that is cut off before its visits end.
func (h *harness) Holes(t *testing.T, p connectortest.Person) {
	t.Helper()
	h.Spoil(t, p)
	for i, sort := range sorts {
		if strings.HasSuffix(sort.file, ".zst") {
			continue
		}
		at, pid := p.At.AddDate(0, 0, 5).Add(time.Duration(i)*time.Minute), 31_003+i
		h.write(t, sort.file, "Nov 20 10:1\n",
			sort.entry(at, "sshd", pid, fmt.Sprintf("Accepted password for %s from 198.51.100.77 port %d ssh2", p.Account, pid)), "Nov 20 10:1\n",
			sort.entry(at, "sshd", pid, "pam_unix(sshd:session): session closed for user "+p.Account))
	}
	late := p.At.AddDate(0, 0, 9)
	for i := range 3 {
		h.write(t, "auth.late.gz", rfc3164(late, "sshd", 32_000+i, fmt.Sprintf("Failed password for %s from 198.51.100.77 port %d ssh2", p.Account, 32_000+i)))
	}
	h.write(t, "auth.late.gz", rfc3164(late.Add(time.Second), "sshd", 1, "Server listening on 0.0.0.0 port 22."))
	h.Cut(t, "auth.late.gz", 20)
}
