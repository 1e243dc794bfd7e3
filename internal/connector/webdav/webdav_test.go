package webdav

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/connector/webdav/webdavserver"
	"einsicht/internal/person"
	"einsicht/internal/wording"
)

func TestConformance(t *testing.T) { connectortest.Run(t, fresh) }

const small = `
system: databox
kind: webdav
timeout: 30s
match: [{by: [account]}, {by: [name]}]
webdav:
  url: %s
  roots: [/users/, /shared/]
  owner: {folders: ["/users/{account}/"], properties: [{namespace: "DAV:", name: owner, holds: account}], authors: true}
`

const homes = `
system: databox
kind: webdav
timeout: 30s
match: [{by: [account]}]
webdav: {url: "%s", roots: [/users/], owner: {folders: ["/users/{account}/"]}}
`

func serve(t *testing.T, o webdavserver.Options) *webdavserver.Server {
	t.Helper()
	s, err := webdavserver.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func erika() connector.Query {
	var q connector.Query
	for k, v := range map[person.IdentifierKind]string{person.Account: "erika", person.Name: "Erika Mustermann"} {
		q.Identifiers = append(q.Identifiers, person.Identifier{ID: uuid.New(), Kind: k, Value: person.NewText(v), Verified: true})
	}
	return q
}

func ask(t *testing.T, c connector.Connection, q connector.Query) (all []connector.Finding, a connector.Answer, err error) {
	t.Helper()
	if err := (Kind{}).Check(c); err != nil {
		t.Fatal(err)
	}
	share, err := Kind{}.Open(t.Context(), c)
	if err != nil {
		return nil, a, err
	}
	defer share.Close()
	a, err = share.Find(t.Context(), q, nil, func(f connector.Finding, _ connector.Cursor) error {
		all = append(all, f)
		return nil
	})
	return all, a, err
}

func references(all []connector.Finding) []string {
	var refs []string
	for _, f := range all {
		refs = append(refs, f.Reference)
	}
	return refs
}

func values(f connector.Finding, name string) []string {
	var some []string
	for _, field := range f.Fields {
		if strings.TrimRight(field.Name, "_0123456789") == name {
			v := field.Value.Reveal()
			if field.ThirdParty {
				v += " (third party)"
			}
			if field.Unmapped {
				v += " (unmapped)"
			}
			some = append(some, v)
		}
	}
	return some
}

func TestFilesOfOthersAreNotEvenLookedAt(t *testing.T) {
	s := serve(t, webdavserver.Options{
		Files: map[string]webdavserver.File{
			"/users/erika/a.txt": {Content: []byte("a")}, "/users/erika/tief/b.txt": {}, "/users/erikam/c.txt": {Content: []byte("c")},
			"/users/readme.txt": {Content: []byte("x")}, "/andere/erika/d.txt": {},
		},
		Forbidden: []string{"/users/erikam", "/andere"},
	})
	all, a, err := ask(t, parse(t, fmt.Sprintf(homes, s.URL())), erika())
	if want := []string{"users/erika/a.txt", "users/erika/tief/b.txt"}; err != nil || !slices.Equal(references(all), want) || a.Partial() {
		t.Errorf("got %q, gaps %v, %v, want %q", references(all), a.Gaps, err, want)
	}
	// The root alone, then three folders and one content; an empty file needs none.
	if got := s.Reads(); got != 5 {
		t.Errorf("got %d questions, want 5", got)
	}
	if s.Writes() != 0 {
		t.Errorf("got %d questions that would change something", s.Writes())
	}
}

func TestWhoseAFileIs(t *testing.T) {
	doc := document(t, "docProps/core.xml", `<c xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>Mustermann, Erika</dc:creator></c>`)
	s := serve(t, webdavserver.Options{Files: map[string]webdavserver.File{
		"/users/erika/eigen.txt":  {Owner: "Erika"},
		"/users/erika/ohne.txt":   {},
		"/users/erika/fremd.txt":  {Owner: "juergen"},
		"/users/juergen/ihre.txt": {Owner: "erika"},
		"/users/juergen/sein.txt": {Owner: "juergen"},
		"/shared/brief.docx":      {Content: doc, Owner: "juergen"},
		"/shared/brief.txt":       {Content: doc},
		"/shared/leer.docx":       {},
	}})
	all, a, err := ask(t, parse(t, fmt.Sprintf(small, s.URL())), erika())
	var got []string
	for _, f := range all {
		got = append(got, fmt.Sprintf("%s %s %q %d", f.Reference, f.Confidence, values(f, "file_owner"), len(f.Hints)))
	}
	want := []string{
		`users/erika/eigen.txt sure ["Erika"] 0`,
		`users/erika/fremd.txt check ["juergen (third party)"] 0`,
		`users/erika/ohne.txt sure [] 0`,
		`users/juergen/ihre.txt sure ["erika"] 0`,
		`shared/brief.docx check ["juergen (third party)"] 0`,
	}
	if err != nil || a.Partial() || !slices.Equal(got, want) {
		t.Errorf("got %v, gaps %v:\n%s\nwant\n%s", err, a.Gaps, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestAnotherMarkOfTheOwnerIsOffered(t *testing.T) {
	s := serve(t, webdavserver.Options{Files: map[string]webdavserver.File{"/users/erika@example.org/a.txt": {Owner: "erika"}}})
	text := strings.NewReplacer("{account}", "{email}", "by: [account]}", "by: [account]}, {by: [email]}", "authors: true", "authors: false", ", {by: [name]}", "").Replace(fmt.Sprintf(small, s.URL()))
	q := connector.Query{Identifiers: []person.Identifier{{ID: uuid.New(), Kind: person.Email, Value: person.NewText("erika@example.org"), Verified: true}}}
	// Nobody said the account: it might be somebody else's file in her folder.
	all, _, err := ask(t, parse(t, strings.Replace(text, ", /shared/", "", 1)), q)
	if err != nil || len(all) != 1 || all[0].Confidence != connector.Check || len(all[0].Hints) != 0 {
		t.Errorf("got %d files, %v, want one to be checked", len(all), err)
	}
}

func TestFoldersAreComparedInAnyComposition(t *testing.T) {
	s := serve(t, webdavserver.Options{Files: map[string]webdavserver.File{
		"/users/A\u0308mter von erika (alt)/a.txt": {}, "/users/\u00c4mter von erika (alt)/b.txt": {}, "/users/Ämter von erika/c.txt": {}, "/users/erika/d.txt": {},
	}})
	text := strings.Replace(fmt.Sprintf(homes, s.URL()), "{account}", "Ämter von {account} (alt)", 1)
	all, _, err := ask(t, parse(t, text), erika())
	if want := []string{"users/A%CC%88mter%20von%20erika%20%28alt%29/a.txt", "users/%C3%84mter%20von%20erika%20%28alt%29/b.txt"}; err != nil || !sameSet(references(all), want) {
		t.Errorf("got %q, %v, want %q", references(all), err, want)
	}
}

func sameSet(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

func TestLoopsAndWhatCanNotBeReadAreTold(t *testing.T) {
	large := make([]byte, maxContent+1)
	s := serve(t, webdavserver.Options{
		Files: map[string]webdavserver.File{
			"/users/erika/a.txt": {Content: []byte("a"), Modified: time.Unix(1, 0)}, "/users/erika/zu/b.txt": {Content: []byte("b")},
			"/users/erika/z.iso": {Content: large},
		},
		Forbidden: []string{"/users/erika/zu"},
		Links:     map[string]string{"/users/erika/im Kreis": "/users/erika", "/users/erika/rund": "/users"},
	})
	all, a, err := ask(t, parse(t, fmt.Sprintf(homes, s.URL())), erika())
	if err != nil {
		t.Fatal(err)
	}
	gaps := map[string]int{}
	for _, g := range a.Gaps {
		if gaps[g.Reason] += g.Count; g.Place != "/users/" {
			t.Errorf("got the gap at %q, want the root as the file has it", g.Place)
		}
		if !wording.Has(g.Reason) {
			t.Errorf("%s has no words", g.Reason)
		}
	}
	if gaps["connector.gap.loop"] < 2 || gaps["connector.gap.no_permission"] != 1 || len(gaps) != 2 {
		t.Errorf("got gaps %v, want two loops and a folder that may not be read", gaps)
	}
	if got := references(all); len(got) > 12 || got[0] != "users/erika/a.txt" || got[len(got)-1] != "users/erika/z.iso" {
		t.Errorf("got %q", got)
	}
	if files := all[len(all)-1].Files(); len(files) != 1 || files[0].Field.Body.Size != int64(len(large)) {
		t.Errorf("the large file: got %d files, want it whole", len(files))
	}
}

// canned answers with what stands for a path; "404" and the like are statuses.
func canned(t *testing.T, answers map[string]string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, ok := answers[r.Method+" "+r.URL.EscapedPath()+" "+r.Header.Get("Depth")]
		var status int
		if n, _ := fmt.Sscanf(text, "%3d", &status); n == 1 && len(text) == 3 {
			w.WriteHeader(status)
			return
		}
		if !ok {
			t.Errorf("asked for %s %s, which it should not know", r.Method, r.URL)
		}
		if r.Method == "PROPFIND" {
			w.WriteHeader(http.StatusMultiStatus)
		}
		fmt.Fprint(w, text)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func listing(entries ...string) string {
	return `<?xml version="1.0"?><multistatus xmlns="DAV:">` + strings.Join(entries, "") + `</multistatus>`
}

func folder(href string) string {
	return `<response><href>` + href + `</href><propstat><prop><resourcetype><collection/></resourcetype></prop><status>HTTP/1.1 200 OK</status></propstat></response>`
}

func file(href string) string {
	return `<response><href>` + href + `</href><propstat><prop><resourcetype/><getcontentlength>2</getcontentlength></prop><status>HTTP/1.1 200 OK</status></propstat></response>`
}

func TestBrokenAnswers(t *testing.T) {
	const home = "PROPFIND /users/erika/ 1"
	fine := listing(folder("/users/erika/"), file("/users/erika/a"))
	for _, c := range []struct {
		name string
		over map[string]string
		refs int
		gap  string
		err  error
	}{
		{"nothing wrong", nil, 1, "", nil},
		{"the root is gone", map[string]string{"PROPFIND /users/ 1": "404"}, 0, "", connector.ErrConfig},
		{"the root may not be read", map[string]string{"PROPFIND /users/ 1": "403"}, 0, "", connector.ErrConfig},
		{"no WebDAV", map[string]string{"PROPFIND /users/ 0": "405"}, 0, "", connector.ErrConfig},
		{"a page instead of a listing", map[string]string{"PROPFIND /users/ 1": "<!DOCTYPE html><p>Wartung"}, 0, "", connector.ErrBroken},
		{"the root's listing ends too soon", map[string]string{"PROPFIND /users/ 1": listing(folder("/users/"))[:60]}, 0, "", connector.ErrBroken},
		{"the server is overloaded", map[string]string{home: "503"}, 0, "", connector.ErrUnreachable},
		{"the password was changed", map[string]string{home: "401"}, 0, "", connector.ErrConfig},
		{"a folder went away", map[string]string{home: "404"}, 0, "connector.gap.vanished", nil},
		{"a folder may not be read", map[string]string{home: "403"}, 0, "connector.gap.no_permission", nil},
		{"a listing ends too soon", map[string]string{home: fine[:len(fine)-30]}, 0, "connector.gap.unreadable", nil},
		{"another charset", map[string]string{home: strings.Replace(fine, `"1.0"`, `"1.0" encoding="windows-1252"`, 1)}, 0, "connector.gap.unreadable", nil},
		{"an entry of ten megabytes", map[string]string{home: listing(strings.Replace(file("/users/erika/a"), "</prop>", "<getcontenttype>"+strings.Repeat("x", 10<<20)+"</getcontenttype></prop>", 1))}, 0, "connector.gap.unreadable", nil},
		{"an entry of another folder", map[string]string{home: listing(file("/users/erika/a"), file("/users/juergen/b"))}, 1, "connector.gap.unreadable", nil},
		{"an entry of another host", map[string]string{home: listing(file("/users/erika/a"), file("https://example.org/users/erika/b"))}, 1, "connector.gap.unreadable", nil},
		{"an entry that climbs", map[string]string{home: listing(file("/users/erika/a"), file("/users/erika/../b"), file("/users/erika/%2e%2e"))}, 1, "connector.gap.unreadable", nil},
		{"an entry with a bad escape", map[string]string{home: listing(file("/users/erika/a"), file("/users/erika/%zz"))}, 1, "connector.gap.unreadable", nil},
		{"an entry nobody may see", map[string]string{home: listing(file("/users/erika/a"), `<response><href>/users/erika/b</href><status>HTTP/1.1 403 Forbidden</status></response>`)}, 1, "connector.gap.no_permission", nil},
		{"a file went away", map[string]string{"GET /users/erika/a ": "404"}, 0, "connector.gap.vanished", nil},
		{"a file may not be read", map[string]string{"GET /users/erika/a ": "403"}, 1, "connector.gap.no_permission", nil},
		{"a slash within a name", map[string]string{home: listing(file("/users/erika/a%2Fb")), "GET /users/erika/a%2Fb ": "xx"}, 1, "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			answers := map[string]string{
				"PROPFIND /users/ 0": listing(folder("/users/")), "PROPFIND /users/ 1": listing(folder("/users/"), folder("/users/erika")),
				home: fine, "GET /users/erika/a ": "xx",
			}
			for k, v := range c.over {
				answers[k] = v
			}
			all, a, err := ask(t, parse(t, fmt.Sprintf(homes, canned(t, answers))), erika())
			if !errors.Is(err, c.err) || len(all) != c.refs {
				t.Errorf("got %d files and %v, want %d and %v", len(all), err, c.refs, c.err)
			}
			if a.Partial() != (c.gap != "") || a.Partial() && (a.Gaps[0].Reason != c.gap || len(a.Gaps) > 1) {
				t.Errorf("got gaps %v, want %q", a.Gaps, c.gap)
			}
			if c.gap != "" && !wording.Has(c.gap) {
				t.Errorf("%s has no words", c.gap)
			}
			if forbidden := c.name == "a file may not be read"; len(all) > 0 && (len(values(all[0], leftForbidden)) > 0) != forbidden {
				t.Errorf("got %d fields, want that the content is left: %v", len(all[0].Fields), forbidden)
			}
		})
	}
}

func TestASilentServerIsUnreachable(t *testing.T) {
	over := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusMultiStatus)
		fmt.Fprint(w, `<?xml version="1.0"?><multistatus xmlns="DAV:">`)
		w.(http.Flusher).Flush()
		<-over
	}))
	defer s.Close()
	defer close(over)
	_, _, err := ask(t, parse(t, strings.Replace(fmt.Sprintf(homes, s.URL), "30s", "200ms", 1)), erika())
	if !errors.Is(err, connector.ErrUnreachable) {
		t.Errorf("got %v, want %v", err, connector.ErrUnreachable)
	}
}

