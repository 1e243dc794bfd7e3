package fulfilment_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/disclosure"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/letter"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
	"einsicht/internal/procedure/fulfilment"
)

// newObjection is a house whose case is still to be decided: the person objects, and
// has so many records.
func newObjection(t *testing.T, n int) *house {
	t.Helper()
	h := newHouse(t)
	h.inTx(func(ctx context.Context) error {
		if err := h.Plans.DropPlan(ctx, h.c.ID, h.plan.ID); err != nil {
			return err
		}
		return h.Cases.PutRights(ctx, h.c.ID, []casefile.Right{{Right: law.Objection}, {Right: law.Rectification}, {Right: law.ConsentWithdrawal}, {Right: law.Erasure}})
	})
	h.setState(casefile.Review)
	known := casefile.Identifier{ID: uuid.New(), Case: h.c.ID, Kind: person.Email, Value: person.NewText("erika@example.org"), VerifiedAt: now, How: casefile.ByFacts}
	h.inTx(func(ctx context.Context) error {
		if err := h.SealIdentifier(ctx, h.c, &known); err != nil {
			return err
		}
		if err := h.Cases.PutIdentifiers(ctx, []casefile.Identifier{known}); err != nil {
			return err
		}
		return h.Cases.SaveIdentifier(ctx, known)
	})
	for i := range n {
		reference := "rows/" + strconv.Itoa(i)
		h.source.rows[reference], h.source.rows["neighbours/"+strconv.Itoa(i)] = "Erika", "Max"
		f := h.source.finding(reference)
		f.Led, f.Confidence = [][]uuid.UUID{{known.ID}}, connector.Sure
		h.found(f)
	}
	return h
}

func (h *house) setState(state casefile.State) {
	h.t.Helper()
	h.inTx(func(ctx context.Context) error {
		c, err := h.Cases.Case(ctx, h.c.ID)
		if err != nil {
			return err
		}
		c.State = state
		h.c.State = state
		return h.Cases.Save(ctx, c)
	})
}

// found keeps a record of the person that was found and is given.
func (h *house) found(record connector.Finding) {
	h.t.Helper()
	h.inTx(func(ctx context.Context) error {
		f := casefile.Finding{ID: uuid.New(), Case: h.c.ID, System: system, Reference: []byte(record.Reference), FoundAt: now.Add(-time.Hour), Verdict: string(disclosure.Give)}
		plain, err := person.Encode(record)
		if err != nil {
			return err
		}
		if f.Sealed, err = h.Keys.SealToCase(ctx, procedure.SlotOf(h.c, "finding", "sealed", f.ID), plain); err != nil {
			return err
		}
		return h.putFinding(ctx, f)
	})
}

func (h *house) besides() fulfilment.Besides {
	h.t.Helper()
	b, err := h.Besides(h.t.Context(), h.clerk, h.c.ID, now)
	must(h.t, err)
	return b
}

// carried lets the jobs run that an order adds.
func (h *house) carried() {
	h.t.Helper()
	must(h.t, h.CarryOut(h.t.Context(), h.c.Authority, h.c.ID, now))
	must(h.t, h.change())
}

func (h *house) approver() casefile.Actor {
	return casefile.Actor{ID: h.plan.FixedBy, Role: casefile.Approver, Authority: h.c.Authority}
}

func (h *house) rehearsed() {
	h.t.Helper()
	must(h.t, h.Rehearse(h.t.Context(), h.c.Authority, h.inquiry, now))
}

// restricted takes an objection up and restricts meanwhile.
func (h *house) restricted(right law.Right) {
	h.t.Helper()
	must(h.t, h.Meanwhile(h.t.Context(), h.clerk, h.c.ID, right, []string{system}, text("auf Verlangen"), now))
	h.rehearsed()
	must(h.t, h.OrderBeside(h.t.Context(), h.approver(), h.c.ID, h.besides().Plans[0].ID, now))
	h.carried()
}

// onConsent is a system of the inventory that rests on consent.
const onConsent = "stk-newsletter"

