package transfer

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
)

// Send hands a parcel over, from where an earlier attempt was cut, and gives the
// receipt as it was signed. location is what that attempt noted, or empty; note
// keeps it before anything is sent.
func Send(ctx context.Context, to Controller, p Parcel, location string, note func(location string) error) (signed string, err error) {
	if err := to.Check(); err != nil {
		return "", err
	}
	s := &sending{to: to, p: p, client: to.client()}
	defer s.client.CloseIdleConnections()
	offset := int64(-1)
	if s.there(location) {
		if offset, err = s.offset(ctx, location); err != nil {
			return "", err
		}
	}
	if offset < 0 { // not begun yet, or forgotten over there
		if location, err = s.create(ctx); err != nil {
			return "", err
		}
		if err = note(location); err != nil {
			return "", err
		}
		if offset, err = s.offset(ctx, location); err != nil {
			return "", err
		}
	}
	if offset < 0 || offset > p.Size {
		return "", fmt.Errorf("%w: it has no place for the parcel", ErrRefused)
	}
	if offset < p.Size {
		if err := s.rest(ctx, location, offset); err != nil {
			return "", err
		}
	}
	return s.receipt(ctx, location)
}

// sending is one attempt.
type sending struct {
	to     Controller
	p      Parcel
	client *http.Client
}

// create asks for a place. One that was asked for before is given again: its
// address may have got lost.
func (s *sending) create(ctx context.Context) (string, error) {
	r, err := s.ask(ctx, http.MethodPost, s.to.Address, nil, http.StatusCreated, map[string]string{
		"Upload-Length":   strconv.FormatInt(s.p.Size, 10),
		"Upload-Metadata": metadata("parcel", s.p.ID.String()) + "," + metadata("sha256", s.p.SHA256),
	})
	if err != nil {
		return "", err
	}
	base, err := url.Parse(s.to.Address)
	if err != nil {
		return "", ErrAddress
	}
	at, err := base.Parse(r.Header.Get("Location"))
	if err != nil || !s.there(at.String()) {
		return "", fmt.Errorf("%w: it sends the parcel elsewhere", ErrRefused)
	}
	return at.String(), nil
}

// there says whether a place is one of the controller's. What was noted before an
// operator listed another address is not: whoever is there gets no token.
func (s *sending) there(location string) bool {
	base, err := url.Parse(s.to.Address)
	at, wrong := url.Parse(location)
	return err == nil && wrong == nil && at.Scheme == base.Scheme && at.Host == base.Host
}

func metadata(key, value string) string {
	return key + " " + base64.StdEncoding.EncodeToString([]byte(value))
}

// offset says how much is there; negative: nobody over there knows the parcel.
func (s *sending) offset(ctx context.Context, location string) (int64, error) {
	r, err := s.ask(ctx, http.MethodHead, location, nil, http.StatusOK, nil)
	if r != nil && (r.StatusCode == http.StatusNotFound || r.StatusCode == http.StatusGone) {
		return -1, nil
	}
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(r.Header.Get("Upload-Offset"), 10, 64)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%w: it does not say how much it has", ErrRefused)
	}
	return n, nil
}

// rest sends what is missing.
func (s *sending) rest(ctx context.Context, location string, offset int64) error {
	body, err := s.p.Open(offset)
	if err != nil {
		return err
	}
	defer body.Close()
	_, err = s.ask(ctx, http.MethodPatch, location, io.LimitReader(body, s.p.Size-offset), http.StatusNoContent, map[string]string{
		"Upload-Offset": strconv.FormatInt(offset, 10), "Content-Type": "application/offset+octet-stream",
	})
	return err
}

// receipt asks the upload for what the other side signed, and looks whether it is
// for this parcel.
func (s *sending) receipt(ctx context.Context, location string) (string, error) {
	r, err := s.ask(ctx, http.MethodGet, location, nil, http.StatusOK, map[string]string{"Accept": "application/jose"})
	if err != nil {
		return "", err
	}
	receipt, err := Open(r.text, s.to.Key)
	if err != nil {
		return "", err
	}
	if receipt.Parcel != s.p.ID || receipt.Size != s.p.Size || receipt.SHA256 != s.p.SHA256 || receipt.ReceivedAt.IsZero() {
		return "", ErrReceipt
	}
	return r.text, nil
}

// answered is an answer that was read to its end.
type answered struct {
	*http.Response
	text string
}

// maxAnswer is more than any receipt.
const maxAnswer = 64 << 10

// mismatch is how tus says that a checksum is wrong. The other side begins anew.
const mismatch = 460

// ask asks once. Of an answer that is not wanted only the number is told.
func (s *sending) ask(ctx context.Context, method, address string, body io.Reader, want int, headers map[string]string) (*answered, error) {
	r, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, ErrAddress
	}
	if body != nil {
		if offset, err := strconv.ParseInt(headers["Upload-Offset"], 10, 64); err == nil {
			r.ContentLength = s.p.Size - offset
		}
	}
	r.Header.Set("Tus-Resumable", Version)
	r.Header.Set("Authorization", "Bearer "+s.to.Token)
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	response, err := s.client.Do(r)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, ErrUnreachable // the cause names addresses
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return nil, ErrUnreachable
	}
	a := &answered{response, string(text)}
	switch {
	case response.StatusCode == want:
		return a, nil
	case response.StatusCode >= 500, response.StatusCode == mismatch, response.StatusCode == http.StatusConflict, response.StatusCode == http.StatusLocked, response.StatusCode == http.StatusTooManyRequests:
		return a, fmt.Errorf("%w (status %d)", ErrUnreachable, response.StatusCode)
	}
	return a, fmt.Errorf("%w (status %d)", ErrRefused, response.StatusCode)
}
