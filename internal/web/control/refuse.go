package control

import (
	"errors"
	"net/url"
	"slices"

	"einsicht/internal/problem"
	"einsicht/internal/procedure/connecting"
	"einsicht/internal/web/reply"
	"einsicht/views/control"
	"einsicht/views/kern"
)

// came is a form that came back: what was typed, and what is wrong with it.
type came struct {
	form   string // its id
	values url.Values
	status int
	fields map[string]string // by name of the field, in words
	line   string            // what concerns no field
	wrong  int               // line of the text
	stale  bool              // somebody saved another text meanwhile
}

// refusal says what the step refused, in words; ok is false for failures that a
// form can't mend.
func (v visitor) refusal(form string, values url.Values, err error) (back came, ok bool) {
	var said *problem.Error
	if !errors.As(err, &said) || !slices.ContainsFunc([]error{problem.Invalid, problem.Conflict, problem.TooLarge}, func(kind error) bool { return errors.Is(err, kind) }) {
		return back, false
	}
	back = came{form: form, values: values, fields: map[string]string{}}
	back.status, _ = reply.Status(err)
	back.stale = errors.Is(err, problem.Conflict)
	for field, key := range said.Fields {
		back.fields[field] = v.say(key)
	}
	var wrong *connecting.Wrong
	if errors.As(err, &wrong) {
		back.fields["text"], back.wrong = wrong.Text(v.Lang), wrong.Line
	}
	if len(back.fields) == 0 {
		back.line = v.say(said.Key, said.Args...)
	}
	return back, true
}

// is says whether it was this form that came back.
func (b came) is(form string) bool { return b.status != 0 && b.form == form }

// value is what was typed, or else what is known.
func (b came) value(form, name, known string) string {
	if b.is(form) {
		return b.values.Get(name)
	}
	return known
}

// errors is the summary above the page; each line leads to its field, or to the
// form.
func (v visitor) errors(back came) control.Errors {
	e := control.Errors{}
	if back.status == 0 {
		return e
	}
	e.Title = v.say("desk.errors")
	var names []string
	for name := range back.fields {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		e.Lines = append(e.Lines, kern.FieldError{ID: back.form + "-" + name, Text: back.fields[name]})
	}
	if back.line != "" {
		e.Lines = append(e.Lines, kern.FieldError{ID: partOf[back.form], Text: back.line})
	}
	return e
}

// partOf is the part of the page in which a form stands: the form itself may be
// gone once it was refused.
var partOf = map[string]string{textForm: "text", secretForm: "geheimnisse", testForm: "test", onForm: "einsatz", offForm: "einsatz", trialForm: trialForm}

// field is the common part of a field of a form. Its hint is the sentence of
// key.hint, if there is one.
func (v visitor) field(back came, form, name, key string) kern.Field {
	f := kern.Field{Name: name, ID: form + "-" + name, Label: v.say(key), Hint: v.known(key + ".hint")}
	if back.is(form) {
		f.Error = back.fields[name]
	}
	return f
}
