package letter_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"einsicht/internal/letter"
)

var update = flag.Bool("update", false, "write testdata/mandatory.txt anew; review every line that goes")

// What must be in each letter stands in testdata a second time, for a lawyer to
// read: whoever drops a part, or what it must say, from the code or from the
// shipped sentences, has to drop it there as well.
func TestNothingMandatoryGetsLostUnseen(t *testing.T) {
	const file = "testdata/mandatory.txt"
	var b strings.Builder
	for _, k := range append([]letter.Kind{letter.KindAnswer}, letter.Kinds...) {
		fmt.Fprintf(&b, "%s\n  parts:", k)
		for _, p := range k.Mandatory() {
			fmt.Fprintf(&b, " %s", p)
		}
		b.WriteString("\n  staff enter:")
		for _, name := range append(k.Words(), k.Values()...) {
			if k.Needs(name) {
				fmt.Fprintf(&b, " %s", name)
			}
		}
		b.WriteString("\n")
		for _, block := range letter.Blocks() {
			if block.Kind == k && block.Mandatory {
				fmt.Fprintf(&b, "  %s", strings.TrimPrefix(block.Name, string(k)+"."))
				for _, p := range block.Needed {
					fmt.Fprintf(&b, " {%s}", p)
				}
				b.WriteString("\n")
			}
		}
	}
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Split(b.String(), "\n")
	for i, line := range strings.Split(string(want), "\n") {
		if i >= len(got) || got[i] != line {
			t.Fatalf("line %d of %s: got %q, want %q", i+1, file, append(got, "")[min(i, len(got))], line)
		}
	}
	if b.String() != string(want) {
		t.Errorf("%s lacks what is mandatory now; run go test -update", file)
	}
}
