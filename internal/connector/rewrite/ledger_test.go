package rewrite_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"einsicht/internal/connector"
	"einsicht/internal/connector/rewrite"
)

func owner(info os.FileInfo) [2]uint32 {
	own := info.Sys().(*syscall.Stat_t)
	return [2]uint32{own.Uid, own.Gid}
}

// entries reads the ledger, and makes sure that no line is missing.
func (s *shelf) entries(t *testing.T) (all []rewrite.Entry) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.Checksums, "protokoll.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	prev := ""
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		var e rewrite.Entry
		if json.Unmarshal(lines.Bytes(), &e) == nil {
			if e.Prev != prev {
				t.Errorf("line %d does not follow the one before", len(all)+1)
			}
			all = append(all, e)
		}
		sum := sha256.Sum256(lines.Bytes())
		prev = hex.EncodeToString(sum[:])
	}
	return all
}

// audit is what an auditor does: each rewriting has an end, the files are what the
// ledger says, and nothing lies beside them.
func (s *shelf) audit(t *testing.T) {
	t.Helper()
	is := map[string]rewrite.Entry{}
	for i, e := range s.entries(t) {
		if (i%2 == 0) != (e.State == rewrite.Begun) {
			t.Errorf("line %d is %s", i+1, e.State)
		}
		if is[e.File] = e; e.State == rewrite.Done && (e.Before.Lines != e.After.Lines || e.Changed != len(e.Changes)) {
			t.Errorf("line %d: %d lines were before, %d after, %d of them changed", i+1, e.Before.Lines, e.After.Lines, e.Changed)
		}
	}
	for _, name := range s.Names(t) {
		if rewrite.Ours(name) {
			t.Errorf("%s lies there still", name)
		}
	}
	for path, e := range is {
		if e.State != rewrite.Done {
			continue
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			continue // rotated away
		}
		text := textOf(path)
		if strings.HasPrefix(text, "new") {
			continue
		}
		if e.After.SHA256 != sha(raw) || e.After.Text != sha([]byte(text)) || e.After.Size != int64(len(raw)) {
			t.Errorf("%s is not what the ledger says", filepath.Base(path))
		}
	}
}

func sha(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func TestWhatTheLedgerSays(t *testing.T) {
	s := newShelf(t)
	const secret = "erika.muster@example.org"
	s.Write(t, "log.1.gz", secret+"\nb\n"+secret+"\n")
	before, _ := os.ReadFile(s.Path("log.1.gz"))
	changes := erase(refOf(secret, 0), refOf(secret, 1))
	want(t, s.carry(t, changes), "changed", "changed")
	all := s.entries(t)
	if len(all) != 2 {
		t.Fatalf("got %d lines, want 2", len(all))
	}
	e := all[1]
	if e.State != rewrite.Done || e.Before.SHA256 != sha(before) || e.Before.Text != sha([]byte(secret+"\nb\n"+secret+"\n")) || e.Before.Lines != 3 || e.After.Lines != 3 || e.Changed != 2 ||
		!slices.Contains(e.Changes, changes[0].ID) || !slices.Contains(e.Changes, changes[1].ID) {
		t.Errorf("got %+v", e)
	}
	s.audit(t)
	text, _ := os.ReadFile(filepath.Join(s.Checksums, "protokoll.jsonl"))
	for _, no := range []string{secret, "erika", groupOf(secret)[5:], sha([]byte(secret))} {
		if bytes.Contains(text, []byte(no)) {
			t.Errorf("the ledger says %q", no)
		}
	}
}

func TestALedgerThatWasTornGoesOn(t *testing.T) {
	s := newShelf(t)
	s.Write(t, "log.1", "a\nb\n")
	want(t, s.carry(t, erase(refOf("a", 0))), "changed")
	path := filepath.Join(s.Checksums, "protokoll.jsonl")
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(f, `{"at":"2026-`)
	f.Close()
	want(t, s.carry(t, erase(refOf("b", 0))), "changed")
	if all := s.entries(t); len(all) != 4 {
		t.Errorf("got %d lines, want 4", len(all))
	}
	s.audit(t)
}

var three = map[string]string{"log.1": "a\nkeep 1\nb\n", "log.2.gz": "keep 2\na\nc\n", "log.3.zst": "d\nkeep 3"}

func planted(t *testing.T, files map[string]string) (*shelf, []string) {
	s := newShelf(t)
	for name, text := range files {
		s.Write(t, name, text)
	}
	return s, []string{refOf("a", 0), refOf("a", 1), refOf("b", 0), refOf("c", 0), refOf("d", 0)}
}

// A process that is killed before any of its steps leaves each file whole, as it was
// or as it should be; the next one ends what it began.
func TestKilledAtAnyMoment(t *testing.T) {
	if os.Getenv("REWRITE_DIR") != "" {
		child(t)
		return
	}
	killedAtAnyMoment(t, "", three)
	killedAtAnyMoment(t, "yes", map[string]string{"log.1": three["log.1"]})
}

// killedAtAnyMoment does so where two files can change places, or one only takes
// that of the other.
func killedAtAnyMoment(t *testing.T, replaces string, files map[string]string) {
	t.Helper()
	steps := 0
	for n := 1; ; n++ {
		s, refs := planted(t, files)
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilledAtAnyMoment$")
		cmd.Env = append(os.Environ(), "REWRITE_DIR="+s.Dir, "REWRITE_CHECKSUMS="+s.Checksums, "REWRITE_STEP="+strconv.Itoa(n), "REWRITE_REPLACES="+replaces)
		out, err := cmd.CombinedOutput()
		if err == nil {
			steps = n - 1
			break
		}
		if cmd.ProcessState.ExitCode() != -1 {
			t.Fatalf("killed before step %d: %v\n%s", n, err, out)
		}
		for name, was := range files {
			now := s.Text(t, name)
			if now != was && now != erased(was) {
				t.Errorf("killed before step %d: %s says %q", n, name, now)
			}
		}
		found, err := s.Desk.Read(t.Context(), refs)
		if err != nil {
			t.Fatalf("killed before step %d: %v", n, err)
		}
		for _, name := range s.Names(t) {
			if rewrite.Ours(name) {
				t.Errorf("killed before step %d: %s lies there after it was read", n, name)
			}
		}
		for _, e := range must(s.Desk.Carry(t.Context(), erase(refs...))) {
			if e.State != connector.Changed && e.State != connector.Missing {
				t.Errorf("killed before step %d: got %s %s", n, e.State, e.Reason)
			}
		}
		for name, was := range files {
			if now := s.Text(t, name); now != erased(was) {
				t.Errorf("killed before step %d, then done: %s says %q", n, name, now)
			}
		}
		if left, err := s.Desk.Read(t.Context(), refs); err != nil || len(left) > 0 {
			t.Errorf("killed before step %d, then done: %d of %d are left, %v", n, len(left), len(found), err)
		}
		s.audit(t)
	}
	if steps < len(files)*6 {
		t.Errorf("there were %d steps: this test checks nothing", steps)
	}
}

func must(effects []connector.Effect, err error) []connector.Effect {
	if err != nil {
		panic(err)
	}
	return effects
}

// erased is a text without all that does not begin with keep.
func erased(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "keep") {
			line = " \n"
		}
		b.WriteString(line)
	}
	return b.String()
}

