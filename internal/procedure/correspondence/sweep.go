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
	"einsicht/internal/law/silence"
	"einsicht/internal/letter"
	"einsicht/internal/person"
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
		cases, err = s.Cases.InState(ctx, casefile.Received, casefile.Gathering, casefile.Review, casefile.Proposed, casefile.Fulfilling,
			casefile.Released, casefile.Ready, casefile.Delivered, casefile.Undelivered, casefile.Unidentified)
		if err != nil {
			return err
		}
		cases, err = s.withRestricted(ctx, cases)
		return err
	})
	if err != nil {
		return err
	}
	var errs []error
	for _, c := range cases {
		if c.State == casefile.Unidentified && !c.ClosedAt.IsZero() && !now.Before(c.ClosedAt.Add(owed)) {
			continue
		}
		// One case that fails keeps no other from its letter.
		if err := errors.Join(s.sweepOne(ctx, authority, c, now), s.unfetched(ctx, authority, c.ID, now)); err != nil {
			errs = append(errs, fmt.Errorf("case %s: %w", c.ID, err))
		}
	}
	return errors.Join(errs...)
}

// withRestricted adds cases that are over and in which data are restricted: the letter
// that comes before the end of that may be one that nobody fetched (Art. 18(3) GDPR).
func (s *Correspondence) withRestricted(ctx context.Context, cases []casefile.Case) ([]casefile.Case, error) {
	ids, err := s.Plans.Restricted(ctx)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		c, err := s.Cases.Case(ctx, id)
		if err != nil {
			return nil, err
		}
		if c.State == casefile.Closed || c.State == casefile.Withdrawn {
			cases = append(cases, c)
		}
	}
	return cases, nil
}

func (s *Correspondence) sweepOne(ctx context.Context, authority casefile.Authority, c casefile.Case, now time.Time) error {
	switch {
	case c.State == casefile.Unidentified:
		return s.writeClosing(ctx, authority, c.ID, now)
	case c.State.Answered(), c.RestsSince.IsZero():
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
	return s.once(ctx, authority, caseID, reminderOf(q), now, func(ctx context.Context, c casefile.Case) (sheet, bool, error) {
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
		request, err := s.Request(ctx, c)
		if err != nil {
			return sheet{}, false, err
		}
		note, today := casefile.NoteReminded, calendar.DateOf(now)
		if procedure.WayTo(request) == casefile.ByPost {
			note = casefile.NoteLetter // reminded is who was posted something
		}
		system := casefile.Actor{Role: casefile.System, Authority: c.Authority}
		said := casefile.HappeningText{ForPerson: text.ForPerson, Ref: derived(caseID, reminderOf(q))}
		if err := s.Note(ctx, c, note, today, system, said, now); err != nil {
			return sheet{}, false, err
		}
		q.Reminded = today
		return sheet{
			kind: letter.KindReminder, about: askedIn[q.About], words: map[string]person.Text{"question": text.ForPerson}, by: q.Asked.Actor,
			values: map[string]string{"asked": q.On.String(), "until": q.Wait(authority.Land).GoOnFrom.AddDays(-1).String()},
		}, true, nil
	})
}

// askedIn says by which letter a question goes.
var askedIn = map[silence.Asked]letter.Kind{silence.Identity: letter.KindIdentity, silence.Clarification: letter.KindClarification}

func reminderOf(q procedure.Question) string { return "letter reminder " + q.Asked.ID.String() }

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

// unfetched lets staff post what refuses a request and nobody fetched in time: it
// is not notified, § 41(2a) sentence 4 VwVfG.
func (s *Correspondence) unfetched(ctx context.Context, authority casefile.Authority, caseID uuid.UUID, now time.Time) error {
	lapsed := func(ctx context.Context, c casefile.Case) (bool, error) {
		all, err := s.letters(ctx, c)
		return slices.ContainsFunc(all, func(w Written) bool { return !w.Waits() && w.ToPost(calendar.DateOf(now)) }), err
	}
	found := false
	err := s.Units.View(ctx, authority.ID, func(ctx context.Context) error {
		c, err := s.Cases.Case(ctx, caseID)
		if err != nil {
			return err
		}
		found, err = lapsed(ctx, c)
		return err
	})
	if err != nil || !found {
		return err
	}
	system := casefile.Actor{Role: casefile.System, Authority: authority.ID}
	return s.Locked(ctx, system, casefile.ActionRunJob, caseID, func(ctx context.Context, c *casefile.Case) error {
		if still, err := lapsed(ctx, *c); err != nil || !still {
			return err
		}
		return s.postLater(ctx, *c, now)
	})
}
