package rewrite_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/connector/rewrite"
	"einsicht/internal/connector/rewrite/rewritetest"
	"einsicht/internal/person"
)

// shelf is a folder of files of which each line is a record.
type shelf struct {
	rewritetest.Folder
	Desk rewrite.Desk
}

func newShelf(t testing.TB) *shelf {
	s := &shelf{Folder: rewritetest.NewFolder(t)}
	s.Desk = deskOf(s.Dir, s.Checksums, s.Step)
	return s
}

func deskOf(dir, checksums string, step func(string) error) rewrite.Desk {
	at := time.Duration(0)
	return rewrite.Desk{
		Files: rewrite.Files{
			System: "protokoll", Patterns: []string{dir + "/*"}, Checksums: checksums, Step: step,
			Rule: &rewrite.Rule{Erase: rewrite.Deleting, Closed: []string{"log.?"}, Quiet: &at},
		},
		Locate: func(_ context.Context, wanted map[string]bool, yield func(rewrite.Spot) error) error {
			paths, _ := filepath.Glob(dir + "/log*") // in the order of their names, which are those of time here
			times := map[string]int{}
			for _, path := range paths {
				start := int64(0)
				for line := range strings.Lines(textOf(path)) {
					group := groupOf(line)
					if strings.TrimSpace(line) != "" && (wanted == nil || wanted[group]) {
						s := rewrite.Spot{Group: group, Number: times[group], Path: path, Start: start, Text: []byte(line)}
						times[group]++
						s.Finding = connector.Finding{Reference: s.Reference(), Fields: []connector.Field{{Name: "line", Value: person.NewText(strings.TrimRight(line, "\r\n"))}}}
						if err := yield(s); err != nil {
							return err
						}
					}
					start += int64(len(line))
				}
			}
			return nil
		},
	}
}

func textOf(path string) string { return rewritetest.Text(quiet{}, path) }

// quiet is a test that fails loudly.
type quiet struct{ testing.TB }

func (quiet) Helper()           {}
func (quiet) Fatal(args ...any) { panic(fmt.Sprint(args...)) }

func groupOf(line string) string {
	sum := sha256.Sum256([]byte(strings.TrimRight(line, "\r\n")))
	return "line/" + hex.EncodeToString(sum[:8])
}

func refOf(line string, n int) string { return fmt.Sprintf("%s/%d", groupOf(line), n) }

func erase(references ...string) (changes []connector.Change) {
	for _, ref := range references {
		changes = append(changes, connector.Change{ID: uuid.New(), Do: connector.CanErase, Reference: ref})
	}
	return changes
}

func (s *shelf) carry(t *testing.T, changes []connector.Change) (states []string) {
	t.Helper()
	effects, err := s.Desk.Carry(t.Context(), changes)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range effects {
		if e.Change != changes[i].ID {
			t.Error("got the effect of another change")
		}
		states = append(states, strings.TrimSuffix(string(e.State)+" "+strings.TrimPrefix(e.Reason, "connector.rewrite."), " "))
	}
	return states
}

