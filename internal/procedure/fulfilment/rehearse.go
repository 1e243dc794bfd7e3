package fulfilment

import (
	"context"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/procedure"
)

// Rehearse tries the measures of one system, without changing anything, and notes
// what they would come to. It may run twice. Its errors are those of the system.
func (s *Fulfilment) Rehearse(ctx context.Context, authority, inquiry uuid.UUID, _ time.Time) error {
	r, err := s.waiting(ctx, authority, inquiry, casefile.Rehearsing)
	if err != nil || len(r.measures) == 0 {
		return err
	}
	source, err := s.open(ctx, r)
	if err != nil {
		return err
	}
	effects := make([]connector.Effect, len(r.measures))
	if source == nil {
		for i := range effects {
			effects[i] = connector.Effect{State: connector.Undeclared, Reason: reasonNoMachine}
		}
	} else {
		defer source.Close()
		changer, changes := s.split(source, r.measures)
		if effects, err = rehearse(ctx, changer, changes); err != nil {
			return err
		}
	}
	return s.Units.InTx(ctx, authority, func(ctx context.Context) error {
		c, still, err := s.lock(ctx, r, casefile.Rehearsing)
		if err != nil {
			return err
		}
		for i, m := range r.measures {
			if !still[m.ID] {
				continue
			}
			rehearsed(&m, effects[i])
			if err := s.PutMeasures(ctx, c, m); err != nil {
				return err
			}
		}
		return s.forgetTries(ctx, c, r.inquiry, casefile.JobRehearse)
	})
}

// rehearsed notes what a change would come to.
func rehearsed(m *procedure.Measure, e connector.Effect) {
	text := &m.Text
	text.Reason = e.Reason
	if text.Reason == "" {
		text.Reason = reasons[e.State]
	}
	switch e.State {
	case connector.Changed:
		if m.Lift { // of what it is to end, the record as it stands there is what counts
			text.Seen, text.Before = e.Before.Fingerprint(), withoutFiles(e.Before.Fields)
		}
		m.State, text.After, text.Kept, text.With, text.Left = casefile.Planned, withoutFiles(e.After), e.Kept, e.With, nil
		if !e.Gone() {
			text.Left = e.FingerprintAfter()
		}
	case connector.Undeclared:
		m.State = casefile.ForUnit
	default:
		m.State = casefile.Asks
	}
}

// split gives what can change the system, and the changes of measures; no changer
// where the system can't be changed by a machine.
func (s *Fulfilment) split(source connector.Connector, measures []procedure.Measure) (connector.Changer, []connector.Change) {
	changer, _ := source.(connector.Changer)
	changes := make([]connector.Change, len(measures))
	for i, m := range measures {
		changes[i] = connector.Change{ID: m.ID, Do: m.Do, Lift: m.Lift, Reference: m.Text.Reference, Seen: m.Text.Seen, Values: m.Text.Values}
	}
	return changer, changes
}

func rehearse(ctx context.Context, changer connector.Changer, changes []connector.Change) ([]connector.Effect, error) {
	if changer != nil {
		return changer.Rehearse(ctx, changes)
	}
	effects := make([]connector.Effect, len(changes))
	for i := range effects {
		effects[i] = connector.Effect{State: connector.Undeclared}
	}
	return effects, nil
}
