package sql

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// A table of each sort that can stand against a change.
const smallFile = `
system: klein
kind: sql
secrets: {password: {env: PASSWORD}, change_password: {env: PASSWORD}}
timeout: 4s
match: [{by: [email], confidence: sure}]
sql:
  dsn: "%s"
  change_dsn: "%w"
  tables:
    - name: people
      key: [id]
      match: {email: {columns: [mail]}}
      columns: {hash: {withhold: true}}
      change:
        erase: delete
        with:
          - {table: notes, on: {id: person}, with: [{table: pages, on: {id: note}}]}
        rectify: [name, nick, age, born, mail]
        restrict: {column: nick, set: blocked}
    - name: masked
      key: [id]
      match: {email: {columns: [mail]}}
      columns: {hash: {withhold: true}}
      change:
        erase: mask
        with: [{table: proofs, on: {id: masked}}]
        mask: {empty: [mail, name], text: {hash: "", nick: "weg-{id}", age: "0"}, generalise: {born: month}}
        keep: [{columns: [id], why: Nummer}, {columns: [amount], why: "§ 147 Abs. 3 AO"}]
    - name: half
      key: [id]
      match: {email: {columns: [mail]}}
      change: {erase: mask, mask: {empty: [mail]}, keep: [{columns: [id], why: Nummer}]}
    - name: invoices
      key: [id]
      match: {email: {columns: [mail]}}
      change: {keep: [{why: "§ 147 Abs. 3 AO"}]}
    - name: silent
      key: [id]
      match: {email: {columns: [mail]}}
    - name: keyless
      key: [line]
      match: {email: {columns: [mail]}}
      change: {erase: delete}
    - name: mothers
      key: [id]
      match: {email: {columns: [mail]}}
      change: {erase: delete}
    - name: replies
      key: [id]
      match: {email: {columns: [mail]}}
      change: {erase: delete}
    - name: codes
      key: [code]
      match: {email: {columns: [mail]}}
      change: {erase: delete, with: [{table: uses, on: {code: code}}]}
`

const smallSchema = `
CREATE TABLE people (id int PRIMARY KEY, mail varchar(100), name varchar(20) NOT NULL, nick varchar(20) UNIQUE, age int CHECK (age < 150), born date, hash varchar(20));
CREATE TABLE notes (id int PRIMARY KEY, person int, FOREIGN KEY (person) REFERENCES people (id));
CREATE TABLE pages (id int PRIMARY KEY, note int, FOREIGN KEY (note) REFERENCES notes (id));
CREATE TABLE guarded (id int PRIMARY KEY, person int, FOREIGN KEY (person) REFERENCES people (id));
CREATE TABLE masked (id int PRIMARY KEY, mail varchar(100), name varchar(20) NOT NULL, nick varchar(20) UNIQUE, age int, born date, amount int, hash varchar(20));
CREATE TABLE proofs (id int PRIMARY KEY, masked int);
CREATE TABLE half (id int PRIMARY KEY, mail varchar(100), rest varchar(20));
CREATE TABLE invoices (id int PRIMARY KEY, mail varchar(100));
CREATE TABLE silent (id int PRIMARY KEY, mail varchar(100));
CREATE TABLE log (line int, mail varchar(100));
CREATE VIEW keyless AS SELECT line, mail FROM log;
CREATE TABLE mothers (id int PRIMARY KEY, mail varchar(100));
CREATE TABLE children (id int PRIMARY KEY, mother int, FOREIGN KEY (mother) REFERENCES mothers (id) ON DELETE CASCADE);
CREATE TABLE fosters (id int PRIMARY KEY, mother int, FOREIGN KEY (mother) REFERENCES mothers (id) ON DELETE SET NULL);
CREATE TABLE replies (id int PRIMARY KEY, mail varchar(100), replies_to int, FOREIGN KEY (replies_to) REFERENCES replies (id));
CREATE TABLE codes (code varchar(20) PRIMARY KEY, mail varchar(100));
CREATE TABLE uses (id int PRIMARY KEY, code varchar(20));
INSERT INTO people VALUES (1, 'e@example.org', 'Erika', 'ea', 60, '1964-08-12', 'x'), (2, 'e@example.org', 'Erika', 'eb', 60, '1964-08-12', 'x'), (3, 'e@example.org', 'Erika', 'ec', 60, '1964-08-12', 'x'),
	(4, 'e@example.org', 'Erika', 'ed', 60, '1964-08-12', 'x'), (5, 'o@example.org', 'Otto', 'o', 60, '1964-08-12', 'x');
INSERT INTO notes VALUES (1, 1), (2, 1), (3, 2), (5, 5);
INSERT INTO pages VALUES (1, 1), (2, 1), (3, 2), (4, 3), (5, 5);
INSERT INTO guarded VALUES (1, 2);
INSERT INTO masked VALUES (1, 'e@example.org', 'Erika', 'ea', 60, '1964-08-12', 17, 'x'), (2, 'o@example.org', 'Otto', 'weg-3', 60, '1964-08-12', 17, 'x'), (3, 'e@example.org', 'Erika', 'eb', 60, '1964-08-12', 17, 'x');
INSERT INTO proofs VALUES (1, 1), (2, 1), (3, 2);
INSERT INTO half VALUES (1, 'e@example.org', 'Rest');
INSERT INTO invoices VALUES (1, 'e@example.org');
INSERT INTO silent VALUES (1, 'e@example.org');
INSERT INTO log VALUES (1, 'e@example.org'), (1, 'e@example.org');
INSERT INTO mothers VALUES (1, 'e@example.org'), (2, 'e@example.org'), (3, 'e@example.org');
INSERT INTO children VALUES (1, 1); INSERT INTO fosters VALUES (1, 2);
INSERT INTO replies VALUES (1, 'e@example.org', NULL), (2, 'e@example.org', 1), (3, 'e@example.org', 2);
INSERT INTO codes VALUES ('A', 'e@example.org');
INSERT INTO uses VALUES (1, 'A'), (2, 'Ä'), (3, 'a');
`

