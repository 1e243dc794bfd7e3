package desk

import (
	"cmp"

	"github.com/gofiber/fiber/v2"

	"einsicht/internal/casefile"
	"einsicht/internal/procedure"
	"einsicht/internal/procedure/fulfilment"
	"einsicht/internal/web/reply"
	"einsicht/views/desk"
	"einsicht/views/kern"
)

// showProof shows what was done to each record and how that is known. It is not
// turned page by page: it is made to be printed.
func (d Deps) showProof(c *fiber.Ctx, v visitor) error {
	id, err := caseID(c)
	if err != nil {
		return err
	}
	s, err := d.openPlan(c, v, id, came{}, shown{})
	if err != nil {
		return err
	}
	p := desk.PlanProof{
		Frame:   d.frame(c, v, s.say("plan.proof.title", "number", s.p.Case.FileNumber), ""),
		Heading: kern.Heading{Preline: s.p.Case.FileNumber, Title: s.say("plan.proof.heading")}, Lead: s.say("plan.proof.lead"),
		Fixed: s.fixed(false), EmptyTitle: s.say("plan.proof.none"), EmptyText: s.say("plan.proof.none.text"),
	}
	p.Crumbs = s.crumbs(kern.Link{Href: s.path + "/plan", Label: s.say("plan.heading")}, kern.Link{Label: s.say("plan.proof.heading")})
	if s.p.Plan.Fixed() {
		p.Print = kern.Button{Label: s.say("plan.proof.print"), Print: true, Rank: kern.Secondary}
		for _, system := range s.p.Systems {
			p.Systems = append(p.Systems, s.provenIn(system))
		}
	}
	return reply.Page(c, fiber.StatusOK, desk.PlanProofPage(p))
}

func (s *planSheet) provenIn(sys fulfilment.System) desk.Proven {
	name := sys.In(s.lang).Name
	p := desk.Proven{ID: planSystemID(sys.ID), Title: name, Table: kern.Table{
		ID: "nachweis-" + sys.ID, Caption: s.say("plan.proof.caption", "system", name), Hidden: true, Small: true, Stacked: true, Columns: []kern.Column{
			{Title: s.say("plan.record")}, {Title: s.say("plan.col.what")}, {Title: s.say("plan.proof.when")}, {Title: s.say("desk.col.state")}, {Title: s.say("plan.proof.how")},
		},
	}}
	for _, m := range sys.Measures {
		how := s.evidence(m)
		p.Table.Rows = append(p.Table.Rows, kern.Row{Cells: []kern.Cell{
			{Content: desk.Lines(kern.Link{Label: s.recordOf(m)}, s.sourceOf(m))},
			{Text: s.say("plan.do." + string(m.Do))},
			{Text: cmp.Or(s.moment(m.DoneAt), "–")},
			{Content: desk.Lights(kern.Badge{Kind: measureKinds[m.State], Label: s.stateOf(m)})},
			{Content: desk.Lines(kern.Link{Label: how[0]}, how[1:]...)},
		}})
	}
	return p
}

// evidence says how we know what became of a measure.
func (s *planSheet) evidence(m procedure.Measure) []string {
	switch {
	case m.State == casefile.Done:
		return s.readBack(m)
	case m.State == casefile.Stays && m.Text.Ground != "":
		lines := []string{s.say("plan.proof.ground", "ground", s.groundOf(m))}
		if !m.Text.Until.IsZero() {
			lines = append(lines, s.say("plan.proof.until", "date", s.day(m.Text.Until)))
		}
		return lines
	case m.State == casefile.Stays:
		return []string{s.say("plan.proof.left", "reason", m.Text.ForPerson.Reveal())}
	}
	if reason := s.reasonOf(m); reason != "" {
		return []string{reason}
	}
	return []string{s.say("plan.proof.open")}
}

// readBack says how a measure that is done was read back, or who says that it is.
func (s *planSheet) readBack(m procedure.Measure) []string {
	proof := m.Text.Proof
	if statement := proof.Statement.Reveal(); statement != "" {
		return []string{s.say("plan.proof.statement", "name", s.who(m.DoneBy), "at", s.moment(proof.ReadAt), "text", statement)}
	}
	key := "plan.proof.as_planned"
	if proof.Gone {
		key = "plan.proof.gone"
	}
	lines := []string{s.say(key, "at", s.moment(proof.ReadAt))}
	key = "plan.proof.searched_part"
	if proof.Searched {
		key = "plan.proof.searched"
	}
	lines = append(lines, s.say(key, "n", itoa(proof.Found)))
	if proof.Mapping != "" {
		lines = append(lines, s.say("plan.proof.mapping", "version", proof.Mapping))
	}
	return lines
}
