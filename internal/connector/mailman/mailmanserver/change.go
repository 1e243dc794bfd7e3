package mailmanserver

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// changes are what can be told to the server; false where there is no such record.
func (s *Server) changes() map[string]func(*http.Request) bool {
	discards := func(gone func(*http.Request) bool) func(*http.Request) bool {
		return func(r *http.Request) bool { return r.FormValue("action") == "discard" && gone(r) }
	}
	return map[string]func(*http.Request) bool{
		"DELETE /members/{id}":                s.leave,
		"PATCH /members/{id}/preferences":     s.setPreferences,
		"DELETE /members/{id}/preferences":    s.dropPreferences,
		"DELETE /addresses/{email}":           s.dropAddress,
		"PATCH /addresses/{email}":            s.renameAddress,
		"DELETE /users/{id}":                  s.dropUser,
		"PATCH /users/{id}":                   s.renameUser,
		"DELETE /bans/{email}":                s.unban,
		"DELETE /lists/{list}/bans/{email}":   s.unban,
		"POST /lists/{list}/requests/{token}": discards(s.dropRequest),
		"POST /lists/{list}/held/{id}":        discards(s.dropHeld),
	}
}

// drop takes out what fits, and says whether there was any.
func drop[T any](all *[]T, fits func(T) bool) bool {
	n := len(*all)
	*all = slices.DeleteFunc(*all, fits)
	return len(*all) < n
}

func (s *Server) member(r *http.Request) *Member {
	i := slices.IndexFunc(s.options.Members, func(m Member) bool { return m.ID == r.PathValue("id") })
	if i < 0 {
		return nil
	}
	return &s.options.Members[i]
}

func (s *Server) leave(r *http.Request) bool {
	return drop(&s.options.Members, func(m Member) bool { return m.ID == r.PathValue("id") })
}

func (s *Server) setPreferences(r *http.Request) bool {
	m := s.member(r)
	if m == nil || r.ParseForm() != nil {
		return false
	}
	if m.Preferences == nil {
		m.Preferences = map[string]any{}
	}
	for name := range r.PostForm {
		m.Preferences[name] = r.PostForm.Get(name)
	}
	return true
}

func (s *Server) dropPreferences(r *http.Request) bool {
	m := s.member(r)
	if m != nil {
		m.Preferences = map[string]any{}
	}
	return m != nil
}

// dropAddress takes along what stands on lists under it, as the real one does.
func (s *Server) dropAddress(r *http.Request) bool {
	if s.address(r) == nil {
		return false
	}
	s.forget(r.PathValue("email"))
	return true
}

func (s *Server) forget(email string) {
	drop(&s.options.Members, func(m Member) bool { return strings.EqualFold(m.Email, email) })
	drop(&s.options.Addresses, func(a Address) bool { return strings.EqualFold(a.Email, email) })
}

func (s *Server) renameAddress(r *http.Request) bool {
	a := s.address(r)
	if a != nil {
		a.DisplayName = r.FormValue("display_name")
	}
	return a != nil
}

// dropUser takes along its addresses, as the real one does.
func (s *Server) dropUser(r *http.Request) bool {
	for _, a := range slices.Clone(s.options.Addresses) {
		if a.User == r.PathValue("id") {
			s.forget(a.Email)
		}
	}
	return drop(&s.options.Users, func(u User) bool { return u.ID == r.PathValue("id") })
}

func (s *Server) renameUser(r *http.Request) bool {
	u := s.user(r)
	if u != nil {
		u.DisplayName = r.FormValue("display_name")
	}
	return u != nil
}

func (s *Server) unban(r *http.Request) bool {
	return drop(&s.options.Bans, func(b Ban) bool {
		return b.List == r.PathValue("list") && strings.EqualFold(b.Email, r.PathValue("email"))
	})
}

func (s *Server) request(r *http.Request) *Request {
	i := slices.IndexFunc(s.options.Requests, func(q Request) bool { return q.List == r.PathValue("list") && q.Token == r.PathValue("token") })
	if i < 0 {
		return nil
	}
	return &s.options.Requests[i]
}

func (s *Server) dropRequest(r *http.Request) bool {
	return drop(&s.options.Requests, func(q Request) bool { return q.List == r.PathValue("list") && q.Token == r.PathValue("token") })
}

func (s *Server) heldMessage(r *http.Request) *Held {
	i := slices.IndexFunc(s.options.Held, func(h Held) bool { return h.List == r.PathValue("list") && strconv.Itoa(h.ID) == r.PathValue("id") })
	if i < 0 {
		return nil
	}
	return &s.options.Held[i]
}

func (s *Server) dropHeld(r *http.Request) bool {
	return drop(&s.options.Held, func(h Held) bool { return h.List == r.PathValue("list") && strconv.Itoa(h.ID) == r.PathValue("id") })
}
