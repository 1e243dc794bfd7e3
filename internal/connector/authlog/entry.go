package authlog

import (
	"bytes"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/leodido/go-syslog/v4/rfc5424"

	"einsicht/internal/connector/logs"
)

// entry is what a program told the log, and what the log wrote down with it.
type entry struct {
	at                       time.Time
	when                     string // as it stands there
	host, process, pid, text string
	other                    []pair // what a journal keeps besides
}

type pair struct{ name, value string }

// read reads a line, or an entry of a journal's export. Written is when the
// file was last changed.
func read(raw []byte, written time.Time, zone *time.Location) (entry, bool) {
	switch {
	case len(raw) == 0:
		return entry{}, false
	case raw[0] == '{':
		return readJSON(raw)
	case inExport(raw):
		return readExport(raw)
	case raw[0] == '<':
		if e, ok := read5424(raw); ok {
			return e, true
		}
		if i := bytes.IndexByte(raw, '>'); 0 < i && i < 5 {
			raw = raw[i+1:]
		}
	}
	return readText(logs.Text(raw), written, zone)
}

func read5424(raw []byte) (entry, bool) {
	m, err := rfc5424.NewParser().Parse(raw)
	if err != nil {
		return entry{}, false
	}
	s, ok := m.(*rfc5424.SyslogMessage)
	if !ok || s.Timestamp == nil || s.Message == nil {
		return entry{}, false
	}
	e := entry{at: *s.Timestamp, when: s.Timestamp.Format(time.RFC3339Nano), text: strings.TrimPrefix(*s.Message, "\ufeff")}
	for _, v := range []struct {
		from *string
		to   *string
	}{{s.Hostname, &e.host}, {s.Appname, &e.process}, {s.ProcID, &e.pid}} {
		if v.from != nil {
			*v.to = *v.from
		}
	}
	return e, true
}

var (
	// "Nov 20 10:15:00 host sshd[4711]: …" (RFC 3164), or with the time of
	// RFC 3339, as rsyslog writes it.
	syslogLine = regexp.MustCompile(`^([A-Z][a-z]{2} [ 0-3]?\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S+) (\S+) ([^\s\[\]:]+)(?:\[(\d+)\])?: ?(.*)$`)
	// "2026-11-20 10:15:00 …" and, before 2.5, "Fri Nov 20 10:15:00 2026 …".
	openvpnLine = regexp.MustCompile(`^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d|[A-Z][a-z]{2} [A-Z][a-z]{2} [ 0-3]\d \d\d:\d\d:\d\d \d{4})(?: us=\d+)? (.*)$`)
)

func readText(line string, written time.Time, zone *time.Location) (entry, bool) {
	if m := syslogLine.FindStringSubmatch(line); m != nil {
		at, err := time.Parse(time.RFC3339, m[1])
		if err != nil {
			at, err = withoutYear(m[1], written, zone)
		}
		return entry{at: at, when: m[1], host: m[2], process: m[3], pid: m[4], text: m[5]}, err == nil
	}
	if m := openvpnLine.FindStringSubmatch(line); m != nil {
		at, err := time.ParseInLocation(time.DateTime, m[1], zone)
		if err != nil {
			at, err = time.ParseInLocation(time.ANSIC, m[1], zone)
		}
		return entry{at: at, when: m[1], process: "openvpn", text: m[2]}, err == nil
	}
	return entry{}, false
}

// withoutYear gives a time the latest year in which it is not after the file
// was written; a day more, since clocks and zones differ.
func withoutYear(s string, written time.Time, zone *time.Location) (time.Time, error) {
	latest := written.AddDate(0, 0, 1)
	for year := latest.Year(); ; year-- {
		at, err := time.ParseInLocation("2006 Jan _2 15:04:05", strconv.Itoa(year)+" "+s, zone)
		if err == nil && !at.After(latest) {
			return at, nil
		}
		if year < latest.Year()-8 { // 29 February may be eight years ago
			return at, err
		}
	}
}

// journal makes an entry of the fields of a journal, systemd.journal-fields(7).
func journal(fields map[string]string) (entry, bool) {
	e := entry{text: fields["MESSAGE"], host: fields["_HOSTNAME"]}
	stamp := fields["_SOURCE_REALTIME_TIMESTAMP"]
	if stamp == "" {
		stamp = fields["__REALTIME_TIMESTAMP"]
	}
	us, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || us < 0 || us > 1<<53 {
		return e, false
	}
	e.at = time.UnixMicro(us).UTC()
	e.when = e.at.Format(time.RFC3339Nano)
	used := []string{"MESSAGE", "_HOSTNAME", "_SOURCE_REALTIME_TIMESTAMP", "__REALTIME_TIMESTAMP"}
	for _, v := range []struct {
		to    *string
		names []string
	}{{&e.process, []string{"SYSLOG_IDENTIFIER", "_COMM"}}, {&e.pid, []string{"SYSLOG_PID", "_PID"}}} {
		for _, name := range v.names {
			if *v.to == "" {
				*v.to = fields[name]
				used = append(used, name)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if !slices.Contains(used, name) {
			e.other = append(e.other, pair{name, fields[name]})
		}
	}
	return e, true
}

// readJSON reads a line of "journalctl -o json". What is no UTF-8 stands there
// as an array of numbers, and a field that was set several times as an array
// of its values.
func readJSON(raw []byte) (entry, bool) {
	var object map[string]json.RawMessage
	if json.Unmarshal(raw, &object) != nil {
		return entry{}, false
	}
	fields := map[string]string{}
	for name, value := range object {
		var text string
		var octets []uint8
		var numbers []int
		switch {
		case json.Unmarshal(value, &text) == nil:
		case json.Unmarshal(value, &numbers) == nil:
			for _, n := range numbers {
				octets = append(octets, uint8(n))
			}
			text = logs.Text(octets)
		default:
			text = string(value)
		}
		fields[name] = text
	}
	return journal(fields)
}

func (s *site) timeOf(line []byte, written time.Time) (time.Time, bool) {
	if stamp, ok := bytes.CutPrefix(line, []byte("__REALTIME_TIMESTAMP=")); ok {
		us, err := strconv.ParseInt(string(stamp), 10, 64)
		return time.UnixMicro(us).UTC(), err == nil && us >= 0 && us <= 1<<53
	}
	if inExport(line) {
		return time.Time{}, false
	}
	e, ok := read(line, written, s.zone)
	return e.at, ok
}
