package httpapi

import (
	"context"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"einsicht/internal/connector"
)

// guard stands between any question and the wire: it signs in, stays with the
// host, asks no more often than the system bears, and bounds what comes back.
type guard struct {
	base      *url.URL
	host      string // with its port, for errors
	wire      http.RoundTripper
	maxAnswer int64
	timeout   time.Duration // for one question with its answer
	pace      func(context.Context) error
	sign      func(*http.Request)
	unsign    func(*url.URL) // takes a secret out of an address that the system gave
}

// A system that says "too many" is asked again where it names a short time;
// for a longer one the question as a whole is put off.
const (
	patience  = 2 * time.Second
	maxAgains = 2
)

// RoundTrip implements http.RoundTripper.
func (g *guard) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, place := r.Context(), placeOf(r.Context(), r.Method)
	if !g.home(r.URL) {
		closeBody(r)
		return nil, connector.Fail(connector.ErrConfig, place, "other host", nil)
	}
	for again := 0; ; again++ {
		if ctx.Err() != nil {
			closeBody(r)
			return nil, connector.Fail(connector.ErrUnreachable, place, "", ctx.Err())
		}
		if err := g.pace(ctx); err != nil {
			closeBody(r)
			return nil, err
		}
		limited, cancel := g.limit(ctx)
		signed := r.Clone(limited)
		if again > 0 && r.GetBody != nil {
			body, err := r.GetBody()
			if err != nil {
				cancel()
				return nil, connector.Fail(connector.ErrBroken, place, "", err)
			}
			signed.Body = body
		}
		signed.Header.Set("User-Agent", userAgent)
		g.sign(signed)
		resp, err := g.wire.RoundTrip(signed)
		if err != nil {
			cancel()
			return nil, g.lost(ctx, place, err)
		}
		most := g.maxAnswer
		if ctx.Value(wholeKey{}) != nil {
			most = math.MaxInt64 - 1
		}
		resp.Body = &answer{guard: g, ctx: ctx, cancel: cancel, place: place, body: resp.Body, left: most}
		if resp.StatusCode < 400 {
			return resp, nil
		}
		wait, told := retryAfter(resp)
		drop(resp.Body)
		replayable := r.Body == nil || r.Body == http.NoBody || r.GetBody != nil
		if resp.StatusCode != http.StatusTooManyRequests || !told || wait > patience || !replayable || again == maxAgains {
			return nil, g.refused(place, r.URL, resp.StatusCode)
		}
		if err := sleep(ctx, wait); err != nil {
			return nil, connector.Fail(connector.ErrUnreachable, place, "429", err).By(g.host, meanings[http.StatusTooManyRequests])
		}
	}
}

// Whole lets an answer be of any length and take any time: the content of a file,
// which whoever asks reads as a stream and watches for silence.
func Whole(ctx context.Context) context.Context { return context.WithValue(ctx, wholeKey{}, true) }

type wholeKey struct{}

func (g *guard) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	if ctx.Value(wholeKey{}) != nil {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, g.timeout)
}

// home says whether an address is the system's: scheme and host are those of
// the connection, so a secret never leaves for elsewhere or in clear.
func (g *guard) home(u *url.URL) bool {
	return u.Scheme == g.base.Scheme && strings.EqualFold(u.Host, g.base.Host) && u.User == nil
}

// lost tells of a question that got no answer. Only the end of the caller's
// own time is kept; that of ours is one more way of not answering.
func (g *guard) lost(ctx context.Context, place string, err error) error {
	why, distrusted := connector.Distrust(err)
	switch {
	case ctx.Err() != nil:
		return connector.Fail(connector.ErrUnreachable, place, "", ctx.Err())
	case distrusted:
		return connector.Fail(connector.ErrConfig, place, connector.Certificate, nil).By(g.host, why)
	case errors.Is(err, context.DeadlineExceeded):
		return connector.Fail(connector.ErrUnreachable, place, "timeout", nil).By(g.host, "")
	}
	return connector.Fail(connector.ErrUnreachable, place, "", nil).By(g.host, connector.Silence(err))
}

// meanings say what a status means for whoever connects the system.
var meanings = map[int]string{
	http.StatusUnauthorized:      "the sign-in is refused: wrong user, password or token",
	http.StatusForbidden:         "signed in, but without the right to read this",
	http.StatusNotFound:          "there is no such path below url",
	http.StatusProxyAuthRequired: "the proxy asks for a sign-in",
	http.StatusTooManyRequests:   "it wants fewer questions",
}

