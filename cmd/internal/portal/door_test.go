package portal_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"einsicht/cmd/internal/portal/portaltest"
	"einsicht/internal/casefile"
	"einsicht/internal/web/reply"
	"einsicht/internal/web/webtest"
)

func TestEveryRouteAnswersWithTheHeadersThatProtect(t *testing.T) {
	h := portaltest.Start(t, portaltest.Options{})
	routes := h.App().Routes()
	if len(routes) < 40 {
		t.Fatalf("only %d routes: this test checks nothing", len(routes))
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, r := range routes {
		path := strings.NewReplacer(":authority", "stk-nrw", ":id", uuid.NewString(), ":token", "x", ":system", "stk-weblog", ":trial", uuid.NewString(), "*", "no").Replace(r.Path)
		req, err := http.NewRequest(r.Method, h.Address()+path, strings.NewReader(""))
		if err != nil {
			t.Fatal(err)
		}
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, res.Body)
		res.Body.Close()
		if r.Method == http.MethodGet && r.Auth == reply.Staff && !strings.HasPrefix(res.Header.Get("Location"), "/desk/anmelden") {
			t.Errorf("GET %s, not signed in: got status %d, want to be sent to sign in", r.Path, res.StatusCode)
		}
		if res.StatusCode >= 500 {
			t.Errorf("%s %s: got status %d", r.Method, r.Path, res.StatusCode)
		}
		for header, want := range map[string]string{
			"Content-Security-Policy": "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
			"X-Content-Type-Options":  "nosniff",
			"Referrer-Policy":         "no-referrer",
		} {
			if got := res.Header.Get(header); got != want {
				t.Errorf("%s %s: %s: got %q, want %q", r.Method, r.Path, header, got, want)
			}
		}
		if got := res.Header.Get("Cache-Control"); r.Class != reply.AssetClass && got != "no-store" {
			t.Errorf("%s %s: Cache-Control: got %q, want no-store", r.Method, r.Path, got)
		}
		for _, cookie := range res.Cookies() {
			if !strings.HasPrefix(cookie.Name, "__Host-") || !cookie.Secure || cookie.Path != "/" || cookie.Domain != "" {
				t.Errorf("%s %s: cookie %s is no __Host- cookie", r.Method, r.Path, cookie.Name)
			}
		}
		if r.Method == http.MethodPost && res.StatusCode != http.StatusForbidden && res.StatusCode != http.StatusUnsupportedMediaType &&
			res.StatusCode != http.StatusSeeOther && res.StatusCode != http.StatusLengthRequired {
			t.Errorf("%s %s without a token: got status %d, want a refusal", r.Method, r.Path, res.StatusCode)
		}
	}
}

func TestStaffOfAnotherAuthoritySeeNothingOfACase(t *testing.T) {
	h := portaltest.Start(t, portaltest.Options{})
	w := portaltest.NewWork(t, h, "stk-nrw")
	erika := h.Landscape.Person("erika")
	receipt := w.Submit(t, w.Application(erika))
	h.Staff(t, h.Authority(t, "it-nrw"), casefile.Clerk, "Ida Fremd")

	p := &webtest.Portal{URL: h.Address()}
	for name, c := range map[string]struct {
		authority, staff string
		want             int
	}{
		"own":     {"stk-nrw", "Karla Sommer", http.StatusOK},
		"another": {"it-nrw", "Ida Fremd", http.StatusNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			b := p.Browser(t)
			form := b.Get("/desk/anmelden").Form("/desk/anmelden")
			page := b.Submit(form.With("authority", c.authority).With("name", c.staff).With("password", portaltest.Password))
			if page.Status != http.StatusSeeOther {
				t.Fatalf("sign in: got %d %s", page.Status, page.Text())
			}
			got := b.Get("/desk/vorgang/" + receipt.Case.String())
			if got.Status != c.want {
				t.Errorf("got status %d, want %d", got.Status, c.want)
			}
			if seen := strings.Contains(string(got.Body), erika.Last); seen != (c.want == http.StatusOK) {
				t.Errorf("the name stands on the page: got %t", seen)
			}
		})
	}
}
