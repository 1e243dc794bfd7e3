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
		{"her mail address beside the name of somebody else", Values{person.Email: {"erika@example.org"}, person.Name: {"Max Beispiel"}}, 1, Check},
		{"her mail address beside half of her name", Values{person.Email: {"erika@example.org"}, person.Name: {"Müller, Erika"}}, 1, Sure},
		{"her mail address beside her first name", Values{person.Email: {"erika@example.org"}, person.Name: {"Erika"}}, 1, Sure},
		{"her mail address beside the first letter of her name", Values{person.Email: {"erika@example.org"}, person.Name: {"E. Schmidt"}}, 1, Sure},
		{"her mail address beside her name in the wrong letters", Values{person.Email: {"erika@example.org"}, person.Name: {"Erika MÃ¼ller-Schmidt"}}, 1, Sure},
		{"her mail address beside a name that can't be read", Values{person.Email: {"erika@example.org"}, person.Name: {"M\xfcller"}}, 1, Sure},
		{"her mail address beside no name", Values{person.Email: {"erika@example.org"}, person.Name: {" ", "erika@example.org"}}, 1, Sure},
		{"her mail address beside two names, one of them hers", Values{person.Email: {"erika@example.org"}, person.Name: {"Max Beispiel", "Erika Müller-Schmidt"}}, 1, Sure},
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
	claimed := func(d person.Identifier) person.Identifier { d.Verified = false; return d }
	for _, test := range []struct {
		what  string
		names []person.Identifier
		want  Confidence
	}{
		{"a name that is only claimed says whose the record is not", []person.Identifier{claimed(id(person.Name, "Erika Müller-Schmidt"))}, Check},
		{"a name that is only claimed does not stand against a verified one", []person.Identifier{id(person.Name, "Erika Müller-Schmidt"), claimed(id(person.Name, "Max Beispiel"))}, Check},
		{"a further name that is verified is hers", []person.Identifier{id(person.Name, "Erika Müller-Schmidt"), id(person.Name, "Max Beispiel")}, Sure},
		{"who gave no name can't be somebody else", nil, Sure},
	} {
		w, err := c.Whose(Query{Identifiers: append(test.names, id(person.Email, "erika@example.org"))})
		if err != nil {
			t.Fatal(err)
		}
		if _, got := w.Leads(Values{person.Email: {"erika@example.org"}, person.Name: {"Max Beispiel"}}); got != test.want {
			t.Errorf("%s: got %s, want %s", test.what, got, test.want)
		}
	}
	if w, _ := c.Whose(Query{Identifiers: []person.Identifier{id(person.Birthdate, "12.08.1964")}}); !w.Nobody() {
		t.Error("a birth date alone suffices")
	}
}
