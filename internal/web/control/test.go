package control

import (
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/procedure/connecting"
	"einsicht/internal/web/reply"
	"einsicht/views/control"
	"einsicht/views/kern"
)

// The forms after the text.
const (
	testForm = "pruefen"
	onForm   = "einschalten"
	offForm  = "ausschalten"
)

// test lets a worker reach the system as the draft says.
func (d Deps) test(c *fiber.Ctx, v visitor) error {
	system := c.Params("system")
	if _, err := d.Connecting.Test(c.UserContext(), v.Actor, system, v.Now); err != nil {
		return d.refuse(c, v, testForm, err)
	}
	return reply.Redirect(c, pathOf(system)+"#test")
}

// turnOn puts the draft in force, if it is the one that the page showed.
func (d Deps) turnOn(c *fiber.Ctx, v visitor) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	system := c.Params("system")
	if err := d.Connecting.TurnOn(c.UserContext(), v.Actor, system, f.Get("version"), v.Now); err != nil {
		return d.refuse(c, v, onForm, err)
	}
	return reply.Redirect(c, pathOf(system)+"?getan=eingeschaltet")
}

// turnOff makes the system a task for its unit again.
func (d Deps) turnOff(c *fiber.Ctx, v visitor) error {
	system := c.Params("system")
	if err := d.Connecting.TurnOff(c.UserContext(), v.Actor, system, v.Now); err != nil {
		return d.refuse(c, v, offForm, err)
	}
	return reply.Redirect(c, pathOf(system)+"?getan=ausgeschaltet")
}

// refuse shows the system again and says why not.
func (d Deps) refuse(c *fiber.Ctx, v visitor, form string, err error) error {
	back, ok := v.refusal(form, nil, err)
	if !ok {
		return err
	}
	return d.systemPage(c, v, back)
}

// steps are what follows the text, in order.
func (s *sheet) steps() control.Steps {
	p := control.Steps{All: []control.Step{s.testStep(), s.trialStep(), s.onStep()}}
	if s.waits() {
		p.Poll = s.path
	}
	return p
}

// waits says whether a worker is at the test.
func (s *sheet) waits() bool { return s.shown.Test.ID != uuid.Nil && s.shown.Test.DoneAt.IsZero() }

// primary is the form whose button is the one to press next.
func (s *sheet) primary() string {
	switch {
	case !s.connect || s.waits():
		return ""
	case s.shown.Where == connecting.Nowhere:
		return textForm
	case s.lacks():
		return secretForm
	case !s.shown.Tested():
		return testForm
	case s.shown.Where == connecting.ByPage && s.shown.Version != s.shown.Draft:
		return onForm
	}
	return ""
}

func (s *sheet) testStep() control.Step {
	p := control.Step{ID: "test", Title: s.say("control.step.test"), Text: s.say("control.step.test.text")}
	t := s.shown.Test
	switch {
	case s.waits():
		p.Running = s.running(t, s.path)
	case t.ID == uuid.Nil:
	case t.Outcome == connecting.Passed && s.shown.Tested():
		p.State, p.When = kern.Badge{Kind: kern.Success, Label: s.say("control.test.passed")}, s.moment(t.DoneAt)
		p.Unmapped = s.unmappedTable(s.tested.Preview.Sorts)
	case t.Outcome == connecting.Passed:
		p.State, p.When = kern.Badge{Kind: kern.Warning, Label: s.say("control.test.outdated")}, s.say("control.test.older")
	default:
		p.State, p.When = kern.Badge{Kind: kern.Danger, Label: s.say("control.test.failed")}, s.moment(t.DoneAt)
		p.Fault = s.fault(t.Outcome, s.tested.Failure)
	}
	if len(p.Unmapped.Rows) > 0 {
		p.Note = s.count("control.test.unmapped", len(p.Unmapped.Rows))
	}
	switch {
	case s.waits():
	case s.shown.Where == connecting.Nowhere:
		p.Why = s.say("control.why.no_text")
	case !s.connect:
		p.Why = s.say("control.why.operator")
	default:
		label := s.say("control.do.test")
		if t.ID != uuid.Nil {
			label = s.say("control.do.test_again")
		}
		if s.lacks() {
			p.Note = s.say("control.why.secret")
		}
		p.Forms = []control.Form{s.button(testForm, "/pruefen", label)}
	}
	return p
}

