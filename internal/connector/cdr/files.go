package cdr

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"einsicht/internal/connector"
	"einsicht/internal/connector/logs"
	"einsicht/internal/connector/rewrite"
)

// file is one export as it was found. It is known by how its text begins, so
// that a new name or compression does not make another file of it.
type file struct {
	path     string
	head     []byte // the first headSize bytes of its text; of a workbook, its hash
	first    time.Time
	modified time.Time
	workbook bool
}

const (
	headSize = 16 << 10
	// ahead is how much of a file is looked at to find out how it is written.
	ahead = 64 << 10
)

func (f file) name() string { return filepath.Base(f.path) }

// list finds the exports, the oldest calls first. One that can't be read is a
// gap; none at all is more likely a folder that is not there than a telephone
// that never rang.
func (e *exports) list(ctx context.Context) ([]file, []connector.Gap, error) {
	var files []file
	var gaps []connector.Gap
	seen := map[string]bool{}
	for _, pattern := range e.mapping.Files {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			return nil, nil, connector.Fail(connector.ErrConfig, "cdr.files", "", nil)
		}
		for _, path := range paths {
			if seen[path] || rewrite.Ours(path) {
				continue
			}
			seen[path] = true
			f, err := e.look(ctx, path)
			if ctx.Err() != nil {
				return nil, nil, connector.Fail(connector.ErrUnreachable, "cdr.files", "", ctx.Err())
			}
			switch {
			case err == nil && len(f.head) > 0:
				files = append(files, f)
			case errors.Is(err, errTooLarge):
				gaps = append(gaps, connector.Gap{Place: f.name(), Reason: "connector.gap.cdr_too_large", Count: 1})
			case err != nil && !errors.Is(err, os.ErrNotExist): // that one was moved this moment
				gaps = append(gaps, connector.Gap{Place: f.name(), Reason: logs.Unreadable(err), Count: 1})
			}
		}
	}
	if len(seen) == 0 {
		return nil, nil, connector.Fail(connector.ErrUnreachable, "cdr.files", "no file", nil)
	}
	slices.SortFunc(files, func(a, b file) int {
		return cmp.Or(a.first.Compare(b.first), bytes.Compare(a.head, b.head), cmp.Compare(a.path, b.path))
	})
	return files, gaps, nil
}

// look reads how a file begins.
func (e *exports) look(ctx context.Context, path string) (file, error) {
	f := file{path: path}
	t, err := e.open(ctx, path)
	if err != nil {
		return f, err
	}
	defer t.close()
	f.modified, f.workbook = t.modified, t.workbook
	if f.workbook {
		if t.size > workbookLimit {
			return f, errTooLarge
		}
		sum := sha256.New()
		if _, err := io.Copy(sum, t); err != nil {
			return f, err
		}
		f.head = sum.Sum(nil)
		return f, nil
	}
	head, err := t.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) && len(head) == 0 {
		return f, err
	}
	f.head = bytes.Clone(head)
	if rows, err := e.table(f, t); err == nil {
		if r, err := rows.next(); err == nil {
			f.first = rows.at(r)
		}
	}
	return f, nil
}

// mark is how a file is found again.
type mark struct {
	Name string
	Size int // of the head when it was marked; a young file grows
	Sum  []byte
}

func (f file) mark() mark {
	sum := sha256.Sum256(f.head)
	return mark{Name: f.name(), Size: len(f.head), Sum: sum[:]}
}

func (f file) is(m mark) bool {
	if len(f.head) < m.Size {
		return false
	}
	sum := sha256.Sum256(f.head[:m.Size])
	return bytes.Equal(sum[:], m.Sum)
}

// find gives the file of a mark; of several that begin alike the one that has
// the name still.
func find(files []file, m mark) int {
	i := slices.IndexFunc(files, func(f file) bool { return f.name() == m.Name && f.is(m) })
	if i < 0 {
		i = slices.IndexFunc(files, func(f file) bool { return f.is(m) })
	}
	return i
}

// text is an open file, unpacked if it is packed by gzip.
type text struct {
	*bufio.Reader
	f        *os.File
	size     int64
	modified time.Time
	workbook bool
}

func (t *text) close() { t.f.Close() }

func (e *exports) open(ctx context.Context, path string) (*text, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := in.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("no regular file")
	}
	if err != nil {
		in.Close()
		return nil, err
	}
	t := &text{f: in, size: info.Size(), modified: info.ModTime()}
	t.Reader = bufio.NewReaderSize(patient{ctx, in, e.reads}, ahead)
	magic, _ := t.Peek(4)
	t.workbook = bytes.HasPrefix(magic, []byte("PK\x03\x04")) || bytes.HasPrefix(magic, []byte("\xd0\xcf\x11\xe0"))
	if !bytes.HasPrefix(magic, []byte{0x1f, 0x8b}) {
		return t, nil
	}
	unpacked, err := gzip.NewReader(t.Reader)
	if err != nil {
		in.Close()
		return nil, err
	}
	t.Reader = bufio.NewReaderSize(unpacked, ahead)
	return t, nil
}

// patient reads as long as its context lasts.
type patient struct {
	ctx context.Context
	io.Reader
	reads *atomic.Int64
}

func (p patient) Read(b []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	if p.reads != nil {
		p.reads.Add(1)
	}
	return p.Reader.Read(b)
}