// lifted is the plan to end restrictions.
func (h *house) lifted() fulfilment.BesidePlan {
	h.t.Helper()
	for _, p := range h.besides().Plans {
		if p.Kind == casefile.PlanLifting {
			return p
		}
	}
	h.t.Fatal("no plan ends a restriction")
	return fulfilment.BesidePlan{}
}

func text(s string) person.Text { return person.NewText(s) }

func TestDataAreRestrictedBeforeTheDecisionAfterASecondPersonsWord(t *testing.T) {
	h := newObjection(t, 2)
	ctx, id := t.Context(), h.c.ID
	must(t, h.Meanwhile(ctx, h.clerk, id, law.Objection, []string{system}, text("auf Verlangen"), now))
	plan := h.besides().Plans[0]
	if err := h.OrderBeside(ctx, h.approver(), id, plan.ID, now); !errors.Is(err, problem.Conflict) {
		t.Errorf("ordered before it was tried: got %v", err)
	}
	h.rehearsed()
	approving := h.clerk
	approving.Role = casefile.Approver
	if err := h.OrderBeside(ctx, approving, id, plan.ID, now); !errors.Is(err, problem.Conflict) {
		t.Errorf("ordered by who planned it: got %v", err)
	}
	must(t, h.change())
	if h.source.rows["rows/0"] != "Erika" {
		t.Fatal("restricted before anybody ordered it")
	}
	must(t, h.OrderBeside(ctx, h.approver(), id, plan.ID, now))
	h.carried()
	b := h.besides()
	if h.source.rows["rows/0"] != marked+"Erika" || h.source.rows["neighbours/0"] != "Max" || len(b.InForce) != 2 {
		t.Errorf("got %v, and %d in force", h.source.rows, len(b.InForce))
	}
	for _, m := range b.InForce {
		if m.Text.Proof.ReadAt.IsZero() || m.State != casefile.Done {
			t.Errorf("got %s with proof %+v", m.State, m.Text.Proof)
		}
	}
	if b.Plans[0].EndedAt.IsZero() || h.state() != casefile.Review {
		t.Errorf("ended %v, case %s: want the plan ended and the case where it was", b.Plans[0].EndedAt, h.state())
	}
	for kind, want := range map[string]int{"plan.fixed": 1, "plan.ended": 1, "measure.done": 2, "fulfilled": 0} {
		if n := h.ledger(kind); n != want {
			t.Errorf("%s: got %d entries, want %d", kind, n, want)
		}
	}
	if err := h.Meanwhile(ctx, h.clerk, id, law.Objection, []string{system}, text("noch einmal"), now); !errors.Is(err, problem.Conflict) {
		t.Errorf("restricted twice: got %v", err)
	}
}

func TestTheDecisionGoesOnFromWhatWasRestricted(t *testing.T) {
	for name, c := range map[string]struct {
		rights []casefile.Right
		before bool // the plan of the decision was made before the restriction
		want   map[string]string
		state  casefile.MeasureState
	}{
		"an objection that is granted is done already": {[]casefile.Right{{Right: law.Objection, Outcome: casefile.Granted}}, false, map[string]string{"rows/0": marked + "Erika"}, casefile.Done},
		"and so if it was planned before":              {[]casefile.Right{{Right: law.Objection, Outcome: casefile.Granted}}, true, map[string]string{"rows/0": marked + "Erika"}, casefile.Done},
		"what is erased is erased as it is now":        {[]casefile.Right{{Right: law.Objection}, {Right: law.Erasure, Outcome: casefile.Granted}}, false, map[string]string{}, casefile.Planned},
		"also if that was planned before":              {[]casefile.Right{{Right: law.Objection}, {Right: law.Erasure, Outcome: casefile.Granted}}, true, map[string]string{}, casefile.Planned},
	} {
		t.Run(name, func(t *testing.T) {
			h := newObjection(t, 1)
			h.inTx(func(ctx context.Context) error { return h.Cases.PutRights(ctx, h.c.ID, c.rights) })
			draft := func() {
				must(t, h.Draft(t.Context(), h.clerk, h.c.ID, now))
				h.rehearsed()
			}
			if c.before {
				draft()
			}
			h.restricted(law.Objection)
			draft()
			var states []casefile.MeasureState
			for _, m := range h.decided() {
				states = append(states, m.State)
			}
			if !slices.Equal(states, []casefile.MeasureState{c.state}) {
				t.Fatalf("got %v, want one that is %s", states, c.state)
			}
			if c.state == casefile.Planned {
				h.fixDecision()
				must(t, h.change())
			}
			delete(h.source.rows, "neighbours/0")
			if len(h.source.rows) != len(c.want) || h.source.rows["rows/0"] != c.want["rows/0"] {
				t.Errorf("got %v, want %v", h.source.rows, c.want)
			}
			if erased := len(c.want) == 0; erased == (len(h.besides().InForce) > 0) {
				t.Errorf("%d in force", len(h.besides().InForce))
			}
		})
	}
}

