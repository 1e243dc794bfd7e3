// Package pdftest checks whether a PDF can be read by everyone: whether it says
// what each of its parts is, and holds what a reader needs.
//
// It checks what a program can of ISO 14289-1 (PDF/UA-1), and the marker of
// ISO 19005-3 (PDF/A-3). Whether the words are the right ones, it can't know.
package pdftest

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ledongthuc/pdf"
)

// Check names what is wrong with the file, each beginning with the part
// concerned: "language: …".
func Check(file []byte) (problems []string, err error) {
	r, err := open(file)
	if err != nil {
		return nil, err
	}
	defer func() { // the library panics over what it can't read
		if p := recover(); p != nil {
			err = fmt.Errorf("PDF can't be read: %v", p)
		}
	}()
	c := checker{root: r.Trailer().Key("Root")}
	c.catalog()
	c.metadata()
	c.structure()
	c.actions(c.root, 0)
	for n := range r.NumPage() {
		c.page(r.Page(n+1).V, n+1)
	}
	return c.problems, nil
}

// Text returns what the file says, as its fonts' ToUnicode tables tell it, line
// by line in the order of painting.
func Text(file []byte) (text string, err error) {
	r, err := open(file)
	if err != nil {
		return "", err
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("PDF can't be read: %v", p)
		}
	}()
	all, err := r.GetPlainText()
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(all)
	return string(b), err
}

// Place returns where the first line with these words begins on the first page:
// from its left and its upper edge, to the foot of the letters, in millimetres.
func Place(file []byte, words string) (left, top float64, err error) {
	r, err := open(file)
	if err != nil {
		return 0, 0, err
	}
	page := r.Page(1)
	height := page.V.Key("MediaBox").Index(3).Float64()
	all := page.Content().Text
	for i := range all {
		line := ""
		for _, t := range all[i:] {
			if line += t.S; len(line) >= len(words) {
				break
			}
		}
		if strings.HasPrefix(line, words) {
			return all[i].X * pointMM, (height - all[i].Y) * pointMM, nil
		}
	}
	return 0, 0, fmt.Errorf("%d letters on the first page, these words are not among them", len(all))
}

const pointMM = 25.4 / 72

func open(file []byte) (*pdf.Reader, error) {
	r, err := pdf.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, fmt.Errorf("PDF can't be read: %w", err)
	}
	return r, nil
}

type checker struct {
	root     pdf.Value
	problems []string
	level    int // of the last heading; 0: there was none
}

func (c *checker) want(ok bool, format string, args ...any) {
	if problem := fmt.Sprintf(format, args...); !ok && !slices.Contains(c.problems, problem) {
		c.problems = append(c.problems, problem)
	}
}

func (c *checker) catalog() {
	c.want(c.root.Key("Lang").Text() != "", "language: the catalog has none")
	c.want(c.root.Key("MarkInfo").Key("Marked").Bool(), "marked: the file does not say that it is tagged")
	c.want(c.root.Key("ViewerPreferences").Key("DisplayDocTitle").Bool(), "title: readers show the file's name instead")
}

func (c *checker) metadata() {
	b, err := io.ReadAll(c.root.Key("Metadata").Reader())
	c.want(err == nil, "metadata: can't be read")
	xmp := string(b)
	title := between(between(xmp, "<dc:title>", "</dc:title>"), `xml:lang="x-default">`, "<")
	c.want(strings.TrimSpace(title) != "", "title: the metadata have none")
	c.want(strings.Contains(between(xmp, "<dc:language>", "</dc:language>"), "<rdf:li>"), "language: the metadata have none")
	c.want(between(xmp, "<pdfuaid:part>", "<") == "1", "PDF/UA: no marker of part 1")
	c.want(between(xmp, "<pdfaid:part>", "<") == "3" && between(xmp, "<pdfaid:conformance>", "<") == "B", "PDF/A: no marker of part 3, level B")
	c.want(c.root.Key("OutputIntents").Index(0).Key("S").Name() == "GTS_PDFA1", "PDF/A: no output intent")
}

