package citizen

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"einsicht/internal/casefile"
	"einsicht/internal/login"
	"einsicht/internal/problem"
	"einsicht/internal/web/reply"
	"einsicht/internal/wording"
	"einsicht/views/citizen"
	"einsicht/views/kern"
)

// showStatus asks for file number and access code.
func (s *site) showStatus(c *fiber.Ctx, a casefile.Authority) error {
	if ownPlace(c, a) {
		return reply.Redirect(c, "/"+a.Slug+"/vorgang")
	}
	return reply.Page(c, fiber.StatusOK, citizen.StatusPage(statusPage(c, a)))
}

// enter lets the applicant in. A wrong pair and an unknown number get the same
// page; that something can't be a number or a code at all says nothing about any
// case.
func (s *site) enter(c *fiber.Ctx, a casefile.Authority) error {
	p := statusPage(c, a)
	number, code := c.FormValue("number"), c.FormValue("code")
	if _, ok := casefile.ParseFileNumber(number); !ok {
		p.Number.Error = say(c, "error.number")
	}
	if _, ok := casefile.ParseAccessCode(code); !ok {
		p.Code.Error = say(c, "error.code")
	}
	if p.Number.Error == "" && p.Code.Error == "" {
		actor, err := s.Identification.Enter(c.UserContext(), a, number, code, login.Network(reply.Address(c).String()), reply.Now(c))
		if err == nil {
			session := reply.SessionOf(c)
			session.Set(reply.CaseID, actor.ID.String())
			session.Set(placeKey, a.Slug)
			session.Renew()
			return reply.Redirect(c, "/"+a.Slug+"/vorgang")
		}
		var refused *problem.Error
		if !errors.As(err, &refused) || !(errors.Is(err, problem.Forbidden) || errors.Is(err, problem.Throttled)) {
			return err
		}
		p.Number.Error = wording.Text(reply.Lang(c), refused.Key, refused.Args...)
		if errors.Is(err, problem.Throttled) {
			return s.statusAgain(c, p, fiber.StatusTooManyRequests)
		}
	}
	return s.statusAgain(c, p, fiber.StatusUnprocessableEntity)
}

func (s *site) statusAgain(c *fiber.Ctx, p citizen.Status, status int) error {
	p.Number.Value, p.Code.Value = c.FormValue("number"), c.FormValue("code")
	for _, i := range []kern.Input{p.Number, p.Code} {
		if i.Error != "" {
			p.Errors = append(p.Errors, kern.FieldError{ID: i.Name, Text: i.Error})
		}
	}
	p.Frame.Failed = true
	return reply.Page(c, status, citizen.StatusPage(p))
}

func statusPage(c *fiber.Ctx, a casefile.Authority) citizen.Status {
	line := func(name string) kern.Input {
		return kern.Input{Field: kern.Field{Name: name, Label: say(c, "status."+name), Hint: say(c, "status."+name+".hint")}, Autocomplete: "off", MaxLength: 80}
	}
	return citizen.Status{
		Frame: framed(c, a, say(c, "status.title")), Title: say(c, "status.title"), Action: "/" + a.Slug + "/stand", CSRF: reply.CSRF(c),
		Number: line("number"), Code: line("code"), Home: "/" + a.Slug,
	}
}

// ownPlace says whether the visitor's case is at this authority.
func ownPlace(c *fiber.Ctx, a casefile.Authority) bool {
	session := reply.SessionOf(c)
	return session.Get(reply.CaseID) != "" && session.Get(placeKey) == a.Slug
}