// button is a form of one button.
func (s *sheet) button(form, path, label string) control.Form {
	return control.Form{Shown: true, Form: kern.Form{ID: form, Action: s.path + path, CSRF: s.csrf},
		Buttons: []kern.Button{{Label: label, Rank: s.rank(s.primary() == form)}}}
}

func (s *sheet) trialStep() control.Step {
	p := control.Step{ID: "probe", Title: s.say("control.step.try"), Text: s.say("control.step.try.text")}
	switch {
	case s.shown.Where == connecting.Nowhere:
		p.Why = s.say("control.why.no_text")
	case !s.connect:
		p.Why = s.say("control.why.operator")
	case !s.shown.Tested():
		p.Why = s.say("control.why.untested")
	default:
		p.Link = kern.Button{Label: s.say("control.do.try"), Href: s.path + "/probe", Rank: kern.Secondary}
	}
	return p
}

func (s *sheet) onStep() control.Step {
	p := control.Step{ID: "einsatz", Title: s.say("control.step.on"), Text: s.say("control.step.on.text")}
	on := s.shown.State == connecting.On && s.shown.Where == connecting.ByPage
	switch {
	case s.shown.Twice, s.shown.Where == connecting.ByFile:
		p.Text = s.say("control.step.on.file")
	case !s.connect:
		p.Why = s.say("control.why.operator")
	case s.shown.Where == connecting.Nowhere:
		p.Why = s.say("control.why.no_text")
	case on && s.shown.Version == s.shown.Draft:
		p.State = kern.Badge{Kind: kern.Success, Label: s.say("control.on.now")}
	case !s.shown.Tested():
		p.Why = s.say("control.why.untested_on")
	default:
		f := s.button(onForm, "/einschalten", s.say("control.do.on"))
		f.Fields = append(f.Fields, kern.Hidden("version", s.shown.Draft))
		p.Forms = append(p.Forms, f)
	}
	if s.connect && (on || s.shown.Twice) {
		p.Forms = append(p.Forms, s.button(offForm, "/ausschalten", s.say("control.do.off")))
		p.Note = s.say("control.off.text")
	}
	return p
}

// Of a trial: how long a worker may be at it, and how long one normally takes to
// begin.
const (
	longest = 40 * time.Second
	begins  = 60 * time.Second
)

// running says how long a trial has been waiting or under way. here is the page.
func (v visitor) running(t connecting.Trial, here string) control.Running {
	since := max(int(v.Now.Sub(t.CreatedAt)/time.Second), 0)
	r := control.Running{
		Text:     v.count("control.running", since),
		Progress: kern.Progress{Label: v.say("control.running.label"), Value: min(since, int(longest/time.Second)), Max: int(longest / time.Second)},
		Reload:   kern.Link{Href: here, Label: v.say("desk.reload"), Icon: "autorenew"},
	}
	if v.Now.Sub(t.CreatedAt) > begins {
		r.Late = v.say("control.running.late")
	}
	return r
}

// fault says why a system gave nothing, and what to do.
func (v visitor) fault(o connecting.Outcome, place string) control.Fault {
	return control.Fault{Title: v.say("connecting.outcome." + string(o)), Text: v.say("control.fault." + string(o)), Place: place}
}

// unmappedTable lists what nobody has mapped, as far as the system can say that
// without a person.
func (s *sheet) unmappedTable(sorts []connector.Sort) kern.Table {
	t := kern.Table{ID: "nicht-zugeordnet", Caption: s.say("control.unmapped.caption"), Small: true, Stacked: true, Columns: []kern.Column{
		{Title: s.say("control.col.name")}, {Title: s.say("control.col.category")},
	}}
	for _, sort := range sorts {
		for _, f := range sort.Fields {
			if f.Unmapped {
				t.Rows = append(t.Rows, kern.Row{Cells: []kern.Cell{{Content: control.Code(f.Name)}, {Text: sort.Category}}})
			}
		}
	}
	return t
}
