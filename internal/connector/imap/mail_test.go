package imap

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"
)

// crlf makes a mail of lines as they stand in the source.
func crlf(s string) string {
	return strings.ReplaceAll(strings.TrimPrefix(s, "\n"), "\n", "\r\n")
}

const plainHead = "From: Erika Mustermann <erika@example.org>\nTo: amt@behoerde.example\nSubject: Anfrage\n"

func TestAMailGivesWhatCanBeRead(t *testing.T) {
	for _, c := range []struct {
		name, raw   string
		want        string // in its text
		broken, cut bool
	}{
		{"nothing wrong", plainHead + "\nGuten Tag\n", "Guten Tag", false, false},
		{"Latin-1, quoted-printable", plainHead + "Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nGr=FC=DFe aus K=\nöln\n", "Grüße aus K", false, false},
		{"a charset of Windows in base64", plainHead + "Content-Type: text/plain; charset=windows-1252\nContent-Transfer-Encoding: base64\n\ngDUwIGb8ciBTaWU=\n", "€50 für Sie", false, false},
		{"the wrong charset", plainHead + "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nGr\xfc\xdfe\n", "Grüße", true, false},
		{"a charset nobody knows", plainHead + "Content-Type: text/plain; charset=x-klingon\n\nGuten Tag\n", "Guten Tag", true, false},
		{"a transfer encoding nobody knows", plainHead + "Content-Transfer-Encoding: x-uuencode\n\nGuten Tag\n", "Guten Tag", true, false},
		{"HTML only", plainHead + "Content-Type: text/html; charset=utf-8\n\n<head><title>x</title><style>p{}</style></head><p>Guten&nbsp;Tag,<br>Frau <b>Groß</b></p><ul><li>eins<li>zwei</ul>\n", "Guten Tag,\nFrau Groß\n\n– eins\n– zwei", false, false},
		{"a multipart that breaks off", plainHead + "Content-Type: multipart/mixed; boundary=x\n\n--x\n\nGuten Tag\n--x\nContent-Type: appl", "Guten Tag", true, true},
		{"a multipart without a boundary", plainHead + "Content-Type: multipart/mixed\n\nGuten Tag\n", "Guten Tag", false, false},
		{"a boundary that never comes", plainHead + "Content-Type: multipart/mixed; boundary=x\n\nGuten Tag\n", "", true, true},
		{"a line of the head without a name", plainHead + "das ist keine Zeile\nX-Y: z\n\nGuten Tag\n", "Guten Tag", true, false},
		{"a head of ten megabytes in one line", plainHead + "X-Long: " + strings.Repeat("x", 10<<20) + "\n\nGuten Tag\n", "Guten Tag", true, false},
		{"a part with ten megabytes in a line of its head", plainHead + "Content-Type: multipart/mixed; boundary=x\n\n--x\n\nGuten Tag\n--x\nX: " + strings.Repeat("x", 10<<20) + "\n\nzwei\n--x--\n", "Guten Tag", true, true},
		{"a mail within a mail within a mail", plainHead + "Content-Type: message/rfc822\n\nSubject: eins\nContent-Type: message/rfc822\n\nSubject: zwei\n\ntief\n", "", false, false},
		{"plain text that sends the reader to the HTML", plainHead + "Content-Type: multipart/alternative; boundary=x\n\n--x\n\nBitte HTML ansehen\n--x\nContent-Type: text/html\n\n<p>Ihr Bescheid vom dritten März ist aufgehoben.</p>\n--x--\n", "Bitte HTML ansehen", false, false},
		{"comments and encoded words that take long to read", plainHead + "Cc: x\n" + strings.Repeat(" "+strings.Repeat("(", 900)+"\n", 500) + "X-Y: " + strings.Repeat("=?utf-8?q?", 60) + "\n" + strings.Repeat(" "+strings.Repeat("=?", 400)+"\n", 500) + "\nGuten Tag\n", "Guten Tag", false, false},
		{"no head at all", "Guten Tag\nund mehr", "Guten Tag\nund mehr", true, false},
		{"nothing", "", "", true, false},
		{"noughts", strings.Repeat("\x00", 5000), "", true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := parse(strings.NewReader(crlf(c.raw)), 1<<20)
			if !strings.Contains(m.text, c.want) || c.want == "" && m.text != "" {
				t.Errorf("got %.200q, want %q", m.text, c.want)
			}
			if m.broken != c.broken || m.cut != c.cut {
				t.Errorf("got broken %v and cut %v, want %v and %v", m.broken, m.cut, c.broken, c.cut)
			}
			if strings.HasPrefix(c.raw, plainHead) && (m.subject != "Anfrage" || len(m.people["From"]) != 1) {
				t.Errorf("got subject %q and %d senders, want what the head says", m.subject, len(m.people["From"]))
			}
		})
	}
	m := parse(strings.NewReader(crlf(plainHead+"Content-Type: multipart/alternative; boundary=x\n\n--x\n\nBitte HTML ansehen\n--x\nContent-Type: text/html\n\n<p>Ihr Bescheid vom <a href=\"mailto:erika@example.org\">dritten März</a></p>\n--x--\n")), 0)
	if want := "Ihr Bescheid vom dritten März <erika@example.org>"; m.rich != want {
		t.Errorf("got %q, want %q", m.rich, want)
	}
}

