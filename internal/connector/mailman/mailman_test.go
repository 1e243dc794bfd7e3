package mailman

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/connector/mailman/mailmanserver"
	"einsicht/internal/person"
)

// TestConformance asks the real server; what it could not hold in the time of a
// test comes from the one inside.
func TestConformance(t *testing.T) { connectortest.Run(t, freshOutside) }

// TestConformanceInside makes sure that the server inside is like the real one.
func TestConformanceInside(t *testing.T) {
	t.Setenv("CONNECTOR_MANY", "2000") // the million comes with the real one
	connectortest.Run(t, freshInside)
}

type found struct {
	all    []connector.Finding
	answer connector.Answer
	err    error
}

func (f found) refs() []string {
	var refs []string
	for _, one := range f.all {
		refs = append(refs, one.Reference)
	}
	return refs
}

// field gives a field of the record with a reference.
func (f found) field(ref, name string) (connector.Field, bool) {
	for _, one := range f.all {
		if i := slices.IndexFunc(one.Fields, func(x connector.Field) bool { return x.Name == prefix+name }); one.Reference == ref && i >= 0 {
			return one.Fields[i], true
		}
	}
	return connector.Field{}, false
}

func ask(t *testing.T, c connector.Connection, email string) (f found) {
	t.Helper()
	open, err := Kind{}.Open(t.Context(), c)
	if err != nil {
		return found{err: err}
	}
	defer open.Close()
	q := connector.Query{Identifiers: []person.Identifier{{ID: uuid.New(), Kind: person.Email, Value: person.NewText(email), Verified: true}}}
	f.answer, f.err = open.Find(t.Context(), q, nil, func(one connector.Finding, _ connector.Cursor) error {
		f.all = append(f.all, one)
		return nil
	})
	if f.err != nil && strings.Contains(f.err.Error(), email) {
		t.Errorf("an error quotes a value: %v", f.err)
	}
	return f
}

