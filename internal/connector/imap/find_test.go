package imap

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/connector/imap/imapserver"
	"einsicht/internal/person"
)

var received = time.Date(2026, 11, 10, 9, 0, 0, 0, time.UTC)

// serve starts a server with one mailbox for each list of mails.
func serve(t *testing.T, boxes map[string][]string) (*imapserver.Server, connector.Connection) {
	t.Helper()
	o := imapserver.Options{User: testUser, Password: testPassword, Mailboxes: map[string][]imapserver.Message{}}
	for name, mails := range boxes {
		o.Mailboxes[name] = nil
		for _, raw := range mails {
			o.Mailboxes[name] = append(o.Mailboxes[name], imapserver.Message{Raw: []byte(crlf(raw)), Flags: []string{`\Seen`}, At: received})
		}
	}
	s, err := imapserver.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, connection(t, connectionFile, s.Addr())
}

func find(t *testing.T, c connector.Connection, q connector.Query, from connector.Cursor) (all []connector.Finding, cursors []connector.Cursor, a connector.Answer) {
	t.Helper()
	system, err := Kind{}.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer system.Close()
	a, err = system.Find(t.Context(), q, from, func(f connector.Finding, at connector.Cursor) error {
		all, cursors = append(all, f), append(cursors, slices.Clone(at))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all, cursors, a
}

// known makes a query of verified identifiers, kind=value.
func known(pairs ...string) connector.Query {
	var q connector.Query
	for _, p := range pairs {
		kind, value, _ := strings.Cut(p, "=")
		q.Identifiers = append(q.Identifiers, person.Identifier{ID: uuid.New(), Kind: person.IdentifierKind(kind), Value: person.NewText(value), Verified: true})
	}
	return q
}

func fieldsOf(f connector.Finding) map[string]connector.Field {
	all := map[string]connector.Field{}
	for _, field := range f.Fields {
		all[field.Name] = field
	}
	return all
}

func reasons(a connector.Answer) (list []string) {
	for _, g := range a.Gaps {
		list = append(list, fmt.Sprintf("%s: %s %d", g.Place, strings.TrimPrefix(g.Reason, "connector.gap."), g.Count))
	}
	return list
}

func TestWhoseMailItIs(t *testing.T) {
	const none = connector.Confidence("")
	for _, c := range []struct {
		name, raw string
		want      connector.Confidence
	}{
		{"she wrote it", "From: E <erika.mustermann@example.org>\n\nx\n", connector.Sure},
		{"with a tag and in capitals", "From: ERIKA.MUSTERMANN+Amt@EXAMPLE.ORG\n\nx\n", connector.Sure},
		{"somebody sends for her", "From: a@example.com\nSender: erika.mustermann@example.org\n\nx\n", connector.Sure},
		{"answers go to her", "From: formular@behoerde.example\nReply-To: <erika.mustermann@example.org>\n\nx\n", connector.Sure},
		{"she is one of many", "From: a@example.com\nTo: b@example.com, \"Mustermann, Erika\" <erika.mustermann@example.org>,\n c@example.com\n\nx\n", connector.Sure},
		{"an address that holds hers", "From: xerika.mustermann@example.org\nTo: a@erika.mustermann.example.org\n\nx\n", none},
		{"the same at another domain", "From: Kai <erika.mustermann@example.com>\n\nx\n", none},
		{"a namesake", "From: Erika Mustermann <e.m@example.net>\n\nx\n", connector.Check},
		{"a namesake is written about", "From: a@example.com\n\nFrau Erika Mustermann rief an.\n", connector.Check},
		{"her name the other way round over two lines", "From: a@example.com\n\nMUSTERMANN,\nErika\n", connector.Check},
		{"her address is written about", "From: a@example.com\n\nBitte an erika.mustermann@example.org.\n", connector.Check},
		{"and percent-encoded in a link", "From: a@example.com\nContent-Type: text/html\n\n<a href=\"https://x.example/?m=erika.mustermann%40example.org\">hier</a>\n", connector.Check},
		{"her number in groups", "From: a@example.com\n\nTel. 0211 / 83 70 - 199 oder 0171 1234567\n", connector.Check},
		{"her number with the country, behind another", "From: a@example.com\n\n0171 1234567 +49 (0)211 8370199\n", connector.Check},
		{"another's number that ends the same", "From: a@example.com\n\nTel. 0221 99 99 199\n", none},
		{"name and address", "From: a@example.com\n\nErika Mustermann\nHeidestr. 17\nD-51147 Köln\n", connector.Check},
		{"her name in base64", "From: a@example.com\nContent-Transfer-Encoding: base64\n\nRXJpa2EgTXVzdGVybWFubiBydWZ0IGFuCg==\n", connector.Check},
		{"in a mail that is attached", "From: a@example.com\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nfwd\n--x\nContent-Type: message/rfc822\n\nFrom: erika.mustermann@example.org\n\ninnen\n--x--\n", connector.Check},
		{"in a file of text", "From: a@example.com\nContent-Type: text/csv; name=a.csv\n\nx;erika.mustermann@example.org\n", connector.Check},
		{"only her given name", "From: a@example.com\n\nErika und Herr Mustermann\n", none},
		{"nothing", "From: a@example.com\n\nx\n", none},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, conn := serve(t, map[string][]string{"INBOX": {c.raw}})
			all, _, a := find(t, conn, connectortest.Erika.Query(), nil)
			got := none
			if len(all) > 0 {
				got = all[0].Confidence
			}
			if got != c.want || a.Partial() {
				t.Errorf("got %q and gaps %v, want %q", got, a.Gaps, c.want)
			}
		})
	}
}

