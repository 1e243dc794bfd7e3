package connectortest

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Folder is a source that is a folder of files, such as logs and exports: the
// part of a harness that all such kinds have alike.
type Folder struct{ Dir string }

// NewFolder makes a folder that is empty.
func NewFolder(t testing.TB) Folder {
	t.Helper()
	f := Folder{filepath.Join(t.TempDir(), "source")}
	if err := os.Mkdir(f.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return f
}

// Path is that of a file.
func (f Folder) Path(name string) string { return filepath.Join(f.Dir, name) }

// Write appends to a file. One whose name ends in .gz gets one more member, as
// logrotate does.
func (f Folder) Write(t testing.TB, name string, text ...string) {
	t.Helper()
	file, err := os.OpenFile(f.Path(name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	all := []byte(strings.Join(text, ""))
	if strings.HasSuffix(name, ".gz") {
		z, _ := gzip.NewWriterLevel(file, gzip.BestSpeed) // a level that there is
		if _, err = z.Write(all); err == nil {
			err = z.Close()
		}
	} else {
		_, err = file.Write(all)
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Fingerprint changes with names, modes, times and contents.
func (f Folder) Fingerprint(t *testing.T) string {
	t.Helper()
	entries, err := os.ReadDir(f.Dir)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.New()
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(f.Path(e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(sum, e.Name(), info.Mode(), info.ModTime(), len(b))
		sum.Write(b)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// Break takes the whole folder away.
func (f Folder) Break(t *testing.T) (restore func()) {
	t.Helper()
	move := func(from, to string) {
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	move(f.Dir, f.Dir+".away")
	return func() { move(f.Dir+".away", f.Dir) }
}

// Cut takes bytes off the end of a file.
func (f Folder) Cut(t testing.TB, name string, n int64) {
	t.Helper()
	info, err := os.Stat(f.Path(name))
	if err == nil {
		err = os.Truncate(f.Path(name), info.Size()-n)
	}
	if err != nil {
		t.Fatal(err)
	}
}
