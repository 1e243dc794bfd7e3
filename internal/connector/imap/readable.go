package imap

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// readable gives the text of HTML as a reader sees it. Addresses behind links
// stay, where the text does not show them.
func readable(source string) string {
	var w page
	z := html.NewTokenizer(strings.NewReader(source))
	z.SetMaxBuf(mostText)
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return w.String()
		}
		t := z.Token()
		switch kind {
		case html.TextToken:
			if w.hidden == "" {
				w.write(t.Data)
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			w.open(t, kind == html.SelfClosingTagToken)
		case html.EndTagToken:
			w.close(t.Data)
		}
	}
}

// page is text as it is laid out.
type page struct {
	b      strings.Builder
	hidden string // the element whose text nobody sees
	link   string
	text   int // where the text of the link begins
}

var (
	unseen = []string{"script", "style", "title"}
	blocks = []string{"p", "div", "table", "tr", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "hr", "section", "article", "header", "footer", "dl", "dt", "dd", "body"}
)

func (p *page) open(t html.Token, closed bool) {
	switch {
	case p.hidden != "":
	case slices.Contains(unseen, t.Data) && !closed:
		p.hidden = t.Data
	case t.Data == "br" || slices.Contains(blocks, t.Data):
		p.newline()
		if t.Data == "li" {
			p.b.WriteString("– ")
		}
	case t.Data == "td" || t.Data == "th":
		p.write(" ")
	case t.Data == "a" || t.Data == "img":
		for _, a := range t.Attr {
			if t.Data == "a" && a.Key == "href" {
				p.link, p.text = a.Val, p.b.Len()
			}
			if t.Data == "img" && a.Key == "alt" {
				p.write(a.Val)
			}
		}
	}
}

func (p *page) close(name string) {
	switch {
	case p.hidden == name:
		p.hidden = ""
	case p.hidden != "":
	case name == "a" && p.link != "":
		shown := p.b.String()[p.text:]
		if target := strings.TrimPrefix(p.link, "mailto:"); !strings.HasPrefix(target, "#") && !strings.Contains(shown, target) {
			p.write(" <" + target + ">")
		}
		p.link = ""
	case slices.Contains(blocks, name):
		p.newline()
	}
}

func (p *page) newline() {
	if s := p.b.String(); s != "" && !strings.HasSuffix(s, "\n\n") {
		p.b.WriteByte('\n')
	}
}

// write adds text with its white space as one blank.
func (p *page) write(s string) {
	have := p.b.String()
	words := strings.Fields(s)
	before := strings.HasSuffix(have, " ") || strings.HasSuffix(have, "\n") || have == ""
	if !before && s != "" && strings.TrimLeft(s, " \t\r\n\u00a0") != s {
		p.b.WriteByte(' ')
	}
	p.b.WriteString(strings.Join(words, " "))
	if len(words) > 0 && strings.TrimRight(s, " \t\r\n\u00a0") != s {
		p.b.WriteByte(' ')
	}
}

// String is the text without blanks at the ends of lines.
func (p *page) String() string {
	var kept []string
	for l := range strings.SplitSeq(p.b.String(), "\n") {
		if l = strings.TrimSpace(l); l != "" || len(kept) > 0 && kept[len(kept)-1] != "" {
			kept = append(kept, l)
		}
	}
	return strings.TrimSpace(strings.Join(kept, "\n"))
}
