package rest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/tidwall/gjson"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/connector/httpapi/httpserver"
	"einsicht/internal/person"
)

// changing declares one list of records with a change.
func changing(t *testing.T, url, change string) connector.Connection {
	t.Helper()
	return parseChanging(t, `
system: s
kind: rest
timeout: 20s
secrets: {token: {env: TOKEN}, change_token: {env: CHANGE}}
match: [{by: [email]}]
rest:
  url: URL
  auth: bearer
  resources:
    - name: r
      path: /r
      key: [id]
      match: {email: [mail]}
      change: `+change+"\n", url)
}

// one is a system with a single record, which answers a write as a test says.
type one struct {
	t      *testing.T
	record string
	write  func(*one, http.ResponseWriter, *http.Request)
	mu     sync.Mutex
	said   []string // the writes: method, path, body, by whom
}

func (o *one) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case r.Method != http.MethodGet:
		body, _ := io.ReadAll(r.Body)
		o.said = append(o.said, r.Method+" "+r.URL.RequestURI()+" "+string(body)+" "+r.Header.Get("Authorization"))
		o.write(o, w, r)
	case r.URL.Path == "/r":
		fmt.Fprintf(w, "[%s]", o.record)
	case o.record == "":
		http.NotFound(w, r)
	default:
		w.Header().Set("ETag", fmt.Sprintf(`"%d"`, len(o.record)))
		fmt.Fprint(w, o.record)
	}
}

func (o *one) open(change string) connector.Changer {
	o.t.Helper()
	s, err := httpserver.Start(o)
	if err != nil {
		o.t.Fatal(err)
	}
	c, err := Kind{}.Open(o.t.Context(), changing(o.t, s.URL(), change))
	if err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() { c.Close(); s.Close() })
	return c.(connector.Changer)
}

func erasing(ref string) []connector.Change {
	return []connector.Change{{ID: uuid.New(), Do: connector.CanErase, Reference: ref}}
}

const deleting = `{read: {path: "/r/{id}"}, erase: {method: DELETE, path: "/r/{id}"}}`

func TestWhatASystemAnswersIsHeldAgainstWhatItDid(t *testing.T) {
	answer := func(status int) func(*one, http.ResponseWriter, *http.Request) {
		return func(_ *one, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
	}
	does := func(status int) func(*one, http.ResponseWriter, *http.Request) {
		return func(o *one, w http.ResponseWriter, _ *http.Request) { o.record = ""; w.WriteHeader(status) }
	}
	guarded := strings.Replace(deleting, "erase:", `if_match: etag, answers: {409: differs, 423: denied}, erase:`, 1)
	masked := `{read: {path: "/r/{id}"}, erase: {method: PATCH, path: "/r/{id}", body: '{"mail": "{mail}"}', leaves: {mail: "x-{id}@example.invalid"}}}`
	for _, c := range []struct {
		name, change string
		write        func(*one, http.ResponseWriter, *http.Request)
		state        connector.EffectState
		reason       string
	}{
		{"done", deleting, does(204), connector.Changed, ""},
		{"done, and the answer is that of a broken system", deleting, does(500), connector.Changed, ""},
		{"somebody else was faster", deleting, does(404), connector.Missing, ""},
		{"said and not done", deleting, answer(200), connector.Hindered, becauseStays},
		{"promised", deleting, answer(202), connector.Hindered, becauseLater},
		{"refused", deleting, answer(409), connector.Hindered, becauseRefused},
		{"refused, and it means another version", guarded, answer(409), connector.Differs, ""},
		{"refused, and it means a right", guarded, answer(423), connector.Denied, becauseDenied},
		{"another version", guarded, answer(412), connector.Differs, ""},
		{"no right", deleting, answer(403), connector.Denied, becauseDenied},
		{"no sign-in", deleting, answer(401), connector.Denied, becauseSignIn},
		{"a broken system", deleting, answer(500), connector.Hindered, becauseRefused},
		{"sent elsewhere", deleting, func(_ *one, w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		}, connector.Hindered, becauseStays},
		{"something else done", deleting, func(o *one, w http.ResponseWriter, _ *http.Request) { o.record = `{"id":7,"mail":"","deleted":true}` }, connector.Hindered, becauseOtherwise},
		{"something else stored", masked, func(o *one, w http.ResponseWriter, _ *http.Request) { o.record = `{"id":7,"mail":"weg"}` }, connector.Hindered, becauseOtherwise},
		{"a mask that is ignored", masked, answer(200), connector.Hindered, becauseStays},
		{"a mask", masked, func(o *one, w http.ResponseWriter, _ *http.Request) {
			o.record = `{"id":7,"mail":"x-7@example.invalid"}`
		}, connector.Changed, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := &one{t: t, record: `{"id":7,"mail":"erika@example.org"}`, write: c.write}
			changer := o.open(c.change)
			effects, err := changer.Carry(t.Context(), erasing("r/7"))
			if err != nil || effects[0].State != c.state || effects[0].Reason != c.reason {
				t.Fatalf("got %v and %v, want %s %s", effects, err, c.state, c.reason)
			}
			read, err := changer.Read(t.Context(), []string{"r/7"})
			f, there := read["r/7"]
			if e := effects[0]; err != nil || e.Gone() == there || there && !bytes.Equal(f.Fingerprint(), e.FingerprintAfter()) {
				t.Errorf("read back it is not as the effect says: there %v, %v", there, err)
			}
			if len(o.said) != 1 || !strings.HasSuffix(o.said[0], "Bearer "+changeToken) {
				t.Errorf("got %q, want one question of the account that may change", o.said)
			}
		})
	}
}

