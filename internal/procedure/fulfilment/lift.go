package fulfilment

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/inventory"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/letter"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
	"einsicht/internal/wording"
)

// Lift plans that restrictions end on a day, and tells the person so before it, by
// letter (Art. 18(3) GDPR). A second person can order it once that counts as made
// known.
func (s *Fulfilment) Lift(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, restrictions []uuid.UUID, from calendar.Date, forPerson, forFile person.Text, now time.Time) error {
	switch {
	case len(restrictions) == 0:
		return procedure.Incomplete("restriction", "restriction.error.which")
	case !from.After(calendar.DateOf(now)):
		return procedure.Incomplete("from", "restriction.error.from")
	case forPerson.IsBlank():
		return procedure.Incomplete("for_person", "restriction.error.for_person")
	}
	return s.Locked(ctx, actor, casefile.ActionPlan, caseID, func(ctx context.Context, c *casefile.Case) error {
		m, err := s.Matter(ctx, *c, now)
		if err != nil {
			return err
		}
		b := procedure.Beside{Plan: casefile.Plan{ID: uuid.New(), Case: caseID, Kind: casefile.PlanLifting, MadeAt: now, MadeBy: actor.ID}}
		b.Text.From, b.Text.ForPerson, b.Text.ForFile = from, forPerson, forFile
		holding := procedure.InForce(everyMeasure(m))
		for _, id := range restrictions {
			i := slices.IndexFunc(holding, func(m procedure.Measure) bool { return m.ID == id })
			if i < 0 || lifting(m, holding[i]) {
				return problem.New(problem.Conflict, "restriction.error.not_in_force")
			}
			if waits(m, holding[i]) {
				return problem.New(problem.Conflict, "restriction.error.undecided")
			}
			b.Measures = append(b.Measures, liftOf(holding[i], b.ID))
		}
		if content := named(m.Inventory, b.Measures); !content.IsZero() {
			words := map[string]person.Text{"content": content, "reasons": forPerson}
			b.Letter, err = s.Letters.Enclose(ctx, *c, m.Inventory.Authority.Land, letter.KindLiftingNotice, words, map[string]string{"from": from.String()}, actor, now)
			if err != nil {
				return err
			}
		}
		return s.putBeside(ctx, m, b, actor, now)
	})
}

// takeBack tells the person that a restriction stays, after a letter said that it ends:
// what was announced is no longer true (Art. 5(1)(a), 12(1) GDPR).
func (s *Fulfilment) takeBack(ctx context.Context, m procedure.Matter, b procedure.Beside, forPerson person.Text, actor casefile.Actor, now time.Time) error {
	if b.Letter == uuid.Nil {
		return nil
	}
	if forPerson.IsBlank() {
		return procedure.Incomplete("for_person", "restriction.error.stays")
	}
	words := map[string]person.Text{"content": named(m.Inventory, b.Measures), "reasons": forPerson}
	_, err := s.Letters.Enclose(ctx, m.Case, m.Inventory.Authority.Land, letter.KindLiftingDropped, words, map[string]string{"from": b.Text.From.String()}, actor, now)
	return err
}

// waits says whether a restriction holds until something is decided that is not: the
// person may demand it as long (Art. 18(1)(a), (d) GDPR).
func waits(m procedure.Matter, restriction procedure.Measure) bool {
	if m.Case.State.Answered() || m.Case.State.Over() {
		return false
	}
	return slices.ContainsFunc(m.Beside, func(b procedure.Beside) bool {
		undecided := slices.ContainsFunc(m.Rights, func(r casefile.Right) bool { return r.Right == b.Text.Right && r.Outcome == casefile.Undecided })
		return b.Kind == casefile.PlanMeanwhile && b.Text.Right != law.ConsentWithdrawal && undecided && slices.ContainsFunc(b.Measures, restriction.SameRecord)
	})
}

// lifting says whether a plan to end a restriction is made already.
func lifting(m procedure.Matter, restriction procedure.Measure) bool {
	return slices.ContainsFunc(m.Beside, func(b procedure.Beside) bool {
		return b.Kind == casefile.PlanLifting && b.EndedAt.IsZero() && slices.ContainsFunc(b.Measures, restriction.SameRecord)
	})
}

// liftOf is the measure that ends a restriction. What a machine restricted a machine
// can lift; it is tried on the record as it stands there now.
func liftOf(r procedure.Measure, plan uuid.UUID) procedure.Measure {
	m := procedure.Measure{Measure: casefile.Measure{ID: uuid.New(), Plan: plan, Case: r.Case, System: r.System, Right: r.Right, Do: connector.CanRestrict, Lift: true, State: casefile.Rehearsing}}
	m.Text = casefile.MeasureText{Reference: r.Text.Reference, Label: r.Text.Label, Before: r.Text.After, Secret: r.Text.Secret}
	if r.Text.Reference == "" || !r.Text.Proof.Statement.IsZero() {
		m.State, m.Text.Reason = casefile.ForUnit, reasonByHand
	}
	return m
}

// named says to the person which of their data are meant, system by system. What they
// may not know of is left out.
func named(inv inventory.Inventory, measures []procedure.Measure) person.Text {
	var lines []string
	for _, system := range inv.Systems {
		n, whole := 0, false
		for _, m := range measures {
			if m.System == system.ID && !m.Text.Secret {
				n, whole = n+1, whole || m.Text.Reference == ""
			}
		}
		switch {
		case whole:
			lines = append(lines, system.Name)
		case n == 1:
			lines = append(lines, system.Name+": "+wording.Text(wording.German, "restriction.records.one"))
		case n > 1:
			lines = append(lines, system.Name+": "+wording.Text(wording.German, "restriction.records.many", "n", itoa(n)))
		}
	}
	return person.NewText(strings.Join(lines, "\n"))
}

func itoa(n int) string { return strconv.Itoa(n) }
