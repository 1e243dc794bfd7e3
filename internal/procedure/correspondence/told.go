package correspondence

import (
	"context"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/deadline"
	"einsicht/internal/ledger"
	"einsicht/internal/letter"
)

// askedBy says as what a question is noted that goes by a letter of a kind.
var askedBy = map[letter.Kind]string{letter.KindIdentity: casefile.NoteAskedIdentity, letter.KindClarification: casefile.NoteAskedClear}

// told lets what a letter says take effect from the day it was posted: the clock
// rests for a question, an extension counts, a person is reminded. In the portal
// that happens when the letter is written.
func (s *Correspondence) told(ctx context.Context, c *casefile.Case, w Written, now time.Time) error {
	kind := letter.Kind(w.Text.Kind)
	if w.Text.Way != casefile.ByPost || c.State.Answered() {
		return nil
	}
	inv, err := s.Inventories.Version(ctx, c.Inventory)
	if err != nil {
		return err
	}
	history, err := s.Cases.History(ctx, c.ID)
	if err != nil {
		return err
	}
	said, err := s.saidIn(ctx, *c, history, w.ID)
	if err != nil || said.Ref == uuid.Nil {
		return err // nothing hangs on it, or it had effect when it was written
	}
	by := casefile.Actor{ID: w.CreatedBy, Role: casefile.Clerk, Authority: c.Authority}
	land, on := inv.Authority.Land, w.PostedOn
	switch kind {
	case letter.KindExtension:
		// Art. 12(3) sentence 3 GDPR: too late it has no effect, which the reckoning
		// finds by the day on which the notice counts.
		r, err := c.Reckon(land, history)
		if err != nil {
			return err
		}
		if r.MonthOneEnd != nil && w.Effective.After(*r.MonthOneEnd) {
			on = w.Effective
		}
		return s.MoveClock(ctx, c, land, deadline.Event{Kind: deadline.Extend, On: notBefore(history, on)}, ledger.ClockExtended, by, said, now)
	case letter.KindIdentity, letter.KindClarification:
		event := deadline.Event{Kind: deadline.Suspend, On: notBefore(history, on)}
		if err := s.MoveClock(ctx, c, land, event, ledger.ClockSuspended, by, casefile.HappeningText{}, now); err != nil {
			return err
		}
		return s.Note(ctx, *c, askedBy[kind], event.On, by, said, now)
	case letter.KindReminder:
		return s.Note(ctx, *c, casefile.NoteReminded, on, casefile.Actor{Role: casefile.System, Authority: c.Authority}, said, now)
	}
	return nil
}

// saidIn finds what was put on file of a letter that was still to be posted.
func (s *Correspondence) saidIn(ctx context.Context, c casefile.Case, history []casefile.Happening, id uuid.UUID) (casefile.HappeningText, error) {
	var found casefile.HappeningText
	for _, h := range history {
		if h.Kind != casefile.NoteLetter && h.Kind != casefile.NoteAskedIdentity && h.Kind != casefile.NoteAskedClear {
			continue
		}
		text, err := s.HappeningText(ctx, c, h)
		switch {
		case err != nil:
			return found, err
		case text.Ref != id || text.ForPerson.IsZero():
		case h.Kind == casefile.NoteLetter:
			found = text
		default:
			return casefile.HappeningText{}, nil
		}
	}
	return found, nil
}

// notBefore is the day, or that of the last event where it is later: events of
// the clock stand in the order of their days.
func notBefore(history []casefile.Happening, on calendar.Date) calendar.Date {
	for _, e := range casefile.ClockEvents(history) {
		if e.On.After(on) {
			on = e.On
		}
	}
	return on
}
