package desk

import (
	"github.com/gofiber/fiber/v2"

	"einsicht/internal/casefile"
	"einsicht/internal/web/reply"
	"einsicht/views/desk"
	"einsicht/views/kern"
)

// showTasks lists what people have to do, over all cases. It shows no name.
func (d Deps) showTasks(c *fiber.Ctx, v visitor) error {
	tasks, numbers, err := d.Tasks(c.UserContext(), v.actor)
	if err != nil {
		return err
	}
	inv, _, err := d.Register(c.UserContext(), v.actor)
	if err != nil {
		return err
	}
	title := v.say("desk.tasks.title")
	p := desk.Plain{
		Frame: d.frame(c, v, title, "/desk/aufgaben"), Heading: kern.Heading{Title: title}, Lead: v.say("desk.tasks.lead"),
		More:       kern.Link{Href: home + "/einschraenkungen", Label: v.say("restriction.list.see")},
		EmptyTitle: v.say("desk.tasks.empty"), EmptyText: v.say("desk.tasks.empty.text"),
		Table: kern.Table{ID: "aufgaben", Caption: v.say("desk.tasks.caption"), Hidden: true, Small: true, Stacked: true, Keys: v.keys(c).On, Columns: []kern.Column{
			{Title: v.say("desk.col.task")}, {Title: v.say("desk.col.case")}, {Title: v.say("desk.col.system")}, {Title: v.say("desk.col.until")}, {Title: v.say("desk.col.since")},
		}},
	}
	for _, t := range tasks {
		if !t.DoneAt.IsZero() {
			continue
		}
		system, _ := inv.System(t.System)
		href := home + "/vorgang/" + t.Case.String() + "#" + taskID(t)
		switch t.Kind {
		case casefile.TaskChange:
			href = planTaskPath(casePath(t.Case), t.System)
		case casefile.TaskLift:
			href = restrictionsPath(casePath(t.Case))
		case casefile.TaskNotify:
			href = recipientsPath(casePath(t.Case))
		}
		p.Table.Rows = append(p.Table.Rows, kern.Row{Cells: []kern.Cell{
			{Text: v.say("case.task." + string(t.Kind)), Href: href}, {Text: numbers[t.Case]}, {Text: system.In(v.lang).Name},
			{Text: v.short(t.DueOn)}, {Text: v.moment(t.CreatedAt)},
		}})
	}
	return reply.Page(c, fiber.StatusOK, desk.PlainPage(p))
}
