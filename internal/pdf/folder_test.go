package pdf

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/disclosure"
	"einsicht/internal/letter"
	"einsicht/internal/letter/lettertest"
	"einsicht/internal/wording"
)

func TestNothingStaysOfALetter(t *testing.T) {
	dir := t.TempDir()
	panics := answerFrom(t, func(string) iter.Seq2[disclosure.Finding, error] { panic("a source") })
	for _, tt := range []struct {
		name, script string
		letter       letter.Letter
		wantErr      bool
	}{
		{"it worked", `echo PDF >"$out/letter.pdf"`, answer(t, lettertest.Options{Lang: wording.German}), false},
		{"LibreOffice failed", `exit 3`, answer(t, lettertest.Options{Lang: wording.German}), true},
		{"LibreOffice made nothing and says so to nobody", `exit 0`, answer(t, lettertest.Options{Lang: wording.German}), true},
		{"a source panics", ``, panics, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := New(Config{Dir: dir, Binary: fake(t, tt.script)})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			failed := func() (failed bool) {
				defer func() { failed = failed || recover() != nil }()
				return r.Render(t.Context(), io.Discard, tt.letter) != nil
			}()
			if failed != tt.wantErr {
				t.Errorf("failed: got %v, want %v", failed, tt.wantErr)
			}
			if left := jobs(t, r.folder.path); len(left) > 0 {
				t.Errorf("got %q left, want nothing", left)
			}
			if len(r.profiles) != cap(r.profiles) {
				t.Error("nobody else may convert any more")
			}
		})
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("got %d folders left after Close, want none", len(left))
	}
}

func TestALetterUnderWorkIsForThisUserOnly(t *testing.T) {
	r, err := New(Config{Dir: filepath.Join(t.TempDir(), "pdf"), Binary: fake(t, `ls -ld "$out" "$out"/letter.fodt "$out/.." "$out/../.." | cut -c5-10 >"$out/letter.pdf"`)})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var out bytes.Buffer
	if err := r.Render(t.Context(), &out, answer(t, lettertest.Options{Lang: wording.German})); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), strings.Repeat("------\n", 4); got != want {
		t.Errorf("rights of others: got %q, want %q", got, want)
	}
}

func TestWhoStopsEndsAllProcesses(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	// The child outlives the script unless the whole group is killed; as long as
	// anybody lives, the pipe has no end.
	r, err := New(Config{Dir: t.TempDir(), Binary: fake(t, `exec 3>"`+pipe+`"; (echo started >&3; sleep 30; echo survived >&3) & wait`)})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan string)
	go func() {
		f, _ := os.Open(pipe)
		defer f.Close()
		_, _ = f.Read(make([]byte, len("started\n")))
		cancel()
		b, _ := io.ReadAll(f)
		ended <- string(b)
	}()
	if err := r.Render(ctx, io.Discard, answer(t, lettertest.Options{Lang: wording.German})); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it was stopped", err)
	}
	if got := <-ended; got != "" {
		t.Errorf("a child %s", got)
	}
	if left := jobs(t, r.folder.path); len(left) > 0 {
		t.Errorf("got %q left, want nothing", left)
	}
}

func TestNoLetterTakesForEver(t *testing.T) {
	r, err := New(Config{Dir: t.TempDir(), Timeout: time.Millisecond, Binary: fake(t, `sleep 600`)})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := r.Render(t.Context(), io.Discard, answer(t, lettertest.Options{Lang: wording.German})); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want that the time was over", err)
	}
}

func TestAfterAFailureTheProfileIsNew(t *testing.T) {
	r, err := New(Config{Dir: t.TempDir(), Parallel: 1, Binary: fake(t, `mkdir "$profile" || exit 9; echo PDF >"$out/letter.pdf"; exit 1`)})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for range 2 {
		if err := r.Render(t.Context(), io.Discard, answer(t, lettertest.Options{Lang: wording.German})); err == nil || strings.Contains(err.Error(), "9") {
			t.Errorf("got %v, want the script's own failure each time", err)
		}
	}
}

func TestTheNextStartWipesWhatAKilledOneLeft(t *testing.T) {
	dir := t.TempDir()
	living, err := New(Config{Dir: dir, Binary: "/bin/false"})
	if err != nil {
		t.Fatal(err)
	}
	defer living.Close()
	killed, err := New(Config{Dir: dir, Binary: "/bin/false"})
	if err != nil {
		t.Fatal(err)
	}
	job, err := killed.folder.job()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(job, "letter.fodt"), []byte("in clear"), 0o600); err != nil {
		t.Fatal(err)
	}
	killed.folder.lock.Close() // as the death of its process does

	next, err := New(Config{Dir: dir, Binary: "/bin/false"})
	if err != nil {
		t.Fatal(err)
	}
	defer next.Close()
	if _, err := os.Stat(job); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want that the letter of the killed is gone", err)
	}
	if _, err := os.Stat(living.folder.path); err != nil {
		t.Errorf("got %v, want that the folder of the living is there", err)
	}
}

func TestAFolderOfSomebodyElseIsRefused(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(dir, "link")
	if err := os.Symlink(t.TempDir(), link); err != nil {
		t.Fatal(err)
	}
	if r, err := New(Config{Dir: link, Binary: "/bin/false"}); err == nil {
		r.Close()
		t.Error("a link to elsewhere: got no error")
	}
}

func TestWithoutLibreOfficeTheOperatorIsToldWhatToInstall(t *testing.T) {
	_, err := findIn([]string{filepath.Join(t.TempDir(), "soffice")})
	if !errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), "libreoffice-writer-nogui") || !strings.Contains(err.Error(), "make office") {
		t.Errorf("got %v, want ErrMissing with the packages", err)
	}
	there := fake(t, "")
	if got, err := findIn([]string{"/nowhere", there}); got != there || err != nil {
		t.Errorf("got %q, %v, want %q", got, err, there)
	}
}

// fake is a soffice that runs a script, which finds its --outdir in $out and the
// folder of its profile in $profile.
func fake(t *testing.T, script string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "soffice")
	text := "#!/bin/sh\nprofile=${1#*file://}\nwhile [ \"$1\" != --outdir ]; do shift; done\nout=$2\n" + script + "\n"
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func jobs(t *testing.T, dir string) []string {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(dir, "job-*"))
	if err != nil {
		t.Fatal(err)
	}
	return left
}

// answerFrom is an answer whose findings come from a source of the test's own;
// the source works while the answer is made and fails when it is read again.
func answerFrom(t *testing.T, second disclosure.Findings) letter.Letter {
	t.Helper()
	in, err := lettertest.Input(lettertest.Options{Lang: wording.German})
	if err != nil {
		t.Fatal(err)
	}
	finding := disclosure.Finding{ID: uuid.New()}
	again := false
	d, err := disclosure.Apply(wording.German, func(system string) iter.Seq2[disclosure.Finding, error] {
		if again {
			return second(system)
		}
		return func(yield func(disclosure.Finding, error) bool) { yield(finding, nil) }
	}, map[uuid.UUID]disclosure.Decision{finding.ID: {Finding: finding.ID, Verdict: disclosure.Give}},
		[]disclosure.SystemAnswer{{System: in.Disclosed.Systems[0].System, Outcome: disclosure.Found}})
	if err != nil {
		t.Fatal(err)
	}
	again, in.Disclosed = true, d
	l, err := letter.Answer(in)
	if err != nil {
		t.Fatal(err)
	}
	return l
}
