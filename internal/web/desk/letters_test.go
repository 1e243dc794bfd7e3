package desk_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/letter"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/procedure/correspondence"
	"einsicht/internal/procedure/review"
	"einsicht/internal/web/webtest"
	"einsicht/internal/wording"
)

func (h *office) Draft(_ context.Context, a casefile.Actor, _ calendar.Land, _ uuid.UUID, kind letter.Kind, words map[string]person.Text, values map[string]string, to []person.Text, now time.Time) (letter.Letter, []string, error) {
	delete(values, correspondence.Lawful)
	n := letter.Notice{
		Kind: kind, Lang: wording.German, Authority: h.o.Inventory.Authority, FileNumber: h.o.Case.FileNumber, InCharge: "Carla Klee", Words: words, Values: values,
		To: []person.Text{h.o.Request.Name}, Received: received, Date: now, Rights: []law.Right{law.Access, law.Erasure},
	}
	if kind.ToOthers() {
		n.To = to
	}
	if slices.Contains(kind.Values(), "due") {
		values["due"] = h.o.Case.Due.String()
	}
	l, err := letter.Write(n)
	return l, letter.Missing(l), err
}

func (h *office) Write(_ context.Context, a casefile.Actor, _ calendar.Land, _ uuid.UUID, kind letter.Kind, _ map[string]person.Text, _ map[string]string, _ []person.Text, _ time.Time) (uuid.UUID, error) {
	return uuid.New(), h.do(a, casefile.ActionWriteLetter, "write "+string(kind))
}

func (h *office) Letters(_ context.Context, a casefile.Actor, id uuid.UUID) ([]correspondence.Written, error) {
	return h.mail, h.exists(a, id)
}

func (h *office) Letter(_ context.Context, a casefile.Actor, id, one uuid.UUID, _ time.Time) (correspondence.Written, error) {
	for _, w := range h.mail {
		if w.ID == one {
			return w, h.exists(a, id)
		}
	}
	return correspondence.Written{}, problem.New(problem.NotFound, "problem.notfound")
}

func (h *office) PDF(_ context.Context, a casefile.Actor, id, one uuid.UUID, now time.Time) ([]byte, error) {
	w, err := h.Letter(context.Background(), a, id, one, now)
	if err == nil && !w.Printed() {
		err = problem.New(problem.NotFound, "correspondence.pdf.none")
	}
	return w.PDF, err
}

func (h *office) PrintsPDF() bool { return true }

func (h *office) PostLetter(_ context.Context, a casefile.Actor, _, one uuid.UUID, on calendar.Date, _ time.Time) error {
	return h.do(a, casefile.ActionAnswerTask, "post "+one.String()+" "+on.String())
}

func (h *office) Settle(_ context.Context, a casefile.Actor, _ uuid.UUID, task casefile.TaskKind, note person.Text, _ time.Time) error {
	return h.do(a, casefile.ActionAnswerTask, "settle "+string(task)+" "+note.Reveal())
}

func (h *office) SettleReply(_ context.Context, a casefile.Actor, _, to uuid.UUID, note person.Text, _ time.Time) error {
	return h.do(a, casefile.ActionAnswerTask, "settle reply "+to.String()+" "+note.Reveal())
}

func (h *office) Answered(_ context.Context, a casefile.Actor, _ calendar.Land, _ uuid.UUID, on calendar.Date, _ time.Time) error {
	return h.do(a, casefile.ActionAskIdentity, "answered "+on.String())
}

func (h *office) GoOn(_ context.Context, a casefile.Actor, _ calendar.Land, _ uuid.UUID, _ time.Time) error {
	return h.do(a, casefile.ActionAskIdentity, "go on")
}

// wrote lets the office have written the sample of a letter.
func (h *office) wrote(t testing.TB, kind letter.Kind, way casefile.AnswerWay) uuid.UUID {
	t.Helper()
	l, err := letter.Write(letter.Sample(kind, wording.German, h.o.Inventory.Authority))
	if err != nil {
		t.Fatal(err)
	}
	w := correspondence.Written{Document: l, Text: casefile.LetterText{Kind: string(kind), Subject: l.Subject, ToOthers: kind.ToOthers(), Way: way}}
	w.ID, w.Case, w.CreatedAt, w.CreatedBy = uuid.New(), h.o.Case.ID, received.Add(24*time.Hour), h.staff[casefile.Clerk].ID
	h.mail = append(h.mail, w)
	return w.ID
}

