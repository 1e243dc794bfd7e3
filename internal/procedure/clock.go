package procedure

import (
	"context"
	"errors"
	"slices"
	"time"

	"einsicht/internal/casefile"
	"einsicht/internal/inventory"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/deadline"
	"einsicht/internal/law/silence"
	"einsicht/internal/ledger"
	"einsicht/internal/letter"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/wording"
)

// MoveClock adds an event of the clock to a case and counts its deadline anew,
// for the case and for each right.
func (h *House) MoveClock(ctx context.Context, c *casefile.Case, land calendar.Land, event deadline.Event, kind ledger.Kind, actor casefile.Actor, said casefile.HappeningText, now time.Time) error {
	history, err := h.Cases.History(ctx, c.ID)
	if err != nil {
		return err
	}
	history = append(history, casefile.Happening{Kind: string(event.Kind), On: event.On})
	reckoning, err := c.Reckon(land, history)
	if err != nil {
		return problem.New(problem.Conflict, "case.clock."+string(event.Kind)).Because(err)
	}
	if err := h.Note(ctx, *c, string(event.Kind), event.On, actor, said, now); err != nil {
		return err
	}
	rights, err := h.Cases.Rights(ctx, c.ID)
	if err != nil {
		return err
	}
	if err := h.date(ctx, c, rights[c.ID], reckoning); err != nil {
		return err
	}
	return h.Ledger.Record(ctx, kind, c.ID, actor, map[string]string{"on": event.On.String()}, now)
}

// Redate counts the deadline of a case anew after a decision on its rights, and
// writes them with it.
func (h *House) Redate(ctx context.Context, c *casefile.Case, rights []casefile.Right) error {
	inv, err := h.Inventories.Version(ctx, c.Inventory)
	if err != nil {
		return err
	}
	history, err := h.Cases.History(ctx, c.ID)
	if err != nil {
		return err
	}
	reckoning, err := c.Reckon(inv.Authority.Land, history)
	if err != nil {
		return err
	}
	return h.date(ctx, c, rights, reckoning)
}

func (h *House) date(ctx context.Context, c *casefile.Case, rights []casefile.Right, reckoning deadline.Reckoning) error {
	c.DateBy(rights, reckoning)
	if err := h.Cases.Save(ctx, *c); err != nil {
		return err
	}
	return h.Cases.PutRights(ctx, c.ID, rights)
}

// Question is what the applicant was asked and has not answered: the only thing
// for which the clock may rest.
type Question struct {
	About    silence.Asked
	On       calendar.Date // the day on which the person was asked
	Reminded calendar.Date // none: not yet
	Asked    casefile.Happening
}

// Unanswered finds in a case's history the question that waits for an answer. One
// that goes by post, and a reminder, stand there from the day they were posted.
func Unanswered(history []casefile.Happening) (q Question, open bool) {
	for _, h := range history {
		switch h.Kind {
		case casefile.NoteAskedIdentity:
			q, open = Question{About: silence.Identity, On: dayOf(h), Asked: h}, true
		case casefile.NoteAskedClear:
			q, open = Question{About: silence.Clarification, On: dayOf(h), Asked: h}, true
		case casefile.NoteReminded:
			q.Reminded = dayOf(h)
		case string(deadline.Resume):
			q, open = Question{}, false
		}
	}
	return q, open
}

// Wait says how long the case waits for the answer.
func (q Question) Wait(land calendar.Land) silence.Wait {
	return silence.Of(q.About, q.On, q.Reminded, land)
}

// WayTo is how letters go to the applicant.
func WayTo(r casefile.Request) casefile.AnswerWay {
	if r.Answer == casefile.ByPortal && !r.Email.IsZero() {
		return casefile.ByPortal
	}
	return casefile.ByPost
}

// InTray says whether letters of one of the kinds wait to be posted: nobody has
// been told yet what they say.
func (h *House) InTray(ctx context.Context, c casefile.Case, kinds ...letter.Kind) (bool, error) {
	all, err := h.Letters.Letters(ctx, c.ID)
	if err != nil {
		return false, err
	}
	for _, l := range all {
		if !l.PostedOn.IsZero() {
			continue
		}
		text, err := h.LetterText(ctx, c, l)
		if err != nil {
			return false, err
		}
		if text.Way == casefile.ByPost && slices.Contains(kinds, letter.Kind(text.Kind)) {
			return true, nil
		}
	}
	return false, nil
}

