package desk

import (
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/letter"
	"einsicht/internal/procedure"
	"einsicht/internal/procedure/correspondence"
	"einsicht/views/desk"
	"einsicht/views/kern"
)

func (d Deps) extend(c *fiber.Ctx, v visitor, id uuid.UUID, f sent) error {
	on := f.date("on")
	if on.IsZero() {
		return procedure.Incomplete("on", "desk.error.date")
	}
	return d.Correspondence.Extend(c.UserContext(), v.actor, v.authority.Land, id, f.text("reasons"), on, v.now)
}

// reckoning shows how the deadline was counted, what must be out by when, what
// the clock waits for, and what other readings of the law would give.
func (s *sheet) reckoning() desk.Reckoning {
	r := s.o.Reckoning
	p := desk.Reckoning{Title: s.say("desk.part.reckoning"), StepsAre: s.say("desk.reckoning.steps"), Other: s.say("desk.reckoning.other"), FlagsAre: s.say("desk.reckoning.flags")}
	p.Items = s.clockDates()
	p.Waits = s.waits()
	for _, step := range r.Steps {
		p.Steps = append(p.Steps, step.Text(s.lang))
	}
	for _, flag := range r.Flags {
		p.Flags = append(p.Flags, flag.Text(s.lang))
	}
	if end := r.RefusalDue; end != nil && s.today().After(*end) && !s.o.Case.State.Answered() {
		p.Flags = append(p.Flags, s.say("desk.reckoning.refusal_late", "date", s.day(*end)))
	}
	p.Readings = s.readings()
	may := s.d.may(s.visitor, casefile.ActionExtendClock)
	if s.kept(s.extendable() && may, "verlaengern") && r.MonthOneEnd != nil {
		p.Extend = s.extendForm()
	}
	if s.kept(s.askable() && s.asksAccess(), "praezisieren") {
		p.Clarify = s.clarifyForm()
	}
	return p
}

// clockDates are the days of the clock, each with what it is good for.
func (s *sheet) clockDates() []kern.Item {
	r := s.o.Reckoning
	var items []kern.Item
	add := func(key string, d *calendar.Date, lines ...string) {
		if d != nil {
			items = append(items, kern.Item{Key: s.say(key), Value: s.day(*d), Lines: lines})
		}
	}
	add("desk.reckoning.due", r.Due)
	if s.o.Case.State.Answered() {
		return items
	}
	add("desk.reckoning.warn", r.Warn)
	add("desk.reckoning.rests", r.RestsSince)
	if r.DaysLeft != nil {
		items = append(items, kern.Item{Key: s.say("desk.reckoning.left"), Value: s.count("desk.days", *r.DaysLeft)})
	}
	if r.MonthOneEnd != nil && !s.today().After(*r.MonthOneEnd) {
		add("desk.reckoning.month_one", r.MonthOneEnd, s.say("desk.reckoning.month_one.text"))
	}
	if by, ok := r.PostAnswerBy(s.authority.Land); ok {
		items = append(items, s.posting("desk.posting.answer", by, *r.Due))
	}
	if by, ok := r.PostExtensionBy(s.authority.Land); ok && s.extendable() {
		items = append(items, s.posting("desk.posting.extension", by, *r.MonthOneEnd))
	}
	return items
}

// posting says until when something can go out by post, and until when through
// the portal.
func (s *sheet) posting(key string, by, end calendar.Date) kern.Item {
	i := kern.Item{Key: s.say(key), Value: s.say("desk.posting.post", "date", s.day(by)), Lines: []string{s.say("desk.posting.portal", "date", s.day(end))}}
	if s.today().After(by) {
		i.Value = s.say("desk.posting.over", "date", s.day(by))
	}
	return i
}

func (s *sheet) readings() kern.Table {
	t := kern.Table{ID: "lesarten-liste", Caption: s.say("desk.reckoning.other"), Hidden: true, Small: true, Stacked: true, Columns: []kern.Column{
		{Title: s.say("desk.col.reading")}, {Title: s.say("desk.col.due")},
	}}
	for _, reading := range s.o.Reckoning.Readings {
		due := s.short(reading.Due)
		if due == "" {
			due = s.say("desk.due.rests")
		}
		if !reading.Differs {
			due = s.say("desk.reckoning.same")
		}
		t.Rows = append(t.Rows, kern.Row{Cells: []kern.Cell{{Text: reading.Name.Text(s.lang)}, {Text: due}}})
	}
	return t
}

// extendable: once, within month one, while the case is open (Art. 12(3) GDPR).
func (s *sheet) extendable() bool {
	r := s.o.Reckoning
	return !s.o.Case.State.Answered() && !r.Extended && r.MonthOneEnd != nil && !s.extensionFrom().After(*r.MonthOneEnd) && !s.inTray(letter.KindExtension)
}

// extensionFrom is the first day on which a notice of today counts as received.
func (s *sheet) extensionFrom() calendar.Date {
	return correspondence.ReceivedFrom(procedure.WayTo(s.o.Request), s.today())
}

func (s *sheet) extendForm() desk.Form {
	r := s.o.Reckoning
	b := s.form("verlaengern", "verlaengern")
	b.form.Lead = s.say("desk.extend.text", "date", s.day(*r.MonthOneEnd))
	b.area(b.field("reasons", "desk.extend.reasons"), "").date(b.field("on", "desk.extend.on"), s.extensionFrom())
	return b.done(s.say("desk.extend.title"), s.say("desk.do.verlaengern"))
}
