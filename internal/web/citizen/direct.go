package citizen

import (
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"einsicht/internal/casefile"
	"einsicht/internal/law"
	"einsicht/internal/person"
	"einsicht/views/citizen"
	"einsicht/views/kern"
)

// The fields that ask where data to take along go (Art. 20(2) GDPR), and what can be
// chosen beside the controllers that are listed.
const (
	directField = "direct"
	otherField  = "direct-other"

	takeSelf  = "self"
	takeOther = "other"
	takeTo    = "to-" // and the id of the controller
)

// listed are the controllers to whom an authority can hand data directly.
func (s *site) listed(a casefile.Authority) []casefile.Controller {
	if s.Controllers == nil {
		return nil
	}
	return s.Controllers(a.Slug)
}

// takeDirect keeps which of the listed controllers was chosen, under the name that was
// on the page. Who writes the name of one of them means that one.
func (d *draft) takeDirect(listed []casefile.Controller) {
	d.Direct = casefile.Controller{}
	for _, c := range listed {
		chosen := d.typed(directField) == takeTo+c.ID
		if chosen || d.typed(directField) == takeOther && strings.EqualFold(d.typed(otherField), c.Name) {
			d.Direct = c
		}
	}
	if len(listed) == 0 { // nobody was asked
		delete(d.Typed, directField)
		delete(d.Typed, otherField)
	}
}

// direct is where the data shall go, as the case keeps it.
func (d *draft) direct() casefile.Direct {
	switch {
	case !d.wants(law.Portability):
		return casefile.Direct{}
	case d.Direct.ID == "" && d.typed(directField) == takeOther:
		return casefile.Direct{Other: person.NewText(d.typed(otherField))}
	}
	return casefile.Direct{Listed: d.Direct}
}

func (d *draft) checkDirect(wrong faults) {
	choice := d.typed(directField)
	named := d.typed(otherField) != ""
	switch {
	case strings.HasPrefix(choice, takeTo) && d.Direct.ID == "":
		wrong[directField] = "direct"
	case choice == takeOther && !named:
		wrong[otherField] = "direct-other"
	case choice != takeOther && named: // without scripts nothing ties the two together
		wrong[directField] = "direct-both"
	}
}

func (w writer) directFields() citizen.Fields {
	if len(w.listed) == 0 {
		return nil
	}
	now := w.d.typed(directField)
	choice := kern.Choice{Field: w.field(directField, true)}
	add := func(value, label, hint string) {
		choice.Options = append(choice.Options, kern.Option{Value: value, Label: label, Hint: hint, Selected: now == value})
	}
	add(takeSelf, w.say("direct.self"), w.say("direct.self.hint"))
	for _, c := range w.listed {
		add(takeTo+c.ID, w.say("direct.to", "name", c.Name), "")
	}
	add(takeOther, w.say("direct.other"), w.say("direct.other.hint"))
	if !slices.ContainsFunc(choice.Options, func(o kern.Option) bool { return o.Selected }) {
		choice.Options[0].Selected = true
	}
	return citizen.Fields{kern.Radios(choice), kern.Line(w.line(otherField, true, "off"))}
}

// directText says in words where the data shall go; empty where nobody else shall get
// them.
func directText(c *fiber.Ctx, to casefile.Direct) string {
	switch {
	case to.Listed.ID != "":
		return say(c, "direct.to", "name", to.Listed.Name)
	case !to.Other.IsBlank():
		return say(c, "direct.to", "name", to.Other.Reveal())
	}
	return ""
}
