package letter

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	model "einsicht/internal/letter"
	"einsicht/internal/letter/lettertest"
	"einsicht/internal/wording"
)

var sampleFile = flag.String("sample", "", "write Auskunft.html to this file, to look at it")

func TestTheAnswerNeedsNothingFromOutside(t *testing.T) {
	for _, l := range wording.Languages {
		page := render(t, lettertest.Options{Lang: l})
		each(parse(t, page), func(n *html.Node) {
			switch n.Data {
			case "script", "link", "img", "iframe", "object", "embed", "form", "base", "svg", "video", "audio":
				t.Errorf("%s: there is a %s", l, n.Data)
			}
			for _, a := range n.Attr {
				switch {
				case a.Key == "src" || a.Key == "srcset" || a.Key == "style" || strings.HasPrefix(a.Key, "on"):
					t.Errorf("%s: %s has %s", l, n.Data, a.Key)
				case a.Key == "href" && n.Data != "a":
					t.Errorf("%s: %s has href", l, n.Data)
				}
			}
		})
		if bad := regexp.MustCompile(`@import|url\(`).FindString(css); bad != "" {
			t.Errorf("the style has %s", bad)
		}
		if !strings.Contains(page, `content="default-src 'none'; style-src 'unsafe-inline'`) {
			t.Error("no content security policy")
		}
	}
}

func TestTheAnswerIsBuiltForEveryReader(t *testing.T) {
	for _, l := range wording.Languages {
		doc := parse(t, render(t, lettertest.Options{Lang: l}))
		last, ids, targets := 0, map[string]int{}, []string{}
		count := map[string]int{}
		each(doc, func(n *html.Node) {
			count[n.Data]++
			if id := attr(n, "id"); id != "" {
				ids[id]++
			}
			switch n.Data {
			case "html":
				if got := attr(n, "lang"); got != string(l) {
					t.Errorf("lang: got %q, want %q", got, l)
				}
			case "h1", "h2", "h3", "h4":
				if level := int(n.Data[1] - '0'); level > last+1 {
					t.Errorf("%s follows h%d", n.Data, last)
				}
				last = int(n.Data[1] - '0')
			case "table":
				if n.FirstChild == nil || n.FirstChild.Data != "caption" {
					t.Error("a table begins without a caption")
				}
			case "th":
				if s := attr(n, "scope"); s != "row" && s != "col" {
					t.Errorf("th without scope: %q", s)
				}
			case "a":
				if target, ok := strings.CutPrefix(attr(n, "href"), "#"); ok {
					targets = append(targets, target)
				}
			}
			if by := attr(n, "aria-labelledby"); by != "" {
				targets = append(targets, by)
			}
		})
		for _, one := range []string{"h1", "main", "header", "title", "nav"} {
			if count[one] != 1 {
				t.Errorf("got %d %s, want 1", count[one], one)
			}
		}
		for _, id := range targets {
			if ids[id] != 1 {
				t.Errorf("%s: got %d elements with this id, want 1", id, ids[id])
			}
		}
		if count["table"] < 8 || len(targets) < 15 {
			t.Errorf("got %d tables, %d targets: this test checks little", count["table"], len(targets))
		}
	}
}

func TestValuesOfRecordsAreTextAndNothingElse(t *testing.T) {
	page := render(t, lettertest.Options{Lang: wording.German})
	if strings.Contains(page, "<b>hier") || !strings.Contains(page, "&lt;b&gt;hier") {
		t.Error("a value stands there as markup")
	}
}

func TestALongLogIsCutAndTheReaderToldWhereTheRestIs(t *testing.T) {
	page := render(t, lettertest.Options{Lang: wording.German, Lines: shownRecords + 7})
	if got := strings.Count(page, "Eintrag "+"500: Zugriff") + strings.Count(page, "Eintrag 501: Zugriff"); got != 1 {
		t.Errorf("got %d of records 500 and 501, want the first only", got)
	}
	if want := "Hier stehen die ersten 500 von 507 Einträgen. Alle stehen in tabellen/stk-weblog.csv"; !strings.Contains(page, want) {
		t.Errorf("want %q", want)
	}
}

func TestATornSourceTearsThePage(t *testing.T) {
	torn := errors.New("torn")
	err := failed(torn).Render(context.Background(), &bytes.Buffer{})
	if !errors.Is(err, torn) {
		t.Errorf("got %v, want %v", err, torn)
	}
}

func TestNothingForTheFileIsOnThePage(t *testing.T) {
	page := render(t, lettertest.Options{Lang: wording.German, Secret: true})
	for _, secret := range []string{lettertest.Planted, "WITHHELD", "$argon2id$HASH", "Max Kollege"} {
		if strings.Contains(page, secret) {
			t.Errorf("the page shows %s", secret)
		}
	}
	if strings.Contains(page, "[letter.") {
		t.Error("a sentence is missing")
	}
}

func TestEveryBlockIsShown(t *testing.T) {
	l := model.Letter{Lang: wording.German, Sections: []model.Section{{Part: model.Outcome, Heading: "Two", Blocks: []model.Block{
		model.Heading{Level: 3, Text: "three"}, model.Heading{Level: 4, Text: "four"}, model.Paragraph{Text: "para"},
		model.List{Items: []string{"item"}}, model.Link{Text: "link", URL: "javascript:alert(1)"},
		model.Table{Caption: "cap", Head: []string{"a"}, Rows: [][]string{{"cell"}}},
	}}}}
	var b bytes.Buffer
	if err := Answer(l).Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<h3>three</h3>", "<h4>four</h4>", "<p>para</p>", "<li>item</li>", ">link</a>", "cell"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("want %s", want)
		}
	}
	if strings.Contains(b.String(), "javascript:") {
		t.Error("a link runs a script")
	}
}

func TestSample(t *testing.T) {
	if *sampleFile == "" {
		t.Skip("no file named")
	}
	if err := os.WriteFile(*sampleFile, []byte(render(t, lettertest.Options{Lang: wording.German, Lines: 3})), 0o644); err != nil {
		t.Fatal(err)
	}
}

func render(t *testing.T, o lettertest.Options) string {
	t.Helper()
	in, err := lettertest.Input(o)
	if err != nil {
		t.Fatal(err)
	}
	l, err := model.Answer(in)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := Answer(l).Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func parse(t *testing.T, page string) *html.Node {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func each(n *html.Node, visit func(*html.Node)) {
	if n.Type == html.ElementNode {
		visit(n)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		each(c, visit)
	}
}

func attr(n *html.Node, key string) string {
	i := slices.IndexFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
	if i < 0 {
		return ""
	}
	return n.Attr[i].Val
}
