package portal_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/cmd/internal/portal/portaltest"
	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/disclosure"
	"einsicht/internal/landscape"
	"einsicht/internal/law"
	"einsicht/internal/person"
	"einsicht/internal/postgres/postgrestest"
	"einsicht/internal/procedure/gathering"
	"einsicht/internal/procedure/intake"
	"einsicht/internal/procedure/review"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

var ctx = context.Background()

func TestErikaGetsExactlyHerRecords(t *testing.T) {
	h := portaltest.Start(t, portaltest.Options{})
	erika := h.Landscape.Person("erika")
	for _, slug := range []string{"stk-nrw", "it-nrw"} {
		t.Run(slug, func(t *testing.T) {
			w := newWork(t, h, slug)
			planted := w.plant(t, erika)
			receipt := w.submit(t, erika, erika.Email, erika.Identifiers())
			w.gather(t, receipt.Case)
			w.proveEmail(t, receipt.Case, erika.Email)
			w.verifyByFacts(t, receipt.Case)
			w.takeUpAddresses(t, receipt.Case)
			w.gather(t, receipt.Case)
			w.decideAll(t, receipt.Case)
			w.confirmAll(t, receipt.Case)
			w.grant(t, receipt.Case)
			w.release(t, receipt.Case)
			got := w.fetch(t, receipt.Case)
			for system, want := range planted {
				if !slices.Equal(got[system], want) {
					t.Errorf("%s: got %d records %v, want %d %v", system, len(got[system]), got[system], len(want), want)
				}
			}
		})
	}
	audit(t, h)
}

func TestAnImpostorGetsNothing(t *testing.T) {
	h := portaltest.Start(t, portaltest.Options{})
	erika := h.Landscape.Person("erika")
	w := newWork(t, h, "stk-nrw")
	known := slices.DeleteFunc(erika.Identifiers(), func(d person.Identifier) bool {
		return d.Kind != person.Name && d.Kind != person.Birthdate && d.Kind != person.Address
	})
	email := person.Identifier{Kind: person.Email, Value: person.NewText("impostor@example.net")}
	receipt := w.submit(t, erika, "impostor@example.net", append(known, email))
	w.gather(t, receipt.Case)
	w.giveAll(t, receipt.Case)
	w.confirmAll(t, receipt.Case)
	w.grant(t, receipt.Case)
	err := h.Steps.Review.Propose(ctx, w.clerk, receipt.Case, person.Text{}, h.Now())
	if reasons := reasonsOf(err); !slices.Contains(reasons, "case.guard.unverified") {
		t.Fatalf("got %v, want a refusal for unverified identifiers", err)
	}
	// The contact that stood in the source before the request.
	if err := h.Steps.Identification.AddIdentifier(ctx, w.clerk, receipt.Case, person.Email, person.NewText(erika.Email), h.Now()); err != nil {
		t.Fatal(err)
	}
	w.proveEmail(t, receipt.Case, erika.Email)
	w.gather(t, receipt.Case)
	w.decideAll(t, receipt.Case)
	w.release(t, receipt.Case)
}

// work is what one authority's staff do.
type work struct {
	h                        *portaltest.House
	authority                casefile.Authority
	clerk, approver, officer casefile.Actor
}

func newWork(t *testing.T, h *portaltest.House, slug string) *work {
	a := h.Authority(t, slug)
	return &work{h: h, authority: a,
		clerk:    h.Staff(t, a, casefile.Clerk, "Karla Sommer").Actor(),
		approver: h.Staff(t, a, casefile.Approver, "Viktor Brandt").Actor(),
		officer:  h.Staff(t, a, casefile.Officer, "Dana Held").Actor()}
}

