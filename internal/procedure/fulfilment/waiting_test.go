package fulfilment_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/procedure/oversight"
)

// waiting says in words what waits for somebody as the second person.
func (h *house) waiting(who casefile.Actor) (all []string) {
	h.t.Helper()
	found, err := (&oversight.Oversight{House: h.House}).Waiting(h.t.Context(), who, now)
	must(h.t, err)
	for _, w := range found {
		all = append(all, fmt.Sprintf("%s %s %s", w.Case.FileNumber, w.For, w.Plan))
	}
	return all
}

func TestWhatNobodyOrderedWaitsForTheSecondPerson(t *testing.T) {
	h := newObjection(t, 1)
	first := h.clerk
	first.Role = casefile.Approver
	check := func(when string, who casefile.Actor, want ...string) {
		t.Helper()
		if got := h.waiting(who); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", when, got, want)
		}
	}
	check("before anything was planned", h.approver())
	must(t, h.Meanwhile(t.Context(), h.clerk, h.c.ID, law.Objection, []string{system}, text("auf Verlangen"), now))
	check("before it was tried", h.approver())
	h.rehearsed()
	check("planned", h.approver(), "1 order meanwhile")
	check("for who planned it", first)
	check("for a clerk", h.clerk)

	// A second case is proposed and due before the first; a third can't be read.
	urgent, lost := h.c, h.c
	urgent.ID, urgent.FileNumber, urgent.State = uuid.New(), "2", casefile.Proposed
	urgent.Due, urgent.Sort = h.c.Due.AddDays(-3), h.c.Sort.AddDays(-3)
	lost.ID, lost.FileNumber = uuid.New(), "3"
	h.inTx(func(ctx context.Context) error {
		for _, c := range []casefile.Case{urgent, lost} {
			if err := h.Cases.Create(ctx, c, []byte(c.FileNumber+" token"), []byte("mac")); err != nil {
				return err
			}
		}
		if err := h.Note(ctx, urgent, string(casefile.Propose), calendar.Date{}, h.clerk, casefile.HappeningText{}, now); err != nil {
			return err
		}
		return h.Plans.PutPlan(ctx, casefile.Plan{ID: uuid.New(), Case: lost.ID, Kind: casefile.PlanMeanwhile, MadeAt: now, MadeBy: h.clerk.ID, Said: []byte("sealed under a lost key")})
	})
	check("with a case that is due before", h.approver(), "2 release ", "1 order meanwhile")
	check("for who decided in both", first)

	must(t, h.OrderBeside(t.Context(), h.approver(), h.c.ID, h.besides().Plans[0].ID, now))
	check("ordered", h.approver(), "2 release ")
}
