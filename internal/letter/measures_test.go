package letter_test

import (
	"slices"
	"strings"
	"testing"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/disclosure"
	"einsicht/internal/law"
	"einsicht/internal/letter"
	"einsicht/internal/letter/lettertest"
	"einsicht/internal/person"
	"einsicht/internal/wording"
)

func TestTheLetterSaysWhatWasDoneWhatStaysWhyAndUntilWhen(t *testing.T) {
	for lang, sentences := range map[wording.Lang]map[string]string{
		wording.German: {
			"erased, read back and searched again": "Am 20.11.2026 haben wir Ihre Daten gelöscht: 2 Einträge. Gelesen und geprüft am 21.11.2026.\nDanach haben wir das ganze Verfahren noch einmal nach Ihnen durchsucht.",
			"one that was erased":                  "Am 20.11.2026 haben wir Ihre Daten gelöscht: 1 Eintrag.",
			"masked, with what went along":         "Am 20.11.2026 haben wir Ihre Daten zum Teil gelöscht: 1 Eintrag. Gelesen und geprüft am 21.11.2026. Zugehörige Einträge, die dabei mit gelöscht wurden: 3.",
			"the field that stays and why":         " In diesen Einträgen bleibt:\nRechnungsbetrag: § 147 Abs. 3 AO",
			"corrected, and which field":           "haben wir Ihre Daten berichtigt: 1 Eintrag. Gelesen und geprüft am 21.11.2026. Betroffene Angaben: E-Mail-Adresse.",
			"restricted":                           "haben wir die Verarbeitung Ihrer Daten eingeschränkt: 1 Eintrag.",
			"by hand, with their words":            "Beschäftigte haben Ihre Daten gelöscht: alles, was zu Ihnen in diesem Verfahren steht oder stand. Bestätigt am 21.11.2026. Die zuständige Stelle erklärt dazu:\nWir haben das Gespräch gelöscht",
			"a statement that was added":           "Beschäftigte haben Ihre ergänzende Erklärung zu Ihren Daten hinzugefügt: 1 Eintrag. Bestätigt am 21.11.2026. Die zuständige Stelle erklärt dazu:\nDie Erklärung liegt im Vorgang.",
			"a ground, until when":                 "Ihre Daten bleiben gespeichert: 1 Eintrag. Rechtsgrundlage: Art. 17 Abs. 3 Buchst. b DSGVO, § 147 Abs. 3 AO – Rechtliche Pflicht zur Aufbewahrung. Das gilt bis zum 31.12.2026. Am 03.05.2027 prüfen wir",
			"the words of staff":                   "Ihre Daten bleiben gespeichert: 1 Eintrag.\nDie Bestellung wird gerade ausgeliefert.",
			"reasons kept back":                    "Ihre Daten bleiben gespeichert: 1 Eintrag. Gründe teilen wir nicht mit",
			"what another right did":               "Dazu gehört auch, was unter „Löschung“ steht.",
			"restricted until the decision": "Am 20.11.2026 haben wir die Verarbeitung Ihrer Daten eingeschränkt, bis über Ihren Antrag entschieden ist: 1 Eintrag. Gelesen und geprüft am 21.11.2026. " +
				"Darüber ist jetzt entschieden. Die Einschränkung gilt noch und wird aufgehoben. Ab wann, teilen wir Ihnen vorher mit (Art. 18 Abs. 3 DSGVO).\n" +
				"Über die Entscheidung hinaus schränken wir die Verarbeitung nicht ein. Rechtsgrundlage: Art. 21 Abs. 1 Satz 2 DSGVO",
			"the same by hand": "Beschäftigte haben die Verarbeitung Ihrer Daten eingeschränkt, bis über Ihren Antrag entschieden ist: 1 Eintrag. Bestätigt am 21.11.2026. Darüber ist jetzt entschieden. " +
				"Die Einschränkung gilt noch und wird aufgehoben. Ab wann, teilen wir Ihnen vorher mit (Art. 18 Abs. 3 DSGVO). Die zuständige Stelle erklärt dazu:\nIn der Liste vermerkt.",
			"lifted since":                  "1 Eintrag. Gelesen und geprüft am 21.11.2026. Darüber ist entschieden. Die Einschränkung haben wir am 21.11.2026 aufgehoben.",
			"a backup":                      "Logdateien Land.NRW: Eine Datensicherung kann die gelöschten Daten noch enthalten. Sie wird nach 30 Tagen überschrieben, spätestens am 20.12.2026.",
			"backups of which nobody knows": "Chat, Online-Broschüren-Service: Wie lange eine Datensicherung die gelöschten Daten noch enthält, ist uns nicht bekannt.",
		},
		wording.English: {
			"erased":   "On 20 Nov 2026 we erased your data: 2 records. Read and checked on 21 Nov 2026.",
			"by hand":  "Staff erased your data: everything about you that is or was in this system. Confirmed on 21 Nov 2026.",
			"a ground": "Your data stay stored: 1 record. Legal basis: Art. 17 Abs. 3 Buchst. b DSGVO, § 147 Abs. 3 AO",
			"a backup": "It is overwritten after 30 days, on 20 Dec 2026 at the latest.",
		},
	} {
		l := write(t, carried(t, lang))
		got := textOf(l, letter.Done)
		for name, want := range sentences {
			if !strings.Contains(got, want) {
				t.Errorf("%s, %s: got\n%s\nwant %q in it", lang, name, got, want)
			}
		}
		if missing := letter.Missing(l); len(missing) > 0 {
			t.Errorf("%s: got %q, want nothing missing", lang, missing)
		}
		if strings.Contains(got, "nicht eingeschränkt") || strings.Contains(got, "did not restrict") {
			t.Errorf("%s: got\n%s\nwant nobody told that what was restricted was not", lang, got)
		}
		if all := lettertest.Text(l); strings.Contains(all, "[letter") || strings.Contains(all, "VALUE") || strings.Contains(all, lettertest.Planted) {
			t.Errorf("%s: a sentence is missing, or a value or a note is told:\n%s", lang, all)
		}
	}
}

