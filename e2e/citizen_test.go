package e2e

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"einsicht/internal/landscape"
	"einsicht/internal/law"
	"einsicht/internal/wording"
)

// say gives the sentence that stands on a page, in German.
func say(key string, pairs ...string) string {
	if !wording.Has(key) {
		panic("no sentence " + key)
	}
	return wording.Text("de", key, pairs...)
}

const form = "#antrag"

// wait is how long machines and mails may take.
const wait = 3 * time.Minute

// filed is what a person notes down after sending a request.
type filed struct{ number, code string }

// known is what somebody fills in about themselves.
type known struct {
	name, email, phone, street, zip, city, born, account string
}

func everythingOf(p landscape.Person) known {
	return known{name: p.Name(), email: p.Email, phone: p.Phone, street: p.Street + " " + p.House, zip: p.Postcode, city: p.City,
		born: p.Birth.Format("2.1.2006"), account: p.Account}
}

// file asks for access.
func (s *session) file(authority string, k known, at func(name string)) filed {
	s.t.Helper()
	return s.fileFor(authority, k, at, law.Access)
}

// fileFor fills in the steps and sends the request. at is called on each page
// that opens, with its name.
func (s *session) fileFor(authority string, k known, at func(name string), rights ...law.Right) filed {
	s.t.Helper()
	s.open("/" + authority)
	at("start")
	s.press("main", say("citizen.start.begin"))
	at("was")
	for _, r := range rights {
		s.tick(form, say("citizen.right."+string(r)+".wish"))
	}
	s.press(form, say("citizen.form.was.next"))
	detailed := slices.DeleteFunc(slices.Clone(rights), func(r law.Right) bool { return r == law.Access })
	if len(detailed) > 0 {
		at("genauer")
		for _, r := range detailed {
			s.write("concern-"+string(r), "Meine Angaben aus dem Frühjahr.")
		}
		s.press(form, say("citizen.form.genauer.next"))
	}
	at("ueber-wen")
	s.tick(form, say("citizen.about.self"))
	s.press(form, say("citizen.form.ueber-wen.next"))
	at("angaben")
	s.describe(k)
	s.press(form, say("citizen.form.angaben.next"))
	at("antwort")
	s.tick(form, say("citizen.answer.portal"))
	s.tick(form, say("citizen.consent"))
	s.press(form, say("citizen.form.antwort.next"))
	at("pruefen")
	for _, shown := range []string{k.name, k.email, k.city} {
		if !strings.Contains(s.text("main"), shown) {
			s.t.Errorf("%s: the last step does not show %q", s.name, shown)
		}
	}
	s.press(form, say("citizen.form.pruefen.next"))
	at("bestaetigung")
	return s.note(authority)
}

func (s *session) describe(k known) {
	s.t.Helper()
	for _, f := range []struct{ key, value string }{
		{"field.name.self", k.name}, {"field.email", k.email}, {"field.street", k.street}, {"field.zip", k.zip}, {"field.city", k.city},
		{"field.phone", k.phone}, {"field.account", k.account},
	} {
		if f.value != "" {
			s.fill(form, say("citizen."+f.key), f.value)
		}
	}
	if k.born != "" {
		day, rest, _ := strings.Cut(k.born, ".")
		month, year, _ := strings.Cut(rest, ".")
		for name, value := range map[string]string{"citizen.date.day": day, "citizen.date.month": month, "citizen.date.year": year} {
			s.fill(`fieldset:has(#born)`, say(name), value)
		}
	}
}

var (
	numberPattern = regexp.MustCompile(`^[A-Z-]+-\d{4}-[0-9A-Z]+-?[0-9A-Z*~$=]*$`)
	accessPattern = regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{20}$`)
)

// note reads file number and code off the confirmation, as a person would.
func (s *session) note(authority string) filed {
	s.t.Helper()
	if got, want := s.path(), "/"+authority+"/antrag/bestaetigung"; got != want {
		s.t.Fatalf("%s: sent, got %s, want %s\n%s", s.name, got, want, s.text("main"))
	}
	codes := ask[[]string](s, `[...document.querySelectorAll('.ein-code')].map(c => [...c.querySelectorAll('.ein-code__group')].map(g => g.textContent.trim()).join('-'))`)
	if len(codes) != 2 {
		s.t.Fatalf("%s: got %v on the confirmation, want file number and code\n%s", s.name, codes, s.text("main"))
	}
	if !accessPattern.MatchString(strings.ReplaceAll(codes[1], "-", "")) {
		s.t.Errorf("%s: %d characters of an access code, want 20 of Crockford's base32", s.name, len(codes[1]))
	}
	return filed{codes[0], codes[1]}
}

// enter opens the person's own case with file number and code.
func (s *session) enter(authority string, f filed) {
	s.t.Helper()
	s.open("/" + authority + "/stand")
	if s.path() != "/"+authority+"/stand" {
		return // the session is still open
	}
	s.fill("main", say("citizen.status.number"), f.number)
	s.fill("main", say("citizen.status.code"), f.code)
	s.press("main", say("citizen.status.enter"))
	if got, want := s.path(), "/"+authority+"/vorgang"; got != want {
		s.t.Fatalf("%s: got %s with number and code, want %s\n%s", s.name, got, want, s.text("main"))
	}
}

// codes are those that came from an authority to an address, as the outbox
// shows them.
func (s *session) codes(authority, address string) []string {
	s.t.Helper()
	return ask[[]string](s, `[...document.querySelectorAll('main article')].map(mail => mail.textContent)
		.filter(text => text.includes(%s) && text.includes(%s)).flatMap(text => text.match(/\b\d{8}\b/) ?? [])`, address, "/"+authority+"/")
}

// outbox keeps two cases that ask about the same address from taking each
// other's code: mails name no case.
var outbox sync.Mutex

// prove has staff send a code to an address that stood in a source, and the
// person enter it.
func prove(person, staff *session, authority string, f filed, address string) {
	person.t.Helper()
	outbox.Lock()
	defer outbox.Unlock()
	person.open("/demo/postausgang")
	before := len(person.codes(authority, address))
	staff.sendCode(address)
	var code string
	person.until("a mail with a code", wait, func() bool {
		codes := person.codes(authority, address) // the newest first
		if len(codes) > before {
			code = codes[0]
		}
		return code != ""
	})
	person.enter(authority, f)
	person.open("/" + authority + "/vorgang")
	person.fill("#offen", say("citizen.case.code"), code)
	person.press("#offen", say("citizen.case.code.send"))
	if person.has("#offen") {
		person.t.Fatalf("%s: the code was entered, and is asked for again\n%s", person.name, person.text("main"))
	}
}

func nothing(string) {}
