package mailman

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"einsicht/internal/connector"
	"einsicht/internal/connector/httpapi"
)

// named is a record by its name.
type named struct {
	form
	list, key string // no list: of the whole server
}

func (n named) reference() string {
	parts := []string{n.name}
	for _, part := range []string{n.list, n.key} {
		if part != "" {
			parts = append(parts, url.PathEscape(part))
		}
	}
	return strings.Join(parts, "/")
}

// readReference takes references to the letter: what is written otherwise names
// nothing.
func readReference(reference string) (n named, ok bool) {
	parts := strings.Split(reference, "/")
	for i := range parts {
		var err error
		// The client puts none of these into a path, since two dots would climb up.
		if parts[i], err = url.PathUnescape(parts[i]); err != nil || parts[i] == "" || parts[i] == "." || parts[i] == ".." {
			return named{}, false
		}
	}
	i := slices.IndexFunc(forms, func(f form) bool { return f.name == parts[0] })
	if i < 0 {
		return named{}, false
	}
	n.form = forms[i]
	switch onList := n.name == requestForm.name || n.name == heldForm.name || n.name == banForm.name && len(parts) == 3; {
	case onList && len(parts) == 3:
		n.list, n.key = parts[1], parts[2]
	case !onList && len(parts) == 2:
		n.key = parts[1]
	default:
		return named{}, false
	}
	return n, n.reference() == reference
}

// values fill in the paths of a record.
func (n named) values() url.Values { return url.Values{"list": {n.list}, "key": {n.key}} }

// only leaves of some values those that a path names.
func only(values url.Values, path string) url.Values {
	some := url.Values{}
	for name, v := range values {
		if strings.Contains(path, "{"+name+"}") {
			some[name] = v
		}
	}
	return some
}

// record is one with what is needed to show and to change it.
type record struct {
	named
	entry entry
	token string  // of a request
	own   entry   // settings
	above []entry // settings that fill in where the record leaves something open
}

func (l *lists) show(r record) connector.Finding {
	return l.finding(r.named, r.entry, settings(r.own, r.above...))
}

// Read gives single records as Find does.
func (l *lists) Read(ctx context.Context, references []string) (map[string]connector.Finding, error) {
	tokens, err := l.tokens(ctx, references)
	if err != nil {
		return nil, err
	}
	found := map[string]connector.Finding{}
	for _, ref := range references {
		n, ok := readReference(ref)
		if !ok {
			continue
		}
		r, there, err := l.record(ctx, n, tokens[ref])
		if err != nil {
			return nil, err
		}
		if there {
			found[ref] = l.show(r)
		}
	}
	return found, nil
}

// tokens looks up the tokens of requests: their references hold a hash only.
func (l *lists) tokens(ctx context.Context, references []string) (map[string]string, error) {
	wanted := map[string]map[string]bool{}
	for _, ref := range references {
		if n, ok := readReference(ref); ok && n.name == requestForm.name {
			if wanted[n.list] == nil {
				wanted[n.list] = map[string]bool{}
			}
			wanted[n.list][n.key] = true
		}
	}
	tokens := map[string]string{}
	for list, keys := range wanted {
		err := l.requests(ctx, list, func(e entry) error {
			if key := keyOf(e, "token"); keys[key] {
				tokens[named{requestForm, list, key}.reference()] = e.text("token")
			}
			return nil
		})
		if err != nil && !httpapi.NotFound(err) {
			return nil, err
		}
	}
	return tokens, nil
}

// requests goes over those that wait to get on or off a list.
func (l *lists) requests(ctx context.Context, list string, each func(entry) error) error {
	for _, way := range []string{"subscription", "unsubscription"} {
		if err := l.all(ctx, "/lists/{list}/requests", url.Values{"list": {list}, "request_type": {way}}, l.count, each); err != nil {
			return err
		}
	}
	return nil
}

// all goes over a collection.
func (l *lists) all(ctx context.Context, path string, values url.Values, count int, each func(entry) error) error {
	return l.pages(ctx, path, values, count, 1, func(_ int, entries []entry, _ bool) (bool, error) {
		for _, e := range entries {
			if err := each(e); err != nil {
				return false, err
			}
		}
		return true, nil
	})
}

// paths of single records. An address that is shut out has none: asked for one, the
// server says yes also where a pattern or the whole server shuts it out.
var paths = map[string]string{
	addressForm.name: "/addresses/{key}", userForm.name: "/users/{key}", memberForm.name: "/members/{key}",
	requestForm.name: "/lists/{list}/requests/{token}", heldForm.name: "/lists/{list}/held/{key}",
}