func TestALostAnswerIsNotAskedForAgain(t *testing.T) {
	o := &one{t: t, record: `{"id":7,"mail":"erika@example.org"}`, write: func(o *one, _ http.ResponseWriter, _ *http.Request) {
		o.record = ""
		panic(http.ErrAbortHandler)
	}}
	_, err := o.open(deleting).Carry(t.Context(), erasing("r/7"))
	o.mu.Lock()
	defer o.mu.Unlock()
	if !errors.Is(err, connector.ErrUnreachable) || len(o.said) != 1 {
		t.Errorf("got %v after %d writes, want %v after one", err, len(o.said), connector.ErrUnreachable)
	}
}

func TestNothingIsWrittenWhereAnotherRecordIsRead(t *testing.T) {
	for name, answer := range map[string]string{
		"another": `{"id":8,"mail":"erika@example.org"}`, "a list": `[{"id":7,"mail":"erika@example.org"}]`, "none": `null`, "no object": `"7"`, "no key": `{"mail":"x"}`,
	} {
		o := &one{t: t, record: `{"id":7,"mail":"erika@example.org"}`}
		changer := o.open(deleting)
		o.record = answer
		_, err := changer.Carry(t.Context(), erasing("r/7"))
		if _, also := changer.Read(t.Context(), []string{"r/7"}); !errors.Is(err, connector.ErrBroken) || !errors.Is(also, connector.ErrBroken) || len(o.said) > 0 {
			t.Errorf("%s: got %v, %v and %q, want that it can't be read", name, err, also, o.said)
		}
	}
}

// Of a firm that is another one, nobody can say that a contact is not there.
func TestAnotherFirmIsNotOneWithoutTheContact(t *testing.T) {
	h := newChangeHarness(t, changeFile(declaredChanges))
	h.Plant(t, connectortest.Erika, 12)
	changer := h.open(t)
	h.server.Spoil(func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/api/v1/suppliers/3" {
			fmt.Fprint(w, `{"data":{"id":4,"contacts":[]}}`)
			return true
		}
		return false
	})
	if read, err := changer.Read(t.Context(), []string{"contacts/3/30"}); !errors.Is(err, connector.ErrBroken) {
		t.Errorf("got %v and %v, want that it can't be read", read, err)
	}
}

// What changes between the look and the write is left alone by the system itself.
func TestAVersionGoesWithTheRequest(t *testing.T) {
	h := newChangeHarness(t, changeFile(declaredChanges))
	refs := h.Plant(t, connectortest.Erika, 8)
	contact := refs[slices.IndexFunc(refs, func(r string) bool { return strings.HasPrefix(r, "contacts/3/") })]
	before := map[string]string{}
	h.server.Spoil(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodDelete && len(before) == 0 {
			h.Alter(t, contact)
			before = h.Pieces(t)
		}
		return false
	})
	effects, err := h.open(t).Carry(t.Context(), erasing(contact))
	if err != nil || effects[0].State != connector.Differs || !maps.Equal(before, h.Pieces(t)) {
		t.Errorf("got %v and %v, want %s and nothing changed", effects, err, connector.Differs)
	}
	o := &one{t: t, record: `{"id":7,"mail":"erika@example.org","revision":""}`}
	effects, err = o.open(strings.Replace(deleting, "erase:", "if_match: revision, erase:", 1)).Carry(t.Context(), erasing("r/7"))
	if err != nil || effects[0].State != connector.Hindered || effects[0].Reason != becauseVersion || len(o.said) > 0 {
		t.Errorf("no version: got %v, %v and %q, want that nothing is sent", effects, err, o.said)
	}
}

