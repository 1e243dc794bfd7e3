package frame

import (
	"context"
	"flag"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"golang.org/x/net/html"

	"einsicht/internal/wording"
	"einsicht/views/kern"
)

var sampleFile = flag.String("sample", "", "write the page with all blocks to this file, to look at it")

// everything is one page with every block of views/kern on it.
func everything(l wording.Lang) templ.Component {
	f := Frame{
		Lang: l, Title: "Alle Bausteine", Failed: true, Path: "/stk-nrw/antrag", CSRF: "token", Demo: true,
		Authority: Authority{Name: "Staatskanzlei des Landes Nordrhein-Westfalen", Path: "/stk-nrw"},
		Back:      kern.Link{Href: "/stk-nrw", Label: "Zurück"},
		Crumbs:    []kern.Link{{Href: "/stk-nrw", Label: "Startseite"}, {Label: "Antrag"}},
		Nav:       []kern.Link{{Href: "/a", Label: "Antrag stellen", Current: true}, {Href: "/b", Label: "Stand meines Antrags"}},
	}
	blocks := []templ.Component{
		kern.PageHeading(kern.Heading{Preline: "Antrag auf Auskunft", Title: "Was hilft uns, Ihre Daten zu finden?", Subline: "Art. 15 DSGVO"}),
		kern.ErrorSummary("Bitte prüfen Sie zwei Angaben", []kern.FieldError{{ID: "mail", Text: "Die E-Mail-Adresse ist unvollständig."}, {ID: "born", Text: "Diesen Tag gibt es nicht."}}),
		kern.Steps(kern.Progress{Label: "Schritt 3 von 5: Angaben", Value: 3, Max: 5}),
		kern.Text("Je mehr wir wissen, desto sicherer finden wir alles. Was Sie nicht angeben möchten, lassen Sie weg."),
		kern.Line(kern.Input{Field: kern.Field{Name: "name", Label: "Name"}, Value: "Erika Mustermann", Autocomplete: "name"}),
		kern.Line(kern.Input{Field: kern.Field{Name: "mail", Label: "E-Mail-Adresse", Hint: "Die Adresse, mit der Sie den Newsletter bestellt haben.", Error: "Die E-Mail-Adresse ist unvollständig.", Optional: "freiwillig"}, Type: "email", Value: "erika@"}),
		kern.DateField(kern.Date{Field: kern.Field{Name: "born", Label: "Geburtsdatum", Hint: "Zum Beispiel 12 8 1964", Error: "Diesen Tag gibt es nicht."}, Day: "31", Month: "2", Year: "1964", DayLabel: "Tag", MonthLabel: "Monat", YearLabel: "Jahr", Birthday: true}),
		kern.Lines(kern.Area{Field: kern.Field{Name: "more", Label: "Was sollen wir noch wissen?", Optional: "freiwillig"}, Rows: 4}),
		kern.Radios(kern.Choice{Field: kern.Field{Name: "who", Label: "Um wessen Daten geht es?"}, Options: []kern.Option{{Value: "me", Label: "Um meine", Selected: true}, {Value: "child", Label: "Um die meines Kindes", Hint: "Wir bitten später um einen Nachweis."}}}),
		kern.Checkboxes(kern.Choice{Field: kern.Field{Name: "rights", Label: "Was möchten Sie?", Error: "Bitte wählen Sie mindestens eines."}, Options: []kern.Option{{Value: "access", Label: "Welche Daten haben Sie über mich?", Hint: "Auskunft, Art. 15 DSGVO"}, {Value: "erasure", Label: "Löschen Sie meine Daten.", Hint: "Löschung, Art. 17 DSGVO"}}}),
		kern.Select(kern.Choice{Field: kern.Field{Name: "land", Label: "Land"}, Empty: "Bitte wählen", Options: []kern.Option{{Value: "NW", Label: "Nordrhein-Westfalen"}, {Value: "NI", Label: "Niedersachsen"}}}),
		kern.File(kern.Upload{Field: kern.Field{Name: "files", Label: "Unterlagen", Optional: "freiwillig"}, Multiple: true, Accept: ".pdf,.jpg", Limits: "PDF oder JPEG, zusammen höchstens 25 MB."}),
		kern.Checkbox(kern.Check{Field: kern.Field{Name: "consent", Label: "Ich bin einverstanden, dass die Antwort in diesem Portal bekannt gegeben wird.", Hint: "§ 41 Abs. 2a VwVfG"}, Value: "yes"}),
		kern.Actions(kern.Button{Label: "Antrag absenden"}, kern.Button{Label: "Zurück", Rank: kern.Secondary, Skip: true}, kern.Button{Label: "Drucken", Rank: kern.Tertiary, Print: true}),
		kern.BigCode(kern.Code{Label: "Aktenzeichen", Groups: []string{"STK-NRW", "2026", "7K3Q", "9XWD", "4"}}),
		kern.Message(kern.Alert{Kind: kern.Success, Title: "Ihr Antrag ist eingegangen"}, "Sie erhalten bis Freitag, 18. Dezember 2026 eine Antwort."),
		kern.Message(kern.Alert{Kind: kern.Warning, Title: "Bitte notieren Sie den Zugangscode"}, ""),
		kern.Message(kern.Alert{Kind: kern.Info, Title: "Gut zu wissen"}, "Die Auskunft kostet nichts."),
		with(kern.SideNote("Warum fragen wir das?"), kern.Text("Unter dieser Adresse führt das Newsletter-System seine Einträge.")),
		with(kern.Accordions(), templ.Join(
			with(kern.Accordion(kern.Details{Title: "So haben wir gerechnet"}), kern.Text("Eingang am 18. November 2026, ein Monat.")),
			with(kern.Accordion(kern.Details{Title: "Was, wenn ich nicht zufrieden bin?", Open: true}), kern.Text("Sie können sich beschweren.")))),
		kern.Description([]kern.Item{{Key: "Name", Value: "Erika Mustermann"}, {Key: "Anschrift", Value: "Heidestraße 17", Lines: []string{"51147 Köln"}}}),
		kern.Review(kern.Summary{ID: "person", Number: 1, Title: "Über wen?", Items: []kern.Item{{Key: "Name", Value: "Erika Mustermann"}}, Edit: kern.Link{Href: "/x", Label: "Bearbeiten"}}),
		kern.Tasks([]kern.Task{{ID: "t1", Title: "Identität klären", Href: "/t1", Status: kern.Badge{Kind: kern.Warning, Label: "offen"}}, {ID: "t2", Title: "Funde prüfen", Status: kern.Badge{Kind: kern.Success, Label: "erledigt"}}}),
		with(kern.Cards(), templ.Join(
			kern.Box(kern.Card{Title: "Auskunft", Preline: "Art. 15 DSGVO", Text: "Welche Daten haben Sie über mich?", Href: "/antrag"}),
			kern.Box(kern.Card{Title: "Berichtigung", Preline: "Art. 16 DSGVO", Text: "Meine Daten stimmen nicht.", Href: "/antrag2"}))),
		kern.Timeline([]kern.Event{{When: "18. November 2026", Machine: "2026-11-18", Title: "Antrag eingegangen", Text: "Wir haben die Systeme mit kurzer Speicherdauer sofort gefragt."}, {When: "bis 18. Dezember 2026", Title: "Antwort", Future: true}}),
		kern.Grid(kern.Table{ID: "cases", Caption: "Vorgänge", Keys: true, Columns: []kern.Column{{Title: "Aktenzeichen"}, {Title: "Ampel"}, {Title: "Frist"}, {Title: "Tage", Numeric: true}}, Rows: []kern.Row{
			{Cells: []kern.Cell{{Text: "STK-NRW-2026-7K3Q9XWD4", Href: "/c/1"}, {Content: kern.Light(kern.Badge{Kind: kern.Success, Label: "in der Frist"})}, {Text: "18.12.2026"}, {Text: "27"}}},
			{Cells: []kern.Cell{{Text: "STK-NRW-2026-M2B8T0RC6", Href: "/c/2"}, {Content: kern.Light(kern.Badge{Kind: kern.Warning, Label: "bald fällig"})}, {Text: "25.11.2026"}, {Text: "4"}}},
			{Cells: []kern.Cell{{Text: "STK-NRW-2026-1A2B3C4D5", Href: "/c/3"}, {Content: kern.Light(kern.Badge{Kind: kern.Danger, Label: "überfällig"})}, {Text: "20.11.2026"}, {Text: "-1"}}},
			{Cells: []kern.Cell{{Text: "STK-NRW-2026-6E7F8G9H0", Href: "/c/4"}, {Content: kern.Light(kern.Badge{Kind: kern.Info, Label: "ruht"})}, {Text: "–"}, {Text: ""}}},
		}}),
		kern.Grid(kern.Table{ID: "stacked", Caption: "Angaben", Stacked: true, Small: true, Columns: []kern.Column{{Title: "Angabe"}, {Title: "Stand"}}, Rows: []kern.Row{{Cells: []kern.Cell{{Text: "E-Mail"}, {Content: kern.Tag(kern.Badge{Kind: kern.Info, Label: "behauptet"})}}}}}),
		kern.Pagination(kern.Pages{Label: "Seiten", Prev: kern.Link{Href: "?before=x", Label: "Vorige"}, Next: kern.Link{Href: "?after=y", Label: "Nächste"}, Range: "26 bis 50 von 128"}),
		kern.SideNav("Abschnitte", []kern.Link{{Href: "#cases", Label: "Vorgänge", Current: true}, {Href: "#stacked", Label: "Angaben"}}),
		kern.Empty("Noch keine Nachrichten", "Hier erscheint, was die Behörde Ihnen schreibt."),
		kern.Loading("Wir fragen die Systeme …"),
		kern.Bullets([]string{"Post", "Telefon"}),
	}
	return with(Page(f), with(kern.Post(kern.Form{Action: "/stk-nrw/antrag", CSRF: "token", Upload: true}), templ.Join(blocks...)))
}

