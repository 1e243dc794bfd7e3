package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"einsicht/internal/connector"
)

// Do asks for a path below the base. Path is a template: what stands in braces
// is taken out of query, encoded, and put in its place, so that "/users/{id}"
// with id=17 and page=2 asks for /users/17?page=2 and errors say /users/{id}.
//
// An answer of 400 and above is an error: 401, 403 and a declared path that
// does not exist are ErrConfig, 429 and 5xx ErrUnreachable, all else ErrBroken;
// see NotFound. The caller closes the body.
func (c *Client) Do(ctx context.Context, method, path string, query url.Values, headers http.Header, body io.Reader) (*http.Response, error) {
	filled, rest, err := fill(path, query)
	if err != nil {
		return nil, err
	}
	target := c.base.String() + filled
	if len(rest) > 0 {
		target += "?" + rest.Encode()
	}
	return c.send(ctx, method, path, target, headers, body)
}

// JSON asks like Do and reads the answer into v, which must be JSON in UTF-8.
// The answer's headers come back, since some say there how it goes on.
func (c *Client) JSON(ctx context.Context, method, path string, query url.Values, headers http.Header, body io.Reader, v any) (http.Header, error) {
	resp, err := c.Do(ctx, method, path, query, acceptJSON(headers), body)
	if err != nil {
		return nil, err
	}
	return resp.Header, ReadJSON(resp, path, v)
}

// Next makes an address that an answer named, as it may be relative, one that
// Follow takes: of the same host, below the base, and without the secret.
func (c *Client) Next(place, from, ref string) (string, error) {
	u, err := url.Parse(from)
	if err == nil {
		u, err = u.Parse(ref)
	}
	g := c.http.Transport.(*guard)
	if err != nil || !g.home(u) || !below(u.EscapedPath(), c.base.EscapedPath()) {
		return "", connector.Fail(connector.ErrBroken, place, "next page elsewhere", nil)
	}
	u.Fragment = ""
	g.unsign(u)
	return u.String(), nil
}

// Follow asks, like JSON, for an address that Next gave.
func (c *Client) Follow(ctx context.Context, place, address string, v any) (http.Header, error) {
	if _, err := c.Next(place, address, address); err != nil {
		return nil, err
	}
	resp, err := c.send(ctx, http.MethodGet, place, address, acceptJSON(nil), nil)
	if err != nil {
		return nil, err
	}
	return resp.Header, ReadJSON(resp, place, v)
}

// Address is where Do asks with such a template and query.
func (c *Client) Address(path string, query url.Values) (string, error) {
	filled, rest, err := fill(path, query)
	if len(rest) > 0 {
		filled += "?" + rest.Encode()
	}
	return c.base.String() + filled, err
}

// ReadJSON reads an answer to its end and closes it. Place is the template of
// its path.
func ReadJSON(resp *http.Response, place string, v any) error {
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return Failure(place, err)
	}
	// RFC 8259, 8.1: UTF-8, and a mark at the start may be overlooked. The
	// decoder would replace other bytes in silence.
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	_, params, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if charset := strings.ToLower(params["charset"]); charset != "" && charset != "utf-8" && charset != "us-ascii" || !utf8.Valid(b) {
		return connector.Fail(connector.ErrBroken, place, "not UTF-8", nil)
	}
	if raw, ok := v.(*json.RawMessage); ok && json.Valid(b) {
		*raw = b
		return nil
	}
	if err := json.Unmarshal(b, v); err != nil {
		return connector.Fail(connector.ErrBroken, place, "not the JSON that was expected", nil)
	}
	return nil
}

