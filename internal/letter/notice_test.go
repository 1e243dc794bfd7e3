package letter_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"einsicht/internal/inventory"
	"einsicht/internal/law"
	"einsicht/internal/law/assess"
	"einsicht/internal/law/catalogue"
	"einsicht/internal/letter"
	"einsicht/internal/letter/lettertest"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/wording"
)

// ownNI is what an authority of Lower Saxony must enter before it can ask a
// security authority: the text of § 9 NDSG is not known.
const ownNI = `
consultation.basis.NI:
  de: "§ 9 NDSG"
  en: "§ 9 NDSG"
`

func TestEveryKindIsCompleteInBothLanguagesAndLands(t *testing.T) {
	book := shippedBook(t)
	citations := 0
	for _, n := range samples(t) {
		name := fmt.Sprintf("%s %s %s", n.Kind, n.Lang, n.Authority.ID)
		l := writeNotice(t, n)
		if got := letter.Missing(l); len(got) > 0 {
			t.Errorf("%s: got missing %q, want nothing", name, got)
		}
		for _, p := range n.Kind.Mandatory() {
			if s, ok := l.Section(p); !ok || len(s.Blocks) == 0 || s.Heading == "" {
				t.Errorf("%s: no %s", name, p)
			}
		}
		if len(l.Sections) == 0 || l.Sections[0].Part != letter.Summary {
			t.Errorf("%s: does not begin with the summary", name)
		}
		citations += checkText(t, book, name, lettertest.Text(l))
	}
	for _, land := range authorities() {
		for _, lang := range wording.Languages {
			citations += checkText(t, book, "answer "+land.ID, lettertest.Text(write(t, sampleAnswer(t, lang, land))))
		}
	}
	if citations < 200 {
		t.Errorf("got %d citations: this test checks little", citations)
	}
}

// checkText: no sentence missing, no placeholder left, every citation of an act
// that the catalogue lists.
func checkText(t *testing.T, book catalogue.Book, name, text string) int {
	t.Helper()
	if strings.ContainsAny(text, "{}") || strings.Contains(text, "[letter") || strings.Contains(text, "[…]") {
		t.Errorf("%s: something is not filled in:\n%s", name, text)
	}
	bad, found := lettertest.BadCitations(book, text)
	for _, b := range bad {
		t.Errorf("%s: %q is no citation in the long form of an act of the catalogue", name, b)
	}
	return found
}

func TestWhatIsNoCitationIsFound(t *testing.T) {
	book := shippedBook(t)
	for _, bad := range []string{"§§ 12 und 13 DSG NRW", "§ 12 Abs. 2 und 3 DSG NRW", "§ 12 XYG", "Art. 6(1)(e) DSGVO", "§ 400 DSG NRW", "Art. 15 GDPRX"} {
		if got, _ := lettertest.BadCitations(book, "Siehe "+bad+", so ist es."); len(got) == 0 {
			t.Errorf("%s: taken for a citation", bad)
		}
	}
	for _, good := range []string{"§ 12 Abs. 2 DSG NRW", "Art. 12(3) sentence 2 GDPR", "recital 63 GDPR", "§ 4 Abs. 5 Satz 1 ArchivG NRW"} {
		if got, found := lettertest.BadCitations(book, "Siehe "+good+". So"); len(got) > 0 || found == 0 {
			t.Errorf("%s: got %q of %d", good, got, found)
		}
	}
}

