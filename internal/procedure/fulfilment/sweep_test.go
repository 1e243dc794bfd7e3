package fulfilment_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/law"
)

// A case that can't be read keeps no other from being lifted.
func TestABrokenCaseHoldsUpNoOther(t *testing.T) {
	h := newObjection(t, 1)
	h.restricted(law.Objection)
	h.setState(casefile.Closed)
	broken := h.c
	broken.ID, broken.FileNumber = uuid.UUID{15: 1}, "2" // the first in the order of the sweep
	h.inTx(func(ctx context.Context) error {
		if err := h.Cases.Create(ctx, broken, []byte("2"), []byte("mac2")); err != nil {
			return err
		}
		plan := casefile.Plan{ID: uuid.New(), Case: broken.ID, Kind: casefile.PlanMeanwhile, MadeAt: now, MadeBy: h.clerk.ID, Said: []byte("x")}
		if err := h.Plans.PutPlan(ctx, plan); err != nil {
			return err
		}
		return h.Plans.PutMeasures(ctx, []casefile.Measure{{ID: uuid.New(), Plan: plan.ID, Case: broken.ID, System: system, Right: law.Objection,
			Do: connector.CanRestrict, State: casefile.Done, DoneAt: now, Sealed: []byte("x")}})
	})
	err := h.Fulfilment.Sweep(t.Context(), h.c.Authority, now)
	if err == nil || !strings.Contains(err.Error(), broken.ID.String()) {
		t.Errorf("got %v, want the case that can't be read to be named", err)
	}
	if !h.openTask(casefile.TaskLift) {
		t.Error("a broken case kept another from its task")
	}
	listed, err := h.Restrictions(t.Context(), h.clerk)
	if err != nil || len(listed) != 2 || listed[0].Case.ID != broken.ID || !listed[0].Unreadable || listed[1].Case.ID != h.c.ID || listed[1].Unreadable || listed[1].Records != 1 {
		t.Errorf("the list: got %+v, %v, want the case that can't be read and the other", listed, err)
	}
}
