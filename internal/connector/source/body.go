package source

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync"

	"einsicht/internal/connector"
)

// reading watches the files of one finding: an error of theirs is the system's, also
// where whoever asked hands it back.
type reading struct {
	mu   sync.Mutex
	over bool
	err  error
}

// of gives the finding with its files watched.
func (r *reading) of(f connector.Finding) connector.Finding {
	if !slices.ContainsFunc(f.Fields, openable) {
		return f
	}
	f.Fields = slices.Clone(f.Fields)
	for i, field := range f.Fields {
		if openable(field) {
			body := *field.Body
			body.Open = func(ctx context.Context) (io.ReadCloser, error) { return r.open(ctx, *field.Body) }
			f.Fields[i].Body = &body
		}
	}
	return f
}

func openable(f connector.Field) bool { return f.Body != nil && f.Body.Open != nil }

// errOver: whoever asked kept what can be read only while the finding is given.
var errOver = errors.New("the finding was given: its files can't be opened any more")

func (r *reading) open(ctx context.Context, b connector.Body) (io.ReadCloser, error) {
	r.mu.Lock()
	over := r.over
	r.mu.Unlock()
	if over {
		return nil, errOver
	}
	in, err := b.Open(ctx)
	if err != nil {
		return nil, r.hear(err)
	}
	return &watchedFile{in, r}, nil
}

func (r *reading) hear(err error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.err = err
	}
	return err
}

// end says whether an error of whoever asked is one of a file.
func (r *reading) end(err error) (theirs bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.over = true
	return err != nil && r.err != nil && errors.Is(err, r.err)
}

type watchedFile struct {
	io.ReadCloser
	r *reading
}

func (f *watchedFile) Read(p []byte) (int, error) {
	n, err := f.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = f.r.hear(err)
	}
	return n, err
}