// plant adds rows of this run and gives all references by system.
func (w *work) plant(t *testing.T, p landscape.Person) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	prefix, _, _ := strings.Cut(w.authority.Slug, "-")
	if w.authority.Slug == "it-nrw" {
		prefix = "itnrw"
	}
	for _, system := range w.h.Landscape.Systems() {
		if !strings.HasPrefix(system, prefix+"-") {
			continue
		}
		if !strings.HasSuffix(system, "weblog") {
			if _, err := w.h.Landscape.Plant(ctx, system, p.ID, 1+int(seed%3), seed); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, system := range w.h.Landscape.Systems() {
		if strings.HasPrefix(system, prefix+"-") {
			all[system] = w.h.Landscape.Planted(system, p.ID)
			slices.Sort(all[system])
		}
	}
	if len(all) < 5 {
		t.Fatalf("only %d systems: this test checks nothing", len(all))
	}
	return all
}

func (w *work) submit(t *testing.T, p landscape.Person, email string, identifiers []person.Identifier) intake.Receipt {
	t.Helper()
	receipt, err := w.h.Steps.Intake.Submit(ctx, w.authority, intake.Application{
		Token: uuid.NewString(), Rights: []law.Right{law.Access},
		Request: casefile.Request{Lang: "de", About: casefile.Self, Name: person.NewText(p.Name()), Email: person.NewText(email),
			Answer: casefile.ByPortal, Consent: casefile.Consent{Given: true, At: w.h.Now(), Text: "§ 41 Abs. 2a VwVfG"}},
		Identifiers: identifiers,
	}, w.h.Now())
	if err != nil {
		t.Fatal(err)
	}
	return receipt
}

func (w *work) open(t *testing.T, id uuid.UUID) review.Opened {
	t.Helper()
	o, err := w.h.Steps.Review.Open(ctx, w.clerk, w.authority.Land, id, w.h.Now())
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// gather asks all systems and answers by hand for those without an interface.
func (w *work) gather(t *testing.T, id uuid.UUID) {
	t.Helper()
	if err := w.h.Steps.Gathering.Start(ctx, w.clerk, id, w.h.Now()); err != nil {
		t.Fatal(err)
	}
	asked := func() review.Opened { return w.open(t, id) }
	portaltest.Wait(t, "machines answer", time.Minute, func() (bool, error) {
		o := asked()
		if o.Case.State == casefile.Review {
			return true, nil
		}
		for _, s := range o.Systems {
			if s.Inquiry.State == casefile.Asked || s.Inquiry.State == casefile.Wanted {
				return false, nil
			}
		}
		return len(o.Systems) > 10, nil
	})
	for _, s := range asked().Systems {
		if s.Inquiry.State != casefile.WithUnit {
			continue
		}
		if err := w.h.Steps.Gathering.AnswerTask(ctx, w.clerk, id, s.ID, gathering.ManualAnswer{Nothing: true}, w.h.Now()); err != nil {
			t.Fatal(err)
		}
	}
	portaltest.Wait(t, "review", time.Minute, func() (bool, error) { return asked().Case.State == casefile.Review, nil })
}

// proveEmail sends a code to an address that stood in a source and enters it.
func (w *work) proveEmail(t *testing.T, id uuid.UUID, email string) {
	t.Helper()
	before := w.h.Now().Add(-time.Second)
	for _, d := range w.open(t, id).Identifiers {
		if d.Kind != person.Email || d.Value.Reveal() != email {
			continue
		}
		if err := w.h.Steps.Identification.SendContactCode(ctx, w.clerk, id, d.ID, w.h.Now()); err != nil {
			t.Fatal(err)
		}
	}
	var code string
	portaltest.Wait(t, "code mail", time.Minute, func() (bool, error) {
		sent, err := w.h.Outbox().List(ctx)
		var newest time.Time
		for _, m := range sent {
			found := regexp.MustCompile(`\b\d{8}\b`).FindString(m.Text)
			if m.To.Reveal() == email && found != "" && m.At.After(before) && m.At.After(newest) {
				code, newest = found, m.At
			}
		}
		return code != "", err
	})
	applicant := casefile.Actor{ID: id, Role: casefile.Applicant, Authority: w.authority.ID}
	if err := w.h.Steps.Identification.EnterContactCode(ctx, applicant, code, w.h.Now()); err != nil {
		t.Fatal(err)
	}
}

// takeUpAddresses takes up the network addresses that verified records name.
func (w *work) takeUpAddresses(t *testing.T, id uuid.UUID) {
	t.Helper()
	for _, s := range w.open(t, id).Systems {
		for _, f := range s.Findings {
			for i, hint := range f.Record.Hints {
				if hint.Kind != person.IPTime && hint.Kind != person.Account || !f.Verified {
					continue
				}
				err := w.h.Steps.Identification.TakeUp(ctx, w.clerk, id, f.ID, i, person.NewText("aus dem Datensatz"), w.h.Now())
				if err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// verifyByFacts records that the rest of what was claimed is right.
func (w *work) verifyByFacts(t *testing.T, id uuid.UUID) {
	t.Helper()
	for _, d := range w.open(t, id).Identifiers {
		if d.Verified() || d.Kind == person.IPTime {
			continue
		}
		err := w.h.Steps.Identification.Verify(ctx, w.clerk, id, d.ID, casefile.ByFacts, person.NewText("zwei Angaben aus der Akte"), w.h.Now())
		if err != nil {
			t.Fatal(err)
		}
	}
}

// decideAll gives what verified identifiers alone lead to and is no namesake's.
func (w *work) decideAll(t *testing.T, id uuid.UUID) {
	t.Helper()
	byVerdict := map[disclosure.Verdict][]uuid.UUID{}
	for _, s := range w.open(t, id).Systems {
		for _, f := range s.Findings {
			verdict := disclosure.NotThisPerson
			if f.Verified && (f.Record.Confidence != connector.Check || strings.HasSuffix(s.ID, "weblog")) {
				verdict = disclosure.Give
			}
			byVerdict[verdict] = append(byVerdict[verdict], f.ID)
		}
	}
	for verdict, ids := range byVerdict {
		if err := w.h.Steps.Review.DecideFindings(ctx, w.clerk, id, ids, disclosure.Decision{Verdict: verdict}, w.h.Now()); err != nil {
			t.Fatal(err)
		}
	}
}

// giveAll gives everything, as somebody careless would.
func (w *work) giveAll(t *testing.T, id uuid.UUID) {
	t.Helper()
	var all []uuid.UUID
	for _, s := range w.open(t, id).Systems {
		for _, f := range s.Findings {
			all = append(all, f.ID)
		}
	}
	if len(all) == 0 {
		t.Fatal("nothing found: this checks nothing")
	}
	if err := w.h.Steps.Review.DecideFindings(ctx, w.clerk, id, all, disclosure.Decision{Verdict: disclosure.Give}, w.h.Now()); err != nil {
		t.Fatal(err)
	}
}

func (w *work) confirmAll(t *testing.T, id uuid.UUID) {
	t.Helper()
	for _, s := range w.open(t, id).Systems {
		if s.Unconfirmed {
			if err := w.h.Steps.Review.Confirm(ctx, w.officer, s.ID, w.h.Now()); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func (w *work) grant(t *testing.T, id uuid.UUID) {
	t.Helper()
	if err := w.h.Steps.Review.DecideRight(ctx, w.clerk, id, law.Access, casefile.Granted, casefile.RightText{}, w.h.Now()); err != nil {
		t.Fatal(err)
	}
}

func (w *work) release(t *testing.T, id uuid.UUID) {
	t.Helper()
	if err := w.h.Steps.Review.Propose(ctx, w.clerk, id, person.Text{}, w.h.Now()); err != nil {
		t.Fatalf("propose: %v %v", err, reasonsOf(err))
	}
	if err := w.h.Steps.Review.Release(ctx, w.clerk, id, w.h.Now()); err == nil {
		t.Fatal("who decided released: got no error")
	}
	if err := w.h.Steps.Review.Release(ctx, w.approver, id, w.h.Now()); err != nil {
		t.Fatalf("release: %v %v", err, reasonsOf(err))
	}
	portaltest.Wait(t, "package", time.Minute, func() (bool, error) {
		o := w.open(t, id)
		return o.Case.State == casefile.Ready && !o.Case.NotifiedAt.IsZero(), nil
	})
}

// fetch downloads the package and gives the references in it, by system.
func (w *work) fetch(t *testing.T, id uuid.UUID) map[string][]string {
	t.Helper()
	applicant := casefile.Actor{ID: id, Role: casefile.Applicant, Authority: w.authority.ID}
	p, err := w.h.Steps.Delivery.Provide(ctx, applicant, id, w.h.Now())
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := p.Stream(ctx, &file, w.h.Now); err != nil {
		t.Fatal(err)
	}
	if state := w.open(t, id).Case.State; state != casefile.Delivered {
		t.Errorf("got state %s after the download, want delivered", state)
	}
	z, err := zip.NewReader(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open("daten.json")
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	return referencesOf(t, doc)
}

func referencesOf(t *testing.T, doc map[string]any) map[string][]string {
	t.Helper()
	got := map[string][]string{}
	systems, _ := doc["systems"].([]any)
	for _, s := range systems {
		system := s.(map[string]any)
		records, _ := system["records"].([]any)
		for _, r := range records {
			id := system["id"].(string)
			got[id] = append(got[id], r.(map[string]any)["reference"].(string))
		}
	}
	for _, refs := range got {
		slices.Sort(refs)
	}
	if len(got) == 0 {
		t.Fatalf("no records in the package: %d systems", len(systems))
	}
	return got
}

func audit(t *testing.T, h *portaltest.House) {
	t.Helper()
	all, err := h.DB.Authorities(ctx)
	if err != nil {
		t.Fatal(err)
	}
	entries := int64(0)
	for _, a := range all {
		portaltest.Wait(t, "ledger in order", 10*time.Second, func() (bool, error) {
			waiting := 0
			err := h.DB.View(ctx, a.ID, func(ctx context.Context) error {
				years, err := h.Ledger.Years(ctx)
				if err != nil {
					return err
				}
				for _, year := range years {
					report, err := h.Ledger.Audit(ctx, year)
					if err != nil {
						return err
					}
					if !report.OK() {
						t.Errorf("%s: %v", a.Slug, report.Findings)
					}
					waiting += len(report.Unsequenced)
					entries = max(entries, report.Size)
				}
				return nil
			})
			return waiting == 0, err
		})
	}
	if entries == 0 {
		t.Error("no ledger entry: this checks nothing")
	}
}

func reasonsOf(err error) []string {
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
