package desk

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/procedure/fulfilment"
	"einsicht/internal/procedure/review"
	"einsicht/internal/web/reply"
	"einsicht/views/desk"
	"einsicht/views/kern"
)

// fulfiller plans what a decision changes in systems and has it carried out.
type fulfiller interface {
	Show(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, now time.Time) (fulfilment.Shown, error)
	Progress(ctx context.Context, actor casefile.Actor, caseID uuid.UUID) (fulfilment.Standing, error)
	Draft(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, now time.Time) error
	Correct(ctx context.Context, actor casefile.Actor, caseID, finding uuid.UUID, values map[string]person.Text, now time.Time) error
	Decide(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, measures []uuid.UUID, way fulfilment.Way, forPerson, forFile person.Text, now time.Time) error
	Order(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, now time.Time) error
	TryNow(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, system string, now time.Time) error
	Confirm(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, system string, done bool, statement person.Text, now time.Time) error
	teller
	restricter
}

// restricter restricts data until a decision, and ends restrictions.
type restricter interface {
	Besides(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, now time.Time) (fulfilment.Besides, error)
	Restrictions(ctx context.Context, actor casefile.Actor) ([]fulfilment.Restricted, error)
	Meanwhile(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, right law.Right, systems []string, why person.Text, now time.Time) error
	Lift(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, restrictions []uuid.UUID, from calendar.Date, forPerson, forFile person.Text, now time.Time) error
	OrderBeside(ctx context.Context, actor casefile.Actor, caseID, plan uuid.UUID, now time.Time) error
	DropBeside(ctx context.Context, actor casefile.Actor, caseID, plan uuid.UUID, forPerson person.Text, now time.Time) error
}

// teller tells recipients of data what was done to them.
type teller interface {
	Recipients(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, now time.Time) (fulfilment.Told, error)
	AddRecipient(ctx context.Context, actor casefile.Actor, caseID, plan uuid.UUID, recipient person.Text, systems []string, now time.Time) error
	RuleOut(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, notices []uuid.UUID, state casefile.NoticeState, why person.Text, now time.Time) error
	Reconsider(ctx context.Context, actor casefile.Actor, caseID, notice uuid.UUID, now time.Time) error
	Tell(ctx context.Context, actor casefile.Actor, caseID, notice uuid.UUID, to []person.Text, content person.Text, now time.Time) error
	TellByMail(ctx context.Context, actor casefile.Actor, caseID, notice uuid.UUID, address, content person.Text, now time.Time) error
	StopMail(ctx context.Context, actor casefile.Actor, caseID, notice uuid.UUID, now time.Time) error
	LetUnitTell(ctx context.Context, actor casefile.Actor, caseID, notice uuid.UUID, now time.Time) error
	UnitTold(ctx context.Context, actor casefile.Actor, caseID, notice uuid.UUID, said person.Text, now time.Time) error
	RecipientAnswered(ctx context.Context, actor casefile.Actor, caseID, notice uuid.UUID, said person.Text, now time.Time) error
}

// planSheet is what the pages of a plan are built from.
type planSheet struct {
	*sheet
	p fulfilment.Shown
}

// planActions are what staff do to a plan with a form.
func (d Deps) planActions() []action {
	return []action{
		{"erstellen", "fortschritt", d.draftPlan},
		{"berichtigen", "berichtigung", d.correct},
		{"entscheiden", "fortschritt", d.decideMeasures},
		{"jetzt", "fortschritt", d.tryNow},
	}
}

func planPath(id uuid.UUID) string { return casePath(id) + "/plan" }

func (d Deps) showPlan(c *fiber.Ctx, v visitor) error {
	id, err := caseID(c)
	if err != nil {
		return err
	}
	return d.planPage(c, v, id, came{}, shown{c.Query("system"), c.QueryInt("seite", 1), c.Query("fund")})
}

// planning does one thing to a plan and shows it again. What a step refuses comes
// back there with every reason and all that was typed.
func (d Deps) planning(a action) handler {
	again := func(c *fiber.Ctx, v visitor, id uuid.UUID, f sent, back came) error {
		at := f.shown()
		at.finding = f.get("finding")
		return d.planPage(c, v, id, back, at)
	}
	return doing(a, d.mending(again), func(id uuid.UUID, f sent) string { return planPath(id) + f.planPlace(a.place) })
}

// mendable says what a step refused, if a form can mend it and the visitor may see
// the page on which it stands.
func (d Deps) mendable(v visitor, f sent, err error) (came, bool) {
	var said *problem.Error
	var refusal *casefile.Refusal
	if !errors.As(err, &said) && !errors.As(err, &refusal) || errors.Is(err, problem.NotFound) || errors.Is(err, problem.Unavailable) || !d.may(v, casefile.ActionOpenCase) {
		return came{}, false
	}
	return v.refusal(f, err)
}

// planPlace leads back to the system that something was said about.
func (s sent) planPlace(place string) string {
	if at := s.shown(); isName(at.system) {
		return "?system=" + at.system + "&seite=" + itoa(max(at.page, 1)) + "#" + planSystemID(at.system)
	}
	return "#" + place
}

func planSystemID(system string) string { return "plan-" + system }

func (d Deps) draftPlan(c *fiber.Ctx, v visitor, id uuid.UUID, _ sent) error {
	return d.Fulfilment.Draft(c.UserContext(), v.actor, id, v.now)
}

