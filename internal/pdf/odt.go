package pdf

import (
	"bufio"
	"context"
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"text/template"
	"unicode/utf8"

	"einsicht/internal/letter"
	"einsicht/internal/wording"
)

//go:embed head.fodt
var headText string

// locale is how a language is named in OpenDocument.
type locale struct{ Language, Country string }

var locales = map[wording.Lang]locale{
	wording.German:  {"de", "DE"},
	wording.English: {"en", "GB"},
}

// Tag is the BCP 47 tag.
func (l locale) Tag() string { return l.Language + "-" + l.Country }

// writeODT writes the letter as a flat OpenDocument text (OASIS ODF 1.3).
func writeODT(ctx context.Context, w *bufio.Writer, l letter.Letter, g glyphs) error {
	loc, ok := locales[l.Lang]
	if !ok {
		return fmt.Errorf("no letters in the language %q", l.Lang)
	}
	d := document{Writer: w, ctx: ctx, l: l, glyphs: g}
	if err := d.head(loc); err != nil {
		return err
	}
	d.window()
	d.heading("Subject", 1, l.Subject)
	d.blocks(l.Opening)
	for i, s := range l.Sections {
		d.heading("", 2, s.Heading)
		d.last = i == len(l.Sections)-1
		d.blocks(s.Blocks)
	}
	if len(l.Closing) > 0 {
		d.p("Closing", strings.Join(l.Closing, "\n"))
	}
	if len(l.Groups) > 0 {
		d.data()
	}
	d.raw("</office:text></office:body></office:document>\n")
	return d.err
}

// document is a text under way. The first error stops it.
type document struct {
	*bufio.Writer
	ctx    context.Context
	l      letter.Letter
	glyphs glyphs
	level  int  // of the last heading
	last   bool // this is the last section
	err    error
}

func (d *document) head(loc locale) error {
	t, err := template.New("head").Funcs(template.FuncMap{"x": d.escape}).Parse(headText)
	if err != nil {
		return err
	}
	// The title is all that the metadata tell; it says what the file's name and
	// the letter's first lines say.
	title := d.l.Subject + " – " + d.l.FileNumber + " – " + d.l.Authority
	return t.Execute(d, map[string]any{
		"Title": title, "Authority": d.l.Authority, "FileNumber": d.l.FileNumber, "Locale": loc,
		"Page": wording.Text(d.l.Lang, "letter.page"), "Of": wording.Text(d.l.Lang, "letter.page_of"),
		"Paragraphs": styles, "Marks": marks, "Widths": widths(),
		"FieldTop": mm(fieldTop), "AddressTop": mm(addressTop(d.sender())), "InfoTop": mm(infoTop), "SubjectTop": mm(subjectTop(len(d.l.To), d.l.Reference)),
	})
}

// sender is the line above the address that the window shows, too.
func (d *document) sender() string {
	return strings.Join(append([]string{d.l.Authority}, d.l.Sender...), " · ")
}

// window writes the address field and the block of references beside it. They
// are two columns, not frames: so they stay in the order of reading.
func (d *document) window() {
	d.raw(`<text:section text:style-name="window" text:name="window">`)
	d.p("First", d.sender())
	lines := make([]string, len(d.l.To))
	for i, line := range d.l.To {
		lines[i] = line.Reveal()
	}
	d.p("Recipient", strings.Join(lines, "\n"))
	for i, line := range d.l.Reference {
		style := "Reference"
		if i == 0 {
			style = "Info"
		}
		d.p(style, line.Label+"\t"+line.Value)
	}
	d.raw("</text:section>\n")
}

func (d *document) blocks(blocks []letter.Block) {
	for i, b := range blocks {
		text := "Text"
		if d.last && i == len(blocks)-1 {
			text = "Last" // the closing does not stand alone on a page
		}
		switch b := b.(type) {
		case letter.Heading:
			d.heading("", b.Level, b.Text)
		case letter.Paragraph:
			d.p(text, cited.Replace(b.Text))
		case letter.Words:
			d.p(text, b.Text.Reveal())
		case letter.List:
			d.list(b.Items)
		case letter.Table:
			d.table(b)
		case letter.Link:
			d.link(b)
		default: // a kind this room does not know must not vanish from the letter
			d.fail(fmt.Errorf("no way to print a block of type %T", b))
		}
	}
}