func TestTheCaseListsItsLettersTheLatestFirst(t *testing.T) {
	h := newOffice(t)
	first := h.wrote(t, letter.KindExtension, casefile.ByPortal)
	h.mail[0].PDF, h.mail[0].Effective = []byte("%PDF-1.7"), calendar.Day(2026, 11, 20)
	second := h.wrote(t, letter.KindConsultation, casefile.ByPost)
	text := h.desk(t, casefile.Clerk).Get(h.path()).Text()
	for _, want := range []string{
		h.mail[0].Text.Subject, "gilt als bekannt gegeben am 20.11.2026", "Sicherheitsbehörde", "noch nicht zur Post gegeben", "PDF entsteht noch", "Carla Klee",
		"Aufgabe zur Post eintragen",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Index(text, h.mail[1].Text.Subject) > strings.Index(text, h.mail[0].Text.Subject) {
		t.Error("the older letter stands first")
	}
	b := h.desk(t, casefile.Clerk)
	form := b.Get(h.path()).Form(h.path() + "/aufgegeben")
	if got := form.Values["letter"]; !slices.Equal(got, []string{second.String()}) || strings.Contains(string(b.Get(h.path()).Body), `value="`+first.String()) {
		t.Errorf("to be posted: got %v, want the one on paper", got)
	}
	if page := b.Submit(form.With("posted-day", "23").With("posted-month", "11").With("posted-year", "2026")); page.Status != 303 || !slices.Contains(h.calls, "post "+second.String()+" 2026-11-23") {
		t.Errorf("posting: got %d, calls %v", page.Status, h.calls)
	}
	if page := b.Submit(form.With("posted-day", "31").With("posted-month", "2")); page.Status != 422 || !strings.Contains(page.Text(), "Geben Sie einen Tag an") {
		t.Errorf("no such day: got %d, want it said", page.Status)
	}
	if page := b.Submit(form.With("letter")); page.Status != 422 || !strings.Contains(page.Text(), "mindestens ein Schreiben") {
		t.Errorf("no letter chosen: got %d, want it said", page.Status)
	}
}

func TestALetterIsReadHereAndKeptAsAFile(t *testing.T) {
	h := newOffice(t)
	path := h.path() + "/schreiben/" + h.wrote(t, letter.KindExtension, casefile.ByPost).String()
	b := h.desk(t, casefile.Clerk)
	page := b.Get(path)
	if page.Status != 200 || !strings.Contains(page.Text(), "PDF entsteht noch") || strings.Contains(string(page.Body), "<style") || strings.Contains(string(page.Body), "style=") {
		t.Errorf("got %d, want the letter on a page without styles of its own", page.Status)
	}
	file := b.Get(path + "/datei")
	if !strings.HasPrefix(file.Header.Get("Content-Disposition"), "attachment") || !strings.Contains(string(file.Body), "<style") || !strings.Contains(string(file.Body), h.mail[0].Text.Subject) {
		t.Errorf("got %d %q, want one file to keep", file.Status, file.Header.Get("Content-Disposition"))
	}
	if pdf := b.Get(path + "/pdf"); pdf.Status != 404 {
		t.Errorf("a PDF that is not made: got %d, want 404", pdf.Status)
	}
	h.mail[0].PDF = []byte("%PDF-1.7")
	if pdf := b.Get(path + "/pdf"); string(pdf.Body) != "%PDF-1.7" || pdf.Header.Get("Content-Type") != "application/pdf" {
		t.Errorf("got %d %s, want the PDF", pdf.Status, pdf.Header.Get("Content-Type"))
	}
	if page := b.Get(h.path() + "/schreiben/" + uuid.NewString()); page.Status != 404 {
		t.Errorf("a letter that is none: got %d, want 404", page.Status)
	}
}

func TestEachKindIsOfferedOrSaysWhyNot(t *testing.T) {
	for _, tt := range []struct {
		name  string
		with  func(h *office)
		kind  letter.Kind
		links string // empty: it must not
		why   string
	}{
		{"an interim answer while the case is open", nil, letter.KindInterim, "/schreiben/neu?art=interim", ""},
		{"a notice that a restriction ends, without one", nil, letter.KindLiftingNotice, "", "die Verarbeitung nicht eingeschränkt"},
		{"the same with one", func(h *office) {
			h.o.Rights = append(h.o.Rights, review.Right{Right: casefile.Right{Right: law.Restriction, Outcome: casefile.Granted}})
			h.o.Case.State = casefile.Delivered
		}, letter.KindLiftingNotice, "/schreiben/neu?art=lifting-notice", ""},
		{"the same before the answer is out", func(h *office) {
			h.o.Rights = append(h.o.Rights, review.Right{Right: casefile.Right{Right: law.Restriction, Outcome: casefile.Granted}})
		}, letter.KindLiftingNotice, "", "erst, wenn der Antrag beantwortet ist"},
		{"recipients of a deletion that nobody released", func(h *office) {
			h.o.Case.State, h.o.Rights[1].Outcome = casefile.Proposed, casefile.Granted
		}, letter.KindRecipientsNotice, "", "erst, wenn der Antrag beantwortet ist"},
		{"an interim answer to somebody unknown", func(h *office) { h.o.Identifiers = h.o.Identifiers[1:] }, letter.KindInterim, "", "mindestens eine Kennung geprüft"},
		{"not competent", nil, letter.KindNotCompetent, "/schreiben/neu?art=not-competent", ""},
		{"not competent, proposed", func(h *office) { h.o.Case.State = casefile.Proposed }, letter.KindNotCompetent, "", "schon entschieden"},
		{"not competent, decided", func(h *office) { h.o.Rights[0].Outcome = casefile.Refused }, letter.KindNotCompetent, "", "schon entschieden"},
		{"a second question while one is to be posted", func(h *office) { h.mail = append(h.mail, inTray(letter.KindIdentity)) }, letter.KindClarification, "", "noch nicht zur Post gegeben"},
		{"a second extension while one is to be posted", func(h *office) { h.mail = append(h.mail, inTray(letter.KindExtension)) }, letter.KindExtension, "", "noch nicht zur Post gegeben"},
		{"recipients, when nothing has changed", nil, letter.KindRecipientsNotice, "", "nichts berichtigt, gelöscht oder eingeschränkt"},
		{"an offer to the archive without erasure", nil, letter.KindArchiveOffer, "", "keine Löschung verlangt"},
		{"a question for what is meant leads to its form", nil, letter.KindClarification, "#praezisieren-fold", ""},
		{"the same without access", func(h *office) { h.o.Rights = h.o.Rights[1:] }, letter.KindClarification, "", "Niemand hat hier Auskunft verlangt"},
		{"that the clock rests, while it runs", nil, letter.KindSuspended, "", "Die Frist läuft."},
		{"an end for want of identity although it is settled", nil, letter.KindClosing, "", "Die Identität ist geklärt"},
		{"an end for want of identity without a question", func(h *office) { h.o.Blocked[casefile.GiveUp] = nil }, letter.KindClosing, "", "erst, wenn die Person gefragt wurde"},
		{"consent in Lower Saxony, under words of the authority", func(h *office) { h.authority.Land = calendar.NI }, letter.KindConsultation, "/schreiben/neu?art=consultation", ""},
		{"anything after the end", func(h *office) { h.o.Case.State = casefile.Withdrawn }, letter.KindInterim, "", "Der Vorgang ist beendet."},
		{"an extension after the answer", func(h *office) { h.o.Case.State = casefile.Ready }, letter.KindExtension, "", "schon beantwortet"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newOffice(t)
			if tt.with != nil {
				tt.with(h)
			}
			page := h.desk(t, casefile.Clerk).Get(h.path() + "/schreiben/neu?art=" + string(letter.KindReceipt)) // no such choice: all of them
			links := slices.Contains(page.Links(), h.path()+tt.links)
			if tt.links != "" && !links {
				t.Errorf("the page does not lead to %s: %v", tt.links, page.Links())
			}
			if tt.why != "" && (!strings.Contains(page.Text(), tt.why) || slices.Contains(page.Links(), h.path()+"/schreiben/neu?art="+string(tt.kind))) {
				t.Errorf("want no link and the reason %q", tt.why)
			}
		})
	}
}