// record reads one record as it is now. What the server gives under another name, such
// as an account by one of its addresses, is not the one.
func (l *lists) record(ctx context.Context, n named, token string) (r record, there bool, err error) {
	r = record{named: n, token: token}
	switch n.name {
	case banForm.name:
		r.entry, there, err = l.ban(ctx, n)
	case requestForm.name:
		if token == "" {
			return r, false, nil
		}
		r.entry, there, err = l.get(ctx, paths[n.name], url.Values{"list": {n.list}, "token": {token}})
		there = there && keyOf(r.entry, "token") == n.key && (r.entry["list_id"] == nil || r.entry.text("list_id") == n.list)
	default:
		r.entry, there, err = l.get(ctx, paths[n.name], only(n.values(), paths[n.name]))
		there = there && r.entry.text(map[string]string{addressForm.name: "email", userForm.name: "user_id", memberForm.name: "member_id", heldForm.name: "request_id"}[n.name]) == n.key
	}
	if err != nil || !there {
		return r, false, err
	}
	if n.list != "" && r.entry["list_id"] == nil {
		r.entry["list_id"], _ = json.Marshal(n.list)
	}
	switch n.name {
	case addressForm.name, userForm.name:
		r.own, there, err = l.get(ctx, paths[n.name]+"/preferences", only(n.values(), paths[n.name]))
	case memberForm.name:
		there, err = l.inherited(ctx, &r)
	}
	return r, there && err == nil, err
}

func (l *lists) ban(ctx context.Context, n named) (found entry, there bool, err error) {
	path, values := "/bans", url.Values{}
	if n.list != "" {
		path, values = "/lists/{list}/bans", url.Values{"list": {n.list}}
	}
	err = l.all(ctx, path, values, l.count, func(e entry) error {
		if e.text("email") == n.key {
			found = e
		}
		return nil
	})
	if httpapi.NotFound(err) {
		return nil, false, nil
	}
	return found, found != nil, err
}

// inherited reads the settings of a membership, of its address and of its account.
func (l *lists) inherited(ctx context.Context, r *record) (there bool, err error) {
	if r.own, there, err = l.get(ctx, "/members/{key}/preferences", url.Values{"key": {r.key}}); err != nil || !there {
		return there, err
	}
	byEmail := url.Values{"email": {r.entry.text("email")}}
	address, known, err := l.get(ctx, "/addresses/{email}", byEmail)
	if err != nil || !known {
		return true, err
	}
	own, _, err := l.get(ctx, "/addresses/{email}/preferences", byEmail)
	if err != nil {
		return true, err
	}
	r.above = []entry{own}
	if id := accountOf(address); id != "" {
		prefs, _, err := l.get(ctx, "/users/{id}/preferences", url.Values{"id": {id}})
		if err != nil {
			return true, err
		}
		r.above = append(r.above, prefs)
	}
	return true, nil
}

// accountOf is the account of an address; empty where it has none.
func accountOf(address entry) string {
	link := address.text("user")
	return link[strings.LastIndexByte(link, '/')+1:]
}

// References gives the names of all records of the sorts that may be changed.
func (l *lists) References(ctx context.Context, yield func(string) error) error {
	declared := func(f form) bool {
		return slices.ContainsFunc([]connector.Ability{connector.CanErase, connector.CanRectify, connector.CanRestrict}, func(do connector.Ability) bool {
			return slices.Contains(l.change.of(do), f.name)
		})
	}
	give := func(f form, list, key string) func(entry) error {
		return func(e entry) error { return yield(named{f, list, keyOf(e, key)}.reference()) }
	}
	for _, c := range []struct {
		form      form
		path, key string
	}{{memberForm, "/members", "member_id"}, {addressForm, "/addresses", "email"}, {userForm, "/users", "user_id"}, {banForm, "/bans", "email"}} {
		if !declared(c.form) {
			continue
		}
		if err := l.all(ctx, c.path, nil, l.count, give(c.form, "", c.key)); err != nil {
			return err
		}
	}
	if !declared(requestForm) && !declared(heldForm) && !declared(banForm) {
		return nil
	}
	return l.all(ctx, "/lists", nil, l.count, func(e entry) error {
		list := e.text("list_id")
		byList := url.Values{"list": {list}}
		if declared(requestForm) {
			if err := l.requests(ctx, list, give(requestForm, list, "token")); err != nil {
				return err
			}
		}
		if declared(heldForm) {
			if err := l.all(ctx, "/lists/{list}/held", byList, heldCount, give(heldForm, list, "request_id")); err != nil {
				return err
			}
		}
		if declared(banForm) {
			return l.all(ctx, "/lists/{list}/bans", byList, l.count, give(banForm, list, "email"))
		}
		return nil
	})
}
