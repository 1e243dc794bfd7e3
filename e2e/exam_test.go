package e2e

import (
	"slices"
	"strings"
	"testing"
	"time"

	"einsicht/internal/landscape"
	"einsicht/internal/law"
)

// TestACaseOfEveryRightIsStoppedExtendedLimitedDecidedAndRead walks one request
// for all rights through everything the clock and the law allow.
func TestACaseOfEveryRightIsStoppedExtendedLimitedDecidedAndRead(t *testing.T) {
	t.Parallel()
	const authority = "stk-nrw"
	person := newSession(t, "person")
	f := person.fileFor(authority, everythingOf(house.Landscape.Person(landscape.JuergenSz)), nothing, law.Rights...)
	at := newSession(t, clerk)
	at.signIn(authority, clerk)
	path := at.openCase(f)

	for _, ask := range []struct{ form, about, reasons string }{
		{"fragen", "identity", "fragen-doubts"},
		{"praezisieren", "clarification", "praezisieren-reasons"},
	} {
		at.write(ask.reasons, "Zu diesem Namen gibt es viele Datensätze.")
		at.write(ask.form+"-question", "Bitte nennen Sie Ihr letztes Kundenzeichen ("+ask.about+").")
		at.send("#" + ask.form)
		if got, want := at.text("#frist"), say("desk.waits."+ask.about); !strings.Contains(got, want) {
			t.Fatalf("%s: asked: got %q, want the clock to rest: %q\n%s", ask.about, got, want, at.text("#errors"))
		}
		if at.has("#fragen") || at.has("#praezisieren") || !at.has("#antwort") {
			t.Errorf("%s: while the clock rests, staff are to wait for the answer and can ask nothing else", ask.about)
		}
		person.enter(authority, f)
		person.open("/" + authority + "/vorgang")
		if got := person.text("#offen"); !strings.Contains(got, "Kundenzeichen ("+ask.about+")") {
			t.Errorf("%s: the person reads %q, want the question", ask.about, got)
		}
		if got, want := person.text("#schreiben li"), say("citizen.letter.open"); !strings.Contains(got, want) {
			t.Errorf("%s: the first letter says %q, want %q", ask.about, got, want)
		}
		at.send("#antwort")
		if got, want := at.text("#frist"), say("desk.waits."+ask.about); strings.Contains(got, want) {
			t.Errorf("%s: answered, and the clock still rests: %q", ask.about, got)
		}
	}

	before := at.due()
	at.write("verlaengern-reasons", "Sehr viele Verfahren sind betroffen.")
	at.send("#verlaengern")
	if got := at.due(); got == before || at.has("#verlaengern") {
		t.Errorf("extended: due %q before and %q after; extending again offered: %t\n%s", before, got, at.has("#verlaengern"), at.text("#errors"))
	}

	at.gather(false)
	at.verifyByFacts()
	at.decideFindings()
	held := at.systems()
	dpo := newSession(t, officer)
	dpo.signIn(authority, officer)
	dpo.confirmRegister()

	at.limit(path, held)
	got := map[law.Right]string{}
	for _, right := range law.Rights {
		got[right] = at.decideRight(path, right)
	}
	partly := "partly-granted"
	for right, want := range map[law.Right][]string{
		law.Rectification: {"refused"}, law.Notification: {"refused"}, law.Restriction: {"granted"},
		law.Erasure: {partly}, law.Objection: {partly, "refused"}, law.Access: {"granted", partly},
		law.Portability: {partly, "refused"}, law.ConsentWithdrawal: {partly, "refused"},
	} {
		if !slices.ContainsFunc(want, func(o string) bool { return got[right] == say("case.outcome."+o) }) {
			t.Errorf("%s: got %q, want one of %v", right, got[right], want)
		}
	}
	at.plan(path)
	at.open(path)
	at.press("#entscheidung", say("desk.answer.draft.see"))
	at.says("#vorschau", say("letter.missing.unfinished", "right", say("case.right.erasure")))
	at.silent("#vorschau", plain(literal("letter.missing.undone")))
	at.says("#vorschau", "§ 147 Abs. 3 AO")
	at.open(path)
	at.nextStep(say("desk.do.vorlegen"))
	carryOut(t, authority, path, at)
	at.rightPage(path, law.Erasure)
	if !strings.Contains(at.text("main"), say("exam.closed")) || at.has("#entscheiden") || at.has("#gepruefte form") {
		t.Errorf("the answer is out, and the right can still be examined\n%s", at.text("main"))
	}
	at.everyLook()

	person.open("/" + authority + "/vorgang")
	for _, kind := range []string{"receipt", "identity-question", "resumed", "clarification-question", "extension"} {
		if got, want := person.text("#schreiben"), say("citizen.letter."+kind); !strings.Contains(got, want) {
			t.Errorf("the person's letters: got %q, want %q among them", got, want)
		}
	}
	answer := letterIn(t, person.download("#antwort", person.text("#antwort .kern-btn")))
	for _, right := range law.Rights {
		if !strings.Contains(answer, right.Article()) {
			t.Errorf("the answer does not speak of %s", right.Article())
		}
	}
	for _, said := range []string{"§ 147 Abs. 3 AO", "Verwaltungsgericht Köln", "Die Aufgabe erfordert die Daten."} {
		if !strings.Contains(answer, said) {
			t.Errorf("the answer does not say %q", said)
		}
	}
	at.readLetter(path, "Sehr viele Verfahren sind betroffen.", "extension")
	person.open("/" + authority + "/vorgang")
	person.press("#schreiben", ask[string](person, `[...document.querySelectorAll('#schreiben li')].find(l => l.textContent.includes(%s)).querySelector('a').textContent.trim()`, say("citizen.letter.extension")))
	if got := person.text("#wortlaut"); !strings.Contains(got, "Sehr viele Verfahren sind betroffen.") {
		t.Errorf("the letter of extension: got %q, want the reasons in it", got)
	}
}

