package fulfilment_test

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/inventory"
	"einsicht/internal/jobs"
	"einsicht/internal/keyring"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/catalogue"
	"einsicht/internal/permission"
	"einsicht/internal/person"
	"einsicht/internal/postgres"
	"einsicht/internal/postgres/postgrestest"
	"einsicht/internal/procedure"
	"einsicht/internal/procedure/fulfilment"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

var now = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

// house is the procedure's house with one authority, one case that is being carried
// out and one system.
type house struct {
	*fulfilment.Fulfilment
	t        *testing.T
	db       *postgres.DB
	queue    *queue
	source   *source
	letters  *letters
	clerk    casefile.Actor
	operator casefile.Actor
	c        casefile.Case
	plan     casefile.Plan
	inquiry  uuid.UUID

	superuser string
}

func newHouse(t *testing.T) *house {
	t.Helper()
	d := postgrestest.New(t, jobs.Migrate)
	db, err := postgres.Open(t.Context(), postgres.Options{URL: d.URL, MaxConns: 8})
	must(t, err)
	t.Cleanup(db.Close)
	keys, err := keyring.Create(filepath.Join(t.TempDir(), "wrapping.json"), postgres.Keys{DB: db})
	must(t, err)
	policy, err := permission.New()
	must(t, err)
	book, err := catalogue.Load()
	must(t, err)
	a, err := db.PutAuthority(t.Context(), casefile.Authority{Slug: "stk-nrw", Name: "x", Land: "NW"}, now)
	must(t, err)
	must(t, keys.Prepare(t.Context(), a.ID, "reference", "erased"))
	h := &house{t: t, db: db, superuser: d.Superuser, queue: &queue{}, source: &source{rows: map[string]string{}}, letters: &letters{},
		clerk:    casefile.Actor{ID: uuid.New(), Role: casefile.Clerk, Authority: a.ID},
		operator: casefile.Actor{ID: uuid.New(), Role: casefile.Operator, Authority: a.ID},
		c: casefile.Case{ID: uuid.New(), Authority: a.ID, FileNumber: "1", State: casefile.Fulfilling, ReceivedAt: now,
			Received: calendar.DateOf(now), Sealed: []byte("x")}}
	h.Fulfilment = &fulfilment.Fulfilment{Sources: h, Memory: postgres.Plans{}, Letters: h.letters, Jobs: h.queue, House: &procedure.House{Units: db, Cases: postgres.Cases{},
		Findings: postgres.Findings{}, Plans: postgres.Plans{}, Inventories: &postgres.Inventories{}, Letters: postgres.Letters{},
		Statutes: postgres.Statutes{}, Law: book, Keys: keys, Ledger: postgres.Ledger{DB: db, Keys: keys}, Queue: h.queue, Permission: policy}}
	if _, err := h.c.Reckon("NW", nil); err != nil {
		t.Fatal(err)
	}
	h.letters.keep = func(ctx context.Context, id uuid.UUID) error {
		return h.House.Letters.PutLetter(ctx, casefile.Letter{ID: id, Case: h.c.ID, CreatedAt: now, CreatedBy: h.clerk.ID, Sealed: []byte("x")})
	}
	h.inTx(func(ctx context.Context) error {
		inventories := &postgres.Inventories{}
		for _, inv := range inventory.Shipped() {
			if inv.Authority.ID != a.Slug {
				continue
			}
			if _, err := inventories.Import(ctx, inv, uuid.Nil, now); err != nil {
				return err
			}
		}
		var err error
		if h.c.Inventory, _, err = inventories.Current(ctx); err != nil {
			return err
		}
		if err := h.Cases.Create(ctx, h.c, []byte("1"), []byte("mac")); err != nil {
			return err
		}
		if err := keys.NewCase(ctx, a.ID, h.c.ID); err != nil {
			return err
		}
		if h.c.Sealed, err = h.Seal(ctx, procedure.SlotOf(h.c, "casefile", "sealed", h.c.ID), casefile.Request{Lang: "de", Residence: casefile.Residence{Unknown: true, At: now}}); err != nil {
			return err
		}
		if err := h.Cases.Save(ctx, h.c); err != nil {
			return err
		}
		rights := []casefile.Right{{Right: law.Erasure, Outcome: casefile.Granted}, {Right: law.Rectification, Outcome: casefile.Granted}}
		if err := h.Cases.PutRights(ctx, h.c.ID, rights); err != nil {
			return err
		}
		h.inquiry = uuid.New()
		if err := h.Findings.PutInquiries(ctx, []casefile.Inquiry{{ID: h.inquiry, Case: h.c.ID, System: system, State: casefile.FoundSome, AskedAt: now}}); err != nil {
			return err
		}
		h.plan = casefile.Plan{ID: uuid.New(), Case: h.c.ID, MadeAt: now, MadeBy: h.clerk.ID, FixedAt: now, FixedBy: uuid.New()}
		return h.Plans.PutPlan(ctx, h.plan)
	})
	return h
}

