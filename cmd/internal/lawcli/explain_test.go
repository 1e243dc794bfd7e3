package lawcli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// unsettled is a case nobody has worked out: it expects nothing.
const unsettled = `-- Steuerakte --
Ein Mann fragt nach seiner Akte. Darin liegen Steuerdaten eines Dritten.

Recht: Auskunft
Land: Nordrhein-Westfalen
Entschieden am: 2.3.2026
Verfahren: Vorgangsverwaltung; Art. 6 Abs. 1 UAbs. 1 Buchst. e DSGVO; automatisiert
Verfahren: Postfach; Art. 6 Abs. 1 UAbs. 1 Buchst. e DSGVO; automatisiert; noch keine Antwort

Zu NRW-12-2-3A in Vorgangsverwaltung:
  Verlangt eine bestimmte Rechtsvorschrift, die Daten oder die Tatsache ihrer Verarbeitung geheim zu halten (etwa § 30 AO, § 35 SGB I, § 16 BStatG, § 203 StGB)? Ja.
  Gilt das Geheimnis auch gegenüber der Person selbst? Ja.
  Hat die Stelle ihr Ermessen ausgeübt und sich dafür entschieden? Ja.

Zu NRW-12-2-1 in Vorgangsverwaltung:

Zu NRW-22-4:
  Dient die Verarbeitung ausschließlich der Vorbereitung oder Verleihung öffentlicher Auszeichnungen oder Ehrungen? Nein.

Zu BDSG-34-1-2A in Vorgangsverwaltung:
`

func TestACaseIsExplainedInGerman(t *testing.T) {
	out, err := Explain([]string{caseFile(t, unsettled)}, false)
	if err != nil {
		t.Fatal(err)
	}
	got := string(out)
	for _, want := range []string{
		"Steuerakte (", "case.txtar:1)",
		"Ein Mann fragt nach seiner Akte.",
		"Auskunft nach Art. 15 DSGVO, Nordrhein-Westfalen, nach dem Recht vom Montag, 2. März 2026.",
		"Ergebnis: offen.",
		"Noch keine Antwort von:\n- Postfach\n",
		"Was die Person nach dem Stand der Antworten bekommt:\n- Vorgangsverwaltung: ",
		"Was begrenzt ist:\n- Vorgangsverwaltung: § 12 Abs. 2 Satz 1 Nr. 3 Alt. 1 DSG NRW (NRW-12-2-3A), ",
		"für Teile; erneut prüfen",
		"Was stattdessen geschieht:\n- Vorgangsverwaltung: Die Auskunft wird mit Schwärzungen gegeben.",
		"(NRW-22-4), ", "Verneint: Dient die Verarbeitung ausschließlich",
		"(BDSG-34-1-2A), ", "Gilt hier nicht oder begrenzt dieses Recht nicht.",
		"Was die Behörde noch beantworten muss:\n- Vorgangsverwaltung: ", "(§ 12 Abs. 2 Satz 1 Nr. 1 DSG NRW)",
		"Was sie außerdem beantworten kann:\n- Vorgangsverwaltung: Würde die Begründung den Zweck der Verweigerung gefährden? (§ 12 Abs. 2 Satz 1 Nr. 3 Alt. 1 DSG NRW)",
		"Was in die Akte gehört:\n- Vorgangsverwaltung: ", "die genaue Rechtsvorschrift",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("nothing says %q in:\n%s", want, got)
		}
	}
}

