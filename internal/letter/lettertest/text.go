package lettertest

import (
	"regexp"
	"strings"

	"einsicht/internal/law/catalogue"
	"einsicht/internal/letter"
)

// Text is all that a letter says, line by line, without its data.
func Text(l letter.Letter) string {
	lines := []string{l.Subject}
	for _, r := range l.Reference {
		lines = append(lines, r.Label, r.Value)
	}
	lines = append(lines, blocks(l.Opening)...)
	for _, s := range l.Sections {
		lines = append(append(lines, s.Heading), blocks(s.Blocks)...)
	}
	return strings.Join(append(lines, l.Closing...), "\n")
}

func blocks(all []letter.Block) []string {
	var lines []string
	for _, b := range all {
		switch b := b.(type) {
		case letter.Heading:
			lines = append(lines, b.Text)
		case letter.Paragraph:
			lines = append(lines, b.Text)
		case letter.Words:
			lines = append(lines, b.Text.Reveal())
		case letter.List:
			lines = append(lines, b.Items...)
		case letter.Link:
			lines = append(lines, b.Text)
		case letter.Table:
			lines = append(lines, b.Caption, strings.Join(b.Head, "\n"))
			for _, row := range b.Rows {
				lines = append(lines, strings.Join(row, "\n"))
			}
		}
	}
	return lines
}

var (
	starts = regexp.MustCompile(`§|Art\.|Erwägungsgrund`)
	// English is what our own English sentences write in place of the long form.
	english = regexp.MustCompile(`Art\. (\d+)(?:\((\d+)\))?(?:\(([a-z])\))?(?: sentence (\d+))? GDPR`)
	recital = regexp.MustCompile(`recital (\d+) GDPR`)
)

// BadCitations names what looks like a citation in a text and is none in the long
// form, or one of an act that the catalogue does not list; found is how many
// there are in all.
func BadCitations(book catalogue.Book, text string) (bad []string, found int) {
	text = recital.ReplaceAllString(text, "Erwägungsgrund $1 DSGVO")
	text = english.ReplaceAllStringFunc(text, func(s string) string {
		m := english.FindStringSubmatch(s)
		long := "Art. " + m[1]
		for i, unit := range []string{" Abs. ", " Buchst. ", " Satz "} {
			if m[i+2] != "" {
				long += unit + m[i+2]
			}
		}
		return long + " DSGVO"
	})
	for _, at := range starts.FindAllStringIndex(text, -1) {
		found++
		rest, _, _ := strings.Cut(text[at[0]:], "\n")
		if i := strings.IndexAny(rest, ",;:()„“"); i > 0 {
			rest = rest[:i]
		}
		if !begins(book, strings.Fields(strings.TrimRight(rest, "."))) {
			bad = append(bad, rest)
		}
	}
	return bad, found
}

// begins says whether the words begin with a citation.
func begins(book catalogue.Book, words []string) bool {
	for n := len(words); n >= 3; n-- {
		if _, err := book.Resolve(strings.TrimRight(strings.Join(words[:n], " "), ".")); err == nil {
			return true
		}
	}
	return false
}
