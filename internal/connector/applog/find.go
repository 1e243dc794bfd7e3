package applog

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

// Find reads the logs from the oldest line to the newest.
func (a *application) Find(ctx context.Context, q connector.Query, from connector.Cursor, yield func(connector.Finding, connector.Cursor) error) (connector.Answer, error) {
	whose, err := logs.NewWhose(a.connection, q, a.mapping.Window)
	if err != nil {
		return connector.Answer{}, err
	}
	reason := whose.Reason("connector.applog.rest")
	if whose.Nobody() {
		return connector.Answer{Outcome: connector.Unattributable, Reason: reason}, nil
	}
	answer, err := logs.RunBundles(ctx, func() *logs.Bundles[visit] {
		d := &desk{application: a, query: q, whose: whose}
		d.Bundles = &logs.Bundles[visit]{Files: a.files, Line: d.line, Ended: func(*logs.Bundle[visit]) {}, Limit: a.mapping.Limit, Stride: a.stride}
		return d.Bundles
	}, q, from, yield)
	answer.Reason = reason
	return answer, err
}

// undecidedLines bounds what is kept of a visit of which nobody knows yet whose
// it is.
const undecidedLines = 1000

// desk sorts the lines of one question.
type desk struct {
	*application
	*logs.Bundles[visit]
	query connector.Query
	whose logs.Whose
}

// visit is what the lines are about that a pattern joins.
type visit struct {
	began  time.Time
	hers   bool // the person's
	others bool // somebody else's
	ways   logs.Ways
	cut    bool // lines were left out
}

// entry is a line that a pattern knows.
type entry struct {
	logs.Line
	*pattern
	groups []int // as regexp gives them
	at     time.Time
}

func (e entry) group(g int) string { return logs.Text(e.value(e.Text, e.groups, g)) }

// line looks at one line; fine says that it could be read.
func (d *desk) line(l logs.Line) (fine bool) {
	l.Text = bytes.TrimRight(l.Text, "\r\n")
	if bytes.IndexByte(l.Text, 0) >= 0 {
		return false
	}
	p, groups := d.mapping.match(l.Text)
	if p == nil {
		d.unknown(l)
		return true
	}
	e := entry{Line: l, pattern: p, groups: groups}
	var ok bool
	if e.at, ok = p.clock.read(e.group(p.clock.group), l.Written); !ok {
		return false
	}
	names, host := e.names()
	led, sure := d.whose.Leads(names, host, e.at)
	if p.join >= 0 && e.group(p.join) != "" {
		d.join(e, led, sure)
		d.Tidy(l, e.at)
	} else if led != nil {
		d.give(e, led, sure)
	}
	return true
}

// join puts a line to its visit.
func (d *desk) join(e entry, led [][]uuid.UUID, sure connector.Confidence) {
	key := e.Join + "\x00" + e.group(e.pattern.join)
	one := d.Get(key)
	own := d.byOwnMark(led) // a meeting leads to its own lines, and to no guest's visit
	another := led == nil && d.namesAnother(e)
	if one != nil && (e.Starts || e.at.Sub(one.State.began).Abs() > d.mapping.Limit || another || own && one.State.others) {
		d.End(one)
		one = nil
	}
	if one == nil {
		one = d.Begin(key)
		one.State = visit{began: e.at, ways: logs.Ways{Confidence: connector.Check}, others: another}
	}
	v := &one.State
	one.Touch(e.at)
	switch {
	case own:
		v.hers = true
		v.ways.Add(led, sure)
		d.decided(one)
		d.give(e, led, sure)
	case v.hers:
		d.give(e, v.ways.Led, v.ways.Confidence)
	case led != nil:
		d.give(e, led, sure)
	case v.others:
	case len(one.Lines) < undecidedLines:
		d.Keep(one, e.Line, e.at)
	case !v.cut:
		v.cut = true
		d.Crowd()
	}
	if e.Ends {
		d.End(one)
	}
}

// decided gives the lines that waited to know whose they are.
func (d *desk) decided(one *logs.Bundle[visit]) {
	for _, l := range one.Lines {
		p, groups := d.mapping.match(l.Text)
		d.give(entry{Line: l.Line, pattern: p, groups: groups, at: l.At}, one.State.ways.Led, one.State.ways.Confidence)
	}
	d.Forget(one)
}

// namesAnother says that a line names somebody by what tells people apart, and
// that it is not the person: from there on the visit is another's.
func (d *desk) namesAnother(e entry) bool {
	for _, h := range e.holds {
		value := e.group(h.group)
		if value != "" && tellsApart(h.kind) && len(d.whose.Identifiers(h.kind)) > 0 && !d.query.Known(h.kind, value) {
			return true
		}
	}
	return false
}

// tellsApart says that two people rarely share such a mark. A telephone is
// another's if its number is, even though it proves little where it is hers.
func tellsApart(k person.IdentifierKind) bool {
	return k == person.Phone || connector.Match{By: []person.IdentifierKind{k}, Confidence: connector.Sure}.Reached(nil) == connector.Sure
}

// unknown looks at a line that no pattern knows: where it names an address of
// the person, staff have to see it.
func (d *desk) unknown(l logs.Line) {
	if bytes.IndexByte(l.Text, '@') < 0 {
		return
	}
	for word := range strings.FieldsFuncSeq(logs.Text(l.Text), func(r rune) bool { return strings.ContainsRune(" \t<>(),;:\"'[]=/", r) }) {
		if !strings.Contains(word, "@") {
			continue
		}
		led, _ := d.whose.Leads(connector.Values{person.Email: {word}}, "", time.Time{})
		if led == nil {
			continue
		}
		f := d.asItStands(l)
		f.Reference, f.Led, f.Confidence = d.Reference(l.Text), led, connector.Check
		d.Give(f)
		return
	}
}

// asItStands is a line that no pattern knows.
func (a *application) asItStands(l logs.Line) connector.Finding {
	at, _ := a.mapping.timeOf(l.Text, l.Written)
	return connector.Finding{
		Category: "line", Origin: l.Origin(at, a.connection.Version),
		Fields: []connector.Field{{Name: "statement", Value: person.NewText(logs.Text(l.Text)), Unmapped: true}},
	}
}

// match gives the first pattern that knows a line.
func (m mapping) match(line []byte) (*pattern, []int) {
	for i := range m.Patterns {
		p := &m.Patterns[i]
		if len(p.literal) > 0 && !bytes.Contains(line, p.literal) {
			continue
		}
		if groups := p.expression.FindSubmatchIndex(line); groups != nil {
			return p, groups
		}
	}
	return nil, nil
}

func (p *pattern) value(line []byte, groups []int, g int) []byte {
	if groups[2*g] < 0 {
		return nil
	}
	return line[groups[2*g]:groups[2*g+1]]
}

// names gives what a line says about whom it concerns. An address counts with
// the time.
func (e entry) names() (v connector.Values, host string) {
	for _, h := range e.holds {
		value := e.group(h.group)
		switch {
		case value == "":
		case h.kind == person.IPTime:
			host = value
		default:
			if v == nil {
				v = connector.Values{}
			}
			v[h.kind] = append(v[h.kind], value)
		}
	}
	return v, host
}
