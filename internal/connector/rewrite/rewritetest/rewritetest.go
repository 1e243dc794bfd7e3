// Package rewritetest is the part of a harness that all kinds have alike whose
// records are rewritten in files.
package rewritetest

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/klauspost/compress/zstd"

	"einsicht/internal/connector/connectortest"
)

// Steps stands between the rewriting and the files.
type Steps struct {
	mu     sync.Mutex
	left   int // until the process ends; 0: never
	denied bool
	Seen   []string // the steps that were taken
}

// Step is for rewrite.Files.
func (s *Steps) Step(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if name == "may" {
		if s.denied {
			return fs.ErrPermission
		}
		return nil
	}
	if s.left > 0 {
		if s.left--; s.left == 0 {
			return errors.New("the process ends here")
		}
	}
	s.Seen = append(s.Seen, name)
	return nil
}

// Cut lets the process end after n more steps; negative: never.
func (s *Steps) Cut(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left = max(n+1, 0)
}

// Deny takes the right to write away.
func (s *Steps) Deny(*testing.T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.denied = true
}

// Folder is a folder of files, plain and packed, and one for checksums.
type Folder struct {
	connectortest.Folder
	*Steps
	Checksums string
}

// NewFolder makes both.
func NewFolder(t testing.TB) Folder {
	t.Helper()
	f := Folder{Folder: connectortest.NewFolder(t), Steps: &Steps{}}
	f.Checksums = f.Dir + ".checksums"
	if err := os.Mkdir(f.Checksums, 0o755); err != nil {
		t.Fatal(err)
	}
	return f
}

// Write appends to a file, packed as its name says.
func (f Folder) Write(t testing.TB, name string, text ...string) {
	t.Helper()
	if !strings.HasSuffix(name, ".zst") {
		f.Folder.Write(t, name, text...)
		return
	}
	out, err := os.OpenFile(f.Path(name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := out.Write(z.EncodeAll([]byte(strings.Join(text, "")), nil)); err != nil {
		t.Fatal(err)
	}
}

// Text is the text of a file.
func (f Folder) Text(t testing.TB, name string) string {
	t.Helper()
	return Text(t, f.Path(name))
}

// Text is the text of a file, unpacked.
func Text(t testing.TB, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var in io.Reader = bytes.NewReader(raw)
	switch {
	case bytes.HasPrefix(raw, []byte{0x1f, 0x8b}):
		in, err = gzip.NewReader(in)
	case bytes.HasPrefix(raw, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		in, err = zstd.NewReader(in)
	}
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Put writes a file anew.
func (f Folder) Put(t testing.TB, name, text string) {
	t.Helper()
	if err := os.Remove(f.Path(name)); err != nil {
		t.Fatal(err)
	}
	f.Write(t, name, text)
}

// Names lists the files, the hidden ones too.
func (f Folder) Names(t testing.TB) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(f.Dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// Lines is a folder of logs of which each line is a record.
type Lines struct {
	Folder
	Live string // the file that is being written
	// Reference is that of the first line of its text.
	Reference func(line string) string
}

// Pieces are all lines that are not blank, by their references.
func (l Lines) Pieces(t *testing.T) map[string]string {
	t.Helper()
	all, times := map[string]string{}, map[string]int{}
	for _, name := range l.Names(t) {
		for line := range strings.Lines(l.Text(t, name)) {
			if strings.TrimSpace(line) == "" {
				continue
			}
			ref := strings.TrimSuffix(l.Reference(line), "/0")
			all[fmt.Sprintf("%s/%d", ref, times[ref])] = line
			times[ref]++
		}
	}
	return all
}

// Correct: a log tells what happened, and is not corrected.
func (Lines) Correct(string) map[string]string { return nil }

// Renames: a line is named by what it says.
func (Lines) Renames() {}

// Alter changes a line.
func (l Lines) Alter(t *testing.T, reference string) {
	l.line(t, reference, func(line string) string { return strings.Replace(line, "2026", "2025", 1) })
}

// Remove takes a line away.
func (l Lines) Remove(t *testing.T, reference string) {
	l.line(t, reference, func(string) string { return "" })
}

// Forbid moves a line into the file that is being written.
func (l Lines) Forbid(t *testing.T, references []string) string {
	held := references[len(references)/2]
	moved := ""
	l.line(t, held, func(line string) string { moved = line; return "" })
	l.Write(t, l.Live, moved)
	return held
}

func (l Lines) line(t *testing.T, reference string, with func(string) string) {
	t.Helper()
	for _, name := range l.Names(t) {
		lines := slices.Collect(strings.Lines(l.Text(t, name)))
		for i, line := range lines {
			if l.Reference(line) == reference {
				lines[i] = with(line)
				l.Put(t, name, strings.Join(lines, ""))
				return
			}
		}
	}
	t.Fatalf("no line is %s", reference)
}

// Hold opens a file as what writes it does.
func (f Folder) Hold(t testing.TB, name string) {
	t.Helper()
	out, err := os.OpenFile(filepath.Join(f.Dir, name), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { out.Close() })
}
