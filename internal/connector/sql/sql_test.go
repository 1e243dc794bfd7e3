package sql

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/person"
)

func TestTheDatabaseFoldsAsPackagePersonDoes(t *testing.T) {
	h := newHarness(t, postgresql, connectionFile)
	words := map[person.IdentifierKind][]string{
		person.Name: {"Jürgen Groß", "GROSS, JÜRGEN", "Prof. Dr. med. Jürgen Groß", "Dr. h.c. Anna-Lena O’Brien", "Frau Erika Mustermann", "Michael Herr",
			"René Wałęsa", "Ju\u0308rgen", "İbrahim Şahin Yıldız", "Анна ИВАНОВА", "Ærøskøbing Åse", "  a \t b\u00a0c ", "ẞ", "D'Angelo", "Dr. Dr."},
		person.Address: {"Mauerstraße 51, D-40476 Düsseldorf", "LANGE STR. 12 A\n33098 Paderborn, Deutschland", "Straße des 17. Juni 135", "Hauptstr.5", "Am Weg 1 b/c"},
		person.Email:   {"Erika.M+amt@Example.ORG", " erika%40example.org ", "+e@example.org"},
		person.Company: {"Müller & Söhne GmbH", "A.B.C.-Dienste"},
		person.IBAN:    {"de89 3704 0044 0532 0130 00"},
		person.Account: {" EMustermann "}, person.SessionID: {"aBc"}, person.SSHFingerprint: {"SHA256:AbC="},
		person.Phone: {"+49 211 83701-99"},
	}
	folding, err := newFolding("UTF8")
	if err != nil {
		t.Fatal(err)
	}
	postgresql.As(t, "reader", h.database, func(conn *pgx.Conn) {
		check := func(kind person.IdentifierKind, value, want string) {
			var got string
			if err := conn.QueryRow(t.Context(), "SELECT "+folding.stored(kind, "$1::text"), value).Scan(&got); err != nil {
				t.Fatal(err)
			}
			if got != want {
				t.Errorf("%s %q: the database made %q, want %q", kind, value, got, want)
			}
		}
		for kind, values := range words {
			for _, v := range values {
				want, _ := person.Normal(kind, v)
				check(kind, v, want)
			}
		}
		for r := range person.Foldings {
			check(person.Company, "x"+string(r)+"x", person.Fold("x"+string(r)+"x"))
		}
		for r := rune(1); r < 0x300; r++ {
			check(person.Company, "X"+string(r)+"x", person.Fold("X"+string(r)+"x"))
		}
	})
}

func TestAFindingSaysWhatItIs(t *testing.T) { everywhere(t, aFindingSaysWhatItIs) }

