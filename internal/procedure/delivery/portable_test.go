package delivery

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"iter"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/disclosure"
	"einsicht/internal/export"
	"einsicht/internal/inventory"
	"einsicht/internal/law"
	"einsicht/internal/letter"
	"einsicht/internal/person"
	"einsicht/internal/wording"
	portableview "einsicht/views/portable"
)

// sample takes orders along, of which not all goes, and nothing of a log.
func sample(t *testing.T, lang wording.Lang, rights ...letter.RightAnswer) *answer {
	t.Helper()
	a := &answer{c: casefile.Case{FileNumber: "E-2026-0001"}}
	a.input = letter.Input{Lang: lang, Authority: inventory.Authority{ID: "stk-nrw", Name: "Staatskanzlei des Landes Nordrhein-Westfalen"}, Date: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), Rights: rights}
	decisions := map[uuid.UUID]disclosure.Decision{}
	orders := func(string) iter.Seq2[disclosure.Finding, error] {
		return func(yield func(disclosure.Finding, error) bool) {
			for i := range 3 {
				id := uuid.UUID{byte(i)}
				decisions[id] = disclosure.Decision{Verdict: disclosure.Give}
				f := connector.Finding{Reference: fmt.Sprint("orders/", i), Category: "orders", Label: "Bestellung", Fields: []connector.Field{
					{Name: "ordered_at", Label: "Bestellt am", Value: person.NewText("2026-03-03 10:15:00+01")},
					{Name: "sent_at", Label: "Verschickt", Value: person.NewText("2026-03-04 09:00:00")},
					{Name: "note", Label: "Hinweis <b>", Value: person.NewText("<script>alert(1)</script>")},
					{Name: "internal_reference_of_the_shipping_company", Value: person.NewText("x"), Unmapped: true},
					{Name: "score", Label: "Wertung", Value: person.NewText("WORKED OUT"), Category: disclosure.Inferred},
					{Name: "colleague", Label: "Bearbeitet von", Value: person.NewText("SOMEBODY ELSE"), ThirdParty: true},
					{Name: "token", Label: "Kennwort", Withheld: true},
					{Name: "file_content", Label: "Foto", Value: person.NewText("dateien/stk-brochures/Foto am See & Wald #1.jpg"), Body: &connector.Body{}},
				}}
				if !yield(disclosure.Finding{ID: id, Finding: f}, nil) {
					return
				}
			}
		}
	}
	for range orders("") { // decides
	}
	var err error
	a.portable, err = disclosure.TakeAlong(orders, decisions, []inventory.System{{ID: "stk-brochures", Name: "Online-Broschüren-Service"}}, func(system, reference string) uuid.UUID {
		return recordID([]byte("secret"), system, reference)
	})
	if err != nil {
		t.Fatal(err)
	}
	a.files = []export.Entry{{Name: "dateien/stk-brochures/Foto am See & Wald #1.jpg"}, {Name: "dateien/stk-weblog/access.log"}}
	return a
}

var refusedLog = []letter.SystemLine{
	{System: "Online-Broschüren-Service", Applies: true, Why: "Vertrag"},
	{System: "Logdateien Land.NRW", Why: "Die Verarbeitung dient einer öffentlichen Aufgabe.", Citation: "Art. 20 Abs. 3 Satz 2 DSGVO"},
}

var testKey = ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))

func render(t *testing.T, a *answer, inside bool) string {
	t.Helper()
	var b bytes.Buffer
	if err := portableview.Index(a.page(*a.takeout(t.Context(), testKey), inside)).Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(b.String(), "\u00a0", " ")
}