// MayEnd refuses to end a case for want of identity before the person was asked
// who they are, was reminded, and had time for both (Art. 11(2), 12(2) GDPR); and
// where the letter that says so could not be written.
func (h *House) MayEnd(ctx context.Context, c casefile.Case, now time.Time) error {
	inv, err := h.Inventories.Version(ctx, c.Inventory)
	if err != nil {
		return err
	}
	history, err := h.Cases.History(ctx, c.ID)
	if err != nil {
		return err
	}
	if waits, err := h.InTray(ctx, c, letter.KindIdentity, letter.KindReminder); err != nil {
		return err
	} else if waits {
		return problem.New(problem.Conflict, "correspondence.end.in_tray")
	}
	q, open := Unanswered(history)
	if !open || q.About != silence.Identity {
		return problem.New(problem.Conflict, "correspondence.end.ask_first")
	}
	if from := q.Wait(inv.Authority.Land).GoOnFrom; from.IsZero() || calendar.DateOf(now).Before(from) {
		return problem.New(problem.Conflict, "correspondence.end.wait")
	}
	return h.mayClose(ctx, c, inv, now)
}

// mayClose: Art. 11(2) GDPR lifts Art. 15 to 20, not the objection and not the
// withdrawal of consent; and whoever is turned away is told how to go to court.
func (h *House) mayClose(ctx context.Context, c casefile.Case, inv inventory.Inventory, now time.Time) error {
	rights, err := h.Cases.Rights(ctx, c.ID)
	if err != nil {
		return err
	}
	var asked []law.Right
	for _, r := range rights[c.ID] {
		if r.Outcome == casefile.Undecided && (r.Right == law.Objection || r.Right == law.ConsentWithdrawal) {
			return problem.New(problem.Conflict, "correspondence.end.rights", "article", r.Right.Article())
		}
		asked = append(asked, r.Right)
	}
	request, err := h.Request(ctx, c)
	if err != nil {
		return err
	}
	texts, err := h.Texts(ctx)
	if err != nil {
		return err
	}
	// Whether it is whole hangs on the case, not on who writes what.
	some := person.NewText("-")
	n := letter.Notice{
		Kind: letter.KindClosing, Lang: wording.Parse(request.Lang), Authority: inv.Authority, Texts: texts, To: []person.Text{some}, InCharge: "-",
		FileNumber: c.FileNumber, Received: c.Received.Time(), Date: calendar.DateOf(now).Time(), Rights: asked,
		Words: map[string]person.Text{"reasons": some}, Court: Matter{Inventory: inv, Request: request}.Court(), CivilServant: request.Residence.CivilServant,
	}
	if n.NonPublic, err = h.AskedNonPublic(ctx, c, inv); err != nil {
		return err
	}
	l, err := letter.Write(n)
	if err != nil {
		return err
	}
	if missing := letter.Missing(l); len(missing) > 0 {
		return problem.New(problem.Conflict, "correspondence.missing", "what", missing[0]).Because(errors.New("the closing letter lacks something"))
	}
	return nil
}

// AskedNonPublic says whether a system was asked to which the rules for
// non-public bodies apply, § 5(5) DSG NRW.
func (h *House) AskedNonPublic(ctx context.Context, c casefile.Case, inv inventory.Inventory) (bool, error) {
	inquiries, err := h.Findings.Inquiries(ctx, c.ID)
	return slices.ContainsFunc(inquiries, func(q casefile.Inquiry) bool {
		system, _ := inv.System(q.System)
		return system.Regime == law.BDSGNonPublic
	}), err
}

// dayOf is the day an entry has effect on; older entries of questions name none.
func dayOf(h casefile.Happening) calendar.Date {
	if h.On.IsZero() {
		return calendar.DateOf(h.At)
	}
	return h.On
}
