package workedcase

import (
	"strings"
	"testing"

	"einsicht/internal/law/assess"
	"einsicht/internal/law/catalogue"
)

const good = `What stands before the first case is a comment.

-- Bänder --
Ein Bürger fragt, was auf den Bändern steht.

Recht: Auskunft
Land: Nordrhein-Westfalen
Stelle: Landesbehörde
Entschieden am: 2.3.2026
Verfahren: Bänder; Art. 6 Abs. 1 UAbs. 1 Buchst. e DSGVO; automatisiert; nur Datensicherung

Zu NRW-12-2-S2, § 12 Abs. 2 Satz 2 DSG NRW:
  Ist eine Verarbeitung zu anderen Zwecken durch geeignete technische und organisatorische Maßnahmen ausgeschlossen? Ja.

Es greift: NRW-12-2-S2
Ergebnis: abgelehnt
Aktenkundig: die Maßnahmen
`

func TestACaseIsReadAndChecked(t *testing.T) {
	b := book(t)
	cases, err := Parse(b, []byte(good))
	if err != nil || len(cases) != 1 {
		t.Fatalf("got %d cases, %v", len(cases), err)
	}
	c := cases[0]
	if c.Name != "Bänder" || c.Line != 3 || c.Story != "Ein Bürger fragt, was auf den Bändern steht." || !c.Facts.Systems[0].Backup {
		t.Errorf("got %+v", c)
	}
	if wrong := c.Check(b); wrong != nil {
		t.Errorf("got %v, want nothing", wrong)
	}
	c.Want.Outcome = assess.Granted
	c.Want.Says = append(c.Want.Says, Said{Where: inDue, Text: "alles"})
	if wrong := c.Check(b); len(wrong) != 2 || wrong[0] != "outcome: got refused, want granted" || wrong[1] != `Zu tun: nothing says "alles"` {
		t.Errorf("got %q", wrong)
	}
}

func TestWhatCannotBeReadIsNamedWithItsLine(t *testing.T) {
	b := book(t)
	for _, tt := range []struct{ name, old, new, want string }{
		{"a question the catalogue does not ask", "geeignete technische", "technische", "line 13: the catalogue does not ask this question"},
		{"another citation", "Abs. 2 Satz 2 DSG", "Abs. 2 Satz 3 DSG", "line 12: NRW-12-2-S2 is cited as"},
		{"no such ground", "Es greift: NRW-12-2-S2", "Es greift: NRW-12-9", "line 15: there is no ground"},
		{"no such ground to answer", "Zu NRW-12-2-S2,", "Zu NRW-12-9,", "line 12: there is no such ground"},
		{"a day in another form", "2.3.2026", "2026-03-02", "line 9: write days as"},
		{"another Land", "Nordrhein-Westfalen", "Bayern", "line 7: holds a word that is not known here; write one of: Niedersachsen, Nordrhein-Westfalen"},
		{"another right", "Recht: Auskunft", "Recht: Einsicht", "write one of: Auskunft, "},
		{"an unknown phrase", "; nur Datensicherung", "; irgendwie", "line 10: what is said about the Verfahren"},
		{"a sentence in the wrong place", "Es greift: ", "Es greift wohl: ", "line 15: is neither"},
		{"no outcome", "Ergebnis: abgelehnt\n", "", "line 3: the case lacks Ergebnis"},
		{"no story", "Ein Bürger fragt, was auf den Bändern steht.\n", "", "line 3: the case lacks a story"},
		{"no case", "-- Bänder --", "", "no case"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bad := strings.Replace(good, tt.old, tt.new, 1)
			if bad == good {
				t.Fatal("nothing was changed: this test checks nothing")
			}
			if _, err := Parse(b, []byte(bad)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	b, err := catalogue.Load()
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(good))
	f.Add([]byte("-- a --\nRecht: Auskunft\nVerfahren: \nZu NRW-12-2-1:\n? Ja.\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		cases, err := ParseFacts(b, data)
		if err == nil {
			for _, c := range cases {
				c.Check(b)
			}
		}
		// Whoever expects an outcome needs more.
		if _, strict := Parse(b, data); strict == nil && err != nil && !strings.Contains(err.Error(), "lacks Verfahren") {
			t.Errorf("a case that can be checked can't be explained: %v", err)
		}
	})
}

func book(t *testing.T) catalogue.Book {
	t.Helper()
	b, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	return b
}
