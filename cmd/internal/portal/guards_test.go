package portal_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"einsicht/cmd/internal/portal/portaltest"
	"einsicht/internal/casefile"
	"einsicht/internal/disclosure"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/problem"
	"einsicht/internal/procedure/review"
)

// TestAClerkIsStoppedWithAClearSentence goes the way of a case in which something
// is kept back, and does each thing too early once.
func TestAClerkIsStoppedWithAClearSentence(t *testing.T) {
	t.Parallel()
	h := portaltest.Start(t, portaltest.Options{Own: true})
	w := portaltest.NewWork(t, h, "stk-nrw")
	erika := h.Landscape.Person("erika")
	w.Plant(t, erika, 2, 13)
	id := w.Submit(t, w.Application(erika)).Case
	w.Gather(t, id)
	w.ProveEmail(t, id, erika.Email)
	w.VerifyByFacts(t, id)
	w.DecideAll(t, id)
	w.ConfirmAll(t, id)
	found := given(t, w, id)[onTask]
	decide := func(d disclosure.Decision) error {
		return h.Steps.Review.DecideFindings(ctx, w.Clerk, id, found[:1], d, h.Now())
	}
	decideRight := func() error {
		return h.Steps.Review.DecideRight(ctx, w.Clerk, id, law.Access, said, h.Now())
	}

	for name, c := range map[string]struct {
		change func(*disclosure.Decision)
		field  string
		key    string
	}{
		"no ground":                      {func(d *disclosure.Decision) { d.Ground = "" }, "ground", "case.exam.ground_needed"},
		"a ground nobody knows":          {func(d *disclosure.Decision) { d.Ground = "NRW-99" }, "ground", "case.exam.no_such_ground"},
		"a ground copied from the BDSG":  {func(d *disclosure.Decision) { d.Ground = "NOT-RETENTION-ONLY" }, "ground", "case.exam.unavailable_here"},
		"a ground of another law":        {func(d *disclosure.Decision) { d.Ground = "BDSG-29-1" }, "ground", "case.exam.not_this_regime"},
		"a ground whose text is missing": {func(d *disclosure.Decision) { d.Ground = "NI-9" }, "ground", "case.exam.unavailable_here"},
		"a ground against another right": {func(d *disclosure.Decision) { d.Ground = "NRW-14-A" }, "ground", "case.exam.not_this_right"},
		"a ground against a request":     {func(d *disclosure.Decision) { d.Ground = "EU-12-5-REFUSE" }, "system", "case.exam.not_this_system"},
		"a question is no ground":        {func(d *disclosure.Decision) { d.Ground = "NRW-12-1-S1" }, "", ""},
		"silence that nothing allows":    {func(d *disclosure.Decision) { d.Ground, d.SilentReason = "EU-15-4", text("lieber nicht") }, "silent", "case.exam.no_silence"},
		"secrecy that nothing allows":    {func(d *disclosure.Decision) { d.SecretFact = true }, "secret", "case.exam.no_secret"},
		"a field kept back on no ground": {func(d *disclosure.Decision) {
			d.Verdict, d.Ground, d.Fields = disclosure.Give, "", map[string]disclosure.FieldVerdict{"x": {BlackOut: true}}
		}, "ground", "case.exam.ground_needed"},
		"no note for the file (12(4) s2)": {func(d *disclosure.Decision) { d.ForFile = text("") }, "for_file", "letter.decision.for_file_missing"},
	} {
		d := disclosure.Decision{Verdict: disclosure.Withhold, Ground: "NRW-12-2-1", ForFile: text("Az. 1"), ForPerson: text("Ein Verfahren läuft.")}
		c.change(&d)
		err := decide(d)
		if !errors.Is(err, problem.Invalid) || c.field != "" && keyOf(err, c.field) != c.key {
			t.Errorf("%s: got %v with %q, want it invalid with %s", name, err, keyOf(err, c.field), c.key)
		}
	}
	var unavailable *review.Unavailable
	if err := decide(disclosure.Decision{Verdict: disclosure.Withhold, Ground: "NOT-RETENTION-ONLY", ForFile: text("x"), ForPerson: text("x")}); !errors.As(err, &unavailable) ||
		!strings.Contains(unavailable.Refusal.Reason.DE, "BDSG") || unavailable.Refusal.Reason.EN == "" {
		t.Errorf("got %v, want the reason why there is no such ground, in both languages", err)
	}

	kept := disclosure.Decision{Verdict: disclosure.Withhold, Ground: "NRW-12-2-1", ForFile: text("Az. 1"), ForPerson: text("Ein Verfahren läuft.")}
	if err := decide(kept); err != nil {
		t.Fatal(err)
	}
	wantReason(t, "a ground nobody answered for", decideRight(), "case.exam.ground_open")
	refused(t, h, w, id, "case.exam.ground_open")
	w.Answer(t, id, law.Access, "NRW-12-2-1", onTask, "proceeding", true)
	w.Answer(t, id, law.Access, "NRW-12-2-1", onTask, "necessary", false)
	wantReason(t, "a condition that is not met", decideRight(), "case.exam.ground_fails")
	refused(t, h, w, id, "case.exam.ground_fails")
	w.Answer(t, id, law.Access, "NRW-12-2-1", onTask, "necessary", true)
	wantReason(t, "discretion nobody exercised", decideRight(), "case.exam.ground_open")
	w.Answer(t, id, law.Access, "NRW-12-2-1", onTask, "discretion", true)
	wantReason(t, "no day to look again", decideRight(), "case.exam.look_again")
	claim := casefile.Claim{Ground: "NRW-12-2-1", System: onTask, LookAgain: calendar.DateOf(h.Now())}
	takeUp := func() error { return h.Steps.Review.TakeUp(ctx, w.Clerk, id, law.Access, claim, h.Now()) }
	if err := takeUp(); fieldOf(err) != "look_again" {
		t.Errorf("looked at again today: got %v, want a day that is still to come", err)
	}
	claim.LookAgain = claim.LookAgain.AddDays(30)
	if err := takeUp(); err != nil {
		t.Fatal(err)
	}
	wantReason(t, "no reasons for the person", decideRight(), "case.exam.for_person")
	wantReason(t, "no note for the file", decideRight(), "case.exam.for_file")
	claim.ForPerson, claim.ForFile = text("Ein Verfahren läuft."), text("Az. 1")
	if err := takeUp(); err != nil {
		t.Fatal(err)
	}
	if err := h.Steps.Review.Drop(ctx, w.Clerk, id, law.Access, "NRW-12-2-1", onTask, h.Now()); !errors.Is(err, problem.Conflict) {
		t.Errorf("a ground that a finding rests on is dropped: got %v, want a conflict", err)
	}
	if err := h.Steps.Review.DecideRight(ctx, w.Clerk, id, law.Access, casefile.RightText{ForFile: text("x"), Silent: text("lieber nicht")}, h.Now()); keyOf(err, "silent") != "case.exam.no_silence" {
		t.Errorf("silent without a word of law: got %v", err)
	}
	if err := decideRight(); err != nil {
		t.Fatalf("all is said: %v %v", err, portaltest.ReasonsOf(err))
	}

	refused(t, h, w, id, "case.guard.law")
	if must, _, err := h.Steps.Review.LawBanner(ctx, w.Clerk, h.Now()); err != nil || !must {
		t.Errorf("got must %t, %v, want the text to be compared", must, err)
	}
	if err := h.Steps.Review.ConfirmLaw(ctx, w.Clerk, h.Now()); !errors.Is(err, problem.Forbidden) {
		t.Errorf("a clerk confirms the law: got %v, want forbidden", err)
	}
	if by := w.ConfirmLaw(t); by.By != w.Officer.ID {
		t.Errorf("got %s, want who confirmed it", by.By)
	}
	refused(t, h, w, id, "case.guard.residence")
	for name, r := range map[string]casefile.Residence{
		"nothing": {}, "two things": {District: "Stadt Köln", Unknown: true}, "a Kreis that is none": {District: "Kreis Entenhausen"}, "one in another Land": {District: "Landkreis Hildesheim"},
	} {
		if err := h.Steps.Review.Reside(ctx, w.Clerk, id, r, h.Now()); fieldOf(err) != "district" {
			t.Errorf("%s: got %v, want it refused", name, err)
		}
	}
	w.Reside(t, id, casefile.Residence{District: "Kreis Lippe"})

	// Another matter comes to light after the decision.
	if _, err := h.Landscape.Plant(ctx, onTask, erika.ID, 1, 17); err != nil {
		t.Fatal(err)
	}
	w.Gather(t, id)
	refused(t, h, w, id, "case.guard.stale")
	w.DecideAll(t, id)
	w.Decide(t, id, found[:1], kept)
	if o := w.Open(t, id); o.Rights[0].Outcome != casefile.Undecided || !slices.ContainsFunc(o.History, func(e review.Happened) bool {
		return e.Kind == casefile.NoteExamined && strings.Contains(e.Text.ForFile.Reveal(), "wieder offen")
	}) {
		t.Errorf("got %s after a finding changed, want it open again and a note that says so", o.Rights[0].Outcome)
	}
	w.Weigh(t, id, law.Access)
	w.Grant(t, id)
	w.Release(t, id)
	w.WaitForPackage(t, id)
	letter := strings.ReplaceAll(string(w.Fetch(t, id)["Auskunft.html"]), "\u00a0", " ")
	for _, want := range []string{"§ 12 Abs. 2 Satz 1 Nr. 1 DSG NRW", "Verwaltungsgericht Köln"} {
		if !strings.Contains(letter, want) {
			t.Errorf("the letter lacks %q", want)
		}
	}
	if strings.Contains(letter, "Az. 1") {
		t.Error("the letter shows a note to the file")
	}
}

