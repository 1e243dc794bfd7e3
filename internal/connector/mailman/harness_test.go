package mailman

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/connector/mailman/mailmanserver"
	"einsicht/internal/person"
)

const connectionFile = `
system: itnrw-mailinglists
kind: mailman
timeout: 60s
secrets:
  password: {env: MAILMAN_PASSWORD}
match:
  - {by: [email], confidence: sure}
mailman: {url: "%s", user: restadmin}
`

const password = "geheim-4711"

// listIDs are the lists of every server of the tests.
var listIDs = []string{"ant.lists.example.org", "bee.lists.example.org", "cat.lists.example.org"}

// crop is what a plant adds to a server.
type crop struct {
	Addresses []mailmanserver.Address
	Users     []mailmanserver.User
	Members   []mailmanserver.Member
	Requests  []mailmanserver.Request
	Bans      []mailmanserver.Ban
}

// grow makes at least n records of a person: an account with two addresses of
// which one is somebody else's, memberships in every role, also of an address
// with a tag, requests that wait, and an address that is shut out.
func grow(p connectortest.Person, n, planted int) (c crop, refs []string) {
	local, domain, _ := strings.Cut(p.Email, "@")
	at := time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)
	add := func(ref string) { refs = append(refs, ref) }
	id := func(what string, i int) string {
		sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %d %d", p.Email, what, planted, i))
		return hex.EncodeToString(sum[:16])
	}
	for a := 0; ; a++ {
		email := p.Email
		if tag := planted*1000 + a; a > 0 || planted > 0 {
			email = fmt.Sprintf("%s+t%d@%s", local, tag, domain)
		}
		small := strings.ToLower(email)
		c.Addresses = append(c.Addresses, mailmanserver.Address{Email: email, DisplayName: p.Name, Registered: at, Verified: at, User: id("user", a),
			Preferences: map[string]any{"hide_address": true}})
		c.Users = append(c.Users, mailmanserver.User{ID: id("user", a), DisplayName: p.Name, Created: at, Password: "$6$" + p.Account,
			Preferences: map[string]any{"receive_own_postings": false}})
		c.Addresses = append(c.Addresses, mailmanserver.Address{Email: fmt.Sprintf("zweite%d-%d-%s@example.com", planted, a, p.Account), User: id("user", a), Registered: at})
		add("addresses/" + small)
		add("users/" + id("user", a))
		for i, list := range listIDs {
			for j, role := range []string{"member", "owner", "moderator"} {
				m := mailmanserver.Member{ID: id("member", a*100+i*10+j), List: list, Email: email, DisplayName: p.Name, Role: role, Preferences: map[string]any{}}
				c.Members = append(c.Members, m)
				add("members/" + m.ID)
				// Somebody else of the same account, on the same list.
				c.Members = append(c.Members, mailmanserver.Member{ID: id("other", a*100+i*10+j), List: list, Role: role,
					Email: c.Addresses[len(c.Addresses)-1].Email})
			}
		}
		for i := range min(max(0, n-len(refs)), 1000) {
			list := listIDs[(i/2)%len(listIDs)]
			r := mailmanserver.Request{Token: id("token", a*10000+i), List: list, Email: email, DisplayName: p.Name, When: at,
				Type: []string{"subscription", "unsubscription"}[i%2]}
			c.Requests = append(c.Requests, r)
			sum := sha256.Sum256([]byte(r.Token))
			add("requests/" + list + "/" + hex.EncodeToString(sum[:12]))
			if i < 2 {
				c.Requests = append(c.Requests, mailmanserver.Request{Token: id("not", a*10000+i), List: list, Email: "fremd@example.com", When: at, Type: r.Type})
			}
		}
		if a == 0 {
			c.Bans = append(c.Bans, mailmanserver.Ban{Email: small}, mailmanserver.Ban{List: listIDs[1], Email: small}, mailmanserver.Ban{Email: "^.*@" + domain})
			add("bans/" + small)
			add("bans/" + listIDs[1] + "/" + small)
		}
		if len(refs) >= n {
			return c, refs
		}
	}
}

// garden is what the harnesses of both servers have alike: what they plant.
type garden struct {
	planted map[string]int // by address, how often
	sow     func(*testing.T, crop)
}

// Plant grows more for a person, who is shut out only once.
func (g garden) Plant(t *testing.T, p connectortest.Person, n int) []string {
	c, refs := grow(p, n, g.planted[p.Email])
	if g.planted[p.Email]++; g.planted[p.Email] > 1 {
		c.Bans, refs = nil, slices.DeleteFunc(refs, func(ref string) bool { return strings.HasPrefix(ref, "bans/") })
	}
	g.sow(t, c)
	return refs
}

