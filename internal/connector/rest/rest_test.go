package rest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/connector/httpapi/httpserver"
	"einsicht/internal/person"
)

func TestConformance(t *testing.T) { connectortest.Run(t, fresh) }

// found is what one question gave.
type found struct {
	all     []connector.Finding
	cursors []connector.Cursor
	answer  connector.Answer
	err     error
}

func (f found) refs() []string {
	var refs []string
	for _, one := range f.all {
		refs = append(refs, one.Reference)
	}
	return refs
}

// ask asks a system that answers with the handler, declared by the resources.
func ask(t *testing.T, handler http.HandlerFunc, resources string, q connector.Query, from connector.Cursor) (f found) {
	t.Helper()
	s, err := httpserver.Start(handler)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	return askAt(t, s.URL(), resources, q, from)
}

func askAt(t *testing.T, url, resources string, q connector.Query, from connector.Cursor) (f found) {
	t.Helper()
	c, err := Kind{}.Open(t.Context(), parse(t, declared(resources), url))
	if err != nil {
		return found{err: err}
	}
	defer c.Close()
	f.answer, f.err = c.Find(t.Context(), q, from, func(one connector.Finding, at connector.Cursor) error {
		f.all, f.cursors = append(f.all, one), append(f.cursors, slices.Clone(at))
		return nil
	})
	if f.err != nil && strings.Contains(f.err.Error(), "erika") {
		t.Errorf("an error quotes a value: %v", f.err)
	}
	return f
}

func declared(resources string) string {
	return "system: s\nkind: rest\nmatch:\n  - {by: [email]}\n  - {by: [phone]}\n  - {by: [name, birthdate]}\nrest:\n  url: URL\n  resources:\n" + resources
}

func query(pairs ...string) (q connector.Query) {
	for i := 0; i < len(pairs); i += 2 {
		q.Identifiers = append(q.Identifiers, person.Identifier{
			ID: uuid.New(), Kind: person.IdentifierKind(pairs[i]), Value: person.NewText(pairs[i+1]), Verified: true,
		})
	}
	return q
}

const erika = "erika@example.org"

func says(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) }
}

const plain = "    - {name: people, path: /people, records: items, key: [id], match: {email: [mail]}}\n"

func TestTwoContactsOfAFirmAreTwoPeople(t *testing.T) {
	h := newHarness(t)
	h.Plant(t, connectortest.Erika, 1)
	h.add(t, suppliers, map[string]any{"id": 9, "firm": "Bau GmbH", "referees": []string{"Frau Zeuge"}, "contacts": []any{
		contact(1, connectortest.Erika), contact(2, connectortest.OtherErika), contact(3, stranger)}})
	c, err := Kind{}.Open(t.Context(), h.connection)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, x := range []struct {
		who  connectortest.Person
		want string
	}{{connectortest.Erika, "contacts/9/1"}, {connectortest.OtherErika, "contacts/9/2"}} {
		var got []string
		_, err := c.Find(t.Context(), x.who.Query(), nil, func(f connector.Finding, _ connector.Cursor) error {
			if !strings.HasPrefix(f.Reference, "contacts/9/") || f.Confidence == connector.Check {
				return nil
			}
			got = append(got, f.Reference)
			values := map[string]connector.Field{}
			for _, field := range f.Fields {
				values[field.Name] = field
			}
			if values["contacts.mail"].Value.Reveal() != x.who.Email || values["firm"].Value.Reveal() != "Bau GmbH" || values["firm"].Label != "Firma" {
				t.Errorf("%s: got not the contact's own values with those of the firm", f.Reference)
			}
			if key := values["contacts.api_key"]; !key.Withheld || !key.Value.IsZero() {
				t.Errorf("%s: a key leaves the house", f.Reference)
			}
			if others := values["referees"]; !others.ThirdParty || others.Value.Reveal() != "Frau Zeuge" {
				t.Errorf("%s: others are not marked", f.Reference)
			}
			if !values["id"].Unmapped || values["contacts.born"].Unmapped || values["contacts.born"].Category != "Person" {
				t.Errorf("%s: got a field nobody declared as declared, or the other way round", f.Reference)
			}
			return nil
		})
		if err != nil || !slices.Equal(got, []string{x.want}) {
			t.Errorf("got %q and %v, want %q", got, err, x.want)
		}
	}
}