func between(s, from, to string) string {
	_, rest, ok := strings.Cut(s, from)
	inner, _, closed := strings.Cut(rest, to)
	if !ok || !closed {
		return ""
	}
	return inner
}

// structure walks the tags.
func (c *checker) structure() {
	tree := c.root.Key("StructTreeRoot")
	c.want(tree.Kind() == pdf.Dict, "structure: there is no tree of tags")
	c.tag(tree, nil)
	c.want(c.level > 0 || tree.Kind() != pdf.Dict, "heading: there is none")
}

// tag checks a structure element and what is below it. It returns the roles
// found there.
func (c *checker) tag(e pdf.Value, path []string) (roles []string) {
	role := e.Key("S").Name()
	if standard := c.root.Key("StructTreeRoot").Key("RoleMap").Key(role).Name(); standard != "" {
		role = standard
	}
	if len(path) > 64 {
		c.want(false, "structure: the tags never end")
		return nil
	}
	for _, kid := range kids(e) {
		if kid.Kind() != pdf.Dict {
			continue
		}
		if kid.Key("Type").Name() == "OBJR" {
			roles = append(roles, "OBJR")
			continue
		}
		if kid.Key("S").Kind() == pdf.Name {
			if level := heading(kid.Key("S").Name()); level > 0 {
				c.want(level <= c.level+1, "heading: H%d follows H%d", level, c.level)
				c.level = level
			}
			roles = append(roles, c.tag(kid, append(path, role))...)
		}
	}
	switch role {
	case "TH":
		c.want(scope(e) != "", "table: a header cell has no scope")
	case "Table":
		c.want(slices.Contains(roles, "TH"), "table: there is no header cell")
	case "Figure", "Formula":
		c.want(e.Key("Alt").Text() != "", "figure: there is no text instead of it")
		c.want(slices.Contains(path, "Document"), "figure: it stands outside of the document")
	case "Link":
		c.want(slices.Contains(roles, "OBJR"), "link: its tag leads to no link")
	}
	return append(roles, role)
}

func kids(e pdf.Value) []pdf.Value {
	k := e.Key("K")
	if k.Kind() != pdf.Array {
		return []pdf.Value{k}
	}
	all := make([]pdf.Value, k.Len())
	for i := range all {
		all[i] = k.Index(i)
	}
	return all
}

// heading returns the level of H1 to H6, else 0.
func heading(role string) int {
	if len(role) == 2 && role[0] == 'H' && role[1] >= '1' && role[1] <= '6' {
		return int(role[1] - '0')
	}
	return 0
}

func scope(e pdf.Value) string {
	a := e.Key("A")
	for i := range a.Len() {
		if s := a.Index(i).Key("Scope").Name(); s != "" {
			return s
		}
	}
	return a.Key("Scope").Name()
}

// page checks what is painted, the fonts and the links of one page.
func (c *checker) page(page pdf.Value, n int) {
	parents := c.parent(page.Key("StructParents").Int64())
	c.content(page.Key("Contents"), n, parents)
	c.fonts(page, 0)
	annots := page.Key("Annots")
	c.want(annots.Len() == 0 || page.Key("Tabs").Name() == "S", "link: page %d does not order them by the tags", n)
	for i := range annots.Len() {
		a := annots.Index(i)
		if a.Key("Subtype").Name() != "Link" {
			c.want(false, "annotation: page %d has one that is no link", n)
			continue
		}
		c.want(a.Key("Contents").Text() != "", "link: on page %d one does not say where it leads", n)
		c.want(c.parent(a.Key("StructParent").Int64()).Key("S").Name() == "Link", "link: on page %d one has no tag", n)
		uri := a.Key("A").Key("URI").RawString()
		scheme, _, _ := strings.Cut(uri, ":")
		c.want(slices.Contains([]string{"", "https", "http", "mailto"}, scheme), "outside: on page %d a link leads to no page", n)
	}
}

// parent finds an entry of the tree from painted things to their tags.
func (c *checker) parent(key int64) pdf.Value {
	return find(c.root.Key("StructTreeRoot").Key("ParentTree"), key, 0)
}

