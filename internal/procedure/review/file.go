package review

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/ledger"
	"einsicht/internal/person"
	"einsicht/internal/problem"
)

// File is a file of a finding. Who has it writes it out once.
type File struct {
	Name    person.Text
	Size    int64 // in bytes
	Content io.ReadCloser
}

// WriteTo writes the content, whatever its size.
func (f *File) WriteTo(w io.Writer) (n int64, err error) {
	defer func() { err = errors.Join(err, f.Content.Close()) }()
	if n, err = io.Copy(w, f.Content); err != nil {
		return n, fmt.Errorf("write a file out: %w", err)
	}
	return n, nil
}

// File opens a file of a finding, so that staff see what they decide about: what a
// unit handed in, or what was attached to a mail; n counts from 0. That it was
// opened is a ledger entry.
func (s *Review) File(ctx context.Context, actor casefile.Actor, caseID, finding uuid.UUID, n int, now time.Time) (*File, error) {
	var file *File
	err := s.Recorded(ctx, actor, casefile.ActionOpenCase, caseID, func(ctx context.Context, c casefile.Case) error {
		row, err := s.Findings.Finding(ctx, caseID, finding)
		if err != nil {
			return err
		}
		record, err := s.Finding(ctx, c, row)
		if err != nil {
			return err
		}
		files := record.Files()
		if n < 0 || n >= len(files) {
			return problem.NotFound
		}
		if err := s.Ledger.Record(ctx, ledger.Opened, caseID, actor, map[string]string{"finding": finding.String()}, now); err != nil {
			return err
		}
		content, err := s.OpenFile(ctx, c, finding, files[n].Field)
		if err != nil {
			return problem.New(problem.NotFound, "problem.notfound").Because(err)
		}
		file = &File{Name: files[n].Name, Size: files[n].Field.Body.Size, Content: content}
		return nil
	})
	if err != nil && file != nil {
		err = errors.Join(err, file.Content.Close())
	}
	return file, err
}