func TestWhatOneRefusesStopsNoOther(t *testing.T) {
	h := newChangeHarness(t, changeFile(declaredChanges))
	refs := slices.DeleteFunc(h.Plant(t, connectortest.Erika, 12), func(r string) bool { return !strings.HasPrefix(r, "offers/") })
	h.server.Hold("/api/v1/" + refs[0])
	effects, err := h.open(t).Carry(t.Context(), slices.Concat(erasing(refs[0]), erasing(refs[1])))
	if err != nil || effects[0].State != connector.Hindered || effects[1].State != connector.Changed {
		t.Errorf("got %v and %v, want one hindered and one changed", effects, err)
	}
}

// Below a contact are orders, and below these items.
func TestWhatGoesWithARecord(t *testing.T) {
	cascade := maps.Clone(singles)
	for path, s := range cascade {
		s.Cascade = true
		cascade[path] = s
	}
	with := maps.Clone(declaredChanges)
	with["contacts"] = strings.Replace(with["contacts"], "\n        if_match", "\n        with: [orders, items]\n        if_match", 1)
	some := maps.Clone(with)
	some["contacts"] = strings.Replace(some["contacts"], "[orders, items]", "[orders]", 1)
	for _, c := range []struct {
		name   string
		change map[string]string
		also   []string // erased in the same call
		alter  string   // changed since, so that it stays
		state  connector.EffectState
		reason string
		with   []connector.Along
	}{
		{"nobody said what becomes of them", declaredChanges, nil, "", connector.Hindered, becauseDragged, nil},
		{"nobody said it of all", some, nil, "", connector.Hindered, becauseDragged, nil},
		{"they go along", with, nil, "", connector.Changed, "", []connector.Along{{Place: "items", Count: 1}, {Place: "orders", Count: 2}}},
		{"one of them is a change of its own", with, []string{"/orders/511/items/1", "/orders/511"}, "", connector.Changed, "", []connector.Along{{Place: "orders", Count: 1}}},
		{"all are changes of their own", declaredChanges, []string{"/orders/510", "/orders/511", "/orders/511/items/1"}, "", connector.Changed, "", nil},
		{"one of them changed since", with, []string{"/orders/510", "/orders/511"}, "/orders/510", connector.Hindered, becauseStopped, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newChangeHarness(t, changeFile(c.change))
			h.server.SetSingles(cascade)
			h.Plant(t, connectortest.Erika, 20)
			const contact = "contacts/5/50"
			changer := h.open(t)
			changes := erasing(contact)
			for _, ref := range c.also {
				one := erasing(contact + ref)[0]
				read, err := changer.Read(t.Context(), []string{one.Reference})
				if f, there := read[one.Reference]; !there || err != nil {
					t.Fatalf("%s: %v", one.Reference, err)
				} else if one.Seen = f.Fingerprint(); true {
					changes = append(changes, one)
				}
			}
			if c.alter != "" {
				h.Alter(t, contact+c.alter)
			}
			before := h.Pieces(t)
			rehearsed, err := changer.Rehearse(t.Context(), changes)
			if err != nil || !maps.Equal(before, h.Pieces(t)) {
				t.Fatalf("rehearsal: %v", err)
			}
			effects, err := changer.Carry(t.Context(), changes)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range []connector.Effect{rehearsed[0], effects[0]} {
				if e.State != c.state || e.Reason != c.reason || !slices.Equal(e.With, c.with) {
					t.Errorf("got %s %s with %v, want %s %s with %v", e.State, e.Reason, e.With, c.state, c.reason, c.with)
				}
			}
			if gone := len(h.Pieces(t)) < len(before)-len(c.also); gone != (c.state == connector.Changed) {
				t.Errorf("got %d records, before %d", len(h.Pieces(t)), len(before))
			}
		})
	}
}

