package weblog

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/person"
)

func TestConformance(t *testing.T) { connectortest.Run(t, fresh) }

func find(t *testing.T, h *harness, from connector.Cursor, q connector.Query) (refs []string, all []connector.Finding, cursors []connector.Cursor, a connector.Answer) {
	t.Helper()
	c, err := Kind{}.Open(t.Context(), h.connection)
	if err != nil {
		t.Fatal(err)
	}
	a, err = c.Find(t.Context(), q, from, func(f connector.Finding, at connector.Cursor) error {
		refs, all, cursors = append(refs, f.Reference), append(all, f), append(cursors, slices.Clone(at))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return refs, all, cursors, a
}

func address(at time.Time, verified bool, record string) connector.Query {
	return connector.Query{Identifiers: []person.Identifier{{
		ID: uuid.New(), Kind: person.IPTime, Value: person.NewText(person.FormatIPTime(netip.MustParseAddr("192.0.2.7"), at)), Verified: verified, Record: record,
	}}}
}

func TestAnAddressLeadsOnlyWhereARecordNamesIt(t *testing.T) {
	at := time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)
	h := newHarness(t)
	berlin := time.FixedZone("", 3600)
	var near []string
	for _, l := range []struct {
		line string
		near bool
	}{
		{entry("192.0.2.7", "-", at.Add(-10*time.Minute).In(berlin), "/a", 200), true},
		{entry("192.0.2.7", "-", at.Add(10*time.Minute).In(berlin), "/b", 200), true},
		{entry("::ffff:192.0.2.7", "-", at, "/c", 200), true},
		{entry("192.0.2.7", "-", at.Add(-10*time.Minute-time.Second), "/d", 200), false},
		{entry("192.0.2.7", "-", at.Add(time.Hour).In(berlin), "/e", 200), false},
		{entry("192.0.2.70", "-", at, "/f", 200), false},
		{strings.Replace(entry("192.0.2.7", "-", at, "/g", 200), "+0000", "+0100", 1), false}, // an hour earlier
	} {
		h.Write(t, "access.log", l.line)
		if l.near {
			near = append(near, ref(l.line, 0))
		}
	}
	for _, c := range []struct {
		name    string
		q       connector.Query
		want    []string
		outcome connector.Outcome
		reason  string
	}{
		{"a verified record names it", address(at, true, "shop/orders/17"), near, connector.Found, "connector.weblog.rest"},
		{"a record names it that is not verified yet", address(at, false, "shop/orders/17"), near, connector.Found, "connector.weblog.rest"},
		{"somebody typed it", address(at, false, ""), nil, connector.Unattributable, "connector.logs.typed_address"},
		{"a record names it at another time", address(at.AddDate(0, 0, 5), true, "shop/orders/17"), nil, connector.Nothing, "connector.weblog.rest"},
	} {
		t.Run(c.name, func(t *testing.T) {
			refs, all, _, a := find(t, h, nil, c.q)
			if !slices.Equal(refs, c.want) || a.Outcome != c.outcome || a.Reason != c.reason {
				t.Errorf("got %d lines, %q, %q, want %d, %q, %q", len(refs), a.Outcome, a.Reason, len(c.want), c.outcome, c.reason)
			}
			for _, f := range all {
				if f.Confidence != connector.Check || len(f.Led) != 1 || f.Led[0][0] != c.q.Identifiers[0].ID {
					t.Errorf("got %q led by %v, want to be checked and the address", f.Confidence, f.Led)
				}
			}
		})
	}
}

func account() connector.Query {
	return connector.Query{Identifiers: []person.Identifier{{ID: uuid.New(), Kind: person.Account, Value: person.NewText("emustermann"), Verified: true}}}
}

func TestRotationLosesNothing(t *testing.T) {
	h := newHarness(t)
	want := h.Plant(t, connectortest.Erika, 60)
	before, _, cursors, _ := find(t, h, nil, connectortest.Erika.Query())
	// access.log.1 is compressed and still there; access.log becomes access.log.1 later.
	rotate := func(from, to string) {
		if err := os.Rename(filepath.Join(h.Dir, from), filepath.Join(h.Dir, to)); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(filepath.Join(h.Dir, "access.log.1"))
	if err != nil {
		t.Fatal(err)
	}
	rotate("access.log.2.gz", "access.log.3.gz")
	h.Write(t, "access.log.2.gz", string(text))
	rotate("access.log", "access.log.0")
	h.Write(t, "access.log", entry("198.51.100.1", "-", time.Date(2026, 11, 30, 0, 0, 1, 0, time.UTC), "/", 200))
	after, _, _, a := find(t, h, nil, connectortest.Erika.Query())
	if !slices.Equal(before, after) || a.Partial() || len(sub(want, after)) > 0 {
		t.Errorf("after rotation: got %d lines, partial %v, want the %d from before", len(after), a.Partial(), len(before))
	}
	for i := 0; i < len(cursors); i += 7 {
		rest, _, _, _ := find(t, h, cursors[i], connectortest.Erika.Query())
		if !slices.Equal(rest, before[i+1:]) {
			t.Fatalf("resumed after line %d of %d: got %d more, want %d", i+1, len(before), len(rest), len(before)-i-1)
		}
	}
	if err := os.Remove(filepath.Join(h.Dir, "access.log.3.gz")); err != nil {
		t.Fatal(err)
	}
	if _, _, _, a := find(t, h, cursors[0], connectortest.Erika.Query()); !a.Partial() || a.Gaps[0].Reason != "connector.gap.rotated" {
		t.Errorf("the file of the cursor is gone: got gaps %v, want one that says so", a.Gaps)
	}
}

func sub(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}

func TestBrokenLines(t *testing.T) {
	at := time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)
	good := entry("192.0.2.7", "emustermann", at, "/gut", 200)
	for _, c := range []struct {
		name, line string
		gap        string
	}{
		{"nothing wrong", entry("192.0.2.7", "-", at, "/x", 200), ""},
		{"half a line in the middle", "192.0.2.7 - emustermann [03/Nov/2026:12:00:00 +0000] \"GET /x\n", "connector.gap.broken_lines"},
		{"no log at all", "Segmentation fault\n", "connector.gap.broken_lines"},
		{"noughts after a crash", strings.Repeat("\x00", 500) + "\n", "connector.gap.broken_lines"},
		{"a line of ten megabytes", strings.Repeat("x", 10<<20) + "\n", "connector.gap.broken_lines"},
		{"a user name with blanks and brackets", entry("192.0.2.7", "x [y] [03/Nov", at, "/x", 200), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHarness(t)
			h.Write(t, "access.log.1", good, c.line, entry("192.0.2.7", "emustermann", at, "/danach", 200))
			h.Write(t, "access.log", `192.0.2.7 - emustermann [03/Nov/2026:12:00:00 +0000] "GET /wird gerade geschr`)
			refs, _, _, a := find(t, h, nil, account())
			if len(refs) != 2 {
				t.Errorf("got %d lines, want the 2 good ones", len(refs))
			}
			if a.Partial() != (c.gap != "") || a.Partial() && (a.Gaps[0].Reason != c.gap || a.Gaps[0].Place != "access.log.1" || len(a.Gaps) > 1) {
				t.Errorf("got gaps %v, want %q", a.Gaps, c.gap)
			}
		})
	}
}

