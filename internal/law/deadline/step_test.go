package deadline

import (
	"slices"
	"strings"
	"testing"

	"einsicht/internal/law/calendar"
	"einsicht/internal/wording"
)

func TestTheReckoningReadsLikeALetter(t *testing.T) {
	for _, tt := range []struct {
		name, received string
		land           calendar.Land
		events         string
		lang           wording.Lang
		want           []string
	}{
		{"a month that ends on Easter Sunday", "2026-03-05", calendar.NW, "", wording.German, []string{
			"Ihr Antrag ist am Donnerstag, 5. März 2026 eingegangen. Dieser Tag zählt nicht mit (Art. 3 Abs. 1 VO 1182/71).",
			"Die Behörde hat einen Monat Zeit (Art. 12 Abs. 3 Satz 1 DSGVO). Der Monat endet am Tag mit derselben Zahl: Sonntag, 5. April 2026.",
			"Sonntag, 5. April 2026: Das ist ein Wochenende. Die Frist endet erst am nächsten Arbeitstag, Dienstag, 7. April 2026 (Art. 3 Abs. 4 VO 1182/71).",
			"Die Behörde muss Ihnen spätestens am Dienstag, 7. April 2026 antworten. Die Frist endet an diesem Tag um 24 Uhr.",
		}},
		{"a month that ends on a holiday", "2026-05-04", calendar.NW, "", wording.German, []string{
			"Ihr Antrag ist am Montag, 4. Mai 2026 eingegangen. Dieser Tag zählt nicht mit (Art. 3 Abs. 1 VO 1182/71).",
			"Die Behörde hat einen Monat Zeit (Art. 12 Abs. 3 Satz 1 DSGVO). Der Monat endet am Tag mit derselben Zahl: Donnerstag, 4. Juni 2026.",
			"Donnerstag, 4. Juni 2026: Das ist Fronleichnam, ein gesetzlicher Feiertag in Nordrhein-Westfalen. Die Frist endet erst am nächsten Arbeitstag, Freitag, 5. Juni 2026 (Art. 3 Abs. 4 VO 1182/71).",
			"Die Behörde muss Ihnen spätestens am Freitag, 5. Juni 2026 antworten. Die Frist endet an diesem Tag um 24 Uhr.",
		}},
		{"a month without the same-numbered day, suspended and extended", "2026-01-31", calendar.NW, "suspend 2026-02-02; resume 2026-02-10; extend 2026-02-20", wording.English, []string{
			"Your request arrived on Saturday, 31 January 2026. That day does not count (Art. 3(1) Reg. 1182/71).",
			"The authority has one month (Art. 12(3) sentence 1 GDPR). The month after receipt has no day with the same number, so the period ends on its last day: Saturday, 28 February 2026 (Art. 3(2)(c) Reg. 1182/71).",
			"On Monday, 2 February 2026 the authority asked you for something it still needs: who you are (Art. 12(6) GDPR) or what exactly you want to know (recital 63 GDPR). The period rests until you have answered.",
			"On Tuesday, 10 February 2026 your answer was complete. The period had rested this long: 8 days. What was left now runs on: 26 days. That leads to Sunday, 8 March 2026.",
			"On Friday, 20 February 2026 the authority told you that it needs up to two more months (Art. 12(3) sentence 2 GDPR). That was in time. Three months after receipt, plus the time for which the period rested (8 days), is Friday, 8 May 2026.",
			"The authority must answer you by Friday, 8 May 2026 at the latest. The period ends at the end of that day, 24:00.",
			"If the authority wants to refuse your request entirely, it must do so earlier, by Monday, 9 March 2026. There is no extension for a refusal (Art. 12(4) GDPR).",
		}},
		{"a clock that rests", "2026-03-02", calendar.NI, "suspend 2026-04-01", wording.German, []string{
			"Ihr Antrag ist am Montag, 2. März 2026 eingegangen. Dieser Tag zählt nicht mit (Art. 3 Abs. 1 VO 1182/71).",
			"Die Behörde hat einen Monat Zeit (Art. 12 Abs. 3 Satz 1 DSGVO). Der Monat endet am Tag mit derselben Zahl: Donnerstag, 2. April 2026.",
			"Am Mittwoch, 1. April 2026 hat die Behörde bei Ihnen nachgefragt, weil sie noch Angaben braucht: wer Sie sind (Art. 12 Abs. 6 DSGVO) oder was genau Sie wissen möchten (Erwägungsgrund 63 DSGVO). Bis zu Ihrer Antwort ruht die Frist.",
			"Die Frist ruht seit Mittwoch, 1. April 2026. Wann sie endet, steht erst fest, wenn Ihre Antwort vollständig da ist. Von da an bleibt der Behörde diese Zeit: 1 Tag.",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, s := range reckon(t, tt.received, tt.land, tt.events).Steps {
				got = append(got, s.Text(tt.lang))
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}

func TestEverySentenceIsThereAndComplete(t *testing.T) {
	said := map[string]bool{}
	complete := func(what, text string) {
		if strings.ContainsAny(text, "{}[]") || text == "" {
			t.Errorf("%s: got %q, want a complete sentence", what, text)
		}
	}
	for _, v := range vectors(t) {
		for n := range len(v.events) + 1 { // also while the clock rests
			got, err := OfReceipt(v.received, v.land, v.events[:n])
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range wording.Languages {
				for _, s := range got.Steps {
					complete(v.name, s.Text(l))
					said[s.Key] = true
				}
				for _, f := range got.Flags {
					complete(v.name, f.Text(l))
				}
			}
		}
	}
	if want := 18; len(said) != want {
		t.Errorf("got %d kinds of steps in the agreed cases, want %d: %v", len(said), want, said)
	}
	for _, l := range wording.Languages {
		for _, n := range Names {
			complete(string(n), n.Text(l))
		}
		for _, h := range calendar.HolidayNames() {
			complete(h, Arg{"holiday", h}.text(l))
		}
		for _, land := range []calendar.Land{calendar.NW, calendar.NI} {
			complete(string(land), Arg{"land", land}.text(l))
		}
	}
}
