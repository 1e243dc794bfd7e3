package citizen

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"einsicht/internal/casefile"
	"einsicht/internal/law"
	"einsicht/internal/person"
	"einsicht/internal/web/webtest"
)

func TestEveryPageSpeaksBothLanguagesAndFitsTogether(t *testing.T) {
	behind := newTown()
	behind.own = ownCase(casefile.Ready)
	behind.own.WantsCode = true
	p := open(t, behind)
	for lang, heading := range map[string]string{"de": "Ihre Daten, Ihre Rechte", "en": "Your data, your rights"} {
		b := inside(t, p)
		var pages []*webtest.Page
		page := b.Get("/stk-nrw?lang=" + lang)
		if got := page.TextOf("h1"); got != heading {
			t.Errorf("%s: got %q, want %q", lang, got, heading)
		}
		for _, path := range []string{"", "/impressum", "/datenschutz", "/barrierefreiheit", "/antrag", "/antrag/bestaetigung", "/vorgang"} {
			for _, a := range []string{"/stk-nrw", "/nlq"} {
				if got := b.Get(a + path); got.Status == http.StatusOK {
					pages = append(pages, got)
				} else if a == "/stk-nrw" {
					t.Errorf("%s: got %d", a+path, got.Status)
				}
			}
		}
		for _, state := range casefile.States {
			behind.own.Case.State = state
			pages = append(pages, b.Get("/stk-nrw/vorgang"))
		}
		step := b.Get("/stk-nrw/antrag")
		all := url.Values{}
		for _, r := range law.Rights {
			all.Add("rights", string(r))
		}
		for _, typed := range []url.Values{all, detail, whom, details, portal, nil} {
			pages = append(pages, step)
			step = b.Submit(fill(step.Form(""), typed))
		}
		pages = append(pages, b.Follow(step), p.Browser(t).Get("/stk-nrw/stand?lang="+lang))
		for _, page := range pages {
			if i := strings.Index(page.Text(), "[citizen."); i >= 0 {
				t.Errorf("%s %s: a sentence is missing: %.60s", lang, page.Path, page.Text()[i:])
			}
			if strings.Contains(string(page.Body), person.Placeholder) || strings.Contains(string(page.Body), "%!") {
				t.Errorf("%s %s: a value was lost", lang, page.Path)
			}
			checkIDs(t, page)
		}
	}
}

func TestAnAuthorityThatIsNotHereHasNoPages(t *testing.T) {
	p := open(t, newTown())
	for _, r := range p.App.Routes() {
		if r.Method != http.MethodGet || !strings.HasPrefix(r.Path, "/:authority") || r.Auth != "public" {
			continue
		}
		if page := p.Browser(t).Get(strings.Replace(r.Path, ":authority", "nirgendwo", 1)); page.Status != http.StatusNotFound {
			t.Errorf("%s: got %d, want 404", r.Path, page.Status)
		}
	}
}

func TestNothingTypedLeavesTheSealedPage(t *testing.T) {
	behind := newTown()
	p := open(t, behind)
	b := p.Browser(t)
	b.Submit(walk(t, b).Form(""))
	if !strings.Contains(kept(p), behind.receipts[behind.order[0]].FileNumber) {
		t.Fatal("sessions are not looked into: this test finds nothing")
	}
	for _, typed := range []string{"Mustermann", "erika@example.org", "Heidestra", "erika64"} {
		if strings.Contains(p.Log.String(), typed) || strings.Contains(kept(p), typed) {
			t.Errorf("%s stands in the log or a session", typed)
		}
	}
	if strings.Contains(walk(t, b).Path, "Mustermann") || strings.Contains(p.Log.String(), "state=") {
		t.Error("an address holds what was typed")
	}
}

func textByID(page *webtest.Page, id string) string {
	for n := range page.Doc.Descendants() {
		for _, a := range n.Attr {
			if a.Key == "id" && a.Val == id {
				var b strings.Builder
				for d := range n.Descendants() {
					if d.Type == html.TextNode {
						b.WriteString(d.Data)
					}
				}
				return b.String()
			}
		}
	}
	return ""
}

func idExists(page *webtest.Page, id string) bool {
	return strings.Contains(string(page.Body), ` id="`+id+`"`)
}

func checkIDs(t *testing.T, page *webtest.Page) {
	t.Helper()
	ids, h1 := map[string]int{}, 0
	var references []string
	for n := range page.Doc.Descendants() {
		if n.Type == html.ElementNode && n.Data == "h1" {
			h1++
		}
		for _, a := range n.Attr {
			switch {
			case a.Key == "id":
				ids[a.Val]++
			case slices.Contains([]string{"for", "aria-describedby", "aria-labelledby"}, a.Key):
				references = append(references, strings.Fields(a.Val)...)
			case a.Key == "href" && strings.HasPrefix(a.Val, "#"):
				references = append(references, a.Val[1:])
			}
		}
	}
	for id, n := range ids {
		if n > 1 {
			t.Errorf("%s: id %q stands %d times", page.Path, id, n)
		}
	}
	for _, ref := range references {
		if ids[ref] == 0 {
			t.Errorf("%s: something refers to %q, which is not there", page.Path, ref)
		}
	}
	if h1 != 1 {
		t.Errorf("%s: %d h1, want 1", page.Path, h1)
	}
}
