package weblog

import (
	"bytes"
	"context"

	"einsicht/internal/connector"
	"einsicht/internal/connector/logs"
	"einsicht/internal/connector/rewrite"
)

// desk takes lines out of logs that are closed.
func (s *site) desk(step func(string) error) rewrite.Desk {
	var mask func([]byte) ([]byte, []connector.Kept)
	if l, ok := s.format.(*layout); ok && s.mapping.Change.Declared() && s.mapping.Change.Erase == rewrite.Masking {
		mask = func(text []byte) ([]byte, []connector.Kept) { return l.mask(text, s.mapping.Change) }
	}
	return rewrite.Desk{
		Files: rewrite.Files{System: s.connection.System, Patterns: s.mapping.Files, Checksums: s.mapping.Checksums, Rule: s.mapping.Change, Step: step},
		Locate: func(ctx context.Context, wanted map[string]bool, yield func(rewrite.Spot) error) error {
			return s.files.Locate(ctx, wanted, s.record, mask, yield)
		},
	}
}

// record gives what Find gives of a line.
func (s *site) record(l logs.Line) (connector.Finding, bool) {
	r, ok := s.format.read(l.Text)
	if !ok {
		return connector.Finding{}, false
	}
	return s.finding(connector.Query{}, l, "", r, nil, ""), true
}

// checkMask makes sure that a mask says something of each value of a line: what
// nobody thought of must not be left standing.
func (m mapping) checkMask(c connector.Connection, f format) error {
	if !m.Change.Declared() || m.Change.Erase != rewrite.Masking {
		return nil
	}
	l, ok := f.(*layout)
	if !ok {
		return c.Wrong("change.mask", "is for formats other than json; there, say erase: delete")
	}
	for _, p := range l.parts {
		if !m.Change.Covers(p.name) {
			return c.Wrong("change.mask", "says nothing of "+p.name+"; name it there or under keep")
		}
		if _, masks := m.Change.Mask[p.name]; masks && p.clock != nil {
			return c.Wrong("change.mask."+p.name, "is the time, without which nobody can read the line")
		}
	}
	for name := range m.Change.Mask {
		if !l.has(name) {
			return c.Wrong("change.mask."+name, "is no value of a line")
		}
	}
	return nil
}

// mask gives a line of the same length in which only what is kept still stands;
// nothing where that can't be.
func (l *layout) mask(text []byte, rule *rewrite.Rule) ([]byte, []connector.Kept) {
	line := bytes.TrimRight(text, "\r\n")
	line = line[:len(line):len(line)]
	var masked []byte
	at := 0
	rest, ok := l.walk(line, func(p part, value []byte) bool {
		start := len(line) - cap(value)
		masked = append(append(masked, line[at:start]...), rule.Masked(p.name, string(value))...)
		at = start + len(value)
		return true
	})
	if !ok || len(bytes.TrimSpace(rest)) > 0 { // nobody declared what stands behind the last value
		return nil, nil
	}
	masked = append(masked, line[at:]...)
	if bytes.Equal(masked, line) {
		return nil, nil
	}
	masked = append(masked, bytes.Repeat([]byte(" "), len(line)-len(masked))...)
	if _, ok := l.read(masked); !ok {
		return nil, nil
	}
	return append(masked, text[len(line):]...), rule.Keeps()
}
