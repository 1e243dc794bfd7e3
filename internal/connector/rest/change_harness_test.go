package rest

import (
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/connector/httpapi/httpserver"
	"einsicht/internal/connector/rest/restserver"
)

const changeToken = "darf-mehr-0815"

// declaredChanges are what is declared of each list: records go, are masked,
// corrected by PATCH, marked by a request of its own.
var declaredChanges = map[string]string{
	"contacts": `
        read: {path: "/api/v1/suppliers/{id}", record: $.data}
        if_match: etag
        options: true
        erase: {method: DELETE, path: "/api/v1/suppliers/{id}/contacts/{contacts.id}"}
        rectify:
          method: PATCH
          path: /api/v1/suppliers/{id}/contacts/{contacts.id}
          fields: [contacts.first, contacts.last, contacts.born]
          body: '{"first": "{contacts.first}", "last": "{contacts.last}", "born": "{contacts.born}"}'
        restrict:
          set: {method: PUT, path: "/api/v1/suppliers/{id}/contacts/{contacts.id}/block", body: '{"why": "Art. 18 DSGVO, {contacts.id}"}', leaves: {contacts.blocked: true}}
          free: {method: DELETE, path: "/api/v1/suppliers/{id}/contacts/{contacts.id}/block", leaves: {contacts.blocked: false}}`,
	"orders": `{read: {path: "/api/v1/orders/{number}", record: data}, options: true, erase: {method: DELETE, path: "/api/v1/orders/{number}"}}`,
	"items":  `{read: {path: "/api/v1/orders/{above.number}/items/{line}", record: data}, options: true, erase: {method: DELETE, path: "/api/v1/orders/{above.number}/items/{line}"}}`,
	"offers": `
        read: {path: "/api/v1/offers/{id}", record: data}
        if_match: etag
        options: true
        erase: {method: PATCH, path: "/api/v1/offers/{id}", content_type: application/merge-patch+json, body: '{"bidder": {"mail": "{bidder.mail}"}}', leaves: {bidder.mail: "geloescht-{id}@example.invalid"}}
        keep: [{fields: [id], why: § 8 VgV}]`,
	"accounts": `
        read: {path: "/api/v1/accounts/{login}", record: data}
        options: true
        erase: {method: DELETE, path: "/api/v1/accounts/{login}"}
        rectify: {method: PATCH, path: "/api/v1/accounts/{login}", fields: [n], body: '{"n": "{n}"}'}`,
	"people": `{read: {path: "/api/v1/departments/{above.id}/people/{id}", record: data}, options: true, erase: {method: DELETE, path: "/api/v1/departments/{above.id}/people/{id}"}}`,
}

// singles are how the server reaches records.
var singles = map[string]restserver.Single{
	"/api/v1/suppliers/{id}":                              {List: suppliers},
	"/api/v1/suppliers/{id}/contacts/{contacts.id}":       {List: suppliers, Inside: "contacts", Below: map[string][2]string{orders: {"contact", "id"}}},
	"/api/v1/suppliers/{id}/contacts/{contacts.id}/block": {List: suppliers, Inside: "contacts", Mark: "blocked"},
	"/api/v1/orders/{number}":                             {List: orders, Below: map[string][2]string{items: {"order", "number"}}},
	"/api/v1/orders/{order}/items/{line}":                 {List: items},
	"/api/v1/offers/{id}":                                 {List: offers},
	"/api/v1/accounts/{login}":                            {List: accounts},
	"/api/v1/departments/{department}/people/{id}":        {List: people},
}

// changeFile is the connection file with changes.
func changeFile(changes map[string]string) string {
	file := strings.Replace(connectionFile, "  token: {env: TOKEN}\n", "  token: {env: TOKEN}\n  change_token: {env: CHANGE}\n", 1)
	file = strings.Replace(file, "      search_only: true\n", "", 1)
	var lines []string
	for line := range strings.SplitSeq(file, "\n") {
		lines = append(lines, line)
		indent, name, found := strings.Cut(line, "- name: ")
		if said := changes[name]; found && said != "" {
			lines = append(lines, indent+"  change: "+strings.ReplaceAll(said, "\n        ", "\n"+indent+"    "))
		}
	}
	return strings.Join(lines, "\n")
}

// changeHarness is a system behind a door that can be shut in the middle.
type changeHarness struct {
	*harness
	*connectortest.Plug
	door *httpserver.Server
}

func newChangeHarness(t *testing.T, file string) *changeHarness {
	t.Helper()
	none := restserver.Records{}
	s, err := restserver.Start(restserver.Options{Token: token, Changer: changeToken, Singles: singles, Resources: map[string]restserver.Source{
		suppliers: none, orders: none, items: none, offers: none, accounts: none, groups: none, people: none,
	}})
	if err != nil {
		t.Fatal(err)
	}
	h := &changeHarness{harness: &harness{server: s}, Plug: &connectortest.Plug{Next: s}}
	if h.door, err = httpserver.Start(h.Plug); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.door.Close(); s.Close() })
	h.connection = parseChanging(t, file, h.door.URL())
	for i := range 3 {
		h.add(t, groups, map[string]any{"id": i})
	}
	return h
}

