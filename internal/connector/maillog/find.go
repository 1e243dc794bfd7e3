package maillog

import (
	"bytes"
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/connector/logs"
	"einsicht/internal/person"
)

// Find reads the logs from the oldest mail that ended to the newest.
func (s *server) Find(ctx context.Context, q connector.Query, from connector.Cursor, yield func(connector.Finding, connector.Cursor) error) (connector.Answer, error) {
	whose, err := logs.NewWhose(s.connection, q, s.mapping.Window)
	if err != nil {
		return connector.Answer{}, err
	}
	reason := whose.Reason("connector.maillog.rest")
	if whose.Nobody() {
		return connector.Answer{Outcome: connector.Unattributable, Reason: reason}, nil
	}
	answer, err := logs.RunBundles(ctx, func() *logs.Bundles[mail] {
		d := &desk{server: s, query: q, whose: whose}
		d.Bundles = &logs.Bundles[mail]{Files: s.files, Line: d.line, Ended: d.give, Limit: queueTime, Stride: s.stride}
		return d.Bundles
	}, q, from, yield)
	answer.Reason = reason
	return answer, err
}

const (
	// queueTime is how long a server keeps trying: five days with Postfix and
	// sendmail, in which it tries at least every few hours. Ids come back later.
	queueTime = 5 * 24 * time.Hour
	// ownLines and otherLines bound what is kept of one mail; of lines beyond
	// them the finding tells the number. A mail to a list has thousands of them.
	ownLines, otherLines = 2000, 200
)

// desk sorts the lines of one question.
type desk struct {
	*server
	*logs.Bundles[mail]
	query connector.Query
	whose logs.Whose
}

// mail is what is known of a mail that is still on its way.
type mail struct {
	id      string
	named   bool // its message id was told
	hers    bool // the person's
	ways    logs.Ways
	own     int // lines that name her
	leftOut int
}

// line looks at one line; fine says that it could be read.
func (d *desk) line(l logs.Line) (fine bool) {
	l.Text = bytes.TrimRight(l.Text, "\r\n")
	if len(l.Text) == 0 {
		return true
	}
	h, ok := readHead(l.Text, d.mapping.zone, l.Written)
	if !ok {
		return false
	}
	e := readEvent(h.program, h.message)
	led, sure := d.leads(e, h)
	if e.id == "" {
		if led != nil {
			d.Give(d.single(l, h, e, led, sure))
		}
		return true
	}
	d.join(l, h, e, led, sure)
	d.Tidy(l, h.at)
	return true
}

// join puts a line to the others of its mail.
func (d *desk) join(l logs.Line, h head, e event, led [][]uuid.UUID, sure connector.Confidence) {
	key := string(h.host) + " " + e.id
	one := d.Get(key)
	if one != nil && (e.begins || e.messageID != "" && one.State.named) { // the id came back
		d.End(one)
		d.give(one)
		one = nil
	}
	if one == nil {
		one = d.Begin(key)
		one.State = mail{id: e.id, ways: logs.Ways{Confidence: connector.Check}}
	}
	m := &one.State
	m.named = m.named || e.messageID != ""
	one.Touch(h.at)
	switch {
	case led != nil && m.own < ownLines, led == nil && len(one.Lines)-m.own < otherLines:
		d.Keep(one, l, h.at)
	default:
		m.leftOut++
	}
	if led != nil {
		m.hers = true
		m.own++
		m.ways.Add(led, sure)
	}
	if e.ends {
		d.End(one)
		d.give(one)
	}
}

// leads gives the identifiers that tie a line to the person.
func (d *desk) leads(e event, h head) ([][]uuid.UUID, connector.Confidence) {
	ways := logs.Ways{Confidence: connector.Check}
	more, c := d.isUser(e.account)
	if e.failed || e.reject {
		c = connector.Check // refused: anybody can have typed it
	}
	ways.Add(more, c)
	if e.address != "" {
		ways.Add(d.whose.Leads(nil, e.address, h.at))
	}
	if e.from != nil {
		more, c := d.isMail(*e.from)
		if e.reject {
			c = connector.Check // nobody looked who it was
		}
		ways.Add(more, c)
	}
	for _, to := range e.deliveries {
		ways.Add(d.isMail(to.to))
		ways.Add(d.isMail(to.original))
	}
	if e.from == nil && e.deliveries == nil && e.messageID == "" && ways.Led == nil {
		for _, word := range mentions(h.message) {
			more, _ := d.isMail(word)
			ways.Add(more, connector.Check)
		}
	}
	return ways.Led, ways.Confidence
}

func (d *desk) isUser(name string) ([][]uuid.UUID, connector.Confidence) {
	v := logs.User(name)
	if len(v) == 0 {
		return nil, connector.Check
	}
	return d.whose.Leads(v, "", time.Time{})
}

func (d *desk) isMail(address string) (led [][]uuid.UUID, sure connector.Confidence) {
	if !strings.Contains(address, "@") && !strings.Contains(address, "%40") {
		return d.isLocal(address)
	}
	if strings.ContainsAny(address, "<>") {
		return nil, connector.Check // no mail program's "Erika <erika@example.org>" but a quoted sign
	}
	if led, sure = d.whose.Leads(connector.Values{person.Email: {address}}, "", time.Time{}); led != nil {
		return led, sure
	}
	for _, in := range encoded(address) {
		if led, _ := d.whose.Leads(connector.Values{person.Email: {in}}, "", time.Time{}); led != nil {
			return led, connector.Check
		}
	}
	return nil, connector.Check
}

// isLocal is for mail that never left the machine: its address is an account.
func (d *desk) isLocal(address string) ([][]uuid.UUID, connector.Confidence) {
	if address == "" {
		return nil, connector.Check
	}
	return d.whose.Leads(connector.Values{person.Account: {address}}, "", time.Time{})
}
