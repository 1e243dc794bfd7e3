// Package httpapi asks systems that answer over the web, for the kinds of
// connectors that do: it signs in, keeps every answer within bounds of time and
// size, and stays with the host that the connection names.
//
// Nothing of a question or an answer gets into an error: a place is the
// template of a path such as "/addresses/{email}", never the path itself.
package httpapi

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"einsicht/internal/connector"
)

// Settings are the keys of a connection file that all these kinds have. The
// strict reader knows no embedding: a kind repeats the keys it takes.
type Settings struct {
	URL string `yaml:"url"` // what all paths start with
	CA  string `yaml:"ca"`  // PEM file with the authorities that are trusted instead of the usual ones
	// Auth is none, basic, bearer, header:NAME or query:NAME. The secret is
	// "password" for basic and "token" for the others.
	Auth string `yaml:"auth"`
	User string `yaml:"user"` // for basic

	Proxy     string `yaml:"proxy"`      // none unless named; the environment is not asked
	MaxAnswer int64  `yaml:"max_answer"` // bytes of one answer; 16 MiB where the file says nothing

	prefix string // of the secret's name
}

// Changing are the settings of the account that may change something: its secret
// is "change_password" or "change_token".
func (s Settings) Changing(user string) Settings {
	s.User, s.prefix = user, "change_"
	return s
}

// Secret is the name of the secret by which the account signs in; empty where
// nobody has to.
func (s Settings) Secret() string {
	switch how, _, _ := strings.Cut(s.Auth, ":"); how {
	case "", "none":
		return ""
	case "basic":
		return s.prefix + "password"
	}
	return s.prefix + "token"
}

const (
	defaultMaxAnswer = 16 << 20
	highestMaxAnswer = 1 << 30
	userAgent        = "einsicht (Art. 15 DSGVO)"
)

// Check reads the settings without touching the system. Its errors name file,
// line and key.
func Check(c connector.Connection, s Settings) error {
	u, err := url.Parse(s.URL)
	switch {
	case s.URL == "":
		return c.Wrong("url", "is missing")
	case err != nil || u.Host == "" || u.Opaque != "":
		return c.Wrong("url", "must be a full address such as https://api.example.org/v1")
	case u.User != nil:
		return c.Wrong("url", "must not hold a user or password; use user and secrets")
	case u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		return c.Wrong("url", "must end with the path")
	case u.Scheme != "https" && u.Scheme != "http":
		return c.Wrong("url", "must start with https://")
	case u.Scheme == "http" && !connector.Loopback(u.Hostname()):
		return c.Wrong("url", "must start with https://; in clear only this machine itself may be asked")
	case u.Scheme == "http" && s.CA != "":
		return c.Wrong("ca", "is for https://: nobody shows a certificate where url asks in clear")
	}
	if s.Proxy != "" {
		p, err := url.Parse(s.Proxy)
		if err != nil || p.Host == "" || p.User != nil || p.Scheme != "http" && p.Scheme != "https" {
			return c.Wrong("proxy", "must be http:// or https:// with host and port, without a password")
		}
	}
	if s.MaxAnswer < 0 || s.MaxAnswer > highestMaxAnswer {
		return c.Wrong("max_answer", "must be bytes, 1 GiB at most")
	}
	return checkAuth(c, s)
}

func checkAuth(c connector.Connection, s Settings) error {
	how, name, named := strings.Cut(s.Auth, ":")
	switch how {
	case "", "none":
	case "basic":
		if s.User == "" || strings.Contains(s.User, ":") { // RFC 7617, 2
			return c.Wrong(s.prefix+"user", "is missing or holds a colon")
		}
	case "bearer", "header", "query":
	default:
		return c.Wrong("auth", "must be none, basic, bearer, header:NAME or query:NAME")
	}
	if takesName := how == "header" || how == "query"; named != takesName || takesName && !isToken(name) {
		return c.Wrong("auth", "must be none, basic, bearer, header:NAME or query:NAME")
	}
	secret := s.Secret()
	if _, declared := c.Secrets[secret]; secret != "" && !declared {
		return c.Wrong("auth", "needs secrets."+secret)
	}
	return nil
}

// isToken: a name of a header, RFC 9110, 5.6.2.
func isToken(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("!#$%&'*+-.^_`|~", r))
	}) < 0
}

// Client asks one system. Several may use it at once.
type Client struct {
	base *url.URL
	http *http.Client
	wire *http.Transport
}

// Open prepares the client; the system itself is not asked yet. The
// connection's secrets must have been resolved.
func Open(c connector.Connection, s Settings) (*Client, error) {
	if err := Check(c, s); err != nil {
		return nil, err
	}
	base, err := url.Parse(s.URL)
	if err != nil {
		return nil, c.Wrong("url", "can't be read")
	}
	base.Path = strings.TrimRight(base.Path, "/")
	base.RawPath = strings.TrimRight(base.RawPath, "/")
	wire := &http.Transport{
		DialContext:         (&net.Dialer{Timeout: min(c.Timeout, 10*time.Second)}).DialContext,
		TLSHandshakeTimeout: min(c.Timeout, 10*time.Second),
		TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2:   true,
		MaxIdleConnsPerHost: c.Concurrency,
		IdleConnTimeout:     30 * time.Second,

		MaxResponseHeaderBytes: 1 << 20,
	}
	if s.Proxy != "" {
		proxy, err := url.Parse(s.Proxy)
		if err != nil {
			return nil, c.Wrong("proxy", "can't be read")
		}
		wire.Proxy = http.ProxyURL(proxy)
	}
	if s.CA != "" {
		if wire.TLSClientConfig.RootCAs, err = c.Roots(s.CA, os.ReadFile); err != nil {
			return nil, err
		}
	}
	g := &guard{base: base, host: hostPort(base), wire: wire, maxAnswer: s.MaxAnswer, timeout: c.Timeout, pace: c.Wait}
	if g.maxAnswer == 0 {
		g.maxAnswer = defaultMaxAnswer
	}
	if g.sign, g.unsign, err = signer(c, s); err != nil {
		return nil, err
	}
	return &Client{base: base, wire: wire, http: &http.Client{Transport: g, CheckRedirect: stay}}, nil
}

// Base is the address that all paths start with, without a slash at its end.
func (c *Client) Base() *url.URL {
	u := *c.base
	return &u
}

// HTTPClient is for libraries that speak a protocol over HTTP by themselves.
// It has all the limits of Do. Also an answer of 400 and above is an error of
// it: Failure makes one for our own use of what the library hands on.
func (c *Client) HTTPClient() *http.Client { return c.http }

// Close gives the connections back.
func (c *Client) Close() error {
	c.wire.CloseIdleConnections()
	return nil
}
