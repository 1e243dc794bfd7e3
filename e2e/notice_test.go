package e2e

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"einsicht/internal/law"
)

// mailed lets an erasure be carried out by hand, mails a recipient of the data that
// there is a notice, and gives the session of who reads it.
func mailed(t *testing.T, citizen, staff *session, authority, system string, who known) *session {
	t.Helper()
	path := staff.openCase(citizen.fileFor(authority, who, nothing, law.Erasure))
	staff.verifyByFacts()
	staff.rightPage(path, law.Erasure)
	staff.pick("#betrifft", "concerned", system)
	staff.send("#betrifft")
	staff.pick("#voraussetzungen-form", "a-ground", "yes")
	staff.send("#voraussetzungen-form")
	staff.decideRight(path, law.Erasure)
	staff.plan(path)
	staff.open(path)
	staff.nextStep(say("desk.do.vorlegen"))
	carryOut(t, authority, path, staff)

	staff.open(path + "/empfaenger")
	staff.open(ask[string](staff, `(document.querySelector("main a[href*='?empfaenger=']")?.getAttribute('href') ?? '').replace(/#.*/, '')`))
	address := fmt.Sprintf("stelle%d@example.org", time.Now().UnixNano())
	staff.pick("#einer", "how", "mail")
	staff.write("einer-mail", address)
	staff.send("#einer")
	if staff.has("#errors") {
		t.Fatalf("the mail to a recipient was refused\n%s", staff.text("#errors"))
	}
	staff.picture("empfaenger")

	reader := newSession(t, "recipient")
	text := ""
	reader.until("the mail to a recipient", wait, func() bool {
		reader.open("/demo/postausgang")
		text = ask[string](reader, `[...document.querySelectorAll('main article')].map(mail => mail.textContent).find(text => text.includes(%s)) ?? ''`, address)
		return text != ""
	})
	reader.open("/" + authority + "/mitteilung")
	reader.write("number", regexp.MustCompile(`[A-Z-]+-M-\d{4}-[0-9A-Z]{4}-[0-9A-Z]{5}`).FindString(text))
	reader.write("code", regexp.MustCompile(`\b[0-9A-Z]{5}(-[0-9A-Z]{5}){3}\b`).FindString(text))
	reader.press("main", say("citizen.notice.enter"))
	if got, want := reader.path(), "/"+authority+"/mitteilung/lesen"; got != want {
		t.Fatalf("got %s with number and code, want %s\n%s", got, want, reader.text("main"))
	}
	if notice := reader.text("#wortlaut"); !strings.Contains(notice, say("recipients.done.erase")) {
		t.Errorf("the notice does not say what was done: %s", notice)
	}
	reader.picture("mitteilung")
	return reader
}
