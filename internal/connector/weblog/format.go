package weblog

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"einsicht/internal/connector"
	"einsicht/internal/connector/logs"
	"einsicht/internal/person"
)

// format knows how a server writes its lines. Several ask it at once.
type format interface {
	// read reads a whole line.
	read(raw []byte) (record, bool)
	// time reads when a line was written.
	time(raw []byte) (time.Time, bool)
	// intact says, after a cheap look at a large piece, that its lines are whole.
	intact(lines []byte) bool
	// has says that lines have a value of this name.
	has(name string) bool
}

// names are the values that we know, in the order in which people read them.
// Others keep the name that the server has for them.
var names = []string{"time", "address", "account", "request", "status", "size", "referer", "agent"}

// record is what a line says.
type record struct {
	at     time.Time
	values map[string]string // by name
	other  []value           // in the order of the line
}

type value struct{ name, text string }

// fields are what the person gets to see of it.
func (r record) fields() (fields []connector.Field) {
	for _, name := range names {
		if text := r.values[name]; text != "" {
			fields = append(fields, connector.Field{Name: name, Value: person.NewText(text)})
		}
	}
	for _, v := range r.other {
		switch {
		case v.text == "" || v.text == "-":
		case secret(v.name):
			fields = append(fields, connector.Field{Name: v.name, Withheld: true})
		default:
			fields = append(fields, connector.Field{Name: v.name, Value: person.NewText(v.text), Unmapped: true})
		}
	}
	return connector.DistinctFields(fields)
}

// secret says that whoever reads the value can act as the person.
func secret(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc([]string{"cookie", "authorization", "token", "passw", "secret", "session", "api-key", "api_key"}, func(s string) bool {
		return strings.Contains(name, s)
	})
}

// The formats that servers ship with.
const (
	common   = `%h %l %u %t "%r" %>s %b`
	combined = common + ` "%{Referer}i" "%{User-Agent}i"`
)

// readFormat reads the keys "format" and "fields" of a connection and makes
// sure that lines tell what they are searched by.
func readFormat(c connector.Connection, m mapping) (f format, err error) {
	switch {
	case m.Format == "json":
		f, err = newJSON(c, m.Fields)
	case len(m.Fields) > 0:
		return nil, c.Wrong("fields", "is for the format json only")
	case m.Format == "" || m.Format == "combined":
		f, err = newLayout(combined)
	case m.Format == "common":
		f, err = newLayout(common)
	case !strings.ContainsAny(m.Format, "%$"):
		return nil, c.Wrong("format", "must be combined, common, json, or what LogFormat or log_format of the server says")
	default:
		if f, err = newLayout(m.Format); err != nil {
			err = c.Wrong("format", err.Error())
		}
	}
	if err != nil {
		return nil, err
	}
	needed := []string{"time"}
	for _, match := range c.Match {
		if match.By[0] == person.IPTime {
			needed = append(needed, "address")
		} else {
			needed = append(needed, "account")
		}
	}
	for _, name := range needed {
		if !f.has(name) {
			return nil, c.Wrong("format", "lines have no "+name+", which they are searched by")
		}
	}
	return f, nil
}

// layout is a format declared by the string that the server is configured
// with: text and, in between, values.
type layout struct {
	parts  []part
	tail   string // text after the last value
	quotes int    // in the text of a line
	nginx  bool   // declared in nginx's words
}

// part is a value and the text in front of it.
type part struct {
	text   string
	name   string
	quoted bool   // its end is a quote that no \ stands in front of
	clock  *clock // where the value is a time
}

func (l *layout) has(name string) bool {
	return slices.ContainsFunc(l.parts, func(p part) bool { return p.name == name })
}

func (l *layout) read(raw []byte) (record, bool) {
	r := record{values: make(map[string]string, len(names))}
	rest, ok := l.walk(raw, func(p part, text []byte) bool {
		s := logs.Text(text)
		switch {
		case p.clock != nil:
			at, ok := p.clock.parse(s)
			if !ok {
				return false
			}
			r.at = at
			r.values["time"] = s
		case p.name == "status" && len(s) != 3, p.name == "address" && s == "":
			return false
		case slices.Contains(names, p.name):
			r.values[p.name] = s
		default:
			r.other = append(r.other, value{p.name, s})
		}
		return true
	})
	if more := strings.TrimSpace(logs.Text(rest)); more != "" {
		r.other = append(r.other, value{"more", more})
	}
	return r, ok
}

func (l *layout) time(raw []byte) (at time.Time, ok bool) {
	l.walk(raw, func(p part, text []byte) bool {
		if p.clock != nil {
			at, ok = p.clock.parse(string(text))
		}
		return p.clock == nil // the rest does not matter
	})
	return at, ok
}

// walk gives the values of a line one by one, as long as take wants more, and
// what stands behind the last one.
func (l *layout) walk(raw []byte, take func(part, []byte) bool) (rest []byte, ok bool) {
	for i, p := range l.parts {
		var found bool
		if raw, found = bytes.CutPrefix(raw, []byte(p.text)); !found {
			return nil, false
		}
		end := l.end(i, raw)
		if end < 0 || !take(p, raw[:end]) {
			return nil, false
		}
		raw = raw[end:]
	}
	return bytes.CutPrefix(raw, []byte(l.tail))
}

// end is where the value of a part ends, if the text in front of the next one
// follows. A user name may hold blanks and brackets: in front of a time, the
// first thing that looks like one counts.
func (l *layout) end(i int, raw []byte) int {
	p, after := l.parts[i], l.tail
	var next *clock
	if i+1 < len(l.parts) {
		after, next = l.parts[i+1].text, l.parts[i+1].clock
	}
	switch {
	case p.clock != nil && p.clock.size > 0:
		if len(raw) < p.clock.size {
			return -1
		}
		return p.clock.size
	case p.quoted:
		for j := 0; j < len(raw); j++ {
			switch raw[j] {
			case '\\':
				j++
			case '"':
				return j
			}
		}
		return -1
	case after == "":
		if j := bytes.IndexByte(raw, ' '); j >= 0 {
			return j
		}
		return len(raw)
	}
	for j := 0; ; {
		k := bytes.Index(raw[j:], []byte(after))
		if k < 0 {
			return -1
		}
		j += k
		if next == nil || next.begins(raw[j+len(after):]) {
			return j
		}
		j++
	}
}

// intact counts quotes.
func (l *layout) intact(lines []byte) bool {
	if l.quotes == 0 {
		return false
	}
	n, quotes, escapes := logs.Tally(lines, '\n', '"', '\\')
	if escapes > 0 {
		quotes -= bytes.Count(lines, []byte(`\"`))
	}
	return quotes == l.quotes*n
}

// place says in messages where in a format something is wrong.
func place(i int) string { return fmt.Sprintf("at character %d ", i+1) }
