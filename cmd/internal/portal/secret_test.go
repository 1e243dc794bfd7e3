package portal_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"einsicht/cmd/internal/portal/portaltest"
	"einsicht/internal/casefile"
	"einsicht/internal/disclosure"
	"einsicht/internal/law"
	"einsicht/internal/procedure/gathering"
	"einsicht/internal/procedure/intake"
	"einsicht/internal/web/webtest"
)

// emptied are systems whose findings are secret first, and what takes all
// records away then.
var emptied = map[string]string{
	"stk-callbacks":     "delete from attempt; delete from callback; delete from caller",
	"stk-accreditation": "delete from shuttle; delete from participation; delete from accreditation; delete from journalist",
}

// Where the fact of processing is secret (§ 12(2) s. 1 no. 3 DSG NRW), all that
// leaves the house is what the same person would get if the system held nothing.
func TestASecretFactLooksLikeNothingHeld(t *testing.T) {
	t.Parallel()
	h := portaltest.Start(t, portaltest.Options{Own: true})
	w := portaltest.NewWork(t, h, "stk-nrw")
	w.Plant(t, h.Landscape.Person("erika"), 2, 5)
	secret := answered(t, h, w, true)
	for system, sql := range emptied {
		inSource(t, h, system, sql)
	}
	nothing := answered(t, h, w, false)
	for name := range merged(secret, nothing) {
		if a, b := secret[name], nothing[name]; a != b {
			t.Errorf("%s differs:\n%s", name, firstDifference(a, b))
		}
	}
	if len(nothing) < 12 {
		t.Errorf("only %d things compared: %v", len(nothing), slices.Sorted(maps.Keys(nothing)))
	}
}

// answered takes a case of Erika's to its end, and gives everything that left
// the house.
func answered(t *testing.T, h *portaltest.House, w *portaltest.Work, held bool) map[string]string {
	t.Helper()
	erika := h.Landscape.Person("erika")
	before := mails(t, h)
	application := w.Application(erika)
	application.Rights = []law.Right{law.Access, law.Portability}
	receipt := w.Submit(t, application)
	id := receipt.Case
	w.Start(t, id)
	portaltest.Wait(t, "machines answer", portaltest.Patience, func() (bool, error) { return len(w.Waiting(t, id)) == 0, nil })
	w.ProveEmail(t, id, erika.Email)
	w.VerifyByFacts(t, id)
	asked, _ := w.Inquiries(t, id)
	var units []string
	for system, q := range asked {
		if q.State == casefile.WithUnit {
			units = append(units, system)
		}
	}
	slices.Sort(units)
	if held {
		w.AnswerTask(t, id, units[0], gathering.ManualAnswer{Led: []uuid.UUID{w.Open(t, id).Identifiers[0].ID}, Text: text("steht unter Beobachtung"),
			File: gathering.Upload{Name: text("akte.pdf"), Content: []byte("streng geheim")}})
	}
	w.AnswerTasks(t, id, gathering.ManualAnswer{Nothing: true})
	w.WaitFor(t, id, casefile.Review)
	w.DecideAll(t, id)
	for _, s := range w.Open(t, id).Systems {
		if _, ok := emptied[s.ID]; !ok && s.ID != units[0] {
			continue
		}
		var ids []uuid.UUID
		for _, f := range s.Findings {
			ids = append(ids, f.ID)
		}
		if held != (len(ids) > 0) {
			t.Fatalf("%s: got %d findings; this case is to have some: %t", s.ID, len(ids), held)
		}
		w.Decide(t, id, ids, disclosure.Decision{Verdict: disclosure.Withhold, SecretFact: true, Ground: "NRW-12-2-3A", ForFile: text("§ 16 BStatG")})
		if held {
			w.Hold(t, id, law.Access, "NRW-12-2-3A", s.ID)
		}
	}
	w.ConfirmLaw(t)
	w.Weigh(t, id, law.Portability)
	w.DecideRight(t, id, law.Portability, said)
	w.ConfirmAll(t, id)
	w.Grant(t, id)
	w.Release(t, id)
	w.WaitForPackage(t, id)
	all := map[string]string{}
	for name, content := range w.Fetch(t, id) {
		all["package: "+name] = string(content)
	}
	seen(t, h, w, receipt, all)
	for ref, mail := range mails(t, h) {
		if _, old := before[ref]; !old {
			kind, _, _ := strings.Cut(mail, "\n")
			all["mail: "+kind] = mail
		}
	}
	for name, content := range all {
		all[name] = varying.ReplaceAllString(strings.ReplaceAll(content, receipt.FileNumber, "FILE-NUMBER"), "…")
	}
	return all
}

