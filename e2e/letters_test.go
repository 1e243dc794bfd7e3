package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"einsicht/internal/letter"
)

// TestEveryLetterIsForEverybody looks at every kind of letter in both languages,
// as the file that people keep, on a desk and on a phone, by day and by night.
func TestEveryLetterIsForEverybody(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	own := filepath.Join(dir, "own.yaml")
	if err := os.WriteFile(own, []byte("receipt.subject:\n  de: Wir haben Ihren Antrag\n  en: We have your request\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	house.run(t, "letters", "preview", "--authority", "stk-nrw", "--out", dir, own)
	files, err := filepath.Glob(filepath.Join(dir, "*.html"))
	if err != nil {
		t.Fatal(err)
	}
	if want := 2 * (len(letter.Kinds) + 1); len(files) != want {
		t.Fatalf("got %d letters, want %d: each kind in two languages", len(files), want)
	}
	s := newSession(t, "reader of letters")
	s.folder = dir
	for _, file := range files {
		s.visit("file://" + file)
		if s.title() == "" || s.count("h1") != 1 {
			t.Errorf("%s: got the title %q and %d headings of the first level, want both", filepath.Base(file), s.title(), s.count("h1"))
		}
		day := s.paper()
		s.everyLook()
		s.look(1280, true)
		if night := s.paper(); night == day {
			t.Errorf("%s: the paper is %s by day and by night: nothing was seen in the dark", filepath.Base(file), day)
		}
		s.look(1280, false)
		s.picture(fmt.Sprintf("brief-%s", filepath.Base(file)))
	}
}

// paper is the colour behind the text.
func (s *session) paper() string {
	s.t.Helper()
	return ask[string](s, "getComputedStyle(document.body).backgroundColor + getComputedStyle(document.documentElement).backgroundColor")
}
