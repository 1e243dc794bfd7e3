package authlog

import (
	"bytes"
	"encoding/binary"

	"einsicht/internal/connector/logs"
)

// exportLimit bounds the memory: a longer entry is a broken one.
const exportLimit = 64 << 10

// inExport says that an entry of a journal's export begins here. The address of
// the entry comes first, in each.
func inExport(raw []byte) bool { return bytes.HasPrefix(raw, []byte("__CURSOR=")) }

// gather collects an entry of the journal's export, which runs over lines up
// to an empty one. Fields whose value is no plain text have their length in
// front and may hold anything, also ends of lines.
type gather struct {
	Raw  []byte
	Want int // bytes of the value being read that are still to come
}

// add takes a line; done says that the entry is whole, and fine that it still
// can be.
func (g *gather) add(line []byte) (done, fine bool) {
	if g.Want == 0 && len(line) == 0 {
		return len(g.Raw) > 0, true
	}
	if len(g.Raw)+len(line)+1 > exportLimit {
		return false, false
	}
	start := len(g.Raw)
	g.Raw = append(append(g.Raw, line...), '\n')
	if g.Want == 0 && bytes.IndexByte(line, '=') >= 0 {
		return false, isName(line[:bytes.IndexByte(line, '=')])
	}
	if g.Want == 0 { // a name alone: eight bytes of length come next
		if !isName(line) {
			return false, false
		}
		g.Want = -8
		return false, true
	}
	if g.Want < 0 {
		g.Want += len(g.Raw) - start
		if g.Want < 0 {
			return false, true
		}
		over := g.Want // bytes behind the length
		length := g.Raw[len(g.Raw)-over-8:]
		n := binary.LittleEndian.Uint64(length)
		if n > exportLimit {
			return false, false
		}
		g.Want = int(n) + 1 - over
	} else {
		g.Want -= len(g.Raw) - start
	}
	return false, g.Want >= 0
}

func isName(b []byte) bool {
	for _, c := range b {
		if !('A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_') {
			return false
		}
	}
	return len(b) > 0
}

// readExport reads what gather collected.
func readExport(raw []byte) (entry, bool) {
	fields := map[string]string{}
	for len(raw) > 0 {
		line, rest, ended := bytes.Cut(raw, []byte{'\n'})
		if !ended {
			return entry{}, false
		}
		if name, value, plain := bytes.Cut(line, []byte{'='}); plain {
			fields[string(name)] = logs.Text(value)
			raw = rest
			continue
		}
		if len(rest) < 8 {
			return entry{}, false
		}
		n := binary.LittleEndian.Uint64(rest)
		if rest = rest[8:]; n >= uint64(len(rest)) || rest[n] != '\n' {
			return entry{}, false
		}
		fields[string(line)] = logs.Text(rest[:n])
		raw = rest[n+1:]
	}
	return journal(fields)
}
