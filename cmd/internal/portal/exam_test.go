package portal_test

import (
	"encoding/hex"
	"slices"
	"testing"

	"github.com/google/uuid"

	"einsicht/cmd/internal/portal/portaltest"
	"einsicht/internal/casefile"
	"einsicht/internal/disclosure"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/person"
	"einsicht/internal/procedure/gathering"
	"einsicht/internal/procedure/review"
)

// In these systems of the Staatskanzlei rights end differently.
const (
	onConsent = "stk-newsletter"
	onTask    = "stk-callbacks"
)

var said = casefile.RightText{ForPerson: text("Das ist unsere Antwort."), ForFile: text("geprüft")}

// written are rights that need no search: what their first question is, and how
// nothing of them is left at a system.
var written = []struct {
	right    law.Right
	question string // asks whether the right exists at all
	free     string // a system where nothing limits it
	limited  string // one where something does
	ground   string // to be taken up there; empty: the register knows by itself
}{
	{law.Rectification, "wrong", onTask, onConsent, "EU-11-2"},
	{law.Erasure, "ground", onTask, onConsent, "EU-11-2"},
	{law.Restriction, "case", onTask, onConsent, "EU-11-2"},
	{law.Notification, "changed", onTask, onConsent, "EU-11-2"},
	{law.Objection, "situation", onTask, onConsent, ""},
	{law.ConsentWithdrawal, "", onConsent, onTask, ""},
}

func TestRightsWithoutDataEndAsTheLawHasThem(t *testing.T) {
	t.Parallel()
	h := portaltest.Start(t, portaltest.Options{})
	w := portaltest.NewWork(t, h, "stk-nrw")
	for _, r := range written {
		for _, c := range []struct {
			want    casefile.Outcome
			systems []string
			exists  bool
		}{
			{casefile.Granted, []string{r.free}, true},
			{casefile.PartlyGranted, []string{r.free, r.limited}, true},
			{casefile.Refused, []string{r.limited}, true},
			{casefile.Refused, []string{r.free}, false},
		} {
			if !c.exists && r.question == "" {
				continue
			}
			id := submit(t, h, w, r.right)
			undecidable(t, h, w, id, r.right)
			for _, system := range c.systems {
				know(t, h, w, id, r.right, casefile.Known{System: system, Concerned: true})
				if system == r.limited && r.ground != "" {
					w.Hold(t, id, r.right, r.ground, system)
				}
			}
			if r.question != "" {
				w.Answer(t, id, r.right, string(r.right), "", r.question, c.exists)
			}
			if got := w.DecideRight(t, id, r.right, said); got != c.want {
				t.Errorf("%s at %v, exists %t: got %s, want %s", r.right, c.systems, c.exists, got, c.want)
			}
			kept := rightOf(t, w, id, r.right)
			if sum := h.House.Law.SHA256(); kept.Text.Law != hex.EncodeToString(sum[:]) {
				t.Errorf("%s: got the law %q with the decision, want the hash of the catalogue", r.right, kept.Text.Law)
			}
			if got := len(kept.Text.Limits) > 0; got != (c.exists && c.want.Refuses()) {
				t.Errorf("%s %s: got limits %t", r.right, c.want, got)
			}
			w.VerifyByFacts(t, id)
			w.Release(t, id)
			w.WaitForPackage(t, id)
		}
	}
	h.Audit(t)
}

func TestADutyOfRetentionKeepsWhatWouldBeErased(t *testing.T) {
	t.Parallel()
	h := portaltest.Start(t, portaltest.Options{})
	w := portaltest.NewWork(t, h, "stk-nrw")
	id := submit(t, h, w, law.Erasure)
	w.Answer(t, id, law.Erasure, "erasure", "", "ground", true)
	known := casefile.Known{System: "stk-brochures", Concerned: true, Norm: "Aktenplan", Until: calendar.DateOf(h.Now()).AddDays(400)}
	if err := h.Steps.Review.Know(ctx, w.Clerk, id, law.Erasure, known, h.Now()); fieldOf(err) != "norm" {
		t.Errorf("a filing plan: got %v, want it refused as a statute", err)
	}
	known.Norm = "§ 147 Abs. 3 AO"
	know(t, h, w, id, law.Erasure, known)
	if got := w.DecideRight(t, id, law.Erasure, said); got != casefile.Refused {
		t.Errorf("while the duty runs: got %s, want refused", got)
	}
	known.Until = calendar.DateOf(h.Now()).AddDays(-1)
	know(t, h, w, id, law.Erasure, known)
	if got := rightOf(t, w, id, law.Erasure); got.Outcome != casefile.Undecided || got.Composed != casefile.Granted {
		t.Errorf("the duty has ended: got %s, composed %s, want it open again and granted", got.Outcome, got.Composed)
	}
}