func TestALineSaysWhatItIs(t *testing.T) {
	h := newHarness(t)
	at := time.Date(2026, 11, 3, 12, 0, 0, 0, time.FixedZone("", 3600))
	h.Write(t, "access.log", entry("192.0.2.7", "EMustermann", at, "/suche?q=x", 200), entry("203.0.113.9", "emustermann", at, "/geraten", 401))
	_, all, _, a := find(t, h, nil, account())
	if len(all) != 2 {
		t.Fatalf("got %d lines, want 2", len(all))
	}
	var got []string
	for _, f := range all[0].Fields {
		got = append(got, f.Name+"="+f.Value.Reveal())
		if f.Title("de") == f.Name {
			t.Errorf("%s has no name for people", f.Name)
		}
	}
	want := []string{"time=03/Nov/2026:12:00:00 +0100", "address=192.0.2.7", "account=EMustermann", "request=GET /suche?q=x HTTP/1.1", "status=200", "size=512", "referer=-", `agent=Mozilla/5.0 (\"X\")`}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if !all[0].Origin.At.Equal(at) || all[0].Confidence != connector.Sure {
		t.Errorf("got %v and %q, want %v and sure", all[0].Origin.At, all[0].Confidence, at)
	}
	if len(all[0].Hints) != 1 || all[0].Hints[0].Value.Reveal() != "192.0.2.7 2026-11-03T11:00:00Z" || all[0].Hints[0].Record != "logdateien/"+all[0].Reference {
		t.Errorf("got %d hints, want address and time", len(all[0].Hints))
	}
	if all[1].Confidence != connector.Check || len(all[1].Hints) != 0 {
		t.Errorf("a refused sign-in: got %q, want to be checked: anybody can type a name", all[1].Confidence)
	}
	if !a.From.Equal(time.Date(2026, 11, 1, 0, 0, 1, 0, time.UTC)) || !a.Until.Equal(at) {
		t.Errorf("got the time from %v until %v", a.From, a.Until)
	}
}

