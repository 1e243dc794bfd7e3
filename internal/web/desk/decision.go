package desk

import (
	"slices"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/procedure/review"
	"einsicht/views/desk"
	"einsicht/views/kern"
)

// decideRight records what the examination came to; nobody chooses an outcome.
func (d Deps) decideRight(c *fiber.Ctx, v visitor, at examined, f sent) error {
	text := casefile.RightText{ForPerson: f.text("for_person"), ForFile: f.text("for_file"), Silent: f.text("silent")}
	return d.Exam.DecideRight(c.UserContext(), v.actor, at.id, at.right, text, v.now)
}

func (d Deps) acceptGaps(c *fiber.Ctx, v visitor, id uuid.UUID, f sent) error {
	return d.Review.AcceptGaps(c.UserContext(), v.actor, id, f.text("reason"), v.now)
}

func needsData(r review.Right) bool { return r.Right.Right.NeedsData() }

// decision is what is answered to each right.
func (s *sheet) decision() desk.Decision {
	p := desk.Decision{Title: s.say("desk.part.decision"), Text: s.say("exam.case.text")}
	for _, r := range s.o.Rights {
		p.Rights = append(p.Rights, s.rightDecision(r))
	}
	open := slices.ContainsFunc(s.o.Rights, func(r review.Right) bool { return r.Outcome == casefile.Undecided && r.Composed == casefile.Undecided })
	if !open && !s.o.Case.State.Answered() {
		p.Answer = kern.Button{Label: s.say("desk.answer.draft.see"), Href: s.path + "/antwort", Rank: kern.Secondary}
	}
	silent := slices.ContainsFunc(s.o.Systems, func(sys review.System) bool { return !sys.Inquiry.State.Answered() || len(sys.Text.Gaps) > 0 })
	switch {
	case s.o.Case.GapsAccepted:
		p.Given = s.say("desk.gaps.accepted")
	case silent && s.decides():
		b := s.form("luecken", "luecken")
		b.form.Lead = s.say("desk.gaps.text")
		p.Gaps = b.area(b.field("reason", "desk.gaps.reason"), "").done(s.say("desk.gaps.title"), s.say("desk.do.luecken"))
	}
	return p
}

var outcomeKinds = map[casefile.Outcome]kern.Kind{
	casefile.Undecided: kern.Warning, casefile.Granted: kern.Success, casefile.PartlyGranted: kern.Info,
	casefile.NothingHeld: kern.Info, casefile.Refused: kern.Danger,
}

func (s *sheet) rightDecision(r review.Right) desk.RightDecision {
	right := r.Right.Right
	p := desk.RightDecision{
		ID: "entscheidung-" + string(right), Title: s.say("desk.decision.right", "name", s.right(right), "article", s.article(right)),
		Tag: kern.Badge{Kind: outcomeKinds[r.Outcome], Label: s.outcome(r.Outcome)},
	}
	if r.Outcome != casefile.Undecided {
		p.Items = append(p.Items, kern.Item{Key: s.say("desk.decided.by"), Value: s.say("desk.decided.who", "name", s.who(r.DecidedBy), "at", s.moment(r.DecidedAt))})
	}
	for _, t := range []struct{ key, value string }{
		{"desk.decided.for_person", r.Text.ForPerson.Reveal()}, {"desk.decided.for_file", r.Text.ForFile.Reveal()}, {"desk.decided.silent", r.Text.Silent.Reveal()},
	} {
		if t.value != "" {
			p.Items = append(p.Items, kern.Item{Key: s.say(t.key), Value: t.value})
		}
	}
	if n := len(r.Text.Exam.Claims); n > 0 {
		p.Begun = append(p.Begun, s.say("exam.case.begun", "n", itoa(n)))
	}
	if r.Open > 0 {
		p.Begun = append(p.Begun, s.count("exam.case.questions", r.Open))
	}
	if r.Outcome == casefile.Undecided && r.Composed != casefile.Undecided {
		p.Begun = append(p.Begun, s.say("exam.case.composed", "outcome", s.outcome(r.Composed)))
	}
	label := "exam.case.see"
	if s.decides() {
		label = "exam.case.open"
	}
	p.Open = kern.Button{Label: s.say(label, "right", s.right(right)), Href: examPath(s.o.Case.ID, right), Rank: kern.Secondary}
	return p
}

func (s *sheet) outcome(o casefile.Outcome) string {
	word := string(o)
	if word == "" {
		word = "undecided"
	}
	return s.say("case.outcome." + word)
}
