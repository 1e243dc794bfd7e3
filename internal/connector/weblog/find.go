package weblog

import (
	"bytes"
	"context"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/connector/logs"
	"einsicht/internal/person"
)

// Find reads the logs from the oldest line to the newest.
func (s *site) Find(ctx context.Context, q connector.Query, from connector.Cursor, yield func(connector.Finding, connector.Cursor) error) (connector.Answer, error) {
	whose, err := logs.NewWhose(s.connection, q, s.mapping.Window)
	if err != nil {
		return connector.Answer{}, err
	}
	reason := whose.Reason("connector.weblog.rest")
	if whose.Nobody() {
		return connector.Answer{Outcome: connector.Unattributable, Reason: reason}, nil
	}
	search := logs.Search{
		Files: s.files, Needles: whose.Needles(), Intact: s.intact,
		Line: func(l logs.Line, p *logs.Page) bool { return s.line(whose, l, p) },
	}
	answer, err := search.Run(ctx, q.Pause, from, yield)
	answer.Reason = reason
	return answer, err
}

// line looks at one line; fine says that it could be read.
func (s *site) line(whose logs.Whose, l logs.Line, p *logs.Page) (fine bool) {
	raw := bytes.TrimRight(l.Text, "\r\n")
	if len(raw) == 0 {
		return true
	}
	var one line
	rest, ok := one.head(raw)
	if !ok || !one.tail(rest) {
		return false
	}
	at, _ := one.time()
	if led, confidence := whose.Leads(logs.User(logs.Text(one.user)), string(one.host), at); led != nil {
		p.Give(s.finding(l, p.Reference(raw), &one, at, led, confidence))
	}
	return true
}

// finding makes a record of a line.
func (s *site) finding(l logs.Line, ref string, one *line, at time.Time, led [][]uuid.UUID, c connector.Confidence) connector.Finding {
	if string(one.status) == "401" {
		c = connector.Check // the name was refused: anybody can have typed it
	}
	f := connector.Finding{Reference: ref, Category: "access", Confidence: c, Led: led, Origin: l.Origin(at, s.connection.Version)}
	for _, v := range []struct {
		name  string
		value []byte
	}{
		{"time", one.when}, {"address", one.host}, {"account", one.user}, {"request", one.request}, {"status", one.status},
		{"size", one.size}, {"referer", one.referer}, {"agent", one.agent}, {"more", one.moreThanUsual},
	} {
		if len(v.value) > 0 {
			f.Fields = append(f.Fields, connector.Field{Name: v.name, Value: person.NewText(logs.Text(v.value)), Unmapped: v.name == "more"})
		}
	}
	if ip, err := person.Normal(person.IPTime, string(one.host)+" "+at.Format(time.RFC3339)); err == nil && c != connector.Check {
		f.Hints = []person.Identifier{{Kind: person.IPTime, Value: person.NewText(ip), Record: s.connection.System + "/" + ref}}
	}
	return f
}

// intact says that lines have as many quotes as they must have: a cheap look
// at a large piece.
func (s *site) intact(lines []byte) bool {
	n := bytes.Count(lines, []byte{'\n'})
	quotes := bytes.Count(lines, []byte{'"'})
	return quotes-bytes.Count(lines, []byte(`\"`)) == 6*n
}
