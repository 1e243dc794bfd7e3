package e2e

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"einsicht/internal/landscape"
)

// operator runs the program for each authority of the demonstration.
const operator = "Olaf Kern"

// TestASystemIsConnectedAtThePages lets an operator connect a system that people
// search so far: with a mistake first, then tested, tried and turned on.
func TestASystemIsConnectedAtThePages(t *testing.T) {
	t.Parallel()
	const authority, system, lends = "nlq", "nlq-login-cookies", "nlq-contacts" // no other test asks these
	erika := house.Landscape.Person("erika")
	if _, err := house.Landscape.Plant(context.Background(), lends, erika.ID, 2, uint64(time.Now().UnixNano())); err != nil {
		t.Fatal(err)
	}
	text := connection(t, lends, system)

	s := newSession(t, operator)
	s.signIn(authority, operator)
	s.press("nav", say("control.nav"))
	s.everyLook()
	s.picture("verfahren")
	s.press("main table", nameIn(s, system))
	page := s.path()

	s.expectFailure(page + "/speichern")
	s.fill("#anbindung", say("control.text.field"), strings.Replace(text, "kind: sql\n", "kind: sql\ncolour: red\n", 1))
	s.press("#anbindung", say("control.do.save"))
	mistake := say("connecting.wrong.line_key", "line", "3", "key", "colour", "what", say("connecting.what.unknown"))
	if got := s.text("#errors"); !strings.Contains(got, mistake) || s.text("mark code") != "colour: red" {
		t.Fatalf("a key that there is not: got %q and the line %q, want %q", got, s.text("mark code"), mistake)
	}
	if got := ask[string](s, "document.activeElement.id"); got != "errors" {
		t.Errorf("got the focus on %q, want the summary of errors", got)
	}
	if s.has("#pruefen") || s.has("#einschalten") {
		t.Error("what was not saved can be tested or turned on")
	}
	s.everyLook()
	s.picture("verfahren-fehler")

	s.fill("#anbindung", say("control.text.field"), text)
	s.press("#anbindung", say("control.do.save_test"))
	s.appears("#einschalten") // by itself: nobody loads the page again
	if s.path() != page {
		t.Errorf("tested: got %s, want %s", s.path(), page)
	}
	s.everyLook()
	s.picture("verfahren-getestet")

	s.press("#probe", say("control.do.try"))
	s.expectFailure(s.path())
	s.press("#testperson", say("control.do.search"))
	if got := s.text("#errors"); !strings.Contains(got, say("connecting.error.nobody")) {
		t.Errorf("nobody named: got %q", got)
	} else if !strings.Contains(got, say("connecting.error.reason")) {
		t.Errorf("for no reason: got %q", got)
	}
	s.everyLook()
	s.picture("testperson")
	s.pick("#testperson", "reason", "test-person")
	s.write("testperson-email", erika.Email)
	s.write("testperson-phone", erika.Phone)
	s.press("#testperson", say("control.do.search"))
	s.appears("#sorte-1")
	if got, want := s.text("#ergebnis [role=status]"), say("control.result.found.many", "n", strconv.Itoa(len(house.Landscape.Planted(lends, erika.ID)))); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := s.text("#sorte-1 tbody tr"); !strings.Contains(got, "details") || !strings.Contains(got, say("control.field.unmapped")) {
		t.Errorf("first of the fields: got %q, want the column nobody mapped", got)
	}
	s.unfold("sorte-1-beispiele")
	if got := s.text("#sorte-1-beispiele"); !strings.Contains(got, erika.Email) {
		t.Errorf("examples: got %q, want the person's records", got)
	}
	s.everyLook()
	s.picture("testperson-ergebnis")

	s.press("#ergebnis", say("control.do.on_to"))
	s.send("#einschalten")
	if got := s.text("main"); !strings.Contains(got, say("control.done.eingeschaltet")) || !strings.Contains(got, say("control.on.now")) {
		t.Errorf("turned on: got %q", got)
	}
	s.everyLook()
	s.send("#ausschalten")
	if got := s.text("main"); !strings.Contains(got, say("control.lead.off")) {
		t.Errorf("turned off: got %q", got)
	}
}

// connection is the text of a system's connection in the demonstration, for
// another system and without one of its columns.
func connection(t *testing.T, from, system string) string {
	t.Helper()
	file, err := os.ReadFile(filepath.Join(house.dir, "data", "landscape", from+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	const column = "        details: {label: weitere freiwillige Angaben}\n"
	text := strings.Replace(string(file), "system: "+from+"\n", "system: "+system+"\n", 1)
	if !strings.Contains(text, column) || !strings.Contains(text, "system: "+system+"\n") {
		t.Fatalf("the connection of %s is another one: this checks nothing", from)
	}
	return strings.Replace(text, column, "", 1)
}

// nameIn is what the list calls a system.
func nameIn(s *session, system string) string {
	s.t.Helper()
	return ask[string](s, `document.querySelector('a[href="/desk/verfahren/' + %s + '"]').textContent.trim()`, system)
}

// appears waits until something stands on the page, which is not loaded again.
func (s *session) appears(selector string) {
	s.t.Helper()
	for end := time.Now().Add(patience); !s.has(selector); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("%s: %s: %s does not appear within %s\n%s", s.name, s.path(), selector, patience, s.text("main"))
		}
	}
}

// controlled brings a system of an authority to where a test person was searched
// for. The text stays a draft, so that no case asks by it.
func (p *places) controlled(t *testing.T, authority, system string) {
	t.Helper()
	s := newSession(t, operator)
	s.signIn(authority, operator)
	s.open("/desk/verfahren/" + system)
	s.fill("#anbindung", say("control.text.field"), connection(t, "nlq-contacts", system))
	s.press("#anbindung", say("control.do.save_test"))
	s.appears("#einschalten")
	s.press("#probe", say("control.do.try"))
	s.pick("#testperson", "reason", "test-person")
	s.unfold("weitere")
	s.write("testperson-email", house.Landscape.Person(landscape.Nobody).Email)
	s.press("#testperson", say("control.do.search"))
	s.appears("#ergebnis .kern-btn")
	p.values["system"], p.values["trial"] = []string{system}, []string{last(s.path())}
	p.visitors["operator"] = s
}
