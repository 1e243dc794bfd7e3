package desk_test

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/net/html"

	"einsicht/internal/casefile"
	"einsicht/internal/law"
	"einsicht/internal/law/assess"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/catalogue"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
	"einsicht/internal/procedure/review"
	"einsicht/internal/web/webtest"
)

var book = func() catalogue.Book {
	b, err := catalogue.Load()
	if err != nil {
		panic(err) // embedded; a test of its own reads it
	}
	return b
}()

// exams holds rights of the one case against the real catalogue, and remembers
// what was taken up and answered.
type exams struct {
	h         *office
	texts     map[law.Right]*casefile.RightText
	confirmed procedure.Confirmation
	why       []casefile.Reason
	warnings  []casefile.Reason
	regime    law.Regime
	marks     []assess.Place // grounds on which rests what the source marked
}

func newExams(h *office) *exams {
	return &exams{h: h, texts: map[law.Right]*casefile.RightText{}, regime: law.DSGNRW}
}

func (x *exams) text(r law.Right) *casefile.RightText {
	if x.texts[r] == nil {
		x.texts[r] = &casefile.RightText{}
	}
	return x.texts[r]
}

var standsFor = map[assess.Outcome]casefile.Outcome{assess.Granted: casefile.Granted, assess.Partly: casefile.PartlyGranted, assess.Refused: casefile.Refused, assess.NothingHeld: casefile.NothingHeld}

func (x *exams) Examine(_ context.Context, actor casefile.Actor, id uuid.UUID, right law.Right, now time.Time) (review.Examined, error) {
	if err := x.h.exists(actor, id); err != nil {
		return review.Examined{}, err
	}
	i := slices.IndexFunc(x.h.o.Rights, func(r review.Right) bool { return r.Right.Right == right })
	if i < 0 {
		return review.Examined{}, problem.New(problem.NotFound, "problem.notfound")
	}
	text := x.text(right)
	e := review.Examined{Right: x.h.o.Rights[i], Edition: book.On(calendar.DateOf(now)), Why: x.why, Warnings: x.warnings, Confirmed: x.confirmed, MustConfirm: true}
	e.Right.Text = *text
	e.Facts = assess.Facts{Right: right, Land: calendar.NW, Body: assess.OfLand, Day: e.Edition.Day, Answers: map[assess.Question]bool{}, Claimed: map[assess.Place]bool{}, Entire: map[assess.Place]bool{}}
	for n, s := range x.h.o.Systems {
		state := assess.Held
		if !right.NeedsData() && !x.known(right, s.ID).Concerned || right.NeedsData() && n > 0 {
			continue
		}
		k := x.known(right, s.ID)
		e.Facts.Systems = append(e.Facts.Systems, assess.System{ID: s.ID, Name: s.Name, Regime: x.regime, Bases: []assess.Basis{assess.PublicTask}, Form: assess.Automated, State: state,
			Retention: assess.Retention{Norm: k.Norm, Until: k.Until, Only: k.Only}})
	}
	for _, c := range text.Exam.Claims {
		e.Facts.Claimed[assess.Place{Ground: c.Ground, System: c.System}] = true
		e.Facts.Entire[assess.Place{Ground: c.Ground, System: c.System}] = c.Entire
	}
	for _, at := range x.marks {
		e.Facts.Claimed[at] = true
	}
	for _, a := range text.Exam.Answers {
		e.Facts.Answers[assess.Question{Place: assess.Place{Ground: a.Ground, System: a.System}, Condition: a.Condition}] = a.Yes
	}
	e.Result = assess.Assess(e.Edition, e.Facts)
	for g := range e.Edition.For(right, calendar.NW, x.regime) {
		if !g.Usable() {
			e.Blocked = append(e.Blocked, *g)
			continue
		}
		a := review.Available{Ground: *g}
		for _, s := range e.Facts.Systems {
			a.Systems = append(a.Systems, s.ID)
		}
		e.Grounds = append(e.Grounds, a)
	}
	e.Absent = e.Edition.NotAvailable(right, calendar.NW, x.regime)
	e.Outcome = standsFor[e.Result.Outcome] // also while a text is missing
	return e, nil
}

