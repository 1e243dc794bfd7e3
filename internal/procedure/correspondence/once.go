package correspondence

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/letter"
	"einsicht/internal/person"
	"einsicht/internal/problem"
)

// once writes a letter that the program itself owes the person, exactly once: its
// id follows from the case and what it is about, and the case is locked. write
// says what stands in it, or that there is no reason for it.
func (s *Correspondence) once(ctx context.Context, authority casefile.Authority, caseID uuid.UUID, what string, now time.Time, write func(context.Context, casefile.Case) (x sheet, due bool, err error)) error {
	id := derived(caseID, what)
	system := casefile.Actor{Role: casefile.System, Authority: authority.ID}
	return s.Locked(ctx, system, casefile.ActionRunJob, caseID, func(ctx context.Context, c *casefile.Case) error {
		if _, err := s.House.Letters.Letter(ctx, id); !errors.Is(err, problem.NotFound) {
			return err // written by an earlier run
		}
		x, due, err := write(ctx, *c)
		if err != nil || !due {
			return err
		}
		x.land = authority.Land
		return s.keep(ctx, *c, id, x, system, now)
	})
}

// writeClosing tells the person that the case ended because nobody knows whose
// data it is about (Art. 11(2), 12(2), 12(4) GDPR), with the reasons that staff
// gave for them.
func (s *Correspondence) writeClosing(ctx context.Context, authority casefile.Authority, caseID uuid.UUID, now time.Time) error {
	return s.once(ctx, authority, caseID, "letter closing", now, func(ctx context.Context, c casefile.Case) (sheet, bool, error) {
		if c.State != casefile.Unidentified {
			return sheet{}, false, nil
		}
		history, err := s.Cases.History(ctx, c.ID)
		if err != nil {
			return sheet{}, false, err
		}
		for _, h := range history {
			if h.Kind != string(casefile.GiveUp) {
				continue
			}
			text, err := s.HappeningText(ctx, c, h)
			if err != nil {
				return sheet{}, false, err
			}
			if err := s.Findings.FinishTask(ctx, c.ID, casefile.TaskSilence, "", h.Actor, now); err != nil {
				return sheet{}, false, err
			}
			return sheet{kind: letter.KindClosing, words: map[string]person.Text{"reasons": text.ForPerson}, by: h.Actor}, true, nil
		}
		return sheet{}, false, nil
	})
}