func TestANameCountsOnlyWhereThePasswordWasChecked(t *testing.T) {
	at := time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)
	common := entry("192.0.2.7", "emustermann", at, "/", 200)
	object := `{"ts":"2026-11-03T12:00:00Z","ip":"192.0.2.7","user":"emustermann","status":200}` + "\n"
	const (
		nginx = `, format: '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"'`
		json  = `, format: json, fields: {time: ts, address: ip, account: user, status: status}`
	)
	for _, c := range []struct {
		name, own, line string
		want            connector.Confidence
	}{
		{"Apache", "", common, connector.Sure},
		{"nginx in the same format, and it is said", ", authenticated: false", common, connector.Check},
		{"nginx", nginx, common, connector.Check},
		{"nginx that checks", nginx + ", authenticated: true", common, connector.Sure},
		{"nginx that checks, and refused", nginx + ", authenticated: true", strings.Replace(common, " 200 ", " 401 ", 1), connector.Check},
		{"JSON", json, object, connector.Check},
		{"JSON of a server that checks", json + ", authenticated: true", object, connector.Sure},
	} {
		h := newHarness(t)
		file := strings.Replace(fmt.Sprintf(connectionFile, h.Dir), `access.log*"]`, `own.log"]`+c.own, 1)
		var err error
		if h.connection, err = connector.ParseConnection("log.yaml", []byte(file)); err != nil {
			t.Fatal(err)
		}
		h.Write(t, "own.log", c.line)
		_, all, _, _ := find(t, h, nil, account())
		if len(all) != 1 || all[0].Confidence != c.want || (len(all[0].Hints) > 0) != (c.want == connector.Sure) {
			t.Errorf("%s: got %d lines, want one that is %q", c.name, len(all), c.want)
		}
	}
}

func TestNoLogIsNotNothing(t *testing.T) {
	h := newHarness(t)
	h.Break(t)
	if _, err := (Kind{}).Open(t.Context(), h.connection); !errors.Is(err, connector.ErrUnreachable) {
		t.Errorf("got %v, want %v", err, connector.ErrUnreachable)
	}
}

func TestTheFileIsChecked(t *testing.T) {
	for _, c := range []struct{ name, from, to, want string }{
		{"relative path", `"%s/access.log*"`, `"access.log"`, "log.yaml:8: weblog.files.0: must be a full path"},
		{"no files", `files: ["%s/access.log*"]`, `window: 1m`, "weblog.files: is missing"},
		{"wide window", `log*"]}`, `log*"], window: 1h}`, "weblog.window: must be 10m at most"},
		{"name", `{by: [email]}`, `{by: [name]}`, "weblog.match: a log is searched by"},
		{"unknown key", `files:`, `flies:`, "log.yaml:8: weblog.flies: unknown key"},
	} {
		file := strings.Replace(strings.Replace(connectionFile, c.from, c.to, 1), "%s", "/tmp", 1)
		parsed, err := connector.ParseConnection("log.yaml", []byte(file))
		if err == nil {
			err = Kind{}.Check(parsed)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}
