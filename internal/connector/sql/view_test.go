package sql

import (
	"slices"
	"strings"
	"testing"
	"time"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
)

const viewFile = `
system: conferences
kind: sql
match: [{by: [email], confidence: sure}]
secrets: {password: {env: P}}
sql:
  dsn: "%s"
  tables:
    - {name: seen, key: [line], match: {email: {columns: [mail]}}}
`

func TestAViewWhoseKeyNamesSeveralRecordsIsKnownByIt(t *testing.T) {
	everywhere(t, aViewWhoseKeyNamesSeveralRecordsIsKnownByIt)
}

func aViewWhoseKeyNamesSeveralRecordsIsKnownByIt(t *testing.T, e engine) {
	h := newHarness(t, e, viewFile)
	mail := connectortest.Erika.Email
	h.do(t, `CREATE VIEW seen AS SELECT 1 AS line, 'a' AS what, '`+mail+`' AS mail UNION ALL SELECT 1, 'b', '`+mail+`'
		UNION ALL SELECT 1, 'c', '`+mail+`' UNION ALL SELECT 2, 'd', '`+mail+`'`)
	h.do(t, "GRANT SELECT ON seen TO reader")
	c, err := Kind{}.Open(t.Context(), h.connection)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	gaps, err := connector.Gaps(t.Context(), c)
	if want := []connector.Gap{{Place: "seen", Reason: connector.GapKey, Count: 1}}; err != nil || !slices.Equal(gaps, want) {
		t.Errorf("without a person: got %v (%v), want %v", gaps, err, want)
	}
	var got []string
	q := connectortest.Erika.Query()
	var at connector.Cursor
	for q.Pause = time.Unix(1, 0); ; { // after each record
		a, err := c.Find(t.Context(), q, at, func(f connector.Finding, _ connector.Cursor) error {
			for _, field := range f.Fields {
				if field.Name == "what" {
					got = append(got, f.Reference+field.Value.Reveal())
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if at = a.Next; at == nil {
			break
		}
	}
	slices.Sort(got)
	if want := []string{"seen/1a", "seen/1b", "seen/1c", "seen/2d"}; !slices.Equal(got, want) {
		t.Errorf("with a pause after each: got %v, want %v", got, want)
	}
}

// A view that is too large to be counted makes no connection wrong.
func TestAViewThatTakesTooLongIsNotCounted(t *testing.T) {
	h := newHarness(t, postgresql, strings.Replace(viewFile, "kind: sql\n", "kind: sql\ntimeout: 1s\n", 1))
	h.do(t, "CREATE VIEW seen AS SELECT 1 AS line, 'x'::text AS mail WHERE pg_sleep(60) IS NOT NULL")
	h.do(t, "GRANT SELECT ON seen TO reader")
	c, err := Kind{}.Open(t.Context(), h.connection)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if gaps, err := connector.Gaps(t.Context(), c); err != nil || len(gaps) > 0 {
		t.Errorf("got %v and %v, want nothing said", gaps, err)
	}
}
