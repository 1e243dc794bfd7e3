package desk_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/deadline"
	"einsicht/internal/law/silence"
	"einsicht/internal/procedure/review"
)

// happens adds entries to the history of the office's case and reckons anew.
func (h *office) happens(t testing.TB, kinds ...string) {
	t.Helper()
	for _, entry := range kinds {
		kind, on, _ := strings.Cut(entry, " ")
		day, err := calendar.Parse(on)
		if err != nil {
			t.Fatal(err)
		}
		h.o.History = append(h.o.History, review.Happened{Happening: casefile.Happening{ID: uuid.New(), Kind: kind, On: day, At: day.Time().Add(10 * time.Hour)}})
	}
	var history []casefile.Happening
	for _, e := range h.o.History {
		history = append(history, e.Happening)
	}
	var err error
	if h.o.Reckoning, err = h.o.Case.Reckon(h.authority.Land, history); err != nil {
		t.Fatal(err)
	}
}

// The clock of these tests stands at Monday, 23 November 2026; the request came
// on 16 November and month one ends on 16 December.
func TestTheClockSaysWhatMustBeOutByWhen(t *testing.T) {
	suspend, resume := string(deadline.Suspend), string(deadline.Resume)
	for _, tt := range []struct {
		name    string
		arrived string // none: on 16 November
		happens []string
		want    []string
		not     []string
	}{
		{"a running clock", "", nil, []string{
			"Fällig Mittwoch, 16. Dezember 2026", "Monat 1 endet Mittwoch, 16. Dezember 2026", "Nur bis dahin lässt sich der Antrag ganz ablehnen",
			"Antwort absenden Aufgabe zur Post spätestens Freitag, 11. Dezember 2026", "über das Portal bis Mittwoch, 16. Dezember 2026",
			"Verlängerung absenden Aufgabe zur Post spätestens Freitag, 11. Dezember 2026",
			"Seit dem Eingang sind mehr als fünf Tage vergangen",
		}, []string{"Ruht seit", "käme jetzt zu spät"}},
		{"too late for the post", "2026-10-26", nil, []string{"Für die Post zu spät (letzter Tag war Freitag, 20. November 2026)"}, nil},
		{"month one is over", "2026-10-19", nil, []string{"Der erste Monat ist seit Donnerstag, 19. November 2026 vorbei", "käme jetzt zu spät"}, []string{"Monat 1 endet", "Frist verlängern", "Verlängerung absenden"}},
		{"asked who they are", "", []string{suspend + " 2026-11-18", casefile.NoteAskedIdentity + " 2026-11-18"}, []string{
			"Ruht seit Mittwoch, 18. November 2026", "Danach bleiben 28 Tage", "Es fehlt die Antwort, wer die Person ist", "Gefragt Mittwoch, 18. November 2026", "Erinnert noch nicht; das schreibt das Programm selbst",
			"Erinnern Sie die Person am Mittwoch, 2. Dezember 2026", "Diese Frist ist unsere eigene",
		}, []string{"Fällig Mittwoch", "Aufgabe zur Post spätestens", "Nachfragen, wer die Person ist", "Nachfragen, was gemeint ist"}},
		{"asked what they mean, and answered", "", []string{suspend + " 2026-11-18", casefile.NoteAskedClear + " 2026-11-18", resume + " 2026-11-20"}, []string{"Fällig Freitag, 18. Dezember 2026"}, []string{"Es fehlt die Antwort"}},
		{"asked late", "2026-11-05", []string{suspend + " 2026-11-20", casefile.NoteAskedClear + " 2026-11-20"}, []string{"Es fehlt die Antwort, was die Person genau wissen möchte", "ging mehr als 5 Tage nach dem Eingang hinaus"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newOffice(t)
			if day, err := calendar.Parse(tt.arrived); err == nil {
				h.o.Case.Received, h.o.Case.ReceivedAt = day, day.Time().Add(9*time.Hour)
			}
			h.happens(t, tt.happens...)
			text := tight(h.desk(t, casefile.Clerk).Get(h.path()).Text())
			for _, want := range tt.want {
				if !strings.Contains(text, tight(want)) {
					t.Errorf("the page lacks %q", want)
				}
			}
			for _, not := range tt.not {
				if strings.Contains(text, tight(not)) {
					t.Errorf("the page says %q", not)
				}
			}
		})
	}
}

// tight leaves the spaces out: between the cells of a list there are none.
func tight(s string) string { return strings.Join(strings.Fields(s), "") }

