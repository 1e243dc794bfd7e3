// Package connectortest is the suite that every kind of system passes before
// it may be asked about people: it gives exactly the person's records and
// nobody else's, changes nothing, and tells nothing to logs.
package connectortest

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// Harness makes one real source of a kind, empty at first.
type Harness interface {
	Kind() connector.Kind
	// Connection leads to the source, its secrets resolved. Its match sets must
	// tell the people of this package apart.
	Connection() connector.Connection
	// Plant writes at least n records about a person, spread over everything
	// the kind knows (tables, joins, files), and gives their references.
	Plant(t *testing.T, p Person, n int) []string
	// Fingerprint changes when anything in the source changes.
	Fingerprint(t *testing.T) string
	// Break takes the source away until restore is called.
	Break(t *testing.T) (restore func())
}

// Spoiler is a harness whose source can hold something unreadable.
type Spoiler interface {
	// Spoil damages a part of the source in a way that hits a record of p.
	Spoil(t *testing.T, p Person)
}

// Crowd is a harness whose real server can't be filled with a million records in
// a test: a server in this process speaks the same protocol and makes them up
// as it is asked, so that all memory the test sees is the connector's.
type Crowd interface {
	// Crowd gives a connection to a source with n records of p.
	Crowd(t *testing.T, p Person, n int) connector.Connection
}

// Counter is a harness that counts what reaches its source: questions of a
// protocol, reads of a file. It counts when the source is asked, not when it
// has answered.
type Counter interface {
	Reads() int64
}

// Person is somebody the tests plant and look for.
type Person struct {
	Name, Birthdate, Email, Account, Phone, Address string
	// IP and At are a network address and when the person had it; records name
	// them.
	IP string
	At time.Time
}

// The people of the tests.
var (
	Erika = Person{
		Name: "Erika Mustermann", Birthdate: "1964-08-12", Email: "erika.mustermann@example.org", Account: "emustermann",
		Phone: "+492118370199", Address: "Heidestraße 17, 51147 Köln", IP: "192.0.2.17", At: day(10),
	}
	// Namesakes of Erika, born on other days.
	OtherErika = Person{
		Name: "Erika Mustermann", Birthdate: "1991-02-03", Email: "e.mustermann@example.net", Account: "erikam",
		Phone: "+492219998811", Address: "Domplatz 3, 50668 Köln", IP: "192.0.2.18", At: day(11),
	}
	ThirdErika = Person{
		Name: "Mustermann, Erika", Birthdate: "1964-12-08", Email: "mustermann.erika@example.com", Account: "emustermann2",
		Phone: "+49301234567", Address: "Heidestraße 71, 51147 Köln", IP: "192.0.2.19", At: day(12),
	}
	// Jürgen stands in systems in one spelling and asks in another.
	Juergen = Person{
		Name: "Jürgen Groß", Birthdate: "1950-01-31", Email: "Juergen.Gross@Example.org", Account: "JGross",
		Phone: "+495251123456", Address: "Lange Str. 5, 33098 Paderborn", IP: "2001:db8::17", At: day(13),
	}
	JuergenSpelled = Person{
		Name: "Dr. GROSS, Juergen", Birthdate: "31.01.1950", Email: "juergen.gross+amt@example.ORG", Account: "jgross",
		Phone: "05251 / 123 456", Address: "Lange Straße 5\n33098 Paderborn", IP: "2001:0db8:0:0::17", At: day(13),
	}
	// Nobody is in no system.
	Nobody = Person{
		Name: "Xaver Niemand", Birthdate: "1977-07-07", Email: "niemand@example.org", Account: "niemand",
		Phone: "+498912345678", Address: "Nirgends 1, 80331 München", IP: "192.0.2.99", At: day(14),
	}
)

func day(d int) time.Time { return time.Date(2026, 11, d, 9, 30, 15, 0, time.UTC) }

// Query asks for a person by everything that is known, all verified.
func (p Person) Query() connector.Query {
	at := person.IPTime
	q := connector.Query{ReceivedAt: day(20)}
	for _, id := range []struct {
		kind  person.IdentifierKind
		value string
	}{
		{person.Name, p.Name}, {person.Birthdate, p.Birthdate}, {person.Email, p.Email}, {person.Account, p.Account},
		{person.Phone, p.Phone}, {person.Address, p.Address}, {at, p.IP + " " + p.At.Format(time.RFC3339)},
	} {
		q.Identifiers = append(q.Identifiers, identifier(id.kind, id.value))
	}
	return q
}

// identifier is verified; its id is made of what it says.
func identifier(kind person.IdentifierKind, value string) person.Identifier {
	return person.Identifier{ID: uuid.NewSHA1(uuid.NameSpaceOID, []byte(string(kind)+" "+value)), Kind: kind, Value: person.NewText(value), Verified: true}
}

// Values are the strings that must never turn up in an error or a log.
func (p Person) Values() []string {
	return []string{p.Name, p.Birthdate, p.Email, p.Account, p.Phone, p.Address, p.IP}
}
