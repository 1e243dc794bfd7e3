package gathering

import (
	"context"
	"crypto/sha1"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/ledger"
	"einsicht/internal/person"
)

// When a unit is reminded that searches a system by hand, and when its silence
// ends. The month of Art. 12(3) GDPR is the controller's, whichever of its units
// is slow.
const (
	// A week is what a search on paper may take without anybody asking.
	remindAfter = 7 * 24 * time.Hour
	// A week before the warning date lists turn yellow (oversight.LightOf).
	remindBefore = 7
	// Three days are left to decide without that unit, and to release.
	endBefore = 3
	// A unit that was asked late has ten days all the same.
	endAfter = 10 * 24 * time.Hour
)

// patienceWithUnit says when the unit that was asked is to be reminded, and from
// when on its silence counts as no answer; zero where nothing is due, since the
// clock rests.
func patienceWithUnit(asked time.Time, warn calendar.Date) (reminders []time.Time, end time.Time) {
	reminders = []time.Time{asked.Add(remindAfter)}
	if warn.IsZero() {
		return reminders, time.Time{}
	}
	if end = warn.AddDays(-endBefore).Time(); end.Before(asked.Add(endAfter)) {
		end = asked.Add(endAfter)
	}
	if second := warn.AddDays(-remindBefore).Time(); second.After(reminders[0]) {
		reminders = append(reminders, second)
	}
	return reminders, end
}

// remindUnits looks after the systems of an authority that people search.
func (s *Gathering) remindUnits(ctx context.Context, authority uuid.UUID, now time.Time) error {
	var cases []casefile.Case
	err := s.Units.View(ctx, authority, func(ctx context.Context) error {
		all, err := s.Cases.InState(ctx, casefile.Gathering)
		if err != nil {
			return err
		}
		for _, c := range all {
			// Looked at without the lock first: hardly any case is due.
			if due, err := s.unitsDue(ctx, c, now); err != nil {
				return err
			} else if len(due) > 0 {
				cases = append(cases, c)
			}
		}
		return nil
	})
	errs := []error{err}
	for _, c := range cases {
		// One case that fails keeps no other from its unit.
		if err := s.remindUnitsOf(ctx, c, now); err != nil {
			errs = append(errs, fmt.Errorf("case %s: %w", c.ID, err))
		}
	}
	return errors.Join(errs...)
}

// dueUnit is a system whose unit is to be reminded or is no longer waited for.
type dueUnit struct {
	inquiry casefile.Inquiry
	task    casefile.Task
	over    bool
}

func (s *Gathering) unitsDue(ctx context.Context, c casefile.Case, now time.Time) ([]dueUnit, error) {
	asked, err := s.bySystem(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	tasks, err := s.Findings.Tasks(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	var all []dueUnit
	for _, t := range tasks {
		q := asked[t.System]
		if t.Kind != casefile.TaskSearch || !t.DoneAt.IsZero() || q.State != casefile.WithUnit {
			continue
		}
		reminders, end := patienceWithUnit(q.AskedAt, c.Warn)
		u := dueUnit{inquiry: q, task: t, over: !end.IsZero() && !now.Before(end)}
		remind := false
		for _, at := range reminders {
			remind = remind || !now.Before(at) && t.Reminded.Before(at)
		}
		if u.over || remind {
			all = append(all, u)
		}
	}
	return all, nil
}

// remindUnitsOf does what is due in one case, and all of it or nothing.
func (s *Gathering) remindUnitsOf(ctx context.Context, seen casefile.Case, now time.Time) error {
	system := casefile.Actor{Role: casefile.System, Authority: seen.Authority}
	return s.Locked(ctx, system, casefile.ActionRunJob, seen.ID, func(ctx context.Context, c *casefile.Case) error {
		if c.State != casefile.Gathering {
			return nil
		}
		due, err := s.unitsDue(ctx, *c, now)
		if err != nil {
			return err
		}
		reminded := false
		for _, u := range due {
			if u.over {
				err = s.silent(ctx, *c, u, now)
			} else {
				reminded = true
				err = errors.Join(s.Findings.RemindTask(ctx, u.task.ID, now),
					s.Ledger.Record(ctx, ledger.TaskReminded, c.ID, system, map[string]string{"system": u.task.System}, now))
			}
			if err != nil {
				return err
			}
		}
		if reminded {
			if err := s.Queue.Enqueue(ctx, c.Authority, c.ID, casefile.JobRemind); err != nil {
				return err
			}
		}
		return s.settle(ctx, c, now)
	})
}

// silent ends the waiting for a unit: its system has not answered. What it holds
// nobody makes up; staff get a task, and an answer that comes later still counts.
func (s *Gathering) silent(ctx context.Context, c casefile.Case, u dueUnit, now time.Time) error {
	u.inquiry.State = casefile.Failed
	if err := s.gaveUp(ctx, c, u.inquiry, casefile.Silent, now); err != nil {
		return err
	}
	if err := s.Findings.FinishTask(ctx, c.ID, casefile.TaskSearch, u.task.System, uuid.Nil, now); err != nil {
		return err
	}
	repair := casefile.Task{ID: uuid.New(), Case: c.ID, Kind: casefile.TaskRepair, System: u.task.System, CreatedAt: now, DueOn: c.Warn}
	if err := s.Findings.PutTasks(ctx, []casefile.Task{repair}); err != nil {
		return err
	}
	actor := casefile.Actor{Role: casefile.System, Authority: c.Authority}
	return s.Ledger.Record(ctx, ledger.SystemFailed, c.ID, actor, map[string]string{"system": u.task.System, "reason": "unit silent"}, now)
}

// Reminder is a mail to an office of the authority. It says that a task waits, not
// which, and not in whose case.
type Reminder struct {
	Ref       uuid.UUID // sent twice under the same reference it is one mail
	Authority string
	To        person.Text
}

// Remind is the job that sends it: one a day for all units, to the address that
// the authority names for itself. Without one the list of tasks must do.
func (s *Gathering) Remind(ctx context.Context, authority casefile.Authority, now time.Time) error {
	r := Reminder{Authority: authority.Name, Ref: uuid.NewHash(sha1.New(), authority.ID, []byte("tasks "+calendar.DateOf(now).String()), 5)}
	err := s.Units.View(ctx, authority.ID, func(ctx context.Context) error {
		_, inv, err := s.Inventories.Current(ctx)
		r.To = person.NewText(inv.Authority.Contact.Email)
		return err
	})
	if err != nil || r.To.IsZero() {
		return err
	}
	return s.Mail.SendReminder(ctx, r)
}
