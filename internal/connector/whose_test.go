package connector

import (
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/person"
)

func TestWhoseRecordItIs(t *testing.T) {
	c, err := ParseConnection("x.yaml", []byte(`
system: x
kind: k
match:
  - {by: [email]}
  - {by: [name, birthdate]}
  - {by: [name], confidence: sure}
`))
	if err != nil {
		t.Fatal(err)
	}
	id := func(k person.IdentifierKind, v string) person.Identifier {
		return person.Identifier{ID: uuid.NewSHA1(uuid.NameSpaceOID, []byte(k)), Kind: k, Value: person.NewText(v), Verified: true}
	}
	q := Query{Identifiers: []person.Identifier{id(person.Email, "erika@example.org"), id(person.Name, "Erika Müller-Schmidt"), id(person.Birthdate, "12.08.1964")}}
	for _, test := range []struct {
		what   string
		values Values
		led    int
		want   Confidence
	}{
		{"her mail address", Values{person.Email: {"ERIKA+x@example.org"}}, 1, Sure},
		{"one of several mail addresses", Values{person.Email: {"amt@example.org", "erika@example.org"}}, 1, Sure},
		{"name and birth date, of which the name alone would not do", Values{person.Name: {"Müller-Schmidt, Erika"}, person.Birthdate: {"1964-08-12"}}, 1, Sure},
		{"mail address, and name and birth date", Values{person.Email: {"erika@example.org"}, person.Name: {"Erika Müller-Schmidt"}, person.Birthdate: {"12.8.1964"}}, 2, Sure},
		{"several names and birth dates in one record", Values{person.Name: {"Erika Müller-Schmidt", "Max Müller"}, person.Birthdate: {"1991-02-03", "1964-08-12"}}, 2, Check},
		{"half of her name and her birth date", Values{person.Name: {"Erika Müller"}, person.Birthdate: {"1964-08-12"}}, 1, Check},
		{"a namesake born on another day", Values{person.Name: {"Erika Müller-Schmidt"}, person.Birthdate: {"1991-02-03"}}, 1, Check},
		{"half of her name alone", Values{person.Name: {"Erika Müller"}}, 0, Check},
		{"her birth date alone", Values{person.Birthdate: {"1964-08-12"}}, 0, Check},
		{"nothing", Values{}, 0, Check},
	} {
		w, err := c.Whose(q)
		if err != nil {
			t.Fatal(err)
		}
		if led, got := w.Leads(test.values); len(led) != test.led || got != test.want {
			t.Errorf("%s: got %d ways and %s, want %d and %s", test.what, len(led), got, test.led, test.want)
		}
	}
	if w, _ := c.Whose(Query{Identifiers: []person.Identifier{id(person.Birthdate, "12.08.1964")}}); !w.Nobody() {
		t.Error("a birth date alone suffices")
	}
}
