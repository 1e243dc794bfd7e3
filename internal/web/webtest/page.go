package webtest

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Page is an answer, parsed.
type Page struct {
	t      testing.TB
	Path   string
	Status int
	Header http.Header
	Body   []byte
	Doc    *html.Node
}

// Form is a form with what it would send if nothing was typed.
type Form struct {
	Action string
	Values url.Values
}

// Form returns the form with an action, or the first one for an empty action.
// It fails the test if there is none.
func (p *Page) Form(action string) Form {
	p.t.Helper()
	for n := range p.Doc.Descendants() {
		if n.Type != html.ElementNode || n.Data != "form" {
			continue
		}
		to := attr(n, "action")
		if action != "" && to != action {
			continue
		}
		if to == "" {
			to = p.Path
		}
		return Form{Action: to, Values: fields(n)}
	}
	p.t.Fatalf("%s (status %d) shows no form %q", p.Path, p.Status, action)
	return Form{}
}

// With returns the form with a value typed in.
func (f Form) With(name string, values ...string) Form {
	f.Values[name] = values
	return f
}

func fields(form *html.Node) url.Values {
	values := url.Values{}
	for n := range form.Descendants() {
		if n.Type != html.ElementNode || attr(n, "name") == "" {
			continue
		}
		switch kind := attr(n, "type"); {
		case n.Data == "textarea":
			values.Add(attr(n, "name"), textOf(n))
		case n.Data == "select":
			values.Add(attr(n, "name"), chosen(n))
		case n.Data != "input" || kind == "file" || kind == "submit":
		case kind == "checkbox" || kind == "radio":
			if has(n, "checked") {
				values.Add(attr(n, "name"), attr(n, "value"))
			}
		default:
			values.Add(attr(n, "name"), attr(n, "value"))
		}
	}
	return values
}

func chosen(sel *html.Node) (value string) {
	first := true
	for n := range sel.Descendants() {
		if n.Data == "option" && (first || has(n, "selected")) {
			value, first = attr(n, "value"), false
		}
	}
	return value
}

// Title is what the browser's tab shows.
func (p *Page) Title() string { return p.TextOf("title") }

// TextOf returns the text of the first element with a tag, white space folded.
func (p *Page) TextOf(tag string) string {
	for n := range p.Doc.Descendants() {
		if n.Type == html.ElementNode && n.Data == tag {
			return strings.Join(strings.Fields(textOf(n)), " ")
		}
	}
	return ""
}

// Text is everything a person can read on the page.
func (p *Page) Text() string { return p.TextOf("body") }

// Links returns the addresses of all links.
func (p *Page) Links() []string {
	var all []string
	for n := range p.Doc.Descendants() {
		if n.Type == html.ElementNode && n.Data == "a" {
			all = append(all, attr(n, "href"))
		}
	}
	return all
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode && d.Parent.Data != "script" && d.Parent.Data != "style" {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, key string) bool {
	for _, a := range n.Attr {
		if a.Key == key {
			return true
		}
	}
	return false
}
