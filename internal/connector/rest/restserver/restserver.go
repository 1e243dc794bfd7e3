// Package restserver is a specialist system with a JSON interface, inside this
// process: what the demonstration's procurement and sign-in answer with, and
// what the tests ask.
//
// A list answers as {"data": {"items": […]}, "meta": {"total", "next",
// "next_url"}} and a Link header, by page and per_page, offset and limit, or
// cursor and limit. Every other parameter is the path of a value in a record,
// compared without regard to case.
//
// A single record answers as {"data": {…}} with an ETag, and takes PATCH, DELETE and
// OPTIONS, with If-Match, from an account of its own: RFC 9110.
package restserver

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/tidwall/gjson"

	"einsicht/internal/connector/httpapi/httpserver"
)

// Source gives the records of a list by number, for lists that are made up as
// they are asked.
type Source interface {
	Len() int
	At(i int) json.RawMessage
}

// Records are a list that is held.
type Records []json.RawMessage

// Len counts them.
func (r Records) Len() int { return len(r) }

// At gives one of them.
func (r Records) At(i int) json.RawMessage { return r[i] }

// Made is a list of N records that Make makes up.
type Made struct {
	N    int
	Make func(i int) json.RawMessage
}

// Len counts them.
func (m Made) Len() int { return m.N }

// At makes one of them.
func (m Made) At(i int) json.RawMessage { return m.Make(i) }

// Options say what the system holds. A path such as "/suppliers/{supplier}/orders"
// gives those of its records whose value "supplier" is that of the path.
type Options struct {
	Token     string // bearer; empty: nobody has to sign in
	Resources map[string]Source
	// Changer is the token of whoever may change single records; empty: nobody.
	Changer string
	Singles map[string]Single // by their path
	// MaxPage caps how many records a page holds, whatever is asked for; 1000
	// where nothing is said.
	MaxPage int
}

// Server is a running system.
type Server struct {
	*httpserver.Server
	options Options
	writes  atomic.Int64

	mu     sync.Mutex
	spoil  func(http.ResponseWriter, *http.Request) bool
	held   []string
	denied bool
}

// Start starts a system on a free port of this machine.
func Start(o Options) (*Server, error) {
	s := &Server{options: o}
	s.options.Resources = map[string]Source{}
	for path, list := range o.Resources {
		s.options.Resources[path] = list
	}
	if s.options.MaxPage == 0 {
		s.options.MaxPage = 1000
	}
	var err error
	if s.Server, err = httpserver.Start(s); err != nil {
		return nil, err
	}
	return s, nil
}

// Add puts a record into a list that is held.
func (s *Server) Add(path string, record json.RawMessage) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	list, ok := s.options.Resources[path].(Records)
	if !ok && s.options.Resources[path] != nil {
		return errors.New("the records of this list are made up")
	}
	s.options.Resources[path] = append(slices.Clip(list), record)
	return nil
}

// All gives what a list holds.
func (s *Server) All(path string) Source {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.options.Resources[path]
}

// Writes counts what was changed.
func (s *Server) Writes() int64 { return s.writes.Load() }

// Spoil lets f answer instead where it says so; nil ends it.
func (s *Server) Spoil(f func(http.ResponseWriter, *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.spoil = f
}

// ServeHTTP answers a question.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	spoil := s.spoil
	list, values := s.list(r.URL.Path)
	single := list == nil && s.isSingle(r.URL.Path)
	s.mu.Unlock()
	as := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	switch {
	case spoil != nil && spoil(w, r):
	case s.options.Token != "" && as != s.options.Token && (as != s.options.Changer || as == ""):
		http.Error(w, `{"error":"sign in"}`, http.StatusUnauthorized)
	case single:
		s.mu.Lock()
		defer s.mu.Unlock()
		s.one(w, r)
	case list == nil:
		http.Error(w, `{"error":"no such list"}`, http.StatusNotFound)
	case r.Method != http.MethodGet:
		http.Error(w, `{"error":"read only"}`, http.StatusMethodNotAllowed)
	default:
		s.answer(w, r, list, values)
	}
}

// list finds the list of a path and what the path says about its records.
func (s *Server) list(path string) (Source, map[string]string) {
	if list, ok := s.options.Resources[path]; ok {
		return list, nil
	}
	for template, list := range s.options.Resources {
		if values, ok := match(template, path); ok {
			return list, values
		}
	}
	return nil, nil
}

// match reads what a path says where its template has names in braces.
func match(template, path string) (values map[string]string, ok bool) {
	parts, asked := strings.Split(template, "/"), strings.Split(path, "/")
	if len(parts) != len(asked) {
		return nil, false
	}
	values = map[string]string{}
	for i, part := range parts {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			values[strings.TrimSuffix(name, "}")] = asked[i]
		} else if part != asked[i] {
			return nil, false
		}
	}
	return values, true
}

// answer gives one page of a list.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, list Source, wanted map[string]string) {
	q := r.URL.Query()
	if wanted == nil {
		wanted = map[string]string{}
	}
	for name := range q {
		if !slices.Contains([]string{"page", "per_page", "offset", "limit", "cursor"}, name) {
			wanted[name] = q.Get(name)
		}
	}
	size := min(number(q, "per_page", number(q, "limit", 100)), s.options.MaxPage)
	skip := number(q, "offset", 0)
	if q.Has("page") {
		skip = (number(q, "page", 1) - 1) * size
	}
	i := number(q, "cursor", 0)
	if len(wanted) == 0 { // no need to count those before
		i, skip = i+skip, 0
	}
	items := []json.RawMessage{}
	for ; i < list.Len() && len(items) < size; i++ {
		one := list.At(i)
		if !fits(one, wanted) {
			continue
		}
		if skip > 0 {
			skip--
			continue
		}
		items = append(items, one)
	}
	meta := map[string]any{"total": list.Len(), "next": nil, "next_url": nil}
	w.Header().Add("Link", `<?>; rel="first"`)
	if i < list.Len() {
		next := url.Values{"cursor": {strconv.Itoa(i)}, "limit": {strconv.Itoa(size)}}
		for name := range q {
			if _, asked := wanted[name]; asked {
				next.Set(name, q.Get(name))
			}
		}
		meta["next"], meta["next_url"] = strconv.Itoa(i), r.URL.Path+"?"+next.Encode()
		w.Header().Add("Link", fmt.Sprintf(`<?%s>; rel="next"`, next.Encode()))
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(map[string]any{"data": map[string]any{"items": items}, "meta": meta})
}

func fits(record json.RawMessage, wanted map[string]string) bool {
	for path, value := range wanted {
		v := gjson.GetBytes(record, path)
		found := false
		for _, one := range v.Array() {
			found = found || strings.EqualFold(one.String(), value)
		}
		if !found {
			return false
		}
	}
	return true
}

func number(q url.Values, name string, otherwise int) int {
	n, err := strconv.Atoi(q.Get(name))
	if err != nil || n < 0 {
		return otherwise
	}
	return n
}