func TestTheSummaryCountsWhatWasDone(t *testing.T) {
	got := textOf(write(t, carried(t, wording.German)), letter.Summary)
	want := "Das ist geschehen:\nGelöscht: 3 Einträge in 2 Verfahren.\nGelöscht: alle Daten zu Ihnen in 1 Verfahren.\nZum Teil gelöscht: 1 Eintrag in 1 Verfahren.\n" +
		"Berichtigt: 1 Eintrag in 1 Verfahren.\nUm Ihre Erklärung ergänzt: 1 Eintrag in 1 Verfahren.\nEingeschränkt: 1 Eintrag in 1 Verfahren.\nBis zur Entscheidung eingeschränkt: 3 Einträge in 1 Verfahren.\nUnverändert: 3 Einträge in 1 Verfahren.\n"
	if !strings.Contains(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestALetterWithoutMeasuresSaysNothingOfThem(t *testing.T) {
	if _, ok := write(t, input(t, wording.German)).Section(letter.Done); ok {
		t.Error("got a part about measures, want none")
	}
}

// A right that only changes data has no data to tell.
func TestARightThatChangesDataIsAnsweredAlone(t *testing.T) {
	in := carried(t, wording.German)
	in.Rights, in.Disclosed = in.Rights[1:], disclosure.Disclosed{}
	l := write(t, in)
	var got []letter.Part
	for _, s := range l.Sections {
		got = append(got, s.Part)
	}
	if want := []letter.Part{letter.Summary, letter.Outcome, letter.Done, letter.Complaint, letter.Remedy}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if missing := letter.Missing(l); len(missing) > 0 || len(l.Groups) > 0 {
		t.Errorf("got %q, %d groups", missing, len(l.Groups))
	}
}

// What nobody may know of leaves no trace: neither in words nor in numbers.
func TestASecretMeasureLeavesNoTrace(t *testing.T) {
	for _, lang := range wording.Languages {
		in, err := lettertest.Input(lettertest.Options{Lang: lang, Done: true, Secret: true})
		if err != nil {
			t.Fatal(err)
		}
		got, want := lettertest.Text(write(t, in)), lettertest.Text(write(t, carried(t, lang)))
		if got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", lang, got, want)
		}
	}
}

func TestALetterThatPromisesWhatNobodyDidStays(t *testing.T) {
	const undone, unfinished, unfounded = "was in keinem Verfahren getan wurde", "noch nicht alles ausgeführt", "fehlt die Begründung"
	done := disclosure.Taken{Measure: casefile.Measure{State: casefile.Done}, Text: casefile.MeasureText{Proof: casefile.Proof{Gone: true}}}
	open := disclosure.Taken{Measure: casefile.Measure{State: casefile.ForUnit}}
	byStaff := disclosure.Taken{Measure: casefile.Measure{State: casefile.Stays}, Stay: disclosure.Stay{Reason: person.NewText("weil")}}
	byLaw := disclosure.Taken{Measure: casefile.Measure{State: casefile.Stays}, Stay: disclosure.Stay{Title: "Archiv", Citation: "§ 10 Abs. 1 DSG NRW"}}
	unsaid := disclosure.Taken{Measure: casefile.Measure{State: casefile.Stays}}
	uncited := disclosure.Taken{Measure: casefile.Measure{State: casefile.Stays}, Stay: disclosure.Stay{Title: "Archiv"}}
	secret := done
	secret.Text.Secret = true
	for _, tt := range []struct {
		name    string
		right   law.Right
		outcome casefile.Outcome
		by      law.Right // the right that the measures are for
		taken   []disclosure.Taken
		want    string
		says    string
	}{
		{"erasure that nobody carried out", law.Erasure, casefile.Granted, law.Erasure, nil, undone, ""},
		{"erasure in part that nobody carried out", law.Erasure, casefile.PartlyGranted, law.Erasure, nil, undone, ""},
		{"rectification", law.Rectification, casefile.Granted, law.Rectification, nil, undone, ""},
		{"consent that was withdrawn", law.ConsentWithdrawal, casefile.Granted, law.ConsentWithdrawal, nil, undone, ""},
		{"an objection", law.Objection, casefile.Granted, law.Restriction, []disclosure.Taken{byLaw}, undone, ""},
		{"a restriction beside a rectification", law.Restriction, casefile.Granted, law.Rectification, []disclosure.Taken{done}, undone, ""},
		{"only what nobody may know of", law.Erasure, casefile.Granted, law.Erasure, []disclosure.Taken{secret}, undone, ""},
		{"what was done", law.Erasure, casefile.Granted, law.Erasure, []disclosure.Taken{done}, "", "Wir entsprechen Ihrem Antrag."},
		{"what another right had done", law.Objection, casefile.Granted, law.Erasure, []disclosure.Taken{done}, "", "Wir entsprechen Ihrem Antrag."},
		{"what stays under a ground", law.Erasure, casefile.PartlyGranted, law.Erasure, []disclosure.Taken{byLaw}, "", "Wir entsprechen Ihrem Antrag zum Teil."},
		{"a task that is open", law.Erasure, casefile.Granted, law.Erasure, []disclosure.Taken{done, open}, unfinished, ""},
		{"granted, and some stays", law.Erasure, casefile.Granted, law.Erasure, []disclosure.Taken{done, byStaff}, "", "Wir entsprechen Ihrem Antrag zum Teil."},
		{"granted, and all stays", law.Erasure, casefile.Granted, law.Erasure, []disclosure.Taken{byStaff}, "", "Wir lehnen Ihren Antrag ab."},
		{"it stays for no reason", law.Erasure, casefile.Granted, law.Erasure, []disclosure.Taken{done, unsaid}, unfounded, ""},
		{"a ground without its provision", law.Erasure, casefile.PartlyGranted, law.Erasure, []disclosure.Taken{done, uncited}, "Rechtsgrundlage", ""},
		{"a refusal", law.Erasure, casefile.Refused, law.Erasure, nil, "", "Wir lehnen Ihren Antrag ab."},
		{"nothing held", law.Erasure, casefile.NothingHeld, law.Erasure, nil, "", "keine Löschung mitzuteilen"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := input(t, wording.German)
			r := letter.RightAnswer{Right: tt.right, Outcome: tt.outcome}
			if tt.outcome == casefile.Refused || tt.want == undone && tt.outcome == casefile.PartlyGranted {
				r.ForPerson = person.NewText("weil")
			}
			in.Rights, in.Disclosed = []letter.RightAnswer{r}, disclosure.Disclosed{}
			for i := range tt.taken {
				tt.taken[i].Right, tt.taken[i].Do = tt.by, connector.CanErase
			}
			in.Measures = disclosure.Carried(wording.German, tt.taken)
			l := write(t, in)
			got := letter.Missing(l)
			if tt.want == "" && len(got) > 0 || tt.want != "" && (len(got) != 1 || !strings.Contains(got[0], tt.want)) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if said := textOf(l, letter.Outcome); !strings.Contains(said, tt.says) {
				t.Errorf("got %q, want %q", said, tt.says)
			}
		})
	}
}

