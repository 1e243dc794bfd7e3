package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"einsicht/internal/landscape"
	"einsicht/internal/law"
)

func TestAnImpostorGetsNothingUntilAContactIsVerified(t *testing.T) {
	t.Parallel()
	const authority = "it-nrw"
	erika := house.Landscape.Person(landscape.Erika)
	who := everythingOf(erika)
	who.email, who.phone, who.account = fmt.Sprintf("impostor%d@example.net", time.Now().UnixNano()), "", ""
	person := newSession(t, "impostor")
	f := person.file(authority, who, nothing)

	at := newSession(t, clerk)
	at.signIn(authority, clerk)
	path := at.openCase(f)
	at.gather(false)
	at.decideAgain("give", "true") // as somebody careless would
	dpo := newSession(t, officer)
	dpo.signIn(authority, officer)
	dpo.confirmRegister()
	at.decideRight(path, law.Access)
	at.open(path)

	why := say("case.guard.unverified")
	if why, _, _ = strings.Cut(why, "{"); why == "" {
		t.Fatal("no sentence to look for: this checks nothing")
	}
	if next := at.text(".ein-next"); !strings.Contains(next, strings.TrimSpace(why)) {
		t.Errorf("the next step: got %q, want why it is refused: %q", next, why)
	}
	if at.has("#naechster-schritt") {
		t.Error("the next step can be taken, in spite of what speaks against it")
	}
	// The page offers no button, so somebody sends the form by hand.
	at.expectFailure(path + "/vorlegen")
	at.sendByHand(path + "/vorlegen")
	if got := at.text("#errors"); !strings.Contains(got, strings.TrimSpace(why)) {
		t.Errorf("sent by hand: got %q, want a refusal with %q", got, why)
	}

	at.open(path)
	at.choose("#kennung", say("desk.add.kind"), say("case.kind.email"))
	at.fill("#kennung", say("desk.add.value"), erika.Email)
	at.send("#kennung")
	prove(person, at, authority, f, erika.Email)
	at.open(path)
	at.gather(true)
	at.decideAgain("not-this-person", "claimed || check")
	at.decideFindings()
	at.decideRight(path, law.Access)
	at.open(path)
	at.nextStep(say("desk.do.vorlegen"))
	release(t, authority, path)
}

// decideAgain decides on the records that a condition names, decided or not.
func (s *session) decideAgain(verdict, which string) {
	s.t.Helper()
	here := s.path()
	for _, id := range s.systems() {
		for s.decideMany(id, verdict, which); s.turnPage(id); s.decideMany(id, verdict, which) {
		}
	}
	s.open(here)
}

// sendByHand sends a form that is not on the page, as a program could that
// knows the address. Fields are names and values by turns.
func (s *session) sendByHand(path string, fields ...string) {
	s.t.Helper()
	pairs := [][2]string{}
	for i := 0; i+1 < len(fields); i += 2 {
		pairs = append(pairs, [2]string{fields[i], fields[i+1]})
	}
	if len(pairs) == 0 {
		pairs = [][2]string{{"form", "naechster-schritt"}}
	}
	quoted, err := json.Marshal(pairs)
	if err != nil {
		s.t.Fatal(err)
	}
	err = s.turn(func() error {
		return s.eval(fmt.Sprintf(`(() => {
			const form = document.createElement('form');
			form.method = 'post';
			form.action = %q;
			for (const [name, value] of [['_csrf', document.querySelector('[name=_csrf]').value], ...%s]) {
				const field = document.createElement('input');
				field.name = name;
				field.value = value;
				form.append(field);
			}
			document.body.append(form);
			form.submit();
		})()`, path, quoted), nil)
	})
	if err != nil {
		s.t.Fatalf("%s: send %s: %v", s.name, path, err)
	}
}
