package desk_test

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"einsicht/internal/casefile"
	"einsicht/internal/wording"
)

func TestThePageOfRecipientsSpeaksInWholeSentences(t *testing.T) {
	bracket := regexp.MustCompile(`\[[a-z]+\.[a-z._+-]+\]`)
	for _, lang := range wording.Languages {
		for _, role := range []casefile.Role{casefile.Clerk, casefile.Approver, casefile.Officer} {
			h := newOffice(t)
			b := h.desk(t, role)
			b.Header.Set("Accept-Language", string(lang))
			pages := []string{"/empfaenger"}
			for _, id := range h.recipients() {
				pages = append(pages, "/empfaenger?empfaenger="+id.String())
			}
			h.plans.told.Plans = append(h.plans.told.Plans, h.plans.told.Plans[0])
			h.plans.told.Plans[1].Kind, h.plans.told.Plans[1].Notices = casefile.PlanMeanwhile, nil
			for _, path := range pages {
				page := b.Get(h.path() + path)
				if page.Status != 200 {
					t.Errorf("%s %s: got status %d", lang, role, page.Status)
				}
				if missing := bracket.FindAllString(string(page.Body), -1); len(missing) > 0 {
					t.Errorf("%s %s: sentences missing: %v", lang, role, missing)
				}
			}
		}
	}
}

func TestStaffTellRecipientsOrSayWhyNot(t *testing.T) {
	for _, tt := range []struct {
		name string
		who  casefile.NoticeState // whose form is open
		form string
		set  url.Values
		call string // empty: it is refused with a sentence
		want string
	}{
		{"by a letter", casefile.NoticeOpen, "/empfaenger/unterrichten", url.Values{"how": {"letter"}, "to": {"Stelle\nWeg 1"}}, "tell", ""},
		{"by a letter without an address", casefile.NoticeOpen, "/empfaenger/unterrichten", url.Values{"how": {"letter"}, "to": {"Stelle"}}, "", "Tragen Sie Namen und Anschrift ein"},
		{"by a mail", casefile.NoticeOpen, "/empfaenger/unterrichten", url.Values{"how": {"mail"}, "mail": {"a@example.org"}}, "mail a@example.org", ""},
		{"by a mail without an address", casefile.NoticeOpen, "/empfaenger/unterrichten", url.Values{"how": {"mail"}, "mail": {"Amt"}}, "", "Tragen Sie eine einzelne E-Mail-Adresse ein"},
		{"no mail any more", "", "/empfaenger/anhalten", url.Values{}, "stop", ""},
		{"one whose mail nobody read", "returned", "/empfaenger/unterrichten", url.Values{"how": {"unit"}}, "unit", ""},
		{"by a unit", casefile.NoticeOpen, "/empfaenger/unterrichten", url.Values{"how": {"unit"}}, "unit", ""},
		{"nobody said how", casefile.NoticeOpen, "/empfaenger/unterrichten", url.Values{}, "", "Wählen Sie, wie der Empfänger unterrichtet wird."},
		{"the unit told", "unit", "/empfaenger/rueckmeldung", url.Values{"said": {"angerufen"}}, "told angerufen", ""},
		{"it answered", casefile.NoticeSent, "/empfaenger/antwort", url.Values{"said": {"auch gelöscht"}}, "answered auch gelöscht", ""},
		{"one that got nothing", "", "/empfaenger/ausschliessen", url.Values{"notices": {"OPEN"}, "state": {"none"}, "why": {"nie"}}, "rule out none", ""},
		{"nobody said why", "", "/empfaenger/ausschliessen", url.Values{"notices": {"OPEN"}, "state": {"none"}}, "", "Schreiben Sie, warum."},
		{"one more", "", "/empfaenger/ergaenzen", url.Values{"recipient": {"Amt"}}, "add Amt", ""},
		{"after all", "", "/empfaenger/doch", url.Values{}, "reconsider", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newOffice(t)
			ids := h.recipients()
			b := h.desk(t, casefile.Clerk)
			path := h.path() + "/empfaenger"
			if tt.who != "" {
				path += "?empfaenger=" + ids[tt.who].String()
			}
			form := b.Get(path).Form(h.path() + tt.form)
			for name, values := range tt.set {
				if values[0] == "OPEN" {
					values = []string{ids[casefile.NoticeOpen].String()}
				}
				form.Values[name] = values
			}
			done := b.Submit(form)
			switch {
			case tt.call != "" && (done.Status != 303 || !slices.Equal(h.calls, []string{tt.call})):
				t.Errorf("got %d, steps %v, want %s: %s", done.Status, h.calls, tt.call, done.Text())
			case tt.call == "" && (done.Status != 422 || !strings.Contains(done.Text(), tt.want)):
				t.Errorf("got %d, want %q: %s", done.Status, tt.want, done.Text())
			}
		})
	}
}

func TestTheDeskSaysWhatBecameOfAMail(t *testing.T) {
	for _, role := range []casefile.Role{casefile.Clerk, casefile.Officer} {
		h := newOffice(t)
		h.recipients()
		page := h.desk(t, role).Get(h.path() + "/empfaenger")
		for _, want := range []string{
			"Die E-Mail an stelle@example.org wird verschickt.", "an stelle@example.org gemailt, noch nicht gelesen. Lesbar bis",
			"im Portal gelesen. Bestätigt am", "auch gesperrt", "nicht in 14 Tagen gelesen. Nummer und Code gelten nicht mehr.",
		} {
			if !strings.Contains(page.Text(), want) {
				t.Errorf("%s: the page lacks %q", role, want)
			}
		}
		if got, want := strings.Count(string(page.Body), h.path()+"/empfaenger/anhalten"), map[casefile.Role]int{casefile.Clerk: 2}[role]; got != want {
			t.Errorf("%s: got %d ways to stop a mail, want %d", role, got, want)
		}
	}
}

func TestWhoOnlyReadsSeesRecipientsWithoutForms(t *testing.T) {
	h := newOffice(t)
	h.recipients()
	page := h.desk(t, casefile.Officer).Get(h.path() + "/empfaenger")
	if strings.Contains(string(page.Body), h.path()+"/empfaenger/") {
		t.Error("a form is offered")
	}
	for _, want := range []string{"Stelle impossible", "gibt es nicht mehr", "Der Fachbereich unterrichtet.", "Die Person hat gefragt"} {
		if !strings.Contains(page.Text(), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestOpenRecipientsAreSeenBeforeTheAnswerIsProposed(t *testing.T) {
	h := newOffice(t)
	h.o.Blocked[casefile.Propose] = nil
	b := h.desk(t, casefile.Clerk)
	const hint = "Vorher klären: 2 Empfänger sind offen"
	if text := b.Get(h.path()).Text(); strings.Contains(text, "Vorher klären") {
		t.Error("nobody asked for recipients, and the page says to settle them")
	}
	h.o.Recipients = 2
	page := b.Get(h.path())
	if n := strings.Count(page.Text(), hint); n != 2 || !slices.Contains(page.Links(), h.path()+"/empfaenger") {
		t.Errorf("got the hint %d times, want it at the next step and where the answer is proposed: %v", n, page.Links())
	}
	if !strings.Contains(string(page.Body), `action="`+h.path()+`/vorlegen"`) {
		t.Error("the hint keeps the answer from being proposed")
	}
	h.o.Case.State, h.o.Blocked = casefile.Proposed, map[casefile.Event][]casefile.Reason{casefile.Release: nil, casefile.Return: nil}
	if text := h.desk(t, casefile.Approver).Get(h.path()).Text(); !strings.Contains(text, hint) {
		t.Error("who releases does not see that recipients are open")
	}
}
