package review

import (
	"context"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/person"
	"einsicht/internal/procedure"
)

// Propose hands the case to a second person.
func (s *Review) Propose(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, note person.Text, now time.Time) error {
	return s.move(ctx, actor, casefile.ActionPropose, caseID, casefile.Propose, note, now)
}

// Return sends the case back to who worked it, with a note.
func (s *Review) Return(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, note person.Text, now time.Time) error {
	return s.move(ctx, actor, casefile.ActionReturn, caseID, casefile.Return, note, now)
}

// Release lets the answer out; the package is built next. It is refused to
// everyone who decided anything of the case.
func (s *Review) Release(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, now time.Time) error {
	return s.move(ctx, actor, casefile.ActionRelease, caseID, casefile.Release, person.Text{}, now)
}

// GiveUp ends a case in which identity was never settled (Art. 11(2), 12(2)
// GDPR), with the reasons for the file and for the person; what was gathered is
// shredded. It waits for an answer to a question and to a reminder.
func (s *Review) GiveUp(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, forFile, forPerson person.Text, now time.Time) error {
	if forFile.IsBlank() {
		return procedure.Incomplete("reasons", "desk.error.for_file")
	}
	if forPerson.IsBlank() {
		return procedure.Incomplete("for_person", "desk.error.for_person")
	}
	return s.Locked(ctx, actor, casefile.ActionDecide, caseID, func(ctx context.Context, c *casefile.Case) error {
		if err := s.MayEnd(ctx, *c, now); err != nil {
			return err
		}
		return s.Move(ctx, c, casefile.GiveUp, actor, casefile.HappeningText{ForFile: forFile, ForPerson: forPerson}, now)
	})
}

func (s *Review) move(ctx context.Context, actor casefile.Actor, action casefile.Action, caseID uuid.UUID, event casefile.Event, note person.Text, now time.Time) error {
	return s.Locked(ctx, actor, action, caseID, func(ctx context.Context, c *casefile.Case) error {
		return s.Move(ctx, c, event, actor, casefile.HappeningText{ForFile: note}, now)
	})
}
