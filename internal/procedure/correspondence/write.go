package correspondence

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/ledger"
	"einsicht/internal/letter"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
)

// ByHand lists the letters that staff write at the desk. The others are written
// together with what they tell.
var ByHand = []letter.Kind{
	letter.KindInterim, letter.KindSuspended, letter.KindNotCompetent, letter.KindRecipientsNotice,
	letter.KindLiftingNotice, letter.KindConsultation, letter.KindArchiveOffer,
}

// Lawful names the value by which staff say that what they offer to the archive was
// stored lawfully: only then may it be offered (§ 5(3) ArchivG NRW).
const Lawful = "lawful"

// Draft writes a letter for looking at, and says what it still lacks. It keeps
// nothing. to is whom a letter to others is for, line by line.
func (s *Correspondence) Draft(ctx context.Context, actor casefile.Actor, land calendar.Land, caseID uuid.UUID, kind letter.Kind, words map[string]person.Text, values map[string]string, to []person.Text, now time.Time) (letter.Letter, []string, error) {
	if !slices.Contains(ByHand, kind) {
		return letter.Letter{}, nil, problem.New(problem.Invalid, "correspondence.kind")
	}
	var l letter.Letter
	err := s.Viewed(ctx, actor, casefile.ActionWriteLetter, caseID, func(ctx context.Context, c casefile.Case) error {
		var err error
		l, err = s.compose(ctx, c, sheet{kind: kind, words: words, values: values, to: to, by: actor.ID, land: land}, now)
		return err
	})
	return l, letter.Missing(l), err
}

// Write writes a letter and sends it on its way. It refuses while something is
// missing without which the letter must not leave.
func (s *Correspondence) Write(ctx context.Context, actor casefile.Actor, land calendar.Land, caseID uuid.UUID, kind letter.Kind, words map[string]person.Text, values map[string]string, to []person.Text, now time.Time) (uuid.UUID, error) {
	if !slices.Contains(ByHand, kind) {
		return uuid.Nil, problem.New(problem.Invalid, "correspondence.kind")
	}
	if kind == letter.KindArchiveOffer && values[Lawful] == "" {
		return uuid.Nil, procedure.Incomplete(Lawful, "desk.error.unlawful")
	}
	id := uuid.New()
	err := s.Locked(ctx, actor, casefile.ActionWriteLetter, caseID, func(ctx context.Context, c *casefile.Case) error {
		rights, err := s.Cases.Rights(ctx, caseID)
		if err != nil {
			return err
		}
		identifiers, err := s.Identifiers(ctx, *c)
		if err != nil {
			return err
		}
		if key := WhyNot(kind, *c, rights[caseID], len(casefile.Verified(identifiers)) > 0); key != "" {
			return problem.New(problem.Conflict, key)
		}
		x := sheet{kind: kind, words: words, values: values, to: to, by: actor.ID, land: land}
		if err := s.keep(ctx, *c, id, x, actor, now); err != nil {
			return err
		}
		return s.openTask(ctx, *c, id, actor.ID, kind, values["until"], now)
	})
	return id, err
}

// openTask lets staff wait for what a letter asks others, for each by itself. It
// does not stop the clock.
func (s *Correspondence) openTask(ctx context.Context, c casefile.Case, id, by uuid.UUID, kind letter.Kind, until string, now time.Time) error {
	if kind != letter.KindConsultation && kind != letter.KindArchiveOffer {
		return nil
	}
	if err := s.Findings.FinishTask(ctx, c.ID, casefile.TaskWrite, "", by, now); err != nil {
		return err
	}
	due := c.Warn
	if day, err := calendar.Parse(until); err == nil {
		due = day
	}
	return s.Findings.PutTasks(ctx, []casefile.Task{{ID: uuid.New(), Case: c.ID, Kind: casefile.TaskReply, System: id.String(), CreatedAt: now, DueOn: due}})
}

// Enclose writes a letter to the applicant in the transaction of what it tells.
// The caller holds the case's lock.
func (s *Correspondence) Enclose(ctx context.Context, c casefile.Case, land calendar.Land, kind letter.Kind, words map[string]person.Text, values map[string]string, actor casefile.Actor, now time.Time) (uuid.UUID, error) {
	id := uuid.New()
	return id, s.keep(ctx, c, id, sheet{kind: kind, words: words, values: values, by: actor.ID, land: land}, actor, now)
}

// keep writes, seals and keeps a letter with its entries and jobs.
func (s *Correspondence) keep(ctx context.Context, c casefile.Case, id uuid.UUID, x sheet, actor casefile.Actor, now time.Time) error {
	doc, err := s.compose(ctx, c, x, now)
	if err != nil {
		return err
	}
	if missing := letter.Missing(doc); len(missing) > 0 {
		return problem.New(problem.Conflict, "correspondence.missing", "what", missing[0]).Because(errors.New(string(x.kind) + " lacks something"))
	}
	text := casefile.LetterText{Kind: string(x.kind), ToOthers: x.kind.ToOthers(), Way: casefile.ByPost, Subject: doc.Subject}
	if text.Document, err = letter.Encode(doc); err != nil {
		return err
	}
	request, err := s.Request(ctx, c)
	if err != nil {
		return err
	}
	switch {
	case !text.ToOthers:
		text.Way = procedure.WayTo(request)
	case x.way != "":
		text.Way = x.way
	}
	l := casefile.Letter{ID: id, Case: c.ID, CreatedAt: now, CreatedBy: x.by}
	if l.Sealed, err = s.Seal(ctx, procedure.SlotOf(c, "letter", "sealed", id), text); err != nil {
		return err
	}
	if err := s.House.Letters.PutLetter(ctx, l); err != nil {
		return err
	}
	if err := s.Note(ctx, c, casefile.NoteLetter, calendar.Date{}, actor, casefile.HappeningText{Ref: id}, now); err != nil {
		return err
	}
	if err := s.Ledger.Record(ctx, ledger.Message, c.ID, actor, map[string]string{"letter": id.String(), "kind": string(x.kind)}, now); err != nil {
		return err
	}
	if err := s.Queue.Enqueue(ctx, c.Authority, id, casefile.JobLetter); err != nil {
		return err
	}
	return s.way(ctx, c, text, now)
}

// way sets a letter on its way: a mail says that something is there, or staff get
// the task to post it. Of a letter to others the applicant hears nothing.
func (s *Correspondence) way(ctx context.Context, c casefile.Case, text casefile.LetterText, now time.Time) error {
	if text.Way == casefile.ByPost {
		if err := s.postLater(ctx, c, now); err != nil {
			return err
		}
	}
	if text.ToOthers || letter.Kind(text.Kind) == letter.KindReceipt {
		return nil // the receipt has a mail of its own
	}
	return s.Queue.Enqueue(ctx, c.Authority, c.ID, casefile.JobNews)
}

func (s *Correspondence) postLater(ctx context.Context, c casefile.Case, now time.Time) error {
	task := casefile.Task{ID: uuid.New(), Case: c.ID, Kind: casefile.TaskLetter, CreatedAt: now, DueOn: c.Warn}
	return s.Findings.PutTasks(ctx, []casefile.Task{task})
}
