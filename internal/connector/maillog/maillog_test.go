package maillog

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
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

func find(t *testing.T, c connector.Connection, from connector.Cursor, q connector.Query) (all []connector.Finding, cursors []connector.Cursor, a connector.Answer) {
	t.Helper()
	opened, err := Kind{}.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return ask(t, opened, from, q)
}

func ask(t *testing.T, opened connector.Connector, from connector.Cursor, q connector.Query) (all []connector.Finding, cursors []connector.Cursor, a connector.Answer) {
	t.Helper()
	a, err := opened.Find(t.Context(), q, from, func(f connector.Finding, at connector.Cursor) error {
		all, cursors = append(all, f), append(cursors, slices.Clone(at))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all, cursors, a
}

func references(all []connector.Finding) (refs []string) {
	for _, f := range all {
		refs = append(refs, f.Reference)
	}
	return refs
}

func asks(address string) connector.Query {
	return connector.Query{Identifiers: []person.Identifier{{ID: uuid.New(), Kind: person.Email, Value: person.NewText(address), Verified: true}}}
}

// told writes lines of a day of November into one log and asks for Erika.
func told(t *testing.T, lines ...string) (all []connector.Finding, cursors []connector.Cursor, a connector.Answer) {
	t.Helper()
	h := newHarness(t)
	for i, l := range lines {
		h.write(t, files[1], fmt.Sprintf("Nov 10 09:30:%02d mx1 %s\n", i%60, l))
	}
	return find(t, h.connection, nil, asks("erika@example.org"))
}

func values(f connector.Finding, name string) (all []string) {
	for i, one := range f.Fields {
		if slices.ContainsFunc(f.Fields[:i], func(o connector.Field) bool { return o.Name == one.Name }) {
			panic("two fields are called " + one.Name)
		}
		if base := strings.TrimRight(one.Name, "0123456789"); one.Name == name || base == name+"_" {
			s := one.Value.Reveal()
			if one.ThirdParty {
				s += " (third party)"
			}
			all = append(all, s)
		}
	}
	return all
}

func TestAMailToSeveralNamesTheOthersAsThirdParties(t *testing.T) {
	all, _, _ := told(t,
		"postfix/smtpd[1]: 4Zs1kk0Vz4z1xy: client=mail.example.com[198.51.100.2]",
		"postfix/smtpd[2]: ABCDEF: client=mail.example.com[198.51.100.2]",
		"postfix/cleanup[1]: 4Zs1kk0Vz4z1xy: message-id=<17@example.com>",
		"postfix/qmgr[1]: 4Zs1kk0Vz4z1xy: from=<max@example.com>, size=2048, nrcpt=3 (queue active)",
		"postfix/qmgr[1]: ABCDEF: from=<max@example.com>, size=1, nrcpt=1 (queue active)",
		"postfix/lmtp[1]: 4Zs1kk0Vz4z1xy: to=<erika@example.org>, orig_to=<vorstand@example.org>, relay=mx1[private/dovecot-lmtp], delay=0.1, delays=0/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 <erika@example.org> Saved)",
		"postfix/smtp[1]: 4Zs1kk0Vz4z1xy: to=<paul@example.net>, relay=mx.example.net[198.51.100.9]:25, delay=1, delays=0/0/0/1, dsn=5.1.1, status=bounced (host mx.example.net said: 550 <paul@example.net>: no such user)",
		"postfix/smtp[1]: ABCDEF: to=<paul@example.net>, relay=none, delay=1, delays=0/0/0/1, dsn=4.4.1, status=deferred (timeout)",
		"postfix/bounce[1]: 4Zs1kk0Vz4z1xy: sender non-delivery notification: 4Zs1kk11114z1xz",
		"postfix/qmgr[1]: 4Zs1kk0Vz4z1xy: removed",
		"postfix/qmgr[1]: ABCDEF: removed",
	)
	if len(all) != 1 {
		t.Fatalf("got %d mails, want 1", len(all))
	}
	f := all[0]
	if !strings.HasPrefix(f.Reference, "message/4Zs1kk0Vz4z1xy/") || f.Confidence != connector.Sure || !f.Origin.At.Equal(time.Date(2026, 11, 10, 9, 30, 0, 0, time.UTC)) {
		t.Errorf("got %s, %s, at %v", f.Reference, f.Confidence, f.Origin.At)
	}
	for name, want := range map[string][]string{
		"queue_id":           {"4Zs1kk0Vz4z1xy"},
		"message_id":         {"<17@example.com>"},
		"client":             {"mail.example.com [198.51.100.2] (third party)"},
		"sender":             {"max@example.com (third party)"},
		"size":               {"2048"},
		"recipient":          {"erika@example.org", "paul@example.net (third party)"},
		"original_recipient": {"vorstand@example.org (third party)"},
		"relay":              {"mx1[private/dovecot-lmtp]", "mx.example.net[198.51.100.9]:25 (third party)"},
		"delivery": {
			"2026-11-10T09:30:05Z 2.0.0 sent (250 2.0.0 <erika@example.org> Saved)",
			"2026-11-10T09:30:06Z 5.1.1 bounced (host mx.example.net said: 550 <paul@example.net>: no such user) (third party)",
		},
	} {
		if got := values(f, name); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	events := values(f, "event")
	if len(events) != 7 || !strings.Contains(events[0], "client=") || !strings.HasSuffix(events[6], "removed") {
		t.Errorf("got %d lines, want the 7 of the mail in order", len(events))
	}
	for i, others := range []bool{true, false, true, true, true, false, false} {
		if strings.HasSuffix(events[i], "(third party)") != others {
			t.Errorf("line %d: got third party %v, want %v", i, !others, others)
		}
	}
	for _, field := range f.Fields {
		if field.Title("de") == field.Name || field.Title("en") == field.Name {
			t.Errorf("%s has no name for people", field.Name)
		}
	}
}

func TestWhoseLine(t *testing.T) {
	client := "postfix/smtpd[1]: ABCDEF: client=unknown[192.0.2.17]"
	mail := func(from, to string) []string {
		return []string{
			client, "postfix/qmgr[1]: ABCDEF: from=<" + from + ">, size=1, nrcpt=1 (queue active)",
			"postfix/smtp[1]: ABCDEF: to=<" + to + ">, relay=none, delay=0, dsn=2.0.0, status=sent (ok)", "postfix/qmgr[1]: ABCDEF: removed",
		}
	}
	for _, c := range []struct {
		name     string
		lines    []string
		category string // empty: not hers
		want     connector.Confidence
	}{
		{"she sent it", mail("erika@example.org", "x@example.com"), "message", connector.Sure},
		{"she gets it, in capitals and with a tag", mail("x@example.com", "ERIKA+shop@Example.ORG"), "message", connector.Sure},
		{"percent-encoded", mail("x@example.com", "erika%40example.org"), "message", connector.Sure},
		{"somebody whose address is longer", mail("erika@example.org.example.com", "anna-erika@example.org"), "", ""},
		{"quoted signs in an address are no keys", mail(`"a> to=<erika@example.org>"@example.com`, "x@example.com"), "", ""},
		{"an error comes back from her (VERP)", mail("", "liste-bounces+erika=example.org@lists.example.net"), "message", connector.Check},
		{"a list sends to her (VERP)", mail("bounces+erika=example.org@lists.example.net", "erika@example.org"), "message", connector.Sure},
		{"forwarded (SRS)", mail("SRS0=hhh=tt=example.org=erika@forward.example.net", "x@example.com"), "message", connector.Check},
		{"forwarded twice (SRS)", mail("SRS1=hh=first.example==hhh=tt=example.org=erika@second.example", "x@example.com"), "message", connector.Check},
		{"tagged against bounces (BATV)", mail("prvs=0123456789=erika@example.org", "x@example.com"), "message", connector.Check},
		{"refused for her", []string{"postfix/smtpd[1]: NOQUEUE: reject: RCPT from unknown[203.0.113.9]: 554 5.7.1 <erika@example.org>: Relay access denied; from=<x@example.com> to=<erika@example.org> proto=ESMTP helo=<x>"}, "reject", connector.Sure},
		{"refused, and anybody can have written her address", []string{"postfix/smtpd[1]: NOQUEUE: reject: RCPT from unknown[203.0.113.9]: 554 5.7.1 <x@example.com>: Relay access denied; from=<erika@example.org> to=<x@example.com> proto=ESMTP helo=<x>"}, "reject", connector.Check},
		{"refused by postscreen", []string{"postfix/postscreen[1]: NOQUEUE: reject: RCPT from [203.0.113.9]:1234: 550 5.7.1 Service unavailable; from=<x@example.com>, to=<erika@example.org>, proto=ESMTP, helo=<x>"}, "reject", connector.Sure},
		{"a mailbox was opened", []string{"dovecot: imap-login: Login: user=<erika@example.org>, method=PLAIN, rip=192.0.2.17, lip=192.0.2.1, mpid=7, TLS, session=<abc>"}, "access", connector.Sure},
		{"a wrong password for her mailbox", []string{"dovecot: imap-login: Disconnected (auth failed, 1 attempts in 2 secs): user=<erika@example.org>, method=PLAIN, rip=203.0.113.9, lip=192.0.2.1, session=<abc>"}, "access", connector.Check},
		{"Amavis scored a mail by its id", []string{client, "amavis[1]: (00123-01) Passed CLEAN {RelayedInbound}, [198.51.100.2]:1 [198.51.100.2] <x@example.com> -> <erika@example.org>,<paul@example.net>, Queue-ID: ABCDEF, Message-ID: <1@example.com>, mail_id: a, Hits: -1.9, size: 7, 10 ms"}, "message", connector.Sure},
		{"sendmail", []string{
			"sendmail[9]: 4AJ9UFxx012345: from=<x@example.com>, size=7, class=0, nrcpts=2, msgid=<1@example.com>, proto=ESMTP, relay=mail.example.com [198.51.100.2]",
			"sendmail[9]: 4AJ9UFxx012345: to=<paul@example.net>,<erika@example.org>, delay=00:00:01, mailer=esmtp, relay=mx. [198.51.100.9], dsn=2.0.0, stat=Sent (ok)",
		}, "message", connector.Sure},
		{"a line that nobody knows", []string{"rspamd[1]: <abc>; task; rcpts: <erika@example.org>, time: 17ms"}, "line", connector.Check},
		{"a message id is no address", []string{client, "postfix/cleanup[1]: ABCDEF: message-id=<erika@example.org>", "postfix/qmgr[1]: ABCDEF: removed"}, "", ""},
		{"nor is what a message id pretends", []string{client, "postfix/cleanup[1]: ABCDEF: message-id=<x>, to=<erika@example.org>, status=sent", "postfix/qmgr[1]: ABCDEF: removed"}, "", ""},
		{"the message id of another line counts neither", []string{"postfix/smtpd[1]: connect from erika.example.org[192.0.2.1]"}, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			all, _, a := told(t, c.lines...)
			if len(all) > 1 || (len(all) == 1) != (c.category != "") || a.Partial() {
				t.Fatalf("got %d findings and gaps %v, want %q", len(all), a.Gaps, c.category)
			}
			if len(all) == 1 && (all[0].Category != c.category || all[0].Confidence != c.want) {
				t.Errorf("got %q, %q, want %q, %q", all[0].Category, all[0].Confidence, c.category, c.want)
			}
		})
	}
}

func TestAnIDThatComesBackIsAnotherMail(t *testing.T) {
	all, _, a := told(t,
		"postfix/smtpd[1]: ABCDEF: client=unknown[192.0.2.1]", // never removed
		"postfix/qmgr[1]: ABCDEF: from=<erika@example.org>, size=1, nrcpt=1 (queue active)",
		"postfix/smtpd[2]: ABCDEF: client=unknown[192.0.2.2]",
		"postfix/qmgr[1]: ABCDEF: from=<max@example.com>, size=2, nrcpt=1 (queue active)",
		"postfix/qmgr[1]: ABCDEF: removed",
		"postfix/cleanup[3]: ABCDEF: message-id=<bounce1@mx1>", // a bounce begins without a client
		"postfix/qmgr[1]: ABCDEF: from=<>, size=3, nrcpt=1 (queue active)",
		"postfix/cleanup[3]: ABCDEF: message-id=<bounce2@mx1>",
		"postfix/local[1]: ABCDEF: to=<erika@example.org>, relay=local, delay=0, dsn=2.0.0, status=sent (ok)",
		"postfix/qmgr[1]: ABCDEF: removed",
		"other", "postfix/smtpd[1]: connect from unknown[192.0.2.2]",
	)
	if len(all) != 2 || a.Partial() {
		t.Fatalf("got %d mails, want 2", len(all))
	}
	if got := values(all[0], "size"); !slices.Equal(got, []string{"1"}) {
		t.Errorf("the first: got size %q, want 1", got)
	}
	if got := append(values(all[1], "size"), values(all[1], "message_id")...); !slices.Equal(got, []string{"<bounce2@mx1>"}) {
		t.Errorf("the second: got %q, want its own message id alone", got)
	}
}

func TestTheClientIsHersOnlyWhereSheSignedIn(t *testing.T) {
	lines := []string{
		"postfix/smtpd[1]: ABCDEF: client=dsl[192.0.2.17], sasl_method=PLAIN, sasl_username=erika@example.org",
		"postfix/qmgr[1]: ABCDEF: from=<erika@example.org>, size=1, nrcpt=1 (queue active)",
		"postfix/qmgr[1]: ABCDEF: removed",
	}
	all, _, _ := told(t, lines...)
	if got := values(all[0], "client"); !slices.Equal(got, []string{"dsl [192.0.2.17]"}) {
		t.Errorf("got %q, want the address as hers", got)
	}
	if len(all[0].Hints) != 1 || all[0].Hints[0].Value.Reveal() != "192.0.2.17 2026-11-10T09:30:00Z" {
		t.Errorf("got %d hints, want address and time", len(all[0].Hints))
	}
	lines[0] = strings.Replace(lines[0], "erika@example.org", "praktikum", 1)
	all, _, _ = told(t, lines...)
	if got := append(values(all[0], "client"), values(all[0], "account")...); !slices.Equal(got, []string{"dsl [192.0.2.17] (third party)", "praktikum (third party)"}) {
		t.Errorf("got %q, want another's", got)
	}
}

func TestOnlyWhatIsSurestLedToAMail(t *testing.T) {
	h := newHarness(t)
	for i, l := range []string{
		"from=<liste-bounces+max=example.com@lists.example.net>, size=1, nrcpt=1 (queue active)", // anybody can write that
		"to=<erika@example.org>, relay=none, delay=0, dsn=2.0.0, status=sent (ok)", "removed",
	} {
		h.write(t, files[1], fmt.Sprintf("Nov 10 09:30:%02d mx1 postfix/qmgr[1]: ABCDEF: %s\n", i, l))
	}
	q := asks("erika@example.org")
	q.Identifiers = append(q.Identifiers, asks("max@example.com").Identifiers...)
	all, _, _ := find(t, h.connection, nil, q)
	if len(all) != 1 || all[0].Confidence != connector.Sure || len(all[0].Led) != 1 || all[0].Led[0][0] != q.Identifiers[0].ID {
		t.Errorf("got %d mails, want one that the recipient alone led to", len(all))
	}
}

func TestWhatIsNoHint(t *testing.T) {
	for _, c := range []struct {
		name  string
		lines []string
	}{
		{"the account of an office under which her mail was handed in", []string{
			"postfix/smtpd[1]: ABCDEF: client=dsl[192.0.2.17], sasl_method=PLAIN, sasl_username=praktikum",
			"postfix/qmgr[1]: ABCDEF: from=<erika@example.org>, size=1, nrcpt=1 (queue active)",
		}},
		{"who stands behind an alias", []string{
			"postfix/qmgr[1]: ABCDEF: from=<max@example.com>, size=1, nrcpt=1 (queue active)",
			"postfix/smtp[1]: ABCDEF: to=<paul@example.net>, orig_to=<erika@example.org>, relay=none, delay=0, dsn=2.0.0, status=sent (ok)",
		}},
		{"a mail to check", []string{
			"postfix/qmgr[1]: ABCDEF: from=<prvs=0123456789=erika@example.org>, size=1, nrcpt=1 (queue active)",
			"postfix/smtp[1]: ABCDEF: to=<paul@example.net>, relay=none, delay=0, dsn=2.0.0, status=sent (ok)",
		}},
		{"where a sign-in failed", []string{
			"dovecot: imap-login: Disconnected (auth failed, 1 attempts in 2 secs): user=<erika@example.org>, method=PLAIN, rip=203.0.113.9, lip=192.0.2.1, session=<abc>",
		}},
	} {
		all, _, _ := told(t, c.lines...)
		if len(all) != 1 || len(all[0].Hints) > 0 {
			t.Errorf("%s: got %d findings with hints, want one without", c.name, len(all))
		}
	}
}

func TestManyOpenMailsMakeRoomAndSaySo(t *testing.T) {
	h := newHarness(t)
	h.write(t, files[1], "Nov 10 09:00:00 mx1 postfix/smtpd[1]: AAAAAA: client=unknown[192.0.2.1]\n",
		"Nov 10 09:00:00 mx1 postfix/qmgr[1]: AAAAAA: from=<erika@example.org>, size=1, nrcpt=1 (queue active)\n")
	n := 1_000_000
	if testing.Short() {
		n = 200_000
	}
	var lines []string
	for i := range n {
		lines = append(lines, fmt.Sprintf("Nov 10 09:30:%02d mx1 postfix/smtpd[1]: %07X: client=unknown[192.0.2.1]\n", i%60, 0xB000000+i))
		if len(lines) == 100_000 {
			h.write(t, files[1], lines...)
			lines = lines[:0]
		}
	}
	h.write(t, files[2], "Nov 11 09:30:00 mx1 postfix/qmgr[1]: AAAAAA: removed\n",
		"Nov 11 09:30:00 mx1 postfix/qmgr[1]: AAAAAB: from=<erika@example.org>, size=1, nrcpt=1 (queue active)\n", "Nov 11 09:30:00 mx1 postfix/qmgr[1]: AAAAAB: removed\n")
	opened, err := Kind{}.Open(t.Context(), h.connection)
	if err != nil {
		t.Fatal(err)
	}
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	idle, highest, found := heap(), uint64(0), 0
	a, err := opened.Find(t.Context(), asks("erika@example.org"), nil, func(connector.Finding, connector.Cursor) error {
		found++
		highest = max(highest, heap())
		return nil
	})
	if err != nil || found != 2 || len(a.Gaps) != 1 || a.Gaps[0].Reason != "connector.gap.open_messages" || a.Gaps[0].Count < n/2 {
		t.Errorf("got %d mails, gaps %v and %v, want 2 and a gap that says so", found, a.Gaps, err)
	}
	if highest > idle+64<<20 {
		t.Errorf("needed %d MiB above idle", (highest-idle)>>20)
	}
}

func TestALongListIsCutButNotHerLines(t *testing.T) {
	lines := []string{"postfix/smtpd[1]: ABCDEF: client=unknown[192.0.2.1]"}
	for i := range 1000 {
		lines = append(lines, fmt.Sprintf("postfix/smtp[1]: ABCDEF: to=<m%d@example.com>, relay=none, delay=0, dsn=2.0.0, status=sent (ok)", i))
	}
	lines = append(lines, "postfix/smtp[1]: ABCDEF: to=<erika@example.org>, relay=none, delay=0, dsn=2.0.0, status=sent (ok)", "postfix/qmgr[1]: ABCDEF: removed")
	all, _, _ := told(t, lines...)
	if len(all) != 1 || !slices.Contains(values(all[0], "recipient"), "erika@example.org") {
		t.Fatalf("got %d mails, want hers", len(all))
	}
	if got := values(all[0], "further_lines"); !slices.Equal(got, []string{"802"}) {
		t.Errorf("got %q further lines, want 802", got)
	}
}

func TestRotationLosesNothing(t *testing.T) {
	h := newHarness(t)
	h.Plant(t, connectortest.Erika, 3000)
	q := connectortest.Erika.Query()
	before, cursors, _ := find(t, h.connection, nil, q)
	text, err := os.ReadFile(filepath.Join(h.Dir, files[1]))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range [][2]string{{files[0], "mail.log.3.gz"}, {files[2], "mail.log.0"}} {
		if err := os.Rename(filepath.Join(h.Dir, f[0]), filepath.Join(h.Dir, f[1])); err != nil {
			t.Fatal(err)
		}
	}
	h.write(t, files[0], string(text)) // compressed, and still there
	h.write(t, files[2], said(2, written, "postfix/master", 1, "reload"))
	after, _, a := find(t, h.connection, nil, q)
	if !slices.Equal(references(before), references(after)) || a.Partial() {
		t.Errorf("got %d mails and gaps %v, want the %d from before", len(after), a.Gaps, len(before))
	}
	for i := 0; i < len(cursors); i += 211 {
		rest, _, _ := find(t, h.connection, cursors[i], q)
		if !slices.Equal(references(rest), references(before[i+1:])) {
			t.Fatalf("after mail %d of %d: got %d more, want %d", i+1, len(before), len(rest), len(before)-i-1)
		}
	}
	if err := os.Remove(filepath.Join(h.Dir, "mail.log.3.gz")); err != nil {
		t.Fatal(err)
	}
	rest, _, a := find(t, h.connection, cursors[0], q)
	if !a.Partial() || a.Gaps[0].Reason != "connector.gap.rotated" || len(rest) < len(before)/2 {
		t.Errorf("the file of the cursor is gone: got %d mails and gaps %v, want those of the other files and a gap", len(rest), a.Gaps)
	}
}

func TestBrokenInput(t *testing.T) {
	good := "Nov 10 09:30:15 mx1 postfix/smtpd[1]: NOQUEUE: reject: RCPT from unknown[203.0.113.9]: 450 no; from=<x@example.com> to=<erika@example.org> proto=ESMTP helo=<x>\n"
	for _, c := range []struct{ name, line, gap string }{
		{"nothing wrong", good, ""},
		{"a line without a program", "Nov 10 09:30:15 mx1 last message repeated 2 times\n", ""},
		{"an empty line", "\n", ""},
		{"half a line", "Nov 10 09:3\n", "connector.gap.broken_lines"},
		{"no log at all", "Segmentation fault\n", "connector.gap.broken_lines"},
		{"noughts after a crash", strings.Repeat("\x00", 500) + "\n", "connector.gap.broken_lines"},
		{"a line of ten megabytes", strings.Repeat("x", 10<<20) + "\n", "connector.gap.broken_lines"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHarness(t)
			h.write(t, files[1], good, c.line, strings.Replace(good, "450", "451", 1))
			h.write(t, files[2], "Nov 10 09:30:15 mx1 postfix/smtpd[1]: NOQUEUE: reject: RCPT from unk")
			all, _, a := find(t, h.connection, nil, asks("erika@example.org"))
			if want := 2 + strings.Count(c.line, "NOQUEUE"); len(all) != want {
				t.Errorf("got %d lines, want the %d good ones", len(all), want)
			}
			if a.Partial() != (c.gap != "") || a.Partial() && (a.Gaps[0].Reason != c.gap || a.Gaps[0].Place != files[1] || len(a.Gaps) > 1) {
				t.Errorf("got gaps %v, want %q", a.Gaps, c.gap)
			}
		})
	}
	t.Run("another charset", func(t *testing.T) {
		all, _, _ := told(t, "postfix/smtpd[1]: NOQUEUE: reject: RCPT from unknown[203.0.113.9]: 450 gesch\xfctzt; from=<x@example.com> to=<erika@example.org> proto=ESMTP helo=<x>")
		if len(all) != 1 || !strings.Contains(values(all[0], "delivery")[0], "geschützt") {
			t.Errorf("got %d findings, want one that can be read", len(all))
		}
	})
}

func TestTimes(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		line    string
		written time.Time
		want    string
	}{
		{"Nov 10 09:30:15 h p: m", written, "2026-11-10T09:30:15+01:00"},
		{"Dec 31 23:59:59 h p: m", written, "2025-12-31T23:59:59+01:00"},
		{"Nov 21 23:59:59 h p: m", written, "2026-11-21T23:59:59+01:00"}, // clocks disagree
		{"Feb 29 10:00:00 h p: m", written, "2024-02-29T10:00:00+01:00"},
		{"Jul  4 2025 10:00:00 h p: m", written, "2025-07-04T10:00:00+02:00"},
		{"2026-11-10T09:30:15.123456+01:00 h p: m", written, "2026-11-10T09:30:15+01:00"},
		{"2026-11-10T09:30:15 h p: m", written, "2026-11-10T09:30:15+01:00"},
		{"<22>Nov 10 09:30:15 h p: m", written, "2026-11-10T09:30:15+01:00"},
		{`<22>1 2026-11-10T08:30:15Z h p 1 - [a@1 b="]\""][c] m`, written, "2026-11-10T08:30:15Z"},
		{"<22>1 - h p 1 - - m", written, ""},
		{"Nop 10 09:30:15 h p: m", written, ""},
	} {
		h, ok := readHead([]byte(c.line), zone, c.written)
		got := ""
		if ok {
			got = h.at.Format(time.RFC3339)
			if string(h.host) != "h" || string(h.program) != "p" || string(h.message) != "m" {
				t.Errorf("%s: got host %q, program %q, message %q", c.line, h.host, h.program, h.message)
			}
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.line, got, c.want)
		}
	}
}

