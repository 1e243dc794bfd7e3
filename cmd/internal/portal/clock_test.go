package portal_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/cmd/internal/portal/portaltest"
	"einsicht/internal/casefile"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/deadline"
	"einsicht/internal/law/silence"
	"einsicht/internal/letter"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
	"einsicht/internal/procedure/identification"
	"einsicht/internal/procedure/intake"
)

// moveTo moves the clock to noon of a day.
func moveTo(h *portaltest.House, on calendar.Date) {
	y, m, d := on.Civil()
	h.Move(time.Date(y, m, d, 12, 0, 0, 0, calendar.Berlin()).Sub(h.Now()))
}

func sweepLetters(t *testing.T, h *portaltest.House, w *portaltest.Work) {
	t.Helper()
	if err := h.Steps.Correspondence.Sweep(ctx, w.Authority, h.Now()); err != nil {
		t.Fatal(err)
	}
}

func mayEnd(h *portaltest.House, w *portaltest.Work, id uuid.UUID) error {
	return h.DB.View(ctx, w.Authority.ID, func(ctx context.Context) error {
		c, err := h.House.Cases.Case(ctx, id)
		if err != nil {
			return err
		}
		return h.House.MayEnd(ctx, c, h.Now())
	})
}

func TestWhoDoesNotAnswerIsRemindedAndThenStaffGoOn(t *testing.T) {
	h := portaltest.Start(t, portaltest.Options{})
	w := portaltest.NewWork(t, h, "stk-nrw")
	id, land := asked(t, h, w, casefile.ByPortal), w.Authority.Land
	if err := mayEnd(h, w, id); !errors.Is(err, problem.Conflict) {
		t.Errorf("nobody was asked: got %v, want conflict", err)
	}
	if err := h.Steps.Identification.Ask(ctx, w.Clerk, land, id, text("Wie lautet Ihr Kundenzeichen?"), text("Zweifel"), h.Now()); err != nil {
		t.Fatal(err)
	}
	on := calendar.DateOf(h.Now())
	wait := silence.Of(silence.Identity, on, calendar.Date{}, land)
	count := func(kind letter.Kind) (n int) {
		for _, l := range lettersOf(t, h, w.Applicant(id), id) {
			if l.Text.Kind == string(kind) {
				n++
			}
		}
		return n
	}
	moveTo(h, wait.RemindOn)
	sweepLetters(t, h, w)
	if n := count(letter.KindReminder); n != 0 {
		t.Errorf("on the last day for an answer: got %d reminders, want none", n)
	}
	moveTo(h, wait.RemindOn.AddDays(1))
	sweepLetters(t, h, w)
	sweepLetters(t, h, w)
	if n := count(letter.KindReminder); n != 1 {
		t.Fatalf("after the last day: got %d reminders, want 1", n)
	}
	reminder := waitForLetter(t, h, w, id, letter.KindReminder)
	read, err := h.Steps.Correspondence.Letter(ctx, w.Clerk, id, reminder.ID, h.Now())
	if err != nil || read.Document.InCharge != "Karla Sommer" || !says(read.Document, letter.Question, "Kundenzeichen") {
		t.Errorf("the reminder does not repeat the question of who asked it: %v", err)
	}
	if err := mayEnd(h, w, id); !errors.Is(err, problem.Conflict) {
		t.Errorf("reminded today: got %v, want conflict", err)
	}

	wait = silence.Of(silence.Identity, on, calendar.DateOf(h.Now()), land)
	moveTo(h, wait.GoOnFrom.AddDays(-1))
	sweepLetters(t, h, w)
	if openTask(t, w, id, casefile.TaskSilence) || mayEnd(h, w, id) == nil {
		t.Error("a day too early: staff may go on")
	}
	moveTo(h, wait.GoOnFrom)
	sweepLetters(t, h, w)
	if !openTask(t, w, id, casefile.TaskSilence) {
		t.Error("after both periods: got no task")
	}
	if err := mayEnd(h, w, id); err != nil {
		t.Errorf("after both periods: got %v, want that the case may end", err)
	}
	if got := w.Case(t, id).State; got != casefile.Received {
		t.Errorf("got state %s: something ended by itself", got)
	}
	// Done stays done, until there is another question.
	if err := h.Steps.Correspondence.Settle(ctx, w.Clerk, id, casefile.TaskSilence, text("hat angerufen"), h.Now()); err != nil {
		t.Fatal(err)
	}
	sweepLetters(t, h, w)
	if openTask(t, w, id, casefile.TaskSilence) {
		t.Error("a task that is done opened again")
	}
	if err := h.Steps.Identification.Answered(ctx, w.Clerk, land, id, h.Now()); err != nil {
		t.Fatal(err)
	}
	if count(letter.KindResumed) != 1 || w.Case(t, id).Due.IsZero() {
		t.Error("the clock runs again: got no letter that says until when")
	}
	if mayEnd(h, w, id) == nil {
		t.Error("answered: the case may still end")
	}
}