// newSmall is a database with the small tables; more is made as well.
func newSmall(t *testing.T, e engine, file, more string) *changeHarness {
	t.Helper()
	h := &changeHarness{harness: &harness{engine: e, database: e.Create(t, smallSchema+more)}}
	e.Grant(t, h.database)
	h.connection = h.parse(t, strings.ReplaceAll(file, "%w", e.Writer(t, h.database)))
	return h
}

func (h *changeHarness) everything(t *testing.T) string {
	t.Helper()
	all := ""
	for _, table := range []string{"people", "notes", "pages", "guarded", "masked", "proofs", "half", "invoices", "silent", "log", "mothers", "replies", "children", "fosters", "codes", "uses"} {
		query := "SELECT r::text FROM " + table + " r"
		if h.engine == engine(maria) {
			query = "CHECKSUM TABLE " + table
		}
		some := h.Strings(t, h.database, query)
		slices.Sort(some)
		all += fmt.Sprint(table, some)
	}
	return all
}

func one(t *testing.T, effects []connector.Effect, err error) connector.Effect {
	t.Helper()
	if err != nil || len(effects) != 1 {
		t.Fatalf("got %d effects and %v, want 1", len(effects), err)
	}
	return effects[0]
}

func TestWhatStandsAgainstAChange(t *testing.T) { everywhere(t, whatStandsAgainstAChange) }

