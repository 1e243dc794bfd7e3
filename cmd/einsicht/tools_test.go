package main

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"einsicht/cmd/internal/portal"
	"einsicht/cmd/internal/settings"
	"einsicht/internal/casefile"
	"einsicht/internal/jobs"
	"einsicht/internal/keyring"
	"einsicht/internal/postgres"
	"einsicht/internal/postgres/postgrestest"
	"einsicht/internal/problem"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

var ctx = context.Background()

// house is a program of its own with the shipped authorities.
func house(t *testing.T) (settings.Settings, postgrestest.Database) {
	d := postgrestest.New(t, jobs.Migrate)
	return settings.Settings{Listen: "127.0.0.1:0", Data: t.TempDir(), DatabaseURL: d.URL}, d
}

func TestAnAuthorityThatIsNotThereIsNoSuccess(t *testing.T) {
	s, _ := house(t)
	for name, run := range map[string]func(authority string) error{
		"ledger verify": func(a string) error { return (&ledgerVerifyCmd{s, a}).Run(ctx) },
		"staff add":     func(a string) error { return (&staffAddCmd{s, a, "clerk", "Vera Klein"}).Run(ctx) },
	} {
		if err := run("stk-nwr"); err == nil || !strings.Contains(err.Error(), "stk-nrw") {
			t.Errorf("%s with a slip of the pen: got %v, want the names there are", name, err)
		}
		if err := run("stk-nrw"); err != nil {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestALedgerWhoseEntriesAreGoneDoesNotVerify(t *testing.T) {
	s, d := house(t)
	if err := (&staffAddCmd{s, "stk-nrw", "clerk", "Vera Klein"}).Run(ctx); err != nil {
		t.Fatal(err)
	}
	err := withHouse(ctx, s, func(ctx context.Context, m *portal.Main) error {
		a, err := find(ctx, m, "stk-nrw")
		if err != nil {
			return err
		}
		_, err = m.Ledger.Sequence(ctx, a.ID, m.Clock())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := (&ledgerVerifyCmd{Settings: s}).Run(ctx); err != nil {
		t.Fatalf("as it was written: got %v", err)
	}
	exec(t, d.Superuser, `delete from ledger_detail; delete from ledger_entry`)
	if err := (&ledgerVerifyCmd{Settings: s}).Run(ctx); !errors.Is(err, errTampered) {
		t.Errorf("without its entries: got %v, want %v", err, errTampered)
	}
}

// nobody may do anything.
type nobody struct{}

func (nobody) May(casefile.Actor, casefile.Action, uuid.UUID) error {
	return problem.New(problem.Forbidden, "permission.refused")
}

// noKeys seals nothing: the ledger takes no entry.
type noKeys struct{ *keyring.Keyring }

func (noKeys) SealFor(context.Context, uuid.UUID, string, string, []byte) ([]byte, error) {
	return nil, problem.Unavailable
}

func TestAnAccountIsAddedTogetherWithItsEntry(t *testing.T) {
	s, d := house(t)
	for name, c := range map[string]struct {
		change    func(m *portal.Main)
		who, role string
		want      error
	}{
		"allowed":                  {func(*portal.Main) {}, "Vera Klein", "clerk", nil},
		"not allowed":              {func(m *portal.Main) { m.House.Permission = nobody{} }, "Jörg Weiß", "clerk", problem.Forbidden},
		"a ledger that takes none": {func(m *portal.Main) { m.Ledger.Keys = noKeys{m.Keys} }, "Karla Sommer", "clerk", problem.Unavailable},
		"an entry that is not kept": {func(*portal.Main) {
			exec(t, d.Superuser, `alter table ledger_entry add constraint no check (authority_id is null) not valid`)
		}, "Viktor Brandt", "clerk", errAny},
		"a role that does not exist": {func(*portal.Main) {}, "Ada Kern", "janitor", problem.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			exec(t, d.Superuser, `alter table ledger_entry drop constraint if exists no; delete from ledger_detail; delete from ledger_entry; delete from staff`)
			err := withHouse(ctx, s, func(ctx context.Context, m *portal.Main) error {
				a, err := find(ctx, m, "stk-nrw")
				if err != nil {
					return err
				}
				c.change(m)
				_, err = addStaff(ctx, m, a, casefile.Role(c.role), c.who)
				if (err == nil) != (c.want == nil) || c.want != errAny && !errors.Is(err, c.want) {
					t.Errorf("got %v, want %v", err, c.want)
				}
				_, _, err = postgres.Staff{DB: m.DB}.StaffByName(ctx, a.ID, c.who)
				if (err == nil) != (c.want == nil) {
					t.Errorf("the account: got %v, want it only with its entry", err)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			entries := 0
			if c.want == nil {
				entries = 1
			}
			if got := count(t, d.Superuser, `select count(*) from ledger_entry where kind = 'staff.added'`); got != entries {
				t.Errorf("got %d entries, want %d", got, entries)
			}
		})
	}
}

// errAny stands for any error.
var errAny = errors.New("any")

func exec(t *testing.T, url, sql string) {
	t.Helper()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, sql); err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, url, sql string) (n int) {
	t.Helper()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if err := conn.QueryRow(ctx, sql).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
