package citizen

import (
	"bytes"
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/login"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/web/reply"
	"einsicht/internal/wording"
	"einsicht/views/citizen"
	"einsicht/views/kern"
	letterview "einsicht/views/letter"
)

// recipientHandler answers somebody who gave number and code of a notice here.
type recipientHandler func(c *fiber.Ctx, a casefile.Authority, actor casefile.Actor, number string) error

// recipient finds whose notice it is. A code given at one authority opens nothing at
// another.
func (s *site) recipient(h recipientHandler) handler {
	return func(c *fiber.Ctx, a casefile.Authority) error {
		id, number, ok := ownNotice(c, a)
		if !ok {
			return reply.Redirect(c, noticePath(a))
		}
		err := h(c, a, casefile.Actor{ID: id, Role: casefile.Recipient, Authority: a.ID}, number)
		if !errors.Is(err, problem.NotFound) {
			return err
		}
		// It was stopped or has expired: another one can be entered.
		reply.SessionOf(c).Delete(reply.Notice)
		p := noticeDoor(c, a)
		p.Number.Error = say(c, "notice.gone")
		return s.doorAgain(c, p, fiber.StatusNotFound)
	}
}

// askNotice asks for number and code of a notice.
func (s *site) askNotice(c *fiber.Ctx, a casefile.Authority) error {
	if _, _, ok := ownNotice(c, a); ok {
		return reply.Redirect(c, noticePath(a)+"/lesen")
	}
	return reply.Page(c, fiber.StatusOK, citizen.NoticeDoorPage(noticeDoor(c, a)))
}

// enterNotice lets a recipient in. What is wrong, unknown, expired or was tried too
// often gets the same page; that something can't be a number or a code at all says
// nothing about any notice.
func (s *site) enterNotice(c *fiber.Ctx, a casefile.Authority) error {
	p := noticeDoor(c, a)
	number, code := c.FormValue("number"), c.FormValue("code")
	if _, ok := casefile.ParseFileNumber(number); !ok {
		p.Number.Error = say(c, "notice.error.number")
	}
	if _, ok := casefile.ParseAccessCode(code); !ok {
		p.Code.Error = say(c, "notice.error.code")
	}
	status := fiber.StatusUnprocessableEntity
	if p.Number.Error == "" && p.Code.Error == "" {
		actor, normal, err := s.Identification.EnterNotice(c.UserContext(), a, number, code, login.Network(reply.Address(c).String()), reply.Now(c))
		if err == nil {
			session := reply.SessionOf(c)
			session.Set(reply.Notice, strings.Join([]string{a.Slug, actor.ID.String(), normal}, " "))
			session.Renew()
			return reply.Redirect(c, noticePath(a)+"/lesen")
		}
		var refused *problem.Error
		if !errors.As(err, &refused) || !(errors.Is(err, problem.Forbidden) || errors.Is(err, problem.Throttled)) {
			return err
		}
		p.Number.Error = wording.Text(reply.Lang(c), refused.Key, refused.Args...)
		if errors.Is(err, problem.Throttled) {
			status = fiber.StatusTooManyRequests
		}
	}
	p.Number.Value, p.Code.Value = number, code
	return s.doorAgain(c, p, status)
}

func (s *site) doorAgain(c *fiber.Ctx, p citizen.Status, status int) error {
	for _, i := range []kern.Input{p.Number, p.Code} {
		if i.Error != "" {
			p.Errors = append(p.Errors, kern.FieldError{ID: i.Name, Text: i.Error})
		}
	}
	p.Frame.Failed = true
	return reply.Page(c, status, citizen.NoticeDoorPage(p))
}

func noticeDoor(c *fiber.Ctx, a casefile.Authority) citizen.Status {
	line := func(name string) kern.Input {
		return kern.Input{Field: kern.Field{Name: name, Label: say(c, "notice."+name), Hint: say(c, "notice."+name+".hint")}, Autocomplete: "off", MaxLength: 80}
	}
	p := citizen.Status{
		Frame: framed(c, a, say(c, "notice.title")), Title: say(c, "notice.title"), Action: noticePath(a), CSRF: reply.CSRF(c),
		Number: line("number"), Code: line("code"), Home: "/" + a.Slug,
	}
	p.Frame.Path = noticePath(a)
	return p
}

// showNotice shows a recipient what was done to which data.
func (s *site) showNotice(c *fiber.Ctx, a casefile.Authority, actor casefile.Actor, number string) error {
	own, err := s.Correspondence.ReadNotice(c.UserContext(), actor, number, reply.Now(c))
	if err != nil {
		return err
	}
	path := noticePath(a)
	p := citizen.Notice{
		Frame: framed(c, a, say(c, "notice.title")), Title: say(c, "notice.title"), Preline: say(c, "notice.preline", "number", number),
		Lead: say(c, "notice.until", "date", dated(c, own.Until)), Body: letterview.Preview(own.Document), Lang: string(own.Document.Lang),
		File: path + "/datei", Action: path + "/lesen", SignOut: path + "/abmelden", CSRF: reply.CSRF(c),
		Said: kern.Area{Field: kern.Field{Name: "said", Label: say(c, "notice.said"), Hint: say(c, "notice.said.hint"), Optional: say(c, "optional")}, MaxLength: 4000},
	}
	if own.Confirmed {
		p.Confirmed, p.Answer = say(c, "notice.confirmed"), own.Said.Reveal()
	}
	return reply.Page(c, fiber.StatusOK, citizen.NoticePage(p))
}

// confirmNotice takes a recipient's word that it acted.
func (s *site) confirmNotice(c *fiber.Ctx, a casefile.Authority, actor casefile.Actor, number string) error {
	said := person.NewText(strings.TrimSpace(c.FormValue("said")))
	if err := s.Correspondence.ConfirmNotice(c.UserContext(), actor, number, said, reply.Now(c)); err != nil {
		return err
	}
	return reply.Redirect(c, noticePath(a)+"/lesen")
}

// noticeFile hands a notice out as one file that needs no other.
func (s *site) noticeFile(c *fiber.Ctx, _ casefile.Authority, actor casefile.Actor, number string) error {
	own, err := s.Correspondence.ReadNotice(c.UserContext(), actor, number, reply.Now(c))
	if err != nil {
		return err
	}
	var page bytes.Buffer
	if err := letterview.Document(own.Document).Render(c.UserContext(), &page); err != nil {
		return err
	}
	return reply.Attach(c, say(c, "notice.file.name")+".html", "text/html; charset=utf-8", page.Bytes())
}

func noticePath(a casefile.Authority) string { return "/" + a.Slug + "/mitteilung" }

// ownNotice is the notice at this authority whose code the visitor gave.
func ownNotice(c *fiber.Ctx, a casefile.Authority) (id uuid.UUID, number string, ok bool) {
	parts := strings.Split(reply.SessionOf(c).Get(reply.Notice), " ")
	if len(parts) != 3 || parts[0] != a.Slug {
		return uuid.Nil, "", false
	}
	id, err := uuid.Parse(parts[1])
	return id, parts[2], err == nil
}
