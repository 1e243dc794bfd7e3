package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"einsicht/internal/letter"
)

func TestOwnWordsAreCheckedPreviewedAndImported(t *testing.T) {
	s, d := house(t)
	file := func(text string) string {
		path := filepath.Join(t.TempDir(), "own.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := file("receipt.subject:\n  de: Wir haben Ihren Antrag\n  en: We have your request\n")
	bad := file("receipt.period:\n  de: bald\n  en: \"{due}\"\n")
	out := filepath.Join(t.TempDir(), "letters")
	for name, run := range map[string]func(file string) error{
		"check":   func(f string) error { return (&lettersCheckCmd{s, "stk-nrw", f}).Run(ctx) },
		"preview": func(f string) error { return (&lettersPreviewCmd{s, "stk-nrw", out, f}).Run(ctx) },
		"import":  func(f string) error { return (&lettersImportCmd{s, "stk-nrw", f}).Run(ctx) },
	} {
		if err := run(bad); err == nil || !strings.Contains(err.Error(), "own.yaml:2: receipt.period") {
			t.Errorf("%s of a file that loses a part: got %v, want file, line and block", name, err)
		}
		if err := run(good); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	html, err := os.ReadFile(filepath.Join(out, "receipt.de.html"))
	if err != nil || !strings.Contains(string(html), "Wir haben Ihren Antrag") {
		t.Errorf("the preview does not show the own words: %v", err)
	}
	if all, _ := filepath.Glob(filepath.Join(out, "*.html")); len(all) != 2*(len(letter.Kinds)+1) {
		t.Errorf("got %d letters, want each kind in two languages", len(all))
	}
	if n := count(t, d.Superuser, "select count(*) from letter_texts"); n != 1 {
		t.Errorf("got %d versions, want 1", n)
	}
	if n := count(t, d.Superuser, "select count(*) from ledger_entry where kind = 'texts.imported'"); n != 1 {
		t.Errorf("got %d entries in the ledger, want 1", n)
	}
}
