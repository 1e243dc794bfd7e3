package oversight

import (
	"context"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
)

// Tasks reads the open tasks of an authority, with the file numbers of their
// cases. It shows no name.
func (s *Oversight) Tasks(ctx context.Context, actor casefile.Actor) ([]casefile.Task, map[uuid.UUID]string, error) {
	if err := s.Permission.May(actor, casefile.ActionListCases, actor.Authority); err != nil {
		return nil, nil, err
	}
	var tasks []casefile.Task
	numbers := map[uuid.UUID]string{}
	err := s.Units.View(ctx, actor.Authority, func(ctx context.Context) error {
		var err error
		if tasks, err = s.Findings.Tasks(ctx, uuid.Nil); err != nil {
			return err
		}
		ids := []uuid.UUID{}
		for _, t := range tasks {
			ids = append(ids, t.Case)
		}
		cases, err := s.Cases.List(ctx, false, ids, len(ids)+1)
		for _, c := range cases {
			numbers[c.ID] = c.FileNumber
		}
		return err
	})
	return tasks, numbers, err
}
