package webdav

import (
	"bytes"
	"context"
	"encoding/xml"
	"io"
	"net/http"
	"strings"

	"einsicht/internal/connector"
	"einsicht/internal/connector/httpapi"
)

// write changes a file on the condition that it is still as it was read. An ETag
// tells the server so (RFC 9110, 13.1.1); without one that it trusts, the file is
// looked at once more right before.
func (s *share) write(ctx context.Context, f found, method, body string) error {
	headers := http.Header{}
	if strings.HasPrefix(f.entry.ETag, `"`) {
		headers.Set("If-Match", f.entry.ETag)
	} else if err := s.stillAsRead(ctx, f); err != nil {
		return err
	}
	status, err := s.put(ctx, f, method, f.folder+f.entry.Name, headers, body)
	return s.said(status, err)
}

func (s *share) stillAsRead(ctx context.Context, f found) error {
	now, err := s.look(ctx, f.finding(f.folder, f.entry, nil, "").Reference)
	if err == nil && !bytes.Equal(now.record(now.entry).Fingerprint(), f.record(f.entry).Fingerprint()) {
		err = &refusal{state: connector.Differs}
	}
	return err
}

// mark gives what a file shall say of a restriction, and the question that makes it
// say so; none where it does already.
func (s *share) mark(e entry, lift bool) (mark, patch string, err error) {
	r := s.mapping.Change.Restrict
	mark = r.Set
	if lift {
		mark = r.Free
	}
	switch e.Mark {
	case mark:
		return mark, "", nil
	case r.Set, r.Free, "":
	default:
		return "", "", &refusal{connector.Hindered, becauseOtherMark}
	}
	var text bytes.Buffer
	_ = xml.EscapeText(&text, []byte(mark)) // a buffer takes all
	what := `<D:set><D:prop><r:` + r.Name + ` xmlns:r="` + r.Namespace + `">` + text.String() + `</r:` + r.Name + `></D:prop></D:set>`
	if mark == "" {
		what = `<D:remove><D:prop><r:` + r.Name + ` xmlns:r="` + r.Namespace + `"/></D:prop></D:remove>`
	}
	return mark, xml.Header + `<D:propertyupdate xmlns:D="DAV:">` + what + `</D:propertyupdate>`, nil
}

// mayChange asks for locks, and whether the account might change a file where this
// one lies: it asks the same of one that does not exist, which changes nothing.
func (s *share) mayChange(ctx context.Context, f found, method, body string) error {
	places := []string{f.folder + f.entry.Name}
	if method == http.MethodDelete {
		places = append(places, f.folder) // which a lock keeps as it is
	}
	for _, path := range places {
		locks, err := s.locked(ctx, f, path)
		if err != nil {
			return err
		}
		if locks {
			return &refusal{connector.Hindered, becauseLocked}
		}
	}
	status, err := s.put(ctx, f, method, f.folder+unlikely(), http.Header{}, body)
	if said := s.said(status, err); status != http.StatusNotFound {
		return said
	}
	return nil
}

// locked says whether somebody works on a file or folder (RFC 4918, 15.8).
func (s *share) locked(ctx context.Context, f found, path string) (bool, error) {
	const question = xml.Header + `<D:propfind xmlns:D="DAV:"><D:prop><D:lockdiscovery/></D:prop></D:propfind>`
	resp, err := s.send(ctx, f, "PROPFIND", path, http.Header{"Depth": {"0"}}, question)
	if err != nil {
		return false, s.said(code(err), err)
	}
	defer resp.Body.Close()
	var said struct {
		Locks []struct{} `xml:"response>propstat>prop>lockdiscovery>activelock"`
	}
	if err := xml.NewDecoder(io.LimitReader(resp.Body, maxEntry)).Decode(&said); err != nil {
		return false, connector.Fail(connector.ErrBroken, s.roots[f.root], "locks", nil)
	}
	return len(said.Locks) > 0, nil
}

// put sends one change and gives the status of what became of it.
func (s *share) put(ctx context.Context, f found, method, path string, headers http.Header, body string) (int, error) {
	resp, err := s.send(ctx, f, method, path, headers, body)
	if err != nil {
		return code(err), err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusMultiStatus {
		return resp.StatusCode, nil
	}
	n, err := worst(resp.Body)
	if err != nil {
		return 0, connector.Fail(connector.ErrBroken, s.roots[f.root], "statuses", nil)
	}
	return n, nil
}

// worst is the status in an answer with several (RFC 4918, 13) that tells why
// something was not done.
func worst(in io.Reader) (int, error) {
	var all struct {
		Statuses []string `xml:"response>status"`
		Parts    []string `xml:"response>propstat>status"`
	}
	if err := xml.NewDecoder(io.LimitReader(in, maxEntry)).Decode(&all); err != nil {
		return 0, err
	}
	worst := http.StatusMultiStatus // which says nothing by itself
	for _, line := range append(all.Statuses, all.Parts...) {
		if n := status(line); worst == http.StatusMultiStatus || n/100 != 2 && n != http.StatusFailedDependency {
			worst = n
		}
	}
	return worst, nil
}

// send asks as the account that changes.
func (s *share) send(ctx context.Context, f found, method, path string, headers http.Header, body string) (*http.Response, error) {
	place := s.roots[f.root]
	if err := ctx.Err(); err != nil {
		return nil, connector.Fail(connector.ErrUnreachable, place, "", err)
	}
	r, err := http.NewRequestWithContext(ctx, method, s.writer.Base().String()+path, strings.NewReader(body))
	if err != nil {
		return nil, connector.Fail(connector.ErrBroken, place, "path", nil) // the cause quotes the address
	}
	if r.Header = headers; body != "" {
		r.Header.Set("Content-Type", "application/xml")
	}
	resp, err := s.writer.HTTPClient().Do(r)
	if err != nil && ctx.Err() != nil {
		return nil, connector.Fail(connector.ErrUnreachable, place, "", ctx.Err())
	}
	return resp, httpapi.Failure(place, err)
}

// said translates the answer to a change.
func (s *share) said(status int, err error) error {
	switch status {
	case http.StatusOK, http.StatusNoContent, http.StatusAccepted:
		return nil
	case http.StatusNotFound, http.StatusGone:
		return &refusal{state: connector.Missing}
	case http.StatusPreconditionFailed:
		return &refusal{state: connector.Differs}
	case http.StatusLocked, http.StatusFailedDependency: // the folder is
		return &refusal{connector.Hindered, becauseLocked}
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusMethodNotAllowed:
		return &refusal{connector.Denied, becauseDenied}
	case http.StatusBadRequest, http.StatusConflict, http.StatusMultiStatus, http.StatusUnprocessableEntity,
		http.StatusNotImplemented, http.StatusInsufficientStorage:
		return &refusal{connector.Hindered, becauseRefused}
	}
	if err == nil {
		err = &refusal{connector.Hindered, becauseRefused}
	}
	return err
}
