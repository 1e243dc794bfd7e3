// Package mailmanserver is a server of mailing lists inside this process, as
// far as it can be asked and told to forget: what the demonstration answers with,
// and what tests ask whose people would be too many for the real one. It answers like the
// REST interface 3.1 of GNU Mailman core 3.3.
package mailmanserver

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"einsicht/internal/connector/httpapi/httpserver"
)

// Address is a mail address the server knows.
type Address struct {
	Email, DisplayName   string
	Registered, Verified time.Time
	User                 string // id of the account; empty: none
	Preferences          map[string]any
}

// User is an account, which may have several addresses.
type User struct {
	ID, DisplayName, Password string
	Created                   time.Time
	Preferences               map[string]any
}

// Member is an address on a list in a role.
type Member struct {
	ID, List, Email, DisplayName string
	Role                         string // member, owner, moderator, nonmember
	DeliveryMode, Moderation     string
	Bounces                      int
	Preferences                  map[string]any
}

// Request is somebody who wants to get on or off a list.
type Request struct {
	Token, List, Email, DisplayName string
	Type                            string // subscription or unsubscription
	When                            time.Time
}

// Held is a message that waits for a moderator.
type Held struct {
	ID                                            int
	List, Sender, Subject, Reason, Message, MsgID string
	Date                                          time.Time
}

// Ban is an address, or a pattern of some, that may be on no list, or not on
// one.
type Ban struct{ List, Email string }

// Options say what the server holds.
type Options struct {
	User, Password string
	Lists          []string // ids, such as news.lists.example.org
	Addresses      []Address
	Users          []User
	Members        []Member
	Requests       []Request
	Held           []Held
	Bans           []Ban
	// Crowd makes records up as they are asked for; nil where there is none.
	Crowd *Crowd
}

// Crowd are more records than a server could hold in a test: memberships of
// every address, and who wants to get on the first of the lists.
type Crowd struct {
	Members, Requests int
	Member            func(email string, i int) Member
	Request           func(i int) Request
}

// Server is a running server.
type Server struct {
	*httpserver.Server
	mux *http.ServeMux

	mu      sync.Mutex
	options Options
	spoil   func(http.ResponseWriter, *http.Request) bool
}

// Start starts a server on a free port of this machine.
func Start(o Options) (*Server, error) {
	s := &Server{options: o, mux: http.NewServeMux()}
	s.routes()
	var err error
	if s.Server, err = httpserver.Start(s); err != nil {
		return nil, err
	}
	return s, nil
}

// URL is the address of the interface with its version.
func (s *Server) URL() string { return s.Server.URL() + "/3.1" }

// Change lets f add or take something.
func (s *Server) Change(f func(*Options)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(&s.options)
}

// Spoil lets f answer instead where it says so; nil ends it.
func (s *Server) Spoil(f func(http.ResponseWriter, *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.spoil = f
}

// ServeHTTP answers a question.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	user, password, _ := r.BasicAuth()
	switch {
	case s.spoil != nil && s.spoil(w, r):
	case s.options.User != "" && (user != s.options.User || password != s.options.Password):
		say(w, http.StatusUnauthorized, map[string]any{"title": "401 Unauthorized"})
	default:
		s.mux.ServeHTTP(w, r)
	}
}

func (s *Server) routes() {
	for path, answer := range map[string]func(*http.Request) any{
		"/system/versions": func(*http.Request) any {
			return map[string]any{"mailman_version": "GNU Mailman 3.3.8 (Tom Sawyer)", "api_version": "3.1"}
		},
		"/addresses": func(r *http.Request) any {
			return filtered(r, s.options.Addresses, func(Address) bool { return true }, s.addressAsJSON)
		},
		"/addresses/{email}":             func(r *http.Request) any { return one(s.address(r), s.addressAsJSON) },
		"/addresses/{email}/preferences": func(r *http.Request) any { return one(s.address(r), addressPreferences) },
		"/addresses/{email}/memberships": s.memberships,
		"/members": func(r *http.Request) any {
			return filtered(r, s.options.Members, func(Member) bool { return true }, s.memberAsJSON(r))
		},
		"/members/{id}": func(r *http.Request) any { return one(s.member(r), s.memberAsJSON(r)) },
		"/users": func(r *http.Request) any {
			return filtered(r, s.options.Users, func(User) bool { return true }, userAsJSON)
		},
		"/lists/{list}/requests/{token}": func(r *http.Request) any { return one(s.request(r), requestAsJSON) },
		"/lists/{list}/held/{id}":        func(r *http.Request) any { return one(s.heldMessage(r), s.heldAsJSON(r)) },
		"/users/{id}":                    func(r *http.Request) any { return one(s.user(r), userAsJSON) },
		"/users/{id}/preferences":        func(r *http.Request) any { return one(s.user(r), userPreferences) },
		"/users/{id}/addresses":          s.userAddresses,
		"/members/find":                  s.findMembers,
		"/members/{id}/preferences":      s.memberPreferences,
		"/lists":                         s.lists,
		"/lists/{list}/requests":         s.requests,
		"/lists/{list}/held":             s.held,
		"/lists/{list}/bans":             s.bans,
		"/bans":                          s.bans,
	} {
		s.mux.HandleFunc("GET /3.1"+path, func(w http.ResponseWriter, r *http.Request) {
			if v := answer(r); v != nil {
				say(w, http.StatusOK, v)
				return
			}
			say(w, http.StatusNotFound, map[string]any{"title": "404 Not Found"})
		})
	}
	for pattern, change := range s.changes() {
		method, path, _ := strings.Cut(pattern, " ")
		s.mux.HandleFunc(method+" /3.1"+path, func(w http.ResponseWriter, r *http.Request) {
			if change(r) {
				w.WriteHeader(http.StatusNoContent)
				return
			}
			say(w, http.StatusNotFound, map[string]any{"title": "404 Not Found"})
		})
	}
}

func say(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// one is nil where there is none, as an interface without a value.
func one[T any](v *T, f func(*T) map[string]any) any {
	if v == nil {
		return nil
	}
	return f(v)
}

// collection gives the page that was asked for; an empty one has no entries.
func collection(r *http.Request, n int, at func(i int) map[string]any) any {
	count, err := strconv.Atoi(r.URL.Query().Get("count"))
	page, errPage := strconv.Atoi(r.URL.Query().Get("page"))
	if err != nil || errPage != nil {
		count, page = n, 1
	}
	start := (page - 1) * count
	answer := map[string]any{"start": start, "total_size": n, "http_etag": `"0"`}
	var entries []map[string]any
	for i := start; i < min(start+count, n); i++ {
		e := at(i)
		e["http_etag"] = `"0"`
		entries = append(entries, e)
	}
	if len(entries) > 0 {
		answer["entries"] = entries
	}
	return answer
}

// filtered gives those of all that fit.
func filtered[T any](r *http.Request, all []T, fits func(T) bool, asJSON func(*T) map[string]any) any {
	some := slices.DeleteFunc(slices.Clone(all), func(v T) bool { return !fits(v) })
	return collection(r, len(some), func(i int) map[string]any { return asJSON(&some[i]) })
}

func clock(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000") }

func link(r *http.Request, parts ...string) string {
	return "http://" + r.Host + "/3.1/" + strings.Join(parts, "/")
}