// inTray is a letter that nobody has posted yet.
func inTray(kind letter.Kind) correspondence.Written {
	return correspondence.Written{Letter: casefile.Letter{ID: uuid.New(), CreatedAt: received}, Text: casefile.LetterText{Kind: string(kind), Subject: string(kind), Way: casefile.ByPost}}
}

func TestALetterIsWrittenAfterALookAtIt(t *testing.T) {
	h := newOffice(t)
	b := h.desk(t, casefile.Clerk)
	path := h.path() + "/schreiben/neu"
	form := b.Get(path + "?art=consultation").Form(path + "#vorschau")
	if form.Values.Get("until-year") != "2026" {
		t.Errorf("the day to answer by is not prefilled: %v", form.Values)
	}
	empty := b.Submit(form.With("do", "preview"))
	if empty.Status != 200 || !strings.Contains(empty.Text(), "Es fehlt der Inhalt.") || !slices.Contains(empty.Links(), "#schreiben-content") || !slices.Contains(empty.Links(), "#schreiben-to") {
		t.Errorf("a preview of nothing: got %d, links %v, want what is missing, each leading to its field", empty.Status, empty.Links())
	}
	some := func() webtest.Form {
		return b.Get(path+"?art=consultation").Form(path+"#vorschau").With("to", "Landeskriminalamt\nVölklinger Straße 49").With("content", "Die Übermittlung vom 3. März.")
	}
	shown := b.Submit(some().With("do", "preview"))
	for _, want := range []string{"So verlässt das Schreiben das Haus", "Landeskriminalamt", "Die Übermittlung vom 3. März."} {
		if !strings.Contains(shown.Text(), want) {
			t.Errorf("the preview lacks %q", want)
		}
	}
	if again := shown.Form(path + "#vorschau"); again.Values.Get("content") != "Die Übermittlung vom 3. März." || len(h.calls) > 0 {
		t.Errorf("after a preview: typed %v, steps %v, want all kept and nothing written", again.Values, h.calls)
	}
	refused := b.Submit(some().With("content", "").With("do", "write"))
	if refused.Status != 422 || !strings.HasPrefix(refused.Title(), "Fehler: ") || !strings.Contains(refused.Text(), "Völklinger Straße 49") || len(h.calls) > 0 {
		t.Errorf("without its content: got %d, steps %v, want it back with all that was typed", refused.Status, h.calls)
	}
	noDay := b.Submit(some().With("until-day", "31").With("until-month", "2").With("do", "write"))
	if noDay.Status != 422 || !strings.Contains(noDay.Text(), "Geben Sie einen Tag an") {
		t.Errorf("no such day: got %d", noDay.Status)
	}
	done := b.Submit(some().With("do", "write"))
	if done.Status != 303 || done.Header.Get("Location") != h.path()+"#schreiben" || !slices.Equal(h.calls, []string{"write consultation"}) {
		t.Errorf("got %d to %q, steps %v", done.Status, done.Header.Get("Location"), h.calls)
	}
}

