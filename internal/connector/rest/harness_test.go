package rest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/connector/rest/restserver"
	"einsicht/internal/person"
)

const token = "geheim-4711"

// connectionFile is procurement: suppliers with several contacts each, what
// they ordered, offers that can be searched by mail address, and accounts.
const connectionFile = `
system: itnrw-procurement
kind: rest
timeout: 20s
secrets:
  token: {env: TOKEN}
match:
  - {by: [email], confidence: sure}
  - {by: [account], confidence: sure}
  - {by: [name, birthdate], confidence: sure}
  - {by: [name], confidence: check}
rest:
  url: URL
  auth: bearer
  resources:
    - name: contacts
      label: Ansprechperson
      category: Stammdaten
      path: /api/v1/suppliers
      paging: {by: offset, size: limit, count: 7}
      records: $.data.items
      each: contacts
      key: [id, contacts.id]
      at: created
      match:
        email: [contacts.mail]
        name: [contacts.first, contacts.last]
        birthdate: [contacts.born]
      fields:
        firm: {label: Firma, category: Firma}
        contacts: {category: Person}
        contacts.mail: {label: E-Mail-Adresse, category: Kontakt}
        contacts.api_key: {withhold: true}
        referees: {third_party: true}
      hints:
        - {kind: phone, paths: [contacts.phone]}
      children:
        - name: orders
          path: /api/v1/contacts/{contacts.id}/orders
          paging: {by: cursor, next: meta.next, size: limit, count: 5}
          records: data.items
          key: [number]
          fields: {total: {label: Summe}}
          children:
            - name: items
              path: /api/v1/orders/{number}/items
              paging: {by: next, next: meta.next_url}
              records: data.items
              key: [line]
    - name: offers
      path: /api/v1/offers
      search: {email: bidder.mail}
      search_only: true
      paging: {by: link}
      records: data.items
      key: [id]
      match: {email: [bidder.mail]}
    - name: accounts
      path: /api/v1/accounts
      paging: {by: page, size: per_page, count: 6}
      records: data.items
      key: [login]
      match: {account: [login]}
    - name: departments
      path: /api/v1/departments
      records: data.items
      key: [id]
      children:
        - name: people
          path: /api/v1/departments/{id}/people
          paging: {by: link}
          records: data.items
          key: [id]
          match: {email: [mails.#.address]}
`

// harness is such a system inside this process.
type harness struct {
	server     *restserver.Server
	connection connector.Connection
	planted    int
	crowds     []*restserver.Server
}

func parse(t *testing.T, file, url string) connector.Connection {
	t.Helper()
	c, err := connector.ParseConnection("rest.yaml", []byte(strings.Replace(file, "URL", url, 1)))
	if err != nil {
		t.Fatal(err)
	}
	if c, err = c.Resolve(func(connector.Ref) (string, error) { return token, nil }); err != nil {
		t.Fatal(err)
	}
	return c
}

const (
	suppliers = "/api/v1/suppliers"
	orders    = "/api/v1/contacts/{contact}/orders"
	items     = "/api/v1/orders/{order}/items"
	offers    = "/api/v1/offers"
	accounts  = "/api/v1/accounts"
	groups    = "/api/v1/departments"
	people    = "/api/v1/departments/{department}/people"
)

func fresh(t *testing.T) connectortest.Harness { return newHarness(t) }

