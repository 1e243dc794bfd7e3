package applog

import (
	"errors"
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

// asks makes a query of "kind=value" pairs, all verified; "typed:" in front is
// for what somebody only claims.
func asks(pairs ...string) (q connector.Query) {
	for _, p := range pairs {
		p, typed := strings.CutPrefix(p, "typed:")
		kind, value, _ := strings.Cut(p, "=")
		q.Identifiers = append(q.Identifiers, person.Identifier{ID: uuid.New(), Kind: person.IdentifierKind(kind), Value: person.NewText(value), Verified: !typed})
	}
	return q
}

// tell shows a finding: its confidence, where the line begins, and what is not
// plainly the person's.
func tell(f connector.Finding) string {
	s := string(f.Confidence) + " " + f.Category
	for _, field := range f.Fields {
		switch value := field.Value.Reveal(); {
		case field.Withheld && value == "":
			s += " " + field.Name + "=withheld"
		case field.Withheld:
			s += " " + field.Name + "=WITHHELD BUT READ"
		case field.ThirdParty:
			s += " " + field.Name + "=third:" + value
		case field.Name == "statement" || field.Name == "text":
			s += " " + value
		}
	}
	return s
}

func told(t *testing.T, file string, lines []string, q connector.Query) (got []string, all []connector.Finding, a connector.Answer) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "app.log")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	written := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	if err := os.Chtimes(path, written, written); err != nil {
		t.Fatal(err)
	}
	all, _, a = find(t, parse(t, fmt.Sprintf(file, dir)), nil, q)
	for _, f := range all {
		got = append(got, tell(f))
	}
	return got, all, a
}

func TestLinesOfAVisit(t *testing.T) {
	at := func(minute int, s string) string {
		return fmt.Sprintf("2026-11-10T09:%02d:00Z app: session %s", minute, s)
	}
	for _, c := range []struct {
		name  string
		lines []string
		want  []string
	}{
		{
			"those before the name as well", []string{at(0, "a GET /1"), at(1, "a user erika signed in"), at(2, "a GET /2"), at(3, "b GET /3")},
			[]string{"sure action GET /1", "sure Zugriffe", "sure action GET /2"},
		},
		{
			"after its end the id is another's", []string{at(1, "a user erika signed in"), at(2, "a closed"), at(3, "a GET /2")},
			[]string{"sure Zugriffe", "sure closed closed"},
		},
		{
			"a new first line ends what was never closed", []string{at(0, "a GET /0"), at(1, "a opened from 192.0.2.1"), at(2, "a user erika signed in"), at(3, "a opened from 192.0.2.2"), at(4, "a GET /2")},
			[]string{"sure opened", "sure Zugriffe"},
		},
		{
			"somebody else signs in", []string{at(1, "a user erika signed in"), at(2, "a user max signed in"), at(3, "a GET /2")},
			[]string{"sure Zugriffe"},
		},
		{
			"somebody else was there before", []string{at(1, "a user max signed in"), at(2, "a GET /2"), at(3, "a user erika signed in"), at(4, "a GET /4")},
			[]string{"sure Zugriffe", "sure action GET /4"},
		},
		{
			"longer than a visit lasts", []string{at(1, "a user erika signed in"), "2026-11-18T09:00:00Z app: session a GET /2"},
			[]string{"sure Zugriffe"},
		},
		{
			"secrets and others in a line", []string{at(1, "a user erika signed in with 5ecr3t for paul")},
			[]string{"sure Zugriffe token=withheld colleague=third:paul"},
		},
		{
			"a longer name is another's", []string{at(1, "a user erika2 signed in"), at(2, "a GET /2")}, nil,
		},
		{
			"a line that no pattern knows", []string{"2026-11-10T09:00:00Z worker: mail to <erika@example.org> failed"},
			[]string{"check line 2026-11-10T09:00:00Z worker: mail to <erika@example.org> failed"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, all, a := told(t, connectionFile, c.lines, asks("account=Erika", "email=erika@example.org"))
			if !slices.Equal(got, c.want) || a.Partial() {
				t.Errorf("got %q and gaps %v, want %q", got, a.Gaps, c.want)
			}
			for _, f := range all {
				if f.Origin.At.IsZero() || len(f.Led) != 1 {
					t.Errorf("got time %v, led by %v", f.Origin.At, f.Led)
				}
			}
		})
	}
}

