package imap

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"mime"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/connector/imap/imapserver"
	"einsicht/internal/person"
)

const connectionFile = `
system: itnrw-enquiries
kind: imap
secrets:
  password: {env: X}
match:
  - {by: [email], confidence: sure}
  - {by: [name, address]}
  - {by: [name]}
  - {by: [phone], confidence: check}
imap:
  url: imap://%s
  user: auskunft
  from_own: [behoerde.example]
`

// harness is the mail of one user of a mail server, in folders as offices have
// them.
type harness struct {
	*dovecot
	user       string
	connection connector.Connection
	planted    int
}

// folders are those of the harness: on disk, and as people see them.
var folders = []struct{ disk, name string }{
	{"", "INBOX"}, {".Archiv.Anfragen &APw-ber Vordr&AOQ-ngler", "Archiv/Anfragen über Vordrängler"}, {".B&APw-rger und Leute", "Bürger und Leute"}, {".Leer", "Leer"},
}

// fresh starts a server for all, since one takes a second to end; each harness is
// another user's.
func fresh(t *testing.T) func(*testing.T) connectortest.Harness {
	t.Helper()
	server := startDovecot(t, "mail_location = maildir:DIR/users/%u/mail")
	n := 0
	return func(t *testing.T) connectortest.Harness {
		t.Helper()
		n++
		user := fmt.Sprint(testUser, n)
		d := &dovecot{dir: filepath.Join(server.dir, "users", user), inner: server.inner, proxy: newProxy(t, server.inner)}
		if err := os.MkdirAll(d.dir, 0o755); err != nil {
			t.Fatal(err)
		}
		d.own(t, filepath.Join(server.dir, "users"))
		return harnessOf(t, d, user)
	}
}

func newHarness(t *testing.T) *harness {
	t.Helper()
	return harnessOf(t, startDovecot(t), testUser)
}

func harnessOf(t *testing.T, d *dovecot, user string) *harness {
	t.Helper()
	for _, f := range folders {
		d.folder(t, f.disk)
	}
	file := strings.Replace(connectionFile, "user: "+testUser, "user: "+user, 1)
	return &harness{dovecot: d, user: user, connection: connection(t, file, d.addr)}
}

