package blobstore_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/blobstore"
	"einsicht/internal/problem"
)

func newDisk(t *testing.T) blobstore.Disk {
	return blobstore.Disk{Dir: filepath.Join(t.TempDir(), "blobs")}
}

func writing(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

func read(t *testing.T, d blobstore.Disk, key string) string {
	t.Helper()
	r, size, err := d.Open(t.Context(), key)
	if err != nil {
		return err.Error()
	}
	defer r.Close()
	text, err := io.ReadAll(r)
	must(t, err)
	if int64(len(text)) != size {
		t.Errorf("got %d bytes, said were %d", len(text), size)
	}
	return string(text)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// files lists every file below the folder, whatever it is.
func files(t *testing.T, d blobstore.Disk) (paths []string) {
	t.Helper()
	must(t, filepath.WalkDir(d.Dir, func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			paths = append(paths, path)
		}
		return err
	}))
	return paths
}

func TestWhatIsPutCanBeOpenedUntilItIsDeleted(t *testing.T) {
	d, key := newDisk(t), uuid.NewString()
	must(t, d.Put(t.Context(), key, writing("sealed")))
	if got := read(t, d, key); got != "sealed" {
		t.Errorf("got %q", got)
	}
	must(t, d.Put(t.Context(), key, writing("sealed again")))
	if got := read(t, d, key); got != "sealed again" {
		t.Errorf("after a second Put: got %q", got)
	}
	for _, path := range files(t, d) {
		info, err := os.Stat(path)
		must(t, err)
		if got := info.Mode(); got != 0o600 {
			t.Errorf("%s: got mode %v, want its owner's only", path, got)
		}
	}
	must(t, d.Delete(t.Context(), key))
	must(t, d.Delete(t.Context(), key))
	if _, _, err := d.Open(t.Context(), key); !errors.Is(err, problem.NotFound) {
		t.Errorf("deleted: got %v, want NotFound", err)
	}
}

func TestNothingIsSeenBeforeItIsComplete(t *testing.T) {
	d, key := newDisk(t), uuid.NewString()
	ctx, cancel := context.WithCancel(t.Context())
	during := func(then error) func(io.Writer) error {
		return func(w io.Writer) error {
			_, err := w.Write(bytes.Repeat([]byte("x"), 1<<20))
			must(t, err)
			if _, _, err := d.Open(t.Context(), key); !errors.Is(err, problem.NotFound) {
				t.Errorf("while it is written: got %v, want NotFound", err)
			}
			if keys, err := d.Keys(t.Context()); err != nil || len(keys) != 0 {
				t.Errorf("while it is written: got keys %v, %v, want none", keys, err)
			}
			return then
		}
	}
	torn := errors.New("source went away")
	if err := d.Put(ctx, key, during(torn)); !errors.Is(err, torn) {
		t.Errorf("got %v, want what went wrong", err)
	}
	cancel()
	if err := d.Put(ctx, key, during(nil)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v, want context.Canceled", err)
	}
	if got := files(t, d); len(got) != 0 {
		t.Errorf("got %v, want nothing left", got)
	}
}

func TestOnlyUUIDsAreKeys(t *testing.T) {
	d, good := newDisk(t), uuid.NewString()
	for _, key := range []string{
		"", "x", "../../etc/passwd", good + "/..", strings.ToUpper(good) + " ", "{" + good + "}", "urn:uuid:" + good,
		strings.ReplaceAll(good, "-", ""), "ABCDEF01-2345-4789-8abc-def012345678",
	} {
		_, _, open := d.Open(t.Context(), key)
		for name, err := range map[string]error{
			"Put": d.Put(t.Context(), key, writing("")), "Open": open, "Delete": d.Delete(t.Context(), key),
		} {
			if err == nil || errors.Is(err, problem.NotFound) {
				t.Errorf("%s(%q): got %v, want it refused", name, key, err)
			}
			if key != "" && err != nil && strings.Contains(err.Error(), key+" ") {
				t.Errorf("%s: the message quotes the key: %v", name, err)
			}
		}
	}
}

func TestSweepRemovesWhatIsOldAndNobodys(t *testing.T) {
	d := newDisk(t)
	if n, err := d.Sweep(t.Context(), nil, time.Now()); n != 0 || err != nil {
		t.Errorf("an empty store: got %d, %v", n, err)
	}
	cut := time.Now().Add(-time.Hour)
	old, young := cut.Add(-time.Minute), cut.Add(time.Minute)
	known, orphan, fresh := uuid.NewString(), uuid.NewString(), uuid.NewString()
	for key, at := range map[string]time.Time{known: old, orphan: old, fresh: young} {
		must(t, d.Put(t.Context(), key, writing(key)))
		must(t, os.Chtimes(filepath.Join(d.Dir, key[:2], key), at, at))
	}
	loose := func(name string, at time.Time) string {
		path := filepath.Join(d.Dir, name)
		must(t, os.WriteFile(path, []byte("x"), 0o600))
		must(t, os.Chtimes(path, at, at))
		return path
	}
	torn := loose("incoming/"+uuid.NewString()+".123", old) // killed while writing
	busy := loose("incoming/"+uuid.NewString()+".456", young)
	foreign := loose("README", old)
	misplaced := loose(uuid.NewString(), old)

	n, err := d.Sweep(t.Context(), func(key string) bool { return key == known }, cut)
	if n != 2 || err != nil {
		t.Errorf("got %d removed, %v, want the orphan and the torn one", n, err)
	}
	left := files(t, d)
	for _, path := range []string{busy, foreign, misplaced} {
		if !slices.Contains(left, path) {
			t.Errorf("%s is gone", path)
		}
	}
	if slices.Contains(left, torn) {
		t.Error("the half-written file is still there")
	}
	want := []string{known, fresh}
	slices.Sort(want)
	if keys, err := d.Keys(t.Context()); err != nil || !slices.Equal(keys, want) {
		t.Errorf("got keys %v, %v, want %v", keys, err, want)
	}
}