func TestToWaitForOnesTurnIsNoSilence(t *testing.T) {
	s := serve(t, webdavserver.Options{Files: map[string]webdavserver.File{"/users/erika/a.txt": {Content: []byte("a")}}})
	turns := 0
	c := parse(t, strings.Replace(fmt.Sprintf(homes, s.URL()), "30s", "1s", 1)).Paced(func(context.Context) error {
		if turns++; turns == 2 {
			time.Sleep(1100 * time.Millisecond) // longer than the system may say nothing
		}
		return nil
	})
	all, _, err := ask(t, c, erika())
	if err != nil || len(all) != 1 || int64(turns) != s.Reads() {
		t.Errorf("got %d files, %d turns for %d questions and %v, want the file", len(all), turns, s.Reads(), err)
	}
}

func TestSortingSpillsAndStaysTheSame(t *testing.T) {
	const n = 60_000
	for _, c := range []struct {
		name string
		held int64
		runs bool
	}{{"in memory", -1 << 40, false}, {"over the disk", maxHeld, true}} {
		t.Run(c.name, func(t *testing.T) {
			s := &sorted{budget: &budget{held: c.held}}
			for i := range n {
				if err := s.add(entry{Name: fmt.Sprintf("%06d", (i*7919)%n), Size: int64(i), Owners: []string{"x"}}); err != nil {
					t.Fatal(err)
				}
			}
			if (len(s.runs) > 1) != c.runs {
				t.Errorf("got %d runs", len(s.runs))
			}
			i := 0
			err := s.all(func(e entry) error {
				if e.Name != fmt.Sprintf("%06d", i) || e.Owners[0] != "x" {
					t.Fatalf("got %q as number %d", e.Name, i)
				}
				i++
				return nil
			})
			if err != nil || i != n {
				t.Errorf("got %d entries and %v, want %d", i, err, n)
			}
			if s.close(); s.budget.held != c.held {
				t.Errorf("got %d bytes held after the end, want %d", s.budget.held, c.held)
			}
		})
	}
}

