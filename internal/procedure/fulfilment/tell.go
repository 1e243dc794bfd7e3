package fulfilment

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/inventory"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/ledger"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
	"einsicht/internal/wording"
)

// Told is whom the changes of a case are told, as staff see it.
type Told struct {
	Case      casefile.Case
	Inventory inventory.Inventory
	Plans     []TellingPlan // those with recipients, the decision's first
	Asked     bool          // the person asked who the recipients are, Art. 19 sentence 2
}

// TellingPlan is one plan with those to whom its data may have been disclosed.
type TellingPlan struct {
	casefile.Plan
	Systems []string
	Notices []TellingNotice
}

// TellingNotice is one recipient with what a letter would say.
type TellingNotice struct {
	procedure.Notice
	Draft person.Text // which records, and what was done; empty: nothing yet
}

// Recipients reads whom the changes of a case are told. That somebody looked is a
// ledger entry.
func (s *Fulfilment) Recipients(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, now time.Time) (Told, error) {
	var told Told
	err := s.Recorded(ctx, actor, casefile.ActionOpenCase, caseID, func(ctx context.Context, c casefile.Case) error {
		m, err := s.Matter(ctx, c, now)
		if err != nil {
			return err
		}
		notices, err := s.Notices(ctx, c)
		if err != nil {
			return err
		}
		told = Told{Case: c, Inventory: m.Inventory, Asked: slices.ContainsFunc(m.Rights, func(r casefile.Right) bool { return r.Right == law.Notification })}
		for _, b := range plansOf(m) {
			p := TellingPlan{Plan: b.Plan}
			for _, measure := range b.Measures {
				if !slices.Contains(p.Systems, measure.System) && !measure.Lift {
					p.Systems = append(p.Systems, measure.System)
				}
			}
			own := slices.DeleteFunc(slices.Clone(b.Measures), func(one procedure.Measure) bool { return before(m, one) })
			for _, n := range notices {
				if n.Plan == b.ID {
					p.Notices = append(p.Notices, TellingNotice{n, contentFor(m.Inventory, own, n)})
				}
			}
			if b.Kind != casefile.PlanLifting && len(b.Measures) > 0 {
				told.Plans = append(told.Plans, p)
			}
		}
		return s.Ledger.Record(ctx, ledger.Opened, caseID, actor, map[string]string{"recipients": ""}, now)
	})
	return told, err
}

// plansOf lists the plans of a case, that of the decision first.
func plansOf(m procedure.Matter) []procedure.Beside {
	decision := procedure.Beside{Plan: m.Plan, Measures: m.Measures}
	return slices.Concat([]procedure.Beside{decision}, m.Beside)
}

// contentFor says for a recipient which records are concerned and what was done to
// each; of a correction, what is right now. It never says why.
func contentFor(inv inventory.Inventory, measures []procedure.Measure, n procedure.Notice) person.Text {
	var lines []string
	for _, m := range measures {
		if !tells(m) || !slices.Contains(n.Text.Systems, m.System) {
			continue
		}
		system, _ := inv.System(m.System)
		line := system.Name
		if m.Text.Reference != "" {
			line += ", " + m.Text.Reference
		}
		line += ": " + wording.Text(wording.German, "recipients.done."+string(m.Do))
		for _, f := range m.Text.After {
			if value, corrected := m.Text.Values[f.Name]; corrected {
				line += "; " + f.Title(wording.German) + ": " + value.Reveal()
			}
		}
		lines = append(lines, line)
	}
	return person.NewText(strings.Join(lines, "\n"))
}

// AddRecipient names one more to whom data of a plan's systems were disclosed.
func (s *Fulfilment) AddRecipient(ctx context.Context, actor casefile.Actor, caseID, plan uuid.UUID, recipient person.Text, systems []string, now time.Time) error {
	switch {
	case recipient.IsBlank():
		return procedure.Incomplete("recipient", "recipients.error.recipient")
	case len(systems) == 0:
		return procedure.Incomplete("systems", "recipients.error.systems")
	}
	return s.Locked(ctx, actor, casefile.ActionWriteLetter, caseID, func(ctx context.Context, c *casefile.Case) error {
		m, err := s.Matter(ctx, *c, now)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(plansOf(m), func(b procedure.Beside) bool { return b.ID == plan && b.Kind != casefile.PlanLifting })
		if i < 0 || plan == uuid.Nil {
			return problem.NotFound
		}
		for _, system := range systems {
			if !slices.ContainsFunc(plansOf(m)[i].Measures, func(m procedure.Measure) bool { return m.System == system }) {
				return procedure.Incomplete("systems", "recipients.error.systems")
			}
		}
		notices, err := s.Notices(ctx, *c)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(notices, func(n procedure.Notice) bool {
			return n.Plan == plan && nameOf(n.Text.Recipient.Reveal()) == nameOf(recipient.Reveal())
		}) {
			return procedure.Incomplete("recipient", "recipients.error.twice")
		}
		n := procedure.Notice{Notice: casefile.Notice{ID: uuid.New(), Plan: plan, Case: caseID, State: casefile.NoticeOpen, MadeAt: now}}
		n.Text.Recipient, n.Text.Source, n.Text.Systems = recipient, casefile.FromStaff, systems
		return s.noted(ctx, *c, actor, n, ledger.NoticeDecided, person.Text{}, now)
	})
}

