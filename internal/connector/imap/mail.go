package imap

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // teaches go-message the charsets that mails come in
	gomail "github.com/emersion/go-message/mail"
	"github.com/emersion/go-message/textproto"
)

// mail is what could be read of one mail. A broken mail gives what it can.
type mail struct {
	head    gomail.Header
	subject string
	at      time.Time // what the mail says; zero if nothing readable
	people  map[string][]address
	text    string // what the mail says, as plain text
	rich    string // the readable text of its HTML, where it says more
	within  string // text of attachments and of mails inside: searched, not shown
	files   []file
	broken  bool // damaged, or in a charset that it does not name
	cut     bool // part of it could not be read at all
}

type address struct{ name, mail string }

// file is an attachment.
type file struct {
	name, kind string
	size       int64
	sum        string // SHA-256 of the content
	content    []byte
	left       bool // too long to be held: read anew by whoever wants it
	more       bool // nobody knows how long it is
}

// What of one mail is kept in memory; the rest is told as too large or cut.
const (
	pieceSize = 1 << 20
	mostText  = 2 << 20
	mostBytes = 64 << 20
	mostParts = 1000
	mostDepth = 16
	mostMails = 4 // one within the other
)

// parse reads a mail as RFC 5322 and 2045 to 2049 have it, or nearly so. It
// never fails: who has the reader knows whether the server failed.
func parse(r io.Reader, content int64) mail { return parseWithin(r, content, 0) }

// parseWithin reads a mail that lies so many mails deep.
func parseWithin(r io.Reader, content int64, deep int) mail {
	b := begin(r, mostBytes)
	m := b.mail
	p := parts{mail: &m, in: b.limited, left: content, deep: deep}
	m.text, m.rich = p.read(b.entity, b.err, 0)
	m.text = strings.TrimSpace(m.text)
	if !says(m.rich, m.text) {
		m.rich = ""
	}
	if m.text == "" {
		m.text, m.rich = m.rich, ""
	}
	m.broken = m.broken || b.lines.broken
	m.cut = m.cut || b.limited.N == 0
	return m
}

// begun is a mail of which the head was read.
type begun struct {
	mail    mail
	limited *io.LimitedReader
	lines   *lines
	entity  *message.Entity // its parts
	err     error           // what is wrong with them
}

func begin(r io.Reader, most int64) begun {
	limited := &io.LimitedReader{R: r, N: most}
	b := begun{limited: limited, lines: &lines{r: limited}}
	in := buffered(b.lines, r)
	m := mail{people: map[string][]address{}}
	head, loose, whole := readHead(in)
	m.broken = !whole
	fields, err := readFields(head)
	m.broken = m.broken || err != nil && !errors.Is(err, io.EOF)
	m.head = gomail.Header{Header: message.Header{Header: fields}}
	m.readHead()

	var body io.Reader = in
	if fields.Len() == 0 { // no head at all
		body = io.MultiReader(bytes.NewReader(loose), in)
	}
	b.entity, b.err = message.New(m.head.Header, body)
	b.mail = m
	return b
}

// buffered gives a reader with a buffer for what is there: most mails are smaller
// than one is usually.
func buffered(r io.Reader, source any) *bufio.Reader {
	const usual = 4096
	if s, ok := source.(interface{ Len() int }); ok {
		return bufio.NewReaderSize(r, min(usual, s.Len()))
	}
	return bufio.NewReader(r)
}

// readFields reads the lines of a head.
func readFields(head []byte) (textproto.Header, error) {
	r := bytes.NewReader(head)
	return textproto.ReadHeader(buffered(r, r))
}

// readHead takes out of the head what every mail has.
func (m *mail) readHead() {
	m.subject = m.line("Subject")
	if date := m.head.Get("Date"); len(date) < 1000 {
		var err error
		// As nearly all programs write it; the library tries some forty forms first.
		if m.at, err = time.Parse("Mon, 2 Jan 2006 15:04:05 -0700", date); err != nil {
			m.at, _ = m.head.Date()
		}
	}
	for _, name := range addressHeads {
		for f := m.head.FieldsByKey(name); f.Next(); {
			m.people[name] = append(m.people[name], readAddresses(f.Value())...)
		}
	}
}

func (m *mail) line(name string) string { return decodeLine(m.head.Get(name)) }

// slow is how long a line may be for what reads it in quadratic time.
const slow = 32 << 10

// decodeLine reads a line of the head. Some programs write it in Latin-1.
func decodeLine(raw string) string {
	if len(raw) > slow {
		return strings.TrimSpace(clean(latin(raw)))
	}
	f := textproto.Header{}
	f.Set("X", latin(raw))
	h := message.Header{Header: f}
	s, _ := h.Text("X") // what can't be decoded stays as it is
	return strings.TrimSpace(clean(s))
}

// readAddresses reads a list of addresses; of a broken or very long one, what
// looks like addresses.
func readAddresses(raw string) (list []address) {
	var parsed []*gomail.Address
	err := errLong
	if len(raw) <= slow {
		parsed, err = gomail.ParseAddressList(latin(raw))
	}
	if err != nil {
		for _, a := range addressesIn(decodeLine(raw), -1) {
			list = append(list, address{mail: a})
		}
		return list
	}
	for _, a := range parsed {
		list = append(list, address{name: clean(a.Name), mail: clean(a.Address)})
	}
	return list
}

var errLong = errors.New("too long to be read with care")

// parts reads the parts of a mail.
type parts struct {
	mail *mail
	in   *io.LimitedReader
	left int64 // bytes of attachments that may still be kept
	n    int
	text int // bytes of text kept
	deep int // in how many mails this one lies
}

