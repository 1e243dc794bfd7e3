package webdav

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"time"

	"einsicht/internal/connector"
	"einsicht/internal/connector/httpapi"
)

// propfind lists a folder (depth "1") or asks for it alone ("0"), never for
// everything below: many servers refuse that, and the others should.
func (s *share) propfind(ctx context.Context, root, path, depth string, each func(entry) error) error {
	body, err := s.ask(ctx, root, "PROPFIND", path, http.Header{"Depth": {depth}, "Content-Type": {"application/xml"}}, s.wanted())
	if err != nil {
		return err
	}
	defer body.Close()
	folder, _ := splitEscaped(path)
	var stopped error
	err = readMultistatus(body, s.mapping.asked(), func(href string, e entry) error {
		s.mapping.split(&e)
		if !s.named(&e, href, folder) {
			e.Status = http.StatusBadGateway // an address that lies elsewhere
		}
		stopped = each(e)
		return stopped
	})
	switch {
	case err == nil || stopped != nil:
		return stopped
	case body.err != nil:
		return body.err
	}
	return connector.Fail(connector.ErrBroken, root, "listing", nil)
}

// named fills in the name of an entry, which must lie right in the folder or be
// the folder itself.
func (s *share) named(e *entry, href string, folder []string) bool {
	base := s.client.Base()
	u, err := url.Parse(href)
	if err != nil || u.Host != "" && !strings.EqualFold(u.Host, base.Host) {
		return false
	}
	above, ok := splitEscaped(base.EscapedPath())
	segments, fine := splitEscaped(u.EscapedPath())
	above = append(above, folder...)
	if !ok || !fine || len(segments) < len(above) || len(segments) > len(above)+1 {
		return false
	}
	for i, name := range above {
		if segments[i] != name {
			return false
		}
	}
	if e.self = len(segments) == len(above); !e.self {
		e.Name = url.PathEscape(segments[len(above)])
	}
	return true
}

// wanted is the body of a PROPFIND.
func (s *share) wanted() string {
	var b strings.Builder
	b.WriteString(xml.Header + `<D:propfind xmlns:D="DAV:"><D:prop><D:resourcetype/><D:getcontentlength/>` +
		`<D:getlastmodified/><D:creationdate/><D:getcontenttype/><D:getetag/>`)
	for _, p := range s.mapping.asked() {
		b.WriteString(`<o:` + p.Name + ` xmlns:o="` + p.Namespace + `"/>`)
	}
	b.WriteString(`</D:prop></D:propfind>`)
	return b.String()
}

// ask sends one question. Place names it in errors: the root, never the path,
// which may hold a name.
func (s *share) ask(ctx context.Context, place, method, path string, headers http.Header, text string) (*body, error) {
	if ctx.Err() != nil {
		return nil, connector.Fail(connector.ErrUnreachable, place, "", ctx.Err())
	}
	inner, cancel := context.WithCancel(ctx)
	b := &body{ctx: ctx, place: place, cancel: cancel, silence: s.connection.Timeout}
	b.timer = time.AfterFunc(b.silence, cancel)
	b.timer.Stop() // it is our turn later, perhaps
	inner = httptrace.WithClientTrace(inner, &httptrace.ClientTrace{GetConn: func(string) { b.timer.Reset(b.silence) }})
	var content io.Reader
	if text != "" {
		content = strings.NewReader(text)
	}
	r, err := http.NewRequestWithContext(inner, method, s.client.Base().String()+path, content)
	if err != nil {
		b.stop()
		return nil, connector.Fail(connector.ErrBroken, place, "path", nil) // the cause quotes the address
	}
	r.Header = headers
	resp, err := s.client.HTTPClient().Do(r)
	b.timer.Stop()
	if err != nil {
		b.stop()
		return nil, b.failure(err)
	}
	b.in, b.length = resp.Body, resp.ContentLength
	return b, nil
}

// body is an answer that may take long, but may not fall silent.
type body struct {
	ctx     context.Context // the caller's
	place   string
	in      io.ReadCloser
	length  int64 // -1: unknown
	n       int64
	silence time.Duration
	timer   *time.Timer
	cancel  context.CancelFunc
	err     error // why the wire broke off
}

func (b *body) Read(p []byte) (int, error) {
	if b.ctx.Err() != nil {
		b.err = connector.Fail(connector.ErrUnreachable, b.place, "", b.ctx.Err())
		return 0, b.err
	}
	b.timer.Reset(b.silence)
	n, err := b.in.Read(p)
	b.timer.Stop() // whoever reads may take their time
	b.n += int64(n)
	switch {
	case err == nil:
	case !errors.Is(err, io.EOF):
		b.err = b.failure(err)
		return n, b.err
	case b.length >= 0 && b.n != b.length:
		b.err = connector.Fail(connector.ErrUnreachable, b.place, "cut off", nil)
		return n, b.err
	}
	return n, err
}

func (b *body) Close() error {
	b.stop()
	return b.in.Close()
}

func (b *body) stop() {
	b.timer.Stop()
	b.cancel()
}

// failure tells the end of the caller's time from that of our patience.
func (b *body) failure(err error) error {
	if b.ctx.Err() != nil {
		return connector.Fail(connector.ErrUnreachable, b.place, "", b.ctx.Err())
	}
	if errors.Is(err, context.Canceled) {
		return connector.Fail(connector.ErrUnreachable, b.place, "timeout", nil)
	}
	return httpapi.Failure(b.place, err)
}

// code is the HTTP status that an error of a question stands for; 0: none.
func code(err error) int {
	var f *connector.Failure
	if !errors.As(err, &f) {
		return 0
	}
	n, _ := strconv.Atoi(f.Code)
	return n
}
