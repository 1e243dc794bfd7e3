package fulfilment_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/law"
	"einsicht/internal/person"
	"einsicht/internal/procedure"
)

// askedAgain lets the system give the first record of the person once more, as it is
// there by then.
func (h *house) askedAgain(at time.Time) connector.Finding {
	h.t.Helper()
	var record connector.Finding
	h.inTx(func(ctx context.Context) error {
		rows, err := h.Findings.Findings(ctx, h.c.ID)
		if err != nil {
			return err
		}
		before, err := h.Finding(ctx, h.c, rows[0])
		if err != nil {
			return err
		}
		record = h.source.finding(before.Reference)
		record.Led, record.Confidence = before.Led, before.Confidence
		plain, err := person.Encode(record)
		if err != nil {
			return err
		}
		f := casefile.Finding{ID: rows[0].ID, Case: h.c.ID, System: system, Reference: []byte(record.Reference), FoundAt: at}
		if f.Sealed, err = h.Keys.SealToCase(ctx, procedure.SlotOf(h.c, "finding", "sealed", f.ID), plain); err != nil {
			return err
		}
		_, err = h.Findings.PutFindings(ctx, []casefile.Finding{f})
		return err
	})
	return record
}

// A record that changed asks; once its system was asked again the plan is about the
// record as it is by then.
func TestAPlanFollowsWhatASystemGivesAnew(t *testing.T) {
	h := newObjection(t, 1)
	h.inTx(func(ctx context.Context) error {
		return h.Cases.PutRights(ctx, h.c.ID, []casefile.Right{{Right: law.Objection}, {Right: law.Erasure, Outcome: casefile.Granted}})
	})
	draft := func() procedure.Measure {
		must(t, h.Draft(t.Context(), h.clerk, h.c.ID, now))
		h.rehearsed()
		if n := len(h.decided()); n != 1 {
			t.Fatalf("got %d measures, want 1", n)
		}
		return h.decided()[0]
	}
	before := draft()
	h.source.rows["rows/0"] = "Erika Neu"
	record := h.askedAgain(now.Add(time.Hour))
	after := draft()
	if after.State != casefile.Planned || after.ID != before.ID || !bytes.Equal(after.Text.Seen, record.Fingerprint()) {
		t.Errorf("got %s (%s) on another record than the one that was read last", after.State, after.Text.Reason)
	}
}

// What was restricted and is not any more, as a later reading shows, is not done.
func TestARestrictionThatIsGoneIsNotDone(t *testing.T) {
	h := newObjection(t, 1)
	h.inTx(func(ctx context.Context) error {
		return h.Cases.PutRights(ctx, h.c.ID, []casefile.Right{{Right: law.Objection, Outcome: casefile.Granted}})
	})
	h.restricted(law.Objection)
	h.source.rows["rows/0"] = "Erika"
	h.askedAgain(now.Add(time.Hour))
	must(t, h.Draft(t.Context(), h.clerk, h.c.ID, now))
	h.rehearsed()
	if m := h.decided(); len(m) != 1 || m[0].State != casefile.Planned {
		t.Errorf("got %d measures, the first %s, want it to be restricted again", len(m), m[0].State)
	}
}

// What people erased comes back with a backup, too.
func TestWhatAUnitErasedIsRemembered(t *testing.T) {
	h := newHouse(t)
	m := h.planned(1, connector.CanErase)[0]
	m.State = casefile.ForUnit
	h.put(m)
	delete(h.source.rows, "rows/0")
	must(t, h.Confirm(t.Context(), h.clerk, h.c.ID, system, true, text("nachgesehen"), now))
	h.source.rows["rows/0"] = "Erika"
	if got, err := h.Reapply(t.Context(), h.operator, system, now); err != nil || got.Erased != 1 {
		t.Errorf("got %+v and %v, want the record erased again", got, err)
	}
}

// A case whose key is gone restricts nothing that anybody could know of.
func TestACaseWithoutItsKeyIsForgottenAllTheSame(t *testing.T) {
	h := newObjection(t, 1)
	h.restricted(law.Objection)
	restricts := func() (holds bool) {
		must(t, h.db.View(t.Context(), h.c.Authority, func(ctx context.Context) (err error) {
			holds, err = h.Restricts(ctx, h.c)
			return err
		}))
		return holds
	}
	if !restricts() {
		t.Fatal("nothing is restricted: this checks nothing")
	}
	h.inTx(func(ctx context.Context) error { return h.Keys.Shred(ctx, h.c.Authority, h.c.ID) })
	if restricts() {
		t.Error("a case that nobody can read is kept")
	}
}

// A restriction that a decision keeps was told of when it was made.
func TestOfOneRestrictionRecipientsHearOnce(t *testing.T) {
	for _, first := range []bool{true, false} { // the plan of the decision is made first
		h := newObjection(t, 1)
		h.inTx(func(ctx context.Context) error {
			return h.Cases.PutRights(ctx, h.c.ID, []casefile.Right{{Right: law.Objection, Outcome: casefile.Granted}})
		})
		if first {
			must(t, h.Draft(t.Context(), h.clerk, h.c.ID, now))
			h.rehearsed()
		}
		h.restricted(law.Objection)
		if !first {
			must(t, h.Draft(t.Context(), h.clerk, h.c.ID, now))
		}
		n := map[casefile.PlanKind]int{}
		for _, p := range h.told().Plans {
			n[p.Kind] += len(p.Notices)
		}
		if n[casefile.PlanDecision] > 0 || n[casefile.PlanMeanwhile] == 0 {
			t.Errorf("planned first %v: got %v, want notices of the restriction only", first, n)
		}
	}
}
