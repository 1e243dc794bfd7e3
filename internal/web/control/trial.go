package control

import (
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/person"
	"einsicht/internal/procedure/connecting"
	"einsicht/internal/web/reply"
	"einsicht/internal/web/staff"
	"einsicht/internal/wording"
	"einsicht/views/control"
	"einsicht/views/kern"
)

// trialForm is the form for a test person.
const trialForm = "testperson"

// showTrial asks whom to search for.
func (d Deps) showTrial(c *fiber.Ctx, v visitor) error { return d.trialPage(c, v, came{}) }

// try lets a worker search for the test person.
func (d Deps) try(c *fiber.Ctx, v visitor) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	system := c.Params("system")
	id, err := d.Connecting.Try(c.UserContext(), v.Actor, system, typed(f), reason(f), v.Now)
	if err != nil {
		back, ok := v.refusal(trialForm, f, err)
		if !ok {
			return err
		}
		return d.trialPage(c, v, back)
	}
	return reply.Redirect(c, pathOf(system)+"/probe/"+id.String())
}

// typed reads the identifiers; each field is named like its kind.
func typed(f url.Values) map[person.IdentifierKind]person.Text {
	who := map[person.IdentifierKind]person.Text{}
	for _, k := range person.IdentifierKinds {
		if t := person.NewText(f.Get(string(k))); !t.IsBlank() {
			who[k] = t
		}
	}
	return who
}

// reason reads why.
func reason(f url.Values) connecting.Why {
	return connecting.Why{Reason: connecting.Reason(f.Get("reason")), Case: f.Get("case")}
}

func (d Deps) trialPage(c *fiber.Ctx, v visitor, back came) error {
	if err := d.Door.Permission.May(v.Actor, casefile.ActionConnect, v.Authority); err != nil {
		return err
	}
	shown, err := d.Connecting.Show(c.UserContext(), v.Actor, c.Params("system"))
	if err != nil {
		return err
	}
	path := pathOf(shown.System.ID)
	if shown.Where == connecting.Nowhere {
		return reply.Redirect(c, path+"#probe") // which says why not
	}
	title, name := v.say("control.try.title"), shown.System.In(v.Lang).Name
	p := control.Trial{
		Frame: d.Door.Frame(c, v.Visitor, title, staff.Systems), Back: kern.Link{Href: path + "#probe", Label: name}, Errors: v.errors(back),
		Heading: kern.Heading{Preline: name, Title: title}, Lead: v.say("control.try.lead"),
		Hint: kern.Alert{Kind: kern.Info, Title: v.say("control.try.whom")}, HintIs: v.say("control.try.whom.text"),
		Form: control.Form{Form: kern.Form{ID: trialForm, Action: path + "/probe", CSRF: reply.CSRF(c)},
			Buttons: []kern.Button{{Label: v.say("control.do.search")}}},
		More: v.say("control.try.more"),
	}
	if who := v.declared(shown.TestPeople); who != "" {
		p.HintIs += " " + v.say("control.try.declared", "who", who)
	}
	p.Form.Fields = v.why(back)
	first := firstKinds(shown)
	for _, k := range first {
		p.Form.Fields = append(p.Form.Fields, v.identifier(back, k))
	}
	for _, k := range person.IdentifierKinds {
		if !slices.Contains(first, k) {
			p.Others = append(p.Others, v.identifier(back, k))
			p.Open = p.Open || back.fields[string(k)] != "" || back.values.Get(string(k)) != ""
		}
	}
	status := fiber.StatusOK
	if back.status != 0 {
		status, p.Failed = back.status, true
		for i, line := range p.Errors.Lines { // several may have the same sentence
			if kind := "case.kind." + strings.TrimPrefix(line.ID, trialForm+"-"); wording.Has(kind) {
				p.Errors.Lines[i].Text = v.say("control.try.wrong", "kind", v.say(kind), "what", line.Text)
			}
		}
		for i, line := range p.Errors.Lines { // leads to the first field: there is none of that name
			if line.ID == trialForm+"-who" {
				p.Errors.Lines[i].ID = trialForm + "-" + string(first[0])
			}
		}
	}
	return reply.Page(c, status, control.TrialPage(p))
}

// why asks for the reason.
func (v visitor) why(back came) []templ.Component {
	reasons := kern.Choice{Field: v.field(back, trialForm, "reason", "control.try.reason")}
	for _, r := range connecting.Reasons {
		key := "control.try.reason." + string(r)
		reasons.Options = append(reasons.Options, kern.Option{Value: string(r), Label: v.say(key), Hint: v.known(key + ".hint"), Selected: back.value(trialForm, "reason", "") == string(r)})
	}
	number := kern.Input{Field: v.field(back, trialForm, "case", "control.try.case"), Value: back.value(trialForm, "case", ""), Autocomplete: "off", MaxLength: 100, Width: 20}
	return []templ.Component{kern.Radios(reasons), kern.Line(number)}
}

// declared names the test persons whom the operator of the program declared.
func (v visitor) declared(people connecting.TestPeople) string {
	var all []string
	for _, id := range people {
		all = append(all, v.say("case.kind."+string(id.Kind))+" "+id.Value.Reveal())
	}
	return strings.Join(all, "; ")
}

// firstKinds are those that the register names for the system and those that its
// text searches by, in the order of the forms; without any, the most common.
func firstKinds(shown connecting.Shown) []person.IdentifierKind {
	wanted := slices.Clone(shown.System.Identifiers)
	if c, err := connector.ParseConnection("", []byte(shown.Text)); err == nil {
		for _, m := range c.Match {
			wanted = append(wanted, m.By...)
		}
	}
	var first []person.IdentifierKind
	for _, k := range person.IdentifierKinds {
		if slices.Contains(wanted, k) {
			first = append(first, k)
		}
	}
	if len(first) == 0 {
		return []person.IdentifierKind{person.Email, person.Name, person.Birthdate}
	}
	return first
}

func (v visitor) identifier(back came, k person.IdentifierKind) templ.Component {
	f := v.field(back, trialForm, string(k), "case.kind."+string(k))
	f.Hint = v.known("control.try.hint." + string(k))
	return kern.Line(kern.Input{Field: f, Value: back.value(trialForm, string(k), ""), Autocomplete: "off", MaxLength: 1000})
}