func TestACaseEndsForWantOfIdentityOnlyAfterTheTimeOfTheRule(t *testing.T) {
	asked := []string{string(deadline.Suspend) + " 2026-10-19", casefile.NoteAskedIdentity + " 2026-10-19"}
	for _, tt := range []struct {
		name    string
		happens []string
		ends    bool
		says    string
	}{
		{"never asked", nil, false, "Stellen Sie zuerst die Rückfrage"},
		{"asked for something else", []string{string(deadline.Suspend) + " 2026-10-19", casefile.NoteAskedClear + " 2026-10-19", casefile.NoteReminded + " 2026-11-02"}, false, "Stellen Sie zuerst die Rückfrage"},
		{"not reminded", asked, false, "Ohne Erinnerung darf der Vorgang nicht enden"},
		{"reminded a week ago", append(slices.Clone(asked), casefile.NoteReminded+" 2026-11-16"), false, "Ab Dienstag, 1. Dezember 2026 kann der Vorgang enden"},
		{"reminded three weeks ago", append(slices.Clone(asked), casefile.NoteReminded+" 2026-11-02"), true, "Erst, wenn die Person gefragt wurde"},
		{"and answered meanwhile", append(slices.Clone(asked), casefile.NoteReminded+" 2026-11-02", string(deadline.Resume)+" 2026-11-10"), false, "Stellen Sie zuerst die Rückfrage"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newOffice(t)
			h.o.Case.Received = calendar.Day(2026, 10, 16)
			h.o.Blocked[casefile.GiveUp] = nil
			h.happens(t, tt.happens...)
			page := h.desk(t, casefile.Clerk).Get(h.path())
			if offered := strings.Contains(string(page.Body), `action="`+h.path()+`/beenden"`); offered != tt.ends {
				t.Errorf("offered: got %v, want %v", offered, tt.ends)
			}
			if !strings.Contains(page.Text(), tt.says) {
				t.Errorf("the page does not say %q", tt.says)
			}
		})
	}
}

func TestBothQuestionsAreAsked(t *testing.T) {
	h := newOffice(t)
	b := h.desk(t, casefile.Clerk)
	who := b.Get(h.path()).Form(h.path()+"/fragen").With("doubts", "Absender unbekannt").With("question", "Ihr Kundenzeichen?")
	if page := b.Submit(who); page.Status != 303 || h.question.About != silence.Identity || h.question.ForFile.Reveal() != "Absender unbekannt" || h.question.Question.Reveal() != "Ihr Kundenzeichen?" {
		t.Errorf("got %d, %v", page.Status, h.question.About)
	}
	what := b.Get(h.path()).Form(h.path()+"/praezisieren").With("reasons", "214 Verfahren").With("question", "Welcher Zeitraum?")
	if page := b.Submit(what); page.Status != 303 || !strings.HasSuffix(page.Header.Get("Location"), "#frist") || h.question.About != silence.Clarification || h.question.Reasons.Reveal() != "214 Verfahren" {
		t.Errorf("got %d to %q, %v", page.Status, page.Header.Get("Location"), h.question.About)
	}
}

func TestWhatSomebodyWaitsForIsSettledWithANote(t *testing.T) {
	h := newOffice(t)
	h.o.Tasks = nil
	for _, k := range []casefile.TaskKind{casefile.TaskSilence, casefile.TaskReply, casefile.TaskLetter} {
		h.o.Tasks = append(h.o.Tasks, casefile.Task{ID: uuid.New(), Case: h.o.Case.ID, Kind: k, CreatedAt: received, DueOn: calendar.Day(2026, 12, 1)})
	}
	h.tasks = h.o.Tasks
	b := h.desk(t, casefile.Clerk)
	list := b.Get("/desk/aufgaben")
	for _, want := range []string{"Rückfrage unbeantwortet", "Auf die Antwort einer anderen Stelle warten", "Schreiben per Post senden"} {
		if !strings.Contains(list.Text(), want) {
			t.Errorf("the tasks lack %q", want)
		}
	}
	page := b.Get(h.path())
	if !slices.Contains(page.Links(), "#schreiben") {
		t.Error("the letter to post does not lead to the letters")
	}
	form := page.Form(h.path()+"/erledigt").With("task", string(casefile.TaskReply)).With("form", "erledigt-await-reply").With("note", "zugestimmt")
	if done := b.Submit(form); done.Status != 303 || !slices.Contains(h.calls, "settle await-reply zugestimmt") {
		t.Errorf("got %d, steps %v", done.Status, h.calls)
	}
}
