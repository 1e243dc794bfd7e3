package desk

import (
	"slices"

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
			options = append(options, kern.Option{Value: other.ID, Label: other.Name, Selected: other.ID == s.o.Request.Direct.Listed.ID})
		}
	}
	if !s.kept(len(options) > 0 && s.d.may(s.visitor, casefile.ActionRelease), "uebermitteln") {
		return desk.Form{}
	}
	b := s.form("uebermitteln", "uebermitteln")
	b.form.Lead = s.wished() + " " + s.say("transmission.lead")
	b.radios(b.field("controller", "transmission.controller"), options)
	b.form.Open = b.form.Open || s.owes()
	return b.done(s.say("transmission.title"), s.say("transmission.do"))
}

// owes says whether the data could go to whom the person chose, and do not yet.
func (s *sheet) owes() bool {
	return slices.ContainsFunc(s.direct.Can, func(other casefile.Controller) bool {
		return other.ID == s.o.Request.Direct.Listed.ID && !s.has(other)
	})
}

// handDirectly says so before everything else: nobody else does it.
func (s *sheet) handDirectly(n *desk.Next) {
	n.Text += " " + s.say("transmission.next", "name", s.o.Request.Direct.Listed.Name)
	if s.d.may(s.visitor, casefile.ActionRelease) {
		n.More = append(n.More, kern.Button{Label: s.say("transmission.title"), Href: "#uebermitteln", Rank: kern.Secondary})
	}
}

// wished says to whom the person wants the data handed, as the request has it.
func (s *sheet) wished() string {
	to := s.o.Request.Direct
	switch {
	case to.Listed.ID != "":
		return s.say("transmission.wished", "name", to.Listed.Name)
	case !to.Other.IsBlank():
		return s.say("transmission.wished.other", "name", to.Other.Reveal())
	}
	return s.say("transmission.wished.none")
}

// wishedItem is the same in the overview of the request; none where the person did not
// ask for it.
func (s *sheet) wishedItem() []kern.Item {
	to := s.o.Request.Direct
	if to.Listed.ID == "" && to.Other.IsBlank() {
		return nil
	}
	return []kern.Item{{Key: s.say("transmission.title"), Value: s.wished()}}
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
