package gathering

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/inventory"
	"einsicht/internal/ledger"
)

// Start is staff's word to ask the systems, for the first time or, when more is
// known about the person, again. Every system is wanted from now on, so that the
// case can't settle before all were asked; who answered for a system by hand is
// not bothered twice.
func (s *Gathering) Start(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, now time.Time) error {
	return s.Locked(ctx, actor, casefile.ActionAskSystems, caseID, func(ctx context.Context, c *casefile.Case) error {
		// What was accepted was accepted of the answers before; and the case is
		// answered under the inventory in force when its systems are asked.
		c.GapsAccepted = false
		var inv inventory.Inventory
		var err error
		if c.Inventory, inv, err = s.Inventories.Current(ctx); err != nil {
			return err
		}
		if err := s.Move(ctx, c, casefile.Gather, actor, casefile.HappeningText{}, now); err != nil {
			return err
		}
		asked, byHand, err := s.answers(ctx, caseID)
		if err != nil {
			return err
		}
		var wanted []casefile.Inquiry
		for _, system := range inv.Systems {
			q, known := asked[system.ID]
			switch {
			case system.Connector == inventory.Portal, q.State.Pending(), byHand[system.ID] && q.State.Answered():
				continue
			case !known:
				q = casefile.Inquiry{ID: uuid.New(), Case: caseID, System: system.ID}
			}
			wanted = append(wanted, anew(q, now))
		}
		return s.Findings.PutInquiries(ctx, wanted)
	})
}

// AskEarly asks the systems that will have forgotten before the case can be
// answered. It runs within minutes of receipt, before identity is settled; what
// they give lies sealed and unseen.
func (s *Gathering) AskEarly(ctx context.Context, authority, caseID uuid.UUID, now time.Time) error {
	return s.onCase(ctx, authority, caseID, casefile.Received, func(ctx context.Context, c *casefile.Case, inv inventory.Inventory) error {
		rights, err := s.Cases.Rights(ctx, caseID)
		if err != nil || !slices.ContainsFunc(rights[caseID], func(r casefile.Right) bool { return r.Right.NeedsData() }) {
			return err
		}
		asked, err := s.bySystem(ctx, caseID)
		if err != nil {
			return err
		}
		for _, system := range inv.Systems {
			if _, known := asked[system.ID]; known || !system.ShortLived() || !system.Attributable {
				continue
			}
			if has, err := s.Sources.Has(ctx, authority, system.ID); err != nil {
				return err
			} else if !has {
				continue
			}
			q := casefile.Inquiry{ID: uuid.New(), Case: caseID, System: system.ID, Early: true}
			if err := s.askOne(ctx, *c, system, q, now); err != nil {
				return err
			}
		}
		return nil
	})
}

// AskAll asks every system that is wanted: the worker knows which of them a
// machine can ask.
func (s *Gathering) AskAll(ctx context.Context, authority, caseID uuid.UUID, now time.Time) error {
	return s.onCase(ctx, authority, caseID, casefile.Gathering, func(ctx context.Context, c *casefile.Case, inv inventory.Inventory) error {
		asked, err := s.Findings.Inquiries(ctx, caseID)
		if err != nil {
			return err
		}
		for _, q := range asked {
			system, ok := inv.System(q.System)
			if !ok || q.State != casefile.Wanted {
				continue
			}
			if err := s.askOne(ctx, *c, system, q, now); err != nil {
				return err
			}
		}
		return s.settle(ctx, c, now)
	})
}

// onCase runs a job on a case under its lock; in another state there is nothing
// to do any more.
func (s *Gathering) onCase(ctx context.Context, authority, caseID uuid.UUID, state casefile.State, f func(context.Context, *casefile.Case, inventory.Inventory) error) error {
	return s.Units.InTx(ctx, authority, func(ctx context.Context) error {
		c, err := s.Cases.Lock(ctx, caseID)
		if err != nil || c.State != state {
			return err
		}
		inv, err := s.Inventories.Version(ctx, c.Inventory)
		if err != nil {
			return err
		}
		return f(ctx, &c, inv)
	})
}

