package desk

import (
	"slices"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/procedure"
	"einsicht/internal/procedure/fulfilment"
	"einsicht/internal/procedure/review"
	"einsicht/internal/web/reply"
	"einsicht/views/desk"
	"einsicht/views/kern"
)

// heldSheet is what the page of restrictions is built from. Measures read there as on
// the page of the plan.
type heldSheet struct {
	*planSheet
	b fulfilment.Besides
}

// restrictionActions are what staff do about restrictions with a form.
func (d Deps) restrictionActions() []action {
	return []action{
		{"vorlaeufig", "", d.meanwhile},
		{"aufheben", "", d.lift},
		{"anordnen", "", d.orderBeside},
		{"verwerfen", "", d.dropBeside},
		{"entscheiden", "", d.decideMeasures},
		{"jetzt", "", d.tryNow},
	}
}

func restrictionsPath(path string) string { return path + "/einschraenkung" }

func (d Deps) showRestrictions(c *fiber.Ctx, v visitor) error {
	id, err := caseID(c)
	if err != nil {
		return err
	}
	return d.restrictionsPage(c, v, id, came{})
}

// restricting does one thing about restrictions and shows them again.
func (d Deps) restricting(a action) handler {
	again := func(c *fiber.Ctx, v visitor, id uuid.UUID, _ sent, back came) error {
		return d.restrictionsPage(c, v, id, back)
	}
	return doing(a, d.mending(again), func(id uuid.UUID, _ sent) string { return restrictionsPath(casePath(id)) })
}

func (d Deps) meanwhile(c *fiber.Ctx, v visitor, id uuid.UUID, f sent) error {
	return d.Fulfilment.Meanwhile(c.UserContext(), v.actor, id, rightNamed(f.get("right")), f.values["systems"], f.text("why"), v.now)
}

func (d Deps) lift(c *fiber.Ctx, v visitor, id uuid.UUID, f sent) error {
	return d.Fulfilment.Lift(c.UserContext(), v.actor, id, f.uuids("restriction"), f.date("from"), f.text("for_person"), f.text("for_file"), v.now)
}

func (d Deps) orderBeside(c *fiber.Ctx, v visitor, id uuid.UUID, f sent) error {
	return d.Fulfilment.OrderBeside(c.UserContext(), v.actor, id, f.uuid("plan"), v.now)
}

func (d Deps) dropBeside(c *fiber.Ctx, v visitor, id uuid.UUID, f sent) error {
	return d.Fulfilment.DropBeside(c.UserContext(), v.actor, id, f.uuid("plan"), f.text("for_person"), v.now)
}

func (d Deps) restrictionsPage(c *fiber.Ctx, v visitor, id uuid.UUID, back came) error {
	b, err := d.Fulfilment.Besides(c.UserContext(), v.actor, id, v.now)
	if err != nil {
		return err
	}
	names, err := d.Names(c.UserContext(), v.Authority)
	if err != nil {
		return err
	}
	o := review.Opened{Case: b.Case, Request: b.Request, Inventory: b.Inventory}
	plan := &planSheet{&sheet{visitor: v, d: d, o: o, names: names, path: casePath(id), csrf: reply.CSRF(c), back: back}, fulfilment.Shown{Case: b.Case, Findings: b.Findings}}
	s := &heldSheet{plan, b}
	p := desk.Restrictions{
		Frame:   d.frame(c, v, s.say("restriction.title", "number", b.Case.FileNumber), ""),
		Heading: kern.Heading{Preline: b.Case.FileNumber + " · " + s.say("case.state."+string(b.Case.State)), Title: s.say("restriction.heading")},
		Lead:    s.say("restriction.lead"), InForceIs: s.say("restriction.in_force"), InForce: s.inForce(),
		None: s.say("restriction.none"), NoneText: s.say("restriction.none.text"), Lift: s.liftForm(), Meanwhile: s.meanwhileForm(),
	}
	p.Crumbs = []kern.Link{{Href: home, Label: s.say("desk.list.title")}, {Href: s.path + "#umsetzung", Label: b.Case.FileNumber}, {Label: s.say("restriction.heading")}}
	for _, r := range b.Rights {
		if b.Request.Meanwhile[r.Right] {
			p.Asked = append(p.Asked, s.say("restriction.asked."+string(r.Right)))
		}
	}
	for _, id := range b.Due {
		if id {
			p.Due = s.say("restriction.due")
		}
	}
	var forms []desk.Form
	p.Silent = d.silent(v, b.Waits, b.Inventory, restrictionsPath(s.path)+"/jetzt", s.csrf, back)
	for _, silent := range p.Silent {
		forms = append(forms, silent.Form)
	}
	for i, one := range slices.Backward(b.Plans) {
		shown := s.besidePlan(one, i+1)
		p.Plans, forms = append(p.Plans, shown), append(forms, shown.Order, shown.Decide, shown.Drop)
	}
	p.Errors = s.besideErrors(append(forms, p.Lift, p.Meanwhile)...)
	status := fiber.StatusOK
	if back.status != 0 {
		status, p.Failed = back.status, true
	}
	return reply.Page(c, status, desk.RestrictionsPage(p))
}

// besideErrors is the summary above the page.
func (s *heldSheet) besideErrors(forms ...desk.Form) desk.Errors { return s.summary("title", forms) }

