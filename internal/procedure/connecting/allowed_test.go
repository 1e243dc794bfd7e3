package connecting_test

import (
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"

	"einsicht/internal/connector"
	"einsicht/internal/ledger"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/procedure/connecting"
	"einsicht/internal/wording"
)

func TestATextLeadsOnlyWhereTheOperatorAllows(t *testing.T) {
	p := newPlace(t)
	hosts, paths := "die Einstellung EINSICHT_CONNECT_HOSTS muss ihn nennen", "die Einstellung EINSICHT_CONNECT_PATHS muss einen Ordner darüber nennen"
	for _, c := range []struct{ name, own, want string }{
		{"a host of the suffix", "url: https://shop.example/api", ""},
		{"an address of the network", "url: https://10.1.2.3/", ""},
		{"a file below the folder", "files: ['/srv/logs/*/access.log*']", ""},
		{"another database", "dsn: postgres://u@db.example/shop", ""},
		{"this machine", "url: http://127.0.0.1:9200/", hosts},
		{"this machine, written as another family", "url: 'http://[::ffff:127.0.0.1]/'", hosts},
		{"the suffix itself", "url: https://example/", hosts},
		{"a host that ends likewise", "url: https://evilexample/", hosts},
		{"a second host", "dsn: postgres://u@db.example,127.0.0.1/shop", hosts},
		{"the default of the driver", "dsn: dbname=shop user=u", "muss seine Rechner eindeutig nennen"},
		{"logs of another authority", "files: [/srv/logs/a.log, /srv/others/a.log]", paths},
		{"a folder that begins likewise", "files: ['/srv/logs*/a']", paths},
		{"a pattern that climbs", "files: ['/srv/logs/*/../../others/a.log']", "ohne .. und umgekehrte Schrägstriche"},
		{"a pattern that hides it", `files: ['/srv/logs/\../a.log']`, "ohne .. und umgekehrte Schrägstriche"},
		{"a relative path", "files: [srv/logs/a]", "ohne .. und umgekehrte Schrägstriche"},
		{"a certificate", "dsn: postgres://u@db.example/shop?sslrootcert=/etc/shadow", paths},
		{"a socket", "dsn: host=/run/postgresql user=u dbname=shop", paths},
		{"the portal's database", "dsn: host=/run/postgresql user=einsicht dbname=einsicht", "ist die Datenbank dieses Programms"},
		{"the portal's database at an allowed host", "dsn: postgres://u@db.example/e%69nsicht", "ist die Datenbank dieses Programms"},
		{"the portal's database, as the user's", "dsn: postgres://einsicht@db.example", "ist die Datenbank dieses Programms"},
	} {
		err := p.Save(ctx, p.operator, p.system, p.text("shop:\n  "+c.own+"\n"), p.item(t).Draft, now)
		if c.want == "" {
			if err != nil {
				t.Errorf("%s: got %v, want that it is saved", c.name, err)
			}
			continue
		}
		var w *connecting.Wrong
		if !errors.As(err, &w) {
			t.Errorf("%s: got %v, want that it is refused", c.name, err)
			continue
		}
		if got := w.Text(wording.German); !strings.Contains(got, c.want) || !strings.HasPrefix(got, "Zeile 6, shop.") || strings.Contains(got, "127.0.0.1") {
			t.Errorf("%s: got %q, want %q with the line and without the value", c.name, got, c.want)
		}
	}
}

func TestWithoutSettingsNothingIsConnectedAtPages(t *testing.T) {
	p := newPlace(t)
	p.Allowed = connecting.Allowed{}
	for own, want := range map[string]string{"url: https://shop.example/": connecting.SettingHosts, "files: [/srv/logs/a]": connecting.SettingPaths} {
		err := p.Save(ctx, p.operator, p.system, p.text("shop:\n  "+own+"\n"), "", now)
		if !errors.Is(err, problem.Invalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s named", own, err, want)
		}
	}
}

func TestWhatAnOperatorAllowsIsRead(t *testing.T) {
	for _, c := range []struct{ hosts, paths []string }{
		{[]string{"*"}, nil}, {[]string{""}, nil}, {[]string{"*example"}, nil}, {[]string{"*."}, nil}, {[]string{"https://a"}, nil}, {[]string{"a*.b"}, nil}, {[]string{"10.0.0.0/99"}, nil},
		{nil, []string{"var/log"}}, {nil, []string{""}}, {nil, []string{"/var/*"}},
	} {
		if _, err := connecting.NewAllowed(c.hosts, c.paths, "x"); err == nil {
			t.Errorf("%q and %q: got no error", c.hosts, c.paths)
		}
	}
}

