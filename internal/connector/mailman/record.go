package mailman

import (
	"maps"
	"slices"
	"strings"
	"time"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// sort says how the values of one sort of record are shown.
type form struct {
	name   string   // first part of the reference and place of origin
	fields []string // that are known, in their order
	at     string   // which of them says when it was written
}

var (
	addressForm = form{"addresses", []string{"email", "original_email", "display_name", "registered_on", "verified_on"}, "registered_on"}
	userForm    = form{"users", []string{"user_id", "display_name", "created_on", "is_server_owner", "password"}, "created_on"}
	memberForm  = form{"members", []string{
		"list_id", "email", "display_name", "role", "subscription_mode", "delivery_mode", "moderation_action",
		"bounce_score", "last_bounce_received", "last_warning_sent", "total_warnings_sent", "member_id",
	}, ""}
	requestForm = form{"requests", []string{"list_id", "type", "email", "display_name", "when", "token_owner", "subscription_mode", "token"}, "when"}
	heldForm    = form{"held", []string{
		"list_id", "sender", "envsender", "subject", "original_subject", "reason", "moderation_reasons", "hold_date", "message_id", "msg", "request_id",
		"original_size", "lang", "moderation_sender", "member_moderation_action", "rule_hits", "rule_misses", "listid", "version", "_parsemsg",
	}, "hold_date"}
	banForm = form{"bans", []string{"list_id", "email"}, ""}
)

// preferences are the settings that an address, a user and a membership have;
// what the one leaves open the next one says.
var preferences = []string{
	"delivery_status", "delivery_mode", "acknowledge_posts", "hide_address", "preferred_language", "receive_list_copy", "receive_own_postings",
}

// computed are values of the interface itself, made for the answer: links and
// check sums, which lie nowhere.
var computed = []string{"self_link", "http_etag", "address", "user"}

// secret values are stated and not given: who has a token can decide in the
// person's name.
var secret = []string{"password", "token"}

// fieldsOf shows a record: what is known in its order, then all else.
func (s form) fieldsOf(e entry) []connector.Field {
	var fields []connector.Field
	add := func(name string, unmapped bool) {
		f := connector.Field{Name: prefix + name, Unmapped: unmapped}
		if f.Withheld = slices.Contains(secret, name); !f.Withheld {
			f.Value = person.NewText(e.text(name))
		}
		fields = append(fields, f)
	}
	for _, name := range s.fields {
		if _, has := e[name]; has {
			add(name, false)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(e)) {
		if !slices.Contains(s.fields, name) && !slices.Contains(computed, name) {
			add(name, true)
		}
	}
	return fields
}

// prefix keeps the names of fields apart from those of other kinds.
const prefix = "mailman_"

// settings shows preferences: a record's own and, where it leaves one open,
// the one it inherits.
func settings(own entry, above ...entry) []connector.Field {
	var fields []connector.Field
	for _, name := range preferences {
		if _, set := own[name]; set {
			fields = append(fields, connector.Field{Name: prefix + name, Value: person.NewText(own.text(name))})
			continue
		}
		for _, from := range above {
			if _, set := from[name]; set {
				fields = append(fields, connector.Field{Name: prefix + "inherited_" + name, Value: person.NewText(from.text(name))})
				break
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(own)) {
		if !slices.Contains(preferences, name) && !slices.Contains(computed, name) {
			fields = append(fields, connector.Field{Name: prefix + name, Value: person.NewText(own.text(name)), Unmapped: true})
		}
	}
	return fields
}

// whose are the values that tell whose a record is.
func whose(e entry) connector.Values {
	v := connector.Values{}
	put := func(kind person.IdentifierKind, names ...string) {
		for _, name := range names {
			if s, ok := e.quoted(name); ok && s != "" {
				v[kind] = append(v[kind], s)
			}
		}
	}
	put(person.Email, "email", "original_email", "sender")
	put(person.Name, "display_name")
	put(person.DisplayName, "display_name")
	return v
}

// readTime reads a time of the server, which writes UTC without saying so.
func readTime(s string) time.Time {
	at, err := time.Parse("2006-01-02T15:04:05", strings.TrimSuffix(s, "Z"))
	if err != nil || at.Year() < 1970 { // the year 1 stands for never
		return time.Time{}
	}
	return at
}
