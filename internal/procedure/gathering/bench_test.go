package gathering_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/inventory"
	"einsicht/internal/jobs"
	"einsicht/internal/keyring"
	"einsicht/internal/law/calendar"
	"einsicht/internal/permission"
	"einsicht/internal/person"
	"einsicht/internal/postgres"
	"einsicht/internal/postgres/postgrestest"
	"einsicht/internal/procedure"
	"einsicht/internal/procedure/gathering"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

// slow is every system: it answers after half a second, with some records.
type slow struct{ takes time.Duration }

func (s slow) Has(context.Context, uuid.UUID, string) (bool, error) { return true, nil }
func (s slow) Open(context.Context, uuid.UUID, string) (connector.Connector, error) {
	return s, nil
}
func (s slow) Close() error { return nil }

func (s slow) Find(_ context.Context, _ connector.Query, _ connector.Cursor, yield func(connector.Finding, connector.Cursor) error) (connector.Answer, error) {
	time.Sleep(s.takes)
	for i := range 20 {
		f := connector.Finding{Reference: strconv.Itoa(i), Category: "orders", Fields: []connector.Field{{Name: "text", Value: person.NewText("something ordered")}}}
		if err := yield(f, connector.Cursor(f.Reference)); err != nil {
			return connector.Answer{}, err
		}
	}
	return connector.Answer{Outcome: connector.Found}, nil
}

// BenchmarkGatherFromFifty asks fifty systems of one case that each take half a
// second, as the worker does: with what they give sealed and written.
func BenchmarkGatherFromFifty(b *testing.B) {
	const systems, takes = 50, 500 * time.Millisecond
	ctx, now := context.Background(), time.Now()
	d := postgrestest.New(b, jobs.Migrate)
	db, err := postgres.Open(ctx, postgres.Options{URL: d.URL, MaxConns: 24}) // as the program
	must(b, err)
	b.Cleanup(db.Close)
	keys, err := keyring.Create(filepath.Join(b.TempDir(), "wrapping.json"), postgres.Keys{DB: db})
	must(b, err)
	policy, err := permission.New()
	must(b, err)
	house := &procedure.House{Units: db, Cases: postgres.Cases{}, Findings: postgres.Findings{}, Inventories: &postgres.Inventories{},
		Keys: keys, Ledger: postgres.Ledger{DB: db, Keys: keys}, Permission: policy}
	a, err := db.PutAuthority(ctx, casefile.Authority{Slug: "stk-nrw", Name: "x", Land: "NW"}, now)
	must(b, err)
	must(b, keys.Prepare(ctx, a.ID, "reference"))
	step := &gathering.Gathering{House: house, Sources: slow{takes}}
	var took time.Duration
	for b.Loop() {
		b.StopTimer()
		asked := newCase(b, db, keys, a, systems, now)
		b.StartTimer()
		start := time.Now()
		var all sync.WaitGroup
		for _, id := range asked {
			all.Go(func() {
				if err := step.Gather(ctx, a.ID, id, now, time.Time{}); err != nil {
					b.Error(err)
				}
			})
		}
		all.Wait()
		took += time.Since(start)
	}
	b.ReportMetric(float64(took.Milliseconds())/float64(b.N), "ms")
	b.ReportMetric(took.Seconds()/(float64(b.N)*takes.Seconds()), "times-bare")
	b.ReportMetric(0, "ns/op")
}

// newCase opens a case with systems being asked, and one that a unit searches, so
// that it goes on gathering.
func newCase(b *testing.B, db *postgres.DB, keys *keyring.Keyring, a casefile.Authority, systems int, now time.Time) (asked []uuid.UUID) {
	b.Helper()
	c := casefile.Case{ID: uuid.New(), Authority: a.ID, FileNumber: uuid.NewString(), State: casefile.Gathering, ReceivedAt: now, Received: calendar.DateOf(now), Sealed: []byte("x")}
	if _, err := c.Reckon("NW", nil); err != nil {
		b.Fatal(err)
	}
	must(b, db.InTx(ctx(b), a.ID, func(ctx context.Context) error {
		inventories := &postgres.Inventories{}
		if _, err := inventories.Import(ctx, inventory.Shipped()[0], uuid.Nil, now); err != nil {
			return err
		}
		var err error
		if c.Inventory, _, err = inventories.Current(ctx); err != nil {
			return err
		}
		if err := postgres.Cases.Create(postgres.Cases{}, ctx, c, []byte(c.FileNumber), []byte("mac")); err != nil {
			return err
		}
		if err := keys.NewCase(ctx, a.ID, c.ID); err != nil {
			return err
		}
		inquiries := []casefile.Inquiry{{ID: uuid.New(), Case: c.ID, System: "paper", State: casefile.WithUnit, AskedAt: now}}
		for i := range systems {
			q := casefile.Inquiry{ID: uuid.New(), Case: c.ID, System: fmt.Sprintf("s%02d", i), State: casefile.Asked, AskedAt: now}
			inquiries, asked = append(inquiries, q), append(asked, q.ID)
		}
		return postgres.Findings{}.PutInquiries(ctx, inquiries)
	}))
	return asked
}

func ctx(b *testing.B) context.Context { return b.Context() }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