// limit answers what the rights ask besides grounds that the register brings up,
// and takes up a ground against erasure and one against objection.
func (s *session) limit(path string, held []string) {
	s.t.Helper()
	for _, q := range []struct {
		right          law.Right
		question, said string
	}{
		{law.Rectification, "wrong", "no"}, {law.Erasure, "ground", "yes"}, {law.Restriction, "case", "yes"}, {law.Notification, "changed", "no"}, {law.Objection, "situation", "yes"},
	} {
		s.rightPage(path, q.right)
		s.pick("#voraussetzungen-form", "a-"+q.question, q.said)
		s.send("#voraussetzungen-form")
	}

	s.rightPage(path, law.Erasure)
	facts := "t-" + held[0]
	s.write(facts+"-norm", "§ 147 Abs. 3 AO")
	s.writeDate(facts+"-until", time.Now().AddDate(3, 0, 0))
	s.send("#" + facts)
	s.holds("EU-17-3b-DUTY", held[0])

	s.rightPage(path, law.Objection)
	free := slices.IndexFunc(held, func(system string) bool { return !s.has("#" + placeOf("EU-21-1-BASIS", system)) })
	if free < 0 {
		s.t.Fatalf("%s: nothing found in a public task: this checks nothing", s.name)
	}
	s.takeUp("EU-21-1-GROUNDS", held[free])
	s.examine(groundForm("EU-21-1-GROUNDS", held[free]))
	s.holds("EU-21-1-GROUNDS", held[free])
}

func (s *session) rightPage(path string, right law.Right) {
	s.t.Helper()
	s.open(path + "/recht/" + string(right))
}

// groundForm names the form of a ground at a system, as the page does; placeOf
// the place it stands in.
func groundForm(ground, system string) string { return "g-" + strings.ToLower(ground) + "-" + system }
func placeOf(ground, system string) string    { return groundForm(ground, system) + "-place" }

// takeUp takes up a ground at a system.
func (s *session) takeUp(ground, system string) {
	s.t.Helper()
	form := "#auf-" + strings.ToLower(ground)
	s.pick(form, "system", system)
	s.send(form)
	if !s.has("#" + placeOf(ground, system)) {
		s.t.Fatalf("%s: %s was not taken up at %s\n%s\n%s", s.name, ground, system, s.text("#errors"), s.text("#gepruefte"))
	}
}

