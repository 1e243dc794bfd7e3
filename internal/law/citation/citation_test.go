package citation

import "testing"

func TestTheLongFormIsReadAndWrittenAlike(t *testing.T) {
	for _, tt := range []struct{ name, in, act, unit, value string }{
		{"every level of a Land's act", "§ 12 Abs. 2 Satz 1 Nr. 3 Alt. 1 DSG NRW", "DSG NRW", "Alt.", "1"},
		{"an article with a letter", "Art. 17 Abs. 3 Buchst. b DSGVO", "DSGVO", "Buchst.", "b"},
		{"a subparagraph", "Art. 6 Abs. 1 UAbs. 2 DSGVO", "DSGVO", "UAbs.", "2"},
		{"a recital", "Erwägungsgrund 63 DSGVO", "DSGVO", "Abs.", ""},
		{"a section with a letter", "§ 35a VwVfG", "VwVfG", "Abs.", ""},
		{"a paragraph with a letter", "§ 41 Abs. 2a VwVfG NRW", "VwVfG NRW", "Abs.", "2a"},
		{"a sentence behind a number", "§ 52 Nr. 3 Satz 2 VwGO", "VwGO", "Satz", "2"},
		{"a book of social law", "§ 83 Abs. 3 SGB X", "SGB X", "Abs.", "3"},
		{"two provisions read together", "§ 10 Abs. 1 Alt. 1 DSG NRW i. V. m. § 4 Abs. 1 ArchivG NRW", "DSG NRW", "Alt.", "1"},
		{"two provisions beside each other", "Art. 15 Abs. 4 DSGVO und Erwägungsgrund 63 DSGVO", "DSGVO", "Abs.", "4"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := Parse(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if got := c.String(); got != tt.in {
				t.Errorf("got %q, want %q", got, tt.in)
			}
			if got := c.Provisions[0].Act; got != tt.act {
				t.Errorf("act: got %q, want %q", got, tt.act)
			}
			if got := c.Provisions[0].Value(tt.unit); got != tt.value {
				t.Errorf("%s: got %q, want %q", tt.unit, got, tt.value)
			}
		})
	}
}

func TestWhatIsNoLongFormIsRefused(t *testing.T) {
	for _, tt := range []struct{ name, in string }{
		{"nothing", ""},
		{"the short form", "Art. 17(3)(b) DSGVO"},
		{"a number without its sign", "12 Abs. 2 DSG NRW"},
		{"several sections at once", "§§ 10, 12 DSG NRW"},
		{"no act", "§ 12 Abs. 2"},
		{"no act, joined to one that has it", "§ 12 Abs. 2 i. V. m. § 4 ArchivG NRW"},
		{"a unit without a value", "§ 12 Abs. DSG NRW"},
		{"a letter where a number belongs", "Art. 17 Abs. 3 Nr. b DSGVO"},
		{"the same unit twice", "§ 12 Abs. 2 Abs. 3 DSG NRW"},
		{"the paragraph behind the sentence", "§ 12 Satz 1 Abs. 2 DSG NRW"},
		{"S. instead of Satz", "§ 12 Abs. 2 S. 1 DSG NRW"},
		{"ff.", "§ 187 ff. BGB"},
		{"two blanks", "§ 12  Abs. 2 DSG NRW"},
		{"a small letter for an act", "§ 12 dsg"},
		{"a joint at the end", "§ 12 DSG NRW und "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if c, err := Parse(tt.in); err == nil {
				t.Errorf("got %q, want an error", c)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"§ 12 Abs. 2 Satz 1 Nr. 3 Alt. 1 DSG NRW", "Art. 6 Abs. 1 UAbs. 1 Buchst. e DSGVO", "§ 1 A i. V. m. § 2 B und § 3 C", " und ", "§ 1 Abs."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := Parse(s)
		if err != nil {
			return
		}
		if got := c.String(); got != s {
			t.Errorf("got %q, want %q", got, s)
		}
	})
}