func TestACaseIsExplainedAsJSON(t *testing.T) {
	out, err := Explain([]string{caseFile(t, unsettled)}, true)
	if err != nil {
		t.Fatal(err)
	}
	var got []struct {
		Name, Right, Land, On, Outcome string
		Line                           int
		Catalogue                      string `json:"catalogue_sha256"`
		Pending                        []string
		Limits                         []struct{ Ground, Citation, System, Effect string }
		NotHolding                     []struct{ Ground, Standing string }      `json:"not_holding"`
		Ask                            []struct{ Ground, About, DE, EN string } `json:"ask_staff"`
		May                            []struct{ Ground, About, DE, EN string } `json:"may_ask"`
		OnFile                         []struct{ Citation, DE, EN string }      `json:"on_file"`
	}
	if err := json.Unmarshal(out, &got); err != nil || len(got) != 1 {
		t.Fatalf("got %v, %s", err, out)
	}
	x := got[0]
	if x.Name != "Steuerakte" || x.Line != 1 || x.Right != "access" || x.Land != "NW" || x.On != "2026-03-02" || x.Outcome != "open" || len(x.Catalogue) != 64 || !slices.Equal(x.Pending, []string{"Postfach"}) {
		t.Errorf("got %+v", x)
	}
	if len(x.Limits) != 1 || x.Limits[0].Ground != "NRW-12-2-3A" || x.Limits[0].System != "Vorgangsverwaltung" {
		t.Errorf("limits: got %+v", x.Limits)
	}
	if len(x.NotHolding) != 2 || x.NotHolding[0].Standing != "fails" || x.NotHolding[1].Standing != "foreign" {
		t.Errorf("not holding: got %+v", x.NotHolding)
	}
	var about []string
	for _, q := range slices.Concat(x.Ask, x.May) {
		about = append(about, q.Ground+" "+q.About)
		if q.DE == "" || q.EN == "" {
			t.Errorf("a question lacks a language: %+v", q)
		}
	}
	want := []string{"NRW-12-2-1 condition", "NRW-12-2-1 discretion", "NRW-12-2-3A reasons", "NRW-12-2-3A secret-fact"}
	if !slices.Equal(slices.Compact(about), want) {
		t.Errorf("asked: got %v, want %v", about, want)
	}
	if len(x.OnFile) == 0 || x.OnFile[0].EN == "" {
		t.Errorf("on file: got %+v", x.OnFile)
	}
}

// TestEveryShippedCaseIsExplained: no sentence of any outcome is missing.
func TestEveryShippedCaseIsExplained(t *testing.T) {
	shipped, err := filepath.Glob("../../../internal/law/testdata/*.txtar")
	if err != nil || len(shipped) == 0 {
		t.Fatalf("no worked case found: %v", err)
	}
	out, err := Explain(shipped, false)
	if err != nil {
		t.Fatal(err)
	}
	if i := strings.IndexAny(string(out), "[]{}"); i >= 0 {
		t.Errorf("a sentence is missing: %q", out[max(0, i-200):i+40])
	}
	if n := strings.Count(string(out), "\nErgebnis: "); n < 250 {
		t.Errorf("got %d cases, want all", n)
	}
	if out, err = Explain(shipped, true); err != nil || strings.Contains(string(out), "null") {
		t.Errorf("as JSON: got %v, or a list that is null", err)
	}
}

func TestWhatCannotBeExplainedIsNamedWithFileAndLine(t *testing.T) {
	for _, tt := range []struct{ name, old, new, want string }{
		{"an unknown question", "Gilt das Geheimnis auch", "Gilt es auch", "case.txtar:12: the catalogue does not ask this question"},
		{"an unknown ground", "Zu NRW-22-4:", "Zu NRW-99:", "case.txtar:17: there is no such ground"},
		{"no right", "Recht: Auskunft", "", "case.txtar:1: the case lacks Recht"},
		{"a day in another form", "2.3.2026", "2026-03-02", "case.txtar:6: write days as"},
		{"no case", "-- Steuerakte --", "Steuerakte", "case.txtar:1: no case"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bad := strings.Replace(unsettled, tt.old, tt.new, 1)
			if bad == unsettled {
				t.Fatal("nothing was changed: this test checks nothing")
			}
			out, err := Explain([]string{caseFile(t, unsettled), caseFile(t, bad)}, false)
			if err == nil || out != nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
	noSystem := strings.ReplaceAll(unsettled[:strings.Index(unsettled, "Zu NRW")], "Verfahren:", "Hinweis:")
	if _, err := Explain([]string{caseFile(t, noSystem)}, false); err == nil || !strings.Contains(err.Error(), "lacks Verfahren") {
		t.Errorf("no system: got %v", err)
	}
	if _, err := Check([]string{caseFile(t, unsettled)}); err == nil || !strings.Contains(err.Error(), "case.txtar:1: the case lacks Ergebnis") {
		t.Errorf("check without an expectation: got %v", err)
	}
	for _, files := range [][]string{nil, {filepath.Join(t.TempDir(), "missing")}} {
		if _, err := Explain(files, false); err == nil {
			t.Errorf("%v: got no error", files)
		}
	}
}

func caseFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "case.txtar")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