func with(outer, inner templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return outer.Render(templ.WithChildren(ctx, inner), w)
	})
}

func TestEveryBlockIsTiedTogetherAndKeepsToTheSecurityPolicy(t *testing.T) {
	var b strings.Builder
	if err := everything(wording.German).Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	if *sampleFile != "" {
		if err := os.WriteFile(*sampleFile, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	doc, err := html.Parse(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]int{}
	var references []string
	h1 := 0
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if n.Data == "h1" {
			h1++
		}
		for _, a := range n.Attr {
			switch {
			case a.Key == "id":
				ids[a.Val]++
			case slices.Contains([]string{"for", "aria-describedby", "aria-labelledby"}, a.Key):
				references = append(references, strings.Fields(a.Val)...)
			case a.Key == "href" && strings.HasPrefix(a.Val, "#"):
				references = append(references, a.Val[1:])
			case a.Key == "style" || strings.HasPrefix(a.Key, "on"):
				t.Errorf("<%s %s=%q> needs an exception from the Content-Security-Policy", n.Data, a.Key, a.Val)
			}
		}
		if (n.Data == "script" || n.Data == "style") && n.FirstChild != nil {
			t.Errorf("inline <%s>", n.Data)
		}
	}
	for id, count := range ids {
		if count > 1 {
			t.Errorf("id %q stands %d times on the page", id, count)
		}
	}
	for _, ref := range references {
		if ids[ref] == 0 {
			t.Errorf("something refers to %q, which does not exist", ref)
		}
	}
	if h1 != 1 {
		t.Errorf("%d h1 on the page, want 1", h1)
	}
	if strings.Contains(b.String(), "[frame.") || strings.Contains(b.String(), "[start.") {
		t.Error("a sentence is missing")
	}
}

func TestATitleStartsWithTheErrorAndNamesTheAuthority(t *testing.T) {
	for name, c := range map[string]struct {
		frame Frame
		want  string
	}{
		"a page of the portal":         {Frame{Lang: wording.German, Title: "Start"}, "Start – Einsicht"},
		"a page of an authority":       {Frame{Lang: wording.German, Title: "Antrag", Authority: Authority{Name: "IT.NRW"}}, "Antrag – IT.NRW – Einsicht"},
		"a form that came back":        {Frame{Lang: wording.German, Title: "Antrag", Failed: true}, "Fehler: Antrag – Einsicht"},
		"a form that came back, en":    {Frame{Lang: wording.English, Title: "Request", Failed: true}, "Error: Request – Einsicht"},
		"a page that forgot its title": {Frame{Lang: wording.German}, "Einsicht"},
	} {
		if got := c.frame.title(); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestADemonstrationNeverCallsItselfOfficial(t *testing.T) {
	f := Frame{Lang: wording.German, Authority: Authority{Name: "IT.NRW"}}
	if got := f.official(); !strings.Contains(got, "Offizielle Website – IT.NRW") {
		t.Errorf("got %q", got)
	}
	f.Demo = true
	if got := f.official(); strings.Contains(got, "Offizielle") {
		t.Errorf("got %q for a demonstration", got)
	}
}