// decided are the measures of the plan of the decision.
func (h *house) decided() []procedure.Measure {
	h.t.Helper()
	var plan casefile.Plan
	must(h.t, h.db.View(h.t.Context(), h.c.Authority, func(ctx context.Context) (err error) {
		plan, err = h.Plans.Plan(ctx, h.c.ID)
		return err
	}))
	return procedure.OfPlan(h.measures(), plan.ID)
}

func (h *house) fixDecision() {
	h.t.Helper()
	h.inTx(func(ctx context.Context) error {
		plan, err := h.Plans.Plan(ctx, h.c.ID)
		if err != nil {
			return err
		}
		plan.FixedAt, plan.FixedBy = now, h.approver().ID
		return h.Plans.PutPlan(ctx, plan)
	})
	h.setState(casefile.Fulfilling)
}

func TestNothingIsLiftedBeforeThePersonKnows(t *testing.T) {
	h := newObjection(t, 2)
	h.restricted(law.Objection)
	ctx, id := t.Context(), h.c.ID
	h.setState(casefile.Closed)
	must(t, h.Fulfilment.Sweep(ctx, h.c.Authority, now))
	if !h.openTask(casefile.TaskLift) {
		t.Error("nobody is asked to lift what waited for the decision")
	}
	b := h.besides()
	ids := []uuid.UUID{b.InForce[0].ID, b.InForce[1].ID}
	if err := h.Lift(ctx, h.clerk, id, ids, calendar.DateOf(now), text("entschieden"), text(""), now); !errors.Is(err, problem.Invalid) {
		t.Errorf("lifted today: got %v", err)
	}
	from := calendar.DateOf(now).AddDays(14)
	must(t, h.Lift(ctx, h.clerk, id, ids, from, text("entschieden"), text(""), now))
	if !slices.Equal(h.letters.kinds, []letter.Kind{letter.KindLiftingNotice}) || h.letters.values["from"] != from.String() || h.letters.words["reasons"].Reveal() != "entschieden" {
		t.Fatalf("got letters %v, %v", h.letters.kinds, h.letters.values)
	}
	h.rehearsed()
	plan, sent := h.lifted().ID, casefile.Letter{ID: h.letters.written[0], Case: id, CreatedAt: now, CreatedBy: h.clerk.ID, Sealed: []byte("x")}
	for _, c := range []struct {
		name      string
		effective calendar.Date
		at        time.Time
		ok        bool
	}{
		{"before anybody told the person", calendar.Date{}, from.Time().Add(12 * time.Hour), false},
		{"while the letter does not count yet", from.AddDays(1), from.Time().Add(12 * time.Hour), false},
		{"before the day that the person was told", from.AddDays(-3), from.AddDays(-1).Time().Add(12 * time.Hour), false},
		{"then", from.AddDays(-3), from.Time().Add(12 * time.Hour), true},
	} {
		sent.Effective = c.effective
		h.inTx(func(ctx context.Context) error { return h.House.Letters.PutLetter(ctx, sent) })
		if err := h.OrderBeside(ctx, h.approver(), id, plan, c.at); (err == nil) != c.ok {
			t.Errorf("%s: got %v", c.name, err)
		}
	}
	if h.source.rows["rows/0"] != marked+"Erika" {
		t.Fatal("lifted before it was ordered")
	}
	h.carried()
	if h.source.rows["rows/0"] != "Erika" || len(h.besides().InForce) != 0 || h.openTask(casefile.TaskLift) {
		t.Errorf("got %v, %d in force, task open: %t", h.source.rows, len(h.besides().InForce), h.openTask(casefile.TaskLift))
	}
	if n := h.ledger("measure.done"); n != 4 {
		t.Errorf("got %d proofs in the ledger, want 4", n)
	}
	if all, err := h.Restrictions(ctx, h.clerk); err != nil || len(all) != 0 {
		t.Errorf("got %d cases with restrictions, %v", len(all), err)
	}
}