func TestThePageSaysWhatGoesAndWhatDoesNot(t *testing.T) {
	right := letter.RightAnswer{Right: law.Portability, Outcome: casefile.PartlyGranted, Systems: refusedLog,
		Limits: []letter.Limit{{System: "Online-Broschüren-Service", Title: "Rechte anderer", Citation: "Art. 20 Abs. 4 DSGVO"}, {System: "Rückrufe", ReasonsWithheld: true}}}
	a := sample(t, wording.German, right)
	inside, beside := render(t, a, true), render(t, a, false)
	for name, page := range map[string]string{"inside": inside, "beside": beside} {
		for _, want := range []string{`<html lang="de">`, "<h1>Ihre Daten zum Mitnehmen</h1>", "<caption>", `scope="col"`, `scope="row"`, "3 Einträge aus 1 Verfahren", "Bestellt am", "Zeitpunkt mit Zeitzone, geschrieben nach RFC 3339.",
			"Eine Zeitzone speichert es nicht.", "hat die Behörde noch nicht beschrieben", "Hinweis &lt;b&gt;", export.Fingerprint(testKey),
			"Foto am See &amp; Wald #1.jpg"} {
			if !strings.Contains(page, want) {
				t.Errorf("%s: want %q in\n%s", name, want, page)
			}
		}
		for _, never := range []string{"WORKED OUT", "SOMEBODY ELSE", "<script", "orders/1", "access.log", "E-2026-0001", "src=", "http://", "https://", "@import", "url(", "[portability"} {
			if strings.Contains(page, never) {
				t.Errorf("%s: got %q in it", name, never)
			}
		}
	}
	for _, want := range []string{`href="./daten/stk-brochures.json"`, `href="./dateien/stk-brochures/Foto%20am%20See%20&amp;%20Wald%20%231.jpg"`, "steht in der Antwort der Behörde an Sie"} {
		if !strings.Contains(inside, want) {
			t.Errorf("inside: want %q in\n%s", want, inside)
		}
	}
	if regexp.MustCompile(`href="[^#]`).MatchString(beside) {
		t.Error("beside: leads to files that lie elsewhere")
	}
	for _, want := range []string{"Logdateien Land.NRW", "Die Verarbeitung dient einer öffentlichen Aufgabe.", "Art. 20 Abs. 3 Satz 2 DSGVO", "Rechte anderer", "3 Angaben, die wir selbst abgeleitet haben", "3 Angaben, die Rechte anderer berühren", "3 Zugangsgeheimnisse", "Die Gründe teilen wir nicht mit.", "auf Antrag Auskunft (Art. 15 DSGVO)"} {
		if !strings.Contains(beside, want) || strings.Contains(inside, want) {
			t.Errorf("want %q beside the package, and not in what is handed on", want)
		}
	}
	if got := a.filesToTake(); len(got) != 1 {
		t.Errorf("got %d files, want that of the system that Art. 20 reaches", len(got))
	}
}

func TestAccessIsOfferedWhereSomethingStays(t *testing.T) {
	full := letter.RightAnswer{Right: law.Portability, Outcome: casefile.Granted, Systems: refusedLog[:1]}
	refused := letter.RightAnswer{Right: law.Portability, Outcome: casefile.Refused, Systems: refusedLog[1:]}
	access := letter.RightAnswer{Right: law.Access, Outcome: casefile.Granted}
	for name, c := range map[string]struct {
		a    *answer
		want string
	}{
		"all of it goes":           {&answer{input: letter.Input{Lang: wording.German, Rights: []letter.RightAnswer{full}}}, ""},
		"nothing goes":             {&answer{input: letter.Input{Lang: wording.German, Rights: []letter.RightAnswer{refused}}}, "geben wir Ihnen auf Antrag Auskunft"},
		"nothing, but with access": {&answer{input: letter.Input{Lang: wording.German, Rights: []letter.RightAnswer{refused, access}}}, "finden Sie in dieser Auskunft"},
		"a value stays":            {sample(t, wording.German, full), "geben wir Ihnen auf Antrag Auskunft"},
		"in English":               {sample(t, wording.English, full), "you can ask for access"},
	} {
		got := c.a.offer(c.a.input.Rights[0])
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestNamesOfRecordsAreTheSameAndTellNothing(t *testing.T) {
	id := recordID([]byte("secret"), "s", "r")
	if id != recordID([]byte("secret"), "s", "r") || id.Version() != 8 || id.Variant() != uuid.RFC4122 {
		t.Errorf("got %v of version %d", id, id.Version())
	}
	for name, other := range map[string]uuid.UUID{
		"another record": recordID([]byte("secret"), "s", "q"), "another system": recordID([]byte("secret"), "t", "r"),
		"another authority": recordID([]byte("other"), "s", "r"), "the same letters": recordID([]byte("secret"), "sr", ""),
	} {
		if other == id {
			t.Errorf("%s has the same name", name)
		}
	}
}
