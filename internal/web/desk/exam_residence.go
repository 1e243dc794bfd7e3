package desk

import (
	"github.com/gofiber/fiber/v2"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/court"
	"einsicht/internal/procedure"
	"einsicht/views/desk"
	"einsicht/views/kern"
)

const (
	livesOutside = "outside"
	livesUnknown = "unknown"
)

func (d Deps) reside(c *fiber.Ctx, v visitor, at examined, f sent) error {
	r := casefile.Residence{CivilServant: f.get("civil_servant") != ""}
	switch where := f.get("district"); where {
	case "":
		return procedure.Incomplete("district", "exam.error.district")
	case livesOutside:
		r.Outside = true
	case livesUnknown:
		r.Unknown = true
	default:
		r.District = where
	}
	return d.Exam.Reside(c.UserContext(), v.actor, at.id, r, v.now)
}

// residence asks where the person lives, and says which court follows, § 52 no. 3
// VwGO. Nothing is guessed from an address.
func (e *exam) residence() desk.Residence {
	a, r := e.o.Inventory.Authority, e.o.Request.Residence
	p := desk.Residence{Title: e.say("exam.residence"), Text: e.say("exam.residence.text")}
	if a.OneDistrict {
		p.Text = e.say("exam.residence.one")
	}
	if r.Confirmed() || a.OneDistrict {
		p.Items = e.competent(court.Seat{Land: a.Land, District: a.SeatDistrict, InsideOneDistrict: a.OneDistrict}, r)
	}
	if e.decides() && (!a.OneDistrict || a.Land == calendar.NI) {
		p.Form = e.residenceForm(a.Land, r)
	}
	return p
}

func (e *exam) competent(seat court.Seat, r casefile.Residence) []kern.Item {
	var items []kern.Item
	if r.Confirmed() {
		items = append(items,
			kern.Item{Key: e.say("exam.residence.lives"), Value: e.lives(r)},
			kern.Item{Key: e.say("exam.residence.by"), Value: e.say("desk.decided.who", "name", e.who(r.By), "at", e.moment(r.At))})
	}
	if r.CivilServant {
		return append(items, kern.Item{Key: e.say("exam.residence.court"), Value: e.say("exam.residence.civil_servant_open")})
	}
	found, rule := court.Competent(seat, court.Residence{District: r.District, Outside: r.Outside, Unknown: r.Unknown})
	name := found.Name()
	if name == "" {
		name = e.say("exam.residence.unsettled")
	}
	return append(items, kern.Item{Key: e.say("exam.residence.court"), Value: name, Lines: []string{e.say("exam.residence.rule."+string(rule), "cite", e.cite(rule.Citation()))}})
}

func (e *exam) lives(r casefile.Residence) string {
	switch {
	case r.Outside:
		return e.say("exam.residence.outside")
	case r.Unknown:
		return e.say("exam.residence.unknown")
	}
	return r.District
}

func (e *exam) residenceForm(land calendar.Land, r casefile.Residence) desk.Form {
	b := e.form("wohnort-form", "wohnort")
	options := []kern.Option{
		{Value: livesUnknown, Label: e.say("exam.residence.unknown"), Selected: r.Confirmed() && r.Unknown},
		{Value: livesOutside, Label: e.say("exam.residence.outside"), Selected: r.Confirmed() && r.Outside},
	}
	for _, d := range court.Districts(land) {
		options = append(options, kern.Option{Value: d.Name, Label: d.Name, Selected: r.Confirmed() && r.District == d.Name})
	}
	b.selects(b.field("district", "exam.residence.district"), options, e.say("desk.choose"))
	if land == calendar.NI {
		b.check(b.field("civil_servant", "exam.residence.civil_servant"), r.CivilServant)
	}
	return b.done("", e.say("exam.residence.save"))
}