// read gives the text of a part and of those in it; attachments go to the mail.
func (p *parts) read(e *message.Entity, err error, depth int) (plain, rich string) {
	if err != nil {
		p.mail.broken = true
	}
	if p.n++; e == nil || p.n > mostParts || depth > mostDepth {
		p.mail.cut = true
		return "", ""
	}
	sort, name, kind := sortOf(e)
	switch {
	case sort == several:
		return p.readAll(e, kind == "multipart/alternative", depth)
	case sort == asFile:
		p.keep(e, name, kind)
	case kind == "text/html":
		return "", readable(p.readText(e))
	default:
		return p.readText(e), ""
	}
	return "", ""
}

// What a part is.
const (
	asText = iota
	asFile
	several // parts
)

func sortOf(e *message.Entity) (sort int, name, kind string) {
	kind, params, _ := e.Header.ContentType()
	kind = strings.ToLower(kind)
	if strings.HasPrefix(kind, "multipart/") && params["boundary"] != "" {
		return several, "", kind
	}
	name, attached := attachment(e.Header)
	if attached || kind != "" && !strings.HasPrefix(kind, "text/") && !strings.HasPrefix(kind, "multipart/") {
		return asFile, name, kind
	}
	return asText, name, kind
}

func (p *parts) readAll(e *message.Entity, alternative bool, depth int) (plain, rich string) {
	var plains, riches []string
	for inside := e.MultipartReader(); ; {
		part, err := inside.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if part == nil || p.n > mostParts { // cut off in the middle
			p.mail.broken, p.mail.cut = true, true
			break
		}
		t, h := p.read(part, err, depth+1)
		plains, riches = append(plains, t), append(riches, h)
		if !alternative && t == "" { // a part that exists as HTML only
			plains[len(plains)-1] = h
		}
	}
	return join(plains), join(riches)
}

func join(texts []string) string {
	var some []string
	for _, t := range texts {
		if t = strings.TrimSpace(t); t != "" {
			some = append(some, t)
		}
	}
	return strings.Join(some, "\n\n")
}

// readText reads text up to what is left for it.
func (p *parts) readText(e *message.Entity) string {
	b, err := io.ReadAll(io.LimitReader(e.Body, int64(mostText-p.text)+1))
	p.text += len(b)
	if p.text > mostText {
		p.mail.cut = true
		b = b[:max(0, len(b)-(p.text-mostText))]
		p.text = mostText
	}
	if err != nil {
		p.mail.broken = true
	}
	s := latin(string(b))
	if s != string(b) {
		p.mail.broken = true
	}
	return strings.ReplaceAll(clean(s), "\r\n", "\n")
}

// attachment gives the name of a part, and whether it is meant as a file.
func attachment(h message.Header) (name string, attached bool) {
	disposition, _, _ := h.ContentDisposition()
	name, _ = (&gomail.AttachmentHeader{Header: h}).Filename()
	name = clean(latin(name))
	return name, strings.EqualFold(disposition, "attachment") || name != ""
}

// keep reads a file, and the text in it, if it is text.
func (p *parts) keep(e *message.Entity, name, kind string) {
	f := file{name: name, kind: kind}
	sum := sha256.New()
	var b bytes.Buffer
	by := buffers.Get().(*[]byte)
	defer buffers.Put(by)
	kept, err := io.CopyBuffer(io.MultiWriter(&b, sum), io.LimitReader(e.Body, p.left), *by)
	f.size = kept
	if err == nil {
		var more int64
		more, err = io.CopyBuffer(sum, e.Body, *by)
		f.size += more
	}
	p.mail.broken = p.mail.broken || err != nil
	f.sum = hex.EncodeToString(sum.Sum(nil))
	f.more = p.in.N == 0
	f.left = f.size > kept || f.more
	switch {
	case f.left:
		p.mail.cut = p.mail.cut || strings.HasPrefix(kind, "text/") || strings.HasPrefix(kind, "message/")
	default:
		f.content = b.Bytes()
		p.left -= kept
		p.search(f)
	}
	p.mail.files = append(p.mail.files, f)
}

// buffers are what files are copied by.
var buffers = sync.Pool{New: func() any { b := make([]byte, 32<<10); return &b }}

// search keeps the text of a file for comparing.
func (p *parts) search(f file) {
	text := ""
	switch {
	case f.kind == "text/html":
		text = readable(latin(string(f.content)))
	case strings.HasPrefix(f.kind, "text/"):
		text = latin(string(f.content))
	case strings.HasPrefix(f.kind, "message/") && p.deep >= mostMails:
		p.mail.cut = true
	case strings.HasPrefix(f.kind, "message/"):
		inside := parseWithin(bytes.NewReader(f.content), int64(len(f.content)), p.deep+1)
		p.mail.cut = p.mail.cut || inside.cut
		text = inside.everything()
	}
	if room := mostText - len(p.mail.within); len(text) > room {
		p.mail.cut, text = true, text[:room]
	}
	p.mail.within += "\n" + text
}

// everything is all text of a mail, to be searched.
func (m mail) everything() string {
	all := []string{m.subject, m.text, m.rich, m.within}
	for f := m.head.Fields(); f.Next(); {
		all = append(all, decodeLine(f.Value()))
	}
	return strings.Join(all, "\n")
}

// says whether one text says clearly more than another: a mail whose plain text
// only sends the reader to its HTML has both.
func says(more, than string) bool { return letters(more) > letters(than)*6/5 }

func letters(s string) (n int) {
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			n++
		}
	}
	return n
}
