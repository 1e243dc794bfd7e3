package portal_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"einsicht/cmd/internal/portal"
	"einsicht/cmd/internal/portal/portaltest"
	"einsicht/internal/casefile"
	"einsicht/internal/jobs"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/letter"
	"einsicht/internal/pdf"
	"einsicht/internal/person"
	"einsicht/internal/postgres/postgrestest"
	"einsicht/internal/problem"
	"einsicht/internal/procedure/correspondence"
	"einsicht/internal/procedure/intake"
	"einsicht/internal/procedure/review"
)

// asked makes a case of access and erasure, answered in the portal or by post.
func asked(t *testing.T, h *portaltest.House, w *portaltest.Work, way casefile.AnswerWay) uuid.UUID {
	t.Helper()
	r := casefile.Request{Lang: "de", About: casefile.Self, Name: text("Erika Mustermann"), Address: text("Heidestraße 17\n51147 Köln"), Answer: way}
	if way == casefile.ByPortal {
		r.Email = text("erika.mustermann@example.org")
		r.Consent = casefile.Consent{Given: true, At: h.Now(), Text: "§ 41 Abs. 2a VwVfG"}
	}
	id := w.Submit(t, intake.Application{Token: uuid.NewString(), Rights: []law.Right{law.Access, law.Erasure}, Request: r}).Case
	waitForLetter(t, h, w, id, letter.KindReceipt)
	return id
}

