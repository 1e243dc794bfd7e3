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
	if !said.IsZero() {
		var err error
		if entry.Sealed, err = h.Seal(ctx, SlotOf(c, "happening", "sealed", entry.ID), said); err != nil {
			return err
		}
	}
	return h.Cases.Happened(ctx, entry)
}

// Facts gathers what guards look at.
func (h *House) Facts(ctx context.Context, c casefile.Case, actor casefile.Actor, now time.Time) (casefile.Facts, error) {
	m, err := h.Matter(ctx, c, now)
	if err != nil {
		return casefile.Facts{}, err
	}
	return h.FactsOf(ctx, m, actor, now)
}

// FactsOf is Facts of a case that was read already.
func (h *House) FactsOf(ctx context.Context, m Matter, actor casefile.Actor, now time.Time) (casefile.Facts, error) {
	c := m.Case
	facts := casefile.Facts{Actor: actor, GapsAccepted: c.GapsAccepted,
		ThirtyDaysOver: !c.AvailableUntil.IsZero() && !now.Before(c.AvailableUntil),
		ResidenceNeeds: !m.Request.Residence.Confirmed() && !m.Inventory.Authority.OneDistrict}
	for _, r := range m.Rights {
		x := m.Examine(r.Right)
		facts.Rights = append(facts.Rights, casefile.RightFacts{Right: r.Right, Outcome: r.Outcome, Follows: x.Outcome, Stale: stale(m.Texts[r.Right].Limits, x.Limits), Grounds: slices.Concat(x.Grounds, x.Texts), Entire: x.Entire})
		facts.Deciders = withDecider(facts.Deciders, r.DecidedBy)
		if m.Confirmed.At.IsZero() {
			for _, ground := range x.Result.Confirm {
				facts.LawToConfirm = appendNew(facts.LawToConfirm, m.citation(ground))
			}
		}
	}
	for _, e := range m.History {
		if slices.Contains(deciding, e.Kind) {
			facts.Deciders = withDecider(facts.Deciders, e.Actor)
		}
	}
	verified := casefile.Verified(m.Identifiers)
	facts.Verified = len(verified)
	m.findingFacts(verified, &facts)
	facts.Plan = m.planFacts()
	var err error
	if facts.RemedyOpen, err = h.remedyOpen(ctx, m); err != nil {
		return facts, err
	}
	if !facts.NothingGoesOut() {
		facts.Systems, err = h.systemFacts(ctx, m)
	}
	return facts, err
}

// stale says whether the grounds that hold are others than those of the decision.
// Their order says nothing.
func stale(decided, now []casefile.Limit) bool {
	in := func(l casefile.Limit, all []casefile.Limit) bool {
		return slices.ContainsFunc(all, func(o casefile.Limit) bool {
			return l.Ground == o.Ground && l.System == o.System && l.Whole == o.Whole && l.ReasonsWithheld == o.ReasonsWithheld && l.SecretFact == o.SecretFact
		})
	}
	return len(decided) != len(now) || slices.ContainsFunc(now, func(l casefile.Limit) bool { return !in(l, decided) })
}

func (m Matter) findingFacts(verified map[uuid.UUID]bool, facts *casefile.Facts) {
	for _, f := range m.Findings {
		facts.Deciders = withDecider(facts.Deciders, f.DecidedBy)
		switch {
		case facts.NothingGoesOut():
		case f.undecided():
			facts.Undecided++
		// Of these the person learns nothing. To withhold openly is to say that
		// there is a record, so that too waits for verified identifiers.
		case f.Decision.SecretFact || f.Decision.Verdict == disclosure.NotThisPerson:
		case !disclosure.MayGive(f.Record.Led, verified):
			facts.Unverified++
		}
	}
}

func (h *House) systemFacts(ctx context.Context, m Matter) ([]casefile.SystemFacts, error) {
	unconfirmed, err := h.Unconfirmed(ctx, m.Inventory)
	if err != nil {
		return nil, err
	}
	facts := make([]casefile.SystemFacts, len(m.Inquiries))
	for i, q := range m.Inquiries {
		facts[i] = casefile.SystemFacts{ID: q.System, State: q.State, Partial: len(m.Answered[q.System].Gaps) > 0, Unconfirmed: unconfirmed[q.System]}
	}
	return facts, nil
}

func withDecider(deciders []uuid.UUID, id uuid.UUID) []uuid.UUID {
	if id == uuid.Nil {
		return deciders
	}
	return appendNew(deciders, id)
}

func appendNew[T comparable](list []T, v T) []T {
	if slices.Contains(list, v) {
		return list
	}
	return append(list, v)
}

// ledgerKinds says under which kind the ledger records an event.
var ledgerKinds = map[casefile.Event]ledger.Kind{
	casefile.Gather: ledger.SystemAsked, casefile.AskAgain: ledger.SystemAsked, casefile.Settle: ledger.SystemAnswered,
	casefile.Propose: ledger.Proposed, casefile.Return: ledger.Returned, casefile.Release: ledger.Released,
	casefile.Order: ledger.Released, casefile.Fulfil: ledger.Fulfilled,
	casefile.Build: ledger.PackageBuilt, casefile.Fetch: ledger.Downloaded, casefile.Post: ledger.Delivered,
	casefile.EndProvision: ledger.ProvisionEnded, casefile.Close: ledger.Closed,
	casefile.Withdraw: ledger.Withdrawn, casefile.GiveUp: ledger.Closed,
}
