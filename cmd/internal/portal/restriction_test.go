package portal_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/cmd/internal/portal/portaltest"
	"einsicht/internal/casefile"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/letter"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
	"einsicht/internal/procedure/fulfilment"
)

// TestDataRestMeanwhileAndAreLiftedAfterThePersonKnows goes from an objection to the
// end of the restriction, in the demonstration's databases.
func TestDataRestMeanwhileAndAreLiftedAfterThePersonKnows(t *testing.T) {
	t.Parallel()
	h := portaltest.Start(t, portaltest.Options{Own: true})
	w := portaltest.NewWork(t, h, "stk-nrw")
	erika := h.Landscape.Person("erika")
	systems := []string{"stk-brochures", "stk-callbacks"}
	w.Plant(t, erika, 2, 11)
	a := w.Application(erika)
	a.Rights = []law.Right{law.Objection}
	id := w.Submit(t, a).Case
	w.Gather(t, id)
	w.ProveEmail(t, id, erika.Email)
	w.VerifyByFacts(t, id)
	w.DecideAll(t, id)

	step := h.Steps.Fulfilment
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%v %v", err, portaltest.ReasonsOf(err))
		}
	}
	besides := func() fulfilment.Besides {
		t.Helper()
		b, err := step.Besides(ctx, w.Clerk, id, h.Now())
		ok(err)
		return b
	}
	plan := func(kind casefile.PlanKind) (p fulfilment.BesidePlan) {
		for _, p = range besides().Plans {
			if p.Kind == kind {
				return p
			}
		}
		t.Fatalf("there is no plan %s", kind)
		return p
	}
	carryOut := func(kind casefile.PlanKind) fulfilment.BesidePlan {
		t.Helper()
		portaltest.Wait(t, "every measure was tried", portaltest.Patience, func() (bool, error) {
			return !slices.ContainsFunc(plan(kind).Measures, func(m procedure.Measure) bool { return m.State == casefile.Rehearsing }), nil
		})
		machine, byHand := 0, map[string]bool{}
		for _, m := range plan(kind).Measures {
			if m.State == casefile.ForUnit {
				byHand[m.System] = true
			} else if m.State == casefile.Planned {
				machine++
			}
		}
		if machine == 0 {
			t.Errorf("%s: no machine does any of it", kind)
		}
		w.WaitsForTheSecond(t, id, casefile.Order, kind)
		ok(step.OrderBeside(ctx, w.Approver, id, plan(kind).ID, h.Now()))
		for system := range byHand {
			ok(step.Confirm(ctx, w.Clerk, id, system, true, person.NewText("in der Liste vermerkt"), h.Now()))
		}
		portaltest.Wait(t, "the plan is carried out", portaltest.Patience, func() (bool, error) { return !plan(kind).EndedAt.IsZero(), nil })
		return plan(kind)
	}

	ok(step.Meanwhile(ctx, w.Clerk, id, law.Objection, systems, person.NewText("auf Verlangen"), h.Now()))
	done := carryOut(casefile.PlanMeanwhile)
	for _, m := range done.Measures {
		if m.State != casefile.Done || m.Text.Proof.ReadAt.IsZero() {
			t.Errorf("%s: got %s with proof %+v", m.System, m.State, m.Text.Proof)
		}
	}
	if n := len(besides().InForce); n != len(done.Measures) || n < 2 {
		t.Fatalf("got %d restrictions in force of %d measures", n, len(done.Measures))
	}
	if got := w.Case(t, id).State; got != casefile.Review {
		t.Errorf("the case is %s, want it where it was", got)
	}
	told, err := step.Recipients(ctx, w.Clerk, id, h.Now())
	ok(err)
	if len(told.Plans) == 0 || len(told.Plans[0].Notices) == 0 || told.Plans[0].Notices[0].Draft.IsZero() {
		t.Fatal("no recipient is to be told")
	}
	to := []person.Text{person.NewText("Amt"), person.NewText("Weg 1"), person.NewText("12345 Ort")}
	first := told.Plans[0].Notices[0]
	ok(step.Tell(ctx, w.Clerk, id, first.ID, to, first.Draft, h.Now()))
	posted := uuid.Nil
	letters, err := h.Steps.Correspondence.Letters(ctx, w.Clerk, id)
	ok(err)
	for _, l := range letters {
		if letter.Kind(l.Text.Kind) == letter.KindRecipientsNotice {
			posted = l.ID
		}
	}
	ok(h.Steps.Correspondence.PostLetter(ctx, w.Clerk, id, posted, calendar.DateOf(h.Now()), h.Now()))
	told, err = step.Recipients(ctx, w.Clerk, id, h.Now())
	ok(err)
	if got := told.Plans[0].Notices[0]; got.State != casefile.NoticeSent || got.Letter != posted {
		t.Errorf("after it was posted: got %s", got.State)
	}

	var ids []uuid.UUID
	for _, m := range besides().InForce {
		ids = append(ids, m.ID)
	}
	if err := step.Lift(ctx, w.Clerk, id, ids, calendar.DateOf(h.Now()).AddDays(10), person.NewText("Die Abwägung ist abgeschlossen."), person.Text{}, h.Now()); !errors.Is(err, problem.Conflict) {
		t.Errorf("before the objection is decided: got %v, want a conflict", err)
	}
	w.Answer(t, id, law.Objection, "objection", "", "situation", false)
	if got := w.DecideRight(t, id, law.Objection, said); got != casefile.Refused {
		t.Fatalf("got %s, want the objection refused", got)
	}
	ok(step.Lift(ctx, w.Clerk, id, ids, calendar.DateOf(h.Now()).AddDays(10), person.NewText("Die Abwägung ist abgeschlossen."), person.Text{}, h.Now()))
	if err := step.OrderBeside(ctx, w.Approver, id, plan(casefile.PlanLifting).ID, h.Now()); err == nil {
		t.Fatal("lifted before the person knew: got no error")
	}
	h.Move(24 * time.Hour)
	if _, err := h.Steps.Correspondence.Letter(ctx, w.Applicant(id), id, plan(casefile.PlanLifting).Plan.Letter, h.Now()); err != nil {
		t.Fatal(err)
	}
	h.Move(11 * 24 * time.Hour)
	for _, m := range carryOut(casefile.PlanLifting).Measures {
		if m.State != casefile.Done || m.Text.Proof.ReadAt.IsZero() {
			t.Errorf("%s: got %s with proof %+v", m.System, m.State, m.Text.Proof)
		}
	}
	if n := len(besides().InForce); n != 0 {
		t.Errorf("%d restrictions hold", n)
	}
	w.ConfirmAll(t, id)
	w.Release(t, id)
	w.WaitForPackage(t, id)
	answer := w.Fetch(t, id)
	measures := string(answer["umsetzung.json"])
	if n := strings.Count(measures, `"state":"meanwhile"`); n != len(done.Measures) || strings.Count(measures, `"meanwhile":"lifted"`) != n || strings.Contains(measures, `"state":"stays"`) {
		t.Errorf("got\n%s\nwant each of %d restrictions, and that it was lifted", measures, len(done.Measures))
	}
	if page := string(answer["Auskunft.html"]); !strings.Contains(page, "bis über Ihren Antrag entschieden ist") || strings.Contains(page, "nicht eingeschränkt") {
		t.Error("the letter does not say that data were restricted until the decision")
	}
	h.Audit(t)
}
