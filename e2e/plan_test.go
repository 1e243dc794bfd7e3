package e2e

import (
	"testing"

	"einsicht/internal/casefile"
)

// plan makes the plan of a decided case; what no machine can do, people of the unit
// will.
func (s *session) plan(path string) {
	s.t.Helper()
	s.open(path + "/plan")
	if s.has("#plan-erstellen") { // corrections make it by themselves
		s.send("#plan-erstellen")
	}
	s.until("every measure was tried", wait, func() bool { return !s.has("#planstand [role=status]") })
	for _, form := range ask[[]string](s, `[...document.querySelectorAll("form[id^='massnahmen-']")].map(f => f.id)`) {
		s.toUnit(path, form)
	}
	s.open(path + "/plan")
	if s.has("#plan-erstellen") {
		s.t.Fatalf("%s: the plan is made and lacks something\n%s", s.name, s.text(".ein-next"))
	}
}

// toUnit gives the measures of a form that ask to the unit, a page at a time.
func (s *session) toUnit(path, form string) {
	s.t.Helper()
	for range 30 {
		if !ask[bool](s, `document.getElementById(%s)?.closest('details')?.open ?? false`, form) {
			return
		}
		asks := ask[[]string](s, `[...document.querySelectorAll('#' + %s + ' input[name=measure]')].filter(box =>
			(box.closest('div').textContent ?? '').includes(%s)).map(box => box.value)`, form, say("plan.state."+string(casefile.Asks)))
		for _, measure := range asks {
			s.pick("#"+form, "measure", measure)
		}
		s.pick("#"+form, "way", "unit")
		s.send("#" + form)
		if s.has("#errors") {
			s.t.Fatalf("%s: %s was refused\n%s", s.name, form, s.text("#errors"))
		}
	}
	s.t.Fatalf("%s: %s still asks\n%s", s.name, form, s.text("#"+form))
}

// carryOut lets a proposed plan be carried out, as the second person, and confirms as
// staff what people do by hand. The answer is ready then.
func carryOut(t *testing.T, authority, path string, staff *session) {
	t.Helper()
	second := newSession(t, approver)
	second.signIn(authority, approver)
	second.open(path)
	second.nextStep(say("desk.do.umsetzen"))
	staff.open(path + "/plan")
	for _, task := range ask[[]string](staff, `[...new Set([...document.querySelectorAll("main a[href*='/plan/aufgabe/']")].map(a => a.getAttribute('href')))]`) {
		staff.open(task)
		staff.pick("#erledigt", "done", "yes")
		staff.write("erledigt-statement", "Gelöscht und danach noch einmal gesucht.")
		staff.send("#erledigt")
	}
	staff.until("every measure has ended and the answer is there", wait, func() bool {
		staff.open(path)
		return staff.state() == say("case.state.ready")
	})
}

// correct says what is right in one record of a system.
func (s *session) correct(path, system string) {
	s.t.Helper()
	record := ""
	for page := path + "/plan"; page != "" && record == ""; page = ask[string](s, `(document.querySelector('#berichtigung nav a[rel=next]')?.getAttribute('href') ?? '')`) {
		s.open(page)
		record = ask[string](s, `([...document.querySelectorAll('#berichtigung li a')].find(a => a.textContent.includes(%s))?.getAttribute('href') ?? '')`, system)
	}
	if record == "" {
		s.t.Fatalf("%s: no record of %s can be corrected\n%s", s.name, system, s.text("#berichtigung"))
	}
	s.open(record)
	s.write(ask[string](s, `document.querySelector('#berichtigen input[name="v-email"]').id`), "neue.adresse@example.org")
	s.send("#berichtigen")
	if s.has("#errors") {
		s.t.Fatalf("%s: the correction was refused\n%s", s.name, s.text("#errors"))
	}
}
