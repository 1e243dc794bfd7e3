package review

import (
	"context"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/disclosure"
	"einsicht/internal/inventory"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/deadline"
	"einsicht/internal/ledger"
	"einsicht/internal/procedure"
)

// Opened is a case as staff see it, all of it readable.
type Opened struct {
	Case        casefile.Case
	Request     casefile.Request
	Rights      []Right
	Identifiers []casefile.Identifier
	Reckoning   deadline.Reckoning
	Inventory   inventory.Inventory
	Systems     []System
	Tasks       []casefile.Task
	Packages    []casefile.Package
	History     []Happened
	// Hidden: findings of early answers that wait unseen until an identifier
	// is verified.
	Hidden int
	// Blocked says, event by event, why it is not possible now; an event that
	// is possible has no reasons.
	Blocked map[casefile.Event][]casefile.Reason

	LawConfirmed procedure.Confirmation // of the catalogue
	MustConfirm  bool                   // nobody has compared it with the text in force, and somebody must
}

// Right is one right with what is said about it.
type Right struct {
	casefile.Right
	Text casefile.RightText

	Composed casefile.Outcome // what follows today; undecided while something is open
	Open     int              // questions of the law that nobody has answered
}

// System is one system asked, with what it gave.
type System struct {
	inventory.System
	Inquiry     casefile.Inquiry
	Text        casefile.InquiryText
	Unconfirmed bool
	Findings    []Finding
}

// Finding is one record with what was decided about it.
type Finding struct {
	casefile.Finding
	Record   connector.Finding
	Decision disclosure.Decision
	Verified bool // verified identifiers alone lead to it
}

// Happened is one entry of the history in words.
type Happened struct {
	casefile.Happening
	Text casefile.HappeningText
}

// Open reads a case for staff. That it was opened is a ledger entry of its own.
func (s *Review) Open(ctx context.Context, actor casefile.Actor, land calendar.Land, caseID uuid.UUID, now time.Time) (Opened, error) {
	var o Opened
	err := s.Recorded(ctx, actor, casefile.ActionOpenCase, caseID, func(ctx context.Context, c casefile.Case) error {
		if err := s.Ledger.Record(ctx, ledger.Opened, caseID, actor, nil, now); err != nil {
			return err
		}
		var err error
		o, err = s.read(ctx, c, actor, land, now)
		return err
	})
	return o, err
}

func (s *Review) read(ctx context.Context, c casefile.Case, actor casefile.Actor, land calendar.Land, now time.Time) (Opened, error) {
	o := Opened{Case: c}
	var err error
	if o.Request, err = s.Request(ctx, c); err != nil {
		return o, err
	}
	if o.Rights, err = s.rights(ctx, c); err != nil {
		return o, err
	}
	if o.Identifiers, err = s.Identifiers(ctx, c); err != nil {
		return o, err
	}
	if o.Inventory, err = s.Inventories.Version(ctx, c.Inventory); err != nil {
		return o, err
	}
	if o.Tasks, err = s.Findings.Tasks(ctx, c.ID); err != nil {
		return o, err
	}
	if o.Packages, err = s.Findings.Packages(ctx, c.ID); err != nil {
		return o, err
	}
	if err := s.readHistory(ctx, &o, land); err != nil {
		return o, err
	}
	if err := s.readSystems(ctx, &o); err != nil {
		return o, err
	}
	o.Blocked, err = s.blocked(ctx, c, actor, now)
	return o, err
}

func (s *Review) rights(ctx context.Context, c casefile.Case) ([]Right, error) {
	rows, err := s.Cases.Rights(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	rights := make([]Right, len(rows[c.ID]))
	for i, r := range rows[c.ID] {
		rights[i].Right = r
		if rights[i].Text, err = s.RightText(ctx, c, r); err != nil {
			return nil, err
		}
	}
	return rights, nil
}

func (s *Review) readHistory(ctx context.Context, o *Opened, land calendar.Land) error {
	history, err := s.Cases.History(ctx, o.Case.ID)
	if err != nil {
		return err
	}
	for _, h := range history {
		text, err := s.HappeningText(ctx, o.Case, h)
		if err != nil {
			return err
		}
		o.History = append(o.History, Happened{h, text})
	}
	c := o.Case
	o.Reckoning, err = c.Reckon(land, history)
	return err
}

// readSystems opens what the systems gave. Early answers stay unseen until an
// identifier is verified.
func (s *Review) readSystems(ctx context.Context, o *Opened) error {
	inquiries, err := s.Findings.Inquiries(ctx, o.Case.ID)
	if err != nil {
		return err
	}
	findings, err := s.Findings.Findings(ctx, o.Case.ID)
	if err != nil {
		return err
	}
	unconfirmed, err := s.Unconfirmed(ctx, o.Inventory)
	if err != nil {
		return err
	}
	verified := casefile.Verified(o.Identifiers)
	for _, q := range inquiries {
		system, _ := o.Inventory.System(q.System)
		asked := System{System: system, Inquiry: q, Unconfirmed: unconfirmed[q.System]}
		if asked.Text, err = s.InquiryText(ctx, o.Case, q); err != nil {
			return err
		}
		for _, f := range findings {
			if f.System != q.System {
				continue
			}
			if q.Early && len(verified) == 0 {
				o.Hidden++
				continue
			}
			finding, err := s.finding(ctx, o.Case, f, verified)
			if err != nil {
				return err
			}
			asked.Findings = append(asked.Findings, finding)
		}
		o.Systems = append(o.Systems, asked)
	}
	return nil
}

func (s *Review) finding(ctx context.Context, c casefile.Case, row casefile.Finding, verified map[uuid.UUID]bool) (Finding, error) {
	f := Finding{Finding: row}
	var err error
	if f.Record, err = s.House.Finding(ctx, c, row); err != nil {
		return f, err
	}
	f.Verified = disclosure.MayGive(f.Record.Led, verified)
	f.Decision, err = s.Decision(ctx, c, row)
	return f, err
}

// blocked says of each event that the state knows why it is not possible now.
func (s *Review) blocked(ctx context.Context, c casefile.Case, actor casefile.Actor, now time.Time) (map[casefile.Event][]casefile.Reason, error) {
	facts, err := s.Facts(ctx, c, actor, now)
	if err != nil {
		return nil, err
	}
	blocked := map[casefile.Event][]casefile.Reason{}
	for _, event := range casefile.Possible(c.State) {
		blocked[event] = casefile.Reasons(c.State, event, facts)
	}
	return blocked, nil
}
