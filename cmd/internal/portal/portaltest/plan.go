package portaltest

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/person"
	"einsicht/internal/procedure"
	"einsicht/internal/procedure/fulfilment"
)

// Plan makes the plan of a decided case and waits until every measure was tried.
func (w *Work) Plan(t testing.TB, id uuid.UUID) fulfilment.Shown {
	t.Helper()
	if err := w.h.Steps.Fulfilment.Draft(ctx, w.Clerk, id, w.h.Now()); err != nil {
		t.Fatalf("plan: %v %v", err, ReasonsOf(err))
	}
	Wait(t, "every measure was tried", Patience, func() (bool, error) {
		return !slices.ContainsFunc(w.Measures(t, id), func(m procedure.Measure) bool { return m.State == casefile.Rehearsing }), nil
	})
	return w.Planned(t, id)
}

// Planned is the plan as the clerk sees it.
func (w *Work) Planned(t testing.TB, id uuid.UUID) fulfilment.Shown {
	t.Helper()
	shown, err := w.h.Steps.Fulfilment.Show(ctx, w.Clerk, id, w.h.Now())
	if err != nil {
		t.Fatal(err)
	}
	return shown
}

// Measures are those of a case.
func (w *Work) Measures(t testing.TB, id uuid.UUID) (all []procedure.Measure) {
	t.Helper()
	for _, s := range w.Planned(t, id).Systems {
		all = append(all, s.Measures...)
	}
	return all
}

// Order has a second person let the plan be carried out. What asks is given to its
// unit before, such as a line of a log that is still being written.
func (w *Work) Order(t testing.TB, id uuid.UUID) {
	t.Helper()
	var ask []uuid.UUID
	for _, m := range w.Measures(t, id) {
		if m.State == casefile.Asks {
			ask = append(ask, m.ID)
		}
	}
	if len(ask) > 0 {
		if err := w.h.Steps.Fulfilment.Decide(ctx, w.Clerk, id, ask, fulfilment.ToUnit, person.Text{}, person.NewText("Datei noch offen"), w.h.Now()); err != nil {
			t.Fatalf("give to the unit: %v %v", err, ReasonsOf(err))
		}
	}
	if err := w.h.Steps.Review.Propose(ctx, w.Clerk, id, person.Text{}, w.h.Now()); err != nil {
		t.Fatalf("propose: %v %v", err, ReasonsOf(err))
	}
	w.WaitsForTheSecond(t, id, casefile.Order, casefile.PlanDecision)
	if err := w.h.Steps.Fulfilment.Order(ctx, w.Clerk, id, w.h.Now()); err == nil {
		t.Fatal("who decided ordered: got no error")
	}
	if err := w.h.Steps.Review.Release(ctx, w.Approver, id, w.h.Now()); err == nil {
		t.Fatal("released before anything was carried out: got no error")
	}
	if err := w.h.Steps.Fulfilment.Order(ctx, w.Approver, id, w.h.Now()); err != nil {
		t.Fatalf("order: %v %v", err, ReasonsOf(err))
	}
}

// ConfirmTasks has units say that they did what no machine could.
func (w *Work) ConfirmTasks(t testing.TB, id uuid.UUID) {
	t.Helper()
	var systems []string
	for _, m := range w.Measures(t, id) {
		if m.State == casefile.ForUnit && !slices.Contains(systems, m.System) {
			systems = append(systems, m.System)
		}
	}
	for _, s := range systems {
		if err := w.h.Steps.Fulfilment.Confirm(ctx, w.Clerk, id, s, true, person.NewText("Akte vernichtet, Vermerk gefertigt"), w.h.Now()); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}
