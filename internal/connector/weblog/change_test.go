package weblog

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/connector/rewrite"
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

// findings asks for an account.
func (h *changing) findings(t *testing.T, from connector.Cursor) (refs []string, cursors []connector.Cursor, answer connector.Answer) {
	t.Helper()
	opened, err := h.Kind().Open(t.Context(), h.connection)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	answer, err = opened.Find(t.Context(), connectortest.Erika.Query(), from, func(f connector.Finding, at connector.Cursor) error {
		refs, cursors = append(refs, f.Reference), append(cursors, slices.Clone(at))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return refs, cursors, answer
}

func (h *changing) erase(t *testing.T, refs ...string) (effects []connector.Effect) {
	t.Helper()
	opened, err := h.Kind().Open(t.Context(), h.connection)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	var changes []connector.Change
	for _, ref := range refs {
		changes = append(changes, connector.Change{ID: uuid.New(), Do: connector.CanErase, Reference: ref})
	}
	if effects, err = opened.(connector.Changer).Carry(t.Context(), changes); err != nil {
		t.Fatal(err)
	}
	return effects
}

// A question that rests while lines are taken out goes on where it was, with nothing
// twice and nothing left out. Only where a file is no longer known by how it begins
// does the answer say that a part is missing.
func TestACursorOutlivesARewriting(t *testing.T) {
	for _, c := range []struct{ from, gaps int }{{300, 0}, {0, 1}} {
		h := newChanging(t, `{erase: delete, closed: ["access.log.?"], quiet: 0s}`)
		h.Plant(t, connectortest.Erika, 600)
		all, cursors, answer := h.findings(t, nil)
		if len(all) != 603 || answer.Partial() {
			t.Fatalf("got %d, %v", len(all), answer.Gaps)
		}
		h.erase(t, all[c.from:c.from+50]...)
		if now, _, answer := h.findings(t, nil); len(now) != 553 || answer.Partial() {
			t.Errorf("got %d and %v after it, want 553", len(now), answer.Gaps)
		}
		rest, _, answer := h.findings(t, cursors[149])
		if c.gaps == 0 {
			if want := slices.Concat(all[150:300], all[350:]); !slices.Equal(rest, want) || answer.Partial() {
				t.Errorf("got %d and %v, want %d", len(rest), answer.Gaps, len(want))
			}
		} else if len(answer.Gaps) != 1 || len(rest) < 402 {
			t.Errorf("got %d and %v, want all of the younger files and one gap", len(rest), answer.Gaps)
		}
	}
}

func TestLinesAreMasked(t *testing.T) {
	const (
		at   = ` [20/Nov/2026:10:15:00 +0100] "GET / HTTP/1.1" 200 5 "-" "Mozilla"`
		rule = `mask: {address: network, account: "-"}, keep: [time, request, status, size, referer, agent, "%%l"], why: Statistik`
	)
	for name, c := range map[string]struct{ line, left, state string }{
		"IPv4":                           {"192.0.2.77 - erika.m" + at, "192.0.2.0 - -" + at, "changed"},
		"IPv6":                           {"2001:db8:1:2::77 - erika.m" + at, "2001:db8:1:: - -" + at, "changed"},
		"a name of a computer":           {"pc7.example.org - erika.m" + at, "- - -" + at, "changed"},
		"an end of a line with a return": {"192.0.2.77 - erika.m" + at + "\r", "192.0.2.0 - -" + at + "\r", "changed"},
		"more behind it":                 {"192.0.2.77 - erika.m" + at + " 17", "192.0.2.77 - erika.m" + at + " 17", "undeclared"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newChanging(t, `{erase: mask, closed: ["access.log.?"], quiet: 0s, `+strings.ReplaceAll(rule, "%%", "%")+`}`)
			h.Lines.Put(t, "access.log.1", "x\n"+c.line+"\ny\n")
			left, end := strings.CutSuffix(c.left, "\r")
			c.left = left + strings.Repeat(" ", len(strings.TrimSuffix(c.line, "\r"))-len(left)) + map[bool]string{true: "\r"}[end]
			e := h.erase(t, ref(c.line, 0))[0]
			if string(e.State) != c.state || c.state == "changed" && (!e.Gone() || len(e.Kept) != 8) {
				t.Errorf("got %s %s, %v", e.State, e.Reason, e.Kept)
			}
			if got := h.Lines.Text(t, "access.log.1"); got != "x\n"+c.left+"\ny\n" {
				t.Errorf("got  %q\nwant %q", got, "x\n"+c.left+"\ny\n")
			}
			if again := h.erase(t, exactly(c.left))[0]; c.state == "changed" && again.State != connector.Undeclared {
				t.Errorf("what is masked already: got %s", again.State)
			}
		})
	}
}

// exactly is the reference of a line that may end with blanks.
func exactly(line string) string {
	sum := sha256.Sum256([]byte(strings.TrimRight(line, "\r\n")))
	return "line/" + hex.EncodeToString(sum[:16]) + "/0"
}

func TestRulesThatAreRefused(t *testing.T) {
	for rule, key := range map[string]string{
		`{}`:                                  "change.erase",
		`{erase: burn}`:                       "change.erase",
		`{erase: delete, keep: [time]}`:       "change.keep",
		`{erase: mask, why: x}`:               "change.mask",
		`{erase: mask, mask: {account: "-"}}`: "change.why",
		`{erase: mask, mask: {account: "a b"}, why: x}`:                "change.mask.account",
		`{erase: mask, mask: {account: "-"}, keep: [account], why: x}`: "change.keep",
		`{erase: mask, mask: {account: "-"}, why: x}`:                  "change.mask",
		`{erase: mask, mask: {time: "-", account: "-", address: network, request: "-", status: "-", size: "-", referer: "-", agent: "-", "%l": "-"}, why: x}`: "change.mask.time",
		`{erase: delete, closed: ["/var/log/x"]}`: "change.closed",
		`{erase: delete, closed: ["["]}`:          "change.closed",
		`{erase: delete, quiet: -1s}`:             "change.quiet",
	} {
		text := fmt.Sprintf("system: x\nkind: weblog\nmatch: [{by: [account]}]\nweblog: {files: [/x/access.log*], checksums: /x/sums, change: %s}\n", rule)
		c, err := connector.ParseConnection("x.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := (Kind{}).Check(c); err == nil || !strings.Contains(err.Error(), "weblog."+key) {
			t.Errorf("%s: got %v, want something about %s", rule, err, key)
		}
		if slices.Contains(Kind{}.Abilities(c), connector.CanErase) {
			t.Errorf("%s: says that it can erase", rule)
		}
	}
	c, _ := connector.ParseConnection("x.yaml", []byte("system: x\nkind: weblog\nmatch: [{by: [account]}]\nweblog: {files: [/x/access.log*], change: {erase: delete}}\n"))
	if err := (Kind{}).Check(c); err == nil || !strings.Contains(err.Error(), "checksums") {
		t.Errorf("without a folder for checksums: got %v", err)
	}
}

// A masked line has its length, reads as before but for what is masked, and says no
// longer what was.
func FuzzMask(f *testing.F) {
	f.Add([]byte(`192.0.2.77 - erika [20/Nov/2026:10:15:00 +0100] "GET /\"x HTTP/1.1" 200 5 "-" "Mo"` + "\r"))
	f.Add([]byte(`2001:db8::1 - er [x] ika [20/Nov/2026:10:15:00 +0100] "" 200 - "" ""`))
	l, err := newLayout(combined)
	if err != nil {
		f.Fatal(err)
	}
	rule := &rewrite.Rule{Erase: rewrite.Masking, Mask: map[string]string{"address": rewrite.Network, "account": "gone"}}
	f.Fuzz(func(t *testing.T, line []byte) {
		before := bytes.Clone(line)
		after, _ := l.mask(line, rule)
		if !bytes.Equal(before, line) {
			t.Fatal("the line itself was changed")
		}
		if after == nil {
			return
		}
		if len(after) != len(line) {
			t.Fatalf("%d bytes became %d", len(line), len(after))
		}
		was, _ := l.read(bytes.TrimRight(line, "\r\n"))
		is, ok := l.read(bytes.TrimRight(after, "\r\n"))
		if !ok {
			t.Fatalf("%q can't be read", after)
		}
		for _, name := range names {
			want := was.values[name]
			if name == "address" || name == "account" {
				want = rule.Masked(name, want)
			}
			if is.values[name] != want {
				t.Errorf("%s is %q, want %q", name, is.values[name], want)
			}
		}
	})
}

// Where a file can't be read, nobody can say that a record is gone; and a copy would
// bring back what was erased.
func TestFilesThatKeepARecordFromBeingErased(t *testing.T) {
	const rule = `{erase: delete, closed: ["access.log.*"], quiet: 0s}`
	line := entry("192.0.2.7", "erika", time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC), "/", 200)
	t.Run("one that can't be read", func(t *testing.T) {
		h := newChanging(t, rule)
		h.Lines.Write(t, "access.log.1", line)
		if err := os.WriteFile(h.Lines.Path("access.log.9.gz"), []byte("\x1f\x8bnothing"), 0o600); err != nil {
			t.Fatal(err)
		}
		opened, err := h.Kind().Open(t.Context(), h.connection)
		if err != nil {
			t.Fatal(err)
		}
		defer opened.Close()
		changer := opened.(connector.Changer)
		if _, err := changer.Read(t.Context(), []string{ref(line, 0)}); !errors.Is(err, connector.ErrUnreachable) {
			t.Errorf("read: got %v", err)
		}
		if _, err := changer.Carry(t.Context(), []connector.Change{{Do: connector.CanErase, Reference: ref(line, 0)}}); !errors.Is(err, connector.ErrUnreachable) {
			t.Errorf("carry: got %v", err)
		}
		if !strings.Contains(h.Lines.Text(t, "access.log.1"), line) {
			t.Error("the line is gone")
		}
	})
	t.Run("a copy", func(t *testing.T) {
		h := newChanging(t, rule)
		h.Lines.Write(t, "access.log.1", line)
		h.Lines.Write(t, "access.log.1.old", h.Lines.Text(t, "access.log.1"))
		if e := h.erase(t, ref(line, 0))[0]; e.State != connector.Hindered || e.Reason != "connector.rewrite.twice" {
			t.Errorf("got %s %s", e.State, e.Reason)
		}
		if !strings.Contains(h.Lines.Text(t, "access.log.1"), line) {
			t.Error("the line is gone")
		}
	})
}