func TestAMaskThatForgetsAFieldIsATask(t *testing.T) {
	change := `{read: {path: "/r/{id}"}, erase: {method: PATCH, path: "/r/{id}", body: '{"mail": "{mail}", "phone": "{phone}"}', leaves: {mail: null, phone: null}}, keep: [{fields: [sums], why: "§ 147 AO"}]}`
	for record, want := range map[string]connector.EffectState{
		`{"id":7,"mail":"erika@example.org","sums":{"a":1,"b":[{"c":2}]}}`: connector.Changed,
		`{"id":7,"mail":"erika@example.org","sum":1}`:                      connector.Undeclared,
	} {
		o := &one{t: t, record: record, write: func(o *one, _ http.ResponseWriter, _ *http.Request) {
			o.record = strings.Replace(o.record, `"erika@example.org"`, "null", 1)
		}}
		effects, err := o.open(change).Carry(t.Context(), erasing("r/7"))
		if err != nil || effects[0].State != want {
			t.Fatalf("%s: got %v and %v, want %s", record, effects, err, want)
		}
		if want == connector.Changed && (len(effects[0].Kept) != 2 || effects[0].Kept[0] != (connector.Kept{Field: "sums.a", Why: "§ 147 AO"})) {
			t.Errorf("got %v, want both sums", effects[0].Kept)
		}
		if want == connector.Changed && !strings.Contains(o.said[0], ` {"mail":null} `) {
			t.Errorf("got %q, want nothing about the phone, which the record lacks", o.said[0])
		}
	}
}

// A value can't become anything but a value.
func TestValuesStayValues(t *testing.T) {
	change := `{read: {path: "/r/{id}"}, rectify: {method: METHOD, path: "/r/{id}", query: {notify: "no"}, fields: [mail, age, member],
  body: '{"data": {"mail": "{mail}", "age": "{age}", "member": "{member}", "of": "r-{id}", "id": "{id}", "version": "{v}", "why": ["Art. 16 {DSGVO"]}}'}}`
	for _, c := range []struct {
		method, field, value, want string // empty: hindered
	}{
		{"PATCH", "mail", `x","id":"8`, `{"data":{"mail":"x\",\"id\":\"8","of":"r-7","id":7,"version":3,"why":["Art. 16 {DSGVO"]}}`},
		{"PATCH", "mail", "{id}", `{"data":{"mail":"{id}","of":"r-7","id":7,"version":3,"why":["Art. 16 {DSGVO"]}}`},
		{"PUT", "age", "61", `{"data":{"mail":"erika@example.org","age":61,"member":true,"of":"r-7","id":7,"version":3,"why":["Art. 16 {DSGVO"]}}`},
		{"PATCH", "member", "false", `{"data":{"member":false,"of":"r-7","id":7,"version":3,"why":["Art. 16 {DSGVO"]}}`},
		{"PATCH", "member", "nein", ""},
		{"PATCH", "age", "61,1", ""},
		{"PATCH", "age", `61,"id":8`, ""},
	} {
		o := &one{t: t, record: `{"id":7,"mail":"erika@example.org","age":60,"member":true,"v":3}`, write: func(*one, http.ResponseWriter, *http.Request) {}}
		some := []connector.Change{{Do: connector.CanRectify, Reference: "r/7", Values: map[string]person.Text{c.field: person.NewText(c.value)}}}
		effects, err := o.open(strings.Replace(change, "METHOD", c.method, 1)).Carry(t.Context(), some)
		if err != nil {
			t.Fatal(err)
		}
		want := []string{c.method + " /r/7?notify=no " + c.want + " Bearer " + changeToken}
		if c.want == "" {
			want = nil
		}
		if !slices.Equal(o.said, want) || c.want == "" && effects[0].Reason != becauseValue {
			t.Errorf("%s: got %q %v, want %q", c.value, o.said, effects, want)
		}
	}
}

