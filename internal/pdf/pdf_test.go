package pdf

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"
	"unicode/utf16"

	"einsicht/internal/disclosure"
	"einsicht/internal/letter"
	"einsicht/internal/letter/lettertest"
	"einsicht/internal/pdf/pdftest"
	"einsicht/internal/person"
	"einsicht/internal/wording"
)

var shared = sync.OnceValues(func() (*Renderer, error) { return New(Config{Parallel: 2, Timeout: 5 * time.Minute}) })

func TestMain(m *testing.M) {
	code := m.Run()
	if r, err := shared(); err == nil {
		_ = r.Close()
	}
	os.Exit(code)
}

func TestEveryLetterBecomesAnAccessiblePDF(t *testing.T) {
	for _, lang := range wording.Languages {
		for name, l := range everyLetter(t, lang) {
			t.Run(string(lang)+"/"+name, func(t *testing.T) {
				t.Parallel()
				file := render(t, l)
				sound(t, file)
				text := textOf(t, file)
				for _, line := range strings.Split(lettertest.Text(l), "\n") {
					if !strings.Contains(text, bare(line)) {
						t.Errorf("got no %q", line)
					}
				}
				for _, line := range l.To {
					if !strings.Contains(text, bare(line.Reveal())) {
						t.Error("a line of the address is missing")
					}
				}
				for _, line := range append([]string{l.Authority}, l.Sender...) {
					if !strings.Contains(text, bare(line)) {
						t.Errorf("got no sender %q", line)
					}
				}
			})
		}
	}
}

func TestTheDataStandInIt(t *testing.T) {
	t.Parallel()
	text := textOf(t, render(t, answer(t, lettertest.Options{Lang: wording.German})))
	for _, want := range []string{
		"Zweck: Abwicklung der Bestellung", "IT.NRW (Auftragsverarbeitung)", "Eintrag 1: Bestellung", "erika@mustermann.example",
		`=HYPERLINK("http://example.org";"<b>hier</b>")`, "Dieser Eintrag wird zurückgehalten.", "geschwärzt",
	} {
		if !strings.Contains(text, bare(want)) {
			t.Errorf("got no %q", want)
		}
	}
	for _, never := range []string{"WITHHELD", lettertest.Planted, "HASH"} {
		if strings.Contains(text, never) {
			t.Errorf("got %q, which must not leave the house", never)
		}
	}
}

func TestGermanWordsInAnEnglishLetterSaySo(t *testing.T) {
	t.Parallel()
	for lang, want := range map[wording.Lang]bool{wording.German: false, wording.English: true} {
		file := render(t, answer(t, lettertest.Options{Lang: lang}))
		other := map[wording.Lang]string{wording.German: "/Lang(en-GB)", wording.English: "/Lang(de-DE)"}[lang]
		if got := bytes.Contains(file, []byte(other)); got != want {
			t.Errorf("%s letter with %s: got %v, want %v", lang, other, got, want)
		}
	}
}

func TestOfManyRecordsItShowsTheFirstAndSaysWhereTheRestIs(t *testing.T) {
	t.Parallel()
	file := render(t, answer(t, lettertest.Options{Lang: wording.English, Lines: 600}))
	sound(t, file)
	text := textOf(t, file)
	if !strings.Contains(text, bare("These are the first 500 of 600 records. All of them are in tabellen/stk-weblog.csv")) {
		t.Error("got no sentence about the rest")
	}
	if !strings.Contains(text, "Record500:") || strings.Contains(text, "Record501:") {
		t.Error("got another number of records, want 500")
	}
}

func TestTheAddressStandsInTheWindow(t *testing.T) {
	t.Parallel()
	for _, sender := range []string{"Horionplatz 1", strings.Repeat("Horionplatz 1 ", 6)} {
		l := answer(t, lettertest.Options{Lang: wording.German})
		l.Sender = []string{sender}
		if len(sender) > 20 { // the columns differ much in height
			l.To, l.Reference = slices.Concat(l.To, l.To, l.To), l.Reference[:1]
		}
		file := render(t, l)
		// DIN 5008, form B: the address begins 62.7 mm below the edge, 25 mm from
		// the left; its first line stands on 66.
		for words, want := range map[string][2]float64{"Erika Mustermann": {25, 66.3}, "Aktenzeichen": {120, 53.0}} {
			left, top, err := pdftest.Place(file, words)
			if err != nil || math.Abs(left-want[0]) > 0.5 || math.Abs(top-want[1]) > 1.5 {
				t.Errorf("sender of %d characters: got %s at %.1f, %.1f, %v; want %v", len(sender), words, left, top, err, want)
			}
		}
	}
}

