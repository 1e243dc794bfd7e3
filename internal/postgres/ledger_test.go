package postgres_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/jobs"
	"einsicht/internal/ledger"
	"einsicht/internal/postgres"
	"einsicht/internal/postgres/postgrestest"
)

// plainKeys seals nothing and signs with a key that everybody knows.
type plainKeys struct{}

func (plainKeys) Seal(_ context.Context, _ casefile.Slot, plain []byte) ([]byte, error) {
	return plain, nil
}

func (plainKeys) SealFor(_ context.Context, _ uuid.UUID, _, _ string, plain []byte) ([]byte, error) {
	return plain, nil
}

func (plainKeys) Pseudonym(_ context.Context, _, actor uuid.UUID) ([]byte, error) {
	sum := sha256.Sum256(actor[:])
	return sum[:], nil
}

func (plainKeys) SigningSeed(context.Context, uuid.UUID, int) ([]byte, error) {
	return make([]byte, 32), nil
}

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// book is the ledger of one authority.
type book struct {
	postgres.Ledger
	t         *testing.T
	authority uuid.UUID
	superuser string
}

func openBook(t *testing.T) *book {
	t.Helper()
	db, d := postgrestest.Open(t, jobs.Migrate)
	return &book{Ledger: postgres.Ledger{DB: db, Keys: plainKeys{}}, t: t, authority: authority(t, db, "stk-nrw").ID, superuser: d.Superuser}
}

func (b *book) record(ctx context.Context) {
	b.t.Helper()
	err := b.DB.InTx(ctx, b.authority, func(ctx context.Context) error {
		return b.Record(ctx, ledger.Listed, uuid.Nil, casefile.Actor{ID: uuid.New()}, nil, noon)
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

// restore adds an entry of a transaction of another server.
func (b *book) restore(xid string) {
	b.t.Helper()
	exec(b.t, b.superuser, fmt.Sprintf(`insert into ledger_entry (id, authority_id, year, at, kind, actor, digest, xid)
		values (gen_random_uuid(), '%s', 2026, now(), 'listed', sha256('a'), sha256('d'), '%s')`, b.authority, xid))
}

func (b *book) places(what string, now time.Time, want int) {
	b.t.Helper()
	if got, err := b.Sequence(ctx, b.authority, now); err != nil || got != want {
		b.t.Errorf("%s: placed %d entries, %v, want %d", what, got, err, want)
	}
}

func (b *book) audit(year int) (report ledger.Report) {
	b.t.Helper()
	err := b.DB.View(ctx, b.authority, func(ctx context.Context) (err error) {
		report, err = b.Audit(ctx, year)
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return report
}

func TestEveryEntryGetsItsPlace(t *testing.T) {
	b := openBook(t)
	b.places("an empty ledger", noon, 0)
	b.record(ctx)
	b.places("one more", noon, 1)
	b.places("nothing new", noon, 0)
	err := b.DB.InTx(ctx, b.authority, func(first context.Context) error {
		b.record(first)
		if _, err := b.Years(first); err != nil { // what waits travels before a read
			return err
		}
		b.record(ctx)
		b.places("one that a transaction under way began before", noon, 0)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	b.places("both, once it has ended", noon, 2)
	if report := b.audit(2026); !report.OK() || report.Size != 3 || len(report.Unsequenced) != 0 {
		t.Errorf("got %d entries in order, %d without a place, findings %v", report.Size, len(report.Unsequenced), report.Findings)
	}
}

func TestAMoreThanFullLookIsGoneOnWith(t *testing.T) {
	b := openBook(t)
	exec(t, b.superuser, fmt.Sprintf(`insert into ledger_entry (id, authority_id, year, at, kind, actor, digest)
		select gen_random_uuid(), '%s', 2026, now(), 'listed', sha256('a'), sha256('d') from generate_series(1, 1500)`, b.authority))
	b.places("the first look", noon, 1000)
	b.places("the second", noon, 500)
	b.places("the third", noon, 0)
}

func TestRestoredEntriesGetTheirPlace(t *testing.T) {
	b := openBook(t)
	b.restore("5")
	b.restore("99999999")
	b.places("the first look", noon, 2)
	b.record(ctx)
	b.places("an entry of this server", noon, 1)
}

func TestOnlyWhatCameSinceTheLastLookIsLookedAt(t *testing.T) {
	b := openBook(t)
	b.places("the first look", noon, 0)
	b.restore("5")
	b.places("the next look", noon.Add(time.Second), 0)
	b.places("an hour later, at all", noon.Add(time.Hour), 1)
	b.places("again", noon.Add(time.Hour), 0)
}

// TestAServerThatIsBehindIsNoticed: after the loss of a server another can take
// over that knows fewer transactions.
func TestAServerThatIsBehindIsNoticed(t *testing.T) {
	b := openBook(t)
	b.DB.Sequenced(b.authority, 1<<40, noon)
	b.record(ctx)
	b.places("the look after it took over", noon, 1)
}

func TestAYearWhoseEntriesAreGoneIsStillAudited(t *testing.T) {
	for name, gone := range map[string]string{
		"entries":            `delete from ledger_entry`,
		"entries and places": `delete from ledger_entry; delete from ledger_leaf`,
		"all but the hashes": `delete from ledger_entry; delete from ledger_leaf; delete from ledger_checkpoint`,
	} {
		t.Run(name, func(t *testing.T) {
			b := openBook(t)
			b.record(ctx)
			b.record(ctx)
			b.places("both", noon, 2)
			exec(t, b.superuser, `delete from ledger_detail; `+gone)
			var years []int
			err := b.DB.View(ctx, b.authority, func(ctx context.Context) (err error) {
				years, err = b.Years(ctx)
				return err
			})
			if err != nil || len(years) != 1 || years[0] != 2026 {
				t.Fatalf("got years %v, %v, want 2026", years, err)
			}
			if report := b.audit(2026); report.OK() {
				t.Errorf("got an audit without findings: %+v", report)
			}
		})
	}
}
