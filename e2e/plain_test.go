package e2e

import (
	"testing"

	"einsicht/internal/landscape"
	"einsicht/internal/law"
)

func TestWithoutScriptsARequestIsFiledDecidedAndFetched(t *testing.T) {
	t.Parallel()
	const authority = "stk-nrw"
	person := newSession(t, "person without scripts")
	person.withoutScripts(true)
	f := person.file(authority, everythingOf(house.Landscape.Person(landscape.Nobody)), func(name string) {
		if person.has(".htmx-request") || ask[bool](person, "typeof htmx !== 'undefined'") {
			t.Fatalf("%s: scripts run: this checks nothing", name)
		}
	})
	if person.has("[data-print]:not([hidden])") {
		t.Error("the confirmation offers to print, which needs scripts")
	}
	person.press("main", say("citizen.confirmed.noted"))
	if person.count(".ein-code") != 1 {
		t.Errorf("after it was noted: got %d codes, want the file number only", person.count(".ein-code"))
	}

	at := newSession(t, clerk+" without scripts")
	at.withoutScripts(true)
	at.signIn(authority, clerk)
	path := at.openCase(f)
	at.gather(false)
	dpo := newSession(t, officer)
	dpo.signIn(authority, officer)
	dpo.confirmRegister()
	if got, want := at.decideRight(path, law.Access), say("case.outcome.nothing-held"); got != want {
		t.Errorf("nothing was found: got %q, want %q", got, want)
	}
	at.open(path)
	at.nextStep(say("desk.do.vorlegen"))
	release(t, authority, path)

	person.enter(authority, f)
	if file := person.download("#antwort", person.text("#antwort .kern-btn")); len(systemsIn(t, file)) == 0 {
		t.Error("the package names no system that was searched")
	}
}
