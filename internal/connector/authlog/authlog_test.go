package authlog

import (
	"fmt"
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

const (
	herKey   = "SHA256:UfKegU29BYLwReDRohpa88jivIqS+vaxJvT5kK5qOpM"
	otherKey = "SHA256:AJFMj30b3jD1Xx3szBe4MQ77AGq06P1XndaZ5yvvl3M"
)

func by(kind person.IdentifierKind, value string) connector.Query {
	return connector.Query{Identifiers: []person.Identifier{{ID: uuid.New(), Kind: kind, Value: person.NewText(value), Verified: true}}}
}

// find gives the texts of what is found, with their confidence.
func (h *harness) find(t *testing.T, q connector.Query) (got []string, all []connector.Finding, a connector.Answer) {
	t.Helper()
	c, err := h.Kind().Open(t.Context(), h.connection)
	if err != nil {
		t.Fatal(err)
	}
	a, err = c.Find(t.Context(), q, nil, func(f connector.Finding, _ connector.Cursor) error {
		all = append(all, f)
		got = append(got, string(f.Confidence)+" "+value(f, "event"))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got, all, a
}

func value(f connector.Finding, name string) string {
	for _, field := range f.Fields {
		if field.Name == name {
			return field.Value.Reveal()
		}
	}
	return ""
}

// A log is told here as lines "process[pid] text"; those that begin with a sign
// are wanted: + sure, ? to be checked.
func (h *harness) tell(t *testing.T, at time.Time, lines ...string) (want []string) {
	t.Helper()
	for i, l := range lines {
		sign := l[0]
		l = strings.TrimLeft(l, "+? ")
		var process, text string
		var pid int
		head, text, _ := strings.Cut(l, "] ")
		process, number, _ := strings.Cut(head, "[")
		if _, err := fmt.Sscan(number, &pid); err != nil {
			t.Fatal(err)
		}
		switch sign {
		case '+':
			want = append(want, "sure "+text)
		case '?':
			want = append(want, "check "+text)
		}
		h.write(t, "auth.log", rfc3164(at.Add(time.Duration(i)*time.Second), process, pid, text))
	}
	return want
}

func TestAVisitIsFoundAsAWhole(t *testing.T) {
	at := time.Now().UTC().Add(-24 * time.Hour).Truncate(time.Second)
	account, key := by(person.Account, "erika"), by(person.SSHFingerprint, herKey)
	address := by(person.IPTime, "192.0.2.7 "+at.Format(time.RFC3339))
	for _, c := range []struct {
		name  string
		q     connector.Query
		lines []string
	}{
		{"by account, between others'", account, []string{
			"+sshd[10] Connection from 192.0.2.7 port 5001 on 192.0.2.1 port 22",
			" sshd[11] Connection from 192.0.2.8 port 5001 on 192.0.2.1 port 22",
			"+sshd[10] Accepted publickey for Erika from 192.0.2.7 port 5001 ssh2: ED25519 " + herKey,
			" sshd[11] Accepted publickey for erik from 192.0.2.8 port 5001 ssh2: ED25519 " + otherKey,
			"+sshd[10] pam_unix(sshd:session): session opened for user erika(uid=1000) by (uid=0)",
			" CRON[12] pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)",
			"+sshd[13] Starting session: command for erika from 192.0.2.7 port 5001 id 0",
			" sshd[11] Disconnected from user erik 192.0.2.8 port 5001",
			"+sshd[13] Received disconnect from 192.0.2.7 port 5001:11: disconnected by user",
			"+sshd[13] Disconnected from user erika 192.0.2.7 port 5001",
			"+sshd[10] pam_unix(sshd:session): session closed for user erika",
		}},
		{"by key alone", key, []string{
			"+sshd[10] Connection from 192.0.2.7 port 5001 on 192.0.2.1 port 22",
			"+sshd[10] Accepted key ED25519 " + herKey + " found at /home/erika/.ssh/authorized_keys:1",
			"+sshd[10] Accepted publickey for admin from 192.0.2.7 port 5001 ssh2: ED25519 " + herKey,
			"+sshd[10] Disconnected from user admin 192.0.2.7 port 5001",
			"+sshd[10] pam_unix(sshd:session): session closed for user admin",
		}},
		{"by address at its time, to be checked", address, []string{
			"?sshd[10] Connection from 192.0.2.7 port 5001 on 192.0.2.1 port 22",
			"?sshd[10] Accepted publickey for admin from 192.0.2.7 port 5001 ssh2: ED25519 " + otherKey,
			"?sshd[10] Disconnected from user admin 192.0.2.7 port 5001",
		}},
		{"a failed attempt proves nothing", account, []string{
			"?sshd[10] Connection from 192.0.2.9 port 5001 on 192.0.2.1 port 22",
			"?sshd[10] Failed password for erika from 192.0.2.9 port 5001 ssh2",
			"?sshd[10] Connection closed by authenticating user erika 192.0.2.9 port 5001 [preauth]",
			"?sshd[11] Invalid user erika from 192.0.2.9 port 5002",
			"?sshd[11] Connection closed by invalid user erika 192.0.2.9 port 5002 [preauth]",
			"?sshd[14] pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.9  user=erika",
			" sshd[12] Invalid user erikas from 192.0.2.9 port 5003",
			" sshd[12] Connection closed by invalid user erikas 192.0.2.9 port 5003 [preauth]",
		}},
		{"a key that is only offered proves nothing", key, []string{
			"?sshd[10] Connection from 192.0.2.9 port 5001 on 192.0.2.1 port 22",
			"?sshd[10] Failed publickey for root from 192.0.2.9 port 5001 ssh2: ED25519 " + herKey,
			"?sshd[10] Connection closed by authenticating user root 192.0.2.9 port 5001 [preauth]",
		}},
		{"a typing error, then she is let in", account, []string{
			"+sshd[10] Connection from 192.0.2.7 port 5001 on 192.0.2.1 port 22",
			"?sshd[10] Failed password for erika from 192.0.2.7 port 5001 ssh2",
			"+sshd[10] Accepted password for erika from 192.0.2.7 port 5001 ssh2",
		}},
		{"somebody else is let in after typing her name", account, []string{
			" sshd[10] Connection from 192.0.2.9 port 5001 on 192.0.2.1 port 22",
			"?sshd[10] Failed password for erika from 192.0.2.9 port 5001 ssh2",
			" sshd[10] Accepted password for root from 192.0.2.9 port 5001 ssh2",
			" sshd[10] Disconnected from user root 192.0.2.9 port 5001",
		}},
		{"a process number that comes again", account, []string{
			"+sshd[10] Accepted password for erika from 192.0.2.7 port 5001 ssh2",
			" sshd[10] Connection from 192.0.2.9 port 5002 on 192.0.2.1 port 22",
			" sshd[10] Accepted password for root from 192.0.2.9 port 5002 ssh2",
			" sshd[10] pam_unix(sshd:session): session closed for user root",
		}},
		{"a process number that comes again in the middle", account, []string{
			"+sshd[10] Accepted password for erika from 192.0.2.7 port 5001 ssh2",
			" sshd[10] Received disconnect from 192.0.2.9 port 5002:11: disconnected by user",
		}},
		{"a port that comes again", account, []string{
			"+sshd[10] Accepted password for erika from 192.0.2.7 port 5001 ssh2",
			" sshd[20] Accepted password for root from 192.0.2.7 port 5001 ssh2",
			" sshd[20] Received disconnect from 192.0.2.7 port 5001:11: disconnected by user",
		}},
		{"a name that is made to look like a message", account, []string{
			" sshd[10] Invalid user x from 1.2.3.4 port 5 ssh2: erika from 192.0.2.9 port 5001",
			" sshd[10] Failed password for invalid user Accepted password for erika from 192.0.2.7 port 1 from 192.0.2.9 port 5001 ssh2",
			" sshd[10] Connection closed by invalid user a erika 192.0.2.7 port 1 192.0.2.9 port 5001 [preauth]",
		}},
		{"OpenVPN", account, []string{
			"+ovpn-server[30] 192.0.2.7:1194 TLS: Initial packet from [AF_INET]192.0.2.7:1194, sid=1 2",
			" ovpn-server[30] 192.0.2.8:1194 TLS: Initial packet from [AF_INET]192.0.2.8:1194, sid=3 4",
			"+ovpn-server[30] 192.0.2.7:1194 VERIFY OK: depth=0, C=DE, CN=erika",
			"+ovpn-server[30] 192.0.2.7:1194 [erika] Peer Connection Initiated with [AF_INET]192.0.2.7:1194",
			" ovpn-server[30] 192.0.2.8:1194 [erik] Peer Connection Initiated with [AF_INET]192.0.2.8:1194",
			"+ovpn-server[30] erika/192.0.2.7:1194 MULTI_sva: pool returned IPv4=10.8.0.6, IPv6=(Not enabled)",
			" ovpn-server[30] MULTI: multi_create_instance called",
			"+ovpn-server[30] erika/192.0.2.7:1194 SIGTERM[soft,remote-exit] received, client-instance exiting",
			"?ovpn-server[30] 192.0.2.9:1194 VERIFY OK: depth=0, C=DE, CN=erika",
			"?ovpn-server[30] 192.0.2.9:1194 SIGUSR1[soft,tls-error] received, client-instance restarting",
		}},
		{"WireGuard knows addresses only", address, []string{
			"?kernel[0] wireguard: wg0: Receiving handshake initiation from peer 3 (192.0.2.7:51820)",
			" kernel[0] wireguard: wg0: Receiving handshake initiation from peer 4 (192.0.2.8:51820)",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHarness(t)
			want := h.tell(t, at, c.lines...)
			got, all, a := h.find(t, c.q)
			slices.Sort(got) // what waits comes later than what is sure at once
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			if a.Partial() {
				t.Errorf("got gaps %v, want none", a.Gaps)
			}
			for _, f := range all {
				if len(f.Led) != 1 || f.Led[0][0] != c.q.Identifiers[0].ID {
					t.Errorf("%s: got led by %v", value(f, "event"), f.Led)
				}
				if f.Confidence == connector.Check && len(f.Hints) > 0 {
					t.Errorf("%s: got hints from what is to be checked", value(f, "event"))
				}
			}
		})
	}
}

func TestALineSaysWhatItIs(t *testing.T) {
	h := newHarness(t)
	at := time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)
	h.write(t, "journal.json", sorts[3].entry(at, "sshd", 4711, "Accepted publickey for erika from 2001:db8::7 port 5001 ssh2: ED25519 "+herKey))
	_, all, _ := h.find(t, by(person.Account, "erika"))
	if len(all) != 1 {
		t.Fatalf("got %d lines, want 1", len(all))
	}
	var got []string
	for _, f := range all[0].Fields {
		got = append(got, f.Name+"="+f.Value.Reveal())
		if f.Title("de") == f.Name {
			t.Errorf("%s has no name for people", f.Name)
		}
	}
	want := []string{
		"time=2026-11-03T12:00:00Z", "event=Accepted publickey for erika from 2001:db8::7 port 5001 ssh2: ED25519 " + herKey, "account=erika",
		"address=2001:db8::7", "port=5001", "fingerprint=" + herKey, "method=publickey", "host=gate", "process=sshd",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	var hints []string
	for _, id := range all[0].Hints {
		hints = append(hints, string(id.Kind)+" "+id.Value.Reveal())
	}
	if want := []string{"ssh-fingerprint " + herKey, "ip+time 2001:db8::7 2026-11-03T12:00:00Z"}; !slices.Equal(hints, want) {
		t.Errorf("got hints %q, want %q", hints, want)
	}
}

func TestAKeyDoesNotMakeASharedAccountHers(t *testing.T) {
	h := newHarness(t)
	at := time.Now().UTC().Add(-24 * time.Hour).Truncate(time.Second)
	want := h.tell(t, at,
		"+sshd[10] Accepted publickey for deploy from 192.0.2.7 port 5001 ssh2: ED25519 "+herKey,
		"+sshd[10] Disconnected from user deploy 192.0.2.7 port 5001",
		" sshd[11] Accepted publickey for deploy from 192.0.2.8 port 5002 ssh2: ED25519 "+otherKey,
		" sshd[11] Disconnected from user deploy 192.0.2.8 port 5002",
	)
	got, all, _ := h.find(t, by(person.SSHFingerprint, herKey))
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, f := range all {
		if len(f.Hints) == 0 || slices.ContainsFunc(f.Hints, func(id person.Identifier) bool { return id.Kind != person.IPTime }) {
			t.Errorf("%s: got %d hints, want address and time alone", value(f, "event"), len(f.Hints))
		}
	}
}

func TestWhatAJournalCallsAsWeDoHasANameOfItsOwn(t *testing.T) {
	h := newHarness(t)
	h.write(t, "journal.json", strings.Replace(sorts[3].entry(time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC), "sshd", 4711, "Accepted password for erika from 192.0.2.7 port 5001 ssh2"), "{", `{"account":"gast",`, 1))
	_, all, _ := h.find(t, by(person.Account, "erika"))
	if len(all) != 1 || value(all[0], "account") != "erika" || value(all[0], "account_2") != "gast" {
		t.Errorf("got %d lines, want one with account and account_2", len(all))
	}
}

func TestManyOpenVisitsMakeRoomAndSaySo(t *testing.T) {
	at := time.Now().UTC().Add(-24 * time.Hour).Truncate(time.Second)
	for _, c := range []struct {
		name, other string // what the others say, each of a process of its own
		n, want     int
	}{
		{"as many as are followed", "Connection from 192.0.2.8 port %d on 192.0.2.1 port 22", maxVisits - 1, 0},
		{"more, and nobody knows who they are", "Connection from 192.0.2.8 port %d on 192.0.2.1 port 22", maxVisits + 99, 100},
		{"more, all of them others'", "Accepted password for root from 192.0.2.8 port %d ssh2", maxVisits + 99, 1},
	} {
		h := newHarness(t)
		h.tell(t, at, " sshd[10] Connection from 192.0.2.7 port 5001 on 192.0.2.1 port 22")
		var lines strings.Builder
		for i := range c.n {
			lines.WriteString(rfc3164(at, "sshd", 1000+i, fmt.Sprintf(c.other, 10_000+i)))
		}
		h.write(t, "auth.log", lines.String(), rfc3164(at, "sshd", 10, "Accepted password for erika from 192.0.2.7 port 5001 ssh2"))
		got, _, a := h.find(t, by(person.Account, "erika"))
		counted := 0
		for _, g := range a.Gaps {
			if g.Reason != "connector.gap.open_messages" {
				t.Errorf("%s: got gap %v", c.name, g)
			}
			counted += g.Count
		}
		want := 2
		if c.want > 0 {
			want = 1 // how she came is lost
		}
		if len(got) != want || counted != c.want {
			t.Errorf("%s: got %d lines and %d visits cut, want %d and %d", c.name, len(got), counted, want, c.want)
		}
	}
}

func TestTheYearIsInferred(t *testing.T) {
	for _, c := range []struct{ line, written, want string }{
		{"Nov 20 10:15:00", "2026-11-22", "2026-11-20"},
		{"Nov 22 10:15:00", "2026-11-22", "2026-11-22"},
		{"Dec 31 23:59:59", "2027-01-02", "2026-12-31"},
		{"Dec  1 00:00:00", "2026-11-22", "2025-12-01"}, // never in the future
		{"Feb 29 10:00:00", "2026-11-22", "2024-02-29"},
		{"Feb 29 10:00:00", "2103-11-22", "2096-02-29"},
	} {
		written, err := time.Parse(time.DateOnly, c.written)
		if err != nil {
			t.Fatal(err)
		}
		at, err := withoutYear(c.line, written, time.UTC)
		if err != nil || at.Format(time.DateOnly) != c.want {
			t.Errorf("%s in a file of %s: got %s, %v, want %s", c.line, c.written, at.Format(time.DateOnly), err, c.want)
		}
	}
}

func TestBrokenInput(t *testing.T) {
	good := rfc3164(time.Now().UTC().Add(-time.Hour), "sshd", 10, "Accepted password for erika from 192.0.2.7 port 5001 ssh2")
	export := func(text string) string {
		return "__CURSOR=a\n__REALTIME_TIMESTAMP=1763632500000000\nSYSLOG_IDENTIFIER=sshd\n_PID=99\n" + text
	}
	for _, c := range []struct {
		name, text string
		found      int
		broken     int
	}{
		{"nothing wrong", good, 1, 0},
		{"half a line", "Nov 20 10:1\n" + good, 1, 1},
		{"a line of ten megabytes", strings.Repeat("x", 10<<20) + "\n" + good, 1, 1},
		{"another charset", "\xff\xfeN\x00o\x00v\x00\n" + good, 1, 1},
		{"an older charset", strings.Replace(good, "erika", "j\xfcrgen", 1) + good, 1, 0},
		{"an exported entry without its end", export("MESSAGE=x\n") + export("MESSAGE=Accepted password for erika from 192.0.2.7 port 5002 ssh2\n\n"), 1, 1},
		{"an exported value longer than it is", export("MESSAGE\n\xff\xff\xff\xff\xff\xff\xff\xffx\n\n") + good, 1, 1},
		{"an exported value shorter than it is", export("MESSAGE\n\x01\x00\x00\x00\x00\x00\x00\x00xyz\n\n") + good, 1, 1},
		{"JSON cut off", `{"__REALTIME_TIMESTAMP":"17636` + "\n" + good, 1, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHarness(t)
			h.write(t, "broken", c.text, rfc3164(time.Now().UTC(), "sshd", 11, "Server listening"))
			got, _, a := h.find(t, by(person.Account, "erika"))
			broken := 0
			for _, g := range a.Gaps {
				if g.Place != "broken" || g.Reason != "connector.gap.broken_lines" {
					t.Errorf("got gap %v", g)
				}
				broken += g.Count
			}
			if len(got) != c.found || broken != c.broken {
				t.Errorf("got %d lines and %d broken ones, want %d and %d", len(got), broken, c.found, c.broken)
			}
		})
	}
}

func TestTheFileIsChecked(t *testing.T) {
	for _, c := range []struct{ name, from, to, want string }{
		{"relative path", `"%s/*"`, `"auth.log"`, "authlog.files.0: must be a full path"},
		{"no files", `files: ["%s/*"]`, `window: 1m`, "authlog.files: is missing"},
		{"wide window", `time_zone: UTC`, `window: 1h`, "authlog.window: must be 10m at most"},
		{"the zone of some server", `time_zone: UTC`, `time_zone: Local`, "authlog.time_zone: must be a zone"},
		{"no such zone", `time_zone: UTC`, `time_zone: Mars`, "authlog.time_zone: must be a zone"},
		{"name", `{by: [email]}`, `{by: [name]}`, "authlog.match: sign-ins are found by"},
		{"unknown key", `files:`, `flies:`, "authlog.flies: unknown key"},
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

func FuzzEntry(f *testing.F) {
	for _, sort := range sorts[:4] {
		f.Add([]byte(strings.TrimSpace(sort.entry(visitStart, "sshd", 1, "Accepted publickey for erika from 192.0.2.7 port 5001 ssh2: ED25519 "+herKey))))
	}
	f.Add([]byte("2026-11-20 10:15:00 erika/192.0.2.7:1194 SIGTERM[soft,remote-exit] received, client-instance exiting"))
	f.Add([]byte("Feb 29 10:15:00 gate kernel: wireguard: wg0: Keypair 1 created for peer 3 (192.0.2.7:51820)"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		now := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
		if e, ok := read(raw, now, time.UTC); ok {
			understand(e)
		}
	})
}

func FuzzExport(f *testing.F) {
	f.Add([]byte(sorts[4].entry(visitStart, "sshd", 1, "Accepted\nx")))
	f.Add([]byte("__CURSOR=a\nMESSAGE\n\n\x00\x00\x00\x00\x00\x00\x00123456789\n\n\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var g gather
		for line := range strings.SplitSeq(string(raw), "\n") {
			done, fine := g.add([]byte(line))
			if done {
				readExport(g.Raw)
			}
			if done || !fine {
				g = gather{}
			}
			if len(g.Raw) > exportLimit {
				t.Fatal("an entry grows beyond the limit")
			}
		}
	})
}