func TestWhatWasStoredUnlawfullyIsNotOfferedToTheArchive(t *testing.T) {
	h := newOffice(t)
	h.o.Rights = append(h.o.Rights, review.Right{Right: casefile.Right{Right: law.Erasure}})
	b := h.desk(t, casefile.Clerk)
	path := h.path() + "/schreiben/neu"
	form := b.Get(path+"?art=archive-offer").Form(path+"#vorschau").With("to", "Landesarchiv").With("content", "Akten").With("do", "write")
	if page := b.Submit(form); page.Status != 422 || !strings.Contains(page.Text(), "ohne sie anzubieten") || len(h.calls) > 0 {
		t.Errorf("not confirmed: got %d, steps %v", page.Status, h.calls)
	}
	if page := b.Submit(form.With("lawful", "1")); page.Status != 303 {
		t.Errorf("confirmed: got %d", page.Status)
	}
}

func TestWhoMayNotWriteHasNoFormForIt(t *testing.T) {
	h := newOffice(t)
	b := h.desk(t, casefile.Approver)
	if strings.Contains(b.Get(h.path()).Text(), "Neues Schreiben") {
		t.Error("an approver is offered to write")
	}
	if page := b.Get(h.path() + "/schreiben/neu?art=interim"); page.Status != http.StatusForbidden {
		t.Errorf("got %d, want 403", page.Status)
	}
	h.wrote(t, letter.KindExtension, casefile.ByPost)
	if page := b.Get(h.path() + "/schreiben/" + h.mail[0].ID.String()); page.Status != 200 {
		t.Errorf("to read a letter: got %d", page.Status)
	}
}

