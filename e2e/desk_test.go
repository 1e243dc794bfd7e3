package e2e

import "strings"

// signIn lets a member of staff in, at an authority.
func (s *session) signIn(authority, name string) {
	s.t.Helper()
	s.open("/desk/anmelden")
	s.choose("main", say("desk.signin.authority"), s.nameOf(authority))
	s.fill("main", say("desk.signin.name"), name)
	s.fill("main", say("desk.signin.password"), password)
	s.press("main", say("desk.signin.go"))
	if got := s.path(); got != "/desk" {
		s.t.Fatalf("%s: signed in, got %s, want /desk\n%s", s.name, got, s.text("main"))
	}
}

// nameOf reads an authority's name off the list at the entry.
func (s *session) nameOf(authority string) string {
	s.t.Helper()
	return ask[string](s, `(document.querySelector('option[value="' + %s + '"]')?.text ?? '')`, authority)
}

// openCase finds a case in the list by its file number and opens it, and gives
// the path of its page.
func (s *session) openCase(f filed) string {
	s.t.Helper()
	s.open("/desk")
	s.press("main table", f.number)
	return s.path()
}

// gather lets the systems be asked and answers for those without an interface
// that nothing is held there.
func (s *session) gather(again bool) {
	s.t.Helper()
	if again {
		s.send("#befragen")
	} else {
		s.send("#naechster-schritt")
	}
	s.until("systems answer", wait, func() bool {
		if s.count("#aufgaben form[action$='/aufgabe']") > 0 && !s.asking() {
			s.answerUnits()
		}
		return s.text(".ein-heading .kern-preline") == say("case.state.review")
	})
}

// asking says whether a machine is still at it.
func (s *session) asking() bool {
	s.t.Helper()
	return s.has("#stand [role=status]")
}

func (s *session) answerUnits() {
	s.t.Helper()
	for _, id := range ask[[]string](s, `[...document.querySelectorAll("#aufgaben form[action$='/aufgabe']")].map(f => f.id)`) {
		s.tick("#"+id, say("desk.answer.nothing"))
		s.send("#" + id)
	}
}

// sendCode sends a code to a contact that stood in a source.
func (s *session) sendCode(address string) {
	s.t.Helper()
	s.choose("#code", say("desk.code.identifier"), say("case.kind.email")+": "+address)
	s.send("#code")
}

// verifyByFacts records for everything claimed but network addresses that two
// facts only the file knows made sure.
func (s *session) verifyByFacts() {
	s.t.Helper()
	for range 30 {
		if !s.verifyNext() {
			return
		}
	}
	s.t.Fatalf("%s: identifiers stay claimed\n%s", s.name, s.text("#identitaet"))
}

// verifyNext does so for the first one, if there is any.
func (s *session) verifyNext() bool {
	s.t.Helper()
	options := ask[[]string](s, `[...document.querySelectorAll('#pruefen select option')].filter(o => o.value).map(o => o.text.trim())`)
	next := ""
	for _, o := range options {
		if !strings.HasPrefix(o, say("case.kind.ip+time")) {
			next = o
			break
		}
	}
	if next == "" {
		return false
	}
	s.choose("#pruefen", say("desk.verify.identifier"), next)
	s.tick("#pruefen", say("case.how.facts"))
	s.fill("#pruefen", say("desk.verify.note"), "Geburtsort und Kundennummer stimmten")
	s.send("#pruefen")
	return true
}

// takeUpHints takes up the network addresses that verified records name, so
// that access logs can be searched by them.
func (s *session) takeUpHints() {
	s.t.Helper()
	for n := 0; ; n++ {
		next := ask[string](s, `([...document.querySelectorAll('form[id^=hinweis-]')].find(f =>
			f.closest('details').querySelector('summary').textContent.startsWith(%s) && f.textContent.includes(%s) && !/Logdateien|Zugriffsprotokolle/.test(f.textContent)
		)?.id ?? '')`, say("case.kind.ip+time"), say("desk.hints.verified"))
		if next == "" {
			return
		}
		if n > 30 {
			s.t.Fatalf("%s: hints stay\n%s", s.name, s.text("#identitaet"))
		}
		s.fill("#"+next, say("desk.hints.note"), "aus dem Datensatz")
		s.send("#" + next)
	}
}

