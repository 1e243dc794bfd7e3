package fulfilment_test

import (
	"context"
	"reflect"
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/postgres"
)

func TestTheBacklogSaysWhatOrderedPlansWaitFor(t *testing.T) {
	h := newHouse(t)
	backlog := func() (b casefile.Backlog) {
		t.Helper()
		must(t, h.db.View(t.Context(), h.c.Authority, func(ctx context.Context) (err error) {
			b, err = postgres.Plans{}.Backlog(ctx)
			return err
		}))
		b.Oldest = b.Oldest.UTC()
		return b
	}
	measures := h.planned(4, connector.CanErase)
	measures[1].State, measures[2].State, measures[3].State = casefile.Acting, casefile.Asks, casefile.Done
	h.put(measures...)
	draft := casefile.Plan{ID: uuid.New(), Case: h.c.ID, Kind: casefile.PlanMeanwhile, MadeAt: now, MadeBy: h.clerk.ID}
	h.inTx(func(ctx context.Context) error { return h.Plans.PutPlan(ctx, draft) })
	want := casefile.Backlog{Drafts: 1, Ordered: 1, Oldest: now, Waits: []casefile.Waiting{
		{System: system, State: casefile.Acting, Measures: 1}, {System: system, State: casefile.Asks, Measures: 1}, {System: system, State: casefile.Planned, Measures: 1}}}
	if got := backlog(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}

	h.plan.EndedAt = now
	h.inTx(func(ctx context.Context) error { return h.Plans.PutPlan(ctx, h.plan) })
	if got := backlog(); got.Ordered != 0 || len(got.Waits) != 0 || !got.Oldest.Equal(casefile.Backlog{}.Oldest) {
		t.Errorf("once it is carried out: got %+v, want nothing that waits", got)
	}
	h.plan.FixedAt, h.plan.EndedAt = casefile.Backlog{}.Oldest, casefile.Backlog{}.Oldest
	h.inTx(func(ctx context.Context) error { return h.Plans.PutPlan(ctx, h.plan) })
	if got := backlog(); got.Drafts != 1 {
		t.Errorf("a plan of a decision that was released without it: got %d drafts, want only the other", got.Drafts)
	}
}