func TestALetterWithoutAMandatoryPartIsNotFinished(t *testing.T) {
	for _, n := range samples(t) {
		if n.Lang != wording.German {
			continue
		}
		for _, part := range n.Kind.Mandatory() {
			l := writeNotice(t, n)
			heading := removePart(&l, part)
			got := letter.Missing(l)
			if len(got) != 1 || !strings.Contains(got[0], heading) && !strings.Contains(got[0], nameOf[part]) {
				t.Errorf("%s without %s: got %q, want it named", n.Kind, part, got)
			}
		}
	}
	for _, part := range []letter.Part{
		letter.Summary, letter.Outcome, letter.Confirmation, letter.Searched, letter.MoreRights, letter.Automated, letter.Complaint, letter.Remedy,
	} {
		l := write(t, input(t, wording.German))
		heading := removePart(&l, part)
		got := letter.Missing(l)
		if len(got) != 1 || !strings.Contains(got[0], heading) && !strings.Contains(got[0], nameOf[part]) {
			t.Errorf("answer without %s: got %q, want it named", part, got)
		}
	}
}

// nameOf says by which words Missing names a part that has a sentence of its own.
var nameOf = map[letter.Part]string{
	letter.Outcome: "Entscheidung", letter.Complaint: "Aufsichtsbehörde", letter.Remedy: "Rechtsbehelfsbelehrung",
	letter.Confirmation: "ob Daten verarbeitet werden", letter.Searched: "wo gesucht wurde", letter.MoreRights: "weitere Rechte",
	letter.Automated: "automatisierte Entscheidungen",
}

func removePart(l *letter.Letter, part letter.Part) (heading string) {
	s, _ := l.Section(part)
	l.Sections = slices.DeleteFunc(slices.Clone(l.Sections), func(s letter.Section) bool { return s.Part == part })
	return s.Heading
}

func TestWhatStaffMustEnterIsNamed(t *testing.T) {
	for _, n := range samples(t) {
		for _, name := range append(n.Kind.Words(), n.Kind.Values()...) {
			if !n.Kind.Needs(name) {
				continue
			}
			short := n
			short.Words, short.Values = without(n.Words, name), without(n.Values, name)
			got := letter.Missing(writeNotice(t, short))
			want := wording.Text(wording.German, "letter.missing.entry."+name)
			if !slices.Equal(got, []string{want}) {
				t.Errorf("%s without %s: got %q, want %q", n.Kind, name, got, want)
			}
		}
	}
}

func TestEveryWordAndValueHasItsLabels(t *testing.T) {
	for _, k := range letter.Kinds {
		for _, name := range append(k.Words(), k.Values()...) {
			for _, key := range []string{"letters.label." + name, "letter.missing.entry." + name} {
				if !wording.Has(key) {
					t.Errorf("%s: there is no %s", k, key)
				}
			}
		}
		if !wording.Has("letters.kind." + string(k)) {
			t.Errorf("%s has no name", k)
		}
	}
}

func TestADayMustBeADay(t *testing.T) {
	n := letter.Sample(letter.KindReceipt, wording.German, authorities()[0])
	n.Values["due"] = "3. Dezember"
	var p *problem.Error
	if _, err := letter.Write(n); !errors.As(err, &p) || p.Fields["due"] == "" || strings.Contains(err.Error(), "Dezember") {
		t.Errorf("got %v, want problem.Invalid about due", err)
	}
	n.Values = map[string]string{"until": "2026-11-20"}
	if _, err := letter.Write(n); err == nil {
		t.Error("a value of another kind: got no error")
	}
}

func TestALetterToOthersTellsNothingAboutTheApplicant(t *testing.T) {
	for _, n := range samples(t) {
		if !n.Kind.ToOthers() {
			continue
		}
		text := lettertest.Text(writeNotice(t, n))
		for _, secret := range []string{"Mustermann", wording.ShortDate(n.Lang, n.Received), wording.Text(n.Lang, "letter.ref.received")} {
			if strings.Contains(text, secret) {
				t.Errorf("%s: says %q", n.Kind, secret)
			}
		}
	}
}