func want(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWhatStandsInTheWay(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(t *testing.T, s *shelf)
		want    string
	}{
		"nothing":                         {func(*testing.T, *shelf) {}, "changed"},
		"nothing declared":                {func(_ *testing.T, s *shelf) { s.Desk.Rule = nil }, "undeclared undeclared"},
		"a name that nobody calls closed": {func(_ *testing.T, s *shelf) { s.Desk.Rule.Closed = []string{"log.9"} }, "hindered open"},
		"a process that writes":           {func(t *testing.T, s *shelf) { s.Hold(t, "log.1") }, "hindered open"},
		"written lately":                  {func(_ *testing.T, s *shelf) { s.Desk.Rule.Quiet = nil }, "hindered open"},
		"being packed":                    {func(t *testing.T, s *shelf) { s.Write(t, "log.1.gz", "x\n") }, "hindered twice"},
		"a second name": {func(t *testing.T, s *shelf) {
			if err := os.Link(s.Path("log.1"), s.Path("other")); err != nil {
				t.Fatal(err)
			}
		}, "hindered linked"},
		"a link": {func(t *testing.T, s *shelf) {
			if err := os.Rename(s.Path("log.1"), s.Path("other")); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(s.Path("other"), s.Path("log.1")); err != nil {
				t.Fatal(err)
			}
		}, "hindered linked"},
		"no right to write": {func(t *testing.T, s *shelf) { s.Deny(t) }, "denied denied"},
		"no folder for checksums": {func(t *testing.T, s *shelf) {
			if err := os.Remove(s.Checksums); err != nil {
				t.Fatal(err)
			}
		}, "denied no_checksums"},
		"gone": {func(t *testing.T, s *shelf) { s.Put(t, "log.1", "b\nc\n") }, "missing"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShelf(t)
			s.Write(t, "log.1", "a\nb\nc\n")
			c.prepare(t, s)
			before := s.Text(t, "log.1")
			changes := erase(refOf("a", 0))
			effects, err := s.Desk.Rehearse(t.Context(), changes)
			if err != nil || !strings.HasPrefix(c.want, string(effects[0].State)) {
				t.Errorf("rehearsed: got %v, %v, want %s", effects, err, c.want)
			}
			want(t, s.carry(t, changes), c.want)
			after := s.Text(t, "log.1")
			if c.want == "changed" && after != " \nb\nc\n" || c.want != "changed" && after != before {
				t.Errorf("got %q", after)
			}
		})
	}
}

func TestLinesThatSayTheSame(t *testing.T) {
	for name, c := range map[string]struct {
		numbers []int
		want    []string
		left    string
	}{
		"all of them":            {[]int{0, 1, 2}, []string{"changed", "changed", "changed"}, "x\n \n \n | \n"},
		"the last":               {[]int{2}, []string{"changed"}, "x\na\na\n | \n"},
		"the first alone":        {[]int{0}, []string{"hindered same"}, "x\na\na\n |a\n"},
		"all but one in between": {[]int{0, 2}, []string{"hindered same", "changed"}, "x\na\na\n | \n"},
		"one that is not there":  {[]int{3}, []string{"missing"}, "x\na\na\n |a\n"},
		"one named twice":        {[]int{2, 2}, []string{"changed", "changed"}, "x\na\na\n | \n"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShelf(t)
			s.Write(t, "log.1", "x\na\na\n \n"[:6])
			s.Write(t, "log.2", "a\n")
			var refs []string
			for _, n := range c.numbers {
				refs = append(refs, refOf("a", n))
			}
			want(t, s.carry(t, erase(refs...)), c.want...)
			if got := s.Text(t, "log.1") + " |" + s.Text(t, "log.2"); got != c.left {
				t.Errorf("got %q, want %q", got, c.left)
			}
		})
	}
	t.Run("the last of which is being written", func(t *testing.T) {
		s := newShelf(t)
		s.Write(t, "log.1", "a\nb\n")
		s.Write(t, "log.live", "a\n")
		want(t, s.carry(t, erase(refOf("a", 0), refOf("a", 1), refOf("b", 0))), "hindered open", "hindered open", "changed")
	})
	t.Run("the last of which can't be rewritten after all", func(t *testing.T) {
		s := newShelf(t)
		s.Write(t, "log.1", "a\nb\n")
		s.Write(t, "log.2", "a\n")
		s.Desk.Step = s.meanwhile("exchange", func() { s.Write(t, "log.2", "more\n") })
		want(t, s.carry(t, erase(refOf("a", 0), refOf("a", 1), refOf("b", 0))), "changed", "changed", "changed")
		if got := s.Text(t, "log.1") + s.Text(t, "log.2"); got != " \n \n \nmore\n" {
			t.Errorf("got %q", got)
		}
	})
}

// meanwhile lets something happen once, right before a step.
func (s *shelf) meanwhile(step string, do func()) func(string) error {
	done := false
	return func(name string) error {
		if name == step && !done {
			done = true
			do()
		}
		return s.Folder.Step(name)
	}
}