func TestRightsToDataEndAsTheLawHasThem(t *testing.T) {
	t.Parallel()
	h := portaltest.Start(t, portaltest.Options{Own: true})
	w := portaltest.NewWork(t, h, "stk-nrw")
	w.ConfirmLaw(t)
	erika := h.Landscape.Person("erika")
	w.Plant(t, erika, 2, 11)
	application := w.Application(erika)
	application.Rights = []law.Right{law.Access, law.Portability}
	id := w.Submit(t, application).Case
	w.Gather(t, id)
	w.ProveEmail(t, id, erika.Email)
	w.VerifyByFacts(t, id)
	w.Gather(t, id)
	w.DecideAll(t, id)
	w.ConfirmAll(t, id)

	access := func(want casefile.Outcome) {
		t.Helper()
		w.Weigh(t, id, law.Access)
		if got := w.DecideRight(t, id, law.Access, said); got != want {
			t.Errorf("access: got %s, want %s", got, want)
		}
	}
	portability := func(want casefile.Outcome) {
		t.Helper()
		for _, s := range []string{onConsent, "stk-accounts", "stk-brochures", "stk-offline-orders"} {
			know(t, h, w, id, law.Portability, casefile.Known{System: s, Provided: "yes"})
		}
		w.Weigh(t, id, law.Portability)
		if got := w.DecideRight(t, id, law.Portability, said); got != want {
			t.Errorf("portability: got %s, want %s", got, want)
		}
	}
	access(casefile.Granted)
	portability(casefile.PartlyGranted) // most systems rest on a public task

	all := given(t, w, id)
	kept := disclosure.Decision{Verdict: disclosure.Withhold, Ground: "NRW-12-2-1", ForFile: text("Az. 1"), ForPerson: text("Ein Verfahren läuft.")}
	other := disclosure.Decision{Verdict: disclosure.NotThisPerson}
	w.Decide(t, id, all[onTask][:1], kept)
	access(casefile.PartlyGranted)
	if got := rightOf(t, w, id, law.Portability).Outcome; got != casefile.Undecided {
		t.Errorf("portability after a finding changed: got %s, want it open again", got)
	}
	for _, ids := range all {
		w.Decide(t, id, ids, kept)
	}
	access(casefile.PartlyGranted) // that data are held, and what for, is given

	// Only what rests on consent is hers.
	for system, ids := range all {
		d := other
		if system == onConsent {
			d = disclosure.Decision{Verdict: disclosure.Give}
		}
		w.Decide(t, id, ids, d)
	}
	access(casefile.Granted)
	portability(casefile.Granted)
	w.Decide(t, id, all[onConsent], other)
	w.Decide(t, id, all[onTask], disclosure.Decision{Verdict: disclosure.Give})
	portability(casefile.Refused)
	access(casefile.Granted)
	if got := w.Examine(t, id, law.Access).Right.Text.Exam.Claims; len(got) != 0 {
		t.Errorf("nothing rests on a ground any more: got claims %v", got)
	}

	w.Decide(t, id, all[onTask], other)
	access(casefile.NothingHeld)
	portability(casefile.NothingHeld)
	w.Release(t, id)
	w.WaitForPackage(t, id)
	h.Audit(t)
}

// A case whose rights need no data may be searched as well; "nothing held" is
// only said after every system answered.
func TestNothingHeldNeedsEveryAnswer(t *testing.T) {
	t.Parallel()
	h := portaltest.Start(t, portaltest.Options{})
	w := portaltest.NewWork(t, h, "stk-nrw")
	nobody := w.Application(h.Landscape.Person("erika"))
	nobody.Rights = law.Rights
	nobody.Request.Name, nobody.Request.Email = text("Niemand Nirgends"), text("niemand@example.net")
	nobody.Identifiers = []person.Identifier{{Kind: person.Email, Value: text("niemand@example.net")}}
	id := w.Submit(t, nobody).Case
	for _, right := range law.Rights {
		undecidable(t, h, w, id, right)
	}
	w.Start(t, id)
	for _, right := range law.Rights {
		if e := w.Examine(t, id, right); e.Outcome != casefile.Undecided || !hasReason(e.Why, "case.guard.pending") {
			t.Errorf("%s while systems are asked: got %s, %v, want it open", right, e.Outcome, e.Why)
		}
	}
	portaltest.Wait(t, "machines answer", portaltest.Patience, func() (bool, error) { return len(w.Waiting(t, id)) == 0, nil })
	w.AnswerTasks(t, id, gathering.ManualAnswer{Nothing: true})
	w.WaitFor(t, id, casefile.Review)
	w.DecideAll(t, id)
	w.ConfirmAll(t, id)
	for _, right := range law.Rights {
		if got := w.DecideRight(t, id, right, said); got != casefile.NothingHeld {
			t.Errorf("%s of nobody: got %s, want nothing held", right, got)
		}
	}
	w.Release(t, id)
	w.WaitForPackage(t, id)
}

