package desk

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/web/reply"
	"einsicht/views/desk"
	"einsicht/views/kern"
)

// sent is a form as it was sent.
type sent struct {
	id     string // which form of the page; several have the same action
	values url.Values
}

func readForm(c *fiber.Ctx) (sent, error) {
	values, err := url.ParseQuery(string(c.Body()))
	if err != nil {
		return sent{}, problem.New(problem.Invalid, "problem.invalid") // the error quotes what was typed
	}
	return sent{values.Get("form"), values}, nil
}

func (s sent) get(name string) string { return strings.TrimSpace(s.values.Get(name)) }

func (s sent) text(name string) person.Text { return person.NewText(s.get(name)) }

// id reads the id of something; one that was tampered with is there for nobody.
func (s sent) uuid(name string) uuid.UUID {
	id, err := uuid.Parse(s.get(name))
	if err != nil {
		return uuid.Nil
	}
	return id
}

func (s sent) uuids(name string) []uuid.UUID {
	var ids []uuid.UUID
	for _, v := range s.values[name] {
		if id, err := uuid.Parse(v); err == nil && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// date reads three fields; no date where they are none.
func (s sent) date(name string) calendar.Date {
	pad := func(part string, n int) string {
		v := s.get(name + "-" + part)
		return strings.Repeat("0", max(0, n-len(v))) + v
	}
	d, err := calendar.Parse(pad("year", 4) + "-" + pad("month", 2) + "-" + pad("day", 2))
	if err != nil {
		return calendar.Date{}
	}
	return d
}

// came is a form that came back: what was sent, and what is wrong with it.
type came struct {
	sent
	status int
	fields map[string]string // by name of the field, in words
	lines  []string          // what concerns no field

	reasons []casefile.Reason // why guards refused; in words once systems have names
}

// refusal says what a step refused, in words; ok is false for failures that a
// form can't mend.
func (w words) refusal(f sent, err error) (came, bool) {
	back := came{sent: f, fields: map[string]string{}}
	back.status, _ = reply.Status(err)
	var refusal *casefile.Refusal
	var said *problem.Error
	switch {
	case errors.As(err, &refusal):
		back.reasons = refusal.Reasons
		return back, true
	case !errors.As(err, &said):
		return back, false
	case !errors.Is(err, problem.Invalid) && !errors.Is(err, problem.Conflict) && !errors.Is(err, problem.Forbidden) && !errors.Is(err, problem.Throttled):
		return back, false
	}
	for field, key := range said.Fields {
		back.fields[field] = w.say(key)
	}
	if len(back.fields) == 0 {
		back.lines = append(back.lines, w.say(said.Key, w.inWords(said)...))
	}
	return back, true
}

// inWords names state and event of a refusal as people do.
func (w words) inWords(said *problem.Error) []string {
	args := slices.Clone(said.Args)
	for i := 0; i+1 < len(args); i += 2 {
		if key := "case." + args[i] + "." + args[i+1]; w.known(key) != "" {
			args[i+1] = w.say(key)
		}
	}
	return args
}

// errors is the summary above the page; each line leads to its field, or to the
// form.
func (w words) errors(back came) desk.Errors {
	e := desk.Errors{}
	if back.status == 0 {
		return e
	}
	e.Title = w.say("desk.errors")
	names := make([]string, 0, len(back.fields))
	for name := range back.fields {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		e.Lines = append(e.Lines, kern.FieldError{ID: back.id + "-" + name, Text: back.fields[name]})
	}
	for _, line := range back.lines {
		e.Lines = append(e.Lines, kern.FieldError{ID: back.id, Text: line})
	}
	return e
}

// builder builds one form of a page, with what was typed if it is the one that
// came back.
type builder struct {
	words
	form desk.Form
	back came
}

func (w words) build(back came, id, action, csrf string) *builder {
	b := &builder{words: w, back: back}
	b.form = desk.Form{Form: kern.Form{ID: id, Action: action, CSRF: csrf}, Shown: true, Open: b.failed(id)}
	b.hidden("form", id)
	return b
}

func (b *builder) failed(id string) bool { return b.back.status != 0 && b.back.id == id }

func (b *builder) add(field templ.Component) *builder {
	b.form.Fields = append(b.form.Fields, field)
	return b
}

func (b *builder) hidden(name, value string) *builder { return b.add(kern.Hidden(name, value)) }

// field is the common part of a field; its label is the sentence of a key, and
// its hint that of key.hint, if there is one.
func (b *builder) field(name, key string) kern.Field {
	f := kern.Field{Name: name, ID: b.form.ID + "-" + name, Label: b.say(key), Hint: b.known(key + ".hint")}
	if b.failed(b.form.ID) {
		f.Error = b.back.fields[name]
	}
	return f
}

func (b *builder) optional(f kern.Field) kern.Field {
	f.Optional = b.say("desk.optional")
	return f
}

// refusing marks a field that only a refusal needs.
func (b *builder) refusing(f kern.Field) kern.Field {
	f.Optional = b.say("desk.refusing")
	return f
}

// value is what was typed, or else what is known.
func (b *builder) value(name, known string) string {
	if b.failed(b.form.ID) {
		return b.back.values.Get(name)
	}
	return known
}

func (b *builder) chosen(name, option string, known bool) bool {
	if b.failed(b.form.ID) {
		return slices.Contains(b.back.values[name], option)
	}
	return known
}

func (b *builder) area(f kern.Field, known string) *builder {
	return b.add(kern.Lines(kern.Area{Field: f, Value: b.value(f.Name, known), MaxLength: 8000}))
}

func (b *builder) line(f kern.Field, known string) *builder {
	return b.add(kern.Line(kern.Input{Field: f, Value: b.value(f.Name, known), Autocomplete: "off"}))
}

func (b *builder) check(f kern.Field, known bool) *builder {
	return b.add(kern.Checkbox(kern.Check{Field: f, Value: "1", Checked: b.chosen(f.Name, "1", known)}))
}

func (b *builder) radios(f kern.Field, options []kern.Option) *builder {
	return b.add(kern.Radios(b.choice(f, options)))
}

func (b *builder) boxes(f kern.Field, options []kern.Option) *builder {
	if len(options) == 0 {
		return b
	}
	return b.add(kern.Checkboxes(b.choice(f, options)))
}

func (b *builder) selects(f kern.Field, options []kern.Option, empty string) *builder {
	c := b.choice(f, options)
	c.Empty = empty
	return b.add(kern.Select(c))
}

func (b *builder) choice(f kern.Field, options []kern.Option) kern.Choice {
	for i, o := range options {
		options[i].Selected = b.chosen(f.Name, o.Value, o.Selected)
	}
	return kern.Choice{Field: f, Options: options}
}

func (b *builder) date(f kern.Field, known calendar.Date) *builder {
	d := kern.Date{Field: f, DayLabel: b.say("desk.date.day"), MonthLabel: b.say("desk.date.month"), YearLabel: b.say("desk.date.year")}
	parts := strings.Split(known.String(), "-")
	if known.IsZero() || len(parts) != 3 {
		parts = []string{"", "", ""}
	}
	d.Year, d.Month, d.Day = b.value(f.Name+"-year", parts[0]), b.value(f.Name+"-month", parts[1]), b.value(f.Name+"-day", parts[2])
	return b.add(kern.DateField(d))
}

// done ends a form with its button. Only the next step's button is primary.
func (b *builder) done(title, label string) desk.Form {
	b.form.Title = title
	b.form.Buttons = append(b.form.Buttons, kern.Button{Label: label, Rank: kern.Secondary})
	return b.form
}
