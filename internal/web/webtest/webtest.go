// Package webtest starts the portal for a test and visits it as a browser
// would: with cookies, with the tokens of the forms it was shown, over a real
// connection.
package webtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"einsicht/internal/problem"
	"einsicht/internal/web"
	"einsicht/views/frame"
)

// Portal is a running portal.
type Portal struct {
	App      *web.App
	URL      string
	Clock    *Clock
	Sessions *Sessions
	Log      *Log
}

// Start starts a portal; what Deps leaves open is filled in: a session store in
// memory, a clock that stands, one authority.
func Start(t testing.TB, d web.Deps) *Portal {
	t.Helper()
	p := &Portal{Clock: NewClock(), Sessions: NewSessions(), Log: &Log{}}
	if d.Sessions == nil {
		d.Sessions = p.Sessions
	}
	if d.Sealer == nil {
		d.Sealer = Sealer{}
	}
	if d.Now == nil {
		d.Now = p.Clock.Now
	}
	if d.Log == nil {
		d.Log = slog.New(slog.NewTextHandler(p.Log, nil))
	}
	if d.Authorities == nil {
		d.Authorities = func(context.Context) ([]frame.Authority, error) {
			return []frame.Authority{{Name: "Staatskanzlei NRW", Path: "/stk-nrw"}}, nil
		}
	}
	p.App = web.New(d)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.URL = "http://" + ln.Addr().String()
	served := make(chan error, 1)
	go func() { served <- p.App.Listen(ln) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
		defer cancel()
		if err := p.App.Shutdown(ctx); err != nil {
			t.Errorf("shut down: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("listen: %v", err)
		}
	})
	return p
}

// Browser visits a portal with cookies. It follows no redirect by itself.
type Browser struct {
	t      testing.TB
	portal *Portal
	http   http.Client
	jar    secureJar
	Header http.Header // sent with every request
}

// Browser opens a new browser without cookies.
func (p *Portal) Browser(t testing.TB) *Browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &Browser{t: t, portal: p, jar: secureJar{jar}, Header: http.Header{}}
	b.http = http.Client{
		Jar:           b.jar,
		Transport:     &http.Transport{},
		Timeout:       2 * time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	t.Cleanup(b.http.CloseIdleConnections)
	return b
}

// secureJar sends Secure cookies on loopback without TLS, as browsers do.
type secureJar struct{ *cookiejar.Jar }

func secure(u *url.URL) *url.URL { s := *u; s.Scheme = "https"; return &s }

func (j secureJar) SetCookies(u *url.URL, cookies []*http.Cookie) {
	j.Jar.SetCookies(secure(u), cookies)
}
func (j secureJar) Cookies(u *url.URL) []*http.Cookie { return j.Jar.Cookies(secure(u)) }

// Cookie returns the value of a cookie; empty if there is none.
func (b *Browser) Cookie(name string) string {
	u, err := url.Parse(b.portal.URL)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range b.jar.Cookies(u) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// Get opens a page.
func (b *Browser) Get(path string) *Page {
	b.t.Helper()
	return b.Do(http.MethodGet, path, "", nil)
}

// Post sends a form as it is, without adding a token.
func (b *Browser) Post(path string, form url.Values) *Page {
	b.t.Helper()
	return b.Do(http.MethodPost, path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
}

// Submit sends a form that a page showed.
func (b *Browser) Submit(f Form) *Page {
	b.t.Helper()
	return b.Post(f.Action, f.Values)
}

// Follow opens the page that an answer sends on to.
func (b *Browser) Follow(p *Page) *Page {
	b.t.Helper()
	to := p.Header.Get("Location")
	if p.Status != http.StatusSeeOther || to == "" {
		b.t.Fatalf("%s: got status %d to %q, want a redirect", p.Path, p.Status, to)
	}
	return b.Get(strings.TrimPrefix(to, b.portal.URL))
}

// Do sends any request.
func (b *Browser) Do(method, path, contentType string, body io.Reader) *Page {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.portal.URL+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	for k, v := range b.Header {
		req.Header[k] = v
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	res, err := b.http.Do(req)
	if err != nil {
		b.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	content, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatalf("%s %s: %v", method, path, err)
	}
	p := &Page{t: b.t, Path: path, Status: res.StatusCode, Header: res.Header, Body: content}
	if p.Doc, err = html.Parse(bytes.NewReader(content)); err != nil {
		b.t.Fatal(err)
	}
	return p
}

// Clock stands until it is moved.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock returns a clock at a Monday morning.
func NewClock() *Clock { return &Clock{now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)} }

// Now is what the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Forward moves the clock.
func (c *Clock) Forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Sessions is a session store in memory. Rows shows what lies in it.
type Sessions struct {
	mu   sync.Mutex
	rows map[string]Row
}

// Row is a kept session.
type Row struct {
	Sealed            []byte
	Created, LastSeen time.Time
}

// NewSessions returns an empty store.
func NewSessions() *Sessions { return &Sessions{rows: map[string]Row{}} }

// Get implements web.SessionStore.
func (s *Sessions) Get(_ context.Context, hash []byte) ([]byte, time.Time, time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.rows[string(hash)]
	if !ok {
		return nil, time.Time{}, time.Time{}, fmt.Errorf("get session: %w", problem.NotFound)
	}
	return r.Sealed, r.Created, r.LastSeen, nil
}

// Put implements web.SessionStore.
func (s *Sessions) Put(_ context.Context, hash, sealed []byte, created, lastSeen time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows[string(hash)] = Row{bytes.Clone(sealed), created, lastSeen}
	return nil
}

// Touch implements web.SessionStore.
func (s *Sessions) Touch(_ context.Context, hash, sealed []byte, lastSeen time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r, ok := s.rows[string(hash)]; ok {
		s.rows[string(hash)] = Row{bytes.Clone(sealed), r.Created, lastSeen}
	}
	return nil
}

// Delete implements web.SessionStore.
func (s *Sessions) Delete(_ context.Context, hash []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.rows, string(hash))
	return nil
}

// Rows returns a copy of what is kept, by hash.
func (s *Sessions) Rows() map[string]Row {
	s.mu.Lock()
	defer s.mu.Unlock()
	rows := map[string]Row{}
	for k, v := range s.rows {
		rows[k] = v
	}
	return rows
}

// Sealer binds a session to the id in the visitor's cookie. It finds the row by
// the id alone, as a real one must: what the store holds opens nothing.
type Sealer struct{}

// SessionSeal implements web.Sealer.
func (Sealer) SessionSeal(id string, plain []byte) ([]byte, error) {
	bind := sha256.Sum256([]byte("bind " + id))
	return append(bind[:], flip(plain)...), nil
}

// SessionOpen implements web.Sealer.
func (Sealer) SessionOpen(id string, sealed []byte) ([]byte, error) {
	bind := sha256.Sum256([]byte("bind " + id))
	b, ok := bytes.CutPrefix(sealed, bind[:])
	if !ok {
		return nil, fmt.Errorf("open session: sealed for another id")
	}
	return flip(b), nil
}

func flip(b []byte) []byte {
	out := make([]byte, len(b))
	for i, x := range b {
		out[i] = x ^ 0x55
	}
	return out
}

// Log collects what the portal logs.
type Log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
