package e2e

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"einsicht/internal/landscape"
	"einsicht/internal/law"
)

func TestNobodyReleasesWhatTheyDecidedAndTwoReleaseItOnce(t *testing.T) {
	t.Parallel()
	const authority = "stk-nrw"
	person := newSession(t, "person")
	f := person.file(authority, everythingOf(house.Landscape.Person(landscape.Nobody)), nothing)
	at := newSession(t, clerk)
	at.signIn(authority, clerk)
	path := at.openCase(f)
	at.gather(false)
	dpo := newSession(t, officer)
	dpo.signIn(authority, officer)
	dpo.confirmRegister()

	// An approver may decide too; then another one has to release.
	decider := newSession(t, approver)
	decider.signIn(authority, approver)
	decider.decideRight(path, law.Access)
	at.open(path)
	at.nextStep(say("desk.do.vorlegen"))
	decider.open(path)
	if decider.has("#naechster-schritt") {
		t.Error("who decided is offered to release")
	}
	decider.expectFailure(path + "/freigeben")
	decider.sendByHand(path + "/freigeben")
	if got, want := decider.text("#errors"), say("case.guard.second_person"); !strings.Contains(got, want) {
		t.Errorf("who decided releases: got %q, want a refusal with %q", got, want)
	}
	at.open(path)
	if got, want := at.state(), say("case.state.proposed"); got != want {
		t.Fatalf("who decided released: got %q, want %q", got, want)
	}

	name := fmt.Sprintf("Petra Neu %d", time.Now().UnixNano())
	first, second := newSession(t, "approver, first window"), newSession(t, "approver, second window")
	first.accept(house.invite(t, authority, "approver", name))
	first.signIn(authority, name)
	second.signIn(authority, name)
	first.open(path)
	second.open(path)
	var both sync.WaitGroup
	for _, s := range []*session{first, second} {
		s.expectFailure(path + "/freigeben")
		both.Go(func() { s.nextStep(say("desk.do.freigeben")) })
	}
	both.Wait()
	refused := 0
	for _, s := range []*session{first, second} {
		if s.has("#errors") {
			refused++
		}
	}
	if refused != 1 {
		t.Errorf("two released at once: got %d refused, want 1", refused)
	}
	first.open(path)
	first.until("the package", wait, func() bool { return first.state() == say("case.state.ready") })
	if got := strings.Count(first.text("#verlauf"), say("case.event.release")); got != 1 {
		t.Errorf("the history: got %d releases, want 1\n%s", got, first.text("#verlauf"))
	}
}

// invite adds an account on the command line and gives the path of the link
// that it prints.
func (d *demo) invite(t *testing.T, authority, role, name string) string {
	t.Helper()
	link := strings.TrimSpace(d.run(t, "staff", "add", "--authority", authority, "--role", role, name))
	path, ours := strings.CutPrefix(link, d.URL)
	if !ours {
		t.Fatalf("staff add: got %q, want a link to %s", link, d.URL)
	}
	return path
}

// accept follows an invitation and chooses the password.
func (s *session) accept(path string) {
	s.t.Helper()
	s.open(path)
	s.fill("main", say("desk.invite.password"), password)
	s.fill("main", say("desk.invite.again"), password)
	s.press("main", say("desk.invite.go"))
	if got, want := s.path(), "/desk/anmelden"; got != want {
		s.t.Fatalf("%s: accepted, got %s, want %s\n%s", s.name, got, want, s.text("main"))
	}
}