func TestTheServerIsAskedForEverySpelling(t *testing.T) {
	for _, c := range []struct {
		kind, value string
		similar     bool
		want        string
	}{
		{"email", "Juergen.Gross+amt@example.org", false, "juergen.gross"},
		{"email", "o'hara.x@example.org", false, "hara.x"},
		{"name", "Dr. Jürgen Groß", false, "rgen"},
		{"name", "GROSS, Juergen", false, "rgen"},
		{"name", "Frau Erika Mustermann", false, "mustermann"},
		{"name", "Erika Mustermann", true, "erika mustermann"},
		{"name", "Łukasz Żak", false, "ukasz"},
		{"name", "Юлия Иванова", false, ""},
		{"address", "Heidestraße 17, 51147 Köln", false, "51147"},
		{"address", "Heidestraße 17", false, ""},
		{"phone", "0211 8370199", false, ""},
	} {
		set := connector.Set{IDs: known(c.kind + "=" + c.value).Identifiers}
		if c.similar {
			set.IDs = append(set.IDs, known("phone=0211 8370199").Identifiers...)
		}
		if got := strings.Join(piecesOf(set), " "); got != c.want {
			t.Errorf("%s: got %q, want %q", c.kind, got, c.want)
		}
	}
}

func TestOnlyHarmlessCommandsReachTheServer(t *testing.T) {
	h := newHarness(t)
	h.Plant(t, connectortest.Erika, 12)
	h.deliver(t, "", 500, crlf("From: erika.mustermann@example.org\n\n"+strings.Repeat("lang\n", 300_000)))
	find(t, connection(t, strings.Replace(connectionFile, everyMail, "", 1), h.addr), connectortest.Erika.Query(), nil)
	harmless := []string{"CAPABILITY", "LOGIN", "LIST", "EXAMINE", "UID SEARCH", "UID FETCH", "LOGOUT"}
	commands := strings.Split(strings.TrimSpace(h.said()), "\r\n")
	for _, c := range commands {
		_, c, _ = strings.Cut(c, " ")
		if !slices.ContainsFunc(harmless, func(verb string) bool { return c == verb || strings.HasPrefix(c, verb+" ") }) || strings.Contains(c, "BODY[") {
			t.Errorf("got %.40q, want only what changes nothing", c)
		}
	}
	if len(commands) < 20 {
		t.Errorf("got %d commands: this test checks nothing", len(commands))
	}
}