func connection(t *testing.T, file, addr string) connector.Connection {
	t.Helper()
	c, err := connector.ParseConnection("mail.yaml", []byte(strings.ReplaceAll(file, "%s", addr)))
	if err == nil {
		c, err = c.Resolve(func(connector.Ref) (string, error) { return testPassword, nil })
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (h *harness) Kind() connector.Kind             { return Kind{} }
func (h *harness) Connection() connector.Connection { return h.connection }
func (h *harness) Reads() int64                     { return h.reads.Load() }

// Plant spreads mails from and to the person over the folders, in the ways in
// which programs write mails, and as many that have nothing to do with anybody.
func (h *harness) Plant(t *testing.T, p connectortest.Person, n int) []string {
	t.Helper()
	ids := map[string]bool{}
	for range n {
		h.planted++
		f := folders[h.planted%3]
		id := fmt.Sprintf("m%d@planted.example", h.planted)
		ids[id] = true
		h.deliver(t, f.disk, h.planted, mailOf(p, h.planted, id))
		if h.planted++; n < 1000 {
			h.deliver(t, f.disk, h.planted, fmt.Sprintf("From: Werbung <post@werbung.example>\r\nTo: poststelle@behoerde.example\r\nSubject: Angebot %d\r\nMessage-ID: <w%[1]d@werbung.example>\r\n\r\nNur heute.\r\n", h.planted))
		}
	}
	return h.references(t, ids)
}

// mailOf makes a mail of a person; i says how.
func mailOf(p connectortest.Person, i int, id string) string {
	at := p.At.Add(time.Duration(i) * time.Minute).Format(time.RFC1123Z)
	name := mime.QEncoding.Encode("iso-8859-1", p.Name)
	local, domain, _ := strings.Cut(p.Email, "@")
	head := fmt.Sprintf("Date: %s\r\nMessage-ID: <%s>\r\nSubject: %s\r\nMIME-Version: 1.0\r\n", at, id, mime.BEncoding.Encode("utf-8", fmt.Sprintf("Rückfrage %d", i)))
	office := "Poststelle <poststelle@behoerde.example>"
	switch i % 12 / 2 {
	case 0:
		return fmt.Sprintf("From: %s <%s>\r\nTo: %s\r\n%sContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nSch=F6ne Gr=FC=DFe\r\n", name, p.Email, office, head)
	case 1:
		return fmt.Sprintf("From: %s\r\nTo: %s@%s\r\n%sContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n%s\r\n", office, strings.ToUpper(local), domain, head,
			base64.StdEncoding.EncodeToString([]byte("<p>Ihre Anfrage <b>läuft</b>.</p>")))
	case 2:
		return fmt.Sprintf("From: formular@behoerde.example\r\nReply-To: %s+amt@%s\r\nTo: %s\r\n%s\r\nGesendet aus dem Formular.\r\n", local, domain, office, head)
	case 3:
		return fmt.Sprintf("From: %s\r\nTo: Andere <andere@example.com>\r\nCc: %s <%s>, dritte@example.com\r\n%s\r\nZur Kenntnis.\r\n", office, name, p.Email, head)
	case 4:
		return fmt.Sprintf("Sender: %s\r\nFrom: Kanzlei <kanzlei@example.com>\r\nTo: %s\r\n%s\r\nIm Auftrag.\r\n", p.Email, office, head)
	}
	return fmt.Sprintf("From: %s\r\nTo: %s\r\n%sContent-Type: multipart/mixed; boundary=grenze\r\n\r\n--grenze\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nAnbei.\r\n--grenze\r\nContent-Type: application/pdf; name=\"=?utf-8?q?Bescheid_f=C3=BCr_Sie.pdf?=\"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment\r\n\r\n%s\r\n--grenze--\r\n",
		p.Email, office, head, base64.StdEncoding.EncodeToString([]byte("%PDF-1.4 nicht wirklich")))
}

// client is a connection of the test's own, past the proxy.
func (h *harness) client(t *testing.T) *imapclient.Client {
	t.Helper()
	c, err := imapclient.DialInsecure(h.inner, nil)
	if err == nil {
		err = c.Login(h.user, testPassword).Wait()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// references are those of the mails with these ids, as the server has them.
func (h *harness) references(t *testing.T, ids map[string]bool) (refs []string) {
	t.Helper()
	c := h.client(t)
	for _, f := range folders {
		box, err := c.Select(f.name, &imap.SelectOptions{ReadOnly: true}).Wait()
		if err != nil {
			t.Fatal(err)
		}
		if box.NumMessages == 0 {
			continue
		}
		all := imap.SeqSet{}
		all.AddRange(1, 0)
		got, err := c.Fetch(all, &imap.FetchOptions{UID: true, Envelope: true}).Collect()
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range got {
			if ids[strings.Trim(m.Envelope.MessageID, "<>")] {
				refs = append(refs, fmt.Sprintf("%s/%d/%d", url.PathEscape(f.name), box.UIDValidity, m.UID))
			}
		}
	}
	return refs
}

// Fingerprint is over every file with its name, in which Maildir keeps the
// flags and whether a mail is new, and over what the server says about flags.
func (h *harness) Fingerprint(t *testing.T) string {
	t.Helper()
	sum := sha256.New()
	c := h.client(t)
	for _, f := range folders {
		box, err := c.Select(f.name, &imap.SelectOptions{ReadOnly: true}).Wait()
		if err != nil {
			t.Fatal(err)
		}
		if box.NumMessages == 0 {
			continue
		}
		all := imap.SeqSet{}
		all.AddRange(1, 0)
		got, err := c.Fetch(all, &imap.FetchOptions{UID: true, Flags: true, InternalDate: true, RFC822Size: true, ModSeq: true}).Collect()
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range got {
			slices.Sort(m.Flags)
			fmt.Fprintln(sum, f.name, m.UID, m.Flags, m.InternalDate, m.RFC822Size, m.ModSeq)
		}
	}
	err := filepath.WalkDir(filepath.Join(h.dir, "mail"), func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.HasPrefix(e.Name(), "dovecot") { // its own indexes
			return err
		}
		b, err := os.ReadFile(path)
		fmt.Fprintln(sum, path, len(b))
		sum.Write(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

func (h *harness) Break(t *testing.T) func() {
	t.Helper()
	h.down()
	return func() { h.up(t) }
}

// Hint delivers a mail of p that asks for answers to another address.
func (h *harness) Hint(t *testing.T, p connectortest.Person) (string, person.Identifier) {
	t.Helper()
	_, domain, _ := strings.Cut(p.Email, "@")
	other := "zweite@" + domain
	return h.one(t, fmt.Sprintf("From: %s\r\nReply-To: %s\r\nTo: poststelle@behoerde.example\r\n", p.Email, other)),
		person.Identifier{Kind: person.Email, Value: person.NewText(other)}
}

// Mix delivers a mail of p of which the stranger gets a copy, and one in which
// the stranger tells p of himself.
func (h *harness) Mix(t *testing.T, p, stranger connectortest.Person) []string {
	t.Helper()
	return []string{
		h.one(t, fmt.Sprintf("From: %s\r\nTo: poststelle@behoerde.example\r\nCc: %s\r\n", p.Email, stranger.Email)),
		h.one(t, fmt.Sprintf("From: %s\r\nTo: %s\r\nSubject: %s\r\n", stranger.Email, p.Email, mime.QEncoding.Encode("utf-8", "Umzug von "+stranger.Name))),
	}
}

// PlantFile delivers a mail with the file attached.
func (h *harness) PlantFile(t *testing.T, p connectortest.Person, content io.Reader, _ int64) string {
	t.Helper()
	var raw strings.Builder
	raw.WriteString("\r\n--grenze\r\n\r\nAnbei.\r\n--grenze\r\nContent-Type: application/pdf; name=akte.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n")
	for line := make([]byte, 57); ; {
		n, err := io.ReadFull(content, line)
		raw.WriteString(base64.StdEncoding.EncodeToString(line[:n]) + "\r\n")
		if err != nil {
			break
		}
	}
	raw.WriteString("--grenze--\r\n")
	return h.mail(t, fmt.Sprintf("From: %s\r\nTo: poststelle@behoerde.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=grenze\r\n", p.Email), raw.String())
}

// LargestFile is what a mail of mostBytes can hold, a third more in base64 and with
// the ends of the lines.
func (h *harness) LargestFile() int64 { return 40 << 20 }

// one delivers a mail into the first folder and gives its reference.
func (h *harness) one(t *testing.T, head string) string {
	t.Helper()
	return h.mail(t, head, "\r\nText\r\n")
}

func (h *harness) mail(t *testing.T, head, body string) string {
	t.Helper()
	h.planted++
	id := fmt.Sprintf("m%d@planted.example", h.planted)
	h.deliver(t, folders[0].disk, h.planted, head+"Message-ID: <"+id+">\r\nDate: Tue, 10 Nov 2026 09:30:15 +0000\r\n"+body)
	refs := h.references(t, map[string]bool{id: true})
	if len(refs) != 1 {
		t.Fatalf("got %d mails, want the one delivered", len(refs))
	}
	return refs[0]
}

// Spoil makes a mail of the person one that the server can't open itself.
func (h *harness) Spoil(t *testing.T, p connectortest.Person) {
	t.Helper()
	h.shut(t, p, 1)
}

// Holes does so with all that p wrote in one of the ways.
func (h *harness) Holes(t *testing.T, p connectortest.Person) {
	t.Helper()
	h.shut(t, p, 1000)
}

func (h *harness) shut(t *testing.T, p connectortest.Person, n int) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(h.dir, "mail"), func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(b), "From: "+p.Email) {
			if err = os.Chmod(path, 0); err == nil && n == 1 {
				return filepath.SkipAll
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Crowd is a mailbox of any size in this process.
func (h *harness) Crowd(t *testing.T, p connectortest.Person, n int) connector.Connection {
	t.Helper()
	s, err := imapserver.StartCrowd(imapserver.Crowd{User: testUser, Password: testPassword, Mailbox: "INBOX", Count: n, At: p.At, Message: func(i int) []byte {
		return []byte(mailOf(p, i, fmt.Sprintf("m%d@crowd.example", i)))
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return connection(t, connectionFile, s.Addr())
}