func TestEveryValueOfARecordIsShown(t *testing.T) {
	const body = `{"items":[{"id":12345678901234567890,"mail":"Erika <erika@EXAMPLE.org>","on":true,"none":null,"empty":{},"list":[],"tags":["a","b"],
		"deep":{"a":{"b":[{"c":1.50},{"c":2}]}},"secret":{"hash":"x"},"codes":["1","2"],"when":1762164000,"a.b":"dot"}]}`
	const resources = `    - name: people
      path: /people
      records: $.items
      key: [id]
      at: when
      match: {email: [mail]}
      fields: {secret: {withhold: true}, codes: {withhold: true}, deep.a: {label: Tief}, "deep.a.b.#.c": {label: Tiefer}}
      hints: [{kind: ip+time, paths: [tags, when]}]
`
	f := ask(t, says(body), resources, query("email", erika), nil)
	if f.err != nil || len(f.all) != 1 || f.answer.Partial() {
		t.Fatalf("got %d records and %v, want 1", len(f.all), f.err)
	}
	var got []string
	for _, x := range f.all[0].Fields {
		got = append(got, fmt.Sprintf("%s=%s %s%v%v", x.Name, x.Value.Reveal(), x.Label, x.Withheld, x.Unmapped))
	}
	want := []string{
		"id=12345678901234567890 falsetrue", "mail=Erika <erika@EXAMPLE.org> falsetrue", "on=true falsetrue", "none= falsetrue", "empty= falsetrue",
		"list= falsetrue", "tags=a, b falsetrue", "deep.a.b.0.c=1.50 Tieferfalsefalse", "deep.a.b.1.c=2 Tieferfalsefalse",
		"secret= truefalse", "codes= truefalse", "when=1762164000 falsetrue", "a.b=dot falsetrue",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%q, want\n%q", got, want)
	}
	if at := f.all[0].Origin.At; !at.Equal(time.Unix(1762164000, 0)) || f.all[0].Reference != "people/12345678901234567890" {
		t.Errorf("got %v and %q", at, f.all[0].Reference)
	}
}

func TestPeopleOfOneRecordAreNotMixed(t *testing.T) {
	const resources = "    - {name: people, path: /people, key: [id], match: {email: [mails], name: [names], birthdate: [born]}}\n"
	f := ask(t, says(`[{"id":1,"names":["Erika Mustermann","Karl Fremd"],"born":["1950-01-01","1964-08-12"],"mails":"x@example.org"}]`), resources,
		query("name", "Erika Mustermann", "birthdate", "1964-08-12"), nil)
	if len(f.all) != 1 || f.all[0].Confidence != connector.Check {
		t.Errorf("got %d records, want one to be checked: the birth date may be the other's", len(f.all))
	}
	f = ask(t, says(`[{"id":1,"names":["Erika Mustermann"],"born":"1964-08-12","mails":["x@example.org","erika@example.org"]}]`), resources,
		query("name", "Erika Mustermann", "birthdate", "1964-08-12"), nil)
	if len(f.all) != 1 || f.all[0].Confidence != connector.Sure {
		t.Errorf("got %d records, want one that is sure", len(f.all))
	}
}

func TestANameAloneDoesNotMakeAMixedRecordSure(t *testing.T) {
	file := strings.Replace(declared("    - {name: people, path: /people, key: [id], match: {name: [names], birthdate: [born]}}\n"),
		"match:\n", "match:\n  - {by: [name], confidence: check}\n", 1)
	s, err := httpserver.Start(says(`[{"id":1,"names":["Erika Mustermann","Karl Fremd"],"born":["1950-01-01","1964-08-12"]}]`))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c, err := Kind{}.Open(t.Context(), parse(t, file, s.URL()))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	n := 0
	_, err = c.Find(t.Context(), query("name", "Erika Mustermann", "birthdate", "1964-08-12"), nil, func(f connector.Finding, _ connector.Cursor) error {
		if n++; f.Confidence != connector.Check {
			t.Errorf("got %s, want check: the birth date may be the other's", f.Confidence)
		}
		return nil
	})
	if err != nil || n != 1 {
		t.Errorf("got %d records and %v, want 1", n, err)
	}
}