const jitsiFile = `
system: konferenz
kind: applog
match:
  - {by: [email]}
  - {by: [account]}
  - {by: [display-name]}
  - {by: [conference-id]}
  - {by: [ip+time]}
applog: {files: ["%s/*.log"], profile: jitsi, time_zone: Etc/UTC}
`

// Prosody's lines are as it writes them (see TestProsody). Those of Jicofo and the
// videobridge come from public error reports, with other times, names, rooms and
// addresses, but for three: "Member joined", "Member left" and "Adding allowed
// address" are made up after the source of Jicofo and ice4j. See
// docs/connectors/applog.md.
var jitsiLines = []string{
	"2026-11-10 09:30:00 c2s55c2588008f0                                              info\tClient connected",
	"2026-11-10 09:30:00 c2s55c2588aaaa0                                              info\tClient connected",
	"2026-11-10 09:30:01 c2s55c2588008f0                                              info\tStream encrypted (TLSv1.3 with TLS_AES_256_GCM_SHA384)",
	"2026-11-10 09:30:01 c2s55c2588008f0                                              info\tAuthenticated as erika@meet.example.org",
	"2026-11-10 09:30:02 c2s55c2588aaaa0                                              info\tAuthenticated as 4ae047d0-0e0e-4113-a8ff-512cca0adfcd@guest.example.org",
	"2026-11-10 09:30:09 c2s55c2588008f0                                              info\tClient disconnected: connection closed",
	"2026-11-10 09:30:09 c2s55c2588008f0                                              info\tClient connected",
	"Nov 10 09:30:10 mod_bosh\tinfo\tNew BOSH session, assigned it sid '7b955154-ce04-48f3-8a8a-691c5e3813c8'",
	"Nov 10 09:30:11 bosh7b955154-ce04-48f3-8a8a-691c5e3813c8\tinfo\tAuthenticated as erika@meet.example.org",
	"Nov 10 09:30:19 bosh7b955154-ce04-48f3-8a8a-691c5e3813c8\tinfo\tBOSH client disconnected: session close",
	"Jicofo 2026-11-10 09:30:20.463 INFO: [22] ConferenceIqHandler.handleConferenceIq#86: Conference request for room amt@conference.example.org, from erika@meet.example.org/r7IaTmnkwVo6",
	"Jicofo 2026-11-10 09:30:20.500 INFO: [22] [room=amt@conference.example.org meeting_id=2a16e2ae-1] JitsiMeetConferenceImpl.onMemberJoined#700: Member joined:47d1af4b stats-id=Arturo-OjB region=null audioMuted=true videoMuted=true role=VISITOR isJibri=false isJigasi=false isTranscriber=false, room=main",
	"jvb-1  | JVB 2026-11-10 09:30:21.035 INFO: [53] [confId=f771f9e83d834d25 conf_name=amt@conference.example.org meeting_id=cba7d0d6 epId=f7a876ba stats_id=Henry-GDs local_ufrag=e215s ufrag=e215s] DefaultNominator.strategyNominateFirstHostOrReflexiveValid#268: Nominate (first highest valid): 193.201.139.223:10000/udp/srflx -> 192.0.2.17:14085/udp/prflx (stream-f7a876ba.RTP)",
	"JVB 2026-11-10 09:30:22.035 INFO: [53] [confId=f771f9e83d834d25 conf_name=amt@conference.example.org meeting_id=cba7d0d6 epId=f7a876ba stats_id=Henry-GDs] Endpoint.expire#1134: Spent 0 seconds oversending",
	"JVB 2026-11-10 09:30:23.890 WARNING: [44] [confId=f771f9e83d834d25 conf_name=amt@conference.example.org meeting_id=cba7d0d6 epId=f7a876ba stats_id=Henry-GDs] Endpoint.acceptWebSocket#720: Incoming web socket request with an invalid password. Expected: 38qsslm received 1mgu9dt",
	"JVB 2026-11-10 09:30:24.878 INFO: [20668] [confId=7889c2064e08af35 gid=229666 stats_id=Henry-GDs componentId=1 conf_name=amt@conference.example.org ufrag=4p name=stream-f5173418 epId=f5173418 local_ufrag=4p] ComponentSocket.addAuthorizedAddress#99: Adding allowed address: 192.0.2.99:58669/udp",
	"JVB 2026-11-10 09:30:25.151 INFO: [42] [confId=f771f9e83d834d25 conf_name=amt@conference.example.org meeting_id=cba7d0d6 epId=d4857ae1 local_ufrag=cp ufrag=cp] Agent.gatherCandidates#637: Gathering candidates for component stream-d4857ae1.RTP.",
	"Jicofo 2026-11-10 09:31:00.000 INFO: [22] [room=amt@conference.example.org meeting_id=2a16e2ae-1] JitsiMeetConferenceImpl.onMemberLeft#900: Member left:47d1af4b",
	"Jicofo 2026-11-10 09:31:01.336 INFO: [74] org.jitsi.jicofo.auth.AbstractAuthAuthority.log() Jid zz@user.example.org/chK0FCQq authenticated as: erika@meet.example.org",
	"java.lang.NullPointerException",
	"	at org.jitsi.jicofo.Main.main(Main.java:1)",
}

