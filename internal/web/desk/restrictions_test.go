package desk_test

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

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

// A case that can't be read says so in its place, and hides no other.
func TestTheListOfRestrictionsNamesACaseThatCantBeRead(t *testing.T) {
	h := newOffice(t)
	h.restrict()
	broken := casefile.Case{ID: uuid.New(), FileNumber: "STK-NRW-2026-AAAA-BBBBB"}
	h.plans.restricted = append([]fulfilment.Restricted{{Case: broken, Unreadable: true}}, h.plans.restricted...)
	page := h.desk(t, casefile.Clerk).Get("/desk/einschraenkungen")
	for _, want := range []string{"Nicht lesbar", "Nennen Sie dem Betrieb das Aktenzeichen " + broken.FileNumber + " und die Kennung " + broken.ID.String(), h.o.Case.FileNumber} {
		if !strings.Contains(page.Text(), want) {
			t.Errorf("got %d, the list lacks %q", page.Status, want)
		}
	}
}

// Who drops the end of a restriction that the person was told of, tells them why.
func TestTheEndOfARestrictionIsDroppedWithAWordToThePerson(t *testing.T) {
	h := newOffice(t)
	h.restrict()
	h.plans.besides.Plans = slices.DeleteFunc(h.plans.besides.Plans, func(b fulfilment.BesidePlan) bool { return b.Kind != casefile.PlanLifting })
	if len(h.plans.besides.Plans) == 0 {
		t.Fatal("there is no plan to lift")
	}
	h.plans.besides.Plans[0].FixedAt, h.plans.besides.Plans[0].EndedAt = time.Time{}, time.Time{}
	b := h.desk(t, casefile.Clerk)
	form := b.Get(h.path() + "/einschraenkung").Form(h.path() + "/einschraenkung/verwerfen")
	back := b.Submit(form)
	if back.Status != 422 || !strings.Contains(back.Text(), "Schreiben Sie der Person, warum die Einschränkung bleibt.") || !strings.Contains(back.Text(), "Warum bleibt die Einschränkung?") {
		t.Fatalf("without a word: got %d: %s", back.Status, back.Text())
	}
	form.Values["for_person"] = []string{"weitere Prüfung"}
	if done := b.Submit(form); done.Status != 303 || !slices.Equal(h.calls, []string{"drop beside"}) {
		t.Errorf("got %d, steps %v, want it dropped", done.Status, h.calls)
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
		{"dropped", casefile.Clerk, "verwerfen", url.Values{"for_person": {"weitere Prüfung"}}, "drop beside", ""},
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
		"Die Person ist noch nicht unterrichtet.", "Der Person ist der 20.12.2026 genannt", "Sonntag, 20. Dezember 2026", "bei denen „Aufhebung fällig“ steht",
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