func TestAListThatEndsWithoutAWord(t *testing.T) {
	page := func(n int, more string) string {
		var items []string
		for i := range n {
			items = append(items, fmt.Sprintf(`{"id":%d,"mail":"x@example.org"}`, i))
		}
		return `{"items":[` + strings.Join(items, ",") + "]" + more + "}"
	}
	for _, c := range []struct {
		name, paging, body string
		gap                bool
	}{
		{"a misspelt token", "{by: cursor, next: meta.nxt}", page(3, `,"meta":{"next":"a"}`), true},
		{"a misspelt address", "{by: next, next: nxt}", page(3, `,"next":"/people?page=2"`), true},
		{"no Link header", "{by: link}", page(3, ""), true},
		{"a full page", "{by: cursor, next: nxt, size: limit, count: 3}", page(3, ""), true},
		{"a page that is not full", "{by: cursor, next: nxt, size: limit, count: 3}", page(2, ""), false},
		{"a page without records", "{by: cursor, next: nxt}", page(0, ""), false},
		{"a token that says no", "{by: cursor, next: next}", page(3, `,"next":null`), false},
		{"a false one", "{by: cursor, next: next}", page(3, `,"next":false`), false},
		{"a full page with a token that says no", "{by: cursor, next: next, size: limit, count: 3}", page(3, `,"next":""`), false},
	} {
		f := ask(t, says(c.body), strings.Replace(plain, "key:", "paging: "+c.paging+", key:", 1), query("email", erika), nil)
		var want []connector.Gap
		if c.gap {
			want = []connector.Gap{{Place: "people", Reason: "connector.gap.paging", Count: 1}}
		}
		if f.err != nil || !slices.Equal(f.answer.Gaps, want) {
			t.Errorf("%s: got gaps %v and %v, want %v", c.name, f.answer.Gaps, f.err, want)
		}
	}
}

