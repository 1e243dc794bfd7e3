package citizen

import (
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"einsicht/internal/casefile"
	"einsicht/internal/inventory"
	"einsicht/internal/law"
	"einsicht/internal/web/reply"
	"einsicht/internal/wording"
	"einsicht/views/citizen"
	"einsicht/views/kern"
)

// step is one page of the form.
type step struct {
	slug   string
	number int // of the five that are counted
	fields func(*draft) []string
	check  func(d *draft, wrong faults)
	show   func(w writer) []citizen.FormPart
}

// faults says what is wrong, by field, as the end of a wording key.
type faults map[string]string

// stepCount is what the progress bar counts to.
const stepCount = 5

var steps = []step{stepWhat, stepDetail, stepWhom, stepKnown, stepAnswer, stepCheck}

// The longest that a field takes, in characters.
const (
	lineLimit = 300
	areaLimit = 1000
)

// stepLimit is how long one step is at most on its way, in bytes: all its fields
// full, each character nine bytes long, and what was typed before, sealed.
const stepLimit = 256 << 10

// begin opens a new form at its first step. A right named in the address is
// ticked already.
func (s *site) begin(c *fiber.Ctx, a casefile.Authority) error {
	d := newDraft(reply.Lang(c), reply.Now(c))
	if r, err := law.ParseRight(c.Query("recht")); err == nil {
		d.Rights = []law.Right{r}
	}
	return s.showStep(c, a, d, stepWhat, nil)
}

// backToBegin answers whoever opens the address of a later step by itself: what
// was typed is in the page they left, and not here.
func (s *site) backToBegin(c *fiber.Ctx, a casefile.Authority) error {
	return reply.Redirect(c, "/"+a.Slug+"/antrag")
}

// taking answers one sent step: with the next one, with the same one and what is
// wrong, or with another one that the person wants to see.
func (s *site) taking(now step) handler {
	return func(c *fiber.Ctx, a casefile.Authority) error {
		d, err := s.open(c.UserContext(), a, c.FormValue("state"), reply.Now(c))
		if err != nil { // of the cause the person need know nothing: they begin anew
			return s.showOver(c, a)
		}
		if now.slug == stepWhat.slug {
			d.takeRights(c)
		}
		d.take(c, now.fields(d))
		switch now.slug {
		case stepAnswer.slug:
			d.takeConsent(c)
		case stepDetail.slug:
			d.takeDirect(s.listed(a))
		}
		if to, ok := stepBy(c.FormValue("to")); ok {
			return s.showStep(c, a, d, to, nil)
		}
		wrong := faults{}
		now.check(d, wrong)
		d.checkLength(now.fields(d), wrong)
		switch {
		case len(wrong) > 0:
			return s.showStep(c, a, d, now, wrong)
		case now.slug == stepCheck.slug:
			return s.send(c, a, d)
		}
		return s.showStep(c, a, d, d.after(now), nil)
	}
}

// after says which step follows. Whoever came back from the last one to change
// something returns there.
func (d *draft) after(now step) step {
	i := slices.IndexFunc(steps, func(s step) bool { return s.slug == now.slug })
	next := steps[min(i+1, len(steps)-1)]
	if next.slug == stepDetail.slug {
		if len(d.detailed()) > 0 {
			return next
		}
		next = stepWhom
	}
	if d.Checked {
		return stepCheck
	}
	return next
}

// before says which step stands before, for the way back.
func (d *draft) before(now step) (step, bool) {
	i := slices.IndexFunc(steps, func(s step) bool { return s.slug == now.slug })
	if i > 0 && steps[i-1].slug == stepDetail.slug && len(d.detailed()) == 0 {
		i--
	}
	if i <= 0 {
		return step{}, false
	}
	return steps[i-1], true
}

func stepBy(slug string) (step, bool) {
	i := slices.IndexFunc(steps, func(s step) bool { return s.slug == slug })
	if i < 0 {
		return step{}, false
	}
	return steps[i], true
}

func (d *draft) checkLength(fields []string, wrong faults) {
	for _, name := range fields {
		if utf8.RuneCountInString(d.typed(name)) > areaLimit {
			wrong[name] = "long"
		}
	}
}