func (x *exams) known(right law.Right, system string) casefile.Known {
	for _, k := range x.text(right).Exam.Known {
		if k.System == system {
			return k
		}
	}
	return casefile.Known{System: system}
}

func (x *exams) TakeUp(_ context.Context, a casefile.Actor, _ uuid.UUID, r law.Right, claim casefile.Claim, _ time.Time) error {
	if _, ok := book.On(calendar.DateOf(received)).Ground(claim.Ground); !ok {
		return problem.New(problem.Conflict, "case.not_deciding")
	}
	if err := x.h.do(a, casefile.ActionDecide, "take up "+claim.Ground+" at "+claim.System); err != nil {
		return err
	}
	exam := &x.text(r).Exam
	exam.Claims = append(slices.DeleteFunc(exam.Claims, func(c casefile.Claim) bool { return c.Ground == claim.Ground && c.System == claim.System }), claim)
	return nil
}

func (x *exams) Drop(_ context.Context, a casefile.Actor, _ uuid.UUID, r law.Right, ground, system string, _ time.Time) error {
	exam := &x.text(r).Exam
	exam.Claims = slices.DeleteFunc(exam.Claims, func(c casefile.Claim) bool { return c.Ground == ground && c.System == system })
	return x.h.do(a, casefile.ActionDecide, "drop "+ground+" at "+system)
}

func (x *exams) Answer(_ context.Context, a casefile.Actor, _ uuid.UUID, r law.Right, answers []casefile.Answer, _ time.Time) error {
	exam := &x.text(r).Exam
	for _, answer := range answers {
		exam.Answers = append(slices.DeleteFunc(exam.Answers, func(have casefile.Answer) bool {
			return have.Ground == answer.Ground && have.System == answer.System && have.Condition == answer.Condition
		}), answer)
	}
	return x.h.do(a, casefile.ActionDecide, fmt.Sprint("answer ", len(answers)))
}

func (x *exams) Know(_ context.Context, a casefile.Actor, _ uuid.UUID, r law.Right, known casefile.Known, _ time.Time) error {
	exam := &x.text(r).Exam
	exam.Known = append(slices.DeleteFunc(exam.Known, func(k casefile.Known) bool { return k.System == known.System }), known)
	return x.h.do(a, casefile.ActionDecide, "know "+known.System)
}

func (x *exams) DecideRight(_ context.Context, a casefile.Actor, _ uuid.UUID, r law.Right, text casefile.RightText, _ time.Time) error {
	if text.ForFile.IsZero() {
		err := problem.New(problem.Invalid, "desk.error.form")
		err.Fields = map[string]string{"for_file": "desk.error.for_file"}
		return err
	}
	return x.h.do(a, casefile.ActionDecide, "decide "+string(r))
}

func (x *exams) Reside(_ context.Context, a casefile.Actor, _ uuid.UUID, r casefile.Residence, now time.Time) error {
	if err := x.h.do(a, casefile.ActionDecide, fmt.Sprintf("reside %s %t %t", r.District, r.Outside, r.Unknown)); err != nil {
		return err
	}
	r.By, r.At = a.ID, now
	x.h.o.Request.Residence = r
	return nil
}

func (x *exams) ConfirmLaw(_ context.Context, a casefile.Actor, now time.Time) error {
	if err := x.h.do(a, casefile.ActionConfirmLaw, "confirm law"); err != nil {
		return err
	}
	x.confirmed = procedure.Confirmation{By: a.ID, At: now}
	return nil
}

func (x *exams) LawBanner(context.Context, casefile.Actor, time.Time) (bool, procedure.Confirmation, error) {
	return true, x.confirmed, nil
}

func (h *office) exam(right law.Right) string { return h.path() + "/recht/" + string(right) }

