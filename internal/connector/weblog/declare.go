package weblog

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// What the directives of LogFormat (Apache) and the variables of log_format
// (nginx) mean.
var (
	apacheNames = map[string]string{
		"h": "address", "a": "address", "u": "account", "r": "request", "s": "status", "b": "size", "B": "size", "O": "size",
		"referer": "referer", "user-agent": "agent",
	}
	nginxNames = map[string]string{
		"remote_addr": "address", "remote_user": "account", "request": "request", "status": "status", "body_bytes_sent": "size",
		"bytes_sent": "size", "http_referer": "referer", "http_user_agent": "agent",
	}
	apacheDirective = regexp.MustCompile(`^%[!0-9,]*[<>]?(?:\{([^}]*)\})?(\^t[io]|[A-Za-z])`)
	nginxVariable   = regexp.MustCompile(`^\$(?:\{([a-z0-9_]+)\}|([a-z0-9_]+))`)
)

// newLayout reads a format string. One with a $ is nginx's.
func newLayout(s string) (*layout, error) {
	nginx := strings.Contains(s, "$") && !strings.Contains(s, "%t")
	l := &layout{nginx: nginx}
	text := ""
	for i := 0; i < len(s); {
		size, p := 0, part{}
		var err error
		switch {
		case nginx && s[i] == '$':
			size, p, err = nginxPart(s[i:])
		case !nginx && strings.HasPrefix(s[i:], "%%"):
			text, size = text+"%", 2
		case !nginx && s[i] == '%':
			size, p, err = apachePart(s[i:])
		case !nginx && strings.HasPrefix(s[i:], `\"`): // as copied out of the server's configuration
			text, size = text+`"`, 2
		default:
			text, size = text+s[i:i+1], 1
		}
		if err != nil {
			return nil, errors.New(place(i) + err.Error())
		}
		i += size
		if p.name == "" {
			continue
		}
		if p.clock != nil && p.clock.brackets {
			text += "["
		}
		if text == "" && len(l.parts) > 0 {
			return nil, errors.New(place(i) + "two values stand side by side, so nobody can tell where the first one ends")
		}
		if l.has(p.name) { // the second address and the like
			p.name = s[i-size : i]
		}
		p.text, text = text, ""
		if p.clock != nil && p.clock.brackets {
			text = "]"
		}
		l.parts = append(l.parts, p)
	}
	l.tail = text
	for i := range l.parts {
		after := l.tail
		if i+1 < len(l.parts) {
			after = l.parts[i+1].text
		}
		l.parts[i].quoted = strings.HasSuffix(l.parts[i].text, `"`) && strings.HasPrefix(after, `"`)
		l.quotes += strings.Count(l.parts[i].text, `"`)
	}
	l.quotes += strings.Count(l.tail, `"`)
	return l, nil
}

func apachePart(s string) (size int, p part, err error) {
	d := apacheDirective.FindStringSubmatch(s)
	if d == nil {
		return 0, p, errors.New("there is no such directive")
	}
	arg, letter := d[1], d[2]
	p.name = d[0]
	switch {
	case letter == "t":
		p.name = "time"
		p.clock, err = apacheClock(arg)
	case letter == "i":
		if name, ok := apacheNames[strings.ToLower(arg)]; ok {
			p.name = name
		}
	case arg == "" || letter == "h" || letter == "a":
		if name, ok := apacheNames[letter]; ok {
			p.name = name
		}
	}
	return len(d[0]), p, err
}

func nginxPart(s string) (size int, p part, err error) {
	d := nginxVariable.FindStringSubmatch(s)
	if d == nil {
		return 0, p, errors.New("there is no such variable")
	}
	name := d[1] + d[2]
	p.name = "$" + name
	switch name {
	case "time_local":
		p.name, p.clock = "time", &clock{layout: timeLayout, size: len(timeLayout)}
	case "time_iso8601":
		p.name, p.clock = "time", &clock{layout: time.RFC3339, size: len("2026-11-20T10:15:00+01:00")}
	case "msec":
		p.name, p.clock = "time", &clock{unit: time.Second}
	default:
		if known, ok := nginxNames[name]; ok {
			p.name = known
		}
	}
	return len(d[0]), p, nil
}

const timeLayout = "02/Jan/2006:15:04:05 -0700"

// clock reads a time.
type clock struct {
	layout   string
	unit     time.Duration // since 1970, where there is no layout
	size     int           // where it is always the same
	brackets bool          // stands in [ ]
}

func (c *clock) parse(s string) (time.Time, bool) {
	if c.unit == 0 {
		t, err := time.Parse(c.layout, s)
		return t, err == nil
	}
	return since1970(s, c.unit)
}

// since1970 reads a number of units, with a point or without one.
func since1970(s string, unit time.Duration) (time.Time, bool) {
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || n < 0 || n > 1e17 {
		return time.Time{}, false
	}
	t := time.UnixMicro(int64(n * float64(unit/time.Microsecond))).UTC()
	return t, t.Year() < 10_000
}

// begins says that a time of this sort stands here.
func (c *clock) begins(b []byte) bool {
	if c.size == 0 {
		return len(b) > 0 && '0' <= b[0] && b[0] <= '9'
	}
	if len(b) < c.size {
		return false
	}
	_, ok := c.parse(string(b[:c.size]))
	return ok
}

// apacheClock reads what stands in %{…}t, in the words of strftime.
func apacheClock(arg string) (*clock, error) {
	arg = strings.TrimPrefix(strings.TrimPrefix(arg, "begin:"), "end:")
	switch arg {
	case "":
		return &clock{layout: timeLayout, size: len(timeLayout), brackets: true}, nil
	case "sec":
		return &clock{unit: time.Second}, nil
	case "msec":
		return &clock{unit: time.Millisecond}, nil
	case "usec":
		return &clock{unit: time.Microsecond}, nil
	}
	words := map[byte]string{
		'Y': "2006", 'm': "01", 'd': "02", 'H': "15", 'M': "04", 'S': "05", 'b': "Jan", 'z': "-0700", 'T': "15:04:05", 'F': "2006-01-02", '%': "%",
	}
	goLayout := ""
	for i := 0; i < len(arg); i++ {
		if arg[i] != '%' {
			goLayout += arg[i : i+1]
			continue
		}
		i++
		if i == len(arg) || words[arg[i]] == "" {
			return nil, errors.New("this way to write a time is not known")
		}
		goLayout += words[arg[i]]
	}
	at := time.Date(2026, 11, 20, 10, 15, 30, 0, time.FixedZone("", 3600))
	if again, err := time.Parse(goLayout, at.Format(goLayout)); err != nil || !again.Equal(at) {
		return nil, errors.New("a time needs its day, its second and its zone (%z)")
	}
	return &clock{layout: goLayout, size: len(at.Format(goLayout))}, nil
}