// varying are dates and times, and what follows from file number and dates:
// checksums, the size of the compressed whole, tokens of forms, codes.
var varying = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)|\b[0-9a-f]{64}\b|\b\d\d:\d\d\b|\b\d{8}\b|name="(_csrf|csrf|token)" value="[^"]*"|\([0-9.,]+ [kKMG]?i?B\)`)

// seen adds what the applicant sees of the case, as data and as pages.
func seen(t *testing.T, h *portaltest.House, w *portaltest.Work, receipt intake.Receipt, all map[string]string) {
	t.Helper()
	o, err := h.Steps.Correspondence.Own(ctx, w.Applicant(receipt.Case), w.Authority.Land, h.Now())
	if err != nil {
		t.Fatal(err)
	}
	var history strings.Builder
	for _, e := range o.History {
		fmt.Fprintf(&history, "%s %q\n", e.Kind, e.Text.ForPerson.Reveal())
	}
	all["own history"] = history.String()
	all["own state"] = fmt.Sprint(o.Case.State, o.Case.Due, o.Case.Warn, o.Case.Sort, o.Case.EffectiveOn, o.Case.GapsAccepted, o.WantsCode, o.Question)
	for _, r := range o.Rights {
		all["own rights"] += fmt.Sprintln(r.Right, r.Outcome, r.Due)
	}
	for _, e := range o.Package.Entries {
		all["own package"] += fmt.Sprintln(e.Name, e.Size)
	}
	b := (&webtest.Portal{URL: h.Address()}).Browser(t)
	form := b.Get("/stk-nrw/stand").Form("").With("number", receipt.FileNumber).With("code", receipt.AccessCode)
	page := b.Follow(b.Submit(form))
	if !strings.Contains(string(page.Body), receipt.FileNumber) {
		t.Fatalf("%s does not show the case: this checks nothing", page.Path)
	}
	all["page: own case"] = string(page.Body)
}

// mails gives all mails in the outbox, with their subjects first.
func mails(t *testing.T, h *portaltest.House) map[uuid.UUID]string {
	t.Helper()
	sent, err := h.Outbox().List(ctx)
	if err != nil {
		t.Fatal(err)
	}
	all := map[uuid.UUID]string{}
	for _, m := range sent {
		all[m.Ref] = m.Subject + "\n" + m.To.Reveal() + "\n" + m.Text + "\n" + m.HTML
	}
	return all
}

// inSource runs SQL in the database of a system, as its superuser.
func inSource(t *testing.T, h *portaltest.House, system, sql string) {
	t.Helper()
	db, err := pgx.Connect(ctx, h.Sources.DSN(h.Sources.Superuser(), strings.ReplaceAll(system, "-", "_")))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close(ctx)
	if _, err := db.Exec(ctx, sql); err != nil {
		t.Fatalf("%s: %v", system, err)
	}
}

func merged(a, b map[string]string) map[string]string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

func firstDifference(a, b string) string {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	around := func(s string) string { return s[max(0, n-80):min(len(s), n+120)] }
	return fmt.Sprintf("secret:  %q\nnothing: %q", around(a), around(b))
}
