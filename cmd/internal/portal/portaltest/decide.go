package portaltest

import (
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law"
	"einsicht/internal/law/assess"
	"einsicht/internal/law/calendar"
	"einsicht/internal/person"
	"einsicht/internal/procedure"
	"einsicht/internal/procedure/review"
)

// Examine holds a right against the law of today.
func (w *Work) Examine(t testing.TB, id uuid.UUID, right law.Right) review.Examined {
	t.Helper()
	e, err := w.h.Steps.Review.Examine(ctx, w.Clerk, id, right, w.h.Now())
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// Answer answers one question of the law.
func (w *Work) Answer(t testing.TB, id uuid.UUID, right law.Right, ground, system, condition string, yes bool) {
	t.Helper()
	answers := []casefile.Answer{{Ground: ground, System: system, Condition: condition, Yes: yes}}
	if err := w.h.Steps.Review.Answer(ctx, w.Clerk, id, right, answers, w.h.Now()); err != nil {
		t.Fatalf("%s %s %s: %v", ground, system, condition, err)
	}
}

// Hold takes up a ground at a system, with its texts, and answers yes to all that
// the law asks about it.
func (w *Work) Hold(t testing.TB, id uuid.UUID, right law.Right, ground, system string) {
	t.Helper()
	claim := casefile.Claim{Ground: ground, System: system, LookAgain: calendar.DateOf(w.h.Now()).AddDays(90),
		ForPerson: person.NewText("Dem stehen Rechte anderer entgegen."), ForFile: person.NewText("abgewogen")}
	for _, c := range w.Examine(t, id, right).Right.Text.Exam.Claims {
		if c.Ground != ground || c.System != system {
			continue
		}
		claim.Entire = c.Entire
		if !c.ForPerson.IsZero() {
			claim.ForPerson = c.ForPerson
		}
		if !c.ForFile.IsZero() {
			claim.ForFile = c.ForFile
		}
	}
	if err := w.h.Steps.Review.TakeUp(ctx, w.Clerk, id, right, claim, w.h.Now()); err != nil {
		t.Fatalf("take up %s at %s: %v", ground, system, err)
	}
	for _, q := range w.Examine(t, id, right).Result.AskStaff {
		if q.Place == (assess.Place{Ground: ground, System: system}) {
			w.Answer(t, id, right, ground, system, q.Condition, true)
		}
	}
}

// Weigh settles the grounds that are still asked about: each holds.
func (w *Work) Weigh(t testing.TB, id uuid.UUID, right law.Right) {
	t.Helper()
	done := map[assess.Place]bool{}
	for _, q := range w.Examine(t, id, right).Result.AskStaff {
		if q.About != assess.AboutRight && !done[q.Place] {
			done[q.Place] = true
			w.Hold(t, id, right, q.Ground, q.System)
		}
	}
}

// Grant gives access as far as what was decided about the findings leaves it.
func (w *Work) Grant(t testing.TB, id uuid.UUID) casefile.Outcome {
	t.Helper()
	w.Weigh(t, id, law.Access)
	return w.DecideRight(t, id, law.Access, casefile.RightText{})
}

// DecideRight decides on a right as the law has it.
func (w *Work) DecideRight(t testing.TB, id uuid.UUID, right law.Right, text casefile.RightText) casefile.Outcome {
	t.Helper()
	if err := w.h.Steps.Review.DecideRight(ctx, w.Clerk, id, right, text, w.h.Now()); err != nil {
		t.Fatalf("decide %s: %v %v", right, err, ReasonsOf(err))
	}
	for _, r := range w.Open(t, id).Rights {
		if r.Right.Right == right {
			if r.Outcome.Refuses() {
				w.Reside(t, id, casefile.Residence{District: "Stadt Köln"})
			}
			return r.Outcome
		}
	}
	t.Fatalf("no right %s", right)
	return ""
}

// Reside confirms where the person lives.
func (w *Work) Reside(t testing.TB, id uuid.UUID, r casefile.Residence) {
	t.Helper()
	if err := w.h.Steps.Review.Reside(ctx, w.Clerk, id, r, w.h.Now()); err != nil {
		t.Fatal(err)
	}
}

// ConfirmLaw compares the catalogue with the text in force.
func (w *Work) ConfirmLaw(t testing.TB) procedure.Confirmation {
	t.Helper()
	if err := w.h.Steps.Review.ConfirmLaw(ctx, w.Officer, w.h.Now()); err != nil {
		t.Fatal(err)
	}
	must, by, err := w.h.Steps.Review.LawBanner(ctx, w.Clerk, w.h.Now())
	if err != nil || must {
		t.Fatalf("the law was confirmed: got must %t, %v", must, err)
	}
	return by
}

// Words enters the authority's own words for a text block.
func (w *Work) Words(t testing.TB, block string) {
	t.Helper()
	operator := casefile.Actor{Role: casefile.Operator, Authority: w.Authority.ID}
	own := block + ":\n  de: Was Sie tun können, sagen wir selbst.\n  en: What you can do we say ourselves.\n"
	if _, err := w.h.Steps.Correspondence.ImportTexts(ctx, operator, "own.yaml", []byte(own), w.h.Now()); err != nil {
		t.Fatal(err)
	}
}
