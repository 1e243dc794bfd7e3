package weblog

import (
	"bytes"
	"time"
)

// line is one line of a log in combined format:
//
//	192.0.2.7 - erika [20/Nov/2026:10:15:00 +0100] "GET / HTTP/1.1" 200 512 "-" "Mozilla/5.0"
type line struct {
	host, user, when              []byte
	request, status, size         []byte
	referer, agent, moreThanUsual []byte
}

const timeLayout = "02/Jan/2006:15:04:05 -0700"

// head reads the part in front of the request, which is enough to see whose
// line it is. A user name may hold blanks and brackets: the first thing that
// looks like a time counts.
func (l *line) head(raw []byte) (rest []byte, ok bool) {
	i := bytes.IndexByte(raw, ' ')
	if i <= 0 {
		return nil, false
	}
	l.host = raw[:i]
	for j := i; ; {
		k := bytes.Index(raw[j:], []byte(" ["))
		if k < 0 {
			return nil, false
		}
		j += k + 2
		end := j + len(timeLayout)
		if end+2 > len(raw) || raw[end] != ']' || raw[j+2] != '/' || raw[j+6] != '/' || raw[j+11] != ':' {
			continue
		}
		l.when = raw[j:end]
		if between := raw[i:max(i, j-2)]; len(between) > 0 {
			_, user, found := bytes.Cut(between[1:], []byte(" "))
			if !found {
				return nil, false
			}
			l.user = user
		}
		return raw[end+1:], l.user != nil
	}
}

// tail reads the rest.
func (l *line) tail(rest []byte) (ok bool) {
	if l.request, rest, ok = quoted(rest); !ok {
		return false
	}
	if l.status, rest, ok = word(rest); !ok || len(l.status) != 3 {
		return false
	}
	if l.size, rest, ok = word(rest); !ok {
		return false
	}
	if l.referer, rest, ok = quoted(rest); !ok {
		return false
	}
	if l.agent, rest, ok = quoted(rest); !ok {
		return false
	}
	l.moreThanUsual = bytes.TrimSpace(rest)
	return true
}

func (l *line) time() (time.Time, bool) {
	t, err := time.Parse(timeLayout, string(l.when))
	return t, err == nil
}

// quoted takes ' "…"', in which servers write a quote as \".
func quoted(b []byte) (value, rest []byte, ok bool) {
	if len(b) < 2 || b[0] != ' ' || b[1] != '"' {
		return nil, nil, false
	}
	for i := 2; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return b[2:i], b[i+1:], true
		}
	}
	return nil, nil, false
}

func word(b []byte) (value, rest []byte, ok bool) {
	if len(b) < 2 || b[0] != ' ' {
		return nil, nil, false
	}
	b = b[1:]
	if i := bytes.IndexByte(b, ' '); i >= 0 {
		return b[:i], b[i:], i > 0
	}
	return b, nil, true
}
