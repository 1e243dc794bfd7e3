package portal_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"einsicht/internal/casefile"
)

// explainMeasures says what staff are asked about, and ends the run: nobody answers.
func (c *chaos) explainMeasures(t *testing.T) {
	t.Helper()
	for _, m := range c.work.Measures(t, c.id) {
		if m.State == casefile.Asks {
			t.Errorf("%s: %s asks: %s", m.System, m.Text.Reference, m.Text.Reason)
		}
	}
	t.FailNow()
}

// mustHavePlanted makes sure that the comparison of the systems can fail.
func (c *chaos) mustHavePlanted(t *testing.T, before []string, planted map[string][]string) {
	t.Helper()
	n := 0
	for _, references := range planted {
		n += len(references)
	}
	_, more := differ(before, c.contents(t))
	if len(more) != n || n < 2*len(erased) {
		t.Fatalf("%d rows came when %d records were planted", len(more), n)
	}
}

// mustPlan makes sure that the plan is about what was planted, and nothing else.
func (c *chaos) mustPlan(t *testing.T, planted map[string][]string) {
	t.Helper()
	planned := map[string][]string{}
	for _, m := range c.work.Measures(t, c.id) {
		if m.State != casefile.Planned {
			t.Fatalf("%s: got %s, %s before the plan is fixed", m.System, m.State, m.Text.Reason)
		}
		planned[m.System] = append(planned[m.System], m.Text.Reference)
	}
	for _, system := range erased {
		slices.Sort(planned[system])
		if !slices.Equal(planned[system], planted[system]) {
			t.Fatalf("%s: %d records are planned, want the %d that were planted", system, len(planned[system]), len(planted[system]))
		}
	}
}

// mustProve makes sure that each record has one proof, in the plan and in the ledger,
// and that there is one answer.
func (c *chaos) mustProve(t *testing.T, planted map[string][]string) {
	t.Helper()
	proofs := c.proofs(t)
	measures := c.work.Measures(t, c.id)
	for _, m := range measures {
		p := m.Text.Proof
		if m.State != casefile.Done || !p.Gone || p.ReadAt.IsZero() || m.ActedAt.IsZero() {
			t.Errorf("%s: got %s, %s with proof %+v", m.System, m.State, m.Text.Reason, p)
		}
		if proofs[m.ID.String()] != 1 {
			t.Errorf("%s: got %d proofs of a measure in the ledger, want 1", m.System, proofs[m.ID.String()])
		}
	}
	n := 0
	for _, references := range planted {
		n += len(references)
	}
	if len(measures) != n || len(proofs) != n {
		t.Errorf("got %d measures and proofs of %d, want %d", len(measures), len(proofs), n)
	}
	for _, kind := range []string{"plan.fixed", "fulfilled", "package.built"} {
		c.number(t, "entries in the ledger of "+kind, c.id, "select count(*) from ledger_entry where case_id = $1 and kind = '"+kind+"'", 1)
	}
}

// proofs counts the entries of the ledger by the measure that they prove.
func (c *chaos) proofs(t *testing.T) map[string]int {
	t.Helper()
	rows, err := c.db.Query(ctx, "select id, sealed from ledger_entry join ledger_detail on id = entry_id where ledger_entry.case_id = $1 and kind = 'measure.done'", c.id)
	if err != nil {
		t.Fatal(err)
	}
	var id uuid.UUID
	var sealed []byte
	entries := map[uuid.UUID][]byte{}
	if _, err := pgx.ForEachRow(rows, []any{&id, &sealed}, func() error { entries[id] = slices.Clone(sealed); return nil }); err != nil {
		t.Fatal(err)
	}
	proofs := map[string]int{}
	err = c.house.DB.View(ctx, c.work.Authority.ID, func(ctx context.Context) error {
		for id, sealed := range entries {
			plain, err := c.house.Keys.Open(ctx, casefile.Slot{Authority: c.work.Authority.ID, Case: c.id, Table: "ledger_detail", Column: "sealed", Row: id}, sealed)
			if err != nil {
				return err
			}
			var details map[string]string
			if err := json.Unmarshal(plain[32:], &details); err != nil { // after the nonce
				return err
			}
			proofs[details["measure"]]++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return proofs
}

// mustHaveHit makes sure that every moment came, and as often as it should.
func (c *chaos) mustHaveHit(t *testing.T, runs int) {
	t.Helper()
	for _, m := range moments {
		t.Logf("%4d × %s", c.hits[m.name], m.name)
		if want := min(5, runs/len(moments)); c.hits[m.name] < want {
			t.Errorf("%s: hit %d times, want %d", m.name, c.hits[m.name], want)
		}
	}
	for _, p := range plugs {
		t.Logf("%4d × %s", c.pulled[p], p)
	}
}

func (c *chaos) tables(t *testing.T, system string) []string {
	t.Helper()
	return c.lines(t, system, "select quote_ident(tablename) from pg_tables where schemaname = 'public' order by 1")
}

// contents is all that the systems hold: each row of each table, and which
// transaction wrote it, so that one which was changed and changed back is another.
func (c *chaos) contents(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, system := range c.systems {
		var each []string
		for _, table := range c.tables(t, system) {
			each = append(each, fmt.Sprintf("select '%s %s ' || t.xmin || ' ' || t::text from %[2]s t", system, table))
		}
		all = append(all, c.lines(t, system, strings.Join(each, " union all "))...)
	}
	slices.Sort(all)
	return all
}

func (c *chaos) lines(t *testing.T, system, sql string) []string {
	t.Helper()
	rows, err := c.dbs[system].Query(ctx, sql)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// differ gives what is only in one of two lists.
func differ(one, two []string) (lost, more []string) {
	n := map[string]int{}
	for _, line := range one {
		n[line]++
	}
	for _, line := range two {
		if n[line]--; n[line] < 0 {
			more = append(more, line)
		}
	}
	for line, left := range n {
		for range left {
			lost = append(lost, line)
		}
	}
	return lost, more
}
