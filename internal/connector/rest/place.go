package rest

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/tidwall/gjson"

	"einsicht/internal/connector"
	"einsicht/internal/connector/httpapi"
)

// place is what a reference names: a record of a list and, where that is a list of
// a record, the place of that one.
type place struct {
	resource *resource
	key      []string
	above    *place
	ref      string
}

// named reads a reference as records make them; nil: it names nothing here.
func (a *api) named(ref string) *place {
	var p *place
	lists, left := a.resources, strings.Split(ref, "/")
	for len(left) > 0 {
		next := &place{above: p}
		for i := range lists {
			if lists[i].Name == left[0] && len(left) > len(lists[i].Key) {
				next.resource = &lists[i]
			}
		}
		if next.resource == nil {
			return nil
		}
		n := 1 + len(next.resource.Key)
		for _, part := range left[1:n] {
			value, err := url.PathUnescape(part)
			// Two dots would climb up in a path, also where they are encoded.
			if err != nil || value == "" || value == "." || value == ".." || url.PathEscape(value) != part {
				return nil
			}
			next.key = append(next.key, value)
		}
		if next.ref = strings.Join(left[:n], "/"); p != nil {
			next.ref = p.ref + "/" + next.ref
		}
		p, lists, left = next, next.resource.Children, left[n:]
	}
	return p
}

// names are the values that templates may hold in braces.
func (p *place) names() map[string]string {
	all := map[string]string{}
	if p.above != nil {
		for name, value := range p.above.names() {
			all["above."+name] = value
		}
	}
	for i, name := range p.resource.Key {
		all[name] = p.key[i]
	}
	return all
}

// values fills the names of a path; the others are those of its query.
func (p *place) values(path string, query map[string]string) url.Values {
	v, names := url.Values{}, p.names()
	for name, value := range query {
		v.Set(name, value)
	}
	for _, m := range inBraces.FindAllStringSubmatch(path, -1) {
		v.Set(m[1], names[m[1]])
	}
	return v
}

// record stands for one of which only the name is known.
func (p *place) record() *record {
	if p == nil {
		return nil
	}
	return &record{resource: p.resource, key: p.key, ref: p.ref}
}

// standing is a record as it stands there now.
type standing struct {
	record
	there bool
	etag  string
}

// stands reads one record. That another comes, or none where one was declared, is
// never taken for one that is gone.
func (a *api) stands(ctx context.Context, p *place) (standing, error) {
	said := p.resource.Change
	if said == nil || said.Read.Path == "" {
		return standing{}, connector.Fail(connector.ErrConfig, p.resource.Path, "no path of one record", nil)
	}
	path := said.Read.Path
	var raw json.RawMessage
	headers, err := a.client.JSON(ctx, http.MethodGet, path, p.values(path, said.Read.Query), nil, nil, &raw)
	if httpapi.NotFound(err) {
		return standing{}, nil
	}
	if err != nil {
		return standing{}, err
	}
	entry := gjson.ParseBytes(raw)
	if said.Read.Record != "" {
		entry = entry.Get(said.Read.Record)
	}
	s, err := p.find(entry)
	s.etag = headers.Get("ETag")
	return s, err
}

// find picks the record out of an answer about it or, with each, about what holds it.
func (p *place) find(entry gjson.Result) (s standing, err error) {
	other := connector.Fail(connector.ErrBroken, p.resource.Change.Read.Path, "another record", nil)
	if !entry.IsObject() {
		return s, other
	}
	for i, name := range p.resource.Key {
		inside := p.resource.Each != "" && strings.HasPrefix(name, p.resource.Each+".")
		if !inside && scalar(entry.Get(name)) != p.key[i] {
			return s, other
		}
	}
	p.resource.records(entry, p.above.record(), func(rec record, unreadable error) bool {
		if unreadable != nil {
			err = other
			return true
		}
		if rec.ref == p.ref {
			s.record, s.there = rec, true
		}
		return !s.there
	})
	if s.there || p.resource.Each != "" && err == nil {
		return s, nil
	}
	return standing{}, other
}
