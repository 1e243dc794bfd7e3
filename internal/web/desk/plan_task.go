package desk

import (
	"slices"

	"github.com/gofiber/fiber/v2"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/law"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
	"einsicht/internal/procedure/fulfilment"
	"einsicht/internal/web/reply"
	"einsicht/views/desk"
	"einsicht/views/kern"
)

func (d Deps) showPlanTask(c *fiber.Ctx, v visitor) error {
	return d.planTaskPage(c, v, came{})
}

// confirmChange takes the word of those who changed a system, or could not.
func (d Deps) confirmChange(c *fiber.Ctx, v visitor) error {
	id, err := caseID(c)
	if err != nil {
		return err
	}
	f, err := readForm(c)
	if err != nil {
		return err
	}
	switch done := f.get("done"); done {
	case "yes", "no":
		err = d.Fulfilment.Confirm(c.UserContext(), v.actor, id, c.Params("system"), done == "yes", f.text("statement"), v.now)
	default:
		err = procedure.Incomplete("done", "plan.error.done")
	}
	if err == nil {
		return reply.Redirect(c, planPath(id)+"#fortschritt")
	}
	back, ok := d.mendable(v, f, err)
	if !ok {
		return err
	}
	return d.planTaskPage(c, v, back)
}

func (d Deps) planTaskPage(c *fiber.Ctx, v visitor, back came) error {
	id, err := caseID(c)
	if err != nil {
		return err
	}
	s, err := d.openPlan(c, v, id, back, shown{})
	if err != nil {
		return err
	}
	system, known := s.o.Inventory.System(c.Params("system"))
	if !known {
		return problem.New(problem.NotFound, "problem.notfound")
	}
	name := system.In(s.lang).Name
	p := desk.PlanTask{
		Frame:      d.frame(c, v, s.say("plan.task.title", "system", name, "number", s.p.Case.FileNumber), ""),
		Heading:    kern.Heading{Preline: s.p.Case.FileNumber, Title: s.say("plan.task.heading", "system", name)},
		ListIs:     s.say("plan.task.list"),
		EmptyTitle: s.say("plan.task.none"), EmptyText: s.say("plan.task.none.text"),
	}
	if len(back.reasons) > 0 {
		p.Next = s.settle()
	}
	p.Crumbs = s.crumbs(kern.Link{Href: s.path + "/plan", Label: s.say("plan.heading")}, kern.Link{Label: name})
	s.taskOf(&p, system.ID)
	p.Errors = s.refused(p.Form)
	p.Facts = []kern.Item{{Key: s.say("plan.task.system"), Value: name}, {Key: s.say("plan.task.purpose"), Value: system.In(s.lang).Purpose}}
	status := fiber.StatusOK
	if back.status != 0 {
		status, p.Failed = back.status, true
	}
	return reply.Page(c, status, desk.PlanTaskPage(p))
}

// taskOf fills in what people have to do in a system.
func (s *planSheet) taskOf(p *desk.PlanTask, system string) {
	var all []procedure.Measure
	if i := slices.IndexFunc(s.p.Systems, func(one fulfilment.System) bool { return one.ID == system }); i >= 0 {
		all = append(all, s.p.Systems[i].Measures...)
	}
	now := s.p.Case.State == casefile.Fulfilling
	for _, b := range s.p.Beside {
		if !b.Fixed() || !b.EndedAt.IsZero() {
			continue
		}
		mine := slices.DeleteFunc(slices.Clone(b.Measures), func(m procedure.Measure) bool { return m.System != system || m.State != casefile.ForUnit })
		all, now = append(all, mine...), now || len(mine) > 0
	}
	asked := map[string]bool{}
	for n, m := range all {
		if m.State != casefile.ForUnit {
			continue
		}
		if what := toDo(m); !asked[what] {
			asked[what] = true
			p.Lead = append(p.Lead, s.say("plan.task."+what))
		}
		p.Measures = append(p.Measures, s.measure(m, n+1))
	}
	if len(p.Measures) == 0 {
		return
	}
	switch answers := s.d.may(s.visitor, casefile.ActionAnswerTask); {
	case !now:
		p.Wait = s.say("plan.task.not_yet")
	case !answers:
		p.Wait = s.say("plan.task.others", "role", s.say("case.role.clerk"))
	default:
		b := s.build(s.back, "erledigt", planTaskPath(s.path, system), s.csrf)
		b.radios(b.field("done", "plan.task.done"), []kern.Option{
			{Value: "yes", Label: s.say("plan.task.yes"), Hint: s.say("plan.task.yes.hint")}, {Value: "no", Label: s.say("plan.task.no"), Hint: s.say("plan.task.no.hint")},
		})
		b.area(b.field("statement", "plan.task.statement"), "")
		p.Form = b.done(s.say("plan.task.answer"), s.say("plan.task.do"))
		p.Form.Buttons[0].Rank = kern.Primary
	}
}

// toDo says what people do for a measure: as its ability, or else the end of a
// restriction, or of a processing on consent that was withdrawn (Art. 7(3) GDPR).
func toDo(m procedure.Measure) string {
	switch {
	case m.Lift:
		return "lift"
	case m.Do == connector.CanRestrict && m.Right == law.ConsentWithdrawal:
		return "stop"
	}
	return string(m.Do)
}