// Whatever others do with a file at the worst moment, nothing of theirs is lost.
func TestOthersMeanwhile(t *testing.T) {
	for name, c := range map[string]struct {
		step string
		do   func(t *testing.T, s *shelf)
		want string
		left map[string]string
	}{
		"a rotation": {"exchange", func(t *testing.T, s *shelf) {
			rename(t, s.Path("log.1"), s.Path("log.2"))
			s.Write(t, "log.1", "new\n")
		}, "changed", map[string]string{"log.1": "new\n", "log.2": " \nb\n"}},
		"a rotation before it is opened": {"may", func(t *testing.T, s *shelf) {
			rename(t, s.Path("log.1"), s.Path("log.2"))
			s.Write(t, "log.1", "n\new\n")
		}, "changed", map[string]string{"log.1": "n\new\n", "log.2": " \nb\n"}},
		"a line is added": {"exchange", func(t *testing.T, s *shelf) { s.Write(t, "log.1", "late\n") }, "changed", map[string]string{"log.1": " \nb\nlate\n"}},
		"a line is added to what went out of the way": {"compare", func(t *testing.T, s *shelf) {
			for _, name := range s.Names(t) {
				if rewrite.Ours(name) {
					s.Folder.Write(t, name, "late\n")
				}
			}
		}, "changed", map[string]string{"log.1": " \nb\nlate\n"}},
		"the file goes away": {"exchange", func(t *testing.T, s *shelf) {
			if err := os.Remove(s.Path("log.1")); err != nil {
				t.Fatal(err)
			}
		}, "missing", map[string]string{}},
		"somebody begins to pack it": {"compare", func(t *testing.T, s *shelf) { s.Write(t, "log.1.gz", "x\n") }, "hindered twice", map[string]string{"log.1": "a\nb\n", "log.1.gz": "x\n"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShelf(t)
			s.Write(t, "log.1", "a\nb\n")
			s.Desk.Step = s.meanwhile(c.step, func() { c.do(t, s) })
			want(t, s.carry(t, erase(refOf("a", 0))), c.want)
			got := map[string]string{}
			for _, name := range s.Names(t) {
				got[name] = s.Text(t, name)
			}
			if fmt.Sprint(got) != fmt.Sprint(c.left) {
				t.Errorf("got %q, want %q", got, c.left)
			}
			s.audit(t)
		})
	}
}

func TestAFileSystemThatCanNotExchange(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(t *testing.T, s *shelf)
		want string
		left string
	}{
		"nothing else":               {func(*testing.T, *shelf) {}, "changed", " \nb\n"},
		"a line is added":            {func(t *testing.T, s *shelf) { s.Write(t, "log.1", "late\n") }, "changed", " \nb\nlate\n"},
		"a process begins to write":  {func(t *testing.T, s *shelf) { s.Hold(t, "log.1") }, "hindered open", "a\nb\n"},
		"somebody begins to pack it": {func(t *testing.T, s *shelf) { s.Write(t, "log.1.gz", "x\n") }, "hindered twice", "a\nb\n"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShelf(t)
			s.Write(t, "log.1", "a\nb\n")
			once := s.meanwhile("exchange", func() { c.do(t, s) })
			s.Desk.Step = func(name string) error {
				if err := once(name); err != nil || name != "exchange" {
					return err
				}
				return syscall.EOPNOTSUPP
			}
			want(t, s.carry(t, erase(refOf("a", 0))), c.want)
			if got := s.Text(t, "log.1"); got != c.left {
				t.Errorf("got %q, want %q", got, c.left)
			}
			s.audit(t)
		})
	}
}

func TestAWriterOfWhatWentOutOfTheWay(t *testing.T) {
	s := newShelf(t)
	s.Write(t, "log.1", "a\nb\n")
	s.Desk.Step = s.meanwhile("exchange", func() { s.Hold(t, "log.1") })
	want(t, s.carry(t, erase(refOf("a", 0))), "hindered open")
	if got := s.Text(t, "log.1"); got != "a\nb\n" {
		t.Errorf("got %q", got)
	}
	s.audit(t)
}

