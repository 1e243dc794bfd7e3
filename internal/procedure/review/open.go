package review

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/disclosure"
	"einsicht/internal/inventory"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/deadline"
	"einsicht/internal/ledger"
	"einsicht/internal/person"
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

	// Recipients: the person asked who got the data, and of so many nobody has said yet
	// whether they got any. The answer names them all (Art. 19 sentence 2 GDPR).
	Recipients int

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
	Hidden      int // findings that wait unseen, see Opened
	Findings    []Finding
}

// Finding is one record with what was decided about it.
type Finding struct {
	casefile.Finding
	Record   connector.Finding
	Decision disclosure.Decision
	Verified bool   // verified identifiers alone lead to it
	Vouched  []bool // by hint: taken up, it is verified by this record
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
	m, err := s.Matter(ctx, c, now)
	if err != nil {
		return Opened{}, err
	}
	o := Opened{Case: c, Request: m.Request, Inventory: m.Inventory, LawConfirmed: m.Confirmed, MustConfirm: mustConfirm(m)}
	for _, r := range m.Rights {
		x := m.Examine(r.Right)
		o.Rights = append(o.Rights, Right{Right: r, Text: m.Texts[r.Right], Composed: x.Outcome, Open: len(x.Result.AskStaff)})
	}
	if o.Identifiers, err = s.Identifiers(ctx, c); err != nil {
		return o, err
	}
	if o.Tasks, err = s.Findings.Tasks(ctx, c.ID); err != nil {
		return o, err
	}
	if o.Packages, err = s.Findings.Packages(ctx, c.ID); err != nil {
		return o, err
	}
	if err := s.readHistory(ctx, &o, m.History, land); err != nil {
		return o, err
	}
	if err := s.readSystems(ctx, &o, m); err != nil {
		return o, err
	}
	if o.Recipients, err = s.recipients(ctx, m); err != nil {
		return o, err
	}
	o.Blocked, err = s.blocked(ctx, m, actor, now)
	return o, err
}

// recipients counts those whom the answer would name without anybody having looked.
func (s *Review) recipients(ctx context.Context, m procedure.Matter) (n int, err error) {
	asked := slices.ContainsFunc(m.Rights, func(r casefile.Right) bool { return r.Right == law.Notification })
	if !asked || m.Case.State.Answered() {
		return 0, nil
	}
	notices, err := s.Plans.Notices(ctx, m.Case.ID)
	for _, one := range notices {
		if one.State == casefile.NoticeOpen {
			n++
		}
	}
	return n, err
}

func (s *Review) readHistory(ctx context.Context, o *Opened, history []casefile.Happening, land calendar.Land) error {
	for _, h := range history {
		text, err := s.HappeningText(ctx, o.Case, h)
		if err != nil {
			return err
		}
		o.History = append(o.History, Happened{h, text})
	}
	var err error
	c := o.Case
	o.Reckoning, err = c.Reckon(land, history)
	return err
}

// readSystems shows what the systems gave. Early answers stay unseen until an
// identifier is verified.
func (s *Review) readSystems(ctx context.Context, o *Opened, m procedure.Matter) error {
	unconfirmed, err := s.Unconfirmed(ctx, o.Inventory)
	if err != nil {
		return err
	}
	verified, kinds := casefile.Verified(o.Identifiers), map[uuid.UUID]person.IdentifierKind{}
	for _, d := range o.Identifiers {
		kinds[d.ID] = d.Kind
	}
	for _, q := range m.Inquiries {
		system, _ := o.Inventory.System(q.System)
		asked := System{System: system, Inquiry: q, Text: m.Answered[q.System], Unconfirmed: unconfirmed[q.System]}
		for _, f := range m.Findings {
			switch {
			case f.System != q.System:
			case q.Early && len(verified) == 0:
				asked.Hidden++
			default:
				one := Finding{Finding: f.Finding, Record: f.Record, Decision: f.Decision, Verified: disclosure.MayGive(f.Record.Led, verified)}
				for _, hint := range f.Record.Hints {
					one.Vouched = append(one.Vouched, disclosure.Vouches(f.Record, hint.Kind, kinds, verified))
				}
				asked.Findings = append(asked.Findings, one)
			}
		}
		o.Hidden += asked.Hidden
		o.Systems = append(o.Systems, asked)
	}
	return nil
}

// blocked says of each event that the state knows why it is not possible now.
func (s *Review) blocked(ctx context.Context, m procedure.Matter, actor casefile.Actor, now time.Time) (map[casefile.Event][]casefile.Reason, error) {
	facts, err := s.FactsOf(ctx, m, actor, now)
	if err != nil {
		return nil, err
	}
	blocked := map[casefile.Event][]casefile.Reason{}
	for _, event := range casefile.Possible(m.Case.State) {
		blocked[event] = casefile.Reasons(m.Case.State, event, facts)
	}
	return blocked, nil
}