func TestARecordThatChangedIsNotLifted(t *testing.T) {
	h := newObjection(t, 1)
	h.restricted(law.Objection)
	lift := func() error {
		return h.Lift(t.Context(), h.clerk, h.c.ID, []uuid.UUID{h.besides().InForce[0].ID}, calendar.DateOf(now).AddDays(1), text("entschieden"), text(""), now)
	}
	if err := lift(); !errors.Is(err, problem.Conflict) {
		t.Errorf("before the objection is decided: got %v, want a conflict", err)
	}
	h.setState(casefile.Delivered)
	must(t, lift())
	h.rehearsed()
	h.source.rows["rows/0"] = marked + "Erika Neu"
	plan := h.lifted()
	h.inTx(func(ctx context.Context) error {
		return h.House.Letters.PutLetter(ctx, casefile.Letter{ID: plan.Plan.Letter, Case: h.c.ID, CreatedAt: now, CreatedBy: h.clerk.ID, Sealed: []byte("x"), Effective: calendar.DateOf(now)})
	})
	must(t, h.OrderBeside(t.Context(), h.approver(), h.c.ID, plan.ID, now.AddDate(0, 0, 2)))
	h.carried()
	if got := h.source.rows["rows/0"]; got != marked+"Erika Neu" {
		t.Errorf("got %q, want it left alone", got)
	}
	if m := h.lifted().Measures[0]; m.State != casefile.Asks || m.Text.Reason != "fulfilment.reason.differs" {
		t.Errorf("got %s, %s", m.State, m.Text.Reason)
	}
	must(t, h.Decide(t.Context(), h.clerk, h.c.ID, []uuid.UUID{h.lifted().Measures[0].ID}, fulfilment.Leave, text("bleibt"), text(""), now))
	if len(h.besides().InForce) != 1 || h.lifted().EndedAt.IsZero() {
		t.Error("left as it is: the plan has not ended, or the restriction no longer holds")
	}
}

func TestWhereNoRecordWasFoundPeopleRestrictAndLift(t *testing.T) {
	h := newObjection(t, 0)
	ctx, id := t.Context(), h.c.ID
	if err := h.Meanwhile(ctx, h.clerk, id, law.ConsentWithdrawal, []string{system}, text("widerrufen"), now); !errors.Is(err, problem.Invalid) {
		t.Errorf("stopped where nothing rests on consent: got %v", err)
	}
	must(t, h.Meanwhile(ctx, h.clerk, id, law.ConsentWithdrawal, []string{onConsent}, text("widerrufen"), now))
	must(t, h.OrderBeside(ctx, h.approver(), id, h.besides().Plans[0].ID, now))
	h.carried()
	if !h.openTask(casefile.TaskChange) {
		t.Fatal("the unit has no task")
	}
	must(t, h.Confirm(ctx, h.clerk, id, onConsent, true, text("Versand gestoppt"), now))
	b := h.besides()
	if len(b.InForce) != 1 || b.InForce[0].Text.Proof.Statement.Reveal() != "Versand gestoppt" || b.Due[b.InForce[0].ID] {
		t.Fatalf("got %d in force", len(b.InForce))
	}
	h.setState(casefile.Delivered)
	if h.besides().Due[b.InForce[0].ID] {
		t.Error("what rested on consent is to go on because the case is decided")
	}
	must(t, h.Lift(ctx, h.clerk, id, []uuid.UUID{b.InForce[0].ID}, calendar.DateOf(now).AddDays(1), text("neue Einwilligung"), text(""), now))
	if m := h.lifted().Measures[0]; m.State != casefile.ForUnit || !m.Lift {
		t.Errorf("got %s, want the unit to lift it", m.State)
	}
	must(t, h.DropBeside(ctx, h.clerk, id, h.lifted().ID, text("weitere Prüfung"), now))
	if len(h.besides().Plans) != 1 || h.ledger("plan.dropped") != 1 {
		t.Error("a plan that nobody ordered can't be dropped")
	}
}

