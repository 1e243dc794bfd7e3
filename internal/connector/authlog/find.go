package authlog

import (
	"bytes"
	"context"
	"maps"
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
	reason := whose.Reason("connector.authlog.rest")
	if whose.Nobody() {
		return connector.Answer{Outcome: connector.Unattributable, Reason: reason}, nil
	}
	v := &visits{find: &finder{site: s, whose: whose, query: q}}
	search := logs.Search{Files: s.files, Memory: v, Line: v.line}
	answer, err := search.Run(ctx, q, from, yield)
	answer.Reason = reason
	if v.crowded > 0 {
		answer.Gaps = append(answer.Gaps, connector.Gap{Place: s.files.Kind, Reason: "connector.gap.open_messages", Count: v.crowded})
	}
	return answer, err
}

// line takes one line; fine says that it could be read.
func (v *visits) line(l logs.Line, p *logs.Page) (fine bool) {
	here := place{File: l.File, Start: l.Start, Written: l.Written}
	switch {
	case len(v.Gather.Raw) > 0 && l.File != v.At.File, inExport(l.Text) && v.Gather.Want == 0:
		fine = len(v.Gather.Raw) == 0 // the one before has no end
		v.Gather, v.At = gather{}, here
		if inExport(l.Text) {
			v.Gather.add(l.Text)
			return fine
		}
	case len(v.Gather.Raw) > 0:
		done, fine := v.Gather.add(l.Text)
		whole := v.Gather.Raw
		if done || !fine {
			v.Gather = gather{}
		}
		if done { // and kept no longer: a cursor goes with each finding
			fine = v.entry(whole, v.At, p)
		}
		return fine
	}
	raw := bytes.TrimRight(l.Text, "\r")
	return len(raw) == 0 || v.entry(raw, here, p)
}

func (v *visits) entry(raw []byte, at place, p *logs.Page) bool {
	e, ok := read(raw, at.Written, v.find.zone)
	if !ok {
		return false
	}
	if s, ok := understand(e); ok {
		v.add(e, s, kept{Raw: bytes.Clone(raw), Place: at}, p)
	}
	return true
}

// finder makes findings for one question.
type finder struct {
	*site
	whose logs.Whose
	query connector.Query
}

// leads gives the identifiers that tie a line to the person.
func (f *finder) leads(e entry, s said) ([][]uuid.UUID, connector.Confidence) {
	v := connector.Values{}
	maps.Copy(v, logs.User(s.account))
	if s.key != "" {
		v[person.SSHFingerprint] = []string{s.key}
	}
	return f.whose.Leads(v, s.address, e.at)
}

func (f *finder) give(d due, p *logs.Page) {
	if d.Line.read == nil {
		e, ok := read(d.Line.Raw, d.Line.Place.Written, f.zone)
		if !ok {
			return // it could be read before
		}
		s, _ := understand(e)
		d.Line.read = &heard{e, s}
	}
	e, s := d.Line.read.entry, d.Line.read.said
	ref := p.Reference(d.Line.Raw)
	line := logs.Line{File: d.Line.Place.File, Start: d.Line.Place.Start}
	one := connector.Finding{
		Reference: ref, Category: s.service, Confidence: d.Confidence, Led: d.Led, Origin: line.Origin(e.at, f.connection.Version),
	}
	for _, v := range []pair{
		{"time", e.when}, {"event", e.text}, {"account", s.account}, {"address", s.address}, {"port", s.port},
		{"fingerprint", s.key}, {"method", s.method}, {"host", e.host}, {"process", e.process},
	} {
		if v.value != "" {
			one.Fields = append(one.Fields, connector.Field{Name: v.name, Value: person.NewText(v.value)})
		}
	}
	for _, v := range e.other {
		one.Fields = append(one.Fields, connector.Field{Name: v.name, Value: person.NewText(v.value), Unmapped: true})
	}
	one.Fields = connector.DistinctFields(one.Fields)
	if d.Confidence != connector.Check {
		one.Hints = f.hints(e, s, ref)
	}
	p.Give(one)
}

// hints are what a visit that is the person's names besides. The account that
// her key opened is none: many keys open one like "deploy", and others' visits
// would follow from it.
func (f *finder) hints(e entry, s said, ref string) (hints []person.Identifier) {
	for _, v := range []struct {
		kind  person.IdentifierKind
		value string
	}{{person.SSHFingerprint, s.key}, {person.IPTime, s.address + " " + e.at.Format(time.RFC3339)}} {
		if v.value == "" {
			continue
		}
		if id, ok := f.query.Hint(v.kind, v.value, f.connection.System+"/"+ref); ok {
			hints = append(hints, id)
		}
	}
	return hints
}
