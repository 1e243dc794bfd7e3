package main

import (
	"crypto/ed25519"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"einsicht/internal/export"
)

func TestAPackageIsVerifiedWithoutAPortal(t *testing.T) {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	file := filepath.Join(t.TempDir(), "Datenmitnahme.zip")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	page := func(w io.Writer) error { _, err := io.WriteString(w, "<!DOCTYPE html>"); return err }
	if _, err := export.WriteTakeout(f, export.Takeout{Index: page, Key: key}, time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	for _, fingerprint := range []string{"", export.Fingerprint(key)} {
		if err := (&packageVerifyCmd{file, fingerprint}).Run(); err != nil {
			t.Errorf("key %q: got %v", fingerprint, err)
		}
	}
	if err := (&packageVerifyCmd{file, strings.Repeat("0", 64)}).Run(); err == nil {
		t.Error("another key: got no error")
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	content[60] ^= 1
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := (&packageVerifyCmd{file, ""}).Run(); err == nil {
		t.Error("a changed package: got no error")
	}
}

// The fingerprint that a command prints is the one that packages of that year carry.
func TestTheKeyOfPackagesIsPrinted(t *testing.T) {
	s, _ := house(t)
	if err := (&packageKeyCmd{s, "stk-nrw", 2026}).Run(ctx); err != nil {
		t.Error(err)
	}
	if err := (&packageKeyCmd{s, "stk-nwr", 0}).Run(ctx); err == nil || !strings.Contains(err.Error(), "stk-nrw") {
		t.Errorf("a slip of the pen: got %v, want the names there are", err)
	}
}