func TestEveryFormOfALetterSpeaksInWholeSentences(t *testing.T) {
	for _, lang := range wording.Languages {
		h := newOffice(t)
		h.o.Rights = nil
		for _, r := range law.Rights {
			h.o.Rights = append(h.o.Rights, review.Right{Right: casefile.Right{Right: r, Outcome: casefile.PartlyGranted}})
		}
		h.o.Case.RestsSince = calendar.Day(2026, 11, 20)
		b := h.desk(t, casefile.Clerk)
		b.Header.Set("Accept-Language", string(lang))
		path := h.path() + "/schreiben/neu"
		for _, k := range append([]letter.Kind{""}, correspondence.ByHand...) {
			// Some letters belong to an open case, some to one that is answered.
			h.o.Case.State = casefile.Review
			for i := range h.o.Rights {
				h.o.Rights[i].Outcome = casefile.Undecided
			}
			if k == letter.KindRecipientsNotice || k == letter.KindLiftingNotice {
				h.o.Case.State = casefile.Delivered
				for i := range h.o.Rights {
					h.o.Rights[i].Outcome = casefile.PartlyGranted
				}
			}
			page := b.Get(path + "?art=" + string(k))
			if k != "" {
				if _, ok := page.Form(path + "#vorschau").Values["kind"]; !ok {
					t.Errorf("%s: no form", k)
				}
			}
			if i := strings.Index(string(page.Body), "[desk."); i >= 0 {
				t.Errorf("%s %s: a sentence is missing: %.60s", lang, k, page.Body[i:])
			}
			if i := strings.Index(string(page.Body), "[letter"); i >= 0 {
				t.Errorf("%s %s: a sentence is missing: %.60s", lang, k, page.Body[i:])
			}
		}
	}
}

func TestTheKeysCanBeSwitchedOff(t *testing.T) {
	h := newOffice(t)
	b := h.desk(t, casefile.Clerk)
	list := b.Get("/desk")
	if body := string(list.Body); !strings.Contains(body, "data-rows") || !strings.Contains(body, "data-search") {
		t.Fatal("the list knows no keys")
	}
	off := b.Follow(b.Submit(list.Form("/desk/tasten")))
	for _, page := range []string{string(off.Body), string(b.Get("/desk/aufgaben").Body)} {
		if strings.Contains(page, "data-rows") || strings.Contains(page, "data-search") {
			t.Error("switched off, the keys are still there")
		}
	}
	if on := b.Follow(b.Submit(off.Form("/desk/tasten"))); !strings.Contains(string(on.Body), "data-rows") {
		t.Error("they can't be switched on again")
	}
}

