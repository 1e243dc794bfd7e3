package rest

import (
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
)

func TestLinks(t *testing.T) {
	for _, c := range []struct{ name, header, want string }{
		{"one", `<https://a/b?page=2>; rel="next"`, "https://a/b?page=2"},
		{"not quoted, other case", `<x>;REL=Next`, "x"},
		{"several relations", `<x>; rel="last next"`, "x"},
		{"the second", `<a>; rel=prev, <b>; rel=next`, "b"},
		{"commas and brackets in a title", `<a>; title="x, <y>; rel=\"next\""; rel=prev, <b>; rel=next`, "b"},
		{"a comma in the address", `<a,b>; rel=next`, "a,b"},
		{"the first rel counts", `<a>; rel=prev; rel=next`, ""},
		{"about something else", `<a>; rel=next; anchor="/other"`, ""},
		{"a word that only looks like it", `<a>; rel=nextone`, ""},
		{"none", ``, ""},
		{"never closed", `<a; rel=next`, ""},
		{"a quote never closed", `<a>; rel="next`, "a"},
		{"only signs", `<>;=;,"`, ""},
	} {
		if got := nextLink([]string{c.header}); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func FuzzLink(f *testing.F) {
	f.Add(`<a>; rel="next", <b>; title="x, <y>"; rel=prev`)
	f.Add(`<>;=;,"\`)
	f.Fuzz(func(t *testing.T, s string) {
		if got := nextLink([]string{s}); got != "" && !strings.Contains(s, got) {
			t.Errorf("got %q, which does not stand there", got)
		}
	})
}

// FuzzRecord reads a page by a declaration: no crash, no value of a field that
// is withheld, no record of somebody else.
func FuzzRecord(f *testing.F) {
	f.Add([]byte(`{"items":[{"id":1,"mail":"erika@example.org","secret":{"a":"xyzzy"},"people":[{"id":2}]}]}`), "items", "id", "mail", "people")
	f.Add([]byte(`{"items":[{"id":[1],"mail":[["x"],{"a":null}],"secret":["xyzzy"]}]}`), "items", "id", "mail", "")
	f.Add([]byte(`{"a":{"b":{"":{"id":"\ud800","mail":1e400}}}}`), "a.b", "id", "id.#.x", "id")
	f.Fuzz(func(t *testing.T, body []byte, records, key, mail, each string) {
		r := resource{Name: "r", Path: "/r", Records: records, Key: []string{key}, Each: each, Match: map[string][]string{"email": {mail}},
			Fields: map[string]field{"secret": {Withhold: true}}, Hints: []hint{{Kind: "ip+time", Paths: []string{key, mail}}}}
		c, err := connector.ParseConnection("f.yaml", []byte("system: s\nkind: rest\nmatch: [{by: [email]}]\nrest: {}"))
		if err != nil {
			t.Fatal(err)
		}
		if r.checkMatch(c, "", nil) != nil || r.checkPaths(c, "", nil) != nil || !gjson.ValidBytes(body) {
			return
		}
		p, err := r.read(body)
		if err != nil {
			return
		}
		q := connectortest.Erika.Query()
		w, err := c.Whose(q)
		if err != nil {
			t.Fatal(err)
		}
		p.each(func(entry gjson.Result) bool {
			r.records(entry, nil, func(rec record, err error) bool {
				if err != nil {
					return true
				}
				values, _ := rec.values()
				w.Leads(values)
				rec.hints(connector.NewRecall(w, q), "s", time.UTC)
				fields, _ := rec.leaves()
				for _, one := range fields {
					if one.Withheld && !one.Value.IsZero() || strings.HasPrefix(one.Name, "secret") && !one.Withheld {
						t.Errorf("%s: a value leaves the house", one.Name)
					}
				}
				return true
			})
			return true
		})
	})
}