func TestQueueIDs(t *testing.T) {
	for id, want := range map[string]bool{
		"4Zs1kk0Vz4z1xy": true, "3CF5D2A0C8": true, "A1B2C3": true,
		"warning": false, "statistics": false, "fatal": false, "NOQUEUE": false, "connect": false, "ABCDE": false, "4Zs1kk0Vz4y1xy": false,
	} {
		if got := isQueueID(id); got != want {
			t.Errorf("%s: got %v, want %v", id, got, want)
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
		{"relative path", `"%s/mail.log*"`, `"mail.log"`, "log.yaml:7: maillog.files.0: must be a full path"},
		{"zone", `Etc/UTC`, `Mars`, "maillog.time_zone: must be a zone"},
		{"window", `time_zone: Etc/UTC`, `window: 1h`, "maillog.window: must be 10m at most"},
		{"name", `{by: [email]}`, `{by: [name]}`, "maillog.match: a mail log is searched by"},
		{"unknown key", `files:`, `flies:`, "log.yaml:7: maillog.flies: unknown key"},
	} {
		file := strings.Replace(strings.Replace(connectionFile, c.from, c.to, 1), "%s", "/tmp", 1)
		err := Kind{}.Check(parse(t, file))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

func FuzzLine(f *testing.F) {
	for _, l := range []string{
		"Nov 10 09:30:15 mx1 postfix/smtp[1]: ABCDEF: to=<\"a>\"@b>, orig_to=<c>, relay=d[e]:25, dsn=2.0.0, status=sent (250 <f@g>)",
		"<22>1 2026-11-10T08:30:15Z h amavis 1 - [a b=\"\\\"\"] (1-1) Passed CLEAN {x}, [1] <a@x> -> <b@y>,<c@z>, Queue-ID: ABCDEF, Hits: 1",
		"2026-11-10T09:30:15+01:00 h sendmail[1]: 4AJ9UFxx012345: to=<a@b>,c, relay=d [e], stat=Sent",
		"Nov 10 09:30:15 h dovecot: imap(a@b,1.2.3.4): x",
		"Nov 10 09:30:15 h postfix/smtpd[1]: NOQUEUE: reject: RCPT from a[b]: 450 <c>; from=<SRS0=a=b=c.d=e@f> to=<bounces+a=b.c@d> helo=<x>",
	} {
		f.Add([]byte(l))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		h, ok := readHead(line, time.UTC, written)
		if !ok {
			return
		}
		e := readEvent(h.program, h.message)
		for _, d := range e.deliveries {
			encoded(d.to)
		}
		if e.from != nil {
			encoded(*e.from)
		}
		mentions(h.message)
	})
}

// FuzzJoin asks a log of any text, from the beginning and from each cursor: the
// rest is the rest.
func FuzzJoin(f *testing.F) {
	f.Add([]byte("c1\nf1\nt1\nr1\nc1\nt2\nr1\n"))
	f.Add([]byte("c1\nc2\nF1\nt2\nr2\nc1\nr1\nx\nN\n"))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, script []byte) {
		if len(script) > 4000 {
			return
		}
		var log strings.Builder
		log.WriteString("Nov 10 09:00:00 mx1 postfix/master[1]: begin\n")
		n := 0
		for line := range strings.Lines(string(script)) {
			if n++; len(line) < 2 {
				continue
			}
			id := fmt.Sprintf("ABCDE%X", line[1]%4)
			say := map[byte]string{
				'c': "smtpd[%d]: %s: client=a[192.0.2.1]", 'f': "qmgr[%d]: %s: from=<erika@example.org>, size=1", 'F': "qmgr[%d]: %s: from=<x@example.com>, size=1",
				't': "smtp[%d]: %s: to=<erika@example.org>, status=sent", 'm': "cleanup[%d]: %s: message-id=<1>", 'r': "qmgr[%d]: %s: removed",
				'N': "smtpd[%d]: NOQUEUE: reject: RCPT from a[1]: %s; from=<> to=<erika@example.org>",
			}[line[0]]
			if say == "" {
				fmt.Fprintf(&log, "Nov 10 09:%02d:%02d mx1 %s", n/60%60, n%60, line)
			} else {
				fmt.Fprintf(&log, "Nov 10 09:%02d:%02d mx1 postfix/"+say+"\n", n/60%60, n%60, n, id)
			}
		}
		path := filepath.Join(dir, "mail.log")
		if err := os.WriteFile(path, []byte(log.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, written, written); err != nil {
			t.Fatal(err)
		}
		c := parse(t, fmt.Sprintf(connectionFile, dir))
		opened, err := Kind{stride: 2}.Open(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		all, cursors, _ := ask(t, opened, nil, asks("erika@example.org"))
		for i, at := range cursors {
			rest, _, _ := ask(t, opened, at, asks("erika@example.org"))
			if !slices.Equal(references(rest), references(all[i+1:])) {
				t.Fatalf("after %d of %d: got %d more", i+1, len(all), len(rest))
			}
		}
		var parts []connector.Finding
		q := asks("erika@example.org")
		q.Pause = time.Now().Add(-time.Second)
		for at, first := connector.Cursor(nil), true; first || at != nil; first = false {
			part, _, a := ask(t, opened, at, q)
			if parts, at = append(parts, part...), a.Next; len(parts) > len(all) {
				t.Fatal("never ends")
			}
		}
		if !slices.Equal(references(parts), references(all)) {
			t.Fatalf("in parts: got %d, want %d", len(parts), len(all))
		}
	})
}
