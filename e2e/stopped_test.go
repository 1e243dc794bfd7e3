package e2e

import (
	"strings"
	"testing"
	"time"

	"einsicht/internal/landscape"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/catalogue"
)

// TestStaffAreStoppedWithAClearSentence does in one case after the other what the
// law does not allow, on the page and, where the page does not offer it, by hand.
// In each place stands the sentence that says why.
func TestStaffAreStoppedWithAClearSentence(t *testing.T) {
	t.Parallel()
	const (
		authority = "mhkbd-it-fortbildung" // nobody else here compares its law

		database, registrations = "mhkbd-registrations", "Anmeldungen zu Veranstaltungen"
		logs                    = "mhkbd-log-tapes"
	)
	person := newSession(t, "person")
	nobody := everythingOf(house.Landscape.Person(landscape.Nobody))
	nobody.account = "" // neither form asks for one
	written := person.fileFor(authority, nobody, nothing, law.Erasure, law.Objection)
	wanted := person.fileFor(authority, nobody, nothing, law.Access, law.Portability)
	elsewhere := person.fileFor("nlq", nobody, nothing, law.Access)
	servant := person.fileFor("nlq", nobody, nothing, law.Erasure)

	at := newSession(t, clerk)
	at.signIn(authority, clerk)
	dpo := newSession(t, officer)
	dpo.signIn(authority, officer)
	decider := newSession(t, approver)
	decider.signIn(authority, approver)
	path := at.openCase(written)
	erasure := path + "/recht/erasure"
	step := func(name string, do func()) {
		t.Run(name, func(t *testing.T) {
			at.t, dpo.t, decider.t = t, t, t
			do()
		})
		at.t, dpo.t, decider.t = t, t, t
	}

	step("proposing before each right is decided", func() {
		at.open(path)
		at.says(".ein-next", literal("case.guard.rights"))
		at.byHand(path, "/vorlegen", literal("case.guard.rights"))
	})
	step("asking what somebody means who wants no access", func() {
		at.open(path)
		at.lacks("#praezisieren")
		at.byHand(path, "/praezisieren", say("correspondence.clarify.access_only"), "form", "praezisieren", "reasons", "Es ist viel.", "question", "Was genau?")
		at.open(path + "/schreiben/neu")
		at.says("main", say("correspondence.not.access"))
	})
	step("extending without reasons", func() {
		at.open(path)
		at.expectFailure(path + "/verlaengern")
		at.send("#verlaengern")
		at.says("#errors", say("desk.error.extend_reasons"))
		at.everyLook()
	})
	step("extending by a notice that arrives after month one", func() {
		at.open(path)
		at.write("verlaengern-reasons", "Sehr viele Verfahren sind betroffen.")
		at.writeDate("verlaengern-on", time.Now().AddDate(0, 2, 0))
		at.expectFailure(path + "/verlaengern")
		at.send("#verlaengern")
		at.says("#errors", say("case.clock.extend_late"))
	})
	step("deciding before it is said which systems the request is about", func() {
		at.open(erasure)
		at.pick("#voraussetzungen-form", "a-ground", "yes")
		at.send("#voraussetzungen-form")
		at.lacks("#entscheiden")
		at.says("#ergebnis", say("case.exam.systems"))
		at.byHand(erasure, "/entscheiden", say("case.exam.systems"), "form", "entscheiden", "for_person", "Nein.", "for_file", "Nein.")
		at.open(erasure)
		at.pick("#betrifft", "concerned", database)
		at.send("#betrifft")
	})
	step("restriction instead of erasure in a database", func() {
		at.takeUp("NRW-10-2", database)
		at.says("#"+placeOf("NRW-10-2", database), say("exam.standing.fails"))
		at.says("#"+placeOf("NRW-10-2", database), say("exam.standing.because", "text", groundOf(at.t, "NRW-10-2").Conditions[0].DE))
		at.says("#ergebnis", say("case.exam.ground_fails", "ground", "§ 10 Abs. 2 Satz 1 DSG NRW", "names", registrations))
		at.lacks("#entscheiden")
		at.byHand(erasure, "/entscheiden", literal("case.exam.ground_fails"), "form", "entscheiden", "for_person", "Wir schränken ein.", "for_file", "Blatt 3.")
		at.everyLook()
		at.open(erasure)
		at.send("#streichen-" + groundForm("NRW-10-2", database))
	})
	step("restriction instead of erasure to protect the person", func() {
		absent := absentOf(at.t, "NOT-RESTRICT-TO-PROTECT")
		at.lookUp(erasure, "Sperrung statt Löschung")
		at.says("#ausnahmen", absent.Reason.DE)
		at.byHand(erasure, "/aufgreifen", say("case.exam.unavailable_here"), "form", "auf-not-restrict-to-protect", "ground", absent.ID, "system", database)
		at.says("#ausnahmen", absent.Reason.DE)
		at.everyLook()
	})
	step("proposing while a condition is open", func() {
		at.open(erasure)
		at.takeUp("NRW-10-1-A", database)
		archive := groundOf(at.t, "NRW-10-1-A")
		open := say("case.exam.ground_open", "ground", archive.Citation, "names", registrations, "n", "3")
		at.says("#ergebnis", say("exam.missing.question_at", "system", registrations, "text", archive.Conditions[0].DE))
		at.lacks("#entscheiden")
		at.byHand(erasure, "/entscheiden", open, "form", "entscheiden", "for_person", "Später.", "for_file", "Blatt 3.")
		at.open(path)
		at.says(".ein-next", open)
		at.byHand(path, "/vorlegen", open)
	})
	step("withholding the reasons under § 10 DSG NRW", func() {
		at.open(erasure)
		at.lacks("#gepruefte [name=a-reasons]")
		at.examine(groundForm("NRW-10-1-A", database))
		at.holds("NRW-10-1-A", database)
		at.lacks("#entscheiden-silent")
		at.byHand(erasure, "/entscheiden", say("case.exam.no_silence"), "form", "entscheiden", "for_person", "Das Archiv entscheidet.", "for_file", "Blatt 3.", "silent", "Das soll niemand wissen.")
		at.says("#"+placeOf("NRW-10-1-A", database), say("exam.standing.holds"))
	})
	step("proposing while nobody compared the law, nobody knows the court, and nobody knows who asks", func() {
		at.open(erasure)
		at.write("entscheiden-for_person", "Das Archiv entscheidet.")
		at.write("entscheiden-for_file", "Blatt 3.")
		at.send("#entscheiden")
		decider.open(path + "/recht/objection")
		decider.pick("#voraussetzungen-form", "a-situation", "yes")
		decider.send("#voraussetzungen-form")
		decider.pick("#betrifft", "concerned", database)
		decider.send("#betrifft")
		decider.holds("EU-21-1-BASIS", database)
		decider.write("entscheiden-for_person", "Sie können die Einwilligung widerrufen.")
		decider.write("entscheiden-for_file", "Blatt 4.")
		decider.send("#entscheiden")
		for _, want := range []string{literal("case.guard.law"), literal("case.guard.residence"), literal("case.guard.person")} {
			at.open(path)
			at.says(".ein-next", want)
			at.byHand(path, "/vorlegen", want)
		}
		at.open(path)
		at.verifyNext()
		at.silent(".ein-next", literal("case.guard.person"))
	})
	step("the banner, until the officer has compared the law once", func() {
		banner := say("exam.law.open.NW")
		for _, page := range []string{"/desk", erasure, "/desk/verzeichnis"} {
			at.open(page)
			at.says("main", banner)
		}
		at.lacks("#gesetz-form")
		at.byHand("/desk/verzeichnis", "/gesetz", literal("permission.refused"), "form", "gesetz")
		dpo.open("/desk/verzeichnis")
		dpo.everyLook()
		dpo.send("#gesetz-form")
		dpo.says("#gesetz", say("exam.law.done.text"))
		for _, page := range []string{"/desk", erasure, "/desk/verzeichnis"} {
			at.open(page)
			at.silent("main", banner)
		}
		at.open(path)
		at.silent(".ein-next", literal("case.guard.law"))
	})
	step("a refusal without the court still, until somebody says where the person lives", func() {
		at.open(path)
		at.says(".ein-next", literal("case.guard.residence"))
		at.lacks("#naechster-schritt")
		at.open(erasure)
		at.expectFailure(erasure + "/wohnort")
		at.send("#wohnort-form")
		at.says("#errors", say("exam.error.district"))
		at.open(erasure)
		at.reside("Stadt Münster")
		at.says("#wohnort", "Verwaltungsgericht Münster")
	})
	step("proposing an erasure that nobody has planned", func() {
		at.open(path)
		at.says(".ein-next", literal("case.guard.plan_missing"))
		at.lacks("#naechster-schritt")
		at.plan(path)
		at.open(path)
		at.nextStep(say("desk.do.vorlegen"))
	})
	step("releasing what one decided in part", func() {
		decider.open(path)
		decider.says(".ein-next", say("case.guard.second_person"))
		decider.lacks("#naechster-schritt")
		decider.byHand(path, "/freigeben", say("case.guard.second_person"))
	})
	step("deciding once it waits for release", func() {
		at.open(erasure)
		at.says("main", say("exam.closed"))
		at.byHand(erasure, "/fragen", say("case.not_deciding"), "form", "voraussetzungen-form", "a-ground", "no")
	})

	asked := at.openCase(wanted)
	access, portability := asked+"/recht/access", asked+"/recht/portability"
	step("keeping from the person what is only kept because it must be", func() {
		absent := absentOf(at.t, "NOT-RETENTION-ONLY")
		for _, words := range []string{"nur noch wegen der Aufbewahrungspflicht", "§ 34 Abs. 1 Nr. 2 Buchst. a BDSG"} {
			at.lookUp(access, words)
			at.says("#ausnahmen", absent.Reason.DE)
			at.says("#ausnahmen", absent.Instead.DE)
			at.lacks("#auf-bdsg-34-1-2a")
		}
		at.byHand(access, "/aufgreifen", say("case.exam.unavailable_here"), "form", "auf-not-retention-only", "ground", absent.ID, "system", database)
		at.says("#ausnahmen", absent.Reason.DE)
		at.byHand(access, "/aufgreifen", say("case.exam.not_this_regime"), "form", "auf-bdsg-34-1-2a", "ground", "BDSG-34-1-2A", "system", database)
	})
	step("a ground against another right", func() {
		at.byHand(access, "/aufgreifen", say("case.exam.not_this_right"), "form", "auf-nrw-10-2", "ground", "NRW-10-2", "system", database)
	})
	step("handing over data of a public task", func() {
		at.open(portability)
		at.holds("EU-20-3", logs)
		at.says("#ergebnis", say("exam.limit", "title", groundOf(at.t, "EU-20-3").Title.DE, "effect", say("law.effect.not-apply")))
		at.byHand(portability, "/entscheiden", literal("case.guard.pending"), "form", "entscheiden", "for_person", "Hier ist alles.", "for_file", "Blatt 1.")
	})

	end := []string{"form", "beenden", "reasons", "Niemand antwortet.", "for_person", "Wir wissen nicht, wer Sie sind."}
	step("ending for want of identity before anybody asked", func() {
		at.open(asked)
		at.says("#freigabe", say("desk.giveup.ask_first"))
		at.lacks("#beenden")
		at.byHand(asked, "/beenden", say("correspondence.end.ask_first"), end...)
	})
	step("ending for want of identity while the person has time", func() {
		at.open(asked)
		at.write("fragen-doubts", "Der Name kommt oft vor.")
		at.write("fragen-question", "Wie lautet Ihr Kundenzeichen?")
		at.send("#fragen")
		at.says("#freigabe", literal("desk.giveup.asked"))
		at.lacks("#beenden")
		at.byHand(asked, "/beenden", say("correspondence.end.wait"), end...)
	})
	step("asking again while the clock rests", func() {
		at.byHand(asked, "/fragen", say("case.clock.suspend"), "form", "fragen", "doubts", "Zweifel", "question", "Und Ihr Geburtsort?")
		at.open(asked)
		at.send("#antwort")
		at.lacks("#antwort")
		now := time.Now()
		at.byHand(asked, "/antwort", say("case.clock.resume"), "form", "antwort", "on-day", now.Format("2"), "on-month", now.Format("1"), "on-year", now.Format("2006"))
	})

	there := newSession(t, clerk+" at nlq")
	there.signIn("nlq", clerk)
	step("§ 9 NDSG, whose text nobody has", func() {
		there.t = at.t
		access := there.openCase(elsewhere) + "/recht/access"
		unusable := groundOf(at.t, "NI-9").Unusable.DE
		there.open(access)
		there.unfold("nicht-verfuegbar")
		there.says("#nicht-verfuegbar", unusable)
		there.lacks("#auf-ni-9")
		there.lookUp(access, "§ 9 NDSG")
		there.says("#ausnahmen", unusable)
		there.byHand(access, "/aufgreifen", say("case.exam.unavailable_here"), "form", "auf-ni-9", "ground", "NI-9", "system", "nlq-contacts")
		there.says("#ausnahmen", unusable)
	})
	step("a refusal to a civil servant, whose remedy is not settled", func() {
		there.t = at.t
		path := there.openCase(servant)
		there.rightPage(path, law.Erasure)
		there.pick("#betrifft", "concerned", "nlq-contacts")
		there.send("#betrifft")
		there.pick("#voraussetzungen-form", "a-ground", "no")
		there.send("#voraussetzungen-form")
		there.choose("#wohnort-form", say("exam.residence.district"), "Landkreis Hildesheim")
		there.pick("#wohnort-form", "civil_servant", "1")
		there.send("#wohnort-form")
		there.says("#wohnort", say("exam.residence.civil_servant_open"))
		there.decideRight(path, law.Erasure)
		there.open(path)
		there.says(".ein-next", say("case.guard.remedy"))
		there.byHand(path, "/vorlegen", say("case.guard.remedy"))
	})
	there.t = t
}