func TestWhatAMailSays(t *testing.T) {
	raw := "Date: Tue, 10 Nov 2026 10:00:00 +0100\nMessage-ID: <1@x>\nX-Originating-IP: 192.0.2.17\nFrom: %s\nReply-To: %s\nTo: Frau Amt <amt@behoerde.example>, Otto <otto@example.com>\nCc: erika.mustermann@example.org\nSubject: =?utf-8?q?R=C3=BCckfrage?=\n" +
		"Content-Type: multipart/mixed; boundary=x\n\n--x\n\nGuten Tag\n--x\nContent-Type: image/png; name=a.png\nContent-Transfer-Encoding: base64\n\nQUJD\n--x\nContent-Type: application/pdf; name=b.pdf\n\n%%PDF\n--x--\n"
	_, conn := serve(t, map[string][]string{"INBOX": {
		fmt.Sprintf(raw, "Erika Mustermann <erika.mustermann@example.org>", "Erika <privat@example.org>, amt@behoerde.example"),
		fmt.Sprintf(raw, "Otto <otto@example.com>", "privat@example.net"),
	}})
	all, _, a := find(t, conn, connectortest.Erika.Query(), nil)
	if len(all) != 2 || a.Partial() || a.Reason == "" {
		t.Fatalf("got %d mails, gaps %v and reason %q", len(all), a.Gaps, a.Reason)
	}
	var got []string
	for _, f := range all[0].Fields {
		third := ""
		if f.ThirdParty {
			third = "!" + f.Category
		}
		got = append(got, f.Name+third+"="+f.Value.Reveal())
	}
	want := []string{
		"time=2026-11-10T10:00:00+01:00", "mail_subject=Rückfrage", "mail_from=Erika Mustermann <erika.mustermann@example.org>",
		"mail_reply_to!others=Erika <privat@example.org>", "mail_reply_to_2!staff=amt@behoerde.example",
		"mail_to!staff=Frau Amt <amt@behoerde.example>", "mail_to_2!others=Otto <otto@example.com>", "mail_cc=erika.mustermann@example.org", "mail_text=Guten Tag",
		"file_name=a.png", "file_type=image/png", "file_size=3", "file_content=",
		"file_name_2=b.pdf", "file_type_2=application/pdf", "file_size_2=4", "file_content_2=",
		"mail_transport=Message-Id: <1@x>", "mail_head=X-Originating-Ip: 192.0.2.17",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	files := all[0].Files()
	if len(files) == 0 {
		t.Fatal("got no file")
	}
	if content := connectortest.Content(t, files[0].Field); files[0].Name.Reveal() != "a.png" || string(content) != "ABC" {
		t.Error("got another file")
	}
	if h := all[0].Hints; len(h) != 1 || h[0].Value.Reveal() != "privat@example.org" || h[0].Record != "itnrw-enquiries/"+all[0].Reference {
		t.Errorf("got %d hints, want the address for answers", len(h))
	}
	if o := all[0].Origin; o.Place != "INBOX" || o.Position != "UID 1" || !o.At.Equal(received) || o.Mapping != conn.Version {
		t.Errorf("got origin %+v", o)
	}
	others := fieldsOf(all[1])
	for _, f := range []string{"mail_subject", "mail_from", "mail_text", "file_content", "mail_head"} {
		if !others[f].ThirdParty {
			t.Errorf("%s of a stranger's mail: got hers alone, want that it speaks about others too", f)
		}
	}
	if len(all[1].Hints) > 0 {
		t.Error("a stranger's mail names further addresses of hers: got a hint, want none")
	}
	for _, f := range all[0].Fields {
		if base := strings.TrimSuffix(f.Name, "_2"); base != connector.FileName && base != connector.FileContent {
			f.Name = base
			if f.Title("de") == base || f.Title("en") == base {
				t.Errorf("%s has no name for people", base)
			}
		}
	}
}

func TestMailboxesThatAreSearched(t *testing.T) {
	hers := []string{"From: erika.mustermann@example.org\n\nx\n"}
	s, _ := serve(t, map[string][]string{"INBOX": hers, "Archiv": hers, "Archiv/Süd": hers, "Archiv/Süd/Alt": hers, "Müll 50%": hers, "Leer": nil})
	for _, c := range []struct {
		name, keys string
		want       string
	}{
		{"all", "", "Archiv Archiv/Süd Archiv/Süd/Alt INBOX Müll 50%"},
		{"by name", "mailboxes: [inbox, Archiv/Süd]", "Archiv/Süd INBOX"},
		{"below", "mailboxes: [Archiv/*]", "Archiv/Süd Archiv/Süd/Alt"},
		{"one level", "mailboxes: [Archiv/%]", "Archiv/Süd"},
		{"but for some", "except: [Archiv*, Müll*]", "INBOX"},
	} {
		conn := connection(t, connectionFile+"  "+c.keys+"\n", s.Addr())
		all, _, a := find(t, conn, connectortest.Erika.Query(), nil)
		var got []string
		for _, f := range all {
			got = append(got, f.Origin.Place)
		}
		if strings.Join(got, " ") != c.want || a.Partial() {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	_, err := Kind{}.Open(t.Context(), connection(t, connectionFile+"  mailboxes: [INBOX, Eingang]\n", s.Addr()))
	if err == nil || err.Error() != "imap.mailboxes.1: connection is wrong (no such mailbox)" {
		t.Errorf("a mailbox that is not there: got %v, want that somebody corrects the connection", err)
	}
}

func TestAMailboxThatWasMadeAnew(t *testing.T) {
	_, conn := serve(t, map[string][]string{"INBOX": {"From: erika.mustermann@example.org\n\n1\n", "From: erika.mustermann@example.org\n\n2\n"}})
	all, _, _ := find(t, conn, connectortest.Erika.Query(), nil)
	old := connector.Cursor(`{"Mailbox":"INBOX","Validity":4711,"UID":1}`)
	again, _, a := find(t, conn, connectortest.Erika.Query(), old)
	if len(again) != len(all) || !slices.Equal(reasons(a), []string{"INBOX: renumbered 1"}) {
		t.Errorf("got %d mails and %q, want all %d and a word about it", len(again), reasons(a), len(all))
	}
	gone := connector.Cursor(`{"Mailbox":"ABLAGE","Validity":1,"UID":1}`)
	if again, _, a = find(t, conn, connectortest.Erika.Query(), gone); len(again) != 2 || !slices.Equal(reasons(a), []string{"ABLAGE: rotated 1"}) {
		t.Errorf("got %d mails and %q, want what follows and a word about it", len(again), reasons(a))
	}
}

func TestDamagedMailsOfARealServer(t *testing.T) {
	h := newHarness(t)
	erika := "From: erika.mustermann@example.org\nTo: amt@behoerde.example\n"
	long := strings.Repeat("Das ist eine lange Zeile mit Text und \xc3\xbc.\r\n", 60_000) // 2.5 MB
	big := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("0123456789", 300_000)))
	attach := func(n int) string {
		return erika + "Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain; charset=utf-8\n\nAnbei\n--x\nContent-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64\n\n" + wrapped(strings.Repeat(big[:len(big)-len(big)%4], n)) + "\n--x--\n"
	}
	for i, raw := range []string{
		erika + "\ngut\n",
		erika + "\nkann niemand öffnen\n",
		erika + "Content-Type: text/plain; charset=utf-8\n\n" + strings.ReplaceAll(long, "\r\n", "\n"),
		erika + "Content-Type: multipart/mixed; boundary=x\n\n--x\n\nbricht ab",
		erika + "Content-Type: text/plain; charset=utf-8\n\nGr\xfc\xdfe\n",
		attach(1), attach(3), // 3 MB, 9 MB
		erika + "\nauch gut\n",
	} {
		path := h.deliver(t, "", 100+i*4, crlf(raw))
		if i == 1 {
			if err := os.Chmod(path, 0); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.Chmod(filepath.Join(h.dir, "mail", folders[2].disk), 0); err != nil {
		t.Fatal(err)
	}
	byEmail := connection(t, strings.Replace(connectionFile, "  - {by: [name]}\n  - {by: [phone], confidence: check}\n", "", 1)+"  max_content: 8\n", h.addr)
	all, _, a := find(t, byEmail, connectortest.Erika.Query(), nil)
	want := []string{"Bürger und Leute: mailbox 1", "INBOX: attachment 1", "INBOX: mail_broken 3", "INBOX: mail_unreadable 1"}
	if len(all) != 7 || !slices.Equal(reasons(a), want) {
		t.Errorf("got %d mails and %q, want 7 and %q", len(all), reasons(a), want)
	}
	for i, check := range []func(map[string]connector.Field) bool{
		func(f map[string]connector.Field) bool { return f["mail_text"].Value.Reveal() == "gut" },
		func(f map[string]connector.Field) bool {
			text := f["mail_text"].Value.Reveal()
			return len(text) > mostText*9/10 && len(text) <= mostText
		},
		func(f map[string]connector.Field) bool { return f["mail_text"].Value.Reveal() == "bricht ab" },
		func(f map[string]connector.Field) bool { return f["mail_text"].Value.Reveal() == "Grüße" },
		func(f map[string]connector.Field) bool { return f["file_content"].Body.Size == 3_000_000 },
		func(f map[string]connector.Field) bool {
			_, there := f["file_content"]
			return !there && f["file_too_large"].Value.Reveal() == "9000000" && len(f["mail_file_sha256"].Value.Reveal()) == 64
		},
		func(f map[string]connector.Field) bool { return f["mail_text"].Value.Reveal() == "auch gut" },
	} {
		if i < len(all) && !check(fieldsOf(all[i])) {
			t.Errorf("mail %d (%s) is not as it was sent", i, all[i].Reference)
		}
	}
}

func wrapped(s string) string {
	var b strings.Builder
	for ; len(s) > 76; s = s[76:] {
		b.WriteString(s[:76] + "\n")
	}
	return b.String() + s
}

func TestReadingAllFindsNoMore(t *testing.T) {
	h := newHarness(t)
	want := h.Plant(t, connectortest.Juergen, 24)
	h.Plant(t, connectortest.Erika, 6)
	match := "  - {by: [name]}\n  - {by: [phone], confidence: check}\n"
	for _, read := range []string{"found", "all"} {
		conn := connection(t, strings.Replace(connectionFile, match, "  - {by: [name]}\n", 1)+"  read: "+read+"\n", h.addr)
		all, _, _ := find(t, conn, connectortest.JuergenSpelled.Query(), nil)
		if len(all) != len(want) {
			t.Errorf("%s: got %d mails, want %d", read, len(all), len(want))
		}
	}
}

func TestTheWayOfAMailSpeaksOfOthersWhereItNamesThem(t *testing.T) {
	for way, want := range map[string]bool{
		"Message-Id: <1@x>": false,
		"Received: from mx.example.org by mail.example for <amt@behoerde.example>; Tue, 10 Nov 2026 10:00:00 +0100": false,
		"Return-Path: <erika.mustermann@example.org>":                                                               false,
		"Delivered-To: otto@example.com":                                                                            true,
		"Received: by mail.example for <otto@example.com>; Tue, 10 Nov 2026 10:00:00 +0100":                         true,
	} {
		_, conn := serve(t, map[string][]string{"INBOX": {"From: erika.mustermann@example.org\n" + way + "\n\nGuten Tag\n"}})
		all, _, _ := find(t, conn, connectortest.Erika.Query(), nil)
		if len(all) != 1 {
			t.Fatalf("%s: got %d mails, want 1", way, len(all))
		}
		fields := fieldsOf(all[0])
		if f, there := fields["mail_transport"]; !there || f.Unmapped || f.ThirdParty != want {
			t.Errorf("%s: got there %t, unmapped %t, third party %t, want it mapped, third party %t", way, there, f.Unmapped, f.ThirdParty, want)
		}
		if f, there := fields["mail_head"]; there {
			t.Errorf("%s: got %s as a line that nobody gave a meaning", way, f.Name)
		}
	}
}
