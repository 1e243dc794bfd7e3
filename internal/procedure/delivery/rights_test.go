package delivery

import (
	"strings"
	"testing"

	"einsicht/internal/casefile"
	"einsicht/internal/inventory"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/catalogue"
	"einsicht/internal/person"
	"einsicht/internal/procedure"
	"einsicht/internal/wording"
)

// What the catalogue tells staff to do instead is no matter of the person's.
func TestALetterSaysOfAGroundOnlyWhatIsMeantForIt(t *testing.T) {
	book, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	m := procedure.Matter{Edition: book.On(calendar.Day(2026, 3, 2))}
	m.Inventory.Systems = []inventory.System{{ID: "tape", Name: "Bänder", BackupOnly: true, RotationDays: 28}, {ID: "live", Name: "Vorgänge"}}
	for _, g := range m.Edition.Grounds() {
		for lang, want := range map[wording.Lang]string{wording.German: g.ForLetter.DE, wording.English: g.ForLetter.EN} {
			l := casefile.Limit{Ground: g.ID, System: "live", Citation: g.Citation, ForPerson: person.NewText("weil")}
			if got := limitOf(m, law.Access, l, lang).Instead; got != want {
				t.Errorf("%s: got %q, want %q", g.ID, got, want)
			}
			l.ReasonsWithheld = true
			if got := limitOf(m, law.Access, l, lang); got.Instead+got.Citation+got.Title+got.ForPerson.Reveal() != "" {
				t.Errorf("%s in silence: got ground %q, title %q, instead %q", g.ID, got.Citation, got.Title, got.Instead)
			}
		}
	}
	l := casefile.Limit{Ground: "NRW-12-2-S2", System: "tape", ForPerson: person.NewText("weil")}
	if got := limitOf(m, law.Access, l, wording.German).Instead; !strings.HasSuffix(got, "nach 28 Tagen überschrieben.") {
		t.Errorf("got %q, want when the backup is overwritten", got)
	}
}
