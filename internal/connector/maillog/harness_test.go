package maillog

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/person"
)

const connectionFile = `
system: mailprotokoll
kind: maillog
match:
  - {by: [email]}
  - {by: [account]}
maillog: {files: ["%s/mail.log*"], time_zone: Etc/UTC}
`

// files are those of the harness, the oldest first. The oldest is written by
// syslog in the old way, one by rsyslog, one as RFC 5424.
var files = []string{"mail.log.2.gz", "mail.log.1", "mail.log"}

// written is when all of them were last changed: it gives old times their year.
var written = time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)

// harness is a folder with the logs of a mail server.
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
		h.write(t, name, said(day, time.Date(2026, 11, 1+day, 0, 0, 1, 0, time.UTC), "postfix/postfix-script", 7, "starting the Postfix mail system"))
	}
	return h
}

func parse(t *testing.T, file string) connector.Connection {
	t.Helper()
	c, err := connector.ParseConnection("log.yaml", []byte(file))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// said makes a line as the files write it, by their number.
func said(file int, at time.Time, program string, pid int, message string) string {
	switch file {
	case 0:
		return fmt.Sprintf("%s mx1 %s[%d]: %s\n", at.Format("Jan _2 15:04:05"), program, pid, message)
	case 1:
		return fmt.Sprintf("%s mx1 %s[%d]: %s\n", at.Format("2006-01-02T15:04:05.000000-07:00"), program, pid, message)
	}
	return fmt.Sprintf("<22>1 %s mx1 %s %d - - %s\n", at.Format("2006-01-02T15:04:05.000Z07:00"), program, pid, message)
}

// write appends to a file; all were last changed at the same time.
func (h *harness) write(t *testing.T, name string, lines ...string) {
	t.Helper()
	h.Write(t, name, lines...)
	if err := os.Chtimes(h.Path(name), written, written); err != nil {
		t.Fatal(err)
	}
}

func (h *harness) Kind() connector.Kind             { return Kind{reads: &h.reads} }
func (h *harness) Connection() connector.Connection { return h.connection }
func (h *harness) Reads() int64                     { return h.reads.Load() }

// Plant writes mails from and to a person, four at a time among each other,
// mails of others that share their queue ids later, and one that begins in a
// file and ends in the next.
func (h *harness) Plant(t *testing.T, p connectortest.Person, n int) (refs []string) {
	t.Helper()
	var over []string // the rest of the mail that goes over the end of the file
	for part, name := range files {
		lines := over
		over = nil
		for i := 0; i < n/3+1; i += 4 {
			var batch [][]string
			for j := range 4 {
				mail := h.mail(p, part, i+j)
				batch, refs = append(batch, mail), append(refs, ref(mail[0]))
			}
			batch = append(batch, h.strangers(p, part, i))
			for step := range 6 {
				for _, mail := range batch {
					if step < len(mail) {
						lines = append(lines, mail[step])
					}
				}
			}
			if len(lines) > 50_000 {
				h.write(t, name, lines...)
				lines = nil
			}
		}
		reject := said(part, p.At, "postfix/smtpd", h.planted, "NOQUEUE: reject: RCPT from unknown[203.0.113.9]: 450 4.2.0 <"+p.Email+">: Recipient address rejected: Greylisted; from=<wer@example.com> to=<"+p.Email+"> proto=ESMTP helo=<example.com>")
		lines, refs = append(lines, reject), append(refs, "line"+tail(reject))
		if part < 2 {
			mail := h.mail(p, part, n)
			refs = append(refs, ref(mail[0]))
			lines, over = append(lines, mail[:2]...), mail[2:]
		}
		h.write(t, name, lines...)
	}
	return refs
}

// mail makes the lines of one mail of a person, in one role after the other.
func (h *harness) mail(p connectortest.Person, part, i int) []string {
	h.planted++
	id := fmt.Sprintf("%06X", 0xA0000+h.planted%3000)
	at := p.At.Add(time.Duration(part)*time.Hour + time.Duration(i)*time.Millisecond)
	from, to, login := "wer@example.com", p.Email, ""
	switch i % 4 {
	case 0:
		from, to, login = p.Email, "wem@example.com", ", sasl_method=PLAIN, sasl_username="+p.Account
	case 1:
		to = strings.ToUpper(p.Email)
	case 2:
		from = "MAILER-DAEMON"
	}
	line := func(program, message string) string {
		return said(part, at, "postfix/"+program, h.planted, id+": "+message)
	}
	lines := []string{
		line("submission/smtpd", "client=unknown["+p.IP+"]"+login),
		line("qmgr", "from=<"+from+">, size=1234, nrcpt=1 (queue active)"),
		line("smtp", "to=<"+to+">, relay=mx.example.com[198.51.100.2]:25, delay=0.5, delays=0.1/0/0.2/0.2, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4ZXYZ)"),
	}
	if i%4 == 3 {
		lines = append(lines, line("smtp", "to=<noch.wer@example.com>, relay=none, delay=30, delays=0/0/30/0, dsn=4.4.1, status=deferred (connect to example.com[198.51.100.3]:25: Connection timed out)"))
	}
	return append(lines, line("qmgr", "removed"))
}

// strangers makes a mail that is nobody's here.
func (h *harness) strangers(p connectortest.Person, part, i int) []string {
	h.planted++
	id := fmt.Sprintf("%06X", 0xA0000+h.planted%3000)
	at := p.At.Add(time.Duration(part)*time.Hour + time.Duration(i)*time.Millisecond)
	line := func(program, message string) string {
		return said(part, at, "postfix/"+program, h.planted, id+": "+message)
	}
	return []string{
		line("smtpd", "client=mail.example.com[198.51.100.2]"),
		line("cleanup", "message-id=<"+p.Email+">"), // a message id is no address
		line("qmgr", "from=<wer@example.com>, size=99, nrcpt=1 (queue active)"),
		line("local", "to=<wem@example.com>, orig_to=<root>, relay=local, delay=0, dsn=2.0.0, status=sent (delivered to mailbox)"),
		line("qmgr", "removed"),
	}
}

// ref is the reference of the mail that begins with a line.
func ref(line string) string {
	head, ok := readHead([]byte(strings.TrimSpace(line)), time.UTC, written)
	id, _, _ := strings.Cut(string(head.message), ": ")
	if !ok {
		panic("no such line")
	}
	return "message/" + id + tail(line)
}

func tail(line string) string {
	sum := sha256.Sum256([]byte(strings.TrimSpace(line)))
	return "/" + hex.EncodeToString(sum[:16]) + "/0"
}

// Hint lets p hand in a mail from an address of which nothing is known.
func (h *harness) Hint(t *testing.T, p connectortest.Person) (string, person.Identifier) {
	t.Helper()
	p.IP, p.At = "198.51.100.77", p.At.AddDate(0, 0, 5)
	mail := h.mail(p, 2, 0)
	h.write(t, files[2], mail...)
	return ref(mail[0]), person.Identifier{Kind: person.IPTime, Value: person.NewText("198.51.100.77 2026-11-15T11:30:15Z")}
}

// Mix lets p write to the stranger, and the other way round.
func (h *harness) Mix(t *testing.T, p, stranger connectortest.Person) (refs []string) {
	t.Helper()
	for _, pair := range [][2]connectortest.Person{{p, stranger}, {stranger, p}} {
		mail := h.mail(pair[0], 2, 0)
		for i, line := range mail {
			mail[i] = strings.ReplaceAll(line, "wem@example.com", pair[1].Email)
		}
		h.write(t, files[2], mail...)
		refs = append(refs, ref(mail[0]))
	}
	return refs
}

// Spoil cuts the compressed file in the middle.
func (h *harness) Spoil(t *testing.T, _ connectortest.Person) {
	t.Helper()
	h.Cut(t, files[0], 20)
}

// Holes breaks lines of the other files besides, also inside a mail, and adds a
// file that is cut off before its mails end.
func (h *harness) Holes(t *testing.T, p connectortest.Person) {
	t.Helper()
	h.Spoil(t, p)
	for part, name := range files[1:] {
		for range 2 {
			mail := h.mail(p, 1+part, 0)
			h.write(t, name, append([]string{"Segmentation fault\n", mail[0], "Segmentation fault\n"}, mail[1:]...)...)
		}
	}
	late := p
	late.At = p.At.AddDate(0, 0, 9)
	for i := range 3 {
		h.write(t, "mail.log.late.gz", h.mail(late, 1, 4*i)[:3]...)
	}
	h.write(t, "mail.log.late.gz", said(1, late.At.Add(time.Hour), "postfix/smtpd", 1, "connect from unknown[192.0.2.1]"))
	h.Cut(t, "mail.log.late.gz", 20)
	if err := os.Chtimes(h.Path("mail.log.late.gz"), written, written); err != nil {
		t.Fatal(err)
	}
}
