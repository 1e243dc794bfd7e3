package portal_test

import (
	"context"
	"errors"
	"html"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/cmd/internal/portal/portaltest"
	"einsicht/internal/disclosure"
	"einsicht/internal/law"
	"einsicht/internal/letter"
	"einsicht/internal/person"
	"einsicht/internal/problem"
)

func TestMain(m *testing.M) { portaltest.Main(m) }

var ctx = context.Background()

func TestErikaGetsExactlyHerRecords(t *testing.T) {
	t.Parallel()
	h := portaltest.Start(t, portaltest.Options{Own: true, Every: true})
	erika := h.Landscape.Person("erika")
	for _, slug := range []string{"stk-nrw", "it-nrw"} {
		t.Run(slug, func(t *testing.T) {
			w := portaltest.NewWork(t, h, slug)
			seed := uint64(time.Now().UnixNano())
			planted := w.Plant(t, erika, 1+int(seed%3), seed)
			id := w.Submit(t, w.Application(erika)).Case
			if _, _, err := h.Steps.Delivery.DraftAnswer(ctx, w.Clerk, id, h.Now()); !errors.Is(err, problem.Conflict) {
				t.Errorf("an answer to look at before anybody searched: got %v, want a conflict", err)
			}
			w.Gather(t, id)
			w.ProveEmail(t, id, erika.Email)
			w.VerifyByFacts(t, id)
			w.TakeUpAddresses(t, id)
			w.Gather(t, id)
			w.DecideAll(t, id)
			w.ConfirmAll(t, id)
			w.Weigh(t, id, law.Access)
			draft, _, err := h.Steps.Delivery.DraftAnswer(ctx, w.Clerk, id, h.Now())
			if err != nil {
				t.Fatal(err)
			}
			w.Grant(t, id)
			if slug == "it-nrw" { // a system under § 5(5) DSG NRW holds something
				err := h.Steps.Review.Propose(ctx, w.Clerk, id, person.Text{}, h.Now())
				if reasons := portaltest.ReasonsOf(err); !slices.Contains(reasons, "case.guard.remedy") {
					t.Fatalf("no word on the way to court: got %v, want a refusal", err)
				}
				w.Words(t, "remedy.bdsg_nonpublic")
			}
			w.Release(t, id)
			w.WaitForPackage(t, id)
			answer := w.Fetch(t, id)
			if left := string(answer["Auskunft.html"]); !strings.Contains(left, html.EscapeString(draft.Subject)) || !strings.Contains(left, html.EscapeString(outcomeOf(t, draft))) {
				t.Errorf("the answer says something else than what staff looked at: %q", outcomeOf(t, draft))
			}
			got := answer.References(t)
			for system, want := range planted {
				if !slices.Equal(got[system], want) {
					t.Errorf("%s: got %d records %v, want %d %v", system, len(got[system]), got[system], len(want), want)
				}
			}
		})
	}
	h.Audit(t)
}

func TestAnImpostorGetsNothing(t *testing.T) {
	t.Parallel()
	h := portaltest.Start(t, portaltest.Options{Own: true})
	erika := h.Landscape.Person("erika")
	w := portaltest.NewWork(t, h, "stk-nrw")
	request := w.Application(erika)
	request.Request.Email = person.NewText("impostor@example.net")
	request.Identifiers = append(slices.DeleteFunc(request.Identifiers, func(d person.Identifier) bool {
		return d.Kind != person.Name && d.Kind != person.Birthdate && d.Kind != person.Address
	}), person.Identifier{Kind: person.Email, Value: request.Request.Email})
	id := w.Submit(t, request).Case
	w.Gather(t, id)
	w.ConfirmAll(t, id)
	w.ConfirmLaw(t)
	var all []uuid.UUID
	for _, s := range w.Open(t, id).Systems {
		for _, f := range s.Findings {
			all = append(all, f.ID)
		}
	}
	// To withhold openly would tell the impostor that she is known there.
	for _, d := range []disclosure.Decision{
		{Verdict: disclosure.Withhold, Ground: "NRW-12-2-3B", ForFile: text("geprüft"), ForPerson: text("Rechte Dritter")},
		{Verdict: disclosure.Give},
	} {
		w.Decide(t, id, all, d)
		err := h.Steps.Review.Propose(ctx, w.Clerk, id, person.Text{}, h.Now())
		if reasons := portaltest.ReasonsOf(err); len(all) == 0 || !slices.Contains(reasons, "case.guard.unverified") {
			t.Fatalf("%s: got %v, want a refusal for unverified identifiers", d.Verdict, err)
		}
	}
	if err := h.Steps.Review.DecideFindings(ctx, w.Clerk, id, all, disclosure.Decision{Verdict: "x"}, h.Now()); !errors.Is(err, problem.Invalid) {
		t.Errorf("a verdict that is none: got %v, want invalid", err)
	}
	// The contact that stood in the source before the request.
	if err := h.Steps.Identification.AddIdentifier(ctx, w.Clerk, id, person.Email, person.NewText(erika.Email), h.Now()); err != nil {
		t.Fatal(err)
	}
	w.ProveEmail(t, id, erika.Email)
	w.Gather(t, id)
	w.DecideAll(t, id)
	w.Grant(t, id)
	w.Release(t, id)
	w.WaitForPackage(t, id)
}

// outcomeOf is what a letter says to the first right.
func outcomeOf(t *testing.T, l letter.Letter) string {
	t.Helper()
	s, _ := l.Section(letter.Outcome)
	for _, b := range s.Blocks {
		if table, ok := b.(letter.Table); ok && len(table.Rows) > 0 {
			return table.Rows[0][1]
		}
	}
	t.Fatal("the letter names no outcome")
	return ""
}
