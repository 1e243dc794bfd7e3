package correspondence

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/notification"
	"einsicht/internal/ledger"
	"einsicht/internal/letter"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
)

// PostLetter records that staff posted a letter on a day. From which day it
// counts as notified follows from the rule in force on that day and is kept.
func (s *Correspondence) PostLetter(ctx context.Context, actor casefile.Actor, caseID, id uuid.UUID, on calendar.Date, now time.Time) error {
	return s.Locked(ctx, actor, casefile.ActionAnswerTask, caseID, func(ctx context.Context, c *casefile.Case) error {
		w, err := s.one(ctx, *c, id)
		if err != nil {
			return err
		}
		if on.IsZero() || on.After(calendar.DateOf(now)) || on.Before(calendar.DateOf(w.CreatedAt)) {
			return procedure.Incomplete("posted", "correspondence.error.posted")
		}
		switch w.PostedOn {
		case on:
			return nil
		case calendar.Date{}:
		default:
			return problem.New(problem.Conflict, "correspondence.error.posted_before")
		}
		rule, ok := notification.Find(notification.Post, on)
		if !ok {
			return procedure.Incomplete("posted", "correspondence.error.posted")
		}
		w.PostedOn = on
		if w.Effective.IsZero() {
			w.Effective = rule.Effective(on)
		}
		if err := s.House.Letters.PutLetter(ctx, w.Letter); err != nil {
			return err
		}
		if err := s.notified(ctx, *c, w.Letter, rule, on, ledger.Delivered, actor, now); err != nil {
			return err
		}
		if err := s.told(ctx, c, w, now); err != nil {
			return err
		}
		if err := s.recipientTold(ctx, *c, w, actor, now); err != nil {
			return err
		}
		return s.allPosted(ctx, *c, actor, now)
	})
}

// notified puts on file from which day a letter counts as notified, and by which
// rule.
func (s *Correspondence) notified(ctx context.Context, c casefile.Case, l casefile.Letter, rule notification.Rule, on calendar.Date, kind ledger.Kind, actor casefile.Actor, now time.Time) error {
	sentence, err := s.Notified(ctx, c, rule, on, l.Effective)
	if err != nil {
		return err
	}
	said := casefile.HappeningText{Ref: l.ID, ForFile: sentence}
	if err := s.Note(ctx, c, casefile.NoteLetter, on, actor, said, now); err != nil {
		return err
	}
	details := map[string]string{"letter": l.ID.String(), "rule": string(rule.ID), "on": on.String(), "effective": l.Effective.String()}
	return s.Ledger.Record(ctx, kind, c.ID, actor, details, now)
}

// allPosted closes the task once no letter waits for the post.
func (s *Correspondence) allPosted(ctx context.Context, c casefile.Case, actor casefile.Actor, now time.Time) error {
	all, err := s.letters(ctx, c)
	if err != nil || slices.ContainsFunc(all, func(w Written) bool { return w.ToPost(calendar.DateOf(now)) }) {
		return err
	}
	return s.Findings.FinishTask(ctx, c.ID, casefile.TaskLetter, "", actor.ID, now)
}

// Waits says whether the letter still has to be posted.
func (w Written) Waits() bool { return w.Text.Way == casefile.ByPost && w.PostedOn.IsZero() }

// Lapsed says whether a letter that waits in the portal was not fetched in time,
// so that it counts as never notified (§ 41(2a) sentence 4 VwVfG). It matters of
// letters that refuse anything: they have to be posted.
func (w Written) Lapsed(today calendar.Date) bool {
	if !w.Effective.IsZero() || !w.PostedOn.IsZero() {
		return false
	}
	provided := calendar.DateOf(w.CreatedAt)
	rule, ok := notification.Find(notification.Portal, provided)
	ends := rule.ProvisionEnds(provided)
	return ok && !ends.IsZero() && today.After(ends)
}

// ToPost says whether staff have to post the letter: one on paper, or one in the
// portal that nobody fetched in time and that refuses something, or without which a
// restriction can't end (Art. 18(3) GDPR), with the one that takes that back.
func (w Written) ToPost(today calendar.Date) bool {
	ofLifting := []letter.Kind{letter.KindLiftingNotice, letter.KindLiftingDropped}
	must := slices.Contains(ofLifting, letter.Kind(w.Text.Kind)) || slices.Contains(letter.Kind(w.Text.Kind).Mandatory(), letter.Remedy)
	return w.Waits() || must && !w.Text.ToOthers && w.Text.Way == casefile.ByPortal && w.Lapsed(today)
}

// Settle records how something that staff waited for came out: the consent of a
// security authority, the decision of an archive, a question left unanswered.
func (s *Correspondence) Settle(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, task casefile.TaskKind, note person.Text, now time.Time) error {
	if !slices.Contains([]casefile.TaskKind{casefile.TaskWrite, casefile.TaskReply, casefile.TaskSilence}, task) {
		return problem.NotFound
	}
	if note.IsZero() {
		return procedure.Incomplete("note", "correspondence.error.note")
	}
	return s.settle(ctx, actor, caseID, task, uuid.Nil, note, now)
}

// SettleReply records what somebody answered to one letter to them. Replies to
// other letters are waited for further on.
func (s *Correspondence) SettleReply(ctx context.Context, actor casefile.Actor, caseID, to uuid.UUID, note person.Text, now time.Time) error {
	if note.IsZero() {
		return procedure.Incomplete("note", "correspondence.error.note")
	}
	return s.settle(ctx, actor, caseID, casefile.TaskReply, to, note, now)
}

func (s *Correspondence) settle(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, task casefile.TaskKind, to uuid.UUID, note person.Text, now time.Time) error {
	return s.Locked(ctx, actor, casefile.ActionAnswerTask, caseID, func(ctx context.Context, c *casefile.Case) error {
		about, details := "", map[string]string{"task": string(task)}
		if to != uuid.Nil {
			if _, err := s.one(ctx, *c, to); err != nil {
				return err
			}
			about, details["letter"] = to.String(), to.String()
		}
		if err := s.Findings.FinishTask(ctx, c.ID, task, about, actor.ID, now); err != nil {
			return err
		}
		said := casefile.HappeningText{ForFile: note, Ref: to}
		if err := s.Note(ctx, *c, casefile.NoteLetter, calendar.Date{}, actor, said, now); err != nil {
			return err
		}
		return s.Ledger.Record(ctx, ledger.TaskAnswered, c.ID, actor, details, now)
	})
}
