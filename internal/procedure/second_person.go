package procedure

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/wording"
)

// deciding are the kinds of happenings by which somebody decided: to answer without a
// system, to examine, to plan, to propose and to say which court it is, is deciding too.
var deciding = []string{casefile.NoteGaps, string(casefile.Propose), casefile.NoteDecided, casefile.NoteExamined, casefile.NoteResidence, casefile.NotePlanned, casefile.NoteMeasure}

// Deciders are those who decided anything of a case and so may not release it, as
// casefile.SecondPerson asks. Nothing is opened.
func (h *House) Deciders(ctx context.Context, c casefile.Case) ([]uuid.UUID, error) {
	deciders, err := h.Findings.Deciders(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	rights, err := h.Cases.Rights(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	for _, r := range rights[c.ID] {
		deciders = withDecider(deciders, r.DecidedBy)
	}
	history, err := h.Cases.History(ctx, c.ID)
	for _, e := range history {
		if slices.Contains(deciding, e.Kind) {
			deciders = withDecider(deciders, e.Actor)
		}
	}
	return deciders, err
}

// BesideReasons says why a plan beside the decision can't be ordered now.
func (h *House) BesideReasons(ctx context.Context, c casefile.Case, history []casefile.Happening, b Beside, actor casefile.Actor, now time.Time) ([]casefile.Reason, error) {
	var reasons []casefile.Reason
	add := func(key string, args ...string) { reasons = append(reasons, casefile.Reason{Key: key, Args: args}) }
	waits, todo := 0, 0
	for _, measure := range b.Measures {
		switch measure.State {
		case casefile.Rehearsing, casefile.Asks:
			waits++
		case casefile.Planned, casefile.ForUnit:
			todo++
		}
	}
	if waits > 0 {
		add("case.guard.plan_waits", "n", strconv.Itoa(waits))
	}
	if waits+todo == 0 {
		add("case.guard.nothing_to_do")
	}
	// Whoever planned it, or said what happens with its measures, is the first person.
	first := b.MadeBy == actor.ID
	for _, e := range history {
		first = first || e.Actor == actor.ID && !e.At.Before(b.MadeAt) && (e.Kind == casefile.NotePlanned || e.Kind == casefile.NoteMeasure)
	}
	if first {
		add("restriction.guard.second_person")
	}
	if b.Kind == casefile.PlanMeanwhile && (c.State.Over() || c.State.Answered()) {
		add("restriction.error.decided")
	}
	if b.Kind == casefile.PlanLifting {
		why, err := h.notYetTold(ctx, b, now)
		if err != nil {
			return nil, err
		}
		reasons = append(reasons, why...)
	}
	return reasons, nil
}

// notYetTold says why a restriction can't be lifted yet: the person has to know before
// (Art. 18(3) GDPR), and was told a day.
func (h *House) notYetTold(ctx context.Context, b Beside, now time.Time) ([]casefile.Reason, error) {
	var reasons []casefile.Reason
	today := calendar.DateOf(now)
	if b.Letter != uuid.Nil {
		l, err := h.Letters.Letter(ctx, b.Letter)
		if err != nil {
			return nil, err
		}
		if l.Effective.IsZero() || l.Effective.After(today) {
			reasons = append(reasons, casefile.Reason{Key: "restriction.guard.told"})
		}
	}
	if today.Before(b.Text.From) {
		reasons = append(reasons, casefile.Reason{Key: "restriction.guard.from", Args: []string{"date", wording.ShortDate(wording.German, b.Text.From.Time())}})
	}
	return reasons, nil
}
