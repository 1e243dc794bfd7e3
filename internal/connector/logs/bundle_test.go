package logs

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"einsicht/internal/connector"
)

// joined reads lines "key word"; "end" ends a bundle and gives it, and so does
// whatever ends bundles without the kind.
func (d folder) joined() *Bundles[int] {
	b := &Bundles[int]{Files: d.search("").Files, Limit: time.Hour, Stride: 2}
	b.Ended = func(one *Bundle[int]) {
		b.Give(connector.Finding{Reference: b.Reference(one.Lines[0].Text), Label: fmt.Sprint(one.Key, one.State)})
	}
	b.Line = func(l Line) bool {
		at, ok := timeOf(l.Text, l.Written)
		if !ok {
			return false
		}
		key, word, _ := strings.Cut(string(l.Text[21:]), " ")
		one := b.Get(key)
		if one == nil {
			one = b.Begin(key)
		}
		one.State++
		if b.Keep(one, l, at); word == "end" {
			b.End(one)
			b.Ended(one)
		}
		b.Tidy(l, at)
		return true
	}
	return b
}

func (d folder) bundles(t *testing.T, from connector.Cursor, pause time.Time) (labels []string, cursors []connector.Cursor, a connector.Answer) {
	t.Helper()
	for _, name := range []string{"a", "b"} { // the clock of the machine has no say
		if err := os.Chtimes(filepath.Join(string(d), name), day, day); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
	a, err := RunBundles(t.Context(), d.joined, connector.Query{Pause: pause}, from, func(f connector.Finding, c connector.Cursor) error {
		labels, cursors = append(labels, f.Label), append(cursors, c)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return labels, cursors, a
}

func TestLinesAreBundledOverFilesAndCursors(t *testing.T) {
	d := folder(t.TempDir())
	d.write(t, "a", entry(1, "a")+entry(2, "b")+entry(3, "a")+entry(4, "b end")+entry(5, "c")+entry(6, "b"))
	d.write(t, "b", entry(7, "a end")+entry(8, "c")+entry(9, "d")+entry(4000, "e")+entry(4001, "b end"))
	want := []string{"b2", "a3", "c2", "b1", "d1", "b1", "e1"} // an hour of silence ends c, b and d
	got, cursors, a := d.bundles(t, nil, time.Time{})
	if !slices.Equal(got, want) || a.Outcome != connector.Found || a.Partial() {
		t.Fatalf("got %q, %q, gaps %v, want %q", got, a.Outcome, a.Gaps, want)
	}
	for i, c := range cursors {
		if rest, _, _ := d.bundles(t, c, time.Time{}); !slices.Equal(rest, want[i+1:]) {
			t.Errorf("after %d: got %q, want %q", i+1, rest, want[i+1:])
		}
	}
	var parts []string
	for at, first := connector.Cursor(nil), true; first || at != nil; first = false {
		part, _, a := d.bundles(t, at, day.AddDate(-100, 0, 0))
		if parts, at = append(parts, part...), a.Next; len(part) > 1 || len(parts) > len(want) {
			t.Fatalf("got %q in one part, %q in all, want one bundle a part", part, parts)
		}
	}
	if !slices.Equal(parts, want) {
		t.Errorf("in parts: got %q, want %q", parts, want)
	}
}

func TestACursorWhoseLineIsGoneBeginsAgainAndSaysSo(t *testing.T) {
	d := folder(t.TempDir())
	d.write(t, "a", entry(1, "a")+entry(2, "b")+entry(3, "a end")+entry(4, "b end"))
	_, cursors, _ := d.bundles(t, nil, time.Time{})
	d.write(t, "a", entry(1, "a")+entry(2, "b")+entry(3, "x end")+entry(4, "b end"))
	got, _, a := d.bundles(t, cursors[0], time.Time{})
	if want := []string{"x1", "b2", "a1"}; !slices.Equal(got, want) || len(a.Gaps) != 1 || a.Gaps[0].Reason != "connector.gap.rotated" {
		t.Errorf("got %q and gaps %v, want %q and a gap that says so", got, a.Gaps, want)
	}
}

func TestBundlesBeyondTheRoomAreEndedAndCounted(t *testing.T) {
	d := folder(t.TempDir())
	var text strings.Builder
	for i := range 100 {
		text.WriteString(entry(i, fmt.Sprintf("k%d %s", i, strings.Repeat("x", 200<<10))))
	}
	d.write(t, "a", text.String())
	got, _, a := d.bundles(t, nil, time.Time{})
	if len(got) != 100 || len(a.Gaps) != 1 || a.Gaps[0].Reason != "connector.gap.open_messages" || a.Gaps[0].Count < 10 {
		t.Errorf("got %d bundles and gaps %v, want 100 and how many made room", len(got), a.Gaps)
	}
}