// Failure makes a connector.Failure of an error that came out of the client or
// of a library that uses it. Place names what was asked, without values.
func Failure(place string, err error) error {
	var ours *connector.Failure
	var wire *url.Error
	errors.As(err, &wire)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, connector.ErrBusy): // nobody was asked, which a Failure alone does not say
		if wire != nil {
			return wire.Err
		}
		return err
	case errors.As(err, &ours):
		if place == "" || ours.Place == place {
			return ours
		}
		again := *ours
		again.Place = place
		return &again
	case errors.Is(err, context.Canceled):
		return connector.Fail(connector.ErrUnreachable, place, "", context.Canceled)
	}
	if wire != nil {
		return connector.Fail(connector.ErrUnreachable, place, "", nil)
	}
	return connector.Fail(connector.ErrBroken, place, "", nil)
}

// NotFound says that the system knows no such thing: for a path that names one,
// an answer and no failure.
func NotFound(err error) bool {
	var ours *connector.Failure
	return errors.As(err, &ours) && errors.Is(ours.Kind, connector.ErrBroken) && (ours.Code == "404" || ours.Code == "410")
}

// Once marks a question that changes something: it is put to its address and,
// whatever comes back, to no other. Nor is it put again when its answer is lost: the
// library does so for safe methods only (net/http, Transport), and for what was
// never sent.
func Once(ctx context.Context) context.Context { return context.WithValue(ctx, onceKey{}, true) }

type onceKey struct{}

// Status is the answer that an error of Do tells of; 0 where there was none, or
// where it says only that nobody looked at the question: asked too often, too slow.
func Status(err error) int {
	var ours *connector.Failure
	if !errors.As(err, &ours) {
		return 0
	}
	status, err := strconv.Atoi(ours.Code)
	if err != nil || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout || status == http.StatusProxyAuthRequired {
		return 0
	}
	return status
}

func (c *Client) send(ctx context.Context, method, place, target string, headers http.Header, body io.Reader) (*http.Response, error) {
	if ctx.Err() != nil {
		return nil, connector.Fail(connector.ErrUnreachable, place, "", ctx.Err())
	}
	r, err := http.NewRequestWithContext(context.WithValue(ctx, placeKey{}, place), method, target, body)
	if err != nil {
		return nil, connector.Fail(connector.ErrConfig, place, "", nil) // the cause quotes the address
	}
	for name, values := range headers {
		r.Header[name] = values
	}
	resp, err := c.http.Do(r)
	if err != nil {
		if resp != nil {
			_ = resp.Body.Close() // a redirect that was refused
		}
		if ctx.Err() != nil {
			err = ctx.Err()
			return nil, connector.Fail(connector.ErrUnreachable, place, "", err)
		}
		return nil, Failure(place, err)
	}
	return resp, nil
}

type placeKey struct{}

// placeOf names a question in errors: the template of its path, or at least the
// method where a library asks.
func placeOf(ctx context.Context, method string) string {
	if place, ok := ctx.Value(placeKey{}).(string); ok {
		return place
	}
	return method
}

// declared says that a place is a path as the connection or the kind names it,
// with nothing filled in.
func declared(place string) bool {
	return strings.HasPrefix(place, "/") && !strings.ContainsRune(place, '{')
}

// fill puts values into a template and gives the rest of them.
func fill(path string, query url.Values) (string, url.Values, error) {
	if path != "" && !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	rest := url.Values{}
	for k, v := range query {
		rest[k] = v
	}
	var b strings.Builder
	for left := path; ; {
		before, after, found := strings.Cut(left, "{")
		b.WriteString(before)
		if !found {
			return b.String(), rest, nil
		}
		name, tail, closed := strings.Cut(after, "}")
		value := rest.Get(name)
		// Two dots would climb up, also where they are encoded.
		if !closed || value == "" || value == "." || value == ".." {
			return "", nil, connector.Fail(connector.ErrConfig, path, "a name in braces has no value", nil)
		}
		b.WriteString(url.PathEscape(value))
		rest.Del(name)
		left = tail
	}
}

func below(path, base string) bool {
	return base == "" || path == base || strings.HasPrefix(path, base+"/")
}

func acceptJSON(headers http.Header) http.Header {
	h := headers.Clone()
	if h == nil {
		h = http.Header{}
	}
	if h.Get("Accept") == "" {
		h.Set("Accept", "application/json")
	}
	return h
}
