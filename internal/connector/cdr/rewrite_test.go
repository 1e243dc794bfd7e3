package cdr

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/connector"
)

// archive is a folder of exports that may be changed by a rule.
func archive(t *testing.T, own string, files map[string]string) (string, connector.Connection) {
	t.Helper()
	raw := map[string][]byte{}
	for name, text := range files {
		raw[name] = []byte(text)
	}
	return folder(t, fmt.Sprintf("  columns: {Anrufer: {identifier: phone}, Notiz: {}}\n  delimiter: \";\"\n  checksums: %q\n%s", t.TempDir(), own), raw)
}

const erasing = "  change: {erase: delete, closed: [\"zu*\"], quiet: 0s}\n"

func carry(t *testing.T, c connector.Connection, refs ...string) (said []string, effects []connector.Effect) {
	t.Helper()
	opened, err := Kind{}.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	var changes []connector.Change
	for _, ref := range refs {
		changes = append(changes, connector.Change{ID: uuid.New(), Do: connector.CanErase, Reference: ref})
	}
	if effects, err = opened.(connector.Changer).Carry(t.Context(), changes); err != nil {
		t.Fatal(err)
	}
	for _, e := range effects {
		said = append(said, strings.TrimSpace(string(e.State)+" "+e.Reason[strings.LastIndexByte(e.Reason, '.')+1:]))
	}
	return said, effects
}

func texts(t *testing.T, dir string) map[string]string {
	t.Helper()
	paths, err := filepath.Glob(dir + "/*")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(path)] = string(text)
	}
	return all
}

const head = "Anrufer;Notiz\n"

func TestExportsThatOverlap(t *testing.T) {
	one := ref([]string{number, "a"}, 0)
	twice := ref([]string{number, "a"}, 1)
	row := number + ";a\n"
	gone := strings.Repeat(" ", len(row)-1) + "\n"
	for name, c := range map[string]struct {
		files, left map[string]string
		refs, want  []string
	}{
		"the call goes from each": {
			map[string]string{"zu1": head + row + "x;y\n", "zu2": head + "x;y\n" + row},
			map[string]string{"zu1": head + gone + "x;y\n", "zu2": head + "x;y\n" + gone}, []string{one}, []string{"changed"},
		},
		"one of them is being written, and none is changed": {
			map[string]string{"zu1": head + row + "x;y\n", "offen": head + "x;y\n" + row},
			map[string]string{"zu1": head + row + "x;y\n", "offen": head + "x;y\n" + row}, []string{one}, []string{"hindered open"},
		},
		"twice in one, and both are named": {
			map[string]string{"zu1": head + row + row, "zu2": head + row},
			map[string]string{"zu1": head + gone + gone, "zu2": head + gone}, []string{one, twice}, []string{"changed", "changed"},
		},
		"twice in one, and only one is named": {
			map[string]string{"zu1": head + row + row, "zu2": head + row},
			map[string]string{"zu1": head + row + row, "zu2": head + row}, []string{one}, []string{"hindered same"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir, conn := archive(t, erasing, c.files)
			if said, _ := carry(t, conn, c.refs...); !slices.Equal(said, c.want) {
				t.Errorf("got %q, want %q", said, c.want)
			}
			if got := texts(t, dir); fmt.Sprint(got) != fmt.Sprint(c.left) {
				t.Errorf("got %q, want %q", got, c.left)
			}
		})
	}
	t.Run("a key leads to two that say different things", func(t *testing.T) {
		dir, conn := archive(t, erasing+"  key: [Anrufer]\n", map[string]string{"zu1": head + number + ";a\n", "zu2": head + number + ";b\n"})
		before := texts(t, dir)
		if said, _ := carry(t, conn, ask(t, conn, query("phone", number), nil).refs[0]); !slices.Equal(said, []string{"undeclared versions"}) {
			t.Errorf("got %q", said)
		}
		if got := texts(t, dir); fmt.Sprint(got) != fmt.Sprint(before) {
			t.Errorf("got %q", got)
		}
	})
}