// RuleOut says why recipients are not told: because they got nothing of what was
// changed, or because it is impossible or takes disproportionate effort. The reason
// stays on file.
func (s *Fulfilment) RuleOut(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, notices []uuid.UUID, state casefile.NoticeState, why person.Text, now time.Time) error {
	switch {
	case len(notices) == 0:
		return procedure.Incomplete("notices", "recipients.error.which")
	case state != casefile.NoticeNone && state != casefile.NoticeImpossible:
		return procedure.Incomplete("state", "recipients.error.state")
	case why.IsBlank():
		return procedure.Incomplete("why", "recipients.error.why")
	}
	return s.Locked(ctx, actor, casefile.ActionWriteLetter, caseID, func(ctx context.Context, c *casefile.Case) error {
		for _, id := range notices {
			n, err := s.notice(ctx, *c, id, casefile.NoticeOpen)
			if err != nil {
				return err
			}
			n.State, n.Text.Why = state, why
			if err := s.noted(ctx, *c, actor, n, ledger.NoticeDecided, why, now); err != nil {
				return err
			}
		}
		return nil
	})
}

// Reconsider lets a recipient that was ruled out be told after all.
func (s *Fulfilment) Reconsider(ctx context.Context, actor casefile.Actor, caseID, id uuid.UUID, now time.Time) error {
	return s.Locked(ctx, actor, casefile.ActionWriteLetter, caseID, func(ctx context.Context, c *casefile.Case) error {
		n, err := s.notice(ctx, *c, id, casefile.NoticeNone, casefile.NoticeImpossible)
		if err != nil {
			return err
		}
		n.State, n.Text.Why = casefile.NoticeOpen, person.Text{}
		return s.noted(ctx, *c, actor, n, ledger.NoticeDecided, person.Text{}, now)
	})
}

// Tell writes a recipient what was done to which records, and no more; to is its
// address, line by line. It counts as told when the letter was posted.
func (s *Fulfilment) Tell(ctx context.Context, actor casefile.Actor, caseID, id uuid.UUID, to []person.Text, content person.Text, now time.Time) error {
	switch {
	case len(to) < 2:
		return procedure.Incomplete("to", "recipients.error.to")
	case content.IsBlank():
		return procedure.Incomplete("content", "recipients.error.content")
	}
	return s.Locked(ctx, actor, casefile.ActionWriteLetter, caseID, func(ctx context.Context, c *casefile.Case) error {
		n, done, err := s.toTell(ctx, *c, id, now)
		if err != nil {
			return err
		}
		about, on := deeds(done)
		n.State, n.Text.Unit, n.Text.Returned = casefile.NoticeUnderway, false, ""
		n.Letter, err = s.Letters.Inform(ctx, *c, to, about, content, on, casefile.ByPost, actor, now)
		if err != nil {
			return err
		}
		return s.noted(ctx, *c, actor, n, ledger.NoticeDecided, person.Text{}, now)
	})
}

// deeds says what was done, as the rights name it, and when the last of it was.
func deeds(done []procedure.Measure) (about []law.Right, on calendar.Date) {
	rights := map[connector.Ability]law.Right{connector.CanErase: law.Erasure, connector.CanRectify: law.Rectification, connector.CanRestrict: law.Restriction}
	for _, m := range done {
		if !slices.Contains(about, rights[m.Do]) {
			about = append(about, rights[m.Do])
		}
		if day := calendar.DateOf(m.DoneAt); on.IsZero() || day.After(on) {
			on = day
		}
	}
	return about, on
}