func parseChanging(t *testing.T, file, url string) connector.Connection {
	t.Helper()
	c, err := connector.ParseConnection("rest.yaml", []byte(strings.Replace(file, "URL", url, 1)))
	if err != nil {
		t.Fatal(err)
	}
	c, err = c.Resolve(func(r connector.Ref) (string, error) {
		return map[string]string{"TOKEN": token, "CHANGE": changeToken}[r.Env], nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestChanges(t *testing.T) {
	connectortest.RunChanges(t, func(t *testing.T) connectortest.ChangeHarness {
		return newChangeHarness(t, changeFile(declaredChanges))
	})
}

func (h *changeHarness) Reads() int64 { return h.door.Reads() }

func (h *changeHarness) Break(t *testing.T) func() {
	t.Helper()
	h.door.Stop()
	return func() {
		if err := h.door.Resume(); err != nil {
			t.Fatal(err)
		}
	}
}

func (h *changeHarness) Deny(*testing.T) { h.server.Deny() }

// Forbid gives a contact that has none an order, of which nobody has planned
// anything: the system keeps whom it names.
func (h *changeHarness) Forbid(t *testing.T, refs []string) string {
	t.Helper()
	pieces := h.Pieces(t)
	for _, ref := range refs {
		list, rest, _ := strings.Cut(ref, "/")
		_, contact, _ := strings.Cut(rest, "/")
		has := func(piece string) bool { return strings.HasPrefix(piece, ref+"/orders/") }
		if list == "contacts" && !strings.Contains(rest, "/orders/") && !slices.ContainsFunc(slices.Collect(maps.Keys(pieces)), has) {
			h.add(t, orders, map[string]any{"number": 900_000, "contact": contact, "total": "1,00"})
			return ref
		}
	}
	t.Fatal("each contact has orders")
	return ""
}

func (h *changeHarness) Pieces(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	h.records(func(ref, _ string, raw gjson.Result) { all[ref] = raw.Raw })
	return all
}

// records gives all that the system holds: the entries of suppliers apart.
func (h *changeHarness) records(f func(ref, list string, raw gjson.Result)) {
	contacts, numbers := map[string]string{}, map[string]string{}
	for _, list := range []string{suppliers, orders, items, offers, accounts, groups, people} {
		held := h.server.All(list)
		for i := range held.Len() {
			r := gjson.ParseBytes(held.At(i))
			get := func(path string) string { return url.PathEscape(r.Get(path).String()) }
			switch list {
			case suppliers:
				for _, c := range r.Get("contacts").Array() {
					contacts[c.Get("id").String()] = "contacts/" + get("id") + "/" + c.Get("id").String()
					f(contacts[c.Get("id").String()], list, c)
				}
				rest, _ := replace(r, "contacts", "null")
				f("suppliers/"+get("id"), list, gjson.Parse(rest))
			case orders:
				owner, known := contacts[get("contact")]
				if !known {
					owner = "contacts/?"
				}
				numbers[get("number")] = owner + "/orders/" + get("number")
				f(numbers[get("number")], list, r)
			case items:
				f(numbers[get("order")]+"/items/"+get("line"), list, r)
			case offers:
				f("offers/"+get("id"), list, r)
			case accounts:
				f("accounts/"+get("login"), list, r)
			case groups:
				f("departments/"+get("id"), list, r)
			case people:
				f("departments/"+get("department")+"/people/"+get("id"), list, r)
			}
		}
	}
}

func (h *changeHarness) Correct(ref string) map[string]string {
	switch list, rest, _ := strings.Cut(ref, "/"); {
	case list == "contacts" && !strings.Contains(rest, "/orders/"):
		return map[string]string{"contacts.first": "Erika \"Maria\"", "contacts.last": "", "contacts.born": "1964-08-13"}
	case list == "accounts":
		return map[string]string{"n": "4711"}
	}
	return nil
}

// Alter writes what Find shows.
func (h *changeHarness) Alter(t *testing.T, ref string) {
	t.Helper()
	h.edit(t, ref, func(raw string) string { return `{"note":"anders",` + raw[1:] })
}

func (h *changeHarness) Remove(t *testing.T, ref string) {
	t.Helper()
	h.edit(t, ref, func(string) string { return "" })
}

// edit changes a record behind everybody's back.
func (h *changeHarness) edit(t *testing.T, ref string, change func(string) string) {
	t.Helper()
	var path, old string
	h.records(func(one, list string, raw gjson.Result) {
		if one == ref {
			path, old = list, raw.Raw
		}
	})
	if old == "" {
		t.Fatalf("%s is not there", ref)
	}
	held, next, done := h.server.All(path), restserver.Records{}, false
	for i := range held.Len() {
		raw := string(held.At(i))
		if !done && strings.Contains(raw, old) {
			done = true
			if raw = strings.Replace(raw, old, change(old), 1); raw == "" {
				continue
			}
			raw = strings.NewReplacer(",]", "]", "[,", "[").Replace(raw)
		}
		next = append(next, json.RawMessage(raw))
	}
	h.server.Set(path, slices.Clip(next))
}

func (h *changeHarness) open(t *testing.T) connector.Changer {
	t.Helper()
	c, err := Kind{}.Open(t.Context(), h.connection)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c.(connector.Changer)
}
