package gathering_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/inventory"
	"einsicht/internal/jobs"
	"einsicht/internal/keyring"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/catalogue"
	"einsicht/internal/permission"
	"einsicht/internal/postgres"
	"einsicht/internal/postgres/postgrestest"
	"einsicht/internal/procedure"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

// house is the procedure's house with one authority.
type house struct {
	*procedure.House
	db        *postgres.DB
	keys      *keyring.Keyring
	authority casefile.Authority
	queue     *queue
}

// queue remembers the jobs of the last unit of work.
type queue struct{ added []casefile.Job }

func (q *queue) Enqueue(_ context.Context, _, _ uuid.UUID, jobs ...casefile.Job) error {
	q.added = append([]casefile.Job(nil), jobs...)
	return nil
}

func newHouse(t testing.TB, now time.Time) house {
	t.Helper()
	ctx := t.Context()
	d := postgrestest.New(t, jobs.Migrate)
	db, err := postgres.Open(ctx, postgres.Options{URL: d.URL, MaxConns: 24}) // as the program
	must(t, err)
	t.Cleanup(db.Close)
	keys, err := keyring.Create(filepath.Join(t.TempDir(), "wrapping.json"), postgres.Keys{DB: db})
	must(t, err)
	policy, err := permission.New()
	must(t, err)
	a, err := db.PutAuthority(ctx, casefile.Authority{Slug: "stk-nrw", Name: "x", Land: "NW"}, now)
	must(t, err)
	must(t, keys.Prepare(ctx, a.ID, "reference"))
	book, err := catalogue.Load()
	must(t, err)
	q := &queue{}
	return house{db: db, keys: keys, authority: a, queue: q, House: &procedure.House{Units: db, Cases: postgres.Cases{}, Findings: postgres.Findings{}, Plans: postgres.Plans{}, Queue: q, Law: book, Statutes: postgres.Statutes{},
		Inventories: &postgres.Inventories{}, Keys: keys, Ledger: postgres.Ledger{DB: db, Keys: keys}, Permission: policy}}
}

// newCase opens a case with systems being asked, and one that a unit searches, so
// that it goes on gathering.
func (h house) newCase(t testing.TB, systems int, now time.Time) (c casefile.Case, asked []uuid.UUID) {
	t.Helper()
	c = casefile.Case{ID: uuid.New(), Authority: h.authority.ID, FileNumber: uuid.NewString(), State: casefile.Gathering, ReceivedAt: now, Received: calendar.DateOf(now), Sealed: []byte("x")}
	if _, err := c.Reckon("NW", nil); err != nil {
		t.Fatal(err)
	}
	must(t, h.db.InTx(t.Context(), h.authority.ID, func(ctx context.Context) error {
		inventories := &postgres.Inventories{}
		if _, err := inventories.Import(ctx, inventory.Shipped()[0], uuid.Nil, now); err != nil {
			return err
		}
		var err error
		if c.Inventory, _, err = inventories.Current(ctx); err != nil {
			return err
		}
		if err := h.Cases.Create(ctx, c, []byte(c.FileNumber), []byte("mac")); err != nil {
			return err
		}
		if err := h.keys.NewCase(ctx, h.authority.ID, c.ID); err != nil {
			return err
		}
		inquiries := []casefile.Inquiry{{ID: uuid.New(), Case: c.ID, System: "paper", State: casefile.WithUnit, AskedAt: now}}
		for i := range systems {
			q := casefile.Inquiry{ID: uuid.New(), Case: c.ID, System: fmt.Sprintf("s%02d", i), State: casefile.Asked, AskedAt: now}
			inquiries, asked = append(inquiries, q), append(asked, q.ID)
		}
		return h.Findings.PutInquiries(ctx, inquiries)
	}))
	return c, asked
}

// shippedCase opens a case with two systems of the inventory: one in a state, with
// the task that belongs to it, and one that its unit searches by hand.
func (h house) shippedCase(t testing.TB, at casefile.State, state casefile.InquiryState, byHand bool, now time.Time) (id uuid.UUID, one, unit casefile.Inquiry) {
	t.Helper()
	c, _ := h.newCase(t, 0, now)
	must(t, h.db.InTx(t.Context(), h.authority.ID, func(ctx context.Context) error {
		asked, err := h.Findings.Inquiries(ctx, c.ID)
		if err != nil {
			return err
		}
		asked[0].State = casefile.FoundNothing // of no system here
		sealed, err := h.Seal(ctx, procedure.SlotOf(c, "casefile", "sealed", c.ID), casefile.Request{})
		if err != nil {
			return err
		}
		c.Sealed, c.State, c.GapsAccepted = sealed, at, true
		var some []inventory.System
		for _, s := range inventory.Shipped()[0].Systems {
			if s.Attributable && s.Connector != inventory.Portal {
				some = append(some, s)
			}
		}
		one = casefile.Inquiry{ID: uuid.New(), Case: c.ID, System: some[0].ID, State: state, AskedAt: now}
		unit = casefile.Inquiry{ID: uuid.New(), Case: c.ID, System: some[1].ID, State: casefile.WithUnit, AskedAt: now}
		if at == casefile.Review {
			unit.State = casefile.FoundNothing
		}
		if one.Sealed, err = h.Seal(ctx, procedure.SlotOf(c, "inquiry", "sealed", one.ID), casefile.InquiryText{Trouble: casefile.Trouble{At: now, Kind: casefile.Unreachable}}); err != nil {
			return err
		}
		var tasks []casefile.Task
		if state == casefile.Failed {
			tasks = append(tasks, casefile.Task{ID: uuid.New(), Case: c.ID, Kind: casefile.TaskRepair, System: one.System, CreatedAt: now})
		}
		if byHand {
			tasks = append(tasks, casefile.Task{ID: uuid.New(), Case: c.ID, Kind: casefile.TaskSearch, System: one.System, CreatedAt: now})
		}
		err = errors.Join(h.Cases.Save(ctx, c), h.Findings.PutInquiries(ctx, []casefile.Inquiry{asked[0], one, unit}), h.Findings.PutTasks(ctx, tasks))
		if byHand && err == nil {
			err = h.Findings.FinishTask(ctx, c.ID, casefile.TaskSearch, one.System, uuid.New(), now)
		}
		return err
	}))
	return c.ID, one, unit
}

// more adds a system that is being asked.
func (h house) more(t testing.TB, id uuid.UUID, now time.Time) uuid.UUID {
	t.Helper()
	q := casefile.Inquiry{ID: uuid.New(), Case: id, System: "more", State: casefile.Asked, AskedAt: now}
	must(t, h.db.InTx(t.Context(), h.authority.ID, func(ctx context.Context) error { return h.Findings.PutInquiries(ctx, []casefile.Inquiry{q}) }))
	return q.ID
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