// system is one of the inventory.
const system = "stk-press-export"

// planned puts so many rows into the system with a measure for each, and as many
// rows of neighbours.
func (h *house) planned(n int, do connector.Ability) []procedure.Measure {
	h.t.Helper()
	measures := make([]procedure.Measure, n)
	for i := range measures {
		reference := "rows/" + strconv.Itoa(i)
		h.source.rows[reference], h.source.rows["neighbours/"+strconv.Itoa(i)] = "Erika", "Max"
		f := h.source.finding(reference)
		m := procedure.Measure{Measure: casefile.Measure{ID: uuid.New(), Plan: h.plan.ID, Case: h.c.ID, System: system, Right: law.Erasure, Do: do, State: casefile.Planned}}
		m.Text = casefile.MeasureText{Reference: reference, Seen: f.Fingerprint(), Before: f.Fields}
		if do == connector.CanRectify {
			m.Right, m.Text.Values = law.Rectification, map[string]person.Text{"name": person.NewText("Erika M.")}
			e := connector.Effect{Before: f, After: []connector.Field{{Name: "name", Value: person.NewText("Erika M.")}}}
			m.Text.Left = e.FingerprintAfter()
		}
		measures[i] = m
	}
	h.put(measures...)
	return measures
}

func (h *house) put(measures ...procedure.Measure) {
	h.t.Helper()
	h.inTx(func(ctx context.Context) error { return h.PutMeasures(ctx, h.c, measures...) })
}

func (h *house) measures() (all []procedure.Measure) {
	h.t.Helper()
	must(h.t, h.db.View(h.t.Context(), h.c.Authority, func(ctx context.Context) (err error) {
		all, err = h.Measures(ctx, h.c)
		return err
	}))
	return all
}

// states counts the measures by state.
func (h *house) states() map[casefile.MeasureState]int {
	h.t.Helper()
	n := map[casefile.MeasureState]int{}
	for _, m := range h.measures() {
		n[m.State]++
	}
	return n
}

func (h *house) state() casefile.State {
	h.t.Helper()
	var c casefile.Case
	must(h.t, h.db.View(h.t.Context(), h.c.Authority, func(ctx context.Context) (err error) {
		c, err = h.Cases.Case(ctx, h.c.ID)
		return err
	}))
	return c.State
}

// reside writes where the person lives.
func (h *house) reside(r casefile.Residence) {
	h.t.Helper()
	h.inTx(func(ctx context.Context) error {
		c, err := h.Cases.Case(ctx, h.c.ID)
		if err != nil {
			return err
		}
		if c.Sealed, err = h.Seal(ctx, procedure.SlotOf(c, "casefile", "sealed", c.ID), casefile.Request{Lang: "de", Residence: r}); err != nil {
			return err
		}
		return h.Cases.Save(ctx, c)
	})
}

func (h *house) outcome(right law.Right) (o casefile.Outcome) {
	h.t.Helper()
	must(h.t, h.db.View(h.t.Context(), h.c.Authority, func(ctx context.Context) error {
		rights, err := h.Cases.Rights(ctx, h.c.ID)
		for _, r := range rights[h.c.ID] {
			if r.Right == right {
				o = r.Outcome
			}
		}
		return err
	}))
	return o
}

// change runs the job that carries out.
func (h *house) change() error {
	return h.Change(h.t.Context(), h.c.Authority, h.inquiry, now, time.Time{})
}

func (h *house) inTx(f func(context.Context) error) {
	h.t.Helper()
	must(h.t, h.db.InTx(h.t.Context(), h.c.Authority, f))
}

// Has and Open are those of fulfilment.Sources.
func (h *house) Has(context.Context, uuid.UUID, string) (bool, error) { return !h.source.off, nil }

func (h *house) Open(context.Context, uuid.UUID, string) (connector.Connector, error) {
	return h.source, h.source.tear("open")
}

// queue notes the jobs that were added, and those that were to begin anew.
type queue struct{ jobs, anew []casefile.Job }

func (q *queue) Restart(_ context.Context, _, _ uuid.UUID, job casefile.Job) error {
	q.anew = append(q.anew, job)
	return nil
}

func (q *queue) Enqueue(_ context.Context, _, _ uuid.UUID, jobs ...casefile.Job) error {
	q.jobs = append(q.jobs, jobs...)
	return nil
}