// holds says that a ground holds where it stands.
func (s *session) holds(ground, system string) {
	s.t.Helper()
	if got, want := s.text("#"+placeOf(ground, system)+" .ein-tags"), say("exam.standing.holds"); got != want {
		s.t.Fatalf("%s: %s at %s: got %q, want %q\n%s\n%s", s.name, ground, system, got, want, s.text("#errors"), s.text("#gepruefte"))
	}
}

// examine answers all conditions of a ground with yes, but not whether reasons or
// the fact itself stay secret, and writes what has to be written.
func (s *session) examine(form string) {
	s.t.Helper()
	for _, name := range ask[[]string](s, `[...new Set([...document.querySelectorAll('#' + %s + ' input[type=radio]')].map(r => r.name))]`, form) {
		if name != "a-reasons" && name != "a-secret-fact" {
			s.pick("#"+form, name, "yes")
		}
	}
	s.write(form+"-for_person", "Die Aufgabe erfordert die Daten.")
	s.write(form+"-for_file", "Geprüft am Datensatz, Abwägung auf Blatt 3.")
	if s.has("#" + form + "-look_again") {
		s.writeDate(form+"-look_again", time.Now().AddDate(1, 0, 0))
	}
	s.send("#" + form)
	if s.has("#errors") {
		s.t.Fatalf("%s: the examination was refused\n%s", s.name, s.text("#errors"))
	}
}

// decideRight answers what is open about the grounds of a right, says where the
// person lives, and decides what follows. It gives the outcome in words.
func (s *session) decideRight(path string, right law.Right) string {
	s.t.Helper()
	s.rightPage(path, right)
	for n := 0; ; n++ {
		open := ask[string](s, `([...document.querySelectorAll('#gepruefte form[action$="/pruefen"]')].find(f =>
			[...f.querySelectorAll('input[type=radio]')].some(r => !/^a-(reasons|secret-fact)$/.test(r.name) && !f.querySelector('[name="' + r.name + '"]:checked'))
		)?.id ?? '')`)
		if open == "" {
			break
		}
		if n > 30 {
			s.t.Fatalf("%s: %s: questions stay open\n%s", s.name, right, s.text("#gepruefte"))
		}
		s.examine(open)
	}
	s.reside("Stadt Köln")
	if !s.has("#entscheiden") {
		s.t.Fatalf("%s: %s: nothing to decide\n%s", s.name, right, s.text("#ergebnis"))
	}
	s.write("entscheiden-for_person", "So haben wir über Ihren Antrag entschieden.")
	s.write("entscheiden-for_file", "Geprüft wie vermerkt.")
	s.send("#entscheiden")
	if s.has("#errors") || !strings.Contains(s.text("#ergebnis"), say("exam.decided")) {
		s.t.Fatalf("%s: %s was not decided\n%s\n%s", s.name, right, s.text("#errors"), s.text("#ergebnis"))
	}
	return s.text("#ergebnis .ein-tags")
}

// reside confirms where the person lives, unless somebody did or it does not
// matter.
func (s *session) reside(district string) {
	s.t.Helper()
	if s.has("#wohnort-form") && ask[string](s, `document.querySelector('#wohnort-form select').value`) == "" {
		s.choose("#wohnort-form", say("exam.residence.district"), district)
		s.send("#wohnort-form")
	}
}

// due is until when the case has to be answered, as its page says.
func (s *session) due() string { return s.text(".ein-casehead__facts") }

// readLetter opens a letter of a kind from the case at the desk.
func (s *session) readLetter(path, want, kind string) {
	s.t.Helper()
	s.open(path)
	s.open(ask[string](s, `[...document.querySelectorAll('#schreiben tbody tr')].find(r => r.textContent.includes(%s)).querySelector('a').getAttribute('href')`, say("letters.kind."+kind)))
	if got := s.text("#vorschau"); !strings.Contains(got, want) {
		s.t.Errorf("%s: the letter (%s): got %q, want %q in it", s.name, kind, got, want)
	}
}
