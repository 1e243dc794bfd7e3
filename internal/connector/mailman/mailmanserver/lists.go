package mailmanserver

import (
	"net/http"
	"slices"
	"strings"
)

func (s *Server) lists(r *http.Request) any {
	all := slices.Sorted(slices.Values(s.options.Lists))
	return collection(r, len(all), func(i int) map[string]any {
		name, host, _ := strings.Cut(all[i], ".")
		return map[string]any{
			"list_id": all[i], "list_name": name, "mail_host": host, "fqdn_listname": name + "@" + host,
			"display_name": name, "self_link": link(r, "lists", all[i]),
		}
	})
}

func (s *Server) known(r *http.Request) bool {
	return slices.Contains(s.options.Lists, r.PathValue("list"))
}

func (s *Server) requests(r *http.Request) any {
	if !s.known(r) {
		return nil
	}
	wanted := r.URL.Query().Get("request_type")
	if wanted == "" {
		wanted = "subscription"
	}
	if c := s.options.Crowd; c != nil && wanted == "subscription" && r.PathValue("list") == s.options.Lists[0] {
		return collection(r, c.Requests, func(i int) map[string]any { q := c.Request(i); return requestAsJSON(&q) })
	}
	fits := func(q Request) bool { return q.List == r.PathValue("list") && q.Type == wanted }
	return filtered(r, s.options.Requests, fits, requestAsJSON)
}

func requestAsJSON(q *Request) map[string]any {
	return map[string]any{
		"token": q.Token, "type": q.Type, "list_id": q.List, "email": q.Email, "display_name": q.DisplayName,
		"when": clock(q.When), "token_owner": "moderator",
	}
}

func (s *Server) held(r *http.Request) any {
	if !s.known(r) {
		return nil
	}
	return filtered(r, s.options.Held, func(h Held) bool { return h.List == r.PathValue("list") }, s.heldAsJSON(r))
}

func (s *Server) heldAsJSON(r *http.Request) func(*Held) map[string]any {
	return func(h *Held) map[string]any {
		return map[string]any{
			"request_id": h.ID, "sender": h.Sender, "subject": h.Subject, "original_subject": h.Subject, "reason": h.Reason,
			"hold_date": clock(h.Date), "message_id": h.MsgID, "msg": h.Message,
			"self_link": link(r, "lists", h.List, "held"),
		}
	}
}

// bans are those of a list or, without one, of the whole server.
func (s *Server) bans(r *http.Request) any {
	list := r.PathValue("list")
	if list != "" && !s.known(r) {
		return nil
	}
	return filtered(r, s.options.Bans, func(b Ban) bool { return b.List == list }, func(b *Ban) map[string]any {
		e := map[string]any{"email": b.Email, "self_link": link(r, "bans", b.Email)}
		if b.List != "" {
			e["list_id"] = b.List
		}
		return e
	})
}
