package delivery

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"einsicht/internal/casefile"
	"einsicht/internal/export"
	"einsicht/internal/problem"
)

// takeout is the package to take along of a case, for handing it on as it is: the same
// bytes that the person gets.
type takeout struct {
	size   int64
	sha256 string // hexadecimal

	offset  int64
	c       casefile.Case
	pack    casefile.Package
	service *Delivery
}

// takeout finds the package to take along of a case, in a unit. There is none
// (problem.NotFound) where nothing can be taken along, before the answer is ready and
// after it is dropped.
func (s *Delivery) takeout(ctx context.Context, c casefile.Case, now time.Time) (*takeout, error) {
	p, err := s.provided(ctx, c, now)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(p.Text.Entries, func(e casefile.PackageEntry) bool { return e.Name == export.TakeoutName })
	if i < 0 {
		return nil, problem.New(problem.NotFound, "citizen.package.none")
	}
	e := p.Text.Entries[i]
	return &takeout{size: e.Size, sha256: e.SHA256, offset: e.Offset, c: c, pack: p.pack, service: s}, nil
}

// open reads the package from a byte on; the caller closes it. What is read is genuine,
// but only io.EOF says that it is whole.
func (t *takeout) open(ctx context.Context, from int64) (io.ReadCloser, error) {
	if from < 0 || from > t.size {
		return nil, errors.New("no such place in the package to take along")
	}
	plain, err := t.service.OpenBlob(ctx, blobSlot(t.c, t.pack))
	if err != nil {
		return nil, fmt.Errorf("open package %s: %w", t.pack.ID, err)
	}
	if _, err := io.CopyN(io.Discard, plain, t.offset+from); err != nil {
		return nil, errors.Join(fmt.Errorf("open package %s: %w", t.pack.ID, err), plain.Close())
	}
	return part{&exactly{plain, t.size - from}, plain}, nil
}

type part struct {
	io.Reader
	io.Closer
}

// exactly reads so many bytes; fewer are an error.
type exactly struct {
	r    io.Reader
	left int64
}

func (e *exactly) Read(p []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	n, err := e.r.Read(p[:min(int64(len(p)), e.left)])
	e.left -= int64(n)
	switch {
	case e.left == 0:
		return n, nil
	case errors.Is(err, io.EOF):
		return n, io.ErrUnexpectedEOF
	}
	return n, err
}
