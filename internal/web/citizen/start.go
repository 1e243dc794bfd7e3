package citizen

import (
	"github.com/gofiber/fiber/v2"

	"einsicht/internal/casefile"
	"einsicht/internal/law"
	"einsicht/internal/web/reply"
	"einsicht/views/citizen"
	"einsicht/views/kern"
)

// showStart says who answers here, what a person can ask and how it goes on.
func (s *site) showStart(c *fiber.Ctx, a casefile.Authority) error {
	inv, err := s.Intake.Inform(c.UserContext(), a)
	if err != nil {
		return err
	}
	home := "/" + a.Slug
	p := citizen.Start{Frame: framed(c, a, say(c, "start.title")), Begin: home + "/antrag", Status: home + "/stand", Privacy: home + "/datenschutz"}
	for _, r := range law.Rights {
		p.Rights = append(p.Rights, kern.Card{
			Preline: article(c, r), Title: say(c, "right."+string(r)+".question"), Text: say(c, "right."+string(r)+".text"),
			Href: home + "/antrag?recht=" + string(r), Level: 3,
		})
	}
	for _, step := range []string{"ask", "work", "answer"} {
		p.Steps = append(p.Steps, kern.Event{
			When: say(c, "start.step."+step+".time"), Title: say(c, "start.step."+step), Text: say(c, "start.step."+step+".text"),
		})
	}
	contact := inv.Authority.Contact
	p.Ways.Name, p.Ways.Lines = a.Name, contact.Lines(reply.Lang(c))
	if !contact.Reachable() {
		p.Ways.Gap = say(c, "start.ways.gap")
	}
	return reply.Page(c, fiber.StatusOK, citizen.StartPage(p))
}

// article cites a right in the visitor's language.
func article(c *fiber.Ctx, r law.Right) string { return say(c, "right."+string(r)+".article") }
