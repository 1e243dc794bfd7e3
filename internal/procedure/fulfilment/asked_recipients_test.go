package fulfilment_test

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law"
	"einsicht/internal/procedure/review"
)

// Who asks for the recipients is answered with all whom nobody ruled out, so staff see
// before they propose how many those are, and can rule them out while nothing was
// carried out.
func TestRecipientsThatThePersonAskedForAreSettledBeforeThePlanIsCarriedOut(t *testing.T) {
	h := newObjection(t, 1)
	ctx, id := t.Context(), h.c.ID
	open := func() int {
		t.Helper()
		o, err := (&review.Review{House: h.House}).Open(ctx, h.clerk, "NW", id, now)
		must(t, err)
		return o.Recipients
	}
	must(t, h.Meanwhile(ctx, h.clerk, id, law.Objection, []string{system}, text("auf Verlangen"), now))
	told := h.told().Plans[0]
	if n := open(); n != 0 || len(told.Notices) == 0 {
		t.Fatalf("nobody asked: got %d open recipients of %d", n, len(told.Notices))
	}
	h.inTx(func(ctx context.Context) error {
		return h.Cases.PutRights(ctx, id, []casefile.Right{{Right: law.Objection}, {Right: law.Notification}})
	})
	if n := open(); n != len(told.Notices) {
		t.Errorf("the person asked: got %d open recipients, want %d", n, len(told.Notices))
	}
	must(t, h.RuleOut(ctx, h.clerk, id, []uuid.UUID{told.Notices[0].ID}, casefile.NoticeNone, text("nie übermittelt"), now))
	if n := open(); n != len(told.Notices)-1 {
		t.Errorf("one was ruled out: got %d open recipients, want %d", n, len(told.Notices)-1)
	}
	h.setState(casefile.Delivered)
	if n := open(); n != 0 {
		t.Errorf("answered: got %d open recipients", n)
	}
}