func TestWithoutAnAccountNothingIsChanged(t *testing.T) {
	h := newChangeHarness(t, strings.Replace(changeFile(declaredChanges), "  change_token: {env: CHANGE}\n", "", 1))
	ref := h.Plant(t, connectortest.Erika, 3)[0]
	effects, err := h.open(t).Carry(t.Context(), erasing(ref))
	if err != nil || effects[0].State != connector.Undeclared || effects[0].Reason != becauseReadOnly || len(effects[0].Before.Fields) == 0 || h.server.Writes() > 0 {
		t.Errorf("got %v and %v, want that nobody may", effects, err)
	}
	if all := (Kind{}).Abilities(h.connection); !slices.Equal(all, []connector.Ability{connector.CanFind, connector.CanPreview}) {
		t.Errorf("got %v", all)
	}
}

func TestAbilitiesAreThoseDeclared(t *testing.T) {
	for change, want := range map[string][]connector.Ability{
		`{keep: [{why: "§ 3 ArchivG"}]}`: nil,
		deleting:                         {connector.CanErase},
		`{read: {path: "/r/{id}"}, rectify: {method: PUT, path: "/r/{id}", fields: [mail], body: '{"mail": "{mail}"}'}}`: {connector.CanRectify},
	} {
		if got := (Kind{}).Abilities(changing(t, "http://127.0.0.1", change)); !slices.Equal(got[2:], want) {
			t.Errorf("%s: got %v, want %v", change, got[2:], want)
		}
	}
}

func TestWhatMustStayIsATask(t *testing.T) {
	o := &one{t: t, record: `{"id":7,"mail":"erika@example.org"}`}
	effects, err := o.open(`{read: {path: "/r/{id}"}, keep: [{why: "§ 3 ArchivG"}]}`).Rehearse(t.Context(), erasing("r/7"))
	if err != nil || effects[0].State != connector.Undeclared || effects[0].Reason != becauseKept || len(effects[0].Kept) != 2 {
		t.Errorf("got %v and %v", effects, err)
	}
}

// A list that can only be searched can't be held against what was erased.
func TestReferencesOfAListThatHidesAreAnError(t *testing.T) {
	hidden := strings.Replace(changeFile(declaredChanges), "      search: {email: bidder.mail}\n", "      search: {email: bidder.mail}\n      search_only: true\n", 1)
	h := newChangeHarness(t, hidden)
	h.Plant(t, connectortest.Erika, 10)
	n := 0
	if err := h.open(t).References(t.Context(), func(string) error { n++; return nil }); !errors.Is(err, connector.ErrConfig) || n == 0 {
		t.Errorf("got %v after %d, want an error after the others", err, n)
	}
}

