package desk

import (
	"errors"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/problem"
	"einsicht/internal/procedure/correspondence"
	"einsicht/internal/procedure/delivery"
	"einsicht/internal/procedure/fulfilment"
	"einsicht/internal/procedure/oversight"
	"einsicht/internal/procedure/review"
	"einsicht/internal/web/reply"
	"einsicht/views/desk"
	"einsicht/views/kern"
)

// sheet is what the parts of the page of a case are built from.
type sheet struct {
	visitor
	d      Deps
	o      review.Opened
	names  map[uuid.UUID]string
	path   string
	csrf   string
	back   came
	shown  shown
	mail   []correspondence.Written
	plan   fulfilment.Standing
	direct delivery.Direct
}

// shown says which system's findings are turned to which page, and of which
// finding the form is open.
type shown struct {
	system  string
	page    int
	finding string
}

func (d Deps) showCase(c *fiber.Ctx, v visitor) error {
	id, err := caseID(c)
	if err != nil {
		return err
	}
	return d.casePage(c, v, id, came{}, shown{c.Query("system"), c.QueryInt("seite", 1), c.Query("fund")})
}

// acting does one thing to a case and shows the case again, at the place where
// it was done. What a step refuses comes back with all reasons.
func (d Deps) acting(a action) handler {
	return doing(a, d.refuse, func(id uuid.UUID, f sent) string { return casePath(id) + f.returnTo(a.place) })
}

// doing does one thing to a case with a form, and leads to where it shows. What the step
// refuses is for refused to show.
func doing(a action, refused func(c *fiber.Ctx, v visitor, id uuid.UUID, f sent, err error) error, to func(id uuid.UUID, f sent) string) handler {
	return func(c *fiber.Ctx, v visitor) error {
		id, err := caseID(c)
		if err != nil {
			return err
		}
		f, err := readForm(c)
		if err != nil {
			return err
		}
		if err := a.do(c, v, id, f); err != nil {
			return refused(c, v, id, f, err)
		}
		return reply.Redirect(c, to(id, f))
	}
}

// mending shows a page again with what a step refused, if a form there can mend it.
func (d Deps) mending(page func(c *fiber.Ctx, v visitor, id uuid.UUID, f sent, back came) error) func(c *fiber.Ctx, v visitor, id uuid.UUID, f sent, err error) error {
	return func(c *fiber.Ctx, v visitor, id uuid.UUID, f sent, err error) error {
		back, ok := d.mendable(v, f, err)
		if !ok {
			return err
		}
		return page(c, v, id, f, back)
	}
}

// refuse shows the case again with what was typed and why it was refused.
func (d Deps) refuse(c *fiber.Ctx, v visitor, id uuid.UUID, f sent, err error) error {
	var said *problem.Error
	var refusal *casefile.Refusal
	if !errors.As(err, &said) && !errors.As(err, &refusal) || errors.Is(err, problem.NotFound) || errors.Is(err, problem.Unavailable) {
		return err
	}
	if !d.may(v, casefile.ActionOpenCase) {
		return err
	}
	back, ok := v.refusal(f, err)
	if !ok {
		return err
	}
	return d.casePage(c, v, id, back, f.shown())
}

// open reads a case for a page.
func (d Deps) open(c *fiber.Ctx, v visitor, id uuid.UUID, back came, at shown) (*sheet, error) {
	o, err := d.Review.Open(c.UserContext(), v.actor, v.authority.Land, id, v.now)
	if err != nil {
		return nil, err
	}
	names, err := d.Names(c.UserContext(), v.Authority)
	if err != nil {
		return nil, err
	}
	return &sheet{visitor: v, d: d, o: o, names: names, path: casePath(id), csrf: reply.CSRF(c), back: back, shown: at}, nil
}

