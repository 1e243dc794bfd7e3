package matomo

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/connector/matomo/matomoserver"
	"einsicht/internal/person"
)

const connectionFile = `
system: statistik
kind: matomo
timeout: 30s
secrets: {token: {env: X}}
match:
  - {by: [visitor-id]}
  - {by: [account]}
  - {by: [email]}
  - {by: [ip+time]}
matomo: {url: "%s", sites: [1, 4], user_id: [account, email]}
`

const token = "0123456789abcdef0123456789abcdef"

func parse(t *testing.T, text string) connector.Connection {
	t.Helper()
	c, err := connector.ParseConnection("statistik.yaml", []byte(text))
	if err == nil {
		c, err = c.Resolve(func(connector.Ref) (string, error) { return token + "\n", nil })
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func serve(t *testing.T, o matomoserver.Options) *matomoserver.Server {
	t.Helper()
	o.Token = token
	if o.Sites == nil {
		o.Sites = []int64{1, 2, 4}
	}
	s, err := matomoserver.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if s.Deletes() > 0 || s.Leaks() > 0 {
			t.Errorf("got %d questions that delete and %d that show the token", s.Deletes(), s.Leaks())
		}
		_ = s.Close()
	})
	return s
}

// harness is a server that answers as Matomo documents it.
type harness struct {
	*matomoserver.Server
	connection connector.Connection
	planted    int64
}

func fresh(t *testing.T) connectortest.Harness {
	t.Helper()
	s := serve(t, matomoserver.Options{})
	return &harness{Server: s, connection: parse(t, fmt.Sprintf(connectionFile, s.URL()))}
}

func (h *harness) Kind() connector.Kind             { return Kind{} }
func (h *harness) Connection() connector.Connection { return h.connection }

// Plant spreads visits over two sites, several of them in one second, and
// leaves others around: on a site that is not asked for, without user id, with
// one that only begins the same, and from the same address on another day.
func (h *harness) Plant(t *testing.T, p connectortest.Person, n int) (refs []string) {
	t.Helper()
	var visits []matomoserver.Visit
	visit := func(site int64, user string, at time.Time) matomoserver.Visit {
		h.planted++
		v := matomoserver.Visit{
			ID: 100_000 - h.planted, Site: site, VisitorID: fmt.Sprintf("%016x", h.planted), IP: p.IP, UserID: user, First: at, Last: at.Add(time.Minute), Browser: "Firefox",
			Actions: []matomoserver.Action{{At: at, URL: "https://example.org/antrag", Title: "Antrag"}},
		}
		visits = append(visits, v)
		return v
	}
	for i := range n {
		user := p.Account
		if i%3 == 1 {
			user = strings.Replace(p.Email, "@", "+web@", 1)
		}
		v := visit([]int64{1, 4}[i%2], user, p.At.AddDate(0, 0, 2).Add(time.Duration(i/5)*time.Second))
		refs = append(refs, fmt.Sprintf("visits/%d/%d", v.Site, v.ID))
	}
	visit(2, p.Account, p.At.AddDate(0, 0, 2))
	visit(1, "", p.At.AddDate(0, 0, 3))
	visit(1, p.Account+"x", p.At.AddDate(0, 0, 3))
	visit(1, p.Email+".de", p.At.AddDate(0, 0, 3))
	h.Add(visits...)
	return refs
}

func (h *harness) Fingerprint(t *testing.T) string {
	t.Helper()
	b, err := json.Marshal(h.All())
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(fmt.Appendf(b, "%d", h.Deletes()))
	return hex.EncodeToString(sum[:])
}

func (h *harness) Break(t *testing.T) func() {
	t.Helper()
	h.Stop()
	return func() {
		if err := h.Resume(); err != nil {
			t.Fatal(err)
		}
	}
}

// Hint adds a visit of a visitor of whom nothing is known.
func (h *harness) Hint(_ *testing.T, p connectortest.Person) (string, person.Identifier) {
	return h.visit(1, matomoserver.Visit{VisitorID: "00000000000c0ffe", UserID: p.Account, First: p.At.AddDate(0, 0, 5)}),
		person.Identifier{Kind: person.VisitorID, Value: person.NewText("00000000000c0ffe")}
}

// Mix lets the stranger sign in where p was on the network at that time.
func (h *harness) Mix(_ *testing.T, p, stranger connectortest.Person) []string {
	return []string{h.visit(1, matomoserver.Visit{VisitorID: "00000000000c0ffe", UserID: stranger.Account, IP: p.IP, First: p.At})}
}

// visit adds one, and gives its reference.
func (h *harness) visit(site int64, v matomoserver.Visit) string {
	h.planted++
	v.ID, v.Site, v.Last, v.Browser = 100_000-h.planted, site, v.First.Add(time.Minute), "Firefox"
	v.Actions = []matomoserver.Action{{At: v.First, URL: "https://example.org/antrag", Title: "Antrag"}}
	h.Add(v)
	return fmt.Sprintf("visits/%d/%d", v.Site, v.ID)
}

// Spoil deletes visits between the list and the export, as Matomo's own purge
// does.
func (h *harness) Spoil(_ *testing.T, p connectortest.Person) {
	for _, v := range h.All() {
		if v.UserID == p.Account && v.Site == 1 {
			h.Change(func(o *matomoserver.Options) { o.Gone = append(o.Gone, v.ID) })
		}
	}
}

// Holes deletes several.
func (h *harness) Holes(t *testing.T, p connectortest.Person) { h.Spoil(t, p) }

// Crowd makes up visits, three in each second.
func (h *harness) Crowd(t *testing.T, p connectortest.Person, n int) connector.Connection {
	t.Helper()
	s := serve(t, matomoserver.Options{MadeUp: crowd{p.Account, n}})
	text := strings.Replace(fmt.Sprintf(connectionFile, s.URL()), "sites: [1, 4]", "sites: [1]", 1)
	return parse(t, strings.Replace(text, "  - {by: [ip+time]}\n", "", 1))
}

type crowd struct {
	user string
	n    int
}

func (c crowd) Len() int { return c.n }
func (c crowd) Visit(i int) matomoserver.Visit {
	at := time.Unix(1_700_000_000+int64(i/3), 0)
	return matomoserver.Visit{
		ID: int64(i) + 1, Site: 1, VisitorID: "00000000000000aa", UserID: c.user, First: at.Add(-time.Minute), Last: at, IP: "192.0.2.17",
		Actions: []matomoserver.Action{{At: at, URL: "https://example.org/"}},
	}
}