func TestChangesAreChecked(t *testing.T) {
	read := `read: {path: "/r/{id}"}, `
	for _, c := range []struct{ name, change, want string }{
		{"nothing to read back", `{erase: {method: DELETE, path: "/r/{id}"}}`, "change.read: needs the path"},
		{"a path of no record", `{read: {path: /r}, erase: {method: DELETE, path: "/r/{id}"}}`, "change.read: must hold a part of key"},
		{"a path with a value", `{read: {path: "/r/{id}/{mail}"}}`, "change.read: a path may hold"},
		{"a path with a query", `{read: {path: "/r?id={id}"}, erase: {method: DELETE, path: "/r/{id}"}}`, "change.read: a path must start"},
		{"the whole list", `{` + read + `erase: {method: DELETE, path: /r}}`, "change.erase: neither path nor body"},
		{"reading", `{` + read + `erase: {method: GET, path: "/r/{id}"}}`, "change.erase: method must be"},
		{"a body that is none", `{` + read + `erase: {method: POST, path: "/r/{id}", body: "{"}}`, "change.erase: body must be JSON"},
		{"a value within a text", `{` + read + `erase: {method: POST, path: "/r/{id}", body: '{"a": "x {mail}"}'}}`, "change.erase: body: a value is"},
		{"the key masked", `{` + read + `erase: {method: PATCH, path: "/r/{id}", leaves: {id: 0}}}`, "change.erase: id names the record"},
		{"kept and masked", `{` + read + `erase: {method: PATCH, path: "/r/{id}", leaves: {mail: x}}, keep: [{fields: [mail], why: y}]}`, "change.erase: mail stands under"},
		{"kept for no reason", `{` + read + `erase: {method: PATCH, path: "/r/{id}", leaves: {mail: x}}, keep: [{fields: [mail2]}]}`, "change.keep: says not why"},
		{"kept and erased", `{` + read + `erase: {method: DELETE, path: "/r/{id}"}, keep: [{why: y}]}`, "change.keep: without fields"},
		{"a list that is none", `{` + read + `erase: {method: DELETE, path: "/r/{id}"}, with: [x]}`, "change.with: there is no list x"},
		{"a field that is not sent", `{` + read + `rectify: {method: PATCH, path: "/r/{id}", fields: [mail], body: '{}'}}`, "change.rectify: mail is withheld"},
		{"a mark that nobody sees", `{` + read + `restrict: {set: {method: PUT, path: "/r/{id}"}, free: {method: DELETE, path: "/r/{id}"}}}`, "change.restrict: needs set and free"},
		{"a mark that stays", `{` + read + `restrict: {set: {method: PUT, path: "/r/{id}", leaves: {b: 1}}, free: {method: PUT, path: "/r/{id}", leaves: {b: 1}}}}`, "change.restrict: b must be shown"},
		{"a version to correct", `{` + read + `rectify: {method: PATCH, path: "/r/{id}", fields: [v], body: '{"v": "{v}"}'}}` + "\n      fields: {v: {volatile: true}}", "change.rectify: v is volatile"},
		{"a status that is none", `{` + read + `answers: {200: differs}}`, "change.answers: must say"},
		{"a state that is none", `{` + read + `answers: {409: changed}}`, "change.answers: must say"},
		{"a version that is none", `{` + read + `if_match: "a.*"}`, "change.if_match: must be"},
		{"an unknown key", `{` + read + `delete: x}`, "unknown key"},
	} {
		err := Kind{}.Check(changing(t, "http://127.0.0.1", c.change))
		if err == nil || !strings.Contains(err.Error(), c.want) || !errors.Is(err, connector.ErrConfig) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
	entry := strings.Replace(changeFile(declaredChanges), "erase: {method: DELETE, path: \"/api/v1/suppliers/{id}/contacts/{contacts.id}\"}", "erase: {method: DELETE, path: \"/api/v1/suppliers/{id}\"}", 1)
	if err := (Kind{}).Check(parseChanging(t, entry, "http://127.0.0.1")); err == nil || !strings.Contains(err.Error(), "from its neighbours") {
		t.Errorf("a firm for a contact: got %v", err)
	}
	same := strings.NewReplacer("auth: bearer", "auth: basic\n  user: u\n  change_user: u", "token: {env: TOKEN}", "password: {env: TOKEN}", "change_token", "change_password").Replace(changeFile(declaredChanges))
	if err := (Kind{}).Check(parseChanging(t, same, "http://127.0.0.1")); err == nil || !strings.Contains(err.Error(), "change_user: must be another account") {
		t.Errorf("one account for both: got %v", err)
	}
}

// FuzzFilling: whatever a record says, a template that is JSON stays JSON of the
// same shape.
func FuzzFilling(f *testing.F) {
	f.Add(`{"a":"{mail}","b":["x-{id}",{"c":"{id}"}]}`, `{"id":7,"mail":"x\",\"y\":1"}`, `7","z":"`)
	f.Add(`"{mail}"`, `{"mail":{"a":[1,null]}}`, "{mail}")
	f.Add(`{"{id}":"{above.id}"}`, `[]`, "\xff")
	f.Fuzz(func(t *testing.T, template, record, id string) {
		if !gjson.Valid(template) || !gjson.Valid(record) {
			return
		}
		fill := filling{names: map[string]string{"id": id, "above.id": id}, record: gjson.Parse(record)}
		body := fill.body(template)
		if body != "" && !gjson.Valid(body) {
			t.Fatalf("got no JSON: %q", body)
		}
		if was, is := members(gjson.Parse(template)), members(gjson.Parse(body)); was > is {
			t.Errorf("got %d members, want %d", is, was)
		}
		next, there := replace(gjson.Parse(record), "mail.0", `"x"`)
		if !gjson.Valid(next) || there && gjson.Parse(next).Get("mail").Raw == gjson.Parse(record).Get("mail").Raw && gjson.Get(record, "mail.0").Raw != `"x"` {
			t.Errorf("got %q", next)
		}
	})
}

func members(v gjson.Result) (n int) {
	v.ForEach(func(_, one gjson.Result) bool {
		if n++; one.IsObject() || one.IsArray() {
			n += members(one)
		}
		return true
	})
	return n
}
