package weblog

import (
	"fmt"
	"testing"
	"time"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/connector/rewrite/rewritetest"
)

// changing is a folder of which one log is being written, and the others are closed.
type changing struct {
	*harness
	rewritetest.Lines
}

func freshChanging(t *testing.T) connectortest.ChangeHarness {
	return newChanging(t, `{erase: delete, closed: ["access.log.?"], quiet: 0s}`)
}

func newChanging(t *testing.T, rule string) *changing {
	t.Helper()
	h := &changing{harness: newHarness(t)}
	h.Lines = rewritetest.Lines{Folder: rewritetest.NewFolder(t), Live: "access.log", Reference: func(line string) string { return ref(line, 0) }}
	h.harness.Folder = h.Lines.Folder.Folder
	c, err := connector.ParseConnection("log.yaml", fmt.Appendf(nil, `
system: logdateien
kind: weblog
match: [{by: [account]}, {by: [email]}, {by: [ip+time]}]
weblog: {files: ["%s/access.log*"], checksums: %q, change: %s}
`, h.Lines.Dir, h.Checksums, rule))
	if err != nil {
		t.Fatal(err)
	}
	h.connection = c
	for day, name := range []string{"access.log.3.zst", "access.log.2.gz", "access.log.1", "access.log"} {
		h.Lines.Write(t, name, entry("198.51.100.1", "-", time.Date(2026, 11, 1+day, 0, 0, 1, 0, time.UTC), "/start", 200))
	}
	return h
}

func (h *changing) Kind() connector.Kind { return Kind{step: h.Step} }

// Plant spreads lines over the files that are closed.
func (h *changing) Plant(t *testing.T, p connectortest.Person, n int) (refs []string) {
	t.Helper()
	for part, name := range []string{"access.log.3.zst", "access.log.2.gz", "access.log.1"} {
		for i := range n/3 + 1 {
			h.planted++
			at := p.At.Add(time.Duration(part*3600+i) * time.Second)
			one := entry(p.IP, p.Account, at, fmt.Sprintf("/seite/%d", h.planted), 200)
			h.Lines.Write(t, name, one, entry(p.IP, "-", p.At.AddDate(0, 0, 3), fmt.Sprintf("/anonym/%d", h.planted), 200))
			refs = append(refs, ref(one, 0))
		}
	}
	return refs
}

func (h *changing) Break(t *testing.T) func()        { return h.harness.Break(t) }
func (h *changing) Fingerprint(t *testing.T) string  { return h.harness.Fingerprint(t) }
func (h *changing) Connection() connector.Connection { return h.connection }

func TestLinesOfClosedLogsAreErased(t *testing.T) { connectortest.RunChanges(t, freshChanging) }

var _ connectortest.Cutter = (*changing)(nil)

// Cut ends the process between two steps.
func (h *changing) Cut(n int) { h.Steps.Cut(n) }
