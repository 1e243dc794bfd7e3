package control

import (
	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"einsicht/internal/person"
	"einsicht/internal/procedure/connecting"
	"einsicht/internal/web/reply"
	"einsicht/views/control"
	"einsicht/views/kern"
)

// secretForm is the form of a secret.
const secretForm = "geheimnis"

// putSecret seals a secret. It is in no answer, also not where the form comes
// back.
func (d Deps) putSecret(c *fiber.Ctx, v visitor) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	if err := d.Connecting.PutSecret(c.UserContext(), v.Actor, c.Params("system"), f.Get("name"), person.NewText(f.Get("value")), v.Now); err != nil {
		back, ok := v.refusal(secretForm, f, err)
		if !ok {
			return err
		}
		return d.systemPage(c, v, back)
	}
	return reply.Redirect(c, pathOf(c.Params("system"))+"?getan=geheimnis#geheimnisse")
}

// secrets lists what the texts of the authority sign in with: whether it is
// there, and since when, never what it is.
func (s *sheet) secrets() control.Secrets {
	if s.shown.Where == connecting.ByFile {
		return control.Secrets{} // its file names them, and only the operator's machine
	}
	p := control.Secrets{Title: s.say("control.secrets"), Lead: s.say("control.secrets.lead"),
		EmptyTitle: s.say("control.secrets.none"), EmptyText: s.say("control.secrets.none.text"), FormTitle: s.say("control.secrets.new"),
		Table: kern.Table{ID: "geheimnis-liste", Caption: s.say("control.secrets.caption"), Hidden: true, Small: true, Stacked: true, Columns: []kern.Column{
			{Title: s.say("control.col.secret")}, {Title: s.say("control.col.state")}, {Title: s.say("control.col.used")},
		}}}
	missing := ""
	for _, used := range []bool{true, false} {
		for _, one := range s.shown.Secrets {
			if one.Used == used {
				p.Table.Rows = append(p.Table.Rows, s.secretRow(one))
			}
			if one.Used && one.ChangedAt.IsZero() && missing == "" {
				missing = one.Name
			}
		}
	}
	if !s.connect || s.shown.Where == connecting.Nowhere { // first the text says whom a secret is for
		return p
	}
	name := kern.Input{Field: s.field(s.back, secretForm, "name", "control.secrets.name"), Value: s.back.value(secretForm, "name", missing), Autocomplete: "off", MaxLength: 64, Width: 20}
	p.Open = missing != "" || s.back.is(secretForm)
	value := kern.Input{Field: s.field(s.back, secretForm, "value", "control.secrets.value"), Type: "password", Autocomplete: "new-password"}
	p.Form = control.Form{Shown: true, Form: kern.Form{ID: secretForm, Action: s.path + "/geheimnis", CSRF: s.csrf},
		Fields:  []templ.Component{kern.Line(name), kern.Line(value)},
		Buttons: []kern.Button{{Label: s.say("control.do.secret"), Rank: s.rank(s.primary() == secretForm)}}}
	return p
}

func (s *sheet) secretRow(one connecting.SecretUse) kern.Row {
	state := kern.Badge{Kind: kern.Success, Label: s.say("control.secret.set")}
	when := s.say("control.secret.when", "at", s.moment(one.ChangedAt), "name", s.who(one.ChangedBy))
	if one.ChangedAt.IsZero() {
		state, when = kern.Badge{Kind: kern.Danger, Label: s.say("control.secret.missing")}, ""
	}
	used := s.say("control.secret.used")
	if !one.Used {
		used = s.say("control.secret.unused")
	}
	return kern.Row{Cells: []kern.Cell{{Content: control.Code(one.Name)}, {Content: control.State(state, when)}, {Text: used}}}
}

// lacks says whether the text names a secret that nobody has entered.
func (s *sheet) lacks() bool {
	for _, one := range s.shown.Secrets {
		if one.Used && one.ChangedAt.IsZero() {
			return true
		}
	}
	return false
}
