package portal_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"einsicht/cmd/internal/portal/portaltest"
	"einsicht/internal/casefile"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/letter"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/procedure/intake"
)

var noSearch person.Text

func text(s string) person.Text { return person.NewText(s) }

const day = 24 * time.Hour

func TestARefusalNobodyFetchesIsToBeDeliveredOtherwise(t *testing.T) {
	h := portaltest.Start(t, portaltest.Options{})
	w := portaltest.NewWork(t, h, "stk-nrw")
	id := noObjection(t, h, w)
	sweep := func() { sweepAnswers(t, h, w) }

	h.Move(9 * day)
	sweep()
	if got := w.Open(t, id).Case.State; got != casefile.Ready {
		t.Fatalf("after nine days: got %s, want ready", got)
	}
	h.Move(2 * day) // the tenth is over
	sweep()
	o := w.Open(t, id)
	if o.Case.State != casefile.Undelivered || len(o.Tasks) == 0 || o.Tasks[len(o.Tasks)-1].Kind != casefile.TaskDeliver {
		t.Fatalf("after ten days: got %s with tasks %v, want undelivered and a task", o.Case.State, o.Tasks)
	}
	// The data stay for their thirty days.
	if _, err := h.Steps.Delivery.Provide(ctx, w.Applicant(id), id, h.Now()); err != nil {
		t.Errorf("after ten days the data: %v", err)
	}
	h.Move(20 * day)
	sweep()
	if _, err := h.Steps.Delivery.Provide(ctx, w.Applicant(id), id, h.Now()); !errors.Is(err, problem.NotFound) {
		t.Errorf("after thirty days the data: got %v, want not found", err)
	}
	portaltest.Wait(t, "the file is gone", portaltest.Patience, func() (bool, error) {
		o := w.Open(t, id)
		return o.Case.State == casefile.Closed && o.Packages[0].State == casefile.PackageDropped, nil
	})
	// Nothing is forgotten before the end of the third calendar year, all after it.
	closed := w.Case(t, id).ClosedAt
	h.Move(time.Date(closed.Year()+4, time.January, 1, 0, 0, 0, 0, closed.Location()).Sub(h.Now()) - time.Hour)
	sweepOld(t, h, w)
	if n := jobsOf(t, h, casefile.JobForget); n != 0 {
		t.Errorf("an hour before the end of the third year: got %d jobs that forget, want none", n)
	}
	w.Open(t, id)
	h.Move(2 * time.Hour)
	sweepOld(t, h, w)
	portaltest.Wait(t, "the case is forgotten", portaltest.Patience, func() (bool, error) {
		_, err := h.Steps.Review.Open(ctx, w.Clerk, w.Authority.Land, id, h.Now())
		return errors.Is(err, problem.NotFound), nil
	})
	h.Audit(t)
}

func TestARefusalFetchedTooLateIsNotNotifiedEvenBeforeTheSweep(t *testing.T) {
	h := portaltest.Start(t, portaltest.Options{})
	w := portaltest.NewWork(t, h, "stk-nrw")
	id := noObjection(t, h, w)
	h.Move(11 * day)
	p, err := h.Steps.Delivery.Provide(ctx, w.Applicant(id), id, h.Now())
	if err == nil {
		err = p.Stream(ctx, discard{}, h.Now)
	}
	if err != nil {
		t.Fatal(err)
	}
	o := w.Open(t, id)
	if o.Case.State != casefile.Undelivered || !o.Case.EffectiveOn.IsZero() || !openTask(t, w, id, casefile.TaskDeliver) {
		t.Errorf("got %s, counting from %s, want undelivered, from no day, and a task", o.Case.State, o.Case.EffectiveOn)
	}
	h.Audit(t)
}

