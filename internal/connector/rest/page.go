package rest

import (
	"context"
	"encoding/json"
	"hash/maphash"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"einsicht/internal/connector"
)

// paging says how a list goes on.
type paging struct {
	// By is page (page=2), offset (offset=100), cursor (a token of the answer),
	// link (RFC 8288) or next (an address in the answer). Empty: one answer
	// holds all.
	By    string `yaml:"by"`
	Param string `yaml:"param"` // of page, offset, cursor; named like them where the file says nothing
	Size  string `yaml:"size"`  // parameter for how many at once
	Count int    `yaml:"count"` // how many at once
	First *int   `yaml:"first"` // number of the first page; 1 where the file says nothing
	Next  string `yaml:"next"`  // where in the answer the token or address stands
}

func (p *paging) check(c connector.Connection, at string, r *resource) error {
	switch p.By {
	case "", "link":
	case "page", "offset":
		if p.Param == "" {
			p.Param = p.By
		}
	case "cursor", "next":
		if p.Next == "" {
			return c.Wrong(at+"next", "is missing")
		}
		if p.By == "cursor" && p.Param == "" {
			p.Param = p.By
		}
	default:
		return c.Wrong(at+"by", "must be page, offset, cursor, link or next")
	}
	if r.Method == post && (p.By == "link" || p.By == "next") {
		return c.Wrong(at+"by", "must be page, offset or cursor for a POST")
	}
	if p.Count < 0 || p.Count > 10_000 || (p.Size == "") != (p.Count == 0) {
		return c.Wrong(at+"count", "must be 1 to 10000 and go with size")
	}
	return nil
}

// counts says that nothing in an answer tells whether more comes.
func (p *paging) counts() bool { return p.By == "page" || p.By == "offset" }

// mute says of the last page, that of a state, whether it is full and without a word
// on whether the list goes on, or whether nobody knows if it is full.
func (p *paging) mute(last page, state string) (full, unsure bool) {
	n := last.count()
	if p.counts() || p.By == "" || last.told || n == 0 {
		return false, false
	}
	if p.Count == 0 {
		return false, state == "" // else the page before had the word
	}
	return n >= p.Count, false
}

// question is what one search asks for; the zero question lists everything.
type question struct {
	values url.Values // also those of the path
	body   string
}

// page is one answer of a list. Records are read from it one by one.
type page struct {
	records gjson.Result
	next    string // state of the page after it; empty: this was the last
	astray  bool   // there is one, but not of this system
	told    bool   // what should say whether there is one, is there
	sum     uint64
}

// page asks for the page of a state, which is a number, a token or an address
// as paging has it; empty is the first.
func (a *api) page(ctx context.Context, r *resource, q question, state string) (page, error) {
	var raw json.RawMessage
	var headers http.Header
	var err error
	from, values := state, r.values(q, state)
	switch {
	case state != "" && (r.Paging.By == "link" || r.Paging.By == "next"):
		headers, err = a.client.Follow(ctx, r.Path, state, &raw)
	case r.Method == post:
		h := http.Header{"Content-Type": {"application/json"}}
		headers, err = a.client.JSON(ctx, post, r.Path, values, h, strings.NewReader(q.body), &raw)
	default:
		if from, err = a.client.Address(r.Path, values); err != nil {
			return page{}, err
		}
		headers, err = a.client.JSON(ctx, get, r.Path, values, nil, nil, &raw)
	}
	if err != nil {
		return page{}, err
	}
	p, err := r.read(raw)
	if err != nil {
		return p, err
	}
	switch r.Paging.By {
	case "page", "offset":
		if n := p.count(); n > 0 {
			p.next = r.after(state, n)
		}
	case "cursor", "next":
		at := gjson.GetBytes(raw, r.Paging.Next)
		if p.told = at.Exists(); at.Type != gjson.False {
			p.next = at.String()
		}
	case "link":
		links := headers.Values("Link")
		p.told, p.next = len(links) > 0, nextLink(links)
	}
	if p.told {
		a.told.Store(r, true)
	}
	if p.next != "" && (r.Paging.By == "link" || r.Paging.By == "next") {
		if p.next, err = a.client.Next(r.Path, from, p.next); err != nil {
			p.astray = true
		}
	}
	return p, nil
}

// read finds the records of an answer. That there are none where they should
// be is no empty list.
func (r *resource) read(raw json.RawMessage) (page, error) {
	p := page{records: gjson.ParseBytes(raw), sum: maphash.Bytes(seed, raw)}
	if r.Records != "" {
		p.records = p.records.Get(r.Records)
	}
	if !p.records.Exists() || !p.records.IsArray() && !p.records.IsObject() && p.records.Type != gjson.Null {
		return p, connector.Fail(connector.ErrBroken, r.Path, "no records", nil)
	}
	return p, nil
}

var seed = maphash.MakeSeed()

// each gives record after record until f says no. An object is one record.
func (p page) each(f func(gjson.Result) bool) {
	switch {
	case p.records.IsArray():
		p.records.ForEach(func(_, one gjson.Result) bool { return f(one) })
	case p.records.IsObject():
		f(p.records)
	}
}

func (p page) count() (n int) {
	p.each(func(gjson.Result) bool { n++; return true })
	return n
}

// values are the parameters of a question for a page.
func (r *resource) values(q question, state string) url.Values {
	v := url.Values{}
	for name, value := range r.Query {
		v.Set(name, value)
	}
	maps.Copy(v, q.values)
	if r.Paging.Size != "" {
		v.Set(r.Paging.Size, strconv.Itoa(r.Paging.Count))
	}
	switch {
	case r.Paging.counts():
		v.Set(r.Paging.Param, strconv.Itoa(r.number(state)))
	case r.Paging.By == "cursor" && state != "":
		v.Set(r.Paging.Param, state)
	}
	return v
}

// number is the state of a list that counts pages or records.
func (r *resource) number(state string) int {
	if n, err := strconv.Atoi(state); err == nil {
		return n
	}
	switch {
	case r.Paging.By == "offset":
		return 0
	case r.Paging.First != nil:
		return *r.Paging.First
	}
	return 1
}

// after is the state of the page that follows one with n records. An offset
// goes on after what came, which may be less than was asked for.
func (r *resource) after(state string, n int) string {
	if r.Paging.By == "page" {
		n = 1
	}
	return strconv.Itoa(r.number(state) + n)
}
