package citizen

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"einsicht/internal/casefile"
	"einsicht/internal/law"
	"einsicht/internal/person"
)

var club = casefile.Controller{ID: "verein", Name: "Beispielverein e. V."}

var takeAlong = url.Values{"rights": {"portability"}}

func TestWhereTheDataGoIsAskedShownAndKept(t *testing.T) {
	for name, c := range map[string]struct {
		detail url.Values
		shown  string
		want   casefile.Direct
	}{
		"nothing chosen":                   {nil, "Ich nehme sie selbst mit", casefile.Direct{}},
		"one of those listed":              {url.Values{"direct": {"to-verein"}}, "Direkt an: Beispielverein e. V.", casefile.Direct{Listed: club}},
		"another":                          {url.Values{"direct": {"other"}, "direct-other": {"Turnverein Köln"}}, "Direkt an: Turnverein Köln", casefile.Direct{Other: person.NewText("Turnverein Köln")}},
		"one of those listed, by its name": {url.Values{"direct": {"other"}, "direct-other": {"beispielverein e. v."}}, "Direkt an: Beispielverein e. V.", casefile.Direct{Listed: club}},
		"nobody else":                      {url.Values{"direct": {"self"}}, "Ich nehme sie selbst mit", casefile.Direct{}},
	} {
		t.Run(name, func(t *testing.T) {
			behind := newTown()
			behind.controllers = []casefile.Controller{club}
			b := open(t, behind).Browser(t)
			page := b.Get("/stk-nrw/antrag")
			for _, typed := range []url.Values{takeAlong, c.detail, whom, details, portal} {
				page = b.Submit(fill(page.Form(""), typed))
			}
			if !strings.Contains(page.Text(), c.shown) {
				t.Errorf("the last step does not show %q: %s", c.shown, page.Text())
			}
			b.Submit(page.Form(""))
			if got := behind.sent[behind.order[0]].Request.Direct; got.Listed != c.want.Listed || got.Other.Reveal() != c.want.Other.Reveal() {
				t.Errorf("got %q and %q, want %q and %q", got.Listed.Name, got.Other.Reveal(), c.want.Listed.Name, c.want.Other.Reveal())
			}
		})
	}
}

func TestWhoIsNotClearWhereTheDataGoIsAskedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		detail url.Values
		want   string
	}{
		"another without its name":   {url.Values{"direct": {"other"}}, "Geben Sie Name und Ort der Stelle an"},
		"a name without the choice":  {url.Values{"direct": {"self"}, "direct-other": {"Turnverein Köln"}}, "Sie haben unten eine andere Stelle genannt"},
		"a name and one of the list": {url.Values{"direct": {"to-verein"}, "direct-other": {"Turnverein Köln"}}, "Sie haben unten eine andere Stelle genannt"},
		"one that is not listed":     {url.Values{"direct": {"to-nobody"}}, "steht nicht mehr zur Auswahl"},
		"a name that is too long":    {url.Values{"direct": {"other"}, "direct-other": {strings.Repeat("ä", areaLimit+1)}}, "Das ist zu lang"},
	} {
		t.Run(name, func(t *testing.T) {
			behind := newTown()
			behind.controllers = []casefile.Controller{club}
			b := open(t, behind).Browser(t)
			page := b.Submit(fill(b.Get("/stk-nrw/antrag").Form(""), takeAlong))
			page = b.Submit(fill(page.Form(""), c.detail))
			if page.Status != http.StatusUnprocessableEntity || !strings.Contains(page.Text(), c.want) {
				t.Fatalf("got %d, want %q: %s", page.Status, c.want, page.Text())
			}
			if got, want := page.Form("").Values.Get("direct-other"), c.detail.Get("direct-other"); got != want {
				t.Errorf("typed: got %q, want %q", got, want)
			}
		})
	}
}

// TestNobodyIsOfferedWhatIsNotThere: without a list, and to those who want something
// else, and of what is sent all the same nothing is kept.
func TestNobodyIsOfferedWhatIsNotThere(t *testing.T) {
	behind := newTown()
	b := open(t, behind).Browser(t)
	page := b.Submit(fill(b.Get("/stk-nrw/antrag").Form(""), takeAlong))
	if strings.Contains(string(page.Body), `name="direct"`) || !strings.Contains(page.Text(), "nennen Sie die Stelle") {
		t.Errorf("nobody is listed, and it is offered, or nothing says what to do: %s", page.Text())
	}
	for _, typed := range []url.Values{{"direct": {"other"}, "direct-other": {"Turnverein Köln"}}, whom, details, portal, nil} {
		page = b.Submit(fill(page.Form(""), typed))
	}
	if got := behind.sent[behind.order[0]].Request.Direct; got.Listed.ID != "" || !got.Other.IsBlank() {
		t.Errorf("got %q, want nothing kept of what nobody was asked", got.Other.Reveal())
	}

	behind = newTown()
	behind.controllers = []casefile.Controller{club}
	b = open(t, behind).Browser(t)
	page = b.Submit(fill(b.Get("/stk-nrw/antrag").Form(""), url.Values{"rights": {"erasure"}}))
	if strings.Contains(page.Text(), club.Name) {
		t.Error("offered to somebody who takes nothing along")
	}
}

func TestOnesOwnCaseSaysWhereTheDataGo(t *testing.T) {
	behind := newTown()
	behind.own.Rights = []casefile.Right{{Right: law.Portability}}
	behind.own.Request.Direct.Listed = club
	page := inside(t, open(t, behind)).Get("/stk-nrw/vorgang")
	if !strings.Contains(page.Text(), "Direkt an: Beispielverein e. V.") {
		t.Errorf("the case does not say it: %s", page.Text())
	}
}