func TestTheAnswerIsLookedAtAsItWouldLeave(t *testing.T) {
	h := newOffice(t)
	in, err := letter.SampleAnswer(wording.German, h.o.Inventory.Authority)
	if err != nil {
		t.Fatal(err)
	}
	if h.drafted, err = letter.Answer(in); err != nil {
		t.Fatal(err)
	}
	h.lacks = []string{"Der Name fehlt."}
	b := h.desk(t, casefile.Approver)
	path := h.path() + "/antwort"
	if slices.Contains(b.Get(h.path()).Links(), path) {
		t.Error("a right is open, and the answer is offered for looking at")
	}
	for i := range h.o.Rights {
		h.o.Rights[i].Composed = casefile.Granted
	}
	if !slices.Contains(b.Get(h.path()).Links(), path) {
		t.Error("all rights are examined, and nothing leads to the answer")
	}
	page := b.Get(path)
	for _, want := range []string{h.drafted.Subject, in.FileNumber, "Der Name fehlt."} {
		if !strings.Contains(page.Text(), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestARefusalThatNobodyFetchedCanBePosted(t *testing.T) {
	h := newOffice(t)
	id := h.wrote(t, letter.KindNotCompetent, casefile.ByPortal)
	form := h.path() + "/aufgegeben"
	has := func() bool {
		return strings.Contains(string(h.desk(t, casefile.Clerk).Get(h.path()).Body), form)
	}
	if has() {
		t.Error("it can still be fetched, and staff are to post it")
	}
	h.mail[0].CreatedAt = received.Add(-20 * 24 * time.Hour)
	if !has() {
		t.Fatal("nobody fetched it, and there is no form for posting it")
	}
	if got := h.desk(t, casefile.Clerk).Get(h.path()).Form(form).Values["letter"]; !slices.Equal(got, []string{id.String()}) {
		t.Errorf("got %v, want the letter", got)
	}
}

func TestEachReplyIsSettledByItself(t *testing.T) {
	h := newOffice(t)
	one, two := h.wrote(t, letter.KindConsultation, casefile.ByPost), h.wrote(t, letter.KindArchiveOffer, casefile.ByPost)
	for _, id := range []uuid.UUID{one, two} {
		h.o.Tasks = append(h.o.Tasks, casefile.Task{ID: uuid.New(), Case: h.o.Case.ID, Kind: casefile.TaskReply, System: id.String(), CreatedAt: received})
	}
	b := h.desk(t, casefile.Clerk)
	page := b.Get(h.path())
	for _, w := range h.mail {
		if !strings.Contains(page.Text(), "Antwort einer anderen Stelle warten: "+w.Text.Subject) {
			t.Errorf("the tasks do not say which letter waits: %s", w.Text.Kind)
		}
	}
	form := page.Form(h.path()+"/erledigt").With("letter", two.String()).With("note", "nimmt nichts")
	if got := b.Submit(form); got.Status != 303 || !slices.Contains(h.calls, "settle reply "+two.String()+" nimmt nichts") {
		t.Errorf("got %d, steps %v", got.Status, h.calls)
	}
}

func TestTheDayOnWhichAnAnswerCameInIsAskedFor(t *testing.T) {
	h := newOffice(t)
	h.happens(t, "suspend 2026-11-17", casefile.NoteAskedIdentity+" 2026-11-17")
	h.o.Identifiers[0].VerifiedAt = time.Date(2026, 11, 19, 10, 0, 0, 0, time.UTC)
	b := h.desk(t, casefile.Clerk)
	page := b.Get(h.path())
	form := page.Form(h.path() + "/antwort")
	if form.Values.Get("on-day") != "19" || !strings.Contains(page.Text(), "hat am Donnerstag, 19. November 2026 einen Code eingegeben") {
		t.Errorf("a code came in on the 19th: got %v", form.Values)
	}
	if got := b.Submit(form.With("on-day", "18")); got.Status != 303 || !slices.Contains(h.calls, "answered 2026-11-18") {
		t.Errorf("got %d, steps %v", got.Status, h.calls)
	}
	if got := b.Submit(form.With("on-day", "31").With("on-month", "2")); got.Status != 422 || !strings.Contains(got.Text(), "Geben Sie einen Tag an") {
		t.Errorf("no such day: got %d", got.Status)
	}
}

func TestWhoDoesNotNarrowDownHasAskedForEverything(t *testing.T) {
	h := newOffice(t)
	h.happens(t, "suspend 2026-11-17", casefile.NoteAskedClear+" 2026-11-17")
	h.o.Tasks = []casefile.Task{{ID: uuid.New(), Case: h.o.Case.ID, Kind: casefile.TaskSilence, CreatedAt: received}}
	b := h.desk(t, casefile.Clerk)
	page := b.Get(h.path())
	if strings.Contains(string(page.Body), h.path()+"/erledigt") || !strings.Contains(page.Text(), "Ohne Antwort weiterarbeiten") {
		t.Error("want one way on: without an answer")
	}
	form := page.Form(h.path()+"/antwort").With("silent", "1")
	if got := b.Submit(form); got.Status != 303 || !slices.Contains(h.calls, "go on") {
		t.Errorf("got %d, steps %v", got.Status, h.calls)
	}
}