// cited keeps a citation on one line.
var cited = strings.NewReplacer("§ ", "§\u00a0", "Art. ", "Art.\u00a0")

// heading never skips a level (ISO 14289-1, 7.4.2). The style is that of its
// level unless it is named.
func (d *document) heading(style string, level int, text string) {
	d.h(style, level, d.escape(text))
}

func (d *document) h(style string, level int, inner string) {
	level = min(max(level, 1), d.level+1, 5)
	d.level = level
	if style == "" {
		style = "Heading_20_" + strconv.Itoa(level)
	}
	d.raw(`<text:h text:style-name="`, style, `" text:outline-level="`, strconv.Itoa(level), `">`, inner, "</text:h>\n")
}

// said is a text in German if it is foreign to the letter: it is read with the
// voice of its own language.
func (d *document) said(text string, foreign bool) string {
	if !foreign {
		return d.escape(text)
	}
	return `<text:span text:style-name="German">` + d.escape(text) + "</text:span>"
}

func (d *document) p(style, text string) {
	d.raw(`<text:p text:style-name="`, style, `">`, d.escape(text), "</text:p>\n")
}

func (d *document) list(items []string) {
	d.raw(`<text:list text:style-name="List">`)
	for _, item := range items {
		d.raw("<text:list-item>")
		d.p("List", item)
		d.raw("</text:list-item>")
	}
	d.raw("</text:list>\n")
}

func (d *document) link(b letter.Link) {
	scheme, _, _ := strings.Cut(b.URL, ":")
	if scheme != "https" && scheme != "http" && scheme != "mailto" {
		d.p("Text", b.Text)
		return
	}
	d.raw(`<text:p text:style-name="Text"><text:a xlink:type="simple" text:style-name="Internet_20_link" xlink:href="`,
		address(b.URL), `">`, d.escape(b.Text), "</text:a></text:p>\n")
}

func (d *document) raw(parts ...string) {
	for _, s := range parts {
		if d.err == nil {
			_, d.err = d.WriteString(s)
		}
	}
}

func (d *document) fail(err error) {
	if d.err == nil {
		d.err = err
	}
}

// address makes an attribute of a URL: nothing in it but what RFC 3986 allows.
func address(url string) string {
	var out strings.Builder
	for _, b := range []byte(url) {
		switch {
		case b == '&':
			out.WriteString("&amp;")
		case b <= ' ' || b >= 0x7f || strings.IndexByte("<>\"\\^`{|}'", b) >= 0:
			fmt.Fprintf(&out, "%%%02X", b)
		default:
			out.WriteByte(b)
		}
	}
	return out.String()
}

// escape makes text of a value: nothing in it is markup, and nothing gets lost.
// Blanks and line breaks are elements, because XML swallows them; a character
// without a glyph stands there as its number.
func (d *document) escape(s string) string {
	var out strings.Builder
	s = strings.ReplaceAll(s, "\r\n", "\n")
	blank := true // a blank at the start would be swallowed
	for i, r := range s {
		was := blank
		blank = false
		switch {
		case r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029':
			out.WriteString("<text:line-break/>")
			blank = true
		case r == '\t':
			out.WriteString("<text:tab/>")
			blank = true
		case r == ' ':
			if was || i == len(s)-1 {
				out.WriteString("<text:s/>")
			} else {
				out.WriteByte(' ')
			}
			blank = true
		case r == '<':
			out.WriteString("&lt;")
		case r == '>':
			out.WriteString("&gt;")
		case r == '&':
			out.WriteString("&amp;")
		case r == '"':
			out.WriteString("&quot;")
		case r == utf8.RuneError || turns(r) || !d.glyphs.has(r):
			fmt.Fprintf(&out, "[U+%04X]", r)
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

// turns says whether a character makes what follows it run the other way
// (Unicode, UAX 9): a value could make the letter around it say something else.
// It also finds the characters that LibreOffice keeps for itself.
func turns(r rune) bool {
	return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r >= 0xfff9 && r <= 0xfffc
}