// asking makes the case one about certain rights.
func (h *office) asking(rights ...law.Right) *office {
	h.o.Rights = nil
	for _, r := range rights {
		h.o.Rights = append(h.o.Rights, review.Right{Right: casefile.Right{Right: r, Due: h.o.Case.Due}})
	}
	return h
}

// takenUp puts a ground on the table, as if somebody had.
func (h *office) takenUp(right law.Right, ground, system string) *office {
	exam := &h.exams.text(right).Exam
	exam.Claims = append(exam.Claims, casefile.Claim{Ground: ground, System: system})
	return h
}

func TestThePageOfARightSaysWhatTheLawAsks(t *testing.T) {
	h := newOffice(t).asking(law.Access)
	system := h.o.Systems[0].ID
	h.takenUp(law.Access, "NRW-12-2-3B", system)
	page := h.desk(t, casefile.Clerk).Get(h.exam(law.Access))
	text := page.Text()
	for _, want := range []string{
		h.o.Case.FileNumber, "Erika Mustermann", "Auskunft", "Art. 15 DSGVO", "§ 12 Abs. 2 Satz 1 Nr. 3 Alt. 2 DSG NRW", "wartet auf Antworten",
		"Müssen die Daten oder die Tatsache ihrer Verarbeitung wegen der Rechte oder Freiheiten einer anderen Person geheim bleiben?",
		"Hat die Stelle ihr Ermessen ausgeübt", "Verlässt das Haus.", "Bleibt im Haus.", "Hier nicht verfügbar", "Nur wegen Aufbewahrungspflicht gespeichert",
		"Was die Antwort enthalten muss", "ab 1. April 2026 ist noch nicht mit dem Katalog verglichen",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if page.Status != 200 || strings.Contains(text, "Entscheidung festhalten") {
		t.Errorf("got %d; with an answer missing the right can be decided", page.Status)
	}
	if places := links(page); !slices.Contains(places, "#g-nrw-12-2-3b-"+system+"-a-outweighs") {
		t.Errorf("what is missing leads to no question: %v", places)
	}
}

func TestEveryPlaceThePageLeadsToIsThere(t *testing.T) {
	for _, right := range law.Rights {
		t.Run(string(right), func(t *testing.T) {
			h := newOffice(t).asking(right)
			for _, s := range h.o.Systems[:2] {
				h.exams.text(right).Exam.Known = append(h.exams.text(right).Exam.Known, casefile.Known{System: s.ID, Concerned: true})
			}
			for g := range book.On(calendar.DateOf(received)).For(right, calendar.NW, law.DSGNRW) {
				if g.Usable() {
					system := h.o.Systems[0].ID
					if g.Reach == catalogue.Case {
						system = ""
					}
					h.takenUp(right, g.ID, system)
				}
			}
			page := h.desk(t, casefile.Clerk).Get(h.exam(right))
			ids := map[string]int{}
			for _, m := range regexp.MustCompile(` id="([^"]+)"`).FindAllStringSubmatch(string(page.Body), -1) {
				ids[m[1]]++
			}
			for id, n := range ids {
				if n > 1 {
					t.Errorf("%q stands on the page %d times", id, n)
				}
			}
			for _, to := range links(page) {
				if ids[strings.TrimPrefix(to, "#")] == 0 {
					t.Errorf("%s leads nowhere", to)
				}
			}
			if strings.Contains(page.Text(), "exam.") {
				t.Error("a sentence is missing")
			}
		})
	}
}

// links lists the places of the page that it leads to.
func links(p *webtest.Page) []string {
	return slices.DeleteFunc(p.Links(), func(l string) bool { return !strings.HasPrefix(l, "#") || l == "#main" })
}

func TestAGroundIsTakenUpExaminedAndDropped(t *testing.T) {
	h := newOffice(t).asking(law.Access)
	system, base := h.o.Systems[0].ID, h.exam(law.Access)
	b := h.desk(t, casefile.Clerk)
	form := formOf(t, b.Get(base), "auf-nrw-12-2-3b")
	if page := b.Submit(form); page.Status != 422 || !strings.Contains(page.Text(), "Wählen Sie mindestens ein Verfahren.") {
		t.Errorf("no system chosen: got %d", page.Status)
	}
	if page := b.Submit(form.With("system", system)); page.Status != 303 || page.Header.Get("Location") != base+"#g-nrw-12-2-3b" {
		t.Fatalf("take up: got %d to %q", page.Status, page.Header.Get("Location"))
	}
	form = formOf(t, b.Get(base), "g-nrw-12-2-3b-"+system)
	form = form.With("a-others", "yes").With("a-outweighs", "yes").With("a-discretion", "yes").With("for_person", "Rechte einer Nachbarin.").With("for_file", "Abwägung <b>").
		With("look_again-day", "31").With("look_again-month", "2").With("look_again-year", "2027")
	page := b.Submit(form)
	if body := string(page.Body); page.Status != 422 || !strings.Contains(body, "Abwägung &lt;b&gt;") || !strings.Contains(body, `value="31"`) || !strings.Contains(body, `href="#g-nrw-12-2-3b-`+system+`-look_again"`) {
		t.Errorf("a day that does not exist: got %d, or what was typed is gone", page.Status)
	}
	page = b.Submit(form.With("look_again-day", "1"))
	claim := h.exams.text(law.Access).Exam.Claims[0]
	if page.Status != 303 || claim.ForFile.Reveal() != "Abwägung <b>" || claim.LookAgain.String() != "2027-02-01" || len(h.exams.text(law.Access).Exam.Answers) != 3 {
		t.Errorf("saved: got %d, %+v, %d answers", page.Status, claim, len(h.exams.text(law.Access).Exam.Answers))
	}
	text := b.Get(base).Text()
	for _, want := range []string{"greift", "Rechte und Freiheiten anderer Personen: geschwärzt", "Entscheidung festhalten: teilweise stattgegeben", "Was in die Akte gehört"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if page := b.Submit(formOf(t, b.Get(base), "streichen-g-nrw-12-2-3b-"+system)); page.Status != 303 || len(h.exams.text(law.Access).Exam.Claims) != 0 {
		t.Errorf("drop: got %d, %v", page.Status, h.exams.text(law.Access).Exam.Claims)
	}
}

func TestAConditionAnsweredNoIsNamed(t *testing.T) {
	h := newOffice(t).asking(law.Access)
	system := h.o.Systems[0].ID
	h.takenUp(law.Access, "NRW-12-2-3B", system)
	h.exams.text(law.Access).Exam.Answers = []casefile.Answer{{Ground: "NRW-12-2-3B", System: system, Condition: "outweighs"}}
	text := h.desk(t, casefile.Clerk).Get(h.exam(law.Access)).Text()
	for _, want := range []string{"greift nicht", "Verneint: Wiegt das schwerer als das Interesse der Person an der Auskunft?", "Entscheidung festhalten: stattgegeben"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

// Who reads that a ground does not hold finds where that can be settled.
func TestAGroundThatFailsLeadsToWhereItIsSettled(t *testing.T) {
	for _, tt := range []struct {
		name   string
		right  law.Right
		ground string
		answer string // answered No; nobody took the ground up
		leads  []string
	}{
		{"a duty to keep that nobody entered", law.Erasure, "EU-17-3b-DUTY", "", []string{"#t-SYSTEM"}},
		{"others who were weighed", law.Portability, "EU-20-4", "others", []string{"#g-eu-20-4-SYSTEM-place", "PATH?system=SYSTEM#system-SYSTEM"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newOffice(t).asking(tt.right)
			system := h.o.Systems[0].ID
			exam := &h.exams.text(tt.right).Exam
			exam.Known = []casefile.Known{{System: system, Concerned: true}}
			if tt.answer == "" {
				h.takenUp(tt.right, tt.ground, system)
			} else {
				exam.Answers = []casefile.Answer{{Ground: tt.ground, System: system, Condition: tt.answer}}
				h.exams.marks = []assess.Place{{Ground: tt.ground, System: system}}
				h.exams.why = []casefile.Reason{{Key: "case.exam.ground_fails", Args: []string{"n", "1", "names", system, "ground", "Art. 20 Abs. 4 DSGVO"}}}
			}
			page := h.desk(t, casefile.Clerk).Get(h.exam(tt.right))
			if !strings.Contains(page.Text(), "greift nicht") {
				t.Errorf("the ground is not on the page: %s", page.Text())
			}
			for _, want := range tt.leads {
				want = strings.NewReplacer("SYSTEM", system, "PATH", h.path()).Replace(want)
				if _, id, here := strings.Cut(want, "#"); !slices.Contains(page.Links(), want) || strings.HasPrefix(want, "#") && here && !strings.Contains(string(page.Body), `id="`+id+`"`) {
					t.Errorf("nothing leads to %s: %v", want, page.Links())
				}
			}
		})
	}
}

func TestWhatTheRegisterKnowsNobodyAnswers(t *testing.T) {
	h := newOffice(t).asking(law.Access)
	system := h.o.Systems[0].ID
	h.takenUp(law.Access, "NRW-12-2-S2", system)
	page := h.desk(t, casefile.Clerk).Get(h.exam(law.Access))
	if i := strings.Index(page.Text(), "laut Verzeichnis"); i < 0 || !strings.Contains(page.Text()[i-120:i], "Datenschutzkontrolle gespeichert?") {
		t.Error("the page does not say what the register knows")
	}
	body := string(page.Body)
	if !strings.Contains(body, `name="a-measures"`) || strings.Contains(body, `name="a-exclusive"`) {
		t.Error("a condition that the register answered is asked, or one it did not answer is not")
	}
}

func TestAForgedGroundIsRefusedWithItsSentence(t *testing.T) {
	h := newOffice(t).asking(law.Access)
	b := h.desk(t, casefile.Clerk)
	csrf := b.Get(h.exam(law.Access)).Form("").Values.Get("_csrf")
	page := b.Post(h.exam(law.Access)+"/aufgreifen", url.Values{"_csrf": {csrf}, "form": {"auf-not-retention-only"}, "ground": {"NOT-RETENTION-ONLY"}, "system": {h.o.Systems[0].ID}})
	if page.Status != 409 || strings.Count(string(page.Body), "Entscheiden lässt sich nur") < 2 || !strings.Contains(string(page.Body), `href="#ausnahmen"`) {
		t.Errorf("got %d, or the sentence stands not at the form", page.Status)
	}
	if len(h.calls) > 0 {
		t.Errorf("done: %v", h.calls)
	}
}

func TestSearchingForAGround(t *testing.T) {
	tests := []struct {
		name, query string
		says        []string
		form        string
	}{
		{"by citation", "§ 12 Abs. 2 Satz 1 Nr. 3 Alt. 2", []string{"Rechte und Freiheiten anderer Personen"}, "auf-nrw-12-2-3b"},
		{"by id", "NRW-12-2-3B", []string{"Rechte und Freiheiten anderer Personen"}, "auf-nrw-12-2-3b"},
		{"in everyday words, for what is no law here", "nur wegen Aufbewahrungspflicht", []string{"Diese Ausnahme steht nur im BDSG.", "Stattdessen:", "Auskunft geben."}, ""},
		{"by the citation of the BDSG", "§ 34 Abs. 1 Nr. 2 Buchst. a BDSG", []string{"Diese Ausnahme steht nur im BDSG."}, ""},
		{"for a ground of another right", "§ 10 Abs. 2 Satz 1 DSG NRW", []string{"begrenzt nicht das Recht „Auskunft“", "Löschung"}, ""},
		{"for nothing there is", "Kaffeemaschine", []string{"Dazu kennt der Katalog nichts."}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newOffice(t).asking(law.Access)
			page := h.desk(t, casefile.Clerk).Get(h.exam(law.Access) + "?q=" + url.QueryEscape(tt.query))
			for _, want := range tt.says {
				if !strings.Contains(page.Text(), want) {
					t.Errorf("the page lacks %q", want)
				}
			}
			if got := strings.Contains(string(page.Body), `id="auf-`); got != (tt.form != "") {
				t.Errorf("a form to take it up: got %t", got)
			}
			if tt.form != "" {
				formOf(t, page, tt.form)
			}
		})
	}
}

func TestSystemsAndTheirFactsAreKnownStepByStep(t *testing.T) {
	h := newOffice(t).asking(law.Erasure)
	b, base, system := h.desk(t, casefile.Clerk), h.exam(law.Erasure), h.o.Systems[1].ID
	if !strings.Contains(b.Get(base).Text(), "Nennen Sie zuerst die Verfahren") {
		t.Error("facts are asked of systems nobody named")
	}
	b.Submit(formOf(t, b.Get(base), "betrifft").With("concerned", system))
	if want := []string{"know " + system}; !slices.Equal(h.calls, want) {
		t.Fatalf("got %v, want %v", h.calls, want)
	}
	form := formOf(t, b.Get(base), "t-"+system).With("norm", "§ 147 Abs. 3 AO").With("until-day", "31").With("until-month", "12").With("until-year", "2032")
	if page := b.Submit(form); page.Status != 303 || page.Header.Get("Location") != base+"#tatsachen" {
		t.Errorf("got %d to %q", page.Status, page.Header.Get("Location"))
	}
	if k := h.exams.known(law.Erasure, system); !k.Concerned || k.Norm != "§ 147 Abs. 3 AO" || k.Until.String() != "2032-12-31" {
		t.Errorf("got %+v", k)
	}
	if text := b.Get(base).Text(); !strings.Contains(text, "nach den Angaben zu diesem Vorgang") {
		t.Error("the ground does not rest on what was entered")
	}
}

func TestTheOutcomeIsComposedAndNobodyChoosesIt(t *testing.T) {
	h := newOffice(t).asking(law.Rectification)
	b, base := h.desk(t, casefile.Clerk), h.exam(law.Rectification)
	h.exams.text(law.Rectification).Exam.Known = []casefile.Known{{System: h.o.Systems[0].ID, Concerned: true}}
	b.Submit(formOf(t, b.Get(base), "voraussetzungen-form").With("a-wrong", "no"))
	page := b.Get(base)
	form := formOf(t, page, "entscheiden")
	if !strings.Contains(page.Text(), "Entscheidung festhalten: abgelehnt") || form.Values.Has("outcome") {
		t.Error("a requirement answered no leads to no refusal, or the outcome can be chosen")
	}
	page = b.Submit(form.With("for_person", "Ihre Angaben stimmen schon."))
	if page.Status != 422 || !strings.Contains(string(page.Body), "Ihre Angaben stimmen schon.") || !strings.Contains(string(page.Body), `id="entscheiden-for_file-error"`) {
		t.Errorf("a refusal without a reason for the file: got %d, or the text is gone", page.Status)
	}
	page = b.Submit(form.With("for_file", "Belege liegen vor."))
	if page.Status != 303 || h.calls[len(h.calls)-1] != "decide rectification" {
		t.Errorf("got %d, %v", page.Status, h.calls)
	}
	h.exams.why = []casefile.Reason{{Key: "case.guard.findings", Args: []string{"n", "2", "names", ""}}}
	h.exams.warnings = []casefile.Reason{{Key: "case.guard.thirty_days"}}
	page = b.Get(base)
	if strings.Contains(page.Text(), "Entscheidung festhalten") || !slices.Contains(page.Links(), h.path()+"#funde") || !strings.Contains(page.Text(), "Bitte beachten") {
		t.Error("something is missing and the right can be decided all the same, or the page does not say what")
	}
}

func TestTheCourtFollowsFromAConfirmedResidence(t *testing.T) {
	tests := []struct{ where, court string }{
		{"Kreis Lippe", "Verwaltungsgericht Minden"}, {"outside", "Verwaltungsgericht Düsseldorf"}, {"unknown", "das Gericht am Sitz der Behörde"},
	}
	for _, tt := range tests {
		t.Run(tt.where, func(t *testing.T) {
			h := newOffice(t).asking(law.Access)
			b := h.desk(t, casefile.Clerk)
			form := formOf(t, b.Get(h.exam(law.Access)), "wohnort-form")
			if form.Values.Get("district") != "" {
				t.Errorf("chosen for us: %s", form.Values.Get("district"))
			}
			if page := b.Submit(form); page.Status != 422 {
				t.Errorf("nothing chosen: got %d", page.Status)
			}
			if page := b.Submit(form.With("district", tt.where)); page.Status != 303 {
				t.Errorf("got %d", page.Status)
			}
			if text := b.Get(h.exam(law.Access)).Text(); !strings.Contains(text, tt.court) || !strings.Contains(text, "VwGO") {
				t.Errorf("the page lacks %q", tt.court)
			}
		})
	}
}

func TestWhoAdvisesReadsAndChangesNothing(t *testing.T) {
	for _, tt := range []struct {
		name  string
		role  casefile.Role
		state casefile.State
		forms bool
	}{
		{"a clerk while it is decided", casefile.Clerk, casefile.Review, true},
		{"an approver while it is decided", casefile.Approver, casefile.Review, true},
		{"a clerk after it was submitted", casefile.Clerk, casefile.Proposed, false},
		{"the officer", casefile.Officer, casefile.Review, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newOffice(t).asking(law.Access)
			h.o.Case.State = tt.state
			h.takenUp(law.Access, "NRW-12-2-3B", h.o.Systems[0].ID)
			body := string(h.desk(t, tt.role).Get(h.exam(law.Access)).Body)
			if got := strings.Contains(body, `action="`+h.exam(law.Access)+`/`); got != tt.forms {
				t.Errorf("forms: got %t, want %t", got, tt.forms)
			}
			if !strings.Contains(body, "Rechte und Freiheiten anderer Personen") {
				t.Error("the page does not show what was examined")
			}
		})
	}
}

func TestARightThatWasNotAskedForHasNoPage(t *testing.T) {
	h := newOffice(t).asking(law.Access)
	b := h.desk(t, casefile.Clerk)
	for _, path := range []string{h.exam(law.Erasure), h.exam("kaffee"), "/desk/vorgang/" + uuid.NewString() + "/recht/access"} {
		if page := b.Get(path); page.Status != 404 {
			t.Errorf("%s: got %d, want 404", path, page.Status)
		}
	}
}

func TestTheTextOfTheLawIsComparedOnce(t *testing.T) {
	h := newOffice(t).asking(law.Access)
	const banner = "ab 1. April 2026 ist noch nicht mit dem Katalog verglichen"
	clerk := h.desk(t, casefile.Clerk)
	if page := clerk.Get("/desk"); !strings.Contains(page.Text(), banner) || !slices.Contains(page.Links(), "/desk/verzeichnis#gesetz") {
		t.Error("the work list has no banner")
	}
	if page := clerk.Get("/desk/verzeichnis"); strings.Contains(string(page.Body), `action="/desk/verzeichnis/gesetz"`) || !strings.Contains(page.Text(), banner) {
		t.Error("a clerk is asked to confirm, or sees nothing of it")
	}
	officer := h.desk(t, casefile.Officer)
	page := officer.Get("/desk/verzeichnis")
	sum := book.SHA256()
	for _, want := range []string{"Datenschutzgesetz Nordrhein-Westfalen", "31.03.2026", fmt.Sprintf("%x", sum[:4])} {
		if !strings.Contains(page.Text(), want) {
			t.Errorf("the register lacks %q", want)
		}
	}
	if !slices.ContainsFunc(page.Links(), func(l string) bool { return strings.HasPrefix(l, "https://recht.nrw.de/") }) {
		t.Error("nothing leads to the official text")
	}
	if page := officer.Submit(formOf(t, page, "gesetz-form")); page.Status != 303 || !slices.Equal(h.calls, []string{"confirm law"}) {
		t.Fatalf("got %d, %v", page.Status, h.calls)
	}
	if text := officer.Get("/desk/verzeichnis").Text(); !strings.Contains(text, "Dora Rat") || strings.Contains(text, banner) {
		t.Error("the register does not say who compared it")
	}
	for _, path := range []string{"/desk", h.exam(law.Access)} {
		if strings.Contains(clerk.Get(path).Text(), banner) {
			t.Errorf("%s keeps the banner", path)
		}
	}
}

func TestFindingsRestOnGroundsOfTheCatalogue(t *testing.T) {
	h := newOffice(t)
	b, id, system := h.desk(t, casefile.Clerk), h.o.Systems[0].Findings[0].ID.String(), h.o.Systems[0].ID
	page := b.Get(h.path())
	if strings.Contains(string(page.Body), `id="fund-`) {
		t.Error("forms nobody asked for stand on the page")
	}
	ask := h.path() + "?system=" + system + "&seite=1&fund=" + id
	if !slices.Contains(page.Links(), ask+"#record-"+id) {
		t.Fatalf("nothing opens the form: %v", page.Links())
	}
	form := formOf(t, b.Get(ask), "fund-"+id)
	body := string(b.Get(ask).Body)
	for want, there := range map[string]bool{"NRW-12-2-3B": true, "EU-15-4": true, "NRW-10-2": false, "BDSG-34-1-2A": false, "NRW-12-3-TO": true} {
		if strings.Contains(body, `<option value="`+want+`"`) != there {
			t.Errorf("%s offered: want %t", want, there)
		}
	}
	page = b.Submit(form.With("verdict", "withhold").With("ground", "NRW-12-2-3B").With("for_person", "Rechte anderer").With("for_file", "Abwägung"))
	if page.Status != 303 || h.decision.Ground != "NRW-12-2-3B" {
		t.Errorf("got %d, ground %q", page.Status, h.decision.Ground)
	}
}

func TestTheDeskInEnglishCitesInEnglish(t *testing.T) {
	h := newOffice(t).asking(law.Access)
	h.takenUp(law.Access, "NRW-12-2-3B", h.o.Systems[0].ID)
	b := h.desk(t, casefile.Clerk)
	b.Get("/desk?lang=en")
	text := b.Get(h.exam(law.Access) + "?lang=en").Text()
	for _, want := range []string{"Art. 15 GDPR", "§ 12(2) sentence 1 no. 3 alternative 2 DSG NRW", "awaits answers", "Examine a ground"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if i := strings.Index(text, "DSGVO"); i >= 0 {
		t.Errorf("German on an English page: %q", text[max(0, i-60):i+5])
	}
}

func TestWhatAnApplicantWroteIsShownAsTextOnly(t *testing.T) {
	h := newOffice(t).asking(law.Access)
	h.takenUp(law.Access, "NRW-12-2-3B", h.o.Systems[0].ID)
	h.exams.texts[law.Access].Exam.Claims[0].ForPerson = person.NewText("<script>alert(1)</script>")
	if body := string(h.desk(t, casefile.Officer).Get(h.exam(law.Access)).Body); strings.Contains(body, "<script>alert") || !strings.Contains(body, "&lt;script&gt;alert") {
		t.Error("a text is markup, or missing")
	}
}

// formOf finds a form of the page by its id; several have the same action.
func formOf(t *testing.T, p *webtest.Page, id string) webtest.Form {
	t.Helper()
	doc, err := html.Parse(bytes.NewReader(p.Body))
	if err != nil {
		t.Fatal(err)
	}
	for n := range doc.Descendants() {
		if n.Data == "form" && slices.Contains(n.Attr, html.Attribute{Key: "id", Val: id}) {
			n.Parent.RemoveChild(n)
			alone := *p
			alone.Doc = &html.Node{Type: html.DocumentNode}
			alone.Doc.AppendChild(n)
			return alone.Form("")
		}
	}
	t.Fatalf("%s (status %d) shows no form %q", p.Path, p.Status, id)
	return webtest.Form{}
}
