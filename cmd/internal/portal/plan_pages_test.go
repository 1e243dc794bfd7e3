package portal_test

import (
	"context"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"einsicht/cmd/internal/portal/portaltest"
	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/law"
	"einsicht/internal/procedure"
	"einsicht/internal/web/webtest"
)

// staffAt signs one of the authority's staff in.
func staffAt(t *testing.T, h *portaltest.House, name string) *webtest.Browser {
	t.Helper()
	b := (&webtest.Portal{URL: h.Address()}).Browser(t)
	form := b.Get("/desk/anmelden").Form("/desk/anmelden").With("authority", "stk-nrw").With("name", name).With("password", portaltest.Password)
	if page := b.Submit(form); page.Status != http.StatusSeeOther {
		t.Fatalf("%s: sign in: got %d %s", name, page.Status, page.Text())
	}
	return b
}

// send sends a form and opens the page that it leads to.
func send(t *testing.T, b *webtest.Browser, f webtest.Form) *webtest.Page {
	t.Helper()
	page := b.Submit(f)
	if page.Status != http.StatusSeeOther {
		t.Fatalf("%s: got %d %s", f.Action, page.Status, page.Text())
	}
	return b.Follow(page)
}

// erasureByHand is a case in which the erasure is granted of all that a system holds
// about the person, of which no record was found.
func erasureByHand(t *testing.T, h *portaltest.House, w *portaltest.Work) uuid.UUID {
	t.Helper()
	id := submit(t, h, w, law.Erasure)
	know(t, h, w, id, law.Erasure, casefile.Known{System: onTask, Concerned: true})
	w.Answer(t, id, law.Erasure, "erasure", "", "ground", true)
	if got := w.DecideRight(t, id, law.Erasure, said); got != casefile.Granted {
		t.Fatalf("erasure: got %s, want it granted", got)
	}
	w.VerifyByFacts(t, id)
	return id
}

// TestAPlanGoesFromPageToPage goes from the decision to the proof as staff do: by
// pages and forms alone.
func TestAPlanGoesFromPageToPage(t *testing.T) {
	t.Parallel()
	h := portaltest.Start(t, portaltest.Options{})
	w := portaltest.NewWork(t, h, "stk-nrw")
	id := erasureByHand(t, h, w)
	clerk, approver, officer := staffAt(t, h, "Karla Sommer"), staffAt(t, h, "Viktor Brandt"), staffAt(t, h, "Dana Held")
	at := "/desk/vorgang/" + id.String()

	if page := clerk.Get(at); !slices.Contains(page.Links(), at+"/plan") || strings.Contains(string(page.Body), `action="`+at+`/vorlegen"`) {
		t.Error("without a plan the case can be proposed, or nothing leads to the plan")
	}
	page := send(t, clerk, clerk.Get(at+"/plan").Form(at+"/plan/erstellen"))
	for _, want := range []string{"Von Hand zu ändern: 1", "Alles, was das Verfahren über die Person enthält", "Der Plan ist fertig"} {
		if !strings.Contains(page.Text(), want) {
			t.Errorf("the plan lacks %q: %s", want, page.Text())
		}
	}
	send(t, clerk, clerk.Get(at).Form(at+"/vorlegen"))
	if page := approver.Get(at); strings.Contains(string(page.Body), `action="`+at+`/freigeben"`) {
		t.Error("the answer can be released before anything is carried out")
	}
	send(t, approver, approver.Get(at).Form(at+"/umsetzen"))

	task := at + "/plan/aufgabe/" + onTask
	portaltest.Wait(t, "a task for the unit", portaltest.Patience, func() (bool, error) {
		return slices.Contains(clerk.Get("/desk/aufgaben").Links(), task), nil
	})
	send(t, clerk, clerk.Get(task).Form(task).With("done", "yes").With("statement", "Kartei vernichtet, danach noch einmal gesucht"))
	w.WaitForPackage(t, id)

	proof := officer.Get(at + "/plan/nachweis").Text()
	for _, want := range []string{"Umgesetzt laut Fachbereich", "Nach dem Wort von Karla Sommer", "Kartei vernichtet, danach noch einmal gesucht", hex.EncodeToString(w.Planned(t, id).Plan.Hash), "Viktor Brandt"} {
		if !strings.Contains(proof, want) {
			t.Errorf("the proof lacks %q: %s", want, proof)
		}
	}
	if page := clerk.Get(at + "/plan"); !strings.Contains(page.Text(), "1 von 1 Maßnahmen sind abgeschlossen") {
		t.Errorf("the plan has not ended: %s", page.Text())
	}
	h.Audit(t)
}

