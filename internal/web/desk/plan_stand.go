package desk

import (
	"encoding/hex"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/procedure/fulfilment"
	"einsicht/internal/procedure/review"
	"einsicht/internal/web/reply"
	"einsicht/views/desk"
	"einsicht/views/kern"
)

var measureKinds = map[casefile.MeasureState]kern.Kind{
	casefile.Rehearsing: kern.Info, casefile.Planned: kern.Info, casefile.Acting: kern.Info, casefile.ForUnit: kern.Warning,
	casefile.Asks: kern.Danger, casefile.Done: kern.Success, casefile.Stays: kern.Info,
}

// counted says how many measures are in a state, in the whole plan or, if it is
// named, in one system.
func counted(at fulfilment.Standing, state casefile.MeasureState, system string) (n int) {
	for _, m := range at.Measures {
		if m.State == state && (system == "" || m.System == system) {
			n++
		}
	}
	return n
}

// showPlanStand shows how far the systems are and nothing else, so that a page that
// asks every few seconds opens no case each time.
func (d Deps) showPlanStand(c *fiber.Ctx, v visitor) error {
	id, err := caseID(c)
	if err != nil {
		return err
	}
	at, err := d.Fulfilment.Progress(c.UserContext(), v.actor, id)
	if err != nil {
		return err
	}
	p := desk.PlanStanding{Frame: d.frame(c, v, v.say("plan.stand"), ""), Heading: kern.Heading{Title: v.say("plan.stand.title")}, Stand: d.planStand(v, casePath(id), reply.CSRF(c), came{}, at)}
	p.Back = kern.Link{Href: planPath(id), Label: v.say("plan.stand.back")}
	if p.Stand.Poll == "" {
		p.Stand.Reload = kern.Link{Href: planPath(id), Label: v.say("plan.stand.done")}
	}
	return reply.Page(c, fiber.StatusOK, desk.PlanStandPage(p))
}

// planStand is the table of systems with how many of their measures are how far.
func (d Deps) planStand(v visitor, path, csrf string, back came, at fulfilment.Standing) desk.PlanStand {
	p := desk.PlanStand{
		Silent: d.silent(v, at.Waits, at.Inventory, path+"/plan/jetzt", csrf, back),
		Title:  v.say("plan.stand"), EmptyTitle: v.say("plan.empty"), EmptyText: v.say("plan.empty.text"),
		Table: kern.Table{ID: "plan-verfahren", Caption: v.say("plan.stand.caption"), Hidden: true, Small: true, Stacked: true, Columns: []kern.Column{
			{Title: v.say("desk.col.system")}, {Title: v.say("plan.col.measures")}, {Title: v.say("desk.col.state")},
		}},
	}
	ended, running, waiting := 0, 0, 0
	for _, m := range at.Measures {
		if m.State.Ended() {
			ended++
		}
		if m.State == casefile.Rehearsing || m.State == casefile.Acting || m.State == casefile.Planned && at.State == casefile.Fulfilling {
			if len(at.Waits[m.System]) > 0 {
				waiting++
			} else {
				running++
			}
		}
	}
	for _, system := range at.Inventory.Systems {
		n := 0
		for _, m := range at.Measures {
			if m.System == system.ID {
				n++
			}
		}
		if n > 0 {
			p.Table.Rows = append(p.Table.Rows, kern.Row{Cells: []kern.Cell{
				{Text: system.In(v.lang).Name, Href: path + "/plan?system=" + system.ID + "#" + planSystemID(system.ID)}, {Text: itoa(n)}, {Content: desk.Lights(v.counts(at, system.ID)...)},
			}})
		}
	}
	p.Progress = kern.Progress{Label: v.say("plan.stand.progress", "n", itoa(ended), "all", itoa(len(at.Measures))), Value: ended, Max: max(len(at.Measures), 1)}
	if running > 0 {
		p.Running = v.count("plan.stand.running", running)
	}
	if waiting > 0 {
		p.Running = strings.TrimSpace(p.Running + " " + v.count("plan.stand.waiting", waiting))
	}
	if running+waiting > 0 {
		p.Poll = path + "/plan/stand"
		p.Reload = kern.Link{Href: path + "/plan/stand", Label: v.say("desk.reload"), Icon: "autorenew"}
	}
	return p
}

// counts says of each state how many measures are in it.
func (v visitor) counts(at fulfilment.Standing, system string) []kern.Badge {
	var all []kern.Badge
	if system != "" && len(at.Waits[system]) > 0 {
		all = append(all, kern.Badge{Kind: kern.Warning, Label: v.say("plan.trouble.badge")})
	}
	if n := len(at.Waits); system == "" && n > 0 {
		all = append(all, kern.Badge{Kind: kern.Warning, Label: v.say("plan.trouble.badges", "n", itoa(n))})
	}
	for _, state := range casefile.MeasureStates {
		if n := counted(at, state, system); n > 0 {
			all = append(all, kern.Badge{Kind: measureKinds[state], Label: v.say("plan.count", "state", v.say("plan.state."+string(state)), "n", itoa(n))})
		}
	}
	return all
}

