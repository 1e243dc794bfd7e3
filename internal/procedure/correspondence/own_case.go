package correspondence

import (
	"context"
	"slices"
	"time"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/deadline"
	"einsicht/internal/procedure"
)

// OwnCase is a case as its applicant sees it. What staff found and noted is not
// in it.
type OwnCase struct {
	Case      casefile.Case
	Request   casefile.Request
	Rights    []casefile.Right
	Reckoning deadline.Reckoning
	History   []OwnHappening
	// WantsCode: a code was sent to a contact and can be entered.
	WantsCode bool
	// Question is what staff asked and still wait for.
	Question casefile.HappeningText
	Package  *casefile.PackageText
}

// OwnHappening is one entry of the history, with what was said to the person.
type OwnHappening struct {
	Kind string
	At   time.Time
	Text casefile.HappeningText // ForPerson only
}

// shown are the kinds of happenings that an applicant sees: those that say the
// same whether or not there is something secret.
var shown = map[string]bool{
	string(casefile.Submit): true, string(casefile.Gather): true, string(casefile.Build): true, string(casefile.Fetch): true,
	string(casefile.Post): true, string(casefile.EndProvision): true, string(casefile.Close): true, string(casefile.Withdraw): true,
	string(casefile.GiveUp): true, casefile.NoteAskedIdentity: true, casefile.NoteAskedClear: true,
	casefile.NoteReminded: true, casefile.NoteCodeReplaced: true, casefile.NoteRestricted: true, casefile.NoteLifted: true, casefile.NoteTransmitted: true,
	string(deadline.Suspend): true, string(deadline.Resume): true, string(deadline.Extend): true,
}

// Own reads the applicant's own case.
func (s *Correspondence) Own(ctx context.Context, actor casefile.Actor, land calendar.Land, now time.Time) (OwnCase, error) {
	var o OwnCase
	err := s.Viewed(ctx, actor, casefile.ActionViewOwn, actor.ID, func(ctx context.Context, c casefile.Case) error {
		o.Case = c
		var err error
		if o.Request, err = s.Request(ctx, c); err != nil {
			return err
		}
		rights, err := s.Cases.Rights(ctx, c.ID)
		if err != nil {
			return err
		}
		o.Rights = rights[c.ID]
		checks, err := s.Cases.ContactChecks(ctx, c.ID, now)
		if err != nil {
			return err
		}
		o.WantsCode = len(checks) > 0
		if err := s.ownHistory(ctx, &o, land); err != nil {
			return err
		}
		return s.ownPackage(ctx, &o, now)
	})
	return o, err
}

func (s *Correspondence) ownHistory(ctx context.Context, o *OwnCase, land calendar.Land) error {
	history, err := s.Cases.History(ctx, o.Case.ID)
	if err != nil {
		return err
	}
	for _, h := range history {
		again := h.Kind == string(casefile.Gather) && slices.ContainsFunc(o.History, func(e OwnHappening) bool { return e.Kind == h.Kind })
		// That systems were asked again may follow from a record nobody may know of.
		if !shown[h.Kind] || again {
			continue
		}
		text, err := s.HappeningText(ctx, o.Case, h)
		if err != nil {
			return err
		}
		own := OwnHappening{Kind: h.Kind, At: h.At, Text: casefile.HappeningText{ForPerson: text.ForPerson}}
		switch h.Kind {
		case casefile.NoteAskedIdentity, casefile.NoteAskedClear:
			o.Question = own.Text
		case string(deadline.Resume):
			o.Question = casefile.HappeningText{}
		}
		o.History = append(o.History, own)
	}
	c := o.Case
	o.Reckoning, err = c.Reckon(land, history)
	return err
}

func (s *Correspondence) ownPackage(ctx context.Context, o *OwnCase, now time.Time) error {
	if !o.Case.State.Answered() || o.Case.State.Over() || now.After(o.Case.AvailableUntil) {
		return nil
	}
	all, err := s.Findings.Packages(ctx, o.Case.ID)
	if err != nil || len(all) == 0 || all[0].State != casefile.PackageBuilt {
		return err
	}
	o.Package = &casefile.PackageText{}
	return s.Open(ctx, procedure.SlotOf(o.Case, "package", "sealed", all[0].ID), all[0].Sealed, o.Package)
}

// Withdraw takes the request back; what was gathered is shredded.
func (s *Correspondence) Withdraw(ctx context.Context, actor casefile.Actor, now time.Time) error {
	return s.Locked(ctx, actor, casefile.ActionWithdrawOwn, actor.ID, func(ctx context.Context, c *casefile.Case) error {
		return s.Move(ctx, c, casefile.Withdraw, actor, casefile.HappeningText{}, now)
	})
}
