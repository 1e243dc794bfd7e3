// Package letter shows a letter as one HTML file that a person can keep: it
// needs no other file, no script and no network.
package letter

import (
	"context"
	_ "embed"
	"io"
	"iter"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	model "einsicht/internal/letter"
	"einsicht/internal/wording"
)

// shownRecords is how many records of a system the page shows. A browser that
// gets a million table rows shows nothing; the tables and daten.json have all.
const shownRecords = 500

// css stands inside the file, which has no other to link to. It is ours and
// constant; a served page must not do this (style-src).
//
//go:embed letter.css
var css string

func stylesheet() templ.Component { return templ.Raw("<style>\n" + css + "</style>") }

// failed ends the rendering with an error of a source, so that half a page is
// never taken for a whole one.
func failed(err error) templ.Component {
	return templ.ComponentFunc(func(context.Context, io.Writer) error { return err })
}

// place says where a letter is shown.
type place int

const (
	page   place = iota // a file of its own
	inside              // inside a page of the desk
)

// level of a heading below that of its section; inside another page everything
// stands two deeper, below the subject as h3 and the sections as h4.
func level(h model.Heading, at place) int {
	l := max(h.Level, 3)
	if at == inside {
		l += 2
	}
	return min(l, 6)
}

// long letters begin with a list of what is in them.
func long(l model.Letter) bool { return len(l.Groups) > 0 || len(l.Sections) > 7 }

func summaries(l model.Letter) []model.Section {
	return slices.DeleteFunc(slices.Clone(l.Sections), func(s model.Section) bool { return s.Part != model.Summary })
}

func withoutSummary(l model.Letter) []model.Section {
	return slices.DeleteFunc(slices.Clone(l.Sections), func(s model.Section) bool { return s.Part == model.Summary })
}

// returnLine is the sender in one line above the address, DIN 5008: for the
// window of the envelope, and for print only.
func returnLine(l model.Letter) string {
	return strings.Join(append([]string{l.Authority}, l.Sender...), " · ")
}

var citation = regexp.MustCompile(`(§|Art\.|Abs\.|Satz|Nr\.|Buchst\.) `)

// together keeps the sign of a provision and its number on one line.
func together(text string) string { return citation.ReplaceAllString(text, "$1\u00a0") }

func text(l model.Letter, key string, pairs ...string) string {
	return wording.Text(l.Lang, key, pairs...)
}

// first reads at most n.
func first(records iter.Seq2[model.Record, error], n int) iter.Seq2[model.Record, error] {
	return func(yield func(model.Record, error) bool) {
		seen := 0
		for rec, err := range records {
			if seen++; seen > n || !yield(rec, err) {
				return
			}
		}
	}
}

// foreign names the language of an authority's own words where nobody
// translated them.
func foreign(d model.Data) templ.Attributes {
	if d.Foreign {
		return templ.Attributes{"lang": string(wording.German)}
	}
	return nil
}

func more(l model.Letter, d model.Data) string {
	return text(l, "letter.data.more", "shown", strconv.Itoa(shownRecords), "total", strconv.Itoa(d.Total), "file", d.Table)
}
