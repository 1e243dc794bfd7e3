package maillog

import (
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/connector/logs"
	"einsicht/internal/person"
)

// fields collects what a finding says. What concerns somebody else is marked.
type fields []connector.Field

func (f *fields) add(name, value string, others bool) {
	if value != "" {
		*f = append(*f, connector.Field{Name: name, Value: person.NewText(value), ThirdParty: others})
	}
}

// give hands over a mail of the person; of another's nothing is kept.
func (d *desk) give(one *logs.Bundle[mail]) {
	m := one.State
	if !m.hers {
		return
	}
	first := one.Lines[0]
	ref := "message/" + m.id + strings.TrimPrefix(d.Reference(first.Text), "line")
	f := connector.Finding{Reference: ref, Category: "message", Led: m.ways.Led, Confidence: m.ways.Confidence, Origin: first.Origin(first.At, d.connection.Version)}
	var fs fields
	fs.add("time", stamp(first.At), false)
	fs.add("queue_id", m.id, false)
	var events fields
	own := false
	for _, l := range one.Lines {
		h, _ := readHead(l.Text, d.mapping.zone, l.Written)
		e := readEvent(h.program, h.message)
		own = own || d.handedIn(e, h.at)
		d.describe(&fs, e, h.at, own)
		d.event(&events, e, h, own)
		if f.Confidence != connector.Check {
			f.Hints = append(f.Hints, d.hints(e, h.at, d.connection.System+"/"+ref)...)
		}
	}
	if m.leftOut > 0 {
		fs.add("further_lines", strconv.Itoa(m.leftOut), false)
	}
	f.Fields = connector.DistinctFields(append(once(fs), events...))
	d.Give(f)
}

// single makes a record of a line that stands alone: a refused mail, a sign-in.
func (d *desk) single(l logs.Line, h head, e event, led [][]uuid.UUID, sure connector.Confidence) connector.Finding {
	f := connector.Finding{Category: "line", Reference: d.Reference(l.Text), Led: led, Confidence: sure, Origin: l.Origin(h.at, d.connection.Version)}
	switch {
	case e.reject:
		f.Category = "reject"
	case e.access:
		f.Category = "access"
	}
	own := d.handedIn(e, h.at) && !e.failed
	var fs fields
	fs.add("time", stamp(h.at), false)
	d.describe(&fs, e, h.at, own)
	d.event(&fs, e, h, own)
	if f.Category == "line" {
		fs[len(fs)-1].Unmapped = true // nobody knows what it says
	}
	f.Fields = connector.DistinctFields(fs)
	if own && sure != connector.Check {
		f.Hints = d.hints(e, h.at, d.connection.System+"/"+f.Reference)
	}
	return f
}

// handedIn says that the person signed in to hand in a mail or to fetch some,
// or had the address at that time: where it came from is hers then. What an
// envelope says is written by whoever hands it in.
func (d *desk) handedIn(e event, at time.Time) bool {
	if led, _ := d.isUser(e.account); led != nil {
		return true
	}
	led, _ := d.whose.Leads(nil, e.address, at)
	return led != nil
}

// describe tells what a line says, in fields.
func (d *desk) describe(fs *fields, e event, at time.Time, own bool) {
	fs.add("message_id", text(e.messageID), false)
	if e.address != "" {
		fs.add("client", strings.TrimPrefix(text(e.client+" ["+e.address+"]"), " "), !own)
	}
	fs.add("helo", text(e.helo), !own)
	if e.account != "" {
		led, _ := d.isUser(e.account)
		fs.add("account", text(e.account), led == nil)
	}
	if e.from != nil {
		fs.add("sender", text(shown(*e.from)), d.others(*e.from))
	}
	fs.add("size", e.size, false)
	for _, to := range e.deliveries {
		others := d.others(to.to) && (to.original == "" || d.others(to.original))
		fs.add("recipient", text(to.to), d.others(to.to))
		fs.add("original_recipient", text(to.original), d.others(to.original))
		fs.add("relay", text(to.relay), others)
		fs.add("delivery", stamp(at)+" "+text(to.status), others || d.namesOthers(to.status))
	}
	fs.add("spam_score", text(e.score), false)
}

// event gives the line as it stands.
func (d *desk) event(fs *fields, e event, h head, own bool) {
	others := e.address != "" && !own || e.messageID == "" && d.namesOthers(string(h.message))
	if e.account != "" {
		led, _ := d.isUser(e.account)
		others = others || led == nil
	}
	program := string(h.program)
	fs.add("event", strings.TrimPrefix(stamp(h.at)+" "+text(program+": "+string(h.message)), " "), others)
}

// others says that an address is somebody else's. Nobody sends what servers
// write themselves.
func (d *desk) others(address string) bool {
	led, _ := d.isMail(address)
	return led == nil && address != ""
}

func (d *desk) namesOthers(s string) bool {
	for _, word := range mentions([]byte(s)) {
		if d.others(word) {
			return true
		}
	}
	return false
}

// hints are the network address of the person where she signed in. Neither the
// account under which a mail of hers was handed in nor what stands behind an
// address of hers is a hint: offices share accounts, and aliases lead to many.
func (d *desk) hints(e event, at time.Time, record string) (found []person.Identifier) {
	if led, sure := d.isUser(e.account); led == nil || sure == connector.Check || e.failed || e.reject {
		return nil
	}
	if id, ok := d.query.Hint(person.IPTime, e.address+" "+at.UTC().Format(time.RFC3339), record); ok {
		found = append(found, id)
	}
	return found
}

// once leaves out what was said before: a mail that is tried again tells its
// sender and size each time.
func once(fs fields) (kept fields) {
	seen := map[string]bool{}
	for _, f := range fs {
		key := f.Name + " " + f.Value.Reveal()
		if again := f.Name == "sender" || f.Name == "size" || f.Name == "recipient" || f.Name == "client"; again && seen[key] {
			continue
		}
		seen[key] = true
		kept = append(kept, f)
	}
	return kept
}

func shown(address string) string {
	if address == "" {
		return "<>"
	}
	return address
}

func stamp(at time.Time) string { return at.Format(time.RFC3339) }

func text(s string) string { return logs.Text([]byte(s)) }
