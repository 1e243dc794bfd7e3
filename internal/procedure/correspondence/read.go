package correspondence

import (
	"context"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/notification"
	"einsicht/internal/ledger"
	"einsicht/internal/letter"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
)

// Written is one letter as staff and applicant see it.
type Written struct {
	casefile.Letter
	Text     casefile.LetterText
	Document letter.Letter // only where one letter is read
}

// Printed says whether the PDF is made.
func (w Written) Printed() bool { return w.HasPDF || len(w.PDF) > 0 }

// Letters lists the letters of a case, the oldest first, without what they say.
// The applicant sees only those to them, as if there were no others.
func (s *Correspondence) Letters(ctx context.Context, actor casefile.Actor, caseID uuid.UUID) ([]Written, error) {
	var all []Written
	err := s.Viewed(ctx, actor, actionFor(actor), caseID, func(ctx context.Context, c casefile.Case) error {
		var err error
		all, err = s.letters(ctx, c)
		return err
	})
	if actor.Role == casefile.Applicant {
		all = toApplicant(all)
	}
	return all, err
}

// Letter reads one letter. That staff read it is a ledger entry. A letter that
// waits in the portal counts as notified from the day the rule names after the
// applicant first opened it.
func (s *Correspondence) Letter(ctx context.Context, actor casefile.Actor, caseID, id uuid.UUID, now time.Time) (Written, error) {
	var w Written
	err := s.reading(ctx, actor, caseID, id, now, func(ctx context.Context, _ casefile.Case, read Written) error {
		w = read
		var err error
		w.Document, err = letter.Decode(w.Text.Document)
		return err
	})
	return w, err
}

// PDF reads the PDF of a letter. There is none (problem.NotFound) before the job
// has made it, and never where nothing prints.
func (s *Correspondence) PDF(ctx context.Context, actor casefile.Actor, caseID, id uuid.UUID, now time.Time) ([]byte, error) {
	var pdf []byte
	err := s.reading(ctx, actor, caseID, id, now, func(ctx context.Context, c casefile.Case, w Written) error {
		if !w.Printed() {
			return problem.New(problem.NotFound, "correspondence.pdf.none")
		}
		var err error
		pdf, err = s.Keys.Open(ctx, procedure.SlotOf(c, "letter", "pdf", id), w.PDF)
		return err
	})
	return pdf, err
}

func (s *Correspondence) reading(ctx context.Context, actor casefile.Actor, caseID, id uuid.UUID, now time.Time, f func(context.Context, casefile.Case, Written) error) error {
	return s.Locked(ctx, actor, actionFor(actor), caseID, func(ctx context.Context, c *casefile.Case) error {
		w, err := s.one(ctx, *c, id)
		if err != nil {
			return err
		}
		if actor.Role == casefile.Applicant {
			if w.Text.ToOthers {
				return problem.NotFound
			}
			if err := s.fetched(ctx, *c, &w, actor, now); err != nil {
				return err
			}
		} else if err := s.Ledger.Record(ctx, ledger.Opened, caseID, actor, map[string]string{"letter": id.String()}, now); err != nil {
			return err
		}
		return f(ctx, *c, w)
	})
}

// fetched keeps when a letter that waits in the portal was first opened, § 41(2a)
// sentence 3 VwVfG. After its ten days that notifies nobody any more (sentence 4);
// where it matters the letter is posted.
func (s *Correspondence) fetched(ctx context.Context, c casefile.Case, w *Written, actor casefile.Actor, now time.Time) error {
	today := calendar.DateOf(now)
	if w.Text.Way != casefile.ByPortal || !w.Effective.IsZero() || w.Lapsed(today) {
		return nil
	}
	rule, ok := notification.Find(notification.Portal, today)
	if !ok {
		return nil
	}
	w.Effective = rule.Effective(today)
	if err := s.House.Letters.PutLetter(ctx, w.Letter); err != nil {
		return err
	}
	return s.notified(ctx, c, w.Letter, rule, today, ledger.Downloaded, actor, now)
}

// one reads a letter of this case and of no other.
func (s *Correspondence) one(ctx context.Context, c casefile.Case, id uuid.UUID) (Written, error) {
	l, err := s.House.Letters.Letter(ctx, id)
	if err != nil {
		return Written{}, err
	}
	if l.Case != c.ID {
		return Written{}, problem.NotFound
	}
	text, err := s.LetterText(ctx, c, l)
	return Written{Letter: l, Text: text}, err
}

func (s *Correspondence) letters(ctx context.Context, c casefile.Case) ([]Written, error) {
	rows, err := s.House.Letters.Letters(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	all := make([]Written, len(rows))
	for i, l := range rows {
		text, err := s.LetterText(ctx, c, l)
		if err != nil {
			return nil, err
		}
		text.Document = nil
		all[i] = Written{Letter: l, Text: text}
	}
	return all, nil
}

func toApplicant(all []Written) []Written {
	var own []Written
	for _, w := range all {
		if !w.Text.ToOthers {
			own = append(own, w)
		}
	}
	return own
}

func actionFor(actor casefile.Actor) casefile.Action {
	if actor.Role == casefile.Applicant {
		return casefile.ActionViewOwn
	}
	return casefile.ActionOpenCase
}