func TestOnlyAQuestionThatTheLawKnowsStopsTheClock(t *testing.T) {
	h := portaltest.Start(t, portaltest.Options{})
	w := portaltest.NewWork(t, h, "stk-nrw")
	access := asked(t, h, w, casefile.ByPortal)
	objection := w.Submit(t, intake.Application{Token: uuid.NewString(), Rights: []law.Right{law.Objection},
		Request: casefile.Request{Lang: "de", About: casefile.Self, Name: text("Erika Mustermann"), Answer: casefile.ByPost, Address: text("Heidestraße 17")}}).Case
	what, why := text("Welche Bestellungen meinen Sie?"), text("Es sind über tausend Einträge.")
	for name, c := range map[string]struct {
		id   uuid.UUID
		q    identification.Question
		want error
	}{
		"what it is about is not said":          {access, identification.Question{Question: what, Reasons: why}, problem.Invalid},
		"clarification, but not why it is much": {access, identification.Question{About: silence.Clarification, Question: what, ForFile: why}, problem.Invalid},
		"clarification of an objection":         {objection, identification.Question{About: silence.Clarification, Question: what, Reasons: why}, problem.Conflict},
		"identity without doubts":               {access, identification.Question{About: silence.Identity, Question: what}, problem.Invalid},
		"no question":                           {access, identification.Question{About: silence.Identity, Reasons: why}, problem.Invalid},
	} {
		if err := h.Steps.Identification.AskFor(ctx, w.Clerk, w.Authority.Land, c.id, c.q, h.Now()); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
		if !w.Case(t, c.id).RestsSince.IsZero() {
			t.Fatalf("%s: the clock rests", name)
		}
	}
	h.Move(8 * day)
	clear := identification.Question{About: silence.Clarification, Question: what, Reasons: why}
	if err := h.Steps.Identification.AskFor(ctx, w.Clerk, w.Authority.Land, access, clear, h.Now()); err != nil {
		t.Fatal(err)
	}
	o := w.Open(t, access)
	var history []casefile.Happening
	for _, e := range o.History {
		history = append(history, e.Happening)
	}
	q, open := procedure.Unanswered(history)
	if !open || q.About != silence.Clarification || q.On.Sub(o.Case.Received) != 8 || o.Case.RestsSince != q.On {
		t.Errorf("got %v asked on %s, the clock rests since %s", q.About, q.On, o.Case.RestsSince)
	}
	if !slices.ContainsFunc(o.Reckoning.Flags, func(f deadline.Flag) bool { return f.Kind == deadline.QuestionSlow }) {
		t.Errorf("asked after eight days: got flags %v", o.Reckoning.Flags)
	}
	if got := identification.Basis(q.About, w.Authority.Land); got != "§ 12 Abs. 1 Satz 1 DSG NRW, Erwägungsgrund 63 DSGVO" {
		t.Errorf("got the basis %q", got)
	}
	if mayEnd(h, w, access) == nil {
		t.Error("a case that only waits for clarification may end")
	}
	own, err := h.Steps.Correspondence.Own(ctx, w.Applicant(access), w.Authority.Land, h.Now())
	if err != nil || own.Question.ForPerson.Reveal() != what.Reveal() {
		t.Errorf("the person does not see the question: %v", err)
	}
}

func TestTheLastDaysForThePostAreKnown(t *testing.T) {
	h := portaltest.Start(t, portaltest.Options{})
	w := portaltest.NewWork(t, h, "stk-nrw")
	id, land := asked(t, h, w, casefile.ByPost), w.Authority.Land
	latest := h.Steps.Correspondence.LatestExtension
	before, err := latest(ctx, w.Clerk, land, id)
	if err != nil {
		t.Fatal(err)
	}
	due := w.Case(t, id).Due
	if before.Extension != due || before.Answer != due || before.PostExtension != before.PostAnswer {
		t.Errorf("due on %s: got %+v", due, before)
	}
	if left := due.Sub(before.PostAnswer); left < 4 || left > 12 {
		t.Errorf("got %d days for the post, want four and then some for free days", left)
	}
	if err := h.Steps.Correspondence.Extend(ctx, w.Clerk, land, id, text(" "), due, h.Now()); !errors.Is(err, problem.Invalid) {
		t.Errorf("without reasons: got %v, want invalid", err)
	}
	if err := h.Steps.Correspondence.Extend(ctx, w.Clerk, land, id, text("viele Verfahren"), due.AddDays(1), h.Now()); !errors.Is(err, problem.Conflict) {
		t.Errorf("after month one: got %v, want conflict", err)
	}
	if got := kindsOf(lettersOf(t, h, w.Clerk, id)); len(got) != 1 {
		t.Errorf("refused, and written all the same: %v", got)
	}
	if err := h.Steps.Correspondence.Extend(ctx, w.Clerk, land, id, text("viele Verfahren"), due, h.Now()); err != nil {
		t.Fatal(err)
	}
	after, err := latest(ctx, w.Clerk, land, id)
	if err != nil || !after.Extension.IsZero() || !after.PostExtension.IsZero() || !after.Extended || !after.Answer.After(due) {
		t.Errorf("extended: got %+v, %v", after, err)
	}
	if _, err := latest(ctx, w.Applicant(id), land, id); !errors.Is(err, problem.Forbidden) {
		t.Errorf("the applicant: got %v, want forbidden", err)
	}
}
