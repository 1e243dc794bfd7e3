package letter_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"einsicht/internal/casefile"
	"einsicht/internal/disclosure"
	"einsicht/internal/inventory"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/letter"
	"einsicht/internal/letter/lettertest"
	"einsicht/internal/person"
	"einsicht/internal/wording"
)

func TestACompleteAnswerLacksNothing(t *testing.T) {
	for _, l := range wording.Languages {
		if got := letter.Missing(write(t, input(t, l))); len(got) > 0 {
			t.Errorf("%s: got %q, want nothing missing", l, got)
		}
	}
}

func TestMissingNamesEachMandatoryPart(t *testing.T) {
	for _, tt := range []struct {
		name string
		take func(*letter.Input)
		want string
	}{
		{"no authority", func(in *letter.Input) { in.Authority.Name = "" }, "Name der Behörde"},
		{"nobody in charge", func(in *letter.Input) { in.InCharge = "" }, "Person, die für die Behörde handelt"},
		{"no date", func(in *letter.Input) { in.Date = time.Time{} }, "Datum"},
		{"no file number", func(in *letter.Input) { in.FileNumber = "" }, "Aktenzeichen"},
		{"nobody to send it to", func(in *letter.Input) { in.To = nil }, "Empfänger"},
		{"a refusal without reasons", func(in *letter.Input) { in.Rights[1].ForPerson = person.Text{} }, "„Löschung“ fehlt die Begründung"},
		{"a refusal in part without reasons", func(in *letter.Input) {
			in.Rights[1].Outcome, in.Rights[1].ForPerson = casefile.PartlyGranted, person.Text{}
			in.Measures = sampleAnswer(t, wording.German, authorities()[0]).Measures
			in.Measures.All = slices.DeleteFunc(in.Measures.All, func(m disclosure.Measure) bool { return m.State == disclosure.MeasureStays })
		}, "„Löschung“ fehlt die Begründung"},
		{"no system searched", func(in *letter.Input) { in.Disclosed.Systems = nil }, "wo gesucht wurde"},
		{"no supervisory authority", func(in *letter.Input) { in.Authority.Land, in.Court = "", "Verwaltungsgericht Düsseldorf" }, "Aufsichtsbehörde"},
		{"no court, not even of the seat", func(in *letter.Input) { in.Authority.SeatDistrict = "" }, "Rechtsbehelfsbelehrung"},
		{"what was inferred and not confirmed", func(in *letter.Input) { delete(in.Confirmed, "stk-chat") }, "„Chat“: Was im Eintrag erschlossen ist"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := input(t, wording.German)
			tt.take(&in)
			got := letter.Missing(write(t, in))
			if len(got) != 1 || !strings.Contains(got[0], tt.want) {
				t.Errorf("got %q, want one sentence with %q", got, tt.want)
			}
		})
	}
}

func TestAFailedSystemNeedsNoConfirmation(t *testing.T) {
	in := input(t, wording.German)
	delete(in.Confirmed, "stk-hotline")
	if got := letter.Missing(write(t, in)); len(got) > 0 {
		t.Errorf("got %q, want nothing: it has not answered", got)
	}
}

func TestALetterNeedsADecision(t *testing.T) {
	in := input(t, wording.German)
	in.Rights = nil
	if _, err := letter.Answer(in); err == nil {
		t.Error("no right: got no error")
	}
	in.Rights = []letter.RightAnswer{{Right: law.Erasure}}
	if _, err := letter.Answer(in); err == nil {
		t.Error("a right nobody decided: got no error")
	}
}

func TestTheOutcomeOfAccessIsTheDecidedOneUnlessTheRecordsShowLess(t *testing.T) {
	found := disclosure.System{Outcome: disclosure.Found, Given: 2}
	for _, tt := range []struct {
		name    string
		decided casefile.Outcome
		systems []disclosure.System
		want    string
	}{
		{"all given", casefile.Granted, []disclosure.System{found, {Outcome: disclosure.Nothing}}, "Wir entsprechen Ihrem Antrag."},
		{"granted, something withheld", casefile.Granted, []disclosure.System{{Outcome: disclosure.Found, Given: 1, Withheld: 1}}, "zum Teil"},
		{"granted, something blacked out", casefile.Granted, []disclosure.System{{Outcome: disclosure.Found, Given: 1, Blacked: 1}}, "zum Teil"},
		{"granted, a system did not answer", casefile.Granted, []disclosure.System{found, {Outcome: disclosure.Failed}}, "zum Teil"},
		{"nothing held", casefile.NothingHeld, []disclosure.System{{Outcome: disclosure.Nothing}, {Outcome: disclosure.Unattributable}}, "keine Daten mitzuteilen"},
		{"nothing held but the request itself", casefile.NothingHeld, []disclosure.System{{Outcome: disclosure.Found, Given: 1}}, "Wir entsprechen Ihrem Antrag."},
		{"nothing attributable", casefile.NothingHeld, []disclosure.System{{Outcome: disclosure.Unattributable}}, "Art. 11 DSGVO"},
		{"in part, and no record shows it", casefile.PartlyGranted, []disclosure.System{found}, "zum Teil"},
		{"refused as such", casefile.Refused, nil, "Wir lehnen Ihren Antrag ab."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := input(t, wording.German)
			in.Disclosed.Systems = tt.systems
			in.Rights = []letter.RightAnswer{{Right: law.Access, Outcome: tt.decided}}
			if got := textOf(write(t, in), letter.Outcome); !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q in it", got, tt.want)
			}
		})
	}
}

