package fulfilment

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
)

// restarter lets jobs that wait for their next attempt begin anew, in the transaction
// of what they follow from.
type restarter interface {
	Restart(ctx context.Context, authority, object uuid.UUID, job casefile.Job) error
}

// tried are the jobs on one system, with the states of the measures that wait for them.
var tried = map[casefile.Job][]casefile.MeasureState{
	casefile.JobRehearse: {casefile.Rehearsing},
	casefile.JobChange:   {casefile.Planned, casefile.Acting},
}

// resting is the code of a question that was not put, since the system did not answer
// others lately.
const resting = "resting"

// Stumbled notes for staff why an attempt on a system was in vain, and when the next
// follows. attempt counts from 1. Which attempt is the last the caller knows: after
// that nothing is tried, and measures ask.
func (s *Fulfilment) Stumbled(ctx context.Context, authority, inquiry uuid.UUID, job casefile.Job, attempt int, cause error, now time.Time) error {
	return s.Units.InTx(ctx, authority, func(ctx context.Context) error {
		q, err := s.Findings.Inquiry(ctx, inquiry)
		if err != nil {
			return err
		}
		c, err := s.Cases.Lock(ctx, q.Case)
		if err != nil {
			return err
		}
		return s.noteTries(ctx, c, inquiry, job, func(t casefile.Tries) casefile.Tries {
			before := t.Trouble
			if attempt <= 1 && t.Count > 0 || t.Since.IsZero() {
				t.Since = now // those before belong to another job
			}
			t.Count, t.Trouble = attempt, casefile.TroubleOf(cause, now)
			if t.Trouble.Code == resting {
				t.Trouble.Place, t.Trouble.Code = before.Place, before.Code
			}
			if attempt <= len(casefile.Pauses) {
				t.Trouble.Next = now.Add(casefile.Pauses[max(attempt, 1)-1])
			}
			return t
		})
	})
}

// TryNow lets what waits for a system be tried at once and, if that is in vain, as
// often again as at first: somebody knows that it is back.
func (s *Fulfilment) TryNow(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, system string, now time.Time) error {
	return s.Locked(ctx, actor, casefile.ActionPlan, caseID, func(ctx context.Context, c *casefile.Case) error {
		measures, err := s.Plans.Measures(ctx, caseID)
		if err != nil {
			return err
		}
		waits, err := s.waits(ctx, *c, measures)
		if err != nil {
			return err
		}
		inquiries, err := s.Findings.Inquiries(ctx, caseID)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(inquiries, func(q casefile.Inquiry) bool { return q.System == system })
		if len(waits[system]) == 0 || i < 0 {
			return problem.New(problem.Conflict, "plan.error.not_waiting")
		}
		for _, job := range slices.Sorted(maps.Keys(waits[system])) {
			if err := s.Jobs.Restart(ctx, c.Authority, inquiries[i].ID, job); err != nil {
				return err
			}
			err := s.noteTries(ctx, *c, inquiries[i].ID, job, func(t casefile.Tries) casefile.Tries {
				t.Count, t.Trouble.Next = 0, now
				return t
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// waits gives, by system, the attempts in vain for which some of the measures wait.
func (s *Fulfilment) waits(ctx context.Context, c casefile.Case, measures []casefile.Measure) (map[string]map[casefile.Job]casefile.Tries, error) {
	running, err := s.running(ctx, c)
	if err != nil {
		return nil, err
	}
	wanting := func(system string, job casefile.Job) bool {
		return slices.ContainsFunc(measures, func(m casefile.Measure) bool {
			return m.System == system && slices.Contains(tried[job], m.State) && (job == casefile.JobRehearse || running[m.Plan].ID != uuid.Nil)
		})
	}
	inquiries, err := s.Findings.Inquiries(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	all := map[string]map[casefile.Job]casefile.Tries{}
	for _, q := range inquiries {
		if !wanting(q.System, casefile.JobRehearse) && !wanting(q.System, casefile.JobChange) {
			continue
		}
		text, err := s.InquiryText(ctx, c, q)
		if err != nil {
			return nil, err
		}
		maps.DeleteFunc(text.Tries, func(job casefile.Job, _ casefile.Tries) bool { return !wanting(q.System, job) })
		if len(text.Tries) > 0 {
			all[q.System] = text.Tries
		}
	}
	return all, nil
}

// forgetTries drops what was noted of attempts in vain, once the system answered or
// staff are asked. The caller holds the case's lock.
func (s *Fulfilment) forgetTries(ctx context.Context, c casefile.Case, inquiry uuid.UUID, job casefile.Job) error {
	return s.noteTries(ctx, c, inquiry, job, func(casefile.Tries) casefile.Tries { return casefile.Tries{} })
}

func (s *Fulfilment) noteTries(ctx context.Context, c casefile.Case, inquiry uuid.UUID, job casefile.Job, change func(casefile.Tries) casefile.Tries) error {
	q, err := s.Findings.Inquiry(ctx, inquiry)
	if err != nil {
		return err
	}
	text, err := s.InquiryText(ctx, c, q)
	if err != nil {
		return err
	}
	before := text.Tries[job]
	after := change(before)
	switch {
	case after == before:
		return nil
	case after.Since.IsZero():
		delete(text.Tries, job)
	case text.Tries == nil:
		text.Tries = map[casefile.Job]casefile.Tries{job: after}
	default:
		text.Tries[job] = after
	}
	if q.Sealed, err = s.Seal(ctx, procedure.SlotOf(c, "inquiry", "sealed", q.ID), text); err != nil {
		return err
	}
	return s.Findings.PutInquiries(ctx, []casefile.Inquiry{q})
}
