package oversight

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
)

// Waiting is something that waits for one member of staff as the second person: an
// answer to be released, with or without a plan, or a plan beside the decision to be
// ordered.
type Waiting struct {
	Case  casefile.Case
	For   casefile.Event    // Release, or Order: something is carried out
	Plan  casefile.PlanKind // of what is ordered
	Until calendar.Date     // none while the clock rests, and of plans in a case that is answered
	Since time.Time         // when the first person was done
}

// Waiting lists what the actor may release or order now, the most urgent first. What
// somebody decided or planned never waits for them. It shows no name.
func (s *Oversight) Waiting(ctx context.Context, actor casefile.Actor, now time.Time) ([]Waiting, error) {
	all := []Waiting{}
	for _, a := range []casefile.Action{casefile.ActionListCases, casefile.ActionRelease} {
		if s.Permission.May(actor, a, actor.Authority) != nil {
			return all, nil
		}
	}
	var ids []uuid.UUID
	err := s.Units.View(ctx, actor.Authority, func(ctx context.Context) error {
		proposed, err := s.Cases.InState(ctx, casefile.Proposed)
		if err != nil {
			return err
		}
		for _, c := range proposed {
			if all, err = s.release(ctx, all, c, actor); err != nil {
				return err
			}
		}
		ids, err = s.Plans.Unordered(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		plans, err := s.beside(ctx, id, actor, now)
		if err != nil {
			return nil, err
		}
		all = append(all, plans...)
	}
	slices.SortStableFunc(all, func(a, b Waiting) int {
		return cmp.Or(a.urgency().Sub(b.urgency()), a.Since.Compare(b.Since), strings.Compare(a.Case.FileNumber, b.Case.FileNumber))
	})
	return all, nil
}

// urgency is the day by which it sorts, also where none runs.
func (w Waiting) urgency() calendar.Date {
	if w.Until.IsZero() {
		return w.Case.Sort
	}
	return w.Until
}

func (s *Oversight) release(ctx context.Context, all []Waiting, c casefile.Case, actor casefile.Actor) ([]Waiting, error) {
	deciders, err := s.Deciders(ctx, c)
	if err != nil || slices.Contains(deciders, actor.ID) {
		return all, err
	}
	w := Waiting{Case: c, For: casefile.Release, Until: c.Due}
	measures, err := s.Plans.Measures(ctx, c.ID)
	if err != nil {
		return all, err
	}
	beside, err := s.Plans.PlansBeside(ctx, c.ID)
	if err != nil {
		return all, err
	}
	for _, m := range measures {
		other := slices.ContainsFunc(beside, func(p casefile.Plan) bool { return p.ID == m.Plan })
		if !other && !m.State.Ended() {
			w.For, w.Plan = casefile.Order, casefile.PlanDecision
		}
	}
	history, err := s.Cases.History(ctx, c.ID)
	for _, e := range history {
		if e.Kind == string(casefile.Propose) {
			w.Since = e.At
		}
	}
	return append(all, w), err
}

// beside lists the plans of a case beside its decision that the actor may order. A case
// that can't be read hides no other; nobody could order anything in it.
func (s *Oversight) beside(ctx context.Context, id uuid.UUID, actor casefile.Actor, now time.Time) (all []Waiting, err error) {
	unreadable := false
	err = s.Units.View(ctx, actor.Authority, func(ctx context.Context) error {
		c, err := s.Cases.Case(ctx, id)
		if err != nil {
			return err
		}
		m, err := s.Planned(ctx, c)
		if err != nil {
			unreadable = true
			return err
		}
		history, err := s.Cases.History(ctx, id)
		if err != nil {
			return err
		}
		for _, b := range m.Beside {
			if b.Fixed() {
				continue
			}
			reasons, err := s.BesideReasons(ctx, c, history, b, actor, now)
			if err != nil {
				return err
			}
			if len(reasons) == 0 {
				all = append(all, ordered(c, b))
			}
		}
		return nil
	})
	if unreadable && ctx.Err() == nil || errors.Is(err, problem.NotFound) {
		return []Waiting{}, nil
	}
	return all, err
}

// ordered is a plan beside the decision that waits. One that lifts a restriction is due
// on the day that the person was told.
func ordered(c casefile.Case, b procedure.Beside) Waiting {
	w := Waiting{Case: c, For: casefile.Order, Plan: b.Kind, Since: b.MadeAt}
	switch {
	case b.Kind == casefile.PlanLifting:
		w.Until = b.Text.From
	case !c.State.Answered():
		w.Until = c.Due
	}
	return w
}