// LetUnitTell leaves it to people of the unit to tell a recipient, by a way of theirs.
func (s *Fulfilment) LetUnitTell(ctx context.Context, actor casefile.Actor, caseID, id uuid.UUID, now time.Time) error {
	return s.Locked(ctx, actor, casefile.ActionWriteLetter, caseID, func(ctx context.Context, c *casefile.Case) error {
		n, _, err := s.toTell(ctx, *c, id, now)
		if err != nil {
			return err
		}
		n.State, n.Text.Unit, n.Text.Returned = casefile.NoticeUnderway, true, ""
		return s.noted(ctx, *c, actor, n, ledger.NoticeDecided, person.Text{}, now)
	})
}

// UnitTold takes the word of a unit that it told a recipient, and how.
func (s *Fulfilment) UnitTold(ctx context.Context, actor casefile.Actor, caseID, id uuid.UUID, said person.Text, now time.Time) error {
	if said.IsBlank() {
		return procedure.Incomplete("said", "recipients.error.said")
	}
	return s.Locked(ctx, actor, casefile.ActionAnswerTask, caseID, func(ctx context.Context, c *casefile.Case) error {
		n, err := s.notice(ctx, *c, id, casefile.NoticeUnderway)
		if err != nil {
			return err
		}
		if !n.Text.Unit {
			return problem.New(problem.Conflict, "recipients.error.not_now")
		}
		n.State, n.SentAt, n.Text.Said = casefile.NoticeSent, now, said
		return s.noted(ctx, *c, actor, n, ledger.NoticeSent, said, now)
	})
}

// RecipientAnswered puts on file that a recipient answered, and what.
func (s *Fulfilment) RecipientAnswered(ctx context.Context, actor casefile.Actor, caseID, id uuid.UUID, said person.Text, now time.Time) error {
	if said.IsBlank() {
		return procedure.Incomplete("said", "recipients.error.answer")
	}
	return s.Locked(ctx, actor, casefile.ActionAnswerTask, caseID, func(ctx context.Context, c *casefile.Case) error {
		n, err := s.notice(ctx, *c, id, casefile.NoticeSent)
		if err != nil {
			return err
		}
		n.State, n.Text.Said = casefile.NoticeConfirmed, said
		return s.noted(ctx, *c, actor, n, ledger.NoticeAnswered, said, now)
	})
}

// toTell finds a recipient that is to be told, with what was done that concerns it.
func (s *Fulfilment) toTell(ctx context.Context, c casefile.Case, id uuid.UUID, now time.Time) (procedure.Notice, []procedure.Measure, error) {
	n, err := s.notice(ctx, c, id, casefile.NoticeOpen)
	if err != nil {
		return n, nil, err
	}
	m, err := s.Matter(ctx, c, now)
	if err != nil {
		return n, nil, err
	}
	for _, b := range plansOf(m) {
		if b.ID != n.Plan || b.EndedAt.IsZero() {
			continue
		}
		done := slices.DeleteFunc(slices.Clone(b.Measures), func(one procedure.Measure) bool {
			return !tells(one) || before(m, one) || !slices.Contains(n.Text.Systems, one.System)
		})
		if len(done) > 0 {
			return n, done, nil
		}
	}
	return n, nil, problem.New(problem.Conflict, "recipients.error.not_done")
}

// notice finds one of a case that is in one of the states.
func (s *Fulfilment) notice(ctx context.Context, c casefile.Case, id uuid.UUID, states ...casefile.NoticeState) (procedure.Notice, error) {
	all, err := s.Notices(ctx, c)
	if err != nil {
		return procedure.Notice{}, err
	}
	i := slices.IndexFunc(all, func(n procedure.Notice) bool { return n.ID == id })
	switch {
	case i < 0:
		return procedure.Notice{}, problem.NotFound
	case !slices.Contains(states, all[i].State):
		return procedure.Notice{}, problem.New(problem.Conflict, "recipients.error.not_now")
	}
	return all[i], nil
}

// noted keeps a notice, with its entries.
func (s *Fulfilment) noted(ctx context.Context, c casefile.Case, actor casefile.Actor, n procedure.Notice, kind ledger.Kind, forFile person.Text, now time.Time) error {
	if err := s.PutNotices(ctx, c, n); err != nil {
		return err
	}
	said := casefile.HappeningText{ForFile: forFile, Ref: n.ID}
	if err := s.Note(ctx, c, casefile.NoteRecipient, calendar.Date{}, actor, said, now); err != nil {
		return err
	}
	details := map[string]string{"notice": n.ID.String(), "state": string(n.State)}
	if err := s.Ledger.Record(ctx, kind, c.ID, actor, details, now); err != nil {
		return err
	}
	return s.Notifying(ctx, c, actor.ID, now)
}
