package desk

import (
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/views/desk"
	"einsicht/views/kern"
)

// transmit lets the package to take along go to another controller.
func (d Deps) transmit(c *fiber.Ctx, v visitor, id uuid.UUID, f sent) error {
	return d.Delivery.Transmit(c.UserContext(), v.actor, v.authority, id, f.get("controller"), v.now)
}

// transmission offers those controllers that have not got the package yet.
func (s *sheet) transmission() desk.Form {
	var options []kern.Option
	for _, other := range s.direct.Can {
		if !s.has(other) {
			options = append(options, kern.Option{Value: other.ID, Label: other.Name})
		}
	}
	if !s.kept(len(options) > 0 && s.d.may(s.visitor, casefile.ActionRelease), "uebermitteln") {
		return desk.Form{}
	}
	b := s.form("uebermitteln", "uebermitteln")
	b.form.Lead = s.say("transmission.lead")
	b.radios(b.field("controller", "transmission.controller"), options)
	return b.done(s.say("transmission.title"), s.say("transmission.do"))
}

func (s *sheet) has(other casefile.Controller) bool {
	for _, t := range s.direct.Begun {
		if t.Text.Controller.ID == other.ID && t.State != casefile.NotReceived {
			return true
		}
	}
	return false
}

// transmitted says of each how far it is, with the receipt of the other side.
func (s *sheet) transmitted() (items []kern.Item) {
	for _, t := range s.direct.Begun {
		items = append(items, kern.Item{
			Key:   s.say("transmission.to", "name", t.Text.Controller.Name),
			Value: s.say("transmission.state."+string(t.State), "date", s.day(calendar.DateOf(t.EndedAt)), "sum", t.Text.SHA256),
		})
		if t.Text.Receipt != "" {
			items = append(items, kern.Item{Key: s.say("transmission.receipt", "name", t.Text.Controller.Name), Value: t.Text.Receipt})
		}
	}
	return items
}