func TestTheRemedyThatIsNotSettledWaitsForTheAuthoritysText(t *testing.T) {
	nw, ni := authorities()[0], authorities()[3]
	for _, tt := range []struct {
		name      string
		authority inventory.Authority
		nonPublic bool
		servant   bool
		block     string // empty: settled
	}{
		{"a body under § 5(5) DSG NRW", nw, true, false, "remedy.bdsg_nonpublic"},
		{"a civil servant of Lower Saxony", ni, false, true, "remedy.civil_servant_ni"},
		{"a civil servant in NRW", nw, false, true, ""},
		{"anybody else", ni, false, false, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := sampleAnswer(t, wording.German, tt.authority)
			in.NonPublic, in.CivilServant = tt.nonPublic, tt.servant
			n := letter.Sample(letter.KindClosing, wording.German, tt.authority)
			n.NonPublic, n.CivilServant = tt.nonPublic, tt.servant
			for _, l := range []letter.Letter{write(t, in), writeNotice(t, n)} {
				got := letter.Missing(l)
				if tt.block == "" {
					if len(got) > 0 {
						t.Errorf("%s: got %q, want nothing missing", l.Kind, got)
					}
					continue
				}
				if len(got) != 1 || !strings.Contains(got[0], tt.block) {
					t.Errorf("%s: got %q, want %s named and nothing else", l.Kind, got, tt.block)
				}
				if text := lettertest.Text(l); strings.Contains(text, "klagen") || strings.Contains(text, "einen Monat") {
					t.Errorf("%s: instructs all the same: %q", l.Kind, text)
				}
			}
			if tt.block == "" {
				return
			}
			own := parseTexts(t, tt.block+":\n  de: \"Unser Weg zu {court} in {seat}.\"\n  en: \"Our way.\"\n")
			in.Texts, n.Texts = own, own
			for _, l := range []letter.Letter{write(t, in), writeNotice(t, n)} {
				if got := letter.Missing(l); len(got) > 0 || !strings.Contains(textOf(l, letter.Remedy), "Unser Weg") {
					t.Errorf("%s: got %q and %q, want the authority's text", l.Kind, got, textOf(l, letter.Remedy))
				}
			}
		})
	}
}

func TestNobodyIsSentToACourtThatIsNotSettled(t *testing.T) {
	n := letter.Sample(letter.KindExtension, wording.German, authorities()[0])
	if got := lettertest.Text(writeNotice(t, n)); !strings.Contains(got, "§ 75 VwGO") {
		t.Errorf("got %q, want the court", got)
	}
	n.NonPublic = true
	if got := lettertest.Text(writeNotice(t, n)); strings.Contains(got, "VwGO") {
		t.Errorf("got %q, want no court", got)
	}
}

func TestNobodyOffersTheAnswerToTheSupervisoryAuthority(t *testing.T) {
	for _, n := range samples(t) {
		if got := lettertest.Text(writeNotice(t, n)); strings.Contains(got, "auf Ihr Verlangen") || strings.Contains(got, "Auf Ihr Verlangen") {
			t.Errorf("%s: offers what the law here does not know", n.Kind)
		}
	}
}

func TestTheArchivesSilenceCountsOnlyWhereTheLawSaysSo(t *testing.T) {
	for _, tt := range []struct {
		authority inventory.Authority
		body      assess.Body
		want, not string
	}{
		{authorities()[0], assess.OfLand, "§ 4 Abs. 5 Satz 1 ArchivG NRW", "§ 10"},
		{authorities()[2], assess.Municipal, "ausdrückliche Entscheidung", "§ 4 Abs. 5"},
		{authorities()[0], assess.OtherBody, "§ 11 Abs. 3 ArchivG NRW", "§ 10"},
		{authorities()[3], assess.OfLand, "§ 3 Abs. 1 NArchG", "ArchivG NRW"},
	} {
		n := letter.Sample(letter.KindArchiveOffer, wording.German, tt.authority)
		n.Body = tt.body
		got := lettertest.Text(writeNotice(t, n))
		if !strings.Contains(got, tt.want) || strings.Contains(got, tt.not) || !strings.Contains(got, "unzulässig war") {
			t.Errorf("%s %s: got %q, want %q and not %q", tt.authority.ID, tt.body, got, tt.want, tt.not)
		}
	}
}

