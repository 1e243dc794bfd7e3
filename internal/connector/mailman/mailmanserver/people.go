package mailmanserver

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// address finds an address, which is compared in small letters.
func (s *Server) address(r *http.Request) *Address {
	email := strings.ToLower(r.PathValue("email"))
	i := slices.IndexFunc(s.options.Addresses, func(a Address) bool { return strings.ToLower(a.Email) == email })
	if i < 0 {
		return nil
	}
	return &s.options.Addresses[i]
}

func (s *Server) addressAsJSON(a *Address) map[string]any {
	e := map[string]any{
		"email": strings.ToLower(a.Email), "original_email": a.Email, "registered_on": clock(a.Registered), "http_etag": `"0"`,
		"self_link": s.URL() + "/addresses/" + strings.ToLower(a.Email),
	}
	if a.DisplayName != "" {
		e["display_name"] = a.DisplayName
	}
	if !a.Verified.IsZero() {
		e["verified_on"] = clock(a.Verified)
	}
	if a.User != "" {
		e["user"] = s.URL() + "/users/" + a.User
	}
	return e
}

func addressPreferences(a *Address) map[string]any { return preferences(a.Preferences) }
func userPreferences(u *User) map[string]any       { return preferences(u.Preferences) }

func preferences(set map[string]any) map[string]any {
	e := map[string]any{"self_link": "http://127.0.0.1/3.1/preferences", "http_etag": `"0"`}
	maps.Copy(e, set)
	return e
}

func (s *Server) user(r *http.Request) *User {
	i := slices.IndexFunc(s.options.Users, func(u User) bool { return u.ID == r.PathValue("id") })
	if i < 0 {
		return nil
	}
	return &s.options.Users[i]
}

func userAsJSON(u *User) map[string]any {
	e := map[string]any{
		"user_id": u.ID, "created_on": clock(u.Created), "is_server_owner": false, "http_etag": `"0"`,
		"self_link": "http://127.0.0.1/3.1/users/" + u.ID,
	}
	if u.DisplayName != "" {
		e["display_name"] = u.DisplayName
	}
	if u.Password != "" {
		e["password"] = u.Password
	}
	return e
}

func (s *Server) userAddresses(r *http.Request) any {
	if s.user(r) == nil {
		return nil
	}
	return filtered(r, s.options.Addresses, func(a Address) bool { return a.User == r.PathValue("id") }, s.addressAsJSON)
}

func (s *Server) memberAsJSON(r *http.Request) func(*Member) map[string]any {
	return func(m *Member) map[string]any {
		email := strings.ToLower(m.Email)
		e := map[string]any{
			"address": link(r, "addresses", email), "bounce_score": m.Bounces, "last_warning_sent": "0001-01-01T00:00:00",
			"total_warnings_sent": 0, "delivery_mode": "regular", "email": email, "list_id": m.List, "subscription_mode": "as_address",
			"role": "member", "display_name": m.DisplayName, "self_link": link(r, "members", m.ID), "member_id": m.ID,
		}
		for name, value := range map[string]string{"role": m.Role, "delivery_mode": m.DeliveryMode, "moderation_action": m.Moderation} {
			if value != "" {
				e[name] = value
			}
		}
		return e
	}
}

func (s *Server) memberships(r *http.Request) any {
	a := s.address(r)
	if a == nil {
		return nil
	}
	asJSON := s.memberAsJSON(r)
	if c := s.options.Crowd; c != nil {
		return collection(r, c.Members, func(i int) map[string]any { m := c.Member(a.Email, i); return asJSON(&m) })
	}
	return filtered(r, s.options.Members, func(m Member) bool { return strings.EqualFold(m.Email, a.Email) }, asJSON)
}

// findMembers takes * for anything in the address that is looked for.
func (s *Server) findMembers(r *http.Request) any {
	wanted := strings.ToLower(r.URL.Query().Get("subscriber"))
	if c := s.options.Crowd; c != nil && !strings.Contains(wanted, "*") {
		asJSON := s.memberAsJSON(r)
		return collection(r, c.Members, func(i int) map[string]any { m := c.Member(wanted, i); return asJSON(&m) })
	}
	whose := map[string]bool{wanted: true} // an account's id stands for its addresses
	for _, a := range s.options.Addresses {
		if wanted != "" && a.User == wanted {
			whose[strings.ToLower(a.Email)] = true
		}
	}
	return filtered(r, s.options.Members, func(m Member) bool {
		email := strings.ToLower(m.Email)
		return whose[email] || strings.Contains(wanted, "*") && like(email, strings.ReplaceAll(wanted, "*", "%"))
	}, s.memberAsJSON(r))
}

// like compares as databases do; only % is special here.
func like(s, pattern string) bool {
	parts := strings.Split(pattern, "%")
	s, found := strings.CutPrefix(s, parts[0])
	for _, part := range parts[1:] {
		if part == "" && found {
			continue
		}
		var ok bool
		if _, s, ok = strings.Cut(s, part); !ok {
			return false
		}
	}
	return found && (s == "" || strings.HasSuffix(pattern, "%"))
}

func (s *Server) memberPreferences(r *http.Request) any {
	m := s.member(r)
	switch {
	case m != nil:
		return preferences(m.Preferences)
	case s.options.Crowd != nil:
		return preferences(nil)
	}
	return nil
}
