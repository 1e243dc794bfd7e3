package mailman

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/connector/httpapi/httpserver"
	"einsicht/internal/connector/mailman/mailmanserver"
)

// changeFile declares everything.
var changeFile = strings.Replace(connectionFile, "user: restadmin}", `user: restadmin, change: {
  erase: [members, requests, held, bans, addresses, users], rectify: [addresses, users], restrict: [members]}}`, 1)

// gate stands before a server. It can take it away in the middle of a question.
type gate struct {
	*httpserver.Server
	to  http.Handler
	cut atomic.Int64 // halves of questions that pass, and one more; 0: all
}

func newGate(t *testing.T, api string) *gate {
	t.Helper()
	target, err := url.Parse(api)
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{to: &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.Out.URL.Scheme, r.Out.URL.Host = target.Scheme, target.Host }}}
	if g.Server, err = httpserver.Start(g); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	return g
}

// Cut takes the server away once, after n more halves of questions.
func (g *gate) Cut(n int) { g.cut.Store(int64(max(n, -1)) + 1) }

// ServeHTTP lets a question pass. One that only reads is answered by a gateway that
// reaches nobody: the client would put it again if the connection ended.
func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	question, answer := true, true
	for n := g.cut.Load(); n > 0; n = g.cut.Load() {
		if g.cut.CompareAndSwap(n, max(n-2, 0)) {
			question, answer = n > 1, n > 2
			break
		}
	}
	switch {
	case question && answer:
		g.to.ServeHTTP(w, r)
	case r.Method == http.MethodGet:
		w.WriteHeader(http.StatusBadGateway)
	default:
		if question {
			g.to.ServeHTTP(httptest.NewRecorder(), r)
		}
		panic(http.ErrAbortHandler)
	}
}

func (g *gate) Break(t *testing.T) func() {
	t.Helper()
	g.Stop()
	return func() {
		if err := g.Resume(); err != nil {
			t.Fatal(err)
		}
	}
}

// erasable grows what grow does, but accounts of one person only: another's address of
// hers would hold them.
func erasable(c crop) crop {
	for i, a := range c.Addresses {
		if strings.HasPrefix(a.Email, "zweite") {
			c.Addresses[i].User = ""
		}
	}
	return c
}

// insideToChange is a server in this process behind a gate.
type insideToChange struct {
	*gate
	garden
	server *mailmanserver.Server
}

func freshInsideToChange(t *testing.T) connectortest.ChangeHarness {
	t.Helper()
	s := start(t, mailmanserver.Options{User: "restadmin", Password: password, Lists: listIDs})
	return &insideToChange{newGate(t, s.Server.URL()), garden{map[string]int{}, func(_ *testing.T, c crop) { sow(s, erasable(c)) }}, s}
}

func (*insideToChange) Kind() connector.Kind { return Kind{} }
func (h *insideToChange) Connection() connector.Connection {
	return parsed(changeFile, h.gate.URL()+"/3.1")
}
func (h *insideToChange) Fingerprint(t *testing.T) string { return fmt.Sprint(h.Pieces(t)) }

func (h *insideToChange) Pieces(*testing.T) map[string]string {
	all := map[string]string{}
	put := func(n named, v any) { b, _ := json.Marshal(v); all[n.reference()] = string(b) }
	h.server.Change(func(o *mailmanserver.Options) {
		for _, a := range o.Addresses {
			put(named{form: addressForm, key: strings.ToLower(a.Email)}, a)
		}
		for _, u := range o.Users {
			put(named{form: userForm, key: u.ID}, u)
		}
		for _, m := range o.Members {
			put(named{form: memberForm, key: m.ID}, m)
		}
		for _, q := range o.Requests {
			put(named{requestForm, q.List, keyOf(entry{"token": quoted(q.Token)}, "token")}, q)
		}
		for _, m := range o.Held {
			put(named{heldForm, m.List, fmt.Sprint(m.ID)}, m)
		}
		for _, b := range o.Bans {
			put(named{banForm, b.List, b.Email}, b)
		}
	})
	return all
}

func (*insideToChange) Correct(reference string) map[string]string { return correct(reference) }

