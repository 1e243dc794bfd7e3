package procedure

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/disclosure"
	"einsicht/internal/law/calendar"
	"einsicht/internal/ledger"
)

// DataStays is how long the answer can be fetched after it was provided.
const DataStays = 30 * 24 * time.Hour

// Move lets an event happen to a case: it asks the table and its guards, and
// writes case, history, ledger and jobs. The caller holds the case's lock, in
// the same transaction, and has set whatever else of the case changes.
func (h *House) Move(ctx context.Context, c *casefile.Case, event casefile.Event, actor casefile.Actor, said casefile.HappeningText, now time.Time) error {
	var facts casefile.Facts
	if casefile.Guarded(c.State, event) {
		var err error
		if facts, err = h.Facts(ctx, *c, actor, now); err != nil {
			return err
		}
	}
	step, err := casefile.Next(c.State, event, facts)
	if err != nil {
		return err
	}
	c.State = step.To
	if err := h.Cases.Save(ctx, *c); err != nil {
		return err
	}
	if err := h.Note(ctx, *c, string(event), calendar.Date{}, actor, said, now); err != nil {
		return err
	}
	if err := h.Ledger.Record(ctx, ledgerKinds[event], c.ID, actor, map[string]string{"event": string(event), "state": string(c.State)}, now); err != nil {
		return err
	}
	return h.Queue.Enqueue(ctx, c.Authority, c.ID, step.Jobs...)
}

// Note adds to the history of a case; on is the day of effect for the clock, if
// it has one.
func (h *House) Note(ctx context.Context, c casefile.Case, kind string, on calendar.Date, actor casefile.Actor, said casefile.HappeningText, now time.Time) error {
	entry := casefile.Happening{ID: uuid.New(), Case: c.ID, Kind: kind, At: now, On: on, Actor: actor.ID}
	if !said.ForFile.IsZero() || !said.ForPerson.IsZero() || said.Ref != uuid.Nil {
		var err error
		if entry.Sealed, err = h.Seal(ctx, SlotOf(c, "happening", "sealed", entry.ID), said); err != nil {
			return err
		}
	}
	return h.Cases.Happened(ctx, entry)
}

// Facts gathers what guards look at.
func (h *House) Facts(ctx context.Context, c casefile.Case, actor casefile.Actor, now time.Time) (casefile.Facts, error) {
	facts := casefile.Facts{Actor: actor, GapsAccepted: c.GapsAccepted,
		ThirtyDaysOver: !c.AvailableUntil.IsZero() && !now.Before(c.AvailableUntil)}
	rights, err := h.Cases.Rights(ctx, c.ID)
	if err != nil {
		return facts, err
	}
	for _, r := range rights[c.ID] {
		facts.Rights = append(facts.Rights, casefile.RightFacts{Right: r.Right, Outcome: r.Outcome})
		facts.Deciders = withDecider(facts.Deciders, r.DecidedBy)
	}
	if facts.Systems, err = h.systemFacts(ctx, c); err != nil {
		return facts, err
	}
	identifiers, err := h.Cases.Identifiers(ctx, c.ID)
	if err != nil {
		return facts, err
	}
	verified := casefile.Verified(identifiers)
	facts.Verified = len(verified)
	history, err := h.Cases.History(ctx, c.ID)
	if err != nil {
		return facts, err
	}
	for _, e := range history {
		// To answer without a system, and to propose, is deciding too.
		if e.Kind == casefile.NoteGaps || e.Kind == string(casefile.Propose) || e.Kind == casefile.NoteDecided {
			facts.Deciders = withDecider(facts.Deciders, e.Actor)
		}
	}
	return facts, h.findingFacts(ctx, c, verified, &facts)
}

func (h *House) findingFacts(ctx context.Context, c casefile.Case, verified map[uuid.UUID]bool, facts *casefile.Facts) error {
	findings, err := h.Findings.Findings(ctx, c.ID)
	if err != nil {
		return err
	}
	for _, f := range findings {
		facts.Deciders = withDecider(facts.Deciders, f.DecidedBy)
		if disclosure.Verdict(f.Verdict) == disclosure.Undecided {
			facts.Undecided++
			continue
		}
		decision, err := h.Decision(ctx, c, f)
		if err != nil {
			return err
		}
		// Of these the person learns nothing. To withhold openly is to say that
		// there is a record, so that too waits for verified identifiers.
		if decision.SecretFact || decision.Verdict == disclosure.NotThisPerson {
			continue
		}
		record, err := h.Finding(ctx, c, f)
		if err != nil {
			return err
		}
		if decision.Refuses() {
			facts.Withheld++
		}
		if !disclosure.MayGive(record.Led, verified) {
			facts.Unverified++
		}
	}
	return nil
}

func (h *House) systemFacts(ctx context.Context, c casefile.Case) ([]casefile.SystemFacts, error) {
	inquiries, err := h.Findings.Inquiries(ctx, c.ID)
	if err != nil || len(inquiries) == 0 {
		return nil, err
	}
	inv, err := h.Inventories.Version(ctx, c.Inventory)
	if err != nil {
		return nil, err
	}
	unconfirmed, err := h.Unconfirmed(ctx, inv)
	if err != nil {
		return nil, err
	}
	facts := make([]casefile.SystemFacts, len(inquiries))
	for i, q := range inquiries {
		text, err := h.InquiryText(ctx, c, q)
		if err != nil {
			return nil, err
		}
		facts[i] = casefile.SystemFacts{ID: q.System, State: q.State, Partial: len(text.Gaps) > 0, Unconfirmed: unconfirmed[q.System]}
	}
	return facts, nil
}

func withDecider(deciders []uuid.UUID, id uuid.UUID) []uuid.UUID {
	if id == uuid.Nil || slices.Contains(deciders, id) {
		return deciders
	}
	return append(deciders, id)
}

// ledgerKinds says under which kind the ledger records an event.
var ledgerKinds = map[casefile.Event]ledger.Kind{
	casefile.Gather: ledger.SystemAsked, casefile.Settle: ledger.SystemAnswered,
	casefile.Propose: ledger.Proposed, casefile.Return: ledger.Returned, casefile.Release: ledger.Released,
	casefile.Build: ledger.PackageBuilt, casefile.Fetch: ledger.Downloaded, casefile.Post: ledger.Delivered,
	casefile.EndProvision: ledger.ProvisionEnded, casefile.Close: ledger.Closed,
	casefile.Withdraw: ledger.Withdrawn, casefile.GiveUp: ledger.Closed,
}
