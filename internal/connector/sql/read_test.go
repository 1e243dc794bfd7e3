package sql

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// A key is shown as text; each sort leads back to its row.
func TestEverySortOfKeyLeadsBack(t *testing.T) { everywhere(t, everySortOfKeyLeadsBack) }

func everySortOfKeyLeadsBack(t *testing.T, e engine) {
	sorts := map[string][]string{
		"bigint": {"9007199254740993", "-1"}, "char(10)": {"ab", "ab c"}, "varchar(20)": {"a/b", "100%", "Ä", " x"}, "date": {"2026-11-02"}, "numeric(10,2)": {"1.50"}, "timestamp": {"2026-11-02 10:00:00"},
	}
	if e == engine(postgresql) {
		sorts["uuid"], sorts["inet"], sorts["boolean"], sorts["bytea"] = []string{"0c0f2d0e-8d0c-4a55-9a7c-0d6e0a2f1b11"}, []string{"192.0.2.7"}, []string{"true"}, []string{`\x00ff`}
	} else {
		sorts["varbinary(20)"], sorts["bigint unsigned"], sorts["enum('a','b')"] = []string{"ab"}, []string{"18446744073709551615"}, []string{"b"}
	}
	for kind, values := range sorts {
		for _, withheld := range []bool{false, true} {
			t.Run(fmt.Sprint(kind, withheld), func(t *testing.T) {
				columns := "columns: {mail: {}}"
				if withheld {
					columns = "columns: {k: {withhold: true}}"
				}
				h := &changeHarness{harness: &harness{engine: e, database: e.Create(t, "CREATE TABLE things (k "+kind+" PRIMARY KEY, mail varchar(100))")}}
				for _, v := range values {
					h.do(t, "INSERT INTO things VALUES ('"+v+"', 'e@example.org')")
				}
				e.Grant(t, h.database)
				h.connection = h.parse(t, strings.ReplaceAll(smallFile[:strings.Index(smallFile, "    - name: people")]+`    - name: things
      key: [k]
      match: {email: {columns: [mail]}}
      `+columns+`
      change: {erase: delete}
`, "%w", e.Writer(t, h.database)))
				c := h.open(t)
				var refs []string
				for _, f := range h.findAll(t, c, "e@example.org") {
					refs = append(refs, f.Reference)
					read, err := c.Read(t.Context(), []string{f.Reference})
					if got, ok := read[f.Reference]; err != nil || !ok || string(got.Fingerprint()) != string(f.Fingerprint()) {
						t.Errorf("%s: read %v, %v", f.Reference, ok, err)
					}
				}
				named := 0
				if err := c.References(t.Context(), func(ref string) error {
					if named++; !slices.Contains(refs, ref) {
						t.Errorf("named %s, want one of %q", ref, refs)
					}
					return nil
				}); err != nil || named != len(values) {
					t.Errorf("named %d, %v", named, err)
				}
				for i, ref := range refs {
					effects, err := c.Carry(t.Context(), []connector.Change{{Do: connector.CanErase, Reference: ref}})
					if got := one(t, effects, err); !got.Gone() || got.State != connector.Changed {
						t.Errorf("%s: got %s (%s)", ref, got.State, got.Reason)
					}
					if left := h.Strings(t, h.database, "SELECT count(*) FROM things")[0]; left != fmt.Sprint(len(values)-i-1) {
						t.Errorf("%s rows are left after %d", left, i+1)
					}
				}
				if len(refs) != len(values) {
					t.Errorf("found %d, want %d", len(refs), len(values))
				}
			})
		}
	}
}

func (h *changeHarness) findAll(t *testing.T, c connector.Connector, mail string) (all []connector.Finding) {
	t.Helper()
	q := connector.Query{Identifiers: []person.Identifier{{Kind: person.Email, Value: person.NewText(mail), Verified: true}}}
	if _, err := c.Find(t.Context(), q, nil, func(f connector.Finding, _ connector.Cursor) error {
		all = append(all, f)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return all
}