// source is a system of rows with one field, that can be torn at every step.
type source struct {
	rows   map[string]string
	acted  map[string]int // how often each was changed
	refuse map[string]connector.EffectState
	tears  string // the step at which it is torn next
	half   int    // rows that it changes before it is torn within a change
	off    bool
}

// marked is how the system marks a record as restricted.
const marked = "gesperrt "

var errTorn = connector.Fail(connector.ErrUnreachable, system, "torn", nil)

func (s *source) tear(at string) error {
	if s.tears != at {
		return nil
	}
	s.tears = ""
	return errTorn
}

func (s *source) finding(reference string) connector.Finding {
	return connector.Finding{Reference: reference, Category: "rows", Fields: []connector.Field{{Name: "name", Value: person.NewText(s.rows[reference])}}}
}

func (s *source) Close() error { return nil }

func (s *source) Find(_ context.Context, _ connector.Query, _ connector.Cursor, yield func(connector.Finding, connector.Cursor) error) (connector.Answer, error) {
	if err := s.tear("find"); err != nil {
		return connector.Answer{}, err
	}
	for _, reference := range slices.Sorted(maps.Keys(s.rows)) {
		if s.rows[reference] == "Max" {
			continue
		}
		if err := yield(s.finding(reference), nil); err != nil {
			return connector.Answer{}, err
		}
	}
	return connector.Answer{Outcome: connector.Found}, nil
}

func (s *source) Read(_ context.Context, references []string) (map[string]connector.Finding, error) {
	found := map[string]connector.Finding{}
	for _, r := range references {
		if _, there := s.rows[r]; there {
			found[r] = s.finding(r)
		}
	}
	if s.tears == "second read" {
		s.tears = "read"
		return found, nil
	}
	return found, s.tear("read")
}

func (s *source) References(_ context.Context, yield func(string) error) error {
	for _, reference := range slices.Sorted(maps.Keys(s.rows)) {
		if err := yield(reference); err != nil {
			return err
		}
	}
	return nil
}

func (s *source) Rehearse(_ context.Context, changes []connector.Change) ([]connector.Effect, error) {
	before := maps.Clone(s.rows)
	defer func() { s.rows, s.acted = before, nil }()
	return s.Carry(context.Background(), changes)
}

func (s *source) Carry(_ context.Context, changes []connector.Change) ([]connector.Effect, error) {
	if s.acted == nil {
		s.acted = map[string]int{}
	}
	effects := make([]connector.Effect, len(changes))
	for i, c := range changes {
		if i == s.half {
			if err := s.tear("carry"); err != nil {
				return nil, err
			}
		}
		effects[i] = s.do(c)
	}
	return effects, s.tear("carried")
}

func (s *source) do(c connector.Change) connector.Effect {
	e := connector.Effect{Change: c.ID, State: connector.Changed, Before: s.finding(c.Reference)}
	if state, ok := s.refuse[c.Reference]; ok {
		e.State = state
		return e
	}
	if _, there := s.rows[c.Reference]; !there {
		e.State = connector.Missing
		return e
	}
	if c.Seen != nil && string(c.Seen) != string(e.Before.Fingerprint()) {
		e.State = connector.Differs
		return e
	}
	s.acted[c.Reference]++
	switch {
	case c.Do == connector.CanRestrict && c.Lift:
		s.rows[c.Reference] = strings.TrimPrefix(s.rows[c.Reference], marked)
		e.After = s.finding(c.Reference).Fields
		return e
	case c.Do == connector.CanRestrict:
		s.rows[c.Reference] = marked + s.rows[c.Reference]
		e.After = s.finding(c.Reference).Fields
		return e
	}
	if c.Do == connector.CanErase {
		delete(s.rows, c.Reference)
		return e
	}
	s.rows[c.Reference] = c.Values["name"].Reveal()
	e.After = s.finding(c.Reference).Fields
	return e
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// ledger counts the entries of a kind about the case.
func (h *house) ledger(kind string) (n int) {
	h.t.Helper()
	conn, err := pgx.Connect(h.t.Context(), h.superuser)
	must(h.t, err)
	defer conn.Close(h.t.Context())
	must(h.t, conn.QueryRow(h.t.Context(), "select count(*) from ledger_entry where case_id = $1 and kind = $2", h.c.ID, kind).Scan(&n))
	return n
}

func (h *house) putFinding(ctx context.Context, f casefile.Finding) error {
	_, err := h.Findings.PutFindings(ctx, []casefile.Finding{f})
	if err != nil {
		return err
	}
	return h.Findings.Decide(ctx, f)
}
