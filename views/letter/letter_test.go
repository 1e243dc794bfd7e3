package letter

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"golang.org/x/net/html"

	model "einsicht/internal/letter"
	"einsicht/internal/letter/lettertest"
	"einsicht/internal/wording"
)

var sampleFolder = flag.String("samples", "", "write every kind of letter into this folder, to look at it")

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

func TestTimesStandByTheClockInGermany(t *testing.T) {
	for l, want := range map[wording.Lang]string{wording.German: "03.03.2026, 11:15 Uhr MEZ", wording.English: "3 Mar 2026, 11:15 CET"} {
		if page := render(t, lettertest.Options{Lang: l}); !strings.Contains(page, want) || strings.Contains(page, "2026-03-03T10:15:00Z") {
			t.Errorf("%s: want %q, and not as the system wrote it", l, want)
		}
	}
}

func TestEveryLetterIsBuiltForEveryReader(t *testing.T) {
	checked := 0
	for name, l := range allKinds(t) {
		checked++
		doc := show(t, Document(l))
		for _, fault := range lettertest.Structure(doc) {
			t.Errorf("%s: %s", name, fault)
		}
		if !strings.Contains(doc, `<html lang="`+string(l.Lang)+`">`) || strings.Contains(doc, "[letter") {
			t.Errorf("%s: no language, or a sentence is missing", name)
		}
	}
	if checked < 30 {
		t.Fatalf("got %d letters: this test checks little", checked)
	}
}

// A page that is wrong in every way must not pass.
func TestTheStructuralCheckFindsWhatIsWrong(t *testing.T) {
	good := show(t, Document(write(t, lettertest.Options{Lang: wording.German})))
	if got := lettertest.Structure(good); len(got) > 0 {
		t.Fatalf("got %q, want nothing", got)
	}
	for _, tt := range []struct{ name, old, new, want string }{
		{"no language", ` lang="de"`, "", "no language"},
		{"no title", "<title>", "<title></title><title>", "title"},
		{"a level left out", "<h2", "<h4", "follows"},
		{"a table without caption", "<caption>", "<span>", "caption"},
		{"a head without scope", ` scope="col"`, "", "scope"},
		{"a link without words", ">Zum Schreiben springen<", "><", "a is empty"},
		{"a link to nowhere", `id="letter"`, "", "letter"},
		{"an image without words", "<main", "<img src=x><main", "image"},
		{"two titles of first order", "<header>", "<header><h1>x</h1>", "2 h1"},
	} {
		page := strings.Replace(good, tt.old, tt.new, 1)
		if page == good {
			t.Fatalf("%s: nothing was changed", tt.name)
		}
		if got := strings.Join(lettertest.Structure(page), "; "); !strings.Contains(got, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestThePreviewFitsIntoAnotherPage(t *testing.T) {
	for name, l := range allKinds(t) {
		part := show(t, Preview(l))
		for _, foreign := range []string{"<html", "<head", "<style", "<h1", "<h2", "<main", " id="} {
			if strings.Contains(part, foreign) {
				t.Errorf("%s: there is %s", name, foreign)
			}
		}
		around := `<html lang="de"><head><title>x</title></head><body><header></header><main><h1>x</h1><h2>x</h2>` + part + `</main></body></html>`
		for _, fault := range lettertest.Structure(around) {
			t.Errorf("%s: %s", name, fault)
		}
		for _, s := range l.Sections {
			if !strings.Contains(part, html.EscapeString(s.Heading)) {
				t.Errorf("%s: %s is not shown", name, s.Part)
			}
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
	if *sampleFolder == "" {
		t.Skip("no folder named")
	}
	for name, l := range allKinds(t) {
		if err := os.WriteFile(filepath.Join(*sampleFolder, name+".html"), []byte(show(t, Document(l))), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// allKinds writes the sample of every kind in both languages, and three answers.
func allKinds(t *testing.T) map[string]model.Letter {
	t.Helper()
	all := map[string]model.Letter{}
	for _, lang := range wording.Languages {
		for _, k := range model.Kinds {
			l, err := model.Write(model.Sample(k, lang, lettertest.Authority()))
			if err != nil {
				t.Fatal(err)
			}
			all[string(k)+"-"+string(lang)] = l
		}
		in, err := model.SampleAnswer(lang, lettertest.Authority())
		if err != nil {
			t.Fatal(err)
		}
		if all["answer-"+string(lang)], err = model.Answer(in); err != nil {
			t.Fatal(err)
		}
		all["long-"+string(lang)] = write(t, lettertest.Options{Lang: lang, Lines: 3})
		all["carried-"+string(lang)] = write(t, lettertest.Options{Lang: lang, Done: true})
	}
	return all
}

func render(t *testing.T, o lettertest.Options) string {
	t.Helper()
	return show(t, Answer(write(t, o)))
}

func write(t *testing.T, o lettertest.Options) model.Letter {
	t.Helper()
	in, err := lettertest.Input(o)
	if err != nil {
		t.Fatal(err)
	}
	l, err := model.Answer(in)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func show(t *testing.T, c templ.Component) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(context.Background(), &b); err != nil {
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

func BenchmarkLetterAsHTML(b *testing.B) {
	n := model.Sample(model.KindExtension, wording.German, lettertest.Authority())
	for b.Loop() {
		l, err := model.Write(n)
		if err != nil {
			b.Fatal(err)
		}
		if err := Document(l).Render(context.Background(), io.Discard); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "letters/s")
}

func BenchmarkAnswerAsHTML(b *testing.B) {
	in, err := model.SampleAnswer(wording.German, lettertest.Authority())
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		l, err := model.Answer(in)
		if err != nil {
			b.Fatal(err)
		}
		if err := Document(l).Render(context.Background(), io.Discard); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "letters/s")
}