// order is the second person's word for all that is planned.
func (d Deps) order(c *fiber.Ctx, v visitor, id uuid.UUID, _ sent) error {
	return d.Fulfilment.Order(c.UserContext(), v.actor, id, v.now)
}

// openPlan reads a plan for a page. That is a viewing.
func (d Deps) openPlan(c *fiber.Ctx, v visitor, id uuid.UUID, back came, at shown) (*planSheet, error) {
	p, err := d.Fulfilment.Show(c.UserContext(), v.actor, id, v.now)
	if err != nil {
		return nil, err
	}
	standing, err := d.Fulfilment.Progress(c.UserContext(), v.actor, id)
	if err != nil {
		return nil, err
	}
	names, err := d.Names(c.UserContext(), v.Authority)
	if err != nil {
		return nil, err
	}
	o := review.Opened{Case: p.Case, Inventory: standing.Inventory, Blocked: p.Blocked}
	s := &sheet{visitor: v, d: d, o: o, names: names, path: casePath(id), csrf: reply.CSRF(c), back: back, shown: at, plan: standing}
	return &planSheet{s, p}, nil
}

func (d Deps) planPage(c *fiber.Ctx, v visitor, id uuid.UUID, back came, at shown) error {
	s, err := d.openPlan(c, v, id, back, at)
	if err != nil {
		return err
	}
	p := desk.Plan{
		Frame:   d.frame(c, v, s.say("plan.title", "number", s.p.Case.FileNumber), ""),
		Heading: kern.Heading{Preline: s.p.Case.FileNumber + " · " + s.say("case.state."+string(s.p.Case.State)), Title: s.say("plan.heading")}, Lead: s.say("plan.lead"),
		Next: s.nextStep(), Fixed: s.fixed(true), Stand: d.planStand(v, s.path, s.csrf, back, s.plan), Correct: s.correction(),
	}
	p.Crumbs = s.crumbs(kern.Link{Label: s.say("plan.heading")})
	for _, system := range s.p.Systems {
		p.Systems = append(p.Systems, s.planSystem(system))
	}
	forms := []desk.Form{p.Next.Form, p.Correct.Form}
	for _, silent := range p.Stand.Silent {
		forms = append(forms, silent.Form)
	}
	for _, system := range p.Systems {
		forms = append(forms, system.Decide)
	}
	p.Errors = s.refused(forms...)
	status := fiber.StatusOK
	if back.status != 0 {
		status, p.Failed = back.status, true
	}
	return reply.Page(c, status, desk.PlanPage(p))
}

// refused is the summary above the page, once its forms are known. Reasons are settled
// on other pages, and the box of the next step leads there.
func (s *planSheet) refused(forms ...desk.Form) desk.Errors { return s.summary("next-title", forms) }

// summary says what is wrong: what belongs to none of the forms that are shown leads to
// the heading, and reasons lead to a place.
func (s *planSheet) summary(reasonsAt string, forms []desk.Form) desk.Errors {
	e := s.errors(s.back)
	shown := slices.ContainsFunc(forms, func(f desk.Form) bool { return f.Shown && f.ID == s.back.id })
	for i, line := range e.Lines {
		if line.ID == s.back.id && !shown {
			e.Lines[i].ID = "title"
		}
	}
	for _, r := range s.back.reasons {
		e.Lines = append(e.Lines, kern.FieldError{ID: reasonsAt, Text: s.reason(r)})
	}
	return e
}

func (s *planSheet) crumbs(more ...kern.Link) []kern.Link {
	return append([]kern.Link{{Href: home, Label: s.say("desk.list.title")}, {Href: s.path + "#umsetzung", Label: s.p.Case.FileNumber}}, more...)
}

// plans says whether the visitor may change the plan now.
func (s *planSheet) plans() bool {
	c := s.p.Case.State
	return (c == casefile.Received || c == casefile.Review) && s.d.may(s.visitor, casefile.ActionPlan)
}

func (s *planSheet) counted(state casefile.MeasureState) (n int) { return counted(s.plan, state, "") }

func grants(o casefile.Outcome) bool { return o == casefile.Granted || o == casefile.PartlyGranted }

// fixed says who let the plan be carried out, and its hash.
func (s *planSheet) fixed(proof bool) desk.Fixed {
	plan := s.p.Plan
	if !plan.Fixed() {
		return desk.Fixed{}
	}
	f := desk.Fixed{Title: s.say("plan.fixed"), SumIs: s.say("plan.fixed.sum"), Sum: hexOf(plan.Hash), Items: []kern.Item{
		{Key: s.say("plan.fixed.made"), Value: s.say("desk.decided.who", "name", s.who(plan.MadeBy), "at", s.moment(plan.MadeAt))},
		{Key: s.say("plan.fixed.by"), Value: s.say("desk.decided.who", "name", s.who(plan.FixedBy), "at", s.moment(plan.FixedAt))},
	}}
	if !plan.EndedAt.IsZero() {
		f.Items = append(f.Items, kern.Item{Key: s.say("plan.fixed.ended"), Value: s.moment(plan.EndedAt)})
	}
	if proof {
		f.Proof = kern.Button{Label: s.say("plan.proof.see"), Href: s.path + "/plan/nachweis", Rank: kern.Secondary}
	}
	return f
}