func whatStandsAgainstAChange(t *testing.T, e engine) {
	h := newSmall(t, e, smallFile, "")
	c := h.open(t)
	erase, rectify := connector.CanErase, connector.CanRectify
	for _, k := range []struct {
		name   string
		do     connector.Ability
		ref    string
		values map[string]string
		state  connector.EffectState
		reason string
	}{
		{"a view without a key", erase, "keyless/1", nil, connector.Undeclared, becauseView},
		{"a table about which nothing is said", erase, "silent/1", nil, connector.Undeclared, becauseUndeclared},
		{"a table of which every row stays", erase, "invoices/1", nil, connector.Undeclared, becauseKept},
		{"a column that the mask forgets", erase, "half/1", nil, connector.Undeclared, becauseOpen},
		{"nothing to correct", rectify, "people/1", nil, connector.Undeclared, becauseUndeclared},
		{"a field that may not be corrected", rectify, "people/1", map[string]string{"hash": "y", "name": "Rike"}, connector.Undeclared, becauseField},
		{"a key", rectify, "people/1", map[string]string{"id": "9"}, connector.Undeclared, becauseField},
		{"SQL in the name of a field", rectify, "people/1", map[string]string{"name = 'x', hash": "y"}, connector.Undeclared, becauseField},
		{"a table that can't be corrected", rectify, "masked/1", map[string]string{"name": "Rike"}, connector.Undeclared, becauseUndeclared},
		{"a table that can't be restricted", connector.CanRestrict, "masked/1", nil, connector.Undeclared, becauseUndeclared},
		{"what is no change at all", connector.CanFind, "people/1", nil, connector.Undeclared, becauseUndeclared},
		{"a foreign key of a table that nobody named", erase, "people/2", nil, connector.Hindered, becauseForeignKey},
		{"a cascade that nobody declared", erase, "mothers/1", nil, connector.Hindered, becauseDragged},
		{"a link that would be emptied", erase, "mothers/2", nil, connector.Hindered, becauseDragged},
		{"a unique index", erase, "masked/3", nil, connector.Hindered, becauseUnique},
		{"a unique index, corrected", rectify, "people/1", map[string]string{"nick": "o"}, connector.Hindered, becauseUnique},
		{"a check", rectify, "people/1", map[string]string{"age": "151"}, connector.Hindered, becauseCheck},
		{"a value of another sort", rectify, "people/1", map[string]string{"age": "sechzig"}, connector.Hindered, becauseValue},
		{"a value that is too long", rectify, "people/1", map[string]string{"name": strings.Repeat("x", 21)}, connector.Hindered, becauseValue},
		{"a value that is stored otherwise", rectify, "people/1", map[string]string{"born": "1964-8-13"}, connector.Hindered, becauseOtherwise},
		{"a record that is not there", erase, "people/99", nil, connector.Missing, ""},
		{"a key in another spelling", erase, "people/01", nil, connector.Missing, ""},
	} {
		t.Run(k.name, func(t *testing.T) {
			values := map[string]person.Text{}
			for name, v := range k.values {
				values[name] = person.NewText(v)
			}
			before := h.everything(t)
			some := []connector.Change{{Do: k.do, Reference: k.ref, Values: values}}
			rehearsed, err := c.Rehearse(t.Context(), some)
			r := one(t, rehearsed, err)
			carried, err := c.Carry(t.Context(), some)
			got := one(t, carried, err)
			if got.State != k.state || got.Reason != k.reason || r.State != k.state || r.Reason != k.reason {
				t.Errorf("got %s (%s), rehearsed %s (%s), want %s (%s)", got.State, got.Reason, r.State, r.Reason, k.state, k.reason)
			}
			if h.everything(t) != before {
				t.Error("the database is not as it was")
			}
		})
	}
	t.Run("and says why every row stays", func(t *testing.T) {
		effects, err := c.Rehearse(t.Context(), []connector.Change{{Do: erase, Reference: "invoices/1"}})
		if got := one(t, effects, err); len(got.Kept) != 2 || got.Kept[1] != (connector.Kept{Field: "mail", Why: "§ 147 Abs. 3 AO"}) || len(got.Before.Fields) != 2 {
			t.Errorf("got %+v", got.Kept)
		}
	})
}

func TestAnErasureIsExact(t *testing.T) { everywhere(t, anErasureIsExact) }

