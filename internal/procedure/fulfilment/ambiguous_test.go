package fulfilment_test

import (
	"context"
	"testing"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/law"
	"einsicht/internal/procedure"
)

// Where the key of a place names several records, no machine changes one of them.
func TestARecordWithoutAKeyOfItsOwnIsForPeople(t *testing.T) {
	h := newObjection(t, 2)
	h.inTx(func(ctx context.Context) error {
		q, err := h.Findings.Inquiry(ctx, h.inquiry)
		if err != nil {
			return err
		}
		said := casefile.InquiryText{Gaps: []casefile.Gap{{Place: "", Reason: connector.GapKey, Count: 1}}}
		if q.Sealed, err = h.Seal(ctx, procedure.SlotOf(h.c, "inquiry", "sealed", q.ID), said); err != nil {
			return err
		}
		return h.Findings.PutInquiries(ctx, []casefile.Inquiry{q})
	})
	must(t, h.Draft(t.Context(), h.clerk, h.c.ID, now))
	must(t, h.Meanwhile(t.Context(), h.clerk, h.c.ID, law.Objection, []string{system}, text("auf Verlangen"), now))
	h.rehearsed()
	all := h.measures()
	if len(all) < 2 {
		t.Fatalf("got %d measures, want those of two records", len(all))
	}
	for _, m := range all {
		if m.State != casefile.ForUnit || m.Text.Reason != "fulfilment.reason.ambiguous" {
			t.Errorf("%s %s: got %s, %s, want a task that says why", m.Do, m.Text.Reference, m.State, m.Text.Reason)
		}
	}
	if len(h.source.acted) > 0 {
		t.Error("a record that nobody can name was changed")
	}
}