func lettersOf(t *testing.T, h *portaltest.House, actor casefile.Actor, id uuid.UUID) []correspondence.Written {
	t.Helper()
	all, err := h.Steps.Correspondence.Letters(ctx, actor, id)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func kindsOf(all []correspondence.Written) []string {
	var kinds []string
	for _, w := range all {
		kinds = append(kinds, w.Text.Kind)
	}
	return kinds
}

func waitForLetter(t *testing.T, h *portaltest.House, w *portaltest.Work, id uuid.UUID, kind letter.Kind) (found correspondence.Written) {
	t.Helper()
	portaltest.Wait(t, string(kind), portaltest.Patience, func() (bool, error) {
		for _, l := range lettersOf(t, h, w.Clerk, id) {
			if l.Text.Kind == string(kind) {
				found = l
			}
		}
		return found.ID != uuid.Nil, nil
	})
	return found
}

func openTask(t *testing.T, w *portaltest.Work, id uuid.UUID, kind casefile.TaskKind) bool {
	t.Helper()
	return slices.ContainsFunc(w.Open(t, id).Tasks, func(k casefile.Task) bool { return k.Kind == kind && k.DoneAt.IsZero() })
}

func TestEachAutomaticLetterIsWrittenOnce(t *testing.T) {
	h := portaltest.Start(t, portaltest.Options{})
	w := portaltest.NewWork(t, h, "stk-nrw")
	id := asked(t, h, w, casefile.ByPortal)
	steps, land := h.Steps, w.Authority.Land
	again := func(times int, f func() error) {
		t.Helper()
		done := make(chan error, times)
		for range times {
			go func() { done <- f() }()
		}
		for range times {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	}
	again(4, func() error { return steps.Correspondence.SendReceipt(ctx, w.Authority, id, h.Now()) })

	if err := steps.Identification.Ask(ctx, w.Clerk, land, id, text("Wie lautet Ihr Kundenzeichen?"), text("Zweifel"), h.Now()); err != nil {
		t.Fatal(err)
	}
	h.Move(20 * day)
	again(4, func() error { return steps.Correspondence.Sweep(ctx, w.Authority, h.Now()) })
	h.Move(30 * day)
	again(4, func() error { return steps.Correspondence.Sweep(ctx, w.Authority, h.Now()) })
	if err := steps.Review.GiveUp(ctx, w.Clerk, id, text("niemand antwortet"), text("Wir haben zweimal gefragt."), h.Now()); err != nil {
		t.Fatal(err)
	}
	again(4, func() error { return steps.Correspondence.SendNews(ctx, w.Authority, id, h.Now()) })
	again(2, func() error { return steps.Correspondence.Sweep(ctx, w.Authority, h.Now()) })

	want := []string{"receipt", "identity-question", "reminder", "closing"}
	if got := kindsOf(lettersOf(t, h, w.Applicant(id), id)); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	entries := 0
	for _, e := range w.Open(t, id).History {
		if e.Kind == casefile.NoteLetter || e.Kind == casefile.NoteReminded {
			entries++
		}
	}
	if entries != len(want)+1 {
		t.Errorf("got %d entries in the history, want one for each letter and one for the reminding", entries)
	}
	closing := waitForLetter(t, h, w, id, letter.KindClosing)
	read, err := steps.Correspondence.Letter(ctx, w.Applicant(id), id, closing.ID, h.Now())
	if err != nil || read.Document.InCharge != "Karla Sommer" || !says(read.Document, letter.Reasons, "Wir haben zweimal gefragt.") {
		t.Errorf("the closing letter: got %q, %v", read.Document.InCharge, err)
	}
	if missing := letter.Missing(read.Document); len(missing) > 0 {
		t.Errorf("the kept letter lacks %v", missing)
	}
	h.Audit(t)
}

// says looks for words of staff in a part of a letter.
func says(l letter.Letter, part letter.Part, words string) bool {
	s, _ := l.Section(part)
	return slices.ContainsFunc(s.Blocks, func(b letter.Block) bool {
		w, ok := b.(letter.Words)
		return ok && strings.Contains(w.Text.Reveal(), words)
	})
}

func TestNobodyElseSeesALetter(t *testing.T) {
	h := portaltest.Start(t, portaltest.Options{})
	w, other := portaltest.NewWork(t, h, "stk-nrw"), portaltest.NewWork(t, h, "it-nrw")
	id, stranger := asked(t, h, w, casefile.ByPortal), asked(t, h, w, casefile.ByPortal)
	one := lettersOf(t, h, w.Applicant(id), id)[0].ID
	for name, c := range map[string]struct {
		actor casefile.Actor
		of    uuid.UUID
		want  error
	}{
		"another applicant in their own case":   {w.Applicant(stranger), stranger, problem.NotFound},
		"another applicant in this case":        {w.Applicant(stranger), id, problem.Forbidden},
		"staff of another authority":            {other.Clerk, id, problem.NotFound},
		"an applicant of another authority":     {other.Applicant(id), id, problem.NotFound},
		"staff, by another case":                {w.Clerk, stranger, problem.NotFound},
		"who runs the program and sees no case": {h.Staff(t, w.Authority, casefile.Operator, "Otto Betrieb").Actor(), id, problem.Forbidden},
	} {
		if _, err := h.Steps.Correspondence.Letter(ctx, c.actor, c.of, one, h.Now()); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
		if _, err := h.Steps.Correspondence.PDF(ctx, c.actor, c.of, one, h.Now()); !errors.Is(err, c.want) {
			t.Errorf("%s, the PDF: got %v, want %v", name, err, c.want)
		}
		all, err := h.Steps.Correspondence.Letters(ctx, c.actor, c.of)
		if slices.ContainsFunc(all, func(l correspondence.Written) bool { return l.ID == one }) {
			t.Errorf("%s: the letter is listed (%v)", name, err)
		}
	}
}

// TestTheApplicantDoesNotLearnThatAnAuthorityWasAsked: the request for consent is
// invisible, also by what is counted and when.
func TestTheApplicantDoesNotLearnThatAnAuthorityWasAsked(t *testing.T) {
	h := portaltest.Start(t, portaltest.Options{})
	w := portaltest.NewWork(t, h, "stk-nrw")
	id := asked(t, h, w, casefile.ByPortal)
	portaltest.Wait(t, "the receipt is sent", portaltest.Patience, func() (bool, error) { return len(mails(t, h)) == 1, nil })
	seen := func() (correspondence.OwnCase, []correspondence.Written, int) {
		own, err := h.Steps.Correspondence.Own(ctx, w.Applicant(id), w.Authority.Land, h.Now())
		if err != nil {
			t.Fatal(err)
		}
		return own, lettersOf(t, h, w.Applicant(id), id), len(mails(t, h))
	}
	before, letters, sent := seen()
	news := jobsOf(t, h, casefile.JobNews)
	h.Move(time.Hour)
	for range 2 { // once for a case
		if err := h.Steps.Review.TakeUp(ctx, w.Clerk, id, law.Access, casefile.Claim{Ground: "NRW-12-3-TO", System: onTask}, h.Now()); err != nil {
			t.Fatal(err)
		}
	}
	if !openTask(t, w, id, casefile.TaskWrite) {
		t.Error("a ground wants a security authority to be asked, and staff got no task")
	}
	words := map[string]person.Text{"content": text("Die Übermittlung vom 3. März.")}
	values := map[string]string{"until": calendar.DateOf(h.Now()).AddDays(14).String()}
	consult, err := h.Steps.Correspondence.Write(ctx, w.Clerk, w.Authority.Land, id, letter.KindConsultation, words, values, []person.Text{text("Sicherheitsbehörde"), text("Postfach 1")}, h.Now())
	if err != nil {
		t.Fatal(err)
	}
	if openTask(t, w, id, casefile.TaskWrite) {
		t.Error("the letter is written, and the task to write it is still open")
	}
	if !openTask(t, w, id, casefile.TaskReply) || !openTask(t, w, id, casefile.TaskLetter) {
		t.Error("staff got no task to post it and to wait for the answer")
	}
	after, now, mailed := seen()
	if len(after.History) != len(before.History) || len(now) != len(letters) || mailed != sent || jobsOf(t, h, casefile.JobNews) != news {
		t.Errorf("got %d entries, %d letters, %d mails; want %d, %d, %d", len(after.History), len(now), mailed, len(before.History), len(letters), sent)
	}
	if after.Case.Due != before.Case.Due || !after.Case.RestsSince.IsZero() {
		t.Error("to ask an authority moved the clock")
	}
	if _, err := h.Steps.Correspondence.Letter(ctx, w.Applicant(id), id, consult, h.Now()); !errors.Is(err, problem.NotFound) {
		t.Errorf("the letter by its id: got %v, want not found", err)
	}
	if _, err := h.Steps.Correspondence.Letter(ctx, w.Applicant(id), id, uuid.New(), h.Now()); !errors.Is(err, problem.NotFound) {
		t.Errorf("a letter that is none: got %v, want the same", err)
	}
	if err := h.Steps.Correspondence.SettleReply(ctx, w.Clerk, id, consult, text("stimmt zu"), h.Now()); err != nil || openTask(t, w, id, casefile.TaskReply) {
		t.Errorf("the answer: %v, the task is still open", err)
	}
}

func TestALetterLacksNothingBeforeItLeaves(t *testing.T) {
	h := portaltest.Start(t, portaltest.Options{})
	w := portaltest.NewWork(t, h, "stk-nrw")
	id := asked(t, h, w, casefile.ByPortal)
	write := h.Steps.Correspondence.Write
	for name, c := range map[string]struct {
		kind  letter.Kind
		words map[string]person.Text
		want  error
	}{
		"no words":                     {letter.KindInterim, nil, problem.Conflict},
		"words, but not all":           {letter.KindInterim, map[string]person.Text{"content": text("Das.")}, problem.Conflict},
		"the clock does not rest":      {letter.KindSuspended, map[string]person.Text{"reasons": text("a"), "question": text("b")}, problem.Conflict},
		"one that goes with its event": {letter.KindExtension, nil, problem.Invalid},
		"to nobody":                    {letter.KindConsultation, map[string]person.Text{"content": text("Das.")}, problem.Conflict},
	} {
		_, missing, draft := h.Steps.Correspondence.Draft(ctx, w.Clerk, w.Authority.Land, id, c.kind, c.words, nil, nil, h.Now())
		if draft == nil && len(missing) == 0 {
			t.Errorf("%s: the draft lacks nothing", name)
		}
		if _, err := write(ctx, w.Clerk, w.Authority.Land, id, c.kind, c.words, nil, nil, h.Now()); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
	whole := map[string]person.Text{"content": text("Ihre Bestellungen."), "outstanding": text("Die Telefonanlage.")}
	if _, err := write(ctx, w.Approver, w.Authority.Land, id, letter.KindInterim, whole, nil, nil, h.Now()); !errors.Is(err, problem.Forbidden) {
		t.Errorf("an approver: got %v, want forbidden", err)
	}
	if _, err := write(ctx, w.Clerk, w.Authority.Land, id, letter.KindInterim, whole, nil, nil, h.Now()); !errors.Is(err, problem.Conflict) {
		t.Errorf("to somebody unknown: got %v, want a conflict", err)
	}
	verifyOne(t, h, w, id)
	if _, err := write(ctx, w.Clerk, w.Authority.Land, id, letter.KindInterim, whole, nil, nil, h.Now()); err != nil {
		t.Errorf("the whole letter: %v", err)
	}
	if got := kindsOf(lettersOf(t, h, w.Clerk, id)); !slices.Equal(got, []string{"receipt", "interim"}) {
		t.Errorf("got %v, want only what was whole", got)
	}
}

// verifyOne records that somebody made sure of an identifier of the case.
func verifyOne(t *testing.T, h *portaltest.House, w *portaltest.Work, id uuid.UUID) {
	t.Helper()
	if err := h.Steps.Identification.AddIdentifier(ctx, w.Clerk, id, person.FileNumber, text("STK 47-11"), h.Now()); err != nil {
		t.Fatal(err)
	}
	one := w.Open(t, id).Identifiers[0].ID
	if err := h.Steps.Identification.Verify(ctx, w.Clerk, id, one, casefile.ByFacts, text("Kundenzeichen stimmt"), h.Now()); err != nil {
		t.Fatal(err)
	}
}

func TestAPostedLetterHasItsDayOfNotification(t *testing.T) {
	h := portaltest.Start(t, portaltest.Options{})
	w := portaltest.NewWork(t, h, "stk-nrw")
	id := asked(t, h, w, casefile.ByPost)
	receipt := waitForLetter(t, h, w, id, letter.KindReceipt)
	if err := h.Steps.Correspondence.Extend(ctx, w.Clerk, w.Authority.Land, id, text("viele Verfahren"), calendar.DateOf(h.Now()).AddDays(4), h.Now()); err != nil {
		t.Fatal(err)
	}
	extension := waitForLetter(t, h, w, id, letter.KindExtension)
	today := calendar.DateOf(h.Now())
	post := func(one uuid.UUID, on calendar.Date) error {
		return h.Steps.Correspondence.PostLetter(ctx, w.Clerk, id, one, on, h.Now())
	}
	for name, on := range map[string]calendar.Date{"no day": {}, "tomorrow": today.AddDays(1), "before it was written": today.AddDays(-1)} {
		if err := post(receipt.ID, on); !errors.Is(err, problem.Invalid) {
			t.Errorf("%s: got %v, want invalid", name, err)
		}
	}
	if err := post(receipt.ID, today); err != nil {
		t.Fatal(err)
	}
	if !openTask(t, w, id, casefile.TaskLetter) {
		t.Error("the task is done while a letter waits")
	}
	h.Move(3 * day)
	if err := errors.Join(post(extension.ID, today.AddDays(2)), post(extension.ID, today.AddDays(2))); err != nil {
		t.Fatal(err)
	}
	if err := post(extension.ID, today.AddDays(1)); !errors.Is(err, problem.Conflict) {
		t.Errorf("another day afterwards: got %v, want conflict", err)
	}
	if openTask(t, w, id, casefile.TaskLetter) {
		t.Error("the task is open while no letter waits")
	}
	for _, l := range lettersOf(t, h, w.Clerk, id) {
		if want := l.PostedOn.AddDays(4); l.Effective != want || l.PostedOn.IsZero() {
			t.Errorf("%s: posted on %s, counts from %s, want %s", l.Text.Kind, l.PostedOn, l.Effective, want)
		}
	}
	if !slices.ContainsFunc(w.Open(t, id).History, func(e review.Happened) bool { return strings.Contains(e.Text.ForFile.Reveal(), "Regel post") }) {
		t.Error("the file does not say by which rule")
	}
	h.Audit(t)
}

func TestALetterInThePortalCountsFromTheDayAfterItWasOpened(t *testing.T) {
	h := portaltest.Start(t, portaltest.Options{})
	w := portaltest.NewWork(t, h, "stk-nrw")
	id := asked(t, h, w, casefile.ByPortal)
	one := lettersOf(t, h, w.Applicant(id), id)[0]
	read := func(actor casefile.Actor) calendar.Date {
		l, err := h.Steps.Correspondence.Letter(ctx, actor, id, one.ID, h.Now())
		if err != nil {
			t.Fatal(err)
		}
		return l.Effective
	}
	if got := read(w.Clerk); !got.IsZero() {
		t.Errorf("staff read it: counts from %s, want not yet", got)
	}
	begun := calendar.DateOf(h.Now())
	first := read(w.Applicant(id))
	if ended := calendar.DateOf(h.Now()); first != begun.AddDays(1) && first != ended.AddDays(1) {
		t.Errorf("got %s, want %s", first, begun.AddDays(1))
	}
	h.Move(5 * day)
	if got := read(w.Applicant(id)); got != first {
		t.Errorf("opened again: got %s, want %s", got, first)
	}
}

// TestNoLetterStandsInClear looks into every table.
func TestNoLetterStandsInClear(t *testing.T) {
	h := portaltest.Start(t, portaltest.Options{})
	w := portaltest.NewWork(t, h, "stk-nrw")
	id := asked(t, h, w, casefile.ByPortal)
	verifyOne(t, h, w, id)
	words := map[string]person.Text{"content": text("Übermittlung Karpfenteich Süd"), "outstanding": text("Nachricht an den Schrebergarten")}
	if _, err := h.Steps.Correspondence.Write(ctx, w.Clerk, w.Authority.Land, id, letter.KindInterim, words, nil, nil, h.Now()); err != nil {
		t.Fatal(err)
	}
	delete(words, "outstanding")
	to := []person.Text{text("Landesamt Beispielwacht")}
	until := map[string]string{"until": calendar.DateOf(h.Now()).AddDays(9).String()}
	if _, err := h.Steps.Correspondence.Write(ctx, w.Clerk, w.Authority.Land, id, letter.KindConsultation, words, until, to, h.Now()); err != nil {
		t.Fatal(err)
	}
	db, err := pgx.Connect(ctx, h.Database.Superuser)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close(ctx)
	var all []byte
	err = db.QueryRow(ctx, `select string_agg(query_to_xml(format('select * from %I.%I', schemaname, tablename), true, false, '')::text, '') from pg_tables
		where schemaname in ('public', 'keys')`).Scan(&all)
	if err != nil {
		t.Fatal(err)
	}
	hay := portaltest.NewHaystack(all)
	if hay.Find(w.Case(t, id).FileNumber) == "" {
		t.Fatal("not even the file number is found: this checks nothing")
	}
	for _, s := range []string{"Karpfenteich", "Schrebergarten", "Beispielwacht", "Erika Mustermann", string(letter.KindConsultation), string(letter.KindInterim)} {
		if form := hay.Find(s); form != "" {
			t.Errorf("%q stands in clear, as %s", s, form)
		}
	}
}

func TestAClosingLetterThatNobodyFetchesIsPosted(t *testing.T) {
	h := portaltest.Start(t, portaltest.Options{})
	w := portaltest.NewWork(t, h, "stk-nrw")
	id := asked(t, h, w, casefile.ByPortal)
	giveUp := func() error {
		return h.Steps.Review.GiveUp(ctx, w.Clerk, id, text("unbekannt"), text("Wir wissen nicht, wer Sie sind."), h.Now())
	}
	if err := giveUp(); !errors.Is(err, problem.Conflict) {
		t.Errorf("before anybody asked: got %v, want a conflict", err)
	}
	if err := h.Steps.Identification.Ask(ctx, w.Clerk, w.Authority.Land, id, text("Wie lautet Ihr Kundenzeichen?"), text("Zweifel"), h.Now()); err != nil {
		t.Fatal(err)
	}
	for _, days := range []time.Duration{20, 30} {
		if err := giveUp(); !errors.Is(err, problem.Conflict) {
			t.Errorf("while the person may still answer: got %v, want a conflict", err)
		}
		h.Move(days * day)
		sweepLetters(t, h, w)
	}
	if err := giveUp(); err != nil {
		t.Fatal(err)
	}
	closing := waitForLetter(t, h, w, id, letter.KindClosing)
	written := calendar.DateOf(closing.CreatedAt)
	moveTo(h, written.AddDays(10))
	sweepLetters(t, h, w)
	if openTask(t, w, id, casefile.TaskLetter) {
		t.Error("on the tenth day: staff are to post it")
	}
	moveTo(h, written.AddDays(11))
	sweepLetters(t, h, w)
	if !openTask(t, w, id, casefile.TaskLetter) {
		t.Fatal("after the tenth day: got no task")
	}
	if err := h.Steps.Correspondence.PostLetter(ctx, w.Clerk, id, closing.ID, written.AddDays(11), h.Now()); err != nil {
		t.Fatal(err)
	}
	sweepLetters(t, h, w)
	if openTask(t, w, id, casefile.TaskLetter) {
		t.Error("posted: the task is still open")
	}
}

func TestWhereNothingPrintsTheLetterIsComplete(t *testing.T) {
	h := portaltest.Start(t, portaltest.Options{})
	w := portaltest.NewWork(t, h, "stk-nrw")
	id := asked(t, h, w, casefile.ByPortal)
	one := lettersOf(t, h, w.Applicant(id), id)[0].ID
	without := *h.Steps.Correspondence
	without.Printer = gone{}
	for name, c := range map[string]*correspondence.Correspondence{"no LibreOffice": h.Steps.Correspondence, "LibreOffice is gone": &without} {
		if err := c.Print(ctx, w.Authority.ID, one, h.Now()); err != nil {
			t.Errorf("%s: got %v, want no error", name, err)
		}
	}
	var p *problem.Error
	_, err := h.Steps.Correspondence.PDF(ctx, w.Applicant(id), id, one, h.Now())
	if !errors.Is(err, problem.NotFound) || !errors.As(err, &p) || p.Key != "correspondence.pdf.none" || h.Steps.Correspondence.PrintsPDF() {
		t.Errorf("got %v, want that there is no PDF", err)
	}
	if l, err := h.Steps.Correspondence.Letter(ctx, w.Applicant(id), id, one, h.Now()); err != nil || len(letter.Missing(l.Document)) > 0 {
		t.Errorf("the letter itself: %v", err)
	}
}

// gone is a LibreOffice that somebody removed.
type gone struct{}

func (gone) Render(context.Context, io.Writer, letter.Letter) error { return problem.Unavailable }

// printing boots a program that makes letters PDF by a soffice, without sources.
func printing(t *testing.T, soffice string) (*portaltest.House, *portaltest.Work) {
	t.Helper()
	h := &portaltest.House{Database: postgrestest.New(t, jobs.Migrate)}
	var err error
	h.Main, err = portal.New(ctx, portal.Config{
		Part: portal.Run, Listen: "127.0.0.1:0", Data: t.TempDir(), DatabaseURL: h.Database.URL, Clock: h.Now,
		PDF: true, Soffice: soffice, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- h.Main.Run(running) }()
	t.Cleanup(func() {
		stop()
		if err := errors.Join(<-ended, h.Main.Close(ctx)); err != nil {
			t.Error(err)
		}
	})
	return h, portaltest.NewWork(t, h, "stk-nrw")
}

func TestLettersAndAnswersArePrinted(t *testing.T) {
	soffice, err := pdf.Find()
	if err != nil {
		t.Skip(err)
	}
	h, w := printing(t, soffice)
	id := noObjection(t, h, w)
	receipt := waitForLetter(t, h, w, id, letter.KindReceipt)
	portaltest.Wait(t, "the receipt is printed", portaltest.Patience, func() (bool, error) {
		return waitForLetter(t, h, w, id, letter.KindReceipt).Printed(), nil
	})
	made, err := h.Steps.Correspondence.PDF(ctx, w.Applicant(id), id, receipt.ID, h.Now())
	if err != nil || !bytes.HasPrefix(made, []byte("%PDF-")) || !h.Steps.Correspondence.PrintsPDF() {
		t.Fatalf("got %d bytes, %v, want a PDF", len(made), err)
	}
	if err := h.Steps.Correspondence.Print(ctx, w.Authority.ID, receipt.ID, h.Now()); err != nil {
		t.Fatal(err)
	}
	if again, err := h.Steps.Correspondence.PDF(ctx, w.Applicant(id), id, receipt.ID, h.Now()); err != nil || !bytes.Equal(again, made) {
		t.Errorf("printed twice: got another file, %v", err)
	}
	got := w.Fetch(t, id)
	if !bytes.HasPrefix(got["Auskunft.pdf"], []byte("%PDF-")) || !bytes.Contains(got["manifest.json"], []byte("Auskunft.pdf")) {
		t.Errorf("the answer has a PDF of %d bytes, want one that the manifest lists", len(got["Auskunft.pdf"]))
	}
}

func TestABrokenPrinterKeepsNoAnswerBack(t *testing.T) {
	soffice := filepath.Join(t.TempDir(), "soffice")
	if err := os.WriteFile(soffice, []byte("#!/bin/sh\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	h, w := printing(t, soffice)
	got := w.Fetch(t, noObjection(t, h, w))
	if _, ok := got["Auskunft.pdf"]; ok || !bytes.Contains(got["Auskunft.html"], []byte("Widerspruch")) || bytes.Contains(got["manifest.json"], []byte("Auskunft.pdf")) {
		t.Errorf("got %d files, want the answer as HTML alone", len(got))
	}
}

func TestALibreOfficeThatIsNotThereStopsTheStart(t *testing.T) {
	d := postgrestest.New(t, jobs.Migrate)
	_, err := portal.New(ctx, portal.Config{Part: portal.Worker, Data: t.TempDir(), DatabaseURL: d.URL, PDF: true, Soffice: "/nowhere/soffice", Log: slog.New(slog.DiscardHandler)})
	if err == nil || !strings.Contains(err.Error(), "EINSICHT_SOFFICE") {
		t.Errorf("got %v, want an error that names the setting", err)
	}
}

func TestOwnWordsOfAnAuthorityAreReadStrictly(t *testing.T) {
	h := portaltest.Start(t, portaltest.Options{})
	w, other := portaltest.NewWork(t, h, "stk-nrw"), portaltest.NewWork(t, h, "it-nrw")
	operator := h.Staff(t, w.Authority, casefile.Operator, "Otto Betrieb").Actor()
	imports := h.Steps.Correspondence.ImportTexts
	own := []byte(ownTexts)
	if _, err := imports(ctx, w.Clerk, "own.yaml", own, h.Now()); !errors.Is(err, problem.Forbidden) {
		t.Errorf("a clerk: got %v, want forbidden", err)
	}
	if _, err := imports(ctx, operator, "own.yaml", []byte(brokenTexts), h.Now()); err == nil || !strings.Contains(err.Error(), "own.yaml") {
		t.Errorf("a file that loses a part: got %v, want an error that names the file", err)
	}
	for _, want := range []bool{true, false} {
		if changed, err := imports(ctx, operator, "own.yaml", own, h.Now()); err != nil || changed != want {
			t.Errorf("got changed %t, %v, want %t", changed, err, want)
		}
	}
	for name, c := range map[string]struct {
		w    *portaltest.Work
		want bool
	}{"of this authority": {w, true}, "of another": {other, false}} {
		id := asked(t, h, c.w, casefile.ByPortal)
		l := waitForLetter(t, h, c.w, id, letter.KindReceipt)
		if got := l.Text.Subject == "Wir haben Ihren Antrag"; got != c.want {
			t.Errorf("%s: got the subject %q", name, l.Text.Subject)
		}
	}
}

const ownTexts = "receipt.subject:\n  de: Wir haben Ihren Antrag\n  en: We have your request\n"

// brokenTexts leave out the day on which the period ends.
const brokenTexts = "receipt.period:\n  de: bald\n  en: \"{due}\"\n"

func TestAListOfLettersLoadsNoPDF(t *testing.T) {
	h := portaltest.Start(t, portaltest.Options{})
	w := portaltest.NewWork(t, h, "stk-nrw")
	id, letters := asked(t, h, w, casefile.ByPortal), h.House.Letters
	whole := bytes.Repeat([]byte("sealed"), 1000)
	err := h.DB.InTx(ctx, w.Authority.ID, func(ctx context.Context) error {
		all, err := letters.Letters(ctx, id)
		if err != nil || len(all) != 1 || len(all[0].PDF) != 0 {
			t.Errorf("before it is printed: got %d letters, %v", len(all), err)
		}
		one := all[0]
		one.PDF = whole
		if err := letters.PutLetter(ctx, one); err != nil {
			return err
		}
		if all, err = letters.Letters(ctx, id); err != nil || len(all[0].PDF) != 0 || !all[0].HasPDF {
			t.Errorf("the list: got %d bytes of the PDF, has one %t, %v, want only that there is one", len(all[0].PDF), all[0].HasPDF, err)
		}
		// Whoever keeps what a list gave loses no PDF.
		if err := letters.PutLetter(ctx, all[0]); err != nil {
			return err
		}
		if one, err = letters.Letter(ctx, one.ID); !bytes.Equal(one.PDF, whole) {
			t.Errorf("kept again: got %d bytes", len(one.PDF))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestALetterOpenedTooLateIsNotNotified(t *testing.T) {
	h := portaltest.Start(t, portaltest.Options{})
	w := portaltest.NewWork(t, h, "stk-nrw")
	id := asked(t, h, w, casefile.ByPortal)
	words := map[string]person.Text{"reasons": text("Das ist Sache des Kreises.")}
	one, err := h.Steps.Correspondence.Write(ctx, w.Clerk, w.Authority.Land, id, letter.KindNotCompetent, words, map[string]string{"recipient": "Kreis Lippe"}, nil, h.Now())
	if err != nil {
		t.Fatal(err)
	}
	sweepLetters(t, h, w)
	if openTask(t, w, id, casefile.TaskLetter) {
		t.Error("written today: staff are to post it")
	}
	h.Move(11 * day)
	read, err := h.Steps.Correspondence.Letter(ctx, w.Applicant(id), id, one, h.Now())
	if err != nil || !read.Effective.IsZero() {
		t.Errorf("opened on the eleventh day: counts from %s, %v, want not at all", read.Effective, err)
	}
	sweepLetters(t, h, w)
	if !openTask(t, w, id, casefile.TaskLetter) {
		t.Fatal("it refuses the request, nobody fetched it, and staff have no task to post it")
	}
	post(t, h, w, id, one)
	if read, err = h.Steps.Correspondence.Letter(ctx, w.Applicant(id), id, one, h.Now()); err != nil || read.Effective != calendar.DateOf(h.Now()).AddDays(4) {
		t.Errorf("posted: counts from %s, %v", read.Effective, err)
	}
	sweepLetters(t, h, w)
	if openTask(t, w, id, casefile.TaskLetter) {
		t.Error("posted, and the task is open")
	}
}

func TestEachLetterToOthersIsWaitedForByItself(t *testing.T) {
	h := portaltest.Start(t, portaltest.Options{})
	w := portaltest.NewWork(t, h, "stk-nrw")
	id, land := asked(t, h, w, casefile.ByPortal), w.Authority.Land
	words, to := map[string]person.Text{"content": text("Akten")}, []person.Text{text("Landesarchiv")}
	values := map[string]string{"until": calendar.DateOf(h.Now()).AddDays(9).String()}
	write := h.Steps.Correspondence.Write
	if _, err := write(ctx, w.Clerk, land, id, letter.KindArchiveOffer, words, values, to, h.Now()); !errors.Is(err, problem.Invalid) {
		t.Errorf("nobody says that it was stored lawfully: got %v, want invalid", err)
	}
	first, err := write(ctx, w.Clerk, land, id, letter.KindConsultation, words, values, to, h.Now())
	if err != nil {
		t.Fatal(err)
	}
	values[correspondence.Lawful] = "yes"
	if _, err := write(ctx, w.Clerk, land, id, letter.KindArchiveOffer, words, values, to, h.Now()); err != nil {
		t.Fatal(err)
	}
	if err := h.Steps.Correspondence.SettleReply(ctx, w.Clerk, id, first, text("stimmt zu"), h.Now()); err != nil {
		t.Fatal(err)
	}
	if !openTask(t, w, id, casefile.TaskReply) {
		t.Error("one reply is in, and nobody waits for the other")
	}
	if err := h.Steps.Correspondence.SettleReply(ctx, w.Clerk, id, uuid.New(), text("?"), h.Now()); !errors.Is(err, problem.NotFound) {
		t.Errorf("a reply to no letter: got %v", err)
	}
}

func TestTheReceiptDoesNotFailWhileTheClockRests(t *testing.T) {
	h := portaltest.Start(t, portaltest.Options{})
	w := portaltest.NewWork(t, h, "stk-nrw")
	id := asked(t, h, w, casefile.ByPortal)
	if err := h.Steps.Identification.Ask(ctx, w.Clerk, w.Authority.Land, id, text("Wer sind Sie?"), text("Zweifel"), h.Now()); err != nil {
		t.Fatal(err)
	}
	// As if the job for the receipt had come later than the question.
	db, err := pgx.Connect(ctx, h.Database.Superuser)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close(ctx)
	if _, err := db.Exec(ctx, "delete from letter where id = $1", waitForLetter(t, h, w, id, letter.KindReceipt).ID); err != nil {
		t.Fatal(err)
	}
	if err := h.Steps.Correspondence.SendReceipt(ctx, w.Authority, id, h.Now()); err != nil {
		t.Errorf("got %v, want no error: no run of the job could mend it", err)
	}
}