func (d Deps) casePage(c *fiber.Ctx, v visitor, id uuid.UUID, back came, at shown) error {
	s, err := d.open(c, v, id, back, at)
	if err != nil {
		return err
	}
	if s.mail, err = d.Correspondence.Letters(c.UserContext(), v.actor, id); err != nil {
		return err
	}
	if s.direct, err = d.Delivery.Direct(c.UserContext(), v.actor, v.authority, id, v.now); err != nil {
		return err
	}
	if s.plan, err = d.Fulfilment.Progress(c.UserContext(), v.actor, id); err != nil {
		return err
	}
	p := s.page(d.frame(c, v, v.say("desk.case.title", "number", s.o.Case.FileNumber), ""))
	status := fiber.StatusOK
	if back.status != 0 {
		status, p.Failed = back.status, true
	}
	return reply.Page(c, status, desk.CasePage(p))
}

func caseID(c *fiber.Ctx) (uuid.UUID, error) {
	id, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return id, problem.New(problem.NotFound, "problem.notfound")
	}
	return id, nil
}

func casePath(id uuid.UUID) string { return home + "/vorgang/" + id.String() }

// shown keeps the page of findings that somebody had turned to.
func (s sent) shown() shown {
	n := 0
	for _, r := range s.get("seite") {
		if n = n*10 + int(r-'0'); r < '0' || r > '9' || n > 1_000_000 {
			return shown{}
		}
	}
	return shown{system: s.get("system"), page: n}
}

// returnTo leads back to the place on the page. What comes from the form is
// taken only where it can be nothing but a name on the page.
func (s sent) returnTo(place string) string {
	if at := s.shown(); at.system != "" && isName(at.system) && isName(s.id) {
		anchor := "system-" + at.system
		if id, one := strings.CutPrefix(s.id, "fund-"); one {
			anchor = "record-" + id
		}
		return "?system=" + at.system + "&seite=" + itoa(max(at.page, 1)) + "#" + anchor
	}
	return "#" + place
}

func isName(s string) bool {
	return s != "" && len(s) <= 64 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}

// today is the civil day in Germany.
func (s *sheet) today() calendar.Date { return calendar.DateOf(s.now) }

// form begins a form of the case.
func (s *sheet) form(id, verb string) *builder {
	return s.build(s.back, id, s.path+"/"+verb, s.csrf)
}

// kept says whether to show a form: where it has its place now, and where it
// came back, so that nothing typed is lost.
func (s *sheet) kept(now bool, ids ...string) bool {
	if now || s.back.status == 0 {
		return now
	}
	return slices.ContainsFunc(ids, func(id string) bool { return strings.HasPrefix(s.back.id, id) })
}

// refused is the summary above the page: each line leads to its field, to the
// place where a reason can be settled, or to the form.
func (s *sheet) refused() desk.Errors {
	e := s.errors(s.back)
	for i, line := range e.Lines {
		if line.ID == "naechster-schritt" {
			e.Lines[i].ID = "next-title"
		}
	}
	for _, r := range s.back.reasons {
		place, here := strings.CutPrefix(places[r.Key], "#")
		if !here {
			place = "next-title"
		}
		e.Lines = append(e.Lines, kern.FieldError{ID: place, Text: s.reason(r)})
	}
	return e
}

// who names the one who did something.
func (s *sheet) who(id uuid.UUID) string {
	switch {
	case id == uuid.Nil:
		return s.say("desk.who.program")
	case id == s.o.Case.ID:
		return s.say("desk.who.applicant")
	case s.names[id] != "":
		return s.names[id]
	}
	return s.say("desk.who.former")
}

// reason says why something is not possible, with systems by their names.
func (s *sheet) reason(r casefile.Reason) string { return s.say(r.Key, s.named(r)...) }

func (s *sheet) named(r casefile.Reason) []string {
	args := slices.Clone(r.Args)
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] != "names" {
			continue
		}
		args[i+1] = s.systemNames(strings.Split(args[i+1], ", ")...)
	}
	return args
}

// lamp is the light of the case, as the list shows it.
func (s *sheet) lamp() kern.Badge {
	light, _ := oversight.LightOf(s.o.Case, s.today())
	return s.light(light)
}