func TestAFieldOfSomebodyElseIsWeighedOnceForASystem(t *testing.T) {
	t.Parallel()
	h := portaltest.Start(t, portaltest.Options{Own: true})
	w := portaltest.NewWork(t, h, "it-nrw")
	erika := h.Landscape.Person("erika")
	w.Plant(t, erika, 3, 19)
	id := w.Submit(t, w.Application(erika)).Case
	w.Gather(t, id)
	w.ProveEmail(t, id, erika.Email)
	w.VerifyByFacts(t, id)
	w.Gather(t, id)
	w.DecideAll(t, id)
	marked := map[string]int{}
	for _, s := range w.Open(t, id).Systems {
		for _, f := range s.Findings {
			for _, field := range f.Record.Fields {
				if field.ThirdParty && f.Decision.Verdict == disclosure.Give {
					marked[s.ID]++
				}
			}
		}
	}
	if len(marked) == 0 {
		t.Fatal("no field of anybody else: this checks nothing")
	}
	wantReason(t, "marks nobody weighed", h.Steps.Review.DecideRight(ctx, w.Clerk, id, law.Access, said, h.Now()), "case.exam.ground_open")
	for system := range maps.Keys(marked) {
		w.Hold(t, id, law.Access, "EU-15-4", system)
	}
	if got := w.Grant(t, id); got != casefile.PartlyGranted {
		t.Errorf("fields of others are blacked out: got %s, want partly granted", got)
	}
}