func find(node pdf.Value, key int64, depth int) pdf.Value {
	nums := node.Key("Nums")
	for i := 0; i+1 < nums.Len(); i += 2 {
		if nums.Index(i).Int64() == key {
			return nums.Index(i + 1)
		}
	}
	for i := range node.Key("Kids").Len() {
		if v := find(node.Key("Kids").Index(i), key, depth+1); depth < 16 && !v.IsNull() {
			return v
		}
	}
	return pdf.Value{}
}

// painting lists the operators that leave something on the page (ISO 32000-1,
// annex A).
var painting = strings.Fields("S s f F f* B B* b b* sh Do Tj TJ ' \" EI")

// content checks that all that is painted is tagged, or said to be decoration.
func (c *checker) content(contents pdf.Value, n int, parents pdf.Value) {
	var open []bool // per marked content: it is tagged or an artifact
	pdf.Interpret(contents, func(stack *pdf.Stack, op string) {
		args := make([]pdf.Value, stack.Len())
		for i := range args {
			args[len(args)-1-i] = stack.Pop()
		}
		switch {
		case op == "BMC" || op == "BDC":
			good := len(args) > 0 && args[0].Name() == "Artifact"
			if id := last(args).Key("MCID"); id.Kind() == pdf.Integer {
				good = true
				c.want(parents.Index(int(id.Int64())).Kind() == pdf.Dict, "marked: on page %d a mark has no tag", n)
			}
			open = append(open, good)
		case op == "EMC" && len(open) > 0:
			open = open[:len(open)-1]
		case slices.Contains(painting, op):
			c.want(slices.Contains(open, true), "marked: page %d paints (%s) outside of all tags", n, op)
		}
	})
}

func last(args []pdf.Value) pdf.Value {
	if len(args) == 0 {
		return pdf.Value{}
	}
	return args[len(args)-1]
}

func (c *checker) fonts(holder pdf.Value, depth int) {
	resources := holder.Key("Resources")
	for parent := holder.Key("Parent"); resources.IsNull() && !parent.IsNull(); parent = parent.Key("Parent") {
		resources = parent.Key("Resources")
	}
	for _, name := range resources.Key("Font").Keys() {
		f := resources.Key("Font").Key(name)
		d := f.Key("FontDescriptor")
		if d.IsNull() {
			d = f.Key("DescendantFonts").Index(0).Key("FontDescriptor")
		}
		embedded := slices.ContainsFunc([]string{"FontFile", "FontFile2", "FontFile3"}, func(key string) bool { return d.Key(key).Kind() == pdf.Stream })
		c.want(embedded, "font: %s is not in the file", f.Key("BaseFont").Name())
		c.want(f.Key("ToUnicode").Kind() == pdf.Stream, "font: %s does not say which characters it draws", f.Key("BaseFont").Name())
	}
	for _, name := range resources.Key("XObject").Keys() {
		if x := resources.Key("XObject").Key(name); depth < 8 && !x.Key("Resources").IsNull() {
			c.fonts(x, depth+1)
		}
	}
}

// active lists the actions that do more than lead to a page.
var active = strings.Fields("JavaScript Launch GoToR GoToE ImportData SubmitForm Rendition RichMediaExecute")

// actions looks for scripts and for what lies in other files, everywhere but in
// the tree of tags.
func (c *checker) actions(v pdf.Value, depth int) {
	if depth > 24 {
		return
	}
	if v.Kind() == pdf.Array {
		for i := range v.Len() {
			c.actions(v.Index(i), depth+1)
		}
		return
	}
	c.want(!slices.Contains(active, v.Key("S").Name()) && v.Key("JS").IsNull(), "script: the file does something by itself (%s)", v.Key("S").Name())
	c.want(v.Key("Type").Name() != "Filespec" && v.Key("FS").IsNull(), "outside: the file needs another one")
	for _, key := range v.Keys() {
		if !slices.Contains([]string{"StructTreeRoot", "Parent", "P", "Pg", "Prev", "Last", "Dest", "D", "Font"}, key) {
			c.actions(v.Key(key), depth+1)
		}
	}
}
