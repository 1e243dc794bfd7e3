package logs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"einsicht/internal/connector"
)

// A line of these tests is a time and a word: "2026-11-20T10:15:00Z word".
func timeOf(line []byte, _ time.Time) (time.Time, bool) {
	s, _, _ := strings.Cut(string(line), " ")
	at, err := time.Parse(time.RFC3339, s)
	return at, err == nil
}

var day = time.Date(2026, 11, 20, 10, 15, 0, 0, time.UTC)

func entry(n int, word string) string {
	return day.Add(time.Duration(n)*time.Second).Format(time.RFC3339) + " " + word + "\n"
}

// lines makes some lines, of which every hundredth names erika.
func lines(from, n int) string {
	var b strings.Builder
	for i := range n {
		word := "somebody"
		if i%100 == 7 {
			word = fmt.Sprint("erika", i)
		}
		b.WriteString(entry(from+i, word+strings.Repeat("x", i%90)))
	}
	return b.String()
}

type folder string

func (d folder) write(t *testing.T, name, text string) {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser = struct {
		io.Writer
		io.Closer
	}{&b, io.NopCloser(nil)}
	switch filepath.Ext(name) {
	case ".gz":
		w = gzip.NewWriter(&b)
	case ".zst":
		z, err := zstd.NewWriter(&b)
		if err != nil {
			t.Fatal(err)
		}
		w = z
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if _, plain := w.(struct {
		io.Writer
		io.Closer
	}); !plain {
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(string(d), name), b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// search finds the lines that hold a word.
func (d folder) search(word string) Search {
	s := Search{Files: Files{Kind: "test", Patterns: []string{string(d) + "/*"}, Time: timeOf}}
	s.Line = func(l Line, p *Page) bool {
		_, ok := timeOf(l.Text, l.Written)
		if ok && bytes.Contains(l.Text, []byte(word)) {
			p.Give(connector.Finding{Reference: p.Reference(l.Text), Label: strings.TrimRight(string(l.Text[21:]), "x"), Origin: l.Origin(day, "v")})
		}
		return ok
	}
	return s
}

func (s Search) all(t *testing.T, from connector.Cursor, pause time.Time) (words []string, cursors []connector.Cursor, a connector.Answer) {
	t.Helper()
	a, err := s.Run(t.Context(), connector.Query{Pause: pause}, from, func(f connector.Finding, c connector.Cursor) error {
		words, cursors = append(words, f.Label), append(cursors, c)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return words, cursors, a
}

func TestTextIsReadWhateverItIsPackedIn(t *testing.T) {
	text := lines(0, 30_000) // several blocks
	var want []string
	for i := 7; i < 30_000; i += 100 {
		want = append(want, fmt.Sprint("erika", i))
	}
	needle, _ := NewNeedle("erika", true)
	for _, name := range []string{"log", "log.gz", "log.zst"} {
		for _, needles := range [][]Needle{nil, {needle}} {
			d := folder(t.TempDir())
			d.write(t, name, text)
			s := d.search("erika")
			s.Needles = needles
			got, cursors, a := s.all(t, nil, time.Time{})
			if !slices.Equal(got, want) || a.Partial() || a.Outcome != connector.Found {
				t.Fatalf("%s, %d needles: got %d lines, %q, gaps %v, want %d", name, len(needles), len(got), a.Outcome, a.Gaps, len(want))
			}
			if !a.From.Equal(day) || !a.Until.Equal(day.Add(29_999*time.Second)) {
				t.Errorf("%s: got the time from %v until %v", name, a.From, a.Until)
			}
			for i := 0; i < len(cursors); i += 50 {
				if rest, _, _ := s.all(t, cursors[i], time.Time{}); !slices.Equal(rest, want[i+1:]) {
					t.Fatalf("%s: after line %d: got %d, want %d", name, i, len(rest), len(want)-i-1)
				}
			}
		}
	}
}

func TestWhatCantBeReadIsAGap(t *testing.T) {
	half := func(d folder, t *testing.T, name string) {
		t.Helper()
		path := filepath.Join(string(d), name)
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, info.Size()/2); err != nil {
			t.Fatal(err)
		}
	}
	good := entry(1, "erika1") + strings.Repeat(entry(2, "somebody"), 20_000)
	for _, c := range []struct {
		name  string
		spoil func(d folder, t *testing.T)
		gap   connector.Gap
		found int // besides the one of the next file
	}{
		{"nothing", func(d folder, t *testing.T) { d.write(t, "a", good) }, connector.Gap{}, 1},
		{"a gzip cut off", func(d folder, t *testing.T) { d.write(t, "a.gz", lines(0, 40_000)); half(d, t, "a.gz") }, connector.Gap{Place: "a.gz", Reason: "connector.gap.truncated", Count: 1}, -1},
		{"a zstd cut off", func(d folder, t *testing.T) { d.write(t, "a.zst", lines(0, 40_000)); half(d, t, "a.zst") }, connector.Gap{Place: "a.zst", Reason: "connector.gap.truncated", Count: 1}, -1},
		{"a gzip that is none", func(d folder, t *testing.T) { d.write(t, "a", "\x1f\x8b nothing") }, connector.Gap{Place: "a", Reason: "connector.gap.unreadable", Count: 1}, 0},
		{"a zstd that is none", func(d folder, t *testing.T) { d.write(t, "a", "\x28\xb5\x2f\xfd\xff\xff\xff\xff\xff") }, connector.Gap{Place: "a", Reason: "connector.gap.unreadable", Count: 1}, 0},
		{"half a line", func(d folder, t *testing.T) { d.write(t, "a", good+"2026-11-2\n"+entry(3, "erika3")) }, connector.Gap{Place: "a", Reason: "connector.gap.broken_lines", Count: 1}, 2},
		{"a line of ten megabytes", func(d folder, t *testing.T) {
			d.write(t, "a", good+entry(3, "erika2"+strings.Repeat("x", 10<<20))+entry(3, "erika3"))
		}, connector.Gap{Place: "a", Reason: "connector.gap.broken_lines", Count: 1}, 2},
		{"a line just beyond the limit", func(d folder, t *testing.T) {
			d.write(t, "a", good+entry(3, "erika2"+strings.Repeat("x", lineLimit))+entry(3, "erika3"))
		}, connector.Gap{Place: "a", Reason: "connector.gap.broken_lines", Count: 1}, 2},
		{"another charset", func(d folder, t *testing.T) {
			d.write(t, "a", "\xff\xfe"+strings.ReplaceAll(entry(1, "erika"), "", "\x00")+entry(3, "erika3"))
		}, connector.Gap{Place: "a", Reason: "connector.gap.broken_lines", Count: 2}, 0},
		{"a folder", func(d folder, t *testing.T) {
			if err := os.Mkdir(filepath.Join(string(d), "a"), 0o755); err != nil {
				t.Fatal(err)
			}
		}, connector.Gap{Place: "a", Reason: "connector.gap.unreadable", Count: 1}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := folder(t.TempDir())
			c.spoil(d, t)
			d.write(t, "z", entry(100_000, "erika-last"))
			got, _, a := d.search("erika").all(t, nil, time.Time{})
			if c.found >= 0 && len(got) != c.found+1 || c.found < 0 && len(got) < 2 || got[len(got)-1] != "erika-last" {
				t.Errorf("got %d lines, want %d and the one of the next file", len(got), c.found)
			}
			if want := c.gap; want == (connector.Gap{}) && a.Partial() || want != (connector.Gap{}) && !slices.Equal(a.Gaps, []connector.Gap{want}) {
				t.Errorf("got gaps %v, want %v", a.Gaps, want)
			}
		})
	}
}

// Some rotate by copying a log and cutting it to nothing, also while it is
// being read.
func TestALogThatIsCutShortWhileItIsReadIsAGap(t *testing.T) {
	needle, _ := NewNeedle("erika", true)
	for _, s := range []Search{
		{},
		{Needles: []Needle{needle}},
		{Needles: []Needle{needle}, Intact: func(lines []byte) bool { n, _, _ := Tally(lines, '\n', 'x', 'y'); return n > 0 }},
	} {
		d := folder(t.TempDir())
		d.write(t, "a", lines(0, 120_000))
		s.Files, s.Line = d.search("erika").Files, d.search("erika").Line
		n := 0
		a, err := s.Run(t.Context(), connector.Query{}, nil, func(connector.Finding, connector.Cursor) error {
			if n++; n == 1 {
				return os.Truncate(filepath.Join(string(d), "a"), 100)
			}
			return nil
		})
		if err != nil || !a.Partial() || a.Gaps[0].Reason != "connector.gap.truncated" {
			t.Errorf("got %v and gaps %v after %d lines, want one that says so", err, a.Gaps, n)
		}
	}
}

// A kind that keeps a line by mistake, or makes a finding of it without a copy,
// must not end the process when the file is gone.
func TestNothingOfAMappedFileIsHandedOut(t *testing.T) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	needle, _ := NewNeedle("erika", true)
	for _, needles := range [][]Needle{nil, {needle}} {
		d := folder(t.TempDir())
		d.write(t, "a", lines(0, 60_000))
		s := Search{Files: d.search("").Files, Needles: needles}
		var texts [][]byte
		s.Line = func(l Line, p *Page) bool {
			if texts = append(texts, l.Text); bytes.Contains(l.Text, []byte("erika")) {
				p.Give(connector.Finding{Reference: p.Reference(l.Text), Label: string(l.Text)})
			}
			return true
		}
		labels, cursors, _ := s.all(t, nil, time.Time{})
		if len(labels) != 600 || len(texts) < 600 || len(cursors) != 600 {
			t.Fatalf("got %d findings of %d lines, want 600", len(labels), len(texts))
		}
		n := 0
		if err := guard(func() {
			for _, text := range texts {
				n += bytes.Count(text, []byte{'x'})
			}
		}); err != nil || n == 0 {
			t.Errorf("%d needles: got %v: a line lies in the file that is no longer mapped", len(needles), err)
		}
	}
}

func TestNothingIsReadAfterSomebodyCancelled(t *testing.T) {
	for _, name := range []string{"a", "a.gz"} {
		d := folder(t.TempDir())
		d.write(t, name, strings.Repeat(lines(0, 60_000), 2))
		s := d.search("erika")
		s.Reads = new(atomic.Int64)
		ctx, cancel := context.WithCancel(t.Context())
		var then int64
		_, err := s.Run(ctx, connector.Query{}, nil, func(connector.Finding, connector.Cursor) error {
			cancel()
			then = s.Reads.Load()
			return nil
		})
		if !errors.Is(err, context.Canceled) || !errors.Is(err, connector.ErrUnreachable) {
			t.Errorf("%s: got %v, want the end of the context", name, err)
		}
		if more := s.Reads.Load() - then; more > 0 || then < 2 {
			t.Errorf("%s: got %d reads, then %d more, want none", name, then, more)
		}
	}
}

func TestAPauseComesAlsoWhereNothingIsFound(t *testing.T) {
	d := folder(t.TempDir())
	d.write(t, "a", lines(0, 60_000))
	d.write(t, "b.gz", lines(60_000, 60_000))
	s := d.search("nobody")
	parts := 0
	for from := connector.Cursor(nil); ; parts++ {
		words, _, a := s.all(t, from, day.AddDate(-100, 0, 0))
		if from = a.Next; len(words) > 0 || parts > 1000 {
			t.Fatal("never ends, or finds what is not there")
		}
		if from == nil {
			break
		}
	}
	if parts < 4 {
		t.Errorf("got %d pauses, want one a block", parts)
	}
}

func TestATimeThatNobodyCanWriteDownStopsNothing(t *testing.T) {
	for _, at := range []string{"2026-11-20T10:15:00+24:00", "9999-12-31T23:59:59-12:00", "0000-01-01T00:00:00Z"} {
		d := folder(t.TempDir())
		d.write(t, "a", at+" erika1\n"+entry(1, "erika2"))
		got, cursors, _ := d.search("erika").all(t, nil, time.Time{})
		if rest, _, _ := d.search("erika").all(t, cursors[0], time.Time{}); len(got) != 2 || len(rest) != 1 {
			t.Errorf("%s: got %d lines, then %d, want 2 and 1", at, len(got), len(rest))
		}
	}
}

// pairs joins each line that says "open" with the next one that says "close".
type pairs struct{ Open []byte }

func (m *pairs) Save() []byte               { return m.Open }
func (m *pairs) Load(saved []byte, p *Page) { m.Open = saved }
func (m *pairs) End(p *Page)                { m.give(p, "never closed") }
func (m *pairs) give(p *Page, end string) {
	if open := m.Open; open != nil {
		m.Open = nil
		p.Give(connector.Finding{Reference: p.Reference(open), Label: string(open) + " " + end})
	}
}

func TestMemoryGoesWithTheCursor(t *testing.T) {
	d := folder(t.TempDir())
	d.write(t, "a", entry(1, "open 1")+entry(2, "say")+entry(3, "close")+entry(4, "open 2"))
	d.write(t, "b", entry(5, "say")+entry(6, "close")+entry(7, "open 3")+entry(8, "say"))
	newSearch := func() Search {
		m := &pairs{}
		s := d.search("")
		s.Memory = m
		s.Line = func(l Line, p *Page) bool {
			switch word := string(l.Text[21:]); {
			case strings.HasPrefix(word, "open"):
				m.Open = []byte(word)
			case word == "close":
				m.give(p, "closed")
			case word == "say":
				p.Give(connector.Finding{Reference: p.Reference(l.Text), Label: word})
			}
			return true
		}
		return s
	}
	want := []string{"say", "open 1 closed", "say", "open 2 closed", "say", "open 3 never closed"}
	got, cursors, _ := newSearch().all(t, nil, time.Time{})
	if !slices.Equal(got, want) {
		t.Fatalf("got %q, want %q", got, want)
	}
	for i, c := range cursors {
		if rest, _, _ := newSearch().all(t, c, time.Time{}); !slices.Equal(rest, want[i+1:]) {
			t.Errorf("after %d: got %q, want %q", i+1, rest, want[i+1:])
		}
	}
}

func TestABannerMakesNoCopy(t *testing.T) {
	const banner = "a program of some version begins\n"
	d := folder(t.TempDir())
	d.write(t, "log", banner) // just rotated
	d.write(t, "log.1", banner+entry(100, "erika3"))
	d.write(t, "log.2.gz", banner+entry(1, "erika1")+entry(2, "erika2"))
	d.write(t, "log.2", banner+entry(1, "erika1")) // while it is compressed
	got, cursors, _ := d.search("erika").all(t, nil, time.Time{})
	want := []string{"erika1", "erika2", "erika3"}
	if !slices.Equal(got, want) {
		t.Fatalf("got %q, want %q", got, want)
	}
	for i, c := range cursors {
		if rest, _, _ := d.search("erika").all(t, c, time.Time{}); !slices.Equal(rest, want[i+1:]) {
			t.Errorf("after %d: got %q, want %q", i+1, rest, want[i+1:])
		}
	}
}

// A log that may not be read is told before anybody is asked for, and in each answer.
func TestALogThatMayNotBeReadIsTold(t *testing.T) {
	d := folder(t.TempDir())
	d.write(t, "b", entry(100, "erika"))
	d.forbid(t, "a")
	want := []connector.Gap{{Place: "a", Reason: "connector.gap.forbidden", Count: 1}}
	s := d.search("erika")
	if gaps, err := s.Gaps(t.Context()); err != nil || !slices.Equal(gaps, want) {
		t.Errorf("got gaps %v and %v, want %v", gaps, err, want)
	}
	if err := s.Available(t.Context()); err != nil {
		t.Errorf("got %v, want that the others are read", err)
	}
	if got, _, a := s.all(t, nil, time.Time{}); len(got) != 1 || !slices.Equal(a.Gaps, want) {
		t.Errorf("got %d lines and gaps %v, want 1 and %v", len(got), a.Gaps, want)
	}
	if err := os.Remove(filepath.Join(string(d), "b")); err != nil {
		t.Fatal(err)
	}
	if err := s.Available(t.Context()); !errors.Is(err, connector.ErrConfig) || !strings.Contains(err.Error(), "no file may be read") {
		t.Errorf("got %v, want that no file may be read", err)
	}
}

// forbid makes a file that may not be read, not even by root.
func (d folder) forbid(t *testing.T, name string) {
	t.Helper()
	path := filepath.Join(string(d), name)
	const writeOnly = "/proc/sys/vm/compact_memory"
	if os.Geteuid() == 0 {
		if err := os.Symlink(writeOnly, path); err != nil {
			t.Fatal(err)
		}
	} else if err := os.WriteFile(path, []byte(entry(1, "erika")), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := os.ReadFile(path); !errors.Is(err, os.ErrPermission) {
		t.Skipf("whoever runs this may read anything: %v", err)
	}
}
