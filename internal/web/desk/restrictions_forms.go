package desk

import (
	"slices"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/procedure/fulfilment"
	"einsicht/views/desk"
	"einsicht/views/kern"
)

// rightNamed reads a right that a form names; none for one that there is not.
func rightNamed(name string) law.Right {
	right, err := law.ParseRight(name)
	if err != nil {
		return ""
	}
	return right
}

// meanwhileForm plans a restriction until the decision.
func (s *heldSheet) meanwhileForm() desk.Form {
	c := s.b.Case.State
	undecided := c == casefile.Received || c == casefile.Gathering || c == casefile.Review
	if !s.kept(undecided && s.d.may(s.visitor, casefile.ActionPlan), "vorlaeufig") {
		return desk.Form{}
	}
	var rights, systems []kern.Option
	for _, r := range s.b.Rights {
		if slices.Contains(fulfilment.Meanwhiles, r.Right) {
			rights = append(rights, kern.Option{Value: string(r.Right), Label: s.say("restriction.meanwhile." + string(r.Right)), Hint: s.say("restriction.meanwhile." + string(r.Right) + ".hint")})
		}
	}
	if len(rights) == 0 {
		return desk.Form{}
	}
	if len(rights) == 1 {
		rights[0].Selected = true
	}
	withdrawn := len(rights) == 1 && rights[0].Value == string(law.ConsentWithdrawal) // and nothing else is restricted
	for _, system := range s.b.Inventory.Systems {
		if n, possible := s.b.Systems[system.ID]; possible {
			hint := s.say("restriction.systems.by_hand")
			if n > 0 {
				hint = s.count("restriction.systems", n)
			}
			consent := fulfilment.OnConsent(system)
			if withdrawn && consent {
				hint += " " + s.say("restriction.systems.consent")
			}
			systems = append(systems, kern.Option{Value: system.ID, Label: system.In(s.lang).Name, Hint: hint, Selected: n > 0 && (!withdrawn || consent)})
		}
	}
	b := s.form("vorlaeufig", "einschraenkung/vorlaeufig")
	b.form.Lead = s.say("restriction.meanwhile.lead")
	b.radios(b.field("right", "restriction.meanwhile.right"), rights).boxes(b.field("systems", "restriction.meanwhile.systems"), systems)
	b.area(b.field("why", "restriction.meanwhile.why"), "")
	f := b.done(s.say("restriction.meanwhile"), s.say("restriction.meanwhile.do"))
	f.Open = f.Open || len(s.b.Plans) == 0 && len(s.b.InForce) == 0
	return f
}

// liftForm plans that restrictions end, and tells the person before.
func (s *heldSheet) liftForm() desk.Form {
	if !s.kept(s.d.may(s.visitor, casefile.ActionPlan), "aufheben") {
		return desk.Form{}
	}
	var options []kern.Option
	due := false
	for _, m := range s.b.InForce {
		if s.b.Lifting[m.ID] {
			continue
		}
		due = due || s.b.Due[m.ID]
		options = append(options, kern.Option{Value: m.ID.String(), Label: s.systemNames(m.System) + ": " + s.recordOf(m), Hint: s.sourceOf(m), Selected: s.b.Due[m.ID]})
	}
	if len(options) == 0 {
		return desk.Form{}
	}
	b := s.form("aufheben", "einschraenkung/aufheben")
	b.form.Lead = s.say("restriction.lift.lead")
	b.boxes(b.field("restriction", "restriction.lift.which"), options)
	b.date(b.field("from", "restriction.lift.from"), calendar.NextWorkingDay(s.authority.Land, s.today().AddDays(14)))
	b.area(b.field("for_person", "restriction.lift.for_person"), "").area(b.optional(b.field("for_file", "restriction.lift.for_file")), "")
	f := b.done(s.say("restriction.lift"), s.say("restriction.lift.do"))
	f.Open = f.Open || due
	return f
}

// orderForm is the second person's word.
func (s *heldSheet) orderForm(b fulfilment.BesidePlan) desk.Form {
	if len(b.Blocked) > 0 || !s.d.may(s.visitor, casefile.ActionRelease) {
		return desk.Form{}
	}
	form := s.form("anordnen-"+b.ID.String(), "einschraenkung/anordnen").hidden("plan", b.ID.String())
	form.form.Lead = s.say("restriction.order." + string(b.Kind))
	return primary(form.done("", s.say("restriction.order.do")))
}

func (s *heldSheet) dropForm(b fulfilment.BesidePlan) desk.Form {
	if !s.d.may(s.visitor, casefile.ActionPlan) {
		return desk.Form{}
	}
	form := s.form("verwerfen-"+b.ID.String(), "einschraenkung/verwerfen").hidden("plan", b.ID.String())
	form.form.Lead = s.say("restriction.drop.lead")
	if b.Letter != uuid.Nil {
		form.form.Lead = s.say("restriction.drop.told")
		form.area(form.field("for_person", "restriction.drop.for_person"), "")
	}
	return form.done(s.say("restriction.drop"), s.say("restriction.drop.do"))
}

// besideDecide asks about measures that no machine carries out.
func (s *heldSheet) besideDecide(b fulfilment.BesidePlan) desk.Form {
	var options []kern.Option
	for _, m := range b.Measures {
		if m.State == casefile.Asks {
			options = append(options, kern.Option{Value: m.ID.String(), Label: s.systemNames(m.System) + ": " + s.recordOf(m), Hint: s.reasonOf(m), Selected: true})
		}
	}
	id := "entscheiden-" + b.ID.String()
	if len(options) == 0 || !s.kept(s.d.may(s.visitor, casefile.ActionPlan) && b.EndedAt.IsZero(), id) {
		return desk.Form{}
	}
	form := s.form(id, "einschraenkung/entscheiden")
	form.boxes(form.field("measure", "plan.decide.which"), options).radios(form.field("way", "plan.decide.way"), s.ways())
	why := form.field("for_person", "plan.decide.for_person")
	why.Optional = s.say("plan.decide.leaving")
	form.area(why, "").area(form.optional(form.field("for_file", "plan.decide.for_file")), "")
	f := form.done(s.say("plan.decide"), s.say("plan.decide.do"))
	f.Open = true
	return f
}