func TestOnlyWhatWasCorrectedIsSaidToBe(t *testing.T) {
	in := carried(t, wording.German)
	in.Rights = []letter.RightAnswer{{Right: law.Rectification, Outcome: casefile.Granted, Done: []letter.Promise{{System: "stk-hotline", Text: "Hotline: Die Daten werden in diesem Verfahren berichtigt."}}}}
	for i := range in.Measures.All {
		in.Measures.All[i].Right = law.Rectification
	}
	if got := textOf(write(t, in), letter.Outcome); strings.Contains(got, "Hotline") {
		t.Errorf("got %q, want nothing of a system in which nothing was corrected", got)
	}
	in.Measures.All = nil
	if got := textOf(write(t, in), letter.Outcome); !strings.Contains(got, "Hotline") {
		t.Errorf("before anything was done: got %q, want the systems that hold data", got)
	}
}

// Beside what was done, nobody reads that it will be done.
func TestWhatWasDoneIsNotPromised(t *testing.T) {
	const erased, withErased, backup, elsewhere = "Logdateien: Die Daten werden gelöscht.", "Logdateien: Die Daten werden nicht mehr verarbeitet.", "Die Sicherung wird überschrieben.", "Newsletter: Die Daten werden gelöscht."
	in := carried(t, wording.German)
	in.Rights = []letter.RightAnswer{
		{Right: law.Erasure, Outcome: casefile.Granted, Done: []letter.Promise{{System: "stk-weblog", Text: erased}, {System: "stk-newsletter", Text: elsewhere}, {Text: backup}}},
		{Right: law.Objection, Outcome: casefile.Granted, Done: []letter.Promise{{System: "stk-weblog", Text: withErased}}},
	}
	got := textOf(write(t, in), letter.Outcome)
	for sentence, want := range map[string]bool{erased: false, withErased: false, backup: true, elsewhere: true} {
		if strings.Contains(got, sentence) != want {
			t.Errorf("after it was done: %q is there: %t, want %t\n%s", sentence, !want, want, got)
		}
	}
	for i := range in.Measures.All {
		in.Measures.All[i].State = disclosure.MeasureOpen
	}
	if got := textOf(write(t, in), letter.Outcome); !strings.Contains(got, erased) || !strings.Contains(got, withErased) {
		t.Errorf("in a draft: got %q, want what is to be done", got)
	}
}

func carried(t *testing.T, l wording.Lang) letter.Input {
	t.Helper()
	in, err := lettertest.Input(lettertest.Options{Lang: l, Done: true})
	if err != nil {
		t.Fatal(err)
	}
	return in
}
