package weblog

import (
	"strings"
	"testing"
	"time"

	"einsicht/internal/connector"
	"einsicht/internal/connector/logs"
)

const nginxMain = `$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" rt=$request_time "$http_cookie"`

func formatOf(t testing.TB, own string) (format, error) {
	t.Helper()
	c, err := connector.ParseConnection("log.yaml", []byte("system: x\nkind: weblog\nmatch:\n  - {by: [account]}\n  - {by: [ip+time]}\nweblog:\n  files: [/x]\n"+own))
	if err != nil {
		return nil, err
	}
	_, f, err := readMapping(c)
	return f, err
}

func TestLinesAreReadInTheirFormat(t *testing.T) {
	at := time.Date(2026, 11, 20, 9, 15, 0, 0, time.UTC)
	for _, c := range []struct{ name, own, line, want string }{
		{
			"combined", "", `192.0.2.7 - erika [20/Nov/2026:10:15:00 +0100] "GET / HTTP/1.1" 200 512 "-" "Mo \"X\""`,
			`time=20/Nov/2026:10:15:00 +0100 address=192.0.2.7 account=erika request=GET / HTTP/1.1 status=200 size=512 referer=- agent=Mo \"X\"`,
		},
		{
			"common, with more at its end", "  format: common", `192.0.2.7 - erika [20/Nov/2026:10:15:00 +0100] "GET / HTTP/1.1" 200 - 17 ms`,
			`time=20/Nov/2026:10:15:00 +0100 address=192.0.2.7 account=erika request=GET / HTTP/1.1 status=200 size=- more?17 ms`,
		},
		{
			"a user name with blanks and brackets", "", `192.0.2.7 - er [x] ika [20/Nov/2026:10:15:00 +0100] "GET / HTTP/1.1" 200 512 "-" "-"`,
			`time=20/Nov/2026:10:15:00 +0100 address=192.0.2.7 account=er [x] ika request=GET / HTTP/1.1 status=200 size=512 referer=- agent=-`,
		},
		{
			"nginx's own", "  format: '" + nginxMain + "'", `2001:db8::7 - erika [20/Nov/2026:10:15:00 +0100] "GET /?a=\x22 HTTP/2.0" 200 5 "-" "Mo" rt=0.017 "sid=geheim"`,
			`time=20/Nov/2026:10:15:00 +0100 address=2001:db8::7 account=erika request=GET /?a=\x22 HTTP/2.0 status=200 size=5 referer=- agent=Mo $request_time?0.017 $http_cookie!`,
		},
		{
			"nginx with other clocks", `  format: "$msec ${remote_addr} $remote_user"`, `1795166100.000 192.0.2.7 erika`,
			`time=1795166100.000 address=192.0.2.7 account=erika`,
		},
		{
			"Apache's, as in its configuration", `  format: '%v:%p %a %h %l %u %{%Y-%m-%dT%H:%M:%S%z}t \"%r\" %>s %O %D \"%{Referer}i\"'`,
			`www.example.org:443 192.0.2.7 192.0.2.1 - erika 2026-11-20T10:15:00+0100 "GET / HTTP/1.1" 200 5 1234 "-"`,
			`time=2026-11-20T10:15:00+0100 address=192.0.2.7 account=erika request=GET / HTTP/1.1 status=200 size=5 referer=- %v?www.example.org %p?443 %h?192.0.2.1 %D?1234`,
		},
		{
			"JSON", `  format: json` + "\n  fields: {time: ts, address: request.remote_ip, account: user_id, status: status}",
			`{"level":"info","ts":1795166100.0,"request":{"remote_ip":"192.0.2.7","headers":{"Cookie":["a"]}},"user_id":"erika","status":200}`,
			`time=1795166100.0 address=192.0.2.7 account=erika status=200 level?info request.headers.Cookie!`,
		},
		{
			"what comes again has a name of its own", `  format: '%h %u %t %{X-Id}i %{X-Id}i %D'`, `192.0.2.7 erika [20/Nov/2026:10:15:00 +0100] a b 17 ms`,
			`time=20/Nov/2026:10:15:00 +0100 address=192.0.2.7 account=erika %{X-Id}i?a %{X-Id}i_2?b %D?17 more?ms`,
		},
		{
			"a key that nobody declared is called like one that is", "  format: json\n  fields: {time: ts, address: ip, account: user}",
			`{"ts":1795166100.0,"ip":"192.0.2.7","user":"erika","account":"gast"}`,
			`time=1795166100.0 address=192.0.2.7 account=erika account_2?gast`,
		},
		{
			"in the charset of older programs", "", "192.0.2.7 - j\xfcrgen [20/Nov/2026:10:15:00 +0100] \"GET / HTTP/1.1\" 200 512 \"-\" \"-\"",
			`time=20/Nov/2026:10:15:00 +0100 address=192.0.2.7 account=jürgen request=GET / HTTP/1.1 status=200 size=512 referer=- agent=-`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := formatOf(t, c.own)
			if err != nil {
				t.Fatal(err)
			}
			r, ok := f.read([]byte(c.line))
			var got []string
			for _, field := range r.fields() {
				sign := "="
				switch {
				case field.Unmapped:
					sign = "?"
				case field.Withheld:
					sign = "!"
				}
				got = append(got, field.Name+sign+field.Value.Reveal())
			}
			if !ok || strings.Join(got, " ") != c.want {
				t.Errorf("got %v\n%s\nwant\n%s", ok, strings.Join(got, " "), c.want)
			}
			if when, ok := f.time([]byte(c.line)); !ok || !when.Equal(at) || !r.at.Equal(at) {
				t.Errorf("got %v and %v, want %v", when, r.at, at)
			}
			whole := strings.Repeat(c.line+"\n", 3)
			if n, ok := f.(*layout); (!ok || n.quotes > 0 && c.name != "Apache's, as in its configuration") && !f.intact([]byte(whole)) {
				t.Error("whole lines look broken")
			}
			if f.intact([]byte(whole + c.line[:len(c.line)/2] + "\n" + whole)) {
				t.Error("half a line goes unnoticed")
			}
		})
	}
}

