package sql

import (
	"bytes"
	"strings"
	"testing"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

const trackedFile = `
system: klein
kind: sql
secrets: {password: {env: PASSWORD}, change_password: {env: PASSWORD}}
match: [{by: [email], confidence: sure}]
sql:
  dsn: "%s"
  change_dsn: "%w"
  tables:
    - name: tracked
      key: [id]
      match: {email: {columns: [mail]}}
      columns: {stamp: {volatile: true}}
      change: {erase: mask, mask: {empty: [mail], text: {name: weg}}, keep: [{columns: [id, stamp], why: Nummer}], rectify: [name], restrict: {column: mark, set: x}}
`

// What the database sets with each write makes no other record of one that was
// changed as planned.
func TestWhatTheDatabaseSetsWithEachWriteIsNotCompared(t *testing.T) {
	everywhere(t, whatTheDatabaseSetsWithEachWriteIsNotCompared)
}

func whatTheDatabaseSetsWithEachWriteIsNotCompared(t *testing.T, e engine) {
	tracked := "CREATE TABLE tracked (id int PRIMARY KEY, mail varchar(100), name varchar(20), mark varchar(5), stamp varchar(40)); INSERT INTO tracked VALUES (1, 'e@example.org', 'Erika', NULL, 'a'), (2, 'e@example.org', 'Erika', NULL, 'a');\n"
	if e == engine(maria) {
		tracked += "CREATE TRIGGER stamp BEFORE UPDATE ON tracked FOR EACH ROW SET NEW.stamp = UUID()"
	} else {
		tracked += `CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.stamp = gen_random_uuid(); RETURN NEW; END';
CREATE TRIGGER stamp BEFORE UPDATE ON tracked FOR EACH ROW EXECUTE FUNCTION stamp()`
	}
	changes := map[string]connector.Change{
		"corrected": {Do: connector.CanRectify, Values: map[string]person.Text{"name": person.NewText("Erika M.")}},
		"marked":    {Do: connector.CanRestrict}, "masked": {Do: connector.CanErase},
	}
	file := strings.Replace(trackedFile, "keep: [{columns: [id, stamp]", "keep: [{columns: [id, mark, stamp]", 1)
	for _, volatile := range []bool{true, false} {
		if !volatile {
			file = strings.Replace(file, "      columns: {stamp: {volatile: true}}\n", "", 1)
		}
		for name, change := range changes {
			h := newSmall(t, e, file, tracked)
			c := h.open(t)
			read := func() connector.Finding {
				all, err := c.Read(t.Context(), []string{"tracked/1"})
				if err != nil {
					t.Fatal(err)
				}
				return all["tracked/1"]
			}
			change.Reference, change.Seen = "tracked/1", read().Fingerprint()
			effects, err := c.Rehearse(t.Context(), []connector.Change{change})
			planned := one(t, effects, err)
			effects, err = c.Carry(t.Context(), []connector.Change{change})
			if got := one(t, effects, err); planned.State != connector.Changed || got.State != connector.Changed {
				t.Fatalf("%s: rehearsed %s, then %s", name, planned.State, got.State)
			}
			after := read()
			if same := bytes.Equal(after.Fingerprint(), planned.FingerprintAfter()); same != volatile {
				t.Errorf("%s, volatile %t: got as planned %t", name, volatile, same)
			}
			if stamp := after.Fields[4]; stamp.Name != "stamp" || stamp.Value.Reveal() == "a" || stamp.Value.IsZero() {
				t.Errorf("%s: got %q as the stamp, want it shown as it is", name, stamp.Value.Reveal())
			}
			if bytes.Equal(after.Fingerprint(), change.Seen) {
				t.Errorf("%s: what was changed is not seen", name)
			}
		}
	}
}
