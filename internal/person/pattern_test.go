package person

import "testing"

func TestAPatternTellsHowAlikeValuesAre(t *testing.T) {
	for _, c := range []struct {
		what, asked, stored string
		kind                IdentifierKind
		want                Likeness
	}{
		{"the same in another spelling", "Dr. Jürgen Groß", "GROSS, Juergen", Name, Equal},
		{"as written without umlauts", "Jürgen Müller", "Jurgen Muller", Name, Equal},
		{"with mail tag and case", "Erika+amt@Example.org", "erika@example.ORG", Email, Equal},
		{"half of a double name", "Erika Müller-Schmidt", "Müller, Erika", Name, Similar},
		{"the other half", "Erika Müller-Schmidt", "Erika Schmidt", Name, Similar},
		{"a double name where one half was asked for", "Erika Müller", "Erika Müller-Schmidt", Name, Similar},
		{"without the second given name", "Erika Anna Müller", "Erika Müller", Name, Similar},
		{"with a second given name", "Erika Müller", "Erika Anna Müller", Name, Similar},
		{"Cyrillic in the letters of a passport", "Юлия Иванова", "Iuliia Ivanova", Name, Similar},
		{"Cyrillic in the letters of a newspaper", "Юлия Иванова", "Julija Iwanowa", Name, Similar},
		{"Greek in the letters of a passport", "Γιώργος Παπαδόπουλος", "Giorgos Papadopoulos", Name, Similar},
		{"only the family name", "Erika Müller", "Müller", Name, Different},
		{"only the family name was asked for", "Müller", "Erika Müller", Name, Different},
		{"another given name", "Erika Müller-Schmidt", "Anna Müller-Schmidt", Name, Different},
		{"another family name", "Erika Müller", "Erika Möller", Name, Different},
		{"a birth date that another one starts", "01.02.1964", "1.2.1965", Birthdate, Different},
		{"an address in the same street", "Lange Straße 5, 33098 Paderborn", "Lange Str. 15, 33098 Paderborn", Address, Different},
		{"nothing", "Erika Müller", "", Name, Different},
	} {
		p, err := NewPattern(c.kind, c.asked)
		if err != nil {
			t.Fatalf("%s: %v", c.what, err)
		}
		if got := p.Compare(c.stored); got != c.want {
			t.Errorf("%s: got %d, want %d", c.what, got, c.want)
		}
	}
}

// A name of many words has no more forms than a database can be asked for.
func TestShorterFormsAreBounded(t *testing.T) {
	if n := len(Shorter(Name, "Maria Anna Sophie Cäcilia Müller Lüdenscheidt")); n == 0 || n > 500 {
		t.Errorf("got %d forms of six words, want some, 500 at most", n)
	}
	if got := Shorter(Name, "A B C D E F G H I J"); len(got) > 0 {
		t.Errorf("got %d forms of ten words, want none", len(got))
	}
}
