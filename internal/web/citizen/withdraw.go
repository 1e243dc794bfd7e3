package citizen

import (
	"slices"

	"github.com/gofiber/fiber/v2"

	"einsicht/internal/casefile"
	"einsicht/internal/web/reply"
	"einsicht/views/citizen"
)

// askWithdraw asks once more: what was gathered is destroyed.
func (s *site) askWithdraw(c *fiber.Ctx, a casefile.Authority, actor casefile.Actor) error {
	own, err := s.Correspondence.Own(c.UserContext(), actor, a.Land, reply.Now(c))
	if err != nil {
		return err
	}
	home := "/" + a.Slug + "/vorgang"
	if !slices.Contains(casefile.Possible(own.Case.State), casefile.Withdraw) {
		return reply.Redirect(c, home)
	}
	title := say(c, "withdraw.title")
	p := citizen.Withdraw{Frame: framed(c, a, title), Title: title, FileNumber: own.Case.FileNumber, Action: home + "/zuruecknehmen", Back: home, CSRF: reply.CSRF(c)}
	p.Frame.Nav[2].Current = true
	return reply.Page(c, fiber.StatusOK, citizen.WithdrawPage(p))
}

// withdraw takes the request back.
func (s *site) withdraw(c *fiber.Ctx, a casefile.Authority, actor casefile.Actor) error {
	if err := s.Correspondence.Withdraw(c.UserContext(), actor, reply.Now(c)); err != nil {
		return err
	}
	return reply.Redirect(c, "/"+a.Slug+"/vorgang")
}