func newHarness(t *testing.T) *harness {
	t.Helper()
	none := restserver.Records{}
	s, err := restserver.Start(restserver.Options{Token: token, Resources: map[string]restserver.Source{
		suppliers: none, orders: none, items: none, offers: none, accounts: none, groups: none, people: none,
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	h := &harness{server: s, connection: parse(t, connectionFile, s.URL())}
	for i := range 3 {
		h.add(t, groups, map[string]any{"id": i})
	}
	return h
}

func (h *harness) Kind() connector.Kind             { return Kind{} }
func (h *harness) Connection() connector.Connection { return h.connection }

func (h *harness) Reads() int64 {
	n := h.server.Reads()
	for _, c := range h.crowds {
		n += c.Reads()
	}
	return n
}

func (h *harness) add(t *testing.T, path string, record any) {
	t.Helper()
	if err := h.server.Add(path, encode(t, record)); err != nil {
		t.Fatal(err)
	}
}

func encode(t *testing.T, record any) json.RawMessage {
	t.Helper()
	b, err := json.Marshal(record)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// stranger is the colleague of everybody, born on a day of their own.
var stranger = connectortest.Person{Name: "Karl Fremd", Email: "fremd@example.com", Birthdate: "1964-08-12", Account: "kf"}

func contact(id int, p connectortest.Person) map[string]any {
	first, last, found := strings.Cut(p.Name, " ")
	if before, after, comma := strings.Cut(p.Name, ", "); comma {
		first, last = after, before
	} else if !found {
		last = first
	}
	return map[string]any{"id": id, "first": first, "last": last, "mail": p.Email, "born": p.Birthdate, "phone": p.Phone, "api_key": "k-" + p.Account, "blocked": false}
}

// Plant spreads records over contacts, their orders and the orders' items,
// offers, accounts and the people of departments. Every firm has a second
// contact, who is somebody else.
func (h *harness) Plant(t *testing.T, p connectortest.Person, n int) (refs []string) {
	t.Helper()
	h.planted++
	h.add(t, accounts, map[string]any{"login": p.Account, "n": h.planted})
	if refs = append(refs, "accounts/"+p.Account); h.planted > 1 {
		h.add(t, accounts, map[string]any{"login": fmt.Sprintf("x%d", h.planted)})
	}
	for len(refs) < n {
		h.planted++
		id := h.planted
		h.add(t, suppliers, map[string]any{
			"id": id, "firm": "Bau & Söhne", "created": "2026-11-03T12:00:00", "referees": []string{"Frau Zeuge", "Herr Zeuge"},
			"contacts": []any{contact(id*10+1, stranger), contact(id*10, p)},
		})
		ref := fmt.Sprintf("contacts/%d/%d", id, id*10)
		refs = append(refs, ref)
		h.add(t, orders, map[string]any{"number": id * 100, "contact": id*10 + 1, "total": "1,00"})
		for o := range id % 3 {
			number := id*100 + 10 + o
			h.add(t, orders, map[string]any{"number": number, "contact": id * 10, "total": "17,00"})
			refs = append(refs, fmt.Sprintf("%s/orders/%d", ref, number))
			if o == 1 {
				h.add(t, items, map[string]any{"line": 1, "order": number, "text": "Stuhl"})
				refs = append(refs, fmt.Sprintf("%s/orders/%d/items/1", ref, number))
			}
		}
		h.add(t, offers, map[string]any{"id": id, "bidder": map[string]any{"mail": strings.ToUpper(p.Email)}})
		h.add(t, offers, map[string]any{"id": -id, "bidder": map[string]any{"mail": stranger.Email}})
		refs = append(refs, fmt.Sprintf("offers/%d", id))
		h.add(t, people, map[string]any{"id": id, "department": id % 3, "mails": []any{
			map[string]any{"address": "stelle@example.org"}, map[string]any{"address": p.Email}}})
		refs = append(refs, fmt.Sprintf("departments/%d/people/%d", id%3, id))
	}
	return refs
}

func (h *harness) Fingerprint(t *testing.T) string {
	t.Helper()
	sum := sha256.New()
	for _, path := range []string{suppliers, orders, items, offers, accounts, groups, people} {
		list := h.server.All(path)
		fmt.Fprintln(sum, path, list.Len())
		for i := range list.Len() {
			sum.Write(list.At(i))
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}

func (h *harness) Break(t *testing.T) func() {
	t.Helper()
	h.server.Stop()
	return func() {
		if err := h.server.Resume(); err != nil {
			t.Fatal(err)
		}
	}
}

// Hint adds a contact with a telephone of which nothing is known.
func (h *harness) Hint(t *testing.T, p connectortest.Person) (string, person.Identifier) {
	t.Helper()
	h.planted++
	id := h.planted
	p.Phone = "+49 211 5550199"
	h.add(t, suppliers, map[string]any{"id": id, "contacts": []any{contact(id*10, p)}})
	return fmt.Sprintf("contacts/%d/%d", id, id*10), person.Identifier{Kind: person.Phone, Value: person.NewText(p.Phone)}
}

// Mix adds a firm for which both answer and of which the stranger is a referee,
// and a contact with p's mail address under the stranger's name.
func (h *harness) Mix(t *testing.T, p, stranger connectortest.Person) []string {
	t.Helper()
	h.planted++
	id := h.planted
	h.add(t, suppliers, map[string]any{"id": id, "referees": []string{stranger.Name}, "contacts": []any{contact(id*10+1, stranger), contact(id*10, p)}})
	named := stranger
	named.Email, named.Account, named.Birthdate, named.Phone = p.Email, "", "", ""
	h.add(t, suppliers, map[string]any{"id": id + 1, "contacts": []any{contact(id*10+2, named)}})
	h.planted++
	return []string{fmt.Sprintf("contacts/%d/%d", id, id*10), fmt.Sprintf("contacts/%d/%d", id+1, id*10+2)}
}

// Holes leaves out what names a record, between records that can be read.
func (h *harness) Holes(t *testing.T, p connectortest.Person) {
	t.Helper()
	for range 3 {
		h.add(t, suppliers, map[string]any{"id": nil, "contacts": []any{contact(1, p)}})
		h.Hint(t, p)
	}
	h.Spoil(t, p)
}

// Spoil lets one list answer with a page for people.
func (h *harness) Spoil(*testing.T, connectortest.Person) {
	h.server.Spoil(func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != offers {
			return false
		}
		fmt.Fprint(w, "<!doctype html><p>Bitte melden Sie sich an")
		return true
	})
}

// Crowd makes suppliers up, each with two contacts.
func (h *harness) Crowd(t *testing.T, p connectortest.Person, n int) connector.Connection {
	t.Helper()
	mine, other := contact(1, p), contact(2, stranger)
	a, b := string(encode(t, mine)), string(encode(t, other))
	s, err := restserver.Start(restserver.Options{Token: token, Resources: map[string]restserver.Source{
		suppliers: restserver.Made{N: n, Make: func(i int) json.RawMessage {
			return json.RawMessage(fmt.Sprintf(`{"id":%d,"firm":"Bau GmbH","created":"2026-11-03T12:00:00","contacts":[%s,%s]}`, i, b, a))
		}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	h.crowds = append(h.crowds, s)
	file := connectionFile[:strings.Index(connectionFile, "      children:")]
	return parse(t, strings.Replace(file, "count: 7", "count: 500", 1), s.URL())
}