// refused translates a status.
func (g *guard) refused(place string, u *url.URL, status int) error {
	kind := connector.ErrBroken
	switch {
	case status >= 500, status == http.StatusTooManyRequests, status == http.StatusRequestTimeout:
		kind = connector.ErrUnreachable
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusProxyAuthRequired:
		kind = connector.ErrConfig
	case status == http.StatusNotFound && (declared(place) || strings.TrimRight(u.Path, "/") == g.base.Path):
		kind = connector.ErrConfig
	default: // about a record, or the question
		return connector.Fail(kind, place, strconv.Itoa(status), nil)
	}
	return connector.Fail(kind, place, strconv.Itoa(status), nil).By(g.host, meanings[status])
}

// hostPort is the host of an address with its port.
func hostPort(u *url.URL) string {
	if u.Port() != "" {
		return u.Host
	}
	return net.JoinHostPort(u.Hostname(), map[string]string{"http": "80", "https": "443"}[u.Scheme])
}

// stay refuses to be sent anywhere but to the same host, and a question that
// would become another one on the way. One that is put once goes nowhere else.
func stay(next *http.Request, via []*http.Request) error {
	if next.Context().Value(onceKey{}) != nil {
		return http.ErrUseLastResponse
	}
	first, place := via[0], placeOf(next.Context(), next.Method)
	if next.URL.Host != first.URL.Host || next.URL.Scheme != first.URL.Scheme || next.Method != first.Method || len(via) > 4 {
		return connector.Fail(connector.ErrConfig, place, "redirect", nil).By(hostPort(first.URL), "it sends to another address")
	}
	return nil
}

// answer is a body that ends at the limit with an error, not in silence.
type answer struct {
	guard  *guard
	ctx    context.Context
	cancel context.CancelFunc
	place  string
	body   io.ReadCloser
	left   int64
}

func (a *answer) Read(p []byte) (int, error) {
	if a.left < 0 {
		return 0, connector.Fail(connector.ErrBroken, a.place, "answer too large", nil)
	}
	if int64(len(p)) > a.left+1 {
		p = p[:a.left+1] // one more than allowed shows that there is more
	}
	n, err := a.body.Read(p)
	if a.left -= int64(n); a.left < 0 {
		return n - 1, connector.Fail(connector.ErrBroken, a.place, "answer too large", nil)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = a.guard.lost(a.ctx, a.place, err)
	}
	return n, err
}

func (a *answer) Close() error {
	defer a.cancel()
	return a.body.Close()
}

// drop reads a little of a body that nobody wants, so that the connection can
// be used again.
func drop(body io.ReadCloser) {
	_, _ = io.CopyN(io.Discard, body, 64<<10)
	_ = body.Close()
}

func closeBody(r *http.Request) {
	if r.Body != nil {
		_ = r.Body.Close()
	}
}

// retryAfter reads how long to wait, RFC 9110, 10.2.3.
func retryAfter(r *http.Response) (time.Duration, bool) {
	said := strings.TrimSpace(r.Header.Get("Retry-After"))
	if seconds, err := strconv.Atoi(said); err == nil && seconds >= 0 && seconds < 1<<20 {
		return time.Duration(seconds) * time.Second, true
	}
	if at, err := http.ParseTime(said); err == nil {
		return max(0, time.Until(at)), true
	}
	return 0, false
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// signer gives what signs a question, and what takes the secret out of an
// address again.
func signer(c connector.Connection, s Settings) (sign func(*http.Request), unsign func(*url.URL), err error) {
	how, name, _ := strings.Cut(s.Auth, ":")
	keep := func(*url.URL) {}
	if how == "" || how == "none" {
		return func(*http.Request) {}, keep, nil
	}
	key := s.Secret()
	secret, ok := c.Secret(key)
	if secret = strings.TrimRight(secret, "\r\n"); !ok || secret == "" {
		return nil, nil, c.Wrong("auth", "secrets."+key+" could not be had")
	}
	switch how {
	case "basic":
		return func(r *http.Request) { r.SetBasicAuth(s.User, secret) }, keep, nil
	case "bearer":
		return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+secret) }, keep, nil
	case "header":
		return func(r *http.Request) { r.Header.Set(name, secret) }, keep, nil
	}
	sign = func(r *http.Request) {
		q := r.URL.Query()
		q.Set(name, secret)
		u := *r.URL
		u.RawQuery = q.Encode()
		r.URL = &u
	}
	unsign = func(u *url.URL) {
		if q := u.Query(); q.Has(name) {
			q.Del(name)
			u.RawQuery = q.Encode()
		}
	}
	return sign, unsign, nil
}