func TestARefusalCountsAsNotifiedOnTheDayAfterItWasFetched(t *testing.T) {
	h := portaltest.Start(t, portaltest.Options{})
	w := portaltest.NewWork(t, h, "stk-nrw")
	id := noObjection(t, h, w)
	p, err := h.Steps.Delivery.Provide(ctx, w.Applicant(id), id, h.Now())
	if err != nil {
		t.Fatal(err)
	}
	begun := calendar.DateOf(h.Now())
	if err := p.Stream(ctx, discard{}, h.Now); err != nil {
		t.Fatal(err)
	}
	ended := calendar.DateOf(h.Now()) // another day, at midnight
	if got := w.Open(t, id).Case.EffectiveOn; got != begun.AddDays(1) && got != ended.AddDays(1) {
		t.Errorf("got %s, want %s", got, ended.AddDays(1))
	}
}

func TestTheSameFormSentTwiceIsTheSameCase(t *testing.T) {
	h := portaltest.Start(t, portaltest.Options{})
	w := portaltest.NewWork(t, h, "stk-nrw")
	a := intake.Application{Token: uuid.NewString(), Rights: []law.Right{law.Access, law.Erasure},
		Request: casefile.Request{Lang: "de", About: casefile.Self, Name: text("Erika Mustermann"), Answer: casefile.ByPost, Address: text("Heidestraße 17\n51147 Köln")}}
	results := make(chan intake.Receipt, 8)
	for range cap(results) {
		go func() {
			r, err := h.Steps.Intake.Submit(ctx, w.Authority, a, h.Now())
			if err != nil {
				t.Error(err)
			}
			results <- r
		}()
	}
	first := <-results
	for range cap(results) - 1 {
		if r := <-results; r.FileNumber != first.FileNumber || r.AccessCode != first.AccessCode || r.Case != first.Case {
			t.Errorf("got another case or code")
		}
	}
	h.Move(29 * time.Minute)
	if again, err := h.Steps.Intake.Submit(ctx, w.Authority, a, h.Now()); err != nil || again.AccessCode != first.AccessCode {
		t.Errorf("after 29 minutes: got another code, %v", err)
	}
	h.Move(time.Minute)
	if again, err := h.Steps.Intake.Submit(ctx, w.Authority, a, h.Now()); err != nil || again.AccessCode != "" || again.Case != first.Case {
		t.Errorf("after 30 minutes: got a code %t, %v; want the same case and none", again.AccessCode != "", err)
	}
	actor, err := h.Steps.Identification.Enter(ctx, w.Authority, first.FileNumber, first.AccessCode, "192.0.2.1", h.Now())
	if err != nil || actor.ID != first.Case {
		t.Errorf("entering: got %v %v", actor.ID, err)
	}
	// A replaced code is dead.
	forLetter, err := h.Steps.Identification.ReplaceCode(ctx, w.Clerk, first.Case, uuid.Nil, h.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Steps.Identification.Enter(ctx, w.Authority, first.FileNumber, first.AccessCode, "192.0.2.1", h.Now()); err == nil {
		t.Error("the old code: got no error")
	}
	if _, err := h.Steps.Identification.Enter(ctx, w.Authority, first.FileNumber, forLetter.Reveal(), "192.0.2.1", h.Now()); err != nil {
		t.Errorf("the new code: %v", err)
	}
	if again, err := h.Steps.Intake.Submit(ctx, w.Authority, a, h.Now()); err != nil || again.AccessCode != "" {
		t.Errorf("the form again after the code was replaced: got a code %t, %v; want none", again.AccessCode != "", err)
	}
}

func TestRightsWithoutDataNeedNoGatheringAndDontGetStuck(t *testing.T) {
	h := portaltest.Start(t, portaltest.Options{})
	w := portaltest.NewWork(t, h, "stk-nrw")
	id := noObjection(t, h, w)
	if got := w.Open(t, id).Case.State; got != casefile.Ready {
		t.Errorf("got %s, want ready", got)
	}
}

// noObjection makes a case whose only right, objection, is refused in writing.
func noObjection(t *testing.T, h *portaltest.House, w *portaltest.Work) uuid.UUID {
	t.Helper()
	receipt, err := h.Steps.Intake.Submit(ctx, w.Authority, intake.Application{
		Token: uuid.NewString(), Rights: []law.Right{law.Objection},
		Request: casefile.Request{Lang: "de", About: casefile.Self, Name: text("Erika Mustermann"), Email: text("erika.mustermann@example.org"),
			Answer: casefile.ByPortal, Consent: casefile.Consent{Given: true, At: h.Now(), Text: "§ 41 Abs. 2a VwVfG"}},
	}, h.Now())
	if err != nil {
		t.Fatal(err)
	}
	w.Answer(t, receipt.Case, law.Objection, string(law.Objection), "", "situation", false)
	w.DecideRight(t, receipt.Case, law.Objection, casefile.RightText{ForFile: text("nichts genannt"), ForPerson: text("Sie haben keine Gründe aus Ihrer besonderen Situation genannt.")})
	w.Release(t, receipt.Case)
	w.WaitForPackage(t, receipt.Case)
	return receipt.Case
}

func sweepAnswers(t *testing.T, h *portaltest.House, w *portaltest.Work) {
	t.Helper()
	if err := h.Steps.Delivery.Sweep(ctx, w.Authority.ID, h.Now()); err != nil {
		t.Fatal(err)
	}
}

func sweepOld(t *testing.T, h *portaltest.House, w *portaltest.Work) {
	t.Helper()
	if err := h.Steps.Retention.Sweep(ctx, w.Authority.ID, h.Now()); err != nil {
		t.Fatal(err)
	}
}

// jobsOf counts the jobs of a kind, whatever became of them.
func jobsOf(t *testing.T, h *portaltest.House, job casefile.Job) (n int) {
	t.Helper()
	db, err := pgx.Connect(ctx, h.Database.Superuser)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close(ctx)
	if err := db.QueryRow(ctx, "select count(*) from river_job where kind = $1", string(job)).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }

func TestARefusalKnowsNoExtensionAndTheCaseShowsTheEarliest(t *testing.T) {
	h := portaltest.Start(t, portaltest.Options{})
	w := portaltest.NewWork(t, h, "stk-nrw")
	receipt, err := h.Steps.Intake.Submit(ctx, w.Authority, intake.Application{
		Token: uuid.NewString(), Rights: []law.Right{law.Erasure, law.Objection},
		Request: casefile.Request{Lang: "de", About: casefile.Self, Name: text("Erika Mustermann"), Answer: casefile.ByPost, Address: text("Heidestraße 17")},
	}, h.Now())
	if err != nil {
		t.Fatal(err)
	}
	month, three := *receipt.Reckoning.Due, calendar.Date{}
	if err := h.Steps.Correspondence.Extend(ctx, w.Clerk, w.Authority.Land, receipt.Case, text("viele Verfahren"), calendar.DateOf(h.Now()).AddDays(4), h.Now()); err != nil {
		t.Fatal(err)
	}
	post(t, h, w, receipt.Case, waitForLetter(t, h, w, receipt.Case, letter.KindExtension).ID)
	if three = w.Open(t, receipt.Case).Case.Due; !three.After(month) {
		t.Fatalf("after the extension: got %s, want later than %s", three, month)
	}
	decide := func(heard bool, want casefile.Outcome) {
		t.Helper()
		w.Answer(t, receipt.Case, law.Objection, string(law.Objection), "", "situation", heard)
		w.Weigh(t, receipt.Case, law.Objection)
		if got := w.DecideRight(t, receipt.Case, law.Objection, casefile.RightText{ForFile: text("geprüft"), ForPerson: text("Antwort")}); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	decide(false, casefile.Refused)
	o := w.Open(t, receipt.Case)
	if o.Case.Due != month || o.Rights[0].Due != three || o.Rights[1].Due != month {
		t.Errorf("refused: got case %s, erasure %s, objection %s; want %s, %s, %s", o.Case.Due, o.Rights[0].Due, o.Rights[1].Due, month, three, month)
	}
	known := casefile.Known{System: "stk-callbacks", Concerned: true}
	if err := h.Steps.Review.Know(ctx, w.Clerk, receipt.Case, law.Objection, known, h.Now()); err != nil {
		t.Fatal(err)
	}
	decide(true, casefile.Granted)
	if got := w.Open(t, receipt.Case).Case.Due; got != three {
		t.Errorf("granted after all: got %s, want %s", got, three)
	}
}
