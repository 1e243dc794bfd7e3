package desk_test

import (
	"regexp"
	"strings"
	"testing"

	"einsicht/internal/casefile"
	"einsicht/internal/inventory"
	"einsicht/internal/wording"
)

func TestTheRegisterIsGermanInGerman(t *testing.T) {
	for _, inv := range inventory.Shipped() {
		h := newOffice(t)
		h.o.Inventory = inv
		text := h.desk(t, casefile.Officer).Get("/desk/verzeichnis").TextOf("main")
		for _, s := range inv.Systems {
			if strings.Contains(text, "("+s.ID+")") {
				t.Errorf("%s: a system stands by its id: %s", inv.Authority.ID, s.ID)
			}
		}
		for _, english := range []string{`state of \d`, `in force from`, `Art\. \d+\([a-z0-9]`, `, \(\d\)`, `Art der Quelle (weblog|manual|sql|cdr|imap|portal)\b`, `\b(the|and|from)\b`} {
			if at := regexp.MustCompile(english).FindStringIndex(text); at != nil {
				t.Errorf("%s: got %q", inv.Authority.ID, text[max(0, at[0]-40):min(len(text), at[1]+60)])
			}
		}
	}
}

func TestProvisionsAreCitedAsGermanDoes(t *testing.T) {
	h := newOffice(t)
	s := &h.o.Inventory.Systems[0]
	s.LegalBasis = []string{"Art. 6(1)(e), (3) DSGVO", "Art. 9(2)(a) DSGVO (soweit angegeben)", "Art. 5(2), 7(3), 12, 15 bis 22 DSGVO", "§ 3 Abs. 1 DSG NRW"}
	want := "Art. 6 Abs. 1 Buchst. e, Abs. 3 DSGVO; Art. 9 Abs. 2 Buchst. a DSGVO (soweit angegeben); Art. 5 Abs. 2, 7 Abs. 3, 12, 15 bis 22 DSGVO; § 3 Abs. 1 DSG NRW"
	if text := h.desk(t, casefile.Officer).Get("/desk/verzeichnis").Text(); !strings.Contains(text, want) {
		t.Errorf("want %q", want)
	}
}

// TestWhatWasReadIsSaidInBothLanguages: the catalogue says it in English alone.
func TestWhatWasReadIsSaidInBothLanguages(t *testing.T) {
	for _, a := range book.Acts() {
		key := "exam.read." + strings.ReplaceAll(a.Name, " ", "_")
		if !wording.Has(key) || wording.Text(wording.English, key) != a.Read {
			t.Errorf("%s: %s is missing, or says something else than the catalogue: %s", a.Name, key, a.Read)
		}
	}
}