// askOne gives the inquiry of one system to a job or to a unit, or answers it at once where nothing can be attributed to anybody.
func (s *Gathering) askOne(ctx context.Context, c casefile.Case, system inventory.System, q casefile.Inquiry, now time.Time) error {
	q.AskedAt, q.AnsweredAt = now, time.Time{}
	byMachine, err := s.Sources.Has(ctx, c.Authority, system.ID)
	if err != nil {
		return err
	}
	switch {
	case !system.Attributable:
		q.State, q.AnsweredAt = casefile.Unattributable, now // the inventory explains why
	case byMachine:
		q.State = casefile.Asked
		if err := s.Queue.Enqueue(ctx, c.Authority, q.ID, casefile.JobGather); err != nil {
			return err
		}
	default:
		q.State = casefile.WithUnit
		task := casefile.Task{ID: uuid.New(), Case: c.ID, Kind: casefile.TaskSearch, System: system.ID, CreatedAt: now, DueOn: c.Warn}
		if err := s.Findings.PutTasks(ctx, []casefile.Task{task}); err != nil {
			return err
		}
	}
	if err := s.Findings.PutInquiries(ctx, []casefile.Inquiry{q}); err != nil {
		return err
	}
	return s.Ledger.Record(ctx, ledger.SystemAsked, c.ID, casefile.Actor{Role: casefile.System, Authority: c.Authority},
		map[string]string{"system": system.ID, "state": string(q.State)}, now)
}

// settle moves the case on once nothing is pending.
func (s *Gathering) settle(ctx context.Context, c *casefile.Case, now time.Time) error {
	if c.State != casefile.Gathering {
		return nil
	}
	asked, err := s.Findings.Inquiries(ctx, c.ID)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(asked, func(q casefile.Inquiry) bool { return q.State.Pending() }) {
		return nil
	}
	var said casefile.HappeningText
	for _, q := range asked {
		if q.State == casefile.Failed {
			said.Missing = append(said.Missing, q.System)
		} else if text, err := s.InquiryText(ctx, *c, q); err != nil {
			return err
		} else if len(text.Gaps) > 0 {
			said.Partial = append(said.Partial, q.System)
		}
	}
	return s.Move(ctx, c, casefile.Settle, casefile.Actor{Role: casefile.System, Authority: c.Authority}, said, now)
}

// anew is an inquiry that is wanted again: a new question begins at the beginning.
func anew(q casefile.Inquiry, now time.Time) casefile.Inquiry {
	q.State, q.AskedAt, q.AnsweredAt, q.Sealed = casefile.Wanted, now, time.Time{}, nil
	return q
}

// answers gives the inquiries of a case by system, and the systems for which people
// have answered.
func (s *Gathering) answers(ctx context.Context, caseID uuid.UUID) (asked map[string]casefile.Inquiry, byHand map[string]bool, err error) {
	if asked, err = s.bySystem(ctx, caseID); err != nil {
		return nil, nil, err
	}
	byHand, err = s.answeredByHand(ctx, caseID)
	return asked, byHand, err
}

// answeredByHand says for which systems people have answered in this case.
func (s *Gathering) answeredByHand(ctx context.Context, caseID uuid.UUID) (map[string]bool, error) {
	tasks, err := s.Findings.Tasks(ctx, caseID)
	if err != nil {
		return nil, err
	}
	done := map[string]bool{}
	for _, t := range tasks {
		if t.Kind == casefile.TaskSearch && !t.DoneAt.IsZero() {
			done[t.System] = true
		}
	}
	return done, nil
}

func (s *Gathering) bySystem(ctx context.Context, caseID uuid.UUID) (map[string]casefile.Inquiry, error) {
	inquiries, err := s.Findings.Inquiries(ctx, caseID)
	if err != nil {
		return nil, err
	}
	asked := make(map[string]casefile.Inquiry, len(inquiries))
	for _, q := range inquiries {
		asked[q.System] = q
	}
	return asked, nil
}
