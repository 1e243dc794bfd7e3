package desk

import (
	"github.com/gofiber/fiber/v2"

	"einsicht/internal/web/reply"
	"einsicht/views/desk"
	"einsicht/views/kern"
	letterview "einsicht/views/letter"
)

// showAnswer shows the answer as it would leave now.
func (d Deps) showAnswer(c *fiber.Ctx, v visitor) error {
	id, err := caseID(c)
	if err != nil {
		return err
	}
	l, missing, err := d.Delivery.DraftAnswer(c.UserContext(), v.actor, id, v.now)
	if err != nil {
		return err
	}
	p := desk.OneLetter{
		Frame: d.frame(c, v, v.say("desk.answer.draft"), ""), Back: kern.Link{Href: "/desk/vorgang/" + id.String() + "#entscheidung", Label: v.say("desk.letters.back", "number", l.FileNumber)},
		Heading: kern.Heading{Preline: l.FileNumber, Title: v.say("desk.answer.draft"), Subline: v.say("desk.answer.draft.text")},
		Preview: desk.Preview{Title: l.Subject, Lead: v.say("desk.answer.draft.complete"), Letter: letterview.Preview(l)},
	}
	for _, sentence := range missing {
		p.Preview.Missing.Lines = append(p.Preview.Missing.Lines, kern.FieldError{Text: sentence})
	}
	if len(missing) > 0 {
		p.Preview.Missing.Title = v.say("desk.answer.draft.missing")
	}
	return reply.Page(c, fiber.StatusOK, desk.OneLetterPage(p))
}
