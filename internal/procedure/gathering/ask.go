package gathering

import (
	"context"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/inventory"
	"einsicht/internal/ledger"
)

// Start is staff's word to ask the systems, for the first time or, when more is
// known about the person, again.
func (s *Gathering) Start(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, now time.Time) error {
	return s.Locked(ctx, actor, casefile.ActionAskSystems, caseID, func(ctx context.Context, c *casefile.Case) error {
		return s.Move(ctx, c, casefile.Gather, actor, casefile.HappeningText{}, now)
	})
}

// AskEarly asks the systems that will have forgotten before the case can be
// answered. It runs within minutes of receipt, before identity is settled; what
// they give lies sealed and unseen.
func (s *Gathering) AskEarly(ctx context.Context, authority, caseID uuid.UUID, now time.Time) error {
	return s.ask(ctx, authority, caseID, now, func(system inventory.System, _ casefile.Inquiry) bool {
		return system.ShortLived() && system.Attributable && s.Sources.Has(system.ID)
	}, true)
}

// AskAll asks every system of the inventory. Those that answered before are
// asked again, since more may be known about the person now; who answered for a
// system by hand is not bothered twice.
func (s *Gathering) AskAll(ctx context.Context, authority, caseID uuid.UUID, now time.Time) error {
	return s.ask(ctx, authority, caseID, now, func(system inventory.System, known casefile.Inquiry) bool {
		byHand := !s.Sources.Has(system.ID)
		return !(byHand && known.State.Answered())
	}, false)
}

func (s *Gathering) ask(ctx context.Context, authority, caseID uuid.UUID, now time.Time, wanted func(inventory.System, casefile.Inquiry) bool, early bool) error {
	return s.Units.InTx(ctx, authority, func(ctx context.Context) error {
		c, err := s.Cases.Lock(ctx, caseID)
		if err != nil {
			return err
		}
		if c.State != casefile.Gathering && !(early && c.State == casefile.Received) {
			return nil // asked already, or over
		}
		inv, err := s.Inventories.Version(ctx, c.Inventory)
		if err != nil {
			return err
		}
		asked, err := s.bySystem(ctx, caseID)
		if err != nil {
			return err
		}
		for _, system := range inv.Systems {
			if system.Connector == inventory.Portal || !wanted(system, asked[system.ID]) {
				continue
			}
			if err := s.askOne(ctx, c, system, asked[system.ID], early, now); err != nil {
				return err
			}
		}
		return s.settle(ctx, &c, now)
	})
}

// askOne opens or renews the inquiry of one system and gives it to a job, to a
// unit, or answers it at once where nothing can be attributed to anybody.
func (s *Gathering) askOne(ctx context.Context, c casefile.Case, system inventory.System, q casefile.Inquiry, early bool, now time.Time) error {
	if q.ID == uuid.Nil {
		q = casefile.Inquiry{ID: uuid.New(), Case: c.ID, System: system.ID, Early: early}
	}
	if q.State == casefile.Asked {
		return nil // a job is on it; asking twice would only do the work twice
	}
	q.AskedAt, q.AnsweredAt = now, time.Time{}
	switch {
	case !system.Attributable:
		q.State, q.AnsweredAt = casefile.Unattributable, now
		var err error
		if q.Sealed, err = s.Seal(ctx, inquirySlot(c, q), casefile.InquiryText{Reason: "letter.reason.not_attributable"}); err != nil {
			return err
		}
	case s.Sources.Has(system.ID):
		q.State = casefile.Asked
		if err := s.Queue.Enqueue(ctx, casefile.JobGather, c.Authority, q.ID); err != nil {
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
	for _, q := range asked {
		if q.State.Pending() {
			return nil
		}
	}
	if len(asked) == 0 {
		return nil
	}
	return s.Move(ctx, c, casefile.Settle, casefile.Actor{Role: casefile.System, Authority: c.Authority}, casefile.HappeningText{}, now)
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

func inquirySlot(c casefile.Case, q casefile.Inquiry) casefile.Slot {
	return casefile.Slot{Authority: c.Authority, Case: c.ID, Table: "inquiry", Column: "sealed", Row: q.ID}
}