func correct(reference string) map[string]string {
	if n, _ := readReference(reference); n.name == addressForm.name || n.name == userForm.name {
		return map[string]string{displayed: "Erika & Max Müstermann"}
	}
	return nil
}

func (h *insideToChange) Alter(t *testing.T, reference string) {
	t.Helper()
	alter(t, reference, h.call)
}

func (h *insideToChange) Remove(t *testing.T, reference string) {
	t.Helper()
	if err := h.call(http.MethodDelete, "/"+reference, nil); err != nil {
		t.Fatal(err)
	}
}

// call puts a question to the server, past the gate.
func (h *insideToChange) call(method, path string, form url.Values) error {
	r := httptest.NewRequest(method, "/3.1"+path, strings.NewReader(form.Encode()))
	r.SetBasicAuth("restadmin", password)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	if h.server.ServeHTTP(w, r); w.Code >= 300 {
		return fmt.Errorf("%s %s: %d", method, path, w.Code)
	}
	return nil
}

// alter changes a record so that it shows.
func alter(t *testing.T, reference string, call func(method, path string, form url.Values) error) {
	t.Helper()
	path, form := "/"+reference, url.Values{"display_name": {"Eine Andere"}}
	switch n, _ := readReference(reference); n.name {
	case memberForm.name:
		path, form = path+"/preferences", url.Values{"acknowledge_posts": {"True"}}
	case addressForm.name, userForm.name:
	default:
		t.Fatalf("a record of %s says nothing that could be altered", n.name)
	}
	if err := call(http.MethodPatch, path, form); err != nil {
		t.Fatal(err)
	}
}

// Forbid lets an account have another's address, too.
func (h *insideToChange) Forbid(t *testing.T, references []string) string {
	t.Helper()
	ref := accountIn(t, references)
	h.sow(t, crop{Addresses: []mailmanserver.Address{{Email: "max@example.com", User: strings.TrimPrefix(ref, "users/")}}})
	return ref
}

func accountIn(t *testing.T, references []string) string {
	t.Helper()
	i := slices.IndexFunc(references, func(ref string) bool { return strings.HasPrefix(ref, "users/") })
	if i < 0 {
		t.Fatal("no account")
	}
	return references[i]
}

// outsideToChange is the real server behind a gate.
type outsideToChange struct {
	*gate
	garden
	*mailman
}

func freshOutsideToChange(t *testing.T) connectortest.ChangeHarness {
	t.Helper()
	m := realServer(t)
	h := &outsideToChange{mailman: m, gate: newGate(t, strings.TrimSuffix(m.api, "/3.1"))}
	h.garden = garden{map[string]int{}, func(t *testing.T, c crop) { h.fill(t, "add", erasable(c)) }}
	h.fill(t, "clear", nil)
	return h
}

func (*outsideToChange) Kind() connector.Kind { return Kind{} }
func (h *outsideToChange) Connection() connector.Connection {
	return parsed(changeFile, h.gate.URL()+"/3.1")
}
func (h *outsideToChange) Fingerprint(t *testing.T) string {
	t.Helper()
	return h.fill(t, "print", nil)
}

func (h *outsideToChange) Pieces(t *testing.T) map[string]string {
	t.Helper()
	var all map[string]string
	if err := json.Unmarshal([]byte(h.fill(t, "pieces", nil)), &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func (*outsideToChange) Correct(reference string) map[string]string { return correct(reference) }

func (h *outsideToChange) Alter(t *testing.T, reference string) {
	t.Helper()
	alter(t, reference, func(method, path string, form url.Values) error { _, err := h.call(method, path, form); return err })
}

func (h *outsideToChange) Remove(t *testing.T, reference string) {
	t.Helper()
	if _, err := h.call(http.MethodDelete, "/"+reference, nil); err != nil {
		t.Fatal(err)
	}
}

func (h *outsideToChange) Forbid(t *testing.T, references []string) string {
	t.Helper()
	ref := accountIn(t, references)
	if _, err := h.call(http.MethodPost, "/"+ref+"/addresses", url.Values{"email": {"max@example.com"}}); err != nil {
		t.Fatal(err)
	}
	return ref
}