func TestAnEntryComesBackFromTheDiskAsItWas(t *testing.T) {
	cet := time.FixedZone("", 3600)
	for _, e := range []entry{
		{Name: "a", Size: -1, Owners: []string{}},
		{Name: "Ä%20.txt", Dir: true, Size: 1 << 40, Status: 403, Type: "text/plain", ETag: `W/"x"`, Owners: []string{"", "erika"}, Modified: time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)},
		{Name: strings.Repeat("x", 300), Owners: []string{"a\x00b"}, Created: time.Date(1, 1, 2, 3, 4, 5, 6, cet), Modified: time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)},
	} {
		b := e.appendTo(nil)
		got, ok := readEntry(b)
		if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", e) || !ok || !got.Created.Equal(e.Created) || !got.Modified.Equal(e.Modified) {
			t.Errorf("got %+v, %v, want %+v", got, ok, e)
		}
		for n := range b {
			if cut, ok := readEntry(b[:n]); ok && len(cut.Owners) == len(e.Owners) {
				t.Errorf("%d of %d bytes are taken for the whole", n, len(b))
			}
		}
	}
}

func TestTheFileIsChecked(t *testing.T) {
	for _, c := range []struct{ name, from, to, want string }{
		{"in clear", `"%s"`, `"http://databox.example.org"`, "webdav.url: must start with https://"},
		{"no roots", `roots: [/users/],`, ``, "webdav.roots: is missing"},
		{"climbing root", `[/users/]`, `[/users/../x/]`, "webdav.roots.0: must be a folder below url"},
		{"root in a root", `[/users/]`, `[/users/, /users/x/]`, "lies within another root"},
		{"no owner", `, owner: {folders: ["/users/{account}/"]}`, ``, "webdav.owner: must name"},
		{"template without identifier", `/users/{account}/`, `/users/`, "webdav.owner.folders.0: names no identifier"},
		{"template of nobody", `/users/{account}/`, `/users/{konto}/`, "a folder holds one identifier"},
		{"template elsewhere", `/users/{account}/`, `/mail/{account}/`, "lies in none of the roots"},
		{"property without namespace", `{folders: ["/users/{account}/"]}`, `{properties: [{name: owner, holds: account}]}`, "namespace and name"},
		{"property that breaks out", `{folders: ["/users/{account}/"]}`, `{properties: [{namespace: "x\"/><y", name: owner, holds: account}]}`, "namespace and name"},
		{"match that nothing tells", `{by: [account]}`, `{by: [phone]}`, "nothing under owner tells the phone"},
		{"unknown key", `roots:`, `rots:`, "webdav.rots: unknown key"},
	} {
		text := strings.Replace(homes, c.from, c.to, 1)
		parsed, err := connector.ParseConnection("share.yaml", []byte(strings.Replace(text, "%s", "https://databox.example.org/dav/", 1)))
		if err == nil {
			err = Kind{}.Check(parsed)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}