func TestAHeadingDoesNotStandLastOnAPage(t *testing.T) {
	t.Parallel()
	for fill := range 3 {
		text := textOf(t, render(t, filled(t, fill, 30)))
		if strings.Contains(text, "ÜberschriftSeite") {
			t.Errorf("after %d lines it does", fill)
		} else if !strings.Contains(text, "AbsatzSeite1von") {
			t.Error("the test does not see where a page ends")
		}
	}
}

func TestTheClosingDoesNotStandAloneOnAPage(t *testing.T) {
	t.Parallel()
	for fill := 14; fill < 26; fill += 3 { // it needs the room of four lines
		text := textOf(t, render(t, filled(t, fill, 1)))
		if !strings.Contains(text, "AbsatzMitfreundlichenGrüßen") {
			t.Errorf("after %d lines it does", fill)
		}
	}
}

// filled is a letter with so many lines and sections.
func filled(t *testing.T, lines, sections int) letter.Letter {
	t.Helper()
	l := answer(t, lettertest.Options{Lang: wording.German})
	l.Groups = nil
	l.Opening = slices.Repeat([]letter.Block{letter.Paragraph{Text: "Zeile"}}, lines)
	one := letter.Section{Heading: "Überschrift", Blocks: []letter.Block{letter.Paragraph{Text: "Absatz"}}}
	l.Sections = slices.Repeat([]letter.Section{one}, sections)
	return l
}

func TestAHostileValueNeitherBreaksNorDisappears(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, value, want string }{
		{"markup", `<script>alert("x")</script> & </text:p> ]]> &amp;`, `<script>alert("x")</script> & </text:p> ]]> &amp;`},
		{"a template", `{{.Authority}} {{x}}`, `{{.Authority}} {{x}}`},
		{"control characters", "a\x00b\x07c\x1bd\x7fe", "a[U+0000]b[U+0007]c[U+001B]d[U+007F]e"},
		{"broken UTF-8", "a\xffb", "a[U+FFFD]b"},
		{"characters LibreOffice keeps for itself", "a\ufffab\ufffcc", "a[U+FFFA]b[U+FFFC]c"},
		{"characters that turn the line", "Betrag \u202e005\u202c Euro", "Betrag [U+202E]005[U+202C] Euro"},
		{"a character of no font", "a\U0010fffdb", "a[U+10FFFD]b"},
		{"umlauts", "Müller, Weißenburger Straße, 5 €, Łódź, Ærø, İstanbul, Ελλάδα, Москва", "Müller, Weißenburger Straße, 5 €, Łódź, Ærø, İstanbul, Ελλάδα, Москва"},
		{"blanks and breaks", "  a   b\t c\r\nd\n\n e  ", "abcde"},
		{"empty", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			file := render(t, everywhere(t, tt.value))
			sound(t, file)
			text := textOf(t, file)
			if got := strings.Count(text, bare(tt.want)); got < places {
				t.Errorf("got it %d times, want %d", got, places)
			}
			if !strings.Contains(text, bare("Mit freundlichen Grüßen")) {
				t.Error("the end of the letter is missing")
			}
		})
	}
}

// places is where everywhere puts a value.
const places = 9

func everywhere(t *testing.T, value string) letter.Letter {
	t.Helper()
	l := answer(t, lettertest.Options{Lang: wording.German})
	l.Groups = nil
	l.To[1] = person.NewText(value)
	l.Reference[3].Value, l.Closing[1] = value, value
	l.Sections[0].Blocks = append(l.Sections[0].Blocks, letter.Words{Text: person.NewText(value)},
		letter.Table{Caption: "K", Head: []string{"A", value}, Rows: [][]string{{value, "b"}, {"a", value}}},
		letter.List{Items: []string{value}}, letter.Link{Text: value, URL: "https://example.org/?q=" + value})
	return l
}

func TestAWordThatNeverEndsIsBrokenAndWhole(t *testing.T) {
	t.Parallel()
	const word, words = "Donaudampfschiff", 625 // 10 000 characters without a blank
	file := render(t, everywhere(t, strings.Repeat(word, words)))
	sound(t, file)
	text := textOf(t, file)
	// A page that ends within a word has its number in the middle of it.
	pages := strings.Count(text, "Seite")
	if got, want := strings.Count(text, word), words*places; got < want-pages || got > want {
		t.Errorf("got %d pieces of it on %d pages, want %d", got, pages, want)
	}
}

func TestOtherScriptsDoNotDisappear(t *testing.T) {
	t.Parallel()
	l := answer(t, lettertest.Options{Lang: wording.German})
	l.Groups = nil
	words := []string{"😀", "🦩", "שלום", "مرحبا", "中文", "ಕನ್ನಡ", "👩‍💻"}
	l.Sections[0].Blocks = []letter.Block{letter.List{Items: words}}
	file := render(t, l)
	sound(t, file)
	text := textOf(t, file)
	for _, word := range words {
		for _, r := range word {
			if r == '\u200d' { // joins its neighbours and has no look of its own
				continue
			}
			// Which fonts a machine has differs; a character is there or its number is.
			if !strings.ContainsRune(text, r) && !strings.Contains(text, fmt.Sprintf("[U+%04X]", r)) {
				t.Errorf("of %q got neither %q nor its number", word, r)
			}
		}
	}
}

