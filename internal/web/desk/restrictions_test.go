package desk_test

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"einsicht/internal/casefile"
	"einsicht/internal/procedure/fulfilment"
	"einsicht/internal/wording"
)

func TestThePagesOfRestrictionsSpeakInWholeSentences(t *testing.T) {
	bracket := regexp.MustCompile(`\[[a-z]+\.[a-z._+-]+\]`)
	for _, lang := range wording.Languages {
		for _, role := range []casefile.Role{casefile.Clerk, casefile.Approver, casefile.Officer} {
			for _, state := range []casefile.State{casefile.Received, casefile.Review, casefile.Closed, casefile.Withdrawn} {
				for _, restricted := range []bool{true, false} {
					h := newOffice(t)
					if restricted {
						h.restrict()
					}
					h.o.Case.State = state
					b := h.desk(t, role)
					b.Header.Set("Accept-Language", string(lang))
					for _, path := range []string{h.path() + "/einschraenkung", "/desk/einschraenkungen", h.path(), "/desk/aufgaben"} {
						page := b.Get(path)
						if page.Status != 200 {
							t.Errorf("%s %s %s %s: got status %d", lang, role, state, path, page.Status)
						}
						if missing := bracket.FindAllString(string(page.Body), -1); len(missing) > 0 {
							t.Errorf("%s %s %s %s: sentences missing: %v", lang, role, state, path, missing)
						}
					}
				}
			}
		}
	}
}

func TestStaffRestrictAndLiftAtOnePage(t *testing.T) {
	for _, tt := range []struct {
		name string
		role casefile.Role
		form string
		set  url.Values
		call string // empty: it is refused with a sentence
		want string
	}{
		{"meanwhile", casefile.Clerk, "vorlaeufig", url.Values{"right": {"objection"}, "why": {"auf Verlangen"}}, "meanwhile objection", ""},
		{"meanwhile without a reason", casefile.Clerk, "vorlaeufig", url.Values{"right": {"objection"}}, "", "Schreiben Sie, warum."},
		{"lifted", casefile.Clerk, "aufheben", url.Values{"for_person": {"entschieden"}}, "lift", ""},
		{"lifted without a reason for the person", casefile.Clerk, "aufheben", url.Values{}, "", "Schreiben Sie der Person, warum die Einschränkung endet."},
		{"ordered", casefile.Approver, "anordnen", url.Values{}, "order beside", ""},
		{"dropped", casefile.Clerk, "verwerfen", url.Values{}, "drop beside", ""},
		{"what stopped", casefile.Clerk, "entscheiden", url.Values{"way": {"unit"}}, "decide", ""},
		{"what stopped and nobody says how", casefile.Clerk, "entscheiden", url.Values{}, "", "Wählen Sie, was mit der Maßnahme geschieht."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newOffice(t)
			h.restrict()
			h.o.Case.State = casefile.Review
			b := h.desk(t, tt.role)
			form := b.Get(h.path() + "/einschraenkung").Form(h.path() + "/einschraenkung/" + tt.form)
			for name, values := range tt.set {
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

func TestARestrictionShowsWhatItWaitsFor(t *testing.T) {
	h := newOffice(t)
	h.restrict()
	got := spoken(h.desk(t, casefile.Approver).Get(h.path() + "/einschraenkung"))
	for _, want := range []string{
		"Die Person verlangt, dass ihre Daten eingeschränkt werden, solange der Widerspruch abgewogen wird", "Aufhebung fällig", "Aufhebung geplant",
		"Die Person ist noch nicht unterrichtet.", "Der Person ist der 20.12.2026 genannt", "Sonntag, 20. Dezember 2026", "Worauf diese Einschränkungen gewartet haben, ist entschieden",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %q: %s", want, got)
		}
	}
	h.plans.besides = fulfilment.Besides{Rights: h.plans.besides.Rights}
	h.o.Case.State = casefile.Closed
	if got := spoken(h.desk(t, casefile.Clerk).Get(h.path() + "/einschraenkung")); !strings.Contains(got, "In diesem Vorgang gilt keine Einschränkung.") || strings.Contains(got, "Vorläufig einschränken") {
		t.Errorf("got %s", got)
	}
}