func TestJitsi(t *testing.T) {
	for _, c := range []struct {
		name    string
		q       connector.Query
		want    []string
		outcome connector.Outcome
		reason  string
	}{
		{"her account", asks("account=erika"), []string{
			"sure connected Client connected", "sure session Stream encrypted (TLSv1.3 with TLS_AES_256_GCM_SHA384)", "sure login Authenticated as erika@meet.example.org",
			"sure left Client disconnected: connection closed",
			"sure connected New BOSH session, assigned it sid '7b955154-ce04-48f3-8a8a-691c5e3813c8'", "sure login Authenticated as erika@meet.example.org", "sure left BOSH client disconnected: session close",
			"sure request Conference request for room amt@conference.example.org, from erika@meet.example.org/r7IaTmnkwVo6",
			"sure login Jid zz@user.example.org/chK0FCQq authenticated as: erika@meet.example.org",
		}, connector.Found, "connector.applog.rest"},
		{"a display name proves nothing, and a secret stays in the house", asks("display-name=Henry-GDs"), []string{
			"check bridge DefaultNominator.strategyNominateFirstHostOrReflexiveValid#268: Nominate (first highest valid): 193.201.139.223:10000/udp/srflx -> 192.0.2.17:14085/udp/prflx (stream-f7a876ba.RTP)",
			"check bridge Endpoint.expire#1134: Spent 0 seconds oversending",
			"check bridge Endpoint.acceptWebSocket#720: Incoming web socket request with an invalid password. Expected: … received … secret=withheld attempt=withheld",
			"check bridge ComponentSocket.addAuthorizedAddress#99: Adding allowed address: 192.0.2.99:58669/udp",
		}, connector.Found, "connector.applog.rest"},
		{"an address at a time that a record names leads to its visit", asks("ip+time=192.0.2.17 2026-11-10T09:25:00Z"), []string{
			"check bridge DefaultNominator.strategyNominateFirstHostOrReflexiveValid#268: Nominate (first highest valid): 193.201.139.223:10000/udp/srflx -> 192.0.2.17:14085/udp/prflx (stream-f7a876ba.RTP)",
			"check bridge Endpoint.expire#1134: Spent 0 seconds oversending",
			"check bridge Endpoint.acceptWebSocket#720: Incoming web socket request with an invalid password. Expected: … received … secret=withheld attempt=withheld",
		}, connector.Found, "connector.applog.rest"},
		{"at another time it does not", asks("ip+time=192.0.2.17 2026-11-10T12:25:00Z"), nil, connector.Nothing, "connector.applog.rest"},
		{"an address that somebody typed leads nowhere", asks("typed:ip+time=192.0.2.17 2026-11-10T09:25:00Z"), nil, connector.Unattributable, "connector.logs.typed_address"},
		{"a conference leads to its lines, and everybody in it is another", asks("conference-id=amt@conference.example.org"), []string{
			"check request jid=third:erika@meet.example.org account=third:erika",
			"check joined participant=third:Arturo-OjB",
			"check left Member left:47d1af4b",
		}, connector.Found, "connector.applog.rest"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, all, a := told(t, jitsiFile, jitsiLines, c.q)
			if strings.HasPrefix(c.name, "a conference") {
				got = slices.DeleteFunc(got, func(s string) bool { return strings.HasPrefix(s, "check bridge") })
				for i, s := range got {
					got[i] = strings.Split(strings.Replace(s, " statement=third:", "\x00", 1), "\x00")[0] + after(s, " jid=") + after(s, " participant=")
				}
			}
			if !slices.Equal(got, c.want) || a.Outcome != c.outcome || a.Reason != c.reason || a.Partial() {
				t.Errorf("got %q, %q, gaps %v and\n%s\nwant\n%s", a.Outcome, a.Reason, a.Gaps, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
			for _, f := range all {
				for _, field := range f.Fields {
					if field.Title("de") == field.Name || field.Title("en") == field.Name {
						t.Errorf("%s has no name for people", field.Name)
					}
				}
			}
		})
	}
}

func after(s, key string) string {
	if i := strings.Index(s, key); i >= 0 {
		return s[i:]
	}
	return ""
}

const joinFile = `
system: join
kind: applog
match:
  - {by: [email]}
  - {by: [phone]}
  - {by: [name]}
  - {by: [conference-id]}
applog: {files: ["%s/*.log"], profile: join}
`

func TestJOIN(t *testing.T) {
	lines := []string{
		`2026-11-10T09:30:00+01:00 conf1 join[812]: conference=4711-22 event=created inviter="Max Muster" mail=max@example.org`,
		`2026-11-10T09:31:00+01:00 conf1 join[812]: conference=4711-22 call=9f3a event=joined name="Erika" mail=erika@example.org phone=+492118370199 address=192.0.2.17 inviter="Max Muster"`,
		`2026-11-10T09:31:05+01:00 conf1 join[812]: conference=4711-22 call=77aa event=joined name="Paul" phone=+4930123456`,
		`2026-11-10T09:31:10+01:00 conf1 join[812]: conference=4711-22 call=9f3a event=media codec=opus`,
		`2026-11-10T09:41:00+01:00 conf1 join[812]: conference=4711-22 call=9f3a event=left duration=600`,
	}
	for _, c := range []struct {
		name string
		q    connector.Query
		want []string
	}{
		{"a guest", asks("email=Erika@example.org"), []string{"sure joined inviter=third:Max Muster", "sure visit event=media codec=opus", "sure left event=left duration=600"}},
		{"who called in, from a telephone that others may use", asks("phone=030 123456"), []string{"likely joined"}},
		{"who invited", asks("email=max@example.org"), []string{"sure created"}},
		{"a name alone", asks("name=Max Muster"), []string{"check created"}},
		{"a name that two have", asks("email=paul@example.org", "name=Paul"), []string{"check joined"}},
		{"the conference alone: everybody is another", asks("conference-id=4711-22"), []string{
			"check created inviter=third:Max Muster mail=third:max@example.org",
			"check joined participant=third:Erika mail=third:erika@example.org phone=third:+492118370199 address=third:192.0.2.17 inviter=third:Max Muster",
			"check joined participant=third:Paul phone=third:+4930123456", "check visit event=media codec=opus", "check left event=left duration=600",
		}},
	} {
		got, all, _ := told(t, joinFile, lines, c.q)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
		if c.name == "a guest" {
			var hints []string
			for _, h := range all[0].Hints {
				hints = append(hints, h.Value.Reveal())
			}
			slices.Sort(hints)
			if !slices.Equal(hints, []string{"+492118370199", "192.0.2.17 2026-11-10T08:31:00Z"}) {
				t.Errorf("got hints %q, want number and address", hints)
			}
		}
	}
}

func TestBrokenInput(t *testing.T) {
	good := "2026-11-10T09:30:15Z app: session a user erika signed in\n"
	for _, c := range []struct{ name, line, gap string }{
		{"nothing wrong", "2026-11-10T09:30:15Z other: text\n", ""},
		{"a trace", "\tat Main.main\n", ""},
		{"half a line", "2026-11-10T09:3\n", ""}, // can't be told from a line that no pattern knows
		{"no time", "2026-11-10T29:30:15Z app: session a closed\n", "connector.gap.broken_lines"},
		{"noughts after a crash", strings.Repeat("\x00", 500) + "\n", "connector.gap.broken_lines"},
		{"a line of ten megabytes", strings.Repeat("x", 10<<20) + "\n", "connector.gap.broken_lines"},
		{"another charset", "2026-11-10T09:30:15Z app: session a sagt f\xfcnf\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHarness(t)
			h.Write(t, files[1], good, c.line, good)
			h.Write(t, files[2], "2026-11-10T09:30:15Z app: session a us")
			all, _, a := find(t, h.connection, nil, asks("account=erika"))
			n := 0
			for _, f := range all {
				if f.Category == "Zugriffe" {
					n++
				}
				if strings.Contains(tell(f), "sagt") && !strings.Contains(tell(f), "sagt fünf") {
					t.Errorf("got %q, want text that can be read", tell(f))
				}
			}
			if n != 2 {
				t.Errorf("got %d lines, want the 2 good ones", n)
			}
			if a.Partial() != (c.gap != "") || a.Partial() && (a.Gaps[0].Reason != c.gap || a.Gaps[0].Place != files[1] || len(a.Gaps) > 1) {
				t.Errorf("got gaps %v, want %q", a.Gaps, c.gap)
			}
		})
	}
}