// fulfilment is what the decision changes in systems, on the page of the case.
func (s *sheet) fulfilment() desk.Fulfilment {
	granted := slices.ContainsFunc(s.o.Rights, func(r review.Right) bool { return r.Right.Right.Changes() && grants(r.Outcome) })
	meanwhile := slices.ContainsFunc(s.o.Rights, func(r review.Right) bool { return slices.Contains(fulfilment.Meanwhiles, r.Right.Right) })
	restrictions := kern.Button{Label: s.say("restriction.see"), Href: restrictionsPath(s.path), Rank: kern.Tertiary}
	switch planned := granted || s.plan.Plan.ID != uuid.Nil; {
	case !planned && !meanwhile:
		return desk.Fulfilment{}
	case !planned:
		restrictions.Rank = kern.Secondary
		return desk.Fulfilment{Title: s.say("plan.part"), Text: s.say("plan.part.not_yet"), Open: []kern.Button{restrictions}}
	}
	p := desk.Fulfilment{
		Title: s.say("plan.part"), Text: s.say("plan.part.text"), Counts: s.counts(s.plan, ""),
		Open: []kern.Button{{Label: s.say("plan.part.open"), Href: s.path + "/plan", Rank: kern.Secondary}},
	}
	if s.plan.Plan.ID != uuid.Nil {
		p.Open = append(p.Open, kern.Button{Label: s.say("recipients.see"), Href: recipientsPath(s.path), Rank: kern.Tertiary})
	}
	p.Open = append(p.Open, restrictions)
	seen := map[string]bool{}
	for _, event := range []casefile.Event{casefile.Propose, casefile.Order} {
		for _, r := range s.o.Blocked[event] {
			if planReasons[r.Key] && !seen[r.Key] {
				seen[r.Key] = true
				p.Missing = append(p.Missing, s.reason(r))
			}
		}
	}
	switch {
	case s.plan.Plan.Fixed():
		p.Text = s.say("plan.part.fixed", "name", s.who(s.plan.Plan.FixedBy), "at", s.moment(s.plan.Plan.FixedAt))
	case len(p.Missing) == 0 && len(p.Counts) == 0:
		p.Text = s.say("plan.next.nothing")
	}
	return p
}

// settledOnRestrictions are those that are settled on the page of restrictions.
const settledOnRestrictions = "case.guard.meanwhile"

// planReasons are why a case can't be proposed, or carried out, that are settled
// on the page of its plan.
var planReasons = map[string]bool{"case.guard.plan_missing": true, "case.guard.plan_waits": true, "case.guard.carry_out": true}

// settledAt says where a reason can be settled.
func (s *sheet) settledAt(r casefile.Reason) string {
	switch {
	case r.Key == settledOnRestrictions:
		return restrictionsPath(s.path)
	case planReasons[r.Key]:
		return s.path + "/plan"
	}
	return places[r.Key]
}

// orders says whether something is to be carried out before the answer leaves.
func (s *sheet) orders() bool {
	todo := func(m casefile.Measure) bool { return m.State == casefile.Planned || m.State == casefile.ForUnit }
	return s.o.Case.State == casefile.Proposed && slices.ContainsFunc(s.plan.Measures, todo)
}

// fulfilling says who has to do something while systems are being changed.
func (s *sheet) fulfilling(n *desk.Next) {
	asks, unit := counted(s.plan, casefile.Asks, ""), counted(s.plan, casefile.ForUnit, "")
	tasks := slices.DeleteFunc(s.openTasks(), func(t casefile.Task) bool { return t.Kind != casefile.TaskChange })
	n.Button = kern.Button{Label: s.say("plan.part.open"), Href: s.path + "/plan"}
	switch {
	case asks > 0:
		n.Text = s.count("plan.next.stopped", asks)
	case unit > 0:
		n.Text = s.count("plan.next.unit", unit)
		if len(tasks) > 0 && s.d.may(s.visitor, casefile.ActionAnswerTask) {
			n.Button = kern.Button{Label: s.say("plan.task.open"), Href: planTaskPath(s.path, tasks[0].System)}
		}
	case len(s.plan.Waits) > 0:
		n.Text = s.count("plan.next.silent", len(s.plan.Waits))
	}
}

func planTaskPath(path, system string) string { return path + "/plan/aufgabe/" + system }

func hexOf(sum []byte) string { return hex.EncodeToString(sum) }