// inForce is the table of restrictions that hold.
func (s *heldSheet) inForce() kern.Table {
	t := kern.Table{ID: "einschraenkungen", Caption: s.say("restriction.caption"), Hidden: true, Small: true, Stacked: true, Columns: []kern.Column{
		{Title: s.say("restriction.col.record")}, {Title: s.say("desk.col.system")}, {Title: s.say("restriction.col.since")}, {Title: s.say("restriction.col.for")}, {Title: s.say("plan.proof")},
	}}
	for _, m := range s.b.InForce {
		t.Rows = append(t.Rows, kern.Row{Cells: []kern.Cell{
			{Content: desk.Lines(kern.Link{Label: s.recordOf(m)}, s.aboutRestriction(m)...)}, {Text: s.systemNames(m.System)}, {Text: s.moment(m.DoneAt)},
			{Text: s.say("plan.for", "right", s.right(m.Right), "article", s.article(m.Right))}, {Content: desk.Lines(kern.Link{Label: s.readBack(m)[0]}, s.readBack(m)[1:]...)},
		}})
	}
	return t
}

// aboutRestriction is the reference of a record, and whether its restriction ends.
func (s *heldSheet) aboutRestriction(m procedure.Measure) []string {
	var lines []string
	if m.Text.Reference != "" {
		lines = append(lines, s.sourceOf(m))
	}
	switch {
	case s.b.Lifting[m.ID]:
		lines = append(lines, s.say("restriction.lifting"))
	case s.b.Due[m.ID]:
		lines = append(lines, s.say("restriction.lift_due"))
	}
	return lines
}

// besidePlan is one plan with what it still waits for.
func (s *heldSheet) besidePlan(b fulfilment.BesidePlan, number int) desk.BesidePlan {
	id := "plan-" + b.ID.String()
	p := desk.BesidePlan{ID: id, Title: s.say("restriction.plan.number", "n", itoa(number), "what", s.besideTitle(b)), Measures: s.besideMeasures(b, number)}
	state := "open"
	kind := kern.Warning
	switch {
	case !b.EndedAt.IsZero():
		state, kind = "ended", kern.Success
	case b.Fixed():
		state, kind = "running", kern.Info
	}
	p.Light = kern.Badge{Kind: kind, Label: s.say("restriction.plan." + state)}
	add := func(key, value string) {
		if value != "" {
			p.Items = append(p.Items, kern.Item{Key: s.say(key), Value: value})
		}
	}
	add("plan.fixed.made", s.say("desk.decided.who", "name", s.who(b.MadeBy), "at", s.moment(b.MadeAt)))
	if b.Fixed() {
		add("plan.fixed.by", s.say("desk.decided.who", "name", s.who(b.FixedBy), "at", s.moment(b.FixedAt)))
		add("restriction.sum", hexOf(b.Hash))
	}
	if !b.EndedAt.IsZero() {
		add("plan.fixed.ended", s.moment(b.EndedAt))
	}
	add("restriction.from", s.day(b.Text.From))
	add("restriction.for_person", b.Text.ForPerson.Reveal())
	add("plan.for_file", b.Text.ForFile.Reveal())
	if b.Letter != uuid.Nil {
		add("restriction.told", s.toldBy(b.Notice))
	}
	if !b.Fixed() {
		for _, r := range b.Blocked {
			p.Reasons = append(p.Reasons, s.reason(r))
		}
		p.Blocked = s.say("restriction.blocked")
		p.Order, p.Drop = s.orderForm(b), s.dropForm(b)
	}
	p.Decide = s.besideDecide(b)
	return p
}

func (s *heldSheet) besideTitle(b fulfilment.BesidePlan) string {
	if b.Kind == casefile.PlanLifting {
		return s.say("restriction.plan.lifting")
	}
	return s.say("restriction.plan.meanwhile", "right", s.right(b.Text.Right))
}

// toldBy says whether the person knows that a restriction ends.
func (s *heldSheet) toldBy(l casefile.Letter) string {
	switch {
	case !l.Effective.IsZero():
		return s.say("desk.letters.effective", "date", s.day(l.Effective))
	case l.PostedOn.IsZero():
		return s.say("restriction.not_told")
	}
	return s.say("desk.letters.posted", "date", s.day(l.PostedOn))
}

// besideMeasures is the table of a plan's measures.
func (s *heldSheet) besideMeasures(b fulfilment.BesidePlan, number int) kern.Table {
	t := kern.Table{ID: "massnahmen-" + b.ID.String(), Caption: s.say("restriction.measures", "n", itoa(number)), Hidden: true, Small: true, Stacked: true, Columns: []kern.Column{
		{Title: s.say("restriction.col.record")}, {Title: s.say("desk.col.system")}, {Title: s.say("desk.col.state")},
	}}
	for _, m := range b.Measures {
		said := s.reasonOf(m)
		if m.State == casefile.Done {
			said = s.readBack(m)[0]
		} else if m.State == casefile.Stays {
			said = m.Text.ForPerson.Reveal()
		}
		name := kern.Cell{Content: desk.Lines(kern.Link{Label: s.recordOf(m)}, s.sourceOf(m))}
		if m.Text.Reference == "" {
			name = kern.Cell{Text: s.recordOf(m)}
		}
		if m.State == casefile.ForUnit && b.Fixed() {
			name = kern.Cell{Text: s.recordOf(m), Href: planTaskPath(s.path, m.System)}
		}
		t.Rows = append(t.Rows, kern.Row{Cells: []kern.Cell{
			name, {Text: s.systemNames(m.System)},
			{Content: desk.Stacked(desk.Lights(kern.Badge{Kind: measureKinds[m.State], Label: s.stateOf(m)}), said)},
		}})
	}
	return t
}