func TestALinkLeadsToPagesAndMailOnly(t *testing.T) {
	t.Parallel()
	l := answer(t, lettertest.Options{Lang: wording.German})
	l.Groups = nil
	l.Sections[0].Blocks = []letter.Block{letter.Link{Text: "Klick", URL: "javascript:alert(1)"}, letter.Link{Text: "Datei", URL: "file:///etc/passwd"}}
	file := render(t, l)
	sound(t, file)
	if bytes.Contains(file, []byte("alert")) || bytes.Contains(file, []byte("passwd")) {
		t.Error("got the link")
	}
	if text := textOf(t, file); !strings.Contains(text, "Klick") || !strings.Contains(text, "Datei") {
		t.Error("the words of the link are missing")
	}
}

func TestTheMetadataNameNobody(t *testing.T) {
	t.Parallel()
	file := render(t, answer(t, lettertest.Options{Lang: wording.German}))
	for _, secret := range []string{"Mustermann", "Heidestraße", "Sommer", os.TempDir(), "fodt"} {
		wide := make([]byte, 0, 2*len(secret))
		for _, u := range utf16.Encode([]rune(secret)) {
			wide = append(wide, byte(u>>8), byte(u))
		}
		if bytes.Contains(file, []byte(secret)) || bytes.Contains(bytes.ToLower(file), []byte(hex.EncodeToString(wide))) {
			t.Errorf("got %q outside of the pages", secret)
		}
	}
	if !bytes.Contains(file, []byte("<rdf:li>de-DE</rdf:li>")) {
		t.Error("got no language")
	}
}

func TestABlockOfUnknownKindStopsTheLetter(t *testing.T) {
	l := answer(t, lettertest.Options{Lang: wording.German})
	l.Opening = append(l.Opening, nil)
	var out bytes.Buffer
	if err := renderer(t).Render(t.Context(), &out, l); err == nil || out.Len() > 0 {
		t.Errorf("got %v and %d bytes, want an error and nothing", err, out.Len())
	}
}

func TestASourceThatFailsGivesNoHalfLetter(t *testing.T) {
	broken := errors.New("source broke")
	l := answerFrom(t, func(string) iter.Seq2[disclosure.Finding, error] {
		return func(yield func(disclosure.Finding, error) bool) { yield(disclosure.Finding{}, broken) }
	})
	var out bytes.Buffer
	if err := renderer(t).Render(t.Context(), &out, l); !errors.Is(err, broken) || out.Len() > 0 {
		t.Errorf("got %v and %d bytes, want the failure and nothing", err, out.Len())
	}
}

func TestWhoWaitsForATurnCanStop(t *testing.T) {
	r := &Renderer{profiles: make(chan string)}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.Render(ctx, &bytes.Buffer{}, letter.Letter{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it stopped", err)
	}
}

func BenchmarkRender(b *testing.B) {
	r := renderer(b)
	l := answer(b, lettertest.Options{Lang: wording.German})
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := r.Render(context.Background(), &bytes.Buffer{}, l); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "letters/s")
}

// renderer is one for all tests; without LibreOffice they fail and say what to
// install.
func renderer(t testing.TB) *Renderer {
	t.Helper()
	r, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func render(t testing.TB, l letter.Letter) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := renderer(t).Render(t.Context(), &out, l); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func sound(t *testing.T, file []byte) {
	t.Helper()
	problems, err := pdftest.Check(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Error(p)
	}
}

func textOf(t *testing.T, file []byte) string {
	t.Helper()
	text, err := pdftest.Text(file)
	if err != nil {
		t.Fatal(err)
	}
	return bare(text)
}

// bare leaves the blanks out: lines end where the page says so.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

// everyLetter holds each kind of letter once.
func everyLetter(t *testing.T, lang wording.Lang) map[string]letter.Letter {
	t.Helper()
	all := map[string]letter.Letter{"everything": answer(t, lettertest.Options{Lang: lang})}
	in, err := letter.SampleAnswer(lang, lettertest.Authority())
	if err != nil {
		t.Fatal(err)
	}
	if all[string(letter.KindAnswer)], err = letter.Answer(in); err != nil {
		t.Fatal(err)
	}
	for _, k := range letter.Kinds {
		if all[string(k)], err = letter.Write(letter.Sample(k, lang, lettertest.Authority())); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func answer(t testing.TB, o lettertest.Options) letter.Letter {
	t.Helper()
	in, err := lettertest.Input(o)
	if err != nil {
		t.Fatal(err)
	}
	l, err := letter.Answer(in)
	if err != nil {
		t.Fatal(err)
	}
	return l
}
