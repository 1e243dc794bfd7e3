package citizen

import (
	"context"
	"net/netip"
	"testing"

	"einsicht/internal/casefile"
	"einsicht/internal/web"
	"einsicht/internal/web/webtest"
)

// TestAnIPv6NetworkIsOneAddress: whoever has one has 2^64 addresses, and must
// not have as many tries.
func TestAnIPv6NetworkIsOneAddress(t *testing.T) {
	behind := newTown()
	s := &site{Deps: Deps{
		Identification: behind, Pages: seals{}, Now: webtest.NewClock().Now,
		Authorities: func(context.Context) ([]casefile.Authority, error) { return []casefile.Authority{stk}, nil },
	}}
	p := webtest.Start(t, web.Deps{Routes: s.routes(), Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	for _, from := range []string{"2001:db8:1:2::1", "2001:db8:1:2:aaaa::7", "2001:db8:1:3::1", "198.51.100.7"} {
		b := p.Browser(t)
		b.Header.Set("X-Forwarded-For", from)
		b.Submit(b.Get("/stk-nrw/stand").Form("").With("number", unknown).With("code", code))
	}
	got := behind.tried
	if len(got) != 4 || got[0] != got[1] || got[1] == got[2] || got[3] != "198.51.100.7" {
		t.Errorf("tried from %q, want the first two as one, the others apart", got)
	}
}
