package desk

import (
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/views/desk"
	"einsicht/views/kern"
)

func (d Deps) extend(c *fiber.Ctx, v visitor, id uuid.UUID, f sent) error {
	on := f.date("on")
	if on.IsZero() {
		return failed("on", "desk.error.date")
	}
	return d.Correspondence.Extend(c.UserContext(), v.actor, v.authority.Land, id, f.text("reasons"), on, v.now)
}

// reckoning shows how the deadline was counted, and what other readings of the
// law would give.
func (s *sheet) reckoning() desk.Reckoning {
	r := s.o.Reckoning
	p := desk.Reckoning{Title: s.say("desk.part.reckoning"), StepsAre: s.say("desk.reckoning.steps"), Other: s.say("desk.reckoning.other"), FlagsAre: s.say("desk.reckoning.flags")}
	add := func(key string, d *calendar.Date) {
		if d != nil {
			p.Items = append(p.Items, kern.Item{Key: s.say(key), Value: s.day(*d)})
		}
	}
	add("desk.reckoning.due", r.Due)
	add("desk.reckoning.warn", r.Warn)
	add("desk.reckoning.rests", r.RestsSince)
	if r.Extended {
		add("desk.reckoning.refusal", r.RefusalDue)
	}
	for _, step := range r.Steps {
		p.Steps = append(p.Steps, step.Text(s.lang))
	}
	for _, flag := range r.Flags {
		p.Flags = append(p.Flags, flag.Text(s.lang))
	}
	p.Readings = kern.Table{ID: "lesarten-liste", Caption: s.say("desk.reckoning.other"), Hidden: true, Small: true, Stacked: true, Columns: []kern.Column{
		{Title: s.say("desk.col.reading")}, {Title: s.say("desk.col.due")},
	}}
	for _, reading := range r.Readings {
		due := s.short(reading.Due)
		if due == "" {
			due = s.say("desk.due.rests")
		}
		if !reading.Differs {
			due = s.say("desk.reckoning.same")
		}
		p.Readings.Rows = append(p.Readings.Rows, kern.Row{Cells: []kern.Cell{{Text: reading.Name.Text(s.lang)}, {Text: due}}})
	}
	if s.kept(s.extendable() && s.d.may(s.visitor, casefile.ActionExtendClock), "verlaengern") && s.o.Reckoning.MonthOneEnd != nil {
		p.Extend = s.extendForm()
	}
	return p
}

// extendable: once, within month one, while the case is open (Art. 12(3) GDPR).
func (s *sheet) extendable() bool {
	r := s.o.Reckoning
	return !s.o.Case.State.Answered() && !r.Extended && r.MonthOneEnd != nil && !s.today().After(*r.MonthOneEnd)
}

func (s *sheet) extendForm() desk.Form {
	b := s.form("verlaengern", "verlaengern")
	b.form.Lead = s.say("desk.extend.text", "date", s.day(*s.o.Reckoning.MonthOneEnd))
	b.area(b.field("reasons", "desk.extend.reasons"), "").date(b.field("on", "desk.extend.on"), s.today())
	return b.done(s.say("desk.extend.title"), s.say("desk.do.verlaengern"))
}