func TestCellsAreMasked(t *testing.T) {
	const row = number + ";\"sagt \"\"ja\"\";\r\nund nein\"\n"
	for name, c := range map[string]struct {
		rule, want, left string
		kept             int
	}{
		"one cell":                     {"mask: {anrufer: anonym}, keep: [Notiz]", "changed", "anonym         ;\"sagt \"\"ja\"\";\r\nund nein\"\n", 1},
		"all cells":                    {"mask: {Anrufer: anonym, Notiz: -}", "changed", "anonym         ;\"-                     \"\n", 0},
		"a cell that nobody speaks of": {"mask: {Anrufer: anonym}", "undeclared unmaskable", row, 0},
	} {
		t.Run(name, func(t *testing.T) {
			dir, conn := archive(t, "  change: {erase: mask, closed: [\"zu*\"], quiet: 0s, why: Statistik, "+c.rule+"}\n", map[string]string{"zu1": head + "x;y\n" + row + "x;z\n"})
			q := query("phone", number)
			refs := ask(t, conn, q, nil).refs
			said, effects := carry(t, conn, refs...)
			if !slices.Equal(said, []string{c.want}) || len(effects[0].Kept) != c.kept || c.want == "changed" && !effects[0].Gone() {
				t.Errorf("got %q, %v, want %q", said, effects[0].Kept, c.want)
			}
			if got := texts(t, dir)["zu1"]; got != head+"x;y\n"+c.left+"x;z\n" {
				t.Errorf("got %q", got)
			}
			if after := ask(t, conn, q, nil); c.want == "changed" && len(after.refs)+len(after.Gaps) > 0 {
				t.Errorf("still finds %v, %v", after.refs, after.Gaps)
			}
		})
	}
}

func TestUTF16IsForPeople(t *testing.T) {
	wide := []byte{0xff, 0xfe}
	for _, b := range []byte(head + number + ";a\n") {
		wide = append(wide, b, 0)
	}
	dir, conn := archive(t, erasing, map[string]string{"zu1": string(wide)})
	if said, _ := carry(t, conn, ask(t, conn, query("phone", number), nil).refs...); !slices.Equal(said, []string{"undeclared wide"}) {
		t.Errorf("got %q", said)
	}
	if got := texts(t, dir)["zu1"]; got != string(wide) {
		t.Error("the file was changed")
	}
}

// A question that rests while rows are taken out goes on where it was, with nothing
// twice and nothing left out.
func TestACursorOutlivesARewriting(t *testing.T) {
	var text strings.Builder
	text.WriteString(head)
	for i := range 3000 {
		fmt.Fprintf(&text, "%s;Nummer\n", number[:len(number)-1])
		fmt.Fprintf(&text, "%s;\"eigene\n%d\"\n", number, i)
	}
	for _, from := range []int{0, 1000} { // in what the file is known by, and behind it
		_, conn := archive(t, erasing, map[string]string{"zu1": text.String()})
		all := ask(t, conn, query("phone", number), nil)
		if len(all.refs) != 3000 || len(all.Gaps) > 0 {
			t.Fatalf("got %d, %v", len(all.refs), all.Gaps)
		}
		said, _ := carry(t, conn, all.refs[from:from+100]...)
		if slices.ContainsFunc(said, func(s string) bool { return s != "changed" }) {
			t.Fatalf("got %q", said)
		}
		rest := ask(t, conn, query("phone", number), all.cursors[1999])
		if from == 0 {
			if !slices.Equal(rest.refs, all.refs[100:]) || len(rest.Gaps) != 1 {
				t.Errorf("got %d and %v, want to begin again and say so", len(rest.refs), rest.Gaps)
			}
		} else if !slices.Equal(rest.refs, all.refs[2000:]) || len(rest.Gaps) > 0 {
			t.Errorf("got %d and %v, want the last 1000", len(rest.refs), rest.Gaps)
		}
	}
}

// Each row stands where it is said to, whatever is broken around it.
func FuzzRowsStandWhereTheyAreSaidTo(f *testing.F) {
	f.Add("a;b\n\"c\n;\"\"\";d\n", byte(';'))
	f.Add("\"never closed\na;b\n\n  \n\"x\";\"y\"z\n"+strings.Repeat("\"\n", 130), byte(';'))
	f.Add("\"open\na;b\nc;d\n", byte(';'))
	f.Add("\"a\r\n\",b\r\n,,\r\n\xff,\x00", byte(','))
	f.Fuzz(func(t *testing.T, text string, delimiter byte) {
		c := newCSV(bytes.NewReader([]byte(text)), delimiter, lettering{}, func() {})
		end := int64(0)
		for {
			r, err := c.next()
			if errors.Is(err, errBroken) || err == nil && r.blank {
				continue
			}
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if r.start < end || r.start+int64(len(r.raw)) > int64(len(text)) || text[r.start:r.start+int64(len(r.raw))] != string(r.raw) {
				t.Fatalf("a row of %q is said to stand at %d", r.raw, r.start)
			}
			end = r.start + int64(len(r.raw))
		}
	})
}
