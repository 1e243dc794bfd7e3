package desk_test

import (
	"slices"
	"strings"
	"testing"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/procedure/oversight"
)

func TestTheSecondPersonFindsWhatWaitsForThem(t *testing.T) {
	h := newOffice(t)
	h.tasks = nil
	c := h.o.Case
	answered := c
	answered.State = casefile.Delivered
	h.waiting = []oversight.Waiting{
		{Case: c, For: casefile.Release, Until: calendar.Day(2026, 12, 1), Since: received},
		{Case: c, For: casefile.Order, Plan: casefile.PlanDecision, Until: calendar.Day(2026, 12, 2), Since: received},
		{Case: c, For: casefile.Order, Plan: casefile.PlanMeanwhile, Until: calendar.Day(2026, 12, 3), Since: received},
		{Case: answered, For: casefile.Order, Plan: casefile.PlanLifting, Since: received},
	}
	approver, clerk := h.desk(t, casefile.Approver), h.desk(t, casefile.Clerk)
	page := approver.Get("/desk/aufgaben")
	at := 0
	for _, want := range []string{"Wartet auf Sie (4)", "Antwort freigeben", "01.12.2026", "Umsetzung und Antwort freigeben", "Vorläufige Einschränkung freigeben", "Aufhebung einer Einschränkung freigeben", "keine Frist läuft", "Keine offenen Aufgaben"} {
		i := strings.Index(page.Text()[at:], want)
		if i < 0 {
			t.Fatalf("the tasks lack %q, or it stands in another place: %s", want, page.Text())
		}
		at += i
	}
	for _, want := range []string{h.path(), h.path() + "/plan", h.path() + "/einschraenkung"} {
		if !slices.Contains(page.Links(), want) {
			t.Errorf("nothing leads to %s", want)
		}
	}
	if text := clerk.Get("/desk/aufgaben").Text(); strings.Contains(text, "Wartet auf Sie") {
		t.Error("the tasks of a clerk say that a release waits for them")
	}

	list := approver.Get("/desk")
	if !strings.Contains(list.Text(), "Wartet auf Sie") || !slices.Contains(list.Links(), "/desk?ampel=freigabe") {
		t.Errorf("the list does not say what waits: %s", list.Text())
	}
	some := approver.Get("/desk?ampel=freigabe").Text()
	if !strings.Contains(some, "Erika Mustermann") || strings.Contains(some, "Groß") {
		t.Errorf("the filter shows %s", some)
	}
	if links := clerk.Get("/desk").Links(); slices.Contains(links, "/desk?ampel=freigabe") {
		t.Error("the list of a clerk filters what they may not release")
	}
}
