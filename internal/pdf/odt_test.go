package pdf

import (
	"bufio"
	"bytes"
	"strings"
	"testing"

	"einsicht/internal/letter"
	"einsicht/internal/letter/lettertest"
	"einsicht/internal/wording"
)

func TestTheFooterCountsPagesInTheLettersLanguage(t *testing.T) {
	for lang, want := range map[wording.Lang][2]string{wording.German: {">Seite <", "> von <"}, wording.English: {">Page <", "> of <"}} {
		l, err := letter.Write(letter.Sample(letter.KindReceipt, lang, lettertest.Authority()))
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		w := bufio.NewWriter(&out)
		if err := writeODT(t.Context(), w, l, nil); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		if got := out.String(); !strings.Contains(got, want[0]) || !strings.Contains(got, want[1]) {
			t.Errorf("%s: the footer lacks %q", lang, want)
		}
	}
}
