package desk

import (
	"fmt"
	"slices"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/login"
	"einsicht/internal/web/reply"
	"einsicht/internal/web/staff"
	"einsicht/views/desk"
	"einsicht/views/kern"
)

func (d Deps) showSignIn(c *fiber.Ctx) error {
	if reply.SessionOf(c).Get(reply.StaffID) != "" {
		return reply.Redirect(c, home)
	}
	return d.signInPage(c, came{})
}

// signIn lets staff in. Whatever keeps somebody out reads the same.
func (d Deps) signIn(c *fiber.Ctx) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	all, err := d.Authorities(c.UserContext())
	if err != nil {
		return fmt.Errorf("list authorities: %w", err)
	}
	who := login.Credentials{Name: f.get("name"), Password: f.values.Get("password"), Address: reply.Address(c).String()}
	if i := slices.IndexFunc(all, func(a casefile.Authority) bool { return a.Slug == f.get("authority") }); i >= 0 {
		who.Authority = all[i].ID
	}
	staff, err := d.Accounts.SignIn(c.UserContext(), who)
	if err != nil {
		back, ok := words{reply.Lang(c)}.refusal(f, err)
		if !ok {
			return err
		}
		back.values.Del("password")
		return d.signInPage(c, back)
	}
	if d.SignIns != nil {
		if err := d.SignIns.SignedIn(c.UserContext(), staff.Actor(), reply.Now(c)); err != nil {
			return fmt.Errorf("record sign-in: %w", err)
		}
	}
	return enter(c, staff.ID)
}

// enter begins a session of staff under a new id, so that an id somebody else
// knows is worth nothing.
func enter(c *fiber.Ctx, staff uuid.UUID) error {
	s := reply.SessionOf(c)
	s.Set(reply.StaffID, staff.String())
	s.Renew()
	return reply.Redirect(c, home)
}

func (d Deps) signOut(c *fiber.Ctx, v visitor) error {
	if d.SignIns != nil {
		if err := d.SignIns.SignedOut(c.UserContext(), v.actor, v.now); err != nil {
			return fmt.Errorf("record sign-out: %w", err)
		}
	}
	return staff.Leave(c)
}

func (d Deps) signInPage(c *fiber.Ctx, back came) error {
	all, err := d.Authorities(c.UserContext())
	if err != nil {
		return fmt.Errorf("list authorities: %w", err)
	}
	w := words{reply.Lang(c)}
	back.id = "anmeldung"
	b := w.build(back, "anmeldung", signIn, reply.CSRF(c))
	options := make([]kern.Option, len(all))
	for i, a := range all {
		options[i] = kern.Option{Value: a.Slug, Label: a.Name}
	}
	b.selects(b.field("authority", "desk.signin.authority"), options, w.say("desk.choose"))
	name := kern.Input{Field: b.field("name", "desk.signin.name"), Value: b.value("name", ""), Autocomplete: "username"}
	password := kern.Input{Field: b.field("password", "desk.signin.password"), Type: "password", Autocomplete: "current-password"}
	b.add(kern.Line(name)).add(kern.Line(password))
	p := desk.Entry{
		Frame: reply.Frame(c, w.say("desk.signin.title")), Heading: kern.Heading{Title: w.say("desk.signin.title"), Preline: w.say("frame.desk")},
		Lead: w.say("desk.signin.lead"), Note: w.say("desk.signin.note"), Form: b.done("", w.say("desk.signin.go")),
	}
	p.Form.Buttons[0].Rank = kern.Primary
	status := fiber.StatusOK
	if back.status != 0 {
		status = back.status
		p.Failed, p.Errors = true, w.entryErrors(back, "anmeldung-name")
	}
	return reply.Page(c, status, desk.EntryPage(p))
}

// entryErrors leads to one field and does not say which was wrong.
func (w words) entryErrors(back came, field string) desk.Errors {
	e := desk.Errors{Title: w.say("desk.errors")}
	for _, line := range back.lines {
		e.Lines = append(e.Lines, kern.FieldError{ID: field, Text: line})
	}
	return e
}
