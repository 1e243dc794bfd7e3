package desk

import (
	"github.com/gofiber/fiber/v2"

	"einsicht/internal/login"
	"einsicht/internal/procedure"
	"einsicht/internal/web/reply"
	"einsicht/views/desk"
	"einsicht/views/kern"
)

// showInvitation is what the one-time link of a new account opens.
func (d Deps) showInvitation(c *fiber.Ctx) error {
	staff, err := d.Accounts.Invited(c.UserContext(), c.Params("token"))
	if err != nil {
		return err
	}
	return d.invitationPage(c, staff, came{})
}

// acceptInvitation sets the password that was typed twice and sends on to sign
// in with it.
func (d Deps) acceptInvitation(c *fiber.Ctx) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	token, w := c.Params("token"), words{reply.Lang(c)}
	staff, err := d.Accounts.Invited(c.UserContext(), token)
	if err != nil {
		return err
	}
	if f.values.Get("password") != f.values.Get("again") {
		err = procedure.Incomplete("again", "desk.error.again")
	} else {
		_, err = d.Accounts.Accept(c.UserContext(), token, f.values.Get("password"))
	}
	if err != nil {
		back, ok := w.refusal(f, err)
		if !ok {
			return err
		}
		return d.invitationPage(c, staff, back)
	}
	return reply.Redirect(c, signIn)
}

func (d Deps) invitationPage(c *fiber.Ctx, staff login.Staff, back came) error {
	w := words{reply.Lang(c)}
	back.id = "einladung"
	b := w.build(back, "einladung", c.Path(), reply.CSRF(c))
	b.add(kern.Line(kern.Input{Field: b.field("password", "desk.invite.password"), Type: "password", Autocomplete: "new-password"}))
	b.add(kern.Line(kern.Input{Field: b.field("again", "desk.invite.again"), Type: "password", Autocomplete: "new-password"}))
	title := w.say("desk.invite.title")
	p := desk.Entry{
		Frame: reply.Frame(c, title), Heading: kern.Heading{Title: title, Preline: w.say("frame.desk")},
		Lead: w.say("desk.invite.lead", "name", staff.Name, "role", w.say("case.role."+string(staff.Role))),
		Form: b.done("", w.say("desk.invite.go")), Errors: w.errors(back),
	}
	p.Form.Buttons[0].Rank, p.Path = kern.Primary, "/" // the token belongs into no other link
	status := fiber.StatusOK
	if back.status != 0 {
		status, p.Failed = back.status, true
	}
	return reply.Page(c, status, desk.EntryPage(p))
}
