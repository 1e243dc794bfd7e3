package control

import (
	"cmp"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/procedure/connecting"
	"einsicht/internal/web/reply"
	"einsicht/internal/web/staff"
	"einsicht/views/control"
	"einsicht/views/kern"
)

// sheet is what the parts of the page of a system are built from.
type sheet struct {
	visitor
	shown   connecting.Shown
	tested  connecting.Result // of the last test; zero for who may only look
	names   map[uuid.UUID]string
	path    string
	csrf    string
	back    came
	begins  string // kind of the text to begin with, if somebody chose one
	connect bool   // the visitor may change something
}

// showSystem is one system: its text, its secrets, and the steps until it is in
// use.
func (d Deps) showSystem(c *fiber.Ctx, v visitor) error {
	return d.systemPage(c, v, came{})
}

func (d Deps) systemPage(c *fiber.Ctx, v visitor, back came) error {
	s, err := d.open(c, v, back)
	if err != nil {
		return err
	}
	said := s.shown.System.In(v.Lang)
	p := control.System{
		Frame: d.Door.Frame(c, v.Visitor, said.Name, staff.Systems), Back: kern.Link{Href: staff.Systems, Label: v.say("control.back")},
		Done: v.known("control.done." + c.Query("getan")), Errors: v.errors(back),
		Heading: kern.Heading{Preline: v.say("control.system.preline"), Title: said.Name, Subline: s.shown.System.ID},
		State:   v.badge(s.shown.Item), Lead: s.lead(), Warnings: s.warnings(),
		Facts: s.facts(), Register: s.register(), Text: s.text(), Secrets: s.secrets(), Steps: s.steps(),
	}
	status := fiber.StatusOK
	if back.status != 0 {
		status, p.Failed = back.status, true
	}
	return reply.Page(c, status, control.SystemPage(p))
}

// open reads a system for a page.
func (d Deps) open(c *fiber.Ctx, v visitor, back came) (*sheet, error) {
	shown, err := d.Connecting.Show(c.UserContext(), v.Actor, c.Params("system"))
	if err != nil {
		return nil, err
	}
	names, err := d.Names(c.UserContext(), v.Authority)
	if err != nil {
		return nil, err
	}
	s := &sheet{visitor: v, shown: shown, names: names, path: pathOf(shown.System.ID), csrf: reply.CSRF(c), back: back,
		begins: c.Query("vorlage"), connect: v.may(casefile.ActionConnect)}
	if t := shown.Test; s.connect && !t.DoneAt.IsZero() {
		if s.tested, err = d.Connecting.Result(c.UserContext(), v.Actor, t.ID, v.Now); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *sheet) lead() string {
	switch {
	case s.shown.Where == connecting.ByFile:
		return s.say("control.lead.file")
	case s.shown.Where == connecting.Nowhere:
		return s.say("control.lead.nowhere")
	case s.shown.State == connecting.On && s.shown.Version != s.shown.Draft:
		return s.say("control.lead.older")
	}
	return s.say("control.lead." + string(s.shown.State))
}

func (s *sheet) warnings() []string {
	var all []string
	if s.shown.Twice {
		all = append(all, s.say("connecting.twice"))
	}
	if s.shown.Resting {
		all = append(all, s.say("connecting.resting"))
	}
	return all
}

// facts say how the connection stands.
func (s *sheet) facts() control.Facts {
	f := control.Facts{ID: "stand", Title: s.say("control.facts")}
	add := func(key, value string, more ...string) {
		if value != "" {
			f.Items = append(f.Items, kern.Item{Key: s.say(key), Value: value, Lines: more})
		}
	}
	add("control.col.where", s.where(s.shown.Item), s.otherKind(s.shown.Item))
	if !s.shown.ChangedAt.IsZero() {
		add("control.changed", s.moment(s.shown.ChangedAt), s.who(s.shown.ChangedBy))
	}
	add("control.version.live", s.shown.Version)
	if s.shown.Draft != s.shown.Version {
		add("control.version.draft", s.shown.Draft)
	}
	return f
}

// register is what the inventory says about the system, to write the text by.
func (s *sheet) register() control.Facts {
	said := s.shown.System.In(s.Lang)
	var kinds []string
	for _, k := range s.shown.System.Identifiers {
		kinds = append(kinds, s.say("control.identifier", "name", s.say("case.kind."+string(k)), "word", string(k)))
	}
	list := func(key string, all []string) kern.Item {
		return kern.Item{Key: s.say(key), Value: cmp.Or(strings.Join(all, "; "), s.say("desk.not_said"))}
	}
	return control.Facts{ID: "verzeichnis", Title: s.say("control.register"), Items: []kern.Item{
		{Key: s.say("desk.register.purpose"), Value: said.Purpose},
		{Key: s.say("control.col.kind"), Value: s.kind(s.shown.System.Connector)},
		list("control.register.identifiers", kinds),
		list("control.register.fields", append(append([]string{}, said.Fields...), s.shown.System.FieldsInferred...)),
	}}
}

// who names the one who did something.
func (s *sheet) who(id uuid.UUID) string {
	switch {
	case id == uuid.Nil:
		return s.say("control.who.tool")
	case s.names[id] != "":
		return s.names[id]
	}
	return s.say("desk.who.former")
}

// lines splits a text for a page that numbers them.
func lines(text string) []string { return strings.Split(strings.TrimSuffix(text, "\n"), "\n") }
