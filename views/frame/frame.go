// Package frame is what stands around every page: who speaks, where one is, how
// to get to imprint, privacy notice and accessibility statement, and in which
// language.
package frame

import (
	"einsicht/internal/wording"
	"einsicht/views/kern"
)

// Frame is a page without its content.
type Frame struct {
	Lang        wording.Lang
	Title       string // of the page, for the browser's tab; the h1 comes from the page
	Failed      bool   // a form came back with errors: the title starts with "Fehler: "
	Description string
	Authority   Authority   // zero for the portal as a whole
	Desk        bool        // staff: the whole width, their own navigation
	Nav         []kern.Link // of the desk, or of an authority
	Crumbs      []kern.Link
	Back        kern.Link
	Demo        bool   // the banner of a demonstration
	User        string // member of staff who is signed in
	SignOut     string // path of the form that signs out
	CSRF        string
	Path        string // of this page; the language switch leads to it
}

// Authority is who speaks: its name and the path of its start page ("/stk-nrw").
type Authority struct {
	Name string
	Path string
}

func (f Frame) text(key string, pairs ...string) string { return wording.Text(f.Lang, key, pairs...) }

// title follows the order page, authority, portal: the part that differs most
// comes first (WCAG 2.4.2).
func (f Frame) title() string {
	t := f.Title
	if f.Failed {
		t = f.text("frame.failed", "title", t)
	}
	if f.Authority.Name != "" {
		t += " – " + f.Authority.Name
	}
	if t == "" {
		return f.text("frame.portal")
	}
	return t + " – " + f.text("frame.portal")
}

// official never claims for a demonstration what only an authority may claim.
func (f Frame) official() string {
	switch {
	case f.Demo:
		return f.text("frame.demo.kopfzeile")
	case f.Authority.Name != "":
		return f.text("frame.official", "name", f.Authority.Name)
	}
	return f.text("frame.official.portal")
}

func (f Frame) home() string {
	if f.Authority.Path != "" {
		return f.Authority.Path
	}
	return "/"
}

// legal lists what the law wants on every page: § 5 DDG, Art. 13 GDPR, § 10a
// BGG NRW and § 9c NBGG.
func (f Frame) legal() []kern.Link {
	return []kern.Link{
		{Href: f.Authority.Path + "/impressum", Label: f.text("frame.imprint"), Small: true},
		{Href: f.Authority.Path + "/datenschutz", Label: f.text("frame.privacy"), Small: true},
		{Href: f.Authority.Path + "/barrierefreiheit", Label: f.text("frame.accessibility"), Small: true},
	}
}

var languageNames = map[wording.Lang]string{wording.German: "Deutsch", wording.English: "English"}

func (f Frame) languages() []kern.Link {
	var links []kern.Link
	for _, l := range wording.Languages {
		links = append(links, kern.Link{
			Href: f.Path + "?lang=" + string(l), Label: languageNames[l], Lang: string(l), Small: true, Current: l == f.Lang,
		})
	}
	return links
}

// htmx is told to leave nothing behind and to need nothing that the
// Content-Security-Policy forbids: no inline style, no eval, no copy of a page
// with personal data in the browser's storage. A failed answer replaces the
// page, so that nobody waits for something that will not come.
const htmx = `{"includeIndicatorStyles":false,"allowEval":false,"allowScriptTags":false,"historyCacheSize":0,` +
	`"historyEnabled":true,"selfRequestsOnly":true,"responseHandling":[{"code":"204","swap":false},` +
	`{"code":"[23]..","swap":true},{"code":"422","swap":true},` +
	`{"code":"[45]..","swap":true,"error":true,"target":"main","select":"main","swapOverride":"outerHTML"}]}`
