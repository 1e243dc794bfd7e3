package delivery

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/ledger"
	"einsicht/internal/letter"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
)

// DraftAnswer is the answer as it would leave now, for looking at, with what it still
// lacks in sentences for staff. A right that is examined to its end and not yet
// decided stands in it as it would be decided; while one is open there is no
// answer to look at (problem.Conflict). That somebody looked is a ledger entry.
func (s *Delivery) DraftAnswer(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, now time.Time) (letter.Letter, []string, error) {
	err := s.Recorded(ctx, actor, casefile.ActionOpenCase, caseID, func(ctx context.Context, c casefile.Case) error {
		return s.Ledger.Record(ctx, ledger.Opened, c.ID, actor, map[string]string{"answer": "draft"}, now)
	})
	if err != nil {
		return letter.Letter{}, nil, err
	}
	a, err := s.compile(ctx, actor.Authority, caseID, now, func(m procedure.Matter) error { return composed(m, actor.ID) })
	if err != nil {
		return letter.Letter{}, nil, err
	}
	l, err := letter.Answer(a.input)
	return l, letter.Missing(l), err
}

// composed decides what is examined, in what was read and nowhere else.
func composed(m procedure.Matter, by uuid.UUID) error {
	for i, r := range m.Rights {
		if r.Outcome != casefile.Undecided {
			continue
		}
		x := m.Examine(r.Right)
		text := m.Texts[r.Right]
		text.Limits = x.Limits
		m.Texts[r.Right] = text
		m.Rights[i].Outcome, m.Rights[i].DecidedBy = x.Outcome, by
	}
	if slices.ContainsFunc(m.Rights, func(r casefile.Right) bool { return r.Outcome == casefile.Undecided }) {
		return problem.New(problem.Conflict, "correspondence.answer.open")
	}
	return nil
}
