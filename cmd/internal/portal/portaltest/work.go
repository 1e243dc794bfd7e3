package portaltest

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/disclosure"
	"einsicht/internal/inventory"
	"einsicht/internal/landscape"
	"einsicht/internal/law"
	"einsicht/internal/person"
	"einsicht/internal/procedure/gathering"
	"einsicht/internal/procedure/intake"
	"einsicht/internal/procedure/oversight"
	"einsicht/internal/procedure/review"
)

// Work is what one authority's staff do.
type Work struct {
	Authority                casefile.Authority
	Clerk, Approver, Officer casefile.Actor

	h *House
}

var ctx = context.Background()

// NewWork adds the staff of an authority.
func NewWork(t testing.TB, h *House, slug string) *Work {
	a := h.Authority(t, slug)
	return &Work{h: h, Authority: a,
		Clerk:    h.Staff(t, a, casefile.Clerk, "Karla Sommer").Actor(),
		Approver: h.Staff(t, a, casefile.Approver, "Viktor Brandt").Actor(),
		Officer:  h.Staff(t, a, casefile.Officer, "Dana Held").Actor()}
}

// Applicant is who holds the access code of a case.
func (w *Work) Applicant(id uuid.UUID) casefile.Actor {
	return casefile.Actor{ID: id, Role: casefile.Applicant, Authority: w.Authority.ID}
}

// Sources lists the authority's systems that a machine asks.
func (w *Work) Sources() []string {
	return slices.DeleteFunc(w.h.Landscape.SystemsOf(w.Authority.Slug), func(s string) bool { return !w.h.every && !w.h.Landscape.Plantable(s) })
}

// Plant adds n further matters to each database, as no other run has them, and
// gives all references of the person by system.
func (w *Work) Plant(t testing.TB, p landscape.Person, n int, seed uint64) map[string][]string {
	t.Helper()
	t.Logf("planted by seed %d", seed)
	all := map[string][]string{}
	for _, system := range w.Sources() {
		if strings.HasSuffix(system, "weblog") {
			continue
		}
		if !w.h.Landscape.Plantable(system) {
			continue
		}
		if _, err := w.h.Landscape.Plant(ctx, system, p.ID, n, seed); err != nil {
			t.Fatal(err)
		}
	}
	for _, system := range w.Sources() {
		all[system] = w.h.Landscape.Planted(system, p.ID)
		slices.Sort(all[system])
	}
	if len(all) < 5 {
		t.Fatalf("only %d systems: this test checks nothing", len(all))
	}
	return all
}

// Application is a person's request for access, answered in the portal.
func (w *Work) Application(p landscape.Person) intake.Application {
	return intake.Application{
		Token: uuid.NewString(), Rights: []law.Right{law.Access},
		Request: casefile.Request{Lang: "de", About: casefile.Self, Name: person.NewText(p.Name()), Email: person.NewText(p.Email),
			Answer: casefile.ByPortal, Consent: casefile.Consent{Given: true, At: w.h.Now(), Text: "§ 41 Abs. 2a VwVfG"}},
		Identifiers: p.Identifiers(),
	}
}

// Submit files a request.
func (w *Work) Submit(t testing.TB, a intake.Application) intake.Receipt {
	t.Helper()
	receipt, err := w.h.Steps.Intake.Submit(ctx, w.Authority, a, w.h.Now())
	if err != nil {
		t.Fatal(err)
	}
	return receipt
}