// § 12(2) s. 2 DSG NRW: what only a backup holds is no record in the answer.
func TestALimitThatNoRecordShowsStillRefuses(t *testing.T) {
	in := sampleAnswer(t, wording.German, authorities()[0])
	in.Rights = []letter.RightAnswer{{Right: law.Access, Outcome: casefile.PartlyGranted, Limits: []letter.Limit{{
		System: "Sicherung", Citation: "§ 12 Abs. 2 Satz 2 DSG NRW", Effect: "withhold", ForPerson: person.NewText("Nur eine Sicherung."),
	}}}}
	if got := textOf(write(t, in), letter.Outcome); !strings.Contains(got, "zum Teil") {
		t.Errorf("got %q, want it granted in part", got)
	}
	for name, take := range map[string]func(*letter.RightAnswer){
		"an outcome in part":      func(r *letter.RightAnswer) { r.Limits = nil },
		"a limit of what is held": func(r *letter.RightAnswer) { r.Outcome = casefile.Granted },
	} {
		without := in
		without.Rights = slices.Clone(in.Rights)
		take(&without.Rights[0])
		without.Authority.Contact, without.Authority.SeatDistrict = inventory.Contact{}, ""
		if got := letter.Missing(write(t, without)); !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, "Rechtsbehelfsbelehrung") }) {
			t.Errorf("%s: got %q, want the remedy missed", name, got)
		}
	}
}

func TestTheRemedyNamesTheCourtOrTheRule(t *testing.T) {
	in := input(t, wording.German)
	got := textOf(write(t, in), letter.Remedy)
	for _, want := range []string{"§ 52 Nr. 3 Satz 2 VwGO", "§ 52 Nr. 3 Satz 5 VwGO", ": Verwaltungsgericht Düsseldorf.", "eines Monats"} {
		if !strings.Contains(got, want) {
			t.Errorf("got %q, want rule, court of the seat and period", got)
		}
	}
	in.Court = "Verwaltungsgericht Köln, Appellhofplatz, 50667 Köln"
	if got := textOf(write(t, in), letter.Remedy); !strings.Contains(got, in.Court) || strings.Contains(got, "§ 52") {
		t.Errorf("got %q, want the court and no rule", got)
	}
}

func TestTheComplaintGoesToTheRightAuthorityAndPromisesNothingElse(t *testing.T) {
	for land, want := range map[calendar.Land]string{"NW": "Kavalleriestr. 2-4", "NI": "Prinzenstraße 5"} {
		in := input(t, wording.German)
		in.Authority.Land = land
		got := textOf(write(t, in), letter.Complaint)
		if !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q", land, got, want)
		}
		// § 12 DSG NRW knows no answer by way of the supervisory authority.
		if strings.Contains(got, "auf Ihr Verlangen") {
			t.Errorf("%s: offers what the law does not know", land)
		}
	}
}

func TestSilentReasonsTellNoGroundEither(t *testing.T) {
	in := input(t, wording.German)
	in.Rights = []letter.RightAnswer{{Right: law.Erasure, Outcome: casefile.Refused, Citation: "§ 99 Geheimgesetz", Silent: true}}
	l := write(t, in)
	if got := textOf(l, letter.Outcome); strings.Contains(got, "§ 99") || !strings.Contains(got, "Gründe teilen wir nicht mit") {
		t.Errorf("got %q, want no ground", got)
	}
	if got := letter.Missing(l); len(got) > 0 {
		t.Errorf("got %q, want nothing missing", got)
	}
}

func TestEverySystemIsNamedWithItsResult(t *testing.T) {
	got := textOf(write(t, input(t, wording.German)), letter.Searched)
	for _, want := range []string{
		"Online-Broschüren-Service|Einträge mitgeteilt: 2, zurückgehalten: 2|In Einträgen geschwärzt: 2. Abgefragt am 04.11.2026.",
		"Logdateien Land.NRW|Einträge mitgeteilt: 2|Abgefragt am 04.11.2026. Was älter ist als der 02.11.2026, war schon gelöscht. Regel: bis zu 48 Stunden direkt zugänglich.",
		"Hinweise|Nichts mitzuteilen|Abgefragt am 04.11.2026.",
		"Hotline – Telefonieprotokoll|Keine Antwort erhalten|",
		"Technisch notwendige Cookies|Nicht abgefragt|Die Daten liegen nur auf Ihrem eigenen Gerät.",
		"Chat|Nicht zuzuordnen|Wir können Sie hier nicht identifizieren (Art. 11 Abs. 2 DSGVO).",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("got\n%s\nwant %q in it", got, want)
		}
	}
}

