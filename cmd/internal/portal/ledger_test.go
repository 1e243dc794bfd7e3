package portal_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"einsicht/cmd/internal/portal/portaltest"
	"einsicht/internal/casefile"
	"einsicht/internal/ledger"
)

func TestATamperedLedgerIsFoundOut(t *testing.T) {
	h := portaltest.Start(t, portaltest.Options{})
	w := portaltest.NewWork(t, h, "stk-nrw")
	erika := h.Landscape.Person("erika")
	for range 3 {
		receipt := w.Submit(t, w.Application(erika))
		w.Open(t, receipt.Case)
	}
	h.Audit(t)
	for name, c := range map[string]struct {
		sql  string
		want ledger.Fault
	}{
		"an entry changed":        {`update ledger_entry set kind = 'listed' where id = (select entry_id from ledger_leaf where authority_id = '%a' and index = 2)`, ledger.Changed},
		"an entry's time changed": {`update ledger_entry set at = at + interval '1 second' where id = (select entry_id from ledger_leaf where authority_id = '%a' and index = 3)`, ledger.Changed},
		"a place gone":            {`delete from ledger_leaf where authority_id = '%a' and index = 1`, ledger.Missing},
		"two places exchanged": {`update ledger_leaf set index = case index when 0 then 1000 else 1001 end where authority_id = '%a' and index in (0, 1);
			update ledger_leaf set index = case index when 1000 then 1 else 0 end where authority_id = '%a' and index in (1000, 1001)`, ledger.Reordered},
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := pgx.Connect(ctx, h.Database.Superuser)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close(ctx)
			if _, err := conn.Exec(ctx, "begin; "+strings.ReplaceAll(c.sql, "%a", w.Authority.ID.String())); err != nil {
				t.Fatal(err)
			}
			if _, err := conn.Exec(ctx, "commit"); err != nil {
				t.Fatal(err)
			}
			var report ledger.Report
			err = h.DB.View(ctx, w.Authority.ID, func(ctx context.Context) error {
				report, err = h.Ledger.Audit(ctx, ledger.YearOf(h.Now()))
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			found := false
			for _, f := range report.Findings {
				found = found || f.Fault == c.want
			}
			if report.OK() || !found {
				t.Errorf("got findings %v, want one that says %s", report.Findings, c.want)
			}
			if _, err := conn.Exec(ctx, "select 1"); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// TestTheLedgerComesInOrderByItself: within a second, where the machine is not
// busy. The limit is below the minute that the other sweeps take.
func TestTheLedgerComesInOrderByItself(t *testing.T) {
	h := portaltest.Start(t, portaltest.Options{})
	w := portaltest.NewWork(t, h, "stk-nrw")
	erika := h.Landscape.Person("erika")
	receipt := w.Submit(t, w.Application(erika))
	conn, err := pgx.Connect(ctx, h.Database.Superuser)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	portaltest.Wait(t, "the entry has its place", 50*time.Second, func() (bool, error) {
		var placed bool
		err := conn.QueryRow(ctx, `select exists (select from ledger_leaf f join ledger_entry e on e.id = f.entry_id where e.case_id = $1 and e.kind = 'submitted')`, receipt.Case).Scan(&placed)
		return placed, err
	})
}

func TestEveryViewingIsAnEntry(t *testing.T) {
	h := portaltest.Start(t, portaltest.Options{})
	w := portaltest.NewWork(t, h, "stk-nrw")
	erika := h.Landscape.Person("erika")
	receipt := w.Submit(t, w.Application(erika))
	count := func(kind ledger.Kind, caseID uuid.UUID) (n int) {
		conn, err := pgx.Connect(ctx, h.Database.Superuser)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(ctx)
		err = conn.QueryRow(ctx, `select count(*) from ledger_entry where kind = $1 and authority_id = $2 and case_id is not distinct from nullif($3, '00000000-0000-0000-0000-000000000000'::uuid)`,
			string(kind), w.Authority.ID, caseID).Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for name, c := range map[string]struct {
		kind   ledger.Kind
		caseID uuid.UUID
		do     func() error
	}{
		"a case opened": {ledger.Opened, receipt.Case, func() error {
			_, err := h.Steps.Review.Open(ctx, w.Clerk, w.Authority.Land, receipt.Case, h.Now())
			return err
		}},
		"a list": {ledger.Listed, uuid.Nil, func() error {
			rows, err := h.Steps.Oversight.List(ctx, w.Clerk, noSearch, true, h.Now())
			if len(rows) == 0 {
				t.Error("the list is empty")
			}
			return err
		}},
		"a search": {ledger.Searched, uuid.Nil, func() error {
			rows, err := h.Steps.Oversight.List(ctx, w.Clerk, text(erika.Email), true, h.Now())
			if len(rows) != 1 || rows[0].Case.ID != receipt.Case {
				t.Errorf("got %d cases, want hers", len(rows))
			}
			return err
		}},
		"a search for nobody": {ledger.Searched, uuid.Nil, func() error {
			rows, err := h.Steps.Oversight.List(ctx, w.Clerk, text("niemand@example.net"), true, h.Now())
			if len(rows) != 0 {
				t.Errorf("got %d cases, want none", len(rows))
			}
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			before := count(c.kind, c.caseID)
			if err := c.do(); err != nil {
				t.Fatal(err)
			}
			if got := count(c.kind, c.caseID) - before; got != 1 {
				t.Errorf("got %d entries, want 1", got)
			}
		})
	}
	if _, err := h.Steps.Oversight.List(ctx, casefile.Actor{ID: uuid.New(), Role: casefile.Operator, Authority: w.Authority.ID}, noSearch, true, h.Now()); err == nil {
		t.Error("an operator listed cases: got no error")
	}
}