// Open opens a case as the clerk.
func (w *Work) Open(t testing.TB, id uuid.UUID) review.Opened {
	t.Helper()
	o, err := w.h.Steps.Review.Open(ctx, w.Clerk, w.Authority.Land, id, w.h.Now())
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// Case reads what stands in clear of a case.
func (w *Work) Case(t testing.TB, id uuid.UUID) casefile.Case {
	t.Helper()
	var c casefile.Case
	err := w.h.DB.View(ctx, w.Authority.ID, func(ctx context.Context) (err error) {
		c, err = w.h.House.Cases.Case(ctx, id)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Inquiries says where each system of the inventory stands; one that was not
// asked yet is missing.
func (w *Work) Inquiries(t testing.TB, id uuid.UUID) (asked map[string]casefile.Inquiry, inv inventory.Inventory) {
	t.Helper()
	asked = map[string]casefile.Inquiry{}
	err := w.h.DB.View(ctx, w.Authority.ID, func(ctx context.Context) error {
		c, err := w.h.House.Cases.Case(ctx, id)
		if err != nil {
			return err
		}
		if inv, err = w.h.House.Inventories.Version(ctx, c.Inventory); err != nil {
			return err
		}
		all, err := w.h.House.Findings.Inquiries(ctx, id)
		for _, q := range all {
			asked[q.System] = q
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return asked, inv
}

// Waiting lists the systems that a machine has still to ask.
func (w *Work) Waiting(t testing.TB, id uuid.UUID) []string {
	t.Helper()
	asked, inv := w.Inquiries(t, id)
	var waiting []string
	for _, s := range inv.Systems {
		q, ok := asked[s.ID]
		if s.Connector != inventory.Portal && (!ok || q.State == casefile.Asked || q.State == casefile.Wanted) {
			waiting = append(waiting, s.ID)
		}
	}
	return waiting
}

// Start asks all systems.
func (w *Work) Start(t testing.TB, id uuid.UUID) {
	t.Helper()
	if err := w.h.Steps.Gathering.Start(ctx, w.Clerk, id, w.h.Now()); err != nil {
		t.Fatal(err)
	}
}

// Gather asks all systems and answers by hand for those without an interface.
func (w *Work) Gather(t testing.TB, id uuid.UUID) {
	t.Helper()
	w.Start(t, id)
	Wait(t, "machines answer", Patience, func() (bool, error) { return len(w.Waiting(t, id)) == 0, nil })
	w.AnswerTasks(t, id, gathering.ManualAnswer{Nothing: true})
	w.WaitFor(t, id, casefile.Review)
}

// AnswerTasks gives one answer for all systems that people must search.
func (w *Work) AnswerTasks(t testing.TB, id uuid.UUID, answer gathering.ManualAnswer) {
	t.Helper()
	asked, _ := w.Inquiries(t, id)
	for _, q := range asked {
		if q.State == casefile.WithUnit {
			w.AnswerTask(t, id, q.System, answer)
		}
	}
}

// AnswerTask gives the answer of a unit.
func (w *Work) AnswerTask(t testing.TB, id uuid.UUID, system string, answer gathering.ManualAnswer) {
	t.Helper()
	if err := w.h.Steps.Gathering.AnswerTask(ctx, w.Clerk, id, system, answer, w.h.Now()); err != nil {
		t.Fatalf("%s: %v", system, err)
	}
}

// WaitFor waits until a case is in a state.
func (w *Work) WaitFor(t testing.TB, id uuid.UUID, state casefile.State) {
	t.Helper()
	Wait(t, string(state), Patience, func() (bool, error) { return w.Case(t, id).State == state, nil })
}

// ProveEmail sends a code to an address that stood in a source and enters it.
func (w *Work) ProveEmail(t testing.TB, id uuid.UUID, email string) (code string) {
	t.Helper()
	before, err := w.h.Outbox().List(ctx)
	if err != nil {
		t.Fatal(err)
	}
	old := map[uuid.UUID]bool{}
	for _, m := range before {
		old[m.Ref] = true
	}
	for _, d := range w.Open(t, id).Identifiers {
		if d.Kind != person.Email || d.Value.Reveal() != email {
			continue
		}
		if err := w.h.Steps.Identification.SendContactCode(ctx, w.Clerk, id, d.ID, w.h.Now()); err != nil {
			t.Fatal(err)
		}
	}
	Wait(t, "code mail", Patience, func() (bool, error) {
		sent, err := w.h.Outbox().List(ctx)
		for _, m := range sent {
			if m.To.Reveal() == email && !old[m.Ref] && code == "" {
				code = regexp.MustCompile(`\b\d{8}\b`).FindString(m.Text)
			}
		}
		return code != "", err
	})
	if err := w.h.Steps.Identification.EnterContactCode(ctx, w.Applicant(id), code, "192.0.2.7", w.h.Now()); err != nil {
		t.Fatal(err)
	}
	return code
}

// TakeUpAddresses takes up the network addresses that verified records name.
// Those of access logs themselves prove nothing: on some days a namesake comes
// from the address of the same mobile network within minutes.
func (w *Work) TakeUpAddresses(t testing.TB, id uuid.UUID) {
	t.Helper()
	for _, s := range w.Open(t, id).Systems {
		if strings.HasSuffix(s.ID, "weblog") {
			continue
		}
		for _, f := range s.Findings {
			for i, hint := range f.Record.Hints {
				if !slices.Contains([]person.IdentifierKind{person.IPTime, person.Account, person.SSHFingerprint}, hint.Kind) || !f.Verified {
					continue
				}
				err := w.h.Steps.Identification.TakeUp(ctx, w.Clerk, id, f.ID, i, person.NewText("aus dem Datensatz"), w.h.Now())
				if err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// VerifyByFacts records that the rest of what was claimed is right.
func (w *Work) VerifyByFacts(t testing.TB, id uuid.UUID) {
	t.Helper()
	for _, d := range w.Open(t, id).Identifiers {
		if d.Verified() || d.Kind == person.IPTime {
			continue
		}
		err := w.h.Steps.Identification.Verify(ctx, w.Clerk, id, d.ID, casefile.ByFacts, person.NewText("zwei Angaben aus der Akte"), w.h.Now())
		if err != nil {
			t.Fatal(err)
		}
	}
}

// Decide decides on findings that share a decision.
func (w *Work) Decide(t testing.TB, id uuid.UUID, findings []uuid.UUID, d disclosure.Decision) {
	t.Helper()
	if err := w.h.Steps.Review.DecideFindings(ctx, w.Clerk, id, findings, d, w.h.Now()); err != nil {
		t.Fatal(err)
	}
}

// DecideAll gives what verified identifiers alone lead to and is no namesake's.
func (w *Work) DecideAll(t testing.TB, id uuid.UUID) {
	t.Helper()
	byVerdict := map[disclosure.Verdict][]uuid.UUID{}
	for _, s := range w.Open(t, id).Systems {
		for _, f := range s.Findings {
			verdict := disclosure.NotThisPerson
			byHand := f.Record.Category == "manual"
			if f.Verified && (f.Record.Confidence != connector.Check || byHand || ByAddress(s.ID)) {
				verdict = disclosure.Give
			}
			byVerdict[verdict] = append(byVerdict[verdict], f.ID)
		}
	}
	for verdict, ids := range byVerdict {
		w.Decide(t, id, ids, disclosure.Decision{Verdict: verdict})
	}
}

// ByAddress says whether an address and a time lead to the records of a system,
// which are then always to be checked.
func ByAddress(system string) bool {
	return strings.HasSuffix(system, "weblog") || strings.HasSuffix(system, "jitsi")
}

// ConfirmAll confirms what was only inferred about the systems asked.
func (w *Work) ConfirmAll(t testing.TB, id uuid.UUID) {
	t.Helper()
	for _, s := range w.Open(t, id).Systems {
		if s.Unconfirmed {
			if err := w.h.Steps.Review.Confirm(ctx, w.Officer, s.ID, w.h.Now()); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Release has a second person let the answer out, after what the decision changes in
// systems was carried out, by units where no machine can. It does not wait for the
// package.
func (w *Work) Release(t testing.TB, id uuid.UUID) {
	t.Helper()
	if len(w.Planned(t, id).Missing) > 0 {
		w.Plan(t, id)
	}
	if len(w.Measures(t, id)) > 0 {
		w.Order(t, id)
		w.ConfirmTasks(t, id)
		return
	}
	if err := w.h.Steps.Review.Propose(ctx, w.Clerk, id, person.Text{}, w.h.Now()); err != nil {
		t.Fatalf("propose: %v %v", err, ReasonsOf(err))
	}
	w.WaitsForTheSecond(t, id, casefile.Release, "")
	if err := w.h.Steps.Review.Release(ctx, w.Clerk, id, w.h.Now()); err == nil {
		t.Fatal("who decided released: got no error")
	}
	if err := w.h.Steps.Review.Release(ctx, w.Approver, id, w.h.Now()); err != nil {
		t.Fatalf("release: %v %v", err, ReasonsOf(err))
	}
}

// WaitsForTheSecond checks that the approver finds what is to be released or ordered, and
// that who decided or planned finds nothing, whatever their role.
func (w *Work) WaitsForTheSecond(t testing.TB, id uuid.UUID, event casefile.Event, plan casefile.PlanKind) {
	t.Helper()
	first := w.Clerk
	first.Role = casefile.Approver
	for _, c := range []struct {
		actor casefile.Actor
		want  bool
	}{{w.Approver, true}, {w.Clerk, false}, {first, false}} {
		all, err := w.h.Steps.Oversight.Waiting(ctx, c.actor, w.h.Now())
		if err != nil {
			t.Fatal(err)
		}
		got := slices.ContainsFunc(all, func(o oversight.Waiting) bool {
			return o.Case.ID == id && o.For == event && o.Plan == plan && !o.Since.IsZero()
		})
		if got != c.want {
			t.Errorf("%s %s waits for the %s %s: got %v, want %v", event, plan, c.actor.Role, c.actor.ID, got, c.want)
		}
	}
}

// WaitForPackage waits until the answer is ready and the notice is out.
func (w *Work) WaitForPackage(t testing.TB, id uuid.UUID) {
	t.Helper()
	Wait(t, "package", Patience, func() (bool, error) {
		c := w.Case(t, id)
		return c.State == casefile.Ready && !c.NotifiedAt.IsZero(), nil
	})
}

// ReasonsOf gives the keys of a refusal's reasons.
func ReasonsOf(err error) []string {
	var refusal *casefile.Refusal
	if !errors.As(err, &refusal) {
		return nil
	}
	var keys []string
	for _, r := range refusal.Reasons {
		keys = append(keys, r.Key)
	}
	return keys
}