// showStep shows a page of the form, with what was typed before.
func (s *site) showStep(c *fiber.Ctx, a casefile.Authority, d *draft, now step, wrong faults) error {
	inv, err := s.Intake.Inform(c.UserContext(), a)
	if err != nil {
		return err
	}
	if now.slug == stepCheck.slug {
		d.Checked = true
	}
	sealed, err := s.seal(c.UserContext(), a, d)
	if err != nil {
		return err
	}
	w := writer{c: c, d: d, wrong: wrong, inv: inv, listed: s.listed(a), home: "/" + a.Slug}
	title := w.say("form." + now.slug + ".title")
	f := citizen.Form{
		Frame: framed(c, a, title), Title: title, Lead: w.textIfAny("form." + now.slug + ".lead"),
		Progress: kern.Progress{Label: w.say("form.progress", "n", strconv.Itoa(now.number), "of", strconv.Itoa(stepCount)), Value: now.number, Max: stepCount},
		Action:   w.home + "/antrag/" + now.slug, CSRF: reply.CSRF(c), State: sealed, Privacy: w.home + "/datenschutz",
		WhyTitle: w.say("form.why"), Why: w.textIfAny("form." + now.slug + ".why"), Parts: now.show(w), Errors: w.errors(),
	}
	f.Frame.Path, f.Frame.Nav[1].Current = w.home+"/antrag", true
	f.Frame.Failed = len(f.Errors) > 0
	if now.slug == stepCheck.slug {
		f.WhyTitle = w.say("form.then")
	}
	f.Buttons = append(f.Buttons, kern.Button{Label: w.say("form." + now.slug + ".next")})
	if back, ok := d.before(now); ok {
		f.Buttons = append(f.Buttons, kern.Button{Label: w.say("form.back"), Rank: kern.Secondary, Name: "to", Value: back.slug, Skip: true})
	}
	status := fiber.StatusOK
	if f.Frame.Failed {
		status = fiber.StatusUnprocessableEntity
	}
	if c.Method() == fiber.MethodPost {
		// Under no-store the browser's way back ends in "confirm resubmission". No
		// case exists yet; what the browser keeps is what its user typed.
		c.Set(fiber.HeaderCacheControl, "private, no-cache")
	}
	return reply.Page(c, status, citizen.FormPage(f))
}

// showOver says that a form can't be continued.
func (s *site) showOver(c *fiber.Ctx, a casefile.Authority) error {
	o := citizen.Over{Frame: framed(c, a, say(c, "form.over.title")), Title: say(c, "form.over.title"), Text: say(c, "error.token"), Again: "/" + a.Slug + "/antrag"}
	o.Frame.Path, o.Frame.Failed = "/"+a.Slug+"/antrag", true
	return reply.Page(c, fiber.StatusUnprocessableEntity, citizen.OverPage(o))
}

// writer writes the fields of a step with what was typed and what is wrong.
type writer struct {
	c     *fiber.Ctx
	d     *draft
	wrong faults
	inv   inventory.Inventory
	home  string

	listed []casefile.Controller // to whom data can be handed directly
}

func (w writer) say(key string, pairs ...string) string { return say(w.c, key, pairs...) }

func (w writer) textIfAny(key string) string {
	if !wording.Has("citizen." + key) {
		return ""
	}
	return w.say(key)
}

// field is what all kinds of fields share. Its label stands under
// "citizen.field.NAME"; a field that is not required says so.
func (w writer) field(name string, required bool) kern.Field {
	f := kern.Field{Name: name, Label: w.say("field." + name), Hint: w.textIfAny("field." + name + ".hint")}
	if !required {
		f.Optional = w.say("optional")
	}
	if key, bad := w.wrong[name]; bad {
		f.Error = w.say("error." + key)
	}
	return f
}

func (w writer) line(name string, required bool, autocomplete string) kern.Input {
	return kern.Input{Field: w.field(name, required), Value: w.d.Typed[name].Reveal(), Autocomplete: autocomplete, MaxLength: lineLimit}
}

func (w writer) area(name string, rows int) kern.Area {
	return kern.Area{Field: w.field(name, false), Value: w.d.Typed[name].Reveal(), Rows: rows, MaxLength: areaLimit}
}

func (w writer) date(name string) kern.Date {
	return kern.Date{
		Field: w.field(name, false), Day: w.d.typed(name + "-day"), Month: w.d.typed(name + "-month"), Year: w.d.typed(name + "-year"),
		DayLabel: w.say("date.day"), MonthLabel: w.say("date.month"), YearLabel: w.say("date.year"),
	}
}

// errors lists what is wrong in the order of the page; the fields are walked in
// the order in which each step names them.
func (w writer) errors() []kern.FieldError {
	var all []kern.FieldError
	for _, name := range fieldOrder(w.d) {
		if key, bad := w.wrong[name]; bad {
			all = append(all, kern.FieldError{ID: name, Text: w.say("error." + key)})
		}
	}
	return all
}

func fieldOrder(d *draft) []string {
	order := []string{"rights"}
	for _, s := range steps {
		order = append(order, s.fields(d)...)
	}
	return order
}
