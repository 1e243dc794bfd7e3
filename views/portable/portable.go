// Package portable shows what a person can take along (Art. 20 GDPR) as one HTML page
// to keep: it needs no other file, no script and no network.
package portable

import (
	_ "embed"
	"net/url"
	"regexp"

	"github.com/a-h/templ"

	"einsicht/internal/wording"
)

// Page is the page, in words.
type Page struct {
	Lang     wording.Lang
	From     string // authority and day
	Lead     string
	Beside   bool // the files lie beside the page, so it leads to them
	Systems  []System
	Attached []Attached // files out of records
	More     string     // where not all of them are listed
	Not      []Not      // what can't be taken along
	Offer    string     // of access to it, or where to read of it
	Key      string     // fingerprint of the key that signed
}

// System is one system of which there are data.
type System struct {
	ID      string
	Name    string
	Records string
	Files   []File
	Left    []string // what of it is not here
	Fields  []Field
}

// File is a file of the package.
type File struct {
	Name string // path in the package
	Text string
}

// Field is what the files say of a field.
type Field struct{ Title, Name, Form string }

// Attached is a file out of a record.
type Attached struct{ Name, System string }

// Not says why something can't be taken along.
type Not struct{ System, Why, Ground string }

// css stands inside the file, which has no other to link to. It is ours and constant;
// a served page must not do this (style-src).
//
//go:embed portable.css
var css string

func stylesheet() templ.Component { return templ.Raw("<style>\n" + css + "</style>") }

func text(p Page, key string, pairs ...string) string {
	return wording.Text(p.Lang, "portability.index."+key, pairs...)
}

var citation = regexp.MustCompile(`(§|Art\.|Abs\.|Satz|Nr\.|Buchst\.) `)

// together keeps the sign of a provision and its number on one line.
func together(text string) string { return citation.ReplaceAllString(text, "$1\u00a0") }

// to is the address of a file beside the page.
func to(name string) templ.SafeURL {
	return templ.SafeURL((&url.URL{Path: "./" + name}).String())
}