// decideFindings gives what verified identifiers alone lead to and what is no
// namesake's, and says of the rest that it is somebody else's.
func (s *session) decideFindings() {
	s.t.Helper()
	here := s.path()
	for _, id := range s.systems() {
		for s.decidePage(id); s.turnPage(id); s.decidePage(id) {
		}
	}
	s.open(here)
}

// systems are those that found something, by their ids.
func (s *session) systems() []string {
	s.t.Helper()
	all := ask[[]string](s, `[...document.querySelectorAll('#funde details[id^=system-]')].map(d => d.id.replace('system-', ''))`)
	if len(all) == 0 {
		s.t.Fatalf("%s: nothing found: this checks nothing\n%s", s.name, s.text("#verfahren"))
	}
	return all
}

// turnPage turns to the next page of a system's findings, if there is one.
func (s *session) turnPage(system string) bool {
	s.t.Helper()
	next := ask[string](s, `(document.querySelector('#system-' + %s + ' nav a[rel=next]')?.getAttribute('href') ?? '')`, system)
	if next == "" {
		return false
	}
	s.open(next)
	return true
}

// decidePage decides on what of one system is on the page.
func (s *session) decidePage(system string) {
	s.t.Helper()
	if strings.HasSuffix(system, "weblog") {
		// What ties a line to a person is an account, or an address and time that were confirmed.
		s.decideMany(system, "give", "undecided && !claimed")
	} else if s.has("#geben-" + system) {
		s.send("#geben-" + system)
	}
	// What has fields that nobody mapped stands there to be looked at.
	s.decideMany(system, "give", "undecided && !claimed && !check")
	s.decideMany(system, "not-this-person", "undecided")
}

// decideMany decides with one form on the records that a condition names.
func (s *session) decideMany(system, verdict, which string) {
	s.t.Helper()
	wanted := ask[[]string](s, `[...document.querySelectorAll('#system-' + %s + ' article')].filter(a => {
		const tags = a.querySelector('.ein-tags').textContent;
		const undecided = tags.includes(%s), check = tags.includes(%s), claimed = tags.includes(%s);
		return `+which+`;
	}).map(a => a.id.replace('record-', ''))`, system, say("case.verdict.undecided"), say("connector.confidence.check"), say("desk.findings.claimed"))
	if len(wanted) == 0 {
		return
	}
	form := "#sammel-" + system
	for _, id := range wanted {
		s.check(func() spot { return s.where(form+` input[value="`+id+`"]`, "element", "") }, id)
	}
	label := say("desk.verdict." + verdict)
	if !s.has(form + ` input[value="withhold"]`) { // nobody asked for data
		label = say("desk.belongs." + verdict)
	}
	s.tick(form, label)
	s.send(form)
	if s.has("#errors") {
		s.t.Fatalf("%s: deciding was refused\n%s", s.name, s.text("#errors"))
	}
}

// confirmRegister confirms all that was inferred about the authority's systems.
func (s *session) confirmRegister() {
	s.t.Helper()
	s.open("/desk/verzeichnis")
	for n := 0; s.has("#offen form"); n++ {
		s.send("#offen article:has(form) form")
		if n > 80 {
			s.t.Fatalf("%s: systems stay unconfirmed", s.name)
		}
	}
}

// nextStep presses the one button of the box that says what to do next.
func (s *session) nextStep(label string) {
	s.t.Helper()
	s.press("#naechster-schritt", label)
}

// state is where the case stands, in words.
func (s *session) state() string { return s.text(".ein-heading .kern-preline") }
