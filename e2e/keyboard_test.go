package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"

	"einsicht/internal/landscape"
)

func TestTheFormIsFilledInByKeyboardAlone(t *testing.T) {
	t.Parallel()
	const authority = "it-nrw"
	nobody := house.Landscape.Person(landscape.Nobody)
	s := newSession(t, "keyboard")
	s.open("/" + authority)

	// The first stop leads past the navigation.
	s.tab()
	if got := s.focused().Name; got != say("frame.skip") {
		t.Fatalf("first stop: got %q, want %q", got, say("frame.skip"))
	}
	s.key(13, "Enter", "\r")
	if got := ask[string](s, "document.activeElement.id"); got != "main" {
		t.Errorf("the skip link: got the focus on %q, want main", got)
	}
	s.tabTo(say("citizen.start.begin"))
	s.enterKey()

	// Sent empty, the summary takes the focus and its links lead to the fields.
	s.expectFailure("/"+authority+"/antrag/was", "/"+authority+"/antrag/angaben")
	s.tabTo(say("citizen.form.was.next"))
	s.enterKey()
	if got := ask[string](s, "document.activeElement.id"); got != "errors" {
		t.Errorf("sent empty: got the focus on %q, want the summary of errors", got)
	}
	if !strings.HasPrefix(s.title(), "Fehler:") {
		t.Errorf("sent empty: got the title %q, want it to begin with Fehler:", s.title())
	}
	s.tab()
	s.key(13, "Enter", "\r")
	if got := ask[string](s, "document.activeElement.id"); got != "rights" {
		t.Errorf("the link of the summary: got the focus on %q, want the first wish", got)
	}
	s.key(32, " ", " ")
	if !ask[bool](s, "document.activeElement.checked") {
		t.Error("Space ticked nothing")
	}
	s.tabTo(say("citizen.form.was.next"))
	s.enterKey()
	s.tabTo(say("citizen.form.ueber-wen.next"))
	s.enterKey()

	s.tabTo(say("citizen.field.name.self"))
	s.do("type", input.InsertText(nobody.Name()))
	s.tabTo(say("citizen.field.email"))
	s.do("type", input.InsertText("keine Adresse"))
	s.key(13, "Enter", "\r") // Enter in a field sends the form, by its first button
	s.settle("/" + authority + "/antrag/angaben")
	if got := ask[string](s, "document.querySelector('#name').value"); got != nobody.Name() {
		t.Errorf("the form came back: got the name %q, want what was typed", got)
	}
	s.tab()
	s.key(13, "Enter", "\r")
	if got := ask[string](s, "document.activeElement.id"); got != "email" {
		t.Fatalf("the link of the summary: got the focus on %q, want the e-mail", got)
	}
	ask[bool](s, "(document.activeElement.select(), true)")
	s.do("type", input.InsertText(nobody.Email))
	s.tabTo(say("citizen.form.angaben.next"))
	s.enterKey()
	s.tabTo(say("citizen.consent"))
	s.key(32, " ", " ")
	s.tabTo(say("citizen.form.antwort.next"))
	s.enterKey()
	s.tabTo(say("citizen.form.pruefen.next"))
	s.enterKey()
	s.note(authority)
}

// stop is what has the focus.
type stop struct {
	Name    string
	Visible bool // it can be seen that it has
	Path    string
}

func (s *session) focused() stop {
	s.t.Helper()
	return ask[stop](s, `(() => {
		const e = document.activeElement, style = getComputedStyle(e);
		const norm = t => t.replace(/\s+/g, ' ').trim();
		let name = norm(e.textContent ?? '');
		if (e.labels?.length) {
			const copy = e.labels[0].cloneNode(true);
			copy.querySelectorAll('.kern-label__optional').forEach(o => o.remove());
			name = norm(copy.textContent);
		}
		const box = e.getBoundingClientRect();
		const ring = x => (x.outlineStyle !== 'none' && parseFloat(x.outlineWidth) > 0) || x.boxShadow !== 'none';
		const marked = ring(style) || ring(getComputedStyle(e, '::before')) || ring(getComputedStyle(e, '::after'));
		return {name, visible: marked && box.width > 0 && box.bottom > 0 && box.top < innerHeight, path: location.pathname};
	})()`)
}

// tab goes one stop on. Wherever that is, it must be seen.
func (s *session) tab() {
	s.t.Helper()
	s.key(9, "Tab", "")
	if err := s.eval(still, nil); err != nil {
		s.t.Fatal(err)
	}
	if at := s.focused(); at.Name != "" && !at.Visible {
		s.t.Errorf("%s: %s: the focus on %q is not to be seen", s.name, at.Path, at.Name)
	}
}

// tabTo goes on until something has the focus.
func (s *session) tabTo(name string) {
	s.t.Helper()
	for range 80 {
		s.tab()
		if s.focused().Name == name {
			return
		}
	}
	s.t.Fatalf("%s: %s: no way to %q by Tab", s.name, s.path(), name)
}

// enterKey presses what has the focus, which leads to another page.
func (s *session) enterKey() {
	s.t.Helper()
	if err := s.turn(func() error { s.key(13, "Enter", "\r"); return nil }); err != nil {
		s.t.Fatalf("%s: Enter on %s: %v", s.name, s.path(), err)
	}
	s.read()
}

// settle waits until a page that was sent by a key stands.
func (s *session) settle(path string) {
	s.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		var there bool
		if s.eval("document.readyState === 'complete' && document.querySelector('#errors') !== null", &there) == nil && there {
			if got := s.path(); got != path {
				s.t.Fatalf("%s: got %s, want %s", s.name, got, path)
			}
			return
		}
	}
	s.t.Fatalf("%s: %s did not come back", s.name, path)
}
