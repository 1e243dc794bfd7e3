package fulfilment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/inventory"
	"einsicht/internal/law"
	"einsicht/internal/ledger"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
)

// Restricted is a case with restrictions that hold, without what they say about
// records.
type Restricted struct {
	Case     casefile.Case
	Systems  []string
	Records  int // measures; one can be all that a system holds
	Since    time.Time
	Lifting  bool // a plan to end some of them is made
	LiftsDue bool // what they waited for is decided
	// Unreadable: what is sealed of the case can't be opened, so nobody knows whether
	// one holds. Of it only the case is known.
	Unreadable bool
}

// Restrictions lists the restrictions that hold, case by case. It shows no name. A case
// that can't be read hides no other.
func (s *Fulfilment) Restrictions(ctx context.Context, actor casefile.Actor) ([]Restricted, error) {
	if err := s.Permission.May(actor, casefile.ActionListCases, actor.Authority); err != nil {
		return nil, err
	}
	var ids []uuid.UUID
	err := s.Units.View(ctx, actor.Authority, func(ctx context.Context) (err error) {
		ids, err = s.Plans.Restricted(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	var all []Restricted
	for _, id := range ids {
		r, err := s.restricted(ctx, actor.Authority, id)
		if errors.Is(err, problem.NotFound) {
			continue // forgotten meanwhile
		}
		if err != nil {
			return nil, err
		}
		if r.Records > 0 || r.Unreadable {
			all = append(all, r)
		}
	}
	return all, nil
}

func (s *Fulfilment) restricted(ctx context.Context, authority, id uuid.UUID) (r Restricted, err error) {
	err = s.Units.View(ctx, authority, func(ctx context.Context) error {
		if r.Case, err = s.Cases.Case(ctx, id); err != nil {
			return err
		}
		m, err := s.Planned(ctx, r.Case)
		if err != nil {
			r.Unreadable = true
			return err
		}
		for _, holding := range procedure.InForce(everyMeasure(m)) {
			r.Records++
			if !slices.Contains(r.Systems, holding.System) {
				r.Systems = append(r.Systems, holding.System)
			}
			if r.Since.IsZero() || holding.DoneAt.Before(r.Since) {
				r.Since = holding.DoneAt
			}
			r.Lifting = r.Lifting || lifting(m, holding)
		}
		r.LiftsDue = len(overdue(m)) > 0
		return nil
	})
	if r.Unreadable && ctx.Err() == nil {
		return r, nil // the sweep names it, and why, in the log
	}
	return r, err
}

// overdue lists restrictions that held until a decision, and have none to hold them
// any more: the objection or the doubt is decided (Art. 18(1)(a), (d) GDPR). Where
// consent was withdrawn nobody goes on processing because a case is decided.
func overdue(m procedure.Matter) []procedure.Measure {
	if !m.Case.State.Answered() {
		return nil
	}
	var due []procedure.Measure
	for _, b := range m.Beside {
		if b.Kind != casefile.PlanMeanwhile || b.Text.Right == law.ConsentWithdrawal {
			continue
		}
		for _, r := range procedure.InForce(b.Measures) {
			held := slices.ContainsFunc(procedure.InForce(m.Measures), r.SameRecord)
			ended := !slices.ContainsFunc(procedure.InForce(everyMeasure(m)), r.SameRecord)
			if !held && !ended && !lifting(m, r) {
				due = append(due, r)
			}
		}
	}
	return due
}

// liftedTask opens the task to lift restrictions that nothing holds any more, and
// closes it when none is left.
func (s *Fulfilment) liftedTask(ctx context.Context, m procedure.Matter, now time.Time) error {
	if len(overdue(m)) == 0 {
		return s.Findings.FinishTask(ctx, m.Case.ID, casefile.TaskLift, "", uuid.Nil, now)
	}
	return s.Findings.PutTasks(ctx, []casefile.Task{{ID: uuid.New(), Case: m.Case.ID, Kind: casefile.TaskLift, CreatedAt: now}})
}

// sweepRestrictions opens tasks in cases that were decided while data are restricted
// until then. A case that can't be read holds up no other.
func (s *Fulfilment) sweepRestrictions(ctx context.Context, authority uuid.UUID, now time.Time) error {
	var ids []uuid.UUID
	err := s.Units.View(ctx, authority, func(ctx context.Context) (err error) {
		ids, err = s.Plans.Restricted(ctx)
		return err
	})
	errs := []error{err}
	for _, id := range ids {
		if err := s.sweepRestriction(ctx, authority, id, now); err != nil {
			errs = append(errs, fmt.Errorf("case %s: %w", id, err))
		}
	}
	return errors.Join(errs...)
}

func (s *Fulfilment) sweepRestriction(ctx context.Context, authority, id uuid.UUID, now time.Time) error {
	due := false
	err := s.Units.View(ctx, authority, func(ctx context.Context) (err error) { // without the lock first: hardly any case is due
		due, _, err = s.wantsLifting(ctx, id)
		return err
	})
	if err != nil || !due {
		return err
	}
	return s.Units.InTx(ctx, authority, func(ctx context.Context) error {
		if _, err := s.Cases.Lock(ctx, id); err != nil {
			return err
		}
		due, m, err := s.wantsLifting(ctx, id)
		if err != nil || !due {
			return err
		}
		return s.liftedTask(ctx, m, now)
	})
}

// wantsLifting says whether restrictions of a case have nothing to hold them any more,
// and no task says so yet.
func (s *Fulfilment) wantsLifting(ctx context.Context, id uuid.UUID) (due bool, m procedure.Matter, err error) {
	c, err := s.Cases.Case(ctx, id)
	if err != nil {
		return false, m, err
	}
	plans, err := s.Plans.PlansBeside(ctx, id)
	if err != nil {
		return false, m, err
	}
	if !c.State.Answered() || !slices.ContainsFunc(plans, func(p casefile.Plan) bool { return p.Kind == casefile.PlanMeanwhile }) {
		return false, m, nil
	}
	tasks, err := s.Findings.Tasks(ctx, id)
	if err != nil {
		return false, m, err
	}
	if slices.ContainsFunc(tasks, func(t casefile.Task) bool { return t.Kind == casefile.TaskLift && t.DoneAt.IsZero() }) {
		return false, m, nil
	}
	m, err = s.Planned(ctx, c)
	return err == nil && len(overdue(m)) > 0, m, err
}

// Besides is what is restricted in a case, and what is planned about that, as staff
// see it.
type Besides struct {
	Case      casefile.Case
	Request   casefile.Request
	Inventory inventory.Inventory
	Rights    []casefile.Right
	InForce   []procedure.Measure
	Due       map[uuid.UUID]bool // of those in force: nothing holds them any more
	Lifting   map[uuid.UUID]bool // of those in force: a plan to end them is made
	Plans     []BesidePlan
	// Systems are those in which something can be restricted until the decision, with
	// the number of the person's records; none: people of the unit look.
	Systems  map[string]int
	Findings []procedure.Found
	// Waits are, by system, the attempts in vain for which measures of the plans wait.
	Waits map[string]map[casefile.Job]casefile.Tries
}

// BesidePlan is one plan beside the decision.
type BesidePlan struct {
	procedure.Beside
	Blocked []casefile.Reason // why it can't be ordered now; only of one that is not fixed
	Notice  casefile.Letter   // by which the person was told; none: zero
}

// Besides reads what is restricted in a case. That somebody looked is a ledger entry.
func (s *Fulfilment) Besides(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, now time.Time) (Besides, error) {
	var shown Besides
	err := s.Recorded(ctx, actor, casefile.ActionOpenCase, caseID, func(ctx context.Context, c casefile.Case) error {
		m, err := s.Matter(ctx, c, now)
		if err != nil {
			return err
		}
		shown = Besides{Case: c, Request: m.Request, Inventory: m.Inventory, Rights: m.Rights, InForce: procedure.InForce(everyMeasure(m)), Findings: m.Findings,
			Due: map[uuid.UUID]bool{}, Lifting: map[uuid.UUID]bool{}, Systems: map[string]int{}}
		due := overdue(m)
		for _, r := range shown.InForce {
			shown.Lifting[r.ID] = lifting(m, r)
			shown.Due[r.ID] = slices.ContainsFunc(due, r.SameRecord)
		}
		for _, system := range m.Inventory.Systems {
			if possible := restricting(m, uuid.Nil, law.Objection, system.ID); system.Connector != inventory.Portal && len(possible) > 0 {
				shown.Systems[system.ID] = countRecords(possible)
			}
		}
		for _, b := range m.Beside {
			p := BesidePlan{Beside: b}
			if !b.Fixed() {
				if p.Blocked, err = s.BesideReasons(ctx, m.Case, m.History, b, actor, now); err != nil {
					return err
				}
			}
			if b.Letter != uuid.Nil {
				if p.Notice, err = s.House.Letters.Letter(ctx, b.Letter); err != nil {
					return err
				}
			}
			shown.Plans = append(shown.Plans, p)
		}
		var measures []casefile.Measure
		for _, b := range m.Beside {
			for _, measure := range b.Measures {
				measures = append(measures, measure.Measure)
			}
		}
		if shown.Waits, err = s.waits(ctx, c, measures); err != nil {
			return err
		}
		return s.Ledger.Record(ctx, ledger.Opened, caseID, actor, map[string]string{"restrictions": ""}, now)
	})
	return shown, err
}

func countRecords(measures []procedure.Measure) (n int) {
	for _, m := range measures {
		if m.Text.Reference != "" {
			n++
		}
	}
	return n
}
