package person

import (
	"slices"
	"testing"
)

func TestNormal(t *testing.T) {
	for _, c := range []struct {
		name  string
		kind  IdentifierKind
		value string
		want  string // empty: malformed
	}{
		{"mail: case and plus tag do not count", Email, " Erika.Mustermann+Amt@Example.ORG ", "erika.mustermann@example.org"},
		{"mail: percent-encoded as in a log", Email, "erika%40example.org", "erika@example.org"},
		{"mail: with a display name", Email, "Erika M. <erika@example.org>", "erika@example.org"},
		{"mail: link", Email, "mailto:erika@example.org", "erika@example.org"},
		{"mail: no address at all", Email, "erika.example.org", ""},
		{"mail: two at once", Email, "a@example.org, b@example.org", ""},
		{"mail: a plus in front is part of the name", Email, "+erika@example.org", "+erika@example.org"},
		{"phone: national", Phone, "0211 837-01", "+4921183701"},
		{"phone: with (0)", Phone, "+49 (0)211 / 837 01", "+4921183701"},
		{"phone: 0049", Phone, "0049211 83701", "+4921183701"},
		{"phone: other country", Phone, "+43 1 5131489", "+4315131489"},
		{"phone: words", Phone, "keine", ""},
		{"date: German", Birthdate, "12.08.1964", "1964-08-12"},
		{"date: without noughts", Birthdate, "1.8.1964", "1964-08-01"},
		{"date: ISO", Birthdate, "1964-08-12", "1964-08-12"},
		{"date: in words", Birthdate, "12. März 1964", "1964-03-12"},
		{"date: two figures of a year are refused", Birthdate, "12.08.64", ""},
		{"date: no such day", Birthdate, "30.02.1964", ""},
		{"name: umlauts", Name, "Jürgen Groß", "gross juergen"},
		{"name: written out, family name first", Name, "GROSS, Juergen", "gross juergen"},
		{"name: titles", Name, "Prof. Dr. med. Jürgen Groß", "gross juergen"},
		{"name: doctor honoris causa", Name, "Dr. h.c. Jürgen Groß", "gross juergen"},
		{"name: salutation", Name, "Frau Erika Mustermann", "erika mustermann"},
		{"name: somebody is called Herr", Name, "Michael Herr", "herr michael"},
		{"name: somebody is called Herr, family name first", Name, "Herr, Michael", "herr michael"},
		{"name: double", Name, "Erika Müller-Lüdenscheidt", "erika luedenscheidt mueller"},
		{"name: accents", Name, "René Wałęsa", "rene walesa"},
		{"name: combining accents", Name, "Ju\u0308rgen Groß", "gross juergen"},
		{"name: Turkish", Name, "İbrahim Şahin Yıldız", "ibrahim sahin yildiz"},
		{"name: apostrophe", Name, "Siobhán O’Brien", "obrien siobhan"},
		{"name: Cyrillic keeps its letters", Name, "Анна Иванова", "анна иванова"},
		{"name: only a title", Name, "Dr.", ""},
		{"address: street written out", Address, "Horionplatz 1, 40213 Düsseldorf", "1 40213 duesseldorf horionplatz"},
		{"address: abbreviated", Address, "Mauerstr. 51, D-40476 Düsseldorf", "40476 51 duesseldorf mauerstr"},
		{"address: in full", Address, "Mauerstraße 51\n40476 Düsseldorf\nDeutschland", "40476 51 duesseldorf mauerstr"},
		{"address: street apart", Address, "Lange Straße 12 a", "12a langestr"},
		{"address: street together", Address, "Langestr. 12a", "12a langestr"},
		{"iban: blanks and case", IBAN, "de89 3704 0044 0532 0130 00", "DE89370400440532013000"},
		{"iban: wrong check figures", IBAN, "DE88370400440532013000", ""},
		{"ip+time: other offset is the same instant", IPTime, "192.0.2.7 2026-11-20T11:15:00+01:00", "192.0.2.7 2026-11-20T10:15:00Z"},
		{"ip+time: IPv4 in IPv6", IPTime, "::ffff:192.0.2.7 2026-11-20T10:15:00Z", "192.0.2.7 2026-11-20T10:15:00Z"},
		{"ip+time: no time", IPTime, "192.0.2.7", ""},
		{"account: case does not count", Account, "EMustermann", "emustermann"},
		{"session: case counts", SessionID, "aBc", "aBc"},
		{"fingerprint: base64 keeps its case", SSHFingerprint, "SHA256:AbC=", "SHA256:AbC"},
		{"nothing", Account, "  ", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Normal(c.kind, c.value)
			if (err != nil) != (c.want == "") || err == nil && got != c.want {
				t.Errorf("got %q, %v, want %q", got, err, c.want)
			}
			if err == nil {
				again, err := Normal(c.kind, got)
				if err != nil || again != got {
					t.Errorf("the normal form is not stable: %q became %q, %v", got, again, err)
				}
			}
		})
	}
}

func TestSame(t *testing.T) {
	for _, c := range []struct {
		name string
		kind IdentifierKind
		a, b string
		want bool
	}{
		{"spelling", Name, "Jürgen Groß", "Gross, Juergen", true},
		{"a namesake with another first name", Name, "Jürgen Groß", "Jörgen Groß", false},
		{"part of a name is not the name", Name, "Erika Mustermann", "Erika", false},
		{"malformed is never the same", Email, "nobody", "nobody", false},
		{"other house", Address, "Weg 1", "Weg 1a", false},
	} {
		if got := Same(c.kind, c.a, c.b); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

func TestVariantsAndTokens(t *testing.T) {
	if got, want := NameVariants("Jürgen Groß"), []string{"gross juergen", "gross jurgen"}; !slices.Equal(got, want) {
		t.Errorf("variants: got %q, want %q", got, want)
	}
	for _, c := range []struct {
		kind  IdentifierKind
		value string
		want  []string
	}{
		{Name, "Dr. Jürgen Groß", []string{"gross", "gross juergen", "gross jurgen", "juergen", "jurgen"}},
		{Address, "Mauerstraße 51, 40476 Düsseldorf", []string{"40476", "40476 51 duesseldorf mauerstr", "duesseldorf", "mauerstr"}},
		{Email, "Erika+x@example.org", []string{"erika@example.org"}},
		{Birthdate, "im Sommer", []string{"im", "sommer"}},
	} {
		if got := SearchTokens(c.kind, c.value); !slices.Equal(got, c.want) {
			t.Errorf("tokens of a %s: got %q, want %q", c.kind, got, c.want)
		}
	}
	forms, err := Stored(Phone, "0211 83701")
	if err != nil || !slices.Contains(forms, "021183701") || !slices.Contains(forms, "+490211"+"83701") {
		t.Errorf("stored telephone numbers: got %q, %v", forms, err)
	}
}

func FuzzNormal(f *testing.F) {
	for _, s := range []string{"Jürgen Groß", "erika%40example.org", "12.08.1964", "+49 211", "192.0.2.7 2026-11-20T10:15:00Z", "DE89"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, k := range IdentifierKinds {
			n, err := Normal(k, s)
			if err != nil {
				continue
			}
			// Sorted words may look like a salutation or a house number.
			if again, err := Normal(k, n); k != Name && k != Address && (err != nil || again != n) {
				t.Errorf("%s: %q became %q, then %q (%v)", k, s, n, again, err)
			}
			SearchTokens(k, s)
		}
	})
}
