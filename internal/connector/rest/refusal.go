package rest

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"einsicht/internal/connector"
	"einsicht/internal/connector/httpapi"
)

// refusal is why a change is not made; the zero one is none.
type refusal struct {
	state  connector.EffectState
	reason string
}

// The reasons, as wording keys.
const (
	becauseUndeclared = "connector.rest.undeclared"
	becauseField      = "connector.rest.undeclared_field"
	becauseReadOnly   = "connector.rest.read_only"
	becauseKept       = "connector.rest.kept"
	becauseOpen       = "connector.rest.open_fields"
	becauseNoField    = "connector.rest.no_field"
	becauseValue      = "connector.rest.value"
	becauseVersion    = "connector.rest.no_version"
	becauseDragged    = "connector.rest.dragged"
	becauseStopped    = "connector.rest.stopped"
	becauseStays      = "connector.rest.stays"
	becauseLater      = "connector.rest.later"
	becauseOtherwise  = "connector.rest.otherwise"
	becauseRefused    = "connector.rest.refused"
	becauseSignIn     = "connector.rest.sign_in"
	becauseDenied     = "connector.rest.denied"
)

// request is what the declaration has for a change, or what keeps it from being
// tried at all.
func (r *run) request(d deed) (*request, refusal) {
	c := d.at.resource.Change
	if c == nil {
		return nil, refusal{connector.Undeclared, becauseUndeclared}
	}
	var q *request
	switch {
	case d.Do == connector.CanErase:
		if q = c.Erase; q == nil && len(c.Keep) > 0 {
			return nil, refusal{connector.Undeclared, becauseKept}
		}
	case d.Do == connector.CanRectify && len(d.Values) > 0:
		q = c.Rectify
	case d.Do == connector.CanRestrict && c.Restrict != nil && d.Lift:
		q = c.Restrict.Free
	case d.Do == connector.CanRestrict && c.Restrict != nil:
		q = c.Restrict.Set
	}
	if q == nil {
		return nil, refusal{connector.Undeclared, becauseUndeclared}
	}
	if r.writer == nil {
		return nil, refusal{connector.Undeclared, becauseReadOnly}
	}
	if d.Do == connector.CanRectify {
		for path := range d.Values {
			if !slices.Contains(q.Fields, path) {
				return nil, refusal{connector.Undeclared, becauseField}
			}
		}
	}
	return q, refusal{}
}

const etag = "etag"

// guard lets the system compare the record once more, RFC 9110, 13.1.1. Where there
// is nothing to compare with, nothing is sent.
func (r *run) guard(by string, now standing, headers http.Header) refusal {
	if by == "" {
		return refusal{}
	}
	tag := now.etag
	if by != etag {
		if tag = scalar(now.json.Get(by)); tag != "" && !strings.HasSuffix(tag, `"`) {
			tag = `"` + tag + `"`
		}
	}
	if tag == "" || strings.ContainsFunc(tag, func(c rune) bool { return c < '!' || c > '~' }) {
		return refusal{connector.Hindered, becauseVersion}
	}
	headers.Set("If-Match", tag)
	return refusal{}
}

// ask puts a request once. An error says that nobody knows what came of it.
func (r *run) ask(ctx context.Context, p *place, q *request, headers http.Header, body string) (status int, err error) {
	if body == "" {
		return r.send(ctx, p, q.Method, q, headers, nil)
	}
	headers.Set("Content-Type", cmp.Or(q.ContentType, "application/json"))
	return r.send(ctx, p, q.Method, q, headers, &body)
}

func (r *run) send(ctx context.Context, p *place, method string, q *request, headers http.Header, body *string) (int, error) {
	headers.Set("Accept", "application/json")
	var resp *http.Response
	var err error
	if values := p.values(q.Path, q.Query); body == nil {
		resp, err = r.writer.Do(httpapi.Once(ctx), method, q.Path, values, headers, nil)
	} else {
		resp, err = r.writer.Do(httpapi.Once(ctx), method, q.Path, values, headers, strings.NewReader(*body))
	}
	if err != nil {
		if status := httpapi.Status(err); status != 0 {
			return status, nil
		}
		return 0, err
	}
	for name, values := range resp.Header {
		headers[name] = values
	}
	_ = resp.Body.Close()
	return resp.StatusCode, nil
}

// may asks once for each request of the declaration what the account may, where the
// system tells.
func (r *run) may(ctx context.Context, p *place, q *request) (refusal, error) {
	said, asked := r.allowed[q]
	if asked || !p.resource.Change.Options {
		return said, nil
	}
	headers := http.Header{}
	status, err := r.send(ctx, p, http.MethodOptions, q, headers, nil)
	if err != nil {
		return said, err
	}
	switch allow := headers.Values("Allow"); {
	case status == http.StatusUnauthorized:
		said = refusal{connector.Denied, becauseSignIn}
	case status == http.StatusForbidden:
		said = refusal{connector.Denied, becauseDenied}
	case status < 300 && len(allow) > 0 && !slices.ContainsFunc(strings.Split(strings.Join(allow, ","), ","), func(m string) bool { return strings.TrimSpace(m) == q.Method }):
		said = refusal{connector.Denied, becauseDenied}
	}
	r.allowed[q] = said
	return said, nil
}

// means says what a status means for a record that is not as it was to be, RFC 9110,
// 15.5.
func (c *change) means(status int) refusal {
	switch declared := connector.EffectState(c.Answers[strconv.Itoa(status)]); {
	case declared == connector.Denied:
		return refusal{declared, becauseDenied}
	case declared == connector.Differs:
		return refusal{state: declared}
	case declared != "":
		return refusal{connector.Hindered, becauseRefused}
	}
	switch {
	case status == http.StatusPreconditionFailed:
		return refusal{state: connector.Differs}
	case status == http.StatusUnauthorized:
		return refusal{connector.Denied, becauseSignIn}
	case status == http.StatusForbidden:
		return refusal{connector.Denied, becauseDenied}
	case status == http.StatusAccepted:
		return refusal{connector.Hindered, becauseLater}
	case status < 400:
		return refusal{connector.Hindered, becauseStays}
	}
	return refusal{connector.Hindered, becauseRefused}
}
