package gathering_test

import (
	"context"
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
	return house{db: db, keys: keys, authority: a, House: &procedure.House{Units: db, Cases: postgres.Cases{}, Findings: postgres.Findings{}, Plans: postgres.Plans{},
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

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