func TestWhoWasToldThatARestrictionEndsIsToldThatItStays(t *testing.T) {
	h := newObjection(t, 1)
	h.restricted(law.Objection)
	ctx, id := t.Context(), h.c.ID
	h.setState(casefile.Closed)
	from := calendar.DateOf(now).AddDays(14)
	must(t, h.Lift(ctx, h.clerk, id, []uuid.UUID{h.besides().InForce[0].ID}, from, text("entschieden"), text(""), now))
	plan := h.lifted().ID
	if err := h.DropBeside(ctx, h.clerk, id, plan, text(" "), now); !errors.Is(err, problem.Invalid) {
		t.Errorf("dropped without a word to the person: got %v", err)
	}
	if h.lifted().ID != plan || len(h.letters.kinds) != 1 {
		t.Fatal("what was refused was done")
	}
	must(t, h.DropBeside(ctx, h.clerk, id, plan, text("Klage erhoben"), now))
	if want := []letter.Kind{letter.KindLiftingNotice, letter.KindLiftingDropped}; !slices.Equal(h.letters.kinds, want) {
		t.Fatalf("got letters %v, want %v", h.letters.kinds, want)
	}
	if w := h.letters.words; h.letters.values["from"] != from.String() || w["reasons"].Reveal() != "Klage erhoben" || w["content"].IsBlank() {
		t.Errorf("got %v with the reason %q, want the day that was announced, the reason and which data", h.letters.values, w["reasons"].Reveal())
	}
	if b := h.besides(); len(b.InForce) != 1 || b.Lifting[b.InForce[0].ID] || h.source.rows["rows/0"] != marked+"Erika" {
		t.Errorf("got %d in force and %q, want the restriction to hold", len(b.InForce), h.source.rows["rows/0"])
	}
}

func TestACaseWaitsForWhatIsRestrictedMeanwhile(t *testing.T) {
	h := newObjection(t, 1)
	must(t, h.Meanwhile(t.Context(), h.clerk, h.c.ID, law.Objection, []string{system}, text("auf Verlangen"), now))
	blocked := func() bool {
		shown, err := h.Show(t.Context(), h.clerk, h.c.ID, now)
		must(t, err)
		return slices.ContainsFunc(shown.Blocked[casefile.Propose], func(r casefile.Reason) bool { return r.Key == "case.guard.meanwhile" })
	}
	if !blocked() {
		t.Error("it can be proposed while a restriction waits")
	}
	must(t, h.DropBeside(t.Context(), h.clerk, h.c.ID, h.besides().Plans[0].ID, text(""), now))
	if blocked() {
		t.Error("it waits for a plan that was dropped")
	}
}

func TestNobodyElsesDataAreRestricted(t *testing.T) {
	h := newObjection(t, 1)
	stranger := h.source.finding("neighbours/0")
	stranger.Led = [][]uuid.UUID{{uuid.New()}}
	h.found(stranger)
	must(t, h.Meanwhile(t.Context(), h.clerk, h.c.ID, law.Rectification, []string{system}, text("bestritten"), now))
	if n := len(h.besides().Plans[0].Measures); n != 1 {
		t.Errorf("got %d measures, want that of the person's own record", n)
	}
	for name, c := range map[string]struct {
		right   law.Right
		systems []string
		why     string
	}{
		"a right that restricts nothing meanwhile": {law.Access, []string{system}, "x"},
		"a right that nobody asked for":            {law.Erasure, []string{system}, "x"},
		"no system":                                {law.Objection, nil, "x"},
		"a system that there is not":               {law.Objection, []string{"nowhere"}, "x"},
		"no reason":                                {law.Objection, []string{system}, " "},
	} {
		if err := h.Meanwhile(t.Context(), h.clerk, h.c.ID, c.right, c.systems, text(c.why), now); !errors.Is(err, problem.Invalid) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
