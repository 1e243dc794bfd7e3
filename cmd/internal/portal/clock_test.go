package portal_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
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
	"einsicht/internal/procedure/correspondence"
	"einsicht/internal/procedure/identification"
	"einsicht/internal/procedure/intake"
	"einsicht/internal/procedure/review"
	"einsicht/internal/wording"
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
	if err := h.Steps.Identification.Answered(ctx, w.Clerk, land, id, calendar.DateOf(h.Now()), h.Now()); err != nil {
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

// post records that a letter was posted today.
func post(t *testing.T, h *portaltest.House, w *portaltest.Work, id, one uuid.UUID) {
	t.Helper()
	if err := h.Steps.Correspondence.PostLetter(ctx, w.Clerk, id, one, calendar.DateOf(h.Now()), h.Now()); err != nil {
		t.Fatal(err)
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
	if got := w.Case(t, id).Due; got != due {
		t.Errorf("the notice lies in a tray: got due on %s, want %s", got, due)
	}
	if err := h.Steps.Correspondence.Extend(ctx, w.Clerk, land, id, text("viele Verfahren"), due, h.Now()); !errors.Is(err, problem.Conflict) {
		t.Errorf("a second notice: got %v, want conflict", err)
	}
	extension := waitForLetter(t, h, w, id, letter.KindExtension)
	read, err := h.Steps.Correspondence.Letter(ctx, w.Clerk, id, extension.ID, h.Now())
	if err != nil {
		t.Fatal(err)
	}
	post(t, h, w, id, extension.ID)
	if got := w.Case(t, id).Due; !strings.Contains(fmt.Sprint(read.Document.Sections), wording.ShortDate(wording.German, got.Time())) {
		t.Errorf("posted: due on %s, and the letter says another day", got)
	}
	after, err := latest(ctx, w.Clerk, land, id)
	if err != nil || !after.Extension.IsZero() || !after.PostExtension.IsZero() || !after.Extended || !after.Answer.After(due) {
		t.Errorf("extended: got %+v, %v", after, err)
	}
	if _, err := latest(ctx, w.Applicant(id), land, id); !errors.Is(err, problem.Forbidden) {
		t.Errorf("the applicant: got %v, want forbidden", err)
	}
}

func TestAnExtensionIsNeverBackdated(t *testing.T) {
	h := portaltest.Start(t, portaltest.Options{})
	w := portaltest.NewWork(t, h, "stk-nrw")
	portal, paper, land := asked(t, h, w, casefile.ByPortal), asked(t, h, w, casefile.ByPost), w.Authority.Land
	extend := func(id uuid.UUID, on calendar.Date) error {
		return h.Steps.Correspondence.Extend(ctx, w.Clerk, land, id, text("viele Verfahren"), on, h.Now())
	}
	h.Move(3 * day)
	today, due := calendar.DateOf(h.Now()), w.Case(t, paper).Due
	for name, err := range map[string]error{
		"yesterday, in the portal":             extend(portal, today.AddDays(-1)),
		"three days after posting, on paper":   extend(paper, today.AddDays(3)),
		"the day itself, although it's posted": extend(paper, today),
	} {
		if !errors.Is(err, problem.Invalid) {
			t.Errorf("%s: got %v, want invalid", name, err)
		}
	}
	if err := extend(paper, today.AddDays(4)); err != nil {
		t.Fatal(err)
	}
	// It lies in the tray until it counts after the end of month one.
	moveTo(h, due.AddDays(-2))
	post(t, h, w, paper, waitForLetter(t, h, w, paper, letter.KindExtension).ID)
	o := w.Open(t, paper)
	if o.Reckoning.Extended || o.Case.Due != due || !slices.ContainsFunc(o.Reckoning.Flags, func(f deadline.Flag) bool { return f.Kind == deadline.ExtensionLate }) {
		t.Errorf("posted too late: got due on %s, extended %t, flags %v; want %s and the flag", o.Case.Due, o.Reckoning.Extended, o.Reckoning.Flags, due)
	}
	moveTo(h, due.AddDays(1))
	if err := extend(portal, due.AddDays(-3)); !errors.Is(err, problem.Invalid) {
		t.Errorf("after month one, with a day in it: got %v, want invalid", err)
	}
}

func TestAQuestionByPostStopsTheClockWhenItIsPosted(t *testing.T) {
	h := portaltest.Start(t, portaltest.Options{})
	w := portaltest.NewWork(t, h, "stk-nrw")
	id, land := asked(t, h, w, casefile.ByPost), w.Authority.Land
	ask := func() error {
		return h.Steps.Identification.Ask(ctx, w.Clerk, land, id, text("Wie lautet Ihr Kundenzeichen?"), text("Zweifel"), h.Now())
	}
	if err := ask(); err != nil {
		t.Fatal(err)
	}
	if got := w.Case(t, id); !got.RestsSince.IsZero() {
		t.Errorf("it lies in a tray, and the clock rests since %s", got.RestsSince)
	}
	if err := ask(); !errors.Is(err, problem.Conflict) {
		t.Errorf("a second question: got %v, want conflict", err)
	}
	h.Move(20 * day)
	sweepLetters(t, h, w)
	if got := kindsOf(lettersOf(t, h, w.Clerk, id)); slices.Contains(got, string(letter.KindReminder)) {
		t.Fatalf("reminded of what nobody was asked: %v", got)
	}
	var p *problem.Error
	if err := mayEnd(h, w, id); !errors.As(err, &p) || p.Key != "correspondence.end.in_tray" {
		t.Errorf("the question is in the tray: got %v", err)
	}
	on := calendar.DateOf(h.Now())
	post(t, h, w, id, waitForLetter(t, h, w, id, letter.KindIdentity).ID)
	if got := w.Case(t, id).RestsSince; got != on {
		t.Errorf("posted on %s: the clock rests since %s", on, got)
	}
	moveTo(h, silence.Of(silence.Identity, on, calendar.Date{}, land).RemindOn.AddDays(1))
	sweepLetters(t, h, w)
	reminder := waitForLetter(t, h, w, id, letter.KindReminder)
	h.Move(40 * day)
	sweepLetters(t, h, w)
	p = nil
	if err := mayEnd(h, w, id); !errors.As(err, &p) || p.Key != "correspondence.end.in_tray" || openTask(t, w, id, casefile.TaskSilence) {
		t.Errorf("the reminder is in the tray: got %v", err)
	}
	reminded := calendar.DateOf(h.Now())
	post(t, h, w, id, reminder.ID)
	from := silence.Of(silence.Identity, on, reminded, land).GoOnFrom
	moveTo(h, from.AddDays(-1))
	if mayEnd(h, w, id) == nil {
		t.Error("a day too early, counted from the posting of the reminder: the case may end")
	}
	moveTo(h, from)
	if err := mayEnd(h, w, id); err != nil {
		t.Errorf("after both periods: got %v", err)
	}
	h.Audit(t)
}

func TestTheClockRunsAgainFromTheDayTheAnswerCameIn(t *testing.T) {
	h := portaltest.Start(t, portaltest.Options{})
	w := portaltest.NewWork(t, h, "stk-nrw")
	id, land := asked(t, h, w, casefile.ByPortal), w.Authority.Land
	due := w.Case(t, id).Due
	if err := h.Steps.Identification.Ask(ctx, w.Clerk, land, id, text("Wie lautet Ihr Kundenzeichen?"), text("Zweifel"), h.Now()); err != nil {
		t.Fatal(err)
	}
	first := calendar.DateOf(h.Now())
	h.Move(12 * day)
	today := calendar.DateOf(h.Now())
	answered := func(on calendar.Date) error {
		return h.Steps.Identification.Answered(ctx, w.Clerk, land, id, on, h.Now())
	}
	for name, on := range map[string]calendar.Date{"no day": {}, "before the question": first.AddDays(-1), "tomorrow": today.AddDays(1)} {
		if err := answered(on); !errors.Is(err, problem.Invalid) {
			t.Errorf("%s: got %v, want invalid", name, err)
		}
	}
	if err := answered(first.AddDays(7)); err != nil {
		t.Fatal(err)
	}
	if got, latest := w.Case(t, id).Due, calendar.NextWorkingDay(land, due.AddDays(7)); got.After(latest) {
		t.Errorf("it came in after seven days and lay there for five: due on %s, want %s at the latest", got, latest)
	}
}

func TestSilenceOnClarificationIsGoneOnWithout(t *testing.T) {
	h := portaltest.Start(t, portaltest.Options{})
	w := portaltest.NewWork(t, h, "stk-nrw")
	id, land := asked(t, h, w, casefile.ByPortal), w.Authority.Land
	goOn := func() error { return h.Steps.Identification.GoOn(ctx, w.Clerk, land, id, h.Now()) }
	if err := goOn(); !errors.Is(err, problem.Conflict) {
		t.Errorf("nobody was asked: got %v, want conflict", err)
	}
	q := identification.Question{About: silence.Clarification, Question: text("Was genau?"), Reasons: text("Es ist viel.")}
	if err := h.Steps.Identification.AskFor(ctx, w.Clerk, land, id, q, h.Now()); err != nil {
		t.Fatal(err)
	}
	h.Move(20 * day)
	sweepLetters(t, h, w)
	if err := goOn(); !errors.Is(err, problem.Conflict) {
		t.Errorf("reminded today: got %v, want conflict", err)
	}
	from := silence.Of(silence.Clarification, calendar.Date{}, calendar.DateOf(h.Now()), land).GoOnFrom
	moveTo(h, from.AddDays(5))
	sweepLetters(t, h, w)
	if err := goOn(); err != nil {
		t.Fatal(err)
	}
	o := w.Open(t, id)
	i := slices.IndexFunc(o.History, func(e review.Happened) bool { return e.Kind == string(deadline.Resume) })
	if i < 0 || o.History[i].On != from || o.Case.Due.IsZero() || openTask(t, w, id, casefile.TaskSilence) {
		t.Errorf("the clock does not run again from %s, or the task is open", from)
	}
	own, err := h.Steps.Correspondence.Own(ctx, w.Applicant(id), land, h.Now())
	if err != nil || !slices.ContainsFunc(own.History, func(e correspondence.OwnHappening) bool {
		return strings.Contains(e.Text.ForPerson.Reveal(), "keine Antwort")
	}) {
		t.Errorf("the person is not told: %v", err)
	}
	if got := kindsOf(lettersOf(t, h, w.Clerk, id)); slices.Contains(got, string(letter.KindResumed)) {
		t.Error("a letter says that an answer came in")
	}
}

func TestAnObjectionDoesNotEndForWantOfIdentity(t *testing.T) {
	h := portaltest.Start(t, portaltest.Options{})
	w := portaltest.NewWork(t, h, "stk-nrw")
	request := casefile.Request{Lang: "de", About: casefile.Self, Name: text("Erika Mustermann"), Email: text("erika@example.org"), Answer: casefile.ByPortal,
		Consent: casefile.Consent{Given: true, At: h.Now(), Text: "§ 41 Abs. 2a VwVfG"}}
	for name, c := range map[string]struct {
		rights  []law.Right
		servant bool
		slug    string
		want    string
	}{
		"access":                               {[]law.Right{law.Access}, false, "stk-nrw", ""},
		"objection too":                        {[]law.Right{law.Access, law.Objection}, false, "stk-nrw", "correspondence.end.rights"},
		"withdrawal of consent":                {[]law.Right{law.ConsentWithdrawal}, false, "stk-nrw", "correspondence.end.rights"},
		"no letter can say how to go to court": {[]law.Right{law.Access}, true, "nlq", "correspondence.missing"},
	} {
		w := w
		if c.slug != "stk-nrw" {
			w = portaltest.NewWork(t, h, c.slug)
		}
		r := request
		r.Residence.CivilServant = c.servant
		id := w.Submit(t, intake.Application{Token: uuid.NewString(), Rights: c.rights, Request: r}).Case
		if err := h.Steps.Identification.Ask(ctx, w.Clerk, w.Authority.Land, id, text("Wer sind Sie?"), text("Zweifel"), h.Now()); err != nil {
			t.Fatal(err)
		}
		h.Move(20 * day)
		sweepLetters(t, h, w)
		h.Move(30 * day)
		err := h.Steps.Review.GiveUp(ctx, w.Clerk, id, text("unbekannt"), text("Wir wissen nicht, wer Sie sind."), h.Now())
		var p *problem.Error
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: got %v", name, err)
		case c.want != "" && (!errors.As(err, &p) || p.Key != c.want):
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
}