// Hint adds an account of p with a second address.
func (g garden) Hint(t *testing.T, p connectortest.Person) (string, person.Identifier) {
	c, _ := grow(p, 1, 1000)
	c.Bans = nil
	g.sow(t, c)
	return "users/" + c.Users[0].ID, person.Identifier{Kind: person.Email, Value: person.NewText(c.Addresses[1].Email)}
}

// Mix adds a wish to join, of p's address under the stranger's name.
func (g garden) Mix(t *testing.T, p, stranger connectortest.Person) []string {
	const token = "0123456789abcdef0123456789abcdef01234567"
	sum := sha256.Sum256([]byte(token))
	g.sow(t, crop{Requests: []mailmanserver.Request{{Token: token, List: listIDs[0], Email: p.Email, DisplayName: stranger.Name, Type: "subscription", When: p.At}}})
	return []string{"requests/" + listIDs[0] + "/" + hex.EncodeToString(sum[:12])}
}

// inside is a harness whose server runs in this process.
type inside struct {
	garden
	server *mailmanserver.Server
	crowds []*mailmanserver.Server
}

func freshInside(t *testing.T) connectortest.Harness {
	t.Helper()
	s := start(t, mailmanserver.Options{User: "restadmin", Password: password, Lists: listIDs})
	return &inside{server: s, garden: garden{map[string]int{}, func(_ *testing.T, c crop) { sow(s, c) }}}
}

func start(t *testing.T, o mailmanserver.Options) *mailmanserver.Server {
	t.Helper()
	s, err := mailmanserver.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func (h *inside) Kind() connector.Kind             { return Kind{} }
func (h *inside) Connection() connector.Connection { return connectionOf(h.server.URL()) }

func connectionOf(url string) connector.Connection { return parsed(connectionFile, url) }

func parsed(file, url string) connector.Connection {
	c, err := connector.ParseConnection("mailman.yaml", fmt.Appendf(nil, file, url))
	if err == nil {
		c, err = c.Resolve(func(connector.Ref) (string, error) { return password, nil })
	}
	if err != nil {
		panic(err)
	}
	return c
}

func sow(s *mailmanserver.Server, c crop) {
	s.Change(func(o *mailmanserver.Options) {
		o.Addresses, o.Users = append(o.Addresses, c.Addresses...), append(o.Users, c.Users...)
		o.Members, o.Requests = append(o.Members, c.Members...), append(o.Requests, c.Requests...)
		o.Bans = append(o.Bans, c.Bans...)
	})
}

func (h *inside) Fingerprint(*testing.T) string {
	sum := sha256.New()
	h.server.Change(func(o *mailmanserver.Options) {
		_ = json.NewEncoder(sum).Encode([]any{o.Addresses, o.Users, o.Members, o.Requests, o.Held, o.Bans, o.Lists})
	})
	return hex.EncodeToString(sum.Sum(nil))
}

func (h *inside) Break(t *testing.T) func() {
	h.server.Stop()
	return func() {
		if err := h.server.Resume(); err != nil {
			t.Fatal(err)
		}
	}
}

func (h *inside) Spoil(*testing.T, connectortest.Person)     { h.server.Spoil(spoil) }
func (h *inside) Holes(t *testing.T, p connectortest.Person) { h.Spoil(t, p) }

// spoil lets one list answer with a page for people.
func spoil(w http.ResponseWriter, r *http.Request) bool {
	if !strings.HasSuffix(r.URL.Path, "bee.lists.example.org/requests") {
		return false
	}
	fmt.Fprint(w, "<!doctype html><p>Wartung")
	return true
}

func (h *inside) Reads() int64 {
	n := h.server.Reads()
	for _, c := range h.crowds {
		n += c.Reads()
	}
	return n
}

func (h *inside) Crowd(t *testing.T, p connectortest.Person, n int) connector.Connection {
	s := crowd(t, p, n)
	h.crowds = append(h.crowds, s)
	return connectionOf(s.URL())
}

// crowd makes up n records of a person: the address, memberships, whose
// settings are asked for one by one, and requests.
func crowd(t *testing.T, p connectortest.Person, n int) *mailmanserver.Server {
	t.Helper()
	members := n / 50
	return start(t, mailmanserver.Options{
		User: "restadmin", Password: password, Lists: listIDs,
		Addresses: []mailmanserver.Address{{Email: p.Email, DisplayName: p.Name}},
		Crowd: &mailmanserver.Crowd{
			Members: members, Requests: n - 1 - members,
			Member: func(email string, i int) mailmanserver.Member {
				return mailmanserver.Member{ID: fmt.Sprintf("%032x", i), List: fmt.Sprintf("l%d.lists.example.org", i), Email: email, DisplayName: p.Name}
			},
			Request: func(i int) mailmanserver.Request {
				return mailmanserver.Request{Token: fmt.Sprintf("%040x", i), List: listIDs[0], Email: p.Email, DisplayName: p.Name, Type: "subscription", When: p.At}
			},
		},
	})
}
