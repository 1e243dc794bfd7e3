package desk

import (
	"github.com/gofiber/fiber/v2"

	"einsicht/internal/casefile"
	"einsicht/internal/procedure/oversight"
	"einsicht/internal/web/reply"
	"einsicht/views/desk"
	"einsicht/views/kern"
)

// showTasks lists what people have to do, over all cases, and first what waits for who
// looks as the second person. It shows no name.
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
	if p.First, err = d.waitingFor(c, v); err != nil {
		return err
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

// waitingFor lists what the visitor may release or order.
func (d Deps) waitingFor(c *fiber.Ctx, v visitor) (desk.Waiting, error) {
	all, err := d.Oversight.Waiting(c.UserContext(), v.actor, v.now)
	w := desk.Waiting{
		Section: kern.Section{ID: "wartet", Title: v.count("desk.waiting.title", len(all))}, Lead: v.say("desk.waiting.lead"),
		Rest: kern.Section{ID: "uebrige", Title: v.say("desk.tasks.caption")},
		Table: kern.Table{ID: "freigaben", Caption: v.say("desk.waiting.caption"), Hidden: true, Small: true, Stacked: true, Columns: []kern.Column{
			{Title: v.say("desk.col.waiting")}, {Title: v.say("desk.col.case")}, {Title: v.say("desk.col.until")}, {Title: v.say("desk.col.since")},
		}},
	}
	for _, one := range all {
		until := v.short(one.Until)
		if one.Until.IsZero() {
			until = v.say("desk.waiting.no_date")
		}
		w.Table.Rows = append(w.Table.Rows, kern.Row{Cells: []kern.Cell{
			{Text: v.say(waitingKey(one)), Href: waitingPath(one)}, {Text: one.Case.FileNumber}, {Text: until}, {Text: v.moment(one.Since)},
		}})
	}
	return w, err
}

func waitingKey(w oversight.Waiting) string {
	if w.For == casefile.Release {
		return "desk.waiting.release"
	}
	return "desk.waiting.order." + string(w.Plan)
}

// waitingPath is where it can be released or ordered.
func waitingPath(w oversight.Waiting) string {
	path := casePath(w.Case.ID)
	switch {
	case w.For == casefile.Release:
		return path
	case w.Plan == casefile.PlanDecision:
		return path + "/plan"
	}
	return restrictionsPath(path)
}
