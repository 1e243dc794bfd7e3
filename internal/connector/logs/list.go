package logs

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"einsicht/internal/connector"
	"einsicht/internal/connector/rewrite"
)

// file is one log file as it was found. Rotation renames and compresses files,
// so a file is known by how its text begins, never by its name.
type file struct {
	path    string
	head    []byte // the first headSize bytes of its text, or fewer
	first   time.Time
	written time.Time
	plain   bool
	twice   bool // a copy of it was left out
	size    int64
}

const headSize = 4096

// list finds the files, the oldest first, each text once. A file that can't be
// read is a gap; no file at all is more likely a folder that is not there than
// a server that nobody ever visited.
func (f Files) list(ctx context.Context) ([]file, []connector.Gap, error) {
	var files []file
	var gaps []connector.Gap
	seen := map[string]bool{}
	for _, pattern := range f.Patterns {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			return nil, nil, connector.Fail(connector.ErrConfig, f.Kind+".files", "", nil)
		}
		for _, path := range paths {
			if seen[path] || rewrite.Ours(path) {
				continue
			}
			seen[path] = true
			one, err := f.look(ctx, path)
			switch {
			case ctx.Err() != nil:
				return nil, nil, connector.Fail(connector.ErrUnreachable, f.Kind+".files", "", ctx.Err())
			case err == nil && len(one.head) > 0:
				files = append(files, one)
			case errors.Is(err, os.ErrNotExist): // rotated away this moment
			case err != nil:
				gaps = append(gaps, connector.Gap{Place: filepath.Base(path), Reason: Unreadable(err), Count: 1})
			}
		}
	}
	if len(seen) == 0 {
		return nil, nil, connector.Fail(connector.ErrUnreachable, f.Kind+".files", "no file", nil)
	}
	if len(files) == 0 && len(gaps) > 0 {
		if !slices.ContainsFunc(gaps, func(g connector.Gap) bool { return g.Reason != forbidden }) {
			return nil, nil, connector.Fail(connector.ErrConfig, f.Kind+".files", "", nil).By("", "no file may be read: the account of this program lacks the right to")
		}
		return nil, nil, connector.Fail(connector.ErrUnreachable, f.Kind+".files", "no file can be read", nil)
	}
	slices.SortFunc(files, func(a, b file) int {
		return cmp.Or(a.first.Compare(b.first), bytes.Compare(a.head, b.head), cmp.Compare(b.size, a.size))
	})
	return once(files), gaps, nil
}

// Unreadable is the reason of the gap that a file leaves which can't be opened.
func Unreadable(err error) string {
	if errors.Is(err, os.ErrPermission) {
		return forbidden
	}
	return "connector.gap.unreadable"
}

const forbidden = "connector.gap.forbidden"

// once leaves out copies: while a log is compressed, it lies there twice.
func once(files []file) []file {
	var kept []file
	for _, f := range files {
		i := slices.IndexFunc(kept, f.copies)
		if i >= 0 {
			kept[i].twice, f.twice = true, true
		}
		switch {
		case i < 0:
			kept = append(kept, f)
		case len(f.head) != len(kept[i].head):
			if len(f.head) > len(kept[i].head) { // the other is not yet as far
				kept[i] = f
			}
		case f.plain && !kept[i].plain, f.plain == kept[i].plain && f.size > kept[i].size:
			kept[i] = f
		}
	}
	return kept
}

// copies says that two files hold the same text, as far as the one that was
// written for shorter goes. A file that is young and short must tell it by a line
// with a time: every file of some programs begins with the same banner.
func (f file) copies(o file) bool {
	if len(f.head) > len(o.head) {
		f, o = o, f
	}
	return bytes.HasPrefix(o.head, f.head) && (len(f.head) == headSize || !f.first.IsZero())
}

func (f Files) look(ctx context.Context, path string) (file, error) {
	one := file{path: path}
	in, err := f.open(ctx, path, nil)
	if err != nil {
		return one, err
	}
	defer in.Close()
	one.plain, one.size, one.written = in.plain, in.size, in.written
	head := make([]byte, headSize)
	n, err := io.ReadFull(in, head)
	if err != nil && n == 0 && !errors.Is(err, io.EOF) {
		return one, err
	}
	one.head = head[:n]
	for line := range bytes.Lines(one.head) {
		if at, ok := f.Time(bytes.TrimRight(line, "\r\n"), one.written); ok && at.UTC().Year() > 0 && at.UTC().Year() < 10_000 { // others can't be written down
			one.first = at
			break
		}
	}
	return one, nil
}

// mark is how a file is found again.
type mark struct {
	First time.Time
	Size  int // of the head when it was marked; a young file grows
	Sum   []byte
}

func (f file) mark() mark {
	sum := sha256.Sum256(f.head)
	return mark{First: f.first.UTC(), Size: len(f.head), Sum: sum[:]}
}

func (f file) is(m mark) bool {
	if m.Size < 0 || len(f.head) < m.Size {
		return false
	}
	sum := sha256.Sum256(f.head[:m.Size])
	return bytes.Equal(sum[:], m.Sum)
}