func TestFormatsAreChecked(t *testing.T) {
	for _, c := range []struct{ name, own, want string }{
		{"no time", "  format: '%h %u \"%r\"'", "lines have no time"},
		{"no account", "  format: '%h %t'", "lines have no account"},
		{"no address", "  format: '%u %t'", "lines have no address"},
		{"side by side", "  format: '%h%u %t'", "side by side"},
		{"a directive of another world", "  format: '%h %u %! %t'", "at character 7 there is no such directive"},
		{"a time without a zone", "  format: '%h %u %{%H:%M:%S}t'", "needs its day"},
		{"a word", "  format: apache", "must be combined"},
		{"JSON without fields", "  format: json", "fields: is missing"},
		{"JSON with a field nobody knows", "  format: json\n  fields: {zeit: ts}", "must be one of time"},
		{"JSON without account", "  format: json\n  fields: {time: ts, address: ip}", "lines have no account"},
		{"fields without JSON", "  fields: {time: ts}", "is for the format json only"},
	} {
		if _, err := formatOf(t, c.own); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

// Where a format does not tell how a sign-in ended, the name may be one that
// somebody typed.
func TestANameWithoutAStatusIsToBeChecked(t *testing.T) {
	for _, c := range []struct {
		status string
		want   connector.Confidence
	}{{"200", connector.Sure}, {"401", connector.Check}, {"", connector.Check}} {
		s := &site{format: &layout{}}
		r := record{values: map[string]string{"status": c.status, "address": "192.0.2.7"}}
		f := s.finding(connector.Query{}, logs.Line{}, "line/x/0", r, nil, connector.Sure)
		if f.Confidence != c.want || (len(f.Hints) > 0) != (c.want == connector.Sure) {
			t.Errorf("status %q: got %q and %d hints, want %q", c.status, f.Confidence, len(f.Hints), c.want)
		}
	}
}

func fuzz(f *testing.F, own string, seeds ...string) {
	read, err := formatOf(f, own)
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, ok := read.read(raw)
		if _, timed := read.time(raw); ok && !timed {
			t.Error("a line was read whose time can't be")
		}
		for _, field := range r.fields() {
			if field.Withheld && !field.Value.IsZero() {
				t.Error("a secret is read out")
			}
		}
		read.intact(raw)
	})
}

func FuzzLine(f *testing.F) {
	fuzz(f, "", entry("192.0.2.7", "erika", time.Unix(0, 0), "/", 200), `a b [c [20/Nov/2026:10:15:00 +0100] "\" "`)
}

func FuzzLineCommon(f *testing.F) {
	fuzz(f, "  format: common", `192.0.2.7 - erika [20/Nov/2026:10:15:00 +0100] "GET / HTTP/1.1" 200 -`)
}

func FuzzLineDeclared(f *testing.F) {
	fuzz(f, "  format: '"+nginxMain+"'", `192.0.2.7 - erika [20/Nov/2026:10:15:00 +0100] "GET / HTTP/2.0" 200 5 "-" "Mo" rt=0.017 "sid=x"`)
}

func FuzzJSON(f *testing.F) {
	fuzz(f, "  format: json\n  fields: {time: ts, address: request.ip, account: user}",
		`{"ts":"2026-11-20T10:15:00Z","request":{"ip":"192.0.2.7"},"user":"erika"}`, `{"ts":1795166100.5,"a":[1,{"b":null}]}`)
}

func FuzzFormat(f *testing.F) {
	f.Add(combined, `192.0.2.7 - erika [20/Nov/2026:10:15:00 +0100] "GET / HTTP/1.1" 200 5 "-" "-"`)
	f.Add(nginxMain, "x")
	f.Add(`%{%d}t %%%h`, "x")
	f.Fuzz(func(t *testing.T, declared, line string) {
		if l, err := newLayout(declared); err == nil {
			l.read([]byte(line))
		}
	})
}
