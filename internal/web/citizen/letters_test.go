package citizen

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/inventory"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/deadline"
	"einsicht/internal/letter"
	"einsicht/internal/procedure/correspondence"
	"einsicht/internal/wording"
)

// writes lets the authority have written the sample of a letter.
func (t *town) writes(tb testing.TB, kind letter.Kind, day int) *correspondence.Written {
	tb.Helper()
	var authority inventory.Authority
	for _, inv := range inventory.Shipped() {
		if inv.Authority.ID == "stk-nrw" {
			authority = inv.Authority
		}
	}
	l, err := letter.Write(letter.Sample(kind, wording.German, authority))
	if err != nil {
		tb.Fatal(err)
	}
	w := correspondence.Written{Document: l, Text: casefile.LetterText{Kind: string(kind), Subject: l.Subject, ToOthers: kind.ToOthers(), Way: casefile.ByPortal}}
	w.ID, w.Case, w.CreatedAt = uuid.New(), erika, time.Date(2026, 11, day, 10, 0, 0, 0, time.UTC)
	t.letters = append(t.letters, w)
	return &t.letters[len(t.letters)-1]
}

func TestLettersStandWithTheirDayTheOpenQuestionFirst(t *testing.T) {
	behind := newTown()
	behind.own = ownCase(casefile.Received, deadline.Event{Kind: deadline.Suspend, On: calendar.Day(2026, 11, 20)})
	behind.own.Question = asked("Seit wann haben Sie den Newsletter?")
	question := behind.writes(t, letter.KindIdentity, 20).ID.String()
	interim := behind.writes(t, letter.KindInterim, 21)
	interim.PDF = []byte("%PDF-1.7")
	others := behind.writes(t, letter.KindConsultation, 22)
	b := inside(t, open(t, behind))
	page := b.Get("/stk-nrw/vorgang")
	text := page.Text()
	for _, want := range []string{"Post von uns", "Wir fragen, wer Sie sind", "Wir warten auf Ihre Antwort", "Das ist ein Teil der Antwort", "Samstag, 21. November 2026", "PDF herunterladen", "Das ganze Schreiben lesen"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Index(text, "Wir fragen, wer Sie sind") > strings.Index(text, "Das ist ein Teil der Antwort") {
		t.Error("the open question does not stand first")
	}
	if body := string(page.Body); strings.Contains(body, others.ID.String()) || strings.Contains(text, others.Text.Subject) || strings.Count(body, question+`"`) < 2 {
		t.Error("a letter to others shows, or the question does not lead to its letter")
	}
	behind.own.Question = asked("")
	if again := b.Get("/stk-nrw/vorgang").Text(); strings.Contains(again, "Wir warten auf Ihre Antwort") || strings.Index(again, "Wir fragen, wer Sie sind") < strings.Index(again, "Das ist ein Teil der Antwort") {
		t.Error("answered, the question still stands first")
	}
}

func TestALetterOpensForItsPersonOnly(t *testing.T) {
	behind := newTown()
	own, others, foreign := behind.writes(t, letter.KindExtension, 20).ID, behind.writes(t, letter.KindConsultation, 20).ID, uuid.New()
	another := behind.writes(t, letter.KindExtension, 20)
	another.Case = uuid.New()
	b := inside(t, open(t, behind))
	path := "/stk-nrw/vorgang/schreiben/"
	page := b.Get(path + own.String())
	if page.Status != http.StatusOK || !strings.Contains(page.Text(), behind.letters[0].Text.Subject) || strings.Contains(string(page.Body), "<style") {
		t.Errorf("got %d, want the letter on a page without styles of its own", page.Status)
	}
	file := b.Get(path + own.String() + "/datei")
	if !strings.HasPrefix(file.Header.Get("Content-Disposition"), "attachment") || !strings.Contains(string(file.Body), "<style") {
		t.Errorf("got %d, want one file to keep", file.Status)
	}
	if pdf := b.Get(path + own.String() + "/pdf"); pdf.Status != http.StatusNotFound {
		t.Errorf("no PDF yet: got %d, want 404", pdf.Status)
	}
	for name, id := range map[string]string{"to others": others.String(), "of another case": another.ID.String(), "of nobody": foreign.String(), "no id": "x"} {
		for _, end := range []string{"", "/datei"} {
			if page := b.Get(path + id + end); page.Status != http.StatusNotFound {
				t.Errorf("a letter %s%s: got %d, want 404", name, end, page.Status)
			}
		}
	}
	if page := b.Get("/nlq/vorgang/schreiben/" + own.String()); page.Header.Get("Location") != "/nlq/stand" {
		t.Errorf("at another authority: got %d, want the door", page.Status)
	}
}

func TestADecisionSaysWhatOpeningItDoes(t *testing.T) {
	behind := newTown()
	closing := behind.writes(t, letter.KindClosing, 20)
	b := inside(t, open(t, behind))
	if !strings.Contains(b.Get("/stk-nrw/vorgang").Text(), "am Tag danach als bekannt gegeben") {
		t.Error("the page does not say that opening it begins the period")
	}
	closing.Effective = calendar.Day(2026, 11, 21)
	if strings.Contains(b.Get("/stk-nrw/vorgang").Text(), "am Tag danach als bekannt gegeben") {
		t.Error("opened once, it still says so")
	}
}

func TestEveryKindOfLetterHasPlainWords(t *testing.T) {
	for _, k := range append([]letter.Kind{letter.KindAnswer}, letter.Kinds...) {
		if key := "citizen.letter." + string(k); !k.ToOthers() && !wording.Has(key) {
			t.Errorf("%s has no sentence", key)
		}
	}
}
