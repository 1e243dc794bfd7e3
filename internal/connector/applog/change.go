package applog

import (
	"bytes"
	"context"

	"einsicht/internal/connector"
	"einsicht/internal/connector/logs"
	"einsicht/internal/connector/rewrite"
)

// desk takes lines out of logs that are closed.
func (a *application) desk(step func(string) error) rewrite.Desk {
	return rewrite.Desk{
		Files: rewrite.Files{System: a.connection.System, Patterns: a.mapping.Files, Checksums: a.mapping.Checksums, Rule: a.mapping.Change, Step: step},
		Locate: func(ctx context.Context, wanted map[string]bool, yield func(rewrite.Spot) error) error {
			return a.files.Locate(ctx, wanted, a.record, nil, yield)
		},
	}
}

// record gives what Find gives of a line. Whom it names beside the person is known
// only to who asks for somebody.
func (a *application) record(l logs.Line) (connector.Finding, bool) {
	if bytes.IndexByte(l.Text, 0) >= 0 {
		return connector.Finding{}, false
	}
	p, groups := a.mapping.match(l.Text)
	if p == nil {
		return a.asItStands(l), bytes.IndexByte(l.Text, '@') >= 0
	}
	e := entry{Line: l, pattern: p, groups: groups}
	var ok bool
	e.at, ok = p.clock.read(e.group(p.clock.group), l.Written)
	return e.finding(e.declaredOthers(), a.connection.Version), ok
}