func TestHeadsThatAreNoHeads(t *testing.T) {
	m := parse(strings.NewReader(crlf("From: J\xfcrgen <juergen@example.org\nTo: =?utf-8?b?RXJpa2EgTXVzdGVybWFubg==?= <erika@example.org>, \"B\" b@example.com\nSubject: =?x-klingon?q?abc?=\nDate: gestern\n\nx\n")), 0)
	if got := m.people["From"]; len(got) != 1 || got[0].mail != "juergen@example.org" {
		t.Errorf("got %d senders, want the address that stands there", len(got))
	}
	if got := m.people["To"]; len(got) != 2 || got[0].mail != "erika@example.org" {
		t.Errorf("got %d recipients, want the two that stand there", len(got))
	}
	if !m.at.IsZero() || m.subject == "" {
		t.Errorf("got %v and subject %q, want no time and what stands there", m.at, m.subject)
	}
}

func TestAttachments(t *testing.T) {
	content := bytes.Repeat([]byte("abcdefghij"), 30_000)
	encoded := strings.ReplaceAll(base64.StdEncoding.EncodeToString(content), "YWJjZGVmZ2hpamFiY2RlZmdoaWphYmNkZWZnaGlq", "YWJjZGVmZ2hpamFiY2RlZmdoaWphYmNkZWZnaGlq\n")
	mixed := func(parts ...string) string {
		return plainHead + "Content-Type: multipart/mixed; boundary=x\n\n--x\n\nAnbei\n--x\n" + strings.Join(parts, "\n--x\n") + "\n--x--\n"
	}
	pdf := "Content-Type: application/pdf\nContent-Disposition: attachment; filename*=utf-8''Bescheid%20f%C3%BCr%20Sie.pdf\nContent-Transfer-Encoding: base64\n\n"
	sum := sha256.Sum256(content)
	for _, c := range []struct {
		name, raw string
		limit     int64
		kept      int // of the last file
		size      int64
		broken    bool
	}{
		{"as it is", mixed(pdf + encoded), 1 << 20, len(content), int64(len(content)), false},
		{"exactly as much as is kept", mixed(pdf + encoded), int64(len(content)), len(content), int64(len(content)), false},
		{"too large", mixed(pdf + encoded), int64(len(content)) - 1, 0, int64(len(content)), false},
		{"the second too large for both", mixed(pdf+encoded, pdf+encoded), int64(len(content)) + 5, 0, int64(len(content)), false},
		{"base64 that breaks off", mixed(pdf + encoded[:1001+1001/40]), 1 << 20, 750, 750, true},
	} {
		m := parse(strings.NewReader(crlf(c.raw)), c.limit)
		if len(m.files) == 0 || m.text != "Anbei" {
			t.Fatalf("%s: got %d files and text %q, want files and the text", c.name, len(m.files), m.text)
		}
		f := m.files[len(m.files)-1]
		if len(f.content) != c.kept || f.size != c.size || f.left != (c.kept == 0) || m.broken != c.broken {
			t.Errorf("%s: got %d bytes kept of %d, left %v, broken %v", c.name, len(f.content), f.size, f.left, m.broken)
		}
		if f.name != "Bescheid für Sie.pdf" || f.kind != "application/pdf" {
			t.Errorf("%s: got a file of kind %q and another name", c.name, f.kind)
		}
		if !c.broken && f.sum != hex.EncodeToString(sum[:]) {
			t.Errorf("%s: got checksum %q, want that of the content", c.name, f.sum)
		}
	}
}

func TestAHugeMailNeedsLittleMemory(t *testing.T) {
	part := "--x\r\nContent-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
	head := crlf(plainHead + "Content-Type: multipart/mixed; boundary=x\n\n")
	endless := &repeated{head: head + part, line: strings.Repeat("QUJD", 18) + "\r\n"}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	m := parse(endless, 8<<20)
	runtime.ReadMemStats(&after)
	if !m.cut || len(m.files) != 1 || !m.files[0].left {
		t.Errorf("got cut %v and %d files, want a mail that is cut and its file left", m.cut, len(m.files))
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 48<<20 {
		t.Errorf("reading took %d MiB in all, want no more than what is kept, a few times", used>>20)
	}
}

// repeated is a mail without an end.
type repeated struct{ head, line string }

func (r *repeated) Read(b []byte) (int, error) {
	if r.head == "" {
		r.head = r.line
	}
	n := copy(b, r.head)
	r.head = r.head[n:]
	return n, nil
}

func FuzzMail(f *testing.F) {
	for _, raw := range []string{
		plainHead + "\nGuten Tag\n",
		plainHead + "Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/html; charset=iso-8859-15\n\n<p>\xa4<a href='x'>y</a>\n--x\nContent-Type: message/rfc822\n\nSubject: =?utf-8?q?=C3?=\n\nx\n--x\nContent-Disposition: attachment; filename=a\nContent-Transfer-Encoding: base64\n\nQUJ\n--x--",
		"From a b\nX\n: y\n\n\x00",
		"Content-Type: multipart/alternative; boundary=\"\"\nContent-Transfer-Encoding: quoted-printable\n\n=\n=3",
	} {
		f.Add([]byte(crlf(raw)))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := parse(bytes.NewReader(raw), 1000)
		kept := 0
		for _, file := range m.files {
			kept += len(file.content)
		}
		if kept > 1000 {
			t.Errorf("kept %d bytes of attachments, want 1000 at most", kept)
		}
		for _, s := range []string{m.text, m.rich, m.subject} {
			if !utf8.ValidString(s) || strings.Contains(s, "\x00") {
				t.Error("got text that is none")
			}
		}
		r := reading{emails: true, phones: true, figures: []string{"99"}, names: [][]string{{"erika", "mustermann"}}, places: []string{"51147"}}
		r.values(m.everything())
		idsOf(m.head)
	})
}