// Only whom nobody can identify has to fear the end of the case.
func TestAReminderThreatensNobodyWhoWasAskedForDetails(t *testing.T) {
	for about, want := range map[letter.Kind]struct{ says, not string }{
		letter.KindIdentity:      {"schließen wir den Antrag ab", "so, wie Sie ihn gestellt haben"},
		letter.KindClarification: {"so, wie Sie ihn gestellt haben", "schließen"},
		"":                       {"Haben wir Sie nur um genauere Angaben gebeten, antworten wir auch ohne sie.", "so, wie Sie"},
	} {
		n := letter.Sample(letter.KindReminder, wording.German, authorities()[0])
		n.About = about
		l := writeNotice(t, n)
		if got := textOf(l, letter.Consequence); !strings.Contains(got, want.says) || strings.Contains(got, want.not) {
			t.Errorf("%q: got %q, want %q", about, got, want.says)
		}
	}
}

// The status page takes no answers.
func TestAQuestionSaysWhereTheAnswerGoes(t *testing.T) {
	a := authorities()[0]
	for _, k := range []letter.Kind{letter.KindIdentity, letter.KindClarification, letter.KindReminder, letter.KindSuspended} {
		n := letter.Sample(k, wording.German, a)
		got := textOf(writeNotice(t, n), letter.Ways)
		for _, want := range []string{a.Contact.Zip, a.Contact.Phone, a.Contact.Email, n.FileNumber} {
			if want == "" || !strings.Contains(got, want) {
				t.Errorf("%s: got %q, want %q", k, got, want)
			}
		}
		if strings.Contains(got, "Statusseite") {
			t.Errorf("%s: got %q", k, got)
		}
	}
}

func TestARecipientIsToldWhatWasDone(t *testing.T) {
	n := letter.Sample(letter.KindRecipientsNotice, wording.German, authorities()[0])
	n.Rights = []law.Right{law.Access}
	if got := letter.Missing(writeNotice(t, n)); len(got) != 1 || !strings.Contains(got[0], "was mit den Daten geschehen ist") {
		t.Errorf("got %q, want the action missing", got)
	}
}

func samples(t *testing.T) []letter.Notice {
	t.Helper()
	var all []letter.Notice
	for _, a := range authorities() {
		for _, k := range letter.Kinds {
			for _, l := range wording.Languages {
				n := letter.Sample(k, l, a)
				if a.Land == "NI" {
					n.Texts = parseTexts(t, ownNI)
				}
				if a.ID == "krz" {
					n.Body = assess.Municipal
				}
				all = append(all, n)
			}
		}
	}
	return all
}

// authorities are shipped ones: of the Land, a Landesbetrieb, a municipal one and
// one in Lower Saxony.
var authorities = sync.OnceValue(func() []inventory.Authority {
	shipped := inventory.Shipped()
	var list []inventory.Authority
	for _, id := range []string{"stk-nrw", "it-nrw", "krz", "nlq"} {
		i := slices.IndexFunc(shipped, func(inv inventory.Inventory) bool { return inv.Authority.ID == id })
		list = append(list, shipped[i].Authority)
	}
	return list
})

func sampleAnswer(t *testing.T, l wording.Lang, a inventory.Authority) letter.Input {
	t.Helper()
	in, err := letter.SampleAnswer(l, a)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func writeNotice(t *testing.T, n letter.Notice) letter.Letter {
	t.Helper()
	l, err := letter.Write(n)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func parseTexts(t *testing.T, data string) letter.Texts {
	t.Helper()
	texts, err := letter.ParseTexts("own.yaml", []byte(data))
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

func shippedBook(t *testing.T) catalogue.Book {
	t.Helper()
	book, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	return book
}

func without[V string | person.Text](m map[string]V, name string) map[string]V {
	rest := map[string]V{}
	for k, v := range m {
		if k != name {
			rest[k] = v
		}
	}
	return rest
}
