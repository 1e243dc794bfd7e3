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
		Files: s.files, Needles: whose.Needles(), Intact: s.format.intact,
		Line: func(l logs.Line, p *logs.Page) bool { return s.line(q, whose, l, p) },
	}
	answer, err := search.Run(ctx, q, from, yield)
	answer.Reason = reason
	return answer, err
}

// line looks at one line; fine says that it could be read.
func (s *site) line(q connector.Query, whose logs.Whose, l logs.Line, p *logs.Page) (fine bool) {
	raw := bytes.TrimRight(l.Text, "\r\n")
	if len(raw) == 0 {
		return true
	}
	r, ok := s.format.read(raw)
	if !ok {
		return false
	}
	if led, confidence := whose.Leads(logs.User(r.values["account"]), r.values["address"], r.at); led != nil {
		p.Give(s.finding(q, l, p.Reference(raw), r, led, confidence))
	}
	return true
}

// finding makes a record of a line.
func (s *site) finding(q connector.Query, l logs.Line, ref string, r record, led [][]uuid.UUID, c connector.Confidence) connector.Finding {
	if status := r.values["status"]; status == "401" || status == "" || !s.mapping.vouches(s.format) {
		c = connector.Check // the name was refused, or may have been: anybody can have typed it
	}
	f := connector.Finding{
		Reference: ref, Category: "access", Confidence: c, Led: led, Origin: l.Origin(r.at, s.connection.Version), Fields: r.fields(),
	}
	if c == connector.Check {
		return f
	}
	if id, ok := q.Hint(person.IPTime, r.values["address"]+" "+r.at.Format(time.RFC3339), s.connection.System+"/"+ref); ok {
		f.Hints = []person.Identifier{id}
	}
	return f
}
