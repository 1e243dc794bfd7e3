package export

import (
	"bufio"
	"encoding/csv"
	"strings"
	"testing"
)

func TestNoCellRunsAsAFormula(t *testing.T) {
	for _, tt := range []struct{ name, cell, want string }{
		{"plain text stays", "Erika Mustermann", "Erika Mustermann"},
		{"signs inside stay", "a=b+c-d@e", "a=b+c-d@e"},
		{"a mail address stays", "erika@mustermann.example", "erika@mustermann.example"},
		{"a date stays", "2026-03-03T10:15:00Z", "2026-03-03T10:15:00Z"},
		{"empty stays", "", ""},
		{"equals", "=1+1", "'=1+1"},
		{"plus, as in telephone numbers", "+49 221 1", "'+49 221 1"},
		{"minus", "-2+3", "'-2+3"},
		{"at", "@SUM(A1)", "'@SUM(A1)"},
		{"tab", "\t=1", "'\t'=1"},
		{"carriage return", "\r=1", "'\r'=1"},
		{"after blanks", "  =1+1", "  '=1+1"},
		{"after a quote", `"=1+1`, `"'=1+1`},
		{"after an apostrophe of its own", "'=1+1", "''=1+1"},
		{"after a comma", "a,=1+1", "a,'=1+1"},
		{"after a semicolon", "a;=1+1", "a;'=1+1"},
		{"after a semicolon and a quote", `a";"=1+1`, `a";"'=1+1`},
		{"after a tab", "a\t=1+1", "a\t'=1+1"},
		{"after a line break", "a\n=1+1", "a\n'=1+1"},
		{"after a bar", "a|=1+1", "a|'=1+1"},
		{"wide signs", "＝1+1", "'＝1+1"},
		{"a command behind a name", `x","=cmd|' /C calc'!A0`, `x","'=cmd|' /C calc'!A0`},
		{"a minus after a command's bar", "a|-b", "a|'-b"},
		{"no text", "a\xff\x00b", "a\uFFFD\uFFFDb"},
		{"a byte order mark before the sign", "\uFEFF=1", "\uFEFF'=1"},
	} {
		if got := defuse(tt.cell); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// FuzzDefuse looks at every way a cell may be cut into cells.
func FuzzDefuse(f *testing.F) {
	for _, seed := range []string{"=1", "a;=1", `";"=1`, "\r\n+1", " \t@x", "a|\"' -1", "\u200b=1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, cell string) {
		for _, part := range strings.FieldsFunc(defuse(cell), func(r rune) bool { return strings.ContainsRune(",;\n|", r) }) {
			bare := strings.TrimLeft(part, ` "`)
			if bare != "" && strings.ContainsRune(formulaSigns, []rune(bare)[0]) {
				t.Errorf("%q starts a formula in %q", part, cell)
			}
		}
	})
}

func TestRowsReadBackAsTheyWereWritten(t *testing.T) {
	var b strings.Builder
	out := bufio.NewWriter(&b)
	want := []string{"a;b", `say "x"`, "two\nlines", ""}
	writeRow(out, want)
	out.Flush()
	r := csv.NewReader(strings.NewReader(b.String()))
	r.Comma = ';'
	got, err := r.Read()
	if err != nil || strings.Join(got, "§") != strings.Join(want, "§") {
		t.Errorf("got %q (%v), want %q", got, err, want)
	}
}
