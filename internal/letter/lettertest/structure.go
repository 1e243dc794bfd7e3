package lettertest

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Structure says what is wrong with a letter as HTML file for those who do not
// see it: language, title, headings in order, tables with caption and scope,
// links with text, ids that lead somewhere, images with words in their place.
func Structure(page string) []string {
	c := checker{ids: map[string]int{}, count: map[string]int{}}
	dec := xml.NewDecoder(strings.NewReader(page))
	dec.Strict, dec.AutoClose, dec.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return append(c.faults, "is not well formed: "+err.Error())
		}
		switch t := token.(type) {
		case xml.StartElement:
			c.open(t)
		case xml.EndElement:
			c.close(t.Name.Local)
		case xml.CharData:
			c.write(string(t))
		}
	}
	for _, one := range []string{"html", "title", "h1", "main", "header"} {
		if c.count[one] != 1 {
			c.fault("there are %d %s, want one", c.count[one], one)
		}
	}
	for _, id := range c.targets {
		if c.ids[id] != 1 {
			c.fault("%d elements have the id %s that something names", c.ids[id], id)
		}
	}
	return c.faults
}

// inner is the text of an element that must have some.
type inner struct {
	name string
	text strings.Builder
}

type checker struct {
	faults  []string
	path    []string
	texts   []*inner
	ids     map[string]int
	targets []string
	count   map[string]int
	last    int  // level of the last heading
	table   bool // a table has begun and nothing in it yet
}

func (c *checker) fault(format string, args ...any) {
	c.faults = append(c.faults, fmt.Sprintf(format, args...))
}

func (c *checker) open(t xml.StartElement) {
	name := t.Name.Local
	c.count[name]++
	c.path = append(c.path, name)
	attr := map[string]string{}
	for _, a := range t.Attr {
		attr[a.Name.Local] = a.Value
	}
	if id := attr["id"]; id != "" {
		c.ids[id]++
	}
	if by := attr["aria-labelledby"]; by != "" {
		c.targets = append(c.targets, by)
	}
	if c.table && name != "caption" {
		c.fault("a table begins without a caption")
	}
	c.table = name == "table"
	switch name {
	case "html":
		if attr["lang"] == "" {
			c.fault("html has no language")
		}
	case "th":
		if s := attr["scope"]; s != "row" && s != "col" {
			c.fault("th has no scope")
		}
	case "img":
		if _, ok := attr["alt"]; !ok {
			c.fault("an image has no words in its place")
		}
	case "a":
		if target, ok := strings.CutPrefix(attr["href"], "#"); ok {
			c.targets = append(c.targets, target)
		}
	case "h1", "h2", "h3", "h4", "h5", "h6":
		level := int(name[1] - '0')
		if level > c.last+1 {
			c.fault("%s follows h%d", name, c.last)
		}
		c.last = level
	}
	if slices.Contains([]string{"title", "a", "caption", "th", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6", "li", "p"}, name) {
		c.texts = append(c.texts, &inner{name: name})
	}
}

func (c *checker) write(s string) {
	for _, t := range c.texts {
		t.text.WriteString(s)
	}
}

func (c *checker) close(name string) {
	if len(c.path) > 0 {
		c.path = c.path[:len(c.path)-1]
	}
	if n := len(c.texts); n > 0 && c.texts[n-1].name == name {
		if strings.TrimSpace(c.texts[n-1].text.String()) == "" {
			c.fault("%s is empty", name)
		}
		c.texts = c.texts[:n-1]
	}
}