func TestDataAreGroupedByPurposeWithWhatArticle15Wants(t *testing.T) {
	in := input(t, wording.German)
	for i := range in.Disclosed.Systems {
		if in.Disclosed.Systems[i].ID == "stk-weblog" {
			in.Disclosed.Systems[i].Purpose = "Abwicklung der Bestellung und des Versands"
			in.Disclosed.Systems[i].Retention = inventory.Retention{Text: "nicht genannt"}
		}
	}
	l := write(t, in)
	if len(l.Groups) != 1 || len(l.Groups[0].Systems) != 2 {
		t.Fatalf("got %d groups, want one with both systems", len(l.Groups))
	}
	var facts []string
	for _, f := range l.Groups[0].Systems[0].Facts {
		facts = append(facts, f.Label+"="+strings.Join(f.Lines, " / "))
	}
	for _, want := range []string{
		"Zweck (Art. 15 Abs. 1 Buchst. a DSGVO)=Abwicklung",
		"Rechtsgrundlage=Art. 6(1)(e) DSGVO / § 3 Abs. 1 DSG NRW",
		"Kategorien von Daten (Buchst. b)=Name, E-Mail-Adresse, Zeitstempel",
		"Empfänger (Buchst. c)=ServiceCenter Nordrhein-Westfalen direkt / IT.NRW (Auftragsverarbeitung)",
		"Speicherdauer (Buchst. d)=Dazu liegt uns keine Angabe vor.",
	} {
		if !slices.ContainsFunc(facts, func(f string) bool { return strings.HasPrefix(f, want) }) {
			t.Errorf("got %q, want %q", facts, want)
		}
	}
	if !slices.ContainsFunc(l.Gaps, func(g string) bool { return strings.Contains(g, "„Logdateien Land.NRW“: Die Speicherdauer fehlt") }) {
		t.Errorf("got gaps %q, want the storage period that the notice does not state", l.Gaps)
	}
}

func TestALetterPrintsAsAPlaceholder(t *testing.T) {
	l := write(t, input(t, wording.German))
	if got := fmt.Sprintf("%v %+v %#v %s", l, l, l, l); strings.Contains(got, "Bestellung") || strings.Contains(got, "Mustermann") {
		t.Error("a printed letter shows what it says")
	}
}

func TestEveryOutcomeHasItsWords(t *testing.T) {
	for _, o := range disclosure.Outcomes {
		if !wording.Has("letter.searched." + string(o)) {
			t.Errorf("outcome %s of a system has no words", o)
		}
	}
	said := map[string]law.Right{}
	for _, r := range law.Rights {
		in := input(t, wording.German)
		in.Disclosed, in.Rights = disclosure.Disclosed{}, []letter.RightAnswer{{Right: r, Outcome: casefile.NothingHeld}}
		l := write(t, in)
		sentence := textOf(l, letter.Outcome)
		sentence = sentence[strings.LastIndex(sentence, "|")+1:]
		if other, twice := said[sentence]; twice || !strings.Contains(textOf(l, letter.Summary), ": "+sentence) {
			t.Errorf("nothing held: %s says %q, as %q does, or its summary does not", r, sentence, other)
		}
		said[sentence] = r
	}
	for _, o := range append(casefile.Outcomes, "unattributable") {
		if !wording.Has("letter.outcome." + string(o)) {
			t.Errorf("outcome %s of a right has no words", o)
		}
	}
	for _, r := range law.Rights {
		if !wording.Has("letter.right." + string(r)) {
			t.Errorf("right %s has no words", r)
		}
	}
	for _, r := range law.Regimes {
		if !wording.Has("letter.limits." + string(r)) {
			t.Errorf("regime %s has no words", r)
		}
	}
}

func input(t *testing.T, l wording.Lang) letter.Input {
	t.Helper()
	in, err := lettertest.Input(lettertest.Options{Lang: l})
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func write(t *testing.T, in letter.Input) letter.Letter {
	t.Helper()
	l, err := letter.Answer(in)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// textOf gives the words of a part, the cells of a row joined with a bar.
func textOf(l letter.Letter, p letter.Part) string {
	s, _ := l.Section(p)
	lines := []string{s.Heading}
	for _, b := range s.Blocks {
		switch b := b.(type) {
		case letter.Paragraph:
			lines = append(lines, b.Text)
		case letter.Words:
			lines = append(lines, b.Text.Reveal())
		case letter.List:
			lines = append(lines, b.Items...)
		case letter.Link:
			lines = append(lines, b.Text)
		case letter.Table:
			for _, row := range b.Rows {
				lines = append(lines, strings.Join(row, "|"))
			}
		}
	}
	return strings.Join(lines, "\n")
}