func anErasureIsExact(t *testing.T, e engine) {
	h := newSmall(t, e, smallFile, "")
	c := h.open(t)
	carry := func(ref string) connector.Effect {
		t.Helper()
		effects, err := c.Carry(t.Context(), []connector.Change{{Do: connector.CanErase, Reference: ref}})
		return one(t, effects, err)
	}
	count := func(table, where string) string {
		return h.Strings(t, h.database, "SELECT count(*) FROM "+table+" WHERE "+where)[0]
	}
	t.Run("rows that are nothing without it go first", func(t *testing.T) {
		got := carry("people/1")
		if want := []connector.Along{{Place: "pages", Count: 3}, {Place: "notes", Count: 2}}; got.State != connector.Changed || !got.Gone() || !slices.Equal(got.With, want) {
			t.Errorf("got %s with %v, want %v", got.State, got.With, want)
		}
		if people, notes, pages := count("people", "true"), count("notes", "true"), count("pages", "true"); people != "4" || notes != "2" || pages != "2" {
			t.Errorf("left are %s, %s and %s, want 4, 2 and 2", people, notes, pages)
		}
	})
	t.Run("rows that hang on it to the letter, not to the collation", func(t *testing.T) {
		if got := carry("codes/A"); !got.Gone() || len(got.With) != 1 || got.With[0].Count != 1 {
			t.Errorf("got %s with %v, want one row", got.State, got.With)
		}
		if left := count("uses", "id IN (2, 3)"); left != "2" {
			t.Errorf("%s rows of other codes are left, want 2", left)
		}
	})
	t.Run("a mask leaves what it says", func(t *testing.T) {
		got := carry("masked/1")
		want := map[string]string{"id": "1", "mail": "", "name": "", "nick": "weg-1", "age": "0", "born": "1964-08-01", "amount": "17", "hash": ""}
		for _, f := range got.After {
			if f.Value.Reveal() != want[f.Name] || f.Withheld != (f.Name == "hash") {
				t.Errorf("%s: got %q, want %q", f.Name, f.Value.Reveal(), want[f.Name])
			}
		}
		if left := count("proofs", "true"); left != "1" || !slices.Equal(got.With, []connector.Along{{Place: "proofs", Count: 2}}) {
			t.Errorf("%s proofs are left, with %v, want 1 and 2", left, got.With)
		}
		if len(got.After) != len(want) || !slices.Equal(got.Kept, []connector.Kept{{Field: "id", Why: "Nummer"}, {Field: "amount", Why: "§ 147 Abs. 3 AO"}}) {
			t.Errorf("got %d fields, kept %v", len(got.After), got.Kept)
		}
		if n := count("masked", "id = 1 AND mail IS NULL AND name = '' AND (hash IS NULL OR hash = '')"); n != "1" {
			t.Error("the mask did not reach the row")
		}
	})
	t.Run("the order of a plan does not matter", func(t *testing.T) {
		h.do(t, "DELETE FROM guarded WHERE id = 1")
		h.do(t, "INSERT INTO guarded VALUES (7, 3)")
		effects, err := c.Carry(t.Context(), []connector.Change{
			{Do: connector.CanErase, Reference: "people/3"}, {Do: connector.CanErase, Reference: "people/2"},
			{Do: connector.CanErase, Reference: "replies/1"}, {Do: connector.CanErase, Reference: "replies/2"}, {Do: connector.CanErase, Reference: "replies/3"},
		})
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range effects {
			if want := map[bool]connector.EffectState{true: connector.Hindered, false: connector.Changed}[i == 0]; e.State != want {
				t.Errorf("%s: got %s (%s), want %s", e.Before.Reference, e.State, e.Reason, want)
			}
		}
	})
}

func TestARestrictionIsLifted(t *testing.T) { everywhere(t, aRestrictionIsLifted) }

func aRestrictionIsLifted(t *testing.T, e engine) {
	h := newSmall(t, e, smallFile, "")
	c := h.open(t)
	for _, k := range []struct {
		lift bool
		want string
	}{{false, "blocked"}, {false, "blocked"}, {true, ""}} {
		effects, err := c.Carry(t.Context(), []connector.Change{{Do: connector.CanRestrict, Lift: k.lift, Reference: "people/4"}})
		got := one(t, effects, err)
		if got.State != connector.Changed || got.After[3].Value.Reveal() != k.want {
			t.Errorf("lift %v: got %s", k.lift, got.State)
		}
	}
}