func TestManyOpenVisitsMakeRoomAndSaySo(t *testing.T) {
	h := newHarness(t)
	var lines []string
	for i := range 200_000 {
		lines = append(lines, fmt.Sprintf("2026-11-10T09:30:15Z app: session n%d GET /seite\n", i))
	}
	h.Write(t, files[1], lines...)
	h.Write(t, files[2], "2026-11-10T09:30:15Z app: session n0 user erika signed in\n", "2026-11-10T09:30:15Z app: session n199999 user erika signed in\n")
	all, _, a := find(t, h.connection, nil, asks("account=erika"))
	if len(all) != 3 || len(a.Gaps) != 1 || a.Gaps[0].Reason != "connector.gap.open_messages" {
		t.Errorf("got %d lines and gaps %v, want 3 and a gap that says so", len(all), a.Gaps)
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
		{"relative path", `"%s/app.log*"`, `"app.log"`, "applog.files.0: must be a full path"},
		{"profile", `profile: join`, `profile: jaas`, "log.yaml:12: applog.profile: must be one of [jitsi join]"},
		{"expression", `(?P<text>closed)`, `(?P<text>closed`, "applog.patterns.2.expression: must be a regular expression"},
		{"a group twice", `(?P<text>closed)`, `(?P<session>closed)`, "applog.patterns.2.expression: names a group twice"},
		{"group of an identifier", `{account: user}`, `{account: usr}`, "applog.patterns.1.identifiers.account: names no group"},
		{"kind of an identifier", `{account: user}`, `{konto: user}`, "applog.patterns.1.identifiers.konto: no such kind"},
		{"group that joins", "join: session\n      ends", "join: sess\n      ends", "applog.patterns.2.join: names no group"},
		{"third party", `[colleague]`, `[colegue]`, "applog.patterns.1.third_party: names no group"},
		{"withheld", `[token]`, `[tokn]`, "applog.patterns.1.withhold: names no group"},
		{"label", `{user: Benutzer}`, `{usr: Benutzer}`, "applog.patterns.1.labels: names no group"},
		{"layout", `"2006-01-02T15:04:05Z07:00"`, `"JJJJ-MM-TT"`, "time.layout: must show 2 January 2006"},
		{"zone", `limit: 168h`, `time_zone: Mars`, "applog.time_zone: must be a zone"},
		{"zone of a pattern", `label: Anmeldung`, `time_zone: Mars`, "applog.patterns.1.time_zone: must be a zone"},
		{"no time", `(?P<time>\S+) app: session (?P<session>\S+) opened`, `(?P<when>\S+) app: session (?P<session>\S+) opened`, "applog.patterns.0.time.group: names no group"},
		{"limit", `limit: 168h`, `limit: 400h`, "applog.limit: must be 168h at most"},
		{"window", `limit: 168h`, `window: 1h`, "applog.window: must be 10m at most"},
		{"match", `{by: [phone]}`, `{by: [account, phone]}`, "applog.match: names identifiers that stand together in no pattern"},
		{"unknown key", `category:`, `categori:`, "applog.patterns.categori: unknown key"},
	} {
		file := strings.Replace(strings.Replace(connectionFile, c.from, c.to, 1), "%s", "/tmp", 1)
		err := Kind{}.Check(parse(t, file))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

func TestTimes(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	written := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct{ layout, value, want string }{
		{"2006-01-02 15:04:05", "2026-07-04 10:00:00.125", "2026-07-04T10:00:00.125+02:00"},
		{"Jan _2 15:04:05", "Nov 10 09:30:15", "2026-11-10T09:30:15+01:00"},
		{"Jan _2 15:04:05", "Dec 31 09:30:15", "2025-12-31T09:30:15+01:00"},
		{"Jan _2 15:04:05", "Feb 29 09:30:15", "2024-02-29T09:30:15+01:00"},
		{"02.01.2006 15:04:05", "10.11.2026 09:30:15", "2026-11-10T09:30:15+01:00"},
		{"unix", "1794303015", "2026-11-10T10:30:15+01:00"},
		{"unixms", "1794303015125", "2026-11-10T10:30:15.125+01:00"},
		{"unix", "gestern", ""},
		{"2006-01-02 15:04:05", "2026-13-04 10:00:00", ""},
	} {
		at, ok := clock{layouts: []string{"15 Uhr", c.layout}[1:], zone: berlin}.read(c.value, written)
		got := ""
		if ok {
			got = at.Format(time.RFC3339Nano)
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.value, got, c.want)
		}
	}
}

func TestWhatALineMustHold(t *testing.T) {
	for expression, want := range map[string]string{
		`^(?P<t>\S+) app: session (?P<s>\S+) opened`: " app: session ",
		`a|bc`:                   "",
		`(?i)login failed`:       "",
		`(?:abc)?x`:              "x",
		`(?P<a>(?:hello)+) wor`:  "hello",
		`[0-9]{3} (?:left|gone)`: " ",
	} {
		if got := string(literal(expression)); got != want {
			t.Errorf("%s: got %q, want %q", expression, got, want)
		}
	}
}

func FuzzPattern(f *testing.F) {
	for _, l := range jitsiLines {
		f.Add(l)
	}
	f.Add(`2026-11-10T09:31:00+01:00 conf1 join[812]: conference=4711-22 call=9f3a event=joined name="E" mail=e@e.org phone=+49 address=1 inviter="M"`)
	var all []mapping
	for _, file := range []string{connectionFile, jitsiFile, joinFile} {
		m, err := readMapping(parse(f, strings.Replace(file, "%s", "/tmp", 1)))
		if err != nil {
			f.Fatal(err)
		}
		all = append(all, m)
	}
	written := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, line string) {
		for _, m := range all {
			m.timeOf([]byte(line), written)
			slow := slices.IndexFunc(m.Patterns, func(p pattern) bool { return p.expression.MatchString(line) })
			p, groups := m.match([]byte(line))
			if (p == nil) != (slow < 0) || p != nil && p != &m.Patterns[slow] {
				t.Fatal("what a line must hold keeps a line from its pattern")
			}
			if p == nil {
				continue
			}
			e := entry{pattern: p, groups: groups}
			e.Text = []byte(line)
			e.names()
			for g := range p.groups {
				if groups[2*g] >= 0 {
					e.without(groups[2*g], groups[2*g+1])
				}
			}
		}
	})
}