// TestWhatTheRealServerMakes has everything made by the server itself over its
// interface, also a message that it holds.
func TestWhatTheRealServerMakes(t *testing.T) {
	h := newOutside(t)
	must := func(method, path string, form url.Values) map[string]any {
		t.Helper()
		v, err := h.call(method, path, form)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	id := func(v map[string]any) string {
		location, _ := v["location"].(string)
		return location[strings.LastIndexByte(location, '/')+1:]
	}
	yes := "true"
	account := id(must(http.MethodPost, "/users", url.Values{"email": {"Erika@example.org"}, "display_name": {"Erika Mustermann"}, "password": {"geheim"}}))
	must(http.MethodPost, "/users/"+account+"/addresses", url.Values{"email": {"zweite@example.org"}})
	join := func(email, list, role string) string {
		return id(must(http.MethodPost, "/members", url.Values{"list_id": {list}, "subscriber": {email}, "role": {role},
			"pre_verified": {yes}, "pre_confirmed": {yes}, "pre_approved": {yes}}))
	}
	member := join("erika@example.org", listIDs[0], "member")
	owner := join("erika@example.org", listIDs[1], "owner")
	tagged := join("erika+liste@example.org", listIDs[2], "member")
	join("zweite@example.org", listIDs[0], "member")
	join("karl@example.org", listIDs[0], "member")
	must(http.MethodPatch, "/members/"+member+"/preferences", url.Values{"delivery_status": {"by_user"}})
	must(http.MethodPatch, "/users/"+account+"/preferences", url.Values{"hide_address": {yes}})
	must(http.MethodPost, "/lists/"+listIDs[2]+"/bans", url.Values{"email": {"erika@example.org"}})
	pending := must(http.MethodPost, "/members", url.Values{"list_id": {listIDs[1]}, "subscriber": {"erika@example.org"}})
	must(http.MethodPost, "/members", url.Values{"list_id": {listIDs[1]}, "subscriber": {"karl@example.org"}})
	for _, from := range []string{"erika@example.org", "karl@example.org"} {
		must(http.MethodPost, "/queues/in", url.Values{"list_id": {listIDs[1]}, "text": {
			"From: " + from + "\nTo: bee@lists.example.org\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\nMessage-ID: <" + from + ">\n\nText\n"}})
	}
	h.until(t, "/lists/"+listIDs[1]+"/held/count", "count", 2)

	f := ask(t, h.Connection(), "ERIKA@example.org")
	if f.err != nil || f.answer.Partial() {
		t.Fatalf("got %v and gaps %v", f.err, f.answer.Gaps)
	}
	taggedUser := f.all[slices.IndexFunc(f.all, func(one connector.Finding) bool {
		return one.Category == "users" && one.Reference != "users/"+account
	})].Reference
	// Who writes to a list without being on it stands there from then on.
	var held, nonmember string
	for _, ref := range f.refs() {
		if strings.HasPrefix(ref, "held/") {
			held = ref
		}
		if role, ok := f.field(ref, "role"); ok && role.Value.Reveal() == "nonmember" {
			nonmember = ref
		}
	}
	token, _ := pending["token"].(string)
	want := []string{
		"addresses/erika+liste@example.org", taggedUser, "members/" + tagged, "addresses/erika@example.org", "users/" + account,
		"members/" + member, "members/" + owner, nonmember, "requests/" + listIDs[1] + "/" + keyOf(entry{"token": quoted(token)}, "token"), held,
		"bans/" + listIDs[2] + "/erika@example.org",
	}
	if got := f.refs(); !slices.Equal(got, want) {
		t.Errorf("got\n%q, want\n%q", got, want)
	}
	for _, x := range []struct{ ref, field, want string }{
		{"addresses/erika@example.org", "original_email", "Erika@example.org"},
		{"users/" + account, "display_name", "Erika Mustermann"},
		{"users/" + account, "hide_address", "true"},
		{"members/" + member, "list_id", listIDs[0]},
		{"members/" + member, "delivery_status", "by_user"},
		{"members/" + member, "inherited_hide_address", "true"},
		{"members/" + owner, "role", "owner"},
		{held, "subject", "Grüße"},
		{held, "sender", "erika@example.org"},
	} {
		if got, _ := f.field(x.ref, x.field); got.Value.Reveal() != x.want || got.Unmapped {
			t.Errorf("%s, %s: got %q, want %q", x.ref, x.field, got.Value.Reveal(), x.want)
		}
	}
	for _, x := range [][2]string{{"users/" + account, "password"}, {want[8], "token"}} {
		if got, ok := f.field(x[0], x[1]); !ok || !got.Withheld || !got.Value.IsZero() {
			t.Errorf("%s: want it stated and withheld", x[1])
		}
	}
	for _, one := range f.all {
		for _, field := range one.Fields {
			if field.Unmapped || field.Title("de") == field.Name || field.Title("en") == field.Name {
				t.Errorf("%s: %s has no name for people", one.Reference, field.Name)
			}
		}
		hints := map[string]int{"users/" + account: 1}[one.Reference]
		if len(one.Hints) != hints || hints > 0 && (one.Hints[0].Value.Reveal() != "zweite@example.org" || one.Hints[0].Record != "itnrw-mailinglists/users/"+account) {
			t.Errorf("%s: got %d hints, want %d", one.Reference, len(one.Hints), hints)
		}
	}
}

func quoted(s string) []byte { return fmt.Appendf(nil, "%q", s) }

// until waits for what the server does by itself.
func (h *outside) until(t *testing.T, path, name string, want float64) {
	t.Helper()
	for {
		v, err := h.call(http.MethodGet, path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if v[name] == want {
			return
		}
		select {
		case <-t.Context().Done():
			t.Fatal("the server does not do it")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func TestAnAccountIsGivenOnceAndItsOtherAddressesAreOffered(t *testing.T) {
	s := start(t, mailmanserver.Options{User: "restadmin", Password: password, Lists: listIDs,
		Users: []mailmanserver.User{{ID: "u1", DisplayName: "Erika", Password: "$6$x"}},
		Addresses: []mailmanserver.Address{
			{Email: "erika@example.org", User: "u1"}, {Email: "erika+a@example.org", User: "u1"}, {Email: "geteilt@example.org", User: "u1"},
		},
		Members: []mailmanserver.Member{
			{ID: "m1", List: listIDs[0], Email: "erika+a@example.org"}, {ID: "m2", List: listIDs[0], Email: "geteilt@example.org"},
		},
		Held: []mailmanserver.Held{{ID: 7, List: listIDs[0], Sender: "Erika@example.org", Subject: "x", Message: "Text"}, {ID: 8, List: listIDs[0], Sender: "karl@example.org"}},
	})
	f := ask(t, connectionOf(s.URL()), "erika@example.org")
	want := []string{"addresses/erika+a@example.org", "users/u1", "members/m1", "addresses/erika@example.org", "held/ant.lists.example.org/7"}
	if f.err != nil || !slices.Equal(f.refs(), want) {
		t.Fatalf("got %q and %v, want %q", f.refs(), f.err, want)
	}
	if hints := f.all[1].Hints; len(hints) != 1 || hints[0].Value.Reveal() != "geteilt@example.org" {
		t.Errorf("got %d hints, want the address that was not asked for", len(hints))
	}
}

func TestAddressesWithATagThatAreOnNoListAreFound(t *testing.T) {
	o := mailmanserver.Options{User: "restadmin", Password: password, Lists: listIDs, Users: []mailmanserver.User{{ID: "u1"}}}
	for i := range 1200 {
		o.Addresses = append(o.Addresses, mailmanserver.Address{Email: fmt.Sprintf("fremd%d@example.org", i)})
	}
	o.Addresses = append(o.Addresses, mailmanserver.Address{Email: "erika+amt@example.org", User: "u1"}, mailmanserver.Address{Email: "eri*ka%+x@example.org"})
	s := start(t, o)
	c := connectionOf(s.URL())
	want := []string{"addresses/erika+amt@example.org", "users/u1"}
	f := ask(t, c, "erika@example.org")
	if f.err != nil || f.answer.Partial() || !slices.Equal(f.refs(), want) {
		t.Errorf("got %q, %v and %v, want %q", f.refs(), f.answer.Gaps, f.err, want)
	}
	if f := ask(t, c, "eri*ka%@example.org"); f.err != nil || len(f.all) != 1 || f.answer.Partial() {
		t.Errorf("an address that looks like a pattern: got %q, %v and %v, want it", f.refs(), f.answer.Gaps, f.err)
	}

	open, err := Kind{}.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	q := connector.Query{Pause: time.Unix(1, 0), Identifiers: []person.Identifier{{ID: uuid.New(), Kind: person.Email, Value: person.NewText("erika@example.org"), Verified: true}}}
	var got []string
	var at connector.Cursor
	parts := 0
	for ; ; parts++ {
		a, err := open.Find(t.Context(), q, at, func(f connector.Finding, _ connector.Cursor) error {
			got = append(got, f.Reference)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if at = a.Next; at == nil {
			break
		}
	}
	if !slices.Equal(got, want) || parts < 4 {
		t.Errorf("got %q in %d parts, want %q, with pauses while addresses are read", got, parts, want)
	}
}

func TestMoreAddressesThanFitAreTold(t *testing.T) {
	o := mailmanserver.Options{User: "restadmin", Password: password}
	for i := range maxKnown + 1 {
		o.Addresses = append(o.Addresses, mailmanserver.Address{Email: fmt.Sprintf("erika+%d@example.org", i)})
	}
	f := ask(t, connectionOf(start(t, o).URL()), "erika@example.org")
	if want := []connector.Gap{{Place: "addresses", Reason: "connector.gap.mailman_many", Count: 1}}; len(f.all) != maxKnown || !slices.Equal(f.answer.Gaps, want) {
		t.Errorf("got %d records, %v and %v, want %d and %v", len(f.all), f.answer.Gaps, f.err, maxKnown, want)
	}
}

func TestFieldsOfARecordHaveTheirOwnNames(t *testing.T) {
	s := start(t, mailmanserver.Options{User: "restadmin", Password: password, Lists: listIDs,
		Addresses: []mailmanserver.Address{{Email: "erika@example.org"}},
		Members:   []mailmanserver.Member{{ID: "m1", List: listIDs[0], Email: "erika@example.org", Preferences: map[string]any{"delivery_mode": "mime_digests"}}},
	})
	for _, f := range ask(t, connectionOf(s.URL()), "erika@example.org").all {
		seen := map[string]bool{}
		for _, field := range f.Fields {
			if seen[field.Name] {
				t.Errorf("%s: got %s twice", f.Reference, field.Name)
			}
			seen[field.Name] = true
		}
	}
}

func TestBrokenAnswers(t *testing.T) {
	erika := connectortest.Erika
	for _, c := range []struct {
		name, path, body string
		place            string // of the gap; empty: an error
		err              error
	}{
		{"HTML", "/addresses/" + erika.Email, "<!doctype html>", "", connector.ErrBroken},
		{"another charset", "/memberships", "{\"start\":0,\"total_size\":1,\"entries\":[{\"email\":\"M\xfcller\"}]}", "members", nil},
		{"half of it", "/lists/" + listIDs[0] + "/held", `{"start":0,"total_size":1,"entries":[{`, "held", nil},
		{"a page that says nothing of where it stands", "/lists/" + listIDs[0] + "/held", `{"entries":[]}`, "held", nil},
		{"a page that is always the first", "/3.1/bans", `{"start":0,"total_size":9999,"entries":[{"email":"x@example.org"}]}`, "bans", nil},
		{"fewer than there are", "/3.1/bans", `{"start":0,"total_size":3}`, "bans", nil},
		{"a record without its key", "/3.1/bans", `{"start":0,"total_size":1,"entries":[{"mail":"x@example.org"}]}`, "bans", nil},
		{"seventeen megabytes", "/lists/" + listIDs[0] + "/held", `{"start":0,"total_size":1,"entries":[{"msg":"` + strings.Repeat("x", 17<<20) + `"}]}`, "held", nil},
		{"cut in the middle", "/memberships", "", "", connector.ErrUnreachable},
		{"no list of all addresses", "/3.1/addresses", "<!doctype html>", "addresses", nil},
		{"signed out", "/3.1/lists", "401", "", connector.ErrConfig},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := freshInside(t).(*inside)
			h.Plant(t, erika, 12)
			h.server.Spoil(func(w http.ResponseWriter, r *http.Request) bool {
				if !strings.HasSuffix(r.URL.Path, c.path) {
					return false
				}
				switch c.body {
				case "":
					w.Header().Set("Content-Length", "1000")
					fmt.Fprint(w, `{"start":`)
					panic(http.ErrAbortHandler)
				case "401":
					w.WriteHeader(http.StatusUnauthorized)
				default:
					fmt.Fprint(w, c.body)
				}
				return true
			})
			f := ask(t, h.Connection(), erika.Email)
			if !errors.Is(f.err, c.err) || f.answer.Partial() != (c.place != "") {
				t.Fatalf("got %v and gaps %v, want %v", f.err, f.answer.Gaps, c.err)
			}
			if c.place != "" && (len(f.answer.Gaps) != 1 || f.answer.Gaps[0].Place != c.place || len(f.all) < 3) {
				t.Errorf("got gaps %v and %d records, want one at %s and all else", f.answer.Gaps, len(f.all), c.place)
			}
		})
	}
}

func TestOpenSeesWhatIsWrong(t *testing.T) {
	s := start(t, mailmanserver.Options{User: "restadmin", Password: "another"})
	if f := ask(t, connectionOf(s.URL()), "erika@example.org"); !errors.Is(f.err, connector.ErrConfig) {
		t.Errorf("a wrong password: got %v, want %v", f.err, connector.ErrConfig)
	}
	open := start(t, mailmanserver.Options{})
	if f := ask(t, connectionOf(strings.TrimSuffix(open.URL(), "/3.1")), "erika@example.org"); !errors.Is(f.err, connector.ErrConfig) {
		t.Errorf("a wrong address: got %v, want %v", f.err, connector.ErrConfig)
	}
}

func TestTheFileIsChecked(t *testing.T) {
	for _, c := range []struct{ name, from, to, want string }{
		{"fine", "", "", ""},
		{"no user", "user: restadmin", "count: 5", "mailman.user: is missing"},
		{"no password", "password:", "token:", "mailman.auth: needs secrets.password"},
		{"in clear to elsewhere", "%s", "http://lists.example.org:8001/3.1", "mailman.url: must start with https://"},
		{"without the mail address", "[email]", "[account]", "mailman.match: mailing lists know people by their mail address"},
		{"too many at once", "user: restadmin", "user: restadmin, count: 100000", "mailman.count: must be"},
		{"unknown key", "user: restadmin", "usr: restadmin", "mailman.usr: unknown key"},
	} {
		file := strings.Replace(strings.Replace(connectionFile, c.from, c.to, 1), "%s", "https://lists.example.org:8001/3.1", 1)
		parsed, err := connector.ParseConnection("mailman.yaml", []byte(file))
		if err == nil {
			err = Kind{}.Check(parsed)
		}
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}
