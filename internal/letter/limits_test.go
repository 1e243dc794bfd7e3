package letter_test

import (
	"strings"
	"testing"
	"time"

	"einsicht/internal/casefile"
	"einsicht/internal/law"
	"einsicht/internal/law/catalogue"
	"einsicht/internal/letter"
	"einsicht/internal/person"
	"einsicht/internal/wording"
)

func TestTheDecisionSaysOfEachLimitWhatWhyUntilWhenAndWhatInstead(t *testing.T) {
	in := sampleAnswer(t, wording.German, authorities()[0])
	in.Rights[1].Limits = append(in.Rights[1].Limits, letter.Limit{
		System: "Akten", Citation: "§ 10 Abs. 1 Alt. 1 DSG NRW", Effect: string(catalogue.Defer), Title: "Angebot an das Archiv",
		ForPerson: person.NewText("Das Archiv entscheidet noch."), LookAgain: time.Date(2027, 5, 3, 0, 0, 0, 0, time.UTC),
	})
	got := textOf(write(t, in), letter.Outcome)
	for _, want := range []string{
		"Hier bleiben Daten gespeichert.", "acht Jahre aufbewahren", "Art. 17 Abs. 3 Buchst. b DSGVO, § 147 Abs. 3 AO – Rechtliche Pflicht",
		"Das gilt bis zum 31.12.2034.", "Was das für Sie heißt: Bis dahin sperren wir den Zugriff.",
		"Hier löschen wir noch nicht.", "§ 10 Abs. 1 Alt. 1 DSG NRW", "Am 03.05.2027 prüfen wir",
		"Die Sicherung wird nach 30 Tagen überschrieben.",
		"Zugriffsprotokoll (Beispiel)|Nein|Die Verarbeitung dient einer öffentlichen Aufgabe. (Art. 20 Abs. 3 Satz 2 DSGVO)",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("got\n%s\nwant %q in it", got, want)
		}
	}
}

func TestWithheldReasonsTellNeitherGroundNorTitle(t *testing.T) {
	in := sampleAnswer(t, wording.German, authorities()[0])
	in.Rights[1].Limits = []letter.Limit{{
		System: "Hinweise", Citation: "§ 99 Geheimgesetz", Title: "Geheimer Titel", Effect: "withhold", ForPerson: person.NewText("Geheimer Grund"), ReasonsWithheld: true,
	}}
	l := write(t, in)
	got := textOf(l, letter.Outcome)
	for _, secret := range []string{"§ 99", "Geheim"} {
		if strings.Contains(got, secret) {
			t.Errorf("got %q, want no %s", got, secret)
		}
	}
	if !strings.Contains(got, "Gründe teilen wir nicht mit") || len(letter.Missing(l)) > 0 {
		t.Errorf("got %q, %q", got, letter.Missing(l))
	}
}

func TestASecretLimitLeavesNoTrace(t *testing.T) {
	in := sampleAnswer(t, wording.German, authorities()[0])
	in.Rights[0].Limits = nil
	want := write(t, in)
	in.Rights[0].Limits = []letter.Limit{{System: "Geheim", Citation: "§ 12 Abs. 2 DSG NRW", Effect: "withhold", SecretFact: true}}
	got := write(t, in)
	for _, s := range want.Sections {
		if a, b := textOf(want, s.Part), textOf(got, s.Part); a != b {
			t.Errorf("%s: got %q, want %q", s.Part, b, a)
		}
	}
	if len(letter.Missing(got)) > 0 {
		t.Errorf("got %q, want nothing missing", letter.Missing(got))
	}
}

func TestALimitNeedsItsReasonsAndItsGround(t *testing.T) {
	for name, tt := range map[string]struct {
		take func(*letter.Limit)
		want string
	}{
		"no reasons": {func(l *letter.Limit) { l.ForPerson = person.Text{} }, "„Löschung“ fehlt die Begründung"},
		"no ground":  {func(l *letter.Limit) { l.Citation = "" }, "„Löschung“ fehlt bei einer Grenze die Rechtsgrundlage"},
	} {
		t.Run(name, func(t *testing.T) {
			in := sampleAnswer(t, wording.German, authorities()[0])
			tt.take(&in.Rights[1].Limits[0])
			got := letter.Missing(write(t, in))
			if len(got) != 1 || !strings.Contains(got[0], tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestEveryEffectThatLimitsHasItsWords(t *testing.T) {
	for _, g := range shippedBook(t).Grounds() {
		if g.Effect.IsLimit() && !wording.Has("letter.limit.effect."+string(g.Effect)) {
			t.Errorf("%s: the effect %s has no words", g.ID, g.Effect)
		}
	}
}

func TestTheSummaryFollowsFromTheOutcomes(t *testing.T) {
	in := sampleAnswer(t, wording.German, authorities()[0])
	got := textOf(write(t, in), letter.Summary)
	for _, want := range []string{"Auskunft über Ihre Daten: Ja.", "Löschung: Zum Teil ja.", "Übertragung Ihrer Daten: Nein.", "Sie müssen nichts tun.", "einen Monat Zeit"} {
		if !strings.Contains(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	for _, o := range append(casefile.Outcomes, "unattributable") {
		if !wording.Has("letter.summary." + string(o)) {
			t.Errorf("the outcome %s has no summary", o)
		}
	}
	for _, r := range law.Rights {
		if sentence := wording.Text(wording.German, "letter.right."+string(r)); len(sentence) > 40 {
			t.Errorf("%s is long for a summary", r)
		}
	}
}
