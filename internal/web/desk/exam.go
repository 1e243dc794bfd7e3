package desk

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law"
	"einsicht/internal/law/assess"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
	"einsicht/internal/procedure/review"
	"einsicht/internal/web/reply"
	"einsicht/views/desk"
	"einsicht/views/frame"
	"einsicht/views/kern"
)

// exam is what the page of one right is built from: the case, and the right held
// against the law.
type exam struct {
	*sheet
	x     review.Examined
	about law.Right
	base  string
	query string

	barred *review.Unavailable // the ground that somebody asked for in vain
}

// showExam shows one right of a case and what the law asks about it.
func (d Deps) showExam(c *fiber.Ctx, v visitor) error {
	id, right, err := caseAndRight(c)
	if err != nil {
		return err
	}
	return d.examPage(c, v, id, right, came{}, nil)
}

// examAction is what staff do to one right with a form: the last word of its
// address, and the place on the page to return to if the form names none.
type examAction struct {
	verb  string
	place string
	do    func(c *fiber.Ctx, v visitor, at examined, f sent) error
}

// examined is a right of a case.
type examined struct {
	id    uuid.UUID
	right law.Right
}

func (d Deps) examActions() []examAction {
	return []examAction{
		{"fragen", "voraussetzungen", d.answerRight},
		{"aufgreifen", "gepruefte", d.takeUpGround},
		{"pruefen", "gepruefte", d.examineGround},
		{"streichen", "gepruefte", d.dropGround},
		{"betrifft", "tatsachen", d.nameSystems},
		{"tatsachen", "tatsachen", d.knowSystem},
		{"wohnort", "wohnort", d.reside},
		{"entscheiden", "ergebnis", d.decideRight},
	}
}

// examining does one thing to a right and shows its page again. What a step
// refuses comes back there with every reason and all that was typed.
func (d Deps) examining(a examAction) handler {
	return func(c *fiber.Ctx, v visitor) error {
		id, right, err := caseAndRight(c)
		if err != nil {
			return err
		}
		f, err := readForm(c)
		if err != nil {
			return err
		}
		err = a.do(c, v, examined{id, right}, f)
		if err == nil {
			return reply.Redirect(c, examPath(id, right)+"#"+f.examPlace(a.place))
		}
		var said *problem.Error
		var refusal *casefile.Refusal
		if !errors.As(err, &said) && !errors.As(err, &refusal) || errors.Is(err, problem.NotFound) || errors.Is(err, problem.Unavailable) || !d.may(v, casefile.ActionOpenCase) {
			return err
		}
		back, ok := v.refusal(f, err)
		if !ok {
			return err
		}
		return d.examPage(c, v, id, right, back.settled(), err)
	}
}

// settled moves what is said about things that the form has no field for to the
// form itself.
func (c came) settled() came {
	for _, name := range []string{"ground", "system"} {
		key, said := c.fields[name]
		if said && (name == "ground" || !strings.HasPrefix(c.id, "auf-")) {
			delete(c.fields, name)
			c.lines = append(c.lines, key)
		}
	}
	return c
}

func (d Deps) examPage(c *fiber.Ctx, v visitor, id uuid.UUID, right law.Right, back came, refused error) error {
	x, err := d.Exam.Examine(c.UserContext(), v.actor, id, right, v.now)
	if err != nil {
		return err
	}
	o, err := d.Review.Open(c.UserContext(), v.actor, v.authority.Land, id, v.now)
	if err != nil {
		return err
	}
	names, err := d.Names(c.UserContext(), v.Authority)
	if err != nil {
		return err
	}
	s := &sheet{visitor: v, d: d, o: o, names: names, path: casePath(id), csrf: reply.CSRF(c), back: back}
	e := &exam{sheet: s, x: x, about: right, base: examPath(id, right), query: strings.TrimSpace(c.Query("q"))}
	errors.As(refused, &e.barred)
	p := e.page(d.frame(c, v, v.say("exam.title", "right", v.right(right), "number", o.Case.FileNumber), ""))
	status := fiber.StatusOK
	if back.status != 0 {
		status, p.Failed = back.status, true
	}
	return reply.Page(c, status, desk.ExamPage(p))
}

func caseAndRight(c *fiber.Ctx) (uuid.UUID, law.Right, error) {
	id, err := caseID(c)
	if err != nil {
		return id, "", err
	}
	right, err := law.ParseRight(c.Params("right"))
	if err != nil {
		return id, "", problem.New(problem.NotFound, "problem.notfound")
	}
	return id, right, nil
}

func examPath(id uuid.UUID, right law.Right) string { return casePath(id) + "/recht/" + string(right) }

// examPlace leads back to the form's own place on the page. What comes from the
// form is taken only where it can be nothing but a name on the page.
func (s sent) examPlace(place string) string {
	if at := groundID(s.get("ground")); place == "gepruefte" && s.get("ground") != "" && isName(at) {
		return at
	}
	return place
}

// groundID names the card of a ground, placeID its form at a system.
func groundID(ground string) string { return "g-" + strings.ToLower(ground) }

func placeID(at assess.Place) string { return groundID(at.Ground) + "-" + cmp.Or(at.System, "fall") }