// Rules of the database that change something else than they were told, or
// nothing, or that wait for the end.
func TestRulesOfTheDatabase(t *testing.T) {
	h := newSmall(t, postgresql, smallFile, `
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''%'', OLD.mail; END';
CREATE FUNCTION back() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO public.silent VALUES (100); INSERT INTO public.people SELECT OLD.*; RETURN NULL; END';
CREATE FUNCTION other() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.name = ''Otto''; RETURN NEW; END';
CREATE TABLE waits (person int REFERENCES people DEFERRABLE INITIALLY DEFERRED); INSERT INTO waits VALUES (4);
CREATE TRIGGER nothing BEFORE DELETE ON people FOR EACH ROW WHEN (OLD.id = 1) EXECUTE FUNCTION nothing();
CREATE TRIGGER nothing BEFORE UPDATE ON masked FOR EACH ROW EXECUTE FUNCTION nothing();
CREATE TRIGGER no BEFORE DELETE ON mothers FOR EACH ROW WHEN (OLD.id = 3) EXECUTE FUNCTION no();
CREATE TRIGGER back AFTER DELETE ON people FOR EACH ROW WHEN (OLD.id = 3) EXECUTE FUNCTION back();
CREATE TRIGGER other BEFORE UPDATE ON people FOR EACH ROW WHEN (OLD.id = 5) EXECUTE FUNCTION other();
GRANT INSERT ON people, silent TO PUBLIC`)
	c := h.open(t)
	before := h.everything(t)
	effects, err := c.Carry(t.Context(), []connector.Change{
		{Do: connector.CanErase, Reference: "people/1"}, {Do: connector.CanErase, Reference: "mothers/3"}, {Do: connector.CanErase, Reference: "people/3"},
		{Do: connector.CanErase, Reference: "people/4"}, {Do: connector.CanRectify, Reference: "people/5", Values: map[string]person.Text{"name": person.NewText("Ottilie")}},
		{Do: connector.CanErase, Reference: "masked/1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{becauseStays, becauseTrigger, becauseStays, becauseForeignKey, becauseOtherwise, becauseStays} {
		if effects[i].State != connector.Hindered || effects[i].Reason != want {
			t.Errorf("%s: got %s (%s), want %s", effects[i].Before.Reference, effects[i].State, effects[i].Reason, want)
		}
	}
	if h.everything(t) != before {
		t.Error("the database is not as it was")
	}
}

func TestSomebodyElseHoldsTheRecord(t *testing.T) { everywhere(t, somebodyElseHoldsTheRecord) }

func somebodyElseHoldsTheRecord(t *testing.T, e engine) {
	h := newSmall(t, e, smallFile, "")
	held := h.open(t).(*database)
	c := h.open(t)
	give := errors.New("give it back")
	err := held.changing.begin(t.Context(), false, func(w work) error {
		if _, there, err := w.record(t.Context(), held.find("people"), []string{"3"}); err != nil || !there {
			t.Fatalf("got %v, %v", there, err)
		}
		effects, err := c.Carry(t.Context(), []connector.Change{{Do: connector.CanErase, Reference: "people/3"}, {Do: connector.CanErase, Reference: "people/4"}})
		if err != nil || effects[0].State != connector.Hindered || effects[0].Reason != becauseLocked || effects[1].State != connector.Changed {
			t.Errorf("got %v and %v, want the first locked and the other changed", err, effects)
		}
		return give
	})
	if !errors.Is(err, give) {
		t.Error(err)
	}
}

// Who looks at a record keeps others from it until it is changed: what changed
// while we waited is noticed.
func TestTheRecordChangesWhileWeWait(t *testing.T) { everywhere(t, theRecordChangesWhileWeWait) }

func theRecordChangesWhileWeWait(t *testing.T, e engine) {
	h := newSmall(t, e, strings.Replace(smallFile, "timeout: 4s", "timeout: 2m", 1), "")
	other, c := h.open(t).(*database), h.open(t)
	read, err := c.Read(t.Context(), []string{"people/3"})
	if err != nil {
		t.Fatal(err)
	}
	said := make(chan connector.Effect, 1)
	err = other.changing.begin(t.Context(), true, func(w work) error {
		src := other.find("people")
		name, _ := src.column("name")
		if n, err := w.set(t.Context(), src, []string{"3"}, []assignment{{attribute: name, text: "Rike"}}); n != 1 || err != nil {
			t.Fatalf("got %d, %v", n, err)
		}
		go func() {
			effects, err := c.Carry(t.Context(), []connector.Change{{Do: connector.CanErase, Reference: "people/3", Seen: read["people/3"].Fingerprint()}})
			if err != nil || len(effects) != 1 {
				effects = []connector.Effect{{Reason: fmt.Sprint(err)}}
			}
			said <- effects[0]
		}()
		waits := map[string]string{
			"PostgreSQL": "SELECT count(*) FROM pg_locks WHERE NOT granted",
			"MariaDB":    "SELECT count(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'",
		}[e.Name()]
		for len(said) == 0 && h.Strings(t, h.database, waits)[0] == "0" {
			time.Sleep(150 * time.Millisecond) // asked more often, MariaDB says the same again
		}
		return nil
	})
	if got := <-said; err != nil || got.State != connector.Differs {
		t.Errorf("got %s (%s) and %v, want %s", got.State, got.Reason, err, connector.Differs)
	}
}

func TestAServerThatTakesNoChanges(t *testing.T) { everywhere(t, aServerThatTakesNoChanges) }

func aServerThatTakesNoChanges(t *testing.T, e engine) {
	h := newSmall(t, e, smallFile, "")
	if e == engine(maria) {
		h.do(t, "SET GLOBAL read_only = 1")
		defer h.do(t, "SET GLOBAL read_only = 0")
	} else {
		h.do(t, "ALTER DATABASE "+h.database+" SET default_transaction_read_only = on")
	}
	effects, err := h.open(t).Carry(t.Context(), []connector.Change{{Do: connector.CanErase, Reference: "people/1"}})
	if got := one(t, effects, err); got.State != connector.Denied || got.Reason != becauseStandby {
		t.Errorf("got %s (%s), want %s", got.State, got.Reason, connector.Denied)
	}
}

func TestNobodyMayWrite(t *testing.T) { everywhere(t, nobodyMayWrite) }

func nobodyMayWrite(t *testing.T, e engine) {
	h := newSmall(t, e, strings.Replace(smallFile, "  change_dsn: \"%w\"\n", "", 1), "")
	if got := (Kind{}).Abilities(h.connection); len(got) != 2 {
		t.Errorf("got %v, want nothing that changes", got)
	}
	c := h.open(t)
	effects, err := c.Carry(t.Context(), []connector.Change{{Do: connector.CanErase, Reference: "people/1"}})
	if got := one(t, effects, err); got.State != connector.Undeclared || got.Reason != becauseReadOnly || got.Gone() {
		t.Errorf("got %s (%s), want %s", got.State, got.Reason, connector.Undeclared)
	}
	if err := c.References(t.Context(), func(string) error { t.Error("named a record that can't be erased"); return nil }); err != nil {
		t.Error(err)
	}
}

func TestAWrongPasswordIsNoEffect(t *testing.T) {
	h := newSmall(t, maria, strings.Replace(smallFile, ", change_password: {env: PASSWORD}", "", 1), "")
	effects, err := h.open(t).Carry(t.Context(), []connector.Change{{Do: connector.CanErase, Reference: "people/1"}})
	if !errors.Is(err, connector.ErrConfig) || effects != nil {
		t.Errorf("got %v, want %v", err, connector.ErrConfig)
	}
}

// All of a call is one transaction: wherever the connection ends, all of it is
// done or nothing.
func TestATransactionIsWhole(t *testing.T) { everywhere(t, aTransactionIsWhole) }

func aTransactionIsWhole(t *testing.T, e engine) {
	// What is left of a connection before can take the cut upon itself: once more, then.
	cuts := 0
	for range 5 {
		if cuts = cutEverywhere(t, e); cuts >= 20 {
			return
		}
	}
	t.Errorf("cut %d times only: this test checks little", cuts)
}

// cutEverywhere cuts one call after the other, a little later each time, until one comes
// through. It counts the cuts.
func cutEverywhere(t *testing.T, e engine) (seen int) {
	t.Helper()
	h := newSmall(t, e, smallFile, "")
	c := h.open(t)
	some := []connector.Change{{Do: connector.CanErase, Reference: "people/1"}, {Do: connector.CanErase, Reference: "masked/1"}, {Do: connector.CanErase, Reference: "mothers/3"}}
	before := h.everything(t)
	defer e.Cut(-1)
	for n := 0; ; n++ {
		e.Cut(n)
		effects, err := c.Carry(t.Context(), some)
		if err == nil {
			if state := effects[0].State; n == 0 || state != connector.Changed && state != connector.Missing {
				t.Errorf("after %d: got %s", n, state)
			}
			break
		}
		e.Cut(-1)
		if !errors.Is(err, connector.ErrUnreachable) {
			t.Fatalf("after %d: got %v, want %v", n, err, connector.ErrUnreachable)
		}
		// In one question: the server may still be at it.
		left := h.Strings(t, h.database, "SELECT (SELECT count(*) FROM people WHERE id = 1) + (SELECT count(*) FROM masked WHERE id = 1 AND mail IS NOT NULL) + (SELECT count(*) FROM mothers WHERE id = 3)")[0]
		if left != "0" && left != "3" {
			t.Errorf("after %d: %s of 3 are left", n, left)
		}
		seen++
	}
	if h.everything(t) == before {
		t.Error("nothing was done")
	}
	return seen
}

// The connection that asks can't write, whatever its account may.
func TestAskingStillCantWrite(t *testing.T) {
	h := newSmall(t, postgresql, smallFile, "")
	db := h.open(t).(*database)
	err := db.dialect.ask(t.Context(), func(s snapshot) error {
		pg := s.(*postgresSnapshot)
		pg.send("DELETE FROM public.people")
		return pg.fetch("people", nil)
	})
	if err == nil {
		t.Error("deleted through the connection that asks")
	}
}
