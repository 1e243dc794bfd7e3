package maillog

import (
	"bytes"
	"time"
)

// head is what each line of syslog begins with:
//
//	Nov 10 09:30:15 mx1 postfix/smtpd[123]: …                          (RFC 3164)
//	2026-11-10T09:30:15.123456+01:00 mx1 postfix/smtpd[123]: …         (rsyslog)
//	<22>1 2026-11-10T09:30:15.003Z mx1 postfix/smtpd 123 - - …         (RFC 5424)
type head struct {
	at      time.Time
	host    []byte
	program []byte // with all its parts: postfix/submission/smtpd
	message []byte
}

// readHead reads the head. Zone and written are for times that tell neither
// their zone nor their year: a line is no younger than its file.
func readHead(line []byte, zone *time.Location, written time.Time) (h head, ok bool) {
	rest, modern := line, false
	if len(rest) > 0 && rest[0] == '<' {
		i := bytes.IndexByte(rest, '>')
		if i < 2 || i > 4 {
			return h, false
		}
		rest = rest[i+1:]
		if modern = bytes.HasPrefix(rest, []byte("1 ")); modern {
			rest = rest[2:]
		}
	}
	if h.at, rest, ok = readTime(rest, zone, written); !ok {
		return h, false
	}
	if h.host, rest, ok = bytes.Cut(rest, []byte(" ")); !ok || len(h.host) == 0 || !printable(h.host) {
		return h, false
	}
	if modern {
		return h, h.modern(rest)
	}
	tag, message, found := bytes.Cut(rest, []byte(": "))
	if !found {
		tag, found = bytes.CutSuffix(rest, []byte(":"))
	}
	if i := bytes.IndexByte(tag, '['); i >= 0 {
		tag = tag[:i]
	}
	if !found || len(tag) == 0 || bytes.IndexByte(tag, ' ') >= 0 {
		h.message = rest // "last message repeated 2 times"
		return h, printable(rest)
	}
	h.program, h.message = tag, message
	return h, printable(tag)
}

// modern reads "app procid msgid [data] message".
func (h *head) modern(rest []byte) (ok bool) {
	if h.program, rest, ok = bytes.Cut(rest, []byte(" ")); !ok {
		return false
	}
	for range 2 {
		if _, rest, ok = bytes.Cut(rest, []byte(" ")); !ok {
			return false
		}
	}
	if rest, ok = bytes.CutPrefix(rest, []byte("-")); !ok {
		if rest, ok = structured(rest); !ok {
			return false
		}
	}
	h.message = bytes.TrimPrefix(bytes.TrimPrefix(rest, []byte(" ")), []byte("\ufeff"))
	return printable(h.program)
}

// structured skips the structured data of RFC 5424, 6.3.
func structured(b []byte) (rest []byte, ok bool) {
	for len(b) > 0 && b[0] == '[' {
		quoted, end := false, -1
		for i := 1; i < len(b) && end < 0; i++ {
			switch {
			case quoted && b[i] == '\\':
				i++
			case b[i] == '"':
				quoted = !quoted
			case b[i] == ']' && !quoted:
				end = i
			}
		}
		if end < 0 {
			return nil, false
		}
		b, ok = b[end+1:], true
	}
	return b, ok
}

func readTime(line []byte, zone *time.Location, written time.Time) (at time.Time, rest []byte, ok bool) {
	if len(line) > 19 && line[4] == '-' {
		stamp, rest, found := bytes.Cut(line, []byte(" "))
		if len(stamp) > 40 || !found {
			return at, nil, false
		}
		if at, err := time.Parse(time.RFC3339, string(stamp)); err == nil {
			return at, rest, true
		}
		at, err := time.ParseInLocation("2006-01-02T15:04:05", string(stamp), zone) // fractions fit
		return at, rest, err == nil
	}
	const classic, withYear = "Jan _2 15:04:05", "Jan _2 2006 15:04:05"
	if len(line) > len(classic) && line[len(classic)] == ' ' {
		// 2000 was a leap year: 29 February can be read.
		if at, err := time.ParseInLocation("2006 "+classic, "2000 "+string(line[:len(classic)]), zone); err == nil {
			return inYear(at, written), line[len(classic)+1:], true
		}
	}
	if len(line) > len(withYear) && line[len(withYear)] == ' ' {
		at, err := time.ParseInLocation(withYear, string(line[:len(withYear)]), zone)
		return at, line[len(withYear)+1:], err == nil
	}
	return at, nil, false
}

// inYear gives a time its year: the last one in which it was over when the file
// was last written. A day is for clocks that disagree.
func inYear(at, written time.Time) time.Time {
	latest := written.Add(24 * time.Hour).In(at.Location())
	for year := latest.Year(); ; year-- {
		t := time.Date(year, at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), 0, at.Location())
		if !t.After(latest) && t.Day() == at.Day() || year < latest.Year()-8 {
			return t
		}
	}
}

func printable(b []byte) bool {
	for _, c := range b {
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}