func FuzzTime(f *testing.F) {
	f.Add("Feb 29 09:30:15", "Jan _2 15:04:05", int64(1794303015))
	f.Add("1794303015", "unix", int64(0))
	f.Fuzz(func(t *testing.T, value, layout string, written int64) {
		written %= 1 << 40
		if at, ok := (clock{layouts: []string{layout}, zone: time.UTC}).read(value, time.Unix(written, 0)); ok && !strings.Contains(layout, "06") && !strings.HasPrefix(layout, "unix") && at.After(time.Unix(written, 0).Add(24*time.Hour)) {
			t.Error("a line is younger than its file")
		}
	})
}

// FuzzJoin asks a log of any sessions, from the beginning, in parts and from
// each cursor: the rest is the rest.
func FuzzJoin(f *testing.F) {
	f.Add([]byte("o1\ng1\nu1\ng2\nu2\nc1\n"))
	f.Add([]byte("g1\nm1\ng1\nu1\ng1\no1\nx\n"))
	dir := f.TempDir()
	c := parse(f, fmt.Sprintf(connectionFile, dir))
	f.Fuzz(func(t *testing.T, script []byte) {
		if len(script) > 200 {
			return
		}
		var log strings.Builder
		n := 0
		for line := range strings.Lines("g0\n" + string(script)) {
			if n++; len(line) < 2 {
				continue
			}
			say := map[byte]string{'o': "opened from 192.0.2.1", 'u': "user erika signed in", 'm': "user max signed in", 'c': "closed"}[line[0]]
			if say == "" {
				say = "GET " + strings.TrimSpace(strings.ReplaceAll(line, "\x00", ""))
			}
			fmt.Fprintf(&log, "%s app: session s%d %s\n", stamp(time.Unix(1794303015+int64(n), 0).UTC()), line[1]%4, say)
		}
		if err := os.WriteFile(filepath.Join(dir, "app.log"), []byte(log.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		opened, err := Kind{stride: 2}.Open(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		q := asks("account=erika")
		all, cursors, _ := ask(t, opened, nil, q)
		for i, at := range cursors {
			rest, _, _ := ask(t, opened, at, q)
			if !slices.Equal(references(rest), references(all[i+1:])) {
				t.Fatalf("after %d of %d: got %d more", i+1, len(all), len(rest))
			}
		}
		var parts []connector.Finding
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