func TestFieldsOfARecordHaveTheirOwnNames(t *testing.T) {
	f := ask(t, says(`{"items":[{"id":1,"mail":"`+erika+`","a":{"b":1},"a.b":2,"n":1,"n":2,"":3}]}`), plain, query("email", erika), nil)
	if len(f.all) != 1 {
		t.Fatalf("got %d records and %v, want 1", len(f.all), f.err)
	}
	var got []string
	for _, x := range f.all[0].Fields {
		got = append(got, x.Name)
	}
	if want := []string{"id", "mail", "a.b", "a.b_2", "n", "n_2", "?"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// listing answers with numbered records of erika, three a page, as f says.
func listing(n int, f func(w http.ResponseWriter, r *http.Request, items []string, i int)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		i := 0
		for _, name := range []string{"offset", "cursor", "page"} {
			if v := r.URL.Query().Get(name); v != "" {
				fmt.Sscan(v, &i)
				if name == "page" {
					i *= 3
				}
			}
		}
		var all []string
		for k := i; k < min(i+3, n); k++ {
			all = append(all, fmt.Sprintf(`{"id":%d,"mail":"%s"}`, k, erika))
		}
		f(w, r, all, i)
	}
}

func TestListsGoOn(t *testing.T) {
	write := func(w http.ResponseWriter, items []string, more string) {
		fmt.Fprintf(w, `{"items":[%s]%s}`, strings.Join(items, ","), more)
	}
	for _, c := range []struct {
		name, paging string
		answer       http.HandlerFunc
		want         int
		gap          bool
		err          error
	}{
		{"one answer", "{}", listing(3, func(w http.ResponseWriter, _ *http.Request, items []string, _ int) { write(w, items, "") }), 3, false, nil},
		{"null is an empty list", "{}", says(`{"items":null}`), 0, false, nil},
		{"pages, counted from 0", "{by: page, first: 0}", listing(10, func(w http.ResponseWriter, _ *http.Request, items []string, _ int) { write(w, items, "") }), 10, false, nil},
		{"offsets of a server that gives fewer than asked", "{by: offset, size: limit, count: 100}", listing(10, func(w http.ResponseWriter, _ *http.Request, items []string, _ int) { write(w, items, "") }), 10, false, nil},
		{"tokens", "{by: cursor, next: meta.next}", listing(10, func(w http.ResponseWriter, _ *http.Request, items []string, i int) {
			write(w, items, map[bool]string{true: fmt.Sprintf(`,"meta":{"next":%d}`, i+3)}[i+3 < 10])
		}), 10, false, nil},
		{"links", "{by: link}", listing(10, func(w http.ResponseWriter, _ *http.Request, items []string, i int) {
			if i+3 < 10 {
				w.Header().Add("Link", `</people?page=0>; rel=first`)
				w.Header().Add("Link", fmt.Sprintf(`</x>; rel="prev"; title="a, <b>", </people?cursor=%d>; REL="last next"`, i+3))
			}
			write(w, items, "")
		}), 10, false, nil},
		{"addresses", "{by: next, next: next}", listing(10, func(w http.ResponseWriter, r *http.Request, items []string, i int) {
			next := fmt.Sprintf(`,"next":"http://%s/people?cursor=%d"`, r.Host, i+3)
			write(w, items, map[bool]string{true: next}[i+3 < 10])
		}), 10, false, nil},
		{"an address of another host", "{by: next, next: next}", listing(10, func(w http.ResponseWriter, _ *http.Request, items []string, _ int) {
			write(w, items, `,"next":"https://evil.example.org/people?cursor=3"`)
		}), 3, true, nil},
		{"the same token for ever", "{by: cursor, next: next}", listing(10, func(w http.ResponseWriter, _ *http.Request, items []string, _ int) { write(w, items, `,"next":"3"`) }), 6, false, connector.ErrBroken},
		{"tokens in a circle", "{by: cursor, next: next}", listing(100, func(w http.ResponseWriter, _ *http.Request, items []string, i int) {
			write(w, items, fmt.Sprintf(`,"next":"%d"`, (i+3)%9+1))
		}), -1, false, connector.ErrBroken},
		{"a list that does not count", "{by: page}", says(`{"items":[{"id":1,"mail":"` + erika + `"}]}`), -1, false, connector.ErrBroken},
		{"no list at all", "{}", says(`{"error":"none"}`), 0, false, connector.ErrBroken},
	} {
		t.Run(c.name, func(t *testing.T) {
			resources := strings.Replace(plain, "key:", "paging: "+c.paging+", key:", 1)
			f := ask(t, c.answer, resources, query("email", erika), nil)
			if !errors.Is(f.err, c.err) || c.want >= 0 && len(f.all) != c.want || f.answer.Partial() != c.gap {
				t.Errorf("got %d records, gaps %v and %v, want %d, %v and %v", len(f.all), f.answer.Gaps, f.err, c.want, c.gap, c.err)
			}
		})
	}
}

func TestBrokenAnswers(t *testing.T) {
	good := `{"id":1,"mail":"` + erika + `"}`
	big := `{"id":2,"mail":"` + erika + `","text":"` + strings.Repeat("x", 10<<20) + `"}`
	many := `{"id":3,"mail":"` + erika + `","list":[` + strings.Repeat("[1],", 6000) + `[1]]}`
	deep := `{"id":4,"mail":"` + erika + `","list":` + strings.Repeat(`{"a":`, 60) + "1" + strings.Repeat("}", 61)
	for _, c := range []struct {
		name, second string // the second page
		want         []string
		reason       string
		err          error
	}{
		{"nothing wrong", `{"items":[{"id":2}]}`, []string{"people/1"}, "", nil},
		{"a string of ten megabytes", `{"items":[` + big + `]}`, []string{"people/1", "people/2"}, "", nil},
		{"HTML", "<!doctype html>", []string{"people/1"}, "connector.gap.rest_page", nil},
		{"half of it", `{"items":[` + good, []string{"people/1"}, "connector.gap.rest_page", nil},
		{"another charset", "{\"items\":[{\"id\":2,\"mail\":\"M\xfcller\"}]}", []string{"people/1"}, "connector.gap.rest_page", nil},
		{"seventeen megabytes", `{"items":[` + big + "," + big + `]}`, []string{"people/1"}, "connector.gap.rest_page", nil},
		{"a record without its key", `{"items":[{"mail":"x"},{"id":2,"mail":"` + erika + `"}]}`, []string{"people/1", "people/2"}, "connector.gap.rest_record", nil},
		{"a record that is none", `{"items":["x",7,{"id":2,"mail":"` + erika + `"}]}`, []string{"people/1", "people/2"}, "connector.gap.rest_record", nil},
		{"too many values", `{"items":[` + many + `]}`, []string{"people/1"}, "connector.gap.rest_record", nil},
		{"too deep", `{"items":[` + deep + `]}`, []string{"people/1"}, "connector.gap.rest_record", nil},
		{"gone", "", []string{"people/1"}, "", connector.ErrUnreachable},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := ask(t, func(w http.ResponseWriter, r *http.Request) {
				switch r.URL.Query().Get("page") {
				case "1":
					fmt.Fprintf(w, `{"items":[%s]}`, good)
				case "2":
					if c.second == "" {
						w.Header().Set("Content-Length", "100")
						fmt.Fprint(w, `{"items":`)
						panic(http.ErrAbortHandler)
					}
					fmt.Fprint(w, c.second)
				default:
					fmt.Fprint(w, `{"items":[]}`)
				}
			}, strings.Replace(plain, "key:", "paging: {by: page}, key:", 1), query("email", erika), nil)
			if !slices.Equal(f.refs(), c.want) || !errors.Is(f.err, c.err) {
				t.Errorf("got %q and %v, want %q and %v", f.refs(), f.err, c.want, c.err)
			}
			if f.answer.Partial() != (c.reason != "") || f.answer.Partial() && (f.answer.Gaps[0].Reason != c.reason || f.answer.Gaps[0].Place != "people") {
				t.Errorf("got gaps %v, want %q", f.answer.Gaps, c.reason)
			}
		})
	}
}

