package web_test

import (
	"net/netip"
	"testing"

	"github.com/gofiber/fiber/v2"

	"einsicht/internal/web"
	"einsicht/internal/web/reply"
	"einsicht/internal/web/webtest"
)

func TestAnAddressIsBelievedOnlyFromAProxyOfOurs(t *testing.T) {
	ours := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8")}
	for name, c := range map[string]struct {
		proxies []netip.Prefix
		lines   []string
		want    string
	}{
		"no proxy of ours":                      {nil, []string{"203.0.113.9"}, "127.0.0.1"},
		"a proxy that says nothing":             {ours, nil, "127.0.0.1"},
		"a proxy that says who asks":            {ours, []string{"198.51.100.7"}, "198.51.100.7"},
		"a forged address before it":            {ours, []string{"203.0.113.9, 198.51.100.7"}, "198.51.100.7"},
		"a forged address in a line of its own": {ours, []string{"203.0.113.9", "198.51.100.7"}, "198.51.100.7"},
		"two proxies, a line each":              {ours, []string{"203.0.113.9", "198.51.100.7", "10.0.0.3"}, "198.51.100.7"},
		"two proxies in one line":               {ours, []string{"203.0.113.9, 198.51.100.7, 10.0.0.3"}, "198.51.100.7"},
		"nonsense":                              {ours, []string{"203.0.113.9", "who knows"}, "127.0.0.1"},
		"an IPv4 address in an IPv6 one":        {ours, []string{"::ffff:198.51.100.7"}, "198.51.100.7"},
	} {
		t.Run(name, func(t *testing.T) {
			where := reply.Route{Method: "GET", Path: "/t/where", Class: reply.PageClass, Auth: reply.Public, Handler: func(c *fiber.Ctx) error {
				return c.SendString(reply.Address(c).String())
			}}
			b := webtest.Start(t, web.Deps{Routes: []reply.Route{where}, Proxies: c.proxies}).Browser(t)
			b.Header["X-Forwarded-For"] = c.lines
			if got := string(b.Get("/t/where").Body); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