// child is the process that is killed.
func child(t *testing.T) {
	left, err := strconv.Atoi(os.Getenv("REWRITE_STEP"))
	if err != nil {
		t.Fatal(err)
	}
	desk := deskOf(os.Getenv("REWRITE_DIR"), os.Getenv("REWRITE_CHECKSUMS"), func(name string) error {
		if name == "exchange" && os.Getenv("REWRITE_REPLACES") != "" && left > 1 {
			left--
			return syscall.EOPNOTSUPP
		}
		if left--; left == 0 {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
		return nil
	})
	if _, err := desk.Carry(t.Context(), erase(refOf("a", 0), refOf("a", 1), refOf("b", 0), refOf("c", 0), refOf("d", 0))); err != nil {
		t.Fatal(err)
	}
}

// Whatever is rewritten, everything else stays as it is, byte for byte.
func FuzzOthersStayAsTheyAre(f *testing.F) {
	f.Add("a\nb\nc\n", uint64(1), byte(0))
	f.Add("a\r\n\r\nb b\n a\x00\nä", uint64(5), byte(1))
	f.Add("\xff\n\n\n  \nx", uint64(0xffff), byte(2))
	f.Fuzz(func(t *testing.T, text string, which uint64, packing byte) {
		if text == "" || strings.HasPrefix(text, "\x1f\x8b") || strings.HasPrefix(text, "\x28\xb5\x2f\xfd") {
			return
		}
		s := newShelf(t)
		name := []string{"log.1", "log.1.gz", "log.1.zst"}[packing%3]
		s.Write(t, name, text)
		times, planned := map[string]int{}, map[int]string{}
		var changes []connector.Change
		lines := slices.Collect(strings.Lines(text))
		for i, line := range lines {
			if strings.TrimSpace(line) == "" {
				continue
			}
			ref := refOf(line, times[line])
			if g := groupOf(line); true {
				ref = fmt.Sprintf("%s/%d", g, times[g])
				times[g]++
			}
			if which>>(i%64)&1 == 1 {
				planned[i] = ref
				changes = append(changes, erase(ref)...)
			}
		}
		effects, err := s.Desk.Carry(t.Context(), changes)
		if err != nil {
			t.Fatal(err)
		}
		gone := map[string]bool{}
		for i, e := range effects {
			gone[changes[i].Reference] = e.State == connector.Changed
		}
		now := s.Text(t, name)
		at := 0
		for i, line := range lines {
			is := now[at : at+len(line)]
			at += len(line)
			if gone[planned[i]] {
				if strings.TrimSpace(is) != "" || strings.Count(is, "\n") != strings.Count(line, "\n") {
					t.Errorf("line %d was erased and says %q", i, is)
				}
			} else if is != line {
				t.Errorf("line %d is %q, was %q", i, is, line)
			}
		}
		if at != len(now) {
			t.Error("the text has another length")
		}
	})
}