func TestARecordThatIsNotTheOneDecidedAbout(t *testing.T) {
	s := newShelf(t)
	s.Write(t, "log.1", "a\nb\n")
	changes := erase(refOf("a", 0), refOf("b", 0))
	changes[0].Seen = []byte("another")
	want(t, s.carry(t, changes), "differs", "changed")
	if got := s.Text(t, "log.1"); got != "a\n \n" {
		t.Errorf("got %q", got)
	}
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

func TestACutFileIsLeftAlone(t *testing.T) {
	for _, name := range []string{"log.1.gz", "log.1.zst"} {
		s := newShelf(t)
		s.Write(t, name, strings.Repeat("a line of some length\n", 1000), "a\n")
		s.Write(t, name, "b\n")
		locate := s.Desk.Locate
		whole, cut := s.Text(t, name), false
		s.Desk.Locate = func(ctx context.Context, wanted map[string]bool, yield func(rewrite.Spot) error) error {
			if !cut { // found by the time it was whole
				cut = true
				err := locate(ctx, wanted, yield)
				s.Folder.Folder.Cut(t, name, 5)
				return err
			}
			return nil
		}
		_ = whole
		before, _ := os.ReadFile(s.Path(name))
		want(t, s.carry(t, erase(refOf("a", 0))), "hindered unreadable")
		if after, err := os.ReadFile(s.Path(name)); err != nil || !bytes.Equal(after, before[:len(before)-5]) {
			t.Errorf("%s is not as it was", name)
		}
		s.audit(t)
	}
}

func TestAFileStaysWhatItWas(t *testing.T) {
	for _, name := range []string{"log.1", "log.1.gz", "log.1.zst"} {
		s := newShelf(t)
		s.Write(t, name, "a\nb\n")
		then := time.Date(2020, 5, 6, 7, 8, 9, 123456789, time.UTC)
		if err := os.Chmod(s.Path(name), 0o640); err != nil {
			t.Fatal(err)
		}
		if os.Geteuid() == 0 {
			if err := os.Chown(s.Path(name), 7, 8); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Chtimes(s.Path(name), then, then); err != nil {
			t.Fatal(err)
		}
		before, _ := os.Stat(s.Path(name))
		raw, _ := os.ReadFile(s.Path(name))
		want(t, s.carry(t, erase(refOf("a", 0))), "changed")
		after, _ := os.Stat(s.Path(name))
		now, _ := os.ReadFile(s.Path(name))
		if after.Mode() != before.Mode() || !after.ModTime().Equal(then.Add(time.Second)) || owner(after) != owner(before) {
			t.Errorf("%s: got %v %v %v, want %v %v %v", name, after.Mode(), after.ModTime(), owner(after), before.Mode(), then.Add(time.Second), owner(before))
		}
		if name != "log.1" && !bytes.Equal(now[:2], raw[:2]) {
			t.Errorf("%s is packed in another way", name)
		}
		if got := s.Text(t, name); got != " \nb\n" {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

// However large a file is, it is copied in pieces.
func TestALargeFileNeedsNoMoreMemoryThanASmallOne(t *testing.T) {
	for _, name := range []string{"log.1", "log.1.gz", "log.1.zst"} {
		s := newShelf(t)
		piece := strings.Repeat("a line of some length, of which there are many\n", 20_000)
		for range 50 {
			s.Write(t, name, piece)
		}
		s.Write(t, name, "a\n")
		start := int64(50 * len(piece))
		s.Desk.Locate = func(_ context.Context, _ map[string]bool, yield func(rewrite.Spot) error) error {
			return yield(rewrite.Spot{Group: groupOf("a"), Path: s.Path(name), Start: start, Text: []byte("a\n"), Finding: connector.Finding{Reference: refOf("a", 0)}})
		}
		var from, to runtime.MemStats
		s.Desk.Step = func(step string) error {
			switch step {
			case "fill":
				runtime.ReadMemStats(&from)
			case "begin":
				runtime.ReadMemStats(&to)
			}
			return nil
		}
		want(t, s.carry(t, erase(refOf("a", 0))), "changed")
		if mib := (to.TotalAlloc - from.TotalAlloc) >> 20; mib > 24 || to.TotalAlloc == 0 {
			t.Errorf("%s: %d MiB were asked for to copy %d MiB", name, mib, start>>20)
		}
	}
}
