package desk

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"einsicht/internal/casefile"
	"einsicht/internal/person"
	"einsicht/internal/procedure"
	"einsicht/internal/web/reply"
	"einsicht/views/desk"
	"einsicht/views/kern"
)

// byLetter stands where otherwise the id of a contact stands.
const byLetter = "letter"

// replaceCode replaces a lost access code. By letter, the new one is shown this
// once, to be printed; it is kept nowhere in clear.
func (d Deps) replaceCode(c *fiber.Ctx, v visitor) error {
	id, err := caseID(c)
	if err != nil {
		return err
	}
	f, err := readForm(c)
	if err != nil {
		return err
	}
	contact := f.uuid("contact")
	if to := f.get("contact"); to != byLetter && contact.String() != to {
		return d.refuse(c, v, id, f, procedure.Incomplete("contact", "desk.error.replace"))
	}
	code, err := d.Identification.ReplaceCode(c.UserContext(), v.actor, id, contact, v.now)
	if err != nil {
		return d.refuse(c, v, id, f, err)
	}
	if code.IsZero() {
		return reply.Redirect(c, casePath(id)+"#verlauf")
	}
	title := v.say("desk.replace.letter")
	p := desk.NewCode{
		Frame: d.frame(c, v, title, ""), Heading: kern.Heading{Title: title}, Lead: v.say("desk.replace.letter.text"),
		Code:  kern.Code{Label: v.say("desk.replace.code"), Groups: strings.Split(code.Reveal(), "-")},
		Print: kern.Button{Label: v.say("desk.replace.print"), Print: true},
	}
	p.Back = kern.Link{Href: casePath(id), Label: v.say("desk.stand.back")}
	return reply.Page(c, fiber.StatusOK, desk.NewCodePage(p))
}

func (s *sheet) replaceForm() desk.Form {
	b := s.form("zugangscode", "zugangscode")
	b.form.Lead = s.say("desk.replace.text")
	options := s.identifiers(func(d casefile.Identifier) bool { return d.Kind == person.Email && d.Verified() })
	options = append(options, kern.Option{Value: byLetter, Label: s.say("desk.replace.by_letter")})
	b.radios(b.field("contact", "desk.replace.contact"), options)
	return b.done(s.say("desk.replace.title"), s.say("desk.do.zugangscode"))
}