func TestAnExcessiveRequestIsRefusedWithoutASearch(t *testing.T) {
	t.Parallel()
	h := portaltest.Start(t, portaltest.Options{})
	w := portaltest.NewWork(t, h, "stk-nrw")
	id := submit(t, h, w, law.Access)
	refused(t, h, w, id, "case.guard.gather_first")
	w.Hold(t, id, law.Access, "EU-12-5-REFUSE", "")
	if got := w.DecideRight(t, id, law.Access, said); got != casefile.Refused {
		t.Fatalf("got %s, want refused", got)
	}
	w.Release(t, id)
	w.WaitForPackage(t, id)
	if got, given := w.Fetch(t, id)["daten.json"]; given {
		t.Errorf("a request refused as such: got data %s, want none, not even an empty list", got)
	}
}

func TestACompleteRefusalAfterMonthOneIsFlaggedAndNotStopped(t *testing.T) {
	t.Parallel()
	h := portaltest.Start(t, portaltest.Options{})
	w := portaltest.NewWork(t, h, "stk-nrw")
	id := submit(t, h, w, law.Objection)
	w.Answer(t, id, law.Objection, "objection", "", "situation", false)
	know(t, h, w, id, law.Objection, casefile.Known{System: onTask, Concerned: true})
	if e := w.Examine(t, id, law.Objection); len(e.Warnings) > 0 {
		t.Errorf("on the first day: got %v, want no warning", e.Warnings)
	}
	h.Move(40 * day)
	if e := w.Examine(t, id, law.Objection); !hasReason(e.Warnings, "case.exam.late") {
		t.Errorf("after 40 days: got %v, want the refusal flagged as late", e.Warnings)
	}
	if got := w.DecideRight(t, id, law.Objection, said); got != casefile.Refused {
		t.Errorf("got %s, want refused", got)
	}
}

func submit(t *testing.T, h *portaltest.House, w *portaltest.Work, rights ...law.Right) uuid.UUID {
	t.Helper()
	a := w.Application(h.Landscape.Person("erika"))
	a.Rights = rights
	return w.Submit(t, a).Case
}

func know(t *testing.T, h *portaltest.House, w *portaltest.Work, id uuid.UUID, right law.Right, k casefile.Known) {
	t.Helper()
	if err := h.Steps.Review.Know(ctx, w.Clerk, id, right, k, h.Now()); err != nil {
		t.Fatal(err)
	}
}

// undecidable tries to decide a right about which nothing is known.
func undecidable(t *testing.T, h *portaltest.House, w *portaltest.Work, id uuid.UUID, right law.Right) {
	t.Helper()
	err := h.Steps.Review.DecideRight(ctx, w.Clerk, id, right, said, h.Now())
	if reasons := portaltest.ReasonsOf(err); len(reasons) == 0 {
		t.Errorf("%s before anything is known: got %v, want reasons", right, err)
	}
}

func rightOf(t *testing.T, w *portaltest.Work, id uuid.UUID, right law.Right) review.Right {
	t.Helper()
	for _, r := range w.Open(t, id).Rights {
		if r.Right.Right == right {
			return r
		}
	}
	t.Fatalf("no right %s", right)
	return review.Right{}
}

// given lists by system the findings that are hers.
func given(t *testing.T, w *portaltest.Work, id uuid.UUID) map[string][]uuid.UUID {
	t.Helper()
	all := map[string][]uuid.UUID{}
	for _, s := range w.Open(t, id).Systems {
		for _, f := range s.Findings {
			if f.Decision.Verdict == disclosure.Give {
				all[s.ID] = append(all[s.ID], f.ID)
			}
		}
	}
	if len(all[onConsent]) == 0 || len(all[onTask]) < 2 || len(all) < 4 {
		t.Fatalf("got findings in %d systems: this checks nothing", len(all))
	}
	return all
}

func hasReason(reasons []casefile.Reason, key string) bool {
	return slices.ContainsFunc(reasons, func(r casefile.Reason) bool { return r.Key == key })
}
