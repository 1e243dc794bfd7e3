package mailman

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"strconv"

	"einsicht/internal/connector"
	"einsicht/internal/connector/httpapi"
)

// entry is one record as the interface gives it.
type entry map[string]json.RawMessage

// text is a value as the server wrote it.
func (e entry) text(name string) string {
	if s, ok := e.quoted(name); ok {
		return s
	}
	return string(e[name])
}

// quoted is a value that is a text, or null.
func (e entry) quoted(name string) (string, bool) {
	raw := e[name]
	if n := len(raw); n > 1 && raw[0] == '"' && bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : n-1]), true // most are, and there are many
	}
	var s string
	err := json.Unmarshal(raw, &s)
	return s, err == nil
}

// get asks for one record; ok is false where there is none.
func (l *lists) get(ctx context.Context, path string, values url.Values) (e entry, ok bool, err error) {
	_, err = l.client.JSON(ctx, http.MethodGet, path, values, nil, nil, &e)
	if httpapi.NotFound(err) {
		return nil, false, nil
	}
	return e, err == nil, err
}

// page is one answer of a collection. An empty one has no entries at all.
type page struct {
	Start   *int    `json:"start"`
	Total   *int    `json:"total_size"`
	Entries []entry `json:"entries"`
}

// pages reads a collection from a page on, counted from 1, and hands on page
// after page until f says no. More says whether another page follows.
func (l *lists) pages(ctx context.Context, path string, values url.Values, count, from int, f func(number int, entries []entry, more bool) (bool, error)) error {
	for n := max(1, from); ; n++ {
		asked := url.Values{"count": {strconv.Itoa(count)}, "page": {strconv.Itoa(n)}}
		maps.Copy(asked, values)
		var p page
		if _, err := l.client.JSON(ctx, http.MethodGet, path, asked, nil, nil, &p); err != nil {
			return err
		}
		// A server that says how many there are and where it stands can't lose
		// any unnoticed, nor go round in a circle.
		start := (n - 1) * count
		if p.Start == nil || p.Total == nil || *p.Start != start || len(p.Entries) > count || start < *p.Total && len(p.Entries) == 0 {
			return connector.Fail(connector.ErrBroken, path, "paging", nil)
		}
		more := start+len(p.Entries) < *p.Total
		if on, err := f(n, p.Entries, more); err != nil || !on || !more {
			return err
		}
	}
}

// unreadable says that an error is about what the server said, so that all
// else can still be read.
func unreadable(err error) bool { return errors.Is(err, connector.ErrBroken) }