func TestAnswersToNoQuestionAreRefused(t *testing.T) {
	t.Parallel()
	h := portaltest.Start(t, portaltest.Options{Own: true})
	w := portaltest.NewWork(t, h, "stk-nrw")
	id := submit(t, h, w, law.Access, law.Erasure)
	for name, a := range map[string]casefile.Answer{
		"a condition that is none":          {Ground: "NRW-12-2-1", System: onTask, Condition: "x"},
		"silence where none is allowed":     {Ground: "EU-15-4", System: onTask, Condition: "reasons"},
		"secrecy where none is allowed":     {Ground: "NRW-12-2-1", System: onTask, Condition: "secret-fact"},
		"a system that is none":             {Ground: "NRW-12-2-1", System: "x", Condition: "proceeding"},
		"a right without such a question":   {Ground: "access", Condition: "ground"},
		"a ground that limits other rights": {Ground: "NRW-14-A", System: onTask, Condition: "interest"},
	} {
		if err := h.Steps.Review.Answer(ctx, w.Clerk, id, law.Access, []casefile.Answer{a}, h.Now()); !errors.Is(err, problem.Invalid) {
			t.Errorf("%s: got %v, want invalid", name, err)
		}
	}
	if err := h.Steps.Review.Answer(ctx, w.Officer, id, law.Access, nil, h.Now()); !errors.Is(err, problem.Forbidden) {
		t.Errorf("the data protection officer answers: got %v, want forbidden", err)
	}
	if _, err := h.Steps.Review.Examine(ctx, w.Clerk, id, law.Objection, h.Now()); !errors.Is(err, problem.NotFound) {
		t.Errorf("a right nobody asked for: got %v, want not found", err)
	}
	e := w.Examine(t, id, law.Access)
	for name, ok := range map[string]bool{
		"a ground at its systems": slices.ContainsFunc(e.Grounds, func(a review.Available) bool {
			return a.Ground.ID == "NRW-12-2-1" && slices.Contains(a.Systems, onTask)
		}),
		"a ground about the request": slices.ContainsFunc(e.Grounds, func(a review.Available) bool { return a.Ground.ID == "EU-12-5-REFUSE" && a.Systems == nil }),
		"no ground of another regime": !slices.ContainsFunc(e.Grounds, func(a review.Available) bool {
			return strings.HasPrefix(a.Ground.ID, "BDSG") || strings.HasPrefix(a.Ground.ID, "NI-")
		}),
		"what is looked for in vain": len(e.Absent) > 0,
	} {
		if !ok {
			t.Errorf("examined: want %s", name)
		}
	}
}

func wantReason(t *testing.T, what string, err error, want string) {
	t.Helper()
	if reasons := portaltest.ReasonsOf(err); !slices.Contains(reasons, want) {
		t.Errorf("%s: got %v, want %s", what, err, want)
	}
}

// keyOf gives the sentence at a field.
func keyOf(err error, field string) string {
	var p *problem.Error
	if !errors.As(err, &p) {
		return ""
	}
	return p.Fields[field]
}

func fieldOf(err error) string {
	var p *problem.Error
	if !errors.As(err, &p) {
		return ""
	}
	for field := range p.Fields {
		return field
	}
	return ""
}
