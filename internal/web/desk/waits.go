package desk

import (
	"slices"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law"
	"einsicht/internal/law/deadline"
	"einsicht/internal/law/silence"
	"einsicht/internal/letter"
	"einsicht/internal/procedure"
	"einsicht/internal/procedure/correspondence"
	"einsicht/internal/procedure/identification"
	"einsicht/internal/procedure/review"
	"einsicht/views/desk"
	"einsicht/views/kern"
)

// question is what the person was asked and has not answered.
func (s *sheet) question() (procedure.Question, bool) { return procedure.Unanswered(s.happened()) }

func (s *sheet) happened() []casefile.Happening {
	all := make([]casefile.Happening, len(s.o.History))
	for i, h := range s.o.History {
		all[i] = h.Happening
	}
	return all
}

// inTray says whether a letter of one of the kinds waits to be posted.
func (s *sheet) inTray(kinds ...letter.Kind) bool {
	return slices.ContainsFunc(s.mail, func(w correspondence.Written) bool {
		return w.Waits() && slices.Contains(kinds, letter.Kind(w.Text.Kind))
	})
}

// waits says what a resting clock waits for. How long is ours and not the law's;
// the sentences say so.
func (s *sheet) waits() desk.Waits {
	q, open := s.question()
	if !open || s.o.Reckoning.RestsSince == nil || s.o.Case.State.Answered() {
		return desk.Waits{}
	}
	reminded := s.say("desk.waits.not_reminded")
	if !q.Reminded.IsZero() {
		reminded = s.day(q.Reminded)
	}
	return desk.Waits{
		Title: s.say("desk.waits." + string(q.About)), Text: q.Wait(s.authority.Land).Text(s.lang),
		Items: []kern.Item{{Key: s.say("desk.waits.asked"), Value: s.day(q.On)}, {Key: s.say("desk.waits.reminded"), Value: reminded}},
	}
}

// mayEnd says whether the case may end because nobody knows who asks: only after
// a question, a reminder and the time for each. If not, why.
func (s *sheet) mayEnd() (ok bool, why string) {
	if s.inTray(letter.KindIdentity, letter.KindReminder) {
		return false, s.say("correspondence.end.in_tray")
	}
	q, open := s.question()
	if !open || q.About != silence.Identity {
		return false, s.say("desk.giveup.ask_first")
	}
	w := q.Wait(s.authority.Land)
	if w.GoOnFrom.IsZero() || s.today().Before(w.GoOnFrom) {
		return false, s.say("desk.giveup.asked", "date", s.day(q.On)) + " " + w.Text(s.lang)
	}
	return true, ""
}

// askable: nothing else stops the clock, and only while it runs.
func (s *sheet) askable() bool {
	return !s.o.Case.State.Answered() && s.o.Case.RestsSince.IsZero() && !s.inTray(letter.KindIdentity, letter.KindClarification) && s.d.may(s.visitor, casefile.ActionAskIdentity)
}

func (s *sheet) asksAccess() bool {
	return slices.ContainsFunc(s.o.Rights, func(r review.Right) bool { return r.Right.Right == law.Access })
}

// askedLate says beforehand what the reckoning would flag: that the clock may not
// rest for a question asked today (EDPB Guidelines 01/2022, 159).
func (s *sheet) askedLate() string {
	clock := append(casefile.ClockEvents(s.happened()), deadline.Event{Kind: deadline.Suspend, On: s.today()})
	r, err := deadline.Of(s.o.Case.Received, s.authority.Land, clock)
	if err != nil {
		return ""
	}
	for _, f := range r.Flags {
		if f.On == s.today() {
			return s.known("desk.ask." + string(f.Kind))
		}
	}
	return ""
}

// askForm asks who the person is: with the doubts, for the file, and in the
// letter only as much of them as helps the person to settle them.
func (s *sheet) askForm() desk.Form {
	b := s.form("fragen", "fragen")
	b.form.Lead = joined(s.say("desk.ask.text"), s.askedLate())
	b.area(b.field("doubts", "desk.ask.doubts"), "").area(b.field("question", "desk.ask.question"), "")
	b.area(b.optional(b.field("reasons", "desk.ask.reasons")), "")
	return b.done(s.say("desk.ask.title"), s.say("desk.do.fragen"))
}

// clarifyForm asks what exactly the person wants to know.
func (s *sheet) clarifyForm() desk.Form {
	b := s.form("praezisieren", "praezisieren")
	basis := identification.Basis(silence.Clarification, s.authority.Land)
	b.form.Lead = joined(s.say("desk.clarify.text", "basis", basis), s.askedLate())
	b.area(b.field("reasons", "desk.clarify.reasons"), "").area(b.field("question", "desk.clarify.question"), "")
	return b.done(s.say("desk.clarify.title"), s.say("desk.do.praezisieren"))
}

func joined(first, second string) string {
	if second == "" {
		return first
	}
	return first + " " + second
}

// ask asks the person by a letter, for identity or for what they want to know.
func (d Deps) ask(about silence.Asked) func(c *fiber.Ctx, v visitor, id uuid.UUID, f sent) error {
	return func(c *fiber.Ctx, v visitor, id uuid.UUID, f sent) error {
		q := identification.Question{About: about, Question: f.text("question"), Reasons: f.text("reasons"), ForFile: f.text("doubts")}
		return d.Identification.AskFor(c.UserContext(), v.actor, v.authority.Land, id, q, v.now)
	}
}
