package weblog

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
	"time"

	"einsicht/internal/connector"
)

// file is one log file as it was found. Rotation renames and compresses files,
// so a file is known by how its text begins, never by its name.
type file struct {
	path  string
	head  []byte // the first headSize bytes of its text, or fewer
	first time.Time
	plain bool
	size  int64
}

const headSize = 4096

// list finds the files, the oldest first, each text once. A file that can't be
// read is a gap; no file at all is more likely a folder that is not there than
// a server that nobody ever visited.
func (l *logs) list() ([]file, []connector.Gap, error) {
	var files []file
	var gaps []connector.Gap
	seen := map[string]bool{}
	for _, pattern := range l.mapping.Files {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			return nil, nil, connector.Fail(connector.ErrConfig, "weblog.files", "", nil)
		}
		for _, path := range paths {
			if seen[path] {
				continue
			}
			seen[path] = true
			switch f, err := look(path); {
			case err == nil && len(f.head) > 0:
				files = append(files, f)
			case errors.Is(err, os.ErrNotExist): // rotated away this moment
			case err != nil:
				gaps = append(gaps, connector.Gap{Place: filepath.Base(path), Reason: "connector.gap.unreadable", Count: 1})
			}
		}
	}
	if len(seen) == 0 {
		return nil, nil, connector.Fail(connector.ErrUnreachable, "weblog.files", "no file", nil)
	}
	if len(files) == 0 && len(gaps) > 0 {
		return nil, nil, connector.Fail(connector.ErrUnreachable, "weblog.files", "no file can be read", nil)
	}
	slices.SortFunc(files, func(a, b file) int {
		return cmp.Or(a.first.Compare(b.first), bytes.Compare(a.head, b.head), cmp.Compare(b.size, a.size))
	})
	return once(files), gaps, nil
}

// once leaves out copies: while a log is compressed, it lies there twice.
func once(files []file) []file {
	var kept []file
	for _, f := range files {
		i := slices.IndexFunc(kept, func(k file) bool {
			n := min(len(k.head), len(f.head))
			return bytes.Equal(k.head[:n], f.head[:n])
		})
		switch {
		case i < 0:
			kept = append(kept, f)
		case f.plain && !kept[i].plain, f.plain == kept[i].plain && f.size > kept[i].size:
			kept[i] = f
		}
	}
	return kept
}

func look(path string) (file, error) {
	f := file{path: path}
	r, err := f.open(context.Background())
	if err != nil {
		return f, err
	}
	defer r.Close()
	f.plain, f.size = r.plain, r.size
	head := make([]byte, headSize)
	n, err := io.ReadFull(r, head)
	if err != nil && n == 0 && !errors.Is(err, io.EOF) {
		return f, err
	}
	f.head = head[:n]
	for raw := range bytes.Lines(f.head) {
		var one line
		if _, ok := one.head(raw); ok {
			if at, ok := one.time(); ok {
				f.first = at
				break
			}
		}
	}
	return f, nil
}

// mark is how a file is found again.
type mark struct {
	First time.Time
	Size  int // of the head when it was marked; a young file grows
	Sum   []byte
}

func (f file) mark() mark {
	sum := sha256.Sum256(f.head)
	return mark{First: f.first, Size: len(f.head), Sum: sum[:]}
}

func (f file) is(m mark) bool {
	if len(f.head) < m.Size {
		return false
	}
	sum := sha256.Sum256(f.head[:m.Size])
	return bytes.Equal(sum[:], m.Sum)
}

// text is the text of a file; it reads no further once nobody waits.
type text struct {
	*bufio.Reader
	f     *os.File
	plain bool
	size  int64
}

func (t *text) Close() error { return t.f.Close() }

// lineLimit bounds the memory: a longer line is a broken one.
const lineLimit = 256 << 10

func (f file) open(ctx context.Context) (*text, error) {
	in, err := os.Open(f.path)
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
	t := &text{f: in, size: info.Size(), plain: true}
	raw := bufio.NewReaderSize(patient{ctx, in}, lineLimit)
	if magic, _ := raw.Peek(2); !bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		t.Reader = raw
		return t, nil
	}
	unzipped, err := gzip.NewReader(raw)
	if err != nil {
		in.Close()
		return nil, err
	}
	t.plain = false
	t.Reader = bufio.NewReaderSize(unzipped, lineLimit)
	return t, nil
}

// patient reads as long as its context lasts.
type patient struct {
	ctx context.Context
	io.Reader
}

func (p patient) Read(b []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	return p.Reader.Read(b)
}