// byHand sends a form from a page that may not offer it, to an address below that
// page, and wants a sentence among what is wrong.
func (s *session) byHand(page, verb, want string, fields ...string) {
	s.t.Helper()
	s.open(page)
	s.expectFailure(page + verb)
	s.sendByHand(page+verb, fields...)
	s.says("#errors", want)
}

// lookUp searches for a ground on the page of a right.
func (s *session) lookUp(page, words string) {
	s.t.Helper()
	s.open(page)
	s.write("q", words)
	s.send("#ausnahmen search form")
}

// says wants a sentence in a part of the page.
func (s *session) says(part, want string) {
	s.t.Helper()
	if got := s.text(part); want == "" || !strings.Contains(plain(got), plain(want)) {
		s.t.Errorf("%s: %s: %s says %q, want %q in it", s.name, s.path(), part, got, want)
	}
}

// silent wants that a part of the page does not say something.
func (s *session) silent(part, unwanted string) {
	s.t.Helper()
	if got := s.text(part); got == "" || strings.Contains(plain(got), plain(unwanted)) {
		s.t.Errorf("%s: %s: %s says %q, want nothing of %q", s.name, s.path(), part, got, unwanted)
	}
}

// lacks wants that something is not offered.
func (s *session) lacks(part string) {
	s.t.Helper()
	if s.has(part) {
		s.t.Errorf("%s: %s: %s is there: %q", s.name, s.path(), part, s.text(part))
	}
}

func plain(s string) string { return strings.Join(strings.Fields(s), " ") }

// literal is the longest piece of a sentence without placeholders.
func literal(key string) string {
	longest := ""
	for rest := say(key); rest != ""; {
		before, after, _ := strings.Cut(rest, "{")
		if before = strings.TrimSpace(before); len(before) > len(longest) {
			longest = before
		}
		_, rest, _ = strings.Cut(after, "}")
	}
	if longest == "" {
		panic("nothing to look for in " + key)
	}
	return longest
}

// today is the law that the portal applies.
func today(t *testing.T) catalogue.Edition {
	t.Helper()
	book, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	return book.On(calendar.DateOf(time.Now()))
}

func groundOf(t *testing.T, id string) catalogue.Ground {
	t.Helper()
	g, ok := today(t).Ground(id)
	if !ok {
		t.Fatalf("no ground %s", id)
	}
	return g
}

func absentOf(t *testing.T, id string) catalogue.Refusal {
	t.Helper()
	for _, r := range today(t).Find(id).Refusals {
		if r.ID == id {
			return r
		}
	}
	t.Fatalf("%s is not among what is looked for in vain", id)
	return catalogue.Refusal{}
}
