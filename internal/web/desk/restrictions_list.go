package desk

import (
	"github.com/gofiber/fiber/v2"

	"einsicht/internal/web/reply"
	"einsicht/views/desk"
	"einsicht/views/kern"
)

// listRestrictions lists the restrictions that hold, over all cases. It shows no name.
func (d Deps) listRestrictions(c *fiber.Ctx, v visitor) error {
	all, err := d.Fulfilment.Restrictions(c.UserContext(), v.actor)
	if err != nil {
		return err
	}
	inv, _, err := d.Register(c.UserContext(), v.actor)
	if err != nil {
		return err
	}
	title := v.say("restriction.list.title")
	p := desk.Plain{
		Frame: d.frame(c, v, title, "/desk/einschraenkungen"), Heading: kern.Heading{Title: title}, Lead: v.say("restriction.list.lead"),
		EmptyTitle: v.say("restriction.none"), EmptyText: v.say("restriction.list.none"),
		Table: kern.Table{ID: "einschraenkungen", Caption: v.say("restriction.list.caption"), Hidden: true, Small: true, Stacked: true, Columns: []kern.Column{
			{Title: v.say("desk.col.case")}, {Title: v.say("desk.col.system")}, {Title: v.say("restriction.col.records"), Numeric: true}, {Title: v.say("restriction.col.since")}, {Title: v.say("desk.col.state")},
		}},
	}
	p.Crumbs = []kern.Link{{Href: "/desk/aufgaben", Label: v.say("desk.tasks.title")}, {Label: title}}
	for _, r := range all {
		if r.Unreadable {
			unread := desk.Stacked(desk.Lights(kern.Badge{Kind: kern.Danger, Label: v.say("restriction.unreadable")}), v.say("restriction.unreadable.text", "number", r.Case.FileNumber, "id", r.Case.ID.String()))
			p.Table.Rows = append(p.Table.Rows, kern.Row{Cells: []kern.Cell{{Text: r.Case.FileNumber}, {Text: "–"}, {Text: "–"}, {Text: "–"}, {Content: unread}}})
			continue
		}
		var systems []string
		for _, id := range r.Systems {
			system, _ := inv.System(id)
			systems = append(systems, system.In(v.lang).Name)
		}
		state := kern.Badge{Kind: kern.Info, Label: v.say("restriction.holds")}
		switch {
		case r.LiftsDue:
			state = kern.Badge{Kind: kern.Warning, Label: v.say("restriction.lift_due")}
		case r.Lifting:
			state = kern.Badge{Kind: kern.Info, Label: v.say("restriction.lifting")}
		}
		p.Table.Rows = append(p.Table.Rows, kern.Row{Cells: []kern.Cell{
			{Text: r.Case.FileNumber, Href: restrictionsPath(casePath(r.Case.ID))}, {Content: desk.SomeLines(systems)}, {Text: itoa(r.Records)},
			{Text: v.moment(r.Since)}, {Content: desk.Lights(state)},
		}})
	}
	return reply.Page(c, fiber.StatusOK, desk.PlainPage(p))
}