func (e *exam) page(f frame.Frame) desk.Exam {
	c := e.o.Case
	f.Crumbs = []kern.Link{{Href: home, Label: e.say("desk.list.title")}, {Href: e.path + "#entscheidung", Label: c.FileNumber}, {Label: e.right(e.about)}}
	p := desk.Exam{
		Frame: f, Light: e.lamp(), Errors: e.refused(),
		Heading: kern.Heading{
			Preline: c.FileNumber + " · " + e.say("case.state."+string(c.State)), Title: e.right(e.about),
			Subline: e.o.Request.Name.Reveal() + " · " + e.article(e.about),
		},
		Requires: e.requires(), Claims: e.claims(), Offer: e.offer(), Known: e.caseFacts(), Residence: e.residence(), Checklist: e.checklist(), Result: e.result(),
	}
	first, second := e.due(c)
	p.Facts = []kern.Item{{Key: e.say("desk.col.due"), Value: strings.Join(append([]string{first}, second...), " · ")}}
	if e.x.MustConfirm && e.x.Confirmed.At.IsZero() {
		p.Banner = e.lawBanner()
	}
	if !e.decides() {
		p.Closed = e.say("exam.closed")
	}
	return p
}

// decides says whether the visitor may decide on this right now.
func (e *exam) decides() bool {
	c := e.o.Case.State
	now := e.d.may(e.visitor, casefile.ActionDecide) && (c == casefile.Received || c == casefile.Gathering || c == casefile.Review)
	return now || e.back.status != 0
}

// form begins a form of this right.
func (e *exam) form(id, verb string) *builder { return e.build(e.back, id, e.base+"/"+verb, e.csrf) }

// refused is the summary above the page.
func (e *exam) refused() desk.Errors {
	errs := e.errors(e.back)
	if e.strayed() {
		for i := range errs.Lines {
			errs.Lines[i].ID = offerID
		}
	}
	for _, r := range e.back.reasons {
		place, here := strings.CutPrefix(e.placeOf(r), "#")
		if !here {
			place = "ergebnis-title"
		}
		errs.Lines = append(errs.Lines, kern.FieldError{ID: place, Text: e.reason(r)})
	}
	return errs
}

// systemName names a system of the case in words.
func (e *exam) systemName(id string) string {
	if id == "" {
		return e.say("exam.whole_case")
	}
	if system, ok := e.o.Inventory.System(id); ok {
		return system.In(e.lang).Name
	}
	return id
}

// requires asks what must be so for the right to exist.
func (e *exam) requires() desk.Requires {
	r, ok := e.x.Edition.Right(e.about)
	if !ok || len(r.Requires) == 0 {
		return desk.Requires{}
	}
	p := desk.Requires{Title: e.say("exam.requires"), Text: e.say("exam.requires.text", "article", e.cite(r.Citation))}
	b := e.form("voraussetzungen-form", "fragen")
	for _, q := range r.Requires {
		said, given := e.answer(string(e.about), "", q.ID)
		if !e.decides() {
			p.Said = append(p.Said, kern.Item{Key: e.sentence(q.Sentence), Value: e.yesNo(said, given)})
			continue
		}
		f := b.field("a-"+q.ID, "exam.answer")
		f.Label = e.sentence(q.Sentence)
		b.radios(f, e.yesOrNo(said, given))
	}
	if e.decides() {
		p.Form = b.done("", e.say("exam.requires.save"))
	}
	return p
}

func (d Deps) answerRight(c *fiber.Ctx, v visitor, at examined, f sent) error {
	answers := f.answers(string(at.right), "")
	if len(answers) == 0 {
		return procedure.Incomplete("", "exam.error.answer")
	}
	return d.Exam.Answer(c.UserContext(), v.actor, at.id, at.right, answers, v.now)
}

// answers reads the questions of a place that were answered.
func (s sent) answers(ground, system string) []casefile.Answer {
	var all []casefile.Answer
	for name := range s.values {
		condition, is := strings.CutPrefix(name, "a-")
		said := s.get(name)
		if is && (said == "yes" || said == "no") {
			all = append(all, casefile.Answer{Ground: ground, System: system, Condition: condition, Yes: said == "yes"})
		}
	}
	slices.SortFunc(all, func(a, b casefile.Answer) int { return strings.Compare(a.Condition, b.Condition) })
	return all
}

// answer finds what staff said to a question.
func (e *exam) answer(ground, system, condition string) (said, given bool) {
	for _, a := range e.x.Right.Text.Exam.Answers {
		if a.Ground == ground && a.System == system && a.Condition == condition {
			return a.Yes, true
		}
	}
	return false, false
}

func (e *exam) yesOrNo(said, given bool) []kern.Option {
	return []kern.Option{
		{Value: "yes", Label: e.say("exam.yes"), Selected: given && said},
		{Value: "no", Label: e.say("exam.no"), Selected: given && !said},
	}
}

func (e *exam) yesNo(said, given bool) string {
	switch {
	case !given:
		return e.say("exam.unanswered")
	case said:
		return e.say("exam.yes")
	}
	return e.say("exam.no")
}

func (e *exam) checklist() desk.Checklist {
	r, _ := e.x.Edition.Right(e.about)
	p := desk.Checklist{Title: e.say("exam.checklist"), StepsAre: e.say("exam.steps"), Note: e.sentence(r.Note)}
	for _, content := range r.Contents {
		p.Items = append(p.Items, e.say("exam.checklist.item", "text", e.sentence(content.Sentence), "cite", e.cite(content.Citation)))
	}
	for _, step := range r.Steps {
		p.Steps = append(p.Steps, e.sentence(step))
	}
	return p
}