func TestAKeyThatIsNotUniqueIsAGapAlsoWhereSeveralQuestionsAreAsked(t *testing.T) {
	s, err := httpserver.Start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("mail") != "" {
			fmt.Fprint(w, `{"items":[{"id":1,"mail":"erika@example.org","phone":"0211 8370199"},{"id":1,"mail":"erika@example.org","phone":"0221 1"}]}`)
			return
		}
		fmt.Fprint(w, `{"items":[{"id":1,"mail":"erika@example.org","phone":"0211 8370199"}]}`)
	}))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	resources := `    - {name: people, path: /people, search: {email: mail, phone: tel}, search_only: true, records: items, key: [id], match: {email: [mail], phone: [phone]}}` + "\n"
	f := askAt(t, s.URL(), resources, query("email", "erika@example.org", "phone", "0211/8370199"), nil)
	if want := []connector.Gap{{Place: "people", Reason: connector.GapKey, Count: 1}}; f.err != nil || len(f.all) != 1 || !slices.Equal(f.answer.Gaps, want) {
		t.Errorf("got %q, gaps %v and %v, want one record and %v", f.refs(), f.answer.Gaps, f.err, want)
	}
}

func TestSearchesAskForValuesAndTrustNoAnswer(t *testing.T) {
	people := map[string]string{
		"1": `{"id":1,"mail":"erika@example.org","phone":"0211 8370199"}`, // found by both
		"2": `{"id":2,"mail":"erika@example.org"}`,
		"3": `{"id":3,"phone":"+49 211 8370199"}`,
		"4": `{"id":4,"mail":"andere@example.org","phone":"0221 1"}`, // found by neither, but given
	}
	var asked []string
	handler := func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		asked = append(asked, r.URL.RawQuery)
		switch {
		case q.Get("mail") != "":
			fmt.Fprintf(w, `{"items":[%s,%s,%s]}`, people["1"], people["2"], people["4"])
		case strings.HasSuffix(q.Get("tel"), "2118370199"):
			fmt.Fprintf(w, `{"items":[%s,%s,%s]}`, people["1"], people["3"], people["4"])
		default:
			fmt.Fprintf(w, `{"items":[%s,%s,%s,%s]}`, people["1"], people["2"], people["3"], people["4"])
		}
	}
	s, err := httpserver.Start(http.HandlerFunc(handler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	resources := `    - {name: people, path: /people, search: {email: mail, phone: tel}, search_only: true, records: items, key: [id], match: {email: [mail], phone: [phone]}}` + "\n"
	q := query("email", "Erika+amt@Example.org", "phone", "0211/8370199")
	all := askAt(t, s.URL(), resources, q, nil)
	if want := []string{"people/1", "people/2", "people/3"}; all.err != nil || !slices.Equal(all.refs(), want) {
		t.Fatalf("got %q and %v, want %q, each once", all.refs(), all.err, want)
	}
	for i, at := range all.cursors {
		if rest := askAt(t, s.URL(), resources, q, at); !slices.Equal(rest.refs(), all.refs()[i+1:]) {
			t.Errorf("after record %d: got %q, want %q", i+1, rest.refs(), all.refs()[i+1:])
		}
	}
	if !slices.ContainsFunc(asked, func(s string) bool { return s == "mail=Erika%2Bamt%40Example.org" }) || !slices.Contains(asked, "mail=erika%40example.org") {
		t.Errorf("got questions %q, want the address as given and in its normal form", asked)
	}
	if slices.Contains(asked, "") {
		t.Error("a list was read that can only be searched")
	}
	// Who comes with a name only can't be searched for.
	if f := askAt(t, s.URL(), resources, query("name", "Erika", "birthdate", "1964-08-12"), nil); f.answer.Outcome != connector.Unattributable {
		t.Errorf("got %q, want %q", f.answer.Outcome, connector.Unattributable)
	}
	// Where there is a list too, it is read for those sets that no search serves.
	both := strings.Replace(resources, "search_only: true, ", "", 1)
	asked = nil
	if f := askAt(t, s.URL(), strings.Replace(both, "search: {email: mail, phone: tel}", "search: {email: mail}", 1), query("phone", "02118370199"), nil); len(f.all) != 2 || slices.ContainsFunc(asked, func(s string) bool { return s != "" }) {
		t.Errorf("got %q by %q, want two by the whole list", f.refs(), asked)
	}
}

func TestAPOSTThatOnlySearches(t *testing.T) {
	resources := `    - {name: people, path: /search, method: POST, read_only: true, body: '{"filter":{"mail":"{email}"},"n":1}', records: items, key: [id], match: {email: [mail]}}` + "\n"
	var got []string
	f := ask(t, func(w http.ResponseWriter, r *http.Request) {
		var body struct{ Filter struct{ Mail string } }
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil || r.Method != http.MethodPost {
			t.Errorf("got %s and %v", r.Method, err)
		}
		got = append(got, body.Filter.Mail)
		fmt.Fprint(w, `{"items":[{"id":1,"mail":"`+erika+`"}]}`)
	}, resources, query("email", `erika"},"x":{"@example.org`), nil)
	if len(got) > 1 || len(f.all) > 0 {
		t.Errorf("got %q and %d records: a value became part of the question", got, len(f.all))
	}
	for _, bad := range []string{"read_only: true, ", `"mail":"{email}"`, "method: POST, "} {
		if _, err := readMapping(parse(t, declared(strings.Replace(resources, bad, "", 1)), "https://x.example.org")); !errors.Is(err, connector.ErrConfig) {
			t.Errorf("without %s: got %v, want a refusal", bad, err)
		}
	}
}

func TestAValueInThePath(t *testing.T) {
	resources := `    - {name: accounts, path: "/accounts/{mail}", search: {email: mail}, key: [id], match: {email: [mail]}, children: [{name: sessions, path: "/accounts/{id}/sessions", key: [sid]}]}` + "\n"
	handler := func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/accounts/" + erika:
			fmt.Fprint(w, `{"id":"a/b","mail":"`+erika+`"}`)
		case "/accounts/a/b/sessions":
			fmt.Fprint(w, `[{"sid":"s1"},{"sid":"s2"}]`)
		default:
			http.NotFound(w, r)
		}
	}
	f := ask(t, handler, resources, query("email", "Erika+x@example.org"), nil)
	if want := []string{"accounts/a%2Fb", "accounts/a%2Fb/sessions/s1", "accounts/a%2Fb/sessions/s2"}; f.err != nil || !slices.Equal(f.refs(), want) {
		t.Errorf("got %q and %v, want %q", f.refs(), f.err, want)
	}
	if f := ask(t, handler, resources, query("email", "karl@example.org"), nil); f.err != nil || f.answer.Outcome != connector.Nothing || f.answer.Partial() {
		t.Errorf("got %q, %v and %v, want nothing", f.answer.Outcome, f.answer.Gaps, f.err)
	}
	f = ask(t, handler, strings.Replace(resources, "/sessions", "/sitzungen", 1), query("email", erika), nil)
	if !f.answer.Partial() || len(f.all) != 1 {
		t.Errorf("a list of a record that is not there: got %d records and no gap", len(f.all))
	}
}

func TestOpenSeesWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		want   error
	}{
		{"no such path", http.NotFound, connector.ErrConfig},
		{"wrong token", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) }, connector.ErrConfig},
		{"no records where they should be", says(`{"data":[]}`), connector.ErrBroken},
		{"in trouble", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(502) }, connector.ErrUnreachable},
	} {
		if f := ask(t, c.answer, plain, query("email", erika), nil); !errors.Is(f.err, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, f.err, c.want)
		}
	}
}

func TestAPathThatNoRecordKnowsIsNoPath(t *testing.T) {
	const two = "    - {name: people, path: /people, records: items, key: [id], match: {email: [mail], phone: [tel]}}\n"
	for _, c := range []struct{ name, resources, answer, want string }{
		{"every record has both", two, `{"items":[{"id":1,"mail":"x","tel":"1"}]}`, ""},
		{"another record has the second", two, `{"items":[{"id":1,"mail":"x"},{"id":2,"tel":"1"}]}`, ""},
		{"there is no value yet", two, `{"items":[{"id":1,"mail":null,"tel":null}]}`, ""},
		{"there are no records yet", two, `{"items":[]}`, ""},
		{"no record can be read", two, `{"items":[{"number":1}]}`, ""},
		{"misspelt", strings.Replace(two, "[tel]", "[telefon]", 1), `{"items":[{"id":1,"mail":"x","tel":"1"}]}`, "rest.yaml:10: rest.resources.0.match.phone: names a path that no record of the first page has"},
		{"may be missing", strings.Replace(two, "match:", "optional: [phone], match:", 1), `{"items":[{"id":1,"mail":"x"}]}`, ""},
		{"half of a name", strings.Replace(two, "phone: [tel]", "name: [first, lost]", 1), `{"items":[{"id":1,"mail":"x","first":"E","last":"M"}]}`, "rest.resources.0.match.name: names a path"},
		{"in a list", strings.Replace(two, "[tel]", `["tels.#.number"]`, 1), `{"items":[{"id":1,"mail":"x","tels":[{"number":"1"}]}]}`, ""},
		{"in a list of something else", strings.Replace(two, "[tel]", `["tels.#.number"]`, 1), `{"items":[{"id":1,"mail":"x","tels":[{"nr":"1"}]}]}`, "rest.resources.0.match.phone: names a path"},
		{"in a record of each", "    - {name: people, path: /people, records: items, each: c, key: [id], match: {email: [c.mail]}}\n", `{"items":[{"id":1,"c":[{"mail":"x"}]}]}`, ""},
	} {
		f := ask(t, says(c.answer), c.resources, query("email", erika, "phone", "+49211837001"), nil)
		if c.want == "" && f.err != nil || c.want != "" && (f.err == nil || !strings.Contains(f.err.Error(), c.want) || !errors.Is(f.err, connector.ErrConfig)) {
			t.Errorf("%s: got %v, want %q", c.name, f.err, c.want)
		}
	}
}