// TestAMeasureInEveryStateIsShown plants measures as jobs leave them.
func TestAMeasureInEveryStateIsShown(t *testing.T) {
	t.Parallel()
	h := portaltest.Start(t, portaltest.Options{})
	w := portaltest.NewWork(t, h, "stk-nrw")
	id := erasureByHand(t, h, w)
	clerk := staffAt(t, h, "Karla Sommer")
	at := "/desk/vorgang/" + id.String()
	send(t, clerk, clerk.Get(at+"/plan").Form(at+"/plan/erstellen"))
	plan := w.Planned(t, id).Plan
	ids := map[casefile.MeasureState]uuid.UUID{}
	for _, state := range casefile.MeasureStates {
		m := procedure.Measure{
			Measure: casefile.Measure{ID: uuid.New(), Plan: plan.ID, Case: id, System: onConsent, Right: law.Erasure, Do: connector.CanErase, State: state, ActedAt: h.Now()},
			Text: casefile.MeasureText{Reference: "subscribers/" + string(state), Label: "Abonnement " + string(state), Before: []connector.Field{{Name: "email", Label: "E-Mail", Value: text("erika@example.org")}},
				Kept: []connector.Kept{{Field: "email", Why: "Nachweis des Widerrufs"}}, With: []connector.Along{{Place: "mailings", Count: 3}}},
		}
		if ids[state] = m.ID; state == casefile.Done {
			m.DoneAt, m.Text.Proof = h.Now(), casefile.Proof{ReadAt: h.Now(), Gone: true, Searched: true, Mapping: "0123456789abcdef"}
		}
		put(t, h, w, id, m)
	}
	page := clerk.Get(at + "/plan")
	for _, want := range []string{"Wird geprobt: 1", "Geplant: 1", "Wird umgesetzt: 1", "Braucht Ihr Wort: 1", "Umgesetzt: 1", "Bleibt, wie es ist: 1",
		"mit 3 Zeilen aus mailings", "Nachweis des Widerrufs", "Der Datensatz ist nicht mehr da.", "Fassung der Zuordnung: 0123456789abcdef"} {
		if !strings.Contains(page.Text(), want) {
			t.Errorf("the plan lacks %q: %s", want, page.Text())
		}
	}
	form := page.Form(at + "/plan/entscheiden")
	form.Values["form"], form.Values["system"] = []string{"massnahmen-" + onConsent}, []string{onConsent}
	form = form.With("measure", ids[casefile.Asks].String(), ids[casefile.Planned].String()).With("way", "leave").With("for_person", "Ein Verfahren läuft.")
	if page := clerk.Submit(form); page.Status != http.StatusConflict || !slices.Contains(page.Links(), at+"#entscheidung") {
		t.Errorf("left although nobody knows which court is open: got %d %s", page.Status, page.Text())
	}
	w.Reside(t, id, casefile.Residence{District: "Stadt Köln"})
	send(t, clerk, form)
	for _, m := range w.Measures(t, id) {
		if m.ID == ids[casefile.Asks] || m.ID == ids[casefile.Planned] {
			if m.State != casefile.Stays || m.Text.ForPerson.Reveal() != "Ein Verfahren läuft." || m.DoneBy != w.Clerk.ID {
				t.Errorf("%s: got %s by %s, want that it stays by the clerk's word", m.Text.Reference, m.State, m.DoneBy)
			}
		}
	}
	if page := clerk.Get(at + "/plan/stand"); strings.Contains(page.Text(), "Abonnement") {
		t.Error("the progress says what a record is")
	}
}

// put keeps a measure as a job would.
func put(t *testing.T, h *portaltest.House, w *portaltest.Work, id uuid.UUID, m procedure.Measure) {
	t.Helper()
	err := h.DB.InTx(ctx, w.Authority.ID, func(ctx context.Context) error {
		c, err := h.House.Cases.Case(ctx, id)
		if err != nil {
			return err
		}
		return h.House.PutMeasures(ctx, c, m)
	})
	if err != nil {
		t.Fatal(err)
	}
}