func aFindingSaysWhatItIs(t *testing.T, e engine) {
	h := newHarness(t, e, connectionFile)
	h.Plant(t, connectortest.Erika, 11)
	h.Plant(t, connectortest.OtherErika, 11)
	c, err := Kind{}.Open(t.Context(), h.connection)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	q := connectortest.Erika.Query()
	all := map[string]connector.Finding{}
	if _, err := c.Find(t.Context(), q, nil, func(f connector.Finding, _ connector.Cursor) error {
		all[f.Reference] = f
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	erika := all["participants/1"]
	field := map[string]connector.Field{}
	for _, f := range erika.Fields {
		field[f.Name] = f
	}
	if f := field["password_hash"]; !f.Withheld || !f.Value.IsZero() {
		t.Errorf("a withheld column: got withheld %v, empty %v, want both", f.Withheld, f.Value.IsZero())
	}
	if f := field[`Bemerkung "x"`]; !f.Unmapped || f.Value.Reveal() != "nett" {
		t.Errorf("a column nobody mapped: got unmapped %v and %q, want it shown", f.Unmapped, f.Value.Reveal())
	}
	if f := field["email"]; f.Unmapped || f.Label != "E-Mail-Adresse" || f.Category != "Kontaktdaten" {
		t.Errorf("a mapped column: got %+v", f)
	}
	if !erika.Origin.At.Equal(connectortest.Erika.At) {
		t.Errorf("time: got %v, want %v", erika.Origin.At, connectortest.Erika.At)
	}
	if want := time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC); !all["courses/1"].Origin.At.Equal(want) {
		t.Errorf("time without a zone: got %v, want %v: 9 o'clock in Düsseldorf", all["courses/1"].Origin.At, want)
	}
	// Mail; name and birth date; account. The telephone and the name prove less.
	if len(erika.Led) != 3 || erika.Confidence != connector.Sure {
		t.Errorf("got %d sets and %q, want 3 and sure", len(erika.Led), erika.Confidence)
	}
	if other := all["participants/2"]; len(other.Led) != 1 || other.Confidence != connector.Check {
		t.Errorf("the namesake: got %d sets and %q, want 1 and check", len(other.Led), other.Confidence)
	}
	if len(erika.Hints) != 0 {
		t.Errorf("got %d hints that the query knew already", len(erika.Hints))
	}
	if n := len(all["participants/2"].Hints); n != 0 {
		t.Errorf("got %d hints of the namesake's record, want none", n)
	}
	var hints []person.Identifier
	if _, err := c.Find(t.Context(), connector.Query{Identifiers: q.OfKind(person.Email)}, nil, func(f connector.Finding, _ connector.Cursor) error {
		hints = append(hints, f.Hints...)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if len(hints) != 2 || hints[0].Kind != person.IPTime || hints[0].Value.Reveal() != connectortest.Erika.IP+" "+connectortest.Erika.At.Format(time.RFC3339) || hints[0].Record != "fortbildung/participants/1" || hints[0].Verified {
		t.Errorf("got hints %v, want the address with its time and the account", hints)
	}
	if !field["ip"].Unmapped {
		t.Error("ip: a hint alone does not map a column")
	}
	for i := range q.Identifiers {
		q.Identifiers[i].Verified = false
	}
	if _, err := c.Find(t.Context(), q, nil, func(f connector.Finding, _ connector.Cursor) error {
		if f.Confidence == connector.Sure {
			t.Errorf("%s: sure, though nothing is verified", f.Reference)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// Even a role that may write can't write through a connection of ours.
func TestNothingCanBeWritten(t *testing.T) {
	h := newHarness(t, postgresql, connectionFile)
	c, err := connector.ParseConnection("test.yaml", []byte(fmt.Sprintf(connectionFile, postgresql.Server.DSN("keeper", h.database))))
	if err != nil {
		t.Fatal(err)
	}
	opened, err := Kind{}.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	err = opened.(*database).dialect.ask(t.Context(), func(s snapshot) error {
		pg := s.(*postgresSnapshot)
		pg.begin()
		pg.send("DELETE FROM public.messages")
		return pg.fetch("messages", nil)
	})
	if want := "messages: connection is wrong (25006)"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %q", err, want)
	}
}

func TestNothingCanBeWrittenInMariaDB(t *testing.T) {
	h := newHarness(t, maria, connectionFile)
	maria.Exec(t, h.database, "GRANT ALL ON "+h.database+".* TO reader")
	opened, err := Kind{}.Open(t.Context(), h.connection)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	d := opened.(*database).dialect.(*mariadb)
	want := "messages: connection is wrong (1792)"
	// In a question, and should one ever be asked outside of it.
	if err := d.session(t.Context(), func(s *mariadbSnapshot) error {
		_, err := s.conn.ExecContext(t.Context(), "DELETE FROM messages")
		return d.failed("messages", err)
	}); err == nil || err.Error() != want {
		t.Errorf("got %v, want %q", err, want)
	}
	if _, err := d.pool.ExecContext(t.Context(), "DELETE FROM messages"); err == nil || d.failed("messages", err).Error() != want {
		t.Errorf("outside: got %v, want %q", err, want)
	}
}

// A pooler in between may hand us a server that knows nothing of what we
// prepared.
func TestWhatWasPreparedGetsLost(t *testing.T) {
	h := newHarness(t, postgresql, connectionFile)
	h.Plant(t, connectortest.Erika, 11)
	opened, err := Kind{}.Open(t.Context(), h.connection)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	count := func() (n int) {
		if _, err := opened.Find(t.Context(), connectortest.Erika.Query(), nil, func(connector.Finding, connector.Cursor) error { n++; return nil }); err != nil {
			t.Fatal(err)
		}
		return n
	}
	want := count()
	for _, conn := range opened.(*database).dialect.(*postgres).pool.AcquireAllIdle(t.Context()) {
		if _, err := conn.Exec(t.Context(), "DEALLOCATE ALL"); err != nil {
			t.Fatal(err)
		}
		conn.Release()
	}
	for range 2 {
		if got := count(); got != want {
			t.Errorf("got %d records, want %d", got, want)
		}
	}
}

// A question that takes the database too long is asked again later.
func TestASlowDatabase(t *testing.T) { everywhere(t, aSlowDatabase) }

func aSlowDatabase(t *testing.T, e engine) {
	h := newHarness(t, e, connectionFile)
	h.replaceMessages(t, "SELECT id, sender, parent_id, body, secret "+h.Sleeping())
	h.do(t, "INSERT INTO old (sender) VALUES ('erika.mustermann@example.org')")
	var err error
	for _, timeout := range []string{"300ms", "3s", "15s"} { // the first may be too short for everything else, too
		h.connection = h.parse(t, strings.Replace(connectionFile, "timeout: 20s", "timeout: "+timeout, 1))
		if err = h.slow(t); errors.Is(err, connector.ErrUnreachable) && strings.Contains(err.Error(), "messages") {
			return
		}
		t.Logf("timeout after %s: %v", timeout, err)
	}
	t.Errorf("got %v, want %v of messages", err, connector.ErrUnreachable)
}

func (h *harness) slow(t *testing.T) error {
	c, err := Kind{}.Open(t.Context(), h.connection)
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = c.Find(t.Context(), connectortest.Erika.Query(), nil, func(connector.Finding, connector.Cursor) error { return nil })
	return err
}

func find(t *testing.T, c connector.Connection, q connector.Query) (all []connector.Finding) {
	t.Helper()
	db, err := Kind{}.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Find(t.Context(), q, nil, func(f connector.Finding, _ connector.Cursor) error {
		all = append(all, f)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return all
}
