package control

import (
	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"einsicht/internal/procedure/connecting"
	"einsicht/internal/web/reply"
	"einsicht/views/control"
	"einsicht/views/kern"
)

// textForm is the form of the text; ids of its fields begin with it.
const textForm = "anbindung"

// save keeps the text as the draft, and lets it be tested if that was asked for.
func (d Deps) save(c *fiber.Ctx, v visitor) error {
	f, err := readParts(c)
	if err != nil {
		return err
	}
	system := c.Params("system")
	if err := d.Connecting.Save(c.UserContext(), v.Actor, system, f.Get("text"), f.Get("from"), v.Now); err != nil {
		back, ok := v.refusal(textForm, f, err)
		if !ok {
			return err
		}
		return d.systemPage(c, v, back)
	}
	if f.Get("do") != "test" {
		return reply.Redirect(c, pathOf(system)+"?getan=gespeichert")
	}
	return d.test(c, v)
}

// text is the part of the page where the connection is written.
func (s *sheet) text() control.Text {
	t := control.Text{Title: s.say("control.text"), Lead: s.say("control.text.lead")}
	if s.shown.Where == connecting.ByFile {
		t.Lead = s.say("control.text.file")
		return t
	}
	if !s.connect {
		t.Lead = s.say("control.text.read")
		if t.Read = s.numbered(s.shown.Text); s.shown.Text == "" {
			t.Lead, t.Read = s.say("control.text.read.none"), kern.Source{}
		}
		return t
	}
	stored := s.shown.Text
	if s.shown.Where == connecting.Nowhere {
		stored = s.toBeginWith(&t)
	}
	typed := s.back.value(textForm, "text", stored)
	s.excerpt(&t, typed)
	if s.back.is(textForm) && s.back.stale && s.shown.Text != "" {
		t.Stored = control.Stored{Title: s.say("control.text.stored"), Text: s.numbered(s.shown.Text)}
	}
	area := kern.Area{Field: s.field(s.back, textForm, "text", "control.text.field"), Value: typed, Rows: min(max(len(lines(typed))+2, 12), 40), Code: true}
	t.Form = control.Form{Shown: true, Form: kern.Form{ID: textForm, Action: s.path + "/speichern", CSRF: s.csrf, Upload: true},
		Fields: []templ.Component{kern.Hidden("from", s.shown.Draft), kern.Lines(area)},
		Buttons: []kern.Button{
			{Label: s.say("control.do.save"), Rank: s.rank(s.primary() == textForm), Name: "do", Value: "save"},
			{Label: s.say("control.do.save_test"), Rank: kern.Secondary, Name: "do", Value: "test"},
		}}
	return t
}

// toBeginWith offers a text for the kind that the register names, and links to
// those for other kinds.
func (s *sheet) toBeginWith(t *control.Text) string {
	kind := kindToBeginWith(s.begins, s.shown.System.Connector, s.shown.Kinds)
	t.Begin = s.say("control.text.begin")
	if kind == "" {
		t.Begin = s.say("control.text.begin.people")
	}
	for _, k := range s.shown.Kinds {
		if k != people {
			t.Begins = append(t.Begins, kern.Link{Href: s.path + "?vorlage=" + k + "#text", Label: s.kind(k), Current: k == kind})
		}
	}
	return begin(s.shown.System.ID, kind)
}

// around is how many lines before and after a wrong one are shown.
const around = 2

// excerpt shows the line that is wrong, with its number: a field has none.
func (s *sheet) excerpt(t *control.Text, typed string) {
	all := lines(typed)
	n := s.back.wrong
	if !s.back.is(textForm) || n < 1 || n > len(all) {
		return
	}
	first, last := max(n-around, 1), min(n+around, len(all))
	t.Excerpt = kern.Source{Label: s.say("control.text.excerpt", "line", itoa(n)), First: first, Lines: all[first-1 : last], Wrong: n, Mark: s.say("control.text.wrong")}
}

func (s *sheet) numbered(text string) kern.Source {
	return kern.Source{Label: s.say("control.text.field"), First: 1, Lines: lines(text)}
}

// rank makes a button the primary one of the page.
func (s *sheet) rank(primary bool) kern.Rank {
	if primary {
		return kern.Primary
	}
	return kern.Secondary
}