// A worker of which less is allowed refuses what a portal let pass.
func TestAWorkerAsksOnlyWhereItIsAllowedTo(t *testing.T) {
	p := newPlace(t)
	p.shop.password = ""
	must(t, p.Save(ctx, p.operator, p.system, "system: "+p.system+"\nkind: shop\nmatch: [{by: [email]}]\nshop: {url: 'https://shop.example/'}\n", "", now))
	if r := p.test(t); r.Trial.Outcome != connecting.Passed {
		t.Fatal(r.Failure)
	}
	must(t, p.TurnOn(ctx, p.operator, p.system, p.item(t).Draft, now))
	less, err := connecting.NewAllowed([]string{"other.example"}, nil, "einsicht")
	must(t, err)
	p.asked.Allowed = less.Check
	if r := p.test(t); r.Trial.Outcome != connecting.Refused || !strings.Contains(r.Failure, connecting.SettingHosts) {
		t.Errorf("tested: got %s, %q", r.Trial.Outcome, r.Failure)
	}
	if _, err := p.asked.Open(ctx, p.authority.ID, p.system); !errors.Is(err, connector.ErrConfig) {
		t.Errorf("asked: got %v", err)
	}
}

func TestASecretGoesOnlyWhereItWasEnteredFor(t *testing.T) {
	p := newPlace(t)
	secret := func() error {
		return p.PutSecret(ctx, p.operator, p.system, "shop", person.NewText("geheim"), now)
	}
	if err := secret(); keyOf(err) != "connecting.error.secret_early" {
		t.Errorf("before there is a connection: got %v", err)
	}
	save := func(own string) connecting.Result {
		must(t, p.Save(ctx, p.operator, p.system, p.text("shop: {"+own+"}\n"), p.item(t).Draft, now))
		return p.test(t)
	}
	save("url: 'https://shop.example/'")
	must(t, secret())
	for own, want := range map[string]connecting.Outcome{
		"url: 'https://shop.example/other'":  connecting.Passed,
		"url: 'https://evil.example/'":       connecting.Refused,
		"dsn: 'postgres://u@10.0.0.1/shop'":  connecting.Refused,
		"url: 'https://SHOP.example.:8443/'": connecting.Passed,
	} {
		if r := save(own); r.Trial.Outcome != want {
			t.Errorf("%s: got %s, %q, want %s", own, r.Trial.Outcome, r.Failure, want)
		}
	}
	save("url: 'https://evil.example/'")
	must(t, secret())
	if r := p.test(t); r.Trial.Outcome != connecting.Passed {
		t.Errorf("entered again: got %s, %q", r.Trial.Outcome, r.Failure)
	}
}

// Whether somebody was looked up can be answered, without it being written who was.
func TestTheLedgerKnowsWhoWasLookedUpAndWhoSawIt(t *testing.T) {
	p := newPlace(t)
	p.shop.password = ""
	must(t, p.Save(ctx, p.operator, p.system, p.text(""), "", now))
	must(t, p.PutSecret(ctx, p.operator, p.system, "shop", person.NewText("x"), now))
	who := map[person.IdentifierKind]person.Text{person.Email: person.NewText("Erika@Example.org"), person.Name: person.NewText("Erika Mustermann")}
	id, err := p.Try(ctx, p.operator, p.system, who, test, now)
	must(t, err)
	tried := p.recorded.details[len(p.recorded.details)-1]
	for kind, value := range map[person.IdentifierKind]string{person.Email: "erika@example.org", person.Name: "mustermann"} {
		h, err := p.Keys.Token(ctx, p.authority.ID, string(kind), value)
		must(t, err)
		if got := strings.Fields(tried["whom "+string(kind)]); !slices.Contains(got, hex.EncodeToString(h)) {
			t.Errorf("%s: got %q, want the hash of the value among them", kind, got)
		}
	}
	for _, detail := range tried {
		if strings.Contains(strings.ToLower(detail), "erika") {
			t.Error("the ledger says who was looked up")
		}
	}
	seen := func() (n int) {
		for i, kind := range p.recorded.kinds {
			if kind == ledger.ConnectionViewed && p.recorded.details[i]["trial"] == id.String() && tried["trial"] == id.String() {
				n++
			}
		}
		return n
	}
	show := func() {
		_, err := p.Result(ctx, p.operator, id, now)
		must(t, err)
	}
	if show(); seen() != 0 {
		t.Error("nothing was shown, and the ledger says that somebody saw it")
	}
	p.work(t)
	show()
	if show(); seen() != 2 {
		t.Errorf("got %d entries, want one for each time", seen())
	}
}
