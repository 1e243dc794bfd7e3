package correspondence

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/letter"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
)

// owed is how long after its end a case is looked at for a closing letter that a
// job failed to write.
const owed = 30 * 24 * time.Hour

// Sweep reminds who did not answer a question and, when that stays without an
// answer too, gives staff the task to go on; nothing ends by itself. It looks at
// one authority.
func (s *Correspondence) Sweep(ctx context.Context, authority casefile.Authority, now time.Time) error {
	var cases []casefile.Case
	err := s.Units.View(ctx, authority.ID, func(ctx context.Context) error {
		var err error
		cases, err = s.Cases.InState(ctx, casefile.Received, casefile.Gathering, casefile.Review, casefile.Proposed, casefile.Unidentified)
		return err
	})
	if err != nil {
		return err
	}
	var errs []error
	for _, c := range cases {
		// One case that fails keeps no other from its letter.
		if err := s.sweepOne(ctx, authority, c, now); err != nil {
			errs = append(errs, fmt.Errorf("case %s: %w", c.ID, err))
		}
	}
	return errors.Join(errs...)
}

func (s *Correspondence) sweepOne(ctx context.Context, authority casefile.Authority, c casefile.Case, now time.Time) error {
	switch {
	case c.State == casefile.Unidentified && (c.ClosedAt.IsZero() || now.Before(c.ClosedAt.Add(owed))):
		return errors.Join(s.writeClosing(ctx, authority, c.ID, now), s.unfetched(ctx, authority, c.ID, now))
	case c.State == casefile.Unidentified, c.RestsSince.IsZero():
		return nil
	}
	// Looked at without the lock first: hardly any case is due.
	var q procedure.Question
	err := s.Units.View(ctx, authority.ID, func(ctx context.Context) error {
		history, err := s.Cases.History(ctx, c.ID)
		q, _ = procedure.Unanswered(history)
		return err
	})
	today, wait := calendar.DateOf(now), q.Wait(authority.Land)
	switch {
	case err != nil || q.On.IsZero():
		return err
	case q.Reminded.IsZero() && today.After(wait.RemindOn):
		return s.remind(ctx, authority, c.ID, q, now)
	case !q.Reminded.IsZero() && !today.Before(wait.GoOnFrom):
		return s.silent(ctx, authority, c.ID, q, now)
	}
	return nil
}

// remind repeats a question, once, in the name of who asked it.
func (s *Correspondence) remind(ctx context.Context, authority casefile.Authority, caseID uuid.UUID, q procedure.Question, now time.Time) error {
	return s.once(ctx, authority, caseID, "letter reminder "+q.Asked.ID.String(), now, func(ctx context.Context, c casefile.Case) (sheet, bool, error) {
		history, err := s.Cases.History(ctx, c.ID)
		if err != nil {
			return sheet{}, false, err
		}
		if still, open := procedure.Unanswered(history); !open || still.Asked.ID != q.Asked.ID || c.State.Answered() {
			return sheet{}, false, nil // answered meanwhile
		}
		text, err := s.HappeningText(ctx, c, q.Asked)
		if err != nil {
			return sheet{}, false, err
		}
		today := calendar.DateOf(now)
		system := casefile.Actor{Role: casefile.System, Authority: c.Authority}
		if err := s.Note(ctx, c, casefile.NoteReminded, today, system, casefile.HappeningText{ForPerson: text.ForPerson}, now); err != nil {
			return sheet{}, false, err
		}
		q.Reminded = today
		return sheet{
			kind: letter.KindReminder, words: map[string]person.Text{"question": text.ForPerson}, by: q.Asked.Actor,
			values: map[string]string{"asked": q.On.String(), "until": q.Wait(authority.Land).GoOnFrom.AddDays(-1).String()},
		}, true, nil
	})
}

// silent tells staff that nobody answered. A task that they have done since the
// question stays done.
func (s *Correspondence) silent(ctx context.Context, authority casefile.Authority, caseID uuid.UUID, q procedure.Question, now time.Time) error {
	system := casefile.Actor{Role: casefile.System, Authority: authority.ID}
	return s.Locked(ctx, system, casefile.ActionRunJob, caseID, func(ctx context.Context, c *casefile.Case) error {
		tasks, err := s.Findings.Tasks(ctx, caseID)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(tasks, func(t casefile.Task) bool {
			return t.Kind == casefile.TaskSilence && (t.DoneAt.IsZero() || t.DoneAt.After(q.Asked.At))
		}) {
			return nil
		}
		task := casefile.Task{ID: uuid.New(), Case: caseID, Kind: casefile.TaskSilence, CreatedAt: now, DueOn: calendar.DateOf(now)}
		return s.Findings.PutTasks(ctx, []casefile.Task{task})
	})
}

// unfetched lets staff post a closing letter that nobody fetched in time: it
// refuses the request, and is not notified, § 41(2a) sentence 4 VwVfG.
func (s *Correspondence) unfetched(ctx context.Context, authority casefile.Authority, caseID uuid.UUID, now time.Time) error {
	system := casefile.Actor{Role: casefile.System, Authority: authority.ID}
	return s.Locked(ctx, system, casefile.ActionRunJob, caseID, func(ctx context.Context, c *casefile.Case) error {
		l, err := s.House.Letters.Letter(ctx, derived(caseID, "letter closing"))
		if errors.Is(err, problem.NotFound) {
			return nil
		}
		if err != nil || !(Written{Letter: l}).Lapsed(calendar.DateOf(now)) {
			return err
		}
		return s.postLater(ctx, *c, now)
	})
}