func TestTheFileIsChecked(t *testing.T) {
	for _, c := range []struct{ name, from, to, want string }{
		{"fine", "", "", ""},
		{"no resources", plain, "    []\n", "rest.resources: is missing"},
		{"a path with a query", "/people", `"/people?all=1"`, "rest.resources.0.path: must start with /"},
		{"a path that climbs", "/people", "/../people", "rest.resources.0.path: must start with /"},
		{"a name in the path from nowhere", "/people", `"/people/{x}"`, "rest.resources.0.path: names something in braces"},
		{"writing", "key:", "method: DELETE, key:", "rest.resources.0.method: must be GET"},
		{"a function of the library", "[mail]", `["@this|mail"]`, "rest.resources.0.match.email: must be names"},
		{"a wildcard", "[mail]", `["m*"]`, "rest.resources.0.match.email: must be names"},
		{"no key", "key: [id], ", "", "rest.resources.0.key: is missing"},
		{"an unknown kind", "{email: [mail]}", "{mail: [mail]}", "rest.resources.0.match"},
		{"search without match", "key:", "search: {phone: tel}, key:", "rest.resources.0.search.phone: needs"},
		{"several people, values that belong together", "{email: [mail]}", "{name: [\"c.#.name\"], birthdate: [\"c.#.born\"]}", "rest.resources.0.match.birthdate: a list of several people"},
		{"names of several people", "{email: [mail]}", "{email: [mail], name: [\"c.#.first\", \"c.#.last\"]}", "rest.resources.0.match.name: a list of several people"},
		{"paging nobody knows", "key:", "paging: {by: guess}, key:", "rest.resources.0.paging.by: must be"},
		{"tokens from nowhere", "key:", "paging: {by: cursor}, key:", "rest.resources.0.paging.next: is missing"},
		{"a key withheld", "key:", "fields: {id: {withhold: true}}, key:", "rest.resources.0.fields: a key can't be withheld"},
		{"optional and no match", "key:", "optional: [phone], key:", "rest.resources.0.optional.0: is no kind under match"},
		{"unknown key", "records:", "recordz:", "rest.resources.recordz: unknown key"},
		{"a match of a list of records that are searched", "match: {email: [mail]}", "search: {email: m}, match: {email: [mail]}, children: [{name: c, path: /c, key: [id], match: {email: [mail]}}]", "children.0.match: needs all records"},
	} {
		_, err := readMapping(parse(t, strings.Replace(declared(plain), c.from, c.to, 1), "https://api.example.org"))
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || !errors.Is(err, connector.ErrConfig)) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

func TestTimes(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	want := time.Date(2026, 11, 3, 11, 0, 0, 0, time.UTC)
	for _, s := range []string{"2026-11-03T11:00:00Z", "2026-11-03T12:00:00", "2026-11-03 12:00:00", "03.11.2026 12:00:00", "1793703600", "1793703600000"} {
		if got, ok := readTime(s, berlin); !ok || !got.Equal(want) {
			t.Errorf("%s: got %v, want %v", s, got, want)
		}
	}
	for _, s := range []string{"", "gestern", "0", "-1", "99999999999999999"} {
		if got, ok := readTime(s, berlin); ok || !got.IsZero() {
			t.Errorf("%s: got %v, want none", s, got)
		}
	}
}
