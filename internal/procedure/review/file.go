package review

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/ledger"
	"einsicht/internal/person"
	"einsicht/internal/problem"
)

// File opens a file of a finding, so that staff see what they decide about: what a
// unit handed in, or what was attached to a mail; n counts from 0. That it was
// opened is a ledger entry.
func (s *Review) File(ctx context.Context, actor casefile.Actor, caseID, finding uuid.UUID, n int, now time.Time) (name person.Text, content []byte, err error) {
	err = s.Recorded(ctx, actor, casefile.ActionOpenCase, caseID, func(ctx context.Context, c casefile.Case) error {
		rows, err := s.Findings.Findings(ctx, caseID)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(rows, func(f casefile.Finding) bool { return f.ID == finding })
		if i < 0 {
			return problem.NotFound
		}
		record, err := s.Finding(ctx, c, rows[i])
		if err != nil {
			return err
		}
		files := record.Files()
		if n < 0 || n >= len(files) {
			return problem.NotFound
		}
		name = files[n].Name
		if content, err = files[n].Content(); err != nil {
			return problem.New(problem.NotFound, "problem.notfound").Because(err)
		}
		return s.Ledger.Record(ctx, ledger.Opened, caseID, actor, map[string]string{"finding": finding.String()}, now)
	})
	return name, content, err
}
