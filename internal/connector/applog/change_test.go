package applog

import (
	"fmt"
	"strings"
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

var _ connectortest.Cutter = (*changing)(nil)

func freshChanging(t *testing.T) connectortest.ChangeHarness {
	t.Helper()
	h := &changing{harness: newHarness(t)}
	h.Lines = rewritetest.Lines{Folder: rewritetest.NewFolder(t), Live: "app.log", Reference: ref}
	h.harness.Folder = h.Lines.Folder.Folder
	h.connection = parse(t, strings.Replace(fmt.Sprintf(connectionFile, h.Lines.Dir), "applog:\n",
		fmt.Sprintf("applog:\n  checksums: %q\n  change: {erase: delete, closed: [\"app.log.?\"], quiet: 0s}\n", h.Checksums), 1))
	for day, name := range []string{"app.log.3.zst", "app.log.2.gz", "app.log.1", "app.log"} {
		h.Lines.Write(t, name, stamp(time.Date(2026, 11, 1+day, 0, 0, 1, 0, time.UTC))+" app: started\n")
	}
	return h
}

func (h *changing) Kind() connector.Kind             { return Kind{step: h.Step} }
func (h *changing) Connection() connector.Connection { return h.connection }
func (h *changing) Break(t *testing.T) func()        { return h.harness.Break(t) }
func (h *changing) Fingerprint(t *testing.T) string  { return h.harness.Fingerprint(t) }

// Cut ends the process between two steps.
func (h *changing) Cut(n int) { h.Steps.Cut(n) }

// Plant writes sessions and calls into the files that are closed, one of them over
// the end of a file.
func (h *changing) Plant(t *testing.T, p connectortest.Person, n int) (refs []string) {
	t.Helper()
	var over []string
	for part, name := range []string{"app.log.3.zst", "app.log.2.gz", "app.log.1"} {
		lines := over
		over = nil
		for i := 0; i < n/3+1; i += 7 {
			at := p.At.Add(time.Duration(part)*time.Hour + time.Duration(i)*time.Millisecond)
			own, others, call := h.session(at, p.Account), h.session(at, "jemand"), h.call(at, p)
			refs = append(append(refs, own.refs()...), call.refs()...)
			for step := range 4 {
				lines = append(lines, own[step], others[step])
			}
			lines = append(lines, call...)
			if part < 2 {
				last := h.session(at, p.Account)
				refs = append(refs, last.refs()...)
				lines, over = append(lines, last[:1]...), append(over, last[1:]...)
			}
		}
		h.Lines.Write(t, name, lines...)
	}
	return refs
}

func TestLinesOfClosedLogsAreErased(t *testing.T) { connectortest.RunChanges(t, freshChanging) }
